"""How a batch is run: engines with one interface, in one table."""

from simulator.engines.engine import EVALUATION_ROWS, DeviceUse, Engine, EngineState, TrainingData
from simulator.engines.table import ENGINES, choose

__all__ = ["ENGINES", "EVALUATION_ROWS", "DeviceUse", "Engine", "EngineState", "TrainingData", "choose"]
