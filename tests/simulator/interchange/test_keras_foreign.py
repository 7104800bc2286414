import io
import json
import zipfile

import h5py
import numpy as np
import pytest

from simulator.errors import ModelFileError
from simulator.interchange import Assumptions, adopt, load_model, read_model
from simulator.nn.activations import ACTIVATIONS

draw = np.random.default_rng(0)
W1, b1, W2, b2 = draw.normal(size=(4, 5)), draw.normal(size=5), draw.normal(size=(5, 3)), draw.normal(size=3)
X = draw.normal(size=(6, 4))
LINEAR = {"layers/dense/vars/0": W1, "layers/dense/vars/1": b1}
BOTH = LINEAR | {"layers/dense_1/vars/0": W2, "layers/dense_1/vars/1": b2}


def softmax(Z):
    powers = np.exp(Z - Z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def layer(kind: str, name: str | None = None, **settings) -> dict:
    return {"module": "keras.layers", "class_name": kind, "config": {"name": name or kind.lower(), **settings}}


def inputs(*shape: int) -> dict:
    return layer("InputLayer", "inputs", batch_shape=[None, *(shape or (4,))])


def hdf5(arrays: dict, attributes: dict | None = None) -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for path, array in arrays.items():
            file[path] = array
        for path, each in (attributes or {}).items():
            file.require_group(path).attrs.update(each)
    return buffer.getvalue()


@pytest.fixture
def keras(tmp_path):
    def write(layers: list[dict], arrays: dict, kind: str = "Sequential", **more):
        path = tmp_path / "m.keras"
        config = {"module": "keras", "class_name": kind, "config": {"name": "m", "layers": layers, **more}}
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("metadata.json", '{"keras_version": "3.5.0", "date_saved": "2024-09-01@12:00:00"}')
            archive.writestr("config.json", json.dumps(config))
            archive.writestr("model.weights.h5", hdf5(arrays))
        return path

    return write


def refused(path) -> str:
    with pytest.raises(ModelFileError) as error:
        read_model(path)
    assert error.value.hint
    return error.value.message


@pytest.mark.parametrize("name", [*ACTIVATIONS, "swish"])
def test_every_activation_is_known_by_its_name(keras, name):
    named = layer("LeakyReLU", negative_slope=0.01) if name == "leaky_relu" else layer("Activation", activation=name)
    found = read_model(
        keras([inputs(), layer("Dense", "one"), named, layer("Dense", "two", activation="softmax")], BOTH)
    )
    assert found.activations == ("silu" if name == "swish" else name,)
    assert found.link == "softmax"
    Z = X @ W1 + b1
    np.testing.assert_allclose(
        adopt(found).outputs(X), softmax(ACTIVATIONS[found.activations[0]].value(Z) @ W2 + b2), rtol=1e-9
    )


def test_activations_stand_as_functions_and_as_layers_too(keras):
    for activation in (
        {"module": "builtins", "class_name": "function", "config": "elu", "registered_name": "function"},
        {"module": "keras.layers", "class_name": "ELU", "config": {"alpha": 1.0}},
    ):
        found = read_model(keras([layer("Dense", "one", activation=activation), layer("Dense", "two")], BOTH))
        assert (found.activations, found.link) == (("elu",), "linear")
    found = read_model(keras([layer("Dense", "one"), layer("ReLU"), layer("Dense", "two"), layer("Softmax")], BOTH))
    assert (found.activations, found.link) == (("relu",), "softmax")


@pytest.mark.parametrize(
    ("odd", "words"),
    [
        (layer("Conv2D", "conv"), "'conv' (Conv2D) cannot be drawn"),
        (layer("LayerNormalization", "norm"), "'norm' (LayerNormalization)"),
        (layer("Activation", "act", activation="leaky_relu"), "slope 0.2"),
        (layer("LeakyReLU", "act"), "slope 0.3"),
        (layer("LeakyReLU", "act", alpha=0.2), "slope 0.2"),
        (layer("ELU", "act", alpha=0.5), "another α"),
        (layer("ReLU", "act", max_value=6.0), "an upper limit"),
        (layer("Softmax", "act", axis=0), "another side"),
        (layer("Activation", "act", activation="hard_sigmoid"), "'hard_sigmoid'"),
        (layer("Activation", "act", activation={"class_name": "function", "config": "<lambda>"}), "'<lambda>'"),
        (layer("Activation", "act", activation=3), "'act'"),
        (layer("Dropout", "drop", rate="much"), "no number as its rate"),
        (layer("BatchNormalization", "norm"), "other weights"),
        (layer("Rescaling", "scale", scale=[1, 2], offset=[1, 2, 3]), "different sizes"),
        (layer("Activation", "one", activation="relu"), "the same name"),
        (layer("Mine", "my") | {"module": "my.code"}, "own code"),
        (layer("Dense", "my") | {"registered_name": "Custom>Dense"}, "own code"),
        (layer("Activation", "act", activation="softmax"), "softmax follows the hidden layer"),
        ({"class_name": "Dense"}, "not described"),
        (3, "not described"),
    ],
)
def test_a_layer_that_does_not_belong_there_is_named(keras, odd, words):
    assert words in refused(keras([inputs(), layer("Dense", "one"), odd, layer("Dense", "two")], BOTH))


def test_a_dense_layer_on_rows_of_several_sides_is_refused_unless_they_are_flattened(keras):
    dense = [layer("Dense", "one"), layer("Dense", "two")]
    assert "several sides" in refused(keras([inputs(2, 4), *dense], BOTH))
    assert read_model(keras([inputs(2, 2), layer("Flatten"), *dense], BOTH)).sizes == (4, 5, 3)
    assert "the input has 6" in refused(keras([inputs(2, 3), layer("Flatten"), *dense], BOTH))


def test_normalisation_and_scaling_are_put_into_the_layers(keras):
    layers = [
        inputs(),
        layer("Rescaling", scale=0.5, offset=1.0),
        layer("Normalization", axis=-1, mean=None, variance=None),
        layer("Dense", "one", use_bias=False),
        layer("BatchNormalization", epsilon=1e-3),
        layer("Activation", activation="tanh"),
        layer("Dropout", rate=0.2),
        layer("BatchNormalization", "second", scale=False, axis=[1]),
        layer("GaussianNoise", stddev=0.1),
        layer("Dense", "two", activation="sigmoid"),
    ]
    mean, variance = draw.normal(size=4), draw.uniform(0.5, 2, 4)
    first, second = draw.uniform(0.5, 2, (4, 5)), draw.uniform(0.5, 2, (3, 5))
    arrays = {
        "layers/normalization/vars/0": mean, "layers/normalization/vars/1": variance,
        "layers/normalization/vars/2": np.array(7),
        "layers/dense/vars/0": W1, "layers/dense_1/vars/0": W2, "layers/dense_1/vars/1": b2,
        **{f"layers/batch_normalization/vars/{n}": first[n] for n in range(4)},
        **{f"layers/batch_normalization_1/vars/{n}": second[n] for n in range(3)},
        "optimizer/vars/0": W1,
    }  # fmt: skip
    found = read_model(keras(layers, arrays))
    Z = ((X * 0.5 + 1.0 - mean) / np.sqrt(variance)) @ W1
    A = np.tanh((Z - first[2]) / np.sqrt(first[3] + 1e-3) * first[0] + first[1])
    A = (A - second[1]) / np.sqrt(second[2] + 1e-3) + second[0]
    expected = 1 / (1 + np.exp(-(A @ W2 + b2)))
    np.testing.assert_allclose(adopt(found).outputs(X), expected, rtol=1e-9)
    assert found.dropout == (0.2,)
    assert len(found.notes) == 5


def node(*names: str) -> list:
    tensors = [{"class_name": "__keras_tensor__", "config": {"keras_history": [name, 0, 0]}} for name in names]
    return [{"args": [tensors if len(tensors) > 1 else tensors[0]], "kwargs": {"training": False}}]


def functional(*ways: tuple[dict, tuple[str, ...]]) -> list[dict]:
    return [each | {"name": each["config"]["name"], "inbound_nodes": node(*names) if names else []}
            for each, names in ways]  # fmt: skip


def test_a_functional_chain_is_followed_from_input_to_output(keras):
    layers = functional(
        (layer("Dense", "two", activation="softmax"), ("act",)),
        (inputs(), ()),
        (layer("Dense", "one"), ("inputs",)),
        (layer("Activation", "act", activation="tanh"), ("one",)),
    )
    # Keras counts the layers of a class as a row goes through them, however they are listed.
    found = read_model(keras(layers, BOTH, "Functional", output_layers=["two", 0, 0]))
    np.testing.assert_allclose(adopt(found).outputs(X), softmax(np.tanh(X @ W1 + b1) @ W2 + b2), rtol=1e-9)


def test_a_functional_model_that_branches_is_refused_by_the_layer(keras):
    one, two = layer("Dense", "one"), layer("Dense", "two")
    start = (inputs(), ())
    forked = functional(start, (one, ("inputs",)), (two, ("inputs",)))
    assert "'inputs' (InputLayer) is followed by several" in refused(keras(forked, BOTH, "Functional"))
    joined = functional(start, (one, ("inputs",)), (layer("Add", "add"), ("one", "inputs")))
    assert "'add' (Add) takes what comes out of several" in refused(keras(joined, BOTH, "Functional"))
    circle = functional(start, (one, ("two",)), (two, ("one",)))
    assert "not the only end" in refused(keras(circle, BOTH, "Functional"))
    early = functional(start, (one, ("inputs",)), (two, ("one",)))
    assert "not the only end" in refused(keras(early, BOTH, "Functional", output_layers=["one", 0, 0]))
    lost = functional(start, (one, ("nobody",)))
    assert "'one' (Dense) takes" in refused(keras(lost, BOTH, "Functional"))
    assert "class 'Mine'" in refused(keras([one], LINEAR, "Mine"))


KERAS_2 = {
    "class_name": "Sequential",
    "config": {
        "name": "sequential",
        "layers": [
            {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 4], "name": "dense_input"}},
            {"class_name": "Dense", "config": {"name": "dense", "units": 5, "activation": "relu"}},
            {"class_name": "Dropout", "config": {"name": "dropout", "rate": 0.5}},
            {"class_name": "Dense", "config": {"name": "dense_1", "units": 3, "activation": "softmax"}},
        ],
    },
}


