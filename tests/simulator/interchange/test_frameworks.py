"""What is written for PyTorch and Keras is loaded by them, and what they write is read."""

import itertools
import os
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.interchange import Assumptions, Foreign, Model, adopt, load_model, read_model, save_model
from simulator.interchange.foreign import LOSSES, plain_recipe
from simulator.interchange.keras_layers import python_line
from simulator.interchange.sequential import sequential
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.parameters import start_values
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig

os.environ.setdefault("KERAS_BACKEND", "torch")
pytestmark = pytest.mark.frameworks
QUIET = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch")


@pytest.fixture(scope="module")
def keras(torch):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("keras")


@st.composite
def models(draw) -> Model:
    hidden = draw(
        st.lists(
            st.builds(
                LayerSpec,
                st.integers(1, 9),
                st.sampled_from(list(ACTIVATIONS)),
                st.sampled_from([0.0, 0.25]),
            ),
            max_size=4,
        )
    )
    link, outputs = draw(st.sampled_from([("softmax", 3), ("sigmoid", 2), ("sigmoid", 1), ("linear", 1)]))
    network = NetworkSpec(draw(st.integers(1, 7)), tuple(hidden), outputs, link)
    config = TrainingConfig(loss=Rule(LOSSES[link]), dtype=draw(st.sampled_from(["float32", "float64"])))
    seed = draw(st.integers(0, 2**32 - 1))
    weights = start_values(network, seed) + np.random.default_rng(seed).normal(size=network.parameter_count) * 0.3
    return Model(network, config, weights.astype(config.dtype), plain_recipe(network), 3)


def one_of_every_activation(dtype: str = "float32") -> list[Model]:
    made = []
    for place, name in enumerate(ACTIVATIONS):
        network = NetworkSpec(3, (LayerSpec(6, name), LayerSpec(5, name)), 2)
        parameters = np.random.default_rng(place).normal(size=network.parameter_count).astype(dtype)
        made.append(Model(network, TrainingConfig(dtype=dtype), parameters, plain_recipe(network)))
    return made


def rows(model: Model) -> np.ndarray:
    return np.random.default_rng(5).normal(scale=2.0, size=(40, model.network.inputs)).astype(model.config.dtype)


def agree(given, expected) -> None:
    assert np.abs(given - expected).max() <= 1e-6 * max(1.0, np.abs(expected).max())


def in_torch(torch, model: Model, state: dict) -> np.ndarray:
    made = eval(sequential(model.network, model.config.dtype), {"nn": torch.nn})
    made.load_state_dict(state, strict=True)
    with torch.no_grad():
        return made.eval()(torch.from_numpy(rows(model))).numpy()


