"""Reading delimited text: what is recognised, and how a broken file is refused."""

import gzip
import os
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator.data import RecipeChoices, open_dataset, read_table
from simulator.errors import ConfigError, DatasetError
from simulator.progress import Cancelled, Progress

ROWS = [(round(k * 0.37 + k % 7, 2), k % 5 + 0.5, "xy"[k % 2]) for k in range(30)]
HEADER = ("length", "width", "kind")


def spelt(delimiter=",", decimal=".", header=HEADER, end="\n"):
    lines = [delimiter.join(header)] if header else []
    lines += [delimiter.join((str(a).replace(".", decimal), str(b).replace(".", decimal), c)) for a, b, c in ROWS]
    return "".join(line + end for line in lines)


def written(tmp_path, content, name="table.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def frame_of(header=HEADER):
    return pd.DataFrame(ROWS, columns=list(header))


DIALECTS = [
    (delimiter, decimal) for delimiter in (",", ";", "\t", "|", " ") for decimal in (".", ",") if delimiter != decimal
]


@pytest.mark.parametrize("header", [HEADER, None], ids=["with a header", "without a header"])
@pytest.mark.parametrize(("delimiter", "decimal"), DIALECTS, ids=lambda mark: repr(mark))
def test_delimiter_decimal_mark_and_header_are_recognised(delimiter, decimal, header, tmp_path):
    table = read_table(written(tmp_path, spelt(delimiter, decimal, header)))
    assert (table.dialect.delimiter, table.dialect.decimal) == (delimiter, decimal)
    assert table.dialect.header == (header is not None)
    pd.testing.assert_frame_equal(table.frame, frame_of(header or ("column_1", "column_2", "column_3")))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_encoding_and_packing_are_recognised(encoding, packed, tmp_path):
    content = spelt(header=("Länge", "Größe", "kind")).encode(encoding)
    table = read_table(written(tmp_path, gzip.compress(content) if packed else content))
    pd.testing.assert_frame_equal(table.frame, frame_of(("Länge", "Größe", "kind")))


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_any_end_of_line_is_understood(end, tmp_path):
    pd.testing.assert_frame_equal(read_table(written(tmp_path, spelt(end=end))).frame, frame_of())


def test_an_encoding_that_shows_late_is_found(tmp_path):
    text = spelt() + "1.5,2.5,x\n" * 60_000 + "1.5,2.5,ä\n" * 2
    table = read_table(written(tmp_path, text.encode("cp1252")))
    assert table.frame["kind"].iloc[-1] == "ä"
    assert table.dialect.encoding == "cp1252"


def test_a_column_that_changes_its_mind_late_is_read_as_it_is_spelt(tmp_path):
    body = "".join(f"{k % 10:03},{k},{k % 2}\n" for k in range(400_000))
    frame = read_table(written(tmp_path, "code,n,t\n" + body + "A7,1,1\n")).frame
    assert frame["code"].iloc[0] == "000"
    assert frame["code"].iloc[-1] == "A7"
    assert frame["n"].dtype == np.int64
    assert len(frame) == 400_001


def test_whole_numbers_become_decimals_where_a_late_one_is_missing(tmp_path):
    body = "".join(f"{k},{k % 2}\n" for k in range(600_000))
    frame = read_table(written(tmp_path, "n,t\n" + body + "NA,1\n0.5,1\n")).frame
    assert frame["n"].iloc[599_999] == 599_999
    assert np.isnan(frame["n"].iloc[-2])
    assert frame["n"].iloc[-1] == 0.5


def test_all_ways_to_say_that_a_value_is_missing_are_understood(tmp_path):
    marks = ["", "NA", "N/A", "nan", "NaN", "null", "NULL", "?", "-", "--", "#N/A", " na ", '""', "none", "."]
    text = "a,b,t\n" + "".join(f"{mark},{k},x\n{k}.5,2.5,{'xy'[k % 2]}\n" for k, mark in enumerate(marks))
    data = open_dataset(written(tmp_path, text), target="t")
    assert data.table["a"].isna().sum() == len(marks)
    assert [each.line for each in data.report.dropped] == list(range(2, 2 + 2 * len(marks), 2))


def test_none_and_unknown_are_categories_among_texts(tmp_path):
    text = "a,t\n" + "none,1\nunknown,0\nsome,1\n" * 5
    assert open_dataset(written(tmp_path, text)).feature_names == ("a=none", "a=unknown", "a=some")


def test_quotes_hold_delimiters_quotes_and_line_ends(tmp_path):
    text = "a,kind\n" + '1.5,"one, ""two"""\n2.5,"three\nfour"\n' * 10 + "NA,x\n"
    table = read_table(written(tmp_path, text))
    assert table.frame["kind"].tolist()[:2] == ['one, "two"', "three\nfour"]
    assert [table.line(row) for row in (0, 1, 2, 3, 20)] == [2, 3, 5, 6, 32]


def test_empty_lines_do_not_disturb_the_count_of_lines(tmp_path):
    text = "\n\n" + spelt().replace("\n", "\n\n", 5) + "NA,1,x\n"
    data = open_dataset(written(tmp_path, text))
    assert data.report.dropped[0].line == text.count("\n")


def test_decimals_are_read_to_the_last_bit(tmp_path):
    values = np.exp(np.random.default_rng(0).normal(size=500) * 50)
    text = "a,b,t\n" + "".join(f"{value!r},{k},{k % 2}\n" for k, value in enumerate(values.tolist()))
    np.testing.assert_array_equal(read_table(written(tmp_path, text)).frame["a"].to_numpy(), values)


def test_twenty_digits_are_rounded_and_the_report_says_so(tmp_path):
    text = "n,b,kind\n" + "".join(f"{98765432109876543210 + k % 3 * 10**19},{k % 7},{'xy'[k % 2]}\n" for k in range(20))
    data = open_dataset(written(tmp_path, text))
    assert data.table["n"].iloc[0] == float(98765432109876543210)
    assert "Column 'n' holds numbers with more than 15 digits; they are rounded." in data.report.sentences


@pytest.mark.slow
@pytest.mark.parametrize("count", [2_000, 10_000])
def test_thousands_of_columns_are_read(count, tmp_path):
    values = np.random.default_rng(0).normal(size=(12, count)).round(3)
    text = ",".join(f"c{k}" for k in range(count)) + ",kind\n"
    text += "".join(",".join(map(str, row)) + f",{'xy'[k % 2]}\n" for k, row in enumerate(values.tolist()))
    assert open_dataset(written(tmp_path, text)).recipe.inputs == count


def test_quoted_thousands_are_not_taken_for_decimals(tmp_path):
    text = "a,b,kind\n" + "".join(f'"{k + 1},{k * 7 % 900 + 100}",{k}.5,{"xy"[k % 2]}\n' for k in range(20))
    frame = read_table(written(tmp_path, text)).frame
    assert frame["a"].iloc[0] == "1,100"
    assert frame["b"].iloc[3] == 3.5


def test_a_text_with_other_delimiters_in_it_does_not_mislead(tmp_path):
    for delimiter, inner in ((",", ";"), (";", ","), ("\t", ", "), ("|", ";"), (",", " ")):
        quote = '"' if inner == delimiter else ""
        lines = [delimiter.join((f"{k}.5", f"{quote}egg{inner}{k % 2}{quote}", "xy"[k % 2])) for k in range(20)]
        table = read_table(written(tmp_path, delimiter.join(HEADER) + "\n" + "\n".join(lines)))
        assert table.dialect.delimiter == delimiter
        assert table.frame["width"].iloc[1] == f"egg{inner}1"


def test_the_users_word_goes_before_recognition(tmp_path):
    text = "1|a,b|2\n3|c,d|4\n" * 5
    table = read_table(written(tmp_path, text), choices=RecipeChoices(delimiter=",", header=False))
    assert table.frame.shape == (10, 2)
    with_header = read_table(written(tmp_path, "1,2\n3,4\n5,6\n"), choices=RecipeChoices(header=True))
    assert list(with_header.frame.columns) == ["1", "2"]


BODY = spelt(header=None)
BROKEN = {
    "empty": ("", "the file is empty", None),
    "blank": (" \n\n", "the file is empty", None),
    "quotes around nothing": ('""\n""\n', "there are only empty rows", 1),
    "a header only": ("a,b,c\n", "no row of data", 1),
    "one row": ("1,2,3\n", "only one row", None),
    "a row too short": (spelt() + "1,2\n", "the row has 2 cells where there are 3 columns", 32),
    "a row too long": (spelt() + "1,2,x,4\n" + BODY, "the row has 4 cells where there are 3 columns", 32),
    "a first row too long": ("a,b,c\n1,2,x,4\n" + BODY, "the row has 4 cells", 2),
    "a short row after an empty line": (spelt() + "\n1,2\n", "the row has 2 cells", 33),
    "a quote that stays open": (spelt() + '1,2,"x\n' + BODY, "a quotation mark is opened and never closed", 32),
    "a quote that stays open for long": (spelt() + '1,2,"x\n' + BODY * 900, "more than 131,072 characters", 32),
    "a page": ("<!DOCTYPE html><html><p>1,2</p></html>", "this is an HTML page", 1),
    "a document": ("<?xml version='1.0'?><a>1,2</a>", "this is an XML document", 1),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "this is a PNG picture", None),
    "a zip archive cut short": (b"PK\x03\x04" + bytes(100), "the packed file is damaged", None),
    "bytes": (bytes(range(256)) * 4, "binary data", None),
    "bytes without a zero": (bytes(range(1, 256)) * 4, "binary data", None),
    "a NUL": (spelt().encode() + b"1,2,\0\n", "NUL character", 32),
    "half a character of UTF-16": (spelt().encode("utf-16")[:-1], "no text in UTF-16", None),
    "packed and cut off": (gzip.compress(spelt().encode())[:-12], "cut off", None),
    "packed and damaged": (b"\x1f\x8b\x08\x00" + b"abc" * 50, "damaged|cannot be read", None),
    "packed without end": (gzip.compress(b"1,2\n" * 12_000_000), "300 times as large", None),
    "an infinite number": (spelt() + "inf,2,x\n", "'length' holds an infinite number", 32),
    "a number beyond all bounds": (spelt() + "1e999,2,x\n", "'length' holds an infinite number", 32),
    "numbers too large to square": ("a,b\n" + "".join(f"{k}e307,{k % 2}\n" for k in range(1, 15)), "too large", None),
    "one name twice": ("a,a,c\n" + BODY, "two columns are called 'a'", 1),
    "a column without values": ("a,b,c\n" + "1.5,,x\n2.5,,y\n" * 9, "'b' has no values", None),
    "a target without values": ("a,b,target\n" + "1.5,1,\n2.5,2,\n" * 9, "no values", None),
    "one class": ("a,b,species\n" + "1.5,1,x\n2.5,2,x\n" * 9, "one class only, 'x'", None),
    "one class in the last column": ("a,b,c\n" + "1.5,1,x\n2.5,2,x\n" * 9, "one class only, 'x'", None),
    "one class once rows are dropped": (
        "a,b,species\n" + "1.5,1,x\nNA,2,y\n" * 9 + "2.5,1,x\n", "one class only once rows", None
    ),
    "a class for every row": (
        "a,b,species\n" + "".join(f"{k},{k * k % 7},n{k}\n" for k in range(20)),
        "a class of its own for every row",
        None,
    ),
    "a slip in the target": (
        "a,b,c\n" + "".join(f"{k},{k % 7},{k / 4}\n" for k in range(30)) + "1,1,1o\n",
        "'1o' in the column 'c' is no number",
        32,
    ),
    "one column": ("a\n1\n2\n", "only one column", 1),
    "too many columns": (",".join(["a"] * 30_000) + "\n", "30,000 columns", 1),
    "a line without end": ("a," * 2_500_000, "longer than four million", None),
    "a cell without end": ("a" * 200_000 + ",b\n1,2\n", "more than 131,072 characters", 1),
    "every row lacks something": ("a,b,c\n" + "1.5,,x\n,2.5,y\n3.5,,x\n,4.5,y\n" * 9, "0 rows are left", None),
}  # fmt: skip


