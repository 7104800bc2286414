"""What predictions are judged by, for some rows: worked out once, when it is asked for. No Qt."""

import dataclasses
import functools
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.insight import averages, calibration, metrics
from simulator.insight import residuals as leftover
from simulator.insight.ranking import Ranking, ranking
from simulator.insight.taken import classes_of, taken_for
from simulator.progress import Progress
from ui.predicting import Predictions

Rows = NDArray[np.int64]
Doubles = NDArray[np.float64]

SPLITS = {"test": "test rows", "train": "training rows", "all": "all rows"}
"""What the rows of a split are called."""

_CELLS = 512


@dataclasses.dataclass(frozen=True, eq=False)
class Curve:
    """How a threshold parts one class from the others.

    Attributes
    ----------
    place, name
        Which class.
    ranked
        What every threshold calls positive.
    """

    place: int
    name: str
    ranked: Ranking

    @functools.cached_property
    def roc(self) -> tuple[Doubles, Doubles, Rows]:
        """What is drawn: false and true positive rates, and which points of the ranking they are."""
        return _thinned(self.ranked.false_positive_rate, self.ranked.recall)

    @functools.cached_property
    def precision_recall(self) -> tuple[Doubles, Doubles, Rows]:
        """What is drawn: recall and precision, and which points of the ranking they are."""
        return _thinned(self.ranked.recall, self.ranked.precision)

    @functools.cached_property
    def drawn(self) -> dict[str, tuple[Doubles, Doubles]]:
        """The corners of each curve: all that is to be drawn of it, in as few lines as possible."""
        x, y, _ = self.precision_recall
        # Steps, since a precision holds for all that its threshold adds; very many could not be told from a line.
        steps = (np.repeat(x, 2)[:-1], np.repeat(y, 2)[1:]) if len(x) < _CELLS // 2 else (x, y)
        return {"roc": _corners(*self.roc[:2]), "pr": _corners(*steps)}

    @functools.cached_property
    def areas(self) -> dict[str, float]:
        """The area below each curve."""
        return {"roc": self.ranked.roc_area, "pr": self.ranked.average_precision}


@dataclasses.dataclass(frozen=True, eq=False)
class Classes:
    """How good predicted classes are, on the rows of a split ("train", "test" or "all")."""

    predictions: Predictions
    split: str

    @functools.cached_property
    def names(self) -> tuple[str, ...]:
        """The classes."""
        return tuple(self.predictions.dataset.class_names)

    @functools.cached_property
    def rows(self) -> Rows:
        """Where the rows stand in the raw table, (rows,); all other arrays are in this order."""
        return self.predictions.rows(self.split)

    @functools.cached_property
    def truth(self) -> Rows:
        """The class that the network is told, (rows,)."""
        return classes_of(self.predictions.targets(self.split))

    @functools.cached_property
    def _taken(self) -> tuple[Rows, Doubles]:
        return taken_for(self.predictions.of(self.split))

    @property
    def taken(self) -> Rows:
        """The class that the network says, (rows,), as the table has it."""
        return self._taken[0]

    @property
    def score(self) -> Doubles:
        """The output of that class, (rows,)."""
        return self._taken[1]

    @functools.cached_property
    def shares(self) -> Doubles:
        """The output of every class, (rows, classes)."""
        A = self.predictions.of(self.split)
        return np.concatenate([1.0 - A, A], axis=1) if A.shape[1] == 1 else A

    @functools.cached_property
    def finite(self) -> bool:
        """Whether all outputs are numbers."""
        return bool(np.isfinite(self.shares).all())

    @functools.cached_property
    def probable(self) -> bool:
        """Whether the outputs are probabilities: from 0 to 1 and 1 together."""
        return calibration.are_probabilities(self.shares)

    @functools.cached_property
    def confusion(self) -> Rows:
        """(classes, classes), rows the true class."""
        return metrics.confusion_matrix(self.truth, self.taken, range(len(self.names)))

    @functools.cached_property
    def scores(self) -> metrics.ClassScores:
        """Of every class."""
        return metrics.class_scores(self.confusion)

    @property
    def mistakes(self) -> int:
        """How many rows are taken for another class than theirs."""
        return len(self.rows) - int(np.trace(self.confusion))

    @property
    def accuracy(self) -> float:
        """The share of the others; NaN without rows."""
        return 1.0 - self.mistakes / len(self.rows) if len(self.rows) else math.nan

    @functools.cached_property
    def log_loss(self) -> float:
        """In nats; NaN where the outputs are no probabilities."""
        return calibration.log_loss(self.shares, self.truth) if self.probable else math.nan

    @functools.cached_property
    def brier_score(self) -> float:
        """0 to 2; NaN where the outputs are no probabilities."""
        return calibration.brier_score(self.shares, self.truth) if self.probable else math.nan

    @functools.cached_property
    def curves(self) -> tuple[Curve, ...]:
        """One a class against all others; of two classes the second alone, for the first one's is the same."""
        places = (1,) if len(self.names) == 2 else range(len(self.names))
        return tuple(Curve(k, self.names[k], ranking(self.truth == k, self.shares[:, k])) for k in places)

    def said(self, of: int) -> tuple[Doubles, NDArray[np.bool_]]:
        """Return how probable something was said to be, and whether it came true, (rows,).

        That is a row's own predicted class for `of` −1, else that it is of the class.
        """
        return (self.score, self.taken == self.truth) if of < 0 else (self.shares[:, of], self.truth == of)

    def reliability(self, of: int) -> calibration.Reliability:
        """Return what `said` of a class comes to in bins."""
        return calibration.reliability(*self.said(of))

    def cell(self, true: int, taken: int) -> Rows:
        """Return the raw rows of a class that were taken for another; −1 for whichever."""
        held = np.ones(len(self.rows), np.bool_)
        if true >= 0:
            held &= self.truth == true
        if taken >= 0:
            held &= self.taken == taken
        return self.rows[held]

    def called(self, place: int, threshold: float) -> Rows:
        """Return the raw rows that a threshold calls so."""
        return self.rows[self.shares[:, place] >= threshold]


