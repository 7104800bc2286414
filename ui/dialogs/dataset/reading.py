"""The job behind the dialog: reads a source once more, and says all that the dialog shows of it. No Qt in here."""

import dataclasses
import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.data import Dataset, RecipeChoices, open_dataset, read_table
from simulator.data.catalogue import BUNDLED
from simulator.data.cells import is_numeric
from simulator.data.choices import choose
from simulator.data.guess import guess
from simulator.data.profile import MOST_CATEGORIES, profile
from simulator.data.readers.decoding import recognise
from simulator.data.readers.sniffing import sniff
from simulator.data.steps import OneHot
from simulator.data.table import Dialect
from simulator.errors import DatasetError, SimulatorError
from simulator.progress import Progress

PREVIEW_ROWS = 100
_AROUND = 2
_LONGEST = 160

Cells = NDArray[np.object_]
Source = str | Path
"""The name of a bundled set, or the path of a file."""


@dataclasses.dataclass(frozen=True)
class Column:
    """What is known of a raw column.

    Attributes
    ----------
    kind
        ``"number"``, ``"category"`` or ``"text"``.
    missing
        How many of its cells are empty.
    numeric
        Whether its cells are kept as numbers.
    codes
        Whether the user can say that it holds categories: it has numbers, or texts that are nearly all numbers.
    """

    name: str
    kind: str
    missing: int
    numeric: bool
    codes: bool


@dataclasses.dataclass(frozen=True, eq=False)
class Reading:
    """What came of reading a source: a data set, or the error; in both cases what could be seen of the table.

    Attributes
    ----------
    source
        What was read.
    dataset
        The data set; None when there is an error.
    error
        Why there is none.
    dialect
        How the file spells its table; None where that was not found out.
    choices
        The choices with the guesses filled in, as far as they could be made.
    features
        The columns that are features; None where that is not known.
    columns
        The raw columns, empty when the file could not be read as a table.
    rows
        How many rows the table has.
    head
        Its first rows: the cells of every column as they were read.
    excerpt
        The lines of the file about the one that was refused, each with its number.
    """

    source: Source
    dataset: Dataset | None
    error: SimulatorError | None
    dialect: Dialect | None
    choices: RecipeChoices
    features: frozenset[str] | None
    columns: tuple[Column, ...]
    rows: int
    head: tuple[Cells, ...]
    excerpt: tuple[tuple[int, str], ...] = ()

    def role(self, name: str) -> str:
        """Return what a column is for: ``"target"``, ``"feature"`` or ``"ignored"``."""
        if name == self.choices.target:
            return "target"
        return "feature" if self.features is None or name in self.features else "ignored"

    @property
    def shown(self) -> int:
        """How many rows `head` has."""
        return len(self.head[0]) if self.head else 0

    @property
    def headline(self) -> str:
        """What follows for the network, as "342 of 344 rows, 4 inputs, 3 classes"."""
        if self.dataset is None:
            return ""
        report, recipe = self.dataset.report, self.dataset.recipe
        used = report.train_rows + report.test_rows
        inputs = f"{recipe.inputs:,} input{'' if recipe.inputs == 1 else 's'}"
        outputs = f"{len(recipe.class_names):,} classes" if recipe.class_names else "1 value to predict"
        return f"{used:,} of {report.rows:,} rows, {inputs}, {outputs}"


def read(source: Source, choices: Mapping[str, Any], progress: Progress) -> Reading:
    """Make a data set of a source; a refusal is part of the answer, so that the table can be shown all the same.

    Parameters
    ----------
    source
        The name of a bundled set, or a path.
    choices
        What the user decided (see `RecipeChoices`).

    Raises
    ------
    Cancelled
        When the job was cancelled.
    """
    path = BUNDLED[source].path if isinstance(source, str) and source in BUNDLED else Path(source)
    dialect = _dialect(path, choices)
    try:
        dataset = open_dataset(source, progress, **choices)
    except SimulatorError as error:
        return _refused(source, path, choices, dialect, error, progress)
    columns = _columns(dataset.table, dataset.choices, dataset, progress)
    head = _head(dataset.table)
    features = frozenset(dataset.recipe.used)
    return Reading(source, dataset, None, dialect, dataset.choices, features, columns, len(dataset.table), head)


def _dialect(path: Path, choices: Mapping[str, Any]) -> Dialect | None:
    try:
        return sniff(*recognise(path), choose(choices))[0]
    except SimulatorError:
        return None  # reading it will say why


