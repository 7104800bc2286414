"""Where the inputs and targets come from: the recipe, and the file's row and column."""

import dataclasses
from typing import Any

import numpy as np

from simulator.data.cells import is_numeric, spell
from simulator.data.outcomes import Classes, Value
from simulator.data.recipe import Recipe, Step
from simulator.data.steps import OneHot, Standardised
from simulator.errors import ConfigError
from simulator.explain.addresses import OUTSIDE, file_name, output_name, table_row
from simulator.explain.formula import substitute
from simulator.explain.number import Account, Figure, Kind, Number, Scene, Token


def _recipe(scene: Scene) -> Recipe:
    if scene.dataset is None:
        raise ConfigError("without its data set nothing is known of a table", "Give the data set.")
    return scene.dataset.recipe


def _step(recipe: Recipe, unit: int) -> tuple[Step, int]:
    """Return the step that makes an input, and the place of the input among those that it makes."""
    for step in recipe.columns:
        if unit < len(step.names):
            return step, unit
        unit -= len(step.names)
    raise ConfigError(f"the recipe makes {recipe.inputs} inputs", "Ask for one of them, from 0.")


def _raw(scene: Scene, column: str, row: int) -> Any:
    """Return a cell of the raw table as a Series of one row."""
    number = table_row(scene, row)
    if scene.dataset is None or number == OUTSIDE:
        raise ConfigError("this row stands in no table", "Ask for a row of the data set.")
    if column not in scene.dataset.table.columns:
        raise ConfigError(f"the table has no column {column!r}", "Ask for one that the recipe uses.")
    return scene.dataset.table[column].iloc[[number]]


def _cell(scene: Scene, number: Number) -> float | str:
    cell = _raw(scene, number.name, number.row)
    found = cell.iloc[0]
    if found != found:
        return "missing"
    return float(found) if is_numeric(cell) else str(found)


def _cell_account(scene: Scene, number: Number) -> Account:
    return Account(remark=f"row {table_row(scene, number.row) + 1} of {file_name(scene)}")


def _text(value: float | str) -> str:
    return value if isinstance(value, str) else spell(value)


def _of_column(scene: Scene, column: str) -> Standardised | Value:
    """Return what standardises a column."""
    recipe = _recipe(scene)
    found = next((each for each in recipe.columns if each.column == column), recipe.outcome)
    if found.column != column or not isinstance(found, Standardised | Value):
        raise ConfigError(f"{column!r} is not standardised", "Only columns of numbers have a mean.")
    return found


def _fill(scene: Scene, number: Number) -> float | str:
    found = next((each.fill for each in _recipe(scene).columns if each.column == number.name), None)
    if found is None:
        raise ConfigError(f"nothing stands in for a missing {number.name!r}", "Ask for a column that is filled.")
    return found


def _input(scene: Scene, number: Number) -> float:
    return float(scene.explanation.moment.X[number.row, number.unit])


def _input_account(scene: Scene, number: Number) -> Account:
    if scene.dataset is None:
        return Account(remark="as it is given")
    step, offset = _step(scene.dataset.recipe, number.unit)
    if table_row(scene, number.row) == OUTSIDE:
        return _given_account(scene, number, step, offset)
    cell = Number("cell", row=number.row, name=step.column)
    missing = _is_missing(scene, step, number.row)
    source = Number("fill", name=step.column) if missing else cell
    also = (cell,) if missing else ()
    if isinstance(step, OneHot):
        category = _text(_fill(scene, source) if missing else _cell(scene, cell))
        return Account(_one_hot_rule(step, offset), remark=_membership(step, offset, category), also=(source, *also))
    tokens: tuple[Token, ...] = (source,)
    if isinstance(step, Standardised):
        tokens = _standardised(source, step.column)
    remark = "the cell is empty, and this stands in for it" if missing else ""
    return Account(_number_rule(step), tokens, remark=remark, also=also)


