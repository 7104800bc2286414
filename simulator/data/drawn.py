"""Points that are drawn into a data set with two numeric features, and erased from it, while training goes on.

The recipe stays the one that was fitted at first: were it fitted again at every stroke, all inputs would shift under
the network. Whether a drawn point is for training or for testing follows from its number alone, so that it never
changes sides when others come or go.
"""

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.data.cells import is_numeric
from simulator.data.dataset import Dataset, assemble
from simulator.data.outcomes import Classes
from simulator.data.report import Report
from simulator.data.steps.number import Number
from simulator.errors import DatasetError
from simulator.progress import Progress

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

FEWEST = 2
"""With fewer training points there is nothing to train on."""

_EDITED, _BY_HAND = ", edited", " drawn by hand"
_GOLDEN = 0x9E3779B9
_DRAWN = -1


@dataclasses.dataclass(frozen=True, eq=False)
class Points:
    """Points in the plane.

    Attributes
    ----------
    x, y
        In real units, float64 (points,).
    target
        The index of the class, or the value in real units, float64 (points,).
    test
        Whether each is for testing, bool (points,).
    row
        The row of the table that it was at first; −1 for one that was drawn, int64 (points,).
    """

    x: Floats
    y: Floats
    target: Floats
    test: Mask
    row: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.x)

    def having(self, kept: Mask) -> "Points":
        """Return some of them."""
        return Points(self.x[kept], self.y[kept], self.target[kept], self.test[kept], self.row[kept])

    def and_also(self, more: "Points") -> "Points":
        """Return these, and others behind them."""
        return Points(
            *(
                np.concatenate([getattr(self, field.name), getattr(more, field.name)])
                for field in dataclasses.fields(self)
            )
        )


@dataclasses.dataclass(frozen=True, eq=False)
class Sheet:
    """A data set as points in the plane, and what was drawn and erased since; a change makes another sheet.

    Attributes
    ----------
    base
        The data set that it began with, whose recipe holds for all that is drawn.
    points
        What is there now.
    drawn
        How many points were drawn so far, those that were erased included: the number of the next one.
    name
        What the changed data set is called.
    changed
        Whether it was changed at all.
    """

    base: Dataset
    points: Points
    drawn: int = 0
    name: str = ""
    changed: bool = False

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes, in the order of the outputs; none for a value."""
        return self.base.class_names

    @property
    def axes(self) -> tuple[str, str]:
        """The columns that are drawn from left to right and from bottom to top."""
        first, second = self.base.recipe.used
        return first, second

    @property
    def refusal(self) -> tuple[str, str]:
        """Why nothing can be drawn into it, and what to do; two empty texts where something can."""
        choices = self.base.choices
        derived = {each.name for each in choices.derived}
        if derived & set(self.axes):
            return "An axis is computed from other columns.", "Choose two columns of the file as features."
        if choices.label_noise or choices.duplicates:
            return "Faults were put into these rows on purpose.", "Take them away, or choose a shape."
        return "", ""

    def with_points(self, x: Floats, y: Floats, target: Floats) -> "Sheet":
        """Draw points, (points,) each in real units; `target` holds indices of classes, or values."""
        numbers = np.arange(self.drawn, self.drawn + len(x), dtype=np.uint64) + np.uint64(1)
        # The multiples of the golden ratio, modulo 1, are spread so evenly that every share of them is met early.
        spread = (numbers * np.uint64(_GOLDEN)) & np.uint64(0xFFFFFFFF)
        test = spread < np.uint64(round(self.base.choices.test_fraction * 2**32))
        here = [np.asarray(each, dtype=np.float64) for each in (x, y, target)]
        more = Points(here[0], here[1], here[2], test, np.full(len(x), _DRAWN))
        points = self.points.and_also(more)
        return dataclasses.replace(self, points=points, drawn=self.drawn + len(x), changed=True)

    def without(self, erased: Mask) -> "Sheet":
        """Erase some of the points, a mask (points,)."""
        if not erased.any():
            return self
        return dataclasses.replace(self, points=self.points.having(~erased), changed=True)

    def with_class(self, name: str = "") -> "Sheet":
        """Add a class, which has no points yet, by the next letter or a name: another number of outputs."""
        outcome = self.base.recipe.outcome
        if not isinstance(outcome, Classes):
            raise DatasetError(f"{outcome.column!r} is a value and has no classes", "Choose a shape with classes.")
        letters = (chr(ord("A") + place) for place in range(26))
        name = name or next(letter for letter in letters if letter not in self.classes)
        recipe = dataclasses.replace(
            self.base.recipe, outcome=dataclasses.replace(outcome, classes=(*self.classes, name))
        )
        return dataclasses.replace(self, base=dataclasses.replace(self.base, recipe=recipe), changed=True)

    def dataset(self) -> Dataset | None:
        """Return the data set that these points make; None while there is too little to train on.

        A table that was changed has no file any more.
        """
        points, base = self.points, self.base
        if int((~points.test).sum()) < FEWEST:
            return None
        if not self.changed:
            return base
        own = points.row != _DRAWN
        unseen = _unseen(base)
        kept = np.ones(len(base.raw), dtype=bool)
        used = np.concatenate([base.train_rows, base.test_rows])
        kept[used[used < len(kept)]] = False  # what is used goes, unless it is a point still
        kept[np.concatenate([points.row[own], *unseen])] = True
        places = np.cumsum(kept) - 1
        rows = np.empty(len(points), dtype=np.int64)
        rows[own] = places[points.row[own]]
        rows[~own] = int(kept.sum()) + np.arange(int((~own).sum()))
        parts = [
            np.sort(np.concatenate([rows[mine], places[other]]))
            for mine, other in zip((~points.test, points.test), unseen, strict=True)
        ]
        frame = _frame(self, kept)
        report = self._report(len(frame), (parts[0], parts[1]))
        return assemble(self.name or base.name, frame, base.recipe, (parts[0], parts[1]), report, None, Progress())

    def _report(self, rows: int, parts: tuple[NDArray[np.int64], NDArray[np.int64]]) -> Report:
        new = int((self.points.row == _DRAWN).sum())
        base = self.base
        before = len(base.train_rows) + len(base.test_rows) - sum(len(rows) for rows in _unseen(base))
        gone = before - (len(self.points) - new)
        said = _count(new) + _BY_HAND + (f", {_count(gone)} erased." if gone else ".")
        return dataclasses.replace(
            self.base.report, notes=(*self.base.report.notes, said), rows=rows,
            train_rows=len(parts[0]), test_rows=len(parts[1]),
        )  # fmt: skip


def sheet_of(dataset: Dataset) -> Sheet:
    """Return the points of a data set.

    Raises
    ------
    DatasetError
        When it has no two numeric features, which a plane needs; the hint says what to do.
    """
    steps, table = dataset.recipe.columns, dataset.table
    if len(steps) != 2:
        what = f"{dataset.name} has {len(steps)} feature{'' if len(steps) == 1 else 's'}"
        raise DatasetError(f"{what}; a plane shows two", "Choose two columns as features, or one of the shapes.")
    for step in steps:
        if not isinstance(step, Number) or not is_numeric(table[step.column]):
            raise DatasetError(
                f"{step.column!r} holds no numbers; a plane has no place for it",
                "Choose two columns of numbers as features, or one of the shapes.",
            )
    rows = np.concatenate([dataset.train_rows, dataset.test_rows])
    test = np.repeat([False, True], [len(dataset.train_rows), len(dataset.test_rows)])
    own = rows < len(dataset.raw)  # a copy lies where its original does
    rows, test = rows[own], test[own]
    order = np.argsort(rows)
    rows, test = rows[order], test[order]
    x, y = (table[step.column].to_numpy(dtype=np.float64)[rows] for step in steps)
    whole = np.isfinite(x) & np.isfinite(y)  # a filled cell has no place
    points = Points(x, y, _targets(dataset, rows), test, rows.astype(np.int64)).having(whole)
    edited = any(_BY_HAND in note for note in dataset.report.notes)
    name = dataset.name if edited else dataset.name + _EDITED
    return Sheet(dataset, points, name=name)


def empty_sheet(dataset: Dataset) -> Sheet:
    """Return a sheet without points, with the recipe, the columns and the classes of a data set."""
    none = np.zeros(0, dtype=np.int64)
    report = dataclasses.replace(dataset.report, notes=())
    base = dataclasses.replace(
        dataset, table=dataset.table.iloc[:0], train_rows=none, test_rows=none, report=report, path=None
    )
    return dataclasses.replace(sheet_of(base), name="drawn points")


def _unseen(dataset: Dataset) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the training and the test rows that have no place in the plane, since a cell was empty and was filled."""
    whole = np.ones(len(dataset.table), dtype=bool)
    for step in dataset.recipe.columns:
        whole &= np.isfinite(dataset.table[step.column].to_numpy(dtype=np.float64))
    return dataset.train_rows[~whole[dataset.train_rows]], dataset.test_rows[~whole[dataset.test_rows]]


