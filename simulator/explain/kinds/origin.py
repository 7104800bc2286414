"""Where the inputs and targets come from: the recipe, and the file's row and column."""

from typing import Any

import numpy as np

from simulator.data.cells import is_numeric, spell
from simulator.data.formula import parse
from simulator.data.formula import spell as spell_column
from simulator.data.outcomes import Classes, Value
from simulator.data.recipe import Recipe
from simulator.data.steps import Number as NumberStep
from simulator.data.steps import OneHot, Ordinal, Parts, Scaling, Step
from simulator.data.steps.scaling import WAYS
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
    row = table_row(scene, number.row)
    choices = _recipe(scene).choices
    derived = next((each for each in choices.derived if each.name == number.name), None)
    if derived is not None:
        formula = parse(derived.formula)
        known: dict[str, Token] = {
            spell_column(name): Number("cell", row=number.row, name=name) for name in formula.names
        }
        return Account(f"{derived.name} = {derived.formula}", substitute(derived.formula, known))
    copies, first = scene.dataset.copies if scene.dataset else (), len(scene.dataset.table) if scene.dataset else 0
    if row >= first - len(copies):
        original = int(copies[row - first + len(copies)])
        return Account(remark=f"a copy of row {original + 1} of {file_name(scene)}, on purpose")
    return Account(remark=f"row {row + 1} of {file_name(scene)}")


def _text(value: float | str) -> str:
    return value if isinstance(value, str) else spell(value)


def _scaling_of(scene: Scene, name: str) -> Scaling:
    """Return what scales an input, or the target, by its name."""
    recipe = _recipe(scene)
    for step in recipe.columns:
        for place, each in enumerate(step.names):
            scaling = step.scaling_at(place)
            if each == name and scaling is not None:
                return scaling
    outcome = recipe.outcome
    if name != outcome.column or not isinstance(outcome, Value):
        raise ConfigError(f"{name!r} is not scaled", "Only columns of numbers have a mean.")
    return Scaling("log" if outcome.log else "standardise", outcome.mean, outcome.scale)


def _fill(scene: Scene, number: Number) -> float | str:
    found = next((each.filled for each in _recipe(scene).columns if each.column == number.name), None)
    if found is None:
        raise ConfigError(f"nothing stands in for a missing {number.name!r}", "Ask for a column that is filled.")
    return found


def _input(scene: Scene, number: Number) -> float:
    return float(scene.explanation.moment.X[number.row, number.unit])


def _input_account(scene: Scene, number: Number) -> Account:
    if scene.dataset is None:
        return Account(remark="as it is given")
    step, offset = _step(scene.dataset.recipe, number.unit)
    scaling = step.scaling_at(offset)
    name = step.names[offset]
    if table_row(scene, number.row) == OUTSIDE:
        if scaling is None or scaling.way == "none":
            rule = "" if scaling is not None else f"x = {step.formula(offset)}"
            return Account(rule, remark="as it is given")
        real = Figure(float(scaling.back(np.array(_input(scene, number)))))
        return Account(_rule(scaling, _source_name(step, offset)), _scaled(real, name, scaling))
    cell = Number("cell", row=number.row, name=step.column)
    missing = bool(step.empty(_raw(scene, step.column, number.row), _recipe(scene).decimal)[0])
    source = Number("fill", name=step.column) if missing and step.filled is not None else cell
    also = (cell,) if missing else ()
    if scaling is None:
        if step.flag and offset == len(step.names) - 1:
            remark = f"{step.column} is {'missing' if missing else 'there'}"
            return Account(f"x = {step.formula(offset)}", remark=remark, also=(cell,))
        category = _text(_fill(scene, source) if missing else _cell(scene, cell))
        remark = _membership(step, offset, category)
        return Account(f"x = {step.formula(offset)}", remark=remark, also=(source, *also))
    remark = "the cell is empty, and this stands in for it" if missing else ""
    if isinstance(step, NumberStep):
        return Account(_rule(scaling, step.column), _scaled(source, name, scaling), remark=remark, also=also)
    # A place in an order, or a part of a date or text: the cell itself cannot be counted with.
    value = Figure(float(scaling.back(np.array(_input(scene, number)))))
    rule = _rule(scaling, _source_name(step, offset))
    return Account(rule, _scaled(value, name, scaling), remark=remark, also=(source, *also))


