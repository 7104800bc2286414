"""All formats: the penguins are the same table in each; a file is read as what it is; a broken one is refused."""

import bz2
import gzip
import io
import lzma
import sqlite3
import struct
import zipfile
from pathlib import Path

import numpy as np
import odf.opendocument
import odf.table
import odf.text
import openpyxl
import pandas as pd
import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.data import Dataset, open_dataset, read_table
from simulator.data.readers import FORMATS, format_of
from simulator.errors import DatasetError
from simulator.progress import Cancelled, Progress

PENGUINS = read_table(Path(__file__).parents[4] / "datasets" / "penguins.csv").frame
NUMBERS = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]


def cells(frame):
    """Return the rows of a table as Python values, None where one is missing."""
    return [[None if pd.isna(cell) else cell for cell in row] for row in frame.astype(object).values.tolist()]


def to_xlsx(frame, path):
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("birds")
    sheet.append(list(frame))
    for row in cells(frame):
        sheet.append(row)
    book.save(path)


def to_xls(frame, path):
    book = xlwt.Workbook()
    sheet = book.add_sheet("birds")
    for r, row in enumerate([list(frame), *cells(frame)]):
        for c, cell in enumerate(row):
            if cell is not None:
                sheet.write(r, c, cell)
    book.save(str(path))


def to_ods(frame, path):
    document = odf.opendocument.OpenDocumentSpreadsheet()
    sheet = odf.table.Table(name="birds")
    for row in [list(frame), *cells(frame)]:
        line = odf.table.TableRow()
        for cell in row:
            if isinstance(cell, str):
                box = odf.table.TableCell(valuetype="string")
                box.addElement(odf.text.P(text=cell))
            elif cell is None:
                box = odf.table.TableCell()
            else:
                box = odf.table.TableCell(valuetype="float", value=cell)
            line.addElement(box)
        sheet.addElement(line)
    document.spreadsheet.addElement(sheet)
    document.save(str(path))


def to_sqlite(frame, path):
    with sqlite3.connect(path) as connection:
        frame.to_sql("birds", connection, index=False)
    connection.close()


def to_arff(frame, path):
    with path.open("w") as file:
        file.write("% penguins\n@RELATION birds\n\n")
        for name in frame:
            texts = frame[name].dtype == "str"
            kinds = "{" + ", ".join(frame[name].dropna().unique()) + "}" if texts else "numeric"
            file.write(f"@attribute {name} {kinds}\n")
        file.write("@data\n")
        for row in cells(frame):
            file.write(",".join("?" if cell is None else str(cell) for cell in row) + "\n")


def to_npz(frame, path):
    columns = {name: np.array(frame[name].fillna("?") if frame[name].dtype == "str" else frame[name]) for name in frame}
    np.savez(path, **{name: each.astype("U") if each.dtype == object else each for name, each in columns.items()})


def to_npy(frame, path):
    types = [(name, "U12" if frame[name].dtype == "str" else frame[name].dtype) for name in frame]
    rows = [tuple("?" if isinstance(name, str) and pd.isna(cell) and dtype == "U12" else cell
                  for cell, (name, dtype) in zip(row, types, strict=True))
            for row in frame.astype(object).values.tolist()]  # fmt: skip
    np.save(path, np.array(rows, dtype=types))


WRITERS = {
    "birds.csv": ("text", lambda frame, path: frame.to_csv(path, index=False)),
    "birds.xlsx": ("excel", to_xlsx),
    "birds.xls": ("excel", to_xls),
    "birds.ods": ("excel", to_ods),
    "birds.json": ("json", lambda frame, path: frame.to_json(path, orient="records")),
    "columns.json": ("json", lambda frame, path: frame.to_json(path, orient="columns")),
    "split.json": ("json", lambda frame, path: frame.to_json(path, orient="split", index=False)),
    "table.json": ("json", lambda frame, path: frame.to_json(path, orient="table", index=False)),
    "birds.jsonl": ("json", lambda frame, path: frame.to_json(path, orient="records", lines=True)),
    "birds.parquet": ("parquet", lambda frame, path: frame.to_parquet(path)),
    "birds.feather": ("arrow", lambda frame, path: frame.to_feather(path)),
    "birds.npz": ("numpy", to_npz),
    "birds.npy": ("numpy", to_npy),
    "birds.arff": ("arff", to_arff),
    "birds.db": ("sqlite", to_sqlite),
}
"""File names, their formats, and how other programs write the penguins as such."""


