"""A table in pieces is the table that is read whole, to the last bit, whatever the file holds."""

import bz2
import csv
import gzip
import io
import lzma
import os
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.data import BUNDLED, RecipeChoices, read_pieces, read_table
from simulator.data.readers.pieces import pieces_of
from simulator.data.table import Table
from simulator.errors import DatasetError, SimulatorError
from simulator.progress import Cancelled, Progress

# What unpacks to gigabytes would come in millions of the small chunks.
CORPUS = [each for each in sorted((Path(__file__).parents[1] / "corpus").iterdir()) if "bomb" not in each.name]
CELLS = [
    *("1", "-7", "3.0", "0.1", "2.5e3", "1e999", "007", "+4", "0.30000000000000004"),
    *("9007199254740993", "18446744073709551615", "99999999999999999999"),
    *("1,5", "1.234", "1,234", "1.234,5", "1,234.5", "1'234", "1\u00a0234", "1.234.567", "\u22125", "12345,678"),
    *("", " ", "NA", "nan", "None", "unknown", "?", "-", ".", "inf", "-inf"),
    *("True", "false", "yes", "a", "b ", " c", "ü", "2007-11-30", "30.11.2007", "12:30"),
    *('say "x"', "two\nlines", "a,b", "a;b"),
]
PACK = {".csv": bytes, ".csv.gz": gzip.compress, ".csv.bz2": bz2.compress, ".csv.xz": lzma.compress}

cells = st.sampled_from(CELLS)
# Long runs of one kind: what a column is may show only at the end, chunks later.
columns = st.lists(st.tuples(st.lists(cells, min_size=1, max_size=4), st.integers(1, 120)), min_size=1, max_size=4)
tables = st.tuples(st.lists(columns, min_size=2, max_size=4), st.integers(1, 260))
choices = st.fixed_dictionaries(
    {},
    optional={
        "ragged": st.just("drop"),
        "thousands": st.sampled_from(["", ",", ".", "'", " "]),
        "decimal": st.sampled_from([".", ","]),
        "header": st.booleans(),
    },
)


def written(table, delimiter, spoilt=()) -> str:
    columns, count = table
    ready = []
    for runs in columns:
        column = [kinds[place % len(kinds)] for kinds, length in runs for place in range(length)]
        ready.append((column * (count // len(column) + 1))[:count])
    rows = [list(row) for row in zip(*ready, strict=True)]
    for place in spoilt:
        rows[place % count].append("more")
    held = io.StringIO(newline="")
    csv.writer(held, delimiter=delimiter).writerows([[f"name {place}" for place in range(len(columns))], *rows])
    return held.getvalue()


def outcome(read):
    try:
        return read()
    except SimulatorError as error:
        return type(error), str(error), error.hint


def assert_the_same(path: Path, rows: int, **decided: object) -> None:
    asked = RecipeChoices(**decided)
    whole = outcome(lambda: read_table(path, None, asked))
    pieces = outcome(lambda: read_pieces(path, asked, Progress()))
    if not isinstance(whole, Table):
        assert pieces == whole
        return
    assert not isinstance(pieces, tuple), pieces
    frames = list(pieces.read(rows))
    assert all(len(frame) == rows for frame in frames[:-1])
    pd.testing.assert_frame_equal(pd.concat(frames), whole.frame, check_exact=True, check_index_type=False)
    assert pieces.rows == len(whole.frame)
    assert pieces.names == tuple(whole.frame.columns)
    assert [pieces.line(row) for row in range(pieces.rows)] == [whole.line(row) for row in range(pieces.rows)]


@pytest.fixture(autouse=True, scope="module")
def _small_chunks():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("simulator.data.readers.parsing.CHUNK_CELLS", 1)  # 64 rows, which is the least
        yield


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_every_file_of_the_corpus_is_the_same_in_pieces(path):
    assert_the_same(path, 7)


@given(
    tables,
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "cp1252", "utf-16"]),
    st.sampled_from(list(PACK)),
    st.lists(st.integers(0, 300), max_size=2),
    choices,
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_table_is_the_same_in_pieces(tmp_path, table, delimiter, encoding, suffix, spoilt, decided):
    path = tmp_path / f"table{suffix}"
    path.write_bytes(PACK[suffix](written(table, delimiter, spoilt).encode(encoding, "replace")))
    if decided.get("thousands") and decided.get("thousands") == decided.get("decimal"):
        del decided["decimal"]
    assert_the_same(path, 50, **decided)


@pytest.mark.parametrize(
    "late",
    ["x", "1,5", "1.234,5", "3.5", "99999999999999999999", "NA", "True", "unknown", "1,234,567", '"two\nlines"'],
)
@pytest.mark.parametrize("usual", ["3", "1,234", "1.234", "NA", "a", "unknown", "3.0", "1.234.567"])
def test_what_only_the_last_row_shows_holds_from_the_first_one_on(tmp_path, usual, late):
    path = tmp_path / "table.csv"
    rows = "".join(f"{place};{usual}\n" for place in range(200))
    path.write_text(f"number;shown\n{rows}200;{late}\n")
    assert_the_same(path, 60)


def test_an_encoding_that_only_the_end_shows_holds_from_the_first_row_on(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(b"a,b\n" + b"1,%s\n" % (b"x" * 1000) * 600 + "2,ü\n".encode("cp1252"))
    assert_the_same(path, 500)


@pytest.mark.parametrize("rows", [1, 3, 343, 344, 345])
def test_pieces_have_as_many_rows_as_are_wanted(rows):
    assert_the_same(BUNDLED["penguins"].path, rows)


def test_only_the_wanted_columns_come():
    pieces = read_pieces(BUNDLED["penguins"].path, RecipeChoices(), Progress())
    frame = next(pieces.read(10, ("species", "no such column", "year")))
    assert list(frame) == ["species", "year"]
    assert len(pieces.names) == 8


def test_other_formats_and_tables_in_memory_come_in_pieces_too(tmp_path):
    frame = pd.read_csv(BUNDLED["iris"].path)
    frame.to_json(tmp_path / "iris.json", orient="records")
    assert_the_same(tmp_path / "iris.json", 40)
    assert pd.concat(pieces_of(Table(frame)).read(40)).equals(frame)


def test_the_file_wanted_of_an_archive_comes_in_pieces(tmp_path):
    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", "a,b\n1,2\n")
        archive.writestr("b.csv", "a,b\n" + "3,4\n" * 500)
    assert_the_same(path, 70, sheet="b.csv")
    assert_the_same(path, 70)


def test_a_file_that_changes_between_the_two_walks_is_refused(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("a,b\n" + "1,2\n" * 300)
    pieces = read_pieces(path, RecipeChoices(), Progress())
    path.write_text("a,b\n" + "x,2\n" * 301)
    os.utime(path, (0, 0))
    with pytest.raises(DatasetError, match="while it was read"):
        list(pieces.read(50))


def test_both_walks_can_be_cancelled(tmp_path):
    progress = Progress()
    pieces = read_pieces(BUNDLED["penguins"].path, RecipeChoices(), progress)
    progress.cancel()
    with pytest.raises(Cancelled):
        list(pieces.read(50, None, progress))
    with pytest.raises(Cancelled):
        read_pieces(BUNDLED["penguins"].path, RecipeChoices(), progress)
