"""What if: the outputs for a row that somebody changes, what each feature contributes, and what training never saw."""

import dataclasses
import functools

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.data import Dataset
from simulator.data.recipe import Recipe
from simulator.data.steps import Number, OneHot, Ordinal, Step
from simulator.engines.engine import read_only
from simulator.errors import ConfigError
from simulator.explain.backward import back_through, to_inputs
from simulator.explain.formula import figure
from simulator.explain.forward import ForwardTrace, trace
from simulator.explain.moment import Doubles
from simulator.nn import parameters
from simulator.nn.links import LINKS
from simulator.spec import NetworkSpec

_SLACK = 1e-6
"""How far beside the seen range, in units of its width, a value may lie that is only rounded differently."""

_BLOCK = 1 << 22
"""How many numbers of changed rows are held at a time: there are inputs² where every input is a feature."""


@dataclasses.dataclass(frozen=True, eq=False)
class Feature:
    """What training has seen of a raw column.

    Attributes
    ----------
    column
        Its name.
    places
        The inputs that it becomes.
    low, high, mean
        The smallest and largest value and the mean over the training rows, in real units; NaN for what is no number.
    categories
        The categories, in the order of the inputs; none for a number.
    usual
        What stands for a missing cell where nothing else is known: a category, or a date or text in words; None for a
        number.
    """

    column: str
    places: slice
    low: float
    high: float
    mean: float
    categories: tuple[str, ...]
    usual: str | None = None

    @property
    def is_number(self) -> bool:
        """Whether it can be moved along a line."""
        return self.usual is None


@dataclasses.dataclass(frozen=True)
class Unusual:
    """A value that training has not seen, with a sentence about it."""

    column: str
    value: float
    sentence: str


@dataclasses.dataclass(frozen=True, eq=False)
class Seen:
    """What training has seen: the features in the recipe's order; least, largest and mean of the inputs, (inputs,)."""

    recipe: Recipe
    features: tuple[Feature, ...]
    means: Doubles
    lows: Doubles
    highs: Doubles

    @functools.cached_property
    def bounds(self) -> tuple[Doubles, Doubles]:
        """The smallest and the largest prepared input that is no surprise, (inputs,).

        A little wider than the seen range, as a value may be rounded differently; infinite for categories.
        """
        low, high = np.full(len(self.means), -np.inf), np.full(len(self.means), np.inf)
        for step, feature in zip(self.recipe.columns, self.features, strict=True):
            for offset, place in enumerate(range(feature.places.start, feature.places.stop)):
                scaling = step.scaling_at(offset)
                if scaling is None:
                    continue
                least, most = (each[place] * scaling.scale + scaling.centre for each in (self.lows, self.highs))
                slack = _SLACK * max(most - least, abs(most), abs(least)) / scaling.scale
                low[place], high[place] = self.lows[place] - slack, self.highs[place] + slack
        return read_only(low), read_only(high)

    @functools.cached_property
    def _owners(self) -> NDArray[np.int64]:
        """The feature of every input, (inputs,)."""
        return np.repeat(np.arange(len(self.features)), [len(step.names) for step in self.recipe.columns])

    @functools.cached_property
    def _categories(self) -> tuple[int, ...]:
        return tuple(place for place, feature in enumerate(self.features) if feature.categories)

    def unusual(self, x: ArrayLike) -> tuple[Unusual, ...]:
        """Return what lies outside the range of the training rows in one prepared row, (inputs,)."""
        row = np.asarray(x, dtype=np.float64)
        low, high = self.bounds
        outside = {int(place) for place in self._owners[~((row >= low) & (row <= high))]}
        outside |= {place for place in self._categories if self._is_unknown(place, row)}
        if not outside:
            return ()
        real = self.recipe.real(row)
        return tuple(
            _unusual(self.features[place], float(real[self.features[place].places][0])) for place in sorted(outside)
        )

    def _is_unknown(self, place: int, row: Doubles) -> bool:
        feature = self.features[place]
        step = self.recipe.columns[place]
        return step.inverse(row[None, feature.places])[0] is None and not (step.flag and row[feature.places][-1] > 0.5)


def _unusual(feature: Feature, value: float) -> Unusual:
    if feature.categories:
        known = ", ".join(feature.categories[:20])
        said = f"{feature.column} is none of the categories in the training rows: {known}"
        return Unusual(feature.column, float("nan"), said)
    if feature.usual is not None:
        return Unusual(feature.column, float("nan"), f"{feature.column} lies outside of what the training rows have")
    span = f"{figure(feature.low)} to {figure(feature.high)}"
    return Unusual(feature.column, value, f"{feature.column} is {figure(value)}; the training rows go from {span}")


