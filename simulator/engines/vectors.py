"""Writes a traced expression down as LLVM code on vectors of numbers, with functions that a vector unit can compute.

A C library's `tanhf` takes one number at a time, and a small network's epoch would be spent in it. Here every function
is made of + − × ÷, comparison and shifts of bits, so that 16 numbers go through it together.
"""

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from llvmlite import ir

from simulator.engines.tracing import Symbol, order, trace

_CONTRACT = ("contract",)
"""Let a × b + c be one instruction with one rounding, where the machine has it; nothing else may be rearranged."""

_LN2 = Fraction("0.6931471805599453094172321214581765680755001343602552")


@dataclasses.dataclass(frozen=True)
class Format:
    """A number format, and how long its series must be.

    Attributes
    ----------
    dtype
        The NumPy name.
    fraction_bits, bias
        Of IEEE 754.
    exp_terms
        Terms of expm1's Taylor series on ±ln 2/2 until the rest is below half a unit in the last place.
    log_terms
        Terms of 2·artanh's series on ±(√2 − 1)/(√2 + 1), likewise.
    tanh_end
        From where on tanh is 1.
    """

    dtype: str
    fraction_bits: int
    bias: int
    exp_terms: int
    log_terms: int
    tanh_end: float

    @property
    def bits(self) -> int:
        """How many bits a number has."""
        return 8 * np.dtype(self.dtype).itemsize

    @property
    def rounder(self) -> float:
        """Adding this number leaves the nearest whole number in the low bits of the fraction."""
        return 1.5 * 2.0**self.fraction_bits

    @property
    def ln2(self) -> tuple[float, float]:
        """Ln 2 in two parts, the first of them with so few bits that n · it is exact for every exponent n."""
        grain = 2 ** (self.fraction_bits - 11)
        high = Fraction(int(_LN2 * grain), grain)
        return float(high), float(_LN2 - high)

    @property
    def real(self) -> Any:
        """The LLVM type of a number."""
        return ir.FloatType() if self.dtype == "float32" else ir.DoubleType()


FORMATS = {
    "float32": Format("float32", 23, 127, 7, 5, 10.0),
    "float64": Format("float64", 52, 1023, 13, 10, 22.0),
}


def _polynomial(x: Symbol, coefficients: Sequence[float]) -> Any:
    value: Any = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        value = value * x + coefficient
    return value


def _reduced(x: Symbol, form: Format) -> tuple[Symbol, Symbol]:
    """Return n and expm1(r), where x = n·ln 2 + r and |r| ≤ ln 2/2."""
    n = x.graph.apply("nearest", x * float(1 / _LN2))
    high, low = form.ln2
    r = x - n * high - n * low
    factorial, coefficients = 1, list[float]()
    for k in range(1, form.exp_terms + 1):
        factorial *= k
        coefficients.append(1.0 / factorial)
    return n, r * _polynomial(r, coefficients)


def _halves(n: Symbol) -> tuple[Symbol, Symbol]:
    """Return two whole numbers with the sum n: 2ⁿ alone can be too large or too small for the format."""
    half = n.graph.apply("nearest", n * 0.5)
    return half, n - half


def _limited(x: Symbol, form: Format) -> Symbol:
    """Keep x where the result is neither surely 0 nor surely infinite."""
    top = float((form.bias + 2) * _LN2)
    bottom = -float((form.bias + form.fraction_bits + 2) * _LN2)
    return np.maximum(np.minimum(x, top), bottom)  # type: ignore[return-value] # NumPy does not know what a symbol answers


def _exp(x: Symbol, form: Format) -> Symbol:
    n, p = _reduced(_limited(x, form), form)
    first, second = _halves(n)
    power = x.graph.apply
    return power("power_of_two", second) * (power("power_of_two", first) * (1.0 + p))


def _expm1(x: Symbol, form: Format) -> Symbol:
    n, p = _reduced(_limited(x, form), form)
    first, second = _halves(n)
    power = x.graph.apply
    one, two = power("power_of_two", first), power("power_of_two", second)
    # Below −fraction bits the result is −1; there the second power's inverse could overflow the format.
    inverse = power("power_of_two", -second)
    return two * (one * p + (one - inverse))


def _tanh(x: Symbol, form: Format) -> Symbol:
    size = np.minimum(np.absolute(x), form.tanh_end)  # type: ignore[call-overload]
    e = _expm1(2.0 * size, form)
    return x.graph.apply("copysign", e / (e + 2.0), x)


