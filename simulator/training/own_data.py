"""The data that a network from a file is trained on: prepared as its recipe says, or the recipe that suits the data."""

import dataclasses
from typing import Any

import numpy as np

from simulator.data import BUNDLED, Dataset, Recipe, open_dataset
from simulator.data.dataset import prepare
from simulator.data.outcomes import Classes, Value
from simulator.data.steps import Number, Step
from simulator.data.steps.scaling import fit_scaling
from simulator.data.table import Table
from simulator.errors import ConfigError, SimulatorError
from simulator.interchange import Foreign, Model
from simulator.progress import Progress
from simulator.training.continuing import was_trained_on


def open_for(model: Model, source: Any, progress: Progress, **reading: Any) -> Dataset:
    """Open a data set for a model: with the choices that the model's own data were made by.

    Parameters
    ----------
    source, progress
        As in `open_dataset`.
    **reading
        How the file is read, where that is another one than the model's.

    Returns
    -------
    The model's own data where the file holds them (see `was_trained_on`), else its rows as the model's recipe prepares
    them.

    Raises
    ------
    DatasetError, ConfigError, Cancelled
        As in `open_dataset`, and where the recipe cannot read the table.
    """
    recipe = model.recipe
    made_by = {name: value for name, value in recipe.choices.to_json().items() if value not in (None, [], ())}
    dataset = open_dataset(source, progress, **({"target": recipe.target} | made_by | reading))
    return dataset if dataset.recipe == recipe else prepared_by(dataset, recipe)


def data_for(model: Model, running: Dataset | None, progress: Progress) -> Dataset:
    """Return a data set that a model can be trained on, prepared as the model's own recipe says.

    Raises
    ------
    ConfigError
        When neither the running data set nor a bundled one has the model's columns.
    """
    needed = {*model.recipe.needed, model.recipe.target}
    if running is not None and needed <= {str(name) for name in running.table.columns}:
        try:
            return prepared_for(model, running, progress)
        except SimulatorError:
            pass  # the same columns with other classes: a bundled set may fit
    for name, row in BUNDLED.items():
        if needed <= set(row.columns):
            return prepared_for(model, open_dataset(name, progress), progress)
    raise ConfigError(
        "the model was read, but no data set with its columns is open",
        f"Open a data set with the columns {', '.join(sorted(needed))}.",
    )


def prepared_for(model: Model, dataset: Dataset, progress: Progress) -> Dataset:
    """Return a data set's rows as a model wants them.

    Where the table gives the model's own data back, split and faults for a lesson among them, it is these; else the
    data set's own split stays, and the model's recipe prepares it.

    Raises
    ------
    DatasetError, ConfigError
        When the model's recipe does not fit the table.
    Cancelled
        When the job was cancelled.
    """
    if dataset.recipe == model.recipe:
        return dataset
    if model.training is not None:
        table = Table(dataset.raw, dataset.path, notes=dataset.report.notes)
        try:
            again = prepare(table, model.recipe.choices, progress, dataset.name)
        except SimulatorError:
            pass  # the table is another one
        else:
            if was_trained_on(model, again):
                return again
    return prepared_by(dataset, model.recipe)


def prepared_by(dataset: Dataset, recipe: Recipe) -> Dataset:
    """Return a data set prepared by another recipe, without faults that were put in for a lesson.

    Raises
    ------
    DatasetError, ConfigError
        When the recipe does not fit the table.
    """
    recipe = dataclasses.replace(recipe, choices=dataclasses.replace(recipe.choices, label_noise=0.0, duplicates=0.0))
    complete = recipe.completed(dataset.raw)
    parts: list[Any] = []
    for rows in (dataset.train_rows, dataset.test_rows):
        own = rows[rows < len(complete)]
        table = complete.iloc[own]
        X, Y = recipe.transform(table), recipe.targets(table)
        whole = np.isfinite(X).all(axis=1) & np.isfinite(Y).all(axis=1)
        arrays = [array[whole] for array in (X, Y, own)]
        for array in arrays:
            array.flags.writeable = False
        parts.append(arrays)
    (X_train, Y_train, train_rows), (X_test, Y_test, test_rows) = parts
    if not len(train_rows):
        raise ConfigError(
            f"the model's recipe leaves no training row of {dataset.name}", "Give data that is like the model's own."
        )
    none = train_rows[:0]
    return dataclasses.replace(
        dataset, table=complete, copies=none, noisy_rows=none, recipe=recipe, X_train=X_train, Y_train=Y_train,
        X_test=X_test, Y_test=Y_test, train_rows=train_rows, test_rows=test_rows,
    )  # fmt: skip


