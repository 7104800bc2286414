"""`nodeglow train --start`: training goes on from a model file, and says from where, with what and on what."""

import dataclasses
import json

import numpy as np
import onnx
import pandas as pd
import pytest
import safetensors.numpy

from simulator.cli.program import COMMANDS, application, run
from simulator.data import open_dataset
from simulator.interchange import load_model, save_model
from simulator.spec import LayerSpec
from simulator.training.session_file import read_session
from simulator.training.verification import SAME, verify


@pytest.fixture
def train(capsys):
    """Run the command in this process; return its exit status, output and errors."""

    def call(*arguments: object) -> tuple[int, str, str]:
        status = run(application(COMMANDS), ["train", *map(str, arguments)])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


@pytest.fixture
def model(train, tmp_path):
    """The file of a model after 6 epochs, with settings of its own."""
    path = tmp_path / "six.safetensors"
    assert train("penguins", "--epochs", 6, "--hidden", "7", "--seed", 5, "--l2", 0.01, "--save", path)[0] == 0
    return path


def told(result: tuple[int, str, str]) -> dict:
    assert (result[0], result[2]) == (0, "")
    return json.loads(result[1].splitlines()[-1])


def refused(result: tuple[int, str, str], *words: str) -> None:
    status, out, err = result
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 2, err
    for word in words:
        assert word in err


def test_six_epochs_and_six_more_are_the_file_of_twelve(train, model, tmp_path):
    whole, on = tmp_path / "whole.safetensors", tmp_path / "on.safetensors"
    train("penguins", "--epochs", 12, "--hidden", "7", "--seed", 5, "--l2", 0.01, "--save", whole)
    result = told(train("penguins", "--start", model, "--epochs", 6, "--save", on, "--json"))
    assert on.read_bytes() == whole.read_bytes()
    assert result["epochs"] == 12
    assert result["start"]["epoch"] == 6
    assert result["samples_per_second"] == pytest.approx(6 * 274 / result["seconds"])
    assert "after 6 epochs, with its optimizer's memory" in result["start"]["notes"][0]


def test_it_says_from_where_it_goes_on_and_counts_on(train, model):
    status, out, _ = train("penguins", "--start", model, "--epochs", 2)
    assert status == 0
    for said in ("Training goes on from six.safetensors after 6 epochs", "7 tanh", "After 8 epochs"):
        assert said in out
    assert "is not what" not in out


def test_a_saved_session_begins_where_the_model_stood(train, model, tmp_path):
    path = tmp_path / "s.nodeglow"
    assert train("penguins", "--start", model, "--epochs", 2, "--save", path)[0] == 0
    record = read_session(path)
    assert record.branches[0].fork == (6, 0)
    assert verify(record).verdict == SAME


def test_a_session_is_gone_on_from_too(train, model, tmp_path):
    path, again = tmp_path / "s.nodeglow", tmp_path / "again.safetensors"
    train("penguins", "--epochs", 6, "--hidden", "7", "--seed", 5, "--l2", 0.01, "--save", path)
    told(train("penguins", "--start", path, "--epochs", 3, "--save", again, "--json"))
    on = tmp_path / "on.safetensors"
    told(train("penguins", "--start", model, "--epochs", 3, "--save", on, "--json"))
    assert again.read_bytes() == on.read_bytes()


def test_the_curves_of_a_run_that_goes_on_begin_where_it_does(train, model, tmp_path):
    path = tmp_path / "curves.csv"
    told(train("penguins", "--start", model, "--epochs", 3, "--curves", path, "--json"))
    assert pd.read_csv(path)["epoch"].tolist() == [6, 7, 8, 9]


def test_options_go_before_the_models_settings(train, model, tmp_path):
    path = tmp_path / "m.json"
    options = ("--learning-rate", 0.05, "--dropout", 0.2, "--batch-size", 20, "--schedule", "cosine:epochs=9")
    told(train("penguins", "--start", model, "--epochs", 1, *options, "--save", path, "--json"))
    found = load_model(path)
    assert dict(found.config.optimizer.settings)["learning_rate"] == 0.05
    assert (found.config.batch_size, found.config.l2, found.config.seed) == (20, 0.01, 5)
    assert found.config.schedule.name == "cosine"
    assert found.network.hidden[0].dropout == 0.2
    assert found.training.progression.updates == 6 * 18 + 14


def test_another_optimizer_begins_with_an_empty_memory_and_says_so(train, model, tmp_path):
    path = tmp_path / "m.npz"
    result = told(
        train("penguins", "--start", model, "--epochs", 1, "--optimizer", "rmsprop", "--save", path, "--json")
    )
    assert "rmsprop in place of adam, its memory empty" in result["start"]["notes"][0]
    assert load_model(path).training.progression.updates == 18


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--hidden", "8,8"), "--hidden 8,8 contradicts six.safetensors, which has the hidden layers 7"),
        (("--hidden", "none"), "--hidden none"),
        (("--activation", "relu"), "--activation relu contradicts six.safetensors, which has tanh"),
        (("--initializer", "he_normal"), "--initializer he_normal"),
        (("--target", "sex"), "--target contradicts six.safetensors"),
        (("--test-fraction", 0.5), "--test-fraction"),
    ],
)
def test_what_contradicts_the_model_is_refused(train, model, options, named):
    refused(train("penguins", "--start", model, *options), named, "without --start")


def test_what_the_model_says_itself_may_be_said_again(train, model):
    assert told(train("penguins", "--start", model, "--epochs", 1, "--hidden", 7, "--activation", "tanh", "--json"))


