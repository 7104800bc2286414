"""Which rows the table shows, and in which order: presets, a search and a sort, as array code. No Qt."""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator.progress import Progress
from ui.panels.table_answers import Answers, Doubles, Rows, Summary, all_answers, fits, summary
from ui.panels.table_columns import CORRECT, ERROR, LOSS, OF_NETWORK, PREDICTION, PREPARED, SCORE, SPLIT, Column
from ui.panels.table_search import Search, found_by

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset
    from simulator.snapshot import Snapshot

_WORST = 10
_LARGE_ERROR = 2.0


@dataclasses.dataclass(frozen=True, eq=False)
class Subject:
    """A table with what the network says about its rows: `where` as `ui.selection.places` says, answers if known."""

    dataset: "Dataset"
    where: Rows
    answers: Answers | None


@dataclasses.dataclass(frozen=True)
class Preset:
    """A row of the table of presets.

    Attributes
    ----------
    title, tip
        What it is called, and a sentence about it.
    pick
        Returns the rows of a subject, in the order that they have by themselves.
    of_network
        Whether they change while the network learns.
    offered
        Whether it makes sense for a data set.
    """

    title: str
    tip: str
    pick: Callable[[Subject], Rows]
    of_network: bool = False
    offered: Callable[["Dataset"], bool] = lambda _dataset: True


def _all(subject: Subject) -> Rows:
    return np.arange(len(subject.where))


def _mistakes(subject: Subject) -> Rows:
    found = subject.answers
    if found is None:
        return np.zeros(0, np.int64)
    if subject.dataset.class_names:
        return np.flatnonzero(found.right == 0.0)
    held = found.error[~np.isnan(found.error)]
    bound = _LARGE_ERROR * float(np.sqrt(np.mean(np.square(held)))) if len(held) else 0.0
    with np.errstate(invalid="ignore"):
        return np.flatnonzero(np.abs(found.error) > bound)


def _worst(subject: Subject) -> Rows:
    if subject.answers is None:
        return np.zeros(0, np.int64)
    rows = np.flatnonzero((subject.where < 0) & ~np.isnan(subject.answers.loss))
    return rows[np.argsort(-subject.answers.loss[rows], kind="stable")[:_WORST]]


def _classes(dataset: "Dataset") -> bool:
    return bool(dataset.class_names)


PRESETS: dict[str, Preset] = {
    "all": Preset("All rows", "Every row of the table", _all),
    "train": Preset("Training rows", "The rows that the network learns from", lambda s: np.flatnonzero(s.where > 0)),
    "test": Preset("Test rows", "The rows that are kept to test it", lambda s: np.flatnonzero(s.where < 0)),
    "mistakes": Preset("Mistakes", "Rows that are taken for another class than they are", _mistakes, True, _classes),
    "large_errors": Preset(
        "Large errors", "Rows whose error is more than twice the root of the mean squared error", _mistakes, True,
        lambda dataset: not dataset.class_names,
    ),
    "worst": Preset("Ten worst test rows", "The ten test rows with the largest loss, the worst first", _worst, True),
    "unused": Preset(
        "Not used", "Rows that the network cannot see; the tooltip of each says why",
        lambda s: np.flatnonzero(s.where == 0), offered=lambda dataset: dataset.report.dropped_count > 0,
    ),
    "noisy": Preset(
        "Wrong labels", "Training rows whose target was changed on purpose", lambda s: s.dataset.noisy_rows,
        offered=lambda dataset: len(dataset.noisy_rows) > 0,
    ),
    "copies": Preset(
        "Copies", "Rows that were added on purpose: each is a copy of another",
        lambda s: np.arange(len(s.where) - len(s.dataset.copies), len(s.where)),
        offered=lambda dataset: len(dataset.copies) > 0,
    ),
}  # fmt: skip
"""Every preset by its id, in the order of the list."""


