"""Reads CSV, TSV and their kin: recognised by our own thin layer, parsed by pandas in chunks."""

import csv
import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.data.cells import MISSING, numbers
from simulator.data.choices import RecipeChoices
from simulator.data.readers.decoding import recognise
from simulator.data.readers.growing import GrowingColumn
from simulator.data.readers.sniffing import is_blank, records_of, sniff
from simulator.data.readers.stream import NotThisEncoding, Source, TextStream
from simulator.data.table import UNKNOWN, Dialect, Table
from simulator.errors import DatasetError
from simulator.progress import Progress

CHUNK_CELLS = 1_000_000
EXACT = 2**53
"""Whole numbers up to here are exact in float64."""

_MARKS = sorted(
    {spelt for mark in MISSING for spelt in (mark, mark.upper(), mark.capitalize(), mark.title())} | {"NaN"}
)
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "blanks"}


def read(path: Path, choices: RecipeChoices, progress: Progress) -> Table:
    """Read a file of delimited text.

    Parameters
    ----------
    path
        The file; UTF-8, UTF-16 or cp1252, packed with gzip or not.
    choices
        Delimiter, decimal mark and header, where the user decided them.
    progress
        What is told how far the reading is.

    Raises
    ------
    DatasetError
        When it is no such file, or a broken one.
    Cancelled
        When the job was cancelled.
    """
    source, sample = recognise(path)
    try:
        return _read(source, sample, choices, progress)
    except NotThisEncoding as error:
        if not source.encoding.startswith("utf-8"):
            raise source.damaged() from error
    # Only the rest of the file showed that it is not in UTF-8.
    source = dataclasses.replace(source, encoding="cp1252")
    try:
        return _read(source, sample, choices, progress)
    except NotThisEncoding as error:
        raise source.damaged() from error


def _read(source: Source, sample: str, choices: RecipeChoices, progress: Progress) -> Table:
    dialect, notes = sniff(source, sample, choices)
    try:
        frame, lines = _frame(source, sample, dialect, progress)
    except OSError as error:
        hint = "Copy it to another place and try again."
        raise source.refuse(f"the file cannot be read ({error.strerror or error})", hint) from error
    except MemoryError as error:
        hint = "Read fewer rows or columns, or use a machine with more memory."
        raise source.refuse("the table does not fit into memory", hint) from error
    table = Table(frame, source.path, dialect, (), lines)
    return _tidied(table, (_described(table), *notes))


def _frame(
    source: Source, sample: str, dialect: Dialect, progress: Progress
) -> tuple[pd.DataFrame, NDArray[np.int64] | None]:
    """Parse a file; columns that turn out to be of two minds are read again as texts."""
    spelt: set[str] = set()
    size = source.path.stat().st_size * (8 if source.compressed else 1)
    expected = int(1.02 * size * (sample.count("\n") + 1) / len(sample))
    while True:
        with TextStream(source, dialect.skip, dialect.delimiter, progress) as stream:
            try:
                columns, rows = _chunks(stream, dialect, spelt, expected)
            except pd.errors.EmptyDataError as error:
                hint = "Add rows of values."
                raise source.refuse("there is a header but no row of data under it", hint, dialect.skip) from error
            except (pd.errors.ParserError, ValueError, OverflowError) as error:
                if isinstance(error, DatasetError):
                    raise
                # This names the line, if there is one to name.
                _scan(source, dialect, progress, ends_in_quotes="EOF inside string" in str(error))
                hint = "Open the file in a text editor, or save the table again as CSV."
                raise source.refuse(f"the text cannot be read as a table ({error})", hint) from error
            plain = (
                dialect.delimiter != " "
                and stream.delimiters == rows * (len(dialect.names) - 1)
                and stream.finished_lines() == rows
            )
        mixed = {name for name, column in columns.items() if name not in spelt and column.mixed}
        if not mixed:
            break
        spelt |= mixed
    lines = None if plain else _scan(source, dialect, progress)
    if lines is not None and len(lines) != rows:
        lines = np.full(rows, UNKNOWN)  # better no line than a wrong one
    if rows == 0:
        raise source.refuse("there is a header but no row of data under it", "Add rows of values.", dialect.skip)
    return pd.DataFrame({name: column.joined() for name, column in columns.items()}, copy=False), lines


