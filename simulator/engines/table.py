"""The engines by name, and which one a run gets."""

from simulator.engines.devices import CPU
from simulator.engines.engine import Engine
from simulator.engines.reference import ReferenceEngine
from simulator.spec import NetworkSpec
from simulator.tables import look_up

ENGINES: dict[str, type[Engine]] = {"reference": ReferenceEngine}
"""Every engine by its name."""


def choose(name: str, network: NetworkSpec, device: str = CPU) -> type[Engine]:
    """Return the engine that a name means; "auto" follows from the shapes and the device alone, so that runs repeat."""
    del network, device  # one engine runs every shape on every device until there is a faster one
    return ENGINES["reference"] if name == "auto" else look_up(ENGINES, name, "engine")
