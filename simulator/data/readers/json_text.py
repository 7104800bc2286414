"""Reads JSON (records, rows, columns, in a wrapping or not) and JSON lines."""

import io
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from simulator.data.choices import RecipeChoices
from simulator.data.readers.beginning import Beginning
from simulator.data.readers.decoding import recognise
from simulator.data.readers.gathering import GatheredColumn, chosen, named, table_of
from simulator.data.readers.json_records import Records, kind_of
from simulator.data.readers.seekable import seekable
from simulator.data.readers.stream import NotThisEncoding, TextStream
from simulator.data.table import Table
from simulator.errors import DatasetError
from simulator.progress import Progress

CHUNK = 20_000
_FIRST = re.compile(r'[ \r\n]*(?:\[\s*(?=[\[{])|\{\s*"(?:[^"\\\n]|\\.)*"\s*:\s*)')
_PLAUSIBLE = 64
"""A text whose first so many characters are JSON is JSON, broken or not."""

_BLANK = re.compile(r"[\s,]*")
_HINT = "Check it with a JSON editor, or save the table as CSV."


def recognises(beginning: Beginning) -> bool:
    """Whether a text begins with an object or a list of such, and is no delimited one with JSON in its first cell."""
    text = beginning.text
    start = len(text) - len(text.lstrip())
    if _FIRST.match(text) is None:
        return False
    try:
        end = _DECODER.raw_decode(text, start)[1]
    except json.JSONDecodeError as error:
        return "nterminated" in error.msg or error.pos >= min(len(text.rstrip()), start + _PLAUSIBLE)
    except (ValueError, RecursionError):  # a name twice, or nested without end
        return True
    line, _, rest = text[end:].partition("\n")
    return not line.strip(" \r") and rest.lstrip()[:1] in ("", "{", "[")


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
    with seekable(path, progress) as file:
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
        gathered = Records(path)
        for place, values in _elements(text, start + 1, path):
            progress.report(place / len(text), f"reading {path.name}")
            gathered.add(values)
        return gathered.table("an array of JSON")
    with _translated(path):
        value, end = _DECODER.raw_decode(text, start)
    _refuse_more(text, end, path)
    return _of_object(value, path, choices, progress)


def _is_lines(head: bytes) -> bool:
    """Whether a first line is a whole record, and another follows."""
    lines = (line.strip() for line in io.StringIO(head.decode(json.detect_encoding(head), "ignore")))
    first, second = itertools.islice(itertools.chain((line for line in lines if line), ("", "")), 2)
    whole = first[:1] + first[-1:] in ("{}", "[]")
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


def _refuse_more(text: str, end: int, path: Path) -> None:
    rest = text[end:].lstrip()
    if rest:
        raise _broken(path, "there is more after its end", text, len(text) - len(rest))


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
    _refuse_more(text, place + 1, path)
    yield place, values


def _lines(path: Path, progress: Progress) -> Table:
    source, _ = recognise(path)
    gathered = Records(path)
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


def _of_object(value: Any, path: Path, choices: RecipeChoices, progress: Progress) -> Table:
    """Read an object: columns, a wrapping, or one of the shapes that pandas writes."""
    if not isinstance(value, dict):
        raise DatasetError(f"this is {kind_of(value)}, not a table", "Give a list of records.", path)
    if isinstance(value.get("columns"), list) and isinstance(value.get("data"), list):
        gathered = Records(path)  # pandas: orient="split"
        names = [cell if isinstance(cell, str) else None for cell in value["columns"]]
        return _of_rows(gathered, named(names, path)[0], value["data"], progress)
    tables = {name: each for name, each in value.items() if _is_table(each)}
    if tables:
        sheets = tuple(tables)
        sheet = chosen(choices.sheet, sheets, path, "list of records") or sheets[0]
        gathered = Records(path)
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


def _of_rows(gathered: Records, names: list[str], rows: list[Any], progress: Progress) -> Table:
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