def keras_2(root: str, attributes: dict | None = None) -> bytes:
    arrays = {f"{root}dense/dense/kernel:0": W1, f"{root}dense/dense/bias:0": b1,
              f"{root}dense_1/dense_1/kernel:0": W2, f"{root}dense_1/dense_1/bias:0": b2}  # fmt: skip
    names = {f"{root}{name}": {"weight_names": [f"{name}/kernel:0".encode(), f"{name}/bias:0".encode()]}
             for name in ("dense", "dense_1")}  # fmt: skip
    listed = {root or "/": {"layer_names": [b"dense", b"dropout", b"dense_1"]}}
    return hdf5(arrays, listed | names | {f"{root}dropout": {"weight_names": np.array([])}} | (attributes or {}))


def test_a_whole_model_of_keras_2_is_read(tmp_path):
    path = tmp_path / "m.h5"
    path.write_bytes(keras_2("model_weights/", {"/": {"model_config": json.dumps(KERAS_2)}}))
    found = read_model(path)
    assert (found.activations, found.link, found.dropout) == (("relu",), "softmax", (0.5,))
    np.testing.assert_allclose(load_model(path).outputs(X), softmax(np.maximum(X @ W1 + b1, 0) @ W2 + b2), rtol=1e-9)


def test_weights_of_keras_2_stand_in_the_order_that_they_say(tmp_path):
    path = tmp_path / "m.weights.h5"
    path.write_bytes(keras_2(""))
    found = read_model(path)
    assert (found.activations, found.link, found.sizes) == ((None,), None, (4, 5, 3))
    assert np.array_equal(found.layers[1].weight, W2)


