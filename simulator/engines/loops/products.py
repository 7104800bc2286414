"""Matrix products, and the transposes that they need.

Sums stay in registers, a tile of rows by a vector of columns; B's rows are read as vectors, A's numbers one by one. For
the sizes of small networks, where everything is near the processor, this is as fast as the machine multiplies.
"""

# pyright: basic
# llvmlite has no types, and Numba reads the parameters of an intrinsic.

import math
from collections.abc import Callable
from typing import Any

import llvmlite.binding
from llvmlite import ir
from numba.core import cgutils
from numba.extending import intrinsic

from simulator.engines.layout import lanes
from simulator.engines.loops.writing import WORD, at, signature, written
from simulator.engines.vectors import Emitter

_REGISTERS = 32 if llvmlite.binding.get_host_cpu_features().get("avx512f") else 16
TILE_ROWS = 12 if _REGISTERS == 32 else 6
"""Rows of a product that are summed up at a time: as many as the registers hold, with room for the operands."""


def _tile(b: Any, e: Emitter, rows: int, K: Any, A: Any, steps: tuple[Any, Any], B: Any, b_row: Any, sums: list[Any],
          ones: bool) -> list[Any]:  # fmt: skip
    """Add to the sums, a vector a row, `rows` rows of A times K rows of B; with ones, to one more sum B's rows."""
    before, loop, after = b.block, b.append_basic_block("k"), b.append_basic_block("k_end")
    b.cbranch(b.icmp_signed(">", K, WORD(0)), loop, after)
    b.position_at_end(loop)
    k = b.phi(WORD)
    k.add_incoming(WORD(0), before)
    running = [b.phi(e.type) for _ in sums]
    for phi, start in zip(running, sums, strict=True):
        phi.add_incoming(start, before)
    row_step, k_step = steps
    column = at(b, A, b.mul(k, k_step))
    vector = e.load(at(b, B, b.mul(k, b_row)))
    grown = []
    for index in range(rows):
        factor = e.splat(b.load(at(b, column, b.mul(WORD(index), row_step))))
        grown.append(e.add(running[index], e.multiply(factor, vector)))
    if ones:
        grown.append(e.add(running[rows], vector))
    following = b.add(k, WORD(1))
    k.add_incoming(following, loop)
    for phi, value in zip(running, grown, strict=True):
        phi.add_incoming(value, loop)
    b.cbranch(b.icmp_signed("<", following, K), loop, after)
    b.position_at_end(after)
    found = []
    for start, value in zip(sums, grown, strict=True):
        phi = b.phi(e.type)
        phi.add_incoming(start, before)
        phi.add_incoming(value, loop)
        found.append(phi)
    return found


def _row_tiles(b: Any, M: Any, body: Callable[[Any, int, bool], None], first_differs: bool) -> None:
    """Divide M rows into tiles of at most TILE_ROWS, the last two about equal, and run body(first row, rows, first)."""
    place = cgutils.alloca_once_value(b, WORD(0))
    b.store(WORD(0), place)
    again, end = b.append_basic_block("rows"), b.append_basic_block("rows_end")

    def choose(row: Any, first: bool, following: Any) -> None:
        left = b.sub(M, row)
        half = b.lshr(b.add(left, WORD(1)), WORD(1))
        short = b.select(b.icmp_signed("<=", left, WORD(TILE_ROWS)), left, half)
        rows = b.select(b.icmp_signed(">=", left, WORD(2 * TILE_ROWS)), WORD(TILE_ROWS), short)
        switch = b.switch(rows, end)
        for count in range(1, TILE_ROWS + 1):
            block = b.append_basic_block(f"rows{count}")
            switch.add_case(WORD(count), block)
            b.position_at_end(block)
            body(row, count, first)
            b.store(b.add(row, WORD(count)), place)
            b.branch(following)

    if first_differs:
        choose(WORD(0), True, again)
    else:
        b.branch(again)
    b.position_at_end(again)
    choose(b.load(place), False, again)
    b.position_at_end(end)


