"""Gathers the columns of a table from the values that a format holds, chunk by chunk."""

import datetime
import decimal
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.data.cells import spell
from simulator.data.readers.columns import MOST_COLUMNS, Column, clean, plain, rounded
from simulator.data.table import UNKNOWN, Table
from simulator.errors import DatasetError

MOST_FILLED = 100_000_000
"""A file that leaves out cells (sparse rows, records without some names) may grow to so many."""

Names = Sequence[object]

_NUMBERS = frozenset((int, float, type(None)))
_MOMENTS = (datetime.date, datetime.time)


class GatheredColumn:
    """A column that grows by chunks of Python values: numbers, texts, truths, dates, or None.

    Numbers are kept as arrays from the first chunk on, so that a long column takes 8 bytes a cell.
    """

    def __init__(self, missing: int = 0) -> None:
        self._chunks: list[NDArray[Any]] = [np.full(missing, np.nan)] if missing else []
        self.rounded = False

    def add(self, values: Sequence[object]) -> None:
        """Append a chunk."""
        kinds = set(map(type, values))
        if kinds == {int}:
            self._chunks.append(self._whole(values))
        elif kinds <= _NUMBERS:
            try:
                self._chunks.append(np.array(values, dtype=np.float64))
            except OverflowError:
                self._chunks.append(np.array([_real(value) for value in values]))
        else:
            known: dict[object, object] = {}
            chunk = np.empty(len(values), dtype=object)
            chunk[:] = [_held(value, known) for value in values]
            self._chunks.append(chunk)

    def add_repeated(self, value: object, count: int) -> None:
        """Append a value many times."""
        self.add([value])
        self._chunks[-1] = np.repeat(self._chunks[-1], count)

    def finished(self) -> Column:
        """Return the whole column, int64 or float64 numbers or a series of texts, and forget it."""
        chunks, self._chunks = self._chunks, []
        if all(chunk.dtype != object for chunk in chunks):
            return np.concatenate(chunks) if chunks else np.empty(0)
        column = np.concatenate([chunk.astype(object) for chunk in chunks])
        return plain(pd.Series(_spelt_moments(column), dtype=object))

    def _whole(self, values: Sequence[object]) -> NDArray[Any]:
        try:
            return np.array(values, dtype=np.int64)
        except OverflowError:
            self.rounded = True
            return np.array([_real(value) for value in values])


def named(names: Names, path: Path, line: int | None = None) -> tuple[list[str], list[str]]:
    """Return a table's names, an empty one made up from its place, and notes about those.

    Raises
    ------
    DatasetError
        When there is only one column, too many, or two have one name.
    """
    spelt = ["" if name is None else clean(_spelt(name)).strip() for name in names]
    notes: list[str] = []
    if len(spelt) > MOST_COLUMNS:
        hint = f"At most {MOST_COLUMNS:,} can be read."
        raise DatasetError(f"the table has {len(spelt):,} columns", hint, path, line)
    for place, name in enumerate(spelt):
        if not name:
            spelt[place] = f"column_{place + 1}"
            notes.append(f"Column {place + 1} has no name and is called column_{place + 1}.")
    seen: set[str] = set()
    for name in spelt:
        if name in seen:
            raise DatasetError(f"two columns are called {name!r}", "Give every column its own name.", path, line)
        seen.add(name)
    return spelt, notes


def pixels(shape: Sequence[int]) -> list[str]:
    """Return the names of a picture's cells: pixel_0_0, pixel_0_1 … in the order of the file."""
    return ["pixel_" + "_".join(map(str, place)) for place in np.ndindex(*shape)]


def refuse_a_flood(rows: int, columns: int, held: int, path: Path) -> None:
    """Refuse a table that has far more cells than the file holds values.

    Raises
    ------
    DatasetError
        When it would not be in line with the file.
    """
    if rows * columns > max(MOST_FILLED, 4 * held):
        hint = f"At most {MOST_FILLED:,} can be filled in; give fewer rows or columns."
        raise DatasetError(f"{rows:,} rows of {columns:,} columns are {rows * columns:,} cells", hint, path)


