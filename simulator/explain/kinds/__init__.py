"""The kinds of numbers that can be explained, one file a phase, in one table."""

from simulator.explain.kinds.backward import BACKWARD
from simulator.explain.kinds.forward import FORWARD
from simulator.explain.kinds.loss import LOSS
from simulator.explain.kinds.origin import ORIGIN
from simulator.explain.kinds.update import UPDATE
from simulator.explain.number import Kind

KINDS: dict[str, Kind] = {**ORIGIN, **FORWARD, **LOSS, **BACKWARD, **UPDATE}
"""Every kind of number by its name."""

__all__ = ["KINDS"]
