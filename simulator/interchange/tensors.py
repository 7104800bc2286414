"""The flat parameters of a model as named tensors, and back, with every name, shape and number checked."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.errors import ModelFileError
from simulator.interchange.document import Document
from simulator.interchange.model import Model
from simulator.interchange.training_state import Progression, TrainingState, memory_names
from simulator.nn.parameters import layers
from simulator.snapshot import Floats
from simulator.spec import NetworkSpec

_MEMORY = "optimizer.{}."
_DAMAGED = "The file is damaged or was changed by hand; export the model again."


def named_tensors(model: Model) -> dict[str, NDArray[Any]]:
    """Return ``layers.N.weight`` (out, in) and ``layers.N.bias`` (out,), contiguous, in the model's dtype."""
    return _named(model.network, model.parameters)


def all_tensors(model: Model) -> dict[str, NDArray[Any]]:
    """Return `named_tensors`, and where the model has a training state, the optimizer's memory.

    What it remembers of ``layers.N.weight`` is ``optimizer.NAME.layers.N.weight``, with the same shape.
    """
    tensors = named_tensors(model)
    if model.training is not None:
        for name, numbers in zip(memory_names(model.config), model.training.memory, strict=True):
            tensors |= _named(model.network, numbers, _MEMORY.format(name))
    return tensors


def _named(network: NetworkSpec, flat: Floats, prefix: str = "") -> dict[str, NDArray[Any]]:
    tensors: dict[str, NDArray[Any]] = {}
    for index, layer in enumerate(layers(network, flat)):
        tensors[f"{prefix}layers.{index}.weight"] = np.ascontiguousarray(layer.weight.T)
        tensors[f"{prefix}layers.{index}.bias"] = np.ascontiguousarray(layer.bias)
    return tensors


def expected_shapes(network: NetworkSpec) -> dict[str, tuple[int, ...]]:
    """Return the names and shapes of all tensors of a network."""
    shapes: dict[str, tuple[int, ...]] = {}
    for index, (fan_in, fan_out) in enumerate(network.shapes):
        shapes[f"layers.{index}.weight"] = (fan_out, fan_in)
        shapes[f"layers.{index}.bias"] = (fan_out,)
    return shapes


def number_count(document: Document) -> int:
    """Return how many numbers all tensors of a file have, with the optimizer's memory where it holds that."""
    remembered = memory_names(document.config) if document.progression is not None else ()
    return (1 + len(remembered)) * document.network.parameter_count


def check_shapes(document: Document, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Refuse missing, further and wrongly shaped tensors, before any of them is read.

    Raises
    ------
    ModelFileError
        Naming the first one.
    """
    expected = expected_shapes(document.network)
    if document.progression is not None:
        prefixes = ["", *map(_MEMORY.format, memory_names(document.config))]
        expected = {prefix + name: shape for prefix in prefixes for name, shape in expected.items()}
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
    check_shapes(document, {name: array.shape for name, array in tensors.items()})
    flat = np.empty(document.network.parameter_count, document.config.dtype)
    _fill(document.network, flat, tensors)
    training = None if document.progression is None else _training_state(document, document.progression, tensors)
    return Model(document.network, document.config, flat, document.recipe, document.epoch, training)


def _training_state(document: Document, progression: Progression, tensors: Mapping[str, NDArray[Any]]) -> TrainingState:
    names = memory_names(document.config)
    memory = np.empty((len(names), document.network.parameter_count), document.config.dtype)
    for name, flat in zip(names, memory, strict=True):
        _fill(document.network, flat, tensors, _MEMORY.format(name))
    memory.flags.writeable = False
    return TrainingState(memory, progression)


def _fill(network: NetworkSpec, flat: Floats, tensors: Mapping[str, NDArray[Any]], prefix: str = "") -> None:
    """Put the tensors whose names begin with a prefix into a flat vector, (parameter_count,), and close it."""
    for index, layer in enumerate(layers(network, flat)):
        with np.errstate(over="ignore"):  # a number too large for float32 becomes infinite and is refused below
            layer.weight[...] = tensors[f"{prefix}layers.{index}.weight"].T
            layer.bias[...] = tensors[f"{prefix}layers.{index}.bias"]
        for part, numbers in (("weight", layer.weight), ("bias", layer.bias)):
            if not np.isfinite(numbers).all():
                raise ModelFileError(
                    f"{prefix}layers.{index}.{part} holds values that are not finite numbers",
                    "The training that made it diverged, or the file is damaged.",
                )
    flat.flags.writeable = False
