"""What a stage of the recipe does to one column: its values before and after, the first cells, a formula. No Qt here."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.data import Dataset
from simulator.data.recipe import Step
from ui.dialogs.dataset.portraits import MOST_BARS, Portrait, of_numbers, portrait, short
from ui.dialogs.dataset.preview_model import cell_text
from ui.dialogs.dataset.reading import Column, Reading

SAMPLE = 5_000
"""As many rows, evenly chosen, are put through a stage to see what it does."""
CELLS = 5
_MOST_NUMBERS = 6

Rows = NDArray[np.int64]


@dataclasses.dataclass(frozen=True)
class Effect:
    """What a stage does to a column.

    Attributes
    ----------
    title
        Whose values these are.
    said
        What is done to a value, as "(x − 43.9) / 5.46"; empty where that cannot be said in a line.
    role
        What the column is for.
    captions
        What the values before and after are.
    before, after
        How they are spread; no `after` where the stage makes nothing of the column.
    cells
        The first values before and after.
    """

    title: str
    said: str
    role: str
    captions: tuple[str, str]
    before: Portrait | None
    after: Portrait | None = None
    cells: tuple[tuple[str, str], ...] = ()


def effect(stage: str, reading: Reading, name: str | None) -> Effect | None:
    """Return what a stage does to a column; None where there is nothing to see."""
    if stage == "target":
        name = reading.choices.target
    column = reading.column(name)
    found = EFFECTS.get(stage)
    return None if column is None or found is None else found(reading, column)


def step_of(dataset: Dataset | None, name: str) -> Step | None:
    """Return the step that makes inputs of a column; None for one that is no feature."""
    if dataset is None:
        return None
    return next((step for step in dataset.recipe.columns if step.column == name), None)


def _file(reading: Reading, column: Column) -> Effect:
    place = [each.name for each in reading.columns].index(column.name)
    looks = reading.looks
    categories = not column.numeric or column.kind == "category"
    shown = looks.portrait(place, reading.frame, categories=categories) if looks is not None else None
    cells = tuple((cell_text(cell), "") for cell in reading.head(place, CELLS))
    said = column.formula or (f"read as {column.kind}" if column.numeric else "read as texts")
    return Effect(column.name, said, reading.role(column.name), ("in the table", ""), shown, cells=cells)


def _missing(reading: Reading, column: Column) -> Effect:
    before = _file(reading, column)
    dataset, step = reading.dataset, step_of(reading.dataset, column.name)
    if dataset is None or (step is None and column.name != reading.choices.target):
        return before
    rows = _used(dataset)
    fill = getattr(step, "fill", None)
    if fill is None:
        after = _portrait(reading, column, rows)
        said = "rows without a value are not used" if column.missing else "no cell is empty"
        return dataclasses.replace(before, said=said, captions=("in the table", "used"), after=after, cells=())
    values = _values(reading, column, rows)
    after = (
        of_numbers(np.where(np.isnan(values), fill, values).astype(np.float64))
        if isinstance(fill, float | int)
        else portrait(reading.frame[column.name].iloc[rows].fillna(fill))
    )
    shown = short(fill) if isinstance(fill, float | int) else fill
    places = [place for place in range(min(reading.rows, SAMPLE)) if _is_empty(reading, column, place)][:CELLS]
    cells = tuple((f"– (row {place + 1:,})", shown) for place in places)
    said = f"an empty cell becomes {shown}"
    return dataclasses.replace(before, said=said, captions=("in the table", "filled"), after=after, cells=cells)


def _inputs(reading: Reading, column: Column) -> Effect | None:
    """What categories, numbers, dates and texts become: the inputs of the network."""
    dataset, step = reading.dataset, step_of(reading.dataset, column.name)
    if dataset is None or step is None:
        return None
    rows = _used(dataset)
    inputs = step.transform(reading.frame[column.name].iloc[rows], dataset.recipe.decimal)
    first = rows[:CELLS]
    raw = reading.frame[column.name].iloc[first].to_numpy(dtype=object)
    cells = tuple((cell_text(cell), _numbers(row)) for cell, row in zip(raw, inputs[:CELLS], strict=True))
    many = inputs.shape[1]
    caption = "the input" if many == 1 else f"{many:,} inputs"
    after = of_numbers(inputs[:, 0]) if many == 1 else _shares(inputs, _short_names(step))
    before = _portrait(reading, column, rows)
    return Effect(column.name, formula(step), "feature", ("used values", caption), before, after, cells)


def formula(step: Any) -> str:
    """Return what a fitted step does to a value."""
    return str(getattr(step, "formula", ""))


def _target(reading: Reading, column: Column) -> Effect:
    dataset = reading.dataset
    if dataset is None:
        return dataclasses.replace(_file(reading, column), said="")
    rows = _used(dataset)
    outcome = dataset.recipe.outcome
    outputs = outcome.transform(reading.frame[column.name].iloc[rows], dataset.recipe.decimal)
    raw = reading.frame[column.name].iloc[rows[:CELLS]].to_numpy(dtype=object)
    cells = tuple((cell_text(cell), _numbers(row)) for cell, row in zip(raw, outputs[:CELLS], strict=True))
    classes = dataset.class_names
    after = _shares(outputs, classes) if classes else of_numbers(outputs[:, 0])
    before = _portrait(reading, column, rows)
    said = "an output for every class: 1 for its own, else 0" if classes else formula(outcome)
    caption = f"{len(classes):,} outputs" if classes else "the output"
    return Effect(column.name, said, "target", ("used values", caption), before, after, cells)


def _split(reading: Reading, column: Column) -> Effect | None:
    dataset = reading.dataset
    if dataset is None:
        return None
    train, test = dataset.train_rows, dataset.test_rows
    captions = (f"{len(train):,} for training", f"{len(test):,} for testing")
    both = [_portrait(reading, column, _some(rows)) for rows in (train, test)]
    return Effect(column.name, "", reading.role(column.name), captions, *both)


EFFECTS: dict[str, Callable[[Reading, Column], Effect | None]] = {
    "file": _file,
    "derived": _file,
    "missing": _missing,
    "categories": _inputs,
    "numbers": _inputs,
    "dates": _inputs,
    "target": _target,
    "split": _split,
}
"""What is shown of a column at every stage."""


def _used(dataset: Dataset) -> Rows:
    return _some(np.unique(np.concatenate([dataset.train_rows, dataset.test_rows])))


def _some(rows: Rows) -> Rows:
    return rows if len(rows) <= SAMPLE else rows[np.linspace(0, len(rows) - 1, SAMPLE).astype(np.int64)]


def _portrait(reading: Reading, column: Column, rows: Rows) -> Portrait:
    categories = not column.numeric or column.kind == "category"
    return portrait(reading.frame[column.name].iloc[rows], categories=categories)


def _values(reading: Reading, column: Column, rows: Rows) -> NDArray[Any]:
    cells = reading.frame[column.name].iloc[rows]
    return cells.to_numpy(dtype=np.float64, na_value=np.nan) if column.numeric else cells.to_numpy(dtype=object)


def _is_empty(reading: Reading, column: Column, row: int) -> bool:
    cell = reading.frame[column.name].iloc[row]
    return cell is None or cell != cell


def _shares(inputs: NDArray[np.float64], names: tuple[str, ...]) -> Portrait:
    """Return how often each of several inputs is 1."""
    counts = np.nansum(inputs, axis=0)[:MOST_BARS]
    kept = np.maximum(counts, 0)
    return Portrait(
        tuple(round(float(count)) for count in kept), names[:MOST_BARS], others=max(0, len(names) - MOST_BARS)
    )


def _short_names(step: Step) -> tuple[str, ...]:
    prefix = f"{step.column}="
    return tuple(name.removeprefix(prefix) for name in step.names)


def _numbers(row: NDArray[np.float64]) -> str:
    shown = "  ".join(short(float(value), 3) for value in row[:_MOST_NUMBERS])
    return shown + ("  …" if len(row) > _MOST_NUMBERS else "")