@dataclasses.dataclass(frozen=True, eq=False)
class Contributions:
    """What each feature contributes to one output for one row.

    Attributes
    ----------
    outputs
        All outputs for the row, (outputs,).
    output
        The one that is looked at.
    gradient, products
        ∂output/∂x, and that times x, (inputs,): what the output would lose, on a straight line, if the input were 0.
    by_gradient
        The products summed up over the inputs of every raw column, (columns,).
    without
        The output with a column replaced, exactly, (columns,).
    by_ablation
        What is lost by that, output − without, (columns,).
    answers
        All outputs with a column replaced, (columns, outputs).
    """

    outputs: Doubles
    output: int
    gradient: Doubles
    products: Doubles
    by_gradient: Doubles
    without: Doubles
    by_ablation: Doubles
    answers: Doubles


def seen_in(dataset: Dataset) -> Seen:
    """Return what training has seen of every feature of a data set."""
    X = np.asarray(dataset.X_train)
    low, high, means = (
        np.asarray(each, dtype=np.float64) for each in (X.min(axis=0), X.max(axis=0), X.mean(axis=0, dtype=np.float64))
    )
    recipe = dataset.recipe
    real = [recipe.real(each) for each in (low, high, means)]
    features: list[Feature] = []
    start = 0
    for step in recipe.columns:
        places = slice(start, start + len(step.names))
        start = places.stop
        number = isinstance(step, Number)
        lowest, highest, mean = (float(each[places][0]) if number else np.nan for each in real)
        categories = step.categories if isinstance(step, OneHot | Ordinal) else ()
        usual = None if number else _usual(step, means[places])
        features.append(Feature(step.column, places, lowest, highest, mean, categories, usual))
    return Seen(recipe, tuple(features), *(read_only(each) for each in (means, low, high)))


def _usual(step: Step, means: Doubles) -> str:
    """Return what stands for a missing cell: the most frequent category, or what the mean inputs stand for."""
    known = means.copy()
    if step.flag:
        known[-1] = 0.0
    return str(step.inverse(known[None])[0] or "")


def passed(network: NetworkSpec, values: Doubles, x: ArrayLike, held: Doubles | None = None) -> ForwardTrace:
    """Return the forward pass of one prepared row (inputs,), or of several (rows, inputs), without dropout.

    Raises
    ------
    ConfigError
        When the row has another width than the network.
    """
    X = np.atleast_2d(np.asarray(x, dtype=np.float64))
    if X.ndim != 2 or X.shape[1] != network.inputs:
        raise ConfigError(f"a row of the shape {np.shape(x)} does not fit", f"Give {network.inputs} inputs.")
    return trace(network, parameters.layers(network, values), X, held=held)


def contributions(
    network: NetworkSpec,
    values: Doubles,
    x: ArrayLike,
    output: int,
    seen: Seen,
    replacement: ArrayLike | None = None,
    held: Doubles | None = None,
    of_logit: bool = False,
) -> Contributions:
    """Return what each feature contributes to one output.

    Parameters
    ----------
    network, values
        The network and its parameters, (parameter_count,), float64.
    x
        One prepared row, (inputs,).
    output
        Which output, from 0.
    seen
        What `seen_in` returned for the data set.
    replacement
        What takes the place of a feature that is left out, (inputs,); None for the mean of the training rows, which is
        0 for a standardised column and the frequency of a category.
    held
        As in `simulator.engines.EngineState`.
    of_logit
        Whether z is looked at in place of ŷ, which hardly moves near 0 and 1.

    Raises
    ------
    ConfigError
        When the row or the output does not fit the network.
    """
    if not 0 <= output < network.outputs:
        raise ConfigError(f"there is no output {output}", f"There are {network.outputs}, from 0.")
    row = np.asarray(x, dtype=np.float64)
    forward = passed(network, values, row, held)
    with np.errstate(all="ignore"):
        gradient = to_inputs(forward, back_through(forward, _start(network, forward, output, of_logit))[0], held)[0]
    instead = seen.means if replacement is None else np.asarray(replacement, dtype=np.float64)
    block = max(1, _BLOCK // network.inputs)
    without, answers = np.empty(len(seen.features)), np.empty((len(seen.features), network.outputs))
    for start in range(0, len(without), block):
        features = seen.features[start : start + block]
        others = np.repeat(row[None, :], len(features), axis=0)
        for place, feature in enumerate(features):
            others[place, feature.places] = instead[feature.places]
        ablated = passed(network, values, others, held)
        without[start : start + block] = _looked_at(ablated, of_logit)[:, output]
        answers[start : start + block] = ablated.outputs
    products = gradient * row
    by_gradient = np.array([products[feature.places].sum() for feature in seen.features])
    whole = _looked_at(forward, of_logit)[0, output]
    arrays = forward.outputs[0], gradient, products, by_gradient, without, whole - without, answers
    outputs, *rest = (read_only(np.array(each)) for each in arrays)
    return Contributions(outputs, output, *rest)


def _looked_at(forward: ForwardTrace, of_logit: bool) -> Doubles:
    return forward.logits[-1] if of_logit else forward.outputs


def _start(network: NetworkSpec, forward: ForwardTrace, output: int, of_logit: bool) -> NDArray[np.float64]:
    """Return ∂output/∂Z of the last layer, (1, outputs)."""
    start = np.zeros((1, network.outputs))
    start[0, output] = 1.0
    return start if of_logit else LINKS[network.link].pull_back(forward.outputs, start)
