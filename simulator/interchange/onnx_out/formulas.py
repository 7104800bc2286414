"""A derived column's formula as ONNX operators, with the same answers as `simulator.data.formula_values`."""

import functools
import math
from collections.abc import Callable, Mapping

import numpy as np

from simulator.data.cells import is_missing
from simulator.data.formula_values import Node
from simulator.errors import ExportError
from simulator.interchange.onnx_out.columns import CHOOSE_PREPARED, spellings_of_missing
from simulator.interchange.onnx_out.graph import ML_DOMAIN, OnnxGraph

_FLOAT = np.float64
_COMPARED = {"==": "Equal", "<": "Less", "<=": "LessOrEqual", ">": "Greater", ">=": "GreaterOrEqual"}
_COUNTED = {"+": "Add", "-": "Sub", "*": "Mul", "/": "Div", "^": "Pow"}
_PLAIN = {
    "abs": "Abs", "sign": "Sign", "sqrt": "Sqrt", "exp": "Exp", "log": "Log", "ln": "Log", "sin": "Sin", "cos": "Cos",
    "tanh": "Tanh", "floor": "Floor", "ceil": "Ceil", "round": "Round", "unary -": "Neg", "unary +": "Identity",
}  # fmt: skip


class FormulaWriter:
    """Adds formulas to a graph.

    Parameters
    ----------
    graph
        What is added to.
    numbers
        The names of float64 columns (rows, 1) in the graph, by the columns' own names.
    texts
        The same for columns of texts.
    """

    def __init__(self, graph: OnnxGraph, numbers: Mapping[str, str], texts: Mapping[str, str]) -> None:
        self._graph, self._numbers, self._texts = graph, numbers, texts

    def column(self, root: Node, name: str) -> str:
        """Add a derived column, float64 (rows, 1): NaN where the formula has no finite value.

        Raises
        ------
        ExportError
            When an operator is missing for it.
        """
        graph = self._graph
        if not _uses_columns(root):
            raise ExportError(f"the derived column {name!r} is the same in every row", CHOOSE_PREPARED)
        value = self._number(root)
        return graph.node("Where", graph.is_unusable(value), self._constant(math.nan), value)

    def _constant(self, value: float) -> str:
        return self._graph.constant(value, _FLOAT)

    def _number(self, node: Node) -> str:
        """Return a float64 value; a condition is 1 or 0."""
        if node.kind == "number":
            return self._constant(node.value)
        if node.kind == "column":
            if node.value not in self._numbers:
                raise ExportError(f"a formula counts with {node.value!r}, which is a text in the file", CHOOSE_PREPARED)
            return self._numbers[node.value]
        if _is_condition(node):
            return self._graph.cast(self._condition(node), _FLOAT)
        parts = [self._number(part) for part in node.parts]
        if node.value in _COUNTED:
            return self._graph.node(_COUNTED[node.value], *parts)
        if node.value in _PLAIN:
            return self._graph.node(_PLAIN[node.value], *parts)
        composed = self._composed.get(node.value)
        if composed is None:
            raise ExportError(f"ONNX has no operator for {node.value} in a formula", CHOOSE_PREPARED)
        return composed(*parts)

    @functools.cached_property
    def _composed(self) -> Mapping[str, Callable[..., str]]:
        graph = self._graph
        return {
            "%": self._modulo,
            "log10": lambda x: self._logarithm(x, 10.0),
            "log2": lambda x: self._logarithm(x, 2.0),
            "tan": lambda x: graph.node("Div", graph.node("Sin", x), graph.node("Cos", x)),
            "atan2": self._angle,
            "max": lambda *each: functools.reduce(lambda a, b: self._extreme("Max", a, b), each),
            "min": lambda *each: functools.reduce(lambda a, b: self._extreme("Min", a, b), each),
        }

    def _modulo(self, a: str, b: str) -> str:
        """Return a mod b with the sign of b; ONNX has the remainder with the sign of a."""
        graph, zero = self._graph, self._constant(0.0)
        rest = graph.node("Mod", a, b, fmod=1)
        other_sign = graph.node("Less", graph.node("Mul", graph.node("Sign", rest), graph.node("Sign", b)), zero)
        return graph.node("Where", other_sign, graph.node("Add", rest, b), rest)

    def _logarithm(self, x: str, base: float) -> str:
        """Return the logarithm to a base: a whole number where x is a power of the base, so that floor is right."""
        graph = self._graph
        found = graph.node("Div", graph.node("Log", x), self._constant(math.log(base)))
        whole = graph.node("Round", found)
        is_power = graph.node("Equal", graph.node("Pow", self._constant(base), whole), x)
        return graph.node("Where", is_power, whole, found)

    def _extreme(self, operator: str, a: str, b: str) -> str:
        # A runtime may let a number win over a missing one.
        graph = self._graph
        missing = graph.node("Or", graph.node("IsNaN", a), graph.node("IsNaN", b))
        return graph.node("Where", missing, self._constant(math.nan), graph.node(operator, a, b))

    def _angle(self, y: str, x: str) -> str:
        """Return atan2(y, x): the arc tangent in float32, which runtimes have, with a step of Newton's in float64.

        With the first angle t, what lacks has the sine (y·cos t − x·sin t)/r, and is as small as float32 rounds.
        """
        graph, zero = self._graph, self._constant(0.0)
        first = graph.node("Atan", graph.cast(graph.node("Div", y, x), np.float32))
        turned = graph.node("Where", graph.node("Less", y, zero), self._constant(-math.pi), self._constant(math.pi))
        turn = graph.node("Where", graph.node("Less", x, zero), turned, zero)
        t = graph.node("Add", graph.cast(first, _FLOAT), turn)
        size = graph.node("Max", graph.node("Abs", x), graph.node("Abs", y))
        ys, xs = graph.node("Div", y, size), graph.node("Div", x, size)
        length = graph.node("Sqrt", graph.node("Add", graph.node("Mul", ys, ys), graph.node("Mul", xs, xs)))
        across = graph.node(
            "Sub", graph.node("Mul", ys, graph.node("Cos", t)), graph.node("Mul", xs, graph.node("Sin", t))
        )
        angle = graph.node("Add", t, graph.node("Div", across, length))
        return graph.node("Where", graph.node("Equal", size, zero), zero, angle)

    def _condition(self, node: Node) -> str:
        graph = self._graph
        if node.value in ("and", "or"):
            return graph.node(node.value.capitalize(), *(self._condition(part) for part in node.parts))
        if node.value == "not":
            return graph.node("Not", self._condition(node.parts[0]))
        if node.value == "is_missing":
            return self._is_missing(node.parts[0])
        if node.value == "in":
            choices = [self._compared("==", node.parts[0], each) for each in node.parts[1].parts]
            return functools.reduce(lambda a, b: graph.node("Or", a, b), choices, graph.constant(False, np.bool_))
        if node.value not in (*_COMPARED, "!="):
            raise ExportError(f"beside a condition stands {node.value}, which is none", CHOOSE_PREPARED)
        return self._compared(node.value, *node.parts)

    def _compared(self, sign: str, left: Node, right: Node) -> str:
        graph = self._graph
        if self._is_text(left) or self._is_text(right):
            return self._compared_texts(sign, left, right)
        a, b = self._number(left), self._number(right)
        if sign != "!=":
            return graph.node(_COMPARED[sign], a, b)  # false where one is missing, as a formula wants it
        missing = graph.node("Or", graph.node("IsNaN", a), graph.node("IsNaN", b))
        return graph.node("Not", graph.node("Or", missing, graph.node("Equal", a, b)))

    def _is_text(self, node: Node) -> bool:
        return node.kind == "text" or (node.kind == "column" and node.value in self._texts)

    def _compared_texts(self, sign: str, left: Node, right: Node) -> str:
        column, text = (left, right) if left.kind == "column" else (right, left)
        if column.kind != "column" or text.kind != "text" or sign not in ("==", "!="):
            raise ExportError(
                "ONNX compares the texts of a column with a text in quotation marks only", CHOOSE_PREPARED
            )
        # 0 where it is missing, 1 where it is the text, 2 where it is another.
        wanted = text.value if text.value == text.value.strip() and not is_missing(text.value) else None
        found = self.places(column.value, {} if wanted is None else {wanted: 1}, missing=0, other=2)
        return self._graph.node("Equal", found, self._graph.constant(1 if sign == "==" else 2, np.int64))

    def _is_missing(self, node: Node) -> str:
        if self._is_text(node) and node.kind == "column":
            return self._graph.node(
                "Equal", self.places(node.value, {}, missing=0, other=1), self._graph.constant(0, np.int64)
            )
        return self._graph.node("IsNaN", self._number(node))

    def places(self, column: str, known: Mapping[str, int], missing: int, other: int) -> str:
        """Add a table that gives texts whole numbers.

        Parameters
        ----------
        column
            The name of a column of texts.
        known
            The numbers of some texts.
        missing, other
            The numbers of what says that a value is missing, and of everything else.

        Returns
        -------
        The name of int64 (rows, 1).
        """
        table = dict.fromkeys(spellings_of_missing(), missing)
        for text, number in known.items():
            table.setdefault(text, number)
        keys = [text.encode("utf-8", errors="backslashreplace") for text in table]
        return self._graph.node(
            "LabelEncoder",
            self._texts[column],
            domain=ML_DOMAIN,
            keys_strings=keys,
            values_int64s=list(table.values()),
            default_int64=other,
        )


def _uses_columns(node: Node) -> bool:
    return node.kind == "column" or any(_uses_columns(part) for part in node.parts)


def _is_condition(node: Node) -> bool:
    return node.kind == "call" and node.value in (*_COMPARED, "!=", "and", "or", "not", "is_missing", "in")
