"""Rows that a network makes for itself where its own data is not at hand: drawn at random, labelled by the network.

So a network from a file can be drawn, explained, predicted with and trained on without the data that it was made from.
What it says about such rows is no evidence of how good it is: it is its own teacher.
"""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.data import Dataset, Recipe
from simulator.data.dataset import assemble
from simulator.data.report import Report
from simulator.data.split import split
from simulator.data.steps import Number, OneHot, Ordinal, Parts, Scaling, Step
from simulator.interchange import Model
from simulator.nn import random
from simulator.progress import Progress

ROWS = 200
"""How many rows are made, where nobody says otherwise."""

_PLAINLY = (
    "These rows were drawn at random, and the network itself said what they are: how well it predicts them says "
    "nothing about how good it is."
)
_CANDIDATES = 16
"""So many times as many rows are drawn, that rare classes are met too."""

_MOST_NUMBERS = 8_000_000
_DECIMALS, _MOST_PLACES = 2, 12

Floats = NDArray[np.float64]


def taught(
    model: Model, rows: int = ROWS, seed: int = 0, progress: Progress | None = None, *, name: str = ""
) -> Dataset:
    """Return rows that a network labelled itself: the same rows for the same network, number and seed.

    Parameters
    ----------
    model
        The network, with the recipe that its inputs are prepared by.
    rows
        How many rows, from 2 on.
    seed
        The number from which the draw follows.
    progress
        Told how far it is; may cancel.
    name
        What the network is called, for the data set's name.

    Returns
    -------
    Its recipe is the model's, but that derived columns are plain ones, and parts of dates and texts columns of their
    own: such raw cells cannot be made up from what the network sees. Inputs are drawn where the preparation puts
    them: standard normal for a standardised number, even between 0 and 1 for one scaled to these, any category. Of
    classes there are equally many rows, as far as the network says each of them at all.

    Raises
    ------
    DatasetError
        When no such rows can be made, as by a scaling that no number fits.
    """
    progress = progress or Progress()
    progress.report(None, "making rows")
    recipe = _own_recipe(model.recipe)
    count = max(rows, min(_CANDIDATES * rows, _MOST_NUMBERS // recipe.inputs))
    X = _inputs(recipe, count, seed)
    chosen = _balanced(_classes(model, model.outputs(X, progress)), rows)
    frame = _raw(recipe, X[chosen])
    X = recipe.transform(frame)
    outputs = model.outputs(X, progress)
    said = model.answers(outputs)["prediction"].rename(recipe.target)
    frame = pd.concat([frame, said], axis=1)
    classes = _classes(model, outputs)
    choices = recipe.choices
    train, test = split(rows, choices.test_fraction, choices.seed, classes if model.class_names else None)
    report = _report(model, frame, len(train), len(test), replaced=recipe.used != model.recipe.used)
    called = f"rows made by {name or 'the network'}"
    return assemble(called, frame, recipe, (train, test), report, None, progress)


def _own_recipe(recipe: Recipe) -> Recipe:
    """Return a recipe whose raw columns can be made up: without derived columns, and parts as columns of their own."""
    steps: list[Step] = []
    for step in recipe.columns:
        steps += _split_parts(step) if isinstance(step, Parts) else [step]
    choices = recipe.choices
    used = tuple(step.column for step in steps)
    own = dataclasses.replace(
        choices,
        target=recipe.target, features=used, task=recipe.task, derived=(), where="", unique=False, most_rows=None,
        label_noise=0.0, duplicates=0.0, leakage=False, split="random", split_column=None, ignore=(), class_order=(),
        columns=tuple(each for each in choices.columns if each.name in {*used, recipe.target}),
        categories=tuple(each for each in choices.categories if each in used),
    )  # fmt: skip
    return dataclasses.replace(recipe, columns=tuple(steps), choices=own)


def _split_parts(step: Parts) -> list[Step]:
    # The input for a missing cell is a number too; nothing is missing here.
    return [Number(name, step.scaling_at(place) or Scaling()) for place, name in enumerate(step.names)]


def _inputs(recipe: Recipe, count: int, seed: int) -> Floats:
    """Draw what the network sees, (count, inputs); an input for missing cells is 0."""
    X = np.zeros((count, recipe.inputs))
    place = 0
    for number, step in enumerate(recipe.columns):
        draw: Callable[..., Floats] = random.normals if _is_normal(step) else random.uniforms
        drawn = draw(seed, random.TAUGHT, 0, count, number)
        if isinstance(step, OneHot):
            X[np.arange(count), place + (drawn * len(step.categories)).astype(np.int64)] = 1.0
        elif isinstance(step, Ordinal):
            X[:, place] = step.scaling.forward(np.floor(drawn * len(step.categories)))
        else:
            X[:, place] = drawn
        place += len(step.names)
    return X


def _is_normal(step: Step) -> bool:
    """Whether a number is drawn from the normal distribution: pixels and what is scaled to 0 … 1 are not."""
    return isinstance(step, Number) and step.scaling.way != "min_max" and not step.pixel


def _raw(recipe: Recipe, X: Floats) -> pd.DataFrame:
    """Return raw rows with numbers as people write them: to two places of the unit that the scaling sees."""
    frame = recipe.inverse(X)
    columns: dict[str, Any] = {str(name): frame[name] for name in frame.columns}
    for step in recipe.columns:
        if isinstance(step, Number):
            # What a scaling by a logarithm sees as a unit is no unit of the numbers themselves.
            unit = 1.0 if step.scaling.way in ("log", "none") else abs(step.scaling.scale)
            places = _DECIMALS - math.floor(math.log10(unit))
            if places <= _MOST_PLACES:
                columns[step.column] = columns[step.column].to_numpy(np.float64).round(max(places, 0))
    return pd.DataFrame(columns)


def _classes(model: Model, outputs: Floats) -> NDArray[np.int64]:
    """Return the class that the network says of every row, (rows,); all alike for a value."""
    if not model.class_names:
        return np.zeros(len(outputs), np.int64)
    if outputs.shape[1] == 1:
        return (outputs[:, 0] > 0.5).astype(np.int64)
    return outputs.argmax(axis=1).astype(np.int64)


def _balanced(classes: NDArray[np.int64], rows: int) -> NDArray[np.int64]:
    """Return which rows to keep, (rows,), rising: of each class the first ones, as many of each as there can be."""
    rank = np.empty(len(classes), np.int64)
    for each in np.unique(classes):
        mine = np.flatnonzero(classes == each)
        rank[mine] = np.arange(len(mine))
    return np.sort(np.argsort(rank, kind="stable")[:rows])


def _report(model: Model, frame: pd.DataFrame, train: int, test: int, *, replaced: bool) -> Report:
    notes = [_PLAINLY]
    if model.class_names:
        met = frame[model.recipe.target].value_counts()
        counts = ", ".join(f"{name} {int(met.get(name, 0)):,}" for name in model.class_names[:20])
        more = " …" if len(model.class_names) > 20 else ""
        notes.append(f"Rows of each class: {counts}{more}.")
    if replaced:
        notes.append("What the network sees of dates and texts stands in columns of their own.")
    if model.recipe.choices.derived:
        notes.append("Derived columns were drawn like the others, and are not computed.")
    return Report(tuple(notes), (), (), 0, (), len(frame), train, test)
