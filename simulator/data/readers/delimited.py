"""Reads CSV, TSV and their kin: recognised by our own thin layer, parsed by pandas in chunks."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.data.cells import MISSING
from simulator.data.choices import RecipeChoices
from simulator.data.readers.decoding import recognise
from simulator.data.readers.growing import GrowingColumn
from simulator.data.readers.packing import members_of
from simulator.data.readers.ragged import Kept, RaggedError, scan
from simulator.data.readers.sniffing import Sniffed, sniff
from simulator.data.readers.stream import NotThisEncoding, Source, TextStream
from simulator.data.readers.tidying import WrongDecimal, tidied
from simulator.data.table import UNKNOWN, Dialect, Table
from simulator.errors import DatasetError
from simulator.progress import Progress

CHUNK_CELLS = 1_000_000

_MARKS = sorted(
    {spelt for mark in MISSING for spelt in (mark, mark.upper(), mark.capitalize(), mark.title())} | {"NaN"}
)
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "blanks"}
_THOUSANDS = {",": "commas", ".": "points", "'": "apostrophes", " ": "blanks"}


def read(path: Path, choices: RecipeChoices, progress: Progress) -> Table:
    """Read a file of delimited text.

    Parameters
    ----------
    path
        The file; UTF-8, UTF-16, UTF-32 or cp1252, packed in one of the ways of `PACKINGS` or not.
    choices
        Delimiter, marks, header, and what happens to rows of another length, where the user decided them; `sheet` is
        the file wanted of a zip archive.
    progress
        What is told how far the reading is.

    Raises
    ------
    DatasetError
        When it is no such file, or a broken one.
    ConfigError
        When choices contradict each other.
    Cancelled
        When the job was cancelled.
    """
    source, sample = recognise(path, choices.sheet)
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
    sniffed = sniff(source, sample, choices)
    try:
        table = _parsed(source, sample, sniffed, choices, progress)
        try:
            table = tidied(table, sniffed, choices.thousands, progress)
        except WrongDecimal:
            other = "," if sniffed.dialect.decimal == "." else "."
            return _read(source, sample, dataclasses.replace(choices, decimal=other), progress)
    except OSError as error:
        hint = "Copy it to another place and try again."
        raise source.refuse(f"the file cannot be read ({error.strerror or error})", hint) from error
    except MemoryError as error:
        hint = "Read fewer rows or columns, or use a machine with more memory."
        raise source.refuse("the table does not fit into memory", hint) from error
    members = members_of(source.path) if source.packing == "zip" else ()
    if len(members) > 1:
        table = dataclasses.replace(table, sheets=members, sheet=source.member)
    return dataclasses.replace(table, notes=(_described(table), *table.notes))


def _parsed(source: Source, sample: str, sniffed: Sniffed, choices: RecipeChoices, progress: Progress) -> Table:
    """Parse a file, without the rows of another length where there are some and the user wants that."""
    size = source.path.stat().st_size * (8 if source.packing else 1)
    expected = int(1.02 * size * (sample.count("\n") + 1) / len(sample))
    try:
        frame, lines, dropped = _frame(source, expected, sniffed, progress, drop=False)
    except RaggedError:
        if choices.ragged != "drop":
            raise
        frame, lines, dropped = _frame(source, expected, sniffed, progress, drop=True)
    if frame.empty:
        line = sniffed.dialect.skip or None
        raise source.refuse("there is a header but no row of data under it", "Add rows of values.", line)
    notes = (*sniffed.notes, *dropped)
    return Table(frame, source.path, sniffed.dialect, notes, lines)


def _frame(
    source: Source, expected: int, sniffed: Sniffed, progress: Progress, drop: bool
) -> tuple[pd.DataFrame, NDArray[np.int64] | None, Sequence[str]]:
    """Parse a file; columns that turn out to be of two minds are read again as texts."""
    dialect = sniffed.dialect
    spelt = set(sniffed.in_doubt)
    while True:
        with TextStream(source, dialect.skip, dialect.delimiter, progress) as stream:
            kept = Kept(source, stream, dialect) if drop else None
            try:
                columns, rows = _chunks(kept or stream, dialect, spelt, expected)
            except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError, OverflowError) as error:
                if isinstance(error, DatasetError):
                    raise
                ends_in_quotes = "EOF inside string" in str(error)
                if kept is None:  # this names the line, if there is one to name
                    scan(source, dialect, progress, ends_in_quotes)
                else:
                    kept.blame(ends_in_quotes)
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
    lines = np.array(kept.lines, dtype=np.int64) if kept else None if plain else scan(source, dialect, progress)
    if lines is not None and len(lines) != rows:
        lines = np.full(rows, UNKNOWN)  # better no line than a wrong one
    frame = pd.DataFrame({name: column.joined() for name, column in columns.items()}, copy=False)
    return frame, lines, [kept.note()] if kept else []


def _chunks(
    stream: TextStream | Kept, dialect: Dialect, spelt: set[str], expected: int
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


def _described(table: Table) -> str:
    dialect = table.dialect
    if dialect is None:
        return ""
    parts = [
        dialect.encoding.upper().replace("-SIG", " with a byte-order mark"),
        f"delimited by {_DELIMITERS[dialect.delimiter]}",
        f"decimal {'point' if dialect.decimal == '.' else 'comma'}",
        *([f"{_THOUSANDS[dialect.thousands]} between thousands"] if dialect.thousands else []),
        "with a header" if dialect.header else "without a header (columns are called column_1, column_2 …)",
    ]
    packed = f", packed with {dialect.packing}" if dialect.packing else ""
    rows, columns = table.frame.shape
    return f"Read {rows:,} rows of {columns:,} columns: {', '.join(parts)}{packed}."
