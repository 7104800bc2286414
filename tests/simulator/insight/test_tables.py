"""The tables that are taken elsewhere, against NumPy and against what a run recorded."""

import csv
import dataclasses
import io

import numpy as np
import pytest

from simulator.data import open_dataset
from simulator.errors import ConfigError
from simulator.explain import explain
from simulator.insight.tables import TABLES, Told, layer_names
from simulator.spec import LayerSpec, NetworkSpec
from simulator.training.defaults import default_config
from simulator.training.session import Session

SETS = {"classes": ("penguins", 3), "a value": ("diabetes", 1)}


@pytest.fixture(scope="module", params=SETS)
def told(request):
    name, outputs = SETS[request.param]
    dataset = open_dataset(name)
    network = NetworkSpec(len(dataset.feature_names), (LayerSpec(5, "tanh"), LayerSpec(4, "relu")), outputs,
                          link="softmax" if outputs > 1 else "linear")  # fmt: skip
    session = Session(dataset, network, default_config(dataset), engine="reference")
    session.advance(2)
    return Told(dataset, session.snapshot(), (("run 1", np.array(session.records)),), session.moment())


def read(table, told, **options):
    """Return the head and the rows of a table as somebody reads them from a CSV file."""
    text = io.StringIO()
    csv.writer(text).writerows(TABLES[table].rows(dataclasses.replace(told, **options)))
    head, *rows = csv.reader(io.StringIO(text.getvalue()))
    return head, rows


def numbers(head, rows, *wanted):
    places = [head.index(each) for each in wanted]
    return np.array([[float(row[place] or "nan") for place in places] for row in rows])


def numpy_pass(snapshot, X):
    A, found = np.asarray(X, np.float64), []
    for layer, spec in zip(snapshot.layers, snapshot.network.hidden, strict=False):
        Z = A @ layer.weight + layer.bias
        A = np.tanh(Z) if spec.activation == "tanh" else np.maximum(Z, 0.0)
        found.append(A)
    Z = A @ snapshot.layers[-1].weight + snapshot.layers[-1].bias
    if snapshot.network.link == "softmax":
        powers = np.exp(Z - Z.max(axis=1, keepdims=True))
        Z = powers / powers.sum(axis=1, keepdims=True)
    return [*found, Z]


@pytest.mark.parametrize("table", TABLES)
def test_every_table_has_a_head_and_rows_of_its_length(told, table):
    head, rows = read(table, told)
    assert len(set(head)) == len(head) > 2
    assert rows
    assert all(len(row) == len(head) for row in rows)


def test_the_curves_are_what_was_recorded_digit_for_digit(told):
    head, rows = read("curves", told)
    records = told.branches[0][1]
    assert [int(row[0]) for row in rows] == records["epoch"].tolist()
    assert np.array_equal(
        numbers(head, rows, "train_loss", "test_loss"), np.stack([records["train_loss"], records["test_loss"]], axis=1)
    )


@pytest.mark.parametrize("layer", [0, 1, 2, 3])
@pytest.mark.parametrize("split", ["train", "test", "all"])
def test_activations_are_numpys(told, layer, split):
    head, rows = read("activations", told, layer=layer, split=split)
    dataset = told.dataset
    parts = {"train": (dataset.train_rows, dataset.X_train), "test": (dataset.test_rows, dataset.X_test)}
    wanted = [parts[each] for each in parts if split in (each, "all")]
    X = np.concatenate([part[1] for part in wanted])
    expected = np.asarray(X, np.float64) if layer == 0 else numpy_pass(told.snapshot, X)[layer - 1]
    names = layer_names(dataset, told.snapshot.network, layer)
    assert np.allclose(numbers(head, rows, *names), expected, rtol=1e-12, atol=1e-14)
    assert [int(row[0]) - 1 for row in rows] == np.concatenate([part[0] for part in wanted]).tolist()
    target = dataset.table[dataset.recipe.target].iloc[[int(row[0]) - 1 for row in rows]]
    if dataset.class_names:
        assert [row[2] for row in rows] == target.astype(str).tolist()
    else:
        true = numbers(head, rows, f"true_{dataset.recipe.target}")[:, 0]
        assert true == pytest.approx(target.to_numpy(float), rel=1e-5)


def test_predictions_have_the_columns_of_the_file_if_they_are_wanted(told):
    plain, _ = read("predictions", told)
    head, rows = read("predictions", told, raw=True, split="test")
    assert set(map(str, told.dataset.table.columns)) <= set(head)
    assert len(head) == len(plain) + len(told.dataset.table.columns)
    outputs = numpy_pass(told.snapshot, told.dataset.X_test)[-1]
    if told.dataset.class_names:
        shares = numbers(head, rows, *(f"probability_{name}" for name in told.dataset.class_names))
        assert np.allclose(shares, outputs, rtol=1e-10)
        said = [row[head.index("prediction")] for row in rows]
        assert said == [told.dataset.class_names[each] for each in outputs.argmax(axis=1)]
    else:
        values = told.dataset.recipe.value(outputs[:, 0])
        assert np.allclose(numbers(head, rows, "prediction")[:, 0], values, rtol=1e-10)
        errors = numbers(head, rows, "prediction") - numbers(head, rows, f"true_{told.dataset.recipe.target}")
        assert np.allclose(numbers(head, rows, "error"), errors)


def test_a_step_is_its_explanation_row_by_row(told):
    head, rows = read("step_rows", told)
    explanation = explain(told.moment)
    assert [int(row[0]) - 1 for row in rows] == told.dataset.train_rows[told.moment.rows].tolist()
    passed = numpy_pass(told.snapshot, told.moment.X)
    assert np.allclose(numbers(head, rows, *(f"a1.{unit}" for unit in range(1, 6))), passed[0])
    names = layer_names(told.dataset, told.snapshot.network, 3)
    assert np.allclose(numbers(head, rows, *(f"y_hat.{name}" for name in names)), passed[-1])
    assert np.array_equal(numbers(head, rows, "loss")[:, 0], explanation.loss.rows)
    assert np.array_equal(numbers(head, rows, *(f"delta3.{name}" for name in names)), explanation.backward.deltas[2])


def test_a_step_is_its_explanation_weight_by_weight(told):
    head, rows = read("step_parameters", told)
    update = explain(told.moment).update
    assert len(rows) == told.snapshot.network.parameter_count
    found = numbers(head, rows, "value", "gradient", "update", "new_value").T
    for one, other in zip(
        found, (told.moment.parameters, update.backward.gradient, update.step, update.parameters), strict=True
    ):
        assert np.array_equal(one, other)
    first, last = rows[0], rows[-1]
    assert first[:4] == ["weight", "1", told.dataset.feature_names[0], "1"]
    assert last[:3] == ["bias", "3", ""]


def test_what_is_not_there_is_refused(told):
    with pytest.raises(ConfigError, match="layer 9"):
        read("activations", told, layer=9)
    with pytest.raises(ConfigError, match="'half'"):
        read("predictions", told, split="half")
    with pytest.raises(ConfigError, match="not known"):
        list(TABLES["step_rows"].rows(dataclasses.replace(told, moment=None)))
