"""JSON in all its shapes, and how what is none is refused."""

import json
import sys

import numpy as np
import pandas as pd
import pytest

from simulator.data import RecipeChoices, read_table
from simulator.errors import DatasetError

RECORDS = [{"n": k, "x": k + 0.5, "kind": "ab"[k % 2]} for k in range(6)]
FRAME = pd.DataFrame(RECORDS)


def written(tmp_path, value, name="t.json"):
    path = tmp_path / name
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


SHAPES = {
    "records": RECORDS,
    "columns": FRAME.to_dict("list"),
    "columns of rows by name": json.loads(FRAME.to_json(orient="columns")),
    "a wrapping": {"data": RECORDS},
    "a wrapping with more": {"name": "birds", "count": 6, "rows": RECORDS},
    "split": json.loads(FRAME.to_json(orient="split")),
    "table": json.loads(FRAME.to_json(orient="table", index=False)),
    "rows under names": [list(FRAME), *FRAME.to_numpy().tolist()],
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("indent", [None, 2])
def test_every_shape_is_the_same_table(shape, indent, tmp_path):
    table = read_table(written(tmp_path, json.dumps(SHAPES[shape], indent=indent)))
    pd.testing.assert_frame_equal(table.frame, FRAME)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_encodings_are_recognised(encoding, tmp_path):
    path = tmp_path / "t.json"
    path.write_bytes(json.dumps([{"größe": 1, "k": "ä"}, {"größe": 2, "k": "ö"}], ensure_ascii=False).encode(encoding))
    assert read_table(path).frame["k"].tolist() == ["ä", "ö"]


def test_rows_without_names_get_some(tmp_path):
    frame = read_table(written(tmp_path, [[1, "x"], [2, "y"]])).frame
    assert list(frame) == ["column_1", "column_2"]
    assert frame["column_1"].tolist() == [1, 2]


def test_json_lines_are_recognised_and_know_their_lines(tmp_path):
    text = "\n".join(json.dumps(each) for each in RECORDS).replace("\n", "\n\n", 1)
    for name in ("t.jsonl", "t.json", "t.ndjson"):
        table = read_table(written(tmp_path, text, name))
        pd.testing.assert_frame_equal(table.frame, FRAME)
        assert [table.line(row) for row in range(3)] == [1, 3, 4]


def test_json_lines_of_rows_are_read_with_their_names(tmp_path):
    text = "\n".join(json.dumps(each) for each in SHAPES["rows under names"])
    table = read_table(written(tmp_path, text, "t.jsonl"))
    pd.testing.assert_frame_equal(table.frame, FRAME)
    assert table.line(0) == 2


def test_many_records_come_in_chunks_and_late_names_are_filled_in(tmp_path):
    text = "".join(json.dumps({"a": k, "b": k % 3}) + "\n" for k in range(45_000)) + '{"a": 1.5, "late": "x"}\n'
    frame = read_table(written(tmp_path, text, "t.jsonl")).frame
    assert frame["a"].iloc[-1] == 1.5
    assert frame["a"].iloc[44_999] == 44_999
    assert np.isnan(frame["b"].iloc[-1])
    assert frame["late"].isna().sum() == 45_000


def test_nested_objects_are_flattened_and_what_lies_deeper_is_left_out_and_said(tmp_path):
    records = [
        {"id": k, "size": {"bill": {"length": k * 1.5, "deep": {"er": 1}}, "mass": k}, "tags": ["a"]} for k in range(3)
    ]
    table = read_table(written(tmp_path, records))
    assert list(table.frame) == ["id", "size.bill.length", "size.mass"]
    assert "'size.bill.deep' holds objects and is left out." in table.notes
    assert "'tags' holds lists and is left out." in table.notes


def test_null_truths_and_hidden_numbers(tmp_path):
    text = '[{"a": null, "b": true, "c": "1.5", "d": NaN}, {"a": 1, "b": false, "c": "2", "d": 2}, {"c": 3, "d": 1e2}]'
    frame = read_table(written(tmp_path, text)).frame
    np.testing.assert_array_equal(frame["a"], [np.nan, 1, np.nan])
    assert frame["b"].tolist()[:2] == ["True", "False"]
    np.testing.assert_array_equal(frame["c"], [1.5, 2, 3])
    np.testing.assert_array_equal(frame["d"], [np.nan, 2, 100])


def test_numbers_beyond_all_bounds_are_infinite_or_rounded_and_said(tmp_path):
    long = "9" * 100_000
    table = read_table(written(tmp_path, f'[{{"a": {long}, "b": 98765432109876543210}}, {{"a": -1, "b": -Infinity}}]'))
    np.testing.assert_array_equal(table.frame["a"], [np.inf, -1])
    np.testing.assert_array_equal(table.frame["b"], [98765432109876543210.0, -np.inf])
    table = read_table(written(tmp_path, '[{"a": 1, "b": 98765432109876543210}, {"a": -1, "b": 3}]'))
    assert "Column 'b' holds numbers with more than 15 digits; they are rounded." in table.notes


def test_several_tables_in_one_object_are_sheets(tmp_path):
    path = written(tmp_path, {"train": RECORDS, "about": "x", "test": RECORDS[:2]})
    table = read_table(path)
    assert (table.sheets, table.sheet, len(table.frame)) == (("train", "test"), "train", 6)
    assert len(read_table(path, choices=RecipeChoices(sheet="test")).frame) == 2
    with pytest.raises(DatasetError, match="no list of records called 'dev'"):
        read_table(path, choices=RecipeChoices(sheet="dev"))


DEEP = 200_000
REFUSED = {
    "cut off": ('[{"a": 1, "b": 2},\n{"a": 1', "no JSON", 2),
    "a list without end": ('[{"a": 1, "b": 2},\n{"a": 1, "b": 2}', "never ends", 2),
    "no comma": ('[{"a": 1, "b": 2}\n{"a": 1, "b": 2}]', "a comma missing", 2),
    "a comma too many": ('[{"a": 1, "b": 2},\n]', "comma", 2),
    "more behind": ('[{"a": 1, "b": 2}]\n}', "more after its end", 2),
    "nested without end": ("[" * DEEP, "nested too deep", None),
    "objects nested without end": ('{"a":' * DEEP, "nested too deep", None),
    "nested within a record": ('[{"a": ' + "[" * DEEP + "]" * DEEP + "}]", "nested too deep", None),
    "a name twice": ('[{"a": 1, "b": 2, "a": 3}]', "two values called 'a'", None),
    "a name twice once it is flat": ('[{"a": {"b": 1}, "a.b": 2}]', "two values called 'a.b'", None),
    "a record that is none": ('[{"a": 1, "b": 2}, 3]', "record 2 is no object but a number", None),
    "rows of other lengths": ("[[1, 2], [3, 4, 5]]", "has not 2 cells", None),
    "columns of other lengths": ('{"a": [1, 2], "b": [1]}', "'b' has 1 cells", None),
    "one column": ('[{"a": 1}, {"a": 2}]', "only one column", None),
    "no rows": ("[]", "no row", None),
    "empty records": ("[{}, {}]", "no row|only one column", None),
    "an object of nothing": ('{"a": 1}', "holds no table", None),
    "empty columns": ('{"a": [], "b": []}', "no row", None),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_table_is_refused(name, tmp_path):
    text, said, line = REFUSED[name]
    with pytest.raises(DatasetError, match=said) as caught:
        read_table(written(tmp_path, text))
    assert caught.value.line == line or line is None
    assert caught.value.hint


def test_a_broken_line_is_named(tmp_path):
    text = "\n".join(json.dumps(each) for each in RECORDS[:3]) + '\n{"n": 1,\n'
    with pytest.raises(DatasetError) as caught:
        read_table(written(tmp_path, text, "t.jsonl"))
    assert caught.value.line == 4


def test_a_new_name_in_every_record_is_refused_before_memory_is_taken(tmp_path):
    text = "".join(f'{{"n{k}": 1, "b": 2}}\n' for k in range(19_000))
    with pytest.raises(DatasetError, match=r"cells|more names"):
        read_table(written(tmp_path, text, "t.jsonl"))


def test_the_limit_of_nesting_is_not_the_programs_own(tmp_path):
    before = sys.getrecursionlimit()
    with pytest.raises(DatasetError):
        read_table(written(tmp_path, "[" * DEEP))
    assert sys.getrecursionlimit() == before


def test_halves_of_characters_are_replaced(tmp_path):
    frame = read_table(written(tmp_path, r'[{"a\ud800": 1, "b": "x\udfff"}, {"a\ud800": 2, "b": "y"}]')).frame
    assert list(frame) == ["a?", "b"]
    assert frame["b"].tolist() == ["x?", "y"]
