"""What a parsed formula comes to: array code over whole columns."""

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.data.cells import is_numeric, texts
from simulator.errors import ConfigError

Value = NDArray[Any]
"""float64 for numbers, bool for conditions, object (texts, None where one is missing) for texts."""


@dataclasses.dataclass(frozen=True)
class Node:
    """A node of the parsed tree.

    Attributes
    ----------
    kind
        ``"number"``, ``"text"``, ``"column"``, ``"call"`` (a function, or an operator by its sign).
    value
        The number, the text, the column's name, or the name of what is called.
    parts
        The arguments.
    place
        Where it begins in the text, from 0.
    """

    kind: str
    value: Any
    parts: "tuple[Node, ...]" = ()
    place: int = 0


def _log(x: Value) -> Value:
    return np.log(x)


FUNCTIONS: dict[str, tuple[Callable[..., Any], int, int | None]] = {
    "abs": (np.abs, 1, 1),
    "sign": (np.sign, 1, 1),
    "sqrt": (np.sqrt, 1, 1),
    "exp": (np.exp, 1, 1),
    "log": (_log, 1, 1),
    "ln": (_log, 1, 1),
    "log10": (np.log10, 1, 1),
    "log2": (np.log2, 1, 1),
    "sin": (np.sin, 1, 1),
    "cos": (np.cos, 1, 1),
    "tan": (np.tan, 1, 1),
    "atan2": (np.arctan2, 2, 2),
    "tanh": (np.tanh, 1, 1),
    "floor": (np.floor, 1, 1),
    "ceil": (np.ceil, 1, 1),
    "round": (np.round, 1, 1),
    "max": (lambda *each: functools.reduce(np.maximum, each), 1, None),
    "min": (lambda *each: functools.reduce(np.minimum, each), 1, None),
    "is_missing": (lambda x: np.array([each is None for each in x]) if x.dtype == object else np.isnan(x), 1, 1),
}
"""Every function by its name, with the fewest and the most arguments (None: any number)."""


def evaluate(node: Node, columns: Mapping[str, Any]) -> Value:
    """Return the value of a node for every row, (rows,), or () for a constant.

    Raises
    ------
    ConfigError
        When texts and numbers are mixed up.
    """
    if node.kind == "number":
        return np.array(node.value)
    if node.kind == "text":
        return np.array(node.value, dtype=object)
    if node.kind == "column":
        return _column(columns[node.value])
    if node.value == "in":
        return functools.reduce(
            np.logical_or,
            [evaluate(Node("call", "==", (node.parts[0], each)), columns) for each in node.parts[1].parts],
            np.array(False),
        )
    parts = [evaluate(part, columns) for part in node.parts]
    if node.value in _COMPARED:
        return _compare(node.value, *parts)
    if node.value == "is_missing":
        return np.asarray(FUNCTIONS["is_missing"][0](np.atleast_1d(parts[0])))
    if node.value in ("and", "or", "not"):
        conditions = [_condition(part, node) for part in parts]
        return np.asarray(_JOINED[node.value](*conditions))
    numbers = [_numbers(part, node) for part in parts]
    return np.asarray(_COUNTED.get(node.value, FUNCTIONS.get(node.value, (None,))[0])(*numbers))  # pyright: ignore[reportOptionalCall]


def _column(given: Any) -> Value:
    if isinstance(given, pd.Series):
        if is_numeric(given):
            return given.to_numpy(dtype=np.float64, na_value=np.nan)
        codes, names = texts(given)
        return np.array([*names, None], dtype=object)[codes]
    array = np.asarray(given)
    if array.dtype.kind == "b" or array.dtype == object:
        return array
    return array.astype(np.float64) if array.dtype.kind in "iuf" else array.astype(object)


_COMPARED: dict[str, Callable[..., Any]] = {
    "==": np.equal, "!=": np.not_equal, "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
}  # fmt: skip
_JOINED: dict[str, Callable[..., Any]] = {"and": np.logical_and, "or": np.logical_or, "not": np.logical_not}
_COUNTED: dict[str, Callable[..., Any]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "%": np.mod, "^": np.power,
    "unary -": np.negative, "unary +": np.positive,
}  # fmt: skip


def _compare(sign: str, left: Value, right: Value) -> Value:
    if (left.dtype == object) != (right.dtype == object):
        raise ConfigError("the formula compares a text with a number", "Put texts in quotation marks, and only texts.")
    if left.dtype == object:
        if sign not in ("==", "!="):
            raise ConfigError(f"the formula asks whether a text is {sign} another", "Texts can be == or != only.")
        present = np.not_equal(left, None) & np.not_equal(right, None)  # pyright: ignore[reportCallIssue, reportArgumentType]
        return np.asarray(_COMPARED[sign](left, right).astype(bool) & present.astype(bool))
    known = ~(np.isnan(left.astype(np.float64)) | np.isnan(right.astype(np.float64)))
    return np.asarray(_COMPARED[sign](left, right) & known)


def _condition(value: Value, node: Node) -> Value:
    if value.dtype != bool:
        what = "a text" if value.dtype == object else "a number"
        raise ConfigError(f"beside {node.value} stands {what}, not a condition", "Compare it with something, as > 0.")
    return value


def _numbers(value: Value, node: Node) -> Value:
    if value.dtype == object:
        name = str(node.value).removeprefix("unary ")
        raise ConfigError(f"{name} cannot be done with a text", "Is a column of texts meant as a number?")
    return value.astype(np.float64)