def fits(foreign: Foreign, recipe: Recipe) -> bool:
    """Whether a network has the inputs and outputs that a recipe makes."""
    inputs, outputs = foreign.sizes[0], foreign.sizes[-1]
    one_sigmoid = outputs == 1 and len(recipe.class_names) == 2 and (foreign.link_open or foreign.link == "sigmoid")
    # A value is no probability: what says probabilities is not asked for values.
    value = bool(recipe.class_names) or foreign.link_open
    return inputs == recipe.inputs and value and (outputs == recipe.outputs or one_sigmoid)


def link_for(foreign: Foreign, recipe: Recipe) -> str | None:
    """Return the output link with which a network is trained on for a recipe's target; None for what the file says.

    Where the target is a class and the file leaves the link open, its sums are taken for logits: the classes that are
    predicted stay the same, and a loss of probabilities can go on from them.
    """
    if not foreign.link_open or not recipe.class_names:
        return None
    return "softmax" if foreign.sizes[-1] > 1 else "sigmoid"


def in_its_order(foreign: Foreign, recipe: Recipe) -> Recipe:
    """Return a recipe with columns and classes in the order of the file's names, where these are the same names."""
    steps = {step.names: step for step in recipe.columns}
    ordered: list[Step] = []
    names = foreign.feature_names
    while names:
        found = next((step for own, step in steps.items() if names[: len(own)] == own), None)
        if found is None:
            break
        ordered.append(found)
        names = names[len(found.names) :]
    if len(ordered) == len(recipe.columns) == len({step.column for step in ordered}) and not names:
        features = tuple(step.column for step in ordered)
        recipe = dataclasses.replace(
            recipe, columns=tuple(ordered), choices=dataclasses.replace(recipe.choices, features=features)
        )
    if isinstance(recipe.outcome, Classes) and sorted(foreign.class_names) == sorted(recipe.class_names):
        recipe = dataclasses.replace(recipe, outcome=Classes(recipe.target, foreign.class_names))
    return recipe


def rescaled(dataset: Dataset, way: str) -> Recipe:
    """Return the recipe of a data set with its numbers scaled in another way, fitted on the same training rows.

    Parameters
    ----------
    way
        A name of `simulator.data.steps.scaling.WAYS`; with "none" a value that is predicted is not scaled either.
    """
    recipe = dataset.recipe
    real = recipe.real(dataset.X_train)
    places = np.cumsum([0, *(len(step.names) for step in recipe.columns)])
    placed = [(step, int(place)) for step, place in zip(recipe.columns, places[:-1], strict=True)]
    pixels = [
        int(place)
        for place, step in zip(places, recipe.columns, strict=False)
        if isinstance(step, Number) and step.pixel
    ]
    shared = fit_scaling(way, real[:, pixels].ravel()) if pixels else None
    steps: list[Step] = []
    for step, place in placed:
        if isinstance(step, Number):
            scaling = shared if step.pixel else fit_scaling(way, real[:, place])
            steps.append(step if scaling is None else dataclasses.replace(step, scaling=scaling))
        else:
            steps.append(step)
    outcome = recipe.outcome
    if isinstance(outcome, Value) and way == "none":
        outcome = Value(outcome.column, 0.0, 1.0)
    columns = tuple(dataclasses.replace(each, scale=None) for each in recipe.choices.columns)
    choices = dataclasses.replace(recipe.choices, scale=way, columns=columns)
    return dataclasses.replace(recipe, columns=tuple(steps), outcome=outcome, choices=choices)
