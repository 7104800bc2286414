"""What is left over where values are predicted: y − ŷ, its distribution, and scores made of it."""

import dataclasses
import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.errors import ConfigError

Doubles = NDArray[np.float64]
_SMALLEST_SPAN = 1e-300
"""Numbers closer together than this have no room for edges between them."""

_MOST_BINS = 60


@dataclasses.dataclass(frozen=True, eq=False)
class Residuals:
    """How far predictions are off, y − ŷ; all in the unit of the values, NaN without rows.

    Attributes
    ----------
    each
        (rows,) y − ŷ: positive where the prediction is too small.
    mean
        How far off they are on the whole; near 0 for a model without bias.
    deviation
        Their standard deviation (of these rows, divided by n).
    largest
        The residual farthest from zero, with its sign.
    where
        Which row has it; −1 without rows.
    """

    each: Doubles
    mean: float
    deviation: float
    largest: float
    where: int


def residuals(actual: ArrayLike, predicted: ArrayLike) -> Residuals:
    """Return y − ŷ of every row (rows,), and what they are like; a NaN among them makes mean and deviation NaN.

    Raises
    ------
    ConfigError
        When the arrays differ in shape or have more than one axis.
    """
    known, given = _values(actual, predicted)
    with np.errstate(all="ignore"):
        left = known - given
        if not len(left):
            return Residuals(left, math.nan, math.nan, math.nan, -1)
        where = int(np.argmax(np.abs(left)))  # NaN counts as the largest
        return Residuals(left, float(left.mean()), float(left.std()), float(left[where]), where)


def histogram(values: ArrayLike, bins: int = 0) -> tuple[NDArray[np.int64], Doubles]:
    """Count values in bins of equal width whose edges are round numbers, with 0 among the edges where it is in reach.

    Parameters
    ----------
    values
        (rows,); those that are not finite stand in no bin.
    bins
        About how many; by default as many as Freedman and Diaconis (1981) advise, 5 to 60.

    Returns
    -------
    Counts (bins,) and edges (bins + 1,); nothing and one edge where no value is finite.
    """
    given = np.asarray(values, np.float64)
    held = np.sort(given[np.isfinite(given)])
    if not len(held):
        return np.zeros(0, np.int64), np.zeros(1)
    low, high = float(held[0]), float(held[-1])
    span = high - low
    if not math.isfinite(span):
        return np.array([len(held)], np.int64), np.array([low, high])
    if span <= max(1e-12 * max(abs(low), abs(high)), _SMALLEST_SPAN):
        half = 0.5 * max(abs(low), 1.0)
        return np.array([len(held)], np.int64), np.array([low - half, low + half])
    if bins < 1:
        quarter, three = np.percentile(held, [25, 75]).tolist()
        width = 2.0 * (three - quarter) / len(held) ** (1 / 3)
        bins = int(min(max(span / width if width > span / 1e6 else _MOST_BINS, 5), _MOST_BINS))
    step = round_step(span / bins)
    first, last = math.floor(low / step), math.ceil(high / step)
    if last * step <= high:  # a bin holds its lower edge only
        last += 1
    if first * step > low:  # a value so near to an edge that the quotient is the edge
        first -= 1
    edges = np.arange(first, last + 1, dtype=np.float64) * step
    counts: NDArray[np.int64] = np.histogram(held, edges)[0].astype(np.int64)
    return counts, edges


def round_step(width: float) -> float:
    """Return the number next to a width that people count in: 1, 2, 2.5 or 5 times a power of ten."""
    size = 10.0 ** math.floor(math.log10(width))
    return min((1.0, 2.0, 2.5, 5.0, 10.0), key=lambda each: abs(math.log(each * size / width))) * size


def explained_variance(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Return 1 − Var(y − ŷ)/Var(y): R² for predictions whose mean residual was taken away.

    Returns
    -------
    At most 1; NaN without rows, or when all actual values are equal.

    Raises
    ------
    ConfigError
        When the arrays differ in shape or have more than one axis.
    """
    known, given = _values(actual, predicted)
    if len(known) == 0 or (known == known[0]).all():
        return math.nan
    with np.errstate(all="ignore"):
        spread = float(known.var())
        return 1.0 - float((known - given).var()) / spread if spread else math.nan


def mape(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Return the mean absolute percentage error mean |y − ŷ|/|y|, as a share.

    Returns
    -------
    NaN where it is undefined: without rows, or when an actual value is 0.

    Raises
    ------
    ConfigError
        When the arrays differ in shape or have more than one axis.
    """
    known, given = _values(actual, predicted)
    if len(known) == 0 or (known == 0.0).any():
        return math.nan
    with np.errstate(all="ignore"):
        return float(np.abs((known - given) / known).mean())


def _values(actual: ArrayLike, predicted: ArrayLike) -> tuple[Doubles, Doubles]:
    known, given = np.asarray(actual, np.float64), np.asarray(predicted, np.float64)
    if known.shape != given.shape or known.ndim != 1:
        raise ConfigError(
            f"values of shape {known.shape} cannot be compared with predictions of shape {given.shape}",
            "Give two arrays of shape (rows,).",
        )
    return known, given
