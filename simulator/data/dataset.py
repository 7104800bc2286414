"""A data set: the raw table, the recipe that was fitted to it, and what the network sees of it."""

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.data import generators, readers
from simulator.data.catalogue import BUNDLED, bundled_at, bundled_like, nearest
from simulator.data.cells import CellError
from simulator.data.choices import RecipeChoices, choose
from simulator.data.complete import copies_of, with_copies, with_derived
from simulator.data.faults import with_label_noise
from simulator.data.fit import fit
from simulator.data.pictures import guessed_picture
from simulator.data.readers.columns import plain
from simulator.data.readers.packing import stem_of
from simulator.data.recipe import Recipe, columns_of
from simulator.data.report import Report
from simulator.data.table import Table
from simulator.errors import DatasetError
from simulator.progress import Progress

LARGE = 8_000_000
"""With more numbers than this, inputs are kept in float32 (half the memory; the engines' own format)."""

_BLOCK = 1 << 17

Floats = NDArray[np.floating[Any]]


@dataclasses.dataclass(frozen=True, eq=False)
class Dataset:
    """A table made ready for a network; all arrays are read-only.

    Attributes
    ----------
    name
        What it is called: the bundled name, or the file's name without its suffix.
    table
        The raw table with all rows and columns, copies of rows below them, derived columns at their right.
    X_train, X_test
        Inputs, (rows, inputs), float64; float32 when both together hold more than `LARGE` numbers.
    Y_train, Y_test
        Targets, (rows, outputs), of the same dtype: one-hot, or standardised values.
    train_rows, test_rows
        The rows of `table` that they come from, int64, rising.
    recipe
        What made the arrays of the table.
    report
        What was recognised, guessed, ignored, dropped and filled.
    path
        The file; None for a table from memory.
    copies
        The original row of each of the last rows of `table`, which are copies for a lesson, int64.
    noisy_rows
        The rows of `table` whose training target is another than the file's, for a lesson, int64, rising.
    """

    name: str
    table: pd.DataFrame
    X_train: Floats
    Y_train: Floats
    X_test: Floats
    Y_test: Floats
    train_rows: NDArray[np.int64]
    test_rows: NDArray[np.int64]
    recipe: Recipe
    report: Report
    path: Path | None = None
    copies: NDArray[np.int64] = dataclasses.field(default_factory=lambda: np.zeros(0, np.int64))
    noisy_rows: NDArray[np.int64] = dataclasses.field(default_factory=lambda: np.zeros(0, np.int64))

    @functools.cached_property
    def raw(self) -> pd.DataFrame:
        """The table as it was read: without copies and derived columns."""
        derived = {each.name for each in self.choices.derived}
        if not derived and not len(self.copies):
            return self.table
        kept = [place for place, name in enumerate(self.table.columns) if str(name) not in derived]
        return self.table.iloc[: len(self.table) - len(self.copies), kept]

    @functools.cached_property
    def picture(self) -> tuple[int, int] | None:
        """Height and width of the picture whose pixels the inputs are, as the recipe says or as they look; or None."""
        return self.recipe.picture or guessed_picture(self.table, self.feature_names)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of the inputs."""
        return self.recipe.feature_names

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes; none for a value."""
        return self.recipe.class_names

    @property
    def task(self) -> str:
        """``"classification"`` or ``"regression"``."""
        return self.recipe.task

    @property
    def choices(self) -> RecipeChoices:
        """The choices that it was made by, with target, task and features filled in."""
        return self.recipe.choices