def _is_missing(scene: Scene, step: Step, row: int) -> bool:
    bare = dataclasses.replace(step, fill=None)
    return bool(np.isnan(bare.transform(_raw(scene, step.column, row), _recipe(scene).decimal)).any())


def _given_account(scene: Scene, number: Number, step: Step, offset: int) -> Account:
    """Return the account of a typed-in row: what it stands for in real units."""
    if isinstance(step, OneHot):
        return Account(_one_hot_rule(step, offset), remark="as it is given")
    if not isinstance(step, Standardised):
        return Account(remark="as it is given")
    real = Figure(_input(scene, number) * step.scale + step.mean)
    return Account(_number_rule(step), substitute("(v − m)/s", {"v": real} | _scaling(step.column)))


def _scaling(column: str) -> dict[str, Token]:
    return {"m": Number("mean", name=column), "s": Number("scale", name=column)}


def _standardised(value: Token, column: str) -> tuple[Token, ...]:
    return substitute("(v − m)/s", {"v": value} | _scaling(column))


def _number_rule(step: Step) -> str:
    if isinstance(step, Standardised):
        return f"x = ({step.column} − mean)/standard deviation"
    return f"x = {step.column}"


def _one_hot_rule(step: OneHot, offset: int) -> str:
    return f"x = 1 if {step.column} is {step.categories[offset]}, else 0"


def _membership(step: OneHot, offset: int, category: str) -> str:
    if category == step.categories[offset]:
        return f"{step.column} is {category}"
    return f"{step.column} is {category}, not {step.categories[offset]}"


def _target(scene: Scene, number: Number) -> float:
    return float(scene.explanation.moment.Y[number.row, number.unit])


def _target_account(scene: Scene, number: Number) -> Account:
    if scene.dataset is None or table_row(scene, number.row) == OUTSIDE:
        return Account(remark="as it is given")
    outcome = scene.dataset.recipe.outcome
    cell = Number("cell", row=number.row, name=outcome.column)
    if isinstance(outcome, Classes):
        mine, known = output_name(scene, number.unit), _text(_cell(scene, cell))
        remark = f"{outcome.column} is {known}" + ("" if known == mine else f", not {mine}")
        return Account(f"y = 1 if {outcome.column} is {mine}, else 0", remark=remark, also=(cell,))
    return Account(f"y = ({outcome.column} − mean)/standard deviation", _standardised(cell, outcome.column))


def _over_training_rows(_scene: Scene, number: Number) -> Account:
    return Account(remark=f"of {number.name} over the training rows")


ORIGIN: dict[str, Kind] = {
    "cell": Kind(
        ("row", "name"),
        "{name}",
        "{name} in {row} of {file}",
        "What stands in the file; here the way back ends.",
        _cell,
        _cell_account,
    ),
    "mean": Kind(
        ("name",),
        "mean",
        "mean of {name}",
        "The mean of the column over the training rows; taking it away moves the values around zero.",
        lambda scene, number: _of_column(scene, number.name).mean,
        _over_training_rows,
    ),
    "scale": Kind(
        ("name",),
        "standard deviation",
        "standard deviation of {name}",
        "How far the column's values lie from their mean; dividing by it gives all columns the same size.",
        lambda scene, number: _of_column(scene, number.name).scale,
        _over_training_rows,
    ),
    "fill": Kind(
        ("name",),
        "stand-in",
        "stand-in for a missing {name}",
        "What the recipe puts where a cell is empty.",
        _fill,
        lambda scene, number: Account(remark=f"for every empty cell of {number.name}"),
    ),
    "input": Kind(
        ("row", "input"),
        "x",
        "{input}, {row}",
        "What goes into the network in place of the cell of the file.",
        _input,
        _input_account,
    ),
    "target": Kind(
        ("row", "output"),
        "y",
        "target of {class}, {row}",
        "What the output ought to be.",
        _target,
        _target_account,
    ),
}
"""Numbers of the data set."""
