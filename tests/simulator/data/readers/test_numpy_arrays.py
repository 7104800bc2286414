"""NumPy's files: which arrays make a table, and headers that are not to be trusted."""

import io
import struct
import zipfile

import numpy as np
import pytest

from simulator.data import RecipeChoices, open_dataset, read_table
from simulator.errors import DatasetError

RANDOM = np.random.default_rng(0)


def saved(tmp_path, array, name="t.npy"):
    np.save(tmp_path / name, array)
    return tmp_path / name


@pytest.mark.parametrize("dtype", ["u1", "i2", ">i4", "u8", "f2", "<f4", ">f8", "?", "U3", "S3", ">U3"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_an_array_of_any_type_becomes_columns(dtype, order, tmp_path):
    array = np.array([[0, 1, 2], [3, 4, 5]]).astype(dtype).astype(dtype, order=order)
    frame = read_table(saved(tmp_path, array)).frame
    assert list(frame) == ["column_1", "column_2", "column_3"]
    if dtype == "?":
        assert frame["column_1"].tolist() == ["False", "True"]
    else:
        np.testing.assert_array_equal(frame.to_numpy(), [[0, 1, 2], [3, 4, 5]])


def test_pictures_become_columns_of_pixels(tmp_path):
    for shape, last in (((7, 2, 3), "pixel_1_2"), ((7, 2, 3, 2), "pixel_1_2_1"), ((7, 1, 2, 3), "pixel_1_2")):
        pictures = RANDOM.integers(0, 255, shape, dtype=np.uint8)
        frame = read_table(saved(tmp_path, pictures)).frame
        assert frame.columns[-1] == last
        np.testing.assert_array_equal(frame.to_numpy(), pictures.reshape(7, -1))


def test_fields_become_columns_with_their_names(tmp_path):
    array = np.array([(1, 2.5, "x", "2007-11-11"), (2, np.nan, "y", "NaT")], dtype=[
        ("n", "i4"), ("größe", "f4"), ("kind", "U2"), ("day", "M8[D]")
    ])  # fmt: skip
    frame = read_table(saved(tmp_path, array)).frame
    assert list(frame) == ["n", "größe", "kind", "day"]
    assert frame["kind"].tolist() == ["x", "y"]
    assert frame["day"].iloc[0] == "2007-11-11"
    assert frame["day"].isna().tolist() == [False, True]


PAIRS = [
    ("X", "y"), ("x", "Y"), ("data", "target"), ("features", "labels"), ("images", "label"), ("X_train", "y_train"),
]  # fmt: skip


@pytest.mark.parametrize(("features", "target"), PAIRS)
def test_features_and_targets_by_their_usual_names_make_one_table(features, target, tmp_path):
    X, y = RANDOM.normal(size=(30, 4)), np.arange(30) % 3
    np.savez(tmp_path / "t.npz", **{target: y, features: X})
    data = open_dataset(tmp_path / "t.npz")
    assert data.recipe.target == target.lower().replace("_train", "")
    np.testing.assert_array_equal(data.table.to_numpy(), np.column_stack([X, y]))


def test_the_parts_of_a_split_are_stacked_and_told_apart_by_a_column(tmp_path):
    parts = {"x_train": RANDOM.integers(0, 9, (20, 2, 3)), "y_train": np.arange(20) % 2}
    parts |= {"x_test": RANDOM.integers(0, 9, (6, 2, 3)), "y_test": np.arange(6) % 2}
    parts |= {"val_images": RANDOM.integers(0, 9, (3, 2, 3)), "val_labels": np.arange(3) % 2}
    np.savez_compressed(tmp_path / "t.npz", **parts)
    table = read_table(tmp_path / "t.npz")
    assert list(table.frame)[-3:] == ["pixel_1_2", "y", "split"]
    assert table.frame["split"].tolist() == ["train"] * 20 + ["test"] * 6 + ["validation"] * 3
    expected = np.concatenate([parts["x_train"], parts["x_test"], parts["val_images"]]).reshape(29, 6)
    np.testing.assert_array_equal(table.frame.iloc[:, :6].to_numpy(), expected)
    assert table.sheets[0] == "x_train, y_train, x_test, y_test, val_images, val_labels"


def test_one_array_of_several_is_chosen_by_its_name(tmp_path):
    np.savez(tmp_path / "t.npz", X=RANDOM.normal(size=(5, 2)), y=np.arange(5), other=RANDOM.normal(size=(7, 3)))
    table = read_table(tmp_path / "t.npz")
    assert (table.sheets, table.sheet) == (("X, y", "X", "other"), "X, y")
    assert read_table(tmp_path / "t.npz", choices=RecipeChoices(sheet="other")).frame.shape == (7, 3)
    with pytest.raises(DatasetError, match="no array called 'z'"):
        read_table(tmp_path / "t.npz", choices=RecipeChoices(sheet="z"))


def test_the_names_of_features_are_used_where_they_are_there(tmp_path):
    np.savez(tmp_path / "t.npz", data=np.ones((4, 2)), target=np.arange(4), feature_names=np.array(["length", "width"]))
    assert list(read_table(tmp_path / "t.npz").frame) == ["length", "width", "target"]


def test_arrays_of_one_length_are_the_columns_of_a_table(tmp_path):
    np.savez(tmp_path / "t.npz", height=np.arange(4.0), kind=np.array(["x", "y", "x", "y"]))
    frame = read_table(tmp_path / "t.npz").frame
    assert list(frame) == ["height", "kind"]
    assert frame["kind"].tolist() == ["x", "y", "x", "y"]


def test_one_array_alone_in_an_archive_is_read(tmp_path):
    np.savez(tmp_path / "t.npz", RANDOM.normal(size=(5, 2)))
    assert read_table(tmp_path / "t.npz").frame.shape == (5, 2)


def with_header(header, data=b"", version=(1, 0)):
    text = header.encode().ljust(118 - len(header) % 64) + b"\n"
    size = struct.pack("<H" if version == (1, 0) else "<I", len(text))
    return b"\x93NUMPY" + bytes(version) + size + text + data


HOSTILE = {
    "a huge shape": with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (10**9, 10**9)}"),
    "a huge shape in digits": with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (9999999999, 99999)}"),
    "a shape below zero": with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, -8)}", bytes(64)),
    "a huge item": with_header("{'descr': '|S2147483647', 'fortran_order': False, 'shape': (9, 9)}", bytes(64)),
    "objects": with_header("{'descr': '|O', 'fortran_order': False, 'shape': (2, 2)}", bytes(64)),
    "a call": with_header("__import__('os').system('true')"),
    "no dictionary": with_header("[]"),
    "deep nesting": with_header("(" * 5000),
    "an endless header": b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**31 - 1) + b" " * 1000,
    "an unknown version": with_header("{}", version=(9, 9)),
    "nothing more": b"\x93NUMPY",
    "no columns": with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (4, 0)}"),
    "one number": with_header("{'descr': '<f8', 'fortran_order': False, 'shape': ()}", bytes(8)),
    "one column": with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (8,)}", bytes(64)),
    "complex numbers": with_header("{'descr': '<c16', 'fortran_order': False, 'shape': (2, 2)}", bytes(64)),
    "no characters": with_header("{'descr': '<U1', 'fortran_order': False, 'shape': (2, 2)}", b"\xff" * 16),
    "no rows": with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (0, 4)}"),
    "items of no bytes": with_header("{'descr': '|S0', 'fortran_order': False, 'shape': (1000000000, 2)}"),
    "cut off": with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (4, 4)}", bytes(100)),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("archived", [False, True], ids=["alone", "in an archive"])
