"""Whether a probability means what it says: reliability, calibration error, Brier score, log loss."""

import dataclasses
import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.errors import ConfigError

Doubles = NDArray[np.float64]
BINS = 10


@dataclasses.dataclass(frozen=True, eq=False)
class Reliability:
    """Rows put into bins of equal width by how probable something was said to be; arrays of shape (bins,).

    Attributes
    ----------
    edges
        (bins + 1,) from 0 to 1; a bin holds its lower edge, and the last one 1 as well.
    counts
        How many rows each bin holds, int64.
    said
        The mean of what was said of them; NaN in an empty bin.
    came
        The share of them for which it came true; NaN in an empty bin.
    """

    edges: Doubles
    counts: NDArray[np.int64]
    said: Doubles
    came: Doubles

    @property
    def expected_error(self) -> float:
        """Σ (nᵦ/n)·|share that came true − mean said|, the expected calibration error; NaN without rows.

        Naeini, Cooper and Hauskrecht (2015); Guo, Pleiss, Sun and Weinberger (2017).
        """
        held = self.counts > 0
        if not held.any():
            return math.nan
        return float(np.average(np.abs(self.came - self.said)[held], weights=self.counts[held]))

    @property
    def largest_error(self) -> float:
        """The largest distance of a bin, the maximum calibration error; NaN without rows."""
        held = self.counts > 0
        return float(np.abs(self.came - self.said)[held].max()) if held.any() else math.nan

    @property
    def interval(self) -> tuple[Doubles, Doubles]:
        """Between which bounds the true share of every bin lies, with 95 % confidence, (bins,) each; NaN without rows.

        The score interval of Wilson (1927), which stays between 0 and 1 and is right for few rows, too.
        """
        z2, share = 1.959963984540054**2, self.came
        with np.errstate(all="ignore"):
            n = self.counts.astype(np.float64)
            middle = (share + z2 / (2.0 * n)) / (1.0 + z2 / n)
            half = np.sqrt(z2 * (share * (1.0 - share) / n + z2 / (4.0 * n * n))) / (1.0 + z2 / n)
        return middle - half, middle + half


def reliability(probability: ArrayLike, came_true: ArrayLike, bins: int = BINS) -> Reliability:
    """Compare what was said to be probable with what came true.

    Parameters
    ----------
    probability
        (rows,). Rows whose number is not from 0 to 1, or is NaN, stand in no bin.
    came_true
        (rows,) bool.
    bins
        How many, of equal width.

    Raises
    ------
    ConfigError
        When the arrays differ in shape or have more than one axis, or there is no bin.
    """
    said, came = np.asarray(probability, np.float64), np.asarray(came_true, np.bool_)
    if said.shape != came.shape or said.ndim != 1:
        raise ConfigError(
            f"probabilities of shape {said.shape} cannot be compared with outcomes of shape {came.shape}",
            "Give two arrays of shape (rows,).",
        )
    if bins < 1:
        raise ConfigError(f"there cannot be {bins} bins", "Give 1 or more.")
    edges = np.arange(bins + 1) / bins  # 0.3, and not the number above it
    held = (said >= 0.0) & (said <= 1.0)
    said, came = said[held], came[held]
    place = np.minimum(np.searchsorted(edges, said, side="right") - 1, bins - 1)
    counts = np.bincount(place, minlength=bins).astype(np.int64)
    sums = (np.bincount(place, weights=weight, minlength=bins) for weight in (said, came.astype(np.float64)))
    nothing = np.full(bins, np.nan)
    means = [np.divide(total, counts, out=nothing.copy(), where=counts > 0) for total in sums]
    return Reliability(edges, counts, means[0], means[1])


def are_probabilities(outputs: ArrayLike, tolerance: float = 1e-6) -> bool:
    """Whether every row (rows, classes) is from 0 to 1 and adds up to 1."""
    A = np.asarray(outputs, np.float64)
    with np.errstate(all="ignore"):
        whole = np.abs(A.sum(axis=1) - 1.0) <= tolerance
        return bool(whole.all() and (A >= 0.0).all() and (A <= 1.0).all())


def brier_score(probabilities: ArrayLike, actual: ArrayLike) -> float:
    """Return the mean over the rows of Σₖ (pₖ − yₖ)², Brier's (1950) original score: 0 is perfect, 2 the worst.

    For two classes that is twice the (p − y)² of one of them, which others call so.

    Parameters
    ----------
    probabilities
        (rows, classes).
    actual
        (rows,) numbers of classes.

    Returns
    -------
    NaN without rows, or where a probability is NaN.
    """
    P, known = _checked(probabilities, actual)
    if not len(P):
        return math.nan
    Y = np.zeros_like(P)
    Y[np.arange(len(P)), known] = 1.0
    return float(np.square(P - Y).sum(axis=1).mean())


def log_loss(probabilities: ArrayLike, actual: ArrayLike) -> float:
    """Return the mean of −log of the probability of the true class, in nats; as if none were below 2.2·10⁻¹⁶.

    Parameters
    ----------
    probabilities
        (rows, classes).
    actual
        (rows,) numbers of classes.

    Returns
    -------
    NaN without rows, or where a probability is NaN.
    """
    P, known = _checked(probabilities, actual)
    if not len(P):
        return math.nan
    least = float(np.finfo(np.float64).eps)
    return float(-np.log(np.clip(P[np.arange(len(P)), known], least, 1.0)).mean())


def _checked(probabilities: ArrayLike, actual: ArrayLike) -> tuple[Doubles, NDArray[np.int64]]:
    P, known = np.asarray(probabilities, np.float64), np.asarray(actual, np.int64)
    if P.ndim != 2 or known.shape != P.shape[:1]:
        raise ConfigError(
            f"probabilities of shape {P.shape} do not go with classes of shape {known.shape}",
            "Give arrays of shape (rows, classes) and (rows,).",
        )
    return P, known
