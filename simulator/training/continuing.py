"""Going on from a model: what a session gives a model for that, and where a session that starts from one begins."""

import dataclasses
import hashlib
import weakref
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.data import Dataset
from simulator.engines import EVALUATION_ROWS, EngineState
from simulator.engines.engine import read_only
from simulator.errors import ConfigError
from simulator.interchange import Model
from simulator.interchange.training_state import FIGURES, Progression, TrainingState
from simulator.snapshot import RECORD, EpochRecord
from simulator.spec import NetworkSpec, TrainingConfig
from simulator.training.timeline import MOST_EPOCHS, Change

_SUMS = 4
_fingerprints: "weakref.WeakKeyDictionary[Dataset, str]" = weakref.WeakKeyDictionary()


@dataclasses.dataclass(frozen=True, eq=False)
class Origin:
    """Where a run begins that goes on from something.

    Attributes
    ----------
    state
        What the engine goes on from.
    holds
        The settings and the data of that moment.
    record
        The record of the last complete epoch, one row of `RECORD`; None where it has to be evaluated.
    """

    state: EngineState
    holds: Change
    record: NDArray[Any] | None


def training_state(state: EngineState, record: EpochRecord, batch_size: int, dataset: Dataset) -> TrainingState | None:
    """Return what a model holds of an engine's state, so that training goes on from it.

    Parameters
    ----------
    state, record
        The engine's state, and the figures of the last complete epoch.
    batch_size, dataset
        What holds in the epoch that has begun.

    Returns
    -------
    None where a file cannot hold it: parameters that are frozen, units that are held, numbers that are not finite.
    """
    if state.frozen is not None or state.held is not None:
        return None
    numbers = (state.memory, state.scalars, state.sums, state.learning_rate)
    if not all(np.isfinite(each).all() for each in numbers):
        return None
    progression = Progression(
        state.item,
        batch_size,
        state.updates,
        float(state.learning_rate),
        float(state.gradient_norm),
        tuple(state.scalars.tolist()),
        tuple(state.sums.tolist()),
        tuple(float(getattr(record, name)) for name in FIGURES),
        fingerprint(dataset),
    )
    return TrainingState(state.memory, progression)


def fingerprint(dataset: Dataset) -> str:
    """Return what tells the prepared rows of a data set from any others: 32 hexadecimal digits."""
    found = _fingerprints.get(dataset)
    if found is None:
        digest = hashlib.sha256()
        for array in (dataset.X_train, dataset.Y_train, dataset.X_test, dataset.Y_test):
            digest.update(f"{array.shape} {array.dtype}".encode())
            digest.update(np.ascontiguousarray(array).data)
        found = _fingerprints[dataset] = digest.hexdigest()[:32]
    return found


def was_trained_on(model: Model, dataset: Dataset) -> bool:
    """Return whether a model was trained on these very rows, as far as it knows."""
    return model.training is not None and model.training.progression.data == fingerprint(dataset)


def goes_on(model: Model, config: TrainingConfig | None = None) -> bool:
    """Return whether training goes on from a model with the optimizer's memory.

    Parameters
    ----------
    config
        Other settings than the model's: another optimizer begins with an empty memory.
    """
    kept = model.training is not None and model.epoch <= MOST_EPOCHS
    return kept and (config is None or config.optimizer.name == model.config.optimizer.name)


def origin_of(model: Model, dataset: Dataset, network: NetworkSpec, config: TrainingConfig) -> Origin | None:
    """Return where a run begins that goes on from a model; None where it begins at epoch 0 with its weights alone.

    On other rows than the model's, an epoch that had begun begins again.

    Parameters
    ----------
    network, config
        What the run is to have. The dtype and the seed are fixed when a run starts, so they hold from its beginning;
        all else holds from the next update or the next epoch, as when it is changed while a run goes on.

    Raises
    ------
    ConfigError
        When the network has another shape than the model's.
    """
    if network.shapes != model.network.shapes:
        raise ConfigError(
            f"a network of the shape {network.sizes} cannot go on from a model of the shape {model.network.sizes}",
            "Leave the architecture to the model.",
        )
    if model.training is None or model.epoch > MOST_EPOCHS:
        return None
    told, same = model.training.progression, was_trained_on(model, dataset)
    batches = -(-len(dataset.X_train) // told.batch_size)
    items = batches - (-len(dataset.X_test) // EVALUATION_ROWS)
    item = told.item if same and told.item < items else 0
    state = EngineState(
        model.epoch,
        item,
        told.updates,
        read_only(model.parameters.astype(config.dtype)),
        read_only(model.training.memory.astype(config.dtype)),
        read_only(np.array(told.scalars, dtype=np.float64)),
        read_only(np.array(told.sums if item else (0.0,) * _SUMS, dtype=np.float64)),
        told.learning_rate,
        gradient_norm=told.gradient_norm,
    )
    held = told.batch_size if item else model.config.batch_size
    then = dataclasses.replace(model.config, batch_size=held, seed=config.seed, dtype=config.dtype)
    place = model.epoch, item
    record = np.array([(model.epoch, *told.record)], dtype=RECORD) if same else None
    return Origin(state, Change(*place, model.network, then, dataset, place), record)
