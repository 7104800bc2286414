"""The recipe as ONNX operators: from raw columns to the inputs of the network, in float64 as here."""

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from simulator.data.formula import parse
from simulator.data.recipe import Recipe
from simulator.data.steps import Number, Step
from simulator.data.steps.category import OneHot, Ordinal
from simulator.data.steps.parts import Parts
from simulator.data.steps.scaling import Scaling
from simulator.errors import ExportError
from simulator.interchange.onnx_out.columns import CHOOSE_PREPARED, TEXT, Column
from simulator.interchange.onnx_out.dates import DateWriter
from simulator.interchange.onnx_out.formulas import FormulaWriter
from simulator.interchange.onnx_out.graph import OnnxGraph

_FLOAT = np.float64
_MISSING, _UNKNOWN = -1, -2


def write_preparation(graph: OnnxGraph, recipe: Recipe, columns: Sequence[Column]) -> str:
    """Add the whole preparation of raw rows.

    Parameters
    ----------
    graph
        What is added to; the columns are its inputs.
    recipe
        What is done.
    columns
        The raw columns; numbers are float64.

    Returns
    -------
    The name of float64 (rows, inputs), NaN where a missing value is not filled.

    Raises
    ------
    ExportError
        For what ONNX has no operator for.
    """
    return _Preparation(graph, recipe, columns).inputs()


