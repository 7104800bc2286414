"""IDX files: a pair is found from either side, and files that do not belong together are refused."""

import gzip
import struct

import numpy as np
import pytest

from simulator.data import open_dataset, read_table
from simulator.errors import DatasetError

KINDS = {"u1": 8, "i1": 9, "i2": 11, "i4": 12, "f4": 13, "f8": 14}
PICTURES = np.random.default_rng(0).integers(0, 255, (30, 3, 4)).astype("u1")
LABELS = (np.arange(30) % 3).astype("u1")
PAIR = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte")


def idx(array):
    kind = KINDS[array.dtype.str[1:]]
    return (
        bytes([0, 0, kind, array.ndim])
        + struct.pack(f">{array.ndim}I", *array.shape)
        + array.astype(array.dtype.newbyteorder(">")).tobytes()
    )


def written(tmp_path, names=PAIR, pictures=PICTURES, labels=LABELS):
    for name, array in zip(names, (pictures, labels), strict=True):
        data = idx(array)
        (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return [tmp_path / name for name in names]


NAMES = [
    PAIR,
    ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
    ("train-images.idx3-ubyte", "train-labels.idx1-ubyte"),
    ("train-images-idx3-ubyte", "train-labels.idx1-ubyte.gz"),
    ("birds-images.idx", "birds-labels.idx"),
]


@pytest.mark.parametrize("names", NAMES, ids=lambda names: names[0])
@pytest.mark.parametrize("side", [0, 1], ids=["from the pictures", "from the labels"])
def test_a_pair_is_found_from_either_side(names, side, tmp_path):
    (tmp_path / "other-labels-idx1-ubyte").write_bytes(idx(LABELS[:5]))
    table = read_table(written(tmp_path, names)[side])
    assert list(table.frame)[-2:] == ["pixel_2_3", "label"]
    np.testing.assert_array_equal(table.frame.to_numpy()[:, :-1], PICTURES.reshape(30, 12))
    np.testing.assert_array_equal(table.frame["label"], LABELS)


@pytest.mark.parametrize("dtype", KINDS)
def test_numbers_of_every_type_are_read(dtype, tmp_path):
    values = (np.arange(24).reshape(6, 4) - (0 if dtype == "u1" else 12)).astype(dtype)
    path, _ = written(tmp_path, pictures=values, labels=LABELS[:6])
    np.testing.assert_array_equal(read_table(path).frame.to_numpy()[:, :-1], values)


def test_pictures_are_told_apart_by_their_labels(tmp_path):
    path, _ = written(tmp_path)
    data = open_dataset(path)
    assert data.recipe.target == "label"
    assert data.class_names == ("0", "1", "2")


def test_pictures_alone_say_which_file_is_missing(tmp_path):
    path, other = written(tmp_path)
    other.unlink()
    with pytest.raises(DatasetError, match="labels is not beside it") as caught:
        read_table(path)
    assert "train-labels-idx1-ubyte" in caught.value.hint
    path, other = written(tmp_path)
    path.unlink()
    with pytest.raises(DatasetError, match="pictures is not beside it") as caught:
        read_table(other)
    assert "train-images-idx3-ubyte" in caught.value.hint
    (tmp_path / "digits.idx").write_bytes(idx(PICTURES))
    with pytest.raises(DatasetError, match="not beside it"):
        read_table(tmp_path / "digits.idx")


HEAD = idx(PICTURES)[:16]
REFUSED = {
    "a huge shape": bytes([0, 0, 8, 3]) + b"\xff" * 12 + bytes(100),
    "cut off": idx(PICTURES)[:-1],
    "too long": idx(PICTURES) + b"1",
    "a header alone": HEAD[:10],
    "no pictures": bytes([0, 0, 8, 3]) + bytes(12),
    "pictures too large": idx(np.zeros((2, 200, 200), "u1")),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("packed", [False, True])
def test_a_broken_file_is_refused_before_memory_is_taken(name, packed, tmp_path):
    written(tmp_path)
    path = tmp_path / (PAIR[0] + (".gz" if packed else ""))
    (tmp_path / PAIR[0]).unlink()
    path.write_bytes(gzip.compress(REFUSED[name]) if packed else REFUSED[name])
    if name == "pictures too large":
        (tmp_path / PAIR[1]).write_bytes(idx(LABELS[:2]))
    with pytest.raises(DatasetError) as caught:
        read_table(path)
    assert caught.value.hint


def test_pictures_and_labels_of_other_sets_are_refused(tmp_path):
    path, _ = written(tmp_path, labels=LABELS[:20])
    with pytest.raises(DatasetError, match="30 pictures and 20 labels"):
        read_table(path)
    path, _ = written(tmp_path, labels=PICTURES)
    with pytest.raises(DatasetError, match="not its counterpart"):
        read_table(path)


def test_a_bomb_is_refused(tmp_path):
    path, _ = written(tmp_path, ("t-images-idx3-ubyte.gz", "t-labels-idx1-ubyte"))
    path.write_bytes(gzip.compress(bytes([0, 0, 8, 3]) + struct.pack(">3I", 60_000, 28, 28) + bytes(60_000 * 784)))
    with pytest.raises(DatasetError, match="300 times as large"):
        read_table(path)
