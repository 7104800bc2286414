"""How numbers are brought to one size: a table of ways, and the fitted value."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.data.stored import json_number, json_scale
from simulator.errors import ConfigError
from simulator.tables import look_up

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Way:
    """A row of the table of ways.

    Attributes
    ----------
    centre, scale
        What the two fitted numbers are called.
    fit
        (held values) to (centre, scale).
    about
        What they are good for, in plain sentences, for the explanation.
    """

    centre: str
    scale: str
    fit: Callable[[Floats], tuple[float, float]]
    about: tuple[str, str]


def _mean_and_deviation(values: Floats) -> tuple[float, float]:
    return float(values.mean()), float(values.std())


def _least_and_range(values: Floats) -> tuple[float, float]:
    return float(values.min()), float(values.max() - values.min())


def _median_and_quartiles(values: Floats) -> tuple[float, float]:
    low, middle, high = np.percentile(values, (25.0, 50.0, 75.0))
    return float(middle), float(high - low)


_MEAN = "The mean of the column over the training rows; taking it away moves the values around zero."
_DEVIATION = "How far the column's values lie from their mean; dividing by it gives all columns the same size."
_MEAN_OF_LOG, _DEVIATION_OF_LOG = "mean of ln(1 + |x|)", "standard deviation of ln(1 + |x|)"

WAYS: dict[str, Way] = {
    "standardise": Way("mean", "standard deviation", _mean_and_deviation, (_MEAN, _DEVIATION)),
    "min_max": Way(
        "minimum",
        "range",
        _least_and_range,
        ("The smallest training value; it becomes 0.", "From the smallest to the largest training value; that is 1."),
    ),
    "robust": Way(
        "median",
        "interquartile range",
        _median_and_quartiles,
        (
            "Half of the training values lie below it; a few wild values do not move it.",
            "How far the middle half of the training values reaches; a few wild values do not stretch it.",
        ),
    ),
    "log": Way(_MEAN_OF_LOG, _DEVIATION_OF_LOG, _mean_and_deviation, (_MEAN, _DEVIATION)),
    "none": Way("nothing", "one", lambda _: (0.0, 1.0), ("Nothing is taken away.", "Nothing is divided.")),
}
"""Every way to scale, by its name among `RecipeChoices`."""


@dataclasses.dataclass(frozen=True)
class Scaling:
    """A number x becomes (u − centre)/scale, where u is x itself, or sign(x)·ln(1 + |x|) where the way is "log".

    Attributes
    ----------
    way
        A name of `WAYS`.
    centre, scale
        What was fitted on the training rows; the scale is above 0 (1 for a column that is constant).
    """

    way: str = "none"
    centre: float = 0.0
    scale: float = 1.0

    @property
    def row(self) -> Way:
        """The row of `WAYS`."""
        return WAYS[self.way]

    def forward(self, values: Floats) -> Floats:
        """Return prepared values, of the same shape."""
        return values if self.way == "none" else (stretched(self.way, values) - self.centre) / self.scale

    def back(self, prepared: Floats) -> Floats:
        """Return values in real units, of the same shape."""
        if self.way == "none":
            return prepared
        values = prepared * self.scale + self.centre
        with np.errstate(over="ignore"):
            return np.sign(values) * np.expm1(np.abs(values)) if self.way == "log" else values

    def formula(self, name: str) -> str:
        """Return the rule with its figures, as ``(bill_length_mm − 43.9)/5.46``."""
        if self.way == "none":
            return name
        name = f"ln(1 + {name})" if self.way == "log" else name
        sign = "−" if self.centre >= 0 else "+"
        inner = name if self.centre == 0 else f"({name} {sign} {abs(self.centre):.4g})"
        return inner if self.scale == 1 else f"{inner}/{self.scale:.4g}"

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return dataclasses.asdict(self)

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> "Scaling":
        """Read what `to_json` wrote; ConfigError where it is something else."""
        if not isinstance(value, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] - a file may hold anything
            raise ConfigError(f"the scaling of a column cannot be {value!r}", "Give its way, centre and scale.")
        way = str(value["way"])
        look_up(WAYS, way, "way to scale")
        return Scaling(way, json_number(value["centre"], "centre"), json_scale(value["scale"]))


def stretched(way: str, values: Floats) -> Floats:
    """Return sign(x)·ln(1 + |x|) where the way is "log", else x."""
    return np.sign(values) * np.log1p(np.abs(values)) if way == "log" else values


def fit_scaling(way: str, values: Floats) -> Scaling | None:
    """Fit a scaling to held values, (n,), n ≥ 1, none of them missing.

    Returns
    -------
    scaling
        A column whose values are all the same, or differ by rounding alone, has scale 1. None when the numbers are too
        large to be scaled.
    """
    if way == "none":
        return Scaling()
    with np.errstate(over="ignore", invalid="ignore"):
        inner = stretched(way, values)
        if inner.min() == inner.max():
            return Scaling(way, float(inner[0]), 1.0)
        centre, scale = WAYS[way].fit(inner)
    if not (np.isfinite(centre) and np.isfinite(scale)):
        return None
    # Values this close together differ by rounding alone.
    return Scaling(way, centre, scale if scale > 10 * np.finfo(np.float64).eps * abs(centre) else 1.0)
