"""How the learning rate changes with time: a factor of the optimizer's rate, by the epochs gone, in float64.

Every schedule is a plain expression over NumPy's functions, so that an engine can compile or trace it.
"""

import abc
import dataclasses
import math
from typing import Any

import numpy as np

from simulator import fields
from simulator.fields import setting

_NO_TIME = 1e-200


@dataclasses.dataclass(frozen=True)
class Schedule(abc.ABC):
    """A row of the table of schedules; its fields are the schedule's settings.

    Every schedule can begin with a warm-up: for its length the factor is multiplied by a line from 0 to 1.
    """

    warmup_epochs: float = setting(
        0.0, "Warm-up", "Over how many epochs the rate rises from zero in a straight line.", minimum=0
    )

    def __post_init__(self) -> None:
        fields.check(self)

    def factor(self, now: Any, update: Any) -> Any:
        """Return what the learning rate is multiplied by.

        Parameters
        ----------
        now
            Epochs gone before the update, with the fraction of the one that has begun.
        update
            The length of the update in epochs; a warm-up counts the update itself, so that the first one moves.
        """
        # Without a warm-up the quotient is large instead of infinite, and the smaller number 1.
        return np.minimum((now + update) / np.maximum(self.warmup_epochs, _NO_TIME), 1.0) * self.shape(now)

    @abc.abstractmethod
    def shape(self, now: Any) -> Any:
        """Return the factor without the warm-up, after `now` epochs."""


@dataclasses.dataclass(frozen=True)
class Constant(Schedule):
    """The same rate throughout."""

    def shape(self, now: Any) -> Any:
        return 1.0


@dataclasses.dataclass(frozen=True)
class Step(Schedule):
    """Multiplied by γ every so many epochs."""

    gamma: float = setting(0.5, "γ", "What the rate is multiplied by at each step.", minimum=0, maximum=1)
    every: float = setting(50.0, "Every", "How many epochs lie between two steps.", minimum=0, open_minimum=True)

    def shape(self, now: Any) -> Any:
        return self.gamma ** np.floor(now / self.every)


@dataclasses.dataclass(frozen=True)
class Exponential(Schedule):
    """Multiplied by γ over each epoch, smoothly: γ^epochs."""

    gamma: float = setting(0.99, "γ", "What the rate is multiplied by over an epoch.", minimum=0, maximum=1)

    def shape(self, now: Any) -> Any:
        return self.gamma**now


@dataclasses.dataclass(frozen=True)
class Cosine(Schedule):
    """Half a cosine from 1 down to a last factor, where it stays (Loshchilov and Hutter, 2017)."""

    epochs: float = setting(100.0, "Length", "After how many epochs the end is reached.", minimum=0, open_minimum=True)
    end: float = setting(0.0, "End", "The last factor.", minimum=0, maximum=1)

    def shape(self, now: Any) -> Any:
        turn = math.pi * np.minimum(now / self.epochs, 1.0)
        return self.end + (1.0 - self.end) * 0.5 * (1.0 + np.cos(turn))


@dataclasses.dataclass(frozen=True)
class WarmUp(Constant):
    """A rise from zero, then the same rate (Goyal and others, 2017)."""

    warmup_epochs: float = setting(
        5.0, "Warm-up", "Over how many epochs the rate rises from zero in a straight line.", minimum=0
    )


SCHEDULES: dict[str, type[Schedule]] = {
    "constant": Constant,
    "step": Step,
    "exponential": Exponential,
    "cosine": Cosine,
    "warmup": WarmUp,
}
"""Every schedule by its name."""
