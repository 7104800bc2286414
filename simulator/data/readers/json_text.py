"""Reads JSON (records, rows, columns, in a wrapping or not) and JSON lines."""

import io
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from simulator.data.cells import is_number
from simulator.data.choices import RecipeChoices
from simulator.data.readers.gathering import GatheredColumn, chosen, made_up, named, refuse_a_flood, table_of
from simulator.data.readers.decoding import recognise
from simulator.data.readers.packed import Beginning, unpacked
from simulator.data.readers.sniffing import MOST_COLUMNS
from simulator.data.readers.stream import NotThisEncoding, TextStream
from simulator.data.table import Table
from simulator.errors import DatasetError
from simulator.progress import Progress

CHUNK = 20_000
DEEPEST = 3
"""So many names are joined by dots; what lies deeper is left out."""

_WRAPPED = re.compile(r"\s*(\[\s*[\[{]|\{\s*\")")
_BLANK = re.compile(r"[\s,]*")
_HINT = "Check it with a JSON editor, or save the table as CSV."


def recognises(beginning: Beginning) -> bool:
    """Whether a file holds objects or lists of them."""
    return not beginning.members and _WRAPPED.match(beginning.text) is not None


def read(path: Path, choices: RecipeChoices, progress: Progress) -> Table:
    """Read a JSON file.

    Parameters
    ----------
    path
        An array of records or of rows, an object of columns, an object that wraps one or several of them, or one
        record a line.
    choices
        `sheet` names one of several tables in an object.
    progress
        What is told how far the reading is.

    Raises
    ------
    DatasetError
        When it is no JSON, or holds no table.
    Cancelled
        When the job was cancelled.
    """
    with unpacked(path, progress) as file:
        head = file.read(1 << 22)
        if _is_lines(head):
            return _lines(path, progress)
        file.seek(0)
        progress.report(None, f"reading {path.name}")
        data = file.read()
    try:
        text = data.decode(json.detect_encoding(data))
    except UnicodeError as error:
        raise DatasetError("the bytes are no text", "Save it as UTF-8.", path) from error
    del data, head
    start = len(text) - len(text.lstrip())
    if start == len(text):
        raise DatasetError("the file is empty", "Give a file with records.", path)
    if text[start] == "[":
        gathered = _Records(path)
        for place, values in _elements(text, start + 1, path):
            progress.report(place / len(text), f"reading {path.name}")
            gathered.add(values)
        return gathered.table("an array of JSON")
    with _translated(path):
        value, end = _DECODER.raw_decode(text, start)
    if text[end:].strip():
        raise _broken(path, "there is more after its end", text, end)
    return _of_object(value, path, choices, progress)


def _is_lines(head: bytes) -> bool:
    """Whether a first line is a whole record, and another follows."""
    lines = (line.strip() for line in io.StringIO(head.decode(json.detect_encoding(head), "ignore")))
    first, second = itertools.islice(itertools.chain((line for line in lines if line), ("", "")), 2)
    whole = first.startswith(("{", "[")) and first.endswith(("}", "]"))
    return whole and second.startswith(("{", "["))


class _translated:  # noqa: N801 - read as a word: with _translated(path)
    """Turns what the parser raises into errors about a file."""

    def __init__(self, path: Path, line: int | None = None) -> None:
        self._path = path
        self._line = line

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, json.JSONDecodeError):
            line = error.lineno if self._line is None else self._line
            raise DatasetError(f"this is no JSON: {_lower(error.msg)}", _HINT, self._path, line) from error
        if isinstance(error, RecursionError):
            hint = "A table is a list of records."
            raise DatasetError("the JSON is nested too deep", hint, self._path, self._line) from error
        if isinstance(error, DatasetError | MemoryError) or not isinstance(error, ValueError):
            return
        raise DatasetError(f"this is no table of JSON: {error}", _HINT, self._path, self._line) from error


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _broken(path: Path, what: str, text: str, place: int) -> DatasetError:
    return DatasetError(f"this is no JSON: {what}", _HINT, path, text.count("\n", 0, place) + 1)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"a record has two values called {twice!r}")
    return found


def _integer(text: str) -> int | float:
    """Return a whole number; one of thousands of digits, which would take long, as infinite."""
    return int(text) if len(text) < 400 else float(text[:1].replace("-", "-inf") if text[0] == "-" else "inf")


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_int=_integer)


