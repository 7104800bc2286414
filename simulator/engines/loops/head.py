"""The head of a network: outputs, losses, their derivatives by the logits, and how many rows are right."""

# pyright: basic
# llvmlite has no types, and Numba reads the parameters of an intrinsic.

import math
from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir
from numba.core import cgutils
from numba.extending import intrinsic

from simulator.engines import definitions
from simulator.engines.layout import lanes
from simulator.engines.loops.writing import WORD, at, called, named_settings, narrow, signature, switch, written
from simulator.engines.tracing import Symbol, order
from simulator.engines.vectors import WORDS, Emitter


class _Head:
    """Writes a head for as many rows as a vector has lanes: lanes are rows, and loops go over the outputs.

    Numbers of (row, output) stand in slots of the workspace, an output's vector after the other.
    """

    def __init__(
        self, b: Any, e: Emitter, K: Any, slots: Any, settings: dict[str, Any], head: definitions.Head
    ) -> None:
        self.b, self.e, self.K, self.head = b, e, K, head
        self._slots, self._settings = slots, settings
        self.forget()

    def forget(self) -> None:
        """Begin anew with other rows: known are the slots of Z and Y, and the settings."""
        self._slot_of: dict[Symbol, int] = {}
        self._columns: dict[Symbol, Any] = {}
        for symbol in order([self.head.outputs, self.head.loss, self.head.delta]):
            if symbol.op == "input":
                name = symbol.args[0]
                if name in ("Z", "Y"):
                    self._slot_of[symbol] = ("Z", "Y").index(name)
                elif name == "outputs":
                    self._columns[symbol] = self.e.splat(self.b.sitofp(self.K, self.e.real))
                else:
                    self._columns[symbol] = self.e.splat(narrow(self.b, self.e, self._settings[name]))

    def place(self, slot: int, k: Any) -> Any:
        """Return where the vector of an output begins."""
        number = self.b.add(self.b.mul(WORD(slot), self.K), k)
        return at(self.b, self._slots, self.b.mul(number, WORD(self.e.lanes)))

    def column(self, symbol: Symbol) -> Any:
        """Return one number a row, after the loops over the outputs that it needs."""
        for needed in order([symbol], self._columns):
            if not needed.per_output and needed.op in ("max", "sum"):
                self._columns[needed] = self._reduced(needed)
        return self.e.evaluate([symbol], self._columns)[0]

    def each_output(self, symbols: Sequence[Symbol], body: Callable[[Any, list[Any]], None]) -> None:
        """Run body(k, values) for every output k."""
        for symbol in symbols:
            for needed in order([symbol], self._columns):
                if not needed.per_output:
                    self.column(needed)
        with cgutils.for_range_slice(self.b, WORD(0), self.K, WORD(1), intp=WORD) as (k, _):
            body(k, self._values(symbols, k))

    def _values(self, symbols: Sequence[Symbol], k: Any) -> list[Any]:
        known = dict(self._columns)
        for symbol, slot in self._slot_of.items():
            known[symbol] = self.e.load(self.place(slot, k))
        new = [s for s in order(symbols, known) if s.op in WORDS or s.op == "divide"]
        found = self.e.evaluate(symbols, known)
        for symbol in new:  # what was costly is kept for the next loop
            self._slot_of[symbol] = len(self._slot_of)
            self.e.store(known[symbol], self.place(self._slot_of[symbol], k))
        return found

    def _reduced(self, symbol: Symbol) -> Any:
        b, e = self.b, self.e
        total = cgutils.alloca_once(b, e.type)
        b.store(e.constant(0.0 if symbol.op == "sum" else -math.inf), total)

        def body(_: Any, values: list[Any]) -> None:
            before = b.load(total)
            b.store(e.add(before, values[0]) if symbol.op == "sum" else e.larger(before, values[0]), total)

        self.each_output([symbol.args[0]], body)
        return b.load(total)


def _head(
    b: Any, dtype: str, code: Any, rows: Any, K: Any, Z: Any, z_row: Any, Y: Any, rows_of: Any, D: Any, d_row: Any,
    slots: Any, settings_of: Any, scale: Any, sums: Any, classes: Any,
) -> None:  # fmt: skip
    e = Emitter(b, dtype, lanes(dtype))

    def case(loss: str, link: str) -> Callable[[], None]:
        def body() -> None:
            values = named_settings(b, definitions.loss_setting_names(loss), settings_of)
            part = _Head(b, e, K, slots, values, definitions.head(loss, link))
            _head_cases(b, e, part, (rows, K), (Z, z_row, Y, rows_of), (D, d_row, scale), (sums, classes))

        return body

    switch(b, code, [case(loss, link) for loss, link in definitions.HEADS])


