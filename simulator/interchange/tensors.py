"""The flat parameters of a model as named tensors, and back, with every name, shape and number checked."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.errors import ModelFileError
from simulator.interchange.document import Document
from simulator.interchange.model import Model
from simulator.nn.parameters import layers
from simulator.spec import NetworkSpec

_DAMAGED = "The file is damaged or was changed by hand; export the model again."


def named_tensors(model: Model) -> dict[str, NDArray[Any]]:
    """Return ``layers.N.weight`` (out, in) and ``layers.N.bias`` (out,), contiguous, in the model's dtype."""
    tensors: dict[str, NDArray[Any]] = {}
    for index, layer in enumerate(model.layers):
        tensors[f"layers.{index}.weight"] = np.ascontiguousarray(layer.weight.T)
        tensors[f"layers.{index}.bias"] = np.ascontiguousarray(layer.bias)
    return tensors


def expected_shapes(network: NetworkSpec) -> dict[str, tuple[int, ...]]:
    """Return the names and shapes of all tensors of a network."""
    shapes: dict[str, tuple[int, ...]] = {}
    for index, (fan_in, fan_out) in enumerate(network.shapes):
        shapes[f"layers.{index}.weight"] = (fan_out, fan_in)
        shapes[f"layers.{index}.bias"] = (fan_out,)
    return shapes


def check_shapes(network: NetworkSpec, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Refuse missing, further and wrongly shaped tensors, before any of them is read.

    Raises
    ------
    ModelFileError
        Naming the first one.
    """
    expected = expected_shapes(network)
    for name, shape in expected.items():
        if name not in shapes:
            raise ModelFileError(f"the tensor {name} is missing", _DAMAGED)
        if shapes[name] != shape:
            raise ModelFileError(f"{name} has the shape {shapes[name]}, this network needs {shape}", _DAMAGED)
    for name in shapes:
        if name not in expected:
            raise ModelFileError(f"the tensor {name[:60]!r} belongs to no layer of this network", _DAMAGED)


def assemble(document: Document, tensors: Mapping[str, NDArray[Any]]) -> Model:
    """Put a model together from its document and its tensors.

    Raises
    ------
    ModelFileError
        When a tensor is missing, has another shape, or holds what is not a finite number.
    """
    check_shapes(document.network, {name: array.shape for name, array in tensors.items()})
    flat = np.empty(document.network.parameter_count, document.config.dtype)
    for index, layer in enumerate(layers(document.network, flat)):
        with np.errstate(over="ignore"):  # a number too large for float32 becomes infinite and is refused below
            layer.weight[...] = tensors[f"layers.{index}.weight"].T
            layer.bias[...] = tensors[f"layers.{index}.bias"]
        for part, numbers in (("weight", layer.weight), ("bias", layer.bias)):
            if not np.isfinite(numbers).all():
                raise ModelFileError(
                    f"layers.{index}.{part} holds values that are not finite numbers",
                    "The training that made it diverged, or the file is damaged.",
                )
    flat.flags.writeable = False
    return Model(document.network, document.config, flat, document.recipe, document.epoch)