def test_other_rows_are_prepared_as_the_models_were_and_it_says_so(train, model, tmp_path):
    path = tmp_path / "half.csv"
    open_dataset("penguins").raw.iloc[::2].to_csv(path, index=False)
    result = told(train(path, "--start", model, "--epochs", 1, "--json"))
    assert result["epochs"] == 7
    assert "half.csv is not what six.safetensors was trained on" in result["start"]["notes"][1]


def test_data_without_the_models_columns_is_refused(train, model):
    refused(train("iris", "--start", model), "bill_length_mm")


def test_a_file_that_is_no_model_is_refused(train, tmp_path):
    refused(train("penguins", "--start", tmp_path / "none.safetensors"), "none.safetensors")


def test_a_model_without_memory_starts_at_epoch_0_with_its_weights(train, model, tmp_path):
    path = save_model(dataclasses.replace(load_model(model), training=None), tmp_path / "old.safetensors")
    result = told(train("penguins", "--start", path, "--epochs", 2, "--json"))
    assert result["epochs"] == 2
    assert "holds no optimizer memory: training starts at epoch 0" in result["start"]["notes"][0]


def test_every_layer_can_have_an_activation_and_a_dropout_of_its_own(train, tmp_path):
    path = tmp_path / "m.json"
    shape = ["--hidden", "5,4,3", "--activation", "tanh, relu,gelu", "--dropout", "0.1,0,0.25"]
    told(train("penguins", *shape, "--epochs", 1, "--save", path, "--json"))
    hidden = load_model(path).network.hidden
    assert hidden == (LayerSpec(5, "tanh", 0.1), LayerSpec(4, "relu"), LayerSpec(3, "gelu", 0.25))
    told(train("penguins", "--start", path, *shape, "--epochs", 1, "--save", tmp_path / "on.json", "--json"))
    assert load_model(tmp_path / "on.json").network.hidden == hidden
    refused(train("penguins", "--start", path, "--activation", "relu,relu,gelu"), "which has tanh, relu, gelu")
    refused(train("penguins", "--activation", "tanh,relu,tanh"), "3 activations are given for 2 hidden layers", "one a")
    refused(train("penguins", "--dropout", "0.1,0,0"), "3 rates of dropout are given for 2 hidden layers")
    refused(train("penguins", "--dropout", "much"), "dropout cannot be 'much'")
    refused(train("penguins", "--dropout", "1.5"), "dropout")
    refused(train("penguins", "--activation", "tanh,sine"), "sine")


def test_a_network_that_gives_out_logits_is_trained_on_with_their_softmax(train, tmp_path):
    weight = onnx.numpy_helper.from_array(np.random.default_rng(0).normal(size=(4, 3)).astype("f4"), "weight")
    ends = [
        onnx.helper.make_tensor_value_info(*each, [None, width]) for each, width in ((("X", 1), 4), (("logits", 1), 3))
    ]
    product = onnx.helper.make_node("MatMul", ["X", "weight"], ["logits"])
    graph = onnx.helper.make_graph([product], "network", ends[:1], ends[1:], [weight])
    onnx.save(onnx.helper.make_model(graph), tmp_path / "logits.onnx")
    path = tmp_path / "m.json"
    result = told(train("penguins", "--start", tmp_path / "logits.onnx", "--epochs", 1, "--save", path, "--json"))
    assert "softmax is put after them" in " ".join(result["start"]["notes"])
    assert (load_model(path).network.link, load_model(path).config.loss.name) == ("softmax", "cross_entropy")


def test_a_network_of_another_program_starts_with_its_weights_and_what_is_assumed_is_said(train, tmp_path):
    draw = np.random.default_rng(0)
    shapes = {"0.weight": (5, 4), "0.bias": (5,), "2.weight": (3, 5), "2.bias": (3,)}
    file = tmp_path / "foreign.safetensors"
    safetensors.numpy.save_file({name: draw.normal(size=shape).astype("f4") for name, shape in shapes.items()}, file)
    path = tmp_path / "m.safetensors"
    result = told(train("penguins", "--start", file, "--epochs", 1, "--test-fraction", 0.5, "--save", path, "--json"))
    assert result["epochs"] == 1
    notes = " ".join(result["start"]["notes"])
    for said in ("relu is assumed", "softmax is assumed", "training starts at epoch 0, with its weights"):
        assert said in notes
    found = load_model(path)
    assert found.network.sizes == (4, 5, 3)
    safetensors.numpy.save_file(
        {f"{place}.{part}": np.ones(shape, "f4") for place, fan in ((0, (6, 4)), (1, (5, 6)), (2, (3, 5)))
         for part, shape in (("weight", fan), ("bias", fan[:1]))}, tmp_path / "deep.safetensors",
    )  # fmt: skip
    two = ["--activation", "gelu,tanh", "--save", tmp_path / "two.json", "--json"]
    several = told(train("penguins", "--start", tmp_path / "deep.safetensors", "--epochs", 1, *two))
    assert "taken from gelu, tanh" in " ".join(several["start"]["notes"])
    assert [layer.activation for layer in load_model(tmp_path / "two.json").network.hidden] == ["gelu", "tanh"]
    named = told(train("penguins", "--start", file, "--epochs", 1, "--activation", "gelu", "--json"))
    assert "gelu is assumed" in " ".join(named["start"]["notes"])
    assert found.recipe == open_dataset("penguins", test_fraction=0.5).recipe
    refused(train("iris", "--start", file, "--hidden", 6), "--hidden 6 contradicts foreign.safetensors")
    refused(train("wine", "--start", file), "inputs")
