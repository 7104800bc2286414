"""Reads ARFF, the format of Weka: a header that declares every attribute, then rows, dense or sparse."""

import dataclasses
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from simulator.data.cells import number
from simulator.data.choices import RecipeChoices
from simulator.data.readers.beginning import Beginning
from simulator.data.readers.columns import EXACT
from simulator.data.readers.decoding import recognise
from simulator.data.readers.gathering import GatheredColumn, named, refuse_a_flood, table_of
from simulator.data.readers.stream import NotThisEncoding, TextStream
from simulator.data.table import Table
from simulator.errors import DatasetError
from simulator.progress import Progress

CHUNK = 10_000
LONGEST_NUMBER = 1000

_COMMENTS = r"\s*+(?:%[^\n]*+\n\s*+)*+"
_RELATION = re.compile(rf"{_COMMENTS}@relation\s[^\n]*+{_COMMENTS}@(?:attribute|data)\s", re.IGNORECASE)
_CELL = re.compile(r"""[ \t]*+(?:'((?:[^'\\]|\\.)*+)'|"((?:[^"\\]|\\.)*+)"|([^,'"\s][^,]*+)|)[ \t]*+(?:(,)|$)""")
_BLANKS = re.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(\S+)""")
_ENTRY = re.compile(r"""\s*+(\d{1,9})\s++(?:'((?:[^'\\]|\\.)*+)'|"((?:[^"\\]|\\.)*+)"|([^,'"\s][^,]*+))\s*+(?:,|$)""")
_ATTRIBUTE = re.compile(r"""@attribute\s+(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^\s{]+))\s*(.*)""", re.IGNORECASE)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_NUMERIC = ("numeric", "real", "integer")
_HINT = "See the description of ARFF, or save the table as CSV."
_SHOWN = 12
_WHOLE_SIGNS = frozenset("0123456789+-")
_SIGNS = _WHOLE_SIGNS | frozenset(".eE")
_PLAIN_LENGTH = 15


@dataclasses.dataclass(frozen=True)
class _Attribute:
    """A declared column: its kind, and its categories in their order where it has some."""

    name: str
    kind: str
    categories: dict[str, str]

    @property
    def omitted(self) -> object:
        """What a sparse row means by leaving it out."""
        if self.kind == "nominal":
            return next(iter(self.categories), None)
        return 0 if self.kind in _NUMERIC else None


def recognises(beginning: Beginning) -> bool:
    """Whether a text begins with the name of a relation and an attribute, comments before them or not."""
    return _RELATION.match(beginning.text) is not None


def read(path: Path, choices: RecipeChoices, progress: Progress) -> Table:
    """Read an ARFF file.

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
        When it is not of the format; with the line.
    Cancelled
        When the job was cancelled.
    """
    source, _ = recognise(path)
    try:
        with TextStream(source, progress=progress) as stream:
            lines = enumerate(stream, start=1)
            attributes, notes = _declared(lines, path)
            return _Rows(attributes, path).read(lines).table(notes)
    except NotThisEncoding as error:
        raise source.damaged() from error


def _declared(lines: Iterable[tuple[int, str]], path: Path) -> tuple[list[_Attribute], list[str]]:
    """Read the header up to the line @data."""
    attributes: list[_Attribute] = []
    number = 0
    for number, raw in lines:
        line = raw.strip().removeprefix("\ufeff")
        word = line.split(None, 1)[0].lower() if line else ""
        if word == "@attribute":
            attributes.append(_attribute(line, number, path))
        elif word == "@data":
            names, notes = named([each.name for each in attributes], path, number)
            attributes = [dataclasses.replace(each, name=name) for each, name in zip(attributes, names, strict=True)]
            return attributes, notes + [_order(each) for each in attributes if each.kind == "nominal"]
        elif word not in ("", "@relation") and not line.startswith("%"):
            raise DatasetError(f"{line[:40]!r} has no place in the header", _HINT, path, number)
    raise DatasetError("there is no line @data", _HINT, path, number or None)


