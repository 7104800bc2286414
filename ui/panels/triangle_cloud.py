"""All rows as points: where each lies, what it is, what the network says. No Qt."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.insight.projection import shares_of
from simulator.insight.taken import classes_of, mistaken
from ui.panels.triangle_charts import VALUES, Chart

Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

MOST = 1_200
"""So many rows are drawn at most, and besides them the mistakes, up to half that number."""


@dataclasses.dataclass(frozen=True, eq=False)
class Cloud:
    """The rows that are drawn, in the order in which they are drawn: mistakes last, test rows above training rows.

    Attributes
    ----------
    places
        (points, 2), in the units of the chart; NaN where the network gave no number.
    rows
        In the raw table, (points,).
    test, wrong
        Whether each is a test row, and whether it is taken for another class than the true one, (points,).
    actual, predicted
        Classes, (points,); 0 where a value is predicted.
    shares
        Probabilities, (points, classes), or the outputs where a value is predicted.
    total
        How many rows there are.
    counts
        ``counts["test"] = (mistakes, rows)`` of all rows, drawn or not.
    """

    places: Doubles
    rows: Ints
    test: Flags
    wrong: Flags
    actual: Ints
    predicted: Ints
    shares: Doubles
    total: int
    counts: dict[str, tuple[int, int]]

    def nearest(self, across: Doubles, down: Doubles, x: float, y: float, reach: float) -> int | None:
        """Return which point is nearest to a place of the screen, None beyond `reach`; the topmost of equals.

        Parameters
        ----------
        across, down
            Where the points are on the screen, (points,).
        """
        if not len(across):
            return None
        with np.errstate(invalid="ignore"):
            distances = np.hypot(across - x, down - y)
        distances = np.where(np.isfinite(distances), distances, np.inf)[::-1]
        nearest = int(np.argmin(distances))
        return len(across) - 1 - nearest if distances[nearest] <= reach else None

    def of_row(self, row: int | None) -> int | None:
        """Return the point of a row of the table, None where it is not drawn."""
        if row is None:
            return None
        found = np.flatnonzero(self.rows == row)
        return int(found[0]) if len(found) else None


def cloud_of(predictions: Any, chart: Chart, split: str = "all", most: int = MOST) -> Cloud:
    """Return the points of "train", "test" or "all" rows of `ui.predicting.Predictions`.

    Of more than `most` rows every second, third … is drawn, always the same ones, and every mistake; of very many
    mistakes, as before training, some.
    """
    outputs, targets, rows = predictions.of(split), predictions.targets(split), predictions.rows(split)
    trained = {"train": len(rows), "test": 0}.get(split, len(predictions.train))
    test = np.arange(len(rows)) >= trained
    if chart.kind == VALUES:
        actual = predicted = np.zeros(len(rows), np.int64)
        shares, wrong = outputs, np.zeros(len(rows), np.bool_)
    else:
        shares = shares_of(outputs)
        actual, predicted = classes_of(targets), classes_of(outputs)
        wrong = mistaken(outputs, targets, classes=True) & np.isfinite(shares).all(axis=1)  # else it has no place
    counts = {name: (int(wrong[part].sum()), int(part.sum())) for name, part in (("train", ~test), ("test", test))}
    step = -(-len(rows) // most) if most else 1
    drawn = np.arange(len(rows)) % max(1, step) == 0
    if step > 1:
        mistakes = np.flatnonzero(wrong)
        drawn[mistakes[:: max(1, -(-len(mistakes) // max(1, most // 2)))]] = True
    order = np.flatnonzero(drawn)
    order = order[np.lexsort((test[order], wrong[order]))]
    places = chart.place(outputs[order], targets[order], rows[order])
    return Cloud(places, rows[order], test[order], wrong[order], actual[order], predicted[order], shares[order],
                 len(rows), counts)  # fmt: skip


def table_of(predictions: Any, split: str) -> Iterator[list[Any]]:
    """Return what the network says of every row as lines of numbers, the first of which names the columns."""
    dataset, tested = predictions.dataset, len(predictions.train) if split != "test" else 0
    names, outputs, targets = dataset.class_names, predictions.of(split), predictions.targets(split)
    if names:
        shares = shares_of(outputs)
        yield ["row", "split", "true", "taken for", *names]
        said = [[names[one], names[other]] for one, other in zip(classes_of(targets), classes_of(outputs), strict=True)]
    else:
        shares = np.asarray(dataset.recipe.value(outputs), np.float64)
        yield ["row", "split", "true", "predicted"]
        said = [[each] for each in np.ravel(dataset.recipe.value(targets)).tolist()]
    for nth, (row, words, numbers) in enumerate(zip(predictions.rows(split), said, shares.tolist(), strict=True)):
        yield [int(row) + 1, "train" if nth < tested else "test", *words, *numbers]


def moving(before: Cloud | None, after: Cloud) -> Doubles:
    """Return where the points of a cloud were before, (points, 2); NaN for those that were not there."""
    if before is None or not len(before.rows):
        return np.full_like(after.places, np.nan)
    if np.array_equal(before.rows, after.rows):
        return before.places
    order = np.argsort(before.rows)
    at = np.clip(np.searchsorted(before.rows, after.rows, sorter=order), 0, len(order) - 1)
    found = order[at]
    same = before.rows[found] == after.rows
    return np.where(same[:, None], before.places[found], np.nan)
