"""What is done with whole arrays: activations, their slopes, the optimizer's update, and plain copies and sums."""

# pyright: basic
# llvmlite has no types, and Numba reads the parameters of an intrinsic.

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from simulator.engines import definitions
from simulator.engines.layout import VECTOR_BYTES, lanes
from simulator.engines.loops.writing import WORD, at, narrow, signature, switch, vectors, written
from simulator.engines.tracing import Symbol
from simulator.engines.vectors import Emitter, declared


def _activate(b: Any, dtype: str, code: Any, count: Any, Z: Any, A: Any) -> None:
    e = Emitter(b, dtype, lanes(dtype))

    def case(value: Symbol) -> Callable[[], None]:
        def body(i: Any) -> None:
            e.store(e.named([value], {"z": e.load(at(b, Z, i))})[0], at(b, A, i))

        return lambda: vectors(b, e, count, body)

    switch(b, code, [case(value) for value, _ in definitions.activation_pairs()])


@intrinsic
def activate(typing, code, count, Z, z0, A, a0):
    """Set A to f(Z) for `count` numbers; up to a vector beyond them is written too."""
    return signature(code, count, Z, z0, A, a0), written("activate", _activate)


def _slope(b: Any, dtype: str, code: Any, count: Any, Z: Any, A: Any, D: Any) -> None:
    e = Emitter(b, dtype, lanes(dtype))

    def case(derivative: Symbol) -> Callable[[], None]:
        def body(i: Any) -> None:
            inputs = {"z": e.load(at(b, Z, i)), "a": e.load(at(b, A, i))}
            e.store(e.multiply(e.load(at(b, D, i)), e.named([derivative], inputs)[0]), at(b, D, i))

        return lambda: vectors(b, e, count, body)

    switch(b, code, [case(derivative) for _, derivative in definitions.activation_pairs()])


@intrinsic
def slope(typing, code, count, Z, z0, A, a0, D, d0):
    """Multiply D by f′ of Z and A = f(Z) for `count` numbers; up to a vector beyond them is written too."""
    return signature(code, count, Z, z0, A, a0, D, d0), written("slope", _slope)


def _update(b: Any, dtype: str, code: Any, count: Any, coefficients: Any, W: Any, G: Any, memory: Any,
            m_row: Any) -> None:  # fmt: skip
    e = Emitter(b, dtype, lanes(dtype))

    def case(variant: definitions.Variant) -> Callable[[], None]:
        update = definitions.update(variant)
        places = {name: at(b, memory, b.mul(WORD(i), m_row)) for i, name in enumerate(update.memory)}

        def all_vectors() -> None:
            fixed = {
                f"c{i}": e.splat(narrow(b, e, b.load(at(b, coefficients, i)))) for i in range(len(update.coefficients))
            }

            def body(i: Any) -> None:
                pointers = {"w": at(b, W, i)} | {name: at(b, place, i) for name, place in places.items()}
                inputs = {name: e.load(pointer) for name, pointer in pointers.items()}
                changed = e.named(update.rule, inputs | {"g": e.load(at(b, G, i))} | fixed)
                for pointer, value in zip(pointers.values(), changed, strict=True):
                    e.store(value, pointer)

            vectors(b, e, count, body)

        return all_vectors

    switch(b, code, [case(variant) for variant in definitions.UPDATES])


@intrinsic
def update(typing, code, count, coefficients, c0, W, w0, G, g0, memory, m0, m_row):
    """Change `count` parameters W (whole vectors) by gradients G, and their memory, m_row numbers a name."""
    args = code, count, coefficients, c0, W, w0, G, g0, memory, m0, m_row
    return signature(*args), written("update", _update)


