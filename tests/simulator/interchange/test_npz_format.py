import io
import json
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from simulator.errors import ModelFileError
from simulator.interchange import load_model, save_model
from simulator.interchange.document import describe


@pytest.fixture
def path(make_model, tmp_path):
    return save_model(make_model(), tmp_path / "m.npz")


def _arrays(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


def _members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def _write(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def _npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def test_numpy_reads_the_arrays_and_the_description(make_model, path):
    arrays, model = _arrays(path), make_model()
    assert set(arrays) == {"metadata", *(f"layers.{n}.{kind}" for n in range(3) for kind in ("weight", "bias"))}
    for index, layer in enumerate(model.layers):
        assert np.array_equal(arrays[f"layers.{index}.weight"], layer.weight.T)
        assert arrays[f"layers.{index}.weight"].dtype == np.float32
        assert np.array_equal(arrays[f"layers.{index}.bias"], layer.bias)
    assert json.loads(arrays["metadata"].item()) == json.loads(json.dumps(describe(model)))


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_a_file_that_numpy_wrote_again_is_opened(make_model, path, save):
    save(path, **_arrays(path))
    assert load_model(path).parameters.tobytes() == make_model().parameters.tobytes()


def test_another_order_in_memory_and_of_bytes_is_understood(make_model, path):
    arrays = {
        name: np.asfortranarray(array.astype(array.dtype.newbyteorder(">"))) if array.ndim else array
        for name, array in _arrays(path).items()
    }
    np.savez(path, **arrays)
    assert load_model(path).parameters.tobytes() == make_model().parameters.tobytes()


def test_a_cut_off_file_is_refused_wherever_it_ends(path):
    data = path.read_bytes()
    for length in range(0, len(data), 13):
        path.write_bytes(data[:length])
        with pytest.raises(ModelFileError):
            load_model(path)


def test_a_pickled_object_is_never_opened(path, tmp_path):
    class Trap:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "sprung",))

    for name, shape in [("metadata", ()), ("layers.0.weight", (5, 4)), ("more", (1,))]:
        array = np.full(shape, Trap(), object)
        _write(tmp_path / "trap.npz", _members(path) | {f"{name}.npy": _npy(array)})
        with pytest.raises(ModelFileError, match=r"pickled|no layer"):
            load_model(tmp_path / "trap.npz")
        assert not (tmp_path / "sprung").exists()


def test_a_bare_pickle_is_refused(path):
    path.write_bytes(pickle.dumps({"metadata": "x"}))
    with pytest.raises(ModelFileError, match=r"no \.npz"):
        load_model(path)