@pytest.mark.parametrize("count", [2, 12])
def test_weights_of_keras_3_stand_in_the_order_of_their_numbers(tmp_path, count):
    arrays = {}
    for place in range(count):
        name = f"layers/dense_{place}" if place else "layers/dense"
        arrays |= {f"{name}/vars/0": np.eye(3) * (place + 1), f"{name}/vars/1": np.zeros(3)}
    path = tmp_path / "m.weights.h5"
    path.write_bytes(hdf5(arrays | {"layers/dropout/seed_generator/vars/0": np.ones(2, np.uint32)}))
    found = read_model(path)
    assert [layer.weight[0, 0] for layer in found.layers] == [*range(1, count + 1)]
    assert adopt(found, Assumptions(activation="tanh")).network.hidden[0].activation == "tanh"


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({}, "no weights"),
        (LINEAR | {"layers/batch_normalization/vars/0": np.ones(5)}, "'layers/batch_normalization'"),
        (LINEAR | {"layers/conv2d/vars/0": np.ones((3, 3, 1, 2))}, "'layers/conv2d'"),
        (LINEAR | {"layers/dense_1/vars/0": W1}, "5 numbers come out of 'layers/dense'"),
        (LINEAR | {"layers/dense_1/vars/1": b2}, "none of number 0"),
        (LINEAR | {"other": b2}, "not where Keras puts weights"),
        ({"layers/dense/vars/0": W1, "layers/dense/vars/1": b2}, "bias of 'layers/dense'"),
        ({"layers/dense/vars/0": W1 * np.nan}, "not finite"),
    ],
)
def test_weights_that_are_no_chain_are_refused_by_their_name(tmp_path, arrays, words):
    path = tmp_path / "m.weights.h5"
    path.write_bytes(hdf5(arrays))
    assert words in refused(path)


