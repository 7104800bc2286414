"""The program is run: as a module over everything a recipe can hold, and as a command over a CSV file."""

import ast
import csv
import gzip
import io
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from simulator.data import BUNDLED, Recipe, open_dataset
from simulator.errors import ExportError
from simulator.interchange import FORMATS, ExportOptions, save_model
from simulator.interchange.numpy_script import limits, save
from simulator.nn.activations import ACTIVATIONS

TABLE = """date;size;note;grade;code;wind;load
2021-03-05;1,5;two words;low;1;3;12
2021-04-15;2,25;one;high;2;;7
2022-12-31;-0,5;;middle;1;5;1000
2020-02-29;4,75;a b c 12;low;3;4;0
;8,5;x;high;2;2;55
2021-07-01;;long text here;;3;1;3
2023-01-02;1e1;y;middle;;2,5;9
2019-09-09;3;z z;low;1;unknown;21
"""
CHOICES = {
    "target": "load",
    "task": "regression",
    "target_log": True,
    "missing": "mean",
    "flag_missing": True,
    "decimal": ",",
    "delimiter": ";",
    "test_fraction": 0.0,
    "derived": {
        "ratio": "size / (wind + 1) ^ 2 - -min(size, 2, wind)",
        "known": "not is_missing(size) and (grade == 'low' or grade in ('high', \"none\"))",
        "odd": "max(code, 1) % 2 + (size > 2) * 3",
    },
    "columns": {
        "date": {"kind": "date", "parts": ["year", "month", "day", "weekday", "day of year", "days"]},
        "size": {"scale": "log"},
        "note": {"kind": "text", "parts": ["characters", "words", "digits"], "scale": "min_max"},
        "grade": {"encoding": "ordinal", "order": ["low", "middle", "high"], "unknown": "most_frequent"},
        "code": {"kind": "category"},
        "wind": {"scale": "robust", "missing": "median"},
        "ratio": {"scale": "standardise"},
    },
}


def loaded(model) -> dict:
    code = save(model, ExportOptions()).decode()
    names = {"__name__": "generated"}
    exec(compile(ast.parse(code, feature_version=(3, 9)), "model.py", "exec"), names)
    return names


def agree(model, table: pd.DataFrame, answers: list[dict], tolerance: float = 1e-12) -> None:
    expected = model.predict(table)
    assert [list(row) for row in answers[:1]] == [list(expected.columns)]
    if model.class_names:
        names = [None if pd.isna(name) else name for name in expected["prediction"]]
        assert [row["prediction"] for row in answers] == names
        expected = expected.drop(columns="prediction")
    found = np.array([[row[name] for name in expected.columns] for row in answers], np.float64)
    values = expected.to_numpy(np.float64)
    assert (np.isnan(found) == np.isnan(values)).all()
    np.testing.assert_allclose(found, values, rtol=tolerance, atol=tolerance * max(1.0, np.nanmax(np.abs(values))))