def _head_cases(b: Any, e: Emitter, part: "_Head", size: Any, source: Any, target: Any, result: Any) -> None:
    (rows, K), (sums, classes) = size, result
    doubles = ir.VectorType(ir.DoubleType(), e.lanes)
    totals = [cgutils.alloca_once_value(b, ir.Constant(doubles, [0.0] * e.lanes)) for _ in range(2)]
    for total in totals:
        b.store(ir.Constant(doubles, [0.0] * e.lanes), total)
    wholes = ir.VectorType(WORD, e.lanes)
    with cgutils.for_range_slice(b, WORD(0), rows, WORD(e.lanes), intp=WORD) as (row, _):
        part.forget()
        called(b, "into_lanes", e.form.dtype, [rows, K, row, *source, part.place(0, WORD(0))], _into_lanes)
        left = b.insert_element(ir.Constant(wholes, ir.Undefined), b.sub(rows, row), ir.IntType(32)(0))
        left = b.shuffle_vector(left, left, ir.Constant(ir.VectorType(ir.IntType(32), e.lanes), [0] * e.lanes))
        real = b.icmp_signed("<", ir.Constant(wholes, list(range(e.lanes))), left)
        losses = b.select(real, part.column(part.head.loss), e.constant(0.0))
        wide = losses if e.real == ir.DoubleType() else b.fpext(losses, doubles)
        b.store(b.fadd(b.load(totals[0]), wide), totals[0])
        part.each_output([part.head.outputs], lambda k, values: None)  # kept before the branches that follow
        with b.if_then(b.icmp_signed("!=", classes, WORD(0))):
            hits = b.uitofp(b.and_(real, _hits(b, e, part, K)), doubles)
            b.store(b.fadd(b.load(totals[1]), hits), totals[1])
        with b.if_then(b.fcmp_ordered(">", target[2], ir.DoubleType()(0.0))):
            factor = e.splat(narrow(b, e, target[2]))
            part.each_output(
                [part.head.delta], lambda k, values: e.store(e.multiply(values[0], factor), part.place(0, k))
            )
            values = [rows, K, row, part.place(0, WORD(0)), *target[:2]]
            called(b, "out_of_lanes", e.form.dtype, values, _out_of_lanes)
    for index, total in enumerate(totals):
        place = at(b, sums, index)
        for lane in range(e.lanes):
            b.store(b.fadd(b.load(place), b.extract_element(b.load(total), ir.IntType(32)(lane))), place)


def _into_lanes(b: Any, dtype: str, rows: Any, K: Any, row: Any, Z: Any, z_row: Any, Y: Any, rows_of: Any,
                slots: Any) -> None:  # fmt: skip
    """Copy logits and targets into the first two slots, a row a lane; lanes beyond the last row repeat it."""
    count = WORD(lanes(dtype))
    last = b.sub(rows, WORD(1))
    second = b.mul(K, count)
    with cgutils.for_range_slice(b, WORD(0), count, WORD(1), intp=WORD) as (lane, _):
        this = b.add(row, lane)
        this = b.select(b.icmp_signed("<", this, last), this, last)
        z, y = at(b, Z, b.mul(this, z_row)), at(b, Y, b.mul(b.load(at(b, rows_of, this)), K))
        with cgutils.for_range_slice(b, WORD(0), K, WORD(1), intp=WORD) as (k, _):
            place = at(b, slots, b.mul(k, count), lane)
            b.store(b.load(at(b, z, k)), place)
            b.store(b.load(at(b, y, k)), at(b, place, second))


def _out_of_lanes(b: Any, dtype: str, rows: Any, K: Any, row: Any, slots: Any, D: Any, d_row: Any) -> None:
    """Copy the first slot back to rows."""
    count = WORD(lanes(dtype))
    left = b.sub(rows, row)
    left = b.select(b.icmp_signed("<", left, count), left, count)
    with cgutils.for_range_slice(b, WORD(0), left, WORD(1), intp=WORD) as (lane, _):
        target = at(b, D, b.mul(b.add(row, lane), d_row))
        with cgutils.for_range_slice(b, WORD(0), K, WORD(1), intp=WORD) as (k, _):
            b.store(b.load(at(b, slots, b.mul(k, count), lane)), at(b, target, k))


def _hits(b: Any, e: Emitter, part: _Head, K: Any) -> Any:
    """Return for every row whether the output and the target mean the same class."""
    target = next(s for s in order([part.head.loss]) if s.op == "input" and s.args[0] == "Y")
    bits = ir.VectorType(ir.IntType(1), e.lanes)
    found = cgutils.alloca_once(b, bits)
    with b.if_else(b.icmp_signed("==", K, WORD(1))) as (one, many):
        with one:
            half = e.constant(0.5)

            def same(_: Any, values: list[Any]) -> None:
                sides = [b.fcmp_ordered(">=", value, half) for value in values]
                b.store(b.not_(b.xor(*sides)), found)

            part.each_output([part.head.outputs, target], same)
        with many:
            best = [cgutils.alloca_once(b, e.type) for _ in range(4)]
            for place in best:
                b.store(e.constant(-math.inf if place in best[:2] else -1.0), place)

            def compare(k: Any, values: list[Any]) -> None:
                number = e.splat(b.sitofp(k, e.real))
                for value, top, where in zip(values, best[:2], best[2:], strict=True):
                    larger = b.fcmp_ordered(">", value, b.load(top))
                    b.store(b.select(larger, value, b.load(top)), top)
                    b.store(b.select(larger, number, b.load(where)), where)

            part.each_output([part.head.outputs, target], compare)
            b.store(b.fcmp_ordered("==", b.load(best[2]), b.load(best[3])), found)
    return b.load(found)


@intrinsic
def head(
    typing, code, rows, K, Z, z0, z_row, Y, y0, rows_of, r0, D, d0, d_row, slots, t0, settings, s0, scale, sums, u0,
    classes,
):  # fmt: skip
    """Add the losses and hits of rows of logits Z to sums (2,), and set D to scale · their derivatives if scale > 0.

    Row i of Z has its target in row rows_of[i] of Y (…, K). The hits are counted if classes is not 0.
    """
    args = (
        code, rows, K, Z, z0, z_row, Y, y0, rows_of, r0, D, d0, d_row, slots, t0, settings, s0, scale, sums, u0, classes
    )  # fmt: skip
    return signature(*args), written("head", _head)
