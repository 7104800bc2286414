"""A definition of `nn/`, called with symbols instead of numbers, leaves behind what it computes: an expression graph.

The definitions are plain expressions over NumPy's functions, and NumPy lets an argument answer for itself. So an engine
gets the operations of an activation, a loss, an optimizer's rule or a schedule from the one text that array code runs,
and writes them down again for its own machine.
"""

from collections.abc import Callable, Container, Sequence
from typing import Any

import numpy as np

_UFUNCS: dict[Any, str] = {
    np.add: "add",
    np.subtract: "subtract",
    np.multiply: "multiply",
    np.true_divide: "divide",
    np.negative: "negative",
    np.power: "power",
    np.maximum: "maximum",
    np.minimum: "minimum",
    np.absolute: "absolute",
    np.sign: "sign",
    np.sqrt: "sqrt",
    np.exp: "exp",
    np.expm1: "expm1",
    np.log: "log",
    np.log1p: "log1p",
    np.tanh: "tanh",
    np.cos: "cos",
    np.floor: "floor",
    np.greater: "greater",
    np.greater_equal: "greater_equal",
    np.less: "less",
    np.less_equal: "less_equal",
}


class Symbol:
    """A number that is not known yet: the result of an operation, or an input.

    Attributes
    ----------
    op
        The operation's name; "input" and "constant" for the leaves.
    args
        What it is applied to; for the leaves their name or value.
    per_output
        Whether the number differs between the outputs of one row (an entry of a matrix (rows, outputs)), or is one
        number a row (a column of it).
    """

    __slots__ = ("args", "graph", "op", "per_output")

    def __init__(self, graph: "Graph", op: str, args: tuple[Any, ...], *, per_output: bool) -> None:
        self.graph, self.op, self.args, self.per_output = graph, op, args, per_output

    @property
    def shape(self) -> tuple[Any, "Symbol"]:
        """(rows, outputs), as a matrix has it; the number of outputs is known only when the graph is run."""
        return None, self.graph.input("outputs")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> "Symbol":
        if method != "__call__" or kwargs or ufunc not in _UFUNCS:
            raise TypeError(f"{ufunc.__name__} cannot be traced")
        return self.graph.apply(_UFUNCS[ufunc], *inputs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> "Symbol":
        if function is not np.where or len(args) != 3 or kwargs:
            raise TypeError(f"{function.__name__} cannot be traced")
        return self.graph.apply("select", *args)

    def max(self, axis: int, keepdims: bool = False) -> "Symbol":
        """Return the largest number of the row."""
        return self._reduced("max", axis)

    def sum(self, axis: int, keepdims: bool = False) -> "Symbol":
        """Return the sum of the row's numbers, from the first output to the last."""
        return self._reduced("sum", axis)

    def mean(self, axis: int) -> "Symbol":
        """Return the mean of the row's numbers."""
        return self._reduced("sum", axis) / self.graph.input("outputs")

    def _reduced(self, op: str, axis: int) -> "Symbol":
        if axis != 1:
            raise TypeError("only the outputs of one row can be put together")
        return self.graph.node(op, (self,), per_output=False)

    def __add__(self, other: Any) -> "Symbol":
        return self.graph.apply("add", self, other)

    def __radd__(self, other: Any) -> "Symbol":
        return self.graph.apply("add", other, self)

    def __sub__(self, other: Any) -> "Symbol":
        return self.graph.apply("subtract", self, other)

    def __rsub__(self, other: Any) -> "Symbol":
        return self.graph.apply("subtract", other, self)

    def __mul__(self, other: Any) -> "Symbol":
        return self.graph.apply("multiply", self, other)

    def __rmul__(self, other: Any) -> "Symbol":
        return self.graph.apply("multiply", other, self)

    def __truediv__(self, other: Any) -> "Symbol":
        return self.graph.apply("divide", self, other)

    def __rtruediv__(self, other: Any) -> "Symbol":
        return self.graph.apply("divide", other, self)

    def __pow__(self, other: Any) -> "Symbol":
        return self.graph.apply("power", self, other)

    def __rpow__(self, other: Any) -> "Symbol":
        return self.graph.apply("power", other, self)

    def __neg__(self) -> "Symbol":
        return self.graph.apply("negative", self)

    def __and__(self, other: Any) -> "Symbol":
        return self.graph.apply("and", self, other)

    def __xor__(self, other: Any) -> "Symbol":
        return self.graph.apply("xor", self, other)

    def __rshift__(self, other: Any) -> "Symbol":
        return self.graph.apply("shift_right", self, other)

    def __gt__(self, other: Any) -> "Symbol":
        return self.graph.apply("greater", self, other)

    def __ge__(self, other: Any) -> "Symbol":
        return self.graph.apply("greater_equal", self, other)

    def __lt__(self, other: Any) -> "Symbol":
        return self.graph.apply("less", self, other)

    def __le__(self, other: Any) -> "Symbol":
        return self.graph.apply("less_equal", self, other)

    def __eq__(self, other: object) -> bool:
        raise TypeError("a number that is not known yet cannot be found equal to another; take ≥ and ≤")

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise TypeError("a number that is not known yet cannot decide an if; take `select`")


class Graph:
    """Makes symbols, each different expression once."""

    def __init__(self) -> None:
        self._nodes: dict[Any, Symbol] = {}

    def input(self, name: str, *, per_output: bool = False) -> Symbol:
        """Return the number that will be known by this name."""
        return self.node("input", (name,), per_output=per_output)

    def node(self, op: str, args: tuple[Any, ...], *, per_output: bool) -> Symbol:
        """Return the symbol of an operation, the same one for the same arguments."""
        # As text, since 0 and −0 are equal, and what is no number is not even equal to itself.
        key = op, tuple(id(arg) if isinstance(arg, Symbol) else (type(arg), repr(arg)) for arg in args)
        found = self._nodes.get(key)
        if found is None:
            found = self._nodes[key] = Symbol(self, op, args, per_output=per_output)
        return found

    def apply(self, op: str, *args: Any) -> Symbol:
        """Return the symbol of an operation on symbols and plain numbers."""
        symbols = tuple(arg if isinstance(arg, Symbol) else self.constant(arg) for arg in args)
        return self.node(op, symbols, per_output=any(symbol.per_output for symbol in symbols))

    def constant(self, value: Any) -> Symbol:
        """Return the symbol of a plain number."""
        return self.node("constant", (value.item() if isinstance(value, np.generic) else value,), per_output=False)


def trace(definition: Callable[..., Any], names: Sequence[str]) -> tuple[Symbol, ...]:
    """Call a scalar definition with symbols of these names, and return its results."""
    graph = Graph()
    found = definition(*(graph.input(name) for name in names))
    results = found if isinstance(found, tuple) else (found,)
    return tuple(result if isinstance(result, Symbol) else graph.constant(result) for result in results)


def order(results: Sequence[Symbol], known: Container[Symbol] = ()) -> list[Symbol]:
    """Return every symbol that the results need beside the known ones, each after those that it needs itself."""
    found: dict[Symbol, None] = {}
    stack = [(symbol, False) for symbol in reversed(results)]
    while stack:
        symbol, ready = stack.pop()
        if symbol in found or symbol in known:
            continue
        if ready:
            found[symbol] = None
            continue
        stack.append((symbol, True))
        stack.extend((arg, False) for arg in symbol.args if isinstance(arg, Symbol))
    return list(found)
