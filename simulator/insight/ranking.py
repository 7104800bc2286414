"""How well a score puts the rows of a class before the others: ROC and precision–recall curves, with their areas."""

import dataclasses
import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.errors import ConfigError

Doubles = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, eq=False)
class Ranking:
    """How many rows a threshold calls positive, for every threshold that makes a difference.

    Attributes
    ----------
    thresholds
        (points,) falling scores; a row is called positive when its score is at least so large. The first is infinite:
        nothing is called so.
    hits, alarms
        (points,) int64: how many positive and how many negative rows are called positive.
    positives, negatives
        How many there are.
    """

    thresholds: Doubles
    hits: NDArray[np.int64]
    alarms: NDArray[np.int64]
    positives: int
    negatives: int

    @property
    def recall(self) -> Doubles:
        """TP/P, the true positive rate, at every threshold, (points,); NaN without a positive row."""
        return _share(self.hits, self.positives)

    @property
    def false_positive_rate(self) -> Doubles:
        """FP/N at every threshold, (points,); NaN without a negative row."""
        return _share(self.alarms, self.negatives)

    @property
    def precision(self) -> Doubles:
        """TP/(TP + FP) at every threshold, (points,); 1 where nothing is called positive, by convention."""
        called = (self.hits + self.alarms).astype(np.float64)
        return np.divide(self.hits, called, out=np.ones(len(called)), where=called > 0)

    @property
    def roc_area(self) -> float:
        """The area below the ROC curve, by trapezoids.

        It is the chance that a positive row has a higher score than a negative one, ties counting half (Hanley and
        McNeil, 1982): 0.5 for guessing, 1 for a perfect order. NaN where there are not both kinds of rows.
        """
        if not self.positives or not self.negatives or len(self.thresholds) < 2:
            return math.nan
        return float(np.trapezoid(self.recall, self.false_positive_rate))

    @property
    def average_precision(self) -> float:
        """Σ (Rₙ − Rₙ₋₁)·Pₙ, the area below the steps of the precision–recall curve; NaN without a positive row.

        No line is drawn between two points, which would be too good (Davis and Goadrich, 2006). Guessing gives the
        share of the positive rows.
        """
        if not self.positives or len(self.thresholds) < 2:
            return math.nan
        return float(np.diff(self.recall) @ self.precision[1:])


def ranking(positive: ArrayLike, score: ArrayLike) -> Ranking:
    """Count what every threshold of a score would call positive.

    Rows with equal scores are called so together, in one point.

    Parameters
    ----------
    positive
        (rows,) bool: which rows are of the class.
    score
        (rows,): the larger, the more it looks like the class. With one that is NaN there is no order, and no curve:
        the result has no points but keeps its counts.

    Raises
    ------
    ConfigError
        When the arrays differ in shape or have more than one axis.
    """
    known, given = np.asarray(positive, np.bool_), np.asarray(score, np.float64)
    if known.shape != given.shape or known.ndim != 1:
        raise ConfigError(
            f"truths of shape {known.shape} cannot be ranked by scores of shape {given.shape}",
            "Give two arrays of shape (rows,).",
        )
    count = int(known.sum())
    if np.isnan(given).any():
        nothing = np.zeros(0, np.int64)
        return Ranking(np.zeros(0), nothing, nothing, count, len(known) - count)
    order = np.argsort(-given, kind="stable")
    known, given = known[order], given[order]
    last = np.flatnonzero(np.append(given[1:] != given[:-1], True)) if len(given) else np.zeros(0, np.int64)
    hits = np.concatenate([[0], np.cumsum(known, dtype=np.int64)[last]])
    called = np.concatenate([[0], last + 1])
    thresholds = np.concatenate([[math.inf], given[last]])
    return Ranking(thresholds, hits, called - hits, count, len(known) - count)


def corners(ranked: Ranking) -> Ranking:
    """Return a ranking without the points that lie on a straight line of the ROC curve: the same curve and area."""
    if len(ranked.thresholds) < 3:
        return ranked
    up, along = np.diff(ranked.hits), np.diff(ranked.alarms)
    turned = up[1:] * along[:-1] != up[:-1] * along[1:]
    kept = np.concatenate([[True], turned, [True]])
    return Ranking(ranked.thresholds[kept], ranked.hits[kept], ranked.alarms[kept], ranked.positives, ranked.negatives)


def _share(part: NDArray[np.int64], whole: int) -> Doubles:
    return part / whole if whole else np.full(len(part), np.nan)
