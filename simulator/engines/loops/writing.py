"""How a word of the kernels is written: as an LLVM function of its own, which an intrinsic of Numba calls."""

# pyright: basic
# llvmlite has no types, and Numba reads the parameters of an intrinsic.

from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from simulator.engines.vectors import FORMATS, Emitter, declared

WORD = ir.IntType(64)
"""The type of sizes and places."""


def signature(*args: Any, returns: Any = types.void) -> Any:
    """Return the signature of a word: arrays as they are, whole numbers and others of 64 bits."""
    plain = {types.Integer: types.int64, types.Float: types.float64}
    kinds = [next((made for kind, made in plain.items() if isinstance(arg, kind)), arg) for arg in args]
    return returns(*kinds)


def written(name: str, body: Callable[..., Any], returns: Any = None) -> Callable[..., Any]:
    """Return Numba's code generator for a word: a function of its own, written once a module, and a call of it."""

    def generate(context: Any, builder: Any, signature: Any, args: Sequence[Any]) -> Any:
        values, waiting, dtype = [], None, "float64"
        for kind, value in zip(signature.args, args, strict=True):
            if isinstance(kind, types.Array):
                waiting = context.make_array(kind)(context, builder, value).data
                if not values or (str(kind.dtype) == "float32"):
                    dtype = str(kind.dtype) if str(kind.dtype) in FORMATS else dtype
            elif waiting is not None:
                values.append(builder.gep(waiting, [value]))
                waiting = None
            else:
                values.append(value)
        found = called(builder, name, dtype, values, body, returns)
        return context.get_dummy_value() if returns is None else found

    return generate


def called(b: Any, name: str, dtype: str, values: Sequence[Any], body: Callable[..., Any], returns: Any = None) -> Any:
    """Call a function that the body writes; it is written once a module and stays a function, to be compiled once."""
    symbol = f"nodeglow_{name}_{dtype}"
    if symbol not in b.module.globals:
        kinds = ir.FunctionType(returns or ir.VoidType(), [value.type for value in values])
        function = declared(b.module, symbol, kinds)
        function.linkage = "internal"
        function.attributes.add("noinline")
        inner = ir.IRBuilder(function.append_basic_block())
        found = body(inner, dtype, *function.args)
        inner.ret_void() if returns is None else inner.ret(found)
    return b.call(b.module.globals[symbol], values)


def switch(b: Any, number: Any, bodies: Sequence[Callable[[], None]]) -> None:
    """Run the body that a number picks."""
    after = b.append_basic_block("after")
    switch = b.switch(number, after)
    for index, body in enumerate(bodies):
        block = b.append_basic_block(f"case{index}")
        switch.add_case(WORD(index), block)
        b.position_at_end(block)
        body()
        b.branch(after)
    b.position_at_end(after)


def at(b: Any, pointer: Any, *offsets: Any) -> Any:
    """Return the pointer so many numbers further on."""
    for offset in offsets:
        pointer = b.gep(pointer, [WORD(offset) if isinstance(offset, int) else offset])
    return pointer


def narrow(b: Any, e: Emitter, value: Any) -> Any:
    """Return a float64 in the format of an emitter."""
    return value if e.real == ir.DoubleType() else b.fptrunc(value, e.real)


def named_settings(b: Any, names: Sequence[str], values: Any) -> dict[str, Any]:
    """Return the settings that stand one behind the other in an array, by their names."""
    return {name: b.load(at(b, values, i)) for i, name in enumerate(names)}


def vectors(b: Any, e: Emitter, count: Any, body: Callable[[Any], None]) -> None:
    """Run the body for every vector of `count` numbers; the last may reach over the end."""
    with cgutils.for_range_slice(b, WORD(0), count, WORD(e.lanes), intp=WORD) as (place, _):
        body(place)
