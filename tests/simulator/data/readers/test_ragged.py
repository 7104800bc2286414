"""Rows of another length than the header: refused with a way out, or dropped, counted and named."""

import numpy as np
import pytest

from simulator.data import RecipeChoices, open_dataset, read_table
from simulator.errors import DatasetError

ROWS = "1.5,2,x\n2.5,3,y\n" * 6
TEXT = "a,b,kind\n" + ROWS


def written(tmp_path, text):
    path = tmp_path / "table.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(tmp_path, text, **choices):
    return read_table(written(tmp_path, text), choices=RecipeChoices(ragged="drop", **choices))


def test_a_refused_row_comes_with_the_offer_that_reads_the_table(tmp_path):
    path = written(tmp_path, TEXT + "1,2\n" + ROWS)
    with pytest.raises(DatasetError, match="the row has 2 cells where there are 3 columns") as caught:
        open_dataset(path)
    assert caught.value.line == 14
    (offer,) = caught.value.offers
    assert offer.label == "Drop such rows"
    data = open_dataset(path, **offer.choices)
    assert len(data.table) == 24
    assert "1 row was dropped for another number of cells than 3: line 14." in data.report.sentences


WRONG = {
    "too short": ("1,2\n", [14]),
    "too long": ("1,2,x,4\n", [14]),
    "one cell": ("1\n", [14]),
    "several": ("1,2\n\n1,2,x,4\n9.5,9,y\n,\n", [14, 16, 18]),
    "many": ("1,2\n" * 8, list(range(14, 22))),
}


@pytest.mark.parametrize("kind", list(WRONG))
def test_rows_of_another_length_are_dropped_counted_and_named(kind, tmp_path):
    wrong, lines = WRONG[kind]
    table = read(tmp_path, TEXT + wrong + ROWS)
    right = read_table(written(tmp_path, TEXT + ("9.5,9,y\n" if "9.5" in wrong else "") + ROWS)).frame
    np.testing.assert_array_equal(table.frame.to_numpy(dtype=object), right.to_numpy(dtype=object))
    said = next(note for note in table.notes if "dropped" in note)
    assert said.startswith(f"{len(lines)} row")
    assert ", ".join(map(str, lines[:5])) in said
    assert ("and 3 more" in said) == (len(lines) == 8)
    # Every row still knows its line.
    text = (TEXT + wrong + ROWS).split("\n")
    for row in range(len(table.frame)):
        assert text[table.line(row) - 1].startswith(f"{table.frame['a'].iloc[row]}")


def test_nothing_is_said_where_no_row_is_wrong(tmp_path):
    table = read(tmp_path, TEXT)
    assert len(table.notes) == 1
    assert table.lines is None


def test_a_first_row_of_another_length_does_not_decide_without_a_header(tmp_path):
    table = read(tmp_path, "1,2\n" + ROWS)
    assert table.frame.shape == (12, 3)
    with pytest.raises(DatasetError, match="the row has 2 cells where there are 3 columns") as caught:
        read_table(written(tmp_path, "1,2\n" + ROWS))
    assert caught.value.line == 1


@pytest.mark.parametrize(("delimiter", "end"), [(" ", "\n"), ("\t", "\r\n"), (";", "\r"), ("|", "\n")])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_rows_are_dropped_in_any_dialect(delimiter, end, encoding, tmp_path):
    text = (TEXT + "1,2\n" + ROWS + "1,2,ä,3\n" + "1.5,2,ä\n").replace(",", delimiter).replace("\n", end)
    table = read(tmp_path, text.encode(encoding))
    assert table.frame["kind"].iloc[-1] == "ä"
    assert len(table.frame) == 25
    assert any("2 rows were dropped" in note and "lines 14, 27." in note for note in table.notes)


def test_quoted_delimiters_and_line_ends_survive_beside_dropped_rows(tmp_path):
    table = read(tmp_path, "# note\n" + TEXT + '1,2\n3.5,4,"one, ""two""\nthree"\n' + "1,2,3,4\n4.5,5,z\n")
    assert table.frame["kind"].tolist()[-2:] == ['one, "two"\nthree', "z"]
    assert [table.line(row) for row in (11, 12, 13)] == [14, 16, 19]


def test_a_quotation_mark_left_open_is_refused_all_the_same(tmp_path):
    for text in (
        TEXT + '1,2,"x\n' + ROWS,
        TEXT + "1,2\n" + '1,2,"x\n' + ROWS,
        TEXT + '1,"2,x\n' + ROWS * 2 + '"\n' + ROWS,
    ):
        with pytest.raises(DatasetError, match="a quotation mark is opened") as caught:
            read(tmp_path, text)
        assert not caught.value.offers


def test_when_most_rows_do_not_fit_it_is_the_header_that_is_wrong(tmp_path):
    with pytest.raises(DatasetError, match="12 of 12 rows have another number of cells") as caught:
        read(tmp_path, "a,b\n" + ROWS)
    assert caught.value.line == 2
    assert "header" in caught.value.hint


def test_a_wrong_row_in_a_late_chunk_is_dropped(tmp_path, monkeypatch):
    monkeypatch.setattr("simulator.data.readers.parsing.CHUNK_CELLS", 600)
    rows = [f"{k % 10:03},{k},{'xy'[k % 2]}" for k in range(3000)]
    rows[1500:1500] = ["1,2"]
    rows[2800:2800] = ["A7,1,x", "1,2,3,4"]
    table = read(tmp_path, "code,n,kind\n" + "\n".join(rows))
    assert len(table.frame) == 3001
    assert table.frame["code"].iloc[0] == "000"
    assert [table.line(row) for row in (0, 1500, 3000)] == [2, 1503, 3004]