def own_module(torch, model: Model):
    class Own(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            pairs = itertools.pairwise(model.network.sizes)
            self.layers = torch.nn.ModuleList([torch.nn.Linear(*pair) for pair in pairs])

    return Own().to(getattr(torch, model.config.dtype))


def check_torch(torch, model: Model, folder) -> None:
    from safetensors.torch import load_file

    path = save_model(model, folder / "m.pt")
    for mapped in (False, True):
        state = torch.load(path, weights_only=True, mmap=mapped)
        own_module(torch, model).load_state_dict(state, strict=True)
        for place, layer in enumerate(model.layers):
            assert np.array_equal(state[f"layers.{place}.weight"].numpy(), layer.weight.T)
            assert np.array_equal(state[f"layers.{place}.bias"].numpy(), layer.bias)
    path = save_model(model, folder / "m.safetensors", "pytorch_sequential")
    agree(in_torch(torch, model, load_file(path)), model.outputs(rows(model)))


def in_keras(keras, made, model: Model) -> np.ndarray:
    return keras.ops.convert_to_numpy(made(rows(model), training=False))


def check_keras(keras, model: Model, folder) -> None:
    expected = model.outputs(rows(model))
    whole = keras.saving.load_model(save_model(model, folder / "m.keras"))
    assert {str(each.dtype) for each in whole.weights} == {model.config.dtype}
    agree(in_keras(keras, whole, model), expected)
    made = eval(python_line(model), {"keras": keras})
    made.load_weights(save_model(model, folder / "m.weights.h5"))
    agree(in_keras(keras, made, model), expected)


@QUIET
@given(model=models())
def test_torch_loads_any_network(torch, tmp_path, model):
    check_torch(torch, model, tmp_path)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_torch_agrees_on_every_activation(torch, tmp_path, dtype):
    for model in one_of_every_activation(dtype):
        check_torch(torch, model, tmp_path)


@QUIET
@given(model=models())
def test_keras_loads_any_network(keras, tmp_path, model):
    check_keras(keras, model, tmp_path)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_keras_agrees_on_every_activation(keras, tmp_path, dtype):
    for model in one_of_every_activation(dtype):
        check_keras(keras, model, tmp_path)


def test_keras_trains_a_loaded_network_on(keras, tmp_path):
    model = one_of_every_activation()[-2]
    made = keras.saving.load_model(save_model(model, tmp_path / "m.keras"))
    made.compile("sgd", "categorical_crossentropy")
    X = rows(model)
    made.fit(X, np.eye(2, dtype=np.float32)[(X[:, 0] > 0).astype(int)], epochs=2, verbose=0)
    trained = made.predict(X, verbose=0)
    made.save(tmp_path / "trained.keras")
    agree(load_model(tmp_path / "trained.keras").outputs(X), trained)
    assert np.abs(trained - model.outputs(X)).max() > 1e-4


@QUIET
@given(model=models())
def test_what_keras_writes_is_read(keras, tmp_path, model):
    made = keras.saving.load_model(save_model(model, tmp_path / "m.keras"))
    made.save(tmp_path / "theirs.keras")
    made.save(tmp_path / "theirs.h5")
    for name in ("theirs.keras", "theirs.h5"):
        found = read_model(tmp_path / name)
        assert isinstance(found, Foreign)
        assert found.link == model.network.link
        assert found.activations == tuple(each.activation for each in model.network.hidden)
        assert adopt(found).network.hidden == model.network.hidden
        assert np.array_equal(adopt(found).parameters, model.parameters)
    made.save_weights(tmp_path / "theirs.weights.h5")
    found = read_model(tmp_path / "theirs.weights.h5")
    assert np.array_equal(adopt(found, Assumptions(link=model.network.link)).parameters, model.parameters)


@QUIET
@given(model=models())
def test_what_torch_and_safetensors_write_is_read(torch, tmp_path, model):
    from safetensors.torch import save_file

    made = eval(sequential(model.network, model.config.dtype), {"nn": torch.nn})
    expected = [value.numpy().copy() for value in made.state_dict().values()]
    save_file(made.state_dict(), tmp_path / "theirs.safetensors", metadata={"format": "pt"})
    found = read_model(tmp_path / "theirs.safetensors")
    for place, layer in enumerate(found.layers):
        assert np.array_equal(layer.weight.T, expected[2 * place])
        assert np.array_equal(layer.bias, expected[2 * place + 1])
    torch.save(made.state_dict(), tmp_path / "theirs.pt")
    # What the refusal of a .pt file advises.
    save_file(torch.load(tmp_path / "theirs.pt", weights_only=True), tmp_path / "converted.safetensors")
    assert read_model(tmp_path / "converted.safetensors").sizes == model.network.sizes


@pytest.mark.parametrize("order", ["linear, norm, relu", "linear, relu, norm"])
def test_batch_normalisations_of_torch_are_put_into_the_layers(torch, tmp_path, order):
    from safetensors.torch import save_file

    nn = torch.nn
    between = [nn.BatchNorm1d(6), nn.ReLU()] if order == "linear, norm, relu" else [nn.ReLU(), nn.BatchNorm1d(6)]
    made = nn.Sequential(nn.BatchNorm1d(4), nn.Linear(4, 6), *between, nn.Linear(6, 3), nn.Softmax(dim=1))
    X = torch.from_numpy(np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32))
    for _ in range(5):
        made.train()(X * 3 + 1)
    save_file(made.state_dict(), tmp_path / "m.safetensors")
    agree(load_model(tmp_path / "m.safetensors").outputs(X.numpy()), made.eval()(X).detach().numpy())


def test_normalisations_and_branches_of_keras(keras, tmp_path):
    layers = keras.layers
    X = np.random.default_rng(0).normal(size=(64, 2, 2)).astype(np.float32) * 2 + 1
    norm = layers.Normalization()
    norm.adapt(X.reshape(-1, 4))
    inputs = keras.Input((2, 2))
    h = layers.Rescaling(0.5, 0.1)(norm(layers.Flatten()(inputs)))
    h = layers.ReLU()(layers.BatchNormalization()(layers.Dense(6, use_bias=False)(h)))
    h = layers.BatchNormalization(center=False)(layers.Dense(5, activation=layers.ELU())(layers.Dropout(0.1)(h)))
    outputs = layers.Softmax()(layers.Dense(3)(h))
    made = keras.Model(inputs, outputs)
    made.compile("adam", "categorical_crossentropy")
    made.fit(X, np.eye(3, dtype=np.float32)[np.arange(64) % 3], epochs=3, verbose=0)
    for name in ("m.keras", "m.h5"):
        made.save(tmp_path / name)
        found = read_model(tmp_path / name)
        assert (found.activations, found.link) == (("relu", "elu"), "softmax")
        agree(adopt(found).outputs(X.reshape(-1, 4)), made.predict(X, verbose=0))


def test_models_of_keras_in_models_are_read(keras, tmp_path):
    layers = keras.layers
    X = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(6, "tanh"), layers.Dropout(0.2)])
    inputs = keras.Input((6,))
    normal = layers.BatchNormalization()(layers.Dense(5)(inputs))
    branch = keras.Model(inputs, layers.ReLU()(normal))
    made = keras.Sequential([keras.Input((4,)), inner, branch, layers.Dense(3, "softmax")])
    made.compile("adam", "categorical_crossentropy")
    made.fit(X, np.eye(3, dtype=np.float32)[np.arange(20) % 3], epochs=3, verbose=0)
    for name in ("m.keras", "m.h5"):
        made.save(tmp_path / name)
        found = read_model(tmp_path / name)
        assert (found.activations, found.dropout, found.link) == (("tanh", "relu"), (0.2, 0.0), "softmax")
        agree(adopt(found).outputs(X), made.predict(X, verbose=0))
