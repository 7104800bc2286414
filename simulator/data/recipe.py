"""The recipe: all that turns raw rows into the network's inputs and targets, and back; frozen, fitted data."""

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.data.choices import Derived, RecipeChoices
from simulator.data.complete import with_derived
from simulator.data.formula import parse
from simulator.data.kinds import picture_shape
from simulator.data.outcomes import TARGETS, Classes, Value
from simulator.data.steps import STEPS, Number, Step
from simulator.errors import ConfigError, DatasetError
from simulator.tables import look_up

Target = Classes | Value


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How raw rows become inputs and targets.

    Attributes
    ----------
    columns
        One fitted step a raw column that is used, in the order of the inputs.
    outcome
        The fitted target.
    choices
        The choices that it was made by, with target, task and features filled in.
    decimal
        The decimal mark of numbers that are given as texts.
    """

    columns: tuple[Step, ...]
    outcome: Target
    choices: RecipeChoices = dataclasses.field(default_factory=RecipeChoices)
    decimal: str = "."

    @property
    def used(self) -> tuple[str, ...]:
        """The raw columns that are features, in the order of the inputs."""
        return tuple(step.column for step in self.columns)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of the inputs: a column's name, or ``column=category``."""
        return tuple(name for step in self.columns for name in step.names)

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes in the order of the outputs; none for a value."""
        return self.outcome.classes if isinstance(self.outcome, Classes) else ()

    @property
    def target(self) -> str:
        """The target column's name."""
        return self.outcome.column

    @property
    def task(self) -> str:
        """``"classification"`` or ``"regression"``."""
        return "classification" if isinstance(self.outcome, Classes) else "regression"

    @property
    def inputs(self) -> int:
        """How many numbers go into the network."""
        return len(self.feature_names)

    @property
    def outputs(self) -> int:
        """How many numbers the target has: one a class, or 1."""
        return len(self.class_names) or 1

    @property
    def picture(self) -> tuple[int, int] | None:
        """The height and width of the picture whose pixels the inputs are; None where they are something else."""
        pixels = [step.column for step in self.columns if isinstance(step, Number) and step.pixel]
        return picture_shape(pixels) if pixels and len(pixels) == len(self.columns) else None

    @property
    def needed(self) -> tuple[str, ...]:
        """The raw columns that a new row must have: the features, or what they are derived from."""
        made = {each.name for each in self.derived}
        sources = (name for each in self.derived for name in parse(each.formula).names)
        return tuple(dict.fromkeys(name for name in (*self.used, *sources) if name not in made))

    @functools.cached_property
    def derived(self) -> tuple[Derived, ...]:
        """The derived columns that features are or come from, in their order."""
        wanted = {*self.used}
        kept: list[Derived] = []
        for each in reversed(self.choices.derived):  # a formula uses only what stands before it
            if each.name in wanted:
                kept.append(each)
                wanted |= {*parse(each.formula).names}
        return tuple(reversed(kept))

    def completed(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return raw rows with the derived columns that features come from.

        Raises
        ------
        DatasetError
            When a column that a formula uses is missing, or holds texts.
        """
        derived = self.derived
        if not derived:
            return table
        columns_of(table, self.needed)
        try:
            return with_derived(table, derived, self.decimal)
        except ConfigError as error:
            raise DatasetError(error.message, error.hint) from error

    def transform(self, table: pd.DataFrame) -> NDArray[np.float64]:
        """Return the inputs of raw rows.

        Parameters
        ----------
        table
            Raw rows. Other columns and another order do not matter; numbers may be given as texts.

        Returns
        -------
        X
            float64, (rows, inputs). An unknown category is all zeros; a missing value is filled, or makes its inputs
            NaN where the recipe drops such rows (see `missing`).

        Raises
        ------
        DatasetError
            When a column is missing, or a cell that must be a number is none.
        """
        table = self.completed(table)
        X = np.empty((len(table), self.inputs))
        place = 0
        for step, column in zip(self.columns, columns_of(table, self.used), strict=True):
            width = len(step.names)
            X[:, place : place + width] = step.transform(column, self.decimal)
            place += width
        return X

    def missing(self, table: pd.DataFrame) -> tuple[tuple[int, tuple[str, ...]], ...]:
        """Return the rows that cannot be used, each with the columns whose values are missing there.

        Where the recipe fills missing values there are none.
        """
        table = self.completed(table)
        empty: dict[str, NDArray[np.bool_]] = {
            step.column: np.atleast_1d(np.isnan(step.transform(column, self.decimal)).any(axis=1))
            for step, column in zip(self.columns, columns_of(table, self.used), strict=True)
        }
        rows = np.flatnonzero(np.stack(list(empty.values())).any(axis=0))
        return tuple((int(row), tuple(name for name, holes in empty.items() if holes[row])) for row in rows)

    def targets(self, table: pd.DataFrame) -> NDArray[np.float64]:
        """Return the targets of raw rows.

        Returns
        -------
        Y
            float64, (rows, outputs): one-hot for classes, standardised for values; NaN where the target is missing.

        Raises
        ------
        DatasetError
            When the target column is missing, or a cell is an unknown class or no number.
        """
        return self.outcome.transform(columns_of(table, [self.target])[0], self.decimal)

    def value(self, outputs: NDArray[Any]) -> NDArray[np.float64]:
        """Return standardised target values in real units, in the same shape; classes as they are."""
        return self.outcome.value(np.asarray(outputs, dtype=np.float64))

    def real(self, inputs: NDArray[Any]) -> NDArray[np.float64]:
        """Return inputs (rows, inputs) or (inputs,) in real units, in the same shape; 0 and 1 for a category."""
        given = np.asarray(inputs, dtype=np.float64)
        out = np.empty_like(given)
        place = 0
        for step in self.columns:
            part = slice(place, place + len(step.names))
            out[..., part] = step.real(given[..., part])
            place = part.stop
        return out

    def inverse(self, inputs: NDArray[Any]) -> pd.DataFrame:
        """Return the raw rows that inputs (rows, inputs) stand for: a column of numbers or categories a step."""
        given = np.atleast_2d(np.asarray(inputs, dtype=np.float64))
        columns: dict[str, list[Any]] = {}
        place = 0
        for step in self.columns:
            columns[step.column] = step.inverse(given[:, place : place + len(step.names)])
            place += len(step.names)
        return pd.DataFrame(columns)

    def to_json(self) -> dict[str, Any]:
        """Return the recipe as JSON values; `from_json` gives an equal recipe back, to the last bit."""
        return {
            "columns": [step.to_json() for step in self.columns],
            "target": self.outcome.to_json(),
            "choices": self.choices.to_json(),
            "decimal": self.decimal,
        }

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> "Recipe":
        """Read what `to_json` wrote.

        Raises
        ------
        ConfigError
            When a value is missing, unknown or refused.
        """
        try:
            steps = tuple(look_up(STEPS, _kind(each), "kind of column")(each) for each in value["columns"])
            outcome = look_up(TARGETS, _kind(value["target"]), "kind of target").from_json(value["target"])
            choices = RecipeChoices.from_json(value["choices"])
            decimal = value["decimal"]
        except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
            if isinstance(error, ConfigError):
                raise
            hint = "It needs columns, a target, choices and a decimal mark."
            raise ConfigError(f"this is not a recipe: {type(error).__name__} {error}", hint) from error
        recipe = Recipe(steps, outcome, choices, decimal)
        _check(recipe)
        return recipe


def _check(recipe: Recipe) -> None:
    used = recipe.used
    if not used:
        raise ConfigError("the recipe has no columns", "It needs at least one.")
    if len({*used, recipe.target}) < len(used) + 1:
        raise ConfigError("the recipe uses a column twice", "Use every column once.")
    if recipe.decimal not in (".", ","):
        raise ConfigError(f"the decimal mark cannot be {recipe.decimal!r}", "Give a point or a comma.")


def _kind(value: Mapping[str, Any]) -> str:
    return str(value["kind"])


def columns_of(table: pd.DataFrame, names: Sequence[str]) -> list["pd.Series[Any]"]:
    """Return the columns with these names.

    Raises
    ------
    DatasetError
        When one is missing, or there twice.
    """
    places: dict[str, list[int]] = {}
    for place, label in enumerate(table.columns):
        places.setdefault(str(label), []).append(place)
    for name in names:
        found = places.get(name, [])
        if not found:
            raise DatasetError(f"the table has no column {name!r}", f"It has {_listed(list(places))}.")
        if len(found) > 1:
            raise DatasetError(f"two columns are called {name!r}", "Give every column its own name.")
    return [table.iloc[:, places[name][0]] for name in names]


def _listed(names: Sequence[object]) -> str:
    shown = ", ".join(str(name) for name in names[:20])
    return shown + (f" and {len(names) - 20} more" if len(names) > 20 else "")
