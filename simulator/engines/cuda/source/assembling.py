"""Puts the program together: constants, words, the tables, and the kernels."""

import functools
import pathlib
import re
from collections.abc import Callable

from simulator.engines.cuda import structs, tiling
from simulator.engines.cuda.source import heads, rows
from simulator.engines.cuda.source.writing import FORMATS
from simulator.nn.random import DROPOUT

_KERNELS = pathlib.Path(__file__).parent.parent / "kernels"


def _file(name: str) -> Callable[[str], str]:
    return lambda dtype: (_KERNELS / name).read_text("utf-8")


def _numbers(dtype: str) -> str:
    return f"typedef {FORMATS[dtype]} Number;\n#define DROPOUT_STREAM {DROPOUT}u\n"


PARTS: tuple[Callable[[str], str], ...] = (
    _numbers,
    _file("words.cuh"),
    rows.activations,
    rows.updates,
    rows.factors,
    heads.heads,
    lambda _: structs.declarations() + tiling.declarations(),
    _file("finite.cuh"),
    _file("small_place.cuh"),
    _file("small_products.cuh"),
    _file("small_rows.cuh"),
    _file("small_update.cuh"),
    _file("small.cuh"),
    _file("large.cuh"),
)
"""What the program consists of, in this order: functions of the number format."""


@functools.cache
def source(dtype: str) -> str:
    """Return the whole program for a number format: "float32" or "float64"."""
    return "\n".join(part(dtype) for part in PARTS)


def kernel_names(text: str) -> tuple[str, ...]:
    """Return the names of the kernels of a program, as a machine launches them."""
    return tuple(re.findall(r'extern\s+"C"\s+__global__\s+void\s+(?:__launch_bounds__\([^)]*\)\s+)?(\w+)\s*\(', text))
