"""A column of categories: one input each, or one for their order."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.data.cells import CellError, texts
from simulator.data.choices import UNKNOWN_WAYS, ColumnChoice
from simulator.data.split import Rows
from simulator.data.steps.number import scaling_of
from simulator.data.steps.scaling import Floats, Scaling
from simulator.data.steps.step import flag_formula, flag_name, with_flag
from simulator.data.stored import json_flag, json_names, json_text
from simulator.data.table import Table
from simulator.errors import ConfigError

MISSING_CATEGORY = "missing"
"""The category of empty cells where they are filled with a constant and nobody says with which."""

_LOST, _UNKNOWN = -1, -2


@dataclasses.dataclass(frozen=True)
class _Categories:
    """What both encodings share.

    Attributes
    ----------
    categories
        The categories of the training rows in the order that was asked for, or of their first appearance.
    fill
        The category that stands for a missing one; None if its row is to be dropped.
    unknown
        What happens to any other category (see `UNKNOWN_WAYS`).
    usual
        The most frequent category.
    flag
        Whether one more input says that the category is missing.
    """

    column: str
    categories: tuple[str, ...]
    fill: str | None = None
    unknown: str = "zeros"
    usual: str | None = None
    flag: bool = False

    @property
    def filled(self) -> str | None:
        return self.fill

    def places(self, column: "pd.Series[Any]") -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return the category of every row (−1 where it is missing, −2 where it is unknown), and which were empty.

        Raises
        ------
        CellError
            At an unknown category where these are refused.
        """
        codes, names = texts(column)
        known = {category: place for place, category in enumerate(self.categories)}
        other = known[self.usual or self.categories[0]] if self.unknown == "most_frequent" else _UNKNOWN
        if self.unknown == "refuse":
            for code, name in enumerate(names):
                if name not in known:
                    row = int(np.flatnonzero(codes == code)[0])
                    hint = f"Training has seen {', '.join(self.categories[:20])}."
                    raise CellError(self.column, row, f"is the unknown category {name!r}", hint)
        lost = _LOST if self.fill is None else known[self.fill]
        mine = np.array([*(known.get(name, other) for name in names), lost], dtype=np.int64)
        return mine[codes], codes < 0

    def empty(self, column: "pd.Series[Any]", decimal: str) -> NDArray[np.bool_]:
        return texts(column)[0] < 0

    def _json(self) -> dict[str, Any]:
        return {**dataclasses.asdict(self), "categories": list(self.categories)}


@dataclasses.dataclass(frozen=True)
class OneHot(_Categories):
    """A category becomes an input for each that training has seen: 1 for its own, 0 for others, all 0 if unknown."""

    @property
    def names(self) -> tuple[str, ...]:
        """``column=category`` for every category."""
        names = tuple(f"{self.column}={category}" for category in self.categories)
        return (*names, flag_name(self.column)) if self.flag else names

    def transform(self, column: "pd.Series[Any]", decimal: str) -> Floats:
        """Return (rows, categories), and one more column with a flag."""
        cells, missing = self.places(column)
        inputs = np.zeros((len(cells), len(self.categories)))
        known = np.flatnonzero(cells >= 0)
        inputs[known, cells[known]] = 1.0
        inputs[cells == _LOST] = np.nan
        return with_flag(inputs, missing, self.flag)

    def real(self, inputs: Floats) -> Floats:
        """Return the inputs themselves: a category has no unit."""
        return inputs

    def inverse(self, inputs: Floats) -> list[Any]:
        """Return the category with the largest input, None where no input is above 0 or the flag is set."""
        mine = inputs[:, : len(self.categories)]
        known = mine.max(axis=1) > 0
        if self.flag:
            known &= inputs[:, -1] < 0.5
        return [self.categories[place] if sure else None for place, sure in zip(mine.argmax(1), known, strict=True)]

    def scaling_at(self, place: int) -> Scaling | None:
        return None

    def before(self, column: "pd.Series[Any]", decimal: str, place: int) -> Floats:
        return self.transform(column, decimal)[:, place]

    def formula(self, place: int = 0) -> str:
        """Return which category an input stands for."""
        if place == len(self.categories):
            return flag_formula(self.column)
        return f"1 if {self.column} is {self.categories[place]}, else 0"

    def to_json(self) -> dict[str, Any]:
        """Return the step as JSON values."""
        return {"kind": "one_hot", **self._json()}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> "OneHot":
        """Read what `to_json` wrote; ConfigError where it is something else."""
        return OneHot(**_stored(value))


