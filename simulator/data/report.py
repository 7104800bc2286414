"""What happened on the way from a file to a data set, as frozen values and in plain sentences."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from simulator.data.stored import json_count, json_text
from simulator.errors import ConfigError

MOST_LISTED = 1000
"""As many dropped rows are listed one by one; all are counted."""


@dataclasses.dataclass(frozen=True)
class DroppedRow:
    """A row that is not used.

    Attributes
    ----------
    row
        Its number in the raw table, from 0.
    line
        Its line in the file, from 1; None for a table without a file.
    columns
        The used columns whose values are missing in it.
    """

    row: int
    line: int | None
    columns: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Filled:
    """A column whose missing values were filled."""

    column: str
    count: int
    value: float | str


@dataclasses.dataclass(frozen=True)
class Report:
    """What was recognised, guessed, ignored, dropped and filled.

    Attributes
    ----------
    notes
        What was recognised and guessed, in plain sentences.
    ignored
        Columns that are no features, each with the reason in half a sentence.
    dropped
        The first thousand rows that are not used.
    dropped_count
        How many rows are not used.
    filled
        The columns whose missing values were filled.
    rows, train_rows, test_rows
        How many rows the file, the training set and the test set have.
    """

    notes: tuple[str, ...]
    ignored: tuple[tuple[str, str], ...]
    dropped: tuple[DroppedRow, ...]
    dropped_count: int
    filled: tuple[Filled, ...]
    rows: int
    train_rows: int
    test_rows: int

    @property
    def sentences(self) -> tuple[str, ...]:
        """All of it in plain sentences."""
        said = list(self.notes)
        said += [f"Column {name!r} is ignored: {reason}." for name, reason in self.ignored]
        said += _about_dropped(self.dropped, self.dropped_count, self.rows)
        for each in self.filled:
            value = each.value if isinstance(each.value, str) else f"{each.value:.6g}"
            said.append(f"{_count(each.count, 'missing value')} of {each.column!r} filled with {value}.")
        said.append(f"{_count(self.train_rows, 'row')} for training, {self.test_rows:,} for testing.")
        return tuple(said)

    def __str__(self) -> str:
        return "\n".join(self.sentences)

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return dataclasses.asdict(self)

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> "Report":
        """Read what `to_json` wrote.

        Raises
        ------
        ConfigError
            When a value is missing or refused.
        """
        try:
            return Report(
                tuple(json_text(each) for each in value["notes"]),
                tuple((json_text(name), json_text(reason)) for name, reason in value["ignored"]),
                tuple(_dropped_row(each) for each in value["dropped"][:MOST_LISTED]),
                json_count(value["dropped_count"]),
                tuple(_filled(each) for each in value["filled"]),
                *(json_count(value[name]) for name in ("rows", "train_rows", "test_rows")),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            if isinstance(error, ConfigError):
                raise
            raise ConfigError(f"this is not a report: {type(error).__name__} {error}") from error


def _dropped_row(value: Mapping[str, Any]) -> DroppedRow:
    line = None if value["line"] is None else json_count(value["line"])
    return DroppedRow(json_count(value["row"]), line, tuple(json_text(each) for each in value["columns"]))


def _filled(value: Mapping[str, Any]) -> Filled:
    fill = value["value"]
    if not isinstance(fill, str) and (isinstance(fill, bool) or not math.isfinite(fill)):
        raise ConfigError(f"a missing value cannot be filled with {fill!r}")
    return Filled(json_text(value["column"]), json_count(value["count"]), fill)


def _about_dropped(dropped: tuple[DroppedRow, ...], count: int, rows: int) -> list[str]:
    if not count:
        return []
    shown = [
        f"{f'line {each.line}' if each.line is not None else f'row {each.row + 1}'} ({_some(each.columns)})"
        for each in dropped[:5]
    ]
    more = f" and {count - 5:,} more" if count > 5 else ""
    verb = "was" if count == 1 else "were"
    return [f"{count:,} of {rows:,} rows {verb} dropped for missing values: {', '.join(shown)}{more}."]


def _some(columns: tuple[str, ...]) -> str:
    return ", ".join(columns[:4]) + (f" and {len(columns) - 4} more" if len(columns) > 4 else "")


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
