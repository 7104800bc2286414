"""A moment as the inspector looks at it, and the parts of its pages: plain values. No Qt."""

import dataclasses

import numpy as np
from numpy.typing import NDArray

from simulator.errors import ConfigError
from simulator.explain import Ancestry, Moment, Number
from simulator.explain.kinds.update import UPDATE
from ui.asking import Account
from ui.selection import Pointed

ROW, BATCH, LAST = "row", "batch", "last"


@dataclasses.dataclass(frozen=True)
class Subject:
    """A number that can be asked for, and in which rows: those of the next batch, the last one, or the shown row."""

    number: Number
    rows: str = ROW


@dataclasses.dataclass(frozen=True)
class Segment:
    """Some text; where it leads: to a number, to a row of the table (from 0), or nowhere; whether it is bold."""

    text: str
    target: Subject | int | None = None
    strong: bool = False


@dataclasses.dataclass(frozen=True)
class Line:
    """A formula: what it is for, how it reads in symbols, and with figures."""

    caption: str
    rule: str
    segments: tuple[Segment, ...]

    @property
    def text(self) -> str:
        """The formula with figures as plain text."""
        return "".join(segment.text for segment in self.segments)


@dataclasses.dataclass(frozen=True)
class Bar:
    """One who takes part in a sum: a name, a figure, and its size over that of the largest, from −1 to 1."""

    name: Segment
    figure: Segment
    share: float


@dataclasses.dataclass(frozen=True)
class Bars:
    """Everybody who takes part in a sum, the largest first; `total` is the sum in words, "" where there is none."""

    title: str
    total: str
    rows: tuple[Bar, ...]


@dataclasses.dataclass(frozen=True, eq=False)
class Curve:
    """A function's curve (x, y), the point (z, a) on it, and the slope there."""

    formula: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    z: float
    a: float
    slope: float


@dataclasses.dataclass(frozen=True, eq=False)
class Page:
    """What is said about a number.

    Attributes
    ----------
    title, figure, meaning
        What it is called, how large it is, and one sentence about it.
    lines, curve, bars
        The formulas, the function's curve, and who takes part.
    advice
        What to do where there is nothing, or nothing else.
    turn
        Which update the page tells of, LAST or BATCH, where it can tell of either.
    place
        The place in the flat vector of the weight or bias that can be checked by a small change, or None.
    """

    title: str
    figure: str = ""
    meaning: str = ""
    lines: tuple[Line, ...] = ()
    curve: Curve | None = None
    bars: Bars | None = None
    advice: str = ""
    turn: str = ""
    place: int | None = None


def ancestry_of(account: Account, subject: Subject) -> Ancestry:
    """Return where a subject is looked up.

    Raises
    ------
    ConfigError
        When it is about the shown row, and that is not used; when it is about an update that is not known.
    """
    if subject.rows == BATCH:
        return account.batch
    if subject.rows == LAST:
        if account.last is None:
            raise ConfigError("the last update is not known", "Train on for a batch at least.")
        return account.last
    if account.row is None:
        raise ConfigError(f"row {account.shown.row + 1} is not used", "A value is missing in it: choose another row.")
    return account.row


def subject_of(
    moment: Moment,
    neuron: tuple[int, int] | None,
    edge: tuple[int, int, int] | None,
    number: Number | None = None,
) -> Subject:
    """Return what is chosen is about; the canvas's layer 0 holds the inputs. Nothing chosen: the loss of the row."""
    if number is not None:
        return Subject(number, BATCH if number.row < 0 or number.kind in UPDATE else ROW)
    sizes = moment.network.sizes
    if edge is not None and edge[0] < len(sizes) - 1 and edge[1] < sizes[edge[0]] and edge[2] < sizes[edge[0] + 1]:
        return Subject(Number("parameter", edge[0], edge[2], source=edge[1]), BATCH)
    if neuron is not None and neuron[0] < len(sizes) and neuron[1] < sizes[neuron[0]]:
        layer, unit = neuron
        if layer == 0:
            return Subject(Number("input", unit=unit, row=0))
        if layer == len(sizes) - 1:
            return Subject(Number("output", unit=unit, row=0))
        return Subject(Number("a", layer - 1, unit, 0))
    return Subject(Number("row_loss", row=0))


def value_of(ancestry: Ancestry, number: Number) -> float:
    """Return a number; NaN for a text."""
    value = ancestry.value(number)
    return float("nan") if isinstance(value, str) else value


def within(number: Number, subject: Subject) -> Subject:
    """Return a number as it is meant in a subject's formula: a step is made by the batch, whatever row is shown."""
    return Subject(number, BATCH if number.kind in UPDATE and subject.rows == ROW else subject.rows)


def row_of(account: Account, subject: Subject) -> int | None:
    """Return the row of the raw table, from 0, that a number belongs to; None where it belongs to none."""
    if subject.rows == ROW:
        return None if subject.number.row < 0 or account.shown.split == "changed" else account.shown.row
    rows = ancestry_of(account, subject).explanation.moment.rows
    dataset = account.last_dataset if subject.rows == LAST else account.dataset
    return int(dataset.train_rows[rows[subject.number.row]]) if 0 <= subject.number.row < len(rows) else None


def pointed_at(account: Account, target: Subject | int) -> Pointed:
    """Return which row, neuron or edge of the canvas the target of a link belongs to.

    Raises
    ------
    ConfigError
        When it is about an update that is not known.
    """
    if isinstance(target, int):
        return Pointed(row=target)
    number, row, last = target.number, row_of(account, target), len(account.moment.network.sizes) - 1
    if number.layer >= 0:
        if number.source is not None:
            return Pointed(row, edge=(number.layer, number.source, number.unit))
        # A linear layer sees the canvas's layer of the same number, and makes the next one.
        return Pointed(row, neuron=(number.layer + (number.kind != "seen"), number.unit))
    if number.unit >= 0:
        return Pointed(row, neuron=(0 if number.kind in ("input", "input_pull") else last, number.unit))
    return Pointed(row, neuron=_neuron_of_column(account, number.name))


def _neuron_of_column(account: Account, column: str) -> tuple[int, int] | None:
    """Return the input, or the output, that a column of the file alone stands behind."""
    recipe, first = account.dataset.recipe, 0
    for step in recipe.columns:
        if step.column == column:
            return (0, first) if len(step.names) == 1 else None
        first += len(step.names)
    sizes = account.moment.network.sizes
    return (len(sizes) - 1, 0) if column == recipe.outcome.column and sizes[-1] == 1 else None