def open_dataset(
    source: str | PathLike[str] | pd.DataFrame | Table, progress: Progress | None = None, **choices: Any
) -> Dataset:
    """Make a data set of a file, a bundled set or a table.

    Parameters
    ----------
    source
        The name of a bundled set (see `BUNDLED`), a generator with settings (``spirals:arms=3``), a path, or a table
        that was read already. A table with the header of a bundled set gets that set's recipe.
    progress
        What is told how far it is; it can cancel.
    **choices
        What is not to be guessed (see `RecipeChoices`).

    Returns
    -------
    Dataset

    Raises
    ------
    DatasetError
        When the file is missing or broken, or no data set can be made of it.
    ConfigError
        When a choice is unknown, refused, or names a column that does not exist.
    Cancelled
        When the job was cancelled.
    """
    progress = progress or Progress()
    asked = choose(choices)
    if isinstance(source, pd.DataFrame):
        return prepare(_of_frame(source), asked, progress)
    if isinstance(source, Table):
        # A table is read apart from its file's name, by which a bundled set without a header was known.
        known = _recognised(source, asked, choices, bundled_at(source.path))
        return prepare(*known, progress, stem_of(source.path) if source.path else "table")
    text = str(source)
    known = text.strip().lower().replace("-", "_").replace(" ", "_")
    like = known if isinstance(source, str) and known in BUNDLED else None
    if like is None and generators.names(text) and not _exists(text):
        made, shape = generators.read(text)
        usual = {name: value for name, value in generators.GENERATORS[made].choices.items() if name not in choices}
        return prepare(generators.make(made, shape), choose({**usual, **choices}), progress, made)
    path = _existing(text) if like is None else BUNDLED[like].path
    table, asked = _recognised(read_table(path, progress, asked), asked, choices, like)
    return prepare(table, asked, progress, like or stem_of(path))


def prepare(table: Table, choices: RecipeChoices, progress: Progress, name: str = "table") -> Dataset:
    """Make a data set of a table that was read.

    Parameters
    ----------
    table
        Raw columns.
    choices
        What was decided; the rest is guessed.
    progress
        What is told how far it is; it can cancel.
    name
        What the data set is called.

    Raises
    ------
    DatasetError, ConfigError, Cancelled
        As in `open_dataset`.
    """
    fitted = fit(table, choices, progress)
    rows = fitted.train_rows, fitted.test_rows
    return assemble(name, table.frame, fitted.recipe, rows, fitted.report, table.path, progress, fitted.table.frame)


def _recognised(
    table: Table, asked: RecipeChoices, given: Mapping[str, Any], like: str | None = None
) -> tuple[Table, RecipeChoices]:
    """Return a table and the choices for it; those of a bundled set where the table is one."""
    like = like or _like(table)
    if like is None:
        return table, asked
    note = f"The table is read as the bundled set {like!r}."
    return dataclasses.replace(table, notes=(*table.notes, note)), _with_recipe_of(like, asked, given)


def read_table(
    path: str | PathLike[str], progress: Progress | None = None, choices: RecipeChoices | None = None
) -> Table:
    """Read a file's raw columns without making a data set of them.

    Raises
    ------
    DatasetError
        When the file is missing or broken.
    Cancelled
        When the job was cancelled.
    """
    return readers.read(Path(path), choices or RecipeChoices(), progress or Progress())


def _exists(text: str) -> bool:
    try:
        return Path(text).expanduser().exists()
    except (OSError, ValueError):
        return False  # a name too long, or with a NUL: no such file


def _existing(text: str) -> Path:
    if _exists(text):
        return Path(text).expanduser()
    near = nearest(text, (*BUNDLED, *generators.GENERATORS))
    meant = f"Did you mean {near!r}? " if near else ""
    known = f"a bundled set: {', '.join(BUNDLED)}; or a generator: {', '.join(generators.GENERATORS)}"
    raise DatasetError("there is no such file", f"{meant}Give a path, {known}.", Path(text).expanduser())


def _like(table: Table) -> str | None:
    return bundled_like(tuple(map(str, table.frame.columns)), table.dialect is None or table.dialect.header)


def _with_recipe_of(name: str, asked: RecipeChoices, given: Mapping[str, Any]) -> RecipeChoices:
    """Return a bundled set's choices, with those that were given in their place."""
    row = BUNDLED[name]
    own = dict(row.choices)
    if asked.target not in (None, row.target):
        own["features"] = tuple(each for each in own["features"] if each != asked.target)
        del own["task"]
    if asked.ignore and "features" not in given:
        own["features"] = tuple(each for each in own["features"] if each not in asked.ignore)
    own["features"] = (*own["features"], *(each.name for each in asked.derived))
    return dataclasses.replace(asked, **{key: value for key, value in own.items() if given.get(key) is None})


