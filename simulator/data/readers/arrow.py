"""Reads Feather and Arrow files, and turns Arrow's columns into those of a table."""

import contextlib
import importlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from simulator.data.choices import RecipeChoices
from simulator.data.readers.beginning import Beginning
from simulator.data.readers.columns import MOST_COLUMNS, moments, plain
from simulator.data.readers.gathering import named, refuse_a_flood, table_of
from simulator.data.readers.seekable import unpacked_file
from simulator.data.table import Table
from simulator.errors import DatasetError
from simulator.progress import Progress

_MAGICS = (b"ARROW1", b"FEA1", b"\xff\xff\xff\xff")


def recognises(beginning: Beginning) -> bool:
    """Whether a file begins as Arrow's or Feather's first version; a stream by its name, too."""
    streamed = beginning.head.startswith(_MAGICS[2]) and beginning.suffix in (".arrow", ".arrows", ".ipc", ".feather")
    return (beginning.head.startswith(_MAGICS[:2]) and not beginning.is_text) or streamed


def read(path: Path, choices: RecipeChoices, progress: Progress) -> Table:
    """Read a Feather or Arrow file, batch by batch.

    Parameters
    ----------
    path
        The file.
    choices
        Nothing of it is asked.
    progress
        What is told how far the reading is.

    Raises
    ------
    DatasetError
        When pyarrow is not installed, or the file is damaged.
    Cancelled
        When the job was cancelled.
    """
    pyarrow = library(path)
    ipc = importlib.import_module("pyarrow.ipc")
    with unpacked_file(path, progress) as plain_path, translated(path, "Arrow"), plain_path.open("rb") as file:
        head = file.read(6)
        file.seek(0)
        if head.startswith(b"FEA1"):
            hint = "Save it again with a newer pandas or pyarrow, as Feather 2 or Parquet."
            raise DatasetError("this is Feather of the first version", hint, path)
        reader = ipc.open_file(file) if head == b"ARROW1" else ipc.open_stream(file)
        gathered = Gathered(pyarrow, path, reader.schema, plain_path.stat().st_size)
        if head == b"ARROW1":
            count = reader.num_record_batches
            batches: Iterator[Any] = (reader.get_batch(place) for place in range(count))
        else:
            count, batches = 0, iter(reader)
        for place, batch in enumerate(batches):
            progress.report(place / count if count else None, f"reading {path.name}")
            batch.validate(full=True)  # a hostile offset would be read beyond the end
            gathered.add(batch)
        return gathered.table("an Arrow file")


def library(path: Path) -> Any:
    """Return pyarrow.

    Raises
    ------
    DatasetError
        When it is not installed.
    """
    try:
        return importlib.import_module("pyarrow")
    except ImportError as error:
        hint = 'Install it: pip install "nodeglow[parquet]"'
        raise DatasetError("reading this format needs pyarrow, which is not installed", hint, path) from error


@contextlib.contextmanager
def translated(path: Path, what: str) -> Generator[None]:
    """Turn what pyarrow raises into errors about the file."""
    pyarrow = library(path)
    try:
        yield
    except DatasetError:
        raise
    except (MemoryError, pyarrow.ArrowMemoryError) as error:
        hint = "Give fewer rows or columns, or use a machine with more memory."
        raise DatasetError("the table does not fit into memory", hint, path) from error
    except (pyarrow.ArrowException, OSError, ValueError, KeyError, OverflowError, TypeError) as error:
        reason = str(error).strip().split("\n")[0][:200]
        raise DatasetError(
            f"the {what} file is damaged or cut off ({reason})", "Save or fetch it again.", path
        ) from error


