"""Writes the report of what happened on the way from a table to a data set."""

from collections import Counter
from collections.abc import Mapping

import numpy as np

from simulator.data.cells import texts
from simulator.data.guess import Guess
from simulator.data.recipe import Recipe
from simulator.data.report import MOST_LISTED, DroppedRow, Filled, Report, Stage
from simulator.data.rows import Chosen
from simulator.data.split import Rows
from simulator.data.steps import OneHot, Ordinal
from simulator.data.table import Table


def reported(
    raw: Table,
    table: Table,
    found: Guess,
    recipe: Recipe,
    chosen: Chosen,
    kinds: Mapping[str, str],
    split: tuple[Rows, Rows],
) -> Report:
    """Return the report.

    Parameters
    ----------
    raw, table
        The table as it was read, and with copies and derived columns.
    found
        What was guessed.
    chosen, kinds, split
        The used rows, the kind of every feature, and the rows for training and testing.
    """
    train_rows, test_rows = split
    counts = {name: int(holes[chosen.rows].sum()) for name, holes in chosen.holes.items()}
    filled = tuple(
        Filled(step.column, counts[step.column], step.filled)
        for step in recipe.columns
        if step.filled is not None and counts.get(step.column)
    )
    notes = (
        *table.notes,
        *found.notes,
        *recipe.choices.mistakes,
        *_holes_of_formulas(table, recipe),
        *_unknown_in_test(table, recipe, test_rows),
    )
    return Report(
        notes,
        found.ignored,
        _dropped(table, chosen),
        len(table.frame) - len(chosen.rows),
        filled,
        len(table.frame),
        len(train_rows),
        len(test_rows),
        tuple((why, len(rows)) for why, rows in chosen.reasons.items()),
        _stages(raw, table, recipe, chosen, kinds, split),
    )


def _dropped(table: Table, chosen: Chosen) -> tuple[DroppedRow, ...]:
    listed = [(int(row), why) for why, rows in chosen.reasons.items() for row in rows[:MOST_LISTED]]
    return tuple(
        DroppedRow(
            row,
            table.line(row),
            tuple(name for name, holes in chosen.holes.items() if holes[row]) if why == "missing" else (),
            why,
        )
        for row, why in sorted(listed)[:MOST_LISTED]
    )


def _holes_of_formulas(table: Table, recipe: Recipe) -> list[str]:
    said: list[str] = []
    for each in recipe.choices.derived:
        count = int(table.frame[each.name].isna().sum())
        if count:
            said.append(f"{each.name!r} = {each.formula} has no value in {count:,} of {len(table.frame):,} rows.")
    return said


def _unknown_in_test(table: Table, recipe: Recipe, test_rows: Rows) -> list[str]:
    said: list[str] = []
    for step in recipe.columns:
        if isinstance(step, OneHot | Ordinal):
            codes, names = texts(table.frame[step.column])
            present = {names[code] for code in np.unique(codes[test_rows]) if code >= 0}
            said += [
                f"{name!r} of {step.column!r} stands in test rows only and is unknown to the network."
                for name in sorted(present - set(step.categories))
            ]
    return said


def _stages(
    raw: Table,
    table: Table,
    recipe: Recipe,
    chosen: Chosen,
    kinds: Mapping[str, str],
    split: tuple[Rows, Rows],
) -> tuple[Stage, ...]:
    choices = recipe.choices
    rows, columns = table.frame.shape
    used, features = len(chosen.rows), len(kinds)
    widths = {
        group: sum(len(step.names) for step in recipe.columns if kinds[step.column] in of)
        for group, of in (("categories", ("category",)), ("numbers", ("number", "image")), ("dates", ("date", "text")))
    }
    counts = Counter(kinds.values())
    encoded = features - counts["category"] + widths["categories"]
    flags = sum(step.flag for step in recipe.columns)
    dropped = chosen.wanted - used
    missing = f"{dropped:,} rows dropped" if dropped else "nothing is missing" if not chosen.holes else "filled"
    train, test = (len(each) for each in split)
    derived = ", ".join(each.name for each in choices.derived) or "none"
    outputs = len(recipe.class_names)
    return (
        Stage("file", len(raw.frame), raw.frame.shape[1], f"{len(raw.frame):,} rows, {raw.frame.shape[1]:,} columns"),
        Stage("derived", rows, columns, derived),
        Stage("rows", chosen.wanted, columns, f"{chosen.wanted:,} of {rows:,} rows"),
        Stage("missing", used, features, missing + (f", {flags} inputs for missing" if flags else "")),
        Stage("categories", used, encoded, f"{counts['category']} columns become {widths['categories']} inputs"),
        Stage("numbers", used, encoded, f"{counts['number'] + counts['image']} numbers"),
        Stage("dates", used, recipe.inputs, f"{counts['date'] + counts['text']} become {widths['dates']} inputs"),
        Stage("target", used, recipe.inputs, f"{outputs} classes" if outputs else "a value"),
        Stage("split", used, recipe.inputs, f"{train:,} for training, {test:,} for testing"),
    )
