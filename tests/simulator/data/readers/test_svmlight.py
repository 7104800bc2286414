"""libsvm's format, with scikit-learn as an oracle."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.datasets import dump_svmlight_file

from simulator.data import open_dataset, read_table
from simulator.data.readers import format_of, svmlight
from simulator.errors import DatasetError


def written(tmp_path, text, name="t.svm"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


VALUES = st.one_of(st.just(0.0), st.integers(-100_000, 100_000).map(lambda value: value / 64))


@settings(max_examples=30, deadline=None)
@given(
    X=arrays(np.float64, st.tuples(st.integers(1, 6), st.integers(1, 5)), elements=VALUES),
    zero_based=st.booleans(),
    comment=st.sampled_from(["", "written by a test"]),
    seed=st.integers(0, 9),
    with_queries=st.booleans(),
)
def test_what_scikit_learn_writes_is_read(X, zero_based, comment, seed, with_queries, tmp_path_factory):
    X[0, 0] = X[-1, -1] = 1.5  # else nobody could tell how many there are, and from where they count
    y = np.random.default_rng(seed).integers(-1, 3, len(X))
    file = io.BytesIO()
    queries = np.arange(len(X)) // 2 if with_queries else None
    dump_svmlight_file(X, y, file, zero_based=zero_based, comment=comment or None, query_id=queries)
    table = read_table(written(tmp_path_factory.getbasetemp(), file.getvalue()))
    frame = table.frame
    np.testing.assert_array_equal(frame.pop("label"), y)
    if queries is not None:
        np.testing.assert_array_equal(frame.pop("qid"), queries)
    assert list(frame) == [f"x{place + 1}" for place in range(X.shape[1])]
    np.testing.assert_array_equal(frame.to_numpy(), X)


def test_a_file_without_suffix_is_recognised_and_trains(tmp_path):
    path = written(tmp_path, "".join(f"{(-1) ** k:+d} 3:1 {11 + k % 2}:0.5 {20 + k}:1 \n" for k in range(20)), "a9a")
    assert format_of(path) == "svmlight"
    data = open_dataset(path, target="label")
    assert data.class_names == ("1", "-1")
    assert data.table.shape == (20, 40)


def test_times_and_ratios_in_a_table_of_blanks_are_not_mistaken(tmp_path):
    assert (
        format_of(written(tmp_path, "day time\n" + "".join(f"{k} 12:{k + 10}\n" for k in range(9)), "t.txt")) == "text"
    )
    assert format_of(written(tmp_path, "".join(f"{k} 12:{k + 10}\n" for k in range(9)), "t.txt")) == "text"


def test_lines_are_known_behind_comments_and_empty_lines(tmp_path):
    table = read_table(written(tmp_path, "# a comment\n1 1:2 2:3\n\n0 2:1 # end\n0\n"))
    assert [table.line(row) for row in range(3)] == [2, 4, 5]
    np.testing.assert_array_equal(table.frame, [[1, 2, 3], [0, 0, 1], [0, 0, 0]])


REFUSED = {
    "a colon too many": ("1 1:2\n0 1:2:3\n", "'1:2:3' is not of libsvm's format", 2),
    "a blank beside a colon": ("1 1:2\n0 1 :2\n", "'1' is not of libsvm's format", 2),
    "no value": ("1 1:2\n0 2\n", "'2' is not of libsvm's format", 2),
    "no number": ("1 1:2\n0 2:x\n", "'2:x' is not of libsvm's format", 2),
    "no label": ("1 1:2\nx 1:2\n", "'x' is not of libsvm's format", 2),
    "several labels": ("1 1:2\n1,2 1:2\n", "several labels, '1,2'", 2),
    "indices that fall": ("1 1:2\n1 2:1 1:1\n", "do not rise", 2),
    "one index twice": ("1 1:2 1:3\n", "do not rise", 1),
    "an index below zero": ("1 -1:2\n", "do not rise|not of libsvm", 1),
    "an index of many digits": ("1 1:2 " + "9" * 5000 + ":1\n", "not of libsvm's format", 1),
    "too high an index": ("1 1:2\n1 99999999:1\n", "a feature 99,999,999", 2),
    "a query in some rows only": ("1 qid:1 1:2\n1 1:2\n", "not of libsvm's format", 2),
    "labels alone": ("1\n0\n", "only one column", None),
    "comments alone": ("# nothing\n", "no row", None),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_broken_is_refused_with_its_line(name, tmp_path):
    text, said, line = REFUSED[name]
    with pytest.raises(DatasetError, match=said) as caught:
        read_table(written(tmp_path, text))
    assert caught.value.line == line
    assert caught.value.hint


def test_a_table_that_zeros_would_make_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(svmlight, "MOST_CELLS", 100_000)
    text = "1 1:1 9999:1\n" + "1 1:1\n" * 20
    with pytest.raises(DatasetError, match="100,000 numbers"):
        read_table(written(tmp_path, text))


def test_chunks_are_joined(tmp_path):
    text = "".join(f"{k % 2} " + " ".join(f"{place}:{k}" for place in range(1, 12)) + "\n" for k in range(20_000))
    frame = read_table(written(tmp_path, text)).frame
    np.testing.assert_array_equal(frame["x11"], np.arange(20_000))