def test_a_hostile_array_is_refused_before_memory_is_taken(name, archived, tmp_path):
    path = tmp_path / ("t.npz" if archived else "t.npy")
    if archived:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("X.npy", HOSTILE[name])
    else:
        path.write_bytes(HOSTILE[name])
    with pytest.raises(DatasetError) as caught:
        read_table(path)
    assert caught.value.hint


def test_nothing_is_ever_unpickled(tmp_path):
    np.save(tmp_path / "t.npy", np.array([[{"a": 1}, 2], [3, 4]], dtype=object), allow_pickle=True)
    with pytest.raises(DatasetError, match="Python objects"):
        read_table(tmp_path / "t.npy")


def test_a_bomb_in_an_archive_is_refused(tmp_path):
    np.savez_compressed(tmp_path / "t.npz", X=np.zeros((6_000_000, 2)))
    with pytest.raises(DatasetError, match="300 times as large"):
        read_table(tmp_path / "t.npz")


def test_parts_that_do_not_fit_are_refused(tmp_path):
    np.savez(tmp_path / "t.npz", x_train=np.ones((4, 2)), y_train=np.ones(4), x_test=np.ones((4, 3)), y_test=np.ones(4))
    with pytest.raises(DatasetError, match="other shapes"):
        read_table(tmp_path / "t.npz")
    with pytest.raises(DatasetError, match="no table among the arrays"):
        read_table(saved_archive(tmp_path, a=np.ones(3), b=np.ones(4)))


def saved_archive(tmp_path, **arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    (tmp_path / "u.npz").write_bytes(file.getvalue())
    return tmp_path / "u.npz"
