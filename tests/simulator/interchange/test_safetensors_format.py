import json
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import safetensors
import safetensors.numpy

from simulator.errors import ModelFileError
from simulator.interchange import load_model, save_model


@pytest.fixture
def path(make_model, tmp_path):
    return save_model(make_model(), tmp_path / "m.safetensors")


def _split(path: Path) -> tuple[dict, bytes]:
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    return json.loads(data[8 : 8 + length]), data[8 + length :]


def _join(path: Path, header: object, body: bytes) -> None:
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)


def test_the_library_reads_the_tensors_by_the_fields_names_as_out_by_in(make_model, path):
    model = make_model()
    with safetensors.safe_open(path, framework="numpy") as file:
        assert set(file.keys()) == {f"layers.{n}.{kind}" for n in range(3) for kind in ("weight", "bias")}
        for index, layer in enumerate(model.layers):
            weight = file.get_tensor(f"layers.{index}.weight")
            assert weight.dtype == np.float32
            assert np.array_equal(weight, layer.weight.T)
            assert np.array_equal(file.get_tensor(f"layers.{index}.bias"), layer.bias)
        described = json.loads(file.metadata()["nodeglow"])
    assert described["epoch"] == 17
    assert described["network"]["inputs"] == 4
    assert described["config"]["optimizer"] == {"name": "sgd", "learning_rate": 0.1, "momentum": 0.9}
    assert described["class_names"] == ["Adelie", "Gentoo", "Größe"]


def test_a_cut_off_file_is_refused_wherever_it_ends(path):
    data = path.read_bytes()
    for length in range(0, len(data), 7):
        path.write_bytes(data[:length])
        with pytest.raises(ModelFileError, match=r"m\.safetensors: "):
            load_model(path)


@pytest.mark.parametrize("length", [2**20, 2**40, 2**63, 2**64 - 1])
def test_a_huge_header_is_refused_without_reading_it(path, length):
    path.write_bytes(struct.pack("<Q", length) + path.read_bytes()[8:])
    with pytest.raises(ModelFileError, match="header of"):
        load_model(path)


HEADER_CHANGES = {
    "a missing tensor": ("layers.1.bias", None),
    "an extra tensor": ("layers.3.bias", {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]}),
    "another shape": ("layers.0.weight", {"shape": [4, 5]}),
    "a huge shape": ("layers.0.weight", {"shape": [10**18, 10**5]}),
    "a text as shape": ("layers.0.weight", {"shape": "5, 4"}),
    "a list as side": ("layers.0.bias", {"shape": [[5]]}),
    "another number format": ("layers.0.weight", {"dtype": "F64"}),
    "an unknown number format": ("layers.0.weight", {"dtype": "F4"}),
    "a list as number format": ("layers.0.weight", {"dtype": ["F32"]}),
    "two tensors in one place": ("layers.0.bias", {"data_offsets": [8, 28]}),
    "a place beyond the end": ("layers.0.bias", {"data_offsets": [10**12, 10**12 + 20]}),
    "a negative place": ("layers.0.bias", {"data_offsets": [-20, 0]}),
    "a text as place": ("layers.0.bias", {"data_offsets": "here"}),
}


@pytest.mark.parametrize("what", list(HEADER_CHANGES))
def test_a_header_that_does_not_fit_the_network_is_refused(path, what):
    header, body = _split(path)
    name, change = HEADER_CHANGES[what]
    header[name] = None if change is None else header.get(name, {}) | change
    if change is None:
        del header[name]
    _join(path, header, body)
    with pytest.raises(ModelFileError) as refused:
        load_model(path)
    assert refused.value.hint


def test_a_small_file_that_describes_a_huge_network_is_refused_before_memory_is_taken(path):
    header, body = _split(path)
    described = json.loads(header["__metadata__"]["nodeglow"])
    for layer in described["network"]["hidden"]:
        layer["units"] = 1_000_000
    header["__metadata__"]["nodeglow"] = json.dumps(described)
    header["layers.0.weight"]["shape"] = [1_000_000, 4]
    header["layers.0.bias"]["shape"] = [1_000_000]
    header["layers.1.weight"]["shape"] = [1_000_000, 1_000_000]
    header["layers.1.bias"]["shape"] = [1_000_000]
    header["layers.2.weight"]["shape"] = [3, 1_000_000]
    _join(path, header, body)
    with pytest.raises(ModelFileError, match="its header announces 4,000,0"):
        load_model(path)


@pytest.mark.parametrize("more", [b"\0", b"\0" * 4096])
def test_bytes_behind_the_tensors_are_refused(path, more):
    path.write_bytes(path.read_bytes() + more)
    with pytest.raises(ModelFileError, match="bytes"):
        load_model(path)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_refused_with_the_tensor(path, value):
    header, body = _split(path)
    start = header["layers.1.bias"]["data_offsets"][0]
    _join(path, header, body[:start] + struct.pack("<f", value) + body[start + 4 :])
    with pytest.raises(ModelFileError, match=r"layers\.1\.bias holds values that are not finite") as refused:
        load_model(path)
    assert "diverged" in refused.value.hint


@pytest.mark.parametrize("content", [b"PK\3\4" + b"x" * 100, b"{}", b"\x80\x04." * 50, b"<html>" * 20], ids=repr)
def test_a_file_of_another_kind_is_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match="no safetensors file"):
        load_model(path)


def test_a_message_from_a_hostile_file_cannot_steer_the_terminal(path):
    header, body = _split(path)
    described = json.loads(header["__metadata__"]["nodeglow"])
    described["network"]["\x1b[2J" + "x" * 5000] = 1
    header["__metadata__"]["nodeglow"] = json.dumps(described)
    _join(path, header, body)
    with pytest.raises(ModelFileError) as refused:
        load_model(path)
    assert "\x1b" not in str(refused.value)
    assert len(str(refused.value)) < 1000


def test_a_model_is_opened_in_a_process_that_has_little_memory(path):
    # The limit is on address space: what a hostile file could ask for, this process could not get.
    code = """
import resource, sys
from simulator.interchange import load_model
from simulator.errors import ModelFileError
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 300 * 2**20,) * 2)
print(load_model(sys.argv[1]).epoch)
"""
    if not Path("/proc/self/statm").exists():
        pytest.skip("only Linux says how much memory a process uses")
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], cwd=root, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "17\n", done.stderr
