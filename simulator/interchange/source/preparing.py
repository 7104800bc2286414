"""The preparation of raw columns as readable Python: what a fitted recipe does, written out."""

import dataclasses
from collections.abc import Sequence

from simulator.data.cells import is_code
from simulator.data.formula import parse
from simulator.data.recipe import Recipe
from simulator.data.steps import Number, OneHot, Ordinal, Parts, Scaling, Step
from simulator.interchange.source import cells
from simulator.interchange.source.formulas import FormulaCode, text_columns
from simulator.interchange.source.literals import (
    python_code,
    python_comment,
    python_item,
    python_list,
    python_text,
    shown,
)

_SHORTEST_TABLE = 40
_SHORTEST_RUN = 4
"""So many columns in a row that are prepared alike are written as one line over a list of their names."""

_COLUMNS_OF = '''
def columns_of(data):
    """Return the needed columns, from one row, a list of rows, or columns by their names."""
    if isinstance(data, (list, tuple)):
        return {name: [row[name] for row in data] for name in COLUMNS}
    cells = {name: data[name] for name in COLUMNS}
    return {name: [cell] if np.ndim(cell) == 0 else cell for name, cell in cells.items()}
'''


@dataclasses.dataclass(frozen=True)
class Preparation:
    """The parts of a program that prepare raw columns.

    Attributes
    ----------
    modules
        What it imports of the standard library, as whole lines.
    constants
        Lines that stand at the top.
    functions
        Functions; the last one is ``prepare``.
    """

    modules: tuple[str, ...]
    constants: tuple[str, ...]
    functions: tuple[str, ...]


def preparation(recipe: Recipe, more: Sequence[str] = ()) -> Preparation:
    """Write a recipe as code.

    Parameters
    ----------
    recipe
        What is written.
    more
        Functions of `cells` that the rest of the program calls, too.
    """
    writer = _Writer(recipe)
    body = writer.prepare()
    helpers = frozenset(writer.helpers) | frozenset(more)
    modules = [f"import {each}" for each in cells.modules(helpers)]
    constants = [
        *python_list(map(python_text, recipe.needed), head="COLUMNS = ").split("\n"),
        *writer.constants,
        *cells.constants(helpers, recipe.decimal),
        *cells.parts_table("DATE_PARTS", "moments", cells.DATE_PARTS, frozenset(writer.date_parts)),
        *cells.parts_table("TEXT_PARTS", "word", cells.TEXT_PARTS, frozenset(writer.text_parts)),
    ]
    functions = [_COLUMNS_OF.strip("\n"), *cells.functions(helpers - {"reduce"}, recipe.decimal), body]
    if "reduce" in helpers:
        modules.append("from functools import reduce")
    return Preparation(tuple(modules), tuple(constants), tuple(functions))


