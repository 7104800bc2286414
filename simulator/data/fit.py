"""Fits a recipe to a table: usable rows, split, and every step on the training rows alone."""

import dataclasses

import numpy as np
from numpy.typing import NDArray

from simulator.data.cells import is_numeric, numbers, spell, texts
from simulator.data.choices import RecipeChoices
from simulator.data.guess import guess
from simulator.data.outcomes import Classes, Value
from simulator.data.profile import odd_one_out
from simulator.data.recipe import Recipe, Step, Target
from simulator.data.report import MOST_LISTED, DroppedRow, Filled, Report
from simulator.data.split import Rows, split
from simulator.data.steps import OneHot, Standardised, Unscaled
from simulator.data.table import Table
from simulator.progress import Progress

MOST_CLASSES = 1000
MOST_INPUTS = 100_000

Mask = NDArray[np.bool_]


@dataclasses.dataclass(frozen=True, eq=False)
class Fitted:
    """A recipe and the rows of the raw table that it was fitted on and is tested on."""

    recipe: Recipe
    train_rows: Rows
    test_rows: Rows
    report: Report


def fit(table: Table, choices: RecipeChoices, progress: Progress) -> Fitted:
    """Make the recipe for a table.

    Parameters
    ----------
    table
        Raw columns.
    choices
        What the user decided; the rest is guessed.
    progress
        What is told how far it is.

    Raises
    ------
    ConfigError
        When a named column is not in the table.
    DatasetError
        When no data set can be made of it.
    """
    found = guess(table, choices, progress)
    asked, choices = choices, found.choices
    target = str(choices.target)
    if asked.task is None and target not in choices.categories and not is_numeric(table.frame[target]):
        _refuse_slips(table, target)
    kinds = {name: _is_category(table, name, choices) for name in choices.features or ()}
    usable, missing = _usable(table, choices, kinds, progress)
    rows = np.flatnonzero(usable)
    classes, outcome_names = _classes(table, choices, rows) if choices.task == "classification" else (None, ())
    _check_rows(table, rows, missing)
    train, test = split(len(rows), choices.test_fraction, choices.seed, classes if choices.stratify else None)
    if classes is not None:
        train, test = _with_every_class(classes, train, test)
    train_rows, test_rows = rows[train], rows[test]
    steps: list[Step] = []
    inputs = 0
    for name, is_category in kinds.items():
        progress.report(None, "fitting the recipe")
        step = (
            _fit_category(table, name, choices, train_rows)
            if is_category
            else _fit_number(table, name, choices, train_rows)
        )
        steps.append(step)
        inputs += len(step.names)
        if inputs > MOST_INPUTS:
            hint = "Ignore the columns with many categories."
            raise table.refuse(f"there are more than {MOST_INPUTS:,} inputs", hint)
    outcome = _fit_target(table, choices, outcome_names, train_rows)
    decimal = "." if table.dialect is None else table.dialect.decimal
    recipe = Recipe(tuple(steps), outcome, choices, decimal)
    report = _report(table, found.notes, found.ignored, recipe, usable, missing, (train_rows, test_rows))
    return Fitted(recipe, train_rows, test_rows, report)


def _is_category(table: Table, name: str, choices: RecipeChoices) -> bool:
    """Whether a used column holds categories; texts that are numbers with a slip in them are refused."""
    column = table.frame[name]
    if name in choices.categories:
        return True
    if is_numeric(column):
        return False
    _refuse_slips(table, name)
    return True


def _refuse_slips(table: Table, name: str) -> None:
    codes, names = texts(table.frame[name])
    odd = odd_one_out(names)
    if odd is not None:
        hint = f"Correct the cell, ignore {name!r}, or say that it holds categories."
        row = int(np.flatnonzero(codes == names.index(odd))[0])
        raise table.refuse(f"{odd!r} in the column {name!r} is no number, the other values are", hint, row)


