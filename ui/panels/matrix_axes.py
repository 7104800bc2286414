"""What the rows and columns of the matrices of an update are called. No Qt."""

import functools

import numpy as np

from simulator.data import Dataset
from simulator.explain import Ancestry
from simulator.insight.taken import classes_of
from ui.asking import Account
from ui.canvas.picture import pretty_name
from ui.panels.matrix_values import ROWS, UNITS, Axis, Floats

_FIGURE_SPACE = "\u2007"


@functools.lru_cache(8)
def inputs_axis(features: tuple[str, ...]) -> Axis:
    """Return the inputs by their names."""
    names = tuple(pretty_name(name)[0] for name in features)
    widest = max(names, key=len, default="")
    return Axis(UNITS, 0, names, names, names, widest, widest)


@functools.lru_cache(32)
def units_axis(layer: int, units: int) -> Axis:
    """Return the neurons of a hidden layer by their numbers."""
    numbers = tuple(str(number) for number in range(1, units + 1))
    return Axis(UNITS, layer, numbers, numbers, tuple(f"neuron {each}" for each in numbers), str(units), str(units))


def column_axis(dataset: Dataset, sizes: tuple[int, ...], layer: int) -> Axis:
    """Return the units of a column of the network by their names."""
    if layer == 0:
        return inputs_axis(tuple(dataset.feature_names))
    if layer < len(sizes) - 1:
        return units_axis(layer, sizes[layer])
    classes = tuple(dataset.class_names)
    one = sizes[layer] == 1
    names = (classes[1:] if one and len(classes) == 2 else classes) or (pretty_name(dataset.recipe.target)[0],)
    if len(names) != sizes[layer]:
        names = tuple(f"output {number}" for number in range(1, sizes[layer] + 1))
    widest = max(names, key=len)
    return Axis(UNITS, layer, names, names, names, widest, widest)


def rows_axis(account: Account, ancestry: Ancestry) -> tuple[Axis, tuple[int, ...]]:
    """Return the rows of the batch, or the shown row, and which rows of the raw table they are."""
    moment = ancestry.explanation.moment
    dataset = account.dataset if ancestry is account.batch else account.shown_dataset
    if ancestry is account.batch:
        raw = dataset.train_rows[moment.rows]
        classes = _classes(dataset, moment.Y)
    else:
        raw = np.array([account.shown.row])
        classes = ("what if?",) if account.shown.split == "changed" else _classes(dataset, moment.Y)
    numbers = tuple(str(row + 1) for row in raw.tolist())
    last = str(len(dataset.table))
    # Padded with spaces as wide as a digit, numbers and names are columns.
    padded = (number.rjust(len(last), _FIGURE_SPACE) for number in numbers)
    labels = tuple(f"{number}  {name}" if name else number for number, name in zip(padded, classes, strict=True))
    longest = max((*dataset.class_names, *(() if ancestry is account.batch else ("what if?",))), key=len, default="")
    names = tuple(f"row {number}" for number in numbers)
    return Axis(ROWS, -1, labels, numbers, names, f"{last}  {longest}".rstrip(), last), tuple(raw.tolist())


def _classes(dataset: Dataset, Y: Floats) -> tuple[str, ...]:
    """Return the true class of every row, or nothing where a value is predicted."""
    if not dataset.class_names or np.isnan(Y).any():
        return ("",) * len(Y)
    places = classes_of(np.asarray(Y, np.float64))
    return tuple(dataset.class_names[place] for place in places)
