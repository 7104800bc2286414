"""A column of dates or texts: one input for each part that is taken of it."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.data.cells import CellError, texts
from simulator.data.choices import ColumnChoice
from simulator.data.dates import ORDERS, Times, order_of, read_dates
from simulator.data.split import Rows
from simulator.data.steps.number import fill_of, scaling_of
from simulator.data.steps.scaling import Floats, Scaling
from simulator.data.steps.step import flag_formula, flag_name, with_flag
from simulator.data.stored import json_flag, json_names, json_number, json_text
from simulator.data.table import Table
from simulator.errors import ConfigError, DatasetError, Offer
from simulator.tables import look_up


def _of_year(moments: Times) -> Any:
    return (moments.astype("datetime64[D]") - moments.astype("datetime64[Y]")).astype(np.int64) + 1


def _month(moments: Times) -> Any:
    return moments.astype("datetime64[M]").astype(np.int64) % 12 + 1


def _day(moments: Times) -> Any:
    return (moments.astype("datetime64[D]") - moments.astype("datetime64[M]")).astype(np.int64) + 1


def _seconds(moments: Times) -> Any:
    return moments.astype("datetime64[s]").astype(np.int64)


DATE_PARTS: dict[str, Callable[[Times], Any]] = {
    "year": lambda moments: moments.astype("datetime64[Y]").astype(np.int64) + 1970,
    "month": _month,
    "day": _day,
    "weekday": lambda moments: (moments.astype("datetime64[D]").astype(np.int64) + 3) % 7 + 1,
    "day of year": _of_year,
    "days": lambda moments: _seconds(moments) / 86_400.0,
    "hour": lambda moments: _seconds(moments) // 3600 % 24,
    "minute": lambda moments: _seconds(moments) // 60 % 60,
    "second": lambda moments: _seconds(moments) % 60,
}
"""What can be taken of a date: weekdays from 1 (Monday) to 7, "days" since the beginning of 1970."""

TEXT_PARTS: dict[str, Callable[[str], float]] = {
    "characters": lambda text: float(len(text)),
    "words": lambda text: float(len(text.split())),
    "digits": lambda text: float(sum(each.isdigit() for each in text)),
}
"""What can be taken of a text: how many of these it has."""

PARTS = {"date": tuple(DATE_PARTS), "text": tuple(TEXT_PARTS)}
"""The parts of each kind of column."""

_USUAL = {"date": ("year", "month", "day", "hour", "minute", "second"), "text": ("characters", "words")}


@dataclasses.dataclass(frozen=True)
class Parts:
    """A date or a text becomes an input for each of its parts.

    Attributes
    ----------
    kind
        ``"date"`` or ``"text"``.
    parts
        Names of `DATE_PARTS` or `TEXT_PARTS`.
    scalings
        One a part.
    order
        In which order day, month and year are written (see `ORDERS`); empty for texts.
    fills
        What stands for each part of a missing cell; none if its row is to be dropped.
    flag
        Whether one more input says that the cell is missing.
    """

    column: str
    kind: str
    parts: tuple[str, ...]
    scalings: tuple[Scaling, ...]
    order: str = ""
    fills: tuple[float, ...] = ()
    flag: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """``column part`` for every part."""
        names = tuple(f"{self.column} {part}" for part in self.parts)
        return (*names, flag_name(self.column)) if self.flag else names

    @property
    def filled(self) -> str | None:
        return self._spelt(np.array(self.fills)) if self.fills else None

    def values(self, column: "pd.Series[Any]") -> Floats:
        """Return the parts in real units, (rows, parts), NaN where the cell is missing.

        Raises
        ------
        DatasetError
            When a cell is no date.
        """
        return parts_of(column, self.kind, self.parts, self.order)

    def transform(self, column: "pd.Series[Any]", decimal: str) -> Floats:
        """Return (rows, parts), and one more column with a flag."""
        values = self.values(column)
        missing = np.isnan(values[:, 0])
        if self.fills:
            values[missing] = self.fills
        scaled = [scaling.forward(values[:, place]) for place, scaling in enumerate(self.scalings)]
        return with_flag(np.stack(scaled, axis=1), missing, self.flag)

    def real(self, inputs: Floats) -> Floats:
        """Return the parts in real units; a flag as it is."""
        back = [scaling.back(inputs[..., place]) for place, scaling in enumerate(self.scalings)]
        return np.stack([*back, inputs[..., -1]] if self.flag else back, axis=-1)

    def inverse(self, inputs: Floats) -> list[Any]:
        """Return the date as year-month-day where all of them are there, else the parts in words; None if missing."""
        values = self.real(inputs)
        gone: NDArray[np.bool_] = np.asarray(np.isnan(values).any(axis=1))
        if self.flag:
            gone |= values[:, -1] > 0.5
        return [None if lost else self._spelt(row) for row, lost in zip(values, gone.tolist(), strict=True)]

    def empty(self, column: "pd.Series[Any]", decimal: str) -> NDArray[np.bool_]:
        return np.isnan(self.values(column)[:, 0])

    def scaling_at(self, place: int) -> Scaling | None:
        return self.scalings[place] if place < len(self.parts) else None

    def before(self, column: "pd.Series[Any]", decimal: str, place: int) -> Floats:
        return self.values(column)[:, place]

    def formula(self, place: int = 0) -> str:
        """Return the scaling of a part."""
        if place == len(self.parts):
            return flag_formula(self.column)
        return self.scalings[place].formula(f"{self.parts[place]} of {self.column}")

    def _spelt(self, values: Floats) -> str:
        found = {part: float(value) for part, value in zip(self.parts, values, strict=False)}
        if {"year", "month", "day"} <= set(found):
            date = "-".join(f"{round(found[part]):0{width}}" for part, width in (("year", 4), ("month", 2), ("day", 2)))
            time = [f"{round(found[part]):02}" for part in ("hour", "minute", "second") if part in found]
            return f"{date} {':'.join(time)}" if len(time) > 1 else date
        return ", ".join(f"{part} {value:.4g}" for part, value in found.items())

    def to_json(self) -> dict[str, Any]:
        """Return the step as JSON values."""
        return {
            "kind": "parts",
            "column": self.column,
            "of": self.kind,
            "parts": list(self.parts),
            "scalings": [each.to_json() for each in self.scalings],
            "order": self.order,
            "fills": list(self.fills),
            "flag": self.flag,
        }

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> "Parts":
        """Read what `to_json` wrote; ConfigError where it is something else."""
        known = look_up(PARTS, json_text(value["of"]), "kind of column with parts")
        parts = json_names(value["parts"])
        for part in parts:
            look_up(dict.fromkeys(known, True), part, "part")
        scalings = tuple(Scaling.from_json(each) for each in value["scalings"])
        fills = tuple(json_number(each, "fill") for each in value["fills"])
        if len(scalings) != len(parts) or len(fills) not in (0, len(parts)):
            raise ConfigError(f"{len(parts)} parts need as many scalings and fills", "The file is damaged.")
        order = json_text(value["order"])
        if (value["of"] == "date") != (order in ORDERS):
            raise ConfigError(f"day, month and year cannot stand as {order!r}", f"Give one of {', '.join(ORDERS)}.")
        return Parts(json_text(value["column"]), value["of"], parts, scalings, order, fills, json_flag(value["flag"]))


def parts_of(column: "pd.Series[Any]", kind: str, parts: tuple[str, ...], order: str) -> Floats:
    """Return the parts of a column in real units, (rows, parts), NaN where a cell is missing."""
    if kind == "text":
        codes, names = texts(column)
        rows = [[TEXT_PARTS[part](name) for part in parts] for name in names]
        return np.array([*rows, [np.nan] * len(parts)], dtype=np.float64).reshape(-1, len(parts))[codes]
    moments, refused = read_dates(column, order)
    if refused is not None:
        hint = "Write it like 2007-11-30, correct the cell, or empty it."
        raise CellError(column.name, refused, f"is no date: {column.iloc[refused]!r}", hint)
    lost = np.isnat(moments)
    known = np.where(lost, np.datetime64(0, "s"), moments)
    values = np.stack([np.asarray(DATE_PARTS[part](known), dtype=np.float64) for part in parts], axis=1)
    values[lost] = np.nan
    return values


def fit_parts(table: Table, choice: ColumnChoice, rows: Rows, flag: bool) -> Parts:
    """Fit a column of dates or texts (the parameters are those of `fit_number`); `choice.kind` says which.

    Raises
    ------
    DatasetError
        When these rows hold no value, or a cell is no date.
    ConfigError
        When a part is asked for that there is not.
    """
    name, kind = choice.name, str(choice.kind)
    for part in choice.parts or ():
        look_up(dict.fromkeys(PARTS[kind], True), part, f"part of a {kind}")
    order = ""
    if kind == "date":
        names = texts(table.frame[name])[1]
        order = order_of(names) or (_refuse_dates(table, name) if names else ORDERS[0])
    found = parts_of(table.frame[name].iloc[rows], kind, PARTS[kind], order)
    held = found[~np.isnan(found[:, 0])]
    if not len(held):
        raise table.refuse(f"the column {name!r} has no values in the training rows", f"Leave it out: ignore {name!r}.")
    places = {part: place for place, part in enumerate(PARTS[kind])}
    varying = tuple(part for part in _USUAL[kind] if np.ptp(held[:, places[part]]) > 0)
    parts = choice.parts or varying or _USUAL[kind][:1]
    values = found[:, [places[part] for part in parts]]
    fills = _fills(choice, parts, order, values) if choice.missing != "drop" else ()
    if fills:
        values = np.where(np.isnan(values), fills, values)
    scalings = tuple(
        scaling_of(table, f"{name} {part}", values[:, place], str(choice.scale)) for place, part in enumerate(parts)
    )
    return Parts(name, kind, parts, scalings, order, fills, flag)


def _fills(choice: ColumnChoice, parts: tuple[str, ...], order: str, values: Floats) -> tuple[float, ...]:
    constant = choice.constant or ("1970-01-01" if choice.kind == "date" else None)
    if choice.missing == "constant" and constant is not None:
        typed: pd.Series[Any] = pd.Series([constant], name=choice.name, dtype="str")
        try:
            return tuple(parts_of(typed, str(choice.kind), parts, order)[0].tolist())
        except DatasetError as error:
            message = f"a missing {choice.name!r} cannot be filled with {constant!r}"
            raise ConfigError(message, error.hint) from error
    return tuple(fill_of(column[~np.isnan(column)], choice) for column in values.T)


def _refuse_dates(table: Table, name: str) -> str:
    codes, names = texts(table.frame[name])
    odd = next((each for each in names if order_of([each]) is None), names[0])
    hint = "Correct the cell, or say that the column holds categories or texts."
    message = f"{odd!r} in the column {name!r} is no date like the others"
    offers = (Offer("It holds texts", {"columns": (ColumnChoice(name, "text"),)}),)
    raise table.refuse(message, hint, int(np.flatnonzero(codes == names.index(odd))[0]), offers)
