"""A column of numbers: one input."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.data.cells import finite_numbers, number, numbers
from simulator.data.choices import ColumnChoice
from simulator.data.split import Rows
from simulator.data.steps.scaling import Floats, Scaling, fit_scaling
from simulator.data.steps.step import flag_formula, flag_name, with_flag
from simulator.data.stored import json_flag, json_number, json_text
from simulator.data.table import Table
from simulator.errors import ConfigError


@dataclasses.dataclass(frozen=True)
class Number:
    """A number becomes one input.

    Attributes
    ----------
    scaling
        What was fitted on the training rows.
    fill
        What stands for a missing number; None if its row is to be dropped.
    flag
        Whether one more input says that the number is missing.
    pixel
        Whether it is a pixel of a picture: all pixels share one scaling.
    """

    column: str
    scaling: Scaling = dataclasses.field(default_factory=Scaling)
    fill: float | None = None
    flag: bool = False
    pixel: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The column's name, and that of the flag."""
        return (self.column, flag_name(self.column)) if self.flag else (self.column,)

    @property
    def filled(self) -> float | None:
        return self.fill

    def transform(self, column: "pd.Series[Any]", decimal: str) -> Floats:
        """Return (rows, 1), or (rows, 2) with a flag."""
        values = finite_numbers(column, decimal)
        missing = np.isnan(values)
        known = values if self.fill is None else np.where(missing, self.fill, values)
        return with_flag(self.scaling.forward(known)[:, None], missing, self.flag)

    def real(self, inputs: Floats) -> Floats:
        """Return numbers in real units; a flag as it is."""
        if not self.flag:
            return self.scaling.back(inputs)
        return np.stack([self.scaling.back(inputs[..., 0]), inputs[..., 1]], axis=-1)

    def inverse(self, inputs: Floats) -> list[Any]:
        """Return the numbers in real units, None where the flag says that one is missing."""
        values = self.scaling.back(inputs[:, 0]).tolist()
        gone = inputs[:, 1] > 0.5 if self.flag else np.zeros(len(inputs), bool)
        return [None if math.isnan(value) or lost else value for value, lost in zip(values, gone, strict=True)]

    def empty(self, column: "pd.Series[Any]", decimal: str) -> NDArray[np.bool_]:
        return np.isnan(finite_numbers(column, decimal))

    def scaling_at(self, place: int) -> Scaling | None:
        return None if place else self.scaling

    def before(self, column: "pd.Series[Any]", decimal: str, place: int) -> Floats:
        return finite_numbers(column, decimal)

    def formula(self, place: int = 0) -> str:
        """Return the scaling with its figures."""
        return flag_formula(self.column) if place else self.scaling.formula(self.column)

    def to_json(self) -> dict[str, Any]:
        """Return the step as JSON values."""
        return {"kind": "number", **dataclasses.asdict(self)}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> "Number":
        """Read what `to_json` wrote; ConfigError where it is something else."""
        fill = None if value["fill"] is None else json_number(value["fill"], "fill")
        scaling = Scaling.from_json(value["scaling"])
        flag, pixel = json_flag(value.get("flag", False)), json_flag(value.get("pixel", False))
        return Number(json_text(value["column"]), scaling, fill, flag, pixel)


def fit_number(table: Table, choice: ColumnChoice, rows: Rows, flag: bool) -> Number:
    """Fit a column of numbers.

    Parameters
    ----------
    choice
        What is to be done with it, all but the kind decided.
    rows
        The rows of the table to fit on.
    flag
        Whether an input for missing values is wanted and there are any.

    Raises
    ------
    DatasetError
        When these rows hold no number, or too large ones.
    ConfigError
        When the constant is no number.
    """
    name = choice.name
    values = numbers(table.frame[name])[0][rows]
    holes = np.isnan(values)
    if holes.all():
        raise table.refuse(f"the column {name!r} has no values in the training rows", f"Leave it out: ignore {name!r}.")
    fill = None
    if choice.missing != "drop":
        fill = fill_of(values[~holes], choice)
        values = np.where(holes, fill, values)
    pixel = choice.kind == "image"
    scaling = Scaling() if pixel else scaling_of(table, name, values, str(choice.scale))
    return Number(name, scaling, fill, flag, pixel)


def fill_of(held: Floats, choice: ColumnChoice) -> float:
    """Return what stands for a missing number, from those that are held, (n,), n ≥ 1."""
    if choice.missing == "mean":
        return float(held.mean())
    if choice.missing == "median":
        return float(np.median(held))
    if choice.missing == "constant":
        constant = number(choice.constant or "0", "." if "." in (choice.constant or "") else ",")
        if constant is None or not math.isfinite(constant):
            raise ConfigError(f"a missing {choice.name!r} cannot be filled with {choice.constant!r}", "Give a number.")
        return constant
    values, first, counts = np.unique(held, return_index=True, return_counts=True)
    often = np.flatnonzero(counts == counts.max())
    return float(values[often[first[often].argmin()]])


def scaling_of(table: Table, name: str, values: Floats, way: str) -> Scaling:
    """Fit a scaling, and refuse numbers that are too large for it by the column's name."""
    scaling = fit_scaling(way, values)
    if scaling is None:
        hint = "Ignore the column, or give it in a larger unit."
        raise table.refuse(f"the numbers of {name!r} are too large to be scaled", hint)
    return scaling


def with_one_scaling(table: Table, pixels: Sequence[Number], rows: Rows, way: str) -> tuple[Number, ...]:
    """Return pixels of a picture with the scaling that fits all of them together."""
    if not pixels:
        return ()
    parts: list[Floats] = []
    for step in pixels:
        values = numbers(table.frame[step.column])[0][rows]
        parts.append(values if step.fill is None else np.where(np.isnan(values), step.fill, values))
    scaling = scaling_of(table, pixels[0].column, np.concatenate(parts), way)
    return tuple(dataclasses.replace(step, scaling=scaling) for step in pixels)
