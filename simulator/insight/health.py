"""Which hidden neurons cannot learn any more or are out of bounds, and how the gradient fares on its way back.

What is flat and what is silent follows from an activation's two scalar definitions, not from its name: a new row of
`ACTIVATIONS` is judged like the others. Silent ReLUs: Maas, Hannun and Ng, 2013; saturation and the shrinking of the
gradient from layer to layer: Glorot and Bengio, 2010.
"""

import dataclasses
import functools
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engines.passes import forward
from simulator.insight.rows import evenly
from simulator.nn import choices
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.links import LINKS
from simulator.snapshot import Floats, LayerParameters
from simulator.spec import NetworkSpec, TrainingConfig

FLAT = 0.05
"""A slope below this share of the activation's largest slope counts as flat."""

NEARLY_ALL = 0.95
"""A neuron is saturated when at least this share of the rows finds its slope flat."""

HUGE = 100.0
"""A neuron explodes when what it says is so many times its inputs, or its weights so many times its layer's."""

STEEP = 1000.0
"""The gradient vanishes (explodes) when a layer's is so many times smaller (larger) than the last layer's."""

MOST_CELLS = 4_000_000
"""Rows times the widest layer, at most, that are looked at; of larger sets, rows that lie evenly apart."""


@dataclasses.dataclass(frozen=True)
class Kind:
    """A row of the table of ailments.

    Attributes
    ----------
    title, plural
        What the field calls such a neuron.
    meaning
        What it means for learning, one sentence.
    rule
        How it is found, with its threshold.
    """

    title: str
    plural: str
    meaning: str
    rule: str


KINDS: dict[str, Kind] = {
    "exploding": Kind(
        "exploding",
        "exploding",
        "Its numbers are far larger than what goes in: updates become huge and training may diverge.",
        f"not finite, or its activation over {HUGE:.0f} times its inputs, or its weights over {HUGE:.0f} times "
        "those of its layer (root mean square)",
    ),
    "silent": Kind(
        "silent (dead)",
        "silent",
        "It answers 0 for every row and its slope is 0, so no gradient reaches its weights: it cannot learn any more.",
        "f′(z) = 0 and f(z) = 0 for every row",
    ),
    "saturated": Kind(
        "saturated",
        "saturated",
        "Its activation is flat where the rows are, so that almost no gradient gets through and it learns very slowly.",
        f"|f′(z)| < {FLAT:.0%} of its maximum for at least {NEARLY_ALL:.0%} of the rows",
    ),
}
"""Every ailment by its name; a neuron that has several is told to have the first."""


@dataclasses.dataclass(frozen=True)
class Ailment:
    """What ails one hidden neuron.

    Attributes
    ----------
    layer, unit
        Where it is; layer 0 is the inputs, 1 the first hidden layer.
    kind
        A name of `KINDS`.
    share
        The share of the rows for which it holds.
    evidence
        The numbers it was seen by: (what, value) each.
    """

    layer: int
    unit: int
    kind: str
    share: float
    evidence: tuple[tuple[str, float], ...]


@dataclasses.dataclass(frozen=True)
class Health:
    """What `examine` found.

    Attributes
    ----------
    ailments
        From left to right and from top to bottom; one a neuron at most.
    rows, of
        How many rows were looked at, and how many there are.
    """

    ailments: tuple[Ailment, ...]
    rows: int
    of: int

    @property
    def whole(self) -> bool:
        """Whether every row was looked at."""
        return self.rows == self.of

    def units(self, kind: str, layer: int | None = None) -> tuple[tuple[int, int], ...]:
        """Return the (layer, unit) of every neuron with this ailment."""
        return tuple(
            (each.layer, each.unit)
            for each in self.ailments
            if each.kind == kind and (layer is None or each.layer == layer)
        )


@dataclasses.dataclass(frozen=True)
class Shape:
    """What an activation's scalar definitions say about where it is flat.

    Attributes
    ----------
    steepest
        The largest |f′|.
    flattens
        Whether f′ goes to 0 on at least one side.
    rests
        Whether f and f′ both go to 0 on one side and f is not bounded on the other: a ReLU and its relatives.
    """

    steepest: float
    flattens: bool
    rests: bool


@functools.cache
def shape(activation: str) -> Shape:
    """Return where an activation is flat, found by evaluating its definitions far out and close by."""
    row = ACTIVATIONS[activation]
    near = np.linspace(-20.0, 20.0, 4001)
    far = np.array([-1e4, 1e4])
    with np.errstate(all="ignore"):
        steepest = float(np.abs(row.derivative(near, row.value(near))).max())
        ends = row.value(far)
        flat = np.abs(row.derivative(far, ends)) < 1e-6 * steepest
    rests = bool(((np.abs(ends) < 1e-6) & flat).any()) and not all(math.isfinite(bound) for bound in row.bounds)
    return Shape(steepest, bool(flat.any()), rests)


