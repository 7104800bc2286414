"""What happened on the way from a file to a data set, as frozen values and in plain sentences."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
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
    why
        ``"missing"``, ``"condition"``, ``"duplicate"`` or ``"sample"``.
    """

    row: int
    line: int | None
    columns: tuple[str, ...]
    why: str = "missing"

    @property
    def reason(self) -> str:
        """Why it is not used, in half a sentence."""
        return f"{_some(self.columns)} missing" if self.why == "missing" else _REASONS[self.why][1]


@dataclasses.dataclass(frozen=True)
class Filled:
    """A column whose missing values were filled."""

    column: str
    count: int
    value: float | str


@dataclasses.dataclass(frozen=True)
class Stage:
    """What there is after a stage of the recipe.

    Attributes
    ----------
    id
        A name of `STAGES`.
    rows, columns
        How many there are then; from "categories" on the columns are inputs.
    text
        What the stage does, in a few words.
    """

    id: str
    rows: int
    columns: int
    text: str


STAGES = ("file", "derived", "rows", "missing", "categories", "numbers", "dates", "target", "split")
"""The stages in their order."""

_REASONS = {
    "missing": ("dropped for missing values", ""),
    "condition": ("left out by the condition", "it does not meet the condition"),
    "duplicate": ("dropped as duplicates", "it is a duplicate of an earlier row"),
    "sample": ("left out to keep no more than were asked for", "only some of the rows are used"),
}


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
        How many rows the table (with copies), the training set and the test set have.
    lost
        How many rows are not used for each reason; all for missing values where it is empty.
    stages
        What there is after each stage.
    """

    notes: tuple[str, ...]
    ignored: tuple[tuple[str, str], ...]
    dropped: tuple[DroppedRow, ...]
    dropped_count: int
    filled: tuple[Filled, ...]
    rows: int
    train_rows: int
    test_rows: int
    lost: tuple[tuple[str, int], ...] = ()
    stages: tuple[Stage, ...] = ()

    @property
    def sentences(self) -> tuple[str, ...]:
        """All of it in plain sentences."""
        said = list(self.notes)
        said += [f"Column {name!r} is ignored: {reason}." for name, reason in self.ignored]
        for why, count in self.lost or (("missing", self.dropped_count),):
            said += _about_dropped([each for each in self.dropped if each.why == why], why, count, self.rows)
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
                json_count(value["rows"]),
                json_count(value["train_rows"]),
                json_count(value["test_rows"]),
                tuple((_why(name), json_count(count)) for name, count in value.get("lost", ())),
                tuple(_stage(each) for each in value.get("stages", ())),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            if isinstance(error, ConfigError):
                raise
            raise ConfigError(f"this is not a report: {type(error).__name__} {error}") from error


def _dropped_row(value: Mapping[str, Any]) -> DroppedRow:
    line = None if value["line"] is None else json_count(value["line"])
    columns = tuple(json_text(each) for each in value["columns"])
    return DroppedRow(json_count(value["row"]), line, columns, _why(value.get("why", "missing")))


def _why(value: object) -> str:
    if json_text(value) not in _REASONS:
        raise ConfigError(f"a row cannot be left out for {value!r}")
    return str(value)


def _stage(value: Mapping[str, Any]) -> Stage:
    return Stage(
        json_text(value["id"]), json_count(value["rows"]), json_count(value["columns"]), json_text(value["text"])
    )


def _filled(value: Mapping[str, Any]) -> Filled:
    fill = value["value"]
    if not isinstance(fill, str) and (isinstance(fill, bool) or not math.isfinite(fill)):
        raise ConfigError(f"a missing value cannot be filled with {fill!r}")
    return Filled(json_text(value["column"]), json_count(value["count"]), fill)


def _about_dropped(dropped: Sequence[DroppedRow], why: str, count: int, rows: int) -> list[str]:
    if not count:
        return []
    shown = [
        (f"line {each.line}" if each.line is not None else f"row {each.row + 1}")
        + (f" ({_some(each.columns)})" if each.columns else "")
        for each in dropped[:5]
    ]
    more = f" and {count - 5:,} more" if count > 5 else ""
    verb = "was" if count == 1 else "were"
    return [f"{count:,} of {rows:,} rows {verb} {_REASONS[why][0]}: {', '.join(shown)}{more}."]


def _some(columns: tuple[str, ...]) -> str:
    return ", ".join(columns[:4]) + (f" and {len(columns) - 4} more" if len(columns) > 4 else "")


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
