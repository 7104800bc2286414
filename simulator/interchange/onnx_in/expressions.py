"""Element-wise operators of ONNX put together, and which activation they come to.

Programs write the same activation in many ways (gelu as z/2·(1 + erf(z/√2)), silu as z·σ(z) or z/(1 + exp(−z)), …). So
what stands between two layers is kept as an expression of one number, evaluated on sample numbers, and compared with
every activation there is.
"""

import dataclasses
import functools
import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.nn.activations import ACTIVATIONS
from simulator.nn.scalar import erf, sigmoid, softplus

Floats = NDArray[np.float64]

LONGEST = 300
"""Operators of an expression; the longest of ours, gelu in float64, has 60."""

_MOST_PEELED = 8
_MOST_LINES = 4
_STRETCHED = (1.0, -1.0, 2.0, 0.5, 2.0**0.5, 0.5**0.5)
"""By what what an activation begins with may have been multiplied inside its formula, as σ(z) = (tanh(z/2) + 1)/2."""
_TOLERANCE = 2e-6
_SURE = 88.0
"""Beyond this exp overflows in float32, and composed forms with it."""


@dataclasses.dataclass(frozen=True, eq=False)
class Line:
    """scale·z + shift of what an expression begins with; each a number, or one a unit."""

    scale: Floats
    shift: Floats


@dataclasses.dataclass(frozen=True, eq=False)
class Fixed:
    """A constant: a number, or one a unit."""

    value: Floats


@dataclasses.dataclass(frozen=True, eq=False)
class Call:
    """An operator applied to expressions."""

    operator: str
    function: Callable[..., Any]
    parts: "tuple[Expression, ...]"


Expression = Line | Fixed | Call


@dataclasses.dataclass(frozen=True, eq=False)
class Recognised:
    """Which activation an expression is: factor·activation(line) + offset."""

    activation: str
    line: Line
    factor: Floats
    offset: Floats


def _gelu(z: Any, approximate: str) -> Any:
    if approximate == "tanh":
        return 0.5 * z * (1.0 + np.tanh(np.sqrt(2.0 / np.pi) * (z + 0.044715 * z**3)))
    return z * 0.5 * (1.0 + erf(z * np.sqrt(0.5)))


def _elu(z: Any, alpha: float) -> Any:
    return np.where(z > 0.0, z, alpha * np.expm1(np.minimum(z, 0.0)))


def _clip(z: Any, low: Any = None, high: Any = None) -> Any:
    z = z if low is None else np.maximum(z, low)
    return z if high is None else np.minimum(z, high)


