"""What stands before a table, what names its columns, and where its rows begin."""

import pytest

from simulator.data import RecipeChoices, open_dataset, read_table
from simulator.errors import DatasetError

ROWS = "1.5,2,x\n2.5,3,y\n" * 6
NAMES = ["a", "b", "kind"]


def read(tmp_path, text, **choices):
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return read_table(path, choices=RecipeChoices(**choices))


BEFORE = {
    "Excel's line": ("sep=,\n", "Line 1 before the table is skipped: 'sep=,'."),
    "Excel's line in quotes": ('"sep=,"\r\n', "Line 1 before the table is skipped: 'sep=,'."),
    "a comment": ("# measured by hand\n", "Line 1 before the table is skipped: '# measured by hand'."),
    "comments with empty lines": ("# one\n\n# two, three\n\n", "Lines 1 to 3 before the table are skipped"),
    "comments of percent signs": ("% one\n%\n", "Lines 1 and 2 before the table are skipped"),
    "comments of strokes": ("// one\n", "Line 1 before the table is skipped: '// one'."),
    "an empty comment": ("#\n", "Line 1 before the table is skipped: '#'."),
    "a title": ("Birds of the islands\n", "Line 1 before the table is skipped: 'Birds of the islands'."),
    "a title with a comma": ("Birds, measured by us\n\n", "Line 1 before the table is skipped"),
    "titles and comments": ("Birds\n# of the islands\nTable 1\n", "Lines 1 to 3 before the table are skipped"),
    "titles of a spreadsheet": ("Birds,,\n,,\n", "Lines 1 and 2 before the table are skipped"),
    "facts of two cells": ("Station,North\nYear,2020\n", "Lines 1 and 2 before the table are skipped"),
    "a long note": ("Birds " * 50 + "\n", "Birds Birds Birds Birds"),
    "a note of many cells": ("these, were, measured, by, a, lot, of, people\n", "Line 1 before the table is skipped"),
}


@pytest.mark.parametrize("kind", list(BEFORE))
def test_what_stands_before_a_table_is_skipped_and_said_with_its_lines(kind, tmp_path):
    before, said = BEFORE[kind]
    table = read(tmp_path, before + "a,b,kind\n" + ROWS)
    assert list(table.frame.columns) == NAMES
    assert table.frame["a"].tolist()[:2] == [1.5, 2.5]
    assert table.line(0) == before.count("\n") + 2
    assert any(said in note for note in table.notes)


def test_lines_of_errors_count_what_was_skipped(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("# one\n\nBirds\na,b,kind\n" + ROWS + "1,2\n")
    with pytest.raises(DatasetError, match="the row has 2 cells") as caught:
        open_dataset(path)
    assert caught.value.line == 17


def test_the_delimiter_that_excel_names_is_taken(tmp_path):
    table = read(tmp_path, "sep=;\na,x;b,y\n" + "1,5;2,5\n3,5;4,5\n" * 4)
    assert table.dialect.delimiter == ";"
    assert list(table.frame.columns) == ["a,x", "b,y"]
    assert read(tmp_path, "sep=x\na,b\n1,2\n3,4\n").dialect.delimiter == ","


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("# a,b,kind\n" + ROWS, NAMES),
        ("#a,b,kind\n" + ROWS, NAMES),
        ("% a,b,kind\n" + ROWS, NAMES),
        ("# by us\n# a, b, kind\n" + ROWS, NAMES),
        ("# a b kind\n" + ROWS.replace(",", " "), NAMES),
        ("// a\tb\tkind\n" + ROWS.replace(",", "\t"), NAMES),
        ("# by us\n#\n# a b kind\n# -- -- ----\n" + ROWS.replace(",", "  "), NAMES),
        ("%% by us\n% a, b, kind\n1,2,3\n4,5,6\n7,8,9\n", NAMES),
        ("#a,kind\nu,x\nv,y\nu,y\nw,x\n", ["a", "kind"]),
    ],
)
def test_a_comment_can_name_the_columns(text, names, tmp_path):
    table = read(tmp_path, text)
    assert list(table.frame.columns) == names
    assert table.dialect.header
    assert any("names of the columns stand in the comment" in note for note in table.notes)
    assert len(table.frame) == text.count("\n") - sum(line.startswith(("#", "%", "//")) for line in text.split("\n"))


def test_a_comment_is_no_header_where_there_is_one(tmp_path):
    table = read(tmp_path, "# one, two, three\na,b,kind\n" + ROWS)
    assert list(table.frame.columns) == NAMES
    plain = read(tmp_path, "# a,b,kind\n" + ROWS, header=False)
    assert list(plain.frame.columns) == ["column_1", "column_2", "column_3"]


