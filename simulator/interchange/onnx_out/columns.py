"""The raw columns that a graph is given: what each is called there, and what it holds."""

import dataclasses
import itertools
from collections.abc import Iterator, Mapping

from simulator.data.cells import MISSING, is_code
from simulator.data.formula import parse
from simulator.data.formula_values import Node
from simulator.data.recipe import Recipe
from simulator.data.steps import Number
from simulator.data.steps.category import OneHot, Ordinal
from simulator.data.steps.parts import Parts
from simulator.errors import ExportError

NUMBER, TEXT, DATE = "number", "text", "date"
"""What a raw column can hold: a number, a text, or the seconds since the beginning of 1970.

A column of which formulas ask only whether it is missing is a number: that is all that can be known of it.
"""

CHOOSE_PREPARED = "Choose prepared inputs: the file then takes the numbers that go into the network."


@dataclasses.dataclass(frozen=True)
class Column:
    """A raw column: its name, its name among the graph's inputs, and what it holds."""

    name: str
    graph_name: str
    holds: str


def columns_of_graph(recipe: Recipe, reserved: tuple[str, ...]) -> tuple[Column, ...]:
    """Return the raw columns that a recipe needs, in its order.

    Parameters
    ----------
    recipe
        What prepares them.
    reserved
        Names that are not free in the graph.

    Raises
    ------
    ExportError
        For a column that the graph cannot prepare.
    """
    holds = _contents(recipe)
    taken = {*reserved}
    columns: list[Column] = []
    for name in recipe.needed:
        graph_name = _free(_written(name), taken)
        columns.append(Column(name, graph_name, holds.get(name, NUMBER)))
    if not columns:
        raise ExportError("no raw column goes into this network", CHOOSE_PREPARED)
    return tuple(columns)


def spellings_of_missing() -> tuple[str, ...]:
    """Return every text that says that a value is missing, in every mixture of small and capital letters."""
    return tuple(
        dict.fromkeys(
            "".join(letters)
            for text in sorted(MISSING)
            for letters in itertools.product(*(sorted({each.lower(), each.upper()}) for each in text))
        )
    )


def _contents(recipe: Recipe) -> dict[str, str]:
    """Return what the raw columns hold, as steps and formulas use them."""
    found: dict[str, str] = {}
    derived = {each.name for each in recipe.derived}
    for step in recipe.columns:
        if step.column in derived:
            continue
        if isinstance(step, Parts) and step.kind == "text":
            raise ExportError(
                f"ONNX has no operator that counts the characters or words of {step.column!r}", CHOOSE_PREPARED
            )
        found[step.column] = NUMBER if isinstance(step, Number) else DATE if isinstance(step, Parts) else TEXT
    needed = {*recipe.needed}
    for each in recipe.derived:
        for name, holds in _uses(parse(each.formula).root):
            if name not in needed:
                continue
            if found.setdefault(name, holds) != holds:
                raise ExportError(
                    f"the column {each.name!r} takes {name!r} for a {holds}, elsewhere it is a {found[name]}",
                    CHOOSE_PREPARED,
                )
    return found


def _uses(node: Node) -> Iterator[tuple[str, str]]:
    """Yield the columns of a formula with what they are taken for there, as far as that can be seen."""
    if node.value in ("==", "!=", "in") and node.kind == "call":
        sides = (node.parts[0], *(node.parts[1].parts if node.value == "in" else node.parts[1:]))
        holds = TEXT if any(side.kind == "text" for side in sides) else NUMBER
        for side in sides:
            if side.kind == "column":
                yield side.value, holds
            else:
                yield from _uses(side)
        return
    for part in node.parts:
        if part.kind == "column":
            if node.value != "is_missing":
                yield part.value, NUMBER
        else:
            yield from _uses(part)
    if node.kind == "column":  # a formula that is a column and nothing else
        yield node.value, NUMBER


def _written(name: str) -> str:
    """Return a name that any program can pass on: nothing unprintable, and not nothing."""
    return "".join(each if each.isprintable() else "_" for each in name) or "column"


def _free(stem: str, taken: set[str]) -> str:
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem}_{number}"
    taken.add(name)
    return name


def column_notes(recipe: Recipe, columns: tuple[Column, ...]) -> tuple[str, ...]:
    """Say what whoever feeds the graph with raw columns must know, in plain sentences."""
    said: list[str] = []
    renamed: Mapping[str, str] = {each.name: each.graph_name for each in columns if each.name != each.graph_name}
    said += [f"The column {name!r} is called {other!r} in the file." for name, other in renamed.items()]
    dates = [each.name for each in columns if each.holds == DATE]
    if dates:
        said.append(f"{_listed(dates)}: given as the seconds since the beginning of 1970, not as a text.")
    if any(each.holds == TEXT for each in columns):
        said.append("Texts must be spelt exactly like the categories: blanks around them are not removed.")
    used = _contents(recipe)
    asked = [each.name for each in columns if each.name not in used]
    if asked:
        said.append(
            f"{_listed(asked)}: formulas ask only whether it is missing, so a number stands for it: NaN where it is "
            "missing, any other where it is there."
        )
    codes = [
        step.column
        for step in recipe.columns
        if isinstance(step, OneHot | Ordinal) and any(map(is_code, step.categories))
    ]
    if codes:
        said.append(f"{_listed(codes)}: numbers that stand for categories are given as texts, as '3' for 3.")
    refusing = [step.column for step in recipe.columns if isinstance(step, OneHot | Ordinal) and _refuses(step)]
    if refusing:
        said.append(f"{_listed(refusing)}: a row with an unknown category gets no answer (NaN) instead of an error.")
    return tuple(said)


def _refuses(step: OneHot | Ordinal) -> bool:
    return step.unknown == "refuse"


def _listed(names: list[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:5])
    return shown + (f" and {len(names) - 5} more" if len(names) > 5 else "")
