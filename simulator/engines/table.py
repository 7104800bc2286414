"""The engines by name, and which one a run gets."""

from simulator.engines.blas import BlasEngine
from simulator.engines.compiled import CompiledEngine
from simulator.engines.devices import CPU
from simulator.engines.engine import Engine
from simulator.engines.reference import ReferenceEngine
from simulator.spec import NetworkSpec, TrainingConfig
from simulator.tables import look_up

ENGINES: dict[str, type[Engine]] = {"reference": ReferenceEngine, "compiled": CompiledEngine, "blas": BlasEngine}
"""Every engine by its name."""


def choose(name: str, network: NetworkSpec, config: TrainingConfig, device: str = CPU) -> type[Engine]:
    """Return the engine that a name means; "auto" follows from the shapes and the device alone, so that runs repeat."""
    del config
    if name == "auto":
        name = "compiled" if device == CPU else "reference"
    return look_up(ENGINES, name, "engine")