def _order(attribute: _Attribute) -> str:
    shown = ", ".join(list(attribute.categories)[:_SHOWN])
    more = len(attribute.categories) - _SHOWN
    return f"{attribute.name!r} is declared with the categories {shown}{f' and {more} more' if more > 0 else ''}."


def _attribute(line: str, place: int, path: Path) -> _Attribute:
    match = _ATTRIBUTE.fullmatch(line)
    if match is None:
        raise DatasetError("an attribute has no name or kind", _HINT, path, place)
    name, kind = _text(match, 1), match[4].strip()
    if kind.startswith("{"):
        inside = kind[1:].split("}")[0] if "'" not in kind and '"' not in kind else kind[1 : kind.rfind("}")]
        cells = _cells(inside) if "}" in kind else None
        if not cells or None in cells:
            raise DatasetError(f"the categories of {name!r} cannot be read", _HINT, path, place)
        return _Attribute(name, "nominal", {str(cell): str(cell) for cell in cells})
    word = kind.split(None, 1)[0].lower() if kind else ""
    if word in (*_NUMERIC, "string", "date"):
        return _Attribute(name, word, {})
    hint = "Attributes are numeric, integer, real, string, date or {a list of categories}."
    raise DatasetError(f"{name!r} is of the kind {kind[:40]!r}", hint, path, place)


class _Rows:
    """The rows under @data."""

    def __init__(self, attributes: list[_Attribute], path: Path) -> None:
        self._attributes = attributes
        self._path = path
        self._columns = {each.name: GatheredColumn() for each in attributes}
        self._lines: list[int] = []
        self._held = 0

    def read(self, lines: Iterable[tuple[int, str]]) -> "_Rows":
        """Read all that is left."""
        rows: list[list[Any] | dict[int, Any]] = []
        kept = 0
        for place, raw in lines:
            line = raw.strip()
            if not line or line.startswith("%"):
                continue
            rows.append(self._sparse(line, place) if line.startswith("{") else self._dense(line, place))
            self._lines.append(place)
            if self._held - kept > 100 * CHUNK or len(rows) == CHUNK:
                self._keep(rows)
                rows, kept = [], self._held
        self._keep(rows)
        return self

    def table(self, notes: list[str]) -> Table:
        """Return the table."""
        return table_of(self._columns, self._path, "an ARFF file", notes, np.array(self._lines, dtype=np.int64))

    def _dense(self, line: str, place: int) -> list[Any]:
        line = _without_weight(line)
        if "'" in line or '"' in line or "," not in line:
            cells = _cells(line)
        else:
            cells = [None if cell == "?" else cell for cell in map(str.strip, line.split(","))]
        width = len(self._attributes)
        if cells is None:
            raise DatasetError("a quotation mark is opened and not closed", _HINT, self._path, place)
        if len(cells) != width:
            what = f"the row has {len(cells)} cells where there are {width} attributes"
            raise DatasetError(what, _HINT, self._path, place)
        self._held += width
        return cells

    def _sparse(self, line: str, place: int) -> dict[int, Any]:
        inside = _without_weight(line).removeprefix("{").removesuffix("}").strip()
        row: dict[int, Any] = {}
        last, at = -1, 0
        while at < len(inside):
            match = _ENTRY.match(inside, at)
            if match is None or not last < int(match[1]) < len(self._attributes):
                hint = "A sparse row reads {index value, index value}, with rising indices from 0."
                raise DatasetError(f"{inside[at:][:40]!r} is no entry of a sparse row", hint, self._path, place)
            last, at = int(match[1]), match.end()
            row[last] = None if (match[4] or "").strip() == "?" else _text(match, 2)
        self._held += len(row)
        return row

    def _keep(self, rows: list[list[Any] | dict[int, Any]]) -> None:
        if not rows:
            return
        refuse_a_flood(len(self._lines), len(self._attributes), self._held, self._path)
        first = len(self._lines) - len(rows)
        if all(isinstance(row, list) for row in rows):
            for attribute, cells in zip(self._attributes, zip(*rows, strict=True), strict=True):
                values = _numbers(cells) if attribute.kind in _NUMERIC else None
                where = range(first, first + len(rows))
                self._columns[attribute.name].add(values or list(self._checked(attribute, cells, where)))
        else:
            self._keep_sparse(rows, first)

    def _keep_sparse(self, rows: list[list[Any] | dict[int, Any]], first: int) -> None:
        entries: list[list[tuple[int, Any]]] = [[] for _ in self._attributes]
        for place, row in enumerate(rows):
            for index, cell in row.items() if isinstance(row, dict) else enumerate(row):
                entries[index].append((place, cell))
        for attribute, held in zip(self._attributes, entries, strict=True):
            column = self._columns[attribute.name]
            checked = list(self._checked(attribute, [cell for _, cell in held], [first + place for place, _ in held]))
            if not held:
                column.add_repeated(attribute.omitted, len(rows))
            elif len(held) == len(rows):
                column.add(checked)
            else:
                cells = [attribute.omitted] * len(rows)
                for (place, _), cell in zip(held, checked, strict=True):
                    cells[place] = cell
                column.add(cells)

    def _checked(self, attribute: _Attribute, cells: Sequence[Any], rows: Sequence[int]) -> Iterator[object]:
        """Yield what the cells of some rows hold, as it was declared."""
        for row, cell in zip(rows, cells, strict=True):
            if cell is None or attribute.kind in ("string", "date"):
                yield cell
            elif attribute.kind == "nominal":
                if cell not in attribute.categories:
                    what = f"{cell[:40]!r} is not among the categories of {attribute.name!r}"
                    raise DatasetError(what, "Declare it in the header.", self._path, self._lines[row])
                yield cell
            else:
                value = number(cell) if len(cell) < LONGEST_NUMBER else None
                if value is None:
                    what = f"{cell[:40]!r} is no number, which {attribute.name!r} is declared to be"
                    raise DatasetError(what, _HINT, self._path, self._lines[row])
                yield int(value) if cell.lstrip("+-").isdecimal() and abs(value) < EXACT else value


