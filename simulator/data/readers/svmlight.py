"""Reads libsvm's format: a label, then the features that are not zero."""

import itertools
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.data.choices import RecipeChoices
from simulator.data.readers.beginning import Beginning
from simulator.data.readers.columns import MOST_COLUMNS, whole
from simulator.data.readers.decoding import recognise
from simulator.data.readers.gathering import table_of
from simulator.data.readers.stream import NotThisEncoding, TextStream
from simulator.data.table import Table
from simulator.errors import DatasetError
from simulator.progress import Progress

MOST_CELLS = 100_000_000
"""So many numbers a table may have once the zeros are filled in."""

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_LINE = re.compile(rf"{_NUMBER}(?:\s+qid:\d{{1,18}})?((?:\s+\d{{1,9}}:{_NUMBER})*)\s*(?:#.*)?")
_TIME = re.compile(r"(?:[01]?\d|2[0-3]):[0-5]\d")
_FIRST = 50
_MOST_OTHERS = 0.02
_HINT = "A line reads: label index:value index:value …, with rising whole indices."


def recognises(beginning: Beginning) -> bool:
    """Whether the lines are a label and features with rising indices, and some have two features.

    A text of numbers and times of day, as 7:30, is none.
    """
    held = [line for line in beginning.lines if not line.lstrip().startswith("#")]
    matches = [_LINE.fullmatch(line.strip()) for line in held]
    if not held or not all(matches[:_FIRST]) or matches.count(None) > _MOST_OTHERS * len(held):
        return False
    features = [match[1].split() for match in matches[:_FIRST] if match]
    indices = [[int(each.split(":")[0]) for each in row] for row in features]
    rising = all(row == sorted(set(row)) for row in indices) and sum(len(row) > 1 for row in indices) > 0.3 * len(
        held[:_FIRST]
    )
    return rising and not all(_TIME.fullmatch(each) for row in features for each in row)


def read(path: Path, choices: RecipeChoices, progress: Progress) -> Table:
    """Read a file of libsvm or SVMlight as a full table of the columns label, x1, x2 and so on.

    Parameters
    ----------
    path
        The file; an index 0 anywhere says that features are counted from 0, then x1 is that of index 0.
    choices
        Nothing of it is asked.
    progress
        What is told how far the reading is.

    Raises
    ------
    DatasetError
        When a line is not of the format, or the full table would have more than `MOST_CELLS` numbers.
    Cancelled
        When the job was cancelled.
    """
    source, _ = recognise(path)
    rows = _Rows(path)
    try:
        with TextStream(source, progress=progress) as stream:
            rows.read(stream)
    except NotThisEncoding as error:
        raise source.damaged() from error
    return rows.table()


def _features(cells: list[str]) -> tuple[list[int], list[float]]:
    """Return the indices and values of a row, each cell of which has one colon.

    Raises
    ------
    ValueError
        When one has not, or there is no number beside it.
    """
    if not cells:
        return [], []
    pairs = " ".join(cells)
    if pairs.count(":") != len(cells) or not all(":" in cell for cell in cells):
        raise ValueError(pairs)
    parts = pairs.replace(":", " ").split(" ")
    return list(map(int, parts[::2])), list(map(float, parts[1::2]))


class _Rows:
    """What was read: labels, and the places and values of all features."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._labels: list[float] = []
        self._queries: list[float] = []
        self._lines: list[int] = []
        self._chunks: list[tuple[NDArray[Any], NDArray[Any], NDArray[Any]]] = []
        self._highest = -1
        self._lowest = 1

    def read(self, stream: Iterable[str]) -> None:
        """Read line after line."""
        places: list[int] = []
        indices: list[int] = []
        values: list[float] = []
        for number, line in enumerate(stream, start=1):
            cells = line.split("#", 1)[0].split()
            if not cells:
                continue
            row = len(self._labels)
            try:
                self._labels.append(float(cells[0]))
                found, new = _features(self._without_query(cells[1:]))
            except (ValueError, IndexError) as error:
                raise self._refused(line, cells, number) from error
            values += new
            if any(first >= second for first, second in itertools.pairwise(found)) or min(found, default=0) < 0:
                raise DatasetError("the indices of the features do not rise", _HINT, self._path, number)
            if found:
                self._lowest, self._highest = min(self._lowest, found[0]), max(self._highest, found[-1])
            indices += found
            places += [row] * len(found)
            self._lines.append(number)
            if self._highest > MOST_COLUMNS:
                hint = f"At most {MOST_COLUMNS:,} features can be read."
                raise DatasetError(f"there is a feature {self._highest:,}", hint, self._path, number)
            if len(self._labels) * (self._highest + 2) > MOST_CELLS:
                raise self._too_large()
            if len(indices) > 200_000:
                self._keep(places, indices, values)
                places, indices, values = [], [], []
        self._keep(places, indices, values)

    def table(self) -> Table:
        """Return the full table."""
        if not self._labels:
            raise DatasetError("the file has no row", _HINT, self._path)
        first = self._lowest  # 0 or 1
        full = np.zeros((len(self._labels), max(0, self._highest - first + 1)), order="F")
        for places, indices, values in self._chunks:
            full[places, indices - first] = values
        self._chunks = []
        columns: dict[str, Any] = {"label": whole(np.array(self._labels))}
        if self._queries:
            columns["qid"] = whole(np.array(self._queries))
        columns.update((f"x{place + 1}", full[:, place]) for place in range(full.shape[1]))
        notes = [f"The features are counted from {first} in the file; what a row leaves out is 0."]
        return table_of(columns, self._path, "libsvm's format", notes, np.array(self._lines, dtype=np.int64))

    def _without_query(self, cells: list[str]) -> list[str]:
        query = cells and cells[0].startswith("qid:")
        if bool(query) != bool(self._queries) and (query or self._queries) and len(self._labels) > 1:
            raise ValueError("a row has a query and another has none")
        if query:
            self._queries.append(float(cells[0][4:]))
        return cells[1:] if query else cells

    def _keep(self, places: list[int], indices: list[int], values: list[float]) -> None:
        self._chunks.append((np.array(places, np.int64), np.array(indices, np.int64), np.array(values, np.float64)))

    def _too_large(self) -> DatasetError:
        what = (
            f"{len(self._labels):,} rows or more of {self._highest + 2:,} columns are more than {MOST_CELLS:,} numbers"
        )
        return DatasetError(what, "Give fewer rows or features; zeros are filled in here.", self._path)

    def _refused(self, line: str, cells: list[str], number: int) -> DatasetError:
        if "," in cells[0]:
            hint = "A network here has one target; keep one label a row."
            return DatasetError(f"the row has several labels, {cells[0][:40]!r}", hint, self._path, number)
        bad = next((cell for cell in cells[1:] if not re.fullmatch(rf"(qid|\d+):{_NUMBER}", cell)), cells[0])
        return DatasetError(f"{bad[:40]!r} is not of libsvm's format", _HINT, self._path, number)
