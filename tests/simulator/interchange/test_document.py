import json
import time

import pytest

from simulator.errors import ExportError, ModelFileError
from simulator.interchange import document
from simulator.interchange.document import describe, interpret, parse_json, read_document, write_document


def test_a_document_comes_back_as_it_was(make_model):
    model = make_model()
    read = read_document(write_document(model))
    assert (read.network, read.config, read.recipe, read.epoch) == (model.network, model.config, model.recipe, 17)


def test_a_document_says_what_another_program_needs(make_model):
    written = json.loads(write_document(make_model()))
    assert written["format"] == "nodeglow model"
    assert written["version"] == 1
    assert written["epoch"] == 17
    assert written["feature_names"][0] == "länge, mm"
    assert written["class_names"] == ["Adelie", "Gentoo", "Größe"]
    assert written["network"]["hidden"][0]["activation"] == "tanh"
    assert write_document(make_model()).isascii()


def test_a_description_too_long_to_be_read_is_not_written(make_model, monkeypatch):
    monkeypatch.setattr(document, "LARGEST_DOCUMENT", 100)
    with pytest.raises(ExportError, match="bytes") as refused:
        write_document(make_model())
    assert "categories" in refused.value.hint


def _set(path: str, value: object):
    def change(parts):
        *way, last = path.split(".")
        for key in way:
            parts = parts[int(key) if key.isdigit() else key]
        parts[last] = value

    return change


def _drop(*keys: str):
    def change(parts):
        for key in keys:
            del parts[key]

    return change


@pytest.mark.parametrize(
    ("change", "named", "advice"),
    [
        pytest.param(_set("format", "other"), "not a Nodeglow model", "Nodeglow saved", id="another format"),
        pytest.param(_drop("format"), "not a Nodeglow model", "Nodeglow saved", id="no format"),
        pytest.param(_set("version", 3), "newer Nodeglow (format 3, this one reads up to 2)", "Update", id="newer"),
        pytest.param(_set("version", 0), "0 is no version", "damaged", id="version 0"),
        pytest.param(_set("version", "1"), "'1' is no version", "damaged", id="version as text"),
        pytest.param(_set("version", True), "True is no version", "damaged", id="version true"),
        pytest.param(_drop("version"), "None is no version", "damaged", id="no version"),
        pytest.param(_drop("recipe"), "no recipe", "damaged", id="no recipe"),
        pytest.param(_drop("network"), "no network", "damaged", id="no network"),
        pytest.param(_drop("config"), "no config", "damaged", id="no config"),
        pytest.param(_drop("epoch"), "no epoch", "damaged", id="no epoch"),
        pytest.param(_set("epoch", -1), "-1 is no number of epochs", "damaged", id="epoch -1"),
        pytest.param(_set("epoch", 1.5), "1.5 is no number of epochs", "damaged", id="half an epoch"),
        pytest.param(_set("epoch", 2**63), "is no number of epochs", "damaged", id="too many epochs"),
        pytest.param(_set("network.hidden.0.activation", "tahn"), "'tahn'", "'tanh'", id="unknown activation"),
        pytest.param(_set("network.hidden.0.activation", 3), "3", "text", id="activation as number"),
        pytest.param(_set("network.hidden.0.units", 0), "0", "at least 1", id="no neurons"),
        pytest.param(_set("network.hidden.0.units", 1e300), "1e+300", "whole number", id="1e300 neurons"),
        pytest.param(_set("network.hidden", "many"), "not a network", "hidden", id="layers as text"),
        pytest.param(_set("network.link", "softmin"), "'softmin'", "'softmax'", id="unknown link"),
        pytest.param(_set("network.inputs", 5), "4 inputs, the network has 5", "same data set", id="other inputs"),
        pytest.param(_set("network.outputs", 2), "3 classes, the network has 2 outputs", "class", id="other outputs"),
        pytest.param(_set("network.extra", 1), "extra", "needs", id="a setting that no network has"),
        pytest.param(_set("network", []), "not a network", "needs", id="network as list"),
        pytest.param(_set("config.dtype", "float16"), "'float16'", "float32, float64", id="unknown dtype"),
        pytest.param(_set("config.loss.name", "mes"), "'mes'", "'mse'", id="unknown loss"),
        pytest.param(_set("config.loss.name", "binary_cross_entropy"), "does not go", "sigmoid", id="loss and link"),
        pytest.param(_set("config.optimizer", {}), "configuration", "", id="no optimizer"),
        pytest.param(_set("config.optimizer.momentum", [1]), "[1]", "number", id="momentum as list"),
        pytest.param(_set("config.optimizer.self", 1), "configuration", "", id="an argument of Python's"),
        pytest.param(_set("config", None), "configuration", "", id="config null"),
        pytest.param(_set("recipe", []), "recipe", "damaged", id="recipe as list"),
        pytest.param(_set("recipe.columns", {}), "recipe", "", id="columns as object"),
        pytest.param(_set("recipe.columns.0.scaling.centre", "x"), "'x'", "number", id="centre as text"),
        pytest.param(_set("recipe.columns.0.scaling.scale", 0), "scale", "above 0", id="scale 0"),
        pytest.param(_set("feature_names", ["a"]), "feature_names", "damaged", id="other feature names"),
        pytest.param(_set("class_names", []), "class_names", "damaged", id="other class names"),
    ],
)
def test_a_document_that_was_changed_is_refused(make_model, change, named, advice):
    parts = describe(make_model())
    change(parts)
    with pytest.raises(ModelFileError) as refused:
        read_document(json.dumps(parts))
    assert named in refused.value.message
    assert advice in refused.value.hint
    assert refused.value.hint


@pytest.mark.parametrize("value", [None, [], "text", 3, {}], ids=repr)
def test_what_is_no_document_is_refused(value):
    with pytest.raises(ModelFileError, match="not a Nodeglow model"):
        interpret(value)


def test_a_remark_that_somebody_added_does_no_harm(make_model):
    parts = describe(make_model()) | {"remark": "trained on a rainy day"}
    assert interpret(parts).epoch == 17


@pytest.mark.parametrize(
    ("text", "named"),
    [
        pytest.param("", "no valid JSON", id="empty"),
        pytest.param("{", "no valid JSON", id="cut off"),
        pytest.param(b"\xff\xfe{", "no valid JSON", id="no UTF-8"),
        pytest.param("[NaN]", "NaN", id="NaN"),
        pytest.param("[-Infinity]", "-Infinity", id="-Infinity"),
        pytest.param("[1" + "0" * 24 + "]", "25 digits", id="a whole number of 25 digits"),
        pytest.param("[1" + "0" * 400 + "]", "401 digits", id="a whole number larger than any float"),
        pytest.param("[" + "9" * 10_000_000 + "]", "10,000,000 digits", id="ten million digits"),
        pytest.param("[" * 65 + "]" * 65, "too deep", id="65 lists in one another"),
        pytest.param('{"a":' * 65 + "1" + "}" * 65, "too deep", id="65 objects in one another"),
        pytest.param("[" * 990 + "]" * 990, "too deep", id="990 lists in one another"),
        pytest.param("[" * 5_000_000, "too deep", id="five million open lists"),
    ],
)
def test_json_that_no_model_needs_is_refused_at_once(text, named):
    start = time.perf_counter()
    with pytest.raises(ModelFileError, match=named):
        parse_json(text)
    assert time.perf_counter() - start < 5


def test_json_as_deep_as_permitted_is_read():
    assert parse_json("[" * 64 + "]" * 64)
