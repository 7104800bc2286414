"""What the network says about rows of the table, and how wrong it is: array code, in blocks. No Qt."""

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulator.engines.passes import forward
from simulator.insight.taken import mistaken, taken_for
from simulator.progress import Progress
from ui.selection import inputs_of

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset
    from simulator.snapshot import Snapshot

Rows = NDArray[np.int64]
Doubles = NDArray[np.float64]
NOTHING = -1
_BLOCK = 4_000_000
"""About so many numbers of a layer are held at a time."""


@dataclasses.dataclass(frozen=True, eq=False)
class Answers:
    """What the network of a moment says about some rows; arrays of shape (rows,).

    Attributes
    ----------
    predicted
        The predicted class, int64; `NOTHING` for a row that it cannot see, and where a value is predicted.
    score
        The output of the predicted class, or the predicted value in real units; NaN where there is none.
    loss
        The row's loss by the session's own loss function; NaN for a row that it cannot see.
    right
        1.0 where the predicted class is the one that the network is told, 0.0 where it is another, else NaN.
    error
        y − ŷ in real units; NaN where a class is predicted.
    """

    predicted: Rows
    score: Doubles
    loss: Doubles
    right: Doubles
    error: Doubles


@dataclasses.dataclass(frozen=True)
class Summary:
    """How good the network is on some rows; NaN where nothing is known.

    Attributes
    ----------
    rows, known
        How many there are, and about how many of them the network says something.
    loss
        The mean of their losses.
    accuracy, rmse
        The share of right classes, or the root of the mean squared error in real units.
    """

    rows: int
    known: int
    loss: float
    accuracy: float
    rmse: float


def fits(dataset: "Dataset", snapshot: "Snapshot | None") -> bool:
    """Whether a network can be asked about the rows of a data set: not so in between two sessions."""
    return snapshot is not None and snapshot.network.inputs == dataset.X_train.shape[1]


def outputs_of(dataset: "Dataset", snapshot: "Snapshot", where: Rows) -> tuple[Doubles, Doubles]:
    """Return logits and outputs (rows, outputs), float64, of places as `ui.selection.places` counts them."""
    with np.errstate(all="ignore"):  # an infinite number is shown, not warned of
        passed = forward(snapshot.network, snapshot.layers, inputs_of(dataset, where))
    return passed.logits[-1], passed.outputs


def answers(dataset: "Dataset", snapshot: "Snapshot", where: Rows) -> Answers:
    """Return what a network says about the rows at some places, (rows,)."""
    from simulator.nn import choices

    Z, A = outputs_of(dataset, snapshot, where)
    told = targets_of(dataset, where)
    Y = told[:, 1:] if A.shape[1] < told.shape[1] else told
    seen = where != 0
    nothing = np.full(len(where), np.nan)
    with np.errstate(all="ignore"):
        loss = np.where(seen, choices.loss(snapshot.config).rows(Z, A, Y), np.nan)
        if not dataset.class_names:
            value = dataset.recipe.value(A)[:, 0]
            error = np.where(seen, dataset.recipe.value(told)[:, 0] - value, np.nan)
            return Answers(np.full(len(where), NOTHING), np.where(seen, value, np.nan), loss, nothing, error)
    best, score = taken_for(A)
    right = np.where(seen, 1.0 - mistaken(A, told, classes=True), np.nan)
    return Answers(np.where(seen, best, NOTHING), np.where(seen, score, np.nan), loss, right, nothing)


def answer_alone(dataset: "Dataset", snapshot: "Snapshot", inputs: Doubles) -> Answers:
    """Return what a network says about one prepared row, (inputs,), of which no truth is known."""
    with np.errstate(all="ignore"):
        A = forward(snapshot.network, snapshot.layers, np.asarray(inputs, np.float64)[None, :]).outputs
        nothing = np.full(1, np.nan)
        if not dataset.class_names:
            return Answers(np.full(1, NOTHING), dataset.recipe.value(A)[:, 0], nothing, nothing, nothing)
    return Answers(*taken_for(A), nothing, nothing, nothing)


def all_answers(dataset: "Dataset", snapshot: "Snapshot", where: Rows, progress: Progress | None = None) -> Answers:
    """Return what a network says about every row, a block at a time; a cancelled job stops between two of them."""
    widest = max(snapshot.network.inputs, *(layer.units for layer in snapshot.network.hidden), snapshot.network.outputs)
    size = max(64, _BLOCK // widest)
    parts: list[Answers] = []
    for start in range(0, max(len(where), 1), size):
        parts.append(answers(dataset, snapshot, where[start : start + size]))
        if progress is not None:
            progress.report(min(1.0, (start + size) / max(len(where), 1)), "asking the network about every row")
    if len(parts) == 1:
        return parts[0]
    names = [field.name for field in dataclasses.fields(Answers)]
    return Answers(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def targets_of(dataset: "Dataset", where: Rows) -> Doubles:
    """Return what the network is told of the rows at some places, (rows, outputs) float64; NaN for unused ones."""
    Y = np.full((len(where), dataset.Y_train.shape[1]), np.nan)
    train, test = where > 0, where < 0
    Y[train] = dataset.Y_train[where[train] - 1]
    Y[test] = dataset.Y_test[-where[test] - 1]
    return Y


def summary(found: Answers | None, rows: Rows) -> Summary:
    """Return how good the network is on some rows of the table."""
    if found is None:
        return Summary(len(rows), 0, math.nan, math.nan, math.nan)
    loss, right, error = found.loss[rows], found.right[rows], found.error[rows]
    known = int(np.isfinite(found.score[rows]).sum())
    with np.errstate(all="ignore"):
        return Summary(len(rows), known, _mean(loss), _mean(right), math.sqrt(_mean(np.square(error))))


def _mean(values: NDArray[Any]) -> float:
    held = values[~np.isnan(values)]
    return float(held.mean()) if len(held) else math.nan