def _chunks(
    stream: TextStream, dialect: Dialect, spelt: set[str], expected: int
) -> tuple[dict[str, GrowingColumn], int]:
    columns = {name: GrowingColumn(expected) for name in dialect.names}
    rows = 0
    parser = pd.read_csv(
        stream,  # pyright: ignore[reportArgumentType, reportCallIssue] - all that is asked of it is `read`
        sep=r"\s+" if dialect.delimiter == " " else dialect.delimiter,
        decimal=dialect.decimal,
        header=None,
        names=list(dialect.names),
        dtype=dict.fromkeys(spelt, str),
        na_values=_MARKS,
        keep_default_na=False,
        skipinitialspace=True,
        low_memory=False,
        chunksize=max(64, CHUNK_CELLS // len(dialect.names)),
        iterator=True,
    )
    with parser:
        for chunk in parser:
            rows += len(chunk)
            for name in dialect.names:
                columns[name].add(chunk[name])
    return columns, rows


def _scan(source: Source, dialect: Dialect, progress: Progress, ends_in_quotes: bool = False) -> NDArray[np.int64]:
    """Walk through all records and return the line on which each begins.

    Raises
    ------
    DatasetError
        At the first record that has more or fewer cells than there are columns, or quotes that are never closed.
    """
    lines: list[int] = []
    width = len(dialect.names)
    with TextStream(source, dialect.skip, progress=progress) as stream:
        before = 0
        try:
            for record, line in records_of(iter(stream), dialect.delimiter):
                if not is_blank(record):
                    if len(record) != width:
                        raise _ragged(source, record, width, dialect, before, line)
                    lines.append(dialect.skip + before + 1)
                before = line
        except csv.Error as error:
            hint = "Is every quotation mark closed that is opened?"
            line = dialect.skip + before + 1
            raise source.refuse("a cell has more than 131,072 characters", hint, line) from error
    if ends_in_quotes and lines:
        hint = "Close it, or double it where it is meant."
        raise source.refuse("a quotation mark is opened and never closed", hint, lines[-1])
    return np.array(lines, dtype=np.int64)


def _ragged(source: Source, record: list[str], width: int, dialect: Dialect, before: int, line: int) -> DatasetError:
    first = dialect.skip + before + 1
    if line - before > 1 and len(record) < width:
        hint = f"It swallowed the lines up to {dialect.skip + line}; close it, or double it where it is meant."
        return source.refuse("a quotation mark is opened and not closed on its line", hint, first)
    cells = "1 cell" if len(record) == 1 else f"{len(record)} cells"
    hint = "Is a delimiter missing or one too many, or does a text with a delimiter need quotation marks?"
    return source.refuse(f"the row has {cells} where there are {width} columns", hint, first)


def _tidied(table: Table, notes: tuple[str, ...]) -> Table:
    """Turn texts that are all numbers into numbers, strip the others, and leave out columns without name and values."""
    frame = table.frame
    decimal = "." if table.dialect is None else table.dialect.decimal
    changed: dict[str, Any] = {}
    dropped: list[str] = []
    for place, name in enumerate(frame.columns):
        column = frame[name]
        if name == f"column_{place + 1}" and table.dialect and table.dialect.header and column.isna().all():
            dropped.append(str(name))
        elif column.dtype.kind not in "iuf":
            values, refused = numbers(column, decimal)
            changed[str(name)] = _stripped(column) if refused is not None else values
            if refused is None and np.nanmax(np.abs(values), initial=0) >= EXACT:
                notes += (f"Column {name!r} holds numbers with more than 15 digits; they are rounded.",)
    if changed:
        frame = frame.assign(**changed)
    if dropped:
        frame = frame.drop(columns=dropped)
        notes += tuple(f"{name} has neither a name nor a value and is left out." for name in dropped)
    return dataclasses.replace(table, frame=frame, notes=notes)


def _stripped(column: "pd.Series[Any]") -> "pd.Series[Any]":
    codes, values = pd.factorize(column)
    texts: list[object] = [str(value).strip() for value in values]
    kept = [np.nan if str(text).lower() in MISSING else text for text in texts]
    return pd.Series(np.array([*kept, np.nan], dtype=object)[codes], index=column.index, dtype="str")


def _described(table: Table) -> str:
    dialect = table.dialect
    if dialect is None:
        return ""
    parts = [
        dialect.encoding.upper().replace("-SIG", " with a byte-order mark"),
        f"delimited by {_DELIMITERS[dialect.delimiter]}",
        f"decimal {'point' if dialect.decimal == '.' else 'comma'}",
        "with a header" if dialect.header else "without a header (columns are called column_1, column_2 …)",
    ]
    packed = ", packed with gzip" if dialect.compressed else ""
    rows, columns = table.frame.shape
    return f"Read {rows:,} rows of {columns:,} columns: {', '.join(parts)}{packed}."
