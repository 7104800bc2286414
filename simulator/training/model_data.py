"""Data that a model can be trained on: prepared as the model's own recipe says, to the bit where it is the same."""

import dataclasses
from typing import Any

import numpy as np

from simulator.data import BUNDLED, Dataset, Recipe, open_dataset
from simulator.data.dataset import prepare
from simulator.data.table import Table
from simulator.errors import ConfigError, SimulatorError
from simulator.interchange import Model
from simulator.progress import Cancelled, Progress
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
    dataset = open_dataset(source, progress, **({"target": recipe.target} | _made_by(recipe) | reading))
    return dataset if dataset.recipe == recipe else transformed(dataset, recipe)


def data_for(model: Model, running: Dataset | None, progress: Progress) -> Dataset:
    """Return the running data set or a bundled one, as a model can be trained on it.

    Raises
    ------
    ConfigError
        When neither has the model's columns.
    Cancelled
        When the job was cancelled.
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
        f"Open a data set with the columns {', '.join(sorted(needed))} first, then import the model again.",
    )


def prepared_for(model: Model, dataset: Dataset, progress: Progress) -> Dataset:
    """Return a data set's rows as a model wants them.

    Where the table gives the model's own data back, split and faults for a lesson among them, it is these; else the
    data set's own split stays, and the model's recipe prepares it.

    Raises
    ------
    DatasetError
        When the model's recipe cannot read the table.
    Cancelled
        When the job was cancelled.
    """
    if dataset.recipe == model.recipe:
        return dataset
    if model.training is not None:
        table = Table(dataset.raw, dataset.path, notes=dataset.report.notes)
        try:
            again = prepare(table, model.recipe.choices, progress, dataset.name)
        except Cancelled:
            raise
        except SimulatorError:
            pass
        else:
            if was_trained_on(model, again):
                return again
    return transformed(dataset, model.recipe)


def transformed(dataset: Dataset, recipe: Recipe) -> Dataset:
    """Return a data set with its own split, prepared by a recipe that was made of another one.

    Faults that were put into the data of a lesson, the recipe's or the data set's, are not taken along.

    Raises
    ------
    DatasetError
        When the recipe cannot read the table.
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


def _made_by(recipe: Recipe) -> dict[str, Any]:
    return {name: value for name, value in recipe.choices.to_json().items() if value not in (None, [], ())}