@dataclasses.dataclass(frozen=True, eq=False)
class Wanted:
    """What somebody wants to see.

    Attributes
    ----------
    preset
        A key of `PRESETS`.
    search
        What the rows must hold besides, or None.
    rows, title
        Rows of the table that another view wants to be shown, with a name for them; None: no such wish.
    sort, descending
        The column by which they are sorted, or None: as they stand in the file.
    """

    preset: str = "all"
    search: Search | None = None
    rows: Rows | None = None
    title: str = ""
    sort: Column | None = None
    descending: bool = False

    @property
    def of_network(self) -> bool:
        """Whether the rows or their order change while the network learns."""
        return (
            PRESETS[self.preset].of_network
            or (self.search is not None and self.search.of_network)
            or (self.sort is not None and self.sort.kind in OF_NETWORK)
        )

    @property
    def is_everything(self) -> bool:
        """Whether no row is left out."""
        return self.preset == "all" and self.search is None and self.rows is None


@dataclasses.dataclass(frozen=True, eq=False)
class Arranged:
    """The rows that are shown, int64 (rows,), in their order, and what the network of a moment says about them.

    Attributes
    ----------
    wanted, snapshot, answers
        What it follows from; answers about every row of the table, or None.
    rows, summary
        What comes of it.
    """

    wanted: Wanted
    snapshot: "Snapshot | None"
    answers: Answers | None
    rows: Rows
    summary: Summary


def arrange(
    dataset: "Dataset",
    where: Rows,
    snapshot: "Snapshot | None",
    known: Answers | None,
    wanted: Wanted,
    progress: Progress | None = None,
) -> Arranged:
    """Find the rows that somebody wants to see.

    Parameters
    ----------
    known
        What the snapshot's network says about every row, if somebody asked before.

    Raises
    ------
    ConfigError
        When the search cannot be made on this table.
    """
    if known is None and snapshot is not None and fits(dataset, snapshot):
        known = all_answers(dataset, snapshot, where, progress)
    subject = Subject(dataset, where, known)
    rows = PRESETS[wanted.preset].pick(subject)
    if wanted.rows is not None:
        rows = rows[np.isin(rows, wanted.rows)]
    if wanted.search is not None:
        rows = rows[found_by(wanted.search, dataset, where, known, progress)[rows]]
    if wanted.sort is not None:
        rows = rows[_order(_keys(subject, wanted.sort)[rows], descending=wanted.descending)]
    return Arranged(wanted, snapshot, known, rows, summary(known, rows))


def _order(keys: Doubles, *, descending: bool) -> NDArray[np.int64]:
    """Return the order of some keys, (rows,): equal ones stay as they were, NaN comes last."""
    if descending:
        # A stable order of −x keeps equal ones as they stand; NaN is sorted last by NumPy in both cases.
        keys = -keys
    return np.argsort(keys, kind="stable")


def _keys(subject: Subject, column: Column) -> Doubles:
    """Return a number for every row by which a column is sorted, (rows,); NaN where a value is missing."""
    from simulator.data.cells import numbers, texts

    dataset, where, found = subject.dataset, subject.where, subject.answers
    nothing = np.full(len(where), np.nan)
    if column.kind == SPLIT:
        return np.select([where > 0, where < 0], [0.0, 1.0], 2.0)
    if column.kind == PREPARED:
        return _inputs(dataset, where, column.place)
    if column.kind in OF_NETWORK:
        if found is None:
            return nothing
        if column.kind == PREDICTION and dataset.class_names:
            ranks = np.array([*_ranks(dataset.class_names), np.nan])
            return ranks[found.predicted]
        return {
            PREDICTION: found.score, SCORE: found.score, LOSS: found.loss, CORRECT: found.right, ERROR: found.error,
        }[column.kind]  # fmt: skip
    cells = dataset.table.iloc[:, column.place]
    if column.numeric:
        return numbers(cells)[0]
    values, refused = numbers(cells, dataset.recipe.decimal)
    if refused is None:
        return values
    codes, names = texts(cells)
    return np.array([*_ranks(names), np.nan])[codes]


def _inputs(dataset: "Dataset", where: Rows, place: int) -> Doubles:
    found = np.full(len(where), np.nan)
    found[where > 0] = dataset.X_train[where[where > 0] - 1, place]
    found[where < 0] = dataset.X_test[-where[where < 0] - 1, place]
    return found


def _ranks(names: tuple[str, ...]) -> Doubles:
    """Return the place of every name in the alphabet, upper and lower case alike, (names,)."""
    order = sorted(range(len(names)), key=lambda place: (names[place].casefold(), names[place]))
    ranks = np.empty(len(names))
    ranks[order] = np.arange(len(names))
    return ranks
