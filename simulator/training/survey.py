"""The whole network at moments along a branch: what views that look over time are made from."""

import dataclasses
import functools
from collections.abc import Iterable

from simulator.data import Dataset
from simulator.engines import EngineState
from simulator.nn import parameters
from simulator.snapshot import Floats, LayerParameters
from simulator.spec import NetworkSpec, TrainingConfig
from simulator.training.timeline import Branch, place_of

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


def survey_of(branch: Branch, states: Iterable[EngineState]) -> tuple[SurveyMoment, ...]:
    """Return what held along a branch, at the moments of some states of it."""
    found: list[SurveyMoment] = []
    for state in states:
        holds = branch.settings(place_of(state))
        time = state.epoch + min(state.item, holds.batches) / holds.batches
        moment = state.epoch, state.item, time, holds.network, holds.config, holds.dataset
        found.append(SurveyMoment(*moment, state.parameters))
    return tuple(found)
