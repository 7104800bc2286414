"""Writes a traced expression down in C: one constant of the language for every operation's result."""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from simulator.engines.tracing import Symbol, order

FORMATS = {"float32": "float", "float64": "double"}
"""The C type of a number format."""

_WORDS = {
    "sqrt": "sqrt",
    "exp": "exp",
    "expm1": "expm1",
    "log": "log",
    "log1p": "log1p",
    "tanh": "tanh",
    "cos": "cos",
    "floor": "floor",
    "absolute": "fabs",
    "power": "pow",
}
_SIGNS = {
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "divide": "/",
    "greater": ">",
    "greater_equal": ">=",
    "less": "<",
    "less_equal": "<=",
    "and": "&&",
}
_TRUTHS = {"greater", "greater_equal", "less", "less_equal", "and"}


class Writer:
    """Writes lines of C for one number format; what was written once is not written again.

    Parameters
    ----------
    dtype
        The number format of all results: constants and functions are of it, so that a float32 expression is never
        computed in float64 on its way.
    known
        What the symbols that are known already are called in C.
    prefix
        What the names begin with that are made here.

    Attributes
    ----------
    lines
        What was written.
    """

    def __init__(self, dtype: str, known: Mapping[Symbol, str], prefix: str = "t") -> None:
        self._dtype, self._type, self._prefix = dtype, FORMATS[dtype], prefix
        self._names = dict(known)
        self.lines: list[str] = []

    def write(self, results: Sequence[Symbol]) -> list[str]:
        """Write down all that the results need, and return what they are called."""
        for symbol in order(results, self._names):
            self._names[symbol] = self._written(symbol)
        return [self._names[symbol] for symbol in results]

    def _written(self, symbol: Symbol) -> str:
        if symbol.op == "constant":
            return constant(symbol.args[0], self._dtype)
        if symbol.op == "input":
            raise KeyError(f"nobody knows {symbol.args[0]}")
        args = [self._names[arg] for arg in symbol.args]
        name = f"{self._prefix}{len(self.lines)}"
        kind = "bool" if symbol.op in _TRUTHS else self._type
        self.lines.append(f"{kind} {name} = {self._operation(symbol, args)};")
        return name

    def _operation(self, symbol: Symbol, args: list[str]) -> str:
        op = symbol.op
        if op in _SIGNS:
            return f"{args[0]} {_SIGNS[op]} {args[1]}"
        if op in _WORDS:
            return f"{_WORDS[op]}{'f' if self._type == 'float' else ''}({', '.join(args)})"
        if op in ("maximum", "minimum"):
            return _chosen(op, symbol.args[1], args)
        if op == "select":
            return f"{args[0]} ? {args[1]} : {args[2]}"
        return _OTHERS[op](args[0])


def _chosen(op: str, second: Symbol, args: list[str]) -> str:
    a, b = args
    if second.op == "constant":  # one comparison: what is no number is not smaller, so it stays
        return f"{a} {'<=' if op == 'maximum' else '>='} {b} ? {b} : {a}"
    return f"{'larger' if op == 'maximum' else 'smaller'}({a}, {b})"


_OTHERS: dict[str, Callable[[str], str]] = {
    "negative": lambda a: f"-{a}",
    "sign": lambda a: f"sign_of({a})",
}


def constant(value: float, dtype: str) -> str:
    """Return a plain number as a constant of C, of the number format that NumPy would give it beside such numbers."""
    number = np.dtype(dtype).type(value)
    zero = "0.0f" if dtype == "float32" else "0.0"
    if math.isnan(number):
        return f"not_a_number({zero})"
    if math.isinf(number):
        return f"{'-' if number < 0 else ''}infinity_of({zero})"
    digits = f"{number:.9g}" if dtype == "float32" else repr(float(number))
    digits += "" if any(mark in digits for mark in ".en") else ".0"
    written = digits + ("f" if dtype == "float32" else "")
    return f"({written})" if math.copysign(1.0, number) < 0 else written
