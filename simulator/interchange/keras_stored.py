"""Where the weights of Keras layers lie in an HDF5 file: as Keras 3 lays them out, and as Keras 2 did."""

import contextlib
import re
from collections.abc import Generator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.errors import ModelFileError
from simulator.interchange.chain import HINT, Chain
from simulator.interchange.document import Document
from simulator.interchange.foreign import Foreign
from simulator.interchange.hdf5_reading import Hdf5
from simulator.interchange.keras_layers import keras_layers
from simulator.interchange.layer_order import Placed, in_order
from simulator.interchange.model import Model
from simulator.interchange.tensors import assemble

_OF_TRAINING = ("optimizer", "optimizer_weights", "_optimizer", "metrics")
_FOLDERS = ("layers", "_layer_checkpoint_dependencies")
_WITH_NUMBER = re.compile(r"(?P<stem>.*?)(_(?P<number>\d{1,9}))?")
WHOLE_NUMBERS = "whole numbers"
_WHOLE = "Save the whole model, as .keras: that says what each layer is."
_DAMAGED = "The file is damaged or was changed by hand; export the model again."

Array = NDArray[Any]


def model_of(document: Document, found: Hdf5) -> Model:
    """Put a model of ours together.

    Raises
    ------
    ModelFileError
        When a tensor is missing or too many, or is not what the document says.
    """
    tensors: dict[str, Array] = {}
    left = dict(found.arrays)
    for layer in keras_layers(document.network):
        if layer.linear is not None:
            for place, part in enumerate(("weight", "bias")):
                path = f"layers/{layer.name}/vars/{place}"
                if path not in left:
                    raise ModelFileError(f"the data set {path} is missing", _DAMAGED)
                array = left.pop(path)
                if array.dtype != document.config.dtype:
                    raise ModelFileError(f"{path} is not {document.config.dtype}, as the model says", _DAMAGED)
                tensors[f"layers.{layer.linear}.{part}"] = array.T if array.ndim == 2 else array
    for path in (*left, *found.others):
        raise ModelFileError(f"the data set {path[:60]!r} belongs to no layer of this network", _DAMAGED)
    return assemble(document, tensors)


def foreign_weights(found: Hdf5) -> Foreign:
    """Return the network that weights without a configuration are.

    Raises
    ------
    ModelFileError
        When they are none, naming the layer.
    """
    chain = Chain(told=False)
    legacy = [
        (own if len(inner) > 1 else name, arrays)
        for name, inner in _legacy_layers(found)
        for own, arrays in inner.items()
    ]
    for name, arrays in legacy or _ordered_layers(found):
        chain.linear(name, *dense(name, arrays, chain))
    return chain.finished()


def dense(name: str, arrays: Sequence[Array], chain: Chain) -> tuple[Array, Array]:
    """Return weight (fan_in, fan_out) and bias of a fully connected layer from what is stored of it."""
    if len(arrays) not in (1, 2) or arrays[0].ndim != 2 or 0 in arrays[0].shape:
        shapes = ", ".join(str(each.shape) for each in arrays) or "none"
        raise ModelFileError(f"{name!r} is no fully connected layer: its weights have the shapes {shapes}", _WHOLE)
    if any(each.dtype == np.float16 for each in arrays):
        chain.note(f"Numbers of 16 bits, as in {name!r}, became float32.")
    weight, *biases = (each.astype(np.float32) if each.dtype == np.float16 else each for each in arrays)
    if not biases:
        chain.note(f"{name!r} has no bias: zeros stand for it.")
        return weight, np.zeros(weight.shape[1], weight.dtype)
    if biases[0].shape != weight.shape[1:]:
        raise ModelFileError(
            f"the bias of {name!r} has the shape {biases[0].shape}, but {weight.shape[1]:,} numbers come out of it",
            HINT,
        )
    return weight, biases[0]


