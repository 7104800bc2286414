import numpy as np
import pytest

from simulator.errors import ConfigError
from simulator.explain import address_of, place_of
from simulator.nn import parameters
from simulator.spec import LayerSpec, NetworkSpec

NETWORK = NetworkSpec(3, (LayerSpec(4), LayerSpec(2)), 5)


def test_every_place_has_an_address_that_leads_back_to_it():
    addresses = [address_of(NETWORK, place) for place in range(NETWORK.parameter_count)]
    assert len(set(addresses)) == NETWORK.parameter_count
    assert [place_of(NETWORK, *address) for address in addresses] == list(range(NETWORK.parameter_count))


def test_the_places_are_those_of_the_layers_views():
    flat = np.arange(NETWORK.parameter_count)
    for number, layer in enumerate(parameters.layers(NETWORK, flat)):
        assert all(place_of(NETWORK, number, i, j) == place for (i, j), place in np.ndenumerate(layer.weight))
        assert [place_of(NETWORK, number, None, j) for j in range(len(layer.bias))] == layer.bias.tolist()


@pytest.mark.parametrize(
    "address", [(3, 0, 0), (-1, 0, 0), (0, 3, 0), (0, -1, 0), (0, 0, 4), (0, None, 4), (1, None, -1)]
)
def test_an_address_without_a_parameter_is_refused(address):
    with pytest.raises(ConfigError, match="there is no"):
        place_of(NETWORK, *address)


@pytest.mark.parametrize("place", [-1, NETWORK.parameter_count])
def test_a_place_without_a_parameter_is_refused(place):
    with pytest.raises(ConfigError, match=f"no parameter {place}"):
        address_of(NETWORK, place)
