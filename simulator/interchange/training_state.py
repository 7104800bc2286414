"""What a training needs to go on with the same bits, beside the parameters and the settings."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from simulator.data.stored import json_count, json_text
from simulator.errors import ConfigError
from simulator.nn import choices
from simulator.nn.optimizers import Optimizer
from simulator.snapshot import RECORD, Floats
from simulator.spec import NetworkSpec, TrainingConfig

FIGURES = tuple(name for name in RECORD.names or () if name != "epoch")
"""What the record of an epoch says beside its number."""

_SUMS = 4
_MOST_UPDATES = 2**62
_INFINITE = {"inf": math.inf, "-inf": -math.inf}


@dataclasses.dataclass(frozen=True)
class Progression:
    """How far a training is: numbers that stand once in a model.

    The split follows from the recipe, the row order and the dropout masks from the seed and the epoch, the position of
    a schedule from the epoch and the item: none of them needs more than these.

    Attributes
    ----------
    item
        How many work items of the epoch that has begun are done (see `simulator.engines.EngineState`); 0 between two.
    batch_size
        Of that epoch: another one in the settings may still wait for the next.
    updates
        How many updates the optimizer has made since its memory was empty.
    learning_rate
        The rate of the last update.
    gradient_norm
        The norm of the last gradient that ended an epoch's batches; NaN where there was none.
    scalars
        What the optimizer remembers once for all parameters.
    sums
        Loss and rows predicted right, of training and of test rows, in the epoch that has begun.
    record
        The `FIGURES` of the last complete epoch.
    data
        A fingerprint of the prepared rows that it was trained on; empty where nobody knows.
    """

    item: int
    batch_size: int
    updates: int
    learning_rate: float
    gradient_norm: float
    scalars: tuple[float, ...]
    sums: tuple[float, ...]
    record: tuple[float, ...]
    data: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return JSON values, exact on the way back; what is no number is null."""
        return {name: _written(value) for name, value in vars(self).items()}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> "Progression":
        """Read what `to_json` returned.

        Raises
        ------
        ConfigError, KeyError, TypeError
            When it is something else.
        """
        learning_rate, gradient_norm = (_number(value[name]) for name in ("learning_rate", "gradient_norm"))
        scalars, sums, record = (tuple(map(_number, value[name])) for name in ("scalars", "sums", "record"))
        item, batch_size, updates = (json_count(value[name]) for name in ("item", "batch_size", "updates"))
        return Progression(
            item, batch_size, updates, learning_rate, gradient_norm, scalars, sums, record, json_text(value["data"])
        )

    def check(self, optimizer: Optimizer) -> None:
        """Refuse numbers that no training with this optimizer has.

        Raises
        ------
        ConfigError
            Naming the first one.
        """
        finite = {"learning rate": (self.learning_rate,), "scalars": self.scalars, "sums": self.sums}
        for name, numbers in finite.items():
            if not all(map(math.isfinite, numbers)):
                raise ConfigError(f"the {name} of the training state are not finite numbers", _TRAIN)
        lengths = len(optimizer.scalars), _SUMS, len(FIGURES)
        if tuple(map(len, (self.scalars, self.sums, self.record))) != lengths:
            raise ConfigError("the training state is not that of this optimizer", _TRAIN)
        if not (self.item >= 0 and self.batch_size > 0 and 0 <= self.updates < _MOST_UPDATES):
            raise ConfigError("the training state is of no moment of a training", _TRAIN)


_TRAIN = "Train the network again, or leave the training state out."


@dataclasses.dataclass(frozen=True, eq=False)
class TrainingState:
    """What a model holds so that training really goes on from it.

    Attributes
    ----------
    memory
        The optimizer's memory of every parameter, (its names, parameter_count), in the dtype of the parameters and in
        their order; made read-only, after a copy if it was not.
    progression
        How far the training is.
    """

    memory: Floats
    progression: Progression

    def __post_init__(self) -> None:
        if self.memory.flags.writeable:
            own = self.memory.copy()
            own.flags.writeable = False
            object.__setattr__(self, "memory", own)

    def check(self, network: NetworkSpec, config: TrainingConfig) -> None:
        """Refuse a state that does not fit a network and its settings.

        Raises
        ------
        ConfigError
            Saying what does not.
        """
        optimizer = choices.optimizer(config)
        self.progression.check(optimizer)
        shape = (len(optimizer.memory), network.parameter_count)
        if self.memory.shape != shape or self.memory.dtype != config.dtype:
            raise ConfigError(
                f"an optimizer's memory of the shape {self.memory.shape}, {self.memory.dtype}, does not fit",
                f"{config.optimizer.name} needs {shape}, {config.dtype}.",
            )


def memory_names(config: TrainingConfig) -> tuple[str, ...]:
    """Return what the optimizer remembers of every parameter, by name, in the order of `TrainingState.memory`."""
    return choices.optimizer(config).memory


def _written(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_written(each) for each in value]  # pyright: ignore[reportUnknownVariableType] - of floats
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value


def _number(value: object) -> float:
    if value is None:
        return math.nan
    if isinstance(value, str) and value in _INFINITE:
        return _INFINITE[value]
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ConfigError("the training state holds something that is no number", _TRAIN)
    return float(value)
