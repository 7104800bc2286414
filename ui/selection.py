"""What all views look at: the chosen row, neuron, edge or number, and what the pointer is on in any of them."""

import dataclasses
import functools
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from simulator.errors import SimulatorError

if TYPE_CHECKING:
    from simulator.data import Dataset
    from simulator.explain import Number

Floats = NDArray[np.floating[Any]]


@dataclasses.dataclass(frozen=True, eq=False)
class ChosenRow:
    """A row of the raw table, as the network and as people see it.

    Attributes
    ----------
    row
        Its number in the raw table, from 0.
    split
        "train", "test", "unused" when a value is missing in it, or "changed" when somebody asks what if: its inputs are
        then no row's, and nothing is known about the truth.
    inputs
        What goes into the network, (inputs,) float64; None when the row is unused.
    real
        One an input: a number in real units, or "yes" and "no" for a category.
    actual
        Index of the true class, or None.
    truth
        The true value in real units, or None.
    """

    row: int
    split: str
    inputs: Floats | None
    real: tuple[float | str, ...]
    actual: int | None
    truth: float | None


@dataclasses.dataclass(frozen=True)
class Pointed:
    """What a pointer is on, in whatever view: each part None where it does not matter.

    Attributes
    ----------
    row
        A row of the raw table, from 0.
    neuron
        (layer, unit); layer 0 holds the inputs.
    edge
        (layer, source, target).
    """

    row: int | None = None
    neuron: tuple[int, int] | None = None
    edge: tuple[int, int, int] | None = None