def _of_frame(frame: pd.DataFrame) -> Table:
    names = [str(name) for name in frame.columns]
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise DatasetError(f"two columns are called {name!r}", "Give every column its own name.")
        seen.add(name)
    if len(names) < 2 or len(frame) < 2:
        raise DatasetError(
            f"the table has {len(frame)} rows and {len(names)} columns", "A data set needs two of each at least."
        )
    return Table(pd.DataFrame({name: _plain(frame.iloc[:, place]) for place, name in enumerate(names)}))


def _plain(column: "pd.Series[Any]") -> Any:
    """Return a column as a file would give it: numbers, or texts."""
    return column.to_numpy() if column.dtype.kind in "iuf" and isinstance(column.dtype, np.dtype) else plain(column)


def assemble(
    name: str,
    frame: pd.DataFrame,
    recipe: Recipe,
    rows: tuple[NDArray[np.int64], NDArray[np.int64]],
    report: Report,
    path: Path | None,
    progress: Progress,
    complete: pd.DataFrame | None = None,
) -> Dataset:
    """Make a data set of a raw table and the recipe that was fitted to it: the same bits each time.

    Parameters
    ----------
    frame
        The raw table, without copies and derived columns.
    rows
        The training rows and the test rows of the complete table, rising.
    name, recipe, report, path
        As in `Dataset`.
    complete
        The complete table, for who has it already.
    progress
        What is told how far it is; it can cancel.

    Raises
    ------
    DatasetError
        When the recipe does not fit the table.
    """
    choices = recipe.choices
    copies = copies_of(len(frame), choices.duplicates, choices.seed)
    if complete is None:
        complete = with_derived(with_copies(frame, copies), choices.derived, recipe.decimal)
    frame = complete
    dtype = np.dtype(np.float32 if (len(rows[0]) + len(rows[1])) * recipe.inputs > LARGE else np.float64)
    X_train, X_test = _inputs(frame, recipe, rows, dtype, progress)
    (target,) = columns_of(frame, [recipe.target])
    Y_train, Y_test = (recipe.outcome.transform(target.iloc[part], recipe.decimal) for part in rows)
    classes = recipe.task == "classification"
    Y_train, noisy = with_label_noise(Y_train, choices.label_noise, choices.seed, classes=classes)
    Y_train, Y_test, noisy_rows = Y_train.astype(dtype), Y_test.astype(dtype), rows[0][noisy]
    for array in (X_train, Y_train, X_test, Y_test, *rows, copies, noisy_rows):
        array.flags.writeable = False
    return Dataset(name, frame, X_train, Y_train, X_test, Y_test, *rows, recipe, report, path, copies, noisy_rows)


def _inputs(
    frame: pd.DataFrame, recipe: Recipe, parts: Sequence[NDArray[np.int64]], dtype: "np.dtype[Any]", progress: Progress
) -> list[Floats]:
    """Return the inputs of several lists of rising rows.

    A column at a time, a block of rows at a time: a table that just fits into memory must not be doubled in float64.
    Rows of no list are not looked at: what was left out may hold what the recipe refuses.
    """
    arrays: list[Floats] = [np.empty((len(rows), recipe.inputs), dtype=dtype) for rows in parts]
    place = 0
    for step, column in zip(recipe.columns, columns_of(frame, recipe.used), strict=True):
        progress.report(None, "preparing the inputs")
        stop = place + len(step.names)
        for array, rows in zip(arrays, parts, strict=True):
            for start in range(0, len(rows), _BLOCK):
                block = rows[start : start + _BLOCK]
                try:
                    array[start : start + len(block), place:stop] = step.transform(column.iloc[block], recipe.decimal)
                except CellError as error:
                    raise error.later(int(block[error.row]) - error.row) from error
        place = stop
    return arrays
