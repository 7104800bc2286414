"""Fits a recipe to a table: usable rows, split, and every step on the training rows alone."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from simulator.data.cells import is_numeric, numbers, spell, texts
from simulator.data.choices import ColumnChoice, RecipeChoices
from simulator.data.complete import check_derived, copies_of, with_copies, with_derived
from simulator.data.guess import guess
from simulator.data.kinds import has_pixels, kind_of, refuse_slips
from simulator.data.outcomes import Classes, Value
from simulator.data.recipe import Recipe, Target
from simulator.data.report import Report
from simulator.data.reporting import reported
from simulator.data.rows import MISSING, Chosen, choose_rows
from simulator.data.split import (
    TEST_WORDS,
    TRAINING_WORDS,
    Rows,
    split,
    split_by_groups,
    split_by_order,
)
from simulator.data.steps import Number, Step
from simulator.data.steps.category import fit_category
from simulator.data.steps.number import fit_number, scaling_of, with_one_scaling
from simulator.data.steps.parts import fit_parts
from simulator.data.table import UNKNOWN, Table
from simulator.errors import ConfigError, DatasetError, Offer
from simulator.progress import Progress

MOST_CLASSES = 1000
MOST_INPUTS = 100_000

FITTERS: dict[str, Callable[[Table, ColumnChoice, Rows, bool], Step]] = {
    "number": fit_number,
    "image": fit_number,
    "category": fit_category,
    "date": fit_parts,
    "text": fit_parts,
}
"""What fits a step, by the kind of the column."""


@dataclasses.dataclass(frozen=True, eq=False)
class Fitted:
    """A recipe, the complete table, and the rows of it that the recipe was fitted on and is tested on."""

    recipe: Recipe
    table: Table
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
        When a named column is not in the table, or a formula makes no sense.
    DatasetError
        When no data set can be made of it.
    """
    raw = table
    table = completed(raw, choices)
    found = guess(table, choices, progress)
    asked, choices = choices, found.choices
    target = str(choices.target)
    if asked.task is None and choices.column(target).kind != "category" and not is_numeric(table.frame[target]):
        refuse_slips(table, target)
    pixels = has_pixels(choices.features or ())
    kinds = {name: kind_of(table, choices.column(name), pixels=pixels) for name in choices.features or ()}
    needed = (target, choices.split_column) if choices.split in ("column", "groups") else (target,)
    chosen = choose_rows(table, choices, kinds, tuple(str(name) for name in needed), progress)
    classes, names = _classes(table, choices, chosen) if choices.task == "classification" else (None, ())
    train, test = _split(table, choices, chosen.rows, classes)
    train_rows, test_rows = chosen.rows[train], chosen.rows[test]
    fitted_on = chosen.rows if choices.leakage else train_rows
    steps = _steps(table, choices, kinds, chosen, fitted_on, progress)
    outcome = _fit_target(table, choices, names, fitted_on)
    decimal = "." if table.dialect is None else table.dialect.decimal
    recipe = Recipe(steps, outcome, choices, decimal)
    report = reported(raw, table, found, recipe, chosen, kinds, (train_rows, test_rows))
    return Fitted(recipe, table, train_rows, test_rows, report)


def completed(table: Table, choices: RecipeChoices) -> Table:
    """Return a table with the copies and derived columns that were asked for; a copy stands on its original's line."""
    check_derived([str(name) for name in table.frame.columns], choices.derived)
    copies = copies_of(len(table.frame), choices.duplicates, choices.seed)
    decimal = "." if table.dialect is None else table.dialect.decimal
    frame = with_derived(with_copies(table.frame, copies), choices.derived, decimal)
    lines = table.lines
    if len(copies) and table.line(0) is not None:
        own = [table.line(row) for row in range(len(table.frame))]
        known = np.array([UNKNOWN if line is None else line for line in own], dtype=np.int64)
        lines = np.concatenate([known, known[copies]])
    return dataclasses.replace(table, frame=frame, lines=lines)


