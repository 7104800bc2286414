"""Activations and output links as ONNX operators that onnxruntime runs in the model's number format."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from simulator.engines.tracing import Symbol, order, trace
from simulator.errors import ExportError
from simulator.interchange.onnx_out.graph import OnnxGraph
from simulator.nn.activations import ACTIVATIONS

Written = Callable[[OnnxGraph, str, Any], str]
"""(graph, logits, number format) to the name of the result."""


def _one(operator: str, **attributes: Any) -> Written:
    return lambda graph, z, dtype: graph.node(operator, z, **attributes)


def _gelu(graph: OnnxGraph, z: str, dtype: Any) -> str:
    # The form in which PyTorch writes it: a runtime finds it and runs it as one operator.
    inner = graph.node("Erf", graph.node("Mul", z, graph.constant(np.sqrt(0.5), dtype)))
    doubled = graph.node("Mul", z, graph.node("Add", inner, graph.constant(1.0, dtype)))
    return graph.node("Mul", doubled, graph.constant(0.5, dtype))


_ANYWHERE: dict[str, Written] = {
    "linear": lambda graph, z, dtype: z,
    "relu": _one("Relu"),
    "tanh": _one("Tanh"),
    "sigmoid": _one("Sigmoid"),
    # Not z·Sigmoid(z): onnxruntime's float32 sigmoid stays above 1e−8, which a large −z brings to light.
    "silu": lambda graph, z, dtype: graph.node(
        "Div", z, graph.node("Add", graph.node("Exp", graph.node("Neg", z)), graph.constant(1.0, dtype))
    ),
}
"""Activations for which there are operators that onnxruntime's CPU provider runs in both number formats."""

_SINGLE: dict[str, Written] = {
    "leaky_relu": _one("LeakyRelu", alpha=0.01),
    "elu": _one("Elu", alpha=1.0),
    "selu": _one("Selu", alpha=1.6732632423543772, gamma=1.0507009873554805),
    "gelu": _gelu,
    "mish": lambda graph, z, dtype: graph.node("Mul", z, graph.node("Tanh", graph.node("Softplus", z))),
    "softplus": _one("Softplus"),
    "softsign": _one("Softsign"),
}
"""Those that it runs in float32 only (measured with onnxruntime 1.32), or whose attributes have float32's digits."""


def write_activation(graph: OnnxGraph, name: str, z: str, dtype: Any) -> str:
    """Add an activation of `ACTIVATIONS`.

    Where no operator does it, it is composed of others, from its one definition in `simulator.nn.activations`.

    Parameters
    ----------
    graph
        What is added to.
    name
        Of the activation.
    z
        The name of the weighted sums, (rows, units).
    dtype
        Their number format, float32 or float64.

    Raises
    ------
    ExportError
        When the definition uses what ONNX has no operator for.
    """
    written = _ANYWHERE.get(name) or (_SINGLE.get(name) if np.dtype(dtype) == np.float32 else None)
    return written(graph, z, dtype) if written else _composed(graph, name, z, dtype)


_OPERATORS = {
    "add": "Add",
    "subtract": "Sub",
    "multiply": "Mul",
    "divide": "Div",
    "negative": "Neg",
    "power": "Pow",
    "maximum": "Max",
    "minimum": "Min",
    "absolute": "Abs",
    "sign": "Sign",
    "sqrt": "Sqrt",
    "exp": "Exp",
    "log": "Log",
    "tanh": "Tanh",
    "cos": "Cos",
    "floor": "Floor",
    "greater": "Greater",
    "greater_equal": "GreaterOrEqual",
    "less": "Less",
    "less_equal": "LessOrEqual",
    "select": "Where",
}
"""Operations of a traced definition (see `simulator.engines.tracing`) that ONNX has too."""


@functools.cache
def _traced(name: str) -> Symbol:
    return trace(ACTIVATIONS[name].value, ("z",))[0]


def _composed(graph: OnnxGraph, name: str, z: str, dtype: Any) -> str:
    result = _traced(name)
    known: dict[Symbol, str] = {}
    for symbol in order((result,)):
        if symbol.op == "input":
            known[symbol] = z
        elif symbol.op == "constant":
            known[symbol] = graph.constant(symbol.args[0], dtype)
        elif symbol.op in ("log1p", "expm1"):
            known[symbol] = getattr(graph, symbol.op)(known[symbol.args[0]], dtype)
        elif symbol.op in _OPERATORS:
            known[symbol] = graph.node(_OPERATORS[symbol.op], *(known[part] for part in symbol.args))
        else:
            raise ExportError(
                f"the activation {name} uses {symbol.op}, for which ONNX has no operator",
                "Save the model in another format.",
            )
    return known[result]


def write_link(graph: OnnxGraph, link: str, z: str) -> str:
    """Add an output link of `LINKS` after the last sums, (rows, outputs)."""
    written: dict[str, Callable[[], str]] = {
        "softmax": lambda: graph.node("Softmax", z, axis=-1),
        "sigmoid": lambda: graph.node("Sigmoid", z),
        "linear": lambda: z,
    }
    return written[link]()
