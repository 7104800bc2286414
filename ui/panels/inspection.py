"""A moment as the inspector looks at it, and the parts of its pages: plain values. No Qt."""

import dataclasses

import numpy as np
from numpy.typing import NDArray

from simulator.errors import ConfigError
from simulator.explain import Ancestry, Moment, Number
from simulator.explain.kinds.update import UPDATE
from ui.asking import Account

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
    """Everybody who takes part in a sum, the largest first; `total` is the sum in words."""

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
    """What is said about a number; `advice` says what to do where there is nothing, or nothing else."""

    title: str
    figure: str = ""
    meaning: str = ""
    lines: tuple[Line, ...] = ()
    curve: Curve | None = None
    bars: Bars | None = None
    advice: str = ""


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
        return Subject(number, ROW if number.row >= 0 else BATCH)
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
    return Subject(number, BATCH if number.kind in UPDATE else subject.rows)
