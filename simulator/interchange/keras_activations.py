"""Keras's activations as ours: by name, as a function with its settings, or as a layer of their own."""

from typing import Any

from simulator.interchange.keras_graph import Layer
from simulator.interchange.keras_layers import LEAK
from simulator.nn.activations import ACTIVATIONS

_ALIASES = {"swish": "silu", "softmax": "softmax"}
_LEAKY_DEFAULTS = {"leaky_relu": 0.2, "LeakyReLU": 0.3}
_LAYERS = ("Activation", "ReLU", "LeakyReLU", "ELU", "Softmax")


def layer_activation(layer: Layer) -> str | None:
    """Return the activation that a layer is, by our name or "softmax"; None for a layer of another kind.

    Raises
    ------
    ModelFileError
        When there is no such activation here.
    """
    match layer.kind:
        case "Activation":
            return activation_of(layer, layer.settings.get("activation"))
        case "ReLU":
            slope = layer.number("negative_slope", 0.0)
            if layer.settings.get("max_value") is not None or layer.number("threshold", 0.0) != 0:
                raise layer.refused("is a ReLU with an upper limit or another threshold than 0")
            return "relu" if slope == 0 else _leaky(layer, slope)
        case "LeakyReLU":
            return _leaky(layer, layer.number("negative_slope", layer.number("alpha", _LEAKY_DEFAULTS["LeakyReLU"])))
        case "ELU":
            if layer.number("alpha", 1.0) != 1:
                raise layer.refused("is an ELU with another α than 1")
            return "elu"
        case "Softmax":
            if layer.settings.get("axis", -1) not in (-1, 1, [-1], [1]):
                raise layer.refused("is a softmax along another side than the last one")
            return "softmax"
        case _:
            return None


def activation_of(layer: Layer, value: object) -> str:
    """Return the activation that a setting means, by our name or "softmax".

    Raises
    ------
    ModelFileError
        Naming the layer, when there is no such activation here.
    """
    if value is None:
        return "linear"
    if isinstance(value, dict):
        return _described(layer, value)
    if not isinstance(value, str):
        raise layer.refused("has an activation that is no name")
    name = _ALIASES.get(value, value)
    if name == "leaky_relu":
        return _leaky(layer, _LEAKY_DEFAULTS["leaky_relu"])
    if name != "softmax" and name not in ACTIVATIONS:
        raise layer.refused(f"has the activation {value!r}, which there is not here", f"There are: {_known()}.")
    return name


def _described(layer: Layer, value: dict[str, Any]) -> str:
    """Return what a function or a layer means that is written down with its settings."""
    kind, settings = value.get("class_name"), value.get("config")
    if kind == "function" and isinstance(settings, str):
        return activation_of(layer, settings)
    inner = Layer(str(kind), layer.name, settings if isinstance(settings, dict) else {})
    found = layer_activation(inner) if kind in _LAYERS and kind != "Activation" else None
    if found is None:
        raise layer.refused(
            f"has the activation {str(kind)[:40]!r}, which there is not here", f"There are: {_known()}."
        )
    return found


def _leaky(layer: Layer, slope: float) -> str:
    # Close to it, for a file may hold it as a float32.
    if abs(slope - LEAK) > 1e-6:
        raise layer.refused(f"is a leaky ReLU with the slope {slope:g}; here it is {LEAK:g}")
    return "leaky_relu"


def _known() -> str:
    return ", ".join(ACTIVATIONS)