def _log(x: Symbol, form: Format) -> Symbol:
    apply = x.graph.apply
    # Numbers below the normal range have no leading 1: make them larger first.
    tiny, shift = 2.0 ** (2 - form.bias), float(form.fraction_bits + 1)
    small = x < tiny
    y = apply("select", small, x * 2.0**shift, x)
    n = apply("exponent", y)
    m = apply("mantissa", y)
    s = (m - 1.0) / (m + 1.0)
    series = _polynomial(s * s, [2.0 / (2 * k + 1) for k in range(form.log_terms)])
    n = apply("select", small, n - shift, n)
    high, low = form.ln2
    found = n * high + (s * series + n * low)
    ordinary = apply("and", x > 0.0, x < np.inf)
    # log 0 = −∞, log ∞ = ∞, and what is no number or negative has none.
    special = apply("select", x >= 0.0, apply("select", x > 0.0, x, -np.inf), np.nan)
    return apply("select", ordinary, found, special)


def _log1p(x: Symbol, form: Format) -> Symbol:
    y = 1.0 + x
    lost = x - (y - 1.0)
    # At −1 nothing is lost, but divided by y = 0 it would be no number.
    found = _log(y, form) + x.graph.apply("select", x > -1.0, lost / y, 0.0)
    return x.graph.apply("select", x < np.inf, found, x)


WORDS: dict[str, Callable[[Symbol, Format], Symbol]] = {
    "exp": _exp,
    "expm1": _expm1,
    "log": _log,
    "log1p": _log1p,
    "tanh": _tanh,
}
"""The functions that are made of simpler operations."""


@functools.cache
def _traced_word(word: str, dtype: str) -> Symbol:
    return trace(lambda x: WORDS[word](x, FORMATS[dtype]), ["x"])[0]


class Emitter:
    """Writes operations on vectors (or, without lanes, on single numbers) at the place where a builder stands.

    Parameters
    ----------
    builder
        Of llvmlite.
    dtype
        A key of `FORMATS`.
    lanes
        How many numbers a vector has; 0 for single numbers, which also know powers and cosines.
    """

    def __init__(self, builder: Any, dtype: str, lanes: int) -> None:
        self.builder, self.form, self.lanes = builder, FORMATS[dtype], lanes
        self.real = self.form.real
        self.type = ir.VectorType(self.real, lanes) if lanes else self.real
        whole = ir.IntType(self.form.bits)
        self.whole = ir.VectorType(whole, lanes) if lanes else whole

    def constant(self, value: float) -> Any:
        """Return a vector full of this number."""
        value = float(np.dtype(self.form.dtype).type(value))
        return ir.Constant(self.type, [value] * self.lanes if self.lanes else value)

    def splat(self, value: Any) -> Any:
        """Return a vector full of a number that is computed."""
        if not self.lanes:
            return value
        i32 = ir.IntType(32)
        one = self.builder.insert_element(ir.Constant(self.type, ir.Undefined), value, i32(0))
        zeros = ir.Constant(ir.VectorType(i32, self.lanes), [0] * self.lanes)
        return self.builder.shuffle_vector(one, ir.Constant(self.type, ir.Undefined), zeros)

    def load(self, pointer: Any) -> Any:
        """Return the vector that begins at a pointer to a number."""
        found = self.builder.load(self.builder.bitcast(pointer, self.type.as_pointer()))
        found.align = self.form.bits // 8
        return found

    def store(self, value: Any, pointer: Any) -> None:
        """Write the vector to a pointer to a number."""
        done = self.builder.store(value, self.builder.bitcast(pointer, self.type.as_pointer()))
        done.align = self.form.bits // 8

    def evaluate(self, results: Sequence[Symbol], values: dict[Symbol, Any]) -> list[Any]:
        """Write down all that the results need, and return them.

        Parameters
        ----------
        results
            Of one trace.
        values
            What is known already: at least the inputs. What is written down is added.
        """
        for symbol in order(results, values):
            values[symbol] = self._operation(symbol, [values[arg] for arg in symbol.args if isinstance(arg, Symbol)])
        return [values[symbol] for symbol in results]

    def named(self, results: Sequence[Symbol], values: Mapping[str, Any]) -> list[Any]:
        """Do the same with inputs that are known by their names."""
        inputs = {s: values[s.args[0]] for s in order(results) if s.op == "input"}
        return self.evaluate(results, inputs)

    def add(self, a: Any, b: Any) -> Any:
        """Return a + b."""
        return self.builder.fadd(a, b, flags=_CONTRACT)

    def multiply(self, a: Any, b: Any) -> Any:
        """Return a × b."""
        return self.builder.fmul(a, b, flags=_CONTRACT)

    def call(self, name: str, *args: Any) -> Any:
        """Return what an LLVM intrinsic makes of vectors."""
        kind = f"v{self.lanes}f{self.form.bits}" if self.lanes else f"f{self.form.bits}"
        function_type = ir.FunctionType(self.type, [self.type] * len(args))
        function = declared(self.builder.module, f"llvm.{name}.{kind}", function_type)
        return self.builder.call(function, args)

    def _operation(self, symbol: Symbol, args: list[Any]) -> Any:
        op = symbol.op
        if op == "constant":
            return self.constant(symbol.args[0])
        if op in WORDS:
            return self.named([_traced_word(op, self.form.dtype)], {"x": args[0]})[0]
        return _OPERATIONS[op](self, *args)

    def nearest(self, x: Any) -> Any:
        """Return the nearest whole number, for sizes far below `Format.rounder`."""
        rounder = self.constant(self.form.rounder)
        return self.builder.fsub(self.builder.fadd(x, rounder), rounder)

    def power_of_two(self, n: Any) -> Any:
        """Return 2ⁿ for a whole number n in the exponent's range: n is shifted into the exponent's place."""
        b, form = self.builder, self.form
        bits = b.bitcast(b.fadd(n, self.constant(form.rounder)), self.whole)
        exponent = b.add(bits, self.integer(form.bias))
        return b.bitcast(b.shl(exponent, self.integer(form.fraction_bits)), self.type)

    def integer(self, value: int) -> Any:
        """Return a vector full of this whole number."""
        return ir.Constant(self.whole, [value] * self.lanes if self.lanes else value)

    def exponent(self, x: Any) -> Any:
        """Return the n of x = m·2ⁿ with √½ ≤ m < √2, for a normal positive x."""
        rounder = int(np.array(self.form.rounder, self.form.dtype).view(f"i{self.form.bits // 8}"))
        whole = self.builder.add(self._exponent_bits(x), self.integer(rounder))
        return self.builder.fsub(self.builder.bitcast(whole, self.type), self.constant(self.form.rounder))

    def mantissa(self, x: Any) -> Any:
        """Return the m that belongs to `exponent`."""
        b = self.builder
        shifted = b.shl(self._exponent_bits(x), self.integer(self.form.fraction_bits))
        return b.bitcast(b.sub(b.bitcast(x, self.whole), shifted), self.type)

    def _exponent_bits(self, x: Any) -> Any:
        b = self.builder
        root = int(np.array(0.5**0.5, self.form.dtype).view(f"i{self.form.bits // 8}"))
        above = b.sub(b.bitcast(x, self.whole), self.integer(root))
        return b.ashr(above, self.integer(self.form.fraction_bits))

    def sign(self, x: Any) -> Any:
        """Return −1, 0 or 1; what is no number stays so."""
        b = self.builder
        zero, one, minus = self.constant(0.0), self.constant(1.0), self.constant(-1.0)
        known = b.select(b.fcmp_ordered(">", x, zero), one, b.select(b.fcmp_ordered("<", x, zero), minus, zero))
        return b.select(b.fcmp_unordered("uno", x, x), x, known)

    def larger(self, a: Any, b: Any) -> Any:
        """Return the larger one; if one of them is no number, that one, as NumPy does."""
        return self._chosen(">", a, b)

    def smaller(self, a: Any, b: Any) -> Any:
        """Return the smaller one, likewise."""
        return self._chosen("<", a, b)

    def _chosen(self, comparison: str, a: Any, b: Any) -> Any:
        found = self.builder.select(self.builder.fcmp_unordered(comparison, a, b), a, b)
        if isinstance(b, ir.Constant):
            return found
        return self.builder.select(self.builder.fcmp_unordered("uno", b, b), b, found)