def _numbers(cells: Sequence[str | None]) -> list[float] | None:
    """Return the numbers of plain cells at once; None where one of them has to be looked at."""
    signs = set("".join(cell for cell in cells if cell is not None))
    if not signs <= _SIGNS or max((len(cell) for cell in cells if cell is not None), default=0) > _PLAIN_LENGTH:
        return None
    try:
        if signs <= _WHOLE_SIGNS and None not in cells:
            return [int(cell or 0) for cell in cells]
        return [math.nan if cell is None else float(cell) for cell in cells]
    except ValueError:
        return None


def _cells(text: str) -> list[str | None] | None:
    """Return the cells between commas, or between blanks where there are none; None where quotes are open."""
    found: list[str | None] = []
    if "," not in text:
        if text.count("'") % 2 and "\\'" not in text:
            return None
        return [None if each[3] == "?" else _text(each, 1) for each in _BLANKS.finditer(text)]
    at = 0
    while True:
        match = _CELL.match(text, at)
        if match is None:
            return None
        found.append(None if (match[3] or "").strip() == "?" or not match[0].strip(" ,\t") else _text(match, 1))
        at = match.end()
        if not match[4]:
            return found


def _without_weight(line: str) -> str:
    """Return a row without the weight, as {0.5}, that may stand behind it."""
    place = line.rfind("{")
    if place < 1 or not line.endswith("}") or number(line[place + 1 : -1]) is None:
        return line
    return line[:place].rstrip().removesuffix(",").rstrip()


def _text(match: "re.Match[str]", first: int) -> str:
    """Return the one of three groups that matched: within ', within " or bare."""
    quoted = match[first] if match[first] is not None else match[first + 1]
    if quoted is None:
        return (match[first + 2] or "").strip()
    return _ESCAPE.sub(
        lambda each: chr(int(each[1][1:], 16)) if len(each[1]) > 1 else _ESCAPES.get(each[1], each[1]), quoted
    )
