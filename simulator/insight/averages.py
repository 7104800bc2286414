"""One number for all classes: averages of their scores, balanced accuracy, and the correlation of Matthews."""

import dataclasses
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.insight.metrics import ClassScores


@dataclasses.dataclass(frozen=True)
class Averages:
    """Scores of all classes in one; each NaN where no class has it.

    Attributes
    ----------
    precision, recall, f1
        From 0 to 1.
    """

    precision: float
    recall: float
    f1: float


def macro(scores: ClassScores) -> Averages:
    """Return the plain means over the classes, each counting the same; a class without a score is left out."""
    return Averages(*(_mean(each, np.ones(len(each))) for each in (scores.precision, scores.recall, scores.f1)))


def weighted(scores: ClassScores) -> Averages:
    """Return the means over the classes, each counting as often as it has rows.

    A class without a score is left out: one that occurs but was never predicted has no precision.
    """
    rows = scores.support.astype(np.float64)
    return Averages(*(_mean(each, rows) for each in (scores.precision, scores.recall, scores.f1)))


def balanced_accuracy(confusion: NDArray[np.integer[Any]]) -> float:
    """Return the mean recall of the classes that occur: guessing gives 1/classes, however uneven they are.

    Parameters
    ----------
    confusion
        (classes, classes), rows the actual class (see `simulator.insight.metrics.confusion_matrix`).

    Returns
    -------
    0 to 1; NaN without rows.
    """
    occurring = confusion.sum(axis=1).astype(np.float64)
    held = occurring > 0
    return float((np.diagonal(confusion)[held] / occurring[held]).mean()) if held.any() else math.nan


def matthews(confusion: NDArray[np.integer[Any]]) -> float:
    """Return the correlation of what is and what was predicted, for any number of classes.

    (c·s − Σ pₖ·tₖ) / √((s² − Σ pₖ²)·(s² − Σ tₖ²)), with c right ones of s rows, pₖ rows called k and tₖ that are k:
    Matthews (1975), for more than two classes Gorodkin (2004).

    Parameters
    ----------
    confusion
        (classes, classes), rows the actual class.

    Returns
    -------
    −1 to 1, 0 for guessing. NaN where it is undefined: without rows, or when all rows are, or were called, the same.
    """
    counts = confusion.astype(np.float64)
    true, called, rows = counts.sum(axis=1), counts.sum(axis=0), float(counts.sum())
    spread = (rows * rows - float(called @ called)) * (rows * rows - float(true @ true))
    if spread <= 0.0:
        return math.nan
    return (float(np.trace(counts)) * rows - float(true @ called)) / math.sqrt(spread)


def _mean(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    held = np.isfinite(values) & (weights > 0)
    return float(np.average(values[held], weights=weights[held])) if held.any() else math.nan