class _Preparation:
    def __init__(self, graph: OnnxGraph, recipe: Recipe, columns: Sequence[Column]) -> None:
        self._graph, self._recipe = graph, recipe
        self._numbers = {each.name: each.graph_name for each in columns if each.holds != TEXT}
        self._texts = {each.name: each.graph_name for each in columns if each.holds == TEXT}
        self._formulas = FormulaWriter(graph, self._numbers, self._texts)

    def inputs(self) -> str:
        for each in self._recipe.derived:
            self._numbers[each.name] = self._formulas.column(parse(each.formula).root, each.name)
        parts: list[str] = []
        for together, found in itertools.groupby(self._recipe.columns, self._is_plain):
            steps = list(found)
            parts += [self._plain_numbers(steps)] if together else [self._step(step) for step in steps]
        return self._joined(parts)

    def _joined(self, parts: Sequence[str]) -> str:
        return parts[0] if len(parts) == 1 else self._graph.node("Concat", *parts, axis=1)

    def _constant(self, value: Any) -> str:
        return self._graph.constant(value, _FLOAT)

    def _is_plain(self, step: Step) -> bool:
        return isinstance(step, Number) and not step.flag and step.scaling.way != "log"

    def _plain_numbers(self, steps: Sequence[Any]) -> str:
        """Prepare neighbouring columns of numbers all at once: a picture has hundreds."""
        values = self._joined([self._numbers[step.column] for step in steps])
        fills = [math.nan if step.fill is None else step.fill for step in steps]
        values = self._filled(values, fills)
        scalings: list[Scaling] = [step.scaling for step in steps]
        return self._scaled(values, [each.centre for each in scalings], [each.scale for each in scalings])

    def _filled(self, values: str, fills: Sequence[float]) -> str:
        """Return values (rows, n) with n fills where they are missing; NaN fills nothing."""
        if all(math.isnan(fill) for fill in fills):
            return values
        return self._graph.node("Where", self._graph.node("IsNaN", values), self._constant([fills]), values)

    def _scaled(self, values: str, centres: Sequence[float], scales: Sequence[float]) -> str:
        if any(centres):
            values = self._graph.node("Sub", values, self._constant([centres]))
        if any(scale != 1.0 for scale in scales):
            values = self._graph.node("Div", values, self._constant([scales]))
        return values

    def _scaled_one(self, scaling: Scaling, values: str) -> str:
        graph = self._graph
        if scaling.way == "log":
            size = graph.log1p(graph.node("Abs", values), _FLOAT)
            values = graph.node("Mul", graph.node("Sign", values), size)
        return values if scaling.way == "none" else self._scaled(values, [scaling.centre], [scaling.scale])

    def _step(self, step: Step) -> str:
        if isinstance(step, Number):
            parts = self._one_number(step)
        elif isinstance(step, OneHot | Ordinal):
            parts = self._category(step)
        elif isinstance(step, Parts) and step.kind == "date":
            parts = self._date(step)
        else:
            raise ExportError(f"the column {step.column!r} cannot be prepared by ONNX operators", CHOOSE_PREPARED)
        return self._joined(parts)

    def _one_number(self, step: Number) -> list[str]:
        value = self._numbers[step.column]
        known = self._filled(value, [math.nan if step.fill is None else step.fill])
        scaled = self._scaled_one(step.scaling, known)
        return [scaled, self._flag(self._graph.node("IsNaN", value))] if step.flag else [scaled]

    def _flag(self, missing: str) -> str:
        return self._graph.cast(missing, _FLOAT)

    def _category(self, step: OneHot | Ordinal) -> list[str]:
        graph = self._graph
        count = len(step.categories)
        known = {category: place for place, category in enumerate(step.categories)}
        # An unknown category that is to be refused cannot be: its row gets no answer, as if it were missing.
        other = {
            "zeros": _UNKNOWN,
            "most_frequent": known[step.usual or step.categories[0]],
            "refuse": _MISSING,
        }[step.unknown]
        lost = _MISSING if step.fill is None else known[step.fill]
        place, missing = self._places(step, known, lost, other)
        nothing = graph.node("Equal", place, graph.constant(_MISSING, np.int64))
        if isinstance(step, OneHot):
            mine = graph.node("Equal", place, graph.constant([range(count)], np.int64))
            values = graph.cast(mine, _FLOAT)
        else:
            at = graph.node("Max", graph.cast(place, _FLOAT), self._constant(-1.0))
            values = self._scaled_one(step.scaling, at)
        if lost == _MISSING or other == _MISSING:
            values = graph.node("Where", nothing, self._constant(math.nan), values)
        return [values, self._flag(missing())] if step.flag else [values]

    def _places(self, step: OneHot | Ordinal, known: dict[str, int], lost: int, other: int) -> tuple[str, Any]:
        """Return the place of every row's category, int64 (rows, 1), and what adds where it is missing."""
        graph, column = self._graph, step.column
        if column in self._texts:
            return self._formulas.places(column, known, lost, other), lambda: graph.node(
                "Equal", self._formulas.places(column, {}, 1, 0), graph.constant(1, np.int64)
            )
        # A derived column holds numbers; their categories are the texts that spell them.
        value = self._numbers[column]
        numbers = [[_spelt(category) for category in step.categories]]
        mine = graph.cast(graph.node("Equal", value, self._constant(numbers)), _FLOAT)
        at = graph.node("MatMul", mine, self._constant([[place] for place in range(len(step.categories))]))
        total = graph.node("MatMul", mine, self._constant(np.ones((len(step.categories), 1))))
        missing = graph.node("IsNaN", value)
        found = graph.node("Where", graph.node("Greater", total, self._constant(0.5)), at, self._constant(other))
        return graph.cast(graph.node("Where", missing, self._constant(lost), found), np.int64), lambda: missing

    def _date(self, step: Parts) -> list[str]:
        seconds = self._numbers[step.column]
        writer = DateWriter(self._graph, seconds)
        parts: list[str] = []
        for place, (part, scaling) in enumerate(zip(step.parts, step.scalings, strict=True)):
            value = self._filled(writer.part(part), [step.fills[place] if step.fills else math.nan])
            parts.append(self._scaled_one(scaling, value))
        return [*parts, self._flag(self._graph.node("IsNaN", seconds))] if step.flag else parts


def _spelt(category: str) -> float:
    try:
        return float(category)
    except ValueError:  # a constant that fills empty cells
        return math.nan
