"""The rows of a data set as points of a plane: which are drawn, where they stand, which are mistaken, how faint."""

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator.insight import taken
from simulator.insight.rows import evenly
from ui.predicting import Predictions

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset
    from simulator.insight.input_planes import Plane

Doubles = NDArray[np.float64]

MOST = 1_500
"""More rows than this are not all drawn: they would hide each other and the map."""

SHADES = 5
_REACH = 1.2
_GOLDEN = 0.6180339887498949
_JITTER = 0.6


@dataclasses.dataclass(frozen=True, eq=False)
class Rows:
    """The rows that are drawn, training rows first.

    Attributes
    ----------
    dataset
        Whose.
    train, test
        Their places among the training and among the test rows.
    raw
        (rows,) where they stand in the raw table.
    X
        (rows, inputs) float64.
    target
        (rows,) the index of the true class, or the true value in real units.
    """

    dataset: "Dataset"
    train: NDArray[np.int64]
    test: NDArray[np.int64]
    raw: NDArray[np.int64]
    X: Doubles
    target: Doubles

    @property
    def is_test(self) -> NDArray[np.bool_]:
        """Which are test rows, (rows,)."""
        return np.arange(len(self.raw)) >= len(self.train)

    @property
    def total(self) -> int:
        """How many rows there are, drawn or not."""
        return len(self.dataset.train_rows) + len(self.dataset.test_rows)


def rows_of(dataset: "Dataset", most: int = MOST) -> Rows:
    """Return the rows to be drawn: all, or evenly some of the training and of the test rows."""
    count = len(dataset.train_rows) + len(dataset.test_rows)
    share = min(1.0, most / max(1, count))
    train, test = (evenly(len(each), math.ceil(share * len(each))) for each in (dataset.train_rows, dataset.test_rows))
    X = np.concatenate([np.asarray(dataset.X_train[train], np.float64), np.asarray(dataset.X_test[test], np.float64)])
    Y = np.concatenate([np.asarray(dataset.Y_train[train], np.float64), np.asarray(dataset.Y_test[test], np.float64)])
    raw = np.concatenate([dataset.train_rows[train], dataset.test_rows[test]])
    target = taken.classes_of(Y).astype(np.float64) if dataset.class_names else dataset.recipe.value(Y)[:, 0]
    return Rows(dataset, train, test, raw, X, target)


def standing(rows: Rows, plane: "Plane") -> Doubles:
    """Return where rows stand in a plane, (rows, axes); within a category they are spread, each by its number."""
    places = plane.coordinates(rows.X)
    for axis, direction in enumerate(plane.axes):
        if direction.categories:
            share = (rows.raw * _GOLDEN * (axis + 1)) % 1.0
            places[:, axis] += _JITTER * (share - 0.5)
    return places


def shades_of(rows: Rows, plane: "Plane", spread: Doubles) -> NDArray[np.int64]:
    """Return how strong each row is drawn, 0 (barely) … `SHADES` − 1: the nearer to the plane, the stronger."""
    near = np.exp(-0.5 * (plane.distances(rows.X, spread) / _REACH) ** 2)
    return np.clip(np.nan_to_num(near) * SHADES, 0, SHADES - 1).astype(np.int64)


def mistaken(rows: Rows, predictions: Predictions) -> NDArray[np.bool_]:
    """Return which rows are predicted wrong, (rows,): another class, or more than a standard deviation off."""
    dataset = rows.dataset
    outputs = np.concatenate([predictions.train[rows.train], predictions.test[rows.test]])
    targets = np.concatenate([dataset.Y_train[rows.train], dataset.Y_test[rows.test]])
    return taken.mistaken(outputs, np.asarray(targets, np.float64), classes=bool(dataset.class_names))
