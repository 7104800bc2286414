import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.insight import health
from simulator.nn import parameters
from simulator.nn.activations import ACTIVATIONS
from simulator.snapshot import LayerParameters
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig

X = np.random.default_rng(0).normal(size=(50, 3))


def _network(activation, units=4, hidden=1):
    return NetworkSpec(3, tuple(LayerSpec(units, activation) for _ in range(hidden)), 2)


def _layers(network, seed=1, dtype=np.float32):
    return parameters.layers(network, parameters.start_values(network, seed).astype(dtype))


def test_a_relu_far_below_zero_is_silent_and_its_neighbours_are_well():
    network = _network("relu")
    layers = _layers(network)
    layers[0].bias[2] = -100
    found = health.examine(network, layers, X)
    assert found.whole
    assert found.units("silent") == ((1, 2),)
    assert found.ailments[0].share == 1.0
    assert dict(found.ailments[0].evidence)["largest |activation|"] == 0.0
    layers[0].bias[2] = 100  # always on: linear, but not ailing
    assert not health.examine(network, layers, X).units("silent")


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "softsign", "elu", "selu"])
def test_a_neuron_on_the_flat_part_of_its_activation_is_saturated(activation):
    network = _network(activation)
    layers = _layers(network)
    layers[0].bias[1] = -60
    found = health.examine(network, layers, X)
    assert found.units("saturated") == ((1, 1),)
    assert not found.units("silent")


@pytest.mark.parametrize("activation", ["leaky_relu", "linear"])
def test_what_is_flat_nowhere_is_never_saturated_or_silent(activation):
    network = _network(activation)
    layers = _layers(network)
    layers[0].bias[...] = -60
    assert not health.examine(network, layers, X).ailments


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_where_an_activation_is_flat_follows_from_its_definitions(activation):
    found = health.shape(activation)
    assert found.rests == (activation in {"relu", "gelu", "silu", "mish", "softplus"})
    assert found.flattens == (activation not in {"linear", "leaky_relu"})
    assert found.steepest == pytest.approx({"sigmoid": 0.25, "selu": 1.758}.get(activation, 1.0), rel=0.13)


def test_numbers_that_are_not_finite_or_far_too_large_explode():
    network = _network("relu", units=5)
    layers = _layers(network)
    layers[0].weight[:, 0] = np.nan
    layers[0].weight[:, 1] *= 1e4
    found = health.examine(network, layers, X)
    assert found.units("exploding") == ((1, 0), (1, 1))
    assert found.ailments[0].share == 1.0


def test_of_many_rows_some_are_looked_at_and_that_is_said(monkeypatch):
    monkeypatch.setattr(health, "MOST_CELLS", 1)
    found = health.examine(_network("relu"), _layers(_network("relu")), np.tile(X, (4, 1)))
    assert (found.rows, found.of, found.whole) == (64, 200, False)


def test_the_gradient_of_many_sigmoid_layers_vanishes_and_of_large_weights_explodes():
    deep = NetworkSpec(3, tuple(LayerSpec(6, "sigmoid") for _ in range(8)), 2)
    Y = np.eye(2)[np.arange(50) % 2]
    flow = health.gradient_flow(deep, TrainingConfig(), _layers(deep), X, Y)
    assert [each.layer for each in flow] == list(range(1, 10))
    assert flow[0].kind == "vanishing"
    assert flow[-1].relative == 1.0
    assert not flow[-1].kind
    wide = NetworkSpec(3, tuple(LayerSpec(6, "relu") for _ in range(6)), 2)
    layers = tuple(LayerParameters(each.weight * 20, each.bias) for each in _layers(wide))
    assert health.gradient_flow(wide, TrainingConfig(), layers, X, Y)[0].kind == "exploding"


def test_the_gradient_that_arrives_is_the_derivative_of_the_loss():
    """The norm of the weight gradient against central differences of the mean loss, in float64."""
    from simulator.engines.passes import evaluate

    network, config = _network("tanh"), TrainingConfig(loss=Rule("mse"), dtype="float64")
    flat = parameters.start_values(network, 3)
    Y = np.eye(2)[np.arange(50) % 2]

    def loss(values):
        return evaluate(network, config, parameters.layers(network, values), X, Y, None, True)[0] / len(X)

    numeric = np.array([(loss(flat + step) - loss(flat - step)) / 2e-6 for step in 1e-6 * np.eye(len(flat))])
    by_layer = parameters.layers(network, numeric)
    flow = health.gradient_flow(network, config, parameters.layers(network, flat), X, Y)
    assert [each.gradient for each in flow] == pytest.approx([np.linalg.norm(each.weight) for each in by_layer])


@given(
    st.sampled_from(sorted(ACTIVATIONS)),
    st.floats(width=32),
    st.floats(width=32),
    st.integers(0, 5),
    st.integers(1, 5),
)
def test_any_network_can_be_examined_and_silence_is_what_it_is_said_to_be(activation, weight, bias, rows, units):
    network = _network(activation, units=units, hidden=2)
    layers = _layers(network)
    layers[0].weight[0, 0], layers[1].bias[-1] = weight, bias
    found = health.examine(network, layers, X[:rows])
    assert {each.kind for each in found.ailments} <= set(health.KINDS)
    assert len({(each.layer, each.unit) for each in found.ailments}) == len(found.ailments)
    for each in found.ailments:
        assert 0 <= each.share <= 1
    health.gradient_flow(network, TrainingConfig(), layers, X[:rows], np.zeros((rows, 2)))
    if activation == "relu" and np.isfinite([weight, bias]).all() and rows:
        with np.errstate(over="ignore"):
            Z = X[:rows].astype(np.float32) @ layers[0].weight + layers[0].bias
        assert {unit for layer, unit in found.units("silent") if layer == 1} == {
            unit for unit in range(units) if (Z[:, unit] <= 0).all()
        } - {unit for layer, unit in found.units("exploding") if layer == 1}