def _gather(b: Any, dtype: str, count: Any, width: Any, X: Any, rows_of: Any, target: Any) -> None:
    emitters = [Emitter(b, dtype, max(1, lanes(dtype) // part)) for part in (1, 2, 4, lanes(dtype))]
    ends = [WORD(0), *(b.and_(width, WORD(-e.lanes)) for e in emitters)]
    with cgutils.for_range_slice(b, WORD(0), count, WORD(1), intp=WORD) as (i, _):
        later = b.add(i, WORD(_ROWS_AHEAD))
        later = b.select(b.icmp_signed("<", later, count), later, i)
        _fetch(b, at(b, X, b.mul(b.load(at(b, rows_of, later)), width)))
        row = b.mul(b.load(at(b, rows_of, i)), width)
        start = b.mul(i, width)
        for e, first, last in zip(emitters, ends[:-1], ends[1:], strict=True):
            with cgutils.for_range_slice(b, first, last, WORD(e.lanes), intp=WORD) as (j, _):
                e.store(e.load(at(b, X, row, j)), at(b, target, start, j))


_ROWS_AHEAD = 8
"""How many rows before it is copied a row, which may be anywhere in memory, is sent for."""


def _fetch(b: Any, pointer: Any) -> None:
    """Send for two lines of memory, for the processor to have them when they are read."""
    byte, flag = ir.IntType(8).as_pointer(), ir.IntType(32)
    fetch = declared(b.module, "llvm.prefetch", ir.FunctionType(ir.VoidType(), [byte, flag, flag, flag]))
    first = b.bitcast(pointer, byte)
    for line in (first, b.gep(first, [WORD(VECTOR_BYTES)])):
        b.call(fetch, [line, flag(0), flag(3), flag(1)])


@intrinsic
def gather(typing, count, width, X, x0, rows_of, r0, T, t0):
    """Copy `count` rows of X (…, width), those whose numbers stand in rows_of, one behind the other to T."""
    return signature(count, width, X, x0, rows_of, r0, T, t0), written("gather", _gather)


def _multiply(b: Any, dtype: str, count: Any, A: Any, B: Any, C: Any) -> None:
    e = Emitter(b, dtype, lanes(dtype))
    vectors(b, e, count, lambda i: e.store(e.multiply(e.load(at(b, A, i)), e.load(at(b, B, i))), at(b, C, i)))


@intrinsic
def multiply(typing, count, A, a0, B, b0, C, c0):
    """Set C to A·B for `count` numbers; up to a vector beyond them is written too."""
    return signature(count, A, a0, B, b0, C, c0), written("multiply", _multiply)


def _add_to_rows(b: Any, dtype: str, count: Any, width: Any, B: Any, A: Any) -> None:
    whole, half = Emitter(b, dtype, lanes(dtype)), Emitter(b, dtype, lanes(dtype) // 2)
    end = b.and_(width, WORD(-lanes(dtype)))
    with cgutils.for_range_slice(b, WORD(0), count, WORD(1), intp=WORD) as (i, _):
        row = at(b, A, b.mul(i, width))
        for e, first, last in ((whole, WORD(0), end), (half, end, width)):
            with cgutils.for_range_slice(b, first, last, WORD(e.lanes), intp=WORD) as (j, _):
                e.store(e.add(e.load(at(b, row, j)), e.load(at(b, B, j))), at(b, row, j))


@intrinsic
def add_to_rows(typing, count, width, B, b0, A, a0):
    """Add B (width,) to each of the `count` rows of A; the width is padded."""
    return signature(count, width, B, b0, A, a0), written("add_to_rows", _add_to_rows)


def _accumulate(b: Any, dtype: str, count: Any, parts: Any, step: Any, A: Any) -> None:
    e = Emitter(b, dtype, lanes(dtype))

    def body(i: Any) -> None:
        total = cgutils.alloca_once(b, e.type)
        b.store(e.load(at(b, A, i)), total)
        with cgutils.for_range_slice(b, WORD(1), parts, WORD(1), intp=WORD) as (part, _):
            b.store(e.add(b.load(total), e.load(at(b, A, b.mul(part, step), i))), total)
        e.store(b.load(total), at(b, A, i))

    vectors(b, e, count, body)


@intrinsic
def accumulate(typing, count, parts, step, A, a0):
    """Add to `count` numbers A (whole vectors) those `step`, 2 · `step` … numbers behind; with A they are `parts`."""
    return signature(count, parts, step, A, a0), written("accumulate", _accumulate)


def _penalise(b: Any, dtype: str, count: Any, l1: Any, l2: Any, W: Any, mark: Any, G: Any) -> None:
    e = Emitter(b, dtype, lanes(dtype))
    l1, l2 = (e.splat(narrow(b, e, value)) for value in (l1, l2))

    def body(i: Any) -> None:
        w = e.load(at(b, W, i))
        added = e.add(e.multiply(l1, e.sign(w)), e.multiply(l2, w))
        e.store(e.add(e.load(at(b, G, i)), e.multiply(e.load(at(b, mark, i)), added)), at(b, G, i))

    vectors(b, e, count, body)


@intrinsic
def penalise(typing, count, l1, l2, W, w0, mark, m0, G, g0):
    """Add l1·sign(w) + l2·w to the gradients G of `count` parameters W (whole vectors) where `mark` is 1, not 0."""
    return signature(count, l1, l2, W, w0, mark, m0, G, g0), written("penalise", _penalise)


def _squares(b: Any, dtype: str, count: Any, A: Any) -> Any:
    e = Emitter(b, dtype, lanes(dtype))
    doubles = ir.VectorType(ir.DoubleType(), e.lanes)
    total = cgutils.alloca_once_value(b, ir.Constant(doubles, [0.0] * e.lanes))

    def body(i: Any) -> None:
        value = e.load(at(b, A, i))
        square = b.fmul(value, value)
        wide = square if e.real == ir.DoubleType() else b.fpext(square, doubles)
        b.store(b.fadd(b.load(total), wide), total)

    vectors(b, e, count, body)
    found = ir.DoubleType()(0.0)
    for lane in range(e.lanes):
        found = b.fadd(found, b.extract_element(b.load(total), ir.IntType(32)(lane)))
    return found


@intrinsic
def squares(typing, count, A, a0):
    """Return the sum of the squares of `count` numbers A (whole vectors), added up in float64."""
    return signature(count, A, a0, returns=types.float64), written("squares", _squares, ir.DoubleType())


def _scale(b: Any, dtype: str, count: Any, A: Any, factor: Any) -> None:
    e = Emitter(b, dtype, lanes(dtype))
    by = e.splat(narrow(b, e, factor))
    vectors(b, e, count, lambda i: e.store(e.multiply(e.load(at(b, A, i)), by), at(b, A, i)))


@intrinsic
def scale(typing, count, A, a0, factor):
    """Multiply `count` numbers A (whole vectors) by a factor."""
    return signature(count, A, a0, factor), written("scale", _scale)


def _grain(b: Any, dtype: str, numbers: Any) -> Any:
    return WORD(lanes(dtype))


@intrinsic
def grain(typing, numbers, n0):
    """Return how many numbers of this kind make a vector."""
    return signature(numbers, n0, returns=types.int64), written("grain", _grain, WORD)