class Selection(QObject):
    """The chosen row, neuron, edge or number: one object that all views follow.

    Signals
    -------
    row_changed
        `ChosenRow`, or None without a data set.
    neuron_changed
        (layer, unit), or None.
    edge_changed
        (layer, source, target), or None.
    number_changed
        `simulator.explain.Number`, or None: a number that no neuron and no edge stands for, as a bias or the learning
        rate.
    pointed_changed
        `Pointed`, or None: what a pointer is on, to be lit by the other views.
    lit_changed
        (layer, unit) of every neuron that something is told of; empty when something is chosen.
    """

    row_changed = Signal(object)
    neuron_changed = Signal(object)
    edge_changed = Signal(object)
    number_changed = Signal(object)
    pointed_changed = Signal(object)
    lit_changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._dataset: Dataset | None = None
        self._places = np.zeros(0, dtype=np.int64)
        self.chosen: ChosenRow | None = None
        self.neuron: tuple[int, int] | None = None
        self.edge: tuple[int, int, int] | None = None
        self.number: Number | None = None
        self.pointed: Pointed | None = None
        self.lit: tuple[tuple[int, int], ...] = ()

    def follow(self, dataset: "Dataset") -> None:
        """Look at another data set; a row of the same table stays chosen."""
        same = self._dataset is not None and self._dataset.table is dataset.table
        row = self.chosen.row if same and self.chosen is not None else None
        self._dataset = dataset
        self._places = places(dataset)
        self.choose_neuron(None)
        if row is None:
            used = np.flatnonzero(self._places != 0)
            row = int(used[0]) if len(used) else 0
        self.choose_row(row)

    def replace(self, dataset: "Dataset") -> None:
        """Look at other data of the same session: the row stays chosen if it is still there, and so does all else."""
        before, chosen = self._dataset, self.chosen
        self._dataset, self._places = dataset, places(dataset)
        if before is None or chosen is None:
            self.choose_row(0)
            return
        row = self._again(before, chosen.row)
        if chosen.split == "changed" and chosen.inputs is not None and before.recipe == dataset.recipe:
            self.chosen = dataclasses.replace(chosen, row=min(chosen.row, self.rows - 1) if row is None else row)
            self.row_changed.emit(self.chosen)
        else:
            self.choose_row(self._used_near(chosen.row) if row is None else row)

    def _again(self, before: "Dataset", row: int) -> int | None:
        """Return where a row of the data before stands now, None where it is gone: rows may be put in and taken out."""
        dataset = self._dataset
        assert dataset is not None
        if dataset.table is before.table:
            return row
        old, new = before.table, dataset.table
        if list(old.columns) != list(new.columns):
            return row if row < self.rows and self._places[row] != 0 else None
        wanted = old.iloc[row]
        if row < len(new) and new.iloc[row].equals(wanted):
            return row
        found = np.ones(len(new), dtype=np.bool_)
        for name, value in wanted.items():
            if not found.any():
                return None
            column = new[name]
            found &= (column.isna() if value != value else column == value).to_numpy(dtype=np.bool_)
        places = np.flatnonzero(found)
        return int(places[np.argmin(np.abs(places - row))]) if len(places) else None

    def _used_near(self, row: int) -> int:
        """Return the row nearest to a place that the network can see."""
        used = np.flatnonzero(self._places != 0)
        return int(used[np.argmin(np.abs(used - row))]) if len(used) else 0

    @property
    def rows(self) -> int:
        """How many rows the raw table has."""
        return len(self._places)

    def choose_row(self, row: int) -> None:
        """Choose a row of the raw table, from 0; a number beyond its ends is the first or the last."""
        if self._dataset is None or not self.rows:
            return
        self.chosen = describe(self._dataset, self._places, min(max(row, 0), self.rows - 1))
        self.row_changed.emit(self.chosen)

    def step(self, by: int) -> None:
        """Go to the next or the previous row that the network can see, round the ends."""
        used = np.flatnonzero(self._places != 0)
        if self.chosen is None or not len(used):
            return
        place = int(np.searchsorted(used, self.chosen.row))
        if by > 0 and (place >= len(used) or used[place] != self.chosen.row):
            by -= 1
        self.choose_row(int(used[(place + by) % len(used)]))

    def change_inputs(self, inputs: Floats) -> None:
        """Ask what if: look at the chosen row with other inputs, (inputs,), until a row is chosen again."""
        if self._dataset is None or self.chosen is None:
            return
        changed = np.array(inputs, dtype=np.float64)
        changed.flags.writeable = False
        real = real_values(self._dataset, changed)
        self.chosen = ChosenRow(self.chosen.row, "changed", changed, real, None, None)
        self.row_changed.emit(self.chosen)

    def choose_neuron(self, neuron: tuple[int, int] | None) -> None:
        """Choose a neuron, or nothing."""
        self.neuron, self.edge, self.number = neuron, None, None
        self.light(())
        self.neuron_changed.emit(neuron)

    def choose_edge(self, edge: tuple[int, int, int] | None) -> None:
        """Choose an edge, or nothing."""
        self.edge, self.neuron, self.number = edge, None, None
        self.light(())
        self.edge_changed.emit(edge)

    def choose_number(self, number: "Number | None") -> None:
        """Choose a number that is neither a neuron's nor an edge's, or nothing."""
        self.number, self.neuron, self.edge = number, None, None
        self.number_changed.emit(number)

    def light(self, neurons: tuple[tuple[int, int], ...]) -> None:
        """Light neurons that something is told of, (layer, unit) each, until something is chosen."""
        if neurons != self.lit:
            self.lit = neurons
            self.lit_changed.emit(neurons)

    def point_at(self, pointed: Pointed | None) -> None:
        """Let all views light what a pointer is on, or nothing."""
        if pointed != self.pointed:
            self.pointed = pointed
            self.pointed_changed.emit(pointed)


def fits(snapshot: Any, dataset: "Dataset") -> bool:
    """Whether a moment and data go together; between two data sets there are moments that do not.

    One output may stand for two classes: it is the probability of the second.
    """
    outputs = dataset.Y_train.shape[1]
    network = snapshot.network
    return network.inputs == dataset.X_train.shape[1] and (
        network.outputs == outputs or (network.outputs == 1 and len(dataset.class_names) == 2)
    )


def places(dataset: "Dataset") -> NDArray[np.int64]:
    """Return where every raw row went: n + 1 for place n of the training rows, −n − 1 of the test rows, 0 unused."""
    found = np.zeros(len(dataset.table), dtype=np.int64)
    found[dataset.train_rows] = np.arange(1, len(dataset.train_rows) + 1)
    found[dataset.test_rows] = -np.arange(1, len(dataset.test_rows) + 1)
    return found