def _elements(text: str, place: int, path: Path) -> Iterator[tuple[int, list[Any]]]:
    """Yield the elements of an array in chunks, each with the place in the text that was reached."""
    values: list[Any] = []
    while True:
        match = _BLANK.match(text, place)
        before, place = place, place if match is None else match.end()
        if place >= len(text):
            raise _broken(path, "the list never ends", text, len(text))
        commas = text.count(",", before, place)
        if text[place] == "]":
            if commas:
                raise _broken(path, "a comma stands before the end of the list", text, place)
            break
        if commas != (1 if before and text[before - 1] != "[" else 0):
            raise _broken(path, "there is a comma missing, or one too many", text, place)
        with _translated(path, line=None):
            value, place = _DECODER.raw_decode(text, place)
        values.append(value)
        if len(values) == CHUNK:
            yield place, values
            values = []
    if text[place + 1 :].strip():
        raise _broken(path, "there is more after its end", text, place + 1)
    yield place, values


def _lines(path: Path, progress: Progress) -> Table:
    source, _ = recognise(path)
    gathered = _Records(path)
    values: list[Any] = []
    lines: list[int] = []
    decode = _DECODER.decode
    try:
        with TextStream(source, progress=progress) as stream:
            for number, line in enumerate(stream, start=1):
                if line.isspace():
                    continue
                with _translated(path, number):
                    values.append(decode(line))
                lines.append(number)
                if len(values) == CHUNK:
                    gathered.add(values, lines)
                    values, lines = [], []
    except NotThisEncoding as error:
        raise source.damaged() from error
    gathered.add(values, lines)
    return gathered.table("JSON lines")