def _steps(
    table: Table,
    choices: RecipeChoices,
    kinds: Mapping[str, str],
    chosen: Chosen,
    rows: Rows,
    progress: Progress,
) -> tuple[Step, ...]:
    steps: list[Step] = []
    inputs = 0
    for name, kind in kinds.items():
        progress.report(None, "fitting the recipe")
        choice = dataclasses.replace(choices.column(name), kind=kind)
        flag = bool(choice.flag_missing) and choice.missing != "drop" and name in chosen.holes
        step = FITTERS[kind](table, choice, rows, flag)
        steps.append(step)
        inputs += len(step.names)
        if inputs > MOST_INPUTS:
            hint = "Ignore the columns with many categories."
            raise table.refuse(f"there are more than {MOST_INPUTS:,} inputs", hint)
    pixels = [step for step in steps if isinstance(step, Number) and step.pixel]
    way = "none" if choices.unscaled else choices.scale
    together = {step.column: step for step in with_one_scaling(table, pixels, rows, way)}
    return tuple(together.get(step.column, step) for step in steps)


def _split(table: Table, choices: RecipeChoices, rows: Rows, classes: Rows | None) -> tuple[Rows, Rows]:
    """Return the places among the used rows that are for training and for testing."""
    if choices.split == "order":
        train, test = split_by_order(len(rows), choices.test_fraction)
    elif choices.split == "column":
        train, test = _by_column(table, str(choices.split_column), rows)
    elif choices.split == "groups":
        train, test = _by_groups(table, choices, rows)
    else:
        train, test = split(len(rows), choices.test_fraction, choices.seed, classes if choices.stratify else None)
        if classes is not None:
            return _with_every_class(classes, train, test)
    if classes is not None:
        _check_classes(table, choices, classes, train)
    return train, test


def _by_column(table: Table, name: str, rows: Rows) -> tuple[Rows, Rows]:
    codes, names = texts(table.frame[name])
    mine = codes[rows]
    for place, text in enumerate(names):
        if text.strip().lower() not in TEST_WORDS | TRAINING_WORDS and (mine == place).any():
            hint = "Write train and test, or split by groups of equal values instead."
            row = int(rows[np.flatnonzero(mine == place)[0]])
            offers = (Offer("Split by groups", {"split": "groups", "split_column": name}),)
            raise table.refuse(f"{text!r} in the column {name!r} says neither train nor test", hint, row, offers)
    test = np.isin(mine, [place for place, text in enumerate(names) if text.strip().lower() in TEST_WORDS])
    if test.all():
        raise table.refuse(f"the column {name!r} leaves no row for training", "Write train in some rows.")
    return np.flatnonzero(~test), np.flatnonzero(test)


def _by_groups(table: Table, choices: RecipeChoices, rows: Rows) -> tuple[Rows, Rows]:
    name = str(choices.split_column)
    groups = np.unique(texts(table.frame[name])[0][rows], return_inverse=True)[1].astype(np.int64)
    if groups.max() == 0:
        raise table.refuse(f"the column {name!r} has one group only", "Split at random, or by another column.")
    return split_by_groups(groups, choices.test_fraction, choices.seed)


def _check_classes(table: Table, choices: RecipeChoices, classes: Rows, train: Rows) -> None:
    lacking = np.setdiff1d(classes, classes[train])
    if len(lacking):
        row = int(np.flatnonzero(classes == lacking[0])[0])
        hint = "Split at random, so that every class is trained."
        offers = (Offer("Split at random", {"split": "random"}),)
        name = texts(table.frame[str(choices.target)].iloc[[row]])[1]
        raise table.refuse(f"a class has no row for training in this split ({', '.join(name)})", hint, None, offers)