def idx_of(array):
    kinds = {"u1": 8, "i1": 9, "i2": 11, "i4": 12, "f4": 13, "f8": 14}
    head = bytes([0, 0, kinds[array.dtype.str[1:]], array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.astype(array.dtype.newbyteorder(">")).tobytes()


def to_pair(path):
    pictures = np.random.default_rng(0).integers(0, 255, (20, 3, 4)).astype("u1")
    labels = np.arange(20).astype("u1") % 3
    path.with_name("t-labels-idx1-ubyte").write_bytes(idx_of(labels))
    path.write_bytes(idx_of(pictures))
    return pictures, labels


def to_svmlight(path):
    path.write_text("".join(f"{k % 2} 1:{k}.5 {3 + k % 2}:{k * k} 7:1\n" for k in range(20)))


OTHERS = {"t-images-idx3-ubyte": ("idx", to_pair), "t.svm": ("svmlight", to_svmlight)}
"""Formats of numbers alone, which the penguins do not fit."""


def write(name, path):
    if name in WRITERS:
        WRITERS[name][1](PENGUINS, path)
    else:
        OTHERS[name][1](path)


EVERY = {**WRITERS, **OTHERS}


def outcome(opening, path):
    """Return what a file gives, or the error that was raised."""
    try:
        return opening(path)
    except DatasetError as error:
        return error


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Return a folder with a file of every format."""
    folder = tmp_path_factory.mktemp("formats")
    for name in EVERY:
        write(name, folder / name)
    return folder


def test_every_format_is_tested():
    assert {name for name, _ in EVERY.values()} == set(FORMATS)


@pytest.mark.parametrize("name", WRITERS)
def test_the_penguins_are_the_same_table_in_every_format(name, files):
    data = open_dataset(files / name, target="species")
    pd.testing.assert_frame_equal(data.table, PENGUINS)
    expected = open_dataset(files / "birds.csv", target="species", features=data.choices.features)
    np.testing.assert_array_equal(data.X_train, expected.X_train)
    np.testing.assert_array_equal(data.Y_test, expected.Y_test)


@pytest.mark.parametrize("name", EVERY)
def test_a_file_is_read_as_what_it_is_whatever_it_is_called(name, files, tmp_path):
    for called in ("table.csv", "table", "table.txt"):
        path = tmp_path / called
        path.write_bytes((files / name).read_bytes())
        assert format_of(path) == EVERY[name][0]


@pytest.mark.parametrize("row", FORMATS)
def test_a_format_has_a_title_and_suffixes_that_no_other_has(row):
    others = {suffix for name, each in FORMATS.items() if name != row for suffix in each.suffixes}
    assert FORMATS[row].title
    assert FORMATS[row].suffixes
    assert not others & set(FORMATS[row].suffixes)
    assert all(suffix == suffix.lower() for suffix in FORMATS[row].suffixes)


@pytest.mark.parametrize("row", [name for name in FORMATS if name != "text"])
def test_a_text_with_the_suffix_of_another_format_is_read_or_refused_clearly(row, tmp_path):
    path = tmp_path / f"table{FORMATS[row].suffixes[0]}"
    path.write_text("a,b,kind\n" + "1,2.5,x\n2,3.5,y\n" * 9)
    if row not in ("arff", "json", "svmlight"):
        assert read_table(path).frame.shape == (18, 3)
        return
    with pytest.raises(DatasetError) as caught:
        read_table(path)
    assert caught.value.line == 1
    assert caught.value.hint


@pytest.mark.parametrize("row", [name for name in FORMATS if name != "text"])
def test_bytes_with_the_suffix_of_a_format_are_refused(row, tmp_path):
    path = tmp_path / f"table{FORMATS[row].suffixes[0]}"
    path.write_bytes(b"\x01\x00\x02nothing that anybody wrote" + bytes(range(256)) * 4)
    with pytest.raises(DatasetError) as caught:
        read_table(path)
    assert caught.value.path == path
    assert caught.value.hint


def zipped(data):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside", data)
    return file.getvalue()


PACKINGS = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress, ".zip": zipped}
TEXTS = ("text", "arff", "svmlight")
LINES = (*TEXTS, "birds.jsonl")
PACKED = [(name, each) for name in EVERY for each in PACKINGS if each == ".gz" or not {name, EVERY[name][0]} & {*LINES}]


@pytest.mark.parametrize(("name", "packing"), PACKED)
def test_a_packed_file_is_the_same_table(name, packing, files, tmp_path):
    path = tmp_path / (name + packing)
    path.write_bytes(PACKINGS[packing]((files / name).read_bytes()))
    if name.startswith("t-"):
        (tmp_path / "t-labels-idx1-ubyte").write_bytes((files / "t-labels-idx1-ubyte").read_bytes())
    table = read_table(path)
    pd.testing.assert_frame_equal(table.frame, read_table(files / name).frame)
    assert table.path == path


@pytest.mark.parametrize("name", [name for name in EVERY if EVERY[name][0] not in TEXTS])
def test_a_packed_file_that_is_cut_off_is_refused(name, files, tmp_path):
    path = tmp_path / (name + ".gz")
    path.write_bytes(gzip.compress((files / name).read_bytes())[:-20])
    with pytest.raises(DatasetError, match="cut off"):
        read_table(path)


@pytest.mark.parametrize("name", EVERY)
def test_a_file_that_is_cut_off_is_refused_or_shorter(name, files, tmp_path):
    data = (files / name).read_bytes()
    for share in (0.3, 0.7, 0.95):
        path = tmp_path / name
        path.write_bytes(data[: int(len(data) * share)])
        result = outcome(read_table, path)
        if isinstance(result, DatasetError):
            assert result.hint
        else:
            assert EVERY[name][0] in TEXTS or name.endswith((".jsonl", ".db"))
            assert len(result.frame) <= len(PENGUINS)


@pytest.mark.parametrize("name", EVERY)
def test_a_reading_says_how_far_it_is_and_can_be_cancelled(name, files):
    said = []
    progress = Progress(lambda fraction, text: said.append((fraction, text)))
    read_table(files / name, progress)
    assert any(files.joinpath(name).name in text or "reading" in text for _, text in said)
    assert all(fraction is None or 0 <= fraction <= 1 for fraction, _ in said)
    progress.cancel()
    with pytest.raises(Cancelled):
        read_table(files / name, progress)


@pytest.mark.parametrize("name", EVERY)
def test_columns_hold_numbers_or_texts_and_nothing_else(name, files):
    frame = read_table(files / name).frame
    assert all(dtype in (np.int64, np.float64) or isinstance(dtype, pd.StringDtype) for dtype in frame.dtypes)
    assert all(np.isnan(cell) for column in frame for cell in frame[column][frame[column].isna()])


SMALL = PENGUINS.iloc[::12].reset_index(drop=True)
KEPT = {}


def small_file(name, folder):
    """Return the bytes of a short file of a format."""
    if name not in KEPT:
        path = folder / f"small-{name}" if name in WRITERS else folder / name
        WRITERS[name][1](SMALL, path) if name in WRITERS else OTHERS[name][1](path)
        KEPT[name] = path.read_bytes()
    return KEPT[name]


@pytest.mark.parametrize("name", EVERY)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    edits=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=6)), max_size=6),
    cut=st.floats(0.5, 1.5),
    moved=st.booleans(),
)
def test_a_mutated_file_gives_a_table_or_a_dataset_error(name, edits, cut, moved, tmp_path_factory):
    folder = tmp_path_factory.getbasetemp() / "mutated"
    folder.mkdir(exist_ok=True)
    data = bytearray(small_file(name, folder))
    for place, new in edits:
        start = int(place * len(data))
        data[start : start + (0 if moved else len(new))] = new
    path = folder / name
    path.write_bytes(data[: int(cut * len(data))] if cut < 1 else data)
    result = outcome(open_dataset, path)
    if isinstance(result, DatasetError):
        assert result.message
        assert result.hint
    else:
        assert isinstance(result, Dataset)
        assert np.isfinite(result.X_train).all()