class _Writer:
    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self.helpers: set[str] = set()
        self.constants: list[str] = []
        self.date_parts: set[str] = set()
        self.text_parts: set[str] = set()
        self._before: list[str] = []
        self._lists = 0

    def prepare(self) -> str:
        inputs: list[str] = []
        for steps in _runs(self._recipe.columns):
            if len(steps) == 1:
                inputs += self._step(steps[0])
            else:
                same = all(_alike(steps[0], step) for step in steps)
                inputs += self._run(steps) if same else self._table(steps)
        return "\n".join(
            [
                '@np.errstate(all="ignore")',
                "def prepare(data):",
                f'    """Return the network\'s inputs, (rows, {self._recipe.inputs}), NaN where a value is missing.',
                "",
                "    Parameters",
                "    ----------",
                "    data",
                "        One row as a dictionary, a list of such rows, or columns by their names (a DataFrame, too).",
                '    """',
                "    columns = columns_of(data)",
                *self._derived(),
                *self._before,
                "    inputs = [",
                *inputs,
                "    ]",
                "    return np.column_stack(inputs)",
            ]
        )

    def _derived(self) -> list[str]:
        lines: list[str] = []
        own = {each.name for each in self._recipe.choices.derived}
        for each in self._recipe.derived:
            root = parse(each.formula).root
            code = FormulaCode((text_columns(root) | self._texts()) - own)
            written = code.write(root)
            self.helpers |= code.helpers | {"finite"}
            lines.append(python_comment(f"{shown(each.name)} = {shown(each.formula, 400)}", "    "))
            lines.append(python_code(f"{written}, columns", "    ", f"columns[{python_text(each.name)}] = finite"))
        return lines

    def _texts(self) -> frozenset[str]:
        return frozenset(
            step.column
            for step in self._recipe.columns
            if isinstance(step, OneHot | Ordinal) or (isinstance(step, Parts) and step.kind == "text")
        )

    def _run(self, steps: Sequence[Step]) -> list[str]:
        """Return the line of numbers that are prepared alike."""
        self._lists += 1
        name = f"NAMES_{self._lists}" if self._lists > 1 or len(steps) < len(self._recipe.columns) else "NAMES"
        if [step.column for step in steps] == list(self._recipe.needed):
            name = "COLUMNS"
        else:
            names = (python_text(step.column) for step in steps)
            self.constants += python_list(names, head=f"{name} = ").split("\n")
        first = steps[0]
        assert isinstance(first, Number)
        code = self._number(first, "name")
        return [f"        *[{code} for name in {name}],"]

    def _table(self, steps: Sequence[Step]) -> list[str]:
        """Return the line of many numbers that are scaled one way, each with numbers of its own."""
        self._lists += 1
        rows = [step for step in steps if isinstance(step, Number)]
        table = f"SCALED_{self._lists}"
        self.constants.append(f"{table} = [  # the column, what is taken away, what it is divided by")
        numbers = [(step.scaling.centre, step.scaling.scale) for step in rows]
        self.constants += [
            f"    ({python_text(step.column)}, {centre!r}, {scale!r}),"
            for step, (centre, scale) in zip(rows, numbers, strict=True)
        ]
        self.constants.append("]")
        code = self._number(dataclasses.replace(rows[0], scaling=Scaling(rows[0].scaling.way)), "name")
        return [
            "        *[",
            f"            ({code} - centre) / scale",
            f"            for name, centre, scale in {table}",
            "        ],",
        ]

    def _step(self, step: Step) -> list[str]:
        if isinstance(step, Number):
            lines = [self._number(step, python_text(step.column))]
            if step.flag:
                lines.append(f"np.isnan(numbers(columns, {python_text(step.column)})).astype(np.float64)")
            return [python_item(line, "        ") for line in lines]
        if isinstance(step, Parts):
            return self._parts(step)
        assert isinstance(step, OneHot | Ordinal)
        return self._categories(step)

    def _number(self, step: Number, name: str) -> str:
        self.helpers.add("numbers")
        return self._scaled(self._filled(f"numbers(columns, {name})", step.fill), step.scaling)

    def _filled(self, code: str, fill: float | None) -> str:
        if fill is None:
            return code
        self.helpers.add("filled")
        return f"filled({code}, {fill!r})"

    def _scaled(self, code: str, scaling: Scaling) -> str:
        if scaling.way == "none":
            return code
        if scaling.way == "log":
            self.helpers.add("stretched")
            code = f"stretched({code})"
        sign = "-" if scaling.centre >= 0 else "+"
        code = code if scaling.centre == 0 else f"({code} {sign} {abs(scaling.centre)!r})"
        return code if scaling.scale == 1 else f"{code} / {scaling.scale!r}"

    def _categories(self, step: OneHot | Ordinal) -> list[str]:
        number = self._recipe.columns.index(step) + 1
        words, listed = f"words_{number}", f"CATEGORIES_{number}"
        self.constants += python_list(map(python_text, step.categories), head=f"{listed} = ").split("\n")
        numeric = all(map(is_code, step.categories))
        self.helpers |= {"codes" if numeric else "texts"}
        source = f"{'codes' if numeric else 'texts'}(columns, {python_text(step.column)})"
        if step.unknown == "refuse":
            self.helpers.add("known")
            source = f"known({source}, {listed})"
        self._before.append(f"    {words} = {source}")
        settings = "" if step.fill is None else f", missing={step.categories.index(step.fill)}"
        if step.unknown == "most_frequent":
            settings += f", unknown={step.categories.index(step.usual or step.categories[0])}"
        self.helpers.add("places")
        found = f"places({words}, {listed}{settings})"
        if isinstance(step, OneHot):
            self.helpers.add("one_hot")
            lines = [f"one_hot({found}, {len(step.categories)})"]
        else:
            self.helpers.add("ordinal")
            lines = [self._scaled(f"ordinal({found})", step.scaling)]
        if step.flag:
            self.helpers.add("missing")
            lines.append(f"missing({words})")
        return [f"        # {shown(step.column)}", *(python_item(line, "        ") for line in lines)]

    def _parts(self, step: Parts) -> list[str]:
        number = self._recipe.columns.index(step) + 1
        name = python_text(step.column)
        if step.kind == "date":
            self.helpers.add("dates")
            self.date_parts |= {*step.parts}
            values = f"moments_{number}"
            self._before.append(f"    {values} = dates(columns, {name}, {python_text(step.order)})")
        else:
            self.helpers |= {"texts", "text_part"}
            self.text_parts |= {*step.parts}
            values = f"words_{number}"
            self._before.append(f"    {values} = texts(columns, {name})")
        lines: list[str] = []
        for place, part in enumerate(step.parts):
            code = f"{step.kind}_part({python_text(part)}, {values})"
            fill = step.fills[place] if step.fills else None
            lines.append(self._scaled(self._filled(code, fill), step.scalings[place]))
        if step.flag and step.kind == "date":
            lines.append(f"np.isnat({values}).astype(np.float64)")
        elif step.flag:
            self.helpers.add("missing")
            lines.append(f"missing({values})")
        return [f"        # {shown(step.column)}", *(python_item(line, "        ") for line in lines)]


def _runs(steps: Sequence[Step]) -> list[list[Step]]:
    """Return the steps in runs of numbers that are prepared alike, and single ones."""
    runs: list[list[Step]] = []
    for step in steps:
        if runs and _of_one_way(runs[-1][0], step):
            runs[-1].append(step)
        else:
            runs.append([step])
    return [part for run in runs for part in ([run] if _is_run(run) else [[each] for each in run])]


def _is_run(run: Sequence[Step]) -> bool:
    same = all(_alike(run[0], step) for step in run)
    return len(run) >= (_SHORTEST_RUN if same else _SHORTEST_TABLE)


def _of_one_way(one: Step, other: Step) -> bool:
    """Whether two numbers are scaled one way, perhaps by different numbers, and neither is filled."""
    if not (isinstance(one, Number) and isinstance(other, Number)):
        return False
    ways = {one.scaling.way, other.scaling.way}
    plain = not (one.flag or other.flag) and one.fill is None and other.fill is None
    return _alike(one, other) or (plain and len(ways) == 1 and "none" not in ways)


def _alike(one: Step, other: Step) -> bool:
    if not (isinstance(one, Number) and isinstance(other, Number)) or one.flag or other.flag:
        return False
    return dataclasses.replace(one, column="", pixel=False) == dataclasses.replace(other, column="", pixel=False)
