import dataclasses
import io
import json
import shutil
import subprocess
import sys

import numpy as np
import onnx
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.cli.program import COMMANDS, application, run
from simulator.data import BUNDLED, Recipe
from simulator.errors import ExportError
from simulator.interchange import FORMATS, ExportOptions, load_model, onnx_format, save_model
from simulator.nn.activations import ACTIVATIONS

QUIET = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]}
KINDS = ["softmax", "sigmoid", "one sigmoid", "linear", "value"]

architectures = st.lists(st.tuples(st.integers(1, 9), st.sampled_from(list(ACTIVATIONS))), max_size=4)


def _model(make_model, hidden, kind, dtype, seed, **other):
    classes = {"value": (), "one sigmoid": ("no", "yes")}.get(kind, ("a", "b", "Größe\n,"))
    link = {"value": "linear", "one sigmoid": "sigmoid"}.get(kind, kind)
    outputs = 1 if kind == "one sigmoid" else None
    return make_model(tuple(hidden), classes, link, outputs, dtype, seed, **other)


def _raw(make_table, rows, seed):
    """Rows with the columns in the order of the recipe."""
    return make_table(rows, seed)[["länge, mm", "=width", "island"]]


def _largest_sum(model, X):
    """The largest number that appears in the network: rounding to float32 is relative to it."""
    largest, A = 1.0, X
    for spec, layer in zip(model.network.hidden, model.layers, strict=False):
        Z = A @ layer.weight.astype(float) + layer.bias
        with np.errstate(all="ignore"):
            A = ACTIVATIONS[spec.activation].value(Z)
        largest = max(largest, np.abs(Z).max(initial=0.0))
    last = model.layers[-1]
    return max(largest, np.abs(A @ last.weight.astype(float) + last.bias).max(initial=0.0))


def _scores(model, table):
    answers = model.predict(table)
    return answers.drop(columns="prediction").to_numpy() if model.class_names else answers.to_numpy()[:, 0]


@pytest.mark.parametrize("runtime", ["onnxruntime", "reference"])
@pytest.mark.parametrize("inputs", ["raw", "prepared"])
@given(
    hidden=architectures,
    dtype=st.sampled_from(["float32", "float64"]),
    kind=st.sampled_from(KINDS),
    seed=st.integers(0, 2**32 - 1),
    rows=st.sampled_from([1, 2, 33]),
)
@settings(max_examples=25, **QUIET)
def test_other_runtimes_give_the_same_answers(
    make_model, make_table, write_onnx, run_onnx, run_raw, runtime, inputs, hidden, dtype, kind, seed, rows
):
    model = _model(make_model, hidden, kind, dtype, seed)
    table = _raw(make_table, rows, seed)
    X = model.recipe.transform(table)
    data = write_onnx(model, inputs)
    got = run_raw(data, table, runtime) if inputs == "raw" else run_onnx(data, {"X": X.astype(dtype)}, runtime)
    want = _scores(model, table)
    scores = got["outputs" if kind == "linear" else "probabilities" if model.class_names else "prediction"]
    scale = max(1.0, np.abs(want).max())
    bound = 1e-6 * scale if dtype == "float64" else 1e-6 * max(scale, _largest_sum(model, X), _spread(model, X))
    assert np.abs(scores - want).max() <= bound
    if model.class_names:
        closest = np.sort(want, axis=1)[:, -2:]
        sure = closest[:, 1] - closest[:, 0] > 2 * bound
        assert list(got["label"][sure]) == list(model.predict(table)["prediction"][sure])


def _spread(model, X):
    """How much a predicted value in real units is multiplied up from the network's output."""
    return 0.0 if model.class_names else model.recipe.outcome.scale * _largest_sum(model, X)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_a_network_of_usual_size_agrees_to_a_millionth_of_its_largest_output(
    make_model, make_table, write_onnx, run_raw, kind, dtype, seed
):
    hidden = [(12, name) for name in list(ACTIVATIONS)[seed::3]]
    model = _model(make_model, hidden, kind, dtype, seed)
    weights = np.concatenate(
        [np.r_[layer.weight.ravel() / np.sqrt(layer.weight.shape[0]), 0.1 * layer.bias] for layer in model.layers]
    )
    model = dataclasses.replace(model, parameters=weights.astype(dtype))
    table = _raw(make_table, 50, seed)
    got = run_raw(write_onnx(model), table)
    want = _scores(model, table)
    scores = got["outputs" if kind == "linear" else "probabilities" if model.class_names else "prediction"]
    assert np.abs(scores - want).max() <= 1e-6 * np.abs(want).max()