def _classes(table: Table, choices: RecipeChoices, chosen: Chosen) -> tuple[Rows, tuple[str, ...]]:
    """Return the class of every usable row, and the classes in the order that was asked for, then that of the file."""
    target = str(choices.target)
    codes, names = texts(table.frame[target])
    used = codes[chosen.rows]
    counts = np.bincount(used, minlength=len(names))
    kept = np.flatnonzero(counts)
    if len(kept) == 1 and len(names) > 1:
        lost = codes[chosen.reasons.get(MISSING, chosen.rows)]
        raise _one_class_is_left(table, target, bool(np.setdiff1d(lost, np.append(kept, -1)).size))
    _check_target(table, target, names, counts, kept)
    unknown = [name for name in choices.class_order if name not in names]
    if unknown:
        raise ConfigError(f"the target has no class {unknown[0]!r}", f"It has {', '.join(names[:20])}.")
    order = [names.index(name) for name in choices.class_order]
    kept = np.array([*(place for place in order if counts[place]), *(place for place in kept if place not in order)])
    places = np.full(len(names) + 1, -1, dtype=np.int64)
    places[kept] = np.arange(len(kept))
    return places[used], tuple(names[int(place)] for place in kept)


def _one_class_is_left(table: Table, target: str, missing: bool) -> DatasetError:
    """Return the refusal of a target whose other classes are lost, for missing values or for the condition."""
    if not missing:
        message = f"the target {target!r} has one class only among the rows that are wanted"
        return table.refuse(message, "Loosen the condition, or use more rows.")
    hint = "Fill missing values instead of dropping rows, or ignore the columns that miss most."
    offers = (Offer("Fill missing values", {"missing": "median"}),)
    message = f"the target {target!r} has one class only once rows with missing values are dropped"
    return table.refuse(message, hint, None, offers)


def _check_target(table: Table, target: str, names: tuple[str, ...], counts: Any, kept: Rows) -> None:
    if len(kept) == 1:
        hint = "A network cannot learn from one class; is another column the target?"
        raise table.refuse(f"the target {target!r} has one class only, {names[int(kept[0])]!r}", hint)
    if counts.max() == 1:
        hint = "Name another target, or predict a value instead of a class."
        numeric = numbers(table.frame[target])[1] is None
        offers = (Offer("Predict a value", {"task": "regression"}),) if numeric else ()
        raise table.refuse(f"the target {target!r} has a class of its own for every row", hint, None, offers)
    if len(kept) > MOST_CLASSES:
        hint = f"At most {MOST_CLASSES:,} can be learnt; name another target, or predict a value."
        raise table.refuse(f"the target {target!r} has {len(kept):,} classes", hint)


def _with_every_class(classes: Rows, train: Rows, test: Rows) -> tuple[Rows, Rows]:
    """Move the first test row of a class that has no training row over to training (a plain split can do that)."""
    lacking = np.setdiff1d(classes[test], classes[train])
    moved = [int(test[np.flatnonzero(classes[test] == each)[0]]) for each in lacking]
    return np.sort(np.concatenate([train, np.array(moved, dtype=np.int64)])), np.setdiff1d(test, moved)


def _fit_target(table: Table, choices: RecipeChoices, classes: tuple[str, ...], rows: Rows) -> Target:
    target = str(choices.target)
    if choices.task == "classification":
        return Classes(target, classes)
    values = numbers(table.frame[target])[0][rows]
    if values.min() == values.max() and len(values) > 1:
        hint = "There is nothing to learn; is another column the target?"
        raise table.refuse(f"the target {target!r} has one value only, {spell(float(values[0]))}", hint)
    if choices.target_log:
        low = np.flatnonzero(values <= -1.0)
        if len(low):
            row = int(rows[low[0]])
            hint = "Learn the value itself instead of its logarithm."
            offers = (Offer("Learn the value itself", {"target_log": False}),)
            raise table.refuse(f"ln(1 + y) needs y > −1, and {target!r} is {values[low[0]]:g}", hint, row, offers)
        values = np.log1p(values)
    if choices.unscaled or choices.scale == "none":
        return Value(target, 0.0, 1.0, choices.target_log)
    scaling = scaling_of(table, target, values, "standardise")
    return Value(target, scaling.centre, scaling.scale, choices.target_log)
