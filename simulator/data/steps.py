"""How a raw column becomes inputs of the network and back: one frozen, fitted step a column, one class a kind."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.data.cells import finite_numbers, texts
from simulator.data.stored import json_names, json_number, json_scale, json_text
from simulator.errors import ConfigError

Floats = NDArray[np.float64]


class Step(Protocol):
    """What every kind of step can do; `column` is the name of the raw column."""

    @property
    def column(self) -> str:
        """The raw column's name."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the inputs that it makes."""
        ...

    def transform(self, column: "pd.Series[Any]", decimal: str) -> Floats:
        """Return inputs, float64 (rows, inputs of the step), NaN where a value is missing and not filled."""
        ...

    def real(self, inputs: Floats) -> Floats:
        """Return inputs in real units, float64, of the same shape."""
        ...

    def inverse(self, inputs: Floats) -> list[Any]:
        """Return the raw cells that inputs (rows, inputs of the step) stand for; None where one is missing."""
        ...

    def to_json(self) -> dict[str, Any]:
        """Return the step as JSON values."""
        ...


@dataclasses.dataclass(frozen=True)
class Standardised:
    """A number x becomes (x − mean) / scale.

    Attributes
    ----------
    mean, scale
        Mean and standard deviation (ddof 0) of the training rows; a constant column has scale 1.
    fill
        What stands for a missing number; None if its row is to be dropped.
    """

    column: str
    mean: float
    scale: float
    fill: float | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The column's name."""
        return (self.column,)

    def transform(self, column: "pd.Series[Any]", decimal: str) -> Floats:
        """Return (rows, 1)."""
        values = _filled(finite_numbers(column, decimal), self.fill)
        return ((values - self.mean) / self.scale)[:, None]

    def real(self, inputs: Floats) -> Floats:
        """Return x = input · scale + mean."""
        return inputs * self.scale + self.mean

    def inverse(self, inputs: Floats) -> list[Any]:
        """Return the numbers in real units."""
        return _cells(self.real(inputs))

    def to_json(self) -> dict[str, Any]:
        """Return the step as JSON values."""
        return {"kind": "standardised", **dataclasses.asdict(self)}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> "Standardised":
        """Read what `to_json` wrote; ConfigError where it is something else."""
        fill = None if value["fill"] is None else json_number(value["fill"], "fill")
        return Standardised(
            json_text(value["column"]), json_number(value["mean"], "mean"), json_scale(value["scale"]), fill
        )


@dataclasses.dataclass(frozen=True)
class Unscaled:
    """A number is an input as it stands.

    Attributes
    ----------
    fill
        What stands for a missing number; None if its row is to be dropped.
    """

    column: str
    fill: float | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The column's name."""
        return (self.column,)

    def transform(self, column: "pd.Series[Any]", decimal: str) -> Floats:
        """Return (rows, 1)."""
        return _filled(finite_numbers(column, decimal), self.fill)[:, None]

    def real(self, inputs: Floats) -> Floats:
        """Return the inputs themselves."""
        return inputs

    def inverse(self, inputs: Floats) -> list[Any]:
        """Return the numbers."""
        return _cells(inputs)

    def to_json(self) -> dict[str, Any]:
        """Return the step as JSON values."""
        return {"kind": "unscaled", **dataclasses.asdict(self)}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> "Unscaled":
        """Read what `to_json` wrote; ConfigError where it is something else."""
        return Unscaled(
            json_text(value["column"]), None if value["fill"] is None else json_number(value["fill"], "fill")
        )


@dataclasses.dataclass(frozen=True)
class OneHot:
    """A category becomes one input a category of the training rows: 1 for its own, 0 for the others, all 0 if unknown.

    Attributes
    ----------
    categories
        The categories of the training rows in the order of their first appearance.
    fill
        The category that stands for a missing one; None if its row is to be dropped.
    """

    column: str
    categories: tuple[str, ...]
    fill: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """``column=category`` for every category."""
        return tuple(f"{self.column}={category}" for category in self.categories)

    def transform(self, column: "pd.Series[Any]", decimal: str) -> Floats:
        """Return (rows, categories)."""
        codes, names = texts(column)
        places = {category: place for place, category in enumerate(self.categories)}
        missing = -1 if self.fill is None else places[self.fill]
        mine = np.array([*(places.get(name, len(places)) for name in names), missing], dtype=np.int64)
        cells = mine[codes]
        inputs = np.zeros((len(cells), len(places)))
        known = np.flatnonzero((cells >= 0) & (cells < len(places)))
        inputs[known, cells[known]] = 1.0
        inputs[cells < 0] = np.nan
        return inputs

    def real(self, inputs: Floats) -> Floats:
        """Return the inputs themselves: a category has no unit."""
        return inputs

    def inverse(self, inputs: Floats) -> list[Any]:
        """Return the category with the largest input, None where no input is above 0."""
        best = inputs.argmax(axis=1)
        known = inputs.max(axis=1) > 0
        return [self.categories[place] if is_known else None for place, is_known in zip(best, known, strict=True)]

    def to_json(self) -> dict[str, Any]:
        """Return the step as JSON values."""
        return {"kind": "one_hot", **dataclasses.asdict(self), "categories": list(self.categories)}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> "OneHot":
        """Read what `to_json` wrote; ConfigError where it is something else."""
        categories = json_names(value["categories"])
        fill = None if value["fill"] is None else json_text(value["fill"])
        if fill is not None and fill not in categories:
            raise ConfigError(f"the fill {fill!r} is none of the categories", "Fill with one of them.")
        return OneHot(json_text(value["column"]), categories, fill)


STEPS = {"standardised": Standardised, "unscaled": Unscaled, "one_hot": OneHot}
"""The kinds of steps, by the name that stands in files."""


def _filled(values: Floats, fill: float | None) -> Floats:
    return values if fill is None else np.where(np.isnan(values), fill, values)


def _cells(inputs: Floats) -> list[Any]:
    return [None if math.isnan(value) else value for value in inputs[:, 0].tolist()]
