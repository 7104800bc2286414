"""The whole network at moments along a branch: what views that look over time are made from."""

import dataclasses
import functools

from simulator.data import Dataset
from simulator.nn import parameters
from simulator.snapshot import Floats, LayerParameters
from simulator.spec import NetworkSpec, TrainingConfig

BUDGET_BYTES = 32_000_000
"""How many bytes the parameters of all moments take at most: of a large network there are fewer moments."""

LEAST = 8


@dataclasses.dataclass(frozen=True, eq=False)
class SurveyMoment:
    """One moment of a branch.

    Attributes
    ----------
    epoch, item
        Complete epochs, and work items of the next one.
    time
        The same in epochs with their fraction.
    network, config, dataset
        What held then.
    parameters
        All weights and biases, read-only, in the order of `simulator.nn.parameters`.
    """

    epoch: int
    item: int
    time: float
    network: NetworkSpec
    config: TrainingConfig
    dataset: Dataset
    parameters: Floats

    @functools.cached_property
    def layers(self) -> tuple[LayerParameters, ...]:
        """The same numbers, a pair of read-only views a layer."""
        return parameters.layers(self.network, self.parameters)


def most_moments(wanted: int, size: int) -> int:
    """Return how many moments there may be, for parameter vectors of so many bytes."""
    return max(min(wanted, LEAST), min(wanted, BUDGET_BYTES // max(1, size)))
