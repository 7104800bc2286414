"""A table whose rows do not all have as many cells as there are columns: refused, or read without such rows."""

import csv
from array import array
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.data.readers.records import Record, is_blank, records_of
from simulator.data.readers.stream import Source, TextStream
from simulator.data.table import Dialect
from simulator.errors import DatasetError, Offer
from simulator.progress import Progress

_LISTED = 5


class RaggedError(DatasetError):
    """Raised at the first row that has more or fewer cells than there are columns."""


class _Row(NamedTuple):
    """A record, the lines of the file on which it begins and ends, and its text."""

    line: int
    last: int
    cells: Record
    text: str


class Kept:
    """The text of a file without the rows of another length, for a parser that asks for `read`.

    Attributes
    ----------
    lines
        The lines on which the rows begin that were handed on.
    dropped
        Those of the rows that were not.
    """

    def __init__(self, source: Source, stream: TextStream, dialect: Dialect) -> None:
        self._source = source
        self._width = len(dialect.names)
        self._rows = _rows(source, stream, dialect)
        self.lines = array("q")
        self.dropped: list[int] = []

    def read(self, size: int) -> str:
        """Return the next rows, about `size` characters; an empty text at the end.

        Raises
        ------
        DatasetError
            At a row of another length that a quotation mark left open seems to have made.
        """
        parts: list[str] = []
        length = 0
        while length < max(size, 1) and (row := next(self._rows, None)) is not None:
            if len(row.cells) == self._width:
                self.lines.append(row.line)
                parts.append(row.text)
                length += len(row.text)
            elif row.last > row.line:  # what an open quotation mark swallowed is more than one row
                raise _refused(self._source, row, self._width)
            else:
                self.dropped.append(row.line)
        return "".join(parts)

    def blame(self, ends_in_quotes: bool) -> None:
        """Say why a parser may have failed.

        Raises
        ------
        DatasetError
            When quotes are never closed, or more rows were dropped than kept.
        """
        if ends_in_quotes and self.lines:
            raise _never_closed(self._source, self.lines[-1])
        if self.dropped:
            self.note()

    def note(self) -> str:
        """Return what was dropped, in a plain sentence.

        Raises
        ------
        RaggedError
            When more rows were dropped than kept.
        """
        count, rows = len(self.dropped), len(self.dropped) + len(self.lines)
        if 2 * count > rows:
            message = f"{count:,} of {rows:,} rows have another number of cells than there are columns ({self._width})"
            hint = "The delimiter or the header does not fit the rows: choose another, or correct the first line."
            raise RaggedError(message, hint, self._source.path, self.dropped[0])
        first = ", ".join(f"{line:,}" for line in self.dropped[:_LISTED])
        more = f" and {count - _LISTED:,} more" if count > _LISTED else ""
        verb, where = ("row was", "line") if count == 1 else ("rows were", "lines")
        return f"{count:,} {verb} dropped for another number of cells than {self._width}: {where} {first}{more}."


def scan(source: Source, dialect: Dialect, progress: Progress, ends_in_quotes: bool = False) -> NDArray[np.int64]:
    """Walk through all records and return the line on which each begins.

    Raises
    ------
    RaggedError
        At the first record that has more or fewer cells than there are columns.
    DatasetError
        At quotes that are never closed.
    """
    lines = array("q")
    with TextStream(source, dialect.skip, progress=progress) as stream:
        for row in _rows(source, stream, dialect):
            if len(row.cells) != len(dialect.names):
                raise _refused(source, row, len(dialect.names))
            lines.append(row.line)
    if ends_in_quotes and lines:
        raise _never_closed(source, lines[-1])
    return np.array(lines, dtype=np.int64)


def _never_closed(source: Source, line: int) -> DatasetError:
    hint = "Close it, or double it where it is meant."
    return source.refuse("a quotation mark is opened and never closed", hint, line)


def _rows(source: Source, stream: TextStream, dialect: Dialect) -> Iterator[_Row]:
    taken: list[str] = []

    def watched() -> Iterator[str]:
        for line in stream:
            taken.append(line)
            yield line

    before = dialect.skip
    try:
        for record, number in records_of(watched(), dialect.delimiter):
            last = dialect.skip + number
            if not is_blank(record):
                yield _Row(before + 1, last, record, "".join(taken))
            taken.clear()
            before = last
    except csv.Error as error:
        hint = "Is every quotation mark closed that is opened?"
        raise source.refuse("a cell has more than 131,072 characters", hint, before + 1) from error


def _refused(source: Source, row: _Row, width: int) -> DatasetError:
    if row.last > row.line and len(row.cells) < width:
        hint = f"It swallowed the lines up to {row.last}; close it, or double it where it is meant."
        return source.refuse("a quotation mark is opened and not closed on its line", hint, row.line)
    cells = "1 cell" if len(row.cells) == 1 else f"{len(row.cells)} cells"
    hint = "Is a delimiter missing or one too many, or does a text with a delimiter need quotation marks?"
    offers = [Offer("Drop such rows", {"ragged": "drop"})]
    return RaggedError(f"the row has {cells} where there are {width} columns", hint, source.path, row.line, offers)
