"""What training scripts share is run without their frameworks: split, targets, start weights, rates, row order."""

import ast
import base64
import dataclasses
import zlib

import numpy as np
import pytest

from simulator.data import BUNDLED, open_dataset
from simulator.interchange import FORMATS, ExportOptions, Model
from simulator.nn import choices, parameters, random
from simulator.nn.initializers import INITIALIZERS
from simulator.nn.links import LINKS
from simulator.nn.losses import LOSSES
from simulator.nn.optimizers import OPTIMIZERS
from simulator.nn.schedules import SCHEDULES
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig

SCRIPTS = ["pytorch_script", "keras_script"]
FRAMEWORKS = ("torch", "keras", "dist", "nn", "F", "DistributedDataParallel")


def without_framework(code: str) -> dict:
    """Run what of a script needs no framework, and return its names."""
    tree = ast.parse(code, feature_version=(3, 9))
    kept = []
    for node in tree.body:
        words = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
        imported = ast.unparse(node) if isinstance(node, ast.Import | ast.ImportFrom) else ""
        if not words & {*FRAMEWORKS, "DTYPE"} and not any(each in imported for each in ("torch", "keras")):
            kept.append(node)
    names = {"__name__": "generated", "np": np, "zlib": zlib, "base64": base64}
    exec(compile(ast.Module(kept, []), "model.py", "exec"), names)
    return names


def model_of(dataset, network=None, **settings) -> Model:
    network = network or NetworkSpec(dataset.recipe.inputs, (LayerSpec(4),), dataset.recipe.outputs, "linear")
    config = TrainingConfig(**{"loss": Rule("mse"), "dtype": "float64", **settings})
    values = parameters.start_values(network, config.seed).astype(config.dtype)
    return Model(network, config, values, dataset.recipe, epoch=3)


def script(model: Model, name: str = "pytorch_script") -> str:
    return FORMATS[name].save(model, ExportOptions()).decode()


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize(
    ("data", "made"),
    [
        ("penguins", {}),
        ("penguins", {"stratify": False, "seed": 5, "test_fraction": 0.37}),
        ("auto_mpg", {"split": "order"}),
        ("iris", {"stratify": False, "test_fraction": 0.99}),
        ("penguins", {"split": "groups", "split_column": "year"}),
        ("penguins", {"missing": "mean", "flag_missing": True, "features": ("sex", "island", "body_mass_g")}),
        ("auto_mpg", {"target_log": True, "seed": 2**64 - 1}),
        ("iris", {"scale": "min_max", "test_fraction": 0.0}),
        ("digits", {"missing": "most_frequent", "most_rows": 500}),
        ("penguins", {"where": "island != 'Dream' and (body_mass_g > 3500 or sex == 'male')", "unique": True}),
    ],
)
def test_rows_are_split_and_targets_made_as_in_the_data_set(name, data, made):
    dataset = open_dataset(data, **made)
    x, y, x_test, y_test = without_framework(script(model_of(dataset), name))["load"](BUNDLED[data].path)
    for found, expected in (
        (x, dataset.X_train),
        (x_test, dataset.X_test),
        (y, dataset.Y_train),
        (y_test, dataset.Y_test),
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)  # a data set is float32
    assert y.shape == dataset.Y_train.shape


def test_a_column_can_say_which_rows_are_for_testing(tmp_path):
    path = tmp_path / "rows.csv"
    rows = [f"{i},{i % 7},{'yes' if i % 3 else 'no'},{'Test' if i % 4 == 1 else 'train'}" for i in range(40)]
    path.write_text("\n".join(["a,b,c,part", *rows]))
    dataset = open_dataset(str(path), target="c", split="column", split_column="part")
    x, y, x_test, _ = without_framework(script(model_of(dataset)))["load"](path)
    np.testing.assert_allclose(x, dataset.X_train, rtol=1e-6)
    np.testing.assert_allclose(x_test, dataset.X_test, rtol=1e-6)
    np.testing.assert_array_equal(y, dataset.Y_train)


