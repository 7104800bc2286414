"""The words of the kernels' inner loops: functions for Numba code whose bodies are written down as vector code.

Where Numba's own loops are left to the compiler, these are exact about what it would only guess: 64 bytes of numbers
are one vector, sums of products stay in registers, and every activation, loss and optimizer is the traced definition of
`nn/`. An array argument is followed by the place in it where the work begins; nothing is checked.
"""

from simulator.engines.loops.arrays import (
    accumulate,
    activate,
    add_to_rows,
    gather,
    grain,
    multiply,
    penalise,
    scale,
    slope,
    squares,
    update,
)
from simulator.engines.loops.head import head
from simulator.engines.loops.once import coefficients, factor, meet, philox
from simulator.engines.loops.products import gradient, product, transpose

__all__ = [
    "accumulate",
    "activate",
    "add_to_rows",
    "coefficients",
    "factor",
    "gather",
    "gradient",
    "grain",
    "head",
    "meet",
    "multiply",
    "penalise",
    "philox",
    "product",
    "scale",
    "slope",
    "squares",
    "transpose",
    "update",
]