def _refused(
    source: Source,
    path: Path,
    choices: Mapping[str, Any],
    dialect: Dialect | None,
    error: SimulatorError,
    progress: Progress,
) -> Reading:
    permitted = {name: value for name, value in choices.items() if _is_permitted(name, value)}
    if len(permitted) < len(choices):  # the answers are wrong, not the table: show what the others make of it
        seen = read(source, permitted, progress)
        features = frozenset(choices["features"]) if "features" in choices else seen.features
        return dataclasses.replace(seen, dataset=None, error=error, features=features, excerpt=())
    asked = choose(choices)
    columns, rows, head = (), 0, ()
    try:
        table = read_table(path, progress, asked)
        rows, head = len(table.frame), _head(table.frame)
        columns = _columns(table.frame, asked, None, progress)
        # A column without values makes the guess fail; it counts as a feature until somebody takes it out.
        empty = tuple(each.name for each in columns if each.missing == rows and each.name != asked.target)
        ignore = dict.fromkeys((*asked.ignore, *(name for name in empty if asked.features is None)))
        found = guess(table, dataclasses.replace(asked, ignore=tuple(ignore)), progress).choices
        kept = {*(found.features or ()), *(empty if asked.features is None else ())}
        names = tuple(each.name for each in columns if each.name in kept)
        asked = dataclasses.replace(asked, target=found.target, task=found.task, features=names)
    except SimulatorError:
        pass  # what is known so far is shown
    excerpt: tuple[tuple[int, str], ...] = ()
    if isinstance(error, DatasetError) and error.line is not None:
        excerpt = _excerpt(path, error.line, progress)
    features = None if asked.features is None else frozenset(asked.features)
    return Reading(source, None, error, dialect, asked, features, columns, rows, head, excerpt)


def _is_permitted(name: str, value: Any) -> bool:
    try:
        choose({name: value})
    except SimulatorError:
        return False
    return True


def _head(frame: pd.DataFrame) -> tuple[Cells, ...]:
    first = frame.iloc[:PREVIEW_ROWS]
    return tuple(first.iloc[:, place].to_numpy(dtype=object) for place in range(first.shape[1]))


def _columns(
    frame: pd.DataFrame, choices: RecipeChoices, dataset: Dataset | None, progress: Progress
) -> tuple[Column, ...]:
    encoded = {step.column for step in dataset.recipe.columns if isinstance(step, OneHot)} if dataset else set()
    if choices.target is not None and choices.task == "classification":
        encoded.add(choices.target)
    encoded.update(choices.categories)
    found: list[Column] = []
    for place, name in enumerate(map(str, frame.columns)):
        progress.report(None, "looking at the columns")
        column = frame[name]
        numeric = is_numeric(column)
        kind, codes = "number", numeric
        if not numeric:
            seen = profile(column, place)
            is_text = seen.distinct > MOST_CATEGORIES or seen.dates or seen.distinct > max(3, 0.5 * seen.present)
            kind, codes = "text" if is_text else "category", seen.nearly_numbers is not None
        missing = int(column.isna().sum())
        found.append(Column(name, "category" if name in encoded else kind, missing, numeric, codes))
    return tuple(found)


def _excerpt(path: Path, line: int, progress: Progress) -> tuple[tuple[int, str], ...]:
    """Return the lines about one, cut off where they are long, with signs for what cannot be printed."""
    try:
        encoding = recognise(path)[0].encoding
    except SimulatorError:
        encoding = "utf-8"
    found: list[tuple[int, str]] = []
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
        with _opened(path, packed, encoding) as file:
            number = 1
            while number <= line + _AROUND and (text := file.readline(1 << 16)):
                if number % 10_000 == 0:
                    progress.report(None, f"looking for line {line:,}")
                if number >= line - _AROUND and (not found or found[-1][0] != number):
                    found.append((number, _printable(text)))
                number += text.endswith("\n")
    except (OSError, EOFError, ValueError):
        return ()
    return tuple(found)


def _opened(path: Path, packed: bool, encoding: str) -> TextIO:
    if packed:
        return gzip.open(path, "rt", encoding=encoding, errors="replace")
    return path.open(encoding=encoding, errors="replace")


def _printable(text: str) -> str:
    text = text.rstrip("\n").replace("\t", " → ")
    text = "".join(each if each.isprintable() else "␀" if each == "\0" else "�" for each in text[: _LONGEST + 1])
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