@pytest.mark.parametrize("claimed", ["(5, 4)", "(1000000, 1000000)", "(99999999999, 4)"])
def test_a_zip_bomb_is_refused_before_it_is_unpacked(path, claimed):
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {claimed}, }}".encode().ljust(117) + b"\n"
    bomb = b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + b"\0" * 60_000_000
    _write(path, _members(path) | {"layers.0.weight.npy": bomb}, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 100_000
    with pytest.raises(ModelFileError, match="out of all proportion"):
        load_model(path)


def test_a_bomb_in_many_members_is_refused_too(path):
    more = {f"layers.{n}.bias.npy": b"\0" * 3_000_000 for n in range(3, 60)}
    _write(path, _members(path) | more, zipfile.ZIP_DEFLATED)
    with pytest.raises(ModelFileError, match="out of all proportion"):
        load_model(path)


def test_an_archive_whose_directory_claims_any_length_is_refused(path):
    data = bytearray(path.read_bytes())
    end = data.rfind(b"PK\5\6")
    data[end + 12 : end + 16] = (2**31).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(ModelFileError):
        load_model(path)


def test_a_directory_that_is_longer_than_any_models_is_not_read_as_a_whole(path):
    # A sparse file: three hundred megabytes that take no room on the disk, all of them called the directory.
    length = 300_000_000
    end = b"PK\5\6" + b"\0" * 4 + b"\1\0\1\0" + length.to_bytes(4, "little") + b"\0" * 4 + b"\0\0"
    with path.open("wb") as file:
        file.truncate(length)
        file.seek(length)
        file.write(end)
    with pytest.raises(ModelFileError, match="directory is too long"):
        load_model(path)


@pytest.mark.parametrize(
    ("name", "content", "named"),
    [
        pytest.param("layers.0.weight", np.zeros((4, 5), np.float32), "shape", id="transposed"),
        pytest.param("layers.0.weight", np.zeros((5, 4), np.float64), "not float32", id="another number format"),
        pytest.param("layers.0.weight", np.zeros((5, 4), np.float16), "not float32", id="half precision"),
        pytest.param("layers.0.weight", np.zeros((5, 4), np.int32), "no array", id="whole numbers"),
        pytest.param("layers.0.weight", np.zeros((5, 4), "U1"), "not float32", id="texts"),
        pytest.param("layers.0.weight", np.full((5, 4), np.nan, np.float32), "not finite", id="NaN"),
        pytest.param("layers.0.weight", np.zeros((5, 4, 1), np.float32), "no array", id="three axes"),
        pytest.param("layers.0.weight", np.zeros((), np.float32), "shape", id="one number"),
        pytest.param("layers.0.weight", np.zeros((5, 4), [("a", "f4")]), "no array", id="records"),
        pytest.param("layers.3.bias", np.zeros(3, np.float32), "no layer", id="an extra tensor"),
        pytest.param("../../evil", np.zeros(3, np.float32), "no layer", id="a path in the name"),
        pytest.param("metadata", np.zeros(3, np.float32), "not one text", id="numbers as description"),
        pytest.param("metadata", np.array(["{}", "{}"]), "not one text", id="two descriptions"),
        pytest.param("metadata", np.array("{}"), "not a Nodeglow model", id="an empty description"),
    ],
)
def test_a_member_that_does_not_belong_is_refused(path, name, content, named):
    np.savez(path, **(_arrays(path) | {name: content}))
    with pytest.raises(ModelFileError, match=named) as refused:
        load_model(path)
    assert refused.value.hint


@pytest.mark.parametrize("name", ["metadata", "layers.1.weight"])
def test_a_missing_member_is_named(path, name):
    arrays = _arrays(path)
    del arrays[name]
    np.savez(path, **arrays)
    with pytest.raises(ModelFileError, match="description" if name == "metadata" else r"layers\.1\.weight is missing"):
        load_model(path)


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '<f4', 'fortran_order': False, 'shape': (5, 4), 'more': __import__('os')}",
        "((((((((((((((" * 100,
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-5, -4), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (5L, 4L), }",
        "",
    ],
    ids=repr,
)
def test_a_header_is_never_evaluated(path, header):
    head = header.encode() + b"\n"
    member = b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + b"\0" * 80
    _write(path, _members(path) | {"layers.0.weight.npy": member})
    with pytest.raises(ModelFileError, match="no array of numbers"):
        load_model(path)


@pytest.mark.parametrize("extra", [b"\0\0\0\0", b""], ids=["four bytes more", "four bytes fewer"])
def test_a_member_with_another_number_of_bytes_is_refused(path, extra):
    members = _members(path)
    content = members["layers.0.weight.npy"]
    _write(path, members | {"layers.0.weight.npy": content + extra if extra else content[:-4]})
    with pytest.raises(ModelFileError, match="bytes"):
        load_model(path)


def test_a_member_whose_check_sum_is_wrong_is_refused(path):
    data = bytearray(path.read_bytes())
    place = data.find(make := b"layers.2.bias.npy") + len(make) + 150
    data[place] ^= 1
    path.write_bytes(data)
    with pytest.raises(ModelFileError):
        load_model(path)


def test_a_name_that_stands_twice_is_refused(path):
    content = _members(path)["layers.0.bias.npy"]
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("layers.0.bias.npy", content)
    with pytest.raises(ModelFileError, match="no array of a model"):
        load_model(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_unusual_compression_is_refused(path, method):
    _write(path, _members(path), method)
    with pytest.raises(ModelFileError, match="unusual") as refused:
        load_model(path)
    assert "without compression" in refused.value.hint
