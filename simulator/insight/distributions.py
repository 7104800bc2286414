"""How the weights, gradients and activations of every layer are spread at a moment, and at many."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.data import Dataset
from simulator.engines.passes import backward, forward
from simulator.insight.histograms import Doubles, Histogram, histogram, magnitudes
from simulator.insight.rows import Rows, rows_of
from simulator.nn import choices, parameters
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.links import LINKS
from simulator.progress import Progress
from simulator.snapshot import Floats
from simulator.spec import NetworkSpec, TrainingConfig

WEIGHTS, GRADIENTS, OUTPUTS = "weights", "gradients", "activations"
QUANTITIES = (WEIGHTS, GRADIENTS, OUTPUTS)
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)

Place = tuple[int, int]
"""Complete epochs, and work items of the next one."""


@dataclasses.dataclass(frozen=True)
class Figures:
    """Some values in a few numbers; all NaN where no value is finite.

    Attributes
    ----------
    count
        How many values there are.
    not_finite
        How many of them are infinite or not a number; the other figures leave them out.
    mean, sd
        Their mean, and their standard deviation (over n).
    low, high
        The smallest and the largest.
    zeros
        The share that is exactly zero.
    quantiles
        At `QUANTILES`, between two values in a straight line.
    """

    count: int
    not_finite: int
    mean: float
    sd: float
    low: float
    high: float
    zeros: float
    quantiles: tuple[float, ...]


@dataclasses.dataclass(frozen=True, eq=False)
class Spread:
    """One quantity of one layer at one moment.

    Attributes
    ----------
    histogram
        Of the values.
    magnitudes
        How many values there are of each size (see `histograms.magnitudes`).
    figures
        Worked out for the present moment only.
    """

    histogram: Histogram
    magnitudes: NDArray[np.int64]
    figures: Figures | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Study:
    """One moment.

    Attributes
    ----------
    place
        Complete epochs, and work items of the next one.
    time
        The same in epochs with their fraction.
    spreads
        For each of `QUANTITIES` one a linear layer: its weights, the derivatives of the loss by them, and what its
        neurons put out.
    rows, of_rows
        On how many training rows, of how many, gradients and activations were measured.
    """

    place: Place
    time: float
    spreads: Mapping[str, tuple[Spread, ...]]
    rows: int
    of_rows: int


class Moment(Protocol):
    """What a moment must know of itself (see `simulator.training.survey.SurveyMoment`)."""

    @property
    def epoch(self) -> int: ...
    @property
    def item(self) -> int: ...
    @property
    def time(self) -> float: ...
    @property
    def network(self) -> NetworkSpec: ...
    @property
    def config(self) -> TrainingConfig: ...
    @property
    def dataset(self) -> Dataset: ...
    @property
    def parameters(self) -> Floats: ...


def values_of(network: NetworkSpec, config: TrainingConfig, flat: Floats, rows: Rows) -> dict[str, list[NDArray[Any]]]:
    """Return the values themselves: for each of `QUANTITIES` one array a linear layer.

    Weights are (fan_in, fan_out) without biases; gradients are the derivatives by them of the mean data loss over the
    rows, without dropout and penalties; activations are (rows, fan_out), those of the last layer the network's outputs.
    """
    layers = parameters.layers(network, flat)
    gradient = parameters.layers(network, np.zeros_like(flat))
    loss = choices.loss(config)
    with np.errstate(all="ignore"):  # what is not finite is counted, not warned of
        passed = forward(network, layers, rows.X)
        delta = loss.delta(passed.logits[-1], passed.outputs, rows.Y, LINKS[network.link]) / max(1, len(rows))
        backward(layers, passed, delta, gradient)
    return {
        WEIGHTS: [layer.weight for layer in layers],
        GRADIENTS: [layer.weight for layer in gradient],
        OUTPUTS: [*passed.inputs[1:], passed.outputs],
    }


def figures_of(values: NDArray[Any]) -> Figures:
    """Return some values in a few numbers."""
    flat = np.asarray(values, np.float64).ravel()
    finite = flat[np.isfinite(flat)]
    if not len(finite):
        nothing = (float("nan"),) * len(QUANTILES)
        return Figures(len(flat), len(flat), *(float("nan"),) * 5, quantiles=nothing)
    quantiles = tuple(np.quantile(finite, QUANTILES).tolist())
    with np.errstate(all="ignore"):
        mean, sd = float(finite.mean()), float(finite.std())
    if finite.min() == finite.max():  # the mean of equal numbers is rounded
        mean, sd = float(finite[0]), 0.0
    zeros = float((finite == 0.0).mean())
    low, high = float(finite.min()), float(finite.max())
    return Figures(len(flat), len(flat) - len(finite), mean, sd, low, high, zeros, quantiles)


def study(moment: Moment, rows: Rows, *, figures: bool = False) -> Study:
    """Return how everything is spread at a moment.

    Parameters
    ----------
    moment
        What is looked at.
    rows
        The rows that gradients and activations are measured on.
    figures
        Whether the few numbers are wanted as well.
    """
    network = moment.network
    found: dict[str, tuple[Spread, ...]] = {}
    for quantity, arrays in values_of(network, moment.config, moment.parameters, rows).items():
        spreads: list[Spread] = []
        for layer, values in enumerate(arrays):
            signed, bound = (True, None) if quantity != OUTPUTS else _range(network, layer)
            known = figures_of(values) if figures else None
            spreads.append(Spread(histogram(values, signed, bound), magnitudes(values), known))
        found[quantity] = tuple(spreads)
    return Study((moment.epoch, moment.item), moment.time, found, len(rows), rows.of)


def studies(moments: Sequence[Moment], known: Mapping[Place, Study], progress: Progress) -> tuple[Study, ...]:
    """Return the studies of many moments of one branch.

    Parameters
    ----------
    moments
        The oldest first.
    known
        Studies of moments of the same branch that need not be made again.
    progress
        What is told how far it is; it can cancel.
    """
    taken: tuple[Dataset, Rows] | None = None
    found: list[Study] = []
    for nth, moment in enumerate(moments):
        progress.report(nth / len(moments), "looking at how the layers are spread")
        place = (moment.epoch, moment.item)
        if place not in known:
            if taken is None or taken[0] is not moment.dataset:
                taken = moment.dataset, rows_of(moment.dataset, moment.network, moment.config.dtype)
            found.append(study(moment, taken[1]))
        else:
            found.append(known[place])
    return tuple(found)


def present(moment: Moment, progress: Progress) -> Study:
    """Return the study of one moment, with figures."""
    progress.report(None)
    return study(moment, rows_of(moment.dataset, moment.network, moment.config.dtype), figures=True)


def spaced(times: Sequence[float] | Doubles, most: int) -> NDArray[np.int64]:
    """Return which of some rising times to keep: at most so many, spread evenly, the first and the last among them."""
    at = np.asarray(times, np.float64)
    if len(at) <= most:
        return np.arange(len(at), dtype=np.int64)
    wanted = np.linspace(at[0], at[-1], max(2, most))
    right = np.clip(np.searchsorted(at, wanted), 1, len(at) - 1)
    nearest = right - (wanted - at[right - 1] < at[right] - wanted)
    return np.unique(nearest).astype(np.int64)


def _range(network: NetworkSpec, layer: int) -> tuple[bool, float | None]:
    """Return whether a layer's outputs can be negative, and how far they reach at most, where that is known."""
    if layer == len(network.hidden):
        return network.link == "linear", None if network.link == "linear" else 1.0
    low, high = ACTIVATIONS[network.hidden[layer].activation].bounds
    return low < 0.0, 1.0 if (low, high) in ((0.0, 1.0), (-1.0, 1.0)) else None
