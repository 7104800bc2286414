"""What a file is taken for: what it holds counts, not what it is called, and a table of text is never mistaken."""

import csv
import gzip
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.data import BUNDLED, read_table
from simulator.data.readers import FORMATS, format_of
from simulator.errors import DatasetError

CALLED = ("table.csv", "table", "table.txt.gz")
ARE = {
    "json": (
        '[{"a": 1, "b": 2},\n {"a": 2, "b": 3}]',
        '{"a": 1, "b": 2}\n{"a": 2, "b": 3}\n',
        '\ufeff\n  {"a": [1, 2], "b": [3, 4]}\n',
        "[[1, 2], [3, 4]]",
        '{"data": [' + '{"a": 1, "b": "x"}, ' * 9000 + '{"a": 2, "b": "y"}]}',
    ),
    "arff": (
        "% birds\n@RELATION birds\n@attribute a numeric\n@attribute b numeric\n@data\n1,2\n3,4\n",
        "\n@relation 'the birds'\n@attribute a {x,y}\n@attribute b real\n@data\nx,1\ny,2\n",
    ),
    "svmlight": ("+1 3:0.5 7:1\n-1 2:1 9:0.25\n", "# by us\n1 qid:1 1:1 2:1 # one\n2 qid:1 1:2 2:12\n"),
}
"""Texts of a format of their own."""

TEXTS = {
    "numbers and times of day": "1 07:30 12:15\n2 08:00 13:45\n" * 9,
    "rows of libsvm's at its beginning alone": "1 1:2 2:3\n" * 60 + "a b c\n" * 30,
    "JSON in its first cell": '{"a": 1};2;x\n{"a": 2};3;y\n',
    "a list of JSON in its first cell": "[[1, 2]]\t2\tx\n[[3, 4]]\t3\ty\n",
    "a line of JSON above it": '{"by": "us"}\na,b,c\n1,2,x\n3,4,y\n',
    "braces in a name": '{"a", "b"},c\n1,2,3\n',
    "brackets in a name": "[[m],[s]\n1,2\n",
    "the letters of Parquet": "PAR1,PAR2,t\n1,2,x\n3,4,y\n",
    "the letters of Arrow": "ARROW1,FEA1,t\n1,2,x\n3,4,y\n",
    "the letters of Parquet's key": "PARENT,b\n1,2\n",
    "the letters of bzip2": "BZh9,b\n1,2\n",
    "the word of a relation": "@relation,@attribute\n1,2\n",
    "the words of SQLite": "SQLite format 3,b\n1,2\n",
}
"""Tables of delimited text that begin like something else."""


def written(tmp_path, text, called):
    path = tmp_path / called
    content = text.encode() if isinstance(text, str) else text
    path.write_bytes(gzip.compress(content) if called.endswith(".gz") else content)
    return path


@pytest.mark.parametrize("called", CALLED)
@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in ARE.items() for text in texts])
def test_a_text_of_another_format_is_read_as_what_it_is(name, text, called, tmp_path):
    path = written(tmp_path, text, called)
    assert format_of(path) == name
    assert len(read_table(path).frame) >= 1


@pytest.mark.parametrize("called", CALLED)
@pytest.mark.parametrize("kind", TEXTS)
def test_a_table_that_begins_like_another_format_is_text(kind, called, tmp_path):
    assert format_of(written(tmp_path, TEXTS[kind], called)) == "text"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"])
@pytest.mark.parametrize("suffix", [".db", ".xlsx", ".npy", ".parquet"])
def test_a_text_under_the_name_of_a_binary_format_is_read_as_text(suffix, encoding, tmp_path):
    table = read_table(written(tmp_path, "größe,b,kind\n1,2.5,x\n2,3.5,y\n".encode(encoding), "table" + suffix))
    assert list(table.frame) == ["größe", "b", "kind"]


@pytest.mark.parametrize("suffix", FORMATS["excel"].suffixes)
def test_a_page_under_the_name_of_a_workbook_is_called_so(suffix, tmp_path):
    path = written(tmp_path, "<html><table><tr><td>1</td></tr></table></html>", "export" + suffix)
    with pytest.raises(DatasetError, match="this is an HTML page under the name of a workbook") as caught:
        read_table(path)
    assert "save it as a real workbook" in caught.value.hint


@pytest.mark.parametrize("name", BUNDLED)
def test_every_bundled_set_is_text(name):
    assert format_of(BUNDLED[name].path) == "text"


cells = st.one_of(
    st.integers(),
    st.floats(),
    st.sampled_from(["NA", "", "Adelie", '{"a": 1}', "[[1]]", "1:2", "7:30", "@relation x", "PAR1", "%", "# a"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=("Cs",)), max_size=12),
)


@settings(max_examples=2 * settings.default.max_examples, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.integers(2, 5).flatmap(
        lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=12)
    ),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_whatever_its_cells_hold_a_table_written_as_csv_is_text(rows, delimiter, encoding, tmp_path):
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows(rows)
    path = tmp_path / "table.csv"
    path.write_bytes(file.getvalue().encode(encoding))
    assert format_of(path) == "text"