def _usable(
    table: Table, choices: RecipeChoices, kinds: dict[str, bool], progress: Progress
) -> tuple[Mask, dict[str, Mask]]:
    """Return which rows can be used, and for every used column that has holes, where they are."""
    missing: dict[str, Mask] = {}
    usable = np.ones(len(table.frame), dtype=bool)
    target = str(choices.target)
    for name in (*kinds, target):
        progress.report(None, "looking for missing values")
        is_category = kinds.get(name, choices.task == "classification")
        holes = _holes(table, name, is_category)
        if holes.all():
            hint = f"Leave it out: ignore {name!r}." if name in kinds else "Name another target."
            raise table.refuse(f"the column {name!r} has no values at all", hint)
        if holes.any():
            missing[name] = holes
            if choices.missing == "drop" or name == target:
                usable &= ~holes
    return usable, missing


def _holes(table: Table, name: str, is_category: bool) -> Mask:
    column = table.frame[name]
    if is_category:
        return texts(column)[0] < 0 if column.dtype.kind not in "iuf" else column.isna().to_numpy()
    values, refused = numbers(column)
    if refused is not None:
        hint = "Correct the cell, or predict a class instead of a value."
        raise table.refuse(f"{column.iloc[refused]!r} in the column {name!r} is no number", hint, refused)
    holes = np.isnan(values)
    infinite = np.flatnonzero(np.isinf(values))
    if len(infinite):
        hint = "Correct the cell, empty it, or ignore the column."
        raise table.refuse(f"the column {name!r} holds an infinite number", hint, int(infinite[0]))
    return holes


def _check_rows(table: Table, rows: Rows, missing: dict[str, Mask]) -> None:
    if len(rows) >= 2:
        return
    worst = max(missing, key=lambda name: int(missing[name].sum()), default="")
    if worst:
        hint = f"Fill missing values instead of dropping rows, or ignore {worst!r}, which misses most."
        raise table.refuse(f"{len(rows)} rows are left once those with missing values are dropped", hint)
    raise table.refuse(f"the table has only {len(rows)} row", "A data set needs at least two.")


def _classes(table: Table, choices: RecipeChoices, rows: Rows) -> tuple[Rows, tuple[str, ...]]:
    """Return the class of every usable row, and the classes in the order of their first appearance in the file."""
    target = str(choices.target)
    codes, names = texts(table.frame[target])
    used = codes[rows]
    counts = np.bincount(used, minlength=len(names))
    kept = np.flatnonzero(counts)
    if len(rows) and len(kept) == 1 and len(names) > 1:
        hint = "Fill missing values instead of dropping rows, or ignore the columns that miss most."
        raise table.refuse(f"the target {target!r} has one class only once rows with missing values are dropped", hint)
    if len(rows) and len(kept) == 1:
        hint = "A network cannot learn from one class; is another column the target?"
        raise table.refuse(f"the target {target!r} has one class only, {names[int(kept[0])]!r}", hint)
    if len(kept) > 1 and counts.max() == 1:
        hint = "Name another target, or predict a value instead of a class."
        raise table.refuse(f"the target {target!r} has a class of its own for every row", hint)
    if len(kept) > MOST_CLASSES:
        hint = f"At most {MOST_CLASSES:,} can be learnt; name another target, or predict a value."
        raise table.refuse(f"the target {target!r} has {len(kept):,} classes", hint)
    places = np.full(len(names) + 1, -1, dtype=np.int64)
    places[kept] = np.arange(len(kept))
    return places[used], tuple(names[int(place)] for place in kept)


def _with_every_class(classes: Rows, train: Rows, test: Rows) -> tuple[Rows, Rows]:
    """Move the first test row of a class that has no training row over to training (a plain split can do that)."""
    lacking = np.setdiff1d(classes[test], classes[train])
    moved = [int(test[np.flatnonzero(classes[test] == each)[0]]) for each in lacking]
    return np.sort(np.concatenate([train, np.array(moved, dtype=np.int64)])), np.setdiff1d(test, moved)


