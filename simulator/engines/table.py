"""The engines by name, and which one a run gets."""

from simulator.engines.blas import BlasEngine
from simulator.engines.compiled import CompiledEngine
from simulator.engines.cuda.engine import CudaEngine
from simulator.engines.devices import CPU
from simulator.engines.engine import Engine
from simulator.engines.reference import ReferenceEngine
from simulator.errors import ConfigError
from simulator.spec import NetworkSpec
from simulator.tables import look_up

ENGINES: dict[str, type[Engine]] = {
    "reference": ReferenceEngine,
    "compiled": CompiledEngine,
    "blas": BlasEngine,
    "cuda": CudaEngine,
}
"""Every engine by its name."""


LARGE_LAYER = 1_000_000
"""Weights of a layer from which BLAS multiplies faster. Up to there the layer stays near the processor while a block of
rows goes through it, and the compiled kernel is up to 1.4 times as fast; beyond, BLAS, which rearranges the factors, is
up to 1.4 times as fast. (784-h-h-10, float32, two threads, batches of 32, 128 and 512: the speed of blas over compiled
was 0.7 … 1.0 for h ≤ 512, 0.9 … 1.3 for h = 1024, 1.4 for h = 2048.)"""


def choose(name: str, network: NetworkSpec, device: str | None = CPU) -> type[Engine]:
    """Return the engine that a name means; "auto" follows from the shapes and the device alone, so that runs repeat.

    Parameters
    ----------
    device
        What it is to run on; None for wherever it does.

    Raises
    ------
    ConfigError
        When there is no such engine, or it does not run there.
    """
    if name == "auto":
        largest = max(fan_in * fan_out for fan_in, fan_out in network.shapes)
        name = "cuda" if device not in (CPU, None) else "blas" if largest >= LARGE_LAYER else "compiled"
    row = look_up(ENGINES, name, "engine")
    kind = (device or "").partition(":")[0]
    if device is not None and kind not in row.runs_on:
        there = ", ".join(name for name, each in ENGINES.items() if kind in each.runs_on)
        raise ConfigError(
            f"the {name} engine does not run on {device}",
            f"It runs on {' and '.join(row.runs_on)}. On {device} there are {there}; auto takes what suits.",
        )
    return row
