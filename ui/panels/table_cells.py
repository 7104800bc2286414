"""How the cells of the table are written: numbers with as many decimals as their column has. No Qt."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulator.errors import SimulatorError
from ui.panels.table_answers import NOTHING, Answers, Rows
from ui.panels.table_columns import CORRECT, ERROR, LOSS, PREDICTION, PREPARED, SCORE, Column
from ui.panels.what_if_grid import decimals_of
from ui.selection import inputs_of

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset

_SAMPLE = 200
_PREPARED_DECIMALS, _LOSS_DECIMALS = 3, 4
_LARGE = 1e6
_KEPT = 1024
"""So many rows stay prepared."""

MISSING = "missing"


class Cells:
    """Reads single cells of a data set's table; what is looked at is kept.

    Parameters
    ----------
    dataset
        Whose table it is.
    where
        Where its rows went, as `ui.selection.places` says.
    """

    def __init__(self, dataset: "Dataset", where: Rows) -> None:
        self.dataset, self.where = dataset, where
        self._columns: dict[int, Any] = {}
        self._decimals: dict[int, int | None] = {}
        self._inputs: dict[int, NDArray[np.float64]] = {}
        scalings = [step.scaling_at(place) for step in dataset.recipe.columns for place in range(len(step.names))]
        self._whole = {place for place, scaling in enumerate(scalings) if scaling is None}
        names = [str(name) for name in dataset.table.columns]
        self._target = names.index(dataset.recipe.target)

    # -- the data -----------------------------------------------------------------------------------------------

    def raw(self, row: int, place: int) -> Any:
        """Return what stands in the file; None where nothing does."""
        if place not in self._columns:
            self._columns[place] = self.dataset.table.iloc[:, place].array
        value = self._columns[place][row]
        return None if is_empty(value) else value

    def input(self, row: int, place: int) -> float:
        """Return an input of the network; NaN where a value is missing."""
        return float(self.inputs(row)[place])

    def inputs(self, row: int) -> NDArray[np.float64]:
        """Return all inputs that a row becomes, (inputs,) float64; NaN where a value is missing."""
        if row not in self._inputs:
            if len(self._inputs) >= _KEPT:
                self._inputs.clear()
            self._inputs[row] = self._prepared(row)
        return self._inputs[row]

    def _prepared(self, row: int) -> NDArray[np.float64]:
        if self.where[row]:
            return inputs_of(self.dataset, self.where[row : row + 1])[0]
        try:
            with np.errstate(all="ignore"):
                return self.dataset.recipe.transform(self.dataset.table.iloc[[row]])[0]
        except SimulatorError:  # a row that is not used may hold anything
            return np.full(self.dataset.X_train.shape[1], np.nan)

    # -- as they are written ------------------------------------------------------------------------------------

    def text(self, row: int, column: Column) -> str:
        """Return a cell of the data as people see it; empty where a value is missing."""
        if column.kind == PREPARED:
            value = self.input(row, column.place)
            if math.isnan(value):
                return ""
            return f"{value:.0f}" if column.place in self._whole else fixed(value, _PREPARED_DECIMALS)
        value = self.raw(row, column.place)
        if value is None:
            return ""
        return self.number_text(float(value), column.place) if column.numeric else str(value)

    def number_text(self, value: float, place: int) -> str:
        """Return a number of a raw column with that column's decimals, or with more where it has more."""
        decimals = self.decimals(place)
        if decimals is not None and abs(value) < 1e15:
            text = f"{value:.{decimals}f}"
            if float(text) == value:
                return text.replace("-", "−")
        return exact(value)

    def decimals(self, place: int) -> int | None:
        """Return with how many decimals the first numbers of a raw column can be written."""
        if place not in self._decimals:
            values = np.asarray(self.dataset.table.iloc[:_SAMPLE, place], dtype=np.float64)
            self._decimals[place] = decimals_of(values[np.isfinite(values)].tolist())
        return self._decimals[place]

    def answer_text(self, found: Answers, at: int, column: Column) -> str:
        """Return what the network says about a row, `at` its place among the answers; empty where that is nothing."""
        if math.isnan(found.score[at]) and found.predicted[at] == NOTHING:
            return ""
        if column.kind == PREDICTION:
            if self.dataset.class_names:
                return self.dataset.class_names[int(found.predicted[at])]
            return fixed(float(found.score[at]), self._value_decimals)
        if column.kind == ERROR:
            value = float(found.error[at])
            return ("+" if value > 0 else "") + fixed(value, self._value_decimals)
        if column.kind == SCORE:
            return self.score_text(float(found.score[at]), column)
        if column.kind == LOSS:
            return small(float(found.loss[at]))
        return {1.0: "✓", 0.0: "✗"}.get(float(found.right[at]), "") if column.kind == CORRECT else ""

    def score_text(self, value: float, column: Column) -> str:
        """Return the output of the predicted class: a share, unless outputs are no probabilities."""
        return f"{100.0 * value:.1f} %" if column.name == SCORE and math.isfinite(value) else fixed(value, 3)

    @property
    def _value_decimals(self) -> int:
        """With how many decimals a predicted value is written: one more than the target has, some at least."""
        known = self.decimals(self._target) if self._is_numeric(self._target) else None
        return 3 if known is None else min(known + 1, 6)

    def _is_numeric(self, place: int) -> bool:
        return self.dataset.table.dtypes.iloc[place].kind in "iuf"


def answer_tip(found: Answers, at: int, column: Column) -> str:
    """Return a number of the network with all its digits."""
    values = {SCORE: found.score, LOSS: found.loss, ERROR: found.error, PREDICTION: found.score}
    value = float(values[column.kind][at]) if column.kind in values else math.nan
    return "" if math.isnan(value) else f"{value!r}"


def fixed(value: float, decimals: int) -> str:
    """Return a number with so many decimals, a large or an infinite one in short."""
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{value:.{decimals}f}" if abs(value) < _LARGE else f"{value:.4g}"
    return text.replace("-", "−") if float(text) else text.lstrip("-")


def small(value: float) -> str:
    """Return a loss with four decimals, or in powers of ten where these would be zeros."""
    if 0.0 < abs(value) < 0.5 * 10.0**-_LOSS_DECIMALS:
        mantissa, exponent = f"{value:.1e}".split("e")
        return f"{mantissa}e{int(exponent)}".replace("-", "−")
    return fixed(value, _LOSS_DECIMALS)


def exact(value: float) -> str:
    """Return a number in the fewest digits that tell it; a zero has no sign, by which nobody could find it."""
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{value + 0.0:.12g}"
    return (text if float(text) == value else repr(value)).replace("-", "−")


def is_empty(value: Any) -> bool:
    """Whether a cell of the table holds nothing."""
    if isinstance(value, str):
        return False
    return value is None or value != value or str(value) == "<NA>"
