"""All weights and biases of a network in one flat vector.

Layer by layer: the weight (fan_in, fan_out) row by row, then the bias (fan_out,).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.nn.initializers import INITIALIZERS
from simulator.snapshot import LayerParameters
from simulator.spec import NetworkSpec
from simulator.tables import look_up


def layers(network: NetworkSpec, flat: Any) -> tuple[LayerParameters, ...]:
    """Return the layers as views of a flat vector (parameter_count,), of whichever array library it belongs to."""
    views: list[LayerParameters] = []
    start = 0
    for fan_in, fan_out in network.shapes:
        middle, end = start + fan_in * fan_out, start + fan_in * fan_out + fan_out
        views.append(LayerParameters(flat[start:middle].reshape(fan_in, fan_out), flat[middle:end]))
        start = end
    return tuple(views)


def start_values(network: NetworkSpec, seed: int) -> NDArray[np.float64]:
    """Return a flat vector with drawn weights and zero biases, (parameter_count,); it depends on the seed alone.

    Raises
    ------
    ConfigError
        When the network names an initializer that does not exist.
    """
    initializer = look_up(INITIALIZERS, network.initializer, "initializer")
    flat = np.zeros(network.parameter_count)
    for index, layer in enumerate(layers(network, flat)):
        layer.weight[...] = initializer.draw(seed, index, *layer.weight.shape)
    return flat


def weight_places(network: NetworkSpec) -> NDArray[np.bool_]:
    """Return which places of the flat vector are weights and not biases, (parameter_count,)."""
    places = np.zeros(network.parameter_count, dtype=bool)
    for layer in layers(network, places):
        layer.weight[...] = True
    return places
