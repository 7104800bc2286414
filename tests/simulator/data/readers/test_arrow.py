"""Parquet, Feather and Arrow: every type of column, batch by batch, and what happens without pyarrow."""

import datetime
import decimal
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest

from simulator.data import open_dataset, read_table
from simulator.errors import DatasetError
from simulator.progress import Cancelled, Progress

MOMENT, MIDNIGHT, YEAR = map(datetime.datetime.fromisoformat, ("2007-11-11T10:30", "2007-11-11", "2008-01-01"))
COLUMNS = {
    "whole": pa.array([1, 2, 3], pa.int16()),
    "gap": pa.array([1, None, 3], pa.int32()),
    "huge": pa.array([1, 2, 2**64 - 1], pa.uint64()),
    "half": pa.array([0.5, None, float("nan")], pa.float16()),
    "exact": pa.array([decimal.Decimal("1.25"), None, decimal.Decimal("-3.50")]),
    "true": pa.array([True, None, False]),
    "text": pa.array([" a", None, "b"]),
    "large": pa.array(["a", None, "b"], pa.large_string()),
    "category": pa.array(["low", "high", "low"]).dictionary_encode(),
    "day": pa.array([datetime.date(2007, 11, 11), None, datetime.date(1890, 1, 2)]),
    "moment": pa.array([MOMENT, None, YEAR]),
    "midnight": pa.array([MIDNIGHT, None, YEAR], pa.timestamp("ns")),
    "zoned": pa.array([0, None, 3600], pa.timestamp("s", "Europe/Berlin")),
    "time": pa.array([datetime.time(1, 2, 3), None, datetime.time(4)]),
    "length": pa.array([datetime.timedelta(minutes=2), None, datetime.timedelta(seconds=1.5)]),
    "digits": pa.array(["1.5", "NA", "2"]),
    "nothing": pa.nulls(3),
    "list": pa.array([[1], [2, 3], None]),
    "struct": pa.array([{"a": 1}, None, {"a": 2}]),
    "bytes": pa.array([b"a", None, b"b"]),
}
nan = np.nan
EXPECTED = {
    "whole": [1, 2, 3],
    "gap": [1, nan, 3],
    "huge": [1, 2, float(2**64 - 1)],
    "half": [0.5, nan, nan],
    "exact": [1.25, nan, -3.5],
    "true": ["True", nan, "False"],
    "text": ["a", nan, "b"],
    "large": ["a", nan, "b"],
    "category": ["low", "high", "low"],
    "day": ["2007-11-11", nan, "1890-01-02"],
    "moment": ["2007-11-11T10:30:00", nan, "2008-01-01T00:00:00"],
    "midnight": ["2007-11-11", nan, "2008-01-01"],
    "zoned": ["1970-01-01T00:00:00", nan, "1970-01-01T01:00:00"],
    "time": ["01:02:03", nan, "04:00:00"],
    "length": [120, nan, 1.5],
    "digits": [1.5, nan, 2],
    "nothing": [nan, nan, nan],
}


def write_stream(table, path):
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)


WRITERS = {
    "t.parquet": lambda table, path: pa.parquet.write_table(table, path, row_group_size=2),
    "t.feather": lambda table, path: pa.feather.write_feather(table, str(path), chunksize=2),
    "t.arrow": write_stream,
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_type_of_column_becomes_numbers_or_texts_or_is_left_out_and_said(name, tmp_path):
    columns = {key: column for key, column in COLUMNS.items() if name != "t.parquet" or key != "half"}
    WRITERS[name](pa.table(columns), tmp_path / name)
    table = read_table(tmp_path / name)
    expected = pd.DataFrame({key: EXPECTED[key] for key in columns if key in EXPECTED})
    pd.testing.assert_frame_equal(table.frame, expected)
    assert {note.split("'")[1] for note in table.notes if "left out" in note} == {"list", "struct", "bytes"}


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_is_read_in_pieces_and_can_be_cancelled_in_between(name, tmp_path):
    pa_table = pa.table({"a": np.arange(300_000), "b": np.arange(300_000) % 3})
    if name == "t.parquet":
        pa.parquet.write_table(pa_table, tmp_path / name, row_group_size=70_000)
    elif name == "t.feather":
        pa.feather.write_feather(pa_table, str(tmp_path / name), chunksize=70_000)
    else:
        with pa.OSFile(str(tmp_path / name), "wb") as file, pa.ipc.new_stream(file, pa_table.schema) as writer:
            writer.write_table(pa_table, max_chunksize=70_000)
    said = []
    assert len(read_table(tmp_path / name, Progress(lambda *each: said.append(each))).frame) == 300_000
    assert len(said) >= 4

    progress = Progress(lambda *each: progress.cancel())
    with pytest.raises(Cancelled):
        read_table(tmp_path / name, progress)


def test_the_index_that_pandas_keeps_beside_a_table_is_no_column(tmp_path):
    frame = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "x"]}, index=[3, 5, 9])
    frame.to_parquet(tmp_path / "t.parquet")
    assert list(read_table(tmp_path / "t.parquet").frame) == ["a", "b"]


def test_dots_in_names_are_no_nesting(tmp_path):
    columns = {"a.b": [1, 2], "c": [3, 4], "d": [[1], [2]]}
    pa.parquet.write_table(pa.table(columns), tmp_path / "t.parquet")
    assert list(read_table(tmp_path / "t.parquet").frame) == ["a.b", "c"]


@pytest.mark.parametrize("name", WRITERS)
def test_names_that_come_twice_single_columns_and_no_rows_are_refused(name, tmp_path):
    cases = {
        "two columns are called 'a'": pa.table([[1, 2], [3, 4]], names=["a", "a"]),
        "only one column": pa.table({"a": [1, 2]}),
        "no row of data": pa.table({"a": pa.array([], pa.int64()), "b": pa.array([], pa.string())}),
    }
    for said, table in cases.items():
        WRITERS[name](table, tmp_path / name)
        with pytest.raises(DatasetError, match=said):
            read_table(tmp_path / name)


def test_a_table_of_endless_repetition_is_refused_before_memory_is_taken(tmp_path):
    same = pa.array(np.zeros(2_000_000, dtype=np.int8))
    pa.parquet.write_table(
        pa.table({f"c{k}": same for k in range(60)}), tmp_path / "t.parquet", row_group_size=2_000_000
    )
    assert (tmp_path / "t.parquet").stat().st_size < 1_000_000
    with pytest.raises(DatasetError, match="120,000,000 cells"):
        read_table(tmp_path / "t.parquet")


@pytest.mark.parametrize("name", WRITERS)
def test_without_pyarrow_the_hint_says_what_to_install(name, tmp_path, monkeypatch):
    WRITERS[name](pa.table({"a": [1, 2], "b": [1, 2]}), tmp_path / name)
    for module in [module for module in sys.modules if module.partition(".")[0] == "pyarrow"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(DatasetError, match="pyarrow") as caught:
        read_table(tmp_path / name)
    assert caught.value.hint == 'Install it: pip install "nodeglow[parquet]"'


def test_a_category_of_arrow_trains_as_one_of_text(tmp_path):
    frame = pd.DataFrame({"a": range(20), "kind": pd.Categorical(["x", "y"] * 10)})
    frame.to_parquet(tmp_path / "t.parquet")
    assert open_dataset(tmp_path / "t.parquet").class_names == ("x", "y")