@dataclasses.dataclass(frozen=True)
class Ordinal(_Categories):
    """A category becomes its place in the order, from 0, as a scaled number; −1 if unknown."""

    scaling: Scaling = dataclasses.field(default_factory=Scaling)

    @property
    def names(self) -> tuple[str, ...]:
        """The column's name, and that of the flag."""
        return (self.column, flag_name(self.column)) if self.flag else (self.column,)

    def transform(self, column: "pd.Series[Any]", decimal: str) -> Floats:
        """Return (rows, 1), or (rows, 2) with a flag."""
        values, missing = self._places_of(column)
        return with_flag(self.scaling.forward(values)[:, None], missing, self.flag)

    def _places_of(self, column: "pd.Series[Any]") -> tuple[Floats, NDArray[np.bool_]]:
        cells, missing = self.places(column)
        return np.where(cells == _LOST, np.nan, np.maximum(cells, -1)).astype(np.float64), missing

    def real(self, inputs: Floats) -> Floats:
        """Return places in the order; a flag as it is."""
        if not self.flag:
            return self.scaling.back(inputs)
        return np.stack([self.scaling.back(inputs[..., 0]), inputs[..., 1]], axis=-1)

    def inverse(self, inputs: Floats) -> list[Any]:
        """Return the nearest category, None before the first one or where the flag is set."""
        places = self.scaling.back(inputs[:, 0])
        gone = ~(places > -0.5) | (inputs[:, 1] > 0.5 if self.flag else False)
        last = len(self.categories) - 1
        return [
            None if lost else self.categories[min(round(place), last)]
            for place, lost in zip(places.tolist(), gone.tolist(), strict=True)
        ]

    def scaling_at(self, place: int) -> Scaling | None:
        return None if place else self.scaling

    def before(self, column: "pd.Series[Any]", decimal: str, place: int) -> Floats:
        values, missing = self._places_of(column)
        return np.where(missing, np.nan, values)

    def formula(self, place: int = 0) -> str:
        """Return the scaling of the category's place."""
        return flag_formula(self.column) if place else self.scaling.formula(f"place of {self.column}")

    def to_json(self) -> dict[str, Any]:
        """Return the step as JSON values."""
        return {"kind": "ordinal", **self._json()}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> "Ordinal":
        """Read what `to_json` wrote; ConfigError where it is something else."""
        return Ordinal(**_stored(value), scaling=Scaling.from_json(value["scaling"]))


def _stored(value: Mapping[str, Any]) -> dict[str, Any]:
    categories = json_names(value["categories"])
    fill = None if value["fill"] is None else json_text(value["fill"])
    usual = None if value.get("usual") is None else json_text(value["usual"])
    for what, name in (("fill", fill), ("most frequent category", usual)):
        if name is not None and name not in categories:
            raise ConfigError(f"the {what} {name!r} is none of the categories", "Fill with one of them.")
    unknown = str(value.get("unknown", "zeros"))
    if unknown not in UNKNOWN_WAYS:
        raise ConfigError(f"unknown categories cannot be treated as {unknown!r}", f"Give one of {UNKNOWN_WAYS}.")
    return {
        "column": json_text(value["column"]),
        "categories": categories,
        "fill": fill,
        "unknown": unknown,
        "usual": usual,
        "flag": json_flag(value.get("flag", False)),
    }


def fit_category(table: Table, choice: ColumnChoice, rows: Rows, flag: bool) -> OneHot | Ordinal:
    """Fit a column of categories (the parameters are those of `fit_number`).

    Raises
    ------
    DatasetError
        When these rows hold no category.
    """
    name = choice.name
    codes, names = texts(table.frame[name])
    counts = np.bincount(codes[rows][codes[rows] >= 0], minlength=len(names))
    present = [each for each, count in zip(names, counts, strict=True) if count]
    if not present:
        raise table.refuse(f"the column {name!r} has no values in the training rows", f"Leave it out: ignore {name!r}.")
    ordered = [
        *(each for each in choice.order if each in present),
        *(each for each in present if each not in choice.order),
    ]
    usual = names[int(counts.argmax())]
    fill = None
    if choice.missing == "constant":
        fill = (choice.constant or MISSING_CATEGORY).strip() or MISSING_CATEGORY
        if fill not in ordered:
            ordered.append(fill)
    elif choice.missing != "drop":
        fill = usual
    about = (name, tuple(ordered), fill, str(choice.unknown), usual, flag)
    if choice.encoding == "one_hot":
        return OneHot(*about)
    bare = Ordinal(*about)
    values = bare.transform(table.frame[name].iloc[rows], ".")[:, 0]  # places: its scaling does nothing yet
    return dataclasses.replace(bare, scaling=scaling_of(table, name, values, str(choice.scale)))