def _column_tiles(b: Any, dtype: str, N: Any, body: Callable[[Emitter, Any], None]) -> None:
    """Divide N columns into whole vectors and, if one is left, half a vector, and run body(emitter, first column)."""
    whole = Emitter(b, dtype, lanes(dtype))
    half = Emitter(b, dtype, lanes(dtype) // 2)
    end = b.and_(N, WORD(-lanes(dtype)))
    with cgutils.for_range_slice(b, WORD(0), end, WORD(lanes(dtype)), intp=WORD) as (n, _):
        body(whole, n)
    with b.if_then(b.icmp_signed("<", end, N)):
        body(half, end)


def _product(b: Any, dtype: str, M: Any, N: Any, K: Any, start: Any, A: Any, a_row: Any, B: Any, b_row: Any, C: Any,
             c_row: Any) -> None:  # fmt: skip
    def columns(e: Emitter, n: Any) -> None:
        first = e.load(at(b, start, n))

        def rows(row: Any, count: int, _: bool) -> None:
            sums = _tile(b, e, count, K, at(b, A, b.mul(row, a_row)), (a_row, WORD(1)), at(b, B, n), b_row,
                         [first] * count, ones=False)  # fmt: skip
            for index, value in enumerate(sums):
                e.store(value, at(b, C, b.mul(b.add(row, WORD(index)), c_row), n))

        _row_tiles(b, M, rows, first_differs=False)

    _column_tiles(b, dtype, N, columns)


@intrinsic
def product(typing, M, N, K, start, s0, A, a0, a_row, B, b0, b_row, C, c0, c_row):
    """Set C (M, N) to start (N,) in every row, plus A (M, K) @ B (K, N); N is padded."""
    args = M, N, K, start, s0, A, a0, a_row, B, b0, b_row, C, c0, c_row
    return signature(*args), written("product", _product)


def _gradient(b: Any, dtype: str, M: Any, N: Any, K: Any, A: Any, a_row: Any, D: Any, d_row: Any, W: Any, w_row: Any,
              bias: Any, keep: Any) -> None:  # fmt: skip
    kept = b.icmp_signed("!=", keep, WORD(0))

    def columns(e: Emitter, n: Any) -> None:
        def rows(row: Any, count: int, first: bool) -> None:
            targets = [at(b, W, b.mul(b.add(row, WORD(index)), w_row), n) for index in range(count)]
            targets += [at(b, bias, n)] if first else []
            sums = [b.select(kept, e.load(target), e.constant(0.0)) for target in targets]
            sums = _tile(b, e, count, K, at(b, A, row), (WORD(1), a_row), at(b, D, n), d_row, sums, ones=first)
            for target, value in zip(targets, sums, strict=True):
                e.store(value, target)

        _row_tiles(b, M, rows, first_differs=True)

    _column_tiles(b, dtype, N, columns)


@intrinsic
def gradient(typing, M, N, K, A, a0, a_row, D, d0, d_row, W, w0, w_row, bias, bias0, keep):
    """Set W (M, N) to Aᵀ @ D and bias (N,) to D's column sums, of A (K, M) and D (K, N); keep = 1 adds to them."""
    args = M, N, K, A, a0, a_row, D, d0, d_row, W, w0, w_row, bias, bias0, keep
    return signature(*args), written("gradient", _gradient)


def _transpose(b: Any, dtype: str, rows: Any, columns: Any, S: Any, s_row: Any, T: Any, t_row: Any) -> None:
    side = lanes(dtype) // 2
    e = Emitter(b, dtype, side)
    mask = ir.VectorType(ir.IntType(32), side)
    low = mask([place // 2 + side * (place % 2) for place in range(side)])
    high = mask([side // 2 + place // 2 + side * (place % 2) for place in range(side)])
    with (
        cgutils.for_range_slice(b, WORD(0), rows, WORD(side), intp=WORD) as (row, _),
        cgutils.for_range_slice(b, WORD(0), columns, WORD(side), intp=WORD) as (column, _),
    ):
        block = [e.load(at(b, S, b.mul(b.add(row, WORD(i)), s_row), column)) for i in range(side)]
        for _ in range(int(math.log2(side))):
            pairs = [(block[i], block[i + side // 2]) for i in range(side // 2)]
            block = [b.shuffle_vector(x, y, half) for x, y in pairs for half in (low, high)]
        for i, value in enumerate(block):
            e.store(value, at(b, T, b.mul(b.add(column, WORD(i)), t_row), row))


@intrinsic
def transpose(typing, rows, columns, S, s0, s_row, T, t0, t_row):
    """Set T (columns, rows) to the transpose of S (rows, columns), both padded."""
    return signature(rows, columns, S, s0, s_row, T, t0, t_row), written("transpose", _transpose)
