"""The script is run by Keras where that is installed; `source/test_training.py` tests what needs none."""

import ast
import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from simulator.data import BUNDLED, open_dataset
from simulator.interchange import ExportOptions
from simulator.interchange.keras_script import limits, save
from simulator.interchange.source import keras_words
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.losses import LOSSES
from simulator.nn.optimizers import OPTIMIZERS
from simulator.nn.schedules import SCHEDULES
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig
from simulator.training.session import Session


@pytest.fixture
def program():
    os.environ.setdefault("KERAS_BACKEND", "torch")
    pytest.importorskip("keras")

    def run(model) -> dict:
        names = {"__name__": "generated"}
        exec(compile(ast.parse(save(model, ExportOptions()), feature_version=(3, 9)), "model.py", "exec"), names)
        return names

    return run


def asked(data, **settings) -> SimpleNamespace:
    usual = {"delimiter": None, "no_header": False, "weights": None, "epochs": 3, "fresh": True, "save": None}
    return SimpleNamespace(data=BUNDLED[data].path, **{**usual, **settings})


def session_of(loss: str, link: str, activation="tanh", dropout=0.0, **settings) -> Session:
    dataset = open_dataset("iris")
    network = NetworkSpec(4, (LayerSpec(5, activation, dropout),), 3, link)
    config = TrainingConfig(**{"loss": Rule(loss), "dtype": "float64", "batch_size": 200, **settings})
    return Session(dataset, network, config, "reference", "cpu")


@pytest.mark.frameworks
@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_keras_predicts_as_the_model_does(program, make_model, make_table, activation):
    for classes, link, outputs in (
        (("a", "b", "Größe"), "softmax", None),
        (("no", "yes"), "sigmoid", 1),
        (("a", "b", "c"), "linear", None),
        ((), "linear", None),
    ):
        model = make_model(((7, activation), (4, activation)), classes, link, outputs)
        names, table = program(model), make_table(30)
        table.iloc[3, 2] = np.nan
        network = names["build"](names["TRAINED"], "float64")
        found = pd.DataFrame(names["predict"](table, network))
        expected = model.predict(table)
        assert list(found.columns) == list(expected.columns)
        numbers = found.columns[-max(len(classes), 1) :]
        found, expected = found[numbers].to_numpy(float), expected[numbers].to_numpy(float)
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6 * np.nanmax(np.abs(expected)))


@pytest.mark.frameworks
@pytest.mark.parametrize("optimizer", [Rule("sgd", momentum=0.9), Rule("adadelta"), Rule("adamw", epsilon=0.0)])
@pytest.mark.parametrize(("loss", "link"), [(loss, link) for loss, row in LOSSES.items() for link in row.links])
def test_where_keras_means_the_same_one_batch_an_epoch_has_the_losses_of_the_run(
    program, capsys, optimizer, loss, link
):
    session = session_of(loss, link, optimizer=optimizer)
    session.advance(4, "epoch")
    network = program(session.model())["train"](asked("iris", epochs=4))
    np.testing.assert_allclose(network.history.history["loss"], session.records["train_loss"][1:], rtol=1e-5, atol=1e-9)


@pytest.mark.frameworks
@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
def test_every_optimizer_lowers_the_loss(program, optimizer):
    session = session_of("cross_entropy", "softmax", "leaky_relu", 0.1, optimizer=Rule(optimizer), batch_size=8)
    network = program(session.model())["train"](asked("iris", epochs=5))
    losses = network.history.history["loss"]
    assert losses[-1] < losses[0]


@pytest.mark.frameworks
@pytest.mark.parametrize("settings", [{"weight_decay": 0.1}, {"l1": 0.01}, {"l2": 0.2}])
def test_decay_and_penalties_move_the_weights_as_the_run_does(program, settings):
    rule = Rule("sgd", **{name: value for name, value in settings.items() if name == "weight_decay"})
    others = {name: value for name, value in settings.items() if name != "weight_decay"}
    session = session_of("mse", "linear", optimizer=rule, schedule=Rule("exponential", gamma=0.8), **others)
    session.advance(4, "epoch")
    network = program(session.model())["train"](asked("iris", epochs=4))
    found = np.concatenate([values.ravel() for values in network.get_weights()])
    np.testing.assert_allclose(found, session.model().parameters, rtol=1e-5, atol=1e-7)


@pytest.mark.frameworks
@pytest.mark.slow
def test_the_command_trains_saves_and_predicts_with_what_it_saved(program, tmp_path):
    script, weights = tmp_path / "model.py", tmp_path / "model.keras"
    script.write_bytes(save(session_of("cross_entropy", "softmax", batch_size=16).model(), ExportOptions()))
    for words in (
        ["train", BUNDLED["iris"].path, "--epochs", "2", "--save", weights],
        ["predict", BUNDLED["iris"].path, "--weights", weights],
    ):
        done = subprocess.run([sys.executable, script, *words], capture_output=True, check=True, timeout=100, text=True)
    assert done.stdout.startswith("prediction,probability_setosa")
    assert len(done.stdout.splitlines()) == 151


def test_every_difference_that_keras_makes_is_said(make_model):
    for name in ("adam", "nadam", "rmsprop", "adagrad"):
        config = TrainingConfig(optimizer=Rule(name), clip_norm=1.0)
        assert len(keras_words.differences(config, 0.0)) == 2
    assert keras_words.differences(TrainingConfig(optimizer=Rule("sgd")), 0.0) == []
    config = TrainingConfig(optimizer=Rule("sgd", momentum=0.9), schedule=Rule("cosine"))
    assert "inside the momentum" in " ".join(keras_words.differences(config, 0.0))
    assert "L2 penalty" in " ".join(keras_words.differences(config, 0.1))
    assert "shuffles" in " ".join(limits(make_model(), ExportOptions()))


def test_keras_has_a_word_for_every_row_of_our_tables():
    assert {*keras_words.ACTIVATIONS, "leaky_relu"} == {*ACTIVATIONS}
    assert set(keras_words.LOSS_CODE) == set(LOSSES)
    assert set(keras_words.OPTIMIZER_CODE) == set(OPTIMIZERS)
    assert "constant" in SCHEDULES
