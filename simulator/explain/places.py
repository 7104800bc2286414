"""Where a weight or a bias stands in the flat vector of all parameters, and the way back."""

from simulator.errors import ConfigError
from simulator.spec import NetworkSpec


def place_of(network: NetworkSpec, layer: int, source: int | None, unit: int) -> int:
    """Return the place of the weight from input `source` to neuron `unit` of a linear layer; no source: of its bias.

    Raises
    ------
    ConfigError
        When the network has no such weight or bias.
    """
    if 0 <= layer < len(network.shapes):
        fan_in, fan_out = network.shapes[layer]
        inside = fan_in if source is None else source
        if 0 <= unit < fan_out and 0 <= inside <= fan_in - (source is not None):
            start = sum(rows * columns + columns for rows, columns in network.shapes[:layer])
            return start + inside * fan_out + unit
    what = "bias" if source is None else f"weight from {source}"
    raise ConfigError(f"there is no {what} to neuron {unit} of layer {layer}", f"The layers are {network.shapes}.")


def address_of(network: NetworkSpec, place: int) -> tuple[int, int | None, int]:
    """Return (layer, source, unit) of a place in the flat vector; the source of a bias is None.

    Raises
    ------
    ConfigError
        When there are not so many parameters.
    """
    left = place
    for layer, (fan_in, fan_out) in enumerate(network.shapes):
        count = fan_in * fan_out + fan_out
        if 0 <= left < count:
            source, unit = divmod(left, fan_out)
            return layer, source if source < fan_in else None, unit
        left -= count
    raise ConfigError(f"there is no parameter {place}", f"The network has {network.parameter_count:,}, from 0.")
