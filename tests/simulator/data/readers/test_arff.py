"""ARFF: everything that Weka writes, and SciPy as an oracle."""

import contextlib
import csv
import io

import numpy as np
import pandas as pd
import pytest
import scipy.io.arff
from hypothesis import given
from hypothesis import strategies as st

from simulator.data import open_dataset, read_table
from simulator.errors import DatasetError

HEAD = "@relation t\n@attribute a numeric\n@attribute kind {x, y}\n@data\n"


def written(tmp_path, text, name="t.arff"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def frame(tmp_path, text):
    return read_table(written(tmp_path, text)).frame


def test_a_header_is_read_however_it_is_spelt(tmp_path):
    text = """% a comment
%
@RELATION 'my table'
@Attribute 'bill length' REAL
@attribute "bill depth" Integer [0, 9]
@ATTRIBUTE mass Numeric
@attribute name STRING
@attribute species {Adelie,'Chin strap', "Gentoo"}

@attribute seen DATE "yyyy-MM-dd HH:mm:ss"
@DATA
% another
1.5, 2, 3e3, 'a, b', 'Chin strap', "2007-11-11 10:30:00"
?,?,?,?,?,?

2.5 ,\t3, -4 , c d , Gentoo, '2008-01-01 00:00:00'
"""
    table = read_table(written(tmp_path, text))
    assert list(table.frame) == ["bill length", "bill depth", "mass", "name", "species", "seen"]
    assert table.frame.iloc[0].tolist() == [1.5, 2, 3000, "a, b", "Chin strap", "2007-11-11 10:30:00"]
    assert table.frame.iloc[1].isna().all()
    assert table.frame.iloc[2].tolist() == [2.5, 3, -4, "c d", "Gentoo", "2008-01-01 00:00:00"]
    assert [table.line(row) for row in range(3)] == [13, 14, 16]
    assert "'species' is declared with the categories Adelie, Chin strap, Gentoo." in table.notes


def test_quotes_hold_what_is_escaped(tmp_path):
    text = (
        HEAD.replace("{x, y}", "string")
        + "1,'it\\'s'\n2,\"say \\\"x\\\"\"\n3,'\\u00e4\\n\\\\'\n4,'?'\n5,\"it's\"\n6,''\n"
    )
    assert frame(tmp_path, text)["kind"].tolist()[:3] == ["it's", 'say "x"', "ä\n\\"]


def test_sparse_rows_leave_out_zeros_and_first_categories(tmp_path):
    text = "@relation t\n@attribute a numeric\n@attribute b numeric\n@attribute kind {x, y}\n@data\n"
    text += "{0 1.5, 2 y}\n{}\n{1 -2}\n{0 ?, 1 3, 2 'x'}\n{0 4}, {0.5}\n"
    expected = {"a": [1.5, 0, 0, np.nan, 4], "b": [0, 0, -2, 3, 0], "kind": ["y", "x", "x", "x", "x"]}
    pd.testing.assert_frame_equal(frame(tmp_path, text), pd.DataFrame(expected))


def test_blanks_and_tabs_can_stand_between_cells_and_weights_behind_them(tmp_path):
    text = HEAD + "1\tx\n2 y\n3,x\n4,y,{0.25}\n'5' 'x'\n"
    result = frame(tmp_path, text)
    assert result["a"].tolist() == [1, 2, 3, 4, 5]
    assert result["kind"].tolist() == ["x", "y", "x", "y", "x"]


def test_numbers_are_whole_or_not_as_in_a_csv(tmp_path):
    result = frame(tmp_path, HEAD.replace("{x, y}", "real") + "1,2.0\n3,4\n")
    assert result["a"].dtype == np.int64
    assert result["kind"].dtype == np.float64


def read_by_scipy(text):
    limit = csv.field_size_limit()
    try:
        return scipy.io.arff.loadarff(io.StringIO(text))[0]
    finally:
        csv.field_size_limit(limit)  # it is lifted there for the whole program


NAMES = st.text("abz_9", min_size=1, max_size=5).filter(lambda name: not name.startswith("9"))
NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=32)