def test_a_row_that_begins_with_the_sign_of_a_comment_stays_a_row(tmp_path):
    rows = "#ff0000,1.5,x\n#00ff00,2.5,y\nred,3.5,x\n"
    assert read(tmp_path, rows * 3).frame["column_1"].tolist()[:3] == ["#ff0000", "#00ff00", "red"]
    assert read(tmp_path, "colour,b,kind\n" + rows * 3).frame["colour"].iloc[0] == "#ff0000"
    only = "#ff0000,1.5,x\n#00ff00,2.5,y\n" * 3
    assert len(read(tmp_path, only).frame) == 6


def test_a_file_of_comments_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="only comment lines"):
        read(tmp_path, "# a\n# b, c\n")


def test_a_title_over_rows_without_a_header_is_skipped(tmp_path):
    table = read(tmp_path, "Birds of the islands\n" + ROWS)
    assert not table.dialect.header
    assert (len(table.frame), table.line(0)) == (12, 2)


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("a;b;kind\n" + ROWS, "the table has only one column", 1),
        ("a,b\n" + ROWS, "the row has 3 cells where there are 2 columns", 2),
        ("a,b,kind\n1,2,x,4\n" + ROWS, "the row has 4 cells where there are 3 columns", 2),
        ("a,b,kind,other\n" + ROWS, "the row has 3 cells where there are 4 columns", 2),
    ],
)
def test_a_header_of_another_length_is_not_taken_for_a_title(text, message, line, tmp_path):
    with pytest.raises(DatasetError, match=message) as caught:
        read(tmp_path, text)
    assert caught.value.line == line


def test_names_of_rows_as_r_writes_them_are_still_understood(tmp_path):
    rows = "".join(f"{k + 1},{k}.5,{'xy'[k % 2]}\n" for k in range(8))
    assert list(read(tmp_path, "a,kind\n" + rows).frame.columns) == ["column_1", "a", "kind"]
    titled = read(tmp_path, "Birds of the islands\na,kind\n" + rows)
    assert list(titled.frame.columns) == ["column_1", "a", "kind"]
    two = "".join(f"{k + 1},{k}.5\n" for k in range(8))
    assert list(read(tmp_path, "a\n" + two).frame.columns) == ["column_1", "a"]


@pytest.mark.parametrize("units", ["m,s,", "[m],,", "m,kg/m²,category", "(mm),(s),-"])
def test_a_row_of_units_is_skipped_and_said(units, tmp_path):
    table = read(tmp_path, f"a,b,kind\n{units}\n" + ROWS)
    assert table.frame["a"].tolist()[:2] == [1.5, 2.5]
    assert table.frame["b"].dtype.kind == "i"
    assert table.line(0) == 3
    assert any(note.startswith("Line 2 under the header holds units") for note in table.notes)


@pytest.mark.parametrize("row", ["u,2,x", "NA,NA,x", "n/a,1,y", "wrong,3,x", "unknown,none,y"])
def test_a_first_row_with_a_slip_or_a_missing_value_is_no_row_of_units(row, tmp_path):
    table = read(tmp_path, f"a,b,kind\n{row}\n" + ROWS)
    assert len(table.frame) == 13
    assert table.line(0) == 2


def test_two_columns_of_one_name_are_refused_with_their_places(tmp_path):
    with pytest.raises(DatasetError, match="two columns are called 'a', number 1 and number 3") as caught:
        read(tmp_path, "# one\na,b,a\n" + ROWS)
    assert caught.value.line == 2


def test_years_name_columns(tmp_path):
    rows = "".join(f"land {k},{k}.5,{k * 3 % 7},{k + 10}\n" for k in range(8))
    assert list(read(tmp_path, "country,1990,1995,2000\n" + rows).frame.columns) == ["country", "1990", "1995", "2000"]
    values = "".join(f"land {k},{k * 7 + 1000},{k * 3 % 7},{k + 10}\n" for k in range(8))
    assert not read(tmp_path, values).dialect.header
    counted = "".join(f"x{k},{k + 1990},{k + 1991},{k + 1992}\n" for k in range(8))
    assert not read(tmp_path, counted).dialect.header


def test_a_table_of_a_statistical_office_is_read_as_it_comes(tmp_path):
    text = (
        '\ufeff"Data Source","Indicators of the world",\r\n\r\n"Last Updated Date","2020-07-01",\r\n\r\n'
        '"Country Name","Country Code","1990","1991","1992",\r\n'
        + "".join(f'"Land, {k}","L{k}","{k}.5","","{k * 1000}",\r\n' for k in range(8))
    )
    table = read(tmp_path, text)
    assert list(table.frame.columns) == ["Country Name", "Country Code", "1990", "1991", "1992"]
    assert table.frame["1992"].tolist() == [k * 1000 for k in range(8)]
    assert table.line(0) == 6
    assert any("Lines 1 to 3 before the table are skipped" in note for note in table.notes)
