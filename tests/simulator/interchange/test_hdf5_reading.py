import random
import subprocess
import sys
import tracemalloc
from pathlib import Path

import h5py
import numpy as np
import pytest

from simulator.errors import ModelFileError
from simulator.interchange import hdf5_child, hdf5_reading, save_model
from simulator.interchange.hdf5_reading import read_hdf5


def made(tmp_path, fill, **more) -> bytes:
    path = tmp_path / "made.h5"
    with h5py.File(path, "w", **more) as file:
        fill(file)
    return path.read_bytes()


def refusal(image: bytes) -> str:
    with pytest.raises(ModelFileError) as refused:
        read_hdf5(image)
    assert refused.value.hint
    return refused.value.message


@pytest.mark.parametrize("libver", ["earliest", "latest"])
def test_numbers_texts_and_what_is_left_out_are_told(tmp_path, libver):
    def fill(file):
        file["a/b"] = np.arange(6, dtype=">f8").reshape(2, 3)
        file["a/half"] = np.array([1.5], np.float16)
        file["a/count"] = np.array(3)
        file["a/name"] = "text"
        file["a"].attrs["layer_names"] = ["dense", "dense_1"]
        file["a"].attrs["weight_names0"] = np.array([b"kernel"])
        file["a"].attrs["other"] = "not read"
        file.create_dataset("packed", data=np.ones((50, 40), "f4"), chunks=(10, 40), compression="gzip", shuffle=True)
        file.create_dataset("none", shape=(0, 3), dtype="f4")
        file["nodeglow"] = np.frombuffer(b"{}", np.uint8)

    found = read_hdf5(made(tmp_path, fill, libver=libver))
    assert found.document == b"{}"
    assert sorted(found.arrays) == ["a/b", "a/half", "none", "packed"]
    assert np.array_equal(found.arrays["a/b"], np.arange(6.0).reshape(2, 3))
    assert found.arrays["a/b"].dtype.isnative
    assert found.arrays["packed"].all()
    assert found.arrays["none"].shape == (0, 3)
    assert sorted(found.others) == ["a/count", "a/name"]
    assert found.texts == {"a": {"layer_names": ("dense", "dense_1"), "weight_names0": ("kernel",)}}


def test_a_file_that_reaches_outside_itself_is_refused(tmp_path):
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["x"] = np.ones(3, "f4")
    raw = tmp_path / "raw.bin"
    raw.write_bytes(bytes(12))

    def external_link(file):
        file["x"] = h5py.ExternalLink(str(secret), "x")

    def soft_link(file):
        file["x"] = h5py.SoftLink("/x")

    def external_numbers(file):
        file.create_dataset("x", (3,), "f4", external=[(str(raw), 0, 12)])

    def virtual(file):
        layout = h5py.VirtualLayout((3,), "f4")
        layout[:] = h5py.VirtualSource(str(secret), "x", (3,))
        file.create_virtual_dataset("x", layout)

    for fill, word in (
        (external_link, "link"), (soft_link, "link"), (external_numbers, "another file"), (virtual, "another file"),
    ):  # fmt: skip
        message = refusal(made(tmp_path, fill, libver="latest"))
        assert word in message
        assert "'x'" in message


def test_folders_that_form_a_circle_are_refused(tmp_path):
    def fill(file):
        file.create_group("a/b")
        file["a/b/c"] = file["a"]

    assert "twice" in refusal(made(tmp_path, fill))


def test_folders_that_are_nested_too_deep_are_refused(tmp_path):
    assert "too deep" in refusal(made(tmp_path, lambda file: file.create_group("/".join("a" * 60))))


def test_a_small_file_cannot_ask_for_much_memory(tmp_path):
    def never_written(file):
        file.create_dataset("x", (2**20, 2**18), "f8", chunks=(256, 256))

    def zeros(file):
        file.create_dataset("x", data=np.zeros((5000, 5000), "f4"), compression="gzip", compression_opts=9)

    def one_chunk(file):
        file.create_dataset("x", (1,), "f8", chunks=(2**25,), maxshape=(None,), compression="gzip")

    def many(file):
        for place in range(300):
            file.create_dataset(f"x{place}", (2**14,), "f8", chunks=(2**14,))

    tracemalloc.start()
    try:
        for fill in (never_written, zeros, one_chunk, many):
            image = made(tmp_path, fill)
            tracemalloc.reset_peak()
            assert "out of all proportion" in refusal(image)
            assert tracemalloc.get_traced_memory()[1] < 20 * 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "dtype",
    [np.dtype([("a", "f4")]), h5py.ref_dtype, h5py.string_dtype(), h5py.vlen_dtype("f4"), np.dtype("S5"), "c8", "?"],
    ids=str,
)
def test_what_is_no_floating_point_number_is_named_and_not_read(tmp_path, dtype):
    found = read_hdf5(made(tmp_path, lambda file: file.create_dataset("x", (3,), dtype)))
    assert found.arrays == {}
    assert list(found.others) == ["x"]