def _source_name(step: Step, offset: int) -> str:
    """Return what is scaled, in words."""
    if isinstance(step, Parts):
        return f"{step.parts[offset]} of {step.column}"
    return f"place of {step.column}" if isinstance(step, Ordinal) else step.column


def _scaled(value: Token, name: str, scaling: Scaling) -> tuple[Token, ...]:
    if scaling.way == "none":
        return (value,)
    centre, scale = (Number(kind, name=name) for kind in SCALES[scaling.way])
    text = "(sign(v)·ln(1 + |v|) − m)/s" if scaling.way == "log" else "(v − m)/s"
    return substitute(text, {"v": value, "m": centre, "s": scale})


def _rule(scaling: Scaling, name: str) -> str:
    if scaling.way == "none":
        return f"x = {name}"
    inner = f"sign(v)·ln(1 + |v|), v = {name}," if scaling.way == "log" else name
    return f"x = ({inner} − {scaling.row.centre})/{scaling.row.scale}"


def _membership(step: Step, offset: int, category: str) -> str:
    mine = step.categories[offset] if isinstance(step, OneHot) else ""
    return f"{step.column} is {category}" + ("" if category == mine else f", not {mine}")


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
        if table_row(scene, number.row) in scene.dataset.noisy_rows:
            remark += "; label noise tells the network something else, on purpose"
        return Account(f"y = 1 if {outcome.column} is {mine}, else 0", remark=remark, also=(cell,))
    scaling = _scaling_of(scene, outcome.column)
    rule = f"y = {_rule(scaling, outcome.column).removeprefix('x = ')}"
    tokens = _scaled(cell, outcome.column, scaling)
    if table_row(scene, number.row) not in scene.dataset.noisy_rows:
        return Account(rule, tokens)
    clean = outcome.transform(_raw(scene, outcome.column, number.row), scene.dataset.recipe.decimal)[0, 0]
    noise = Figure(_target(scene, number) - float(clean))
    return Account(f"{rule} + noise", (*tokens, " + ", noise), remark="label noise is added to it, on purpose")


def _over_training_rows(scene: Scene, number: Number) -> Account:
    rows = "all rows, test rows too: a mistake on purpose" if _recipe(scene).choices.leakage else "the training rows"
    return Account(remark=f"of {number.name} over {rows}")


SCALES: dict[str, tuple[str, str]] = {
    "standardise": ("mean", "scale"),
    "min_max": ("minimum", "range"),
    "robust": ("median", "quartiles"),
    "log": ("log_mean", "log_scale"),
}
"""The kinds of the two numbers of every way to scale."""


def _scale_value(scene: Scene, number: Number, way: str, second: int) -> float:
    found = _scaling_of(scene, number.name)
    if found.way != way:
        raise ConfigError(
            f"{number.name!r} has no such number: it is scaled another way", "Ask for what its rule names."
        )
    return found.scale if second else found.centre


def _kind_of_scale(way: str, second: int) -> Kind:
    row = WAYS[way]
    title = (row.centre, row.scale)[second]
    return Kind(
        ("name",),
        title,
        f"{title} of {{name}}",
        row.about[second],
        lambda scene, number: _scale_value(scene, number, way, second),
        _over_training_rows,
    )


ORIGIN: dict[str, Kind] = {
    **{kind: _kind_of_scale(way, second) for way, kinds in SCALES.items() for second, kind in enumerate(kinds)},
    "cell": Kind(
        ("row", "name"),
        "{name}",
        "{name} in {row} of {file}",
        "What stands in the file; here the way back ends.",
        _cell,
        _cell_account,
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