class Stored:
    """The weights of the layers of a configuration.

    Parameters
    ----------
    found
        The file.
    """

    def __init__(self, found: Hdf5) -> None:
        self._found = found
        self._legacy = dict(_legacy_layers(found))
        self._root, self._outer = "", ""
        self._counted: dict[str, int] = {}
        self._last = ("", "")

    def of(self, kind: str, name: str) -> list[Array]:
        """Return the weights of the next layer of a class, in Keras's order; must be asked for every layer in turn.

        Keras 3 counts the layers of a class; Keras 2 goes by the layer's own name.
        """
        stem = _snake(kind)
        before = self._counted[stem] = self._counted.get(stem, -1) + 1
        numbered = f"{stem}_{before}" if before else stem
        self._last = (numbered, name)
        if self._legacy:
            if self._outer:
                return self._legacy.get(self._outer, {}).get(name, [])
            return [array for arrays in self._legacy.get(name, {}).values() for array in arrays]
        for folder in _FOLDERS:
            arrays = _numbered(self._found, f"{self._root}{folder}/{numbered}")
            if arrays:
                return arrays
        return []

    @contextlib.contextmanager
    def inside(self) -> Generator[None, None, None]:
        """Look, as long as it lasts, for the layers of the model that was last asked for."""
        before = self._root, self._outer, self._counted
        numbered, name = self._last
        # Keras 3 nests folders; Keras 2 lists all weights with the outermost model.
        self._root, self._outer, self._counted = f"{self._root}{_FOLDERS[0]}/{numbered}/", self._outer or name, {}
        try:
            yield
        finally:
            self._root, self._outer, self._counted = before


def _snake(kind: str) -> str:
    kind = re.sub(r"\W+", "", kind)
    kind = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", kind)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", kind).lower()


def _numbered(found: Hdf5, path: str) -> list[Array]:
    """Return the data sets ``vars/0``, ``vars/1`` … of a layer, without those of whole numbers at the end."""
    arrays: list[Array] = []
    while (array := found.arrays.get(f"{path}/vars/{len(arrays)}")) is not None:
        arrays.append(array)
    return arrays


def _ordered_layers(found: Hdf5) -> list[tuple[str, list[Array]]]:
    layers: dict[str, list[Array]] = {}
    for path in found.arrays:
        if path.split("/")[0] in _OF_TRAINING:
            continue
        layer, _, place = path.rpartition("/vars/")
        if not layer or not place.isdecimal():
            raise ModelFileError(f"the data set {path!r} is not where Keras puts weights", HINT)
        layers[layer] = _numbered(found, layer)
        if not layers[layer]:
            raise ModelFileError(f"the data set {path!r} has none of number 0 beside it", HINT)
    placed: list[Placed] = []
    names: dict[str, str] = {}
    for layer, arrays in layers.items():
        weight, _ = dense(layer, arrays, Chain(told=False))
        # The first layer of a class has no number, the next one is 1.
        matched = _WITH_NUMBER.fullmatch(layer)
        assert matched is not None
        module = f"{matched['stem']}_{matched['number'] or 0}"
        if module in names:
            raise ModelFileError(f"{layer!r} and {names[module]!r} have the same place", HINT)
        names[module] = layer
        placed.append(Placed(module, layer, *weight.shape))
    if not placed:
        raise ModelFileError("the file holds no weights of a fully connected layer", HINT)
    ordered, _ = in_order(placed)
    return [(names[each.module], layers[names[each.module]]) for each in ordered]


def _legacy_layers(found: Hdf5) -> list[tuple[str, dict[str, list[Array]]]]:
    """Return the layers that have weights, as Keras 2 lists them; nothing for a file of Keras 3.

    The weights of each are told apart by the layer that their names begin with: of a model in a model, its own layers.
    """
    root = "model_weights" if _listed(found, "model_weights", "layer_names") else ""
    layers: list[tuple[str, dict[str, list[Array]]]] = []
    for name in _listed(found, root, "layer_names"):
        group = f"{root}/{name}" if root else name
        inner: dict[str, list[Array]] = {}
        for each in _listed(found, group, "weight_names"):
            path = f"{group}/{each}"
            if path in found.arrays:
                inner.setdefault("".join(each.split("/")[-2:-1]), []).append(found.arrays[path])
            elif found.others.get(path) != WHOLE_NUMBERS:  # as a count of rows is
                what = found.others.get(path, "missing")
                raise ModelFileError(f"{each!r} of the layer {name!r} is {what}", HINT)
        if inner:
            layers.append((name, inner))
    return layers


def _listed(found: Hdf5, path: str, attribute: str) -> tuple[str, ...]:
    """Return an attribute, also where Keras split it into numbered ones, as it is too long for one."""
    texts = found.texts.get(path, {})
    if attribute in texts:
        return texts[attribute]
    parts: list[str] = []
    place = 0
    while f"{attribute}{place}" in texts:
        parts += texts[f"{attribute}{place}"]
        place += 1
    return tuple(parts)
