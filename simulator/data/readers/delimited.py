"""Reads CSV, TSV and their kin: recognised by our own thin layer, parsed by pandas in chunks."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pandas as pd

from simulator.data.choices import RecipeChoices
from simulator.data.readers.decoding import recognise
from simulator.data.readers.growing import GrowingColumn
from simulator.data.readers.packing import members_of
from simulator.data.readers.parsing import parse
from simulator.data.readers.sniffing import Sniffed, sniff
from simulator.data.readers.stream import NotThisEncoding, Source
from simulator.data.readers.tidying import WrongDecimal, tidied
from simulator.data.table import Table
from simulator.progress import Progress

Attempt = Callable[[Source, str, Sniffed], "T"]
"""Reads a file as it was understood from the beginning of its text; see `understood`."""

T = TypeVar("T")

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

    def attempt(source: Source, sample: str, sniffed: Sniffed) -> Table:
        size = source.path.stat().st_size * (8 if source.packing else 1)
        expected = int(1.02 * size * (sample.count("\n") + 1) / len(sample))
        parsed = parse(source, sniffed, choices.ragged, progress, lambda: GrowingColumn(expected))
        frame = pd.DataFrame({name: column.joined() for name, column in parsed.columns.items()}, copy=False)
        table = Table(frame, source.path, sniffed.dialect, parsed.notes, parsed.lines)
        table = tidied(table, sniffed, choices.thousands, progress)
        members = members_of(source.path) if source.packing == "zip" else ()
        if len(members) > 1:
            table = dataclasses.replace(table, sheets=members, sheet=source.member)
        return dataclasses.replace(table, notes=(_described(table), *table.notes))

    return understood(path, choices, attempt)


def understood(path: Path, choices: RecipeChoices, attempt: "Attempt[T]") -> T:
    """Find out how a file is packed, encoded and spelt, and read it so; again, if the rest of it shows otherwise.

    Parameters
    ----------
    path, choices
        As for `read`.
    attempt
        Reads it: given the file, the beginning of its text, and how that spells a table.

    Returns
    -------
    What the last attempt returned.

    Raises
    ------
    DatasetError, ConfigError, Cancelled
        As `read` does.
    """
    source, sample = recognise(path, choices.sheet)
    try:
        return _spelt(source, sample, choices, attempt)
    except NotThisEncoding as error:
        if not source.encoding.startswith("utf-8"):
            raise source.damaged() from error
    # Only the rest of the file showed that it is not in UTF-8.
    source = dataclasses.replace(source, encoding="cp1252")
    try:
        return _spelt(source, sample, choices, attempt)
    except NotThisEncoding as error:
        raise source.damaged() from error


def _spelt(source: Source, sample: str, choices: RecipeChoices, attempt: "Attempt[T]") -> T:
    sniffed = sniff(source, sample, choices)
    try:
        return attempt(source, sample, sniffed)
    except WrongDecimal:
        other = "," if sniffed.dialect.decimal == "." else "."
        return _spelt(source, sample, dataclasses.replace(choices, decimal=other), attempt)
    except OSError as error:
        hint = "Copy it to another place and try again."
        raise source.refuse(f"the file cannot be read ({error.strerror or error})", hint) from error
    except MemoryError as error:
        hint = "Read fewer rows or columns, or use a machine with more memory."
        raise source.refuse("the table does not fit into memory", hint) from error


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