@pytest.mark.parametrize("name", SCRIPTS)
def test_rows_that_stand_twice_are_used_once(tmp_path, name):
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(["a,b", *(f"{i % 13},{i % 5}" for i in range(150))]))
    dataset = open_dataset(str(path), target="b", task="regression", unique=True, most_rows=40)
    x, _, x_test, _ = without_framework(script(model_of(dataset), name))["load"](path)
    np.testing.assert_allclose(x, dataset.X_train, rtol=1e-6)
    np.testing.assert_allclose(x_test, dataset.X_test, rtol=1e-6)


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize("initializer", list(INITIALIZERS))
def test_start_weights_are_the_seeds(name, initializer):
    dataset = open_dataset("iris")
    network = NetworkSpec(4, (LayerSpec(5), LayerSpec(3)), 3, "linear", initializer)
    model = model_of(dataset, network, seed=2**63 + 11)
    pairs = without_framework(script(model, name))["start_weights"](model.config.seed)
    flat = np.concatenate([np.concatenate([weight.ravel(), bias]) for weight, bias in pairs])
    np.testing.assert_allclose(flat, model.parameters, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("units", [5, 2000])
def test_the_weights_in_the_text_are_the_models(name, dtype, units):
    dataset = open_dataset("iris")
    network = NetworkSpec(4, (LayerSpec(units),), 3, "linear")
    names = without_framework(script(model_of(dataset, network, dtype=dtype), name))
    values = np.concatenate([np.concatenate([weight.ravel(), bias]) for weight, bias in names["TRAINED"]])
    np.testing.assert_array_equal(values, model_of(dataset, network, dtype=dtype).parameters.astype(np.float64))


def test_rows_come_in_the_same_order_in_every_epoch():
    permutation = without_framework(script(model_of(open_dataset("iris"))))["permutation"]
    for seed, epoch, count in ((0, 1, 10), (2**64 - 1, 7, 333), (12345, 100_000, 1)):
        np.testing.assert_array_equal(
            permutation(seed, random.ORDER, epoch, count), random.permutation(seed, random.ORDER, epoch, count)
        )


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize("schedule", [Rule(name) for name in SCHEDULES] + [Rule("cosine", end=0.1, warmup_epochs=2.5)])
def test_the_learning_rate_follows_the_schedule(name, schedule):
    model = model_of(open_dataset("iris"), schedule=schedule, optimizer=Rule("adam", learning_rate=0.03))
    rate = without_framework(script(model, name))["rate"]
    for now in (0.0, 0.25, 1.0, 49.99, 50.0, 99.5, 250.0):
        expected = 0.03 * choices.schedule(model.config).factor(now, 0.125)
        assert rate(now, 0.125) == pytest.approx(float(expected), rel=1e-13, abs=1e-300)


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_row_of_every_table_can_be_written(name):
    dataset = open_dataset("iris")
    for optimizer in OPTIMIZERS:
        for decay in (0.0, 0.01):
            model = model_of(dataset, optimizer=Rule(optimizer, weight_decay=decay), l1=0.1, l2=0.1, clip_norm=1.0)
            ast.parse(script(model, name))
            assert FORMATS[name].limits(model, ExportOptions())
    for loss, row in LOSSES.items():
        for link in row.links:
            network = NetworkSpec(4, (LayerSpec(2, "mish", 0.5),), 3, link)
            ast.parse(script(model_of(dataset, network, loss=Rule(loss)), name))
    assert set(LINKS) == {link for row in LOSSES.values() for link in row.links}


def test_what_a_script_does_otherwise_is_said_before(tmp_path):
    dataset = open_dataset(
        "iris", where="both > 5", derived={"both": "sepal_length_cm * 1"}, ignore=("both",), label_noise=0.1
    )
    model = model_of(
        dataset,
        NetworkSpec(dataset.recipe.inputs, (LayerSpec(3, dropout=0.2),), 3, "linear"),
        optimizer=Rule("rmsprop"),
    )
    said = " ".join(FORMATS["keras_script"].limits(model, ExportOptions()))
    for word in ("condition on rows", "label noise", "memory", "inside the root"):
        assert word in said
    assert "Dropout" in " ".join(FORMATS["pytorch_script"].limits(model, ExportOptions()))
    assert dataclasses.replace(model, epoch=0).epoch == 0
