"""The formula of a derived column as NumPy code."""

import numpy as np

from simulator.data.formula_values import Node, evaluate
from simulator.errors import ExportError
from simulator.interchange.source.literals import python_text

NUMBER, TEXT, CONDITION = "number", "text", "condition"

_FUNCTIONS = {
    "abs": "np.abs", "sign": "np.sign", "sqrt": "np.sqrt", "exp": "np.exp", "log": "np.log", "ln": "np.log",
    "log10": "np.log10", "log2": "np.log2", "sin": "np.sin", "cos": "np.cos", "tan": "np.tan", "atan2": "np.arctan2",
    "tanh": "np.tanh", "floor": "np.floor", "ceil": "np.ceil", "round": "np.round",
}  # fmt: skip
_SIGNS = {"+": (" + ", 5), "-": (" - ", 5), "*": (" * ", 6), "/": (" / ", 6), "%": (" % ", 6), "^": ("**", 8)}
_COMPARED = ("==", "!=", "<", "<=", ">", ">=")
_JOINED = {"and": (" & ", 3), "or": (" | ", 1)}
_COMPARISON, _UNARY, _WHOLE = 0, 7, 9
"""How tightly Python binds; a comparison binds less than `|`, which is why it stands between brackets there."""


class FormulaCode:
    """Writes formulas as NumPy code over a dictionary ``columns``.

    Parameters
    ----------
    texts
        The columns that hold texts; all others hold numbers.
    """

    def __init__(self, texts: frozenset[str]) -> None:
        self._texts = texts
        self.helpers: set[str] = set()
        """Which functions of the program's own the code calls."""

    def write(self, root: Node) -> str:
        """Return the expression of a formula; missing numbers are NaN, a comparison with one is false.

        Raises
        ------
        ExportError
            When it does with texts what only numbers allow; the recipe itself could not be used then.
        """
        return self._number(root)[0]

    def _number(self, node: Node) -> tuple[str, int]:
        """Return the code of a number, and how tightly it binds."""
        if _is_constant(node):
            value = _constant(node)
            if not np.isfinite(value):
                return {"nan": "np.nan", "inf": "np.inf"}.get(str(value), "-np.inf"), _UNARY
            text = repr(value)  # a zero may have a sign, too
            return text, _UNARY if text.startswith("-") else _WHOLE
        if node.kind == "column":
            return self._column(node, NUMBER), _WHOLE
        if node.value in _COMPARED or node.value in ("in", "and", "or", "not", "is_missing"):
            return f"np.where({self._condition(node)[0]}, 1.0, 0.0)", _WHOLE
        if node.value in _SIGNS:
            sign, binding = _SIGNS[node.value]
            right_first = node.value == "^"
            left = _within(self._number(node.parts[0]), binding + right_first)
            right = _within(self._number(node.parts[1]), binding + (not right_first))
            return f"{left}{sign}{right}", binding
        if node.value.startswith("unary "):
            return f"{node.value[-1]}{_within(self._number(node.parts[0]), _UNARY)}", _UNARY
        parts = [self._number(part)[0] for part in node.parts]
        if node.value in ("min", "max"):
            return self._extreme(node.value, parts), _WHOLE
        return f"{_FUNCTIONS[node.value]}({', '.join(parts)})", _WHOLE

    def _extreme(self, name: str, parts: list[str]) -> str:
        function = "np.maximum" if name == "max" else "np.minimum"
        if len(parts) == 1:
            return parts[0] if parts[0].isidentifier() else f"({parts[0]})"
        if len(parts) == 2:
            return f"{function}({parts[0]}, {parts[1]})"
        self.helpers.add("reduce")
        return f"reduce({function}, [{', '.join(parts)}])"

    def _condition(self, node: Node) -> tuple[str, int]:
        if node.value == "is_missing":
            return self._missing(node.parts[0]), _WHOLE
        if node.value in _JOINED:
            sign, binding = _JOINED[node.value]
            sides = [_within(self._condition(part), binding + place) for place, part in enumerate(node.parts)]
            return sign.join(sides), binding
        if node.value == "not":
            return f"~{_within(self._condition(node.parts[0]), _UNARY)}", _UNARY
        if node.value == "in":
            return self._among(node)
        return self._comparison(node.value, *node.parts)

    def _comparison(self, sign: str, left: Node, right: Node) -> tuple[str, int]:
        kind = TEXT if TEXT in (self._kind(left), self._kind(right)) else NUMBER
        if left.kind == right.kind == "text":
            return f"np.bool_({(left.value == right.value) == (sign == '==')})", _WHOLE
        if kind == NUMBER:
            sides = [self._number(part) for part in (left, right)]
            if all(_is_constant(part) for part in (left, right)):
                return f"np.bool_({bool(_constant(Node('call', sign, (left, right))))})", _WHOLE
        else:
            sides = [(self._text(part), _WHOLE) for part in (left, right)]
        if sign == "!=" or (kind == TEXT and left.kind == right.kind):
            name = {"!=": "differ" if kind == NUMBER else "disagree"}.get(sign, "agree")
            self.helpers.add(name)
            return f"{name}({sides[0][0]}, {sides[1][0]})", _WHOLE
        return f"{_within(sides[0], 1)} {sign} {_within(sides[1], 1)}", _COMPARISON

    def _among(self, node: Node) -> tuple[str, int]:
        one, choices = node.parts[0], node.parts[1].parts
        if not choices:
            return "np.bool_(False)", _WHOLE
        if one.kind == "column" and all(each.kind == "text" for each in choices):
            listed = ", ".join(python_text(each.value) for each in choices)
            return f"np.isin({self._column(one, TEXT)}, [{listed}])", _WHOLE
        sides = [_within(self._comparison("==", one, each), 2) for each in choices]
        return " | ".join(sides), 1 if len(sides) > 1 else _WHOLE

    def _missing(self, node: Node) -> str:
        if node.kind in ("column", "text") and self._kind(node) == TEXT:
            self.helpers.add("agree")
            return f"~agree({self._text(node)}, {self._text(node)})"
        return f"np.isnan({self._number(node)[0]})"

    def _kind(self, node: Node) -> str:
        if node.kind == "text" or (node.kind == "column" and node.value in self._texts):
            return TEXT
        return NUMBER

    def _text(self, node: Node) -> str:
        if node.kind == "text":
            return python_text(node.value)
        if node.kind != "column":
            raise ExportError("a derived column compares a text with a number", "Change or leave out this column.")
        return self._column(node, TEXT)

    def _column(self, node: Node, kind: str) -> str:
        name = python_text(node.value)
        if kind == TEXT:
            self.helpers.add("texts")
            return f"texts(columns, {name})"
        self.helpers.add("numbers")
        return f"numbers(columns, {name})"


def text_columns(root: Node) -> frozenset[str]:
    """Return the columns that a formula compares with texts."""
    found: set[str] = set()
    if root.value in ("==", "!="):
        found |= _beside_texts(root.parts)
    if root.value == "in" and root.kind == "call":
        found |= _beside_texts((root.parts[0], *root.parts[1].parts))
    return frozenset(found.union(*(text_columns(part) for part in root.parts)))


def _beside_texts(parts: tuple[Node, ...]) -> set[str]:
    if not any(part.kind == "text" for part in parts):
        return set()
    return {part.value for part in parts if part.kind == "column"}


def _is_constant(node: Node) -> bool:
    return node.kind == "number" or (node.kind == "call" and bool(node.parts) and all(map(_is_constant, node.parts)))


def _constant(node: Node) -> float:
    with np.errstate(all="ignore"):
        return float(evaluate(node, {}).astype(np.float64))


def _within(code: tuple[str, int], binding: int) -> str:
    return code[0] if code[1] >= binding else f"({code[0]})"
