"""A Keras configuration and its weights as a network: `Sequential`, and `Functional` models without branches."""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from simulator.interchange.chain import Chain
from simulator.interchange.folding import normalising
from simulator.interchange.foreign import Foreign
from simulator.interchange.hdf5_reading import Hdf5
from simulator.interchange.keras_activations import activation_of, layer_activation
from simulator.interchange.keras_graph import Layer, layers_in_order
from simulator.interchange.keras_stored import Array, Stored, dense

_TRAINING_ONLY = (
    "ActivityRegularization", "AlphaDropout", "GaussianDropout", "GaussianNoise", "SpatialDropout1D",
)  # fmt: skip
_IGNORED = ("InputLayer", "Identity")
_NORMALIZATION_EPSILON = 1e-7
_MOST_SIDES = 9


def foreign_of(configuration: object, found: Hdf5) -> Foreign:
    """Return the network of a Keras model.

    Parameters
    ----------
    configuration
        The parsed configuration.
    found
        The file with its weights.

    Raises
    ------
    ModelFileError
        Naming the layer that does not belong into a chain of fully connected ones.
    """
    return _Walk(found).network(layers_in_order(configuration))


class _Walk:
    """Goes from layer to layer; `rank` is how many sides a row has there, None where that is not known."""

    def __init__(self, found: Hdf5) -> None:
        self._stored = Stored(found)
        self._chain = Chain(told=True)
        self._rank: int | None = None
        self._size: int | None = None

    def network(self, layers: Sequence[Layer]) -> Foreign:
        self._go_through(layers)
        return self._chain.finished()

    def _go_through(self, layers: Sequence[Layer]) -> None:
        for layer in layers:
            weights = self._stored.of(layer.kind, layer.name)
            self._look_at_shape(layer)
            if layer.inner:
                with self._stored.inside():
                    self._go_through(layer.inner)
                continue
            if layer.kind in _IGNORED:
                continue
            if layer.kind in _TRAINING_ONLY:
                self._chain.note(f"{layer.name!r} ({layer.kind}) was left out: it matters in training only.")
                continue
            activation = layer_activation(layer)
            if activation is not None:
                self._chain.activation(layer.name, activation)
                continue
            take = _LAYERS.get(layer.kind)
            if take is None:
                raise layer.refused("cannot be drawn and trained here")
            take(self, layer, weights)

    def _look_at_shape(self, layer: Layer) -> None:
        shape = layer.settings.get("batch_shape", layer.settings.get("batch_input_shape"))
        if shape is None:
            return
        if not isinstance(shape, list) or not 2 <= len(shape) <= _MOST_SIDES:
            raise layer.refused("takes no rows of numbers")
        sides = shape[1:]
        self._rank = len(sides)
        if all(type(side) is int and 0 < side < 2**31 for side in sides):
            self._size = math.prod(sides)

    def flatten(self, layer: Layer, weights: Sequence[Array]) -> None:
        self._rank = 1

    def reshape(self, layer: Layer, weights: Sequence[Array]) -> None:
        shape = layer.settings.get("target_shape")
        if not isinstance(shape, list) or len(shape) != 1:
            raise layer.refused("makes rows of several sides")
        self._rank = 1

    def dense(self, layer: Layer, weights: Sequence[Array]) -> None:
        if self._rank is not None and self._rank != 1:
            raise layer.refused("takes rows of several sides, so its weights are used more than once in each")
        activation = activation_of(layer, layer.settings.get("activation"))
        if not weights:
            raise layer.refused("has no weights of 16, 32 or 64 bits in the file")
        weight, bias = dense(layer.name, weights, self._chain)
        if self._size is not None and self._size != weight.shape[0]:
            raise layer.refused(f"takes {weight.shape[0]:,} numbers, but the input has {self._size:,}")
        self._size = None
        self._chain.linear(layer.name, weight, bias)
        self._chain.activation(layer.name, activation)

    def dropout(self, layer: Layer, weights: Sequence[Array]) -> None:
        self._chain.dropout(layer.name, layer.number("rate", 0.0))

    def batch_normalization(self, layer: Layer, weights: Sequence[Array]) -> None:
        """Fold what a batch normalisation does to numbers once it is trained."""
        self._check_axis(layer)
        scaled, centred = layer.flag("scale", True), layer.flag("center", True)
        if len(weights) != 2 + scaled + centred or len({each.shape for each in weights}) != 1 or weights[0].ndim != 1:
            raise layer.refused("has other weights than a batch normalisation")
        left = [each.astype(np.float64) for each in weights]
        gamma = left.pop(0) if scaled else np.ones_like(left[0])
        beta = left.pop(0) if centred else np.zeros_like(gamma)
        mean, variance = left
        scale, shift = normalising(gamma, beta, mean, variance, layer.number("epsilon", 1e-3))
        self._chain.affine(layer.name, scale, shift)

    def normalization(self, layer: Layer, weights: Sequence[Array]) -> None:
        """Fold y = (x − mean)/max(√variance, ε), or its inverse."""
        self._check_axis(layer)
        if layer.settings.get("mean") is not None:
            mean, variance = layer.numbers("mean"), layer.numbers("variance")
        elif len(weights) >= 2 and weights[0].size == weights[1].size:
            mean, variance = (each.astype(np.float64).reshape(-1) for each in weights[:2])
        else:
            raise layer.refused("has no mean and variance")
        with np.errstate(all="ignore"):
            deviation = np.maximum(np.sqrt(variance), _NORMALIZATION_EPSILON)
            if layer.flag("invert", False):
                self._chain.affine(layer.name, deviation, mean)
            else:
                self._chain.affine(layer.name, 1 / deviation, -mean / deviation)

    def rescaling(self, layer: Layer, weights: Sequence[Array]) -> None:
        scale, offset = layer.numbers("scale"), layer.numbers("offset")
        if self._rank != 1 and max(scale.size, offset.size) > 1:
            raise layer.refused("scales the sides of its input in different ways")
        try:
            scale, offset = np.broadcast_arrays(scale, offset)
        except ValueError as error:
            raise layer.refused("has a scale and an offset of different sizes") from error
        self._chain.affine(layer.name, scale, offset)

    def _check_axis(self, layer: Layer) -> None:
        axis = layer.settings.get("axis", -1)
        if axis not in (-1, 1, [1], [-1], None) or self._rank not in (1, None):
            raise layer.refused("works along another side than the only one that a row has")


_LAYERS: Mapping[str, Callable[[_Walk, Layer, Sequence[Array]], None]] = {
    "Flatten": _Walk.flatten,
    "Reshape": _Walk.reshape,
    "Dense": _Walk.dense,
    "Dropout": _Walk.dropout,
    "BatchNormalization": _Walk.batch_normalization,
    "BatchNormalizationV1": _Walk.batch_normalization,
    "Normalization": _Walk.normalization,
    "Rescaling": _Walk.rescaling,
}
"""What is done with a layer, by its class."""
