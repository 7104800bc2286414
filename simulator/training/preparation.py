"""What a run starts with: its rows, its parameters, and how many threads it computes with."""

from simulator.data import Dataset
from simulator.engines import TrainingData, devices
from simulator.engines.threads import available
from simulator.errors import ConfigError
from simulator.nn import parameters
from simulator.snapshot import Floats
from simulator.spec import NetworkSpec, TrainingConfig

_ONE_THREAD_PRODUCT = 20_000_000
"""Multiplications in a batch's largest product, below which a second thread waits more than it works: with the other
core busy, two threads took 21 ms where one took 3 (batches of 1,024 through 28-64-64-2)."""


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


def thread_count(network: NetworkSpec, config: TrainingConfig, device: str) -> int:
    """Return how many threads matrix products use: one for small products, else all cores."""
    product = config.batch_size * max(fan_in * fan_out for fan_in, fan_out in network.shapes)
    return available() if device == devices.CPU and product >= _ONE_THREAD_PRODUCT else 1


def training_data(dataset: Dataset, network: NetworkSpec, config: TrainingConfig) -> TrainingData:
    """Return a data set's rows in the run's dtype, as the network's outputs want them.

    Raises
    ------
    ConfigError
        When the network has another width than the data.
    """
    Y_train, Y_test = dataset.Y_train, dataset.Y_test
    if network.outputs == 1 and len(dataset.class_names) == 2:
        Y_train, Y_test = Y_train[:, 1:], Y_test[:, 1:]  # one output is the probability of the second class
    wanted = (dataset.X_train.shape[1], Y_train.shape[1])
    if (network.inputs, network.outputs) != wanted:
        raise ConfigError(
            f"a network from {network.inputs} inputs to {network.outputs} outputs does not fit {dataset.name}",
            f"This data set has {wanted[0]} inputs and {wanted[1]} outputs.",
        )
    return TrainingData(
        dataset.X_train.astype(config.dtype, copy=False),
        Y_train.astype(config.dtype, copy=False),
        dataset.X_test.astype(config.dtype, copy=False),
        Y_test.astype(config.dtype, copy=False),
        dataset.task == "classification",
    )