class _Records:
    """Columns gathered from records or rows."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._columns: dict[str, GatheredColumn] = {}
        self._width: int | None = None
        self._rows = 0
        self._held = 0
        self._left_out: dict[str, str] = {}
        self._notes: list[str] = []
        self._lines: list[np.ndarray[Any, np.dtype[np.int64]]] = []

    def add(self, values: list[Any], lines: list[int] | None = None) -> None:
        """Append records (objects), or rows (lists) of which the first may hold names."""
        if not values:
            return
        if self._width is None and isinstance(values[0], list):
            values, lines = self._with_names(values, lines)
        if self._width is None:
            flat = [self._flat(value, row, lines) for row, value in enumerate(values)]
            new = {name: None for record in flat for name in record if name not in self._columns}
            if len(self._columns) + len(new) > MOST_COLUMNS:
                hint = f"At most {MOST_COLUMNS:,} can be read."
                raise DatasetError("the records have more names than a table can have columns", hint, self._path)
            self._held += sum(map(len, flat))
            refuse_a_flood(self._rows + len(flat), len(self._columns) + len(new), self._held, self._path)
            self._columns.update((name, GatheredColumn(self._rows)) for name in new)
            for name, column in self._columns.items():
                column.add([record.get(name) for record in flat])
        else:
            for row, value in enumerate(values):
                if not isinstance(value, list) or len(value) != self._width:
                    hint = "All rows must be lists of as many cells."
                    what = f"the row has not {self._width} cells"
                    raise DatasetError(what, hint, self._path, lines[row] if lines else None)
            for name, cells in zip(self._columns, zip(*values, strict=True), strict=True):
                self._columns[name].add([self._plain(name, cell) for cell in cells])
        self._rows += len(values)
        if lines is not None:
            self._lines.append(np.array(lines, dtype=np.int64))

    def table(self, what: str, sheets: tuple[str, ...] = (), sheet: str | None = None) -> Table:
        """Return the table of what was added."""
        notes = self._notes + [f"{name!r} {why} and is left out." for name, why in self._left_out.items()]
        columns = {name: column for name, column in self._columns.items() if name not in self._left_out}
        names, said = named(list(columns), self._path) if columns else ([], [])
        columns = dict(zip(names, columns.values(), strict=True))
        lines = np.concatenate(self._lines) if self._lines else None
        return table_of(columns, self._path, what, [*said, *notes], lines, sheets, sheet)

    def _with_names(self, values: list[Any], lines: list[int] | None) -> tuple[list[Any], list[int] | None]:
        first = values[0]
        self._width = len(first)
        body = values[1 : 1 + 100]
        texts = all(isinstance(cell, str) and not is_number(cell, ".") for cell in first) and len(set(first)) == len(
            first
        )
        others = any(not isinstance(cell, str) for row in body if isinstance(row, list) for cell in row)
        header = texts and others
        names, notes = named(first if header else made_up(len(first)), self._path, lines[0] if lines else None)
        self._notes += notes
        self._columns = {name: GatheredColumn() for name in names}
        return (values[1:], None if lines is None else lines[1:]) if header else (values, lines)

    def _flat(self, value: Any, row: int, lines: list[int] | None) -> dict[str, Any]:
        if type(value) is dict and not any(isinstance(each, dict | list) for each in value.values()):
            return value
        line = lines[row] if lines else None
        if not isinstance(value, dict):
            what = f"record {self._rows + row + 1} is no object but {_kind(value)}"
            raise DatasetError(what, "A table is a list of objects with the same names.", self._path, line)
        flat: dict[str, Any] = {}
        for name, cell in self._leaves(value, "", 1):
            if name in flat:
                raise DatasetError(f"a record has two values called {name!r}", _HINT, self._path, line)
            flat[name] = cell
        return flat

    def _leaves(self, value: Mapping[str, Any], before: str, depth: int) -> Iterator[tuple[str, Any]]:
        for key, cell in value.items():
            name = before + key
            if isinstance(cell, dict) and depth < DEEPEST:
                yield from self._leaves(cell, name + ".", depth + 1)
            else:
                yield name, self._plain(name, cell)

    def _plain(self, name: str, cell: Any) -> Any:
        if isinstance(cell, list):
            self._left_out.setdefault(name, "holds lists")
            return None
        if isinstance(cell, dict):
            self._left_out.setdefault(name, "holds objects")
            return None
        return cell


def _kind(value: Any) -> str:
    kinds = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")


def _of_object(value: Any, path: Path, choices: RecipeChoices, progress: Progress) -> Table:
    """Read an object: columns, a wrapping, or one of the shapes that pandas writes."""
    if not isinstance(value, dict):
        raise DatasetError(f"this is {_kind(value)}, not a table", "Give a list of records.", path)
    if isinstance(value.get("columns"), list) and isinstance(value.get("data"), list):
        gathered = _Records(path)  # pandas: orient="split"
        names = [cell if isinstance(cell, str) else None for cell in value["columns"]]
        return _of_rows(gathered, named(names, path)[0], value["data"], progress)
    tables = {name: each for name, each in value.items() if _is_table(each)}
    if tables:
        sheets = tuple(tables)
        sheet = chosen(choices.sheet, sheets, path, "list of records") or sheets[0]
        gathered = _Records(path)
        for part in _chunks(tables[sheet]):
            progress.report(None, f"reading {path.name}")
            gathered.add(part)
        return gathered.table("JSON", sheets if len(sheets) > 1 else (), sheet if len(sheets) > 1 else None)
    columns = {name: list(each.values()) if isinstance(each, dict) else each for name, each in value.items()}
    if columns and all(isinstance(each, list) for each in columns.values()):
        return _of_columns(value, columns, path)
    hint = 'Give a list of records, as [{...}, {...}], or an object of columns, as {"name": [...]}.'
    raise DatasetError("the JSON object holds no table", hint, path)


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict | list)


def _chunks(values: list[Any]) -> Iterable[list[Any]]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))


def _of_rows(gathered: _Records, names: list[str], rows: list[Any], progress: Progress) -> Table:
    for part in _chunks(rows):
        progress.report(None, "reading rows")
        gathered.add([dict(zip(names, row, strict=False)) if isinstance(row, list) else row for row in part])
    return gathered.table("JSON")


def _of_columns(value: Mapping[str, Any], columns: Mapping[str, list[Any]], path: Path) -> Table:
    names, notes = named(list(columns), path)
    keys = [list(each) for each in value.values() if isinstance(each, dict)]
    rows = len(next(iter(columns.values())))
    finished: dict[str, Any] = {}
    for name, cells in zip(names, columns.values(), strict=True):
        if len(cells) != rows or (keys and keys[0] != keys[-1]):
            hint = "All columns need as many cells."
            raise DatasetError(f"{name!r} has {len(cells)} cells where the first column has {rows}", hint, path)
        if any(isinstance(cell, dict | list) for cell in cells):
            notes.append(f"{name!r} holds lists or objects and is left out.")
            continue
        finished[name] = GatheredColumn()
        finished[name].add(cells)
    return table_of(finished, path, "an object of columns in JSON", notes)