def test_half_precision_and_missing_biases_are_noted(tmp_path):
    path = tmp_path / "m.weights.h5"
    path.write_bytes(hdf5({"layers/dense/vars/0": W1.astype(np.float16)}))
    found = read_model(path)
    assert found.layers[0].weight.dtype == np.float32
    assert len(found.notes) == 2


def model(name: str, *layers: dict, kind: str = "Sequential") -> dict:
    return {"module": "keras", "class_name": kind, "config": {"name": name, "layers": [*layers]}}


def test_models_in_models_are_gone_through(keras):
    arrays = {
        "layers/sequential/layers/dense/vars/0": W1,
        "layers/sequential/layers/dense/vars/1": b1,
        "layers/sequential_1/layers/sequential/layers/dense/vars/0": W2,
        "layers/sequential_1/layers/sequential/layers/dense/vars/1": b2,
    }
    first = model("first", inputs(), layer("Dense", "one", activation="tanh"), layer("Dropout", rate=0.25))
    last = model("last", model("innermost", inputs(5), layer("Dense", "one", activation="softmax")))
    found = read_model(keras([inputs(), first, last], arrays))
    assert (found.activations, found.dropout, found.link) == (("tanh",), (0.25,), "softmax")
    np.testing.assert_allclose(adopt(found).outputs(X), softmax(np.tanh(X @ W1 + b1) @ W2 + b2), rtol=1e-9)


def test_models_in_too_many_models_are_refused(keras):
    whole = layer("Dense", "one")
    for place in range(12):
        whole = model(f"m{place}", whole)
    assert "too many others" in refused(keras([inputs(), whole], LINEAR))


def test_a_layer_in_a_model_is_found_by_its_name_in_files_of_keras_2(tmp_path):
    inner = model("inner", layer("Dense", "one", activation="tanh"), layer("Dense", "two", activation="softmax"))
    whole = {"class_name": "Sequential", "config": {"layers": [inputs(), inner]}}
    names = ["inner/one/kernel:0", "inner/one/bias:0", "inner/two/kernel:0", "inner/two/bias:0"]
    arrays = {f"model_weights/inner/{name}": array for name, array in zip(names, (W1, b1, W2, b2), strict=True)}
    attributes = {
        "/": {"model_config": json.dumps(whole)},
        "model_weights": {"layer_names": ["inputs", "inner"]},
        "model_weights/inner": {"weight_names": names},
    }
    path = tmp_path / "m.h5"
    path.write_bytes(hdf5(arrays, attributes))
    np.testing.assert_allclose(adopt(read_model(path)).outputs(X), softmax(np.tanh(X @ W1 + b1) @ W2 + b2), rtol=1e-9)
    del attributes["/"]
    path.write_bytes(hdf5(arrays, attributes))
    assert load_model(path, Assumptions("tanh", "softmax")).outputs(X) == pytest.approx(
        softmax(np.tanh(X @ W1 + b1) @ W2 + b2)
    )


def test_a_reshape_to_one_side_changes_nothing_and_another_is_refused(keras):
    flat = layer("Reshape", "flat", target_shape=[4])
    assert read_model(keras([inputs(2, 2), flat, layer("Dense", "one")], LINEAR)).sizes == (4, 5)
    assert "'square' (Reshape)" in refused(
        keras([inputs(), layer("Reshape", "square", target_shape=[2, 2]), layer("Dense", "one")], LINEAR)
    )


def test_the_metrics_beside_weights_are_no_layers(tmp_path):
    path = tmp_path / "m.weights.h5"
    path.write_bytes(hdf5(BOTH | {"metrics/mean/vars/0": np.float32(1), "metrics/mean/vars/1": np.float32(2)}))
    assert read_model(path).sizes == (4, 5, 3)