@given(
    names=st.lists(NAMES, min_size=2, max_size=4, unique=True),
    rows=st.lists(st.tuples(NUMBERS, NUMBERS, st.sampled_from("pqr"), st.one_of(NUMBERS, st.none())), min_size=1),
)
def test_scipy_reads_the_same(names, rows, tmp_path_factory):
    kinds = ["numeric", "real", "{p, q, r}", "numeric"][: len(names)]
    text = "@relation t\n" + "".join(f"@attribute {n} {k}\n" for n, k in zip(names, kinds, strict=True)) + "@data\n"
    for row in rows:
        text += ",".join("?" if cell is None else str(cell) for cell in row[: len(names)]) + "\n"
    theirs = read_by_scipy(text)
    ours = frame(tmp_path_factory.getbasetemp(), text)
    for name, kind in zip(names, kinds, strict=True):
        if kind.startswith("{"):
            assert ours[name].tolist() == [cell.decode() for cell in theirs[name]]
        else:
            np.testing.assert_array_equal(ours[name], theirs[name])


REFUSED = {
    "no data": ("@relation t\n@attribute a numeric\n", "no line @data", 2),
    "no kind": ("@relation t\n@attribute a\n@data\n", "of the kind ''", 2),
    "an unknown kind": ("@relation t\n@attribute a colour\n@data\n", "of the kind 'colour'", 2),
    "open categories": ("@relation t\n@attribute a {x, y\n@data\n", "categories of 'a' cannot be read", 2),
    "a relation within": ("@relation t\n@attribute a relational\n@data\n", "of the kind 'relational'", 2),
    "something else": ("@relation t\n@attribute a numeric\nhello\n@data\n", "'hello' has no place", 3),
    "too few cells": (HEAD + "1,x\n2\n", "1 cells where there are 2", 6),
    "too many cells": (HEAD + "1,x,3\n", "3 cells where there are 2", 5),
    "no number": (HEAD + "1,x\n\none,y\n", "'one' is no number", 7),
    "an unknown category": (HEAD + "1,x\n2,z\n", "'z' is not among the categories", 6),
    "an open quote": (HEAD + "1,'x\n", "opened and not closed", 5),
    "indices that fall": (HEAD + "{1 x, 0 2}\n", "no entry of a sparse row", 5),
    "an index too high": (HEAD + "{0 1, 7 2}\n", "no entry of a sparse row", 5),
    "a name twice": (HEAD.replace("kind", "a") + "1,x\n", "two columns are called 'a'", 4),
    "one column": ("@relation t\n@attribute a numeric\n@data\n1\n2\n", "only one column", None),
    "no rows": (HEAD, "no row of data", None),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_broken_is_refused_with_its_line(name, tmp_path):
    text, said, line = REFUSED[name]
    with pytest.raises(DatasetError, match=said) as caught:
        read_table(written(tmp_path, text))
    assert caught.value.line == line
    assert caught.value.hint


def test_sparse_rows_without_end_are_refused_before_memory_is_taken(tmp_path):
    text = (
        "@relation t\n" + "".join(f"@attribute a{k} numeric\n" for k in range(15_000)) + "@data\n" + "{0 1}\n" * 7_000
    )
    with pytest.raises(DatasetError, match="cells"):
        read_table(written(tmp_path, text))


@pytest.mark.parametrize("filler", [" ", "\t", "'", "\\'", "{", "1 ", ",", "%", '"', "9"])
def test_a_long_line_of_anything_takes_no_time(filler, tmp_path):
    line = filler * (300_000 // len(filler)) + "x"
    for text in (HEAD + line + "\n", HEAD + "{" + line + "}\n", HEAD.replace("{x, y}", "{" + line + "}") + "1,x\n"):
        with contextlib.suppress(DatasetError):
            assert len(read_table(written(tmp_path, text)).frame) == 1


def test_categories_of_weka_train(tmp_path):
    text = HEAD + "".join(f"{k},{'xy'[k % 2]}\n" for k in range(20))
    assert open_dataset(written(tmp_path, text)).class_names == ("x", "y")