@pytest.mark.parametrize("kind", list(BROKEN))
def test_a_broken_file_is_refused_with_path_line_and_hint(kind, tmp_path):
    content, said, line = BROKEN[kind]
    path = written(tmp_path, content)
    with pytest.raises(DatasetError, match=said) as caught:
        open_dataset(path)
    assert caught.value.path == path
    assert caught.value.line == line
    assert caught.value.hint


def test_a_column_without_values_can_be_ignored(tmp_path):
    assert open_dataset(written(tmp_path, "a,b,c\n" + "1.5,,x\n2.5,,y\n" * 9), ignore="b").feature_names == ("a",)


def test_an_infinite_number_in_an_ignored_column_does_no_harm(tmp_path):
    assert open_dataset(written(tmp_path, spelt() + "inf,2,x\n"), ignore="length").feature_names == ("width",)


def test_a_folder_a_device_and_an_odd_name_are_refused(tmp_path):
    for path in (tmp_path, Path(os.devnull), "a\0b", "x" * 5000):
        with pytest.raises(DatasetError) as caught:
            open_dataset(path)
        assert caught.value.hint


@pytest.mark.skipif(sys.platform == "win32", reason="modes of files mean little there")
def test_a_file_that_may_not_be_read_is_refused():
    folder = Path(tempfile.mkdtemp())
    try:
        folder.chmod(0o755)
        path = written(folder, spelt())
        path.chmod(0)
        administrator = os.geteuid() == 0
        if administrator:  # who may read everything, so that another user has to ask
            os.seteuid(65534)
        try:
            with pytest.raises(DatasetError, match="you may not read this file") as caught:
                open_dataset(path)
        finally:
            if administrator:
                os.seteuid(0)
        assert caught.value.hint.startswith("Ask for permission")
    finally:
        shutil.rmtree(folder)


def test_a_choice_that_is_no_delimiter_is_refused():
    with pytest.raises(ConfigError, match="delimiter"):
        open_dataset("iris", delimiter="x")


def test_looking_at_many_texts_can_be_cancelled(tmp_path):
    rows = "".join(f'"{k:,}.5",{k % 7},{"xy"[k % 2]}\n' for k in range(1, 60_000))
    path = written(tmp_path, "a,b,kind\n" + rows)
    progress = Progress(lambda fraction, text: progress.cancel() if text == "looking at the texts" else None)
    with pytest.raises(Cancelled):
        read_table(path, progress)