def sample(X: Floats, width: int) -> Floats:
    """Return the rows of X (rows, inputs) that are looked at: all, or some that lie evenly apart."""
    most = max(64, MOST_CELLS // max(1, width, X.shape[1]))
    return X if len(X) <= most else X[evenly(len(X), most)]


def examine(network: NetworkSpec, layers: tuple[LayerParameters, ...], X: Floats) -> Health:
    """Return what ails the hidden neurons on some rows.

    Parameters
    ----------
    network, layers
        What is examined; computed in the number format of its weights, without dropout.
    X
        (rows, inputs), usually all training rows.
    """
    seen = sample(X, max(network.sizes)).astype(layers[0].weight.dtype, copy=False)
    if not len(seen) or not network.hidden:
        return Health((), len(seen), len(X))
    with np.errstate(all="ignore"):
        passed = forward(network, layers, seen)
        given = _size(seen)
        found = [
            ailment
            for index, hidden in enumerate(network.hidden)
            for ailment in _of_layer(
                index + 1,
                shape(hidden.activation),
                layers[index].weight,
                passed.inputs[index + 1],
                passed.slopes[index],
                given,
            )
        ]
    return Health(tuple(found), len(seen), len(X))


def _of_layer(layer: int, form: Shape, W: Any, A: Any, slopes: Any, given: float) -> list[Ailment]:
    """Return the ailments of one hidden layer: W (fan_in, units), A and slopes (rows, units)."""
    rows = len(A)
    bad = (~np.isfinite(A)).sum(axis=0) / rows
    said = _sizes(A)
    weights = _sizes(W)
    typical = float(np.median(weights)) if len(weights) > 2 and np.isfinite(weights).all() else math.inf
    loud = said / max(1.0, given)
    heavy = weights / max(typical, 1e-3)  # a layer of zeros has no scale of its own
    out = (bad > 0) | ~np.isfinite(weights) | (loud > HUGE) | (heavy > HUGE)
    steep = np.abs(slopes)
    silent = form.rests & (steep <= 1e-6 * form.steepest).all(axis=0) & (np.abs(A) <= 1e-6).all(axis=0)
    flat = (steep < FLAT * form.steepest).mean(axis=0)
    stuck = (flat >= NEARLY_ALL) & (form.flattens and not form.rests)
    largest = np.abs(A).max(axis=0)
    slope = steep.mean(axis=0)
    found: list[Ailment] = []
    for unit in np.flatnonzero(out | silent | stuck).tolist():
        if out[unit]:
            evidence = (
                ("activation, root mean square", float(said[unit])),
                ("inputs, root mean square", given),
                ("weights, root mean square", float(weights[unit])),
                ("rows that are not finite", float(bad[unit])),
            )
            found.append(Ailment(layer, unit, "exploding", float(bad[unit]) if bad[unit] else 1.0, evidence))
        elif silent[unit]:
            evidence = (("largest |activation|", float(largest[unit])), ("mean |f′|", float(slope[unit])))
            found.append(Ailment(layer, unit, "silent", 1.0, evidence))
        else:
            evidence = (("mean |f′|", float(slope[unit])), ("largest possible |f′|", form.steepest))
            found.append(Ailment(layer, unit, "saturated", float(flat[unit]), evidence))
    return found


def _size(values: Any) -> float:
    """Return the root mean square of all numbers, in float64."""
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64))))


def _sizes(values: Any) -> NDArray[np.float64]:
    """Return the root mean square of every column."""
    return np.sqrt(np.mean(np.square(values, dtype=np.float64), axis=0))


@dataclasses.dataclass(frozen=True)
class LayerGradient:
    """How much of the gradient arrives at one linear layer.

    Attributes
    ----------
    layer
        The layer of neurons it leads to: 1 is the first hidden layer, the last one the outputs.
    delta
        Root mean square of ∂loss/∂Z over rows and neurons.
    gradient, weight
        Norms of the mean gradient by the layer's weights, and of these weights.
    relative
        `delta` as a multiple of the last layer's.
    """

    layer: int
    delta: float
    gradient: float
    weight: float
    relative: float

    @property
    def kind(self) -> str:
        """Which of vanishing and exploding it is; empty for neither."""
        if not math.isfinite(self.delta) or self.relative > STEEP:
            return "exploding"
        return "vanishing" if self.relative < 1.0 / STEEP else ""


def gradient_flow(
    network: NetworkSpec, config: TrainingConfig, layers: tuple[LayerParameters, ...], X: Floats, Y: Floats
) -> tuple[LayerGradient, ...]:
    """Return how the data loss's gradient fares layer by layer, from the first to the last, without dropout.

    Parameters
    ----------
    X, Y
        (rows, inputs), (rows, outputs), usually of training; of many rows, some that lie evenly apart.
    """
    dtype = layers[0].weight.dtype
    width = max(network.sizes)
    X, Y = sample(X, width).astype(dtype, copy=False), sample(Y, max(width, X.shape[1])).astype(dtype, copy=False)
    if not len(X):
        return ()
    with np.errstate(all="ignore"):
        passed = forward(network, layers, X)
        delta = choices.loss(config).delta(passed.logits[-1], passed.outputs, Y, LINKS[network.link])
        last = _size(delta)
        found: list[LayerGradient] = []
        for index in range(len(layers) - 1, -1, -1):
            gradient = passed.inputs[index].T @ delta / len(X)
            size = _size(delta)
            relative = size / last if last > 0 else 1.0
            norms = float(np.linalg.norm(gradient)), float(np.linalg.norm(layers[index].weight))
            found.append(LayerGradient(index + 1, size, *norms, relative))
            if index > 0:
                delta = (delta @ layers[index].weight.T) * passed.slopes[index - 1]
    return tuple(reversed(found))