@dataclasses.dataclass(frozen=True, eq=False)
class Values:
    """How good predicted values are, on the rows of a split, in real units."""

    predictions: Predictions
    split: str

    @functools.cached_property
    def rows(self) -> Rows:
        """Where the rows stand in the raw table, (rows,); all other arrays are in this order."""
        return self.predictions.rows(self.split)

    @functools.cached_property
    def truth(self) -> Doubles:
        """(rows,)."""
        return self._real(self.predictions.targets(self.split))

    @functools.cached_property
    def said(self) -> Doubles:
        """What the network predicts, (rows,)."""
        return self._real(self.predictions.of(self.split))

    def _real(self, outputs: Doubles) -> Doubles:
        with np.errstate(all="ignore"):
            return np.asarray(self.predictions.dataset.recipe.value(outputs), np.float64)[:, 0]

    @functools.cached_property
    def finite(self) -> bool:
        """Whether all predictions are numbers."""
        return bool(np.isfinite(self.said).all())

    @functools.cached_property
    def tested(self) -> NDArray[np.bool_]:
        """Which are test rows, (rows,)."""
        trained = {"train": len(self.rows), "test": 0}.get(self.split, len(self.predictions.train))
        return np.arange(len(self.rows)) >= trained

    @functools.cached_property
    def residuals(self) -> leftover.Residuals:
        """Y − ŷ."""
        return leftover.residuals(self.truth, self.said)

    @functools.cached_property
    def histogram(self) -> tuple[Rows, Doubles]:
        """Counts and edges of the residuals."""
        return leftover.histogram(self.residuals.each)

    @functools.cached_property
    def figures(self) -> dict[str, float]:
        """R², RMSE, MAE and the others by their names; NaN where they are undefined."""
        given = self.truth, self.said
        measures: dict[str, Any] = {
            "R²": metrics.r2, "RMSE": metrics.rmse, "MAE": metrics.mae, "MAPE": leftover.mape,
            "Explained variance": leftover.explained_variance,
        }  # fmt: skip
        with np.errstate(all="ignore"):
            return {name: measure(*given) for name, measure in measures.items()}


Judged = Classes | Values


def judged(predictions: Predictions, split: str, page: str, progress: Progress) -> Judged:
    """Judge the predictions of a split, and work out what a page shows, so that to show it takes no time."""
    found: Judged
    if predictions.dataset.class_names:
        found = Classes(predictions, split)
        _ = found.confusion, found.scores, found.finite
        if page in ("roc", "pr"):
            for curve in found.curves:
                progress.report(None, "ranking the rows")
                _ = curve.roc, curve.precision_recall, curve.areas, curve.drawn
        elif page == "calibration":
            _ = found.probable, found.score
        elif page == "scores":
            _ = found.log_loss, found.brier_score
    else:
        found = Values(predictions, split)
        _ = found.figures, found.residuals, found.finite, found.tested
        if page == "residuals":
            _ = found.histogram
    return found


def work(predictions: Predictions) -> int:
    """Return about how many numbers are looked at."""
    return (len(predictions.train) + len(predictions.test)) * predictions.train.shape[1]


def overall(found: Classes) -> list[tuple[str, float]]:
    """Return the figures of all classes together by their names."""
    return [
        ("Accuracy", found.accuracy),
        ("Balanced accuracy", averages.balanced_accuracy(found.confusion)),
        ("Matthews correlation", averages.matthews(found.confusion)),
        ("Log loss", found.log_loss),
        ("Brier score", found.brier_score),
    ]


def _thinned(x: Doubles, y: Doubles) -> tuple[Doubles, Doubles, Rows]:
    """Leave out points that could not be told from their neighbour, in a square from 0 to 1; NaN for no points."""
    if not len(x) or not np.isfinite(x).all() or not np.isfinite(y).all():
        return np.zeros(0), np.zeros(0), np.zeros(0, np.int64)
    cells = np.rint(np.stack([x, y]) * _CELLS)
    new = np.append(True, (cells[:, 1:] != cells[:, :-1]).any(axis=0))
    kept = np.flatnonzero(new | np.append(new[1:], True))
    return x[kept], y[kept], kept


def _corners(x: Doubles, y: Doubles) -> tuple[Doubles, Doubles]:
    """Leave out the points of a line that lie on a straight part of it, as far as that can be seen."""
    if len(x) < 3:
        return x, y
    cells = np.rint(np.stack([x, y]) * _CELLS)
    moved = np.append(True, (cells[:, 1:] != cells[:, :-1]).any(axis=0))
    cells = cells[:, moved]
    steps = np.diff(cells, axis=1)
    turned = steps[0, 1:] * steps[1, :-1] != steps[0, :-1] * steps[1, 1:]
    turned |= (steps[:, 1:] * steps[:, :-1]).sum(axis=0) < 0  # back on the same line
    kept = np.concatenate([[True], turned, [True]])[: cells.shape[1]]
    return cells[0, kept] / _CELLS, cells[1, kept] / _CELLS
