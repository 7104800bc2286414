"""The forward pass with nothing thrown away: terms, sums, activations and the output link, for every row."""

import dataclasses
import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engines.engine import read_only
from simulator.engines.passes import forward
from simulator.explain.moment import Doubles, Moment
from simulator.nn.activations import ACTIVATIONS
from simulator.snapshot import LayerParameters
from simulator.spec import NetworkSpec


@dataclasses.dataclass(frozen=True, eq=False)
class SoftmaxTrace:
    """Softmax term by term.

    Attributes
    ----------
    largest
        The largest logit of every row, (rows,), which is taken away first so that no exponential overflows.
    shifted, powers
        z − largest and its exponential, (rows, outputs).
    sums
        The sum of a row's exponentials, (rows,); an output is its exponential over this.
    """

    largest: Doubles
    shifted: Doubles
    powers: Doubles
    sums: Doubles


@dataclasses.dataclass(frozen=True, eq=False)
class ForwardTrace:
    """What a forward pass computes; layers are linear layers, counted from 0.

    Attributes
    ----------
    network, layers
        What the rows went through.
    inputs
        What every linear layer sees, (rows, fan_in): after dropout, and with held units at their values.
    logits
        Z of every linear layer, (rows, fan_out).
    slopes
        ∂(what the next layer sees)/∂Z of every hidden layer, (rows, units).
    outputs
        ŷ, (rows, outputs).
    """

    network: NetworkSpec
    layers: tuple[LayerParameters, ...]
    inputs: tuple[Doubles, ...]
    logits: tuple[Doubles, ...]
    slopes: tuple[Doubles, ...]
    outputs: Doubles

    @functools.cached_property
    def activations(self) -> tuple[Doubles, ...]:
        """Every hidden layer's a = f(z), (rows, units), before dropout and before a unit is held."""
        pairs = zip(self.network.hidden, self.logits[:-1], strict=True)
        with np.errstate(all="ignore"):
            return tuple(read_only(ACTIVATIONS[layer.activation].value(Z)) for layer, Z in pairs)

    @functools.cached_property
    def derivatives(self) -> tuple[Doubles, ...]:
        """Every hidden layer's f′(z), (rows, units): the slope of the curve alone."""
        rows = zip(self.network.hidden, self.logits[:-1], self.activations, strict=True)
        with np.errstate(all="ignore"):
            return tuple(read_only(ACTIVATIONS[layer.activation].derivative(Z, A)) for layer, Z, A in rows)

    @functools.cached_property
    def softmax(self) -> SoftmaxTrace | None:
        """The softmax term by term; None where the outputs have another link."""
        if self.network.link != "softmax":
            return None
        Z = self.logits[-1]
        shifted = Z - Z.max(axis=1, keepdims=True)
        powers = np.exp(shifted)
        return SoftmaxTrace(*(read_only(each) for each in (Z.max(axis=1), shifted, powers, powers.sum(axis=1))))

    def terms(self, layer: int, neuron: int, row: int) -> tuple[Doubles, float]:
        """Return what is summed up to a z: the terms x·w, (fan_in,), and the bias."""
        weights = self.layers[layer]
        products = self.inputs[layer][row] * weights.weight[:, neuron]
        return read_only(products), float(weights.bias[neuron])


def trace(
    network: NetworkSpec,
    layers: tuple[LayerParameters, ...],
    X: Doubles,
    kept: list[NDArray[np.bool_] | None] | None = None,
    held: Doubles | None = None,
) -> ForwardTrace:
    """Send rows X (rows, inputs) through a network and keep everything (see `simulator.engines.passes.forward`)."""
    X = X.copy() if X.flags.writeable else X  # the trace is closed for writing, what was given is not
    with np.errstate(all="ignore"):  # an infinite number is shown, not warned of
        passed = forward(network, layers, X, kept, held)
    inputs, logits, slopes = (_closed(each) for each in (passed.inputs, passed.logits, passed.slopes))
    return ForwardTrace(network, layers, inputs, logits, slopes, read_only(passed.outputs))


def trace_of(moment: Moment) -> ForwardTrace:
    """Return the forward pass of a moment's batch."""
    return trace(moment.network, moment.layers, moment.X, moment.kept, moment.held)


def _closed(arrays: list[Any]) -> tuple[Doubles, ...]:
    return tuple(read_only(array) for array in arrays)