def declared(module: Any, name: str, function_type: Any) -> Any:
    """Return a function of a module by its name, declared there if it is not yet."""
    found = module.globals.get(name)
    return ir.Function(module, function_type, name) if found is None else found


_OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": Emitter.add,
    "subtract": lambda e, a, b: e.builder.fsub(a, b, flags=_CONTRACT),
    "multiply": Emitter.multiply,
    "divide": lambda e, a, b: e.builder.fdiv(a, b),
    "negative": lambda e, a: e.builder.fneg(a),
    "maximum": Emitter.larger,
    "minimum": Emitter.smaller,
    "absolute": lambda e, a: e.call("fabs", a),
    "sign": Emitter.sign,
    "sqrt": lambda e, a: e.call("sqrt", a),
    "floor": lambda e, a: e.call("floor", a),
    "copysign": lambda e, a, b: e.call("copysign", a, b),
    "power": lambda e, a, b: e.call("pow", a, b),
    "cos": lambda e, a: e.call("cos", a),
    "greater": lambda e, a, b: e.builder.fcmp_ordered(">", a, b),
    "greater_equal": lambda e, a, b: e.builder.fcmp_ordered(">=", a, b),
    "less": lambda e, a, b: e.builder.fcmp_ordered("<", a, b),
    "less_equal": lambda e, a, b: e.builder.fcmp_ordered("<=", a, b),
    "and": lambda e, a, b: e.builder.and_(a, b),
    "select": lambda e, c, a, b: e.builder.select(c, a, b),
    "nearest": Emitter.nearest,
    "power_of_two": Emitter.power_of_two,
    "exponent": Emitter.exponent,
    "mantissa": Emitter.mantissa,
}
