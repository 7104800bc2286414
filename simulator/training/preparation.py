"""What a run starts with: its rows and its parameters."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.data import Dataset
from simulator.engines import EVALUATION_ROWS, Engine, TrainingData
from simulator.engines.passes import norm
from simulator.engines.threads import blas_threads
from simulator.errors import ConfigError
from simulator.nn import parameters
from simulator.progress import Progress
from simulator.snapshot import RECORD, Floats
from simulator.spec import NetworkSpec, TrainingConfig


def start_parameters(network: NetworkSpec, config: TrainingConfig, given: Floats | None) -> Floats:
    """Return the given parameters in the run's dtype, (parameter_count,), or those that the seed draws.

    Raises
    ------
    ConfigError
        When the given ones do not fit the network.
    """
    if given is None:
        given = parameters.start_values(network, config.seed)
    elif given.shape != (network.parameter_count,):
        raise ConfigError(
            f"start parameters of the shape {given.shape} do not fit",
            f"This network has {network.parameter_count} parameters in one flat vector.",
        )
    return given.astype(config.dtype)


def training_data(dataset: Dataset, network: NetworkSpec, config: TrainingConfig) -> TrainingData:
    """Return a data set's rows in the run's dtype, as the network's outputs want them.

    Raises
    ------
    ConfigError
        When the network has another width than the data.
    """
    check_width(dataset, network)
    Y_train, Y_test = dataset.Y_train, dataset.Y_test
    if _has_one_output(dataset, network):
        Y_train, Y_test = Y_train[:, 1:], Y_test[:, 1:]
    return TrainingData(
        dataset.X_train.astype(config.dtype, copy=False),
        Y_train.astype(config.dtype, copy=False),
        dataset.X_test.astype(config.dtype, copy=False),
        Y_test.astype(config.dtype, copy=False),
        dataset.task == "classification",
    )


def check_width(dataset: Dataset, network: NetworkSpec) -> None:
    """Refuse a data set of another width than the network's.

    Raises
    ------
    ConfigError
        When it has one.
    """
    outputs = 1 if _has_one_output(dataset, network) else dataset.Y_train.shape[1]
    wanted = (dataset.X_train.shape[1], outputs)
    if (network.inputs, network.outputs) != wanted:
        raise ConfigError(
            f"a network from {network.inputs} inputs to {network.outputs} outputs does not fit {dataset.name}",
            f"This data set has {wanted[0]} inputs and {wanted[1]} outputs.",
        )


def _has_one_output(dataset: Dataset, network: NetworkSpec) -> bool:
    """Return whether the one output is the probability of the second of two classes."""
    return network.outputs == 1 and len(dataset.class_names) == 2


def first_record(engine: Engine, data: TrainingData, progress: Progress) -> NDArray[Any]:
    """Return the record of an epoch that no update led to, as epoch 0, for an engine that stands there: one row."""
    scores = [_evaluated(engine, data, split, progress) for split in ("train", "test")]
    (train_loss, train_accuracy), (test_loss, test_accuracy) = scores
    return np.array(
        [
            (
                engine.epoch,
                train_loss,
                test_loss,
                train_accuracy,
                test_accuracy,
                np.nan,
                np.nan,
                norm(engine.parameters()),
            )
        ],
        dtype=RECORD,
    )


def _evaluated(engine: Engine, data: TrainingData, split: str, progress: Progress) -> tuple[float, float]:
    rows = data.rows(split)
    loss, hits = 0.0, 0
    for first in range(0, rows, EVALUATION_ROWS):
        progress.report(first / rows, f"evaluating the {split} rows")
        with blas_threads(engine.blas_threads):
            block_loss, block_hits = engine.evaluate(split, first, min(first + EVALUATION_ROWS, rows))
        loss, hits = loss + block_loss, hits + block_hits
    return loss / (rows or np.nan), hits / (rows or np.nan) if data.classification else np.nan
