"""What a generated program answers: classes with their probabilities, or values in real units."""

import numpy as np

from simulator.data.outcomes import Value
from simulator.data.steps import OneHot, Ordinal
from simulator.interchange.model import Model
from simulator.interchange.source.literals import filled, python_list, python_text

_LONGEST_EXAMPLE = 160

_OUTPUTS = '''
@np.errstate(all="ignore")
def outputs(data{argument}):
    """Return the network's outputs for raw rows, (rows, {outputs}), NaN where a value is missing."""
    x = prepare(data)
    known = np.isfinite(x).all(axis=1)
    y = np.full((len(x), {outputs}), np.nan)
    y[known] = {apply}
    return y
'''

_CLASSES = '''
def predict(data{argument}):
    """Return a dictionary for each row: the class as "prediction", and a number for every class.

    All of them are None where a value is missing. `data` is what `prepare` takes.
    """
{scores}
    best = scores.argmax(axis=1)
    empty = np.isnan(scores).any(axis=1)
    return [
        dict.fromkeys(NAMES_OUT) if lost else dict(zip(NAMES_OUT, [CLASSES[place], *row]))
        for lost, place, row in zip(empty, best, scores.tolist())
    ]
'''

_VALUE = '''
def predict(data{argument}):
    """Return a dictionary for each row, with the value as "prediction".

    It is None where a cell is missing. `data` is what `prepare` takes.
    """
    values = {values}
    return [{{"prediction": None if np.isnan(value) else float(value)}} for value in values[:, 0]]
'''


def constants(model: Model) -> list[str]:
    """Return the lines with the names of the classes and of the columns that come out, and the size of a block."""
    lines: list[str] = []
    if model.class_names:
        lines += python_list(map(python_text, model.class_names), head="CLASSES = ").split("\n")
        what = "output" if model.network.link == "linear" else "probability"
        lines.append(f'NAMES_OUT = ["prediction", *(f"{what}_{{name}}" for name in CLASSES)]')
    else:
        lines.append('NAMES_OUT = ["prediction"]')
    return [*lines, "BLOCK = 10_000  # so many rows are predicted at a time"]


def functions(model: Model, argument: str = "", apply: str = "network(x[known])") -> list[str]:
    """Return the functions ``outputs`` and ``predict``.

    Parameters
    ----------
    model
        Whose answers they give.
    argument
        What they are given beside the data, with a comma before it.
    apply
        The outputs of ``x[known]``.
    """
    first = _OUTPUTS.format(outputs=model.network.outputs, argument=argument, apply=apply)
    call = f"data{argument}"
    outcome = model.recipe.outcome
    if not isinstance(outcome, Value):
        scores = f"    scores = outputs({call})"
        if model.network.outputs == 1:
            scores = f"    second = outputs({call})\n    scores = np.concatenate([1.0 - second, second], axis=1)"
        return [first.strip("\n"), _CLASSES.format(scores=scores, argument=argument).strip("\n")]
    values = f"outputs({call})"
    if outcome.scale != 1:
        values += f" * {outcome.scale!r}"
    if outcome.mean:
        values += f" {'+' if outcome.mean > 0 else '-'} {abs(outcome.mean)!r}"
    if outcome.log:
        values = f"np.expm1({values})"
    return [first.strip("\n"), _VALUE.format(values=values, argument=argument).strip("\n")]


def example(model: Model, indent: str) -> str:
    """Return a call with a row as it may be predicted, for a docstring: the row that the fitted scalings call zero."""
    recipe = model.recipe
    cells = [step.inverse(np.zeros((1, len(step.names))))[0] for step in recipe.columns]
    cells = [
        step.categories[0] if isinstance(step, OneHot | Ordinal) else cell
        for step, cell in zip(recipe.columns, cells, strict=True)
    ]
    spelt = [float(f"{cell:.4g}") if isinstance(cell, float) else cell for cell in cells]
    row = ", ".join(f"{name!r}: {cell!r}" for name, cell in zip(recipe.used, spelt, strict=True))
    plain = all(name.isprintable() for name in row) and not set(row) & {"\\", '"'}
    if recipe.needed != recipe.used or not plain or len(row) > _LONGEST_EXAMPLE:
        return "predict(row), with a dictionary of a row's cells by the names of their columns"
    return "\n".join(filled(f"predict({{{row}}})".split(" "), indent)).lstrip()


def reading_limits(model: Model) -> tuple[str, ...]:
    """Say how a program reads tables otherwise than Nodeglow."""
    mark = "a comma or a point" if model.recipe.decimal == "," else "a point"
    return (f"It reads CSV files alone, whose numbers have {mark} before the decimals and nothing between thousands.",)
