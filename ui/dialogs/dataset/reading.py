"""The job behind the dialog: makes a data set of a source, and says all that the dialog shows of it. No Qt in here."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.data import BUNDLED, Dataset, RecipeChoices, open_dataset, read_table
from simulator.data.choices import choose
from simulator.data.guess import guess
from simulator.data.readers.decoding import recognise
from simulator.data.readers.sniffing import sniff
from simulator.data.table import Dialect, Table
from simulator.errors import DatasetError, SimulatorError
from simulator.progress import Progress
from ui.dialogs.dataset.answers import SPELLING
from ui.dialogs.dataset.excerpt import excerpt
from ui.dialogs.dataset.looks import Look, Looks

PREVIEW_ROWS = 100

Cells = NDArray[np.object_]
Source = str | Path
"""The name of a bundled set, or the path of a file."""


@dataclasses.dataclass(frozen=True, eq=False)
class Raw:
    """A table as it was read, kept so that it is read once: other answers about it need no file.

    Attributes
    ----------
    key
        What it depends on: the file with its size and age, and how it was said to be spelt.
    looks
        What every column looks like.
    """

    key: tuple[Any, ...]
    table: Table
    looks: Looks


@dataclasses.dataclass(frozen=True)
class Column:
    """What is known of a column, raw or derived.

    Attributes
    ----------
    kind
        One of `simulator.data.choices.KINDS`: what it counts as now.
    guessed
        What it counts as if nobody says anything.
    missing
        How many of its cells are empty.
    numeric
        Whether its cells are kept as numbers.
    formula
        What it is derived by; empty for a column of the file.
    """

    name: str
    kind: str
    guessed: str
    missing: int
    numeric: bool
    formula: str = ""


@dataclasses.dataclass(frozen=True, eq=False)
class Reading:
    """What came of reading a source: a data set, or the error; in both cases what could be seen of the table.

    Attributes
    ----------
    source
        What was read.
    raw
        The table; None when the file could not be read as one.
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
        The columns of the file, and the derived ones; empty when the file could not be read as a table.
    frame
        Their cells.
    looks
        What they look like.
    excerpt
        The lines of the file about the one that was refused, each with its number.
    """

    source: Source
    raw: Raw | None
    dataset: Dataset | None
    error: SimulatorError | None
    dialect: Dialect | None
    choices: RecipeChoices
    features: frozenset[str] | None = None
    columns: tuple[Column, ...] = ()
    frame: pd.DataFrame = dataclasses.field(default_factory=pd.DataFrame)
    looks: Looks | None = None
    excerpt: tuple[tuple[int, str], ...] = ()

    def role(self, name: str) -> str:
        """Return what a column is for: ``"target"``, ``"feature"`` or ``"ignored"``."""
        if name == self.choices.target:
            return "target"
        return "feature" if self.features is None or name in self.features else "ignored"

    def column(self, name: str | None) -> Column | None:
        """Return the column with a name."""
        return next((each for each in self.columns if each.name == name), None)

    @property
    def rows(self) -> int:
        """How many rows the table has."""
        return len(self.frame)

    @property
    def shown(self) -> int:
        """How many of them the preview shows."""
        return min(self.rows, PREVIEW_ROWS)

    def head(self, place: int, rows: int = PREVIEW_ROWS) -> Cells:
        """Return the first cells of a column as they were read."""
        return self.frame.iloc[:rows, place].to_numpy(dtype=object)

    @property
    def headline(self) -> str:
        """What follows for the network, as "342 of 344 rows → 4 inputs → 3 outputs"."""
        if self.dataset is None:
            return ""
        report, recipe = self.dataset.report, self.dataset.recipe
        used = report.train_rows + report.test_rows
        inputs = f"{recipe.inputs:,} input{'' if recipe.inputs == 1 else 's'}"
        outputs = f"{recipe.outputs:,} output{'' if recipe.outputs == 1 else 's'}"
        return f"{used:,} of {report.rows:,} rows → {inputs} → {outputs}"


def read(source: Source, choices: Mapping[str, Any], raw: Raw | None, progress: Progress) -> Reading:
    """Make a data set of a source; a refusal is part of the answer, so that the table can be shown all the same.

    Parameters
    ----------
    source
        The name of a bundled set, or a path.
    choices
        What the user decided (see `RecipeChoices`).
    raw
        What was read before; taken if it is still what the file and the answers say.

    Raises
    ------
    Cancelled
        When the job was cancelled.
    """
    path = BUNDLED[source].path if isinstance(source, str) and source in BUNDLED else Path(source)
    try:
        asked = choose(choices)
        raw = _raw(path, asked, raw, progress)
        dataset = open_dataset(raw.table, progress, **choices)
        if isinstance(source, str):
            dataset = dataclasses.replace(dataset, name=source)
    except SimulatorError as error:
        return _refused(source, path, choices, raw, error, progress)
    return _shown(Reading(source, raw, dataset, None, raw.table.dialect, dataset.choices), progress)


def _raw(path: Path, asked: RecipeChoices, known: Raw | None, progress: Progress) -> Raw:
    """Return the table: the known one, as long as nothing that it depends on has changed."""
    key = (*_age(path), *(getattr(asked, name) for name in SPELLING))
    if known is not None and known.key == key:
        return known
    table = read_table(path, progress, asked)
    return Raw(key, table, Looks(table, progress))


def _age(path: Path) -> tuple[Any, ...]:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return (path,)
    return path, found.st_mtime_ns, found.st_size, found.st_ino


def _shown(reading: Reading, progress: Progress) -> Reading:
    """Fill in what the dialog shows of a table that became a data set."""
    dataset, raw = reading.dataset, reading.raw
    if dataset is None or raw is None:
        return reading
    return dataclasses.replace(
        reading,
        features=frozenset(dataset.recipe.used),
        columns=_columns(dataset.table, raw.looks, dataset.choices, progress),
        frame=dataset.table,
        looks=raw.looks,
    )


def _refused(
    source: Source,
    path: Path,
    choices: Mapping[str, Any],
    raw: Raw | None,
    error: SimulatorError,
    progress: Progress,
) -> Reading:
    permitted = {name: value for name, value in choices.items() if _is_permitted(name, value)}
    if len(permitted) < len(choices):  # the answers are wrong, not the table: show what the others make of it
        seen = read(source, permitted, raw, progress)
        features = frozenset(choices["features"]) if "features" in choices else seen.features
        return dataclasses.replace(seen, dataset=None, error=error, features=features, excerpt=())
    asked = choose(choices)
    lines: tuple[tuple[int, str], ...] = ()
    if isinstance(error, DatasetError) and error.line is not None:
        lines = excerpt(path, error.line, progress)
    try:
        raw = _raw(path, asked, raw, progress)
    except SimulatorError:
        return Reading(source, None, None, error, _dialect(path, asked), asked, excerpt=lines)
    frame = raw.table.frame
    columns = _columns(frame, raw.looks, asked, progress)
    # A column without values makes the guess fail; it counts as a feature until somebody takes it out.
    empty = tuple(each.name for each in columns if each.missing == len(frame) and each.name != asked.target)
    try:
        ignore = dict.fromkeys((*asked.ignore, *(name for name in empty if asked.features is None)))
        found = guess(raw.table, dataclasses.replace(asked, ignore=tuple(ignore)), progress).choices
        kept = {*(found.features or ()), *(empty if asked.features is None else ())} - set(asked.ignore)
        names = tuple(each.name for each in columns if each.name in kept)
        asked = dataclasses.replace(asked, target=found.target, task=found.task, features=names)
    except SimulatorError:
        pass  # what is known so far is shown
    features = None if asked.features is None else frozenset(asked.features)
    dialect = raw.table.dialect
    return Reading(source, raw, None, error, dialect, asked, features, columns, frame, raw.looks, lines)


def _dialect(path: Path, asked: RecipeChoices) -> Dialect | None:
    try:
        return sniff(*recognise(path), asked)[0]
    except SimulatorError:
        return None


def _is_permitted(name: str, value: Any) -> bool:
    try:
        choose({name: value})
    except SimulatorError:
        return False
    return True


def _columns(frame: pd.DataFrame, looks: Looks, choices: RecipeChoices, progress: Progress) -> tuple[Column, ...]:
    formulas = {each.name: each.formula for each in choices.derived}
    decided = {each.name: each.kind for each in choices.columns if each.kind is not None}
    encoded = set(choices.categories)
    if choices.target is not None and choices.task == "classification":
        encoded.add(choices.target)
    found: list[Column] = []
    for place, name in enumerate(map(str, frame.columns)):
        if place % 200 == 0:
            progress.report(None, "looking at the columns")
        look: Look = looks.look(place, frame)
        guessed = "category" if name in encoded else look.kind
        kind = decided.get(name, guessed)
        found.append(Column(name, kind, guessed, look.missing, look.numeric, formulas.get(name, "")))
    return tuple(found)
