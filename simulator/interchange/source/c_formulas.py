"""The formula of a derived column as C, where it has to do with numbers alone."""

import math
from collections.abc import Mapping

from simulator.data.formula_values import Node
from simulator.interchange.source.formulas import constant, is_constant

_FUNCTIONS = {
    "abs": "fabs", "sqrt": "sqrt", "exp": "exp", "log": "log", "ln": "log", "log10": "log10", "log2": "log2",
    "sin": "sin", "cos": "cos", "tan": "tan", "atan2": "atan2", "tanh": "tanh", "floor": "floor", "ceil": "ceil",
    "round": "rint", "^": "pow",
}  # fmt: skip
_OWN = {"sign": "sign", "%": "modulo", "max": "larger", "min": "smaller", "!=": "differ"}
_JOINED = {"and": "&&", "or": "||"}
_CONDITIONS = ("==", "!=", "<", "<=", ">", ">=", "and", "or", "not", "in", "is_missing")

HELPERS = {
    "sign": """static inline double {lower}_sign(double x)
{{
    return isnan(x) ? NAN : (double)(x > 0.0) - (double)(x < 0.0);
}}
""",
    "modulo": """/* The remainder with the sign of the divisor. */
static inline double {lower}_modulo(double x, double y)
{{
    double rest = fmod(x, y);
    return rest < 0.0 ? (y > 0.0 ? rest + y : rest) : (rest > 0.0 && y < 0.0 ? rest + y : rest);
}}
""",
    "larger": """static inline double {lower}_larger(double x, double y)
{{
    return isnan(x) || isnan(y) ? NAN : (x > y ? x : y);
}}
""",
    "smaller": """static inline double {lower}_smaller(double x, double y)
{{
    return isnan(x) || isnan(y) ? NAN : (x < y ? x : y);
}}
""",
    "differ": """/* A missing value differs from nothing. */
static inline int {lower}_differ(double x, double y)
{{
    return x < y || x > y;
}}
""",
    "finite": """/* A derived value that is not finite is missing. */
static inline double {lower}_finite(double x)
{{
    return fabs(x) < HUGE_VAL ? x : NAN;
}}
""",
}
"""What C has not, by the words that follow the model's name."""


def c_formula(root: Node, places: Mapping[str, str], lower: str) -> str:
    """Return a formula as an expression of C.

    Parameters
    ----------
    root
        What `is_numeric` says yes to.
    places
        The expression of every column that it uses.
    lower
        What the names of functions begin with.
    """
    return f"{lower}_finite({_Writer(places, lower).number(root)})"


def is_numeric(root: Node) -> bool:
    """Whether a formula has no texts in it."""
    return root.kind != "text" and all(map(is_numeric, root.parts))


class _Writer:
    def __init__(self, places: Mapping[str, str], lower: str) -> None:
        self._places, self._lower = places, lower

    def number(self, node: Node) -> str:
        if is_constant(node):
            value = constant(node)
            if not math.isfinite(value):
                return "NAN" if math.isnan(value) else "HUGE_VAL" if value > 0 else "(-HUGE_VAL)"
            text = repr(value)
            return f"({text})" if text.startswith("-") else text
        if node.kind == "column":
            return self._places[node.value]
        if node.value in _CONDITIONS:
            return f"({self.condition(node)} ? 1.0 : 0.0)"
        parts = [self.number(part) for part in node.parts]
        if node.value in ("+", "-", "*", "/"):
            return f"({parts[0]} {node.value} {parts[1]})"
        if node.value.startswith("unary "):
            return f"(-{parts[0]})" if node.value == "unary -" else parts[0]
        if node.value in ("min", "max"):
            found = parts[0]
            for part in parts[1:]:
                found = f"{self._lower}_{_OWN[node.value]}({found}, {part})"
            return found
        name = _FUNCTIONS.get(node.value) or f"{self._lower}_{_OWN[node.value]}"
        return f"{name}({', '.join(parts)})"

    def condition(self, node: Node) -> str:
        if node.value in _JOINED:
            return f"({self.condition(node.parts[0])} {_JOINED[node.value]} {self.condition(node.parts[1])})"
        if node.value == "not":
            return f"!{self.condition(node.parts[0])}"
        if node.value == "is_missing":
            return f"(isnan({self.number(node.parts[0])}) != 0)"
        if node.value == "in":
            one = self.number(node.parts[0])
            sides = [f"({one} == {self.number(each)})" for each in node.parts[1].parts]
            return f"({' || '.join(sides) or '0'})"
        left, right = (self.number(part) for part in node.parts)
        if node.value == "!=":
            return f"{self._lower}_differ({left}, {right})"
        return f"({left} {node.value} {right})"