def _reduced(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *each: functools.reduce(function, each)


ELEMENTWISE: dict[str, tuple[Callable[..., Any], Mapping[str, Any]]] = {
    "Abs": (np.abs, {}),
    "Add": (np.add, {}),
    "And": (np.logical_and, {}),
    "Ceil": (np.ceil, {}),
    "Celu": (lambda z, alpha: np.where(z > 0.0, z, alpha * np.expm1(np.minimum(z, 0.0) / alpha)), {"alpha": 1.0}),
    "Clip": (_clip, {}),
    "Cos": (np.cos, {}),
    "Div": (np.divide, {}),
    "Elu": (_elu, {"alpha": 1.0}),
    "Equal": (np.equal, {}),
    "Erf": (erf, {}),
    "Erfc": (lambda z: 1.0 - erf(z), {}),  # no operator of ONNX, but tf2onnx leaves TensorFlow's where gelu has it
    "Exp": (np.exp, {}),
    "Floor": (np.floor, {}),
    "Gelu": (_gelu, {"approximate": "none"}),
    "Greater": (np.greater, {}),
    "GreaterOrEqual": (np.greater_equal, {}),
    "HardSigmoid": (lambda z, alpha, beta: np.clip(alpha * z + beta, 0.0, 1.0), {"alpha": 0.2, "beta": 0.5}),
    "HardSwish": (lambda z: z * np.clip(z / 6.0 + 0.5, 0.0, 1.0), {}),
    "LeakyRelu": (lambda z, alpha: np.where(z < 0.0, alpha * z, z), {"alpha": 0.01}),
    "Less": (np.less, {}),
    "LessOrEqual": (np.less_equal, {}),
    "Log": (np.log, {}),
    "Max": (_reduced(np.maximum), {}),
    "Min": (_reduced(np.minimum), {}),
    "Mish": (lambda z: z * np.tanh(softplus(z)), {}),
    "Mul": (np.multiply, {}),
    "Neg": (np.negative, {}),
    "Not": (np.logical_not, {}),
    "Or": (np.logical_or, {}),
    "PRelu": (lambda z, slope: np.where(z < 0.0, slope * z, z), {}),
    "Pow": (np.power, {}),
    "Reciprocal": (np.reciprocal, {}),
    "Relu": (lambda z: np.maximum(z, 0.0), {}),
    "Round": (np.round, {}),
    "Selu": (
        lambda z, alpha, gamma: gamma * _elu(z, alpha),
        {"alpha": 1.6732632423543772, "gamma": 1.0507009873554805},
    ),
    "Sigmoid": (sigmoid, {}),
    "Sign": (np.sign, {}),
    "Sin": (np.sin, {}),
    "Softplus": (softplus, {}),
    "Softsign": (lambda z: z / (1.0 + np.abs(z)), {}),
    "Sqrt": (np.sqrt, {}),
    "Sub": (np.subtract, {}),
    "Sum": (_reduced(np.add), {}),
    "Swish": (lambda z, alpha: z * sigmoid(alpha * z), {"alpha": 1.0}),
    "Tanh": (np.tanh, {}),
    "ThresholdedRelu": (lambda z, alpha: np.where(z > alpha, z, 0.0), {"alpha": 1.0}),
    "Where": (np.where, {}),
}
"""Operators that look at one number at a time, with the defaults of their attributes (ONNX operator schemas)."""


def recognise(expression: Expression) -> Recognised | None:
    """Return which activation an expression is, with what is multiplied or added after it; None where it is none."""
    factor, offset = np.ones(1), np.zeros(1)
    for _ in range(_MOST_PEELED):
        if not isinstance(expression, Call):
            return None
        lines = _lines(expression)
        for line, times in itertools.product(lines[:_MOST_LINES], _STRETCHED):
            base = Line(line.scale * times, line.shift * times)
            name = _activation(expression, lines, base)
            if name is not None:
                return Recognised(name, base, factor, offset)
        peeled = _peeled(expression)
        if peeled is None:
            return None
        expression, times, plus = peeled
        factor, offset = factor * times, offset + factor * plus
    return None


def nearest(expression: Expression) -> tuple[str, float] | None:
    """Return the activation that an expression comes nearest to between −6 and 6, and how far they lie apart there."""
    lines = _lines(expression)
    values = _values(expression, lines, lines[0]) if lines else None
    if values is None:
        return None
    middle = np.abs(_samples()) <= 6.0
    apart = {name: float(np.abs(values - own)[middle].max()) for name, own in _known().items()}
    name = min(apart, key=lambda each: apart[each])
    return (name, apart[name]) if apart[name] < 0.25 else None


def size_of(expression: Expression) -> int:
    """Return how many parts an expression has, each counted once; more than `LONGEST` are not counted on."""
    return sum(1 for _ in itertools.islice(_parts(expression), LONGEST + 1))


def _parts(expression: Expression) -> Iterator[Expression]:
    """Yield an expression and all that it is made of, each once."""
    seen: set[int] = set()
    waiting = [expression]
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        if isinstance(each, Call):
            waiting.extend(reversed(each.parts))


def _lines(expression: Expression) -> list[Line]:
    return [each for each in _parts(expression) if isinstance(each, Line)]


def _peeled(call: Call) -> tuple[Expression, Floats, Floats] | None:
    """Return (inner, factor, offset) where a call is factor·inner + offset."""
    zero, one = np.zeros(1), np.ones(1)
    if call.operator == "Neg":
        return call.parts[0], -one, zero
    if len(call.parts) != 2:
        return None
    left, right = call.parts
    found: dict[str, tuple[Floats, Floats]] = {}
    with np.errstate(all="ignore"):
        if isinstance(right, Fixed):
            c, inner = right.value, left
            found = {"Add": (one, c), "Sub": (one, -c), "Mul": (c, zero), "Div": (1.0 / c, zero)}
        elif isinstance(left, Fixed):
            c, inner = left.value, right
            found = {"Add": (one, c), "Sub": (-one, c), "Mul": (c, zero)}
        else:
            return None
    return (inner, *found[call.operator]) if call.operator in found else None


@functools.cache
def _samples() -> Floats:
    far = np.logspace(-5, 4, 73)
    return np.concatenate([-far[::-1], np.linspace(-12.0, 12.0, 193), far])


@functools.cache
def _known() -> Mapping[str, Floats]:
    with np.errstate(all="ignore"):
        return {name: row.value(_samples()) for name, row in ACTIVATIONS.items() if name != "linear"}


def _activation(expression: Expression, lines: list[Line], base: Line) -> str | None:
    values = _values(expression, lines, base)
    if values is None:
        return None
    sure = np.abs(_samples()) <= _SURE
    for name, own in _known().items():
        with np.errstate(all="ignore"):
            agree = np.abs(values - own) <= _TOLERANCE * np.maximum(1.0, np.abs(own))
        if (agree | (~sure & ~np.isfinite(values))).all():
            return name
    return None


def _values(expression: Expression, lines: list[Line], base: Line) -> Floats | None:
    """Return an expression on the samples, as a function of one of its lines; None where units differ."""
    samples = _samples()
    known: dict[int, Any] = {}
    for line in lines:
        with np.errstate(all="ignore"):
            slope = _one(line.scale / base.scale)
            rest = None if slope is None else _one(line.shift - slope * base.shift)
        if slope is None or rest is None:
            return None
        known[id(line)] = slope * samples + rest
    waiting: list[tuple[Expression, bool]] = [(expression, False)]
    while waiting:
        each, ready = waiting.pop()
        if id(each) in known:
            continue
        if isinstance(each, Fixed):
            value = _one(each.value)
            if value is None:
                return None
            known[id(each)] = value
        elif isinstance(each, Call) and ready:
            with np.errstate(all="ignore"):
                known[id(each)] = each.function(*(known[id(part)] for part in each.parts))
        elif isinstance(each, Call):
            waiting.append((each, True))
            waiting.extend((part, False) for part in each.parts)
        else:
            return None
    values = known[id(expression)]
    return np.broadcast_to(np.asarray(values, np.float64), samples.shape)


def _one(values: Floats) -> float | None:
    """Return the one number that all are; None where they differ or are none."""
    first = float(values.flat[0]) if values.size else np.nan
    with np.errstate(invalid="ignore"):
        same = (values == first) | (np.abs(values - first) <= 1e-6 * max(abs(first), 1e-3))
    return first if bool(same.all()) else None