def table_of(
    columns: Mapping[str, Any],
    path: Path,
    what: str,
    notes: Iterable[str] = (),
    lines: NDArray[np.int64] | None = None,
    sheets: Sequence[str] = (),
    sheet: str | None = None,
) -> Table:
    """Make a table of finished columns.

    Parameters
    ----------
    columns
        Arrays and series of one length by their names; a `GatheredColumn` is finished here.
    what
        What the file is, as "a sheet of Excel": for the first note.
    path, notes, lines, sheets, sheet
        As in `Table`.

    Raises
    ------
    DatasetError
        When there is no row, or only one column.
    """
    ready: dict[str, Any] = {}
    said = list(notes)
    for name, column in columns.items():
        ready[name] = column.finished() if isinstance(column, GatheredColumn) else column
        if isinstance(column, GatheredColumn) and column.rounded:
            said.append(rounded(name))
    rows = len(next(iter(ready.values()), ()))
    where = "" if sheet is None or len(sheets) < 2 else f" {sheet!r}"
    if not rows:
        raise DatasetError(f"the table{where} has no row of data", "Add rows of values, or choose another.", path)
    if len(ready) < 2:
        hint = "A data set needs a target and at least one feature."
        raise DatasetError(f"the table{where} has only one column", hint, path)
    frame = pd.DataFrame(ready, copy=False)
    said.insert(0, f"Read {rows:,} rows of {len(ready):,} columns from {what}{where}.")
    if lines is not None and len(lines) != rows:
        lines = np.full(rows, UNKNOWN)
    return Table(frame, path, None, tuple(said), lines, tuple(sheets), sheet)


def chosen(asked: str | None, sheets: Sequence[str], path: Path, what: str) -> str | None:
    """Return the sheet, table or array that was asked for, by its name or its number from 1; None where none was.

    Raises
    ------
    DatasetError
        When there is none of that name.
    """
    if asked is None or asked in sheets:
        return asked
    folded = {name.casefold(): name for name in reversed(sheets)}
    if asked.strip().casefold() in folded:
        return folded[asked.strip().casefold()]
    if asked.strip().isdecimal() and 1 <= int(asked) <= len(sheets):
        return sheets[int(asked) - 1]
    shown = ", ".join(map(repr, sheets[:20])) + (f" and {len(sheets) - 20} more" if len(sheets) > 20 else "")
    raise DatasetError(f"there is no {what} called {asked!r}", f"There are: {shown or 'none'}.", path)


def _spelt(name: object) -> str:
    return spell(name) if isinstance(name, float) and math.isfinite(name) else str(name)


def _real(value: object) -> float:
    if value is None:
        return float("nan")
    try:
        return float(value)  # pyright: ignore[reportArgumentType] - an int or a float
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")  # pyright: ignore[reportOperatorIssue]


def _held(value: object, known: dict[object, object]) -> object:
    """Return a value as it is kept until the column's end; equal texts are kept once."""
    if isinstance(value, str):
        text = known.get(value)
        return text if text is not None else known.setdefault(value, clean(value))
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if value is None or isinstance(value, int | datetime.date | datetime.time):
        return value
    return str(value)


def _spelt_moments(column: NDArray[Any]) -> NDArray[Any]:
    """Return dates and times as ISO texts: all of a column with a time of day where one has it."""
    timed = any(isinstance(value, datetime.datetime) and value.time() != datetime.time.min for value in column)
    for place, value in enumerate(column):
        if isinstance(value, _MOMENTS):
            if isinstance(value, datetime.datetime) and not timed:
                value = value.date()
            elif timed and isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
                value = datetime.datetime.combine(value, datetime.time.min)
            column[place] = value.isoformat()
    return column