@given(
    hidden=st.lists(st.tuples(st.integers(1, 9), st.sampled_from(list(ACTIVATIONS))), max_size=4),
    dtype=st.sampled_from(["float32", "float64"]),
    kind=st.sampled_from(["softmax", "sigmoid", "one sigmoid", "linear", "value"]),
    fill=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_network_predicts_as_the_model_does(make_model, make_table, hidden, dtype, kind, fill, seed):
    classes = {"value": (), "one sigmoid": ("no", "yes")}.get(kind, ("a", "b", "Größe\n,"))
    link = {"value": "linear", "one sigmoid": "sigmoid"}.get(kind, kind)
    model = make_model(tuple(hidden), classes, link, 1 if kind == "one sigmoid" else None, dtype, seed, fill)
    table = make_table(20, seed).astype({"island": object})
    table.iloc[3, 1] = None
    table.iloc[4, 2] = np.nan
    table.iloc[5, 1] = "Atlantis"
    agree(model, table, loaded(model)["predict"](table))


def test_every_activation_and_a_large_network_agree(make_model, make_table):
    for activation in ACTIVATIONS:
        model = make_model(((7, activation),), dtype="float64")
        agree(model, make_table(5), loaded(model)["predict"](make_table(5)))
    model = make_model(((400, "tanh"), (20, "gelu")))
    assert b"unpacked((400, 20)" in save(model, ExportOptions())
    agree(model, make_table(5), loaded(model)["predict"](make_table(5)))


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """A data set whose recipe has every kind of step and derived columns."""
    path = tmp_path_factory.mktemp("everything") / "all.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path, open_dataset(str(path), **CHOICES)


def test_dates_texts_orders_fills_flags_scalings_and_formulas_are_prepared_as_the_recipe_does(everything, make_model):
    path, dataset = everything
    model = make_model(((4, "tanh"),), recipe=dataset.recipe)
    program = loaded(model)
    assert program["prepare"](dataset.table.astype({"wind": np.float32})).dtype == np.float64
    raw = pd.read_csv(path, sep=";", dtype=str)
    rows = list(csv.DictReader(io.StringIO(TABLE), delimiter=";"))
    np.testing.assert_allclose(program["prepare"](rows), dataset.recipe.transform(raw), rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(program["prepare"](dataset.table), dataset.recipe.transform(dataset.table), rtol=1e-13)
    agree(model, raw, program["predict"](rows))
    assert program["predict"](rows[0]) == program["predict"](rows)[:1]
    assert program["prepare"]([]).shape == (0, dataset.recipe.inputs)


@pytest.mark.parametrize("missing", ["drop", "most_frequent", "constant"])
@pytest.mark.parametrize("unknown", ["zeros", "most_frequent", "refuse"])
def test_missing_and_unknown_values_are_treated_as_was_chosen(everything, make_model, missing, unknown):
    path, _ = everything
    columns = {name: {**settings, "missing": missing} for name, settings in CHOICES["columns"].items()}
    if missing == "drop" and unknown == "refuse":
        pytest.skip("categories of rows that are dropped are unknown and refused by the data set itself")
    columns["code"]["unknown"] = columns["grade"]["unknown"] = unknown
    dataset = open_dataset(str(path), **{**CHOICES, "columns": columns, "missing": missing})
    model = make_model(((4, "tanh"),), recipe=dataset.recipe)
    program = loaded(model)
    raw = pd.read_csv(path, sep=";", dtype=str)
    agree(model, raw, program["predict"](raw))
    raw.loc[1, "code"] = "99"
    if unknown == "refuse":
        with pytest.raises(ValueError, match="99"):
            program["predict"](raw)
    else:
        agree(model, raw, program["predict"](raw))


@pytest.mark.parametrize("name", ["penguins", "penguins_raw", "auto_mpg", "digits", "iris", "diabetes"])
def test_bundled_files_are_predicted_from_their_text(make_model, name):
    dataset = open_dataset(name)
    model = make_model(((6, "tanh"),), recipe=dataset.recipe)
    program = loaded(model)
    rows = list(program["read"](BUNDLED[name].path))
    agree(model, dataset.table, program["predict"](rows))


def test_a_packed_file_without_names_and_with_many_columns_is_predicted(make_model, tmp_path):
    path = tmp_path / "many.csv.gz"
    values = np.random.default_rng(0).normal(5.0, 3.0, size=(30, 45)).round(3)
    with gzip.open(path, "wt") as file:
        file.writelines(",".join(map(str, [*row, "yes" if row[0] > 5 else "no"])) + "\n" for row in values)
    dataset = open_dataset(str(path), target="column_46")
    model = make_model(recipe=dataset.recipe)
    program = loaded(model)
    assert "SCALED_1" in program
    agree(model, dataset.table, program["predict"](list(program["read"](path))))


def test_the_command_writes_predictions_and_leaves_rows_with_gaps_empty(make_model, tmp_path):
    dataset = open_dataset("penguins")
    model = make_model(recipe=dataset.recipe)
    script = save_model(model, tmp_path / "model.py")
    done = subprocess.run(
        [sys.executable, "-I", script, BUNDLED["penguins"].path], capture_output=True, check=True, timeout=60
    )
    found = pd.read_csv(io.BytesIO(done.stdout))
    expected = model.predict(dataset.table)
    assert list(found.columns) == list(expected.columns)
    assert found["prediction"].isna().sum() == 2
    np.testing.assert_allclose(found.iloc[:, 1:], expected.iloc[:, 1:], rtol=1e-12)
    bad = tmp_path / "bad.csv"
    bad.write_text(BUNDLED["penguins"].path.read_text().replace("39.5", "long"))
    refused = subprocess.run([sys.executable, "-I", script, bad], capture_output=True, check=False, timeout=60)
    assert refused.returncode == 1
    assert b"row 2: 'long' in the column 'bill_length_mm' is no number" in refused.stderr
    assert b"Traceback" not in refused.stderr


NAMES = st.text(st.characters(), min_size=1, max_size=12) | st.sampled_from(
    [
        '"""',
        "'''",
        "\\",
        '\\"""; import os #',
        "{x}",
        "\n",
        "\u2028",
        "\ud800",
        "\0",
        "a\\",
        "%(prog)s",
        "__import__('os')",
        "\x1f5",  # Python strips the mark before it, but takes it for no part of a number
        "1e999",
        "3",
    ]
)


@pytest.mark.parametrize("name", ["numpy_script", "pytorch_script", "keras_script"])
@given(
    names=st.lists(NAMES, min_size=4, max_size=4, unique=True),
    classes=st.lists(NAMES, min_size=2, max_size=3, unique=True),
)
@example(names=["a", "b", "c", "\x1f5"], classes=["1e999", "\x1f5"])
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_name_becomes_code(make_model, make_recipe, name, names, classes):
    value = make_recipe(tuple(classes)).to_json()
    for column, each in zip(value["columns"], names, strict=False):
        column["column"] = each
    value["target"]["column"] = names[3]
    value["columns"][2]["categories"] = [names[3], names[0]]
    value["choices"] |= {"split": "groups", "split_column": names[0]}
    plain_value = make_recipe(("a", "b")).to_json()
    plain_value["choices"] |= {"split": "groups", "split_column": "x"}
    trees = []
    for recipe in (value, plain_value):
        model = make_model(((3, "tanh"),), recipe=Recipe.from_json(recipe))
        trees.append(ast.parse(FORMATS[name].save(model, ExportOptions()).decode(), feature_version=(3, 9)))
    # The same statements and words, whatever the names are; "codes" are categories that are numbers.
    kinds = [{type(node) for node in ast.walk(tree)} for tree in trees]
    assert kinds[0] <= kinds[1] | {ast.Try}
    words = [{node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} for tree in trees]
    assert words[0] <= words[1] | {"codes", "code", "TypeError", "ValueError", "texts"}
    assigned = {
        node.targets[0].id: node.value
        for node in trees[0].body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    assert ast.literal_eval(assigned["CLASSES"]) == list(classes)
    assert ast.literal_eval(assigned["COLUMNS"]) == names[:3]


def test_what_is_left_out_is_said(make_model):
    model = make_model()
    said = " ".join(limits(model, ExportOptions()))
    assert "cannot be opened again" in said
    assert "Dropout" not in said


def test_a_model_that_is_too_large_for_a_text_is_refused(make_model):
    with pytest.raises(ExportError, match="of no use") as refused:
        save(make_model(((2300, "relu"), (2300, "relu"))), ExportOptions())
    assert "safetensors" in refused.value.hint