class Gathered:
    """Columns gathered from batches of Arrow's."""

    def __init__(self, pyarrow: Any, path: Path, schema: Any, size: int) -> None:
        self._arrow = pyarrow
        self._path = path
        self._size = size
        self._rows = 0
        if len(schema) > MOST_COLUMNS:
            named([field.name for field in schema], path)  # refuses them
        left_out = [place for place, field in enumerate(schema) if not self._fits(field.type)]
        self._places = [place for place in range(len(schema)) if place not in left_out and not _is_index(schema, place)]
        self._names, self._notes = named([schema.field(place).name for place in self._places], path)
        self._notes += [
            f"{schema.field(place).name!r} holds {schema.field(place).type} and is left out." for place in left_out
        ]
        self._types = [schema.field(place).type for place in self._places]
        self._chunks: list[list[Any]] = [[] for _ in self._places]

    @property
    def places(self) -> list[int]:
        """The columns that are read."""
        return self._places

    def add(self, batch: Any, narrowed: bool = False) -> None:
        """Append a batch; `narrowed` says that it holds only the columns that are read."""
        self._rows += batch.num_rows
        refuse_a_flood(self._rows, len(self._places), 4 * self._size, self._path)
        for place, chunks in enumerate(self._chunks):
            column = batch.column(place if narrowed else self._places[place])
            chunks.append(self._values(column, self._types[place]))

    def table(self, what: str) -> Table:
        """Return the table of what was added."""
        columns: dict[str, Any] = {}
        for place, (name, kind) in enumerate(zip(self._names, self._types, strict=True)):
            chunks, self._chunks[place] = self._chunks[place], []
            columns[name] = self._finished(chunks, kind)
        return table_of(columns, self._path, what, self._notes)

    def _fits(self, kind: Any) -> bool:
        types = self._arrow.types
        if types.is_dictionary(kind):
            return self._fits(kind.value_type)
        tests = ("boolean", "integer", "floating", "decimal", "date", "timestamp", "time", "duration", "null")
        texts = types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)
        return texts or any(getattr(types, f"is_{test}")(kind) for test in tests)

    def _values(self, column: Any, kind: Any) -> Any:
        """Return a chunk as NumPy holds it: numbers, moments, or objects."""
        types = self._arrow.types
        if types.is_dictionary(kind):
            column, kind = column.dictionary_decode(), kind.value_type
        if types.is_integer(kind) and not column.null_count and kind != self._arrow.uint64():
            return column.to_numpy(zero_copy_only=False).astype(np.int64)
        if types.is_integer(kind) or types.is_floating(kind):
            exact = column.cast(self._arrow.float64(), safe=False)
            return np.array(exact.to_numpy(zero_copy_only=False), dtype=np.float64)
        if types.is_decimal(kind):
            return np.array([np.nan if each is None else float(each) for each in column.to_pylist()], dtype=np.float64)
        if types.is_timestamp(kind) or types.is_date(kind):
            unit = "s" if types.is_date(kind) else kind.unit
            return column.cast(self._arrow.timestamp(unit)).to_numpy(zero_copy_only=False)
        if types.is_duration(kind):
            lengths = column.to_numpy(zero_copy_only=False)
            return np.where(np.isnat(lengths), np.nan, lengths / np.timedelta64(1, "s"))
        if types.is_null(kind):
            return np.full(len(column), np.nan)
        if types.is_boolean(kind) or types.is_time(kind):
            spelt = [None if each is None else _spelt(each) for each in column.to_pylist()]
            return pd.Series(spelt, dtype="str")
        return pd.Series(column.to_pandas(), dtype="str")

    def _finished(self, chunks: list[Any], kind: Any) -> Any:
        if not chunks:
            return np.empty(0)
        if isinstance(chunks[0], pd.Series):
            return plain(pd.concat(chunks, ignore_index=True).astype(object))
        values = np.concatenate(chunks)
        return pd.Series(moments(values), dtype="str") if values.dtype.kind == "M" else values


def _spelt(value: Any) -> str:
    return str(value) if isinstance(value, bool) else value.isoformat()


def _is_index(schema: Any, place: int) -> bool:
    """Whether a column is the index that pandas stored beside a table."""
    name = schema.field(place).name
    return name.startswith("__index_level_") and name.endswith("__")