def inputs_of(dataset: "Dataset", where: NDArray[np.int64]) -> Floats:
    """Return the inputs (rows, inputs) float64 of places as `places` counts them; NaN for unused rows."""
    X = np.full((len(where), dataset.X_train.shape[1]), np.nan)
    train, test = where > 0, where < 0
    X[train] = dataset.X_train[where[train] - 1]
    X[test] = dataset.X_test[-where[test] - 1]
    return X


def describe(dataset: "Dataset", where: NDArray[np.int64], row: int) -> ChosenRow:
    """Return a row of the raw table as the network and as people see it."""
    place = int(where[row])
    if place == 0:
        return ChosenRow(row, "unused", None, (), None, None)
    X, Y = (dataset.X_train, dataset.Y_train) if place > 0 else (dataset.X_test, dataset.Y_test)
    inputs, targets = np.asarray(X[abs(place) - 1], np.float64), np.asarray(Y[abs(place) - 1], np.float64)
    classes = dataset.task == "classification"
    actual = int(np.argmax(targets)) if classes else None
    truth = None if classes else float(dataset.recipe.value(targets)[0])
    return ChosenRow(row, "train" if place > 0 else "test", inputs, real_values(dataset, inputs), actual, truth)


def prepared_with(then: "Dataset", dataset: "Dataset", rows: NDArray[np.int64], X: Floats) -> Floats:
    """Return rows of a data set's table, whose inputs are X, as the recipe of another one prepares them."""
    if then.recipe == dataset.recipe:
        return X
    return np.asarray(then.recipe.transform(dataset.table.iloc[rows]), np.float64)


def seen_with(then: "Dataset", dataset: "Dataset", chosen: ChosenRow) -> ChosenRow:
    """Return the chosen row of a data set as a network sees it that was trained on another one.

    What was changed by hand is known as the inputs of now: there is nothing that another recipe could prepare.
    """
    if then.recipe == dataset.recipe or chosen.inputs is None:
        return chosen
    if chosen.split == "changed":
        return dataclasses.replace(chosen, inputs=None, real=())
    try:
        inputs = prepared_with(then, dataset, np.array([chosen.row]), chosen.inputs[None])[0]
    except SimulatorError:  # another table
        inputs = np.array([np.nan])
    if not np.isfinite(inputs).all():
        return dataclasses.replace(chosen, inputs=None, real=())
    return dataclasses.replace(chosen, inputs=inputs, real=real_values(then, inputs))


def real_values(dataset: "Dataset", inputs: Floats) -> tuple[float | str, ...]:
    """Return prepared inputs (inputs,) as people see them: in real units, a category as "yes" or "no"."""
    found = np.asarray(dataset.recipe.real(inputs), np.float64)
    # What was scaled and is scaled back may miss zero by its last digits.
    found = np.where(np.abs(found) < 1e-12 * _sizes(dataset.recipe, len(inputs)), 0.0, found)
    real: list[float | str] = found.tolist()
    for index, name in enumerate(dataset.feature_names):
        if "=" in name and real[index] in (0.0, 1.0):
            real[index] = "yes" if real[index] else "no"
    return tuple(real)


@functools.lru_cache(2)
def _sizes(recipe: Any, inputs: int) -> NDArray[np.float64]:
    """Return how far one unit of every prepared input reaches in real units, (inputs,)."""
    return np.abs(np.asarray(recipe.real(np.ones(inputs)), np.float64) - recipe.real(np.zeros(inputs)))


def training_row(snapshot: Any, dataset: "Dataset") -> int:
    """Return the raw row that a run advanced by rows stands at: the next one of its batch."""
    count = len(dataset.train_rows)
    order = _order(snapshot.config.seed, snapshot.epoch + 1, count)
    place = snapshot.batch * snapshot.batch_size + snapshot.row
    return int(dataset.train_rows[order[min(place, count - 1)]])


@functools.lru_cache(1)
def _order(seed: int, epoch: int, count: int) -> NDArray[np.int64]:
    """Return an epoch's row order, kept while its rows are walked through: a million of them take half a second."""
    from simulator.nn import random

    return random.permutation(seed, random.ORDER, epoch, count)
