import numpy as np
import pytest

from simulator.errors import ConfigError
from simulator.nn import parameters
from simulator.spec import LayerSpec, NetworkSpec

NETWORK = NetworkSpec(3, (LayerSpec(4), LayerSpec(2)), 5)


def test_layers_are_views_of_the_flat_vector_that_fill_it_without_a_gap():
    flat = np.arange(NETWORK.parameter_count, dtype=float)
    layers = parameters.layers(NETWORK, flat)
    joined = np.concatenate([part for layer in layers for part in (layer.weight.ravel(), layer.bias)])
    assert joined.tolist() == flat.tolist()
    assert [layer.weight.shape for layer in layers] == [(3, 4), (4, 2), (2, 5)]
    layers[1].bias[0] = -1.0
    assert flat[3 * 4 + 4 + 4 * 2] == -1.0


def test_start_values_have_drawn_weights_and_zero_biases():
    layers = parameters.layers(NETWORK, parameters.start_values(NETWORK, 7))
    assert all((layer.bias == 0).all() and (layer.weight != 0).all() for layer in layers)


def test_weight_places_tell_weights_from_biases():
    layers = parameters.layers(NETWORK, parameters.weight_places(NETWORK))
    assert all(layer.weight.all() and not layer.bias.any() for layer in layers)


def test_an_unknown_initializer_is_refused_and_the_nearest_one_named():
    with pytest.raises(ConfigError) as caught:
        parameters.start_values(NetworkSpec(initializer="he_norml"), 0)
    assert "'he_norml'" in caught.value.message
    assert "Did you mean 'he_normal'?" in caught.value.hint