def test_an_unusual_packing_is_refused(tmp_path):
    image = made(tmp_path, lambda file: file.create_dataset("x", data=np.ones((9, 9)), compression="lzf"))
    assert "packed in an unusual way" in refusal(image)


@pytest.mark.parametrize("size", [0, 8, 100, 1000])
def test_what_is_no_hdf5_or_cut_off_is_refused(tmp_path, size):
    image = made(tmp_path, lambda file: file.create_dataset("x", data=np.ones((9, 9))))
    assert refusal(image[:size])
    assert refusal(bytes(size))


CHILDREN = {
    "dies": "import os; os.abort()",
    "says nothing": "import sys; sys.stdin.buffer.read(8)",
    "says nonsense": "import sys; sys.stdout.buffer.write(b'x' * 8); sys.stdout.flush(); sys.stdin.read()",
    "does not end": "import time; time.sleep(100)",
}


@pytest.mark.parametrize("what", list(CHILDREN))
def test_a_library_that_breaks_down_or_does_not_end_is_an_error_like_any_other(tmp_path, monkeypatch, what):
    script = tmp_path / "child.py"
    script.write_text(CHILDREN[what])
    image = made(tmp_path, lambda file: file.create_dataset("x", data=np.ones((9, 9))))
    reader = hdf5_reading._Reader()
    with monkeypatch.context() as changed:
        changed.setattr(hdf5_reading, "_CHILD", script)
        changed.setattr(hdf5_reading, "_SECONDS", 0.3)
        with pytest.raises(ModelFileError, match="breaks down"):
            reader.ask(image)
    said, _ = reader.ask(image)  # the next file has a child of its own
    assert said["arrays"] == [["x", "<f8", [9, 9]]]
    reader.close()


def test_a_child_that_left_because_nobody_asked_is_started_again(tmp_path):
    image = made(tmp_path, lambda file: file.create_dataset("x", data=np.ones((9, 9))))
    reader = hdf5_reading._Reader()
    reader.ask(image)
    assert reader._child is not None
    assert reader._child.stdin is not None
    reader._child.stdin.close()
    assert reader._child.wait(20) == 0
    assert reader.ask(image)[0]["others"] == {}
    reader.close()


def test_a_program_that_cannot_start_a_child_reads_by_itself(tmp_path, monkeypatch):
    image = made(tmp_path, lambda file: file.create_dataset("x", data=np.ones((9, 9))))
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert read_hdf5(image).arrays["x"].all()
    assert "cannot read it" in refusal(image[:200])


def test_reading_does_not_bring_the_library_into_this_process():
    code = "import sys, simulator.interchange; sys.exit('h5py' in sys.modules)"
    root = Path(__file__).parents[3]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False, timeout=60).returncode == 0


@pytest.mark.slow
def test_thousands_of_damaged_files_are_read_or_refused(make_model, tmp_path):
    draw = random.Random(0)
    images = [
        save_model(make_model(), tmp_path / "m.weights.h5").read_bytes(),
        made(tmp_path, lambda file: file.attrs.update(layer_names=["a", "b"], weight_names=["kernel"] * 30)),
    ]
    assert hdf5_child.contents(images[1]).texts
    read = 0
    for _ in range(2000):
        image = bytearray(draw.choice(images))
        for _ in range(draw.choice([1, 2, 8])):
            place = draw.randrange(8, len(image))
            image[place : place + draw.choice([1, 1, 8])] = draw.choice(
                [b"\0", b"\xff" * 8, bytes([image[place] ^ 1 << draw.randrange(8)]), draw.randbytes(8)]
            )
        try:
            read_hdf5(bytes(image))
            read += 1
        except ModelFileError:
            pass
    assert 100 < read < 1900