def _targets(dataset: Dataset, rows: NDArray[np.int64]) -> Floats:
    """Return the classes as indices, or the values in real units, as the file has them."""
    outcome = dataset.recipe.outcome
    column = dataset.table[outcome.column].iloc[rows]
    outputs = outcome.transform(column, dataset.recipe.decimal)
    if isinstance(outcome, Classes):
        return outputs.argmax(axis=1).astype(np.float64)
    return np.asarray(outcome.value(outputs), dtype=np.float64).reshape(-1)


def _frame(sheet: Sheet, kept: Mask) -> pd.DataFrame:
    """Return the rows of the table that are left, and the drawn ones below them."""
    raw = sheet.base.raw
    drawn = sheet.points.having(sheet.points.row == _DRAWN)
    left = raw.iloc[np.flatnonzero(kept)].reset_index(drop=True)
    if not len(drawn):
        return left
    first, second = sheet.axes
    outcome = sheet.base.recipe.outcome
    cells: dict[str, Any] = {first: drawn.x, second: drawn.y, outcome.column: drawn.target}
    if isinstance(outcome, Classes):
        names = np.array(outcome.classes, dtype=object)[drawn.target.astype(np.int64)]
        numeric = is_numeric(raw[outcome.column])
        cells[outcome.column] = names.astype(np.float64) if numeric else names
    return pd.DataFrame({str(name): _longer(left[name], cells.get(str(name)), len(drawn)) for name in left.columns})


def _longer(column: "pd.Series[Any]", cells: Any, count: int) -> Any:
    """Return a column with more cells below, empty ones where none are given."""
    if is_numeric(column):
        more = np.full(count, np.nan) if cells is None else cells
        return np.concatenate([column.to_numpy(dtype=np.float64), more])
    texts = np.full(count, np.nan, dtype=object) if cells is None else cells
    return pd.Series(np.concatenate([column.to_numpy(dtype=object), texts]), dtype=column.dtype)


def _count(points: int) -> str:
    return f"{points:,} point{'' if points == 1 else 's'}"