def _fit_category(table: Table, name: str, choices: RecipeChoices, train_rows: Rows) -> OneHot:
    codes, names = texts(table.frame[name])
    counts = np.bincount(codes[train_rows][codes[train_rows] >= 0], minlength=len(names))
    categories = tuple(each for each, count in zip(names, counts, strict=True) if count)
    if not categories:
        raise table.refuse(f"the column {name!r} has no values in the training rows", f"Leave it out: ignore {name!r}.")
    fill = None if choices.missing == "drop" else names[int(counts.argmax())]
    return OneHot(name, categories, fill)


def _fit_number(table: Table, name: str, choices: RecipeChoices, train_rows: Rows) -> Standardised | Unscaled:
    values = numbers(table.frame[name])[0][train_rows]
    holes = np.isnan(values)
    if holes.all():
        raise table.refuse(f"the column {name!r} has no values in the training rows", f"Leave it out: ignore {name!r}.")
    fill = None
    if choices.missing != "drop":
        fill = _fill(values[~holes], choices.missing)
        values = np.where(holes, fill, values)
    if choices.scale == "none":
        return Unscaled(name, fill)
    mean, scale = _mean_and_scale(table, name, values)
    return Standardised(name, mean, scale, fill)


def _fill(held: NDArray[np.float64], way: str) -> float:
    if way == "mean":
        return float(held.mean())
    if way == "median":
        return float(np.median(held))
    values, first, counts = np.unique(held, return_index=True, return_counts=True)
    often = np.flatnonzero(counts == counts.max())
    return float(values[often[first[often].argmin()]])


def _mean_and_scale(table: Table, name: str, values: NDArray[np.float64]) -> tuple[float, float]:
    """Return mean and standard deviation (ddof 0); a constant column has scale 1 and its very value as mean."""
    if values.min() == values.max():
        return float(values[0]), 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        mean, scale = float(values.mean()), float(values.std())
    if not (np.isfinite(mean) and np.isfinite(scale)):
        hint = "Ignore the column, or give it in a larger unit."
        raise table.refuse(f"the numbers of {name!r} are too large to be standardised", hint)
    # Values this close together differ by rounding alone.
    return (mean, scale) if scale > 10 * np.finfo(np.float64).eps * abs(mean) else (mean, 1.0)


def _fit_target(table: Table, choices: RecipeChoices, classes: tuple[str, ...], train_rows: Rows) -> Target:
    target = str(choices.target)
    if choices.task == "classification":
        return Classes(target, classes)
    values = numbers(table.frame[target])[0][train_rows]
    if values.min() == values.max() and len(values) > 1:
        hint = "There is nothing to learn; is another column the target?"
        raise table.refuse(f"the target {target!r} has one value only, {spell(float(values[0]))}", hint)
    mean, scale = (0.0, 1.0) if choices.scale == "none" else _mean_and_scale(table, target, values)
    return Value(target, mean, scale)


def _report(
    table: Table,
    notes: tuple[str, ...],
    ignored: tuple[tuple[str, str], ...],
    recipe: Recipe,
    usable: Mask,
    missing: dict[str, Mask],
    split_rows: tuple[Rows, Rows],
) -> Report:
    lost = np.flatnonzero(~usable)
    dropped = tuple(
        DroppedRow(int(row), table.line(int(row)), tuple(name for name, holes in missing.items() if holes[row]))
        for row in lost[:MOST_LISTED]
    )
    filled = tuple(
        Filled(step.column, int((missing[step.column] & usable).sum()), step.fill)
        for step in recipe.columns
        if step.fill is not None and step.column in missing
    )
    train_rows, test_rows = split_rows
    return Report(
        (*table.notes, *notes, *_unknown_in_test(table, recipe, test_rows)),
        ignored,
        dropped,
        len(lost),
        filled,
        len(table.frame),
        len(train_rows),
        len(test_rows),
    )


def _unknown_in_test(table: Table, recipe: Recipe, test_rows: Rows) -> list[str]:
    said: list[str] = []
    for step in recipe.columns:
        if isinstance(step, OneHot):
            codes, names = texts(table.frame[step.column])
            present = {names[code] for code in np.unique(codes[test_rows]) if code >= 0}
            said += [
                f"{name!r} of {step.column!r} stands in test rows only and is unknown to the network."
                for name in sorted(present - set(step.categories))
            ]
    return said
