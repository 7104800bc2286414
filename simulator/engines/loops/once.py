"""What is done once an update or an epoch: coefficients, the learning rate, random words, a meeting of threads."""

# pyright: basic
# llvmlite has no types, and Numba reads the parameters of an intrinsic.

import os
from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from simulator.engines import definitions
from simulator.engines.loops.writing import WORD, at, named_settings, signature, switch, written
from simulator.engines.tracing import Symbol, order, trace
from simulator.engines.vectors import Emitter, declared
from simulator.nn import random


def _coefficients(b: Any, dtype: str, code: Any, step: Any, rate: Any, settings: Any, scalars: Any, out: Any) -> None:
    e = Emitter(b, "float64", 0)

    def case(variant: definitions.Variant) -> Callable[[], None]:
        def body() -> None:
            update = definitions.update(variant)
            inputs = named_settings(b, definitions.setting_names(variant), settings) | {"step": step, "rate": rate}
            inputs |= {name: b.load(at(b, scalars, i)) for i, name in enumerate(update.scalars)}
            found = e.named([*update.coefficients, *update.scalars.values()], inputs)
            targets = [at(b, out, i) for i in range(len(update.coefficients))]
            targets += [at(b, scalars, i) for i in range(len(update.scalars))]
            for target, value in zip(targets, found, strict=True):
                b.store(value, target)

        return body

    switch(b, code, [case(variant) for variant in definitions.UPDATES])


@intrinsic
def coefficients(typing, code, step, rate, settings, s0, scalars, k0, out, o0):
    """Set `out` to an optimizer's coefficients of an update, and `scalars` to what it remembers of it, all float64."""
    return signature(code, step, rate, settings, s0, scalars, k0, out, o0), written("coefficients", _coefficients)


def _factor(b: Any, dtype: str, code: Any, now: Any, length: Any, settings: Any) -> Any:
    e = Emitter(b, "float64", 0)
    found = cgutils.alloca_once(b, ir.DoubleType())

    def case(variant: definitions.Variant) -> Callable[[], None]:
        def body() -> None:
            inputs = named_settings(b, definitions.setting_names(variant), settings) | {"now": now, "update": length}
            b.store(e.named([definitions.factor(variant)], inputs)[0], found)

        return body

    switch(b, code, [case(variant) for variant in definitions.FACTORS])
    return b.load(found)


@intrinsic
def factor(typing, code, now, length, settings, s0):
    """Return a schedule's factor before an update of this length, both in epochs; float64."""
    typed = signature(code, now, length, settings, s0, returns=types.float64)
    return typed, written("factor", _factor, ir.DoubleType())


@intrinsic
def philox(typing, c0, c1, c2, c3, k0, k1):
    """Return the four words of `simulator.nn.random.philox`, all uint64."""
    names = ["c0", "c1", "c2", "c3", "k0", "k1"]

    def generate(context: Any, b: Any, signature: Any, args: Sequence[Any]) -> Any:
        results = trace(random.philox, names)
        values: dict[Symbol, Any] = {}
        operations = {"multiply": b.mul, "add": b.add, "and": b.and_, "xor": b.xor, "shift_right": b.lshr}
        for symbol in order(results):
            if symbol.op == "input":
                values[symbol] = args[names.index(symbol.args[0])]
            elif symbol.op == "constant":
                values[symbol] = WORD(symbol.args[0])
            else:
                values[symbol] = operations[symbol.op](*(values[arg] for arg in symbol.args))
        return context.make_tuple(b, signature.return_type, [values[symbol] for symbol in results])

    return types.UniTuple(types.uint64, 4)(*[types.uint64] * 6), generate


_SPINS = 2000
"""How often a thread looks for the others before it lets another thread of the machine have the processor."""


def _meet(b: Any, dtype: str, counter: Any, threads: Any) -> None:
    several = b.append_basic_block("several")
    alone = b.append_basic_block("alone")
    b.cbranch(b.icmp_signed(">", threads, WORD(1)), several, alone)
    b.position_at_end(several)
    here = b.atomic_rmw("add", counter, WORD(1), "seq_cst")
    goal = b.mul(b.add(b.udiv(here, threads), WORD(1)), threads)
    look, wait, rest = (b.append_basic_block(name) for name in ("look", "wait", "rest"))
    b.branch(look)
    b.position_at_end(look)
    spins = b.phi(WORD)
    spins.add_incoming(WORD(0), several)
    following = b.add(spins, WORD(1))
    b.cbranch(b.icmp_signed("<", b.load_atomic(counter, "seq_cst", 8), goal), wait, alone)
    b.position_at_end(wait)
    spins.add_incoming(following, wait)
    b.cbranch(b.icmp_signed(">", spins, WORD(_SPINS)), rest, look)
    b.position_at_end(rest)
    spins.add_incoming(following, rest)
    b.call(declared(b.module, _YIELD, ir.FunctionType(ir.IntType(32), [])), [])
    b.branch(look)
    b.position_at_end(alone)


_YIELD = "sched_yield" if os.name == "posix" else "SwitchToThread"


@intrinsic
def meet(typing, counter, c0, threads):
    """Wait until all threads are here; the counter is how often one came."""
    return signature(counter, c0, threads), written("meet", _meet)