@pytest.mark.parametrize("inputs", ["raw", "prepared"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_saturated_networks_give_numbers_and_the_same_ones(
    make_model, make_table, write_onnx, run_onnx, run_raw, name, dtype, inputs
):
    model = make_model(((3, name), (3, name)), dtype=dtype)
    bound = 1e-4 if dtype == "float32" else 1e-9
    table = pd.DataFrame(
        {"länge, mm": [1e6, -1e6, 44.0, 3e18], "=width": [-1e7, 1e7, 1e4, -1e15], "island": ["Biscoe"] * 4}
    )
    data = write_onnx(model, inputs)
    X = model.recipe.transform(table.astype({"länge, mm": dtype, "=width": dtype}))
    got = run_raw(data, table) if inputs == "raw" else run_onnx(data, {"X": X.astype(dtype)})
    assert np.isfinite(got["probabilities"]).all()
    np.testing.assert_allclose(got["probabilities"], model.outputs(X), atol=bound)


@pytest.mark.parametrize("runtime", ["onnxruntime", "reference"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("activation", ["relu", "tanh", "elu", "softsign"])
def test_a_row_with_a_missing_value_gets_no_answer_whatever_stands_beside_it(
    make_model, make_table, write_onnx, run_raw, kind, activation, runtime
):
    table = _raw(make_table, 6, 0)
    table.iloc[1, 0] = np.nan
    table.iloc[2, 2] = "n/a"
    table.iloc[3, 1] = np.inf
    table.iloc[4, 2] = "Mars"
    for fill in (False, True):
        model = _model(make_model, [(5, activation)], kind, "float32", 0, fill=fill)
        got = run_raw(write_onnx(model), table, runtime)
        lost = np.array([False, not fill, not fill, True, False, False])
        for name, values in got.items():
            if name == "label":
                assert [each == "" for each in values] == lost.tolist()
                want = model.predict(table[~lost])["prediction"]
                assert values[~lost].tolist() == want.tolist()
            else:
                np.testing.assert_array_equal(np.isnan(values).reshape(6, -1).any(axis=1), lost)


@given(
    names=st.lists(st.text(max_size=6), min_size=3, max_size=3, unique=True),
    classes=st.lists(st.text(max_size=6), min_size=2, max_size=3, unique=True),
)
@settings(**QUIET)
def test_columns_and_classes_may_have_any_names(make_model, make_recipe, write_onnx, run_raw, names, classes):
    _runs_with_names(make_model, make_recipe, write_onnx, run_raw, names, classes)


@pytest.mark.parametrize(
    "names",
    [
        ["label", "probabilities", "X"],
        ["layers.0.weight", "layers.0.bias", "constant"],
        ["", "\0", "\x01"],
        ["half \ud800", "half ?", "new\nline"],
        ["gemm", "node gemm", "class_names"],
        ["column", " ", ""],
    ],
)
def test_columns_may_be_called_like_parts_of_the_graph(make_model, make_recipe, write_onnx, run_raw, names):
    _runs_with_names(make_model, make_recipe, write_onnx, run_raw, names, ["", "\0", "half \ud800"])


def _runs_with_names(make_model, make_recipe, write_onnx, run_raw, names, classes):
    value = make_recipe(tuple(classes)).to_json()
    for step, name in zip(value["columns"], names, strict=True):
        step["column"] = name
    value["target"]["column"] = "the target, called like no other"
    recipe = Recipe.from_json(value)
    model = make_model(recipe=recipe)
    table = pd.DataFrame([[44.0, 0.5, "Biscoe"], [50.0, -1.0, 'Dream "2"']], columns=pd.Index(names, dtype=object))
    data = write_onnx(model)
    graph = onnx.load_model_from_string(data).graph
    given_names = [each.name for each in graph.input]
    assert len({*given_names}) == 3
    assert all(name and name.isprintable() for name in given_names)
    metadata = {each.key: each.value for each in onnx.load_model_from_string(data).metadata_props}
    assert json.loads(metadata["columns"]) == dict(zip(given_names, names, strict=True))
    got = run_raw(data, table)
    np.testing.assert_allclose(got["probabilities"], model.outputs(recipe.transform(table)), atol=1e-5)
    for name, own in zip(names, given_names, strict=True):
        assert name == own or any(repr(own) in said for said in FORMATS["onnx"].limits(model, ExportOptions()))


def test_the_metadata_say_features_classes_and_inputs_and_weights_stand_under_their_names(make_model, write_onnx):
    model = make_model(dtype="float64")
    proto = onnx.load_model_from_string(write_onnx(model))
    assert proto.ir_version == 8
    assert [(each.domain, each.version) for each in proto.opset_import] == [("", 17), ("ai.onnx.ml", 3)]
    metadata = {each.key: each.value for each in proto.metadata_props}
    assert json.loads(metadata["feature_names"]) == list(model.feature_names)
    assert json.loads(metadata["class_names"]) == ["Adelie", "Gentoo", "Größe"]
    assert metadata["inputs"] == "raw"
    tensors = {each.name: onnx.numpy_helper.to_array(each) for each in proto.graph.initializer}
    for index, layer in enumerate(model.layers):
        np.testing.assert_array_equal(tensors[f"layers.{index}.weight"], layer.weight.T)
        assert tensors[f"layers.{index}.bias"].dtype == np.float64
    assert [each.name for each in proto.graph.output] == ["label", "probabilities"]


def test_a_value_goes_out_in_real_units_and_as_the_network_says_it(make_model, make_table, write_onnx, run_raw):
    for log in (False, True):
        value = make_model((), classes=()).recipe.to_json()
        value["target"] |= {"mean": 3.0, "scale": 0.25, "log": log}
        model = make_model((), recipe=Recipe.from_json(value))
        table = _raw(make_table, 20, 0)
        got = run_raw(write_onnx(model), table)
        np.testing.assert_allclose(got["prediction"], model.predict(table)["prediction"], rtol=1e-6)
        assert got["outputs"].shape == (20, 1)


def test_equal_models_make_equal_files_and_both_ways_open_with_the_same_bits(make_model, tmp_path):
    for inputs in ("raw", "prepared"):
        model = make_model(((3, "mish"),), dtype="float64")
        options = ExportOptions(inputs=inputs)
        path = save_model(model, tmp_path / "m.onnx", options=options)
        assert FORMATS["onnx"].save(make_model(((3, "mish"),), dtype="float64"), options) == path.read_bytes()
        again = load_model(path)
        assert again.parameters.tobytes() == model.parameters.tobytes()
        assert (again.network, again.config, again.recipe, again.epoch) == (
            model.network, model.config, model.recipe, model.epoch,
        )  # fmt: skip


def test_more_numbers_than_a_file_holds_are_refused_before_they_are_written(make_model, monkeypatch):
    monkeypatch.setattr(onnx_format, "MOST_BYTES", 2**20 + 100)
    with pytest.raises(ExportError, match="at most 2 GB") as refused:
        FORMATS["onnx"].save(make_model(), ExportOptions())
    assert ".safetensors" in refused.value.hint


def test_what_the_file_does_otherwise_is_said_before(make_model):
    limits = FORMATS["onnx"].limits
    assert "prepared numbers" in limits(make_model(), ExportOptions(inputs="prepared"))[0]
    assert any("blanks" in said for said in limits(make_model(), ExportOptions()))


EXAMPLE = """
import onnxruntime, pandas
birds = pandas.read_csv("penguins.csv")
session = onnxruntime.InferenceSession("p.onnx")
kinds = {"tensor(float)": "float32", "tensor(double)": "float64", "tensor(string)": object}
feed = {each.name: birds[[each.name]].to_numpy(kinds[each.type]) for each in session.get_inputs()}
label, probabilities = session.run(None, feed)
"""
"""As it stands in README.md."""


@pytest.mark.parametrize("choices", [[], ["--features", "island", "--features", "sex", "--features", "body_mass_g"]])
def test_the_example_runs_with_the_penguins_as_it_is_printed(tmp_path, monkeypatch, capsys, choices):
    shutil.copy(BUNDLED["penguins"].path, tmp_path / "penguins.csv")
    monkeypatch.chdir(tmp_path)
    assert _nodeglow("train", "penguins", "--epochs", 20, "--save", "p.onnx", *choices) == 0
    found: dict[str, object] = {}
    exec(EXAMPLE, found)
    capsys.readouterr()
    assert _nodeglow("predict", "p.onnx", "penguins") == 0
    own = pd.read_csv(io.StringIO(capsys.readouterr().out), keep_default_na=False)
    assert found["label"].tolist() == own["prediction"].tolist()
    want = own.iloc[:, 1:].replace("", np.nan).astype(float)
    np.testing.assert_allclose(found["probabilities"], want, atol=1e-6)


def test_a_model_is_converted_to_onnx_and_back_on_the_command_line(make_model, tmp_path, capsys):
    first = save_model(make_model(), tmp_path / "p.safetensors")
    assert _nodeglow("convert", first, tmp_path / "p.onnx") == 0
    assert _nodeglow("convert", tmp_path / "p.onnx", tmp_path / "q.safetensors") == 0
    assert (tmp_path / "q.safetensors").read_bytes() == first.read_bytes()


def _nodeglow(*arguments):
    return run(application(COMMANDS), [str(each) for each in arguments])


def test_nothing_of_onnx_is_imported_before_it_is_needed():
    code = "import sys, simulator.interchange; sys.exit('onnx' in sys.modules or 'google.protobuf' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
