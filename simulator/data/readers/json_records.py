"""From records and rows of JSON to columns: nested objects are flattened, what is missing in some is filled in."""

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from simulator.data.cells import is_number
from simulator.data.readers.columns import MOST_COLUMNS, made_up
from simulator.data.readers.gathering import GatheredColumn, named, refuse_a_flood, table_of
from simulator.data.table import Table
from simulator.errors import DatasetError

DEEPEST = 3
"""So many names are joined by dots; what lies deeper is left out."""

_NESTED = frozenset((dict, list))


class Records:
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
            new = [name for name in dict.fromkeys(itertools.chain.from_iterable(flat)) if name not in self._columns]
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
                plain = _NESTED.isdisjoint(map(type, cells))
                self._columns[name].add(cells if plain else [self._plain(name, cell) for cell in cells])
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
        texts = all(isinstance(cell, str) and not is_number(cell, ".") for cell in first)
        others = any(not isinstance(cell, str) for row in body if isinstance(row, list) for cell in row)
        header = texts and others and len(set(first)) == len(first)
        names, notes = named(first if header else made_up(len(first)), self._path, lines[0] if lines else None)
        self._notes += notes
        self._columns = {name: GatheredColumn() for name in names}
        return (values[1:], None if lines is None else lines[1:]) if header else (values, lines)

    def _flat(self, value: Any, row: int, lines: list[int] | None) -> dict[str, Any]:
        if type(value) is dict and _NESTED.isdisjoint(map(type, value.values())):
            return value
        line = lines[row] if lines else None
        if not isinstance(value, dict):
            what = f"record {self._rows + row + 1} is no object but {kind_of(value)}"
            raise DatasetError(what, "A table is a list of objects with the same names.", self._path, line)
        flat: dict[str, Any] = {}
        for name, cell in self._leaves(value, "", 1):
            if name in flat:
                raise DatasetError(
                    f"a record has two values called {name!r}",
                    "Give every value of a record its own name.",
                    self._path,
                    line,
                )
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


def kind_of(value: Any) -> str:
    """Return what a value of JSON is, in words."""
    kinds = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")
