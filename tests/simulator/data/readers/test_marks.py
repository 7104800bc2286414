"""Marks between thousands and before decimals: read where the cells leave no doubt, left as texts where they do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.data import RecipeChoices, open_dataset, read_table
from simulator.errors import ConfigError

ROWS = 20


def read(tmp_path, columns, delimiter=";", **choices):
    """Read a table whose columns are given as cells, with a header, and with a last column of two classes."""
    path = tmp_path / "table.csv"
    rows = max(map(len, columns.values()))
    lines = [delimiter.join((*columns, "kind"))]
    for k in range(rows):
        cells = [
            f'"{cell}"' if delimiter in cell else cell for cell in (each[k % len(each)] for each in columns.values())
        ]
        lines.append(delimiter.join((*cells, "xy"[k % 2])))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_table(path, choices=RecipeChoices(**choices))


def spelt(value, thousands, decimal, decimals=2):
    return f"{value:,.{decimals}f}".replace(",", "\0").replace(".", decimal).replace("\0", thousands)


VALUES = [1234.5 * (k + 1) * (-1) ** k for k in range(ROWS)] + [0.25, 12.75, 1e6, 123456789.5]
SPELLINGS = [(",", "."), (".", ","), ("'", "."), ("’", "."), (" ", ","), (" ", "."), ("\u00a0", ","), ("\u202f", ",")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(("thousands", "decimal"), SPELLINGS, ids=repr)
def test_marks_that_leave_no_doubt_are_recognised_and_said(thousands, decimal, delimiter, tmp_path):
    table = read(tmp_path, {"a": [spelt(value, thousands, decimal) for value in VALUES]}, delimiter)
    assert table.frame["a"].tolist() == VALUES
    mark = {"’": "'", "\u00a0": " ", "\u202f": " "}.get(thousands, thousands)
    assert (table.dialect.thousands, table.dialect.decimal) == (mark, decimal)
    assert table.dialect.delimiter == delimiter
    assert "between thousands" in table.notes[0]


WHOLE = [f"{k + 1},{k * 37 % 900 + 100}" for k in range(ROWS)]
SMALL = ["7", "12", "999", "0"]
POINT, COMMA = ["0.5", "12.25", "3.75"], ["0,5", "12,25", "3,75"]


def points(cells):
    return [cell.replace(",", ".") for cell in cells]


THOUSANDS = [float(cell.replace(",", "")) for cell in WHOLE]
DECIMALS = [float(cell.replace(",", ".")) for cell in WHOLE]
CLEAR = {
    "two groups": ({"a": [*WHOLE, "1,234,567"]}, [*THOUSANDS, 1234567]),
    "two groups of points": ({"a": [*points(WHOLE), "1.234.567"]}, [*THOUSANDS, 1234567]),
    "the other mark in the same column": ({"a": [*WHOLE, "12.5"]}, [*THOUSANDS, 12.5]),
    "the other mark in the same column, European": ({"a": [*points(WHOLE), "12,5"]}, [*THOUSANDS, 12.5]),
    "another column with that mark": ({"a": WHOLE, "b": ["1,234.5", "2.5"]}, THOUSANDS),
    "another column with two groups": ({"a": points(WHOLE), "b": ["1.234.567", "2"]}, THOUSANDS),
    "small whole numbers beside, and decimals elsewhere": (
        {"a": [*WHOLE, *SMALL], "b": POINT}, [*THOUSANDS, *map(float, SMALL)]
    ),
    "the same in European": ({"a": [*points(WHOLE), *SMALL], "b": COMMA}, [*THOUSANDS, *map(float, SMALL)]),
    "what a later column shows": ({"a": WHOLE, "c": [*WHOLE, *SMALL], "b": POINT}, THOUSANDS),
    "three decimals, among shorter ones": ({"a": [*WHOLE, "1,5"]}, [*DECIMALS, 1.5]),
    "three decimals, and a zero before the mark": ({"a": [*WHOLE, "0,123"]}, [*DECIMALS, 0.123]),
    "three decimals, and commas elsewhere": ({"a": WHOLE, "b": COMMA}, DECIMALS),
    "three decimals after a point, and points elsewhere": ({"a": points(WHOLE), "b": POINT}, DECIMALS),
    "a number of four digits before the point": ({"a": [*points(WHOLE), "1234.567"]}, [*DECIMALS, 1234.567]),
}  # fmt: skip


@pytest.mark.parametrize("kind", list(CLEAR))
def test_a_column_is_read_where_the_cells_say_what_a_mark_means(kind, tmp_path):
    columns, values = CLEAR[kind]
    frame = read(tmp_path, columns).frame
    np.testing.assert_array_equal(frame["a"].to_numpy()[: len(values)], values)


DOUBTFUL = {
    "three digits after every comma": {"a": WHOLE},
    "three digits after every point": {"a": points(WHOLE)},
    "commas where points are decimal marks elsewhere": {"a": WHOLE, "b": POINT},
    "points where commas are decimal marks elsewhere": {"a": points(WHOLE), "b": COMMA},
    "small whole numbers beside, but too few": {"a": [*WHOLE[:3], *SMALL], "b": POINT},
    "large whole numbers without a mark beside": {"a": [*WHOLE, *SMALL, "12345"], "b": POINT},
    "both marks for both": {"a": [*points(WHOLE), "1,5", "1.25"], "b": COMMA},
    "both marks between thousands": {"a": ["1,234,567", "1.234.567"], "b": POINT},
    "an apostrophe and a comma": {"a": ["1'234", "1,234"], "b": POINT},
}


@pytest.mark.parametrize("delimiter", [";", "\t"])
@pytest.mark.parametrize("kind", list(DOUBTFUL))
def test_a_column_in_doubt_stays_as_it_is_and_that_is_said(kind, delimiter, tmp_path):
    table = read(tmp_path, DOUBTFUL[kind], delimiter)
    cells = DOUBTFUL[kind]["a"]
    assert table.frame["a"].tolist()[: len(cells)] == cells
    assert any("'a'" in note and "left as text" in note for note in table.notes)


@pytest.mark.parametrize(
    ("cells", "mark", "value"),
    [
        (WHOLE, ",", 1100.0),
        (points(WHOLE), ".", 1100.0),
        (WHOLE, "", 1.1),
        (points(WHOLE), "", 1.1),
        (WHOLE, "'", 1.1),
        (points(WHOLE), " ", 1.1),
    ],
)
def test_the_users_word_settles_what_a_mark_means(cells, mark, value, tmp_path):
    table = read(tmp_path, {"a": cells}, thousands=mark)
    assert table.frame["a"].iloc[0] == value
    assert table.dialect.thousands == mark
    assert not any("left as text" in note for note in table.notes)


def test_a_decided_decimal_mark_settles_it_too(tmp_path):
    assert read(tmp_path, {"a": WHOLE}, decimal=",").frame["a"].tolist() == DECIMALS
    assert read(tmp_path, {"a": points(WHOLE)}, decimal=".").frame["a"].tolist() == DECIMALS


def test_one_mark_cannot_be_both(tmp_path):
    with pytest.raises(ConfigError, match="thousands mark cannot be the decimal mark"):
        read(tmp_path, {"a": WHOLE}, decimal=",", thousands=",")


def test_evidence_behind_the_first_rows_corrects_the_decimal_mark(tmp_path):
    late = [*points(WHOLE) * 100, "1.234.567"]
    table = read(tmp_path, {"a": late, "b": points(WHOLE) * 100}, ";")
    assert table.dialect.decimal == ","
    assert table.frame["b"].iloc[0] == 1100
    assert table.frame["a"].iloc[-1] == 1234567
    dotted = read(tmp_path, {"a": late, "b": points(WHOLE) * 100}, ",")
    assert dotted.frame["b"].iloc[0] == 1100


def test_thousands_that_come_late_are_read(tmp_path):
    frame = read(tmp_path, {"a": [*(["12.5", "3"] * 2000), "1,234.5"], "b": ["1.5"]}, ",").frame
    assert frame["a"].iloc[-1] == 1234.5
    assert frame["a"].iloc[0] == 12.5


@pytest.mark.parametrize(
    "cells",
    [
        ["1.2.3", "1.2.4"],
        ["12.01.2020", "13.01.2020"],
        ["1,23,456", "2,34,567"],
        ["01,234", "02,345"],
        ["1,234,", "2,345,"],
        ["1'23", "2'34"],
        ["192.168.0.1", "192.168.0.2"],
        ["1 2", "3 4"],
        ["1,234 kg", "2,345 kg"],
    ],
)
def test_what_only_looks_like_grouped_numbers_stays_a_text(cells, tmp_path):
    assert read(tmp_path, {"a": cells * 6, "b": POINT}).frame["a"].tolist()[:2] == cells


def test_the_minus_sign_of_printed_tables_is_understood(tmp_path):
    frame = read(tmp_path, {"a": ["\u22121.5", "2.5"], "b": ["\u22121,234.5", "1"]}).frame
    assert frame["a"].tolist() == [-1.5, 2.5]
    assert frame["b"].tolist() == [-1234.5, 1.0]


def test_empty_cells_among_grouped_numbers_are_missing(tmp_path):
    frame = read(tmp_path, {"a": ["1,234.5", "", "NA", "unknown", "2"]}).frame
    np.testing.assert_array_equal(frame["a"], [1234.5, np.nan, np.nan, np.nan, 2])


def test_whole_numbers_of_many_digits_are_rounded_and_that_is_said(tmp_path):
    big = [str(2**53 + 3), "1"]
    table = read(tmp_path, {"a": big, "b": [str(2**64 - 1), "2"], "c": ["12,345,678,901,234,567,890", "3"]})
    assert table.frame["a"].dtype == np.int64
    assert table.frame["b"].dtype == np.float64
    assert table.frame["c"].iloc[0] == 12345678901234567890.0
    assert [note.split("'")[1] for note in table.notes if "more than 15 digits" in note] == ["c", "a", "b"]


numbers = st.lists(
    st.one_of(
        st.integers(-(10**9), 10**9).map(float),
        st.floats(-1e9, 1e9).map(lambda value: round(value, 3)),
        st.sampled_from([1234.0, 1.234, 999.0, 0.5]),
    ),
    min_size=3,
    max_size=12,
)


@given(
    first=numbers,
    second=numbers,
    spelling=st.sampled_from(SPELLINGS),
    delimiter=st.sampled_from([",", ";", "\t"]),
    decimals=st.sampled_from([0, 2, 3]),
)
def test_no_number_is_ever_wrong_by_a_factor_of_a_thousand(
    first, second, spelling, delimiter, decimals, tmp_path_factory
):
    thousands, decimal = spelling
    columns = {
        "a": [spelt(value, thousands, decimal, decimals) for value in first],
        "b": [spelt(value, thousands, decimal, decimals) for value in second],
    }
    points_only = thousands == "." and delimiter == ","  # a comma cannot be the decimal mark there, so the point is
    frame = read(tmp_path_factory.mktemp("marks"), columns, delimiter).frame
    for name, values in (("a", first), ("b", second)):
        if frame[name].dtype.kind in "iuf" and not points_only:
            expected = [round(value, decimals) for value in np.resize(values, len(frame))]
            np.testing.assert_allclose(frame[name], expected, atol=1.01 * 10.0**-decimals)


def test_grouped_numbers_make_a_data_set(tmp_path):
    path = tmp_path / "towns.csv"
    path.write_text("people,area,kind\n" + "".join(f'"{k + 1},{k:03}.5",{k}.25,{"xy"[k % 2]}\n' for k in range(30)))
    data = open_dataset(path)
    assert data.feature_names == ("people", "area")
    assert data.table["people"].iloc[2] == 3002.5
