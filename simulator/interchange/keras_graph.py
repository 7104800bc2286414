"""The layers of a Keras configuration, in the order in which a row goes through them."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.errors import ModelFileError
from simulator.interchange.chain import HINT

_CHAINS = ("Functional", "Model", "Sequential")
_MOST_LAYERS = 1000
_DEEPEST = 10


@dataclasses.dataclass(frozen=True)
class Layer:
    """A layer as its configuration describes it.

    Attributes
    ----------
    kind
        Its class.
    name, settings
        What Keras calls it, and what it is made with.
    inner
        The layers of one that is a model itself, in their order.
    """

    kind: str
    name: str
    settings: Mapping[str, Any]
    inner: "tuple[Layer, ...]" = ()

    def refused(self, why: str, hint: str = HINT) -> ModelFileError:
        """Return the error that names the layer."""
        return ModelFileError(f"the layer {self.name[:60]!r} ({self.kind[:40]}) {why}", hint)

    def number(self, setting: str, default: float) -> float:
        """Return a setting that is a number."""
        value = self.settings.get(setting, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.refused(f"has no number as its {setting}")
        return float(value)

    def flag(self, setting: str, default: bool) -> bool:
        """Return a setting that is true or false."""
        value = self.settings.get(setting, default)
        if not isinstance(value, bool):
            raise self.refused(f"says neither yes nor no to {setting}")
        return value

    def numbers(self, setting: str) -> NDArray[np.float64]:
        """Return a setting that is a number or a row of them, (n,)."""
        value: Any = self.settings.get(setting)
        if isinstance(value, dict):  # an array, as Keras writes one down
            inner = value.get("config")
            value = inner.get("value") if isinstance(inner, dict) else None
        while isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
            value = value[0]
        values = value if isinstance(value, list) else [value]
        if not values or any(isinstance(each, bool) or not isinstance(each, int | float) for each in values):
            raise self.refused(f"has no numbers as its {setting}")
        try:
            return np.array(values, np.float64)
        except OverflowError as error:
            raise self.refused(f"has too large a number as its {setting}") from error


def layers_in_order(configuration: object, depth: int = 0) -> list[Layer]:
    """Return the layers of a `Sequential`, or of a `Functional` model that is a chain.

    Parameters
    ----------
    configuration
        As it was parsed.
    depth
        In how many other models this one stands.

    Raises
    ------
    ModelFileError
        When it is neither, naming the layer where it branches.
    """
    whole: Mapping[str, Any] = configuration if isinstance(configuration, dict) else {}
    kind, settings = whole.get("class_name"), whole.get("config")
    entries = settings.get("layers") if isinstance(settings, dict) else settings
    if kind not in _CHAINS or not isinstance(entries, list) or len(entries) > _MOST_LAYERS:
        raise ModelFileError(
            f"the model is of the class {str(kind)[:60]!r}",
            "Known: Sequential and Functional; of a class of your own save the weights alone, as .weights.h5. " + HINT,
        )
    layers = [_layer(entry, depth) for entry in entries]
    if len({layer.name for layer in layers}) != len(layers):
        raise ModelFileError("several layers of the model have the same name", HINT)
    outputs = settings.get("output_layers") if isinstance(settings, dict) else None
    return layers if kind == "Sequential" else _followed(layers, entries, outputs)


def _layer(entry: object, depth: int) -> Layer:
    parts: Mapping[str, Any] = entry if isinstance(entry, dict) else {}
    settings = parts.get("config")
    kind = parts.get("class_name")
    if not isinstance(kind, str) or not isinstance(settings, dict):
        raise ModelFileError("a layer of the model is not described", HINT)
    layer = Layer(kind, str(settings.get("name", parts.get("name", kind))), settings)
    registered = parts.get("registered_name")
    if registered not in (None, kind) or str(parts.get("module", "keras")).split(".")[0] not in ("keras", "tf_keras"):
        raise layer.refused("is made by somebody's own code, which is not run")
    if kind not in _CHAINS:
        return layer
    if depth >= _DEEPEST:
        raise layer.refused("is a model in too many others")
    return dataclasses.replace(layer, inner=tuple(layers_in_order(entry, depth + 1)))


def _followed(layers: list[Layer], entries: list[Any], outputs: object) -> list[Layer]:
    """Follow a row from the input to the output; the file may list the layers in another order."""
    by_name = {layer.name: layer for layer in layers}
    after: dict[str, str] = {}
    starts: list[str] = []
    for layer, entry in zip(layers, entries, strict=True):
        sources = _sources(entry.get("inbound_nodes"))
        if len(sources) > 1:
            raise layer.refused("takes what comes out of several layers, or is used several times")
        if not sources:
            starts.append(layer.name)
        elif sources[0] not in by_name:
            raise layer.refused("takes what comes out of a layer that there is not")
        elif sources[0] in after:
            raise by_name[sources[0]].refused("is followed by several layers")
        else:
            after[sources[0]] = layer.name
    if len(starts) != 1:
        raise ModelFileError(f"the model has {len(starts)} inputs", HINT)
    way = [by_name[starts[0]]]
    while way[-1].name in after:
        way.append(by_name[after[way[-1].name]])
    ends = {name for name, _ in _histories(outputs)}
    if len(way) != len(layers) or ends - {way[-1].name}:
        raise way[-1].refused("is not the only end of the model")
    return way


def _sources(nodes: object) -> list[str]:
    """Return from which layers a layer takes its input, one an input and use."""
    return [name for name, _ in _histories(nodes)]


def _histories(value: object) -> list[tuple[str, int]]:
    """Return every (layer, node) that is named in a part of a configuration, as Keras 3 and 2 write it down."""
    if isinstance(value, dict):
        if "keras_history" in value:
            return _histories(value["keras_history"])
        return [each for inner in value.values() for each in _histories(inner)]
    if not isinstance(value, list):
        return []
    if len(value) >= 3 and isinstance(value[0], str) and type(value[1]) is int and type(value[2]) is int:
        return [(value[0], value[1])]
    return [each for inner in value for each in _histories(inner)]
