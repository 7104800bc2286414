"""How weights came to be what they are: their values and gradients at some moments of a branch."""

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.engines import EngineState
from simulator.engines.engine import TrainingData, read_only
from simulator.explain import explain, moment_of
from simulator.training.timeline import Branch, Change, place_of

_WORK = 4e8
"""How many products are calculated at most to find the gradients; large networks get none."""


@dataclasses.dataclass(frozen=True, eq=False)
class Trace:
    """Some parameters over the epochs; all arrays are read-only.

    Attributes
    ----------
    places
        Where the parameters stand in the flat vector.
    epochs
        The moments, (moments,), in epochs with their fractions.
    values
        The parameters, (moments, places).
    gradients
        The gradient of the batch that came next, data loss only, (moments, places); NaN where it would take too long.
    """

    places: tuple[int, ...]
    epochs: NDArray[np.float64]
    values: NDArray[np.float64]
    gradients: NDArray[np.float64]


def trace_of(
    branch: Branch, states: Sequence[EngineState], data_of: Callable[[Change], TrainingData], places: Sequence[int]
) -> Trace:
    """Return the way of some parameters over states of a branch; `data_of` is asked for the rows that held."""
    wanted = list(places)
    first = branch.settings(branch.fork)
    work = 6.0 * len(states) * states[0].parameters.size * min(first.config.batch_size, len(first.dataset.X_train))
    epochs, values, gradients = [], [], []
    holding, data = first, data_of(first)
    for state in states:
        settings = branch.settings(place_of(state))
        if settings.dataset is not holding.dataset:
            data = data_of(settings)
        holding = settings
        epochs.append(state.epoch + min(state.item, settings.batches) / settings.batches)
        values.append(state.parameters[wanted].astype(np.float64))
        if work <= _WORK:
            moment = moment_of(settings.network, settings.config, state, data)
            gradients.append(explain(moment).backward.gradient[wanted])
        else:
            gradients.append(np.full(len(wanted), np.nan))
    shape = len(states), len(wanted)
    return Trace(
        tuple(wanted),
        read_only(np.array(epochs, dtype=np.float64)),
        read_only(np.array(values, dtype=np.float64).reshape(shape)),
        read_only(np.array(gradients, dtype=np.float64).reshape(shape)),
    )
