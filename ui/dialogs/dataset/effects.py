"""What a stage of the recipe does to a column: its values before and after, the first cells, a formula. No Qt here."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.data import Dataset
from simulator.data.steps import OneHot, Step
from ui.dialogs.dataset.portraits import MOST_BARS, Portrait, of_numbers, portrait, short
from ui.dialogs.dataset.preview_model import cell_text
from ui.dialogs.dataset.reading import Column, Reading

SAMPLE = 5_000
"""As many rows, evenly chosen, are put through a stage to see what it does."""
CELLS = 5
_MOST_NUMBERS = 6
_MOST_RULES = 6

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
    follows
        Whether `after` comes of `before`; else they stand side by side.
    """

    title: str
    said: str
    role: str
    captions: tuple[str, str]
    before: Portrait | None
    after: Portrait | None = None
    cells: tuple[tuple[str, str], ...] = ()
    follows: bool = True


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
    shown = looks.portrait(place, reading.frame, column.kind) if looks is not None else None
    spell = short if column.formula and column.numeric else cell_text
    cells = tuple((spell(cell), "") for cell in reading.head(place, CELLS))
    said = column.formula or (f"read as {column.kind}" if column.numeric else "read as texts")
    return Effect(column.name, said, reading.role(column.name), ("in the table", ""), shown, cells=cells)


def _missing(reading: Reading, column: Column) -> Effect:
    before = _file(reading, column)
    dataset, step = reading.dataset, step_of(reading.dataset, column.name)
    if dataset is None or (step is None and column.name != reading.choices.target):
        return before
    rows = _used(dataset)
    fill = None if step is None else step.filled
    if fill is None:
        after = _portrait(reading, column, rows)
        said = "rows without a value are not used" if column.missing else "no cell is empty"
        return dataclasses.replace(before, said=said, captions=("in the table", "used"), after=after, cells=())
    values = _values(reading, column, rows)
    after = (
        of_numbers(np.where(np.isnan(values), fill, values).astype(np.float64))
        if isinstance(fill, float | int)
        else portrait(reading.frame[column.name].iloc[rows].fillna(fill), column.kind)
    )
    shown = short(fill) if isinstance(fill, float | int) else fill
    places = [place for place in range(min(reading.rows, SAMPLE)) if _is_empty(reading, column, place)][:CELLS]
    cells = tuple((f"– (row {place + 1:,})", shown) for place in places)
    said = f"an empty cell becomes {shown}"
    return dataclasses.replace(before, said=said, captions=("in the table", "filled"), after=after, cells=cells)


def _inputs(reading: Reading, column: Column) -> Effect | None:
    """Show what categories, numbers, dates and texts become: the inputs of the network."""
    dataset, step = reading.dataset, step_of(reading.dataset, column.name)
    if dataset is None or step is None:
        return None
    rows = _used(dataset)
    inputs = step.transform(reading.frame[column.name].iloc[rows], dataset.recipe.decimal)
    cells = _cells(reading, column, rows, inputs)
    many = inputs.shape[1]
    caption = "the input" if many == 1 else f"{many:,} inputs"
    if isinstance(step, OneHot):
        after = _shares(inputs, _short_names(step))
    else:
        caption = caption if many == 1 else f"the first of {many:,} inputs"
        after = of_numbers(inputs[:, 0])
    before = _portrait(reading, column, rows, like=after if isinstance(step, OneHot) else None)
    return Effect(column.name, _formula(step), "feature", ("used values", caption), before, after, cells)


def _formula(step: Step) -> str:
    """Return what a fitted step does to a value: the rule of its inputs, or of the first of them."""
    if isinstance(step, OneHot):
        return "an input for every category: 1 for its own, else 0"
    many = len(step.names)
    rules = [step.formula(place) for place in range(min(many, _MOST_RULES))]
    return "\n".join(rules) + (f"\nand {many - _MOST_RULES} more" if many > _MOST_RULES else "")


def _rows(reading: Reading, column: Column) -> Effect:
    before, dataset = _file(reading, column), reading.dataset
    if dataset is None:
        return before
    dropped = [each.row for each in dataset.report.dropped if each.why == "missing"]
    kept = np.unique(np.concatenate([dataset.train_rows, dataset.test_rows, np.array(dropped, dtype=np.int64)]))
    after = _portrait(reading, column, _some(kept), like=before.before)
    return dataclasses.replace(before, said="", captions=("all rows", "rows that are kept"), after=after, cells=())


def _target(reading: Reading, column: Column) -> Effect:
    dataset = reading.dataset
    if dataset is None:
        return dataclasses.replace(_file(reading, column), said="")
    rows = _used(dataset)
    outcome = dataset.recipe.outcome
    outputs = outcome.transform(reading.frame[column.name].iloc[rows], dataset.recipe.decimal)
    cells = _cells(reading, column, rows, outputs)
    classes = dataset.class_names
    after = _shares(outputs, classes) if classes else of_numbers(outputs[:, 0])
    before = _portrait(reading, column, rows, like=after if classes and column.kind == "category" else None)
    said = "an output for every class: 1 for its own, else 0" if classes else str(getattr(outcome, "formula", ""))
    caption = f"{len(classes):,} outputs" if classes else "the output"
    return Effect(column.name, said, "target", ("used values", caption), before, after, cells)


def _split(reading: Reading, column: Column) -> Effect | None:
    dataset = reading.dataset
    if dataset is None:
        return None
    train, test = dataset.train_rows, dataset.test_rows
    captions = (f"{len(train):,} for training", f"{len(test):,} for testing")
    every = _portrait(reading, column, _used(dataset))
    left, right = (_portrait(reading, column, _some(rows), like=every) for rows in (train, test))
    return Effect(column.name, "", reading.role(column.name), captions, left, right, follows=False)


EFFECTS: dict[str, Callable[[Reading, Column], Effect | None]] = {
    "file": _file,
    "derived": lambda reading, column: _file(reading, column) if column.formula else None,
    "rows": _rows,
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


def _portrait(reading: Reading, column: Column, rows: Rows, like: Portrait | None = None) -> Portrait:
    return portrait(reading.frame[column.name].iloc[rows], column.kind, like)


def _cells(reading: Reading, column: Column, rows: Rows, numbers: NDArray[np.float64]) -> tuple[tuple[str, str], ...]:
    """Return the first cells with the numbers that they become; of categories, the first cell of each."""
    raw = reading.frame[column.name].iloc[rows].reset_index(drop=True)
    if column.kind == "category" or (column.name == reading.choices.target and reading.choices.task != "regression"):
        raw = raw.drop_duplicates()
    first = raw.iloc[:CELLS]
    return tuple((cell_text(cell), _numbers(numbers[int(place)])) for place, cell in first.items())  # pyright: ignore


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
