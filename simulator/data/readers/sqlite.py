"""Reads a table or a view of an SQLite database, without ever writing to it."""

import contextlib
import sqlite3
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from simulator.data.choices import RecipeChoices
from simulator.data.readers.beginning import Beginning
from simulator.data.readers.gathering import GatheredColumn, chosen, named, table_of
from simulator.data.readers.seekable import unpacked_file
from simulator.data.table import Table
from simulator.errors import DatasetError
from simulator.progress import Cancelled, Progress

MOST_STEPS = 300_000_000
"""So many instructions may a query take between two chunks of rows: some seconds."""

MOST_CELLS = 20_000_000
"""A view may make so many cells of a small file."""

LONGEST = 100_000_000
"""No value and no row may have more bytes."""

PATIENCE = 2.0
"""So many seconds another program may keep the database locked."""

CHUNK = 10_000

_MAGIC = b"SQLite format 3\0"
_EVERY = 10_000
_WRITE_AHEAD = 2
_HINT = "Is it a whole SQLite database that nobody is writing to? Export the table as CSV otherwise."


def recognises(beginning: Beginning) -> bool:
    """Whether a file begins as a database does."""
    return beginning.head.startswith(_MAGIC)


def read(path: Path, choices: RecipeChoices, progress: Progress) -> Table:
    """Read a table or a view.

    Parameters
    ----------
    path
        The database.
    choices
        `sheet` names the table or view; none: the first table with two columns and a row.
    progress
        What is told how far the reading is.

    Raises
    ------
    DatasetError
        When it is damaged, encrypted or locked, holds no such table, or a view takes too long.
    Cancelled
        When the job was cancelled.
    """
    with unpacked_file(path, progress) as plain, _Database(plain, path, progress) as database:
        sheets = database.tables()
        if not sheets:
            raise DatasetError("the database holds no table", "Choose another file.", path)
        sheet = chosen(choices.sheet, sheets, path, "table") or database.first(sheets)
        return database.table(sheet, sheets)


class _Database:
    """An open database, and the errors about it."""

    def __init__(self, plain: Path, path: Path, progress: Progress) -> None:
        self._plain = plain
        self._path = path
        self._progress = progress
        self._steps = 0
        self._cancelled = False
        self._connection: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        with self._translated():
            connection = sqlite3.connect(
                f"file:{quote(str(self._plain.resolve()))}?{self._way()}", uri=True, timeout=PATIENCE
            )
            self._connection = connection
            connection.text_factory = lambda data: data.decode("utf-8", "replace")
            connection.set_progress_handler(self._watch, _EVERY)
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA cell_size_check = ON")
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            self._connection.close()

    def tables(self) -> list[str]:
        """Return the names of all tables, then of all views."""
        query = "SELECT name FROM sqlite_master WHERE type = ? AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY rowid"
        with self._translated():
            return [str(name) for kind in ("table", "view") for (name,) in self._ask(query, kind)]

    def first(self, sheets: list[str]) -> str:
        """Return the first table that can be a data set."""
        for sheet in sheets:
            with contextlib.suppress(DatasetError), self._translated():
                if len(self._names(sheet)) > 1 and self._ask(f"SELECT 1 FROM {_quoted(sheet)} LIMIT 1").fetchone():
                    return sheet
        return sheets[0]

    def table(self, sheet: str, sheets: list[str]) -> Table:
        """Read a table."""
        with self._translated():
            raw = self._names(sheet)
            names, notes = named(raw, self._path)
            cells = ", ".join(f"CASE typeof({each}) WHEN 'blob' THEN x'' ELSE {each} END" for each in map(_quoted, raw))
            columns = {name: GatheredColumn() for name in names}
            binary: set[str] = set()
            for rows in self._chunks(f"SELECT {cells} FROM {_quoted(sheet)}", len(names)):
                for name, values in zip(names, zip(*rows, strict=True), strict=True):
                    if any(type(value) is bytes for value in values):
                        binary.add(name)
                    elif name not in binary:
                        columns[name].add(values)
        notes += [f"{name!r} holds binary data (BLOB) and is left out." for name in names if name in binary]
        kept = {name: column for name, column in columns.items() if name not in binary}
        return table_of(kept, self._path, "the table of a database", notes, None, sheets, sheet)

    def _chunks(self, query: str, width: int) -> Iterator[list[tuple[Any, ...]]]:
        most = max(MOST_CELLS, 4 * self._plain.stat().st_size)
        cursor = self._ask(query)
        cells = 0
        while rows := cursor.fetchmany(max(1, min(CHUNK, 1_000_000 // width))):
            cells += len(rows) * width
            if cells > most:
                hint = "Give the view a LIMIT, or choose a table."
                raise DatasetError(f"there are more than {most:,} cells, more than the file holds", hint, self._path)
            self._steps = 0
            self._progress.report(None, f"reading {self._path.name}: {cells // width:,} rows")
            yield rows

    def _names(self, sheet: str) -> list[str]:
        return [str(row[0]) for row in self._ask(f"SELECT * FROM {_quoted(sheet)} LIMIT 0").description]

    def _ask(self, query: str, *values: str) -> sqlite3.Cursor:
        self._steps = 0
        assert self._connection is not None
        return self._connection.execute(query, values)

    def _way(self) -> str:
        """Return how to open the file so that nothing is written beside it.

        A database with a write-ahead log makes two files beside it even for a reader, unless it is called immutable;
        what the log still holds is then not seen, so a log that holds something is read where it lies.
        """
        with self._plain.open("rb") as file:
            head = file.read(100)
        if not head.startswith(_MAGIC) or len(head) < 100:
            raise DatasetError("this is no SQLite database, or an encrypted one", _HINT, self._path)
        log = self._path.with_name(self._path.name + "-wal")
        held = head[18] == _WRITE_AHEAD and self._plain == self._path and log.exists() and log.stat().st_size
        return "mode=ro" if held or head[18] != _WRITE_AHEAD else "mode=ro&immutable=1"

    def _watch(self) -> bool:
        """Stop a query that takes too long, or that somebody cancelled."""
        self._steps += _EVERY
        try:
            self._progress.report(None, f"reading {self._path.name}")
        except Cancelled:
            self._cancelled = True
        return self._cancelled or self._steps > MOST_STEPS

    @contextlib.contextmanager
    def _translated(self) -> Generator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if self._cancelled:
                raise Cancelled(str(self._path)) from error
            if self._steps > MOST_STEPS:
                hint = "Choose a table, or save what the view gives as a table."
                raise DatasetError("the view takes too long", hint, self._path) from error
            if "locked" in str(error) or "unable to open" in str(error):
                hint = "Close the program that uses it, or copy the file with its -wal and -shm files to your folder."
                raise DatasetError(f"the database cannot be opened ({error})", hint, self._path) from error
            raise DatasetError(f"the database cannot be read ({error})", _HINT, self._path) from error
        except UnicodeDecodeError as error:  # in the name of a column
            raise DatasetError(f"the database is damaged ({error})", _HINT, self._path) from error
        except OSError as error:
            hint = "Copy it to another place and try again."
            raise DatasetError(f"the file cannot be read ({error.strerror or error})", hint, self._path) from error


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
