"""What the curves show: kinds of plots, the lines in each, and the runs that they are drawn from. No Qt."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ui.panels.curves_average import Average
from ui.panels.thinning import Thinned

TRAIN, TEST = "train", "test"


@dataclasses.dataclass(frozen=True)
class Kind:
    """A plot.

    Attributes
    ----------
    title, axis
        What it is called in a menu, and shorter at its axis.
    fields
        The figures of `RECORD` that are its lines; where there are two, that of training rows and that of test rows.
    help
        What is shown, in a sentence or a formula.
    opened
        Whether it is shown at the start.
    share
        Whether it is a share, on an axis of its own from 0 to 100 %.
    zero
        Whether a plain axis begins at 0.
    """

    title: str
    axis: str
    fields: tuple[str, ...]
    help: str
    opened: bool = False
    share: bool = False
    zero: bool = False


KINDS = {
    "loss": Kind(
        "Loss", "Loss", ("train_loss", "test_loss"),
        "The mean loss of the rows, without penalties", opened=True, zero=True,
    ),
    "accuracy": Kind(
        "Accuracy", "Accuracy", ("train_accuracy", "test_accuracy"),
        "The share of rows that are predicted right", opened=True, share=True,
    ),
    "rate": Kind(
        "Learning rate", "Rate", ("learning_rate",),
        "η of the epoch's last update, as the schedule has it",
    ),
    "gradient": Kind(
        "Gradient norm", "Gradient", ("gradient_norm",),
        "‖g‖ = √Σg² over all weights and biases, at the epoch's last update: with L1 and L2, before clipping",
    ),
    "weights": Kind(
        "Weight norm", "Weights", ("weight_norm",),
        "‖w‖ = √Σw² over all weights and biases, after the epoch",
    ),
}  # fmt: skip
"""Every plot by its name, from the top down."""

FIELDS = tuple(field for kind in KINDS.values() for field in kind.fields)
"""The figures of an epoch that are drawn."""

NAMES = {
    "train_loss": "train loss", "test_loss": "test loss", "train_accuracy": "train accuracy",
    "test_accuracy": "test accuracy", "learning_rate": "learning rate", "gradient_norm": "gradient norm",
    "weight_norm": "weight norm",
}  # fmt: skip


def figure(field: str, value: float) -> str:
    """Return a figure in words of even width."""
    if np.isnan(value):
        return "–"
    return f"{100 * value:.1f} %" if field.endswith("accuracy") else f"{value:.4g}"


@dataclasses.dataclass(frozen=True, eq=False)
class Line:
    """A line of a plot.

    Attributes
    ----------
    name
        By which it stays the same line.
    colour, width
        How it looks.
    x, y
        Epochs and values; what is not finite is left out.
    faint, dotted
        For what an average was made of, and for other branches.
    """

    name: str
    colour: str
    width: float
    x: NDArray[Any]
    y: NDArray[Any]
    faint: bool = False
    dotted: bool = False


class Run:
    """The series of one branch.

    Parameters
    ----------
    number, name
        Of the branch.
    first
        The epoch from which it is drawn: before that it is the branch that is looked at.
    records
        Rows of `RECORD` from epoch 0 on.
    """

    def __init__(self, number: int, name: str, first: int, records: NDArray[Any]) -> None:
        self.number, self.name, self.first = number, name, first
        self._records = records
        self._begin: int | None = None
        self._series: dict[str, Thinned] = {}
        self._averages: dict[str, Average] = {}

    def __len__(self) -> int:
        return len(self._records)

    @property
    def records(self) -> NDArray[Any]:
        """Rows of `RECORD` from epoch 0 on."""
        return self._records

    @property
    def begin(self) -> int:
        """The first epoch that is known: of a run that goes on from a model, those before it are not."""
        if self._begin is None and len(self._records):
            self._begin = int(np.argmax(np.isfinite(self._records["train_loss"])))
        return self._begin or 0

    def has(self, records: NDArray[Any]) -> bool:
        """Return whether these are its records; they are, where there are as many and the last ones are the same."""
        return len(records) == len(self) and records[-1:].tobytes() == self._records[-1:].tobytes()

    def grow(self, records: NDArray[Any]) -> None:
        """Go on with more rows: all from epoch 0 on, of which those before are the same."""
        before, self._records = len(self._records), records
        for field, series in self._series.items():
            series.append(np.ascontiguousarray(records[field][before:]))

    def series(self, field: str) -> Thinned:
        """Return one figure of every epoch."""
        if field not in self._series:
            self._series[field] = Thinned()
            self._series[field].append(np.ascontiguousarray(self._records[field]))
        return self._series[field]

    def average(self, field: str, weight: float, most: int) -> tuple[Thinned, bool]:
        """Return a figure's moving average, after at most so many epochs more of work, and whether that is all."""
        average = self._averages.get(field)
        if average is None or average.weight != weight:
            average = self._averages[field] = Average(weight)
        whole = average.follow(np.ascontiguousarray(self._records[field][len(average.values) :][:most]))
        return average.values, whole == len(self._records)

    def shown(self, field: str) -> str:
        """Return the figure that is drawn in place of two: that of test rows, if there are any."""
        if field.startswith(TRAIN):
            other = field.replace(TRAIN, TEST)
            return other if np.isfinite(self._records[other][-1:]).all() and len(self._records) else field
        return field


def parted(branches: Mapping[int, Any], one: int, other: int) -> int:
    """Return the epoch up to which two branches (`BranchNews` by their numbers) are the same."""
    lines = [_line(branches, number) for number in (one, other)]
    return max((min(until, lines[1][number]) for number, until in lines[0].items() if number in lines[1]), default=0)


def _line(branches: Mapping[int, Any], number: int) -> dict[int, int]:
    """Return a branch and those that it came from, with the epoch up to which it goes along each."""
    found, until = dict[int, int](), branches[number].end[0]
    while True:
        found[number] = until
        branch = branches[number]
        if branch.parent is None or branch.parent not in branches:
            return found
        number, until = branch.parent, min(until, branch.fork[0])
