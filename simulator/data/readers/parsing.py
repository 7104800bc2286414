"""From the text of a file to chunks of its rows, and to columns that take these chunks."""

from array import array
from collections.abc import Callable, Iterator
from typing import Generic, NamedTuple, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.data.cells import MISSING
from simulator.data.readers.growing import ColumnKind
from simulator.data.readers.ragged import Kept, RaggedError, scan
from simulator.data.readers.sniffing import Sniffed
from simulator.data.readers.stream import Source, TextStream
from simulator.data.table import UNKNOWN, Dialect
from simulator.errors import DatasetError
from simulator.progress import Progress

CHUNK_CELLS = 1_000_000

_MARKS = sorted(
    {spelt for mark in MISSING for spelt in (mark, mark.upper(), mark.capitalize(), mark.title())} | {"NaN"}
)

C = TypeVar("C", bound=ColumnKind)


class Parsed(NamedTuple, Generic[C]):
    """What one walk through a file has found.

    Attributes
    ----------
    columns
        By their names, in the order of the file.
    rows
        How many there are.
    lines
        As in `Table`.
    spelt
        The columns that were read as texts from the beginning.
    dropped
        Whether rows of another length were left out.
    notes
        What was, in plain sentences.
    """

    columns: dict[str, C]
    rows: int
    lines: NDArray[np.int64] | None
    spelt: frozenset[str]
    dropped: bool
    notes: tuple[str, ...]


def parse(source: Source, sniffed: Sniffed, ragged: str, progress: Progress, new_column: Callable[[], C]) -> Parsed[C]:
    """Walk through a file, without the rows of another length where there are some and the user wants that.

    Columns that turn out to be of two minds are read again as texts.

    Parameters
    ----------
    source, sniffed
        The file, and how it spells its table.
    ragged
        What happens to rows of another length (see `RecipeChoices`).
    progress
        What is told how far the reading is.
    new_column
        Makes what takes the chunks of a column.

    Raises
    ------
    DatasetError
        When the file is broken, or has no row under its header.
    """
    try:
        parsed = _parse(source, sniffed, progress, new_column, drop=False)
    except RaggedError:
        if ragged != "drop":
            raise
        parsed = _parse(source, sniffed, progress, new_column, drop=True)
    if not parsed.rows:
        line = sniffed.dialect.skip or None
        raise source.refuse("there is a header but no row of data under it", "Add rows of values.", line)
    return parsed


def chunks(stream: TextStream | Kept, dialect: Dialect, spelt: frozenset[str]) -> Iterator[pd.DataFrame]:
    """Yield the rows of a text as the parser reads them, with the columns in `spelt` as texts."""
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
        yield from parser


def _parse(source: Source, sniffed: Sniffed, progress: Progress, new_column: Callable[[], C], drop: bool) -> Parsed[C]:
    dialect = sniffed.dialect
    spelt = sniffed.in_doubt
    while True:
        columns, rows = {name: new_column() for name in dialect.names}, 0
        with TextStream(source, dialect.skip, dialect.delimiter, progress) as stream:
            kept = Kept(source, stream, dialect) if drop else None
            try:
                for chunk in chunks(kept or stream, dialect, spelt):
                    rows += len(chunk)
                    for name, column in columns.items():
                        column.add(chunk[name])
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
    lines = _lines(kept.lines) if kept else None if plain else scan(source, dialect, progress)
    if lines is not None and len(lines) != rows:
        lines = np.full(rows, UNKNOWN)  # better no line than a wrong one
    return Parsed(columns, rows, lines, spelt, drop, (*sniffed.notes, *([kept.note()] if kept else [])))


def _lines(kept: "array[int]") -> NDArray[np.int64]:
    return np.frombuffer(kept, dtype=np.int64) if kept else np.zeros(0, np.int64)
