"""Only the matrix products of an epoch, and nothing else: the limit of engines that leave them to BLAS."""

import numpy as np

from simulator.benchmarks.contestants import Contestant
from simulator.benchmarks.workloads import Workload
from simulator.engines import TrainingData
from simulator.engines.threads import blas_threads
from simulator.errors import ConfigError
from simulator.nn import parameters
from simulator.snapshot import Floats

_LARGE_ENOUGH = 2**16
"""Multiplications in a batch's largest product, below which the call takes longer than the product: no limit."""


def prepare(workload: Workload, data: TrainingData, threads: int) -> Contestant:
    """Make ready the products of every batch, forward, dW and (but for the first layer) dX, into arrays that exist.

    Raises
    ------
    ConfigError
        When the products are so small that the calls are what is measured.
    """
    network, config = workload.network, workload.config
    largest = config.batch_size * max(fan_in * fan_out for fan_in, fan_out in network.shapes)
    if largest < _LARGE_ENOUGH:
        raise ConfigError("the products are too small: their calls would be measured", "Compare larger networks.")
    X, size = data.X_train, config.batch_size
    flat = parameters.start_values(network, config.seed).astype(config.dtype)
    weights = [layer.weight for layer in parameters.layers(network, flat)]
    gradients = [np.empty_like(weight) for weight in weights]
    rows = min(size, len(X))
    batches = [_Batch(rows, weights, gradients)] * (len(X) // size)
    if len(X) % size:
        batches.append(_Batch(len(X) % size, weights, gradients))

    def run(epochs: int) -> float:
        with blas_threads(threads):
            for _ in range(epochs):
                for place, batch in enumerate(batches):
                    batch.multiply(X[place * size : (place + 1) * size])
        return np.nan

    return Contestant(lambda: None, run)


class _Batch:
    """The products of one batch; weights do not change, so that the numbers stay what they are."""

    def __init__(self, rows: int, weights: list[Floats], gradients: list[Floats]) -> None:
        self._weights, self._gradients = weights, gradients
        self._outputs = [np.empty((rows, weight.shape[1]), weight.dtype) for weight in weights]
        self._deltas = [np.empty_like(each) for each in self._outputs[:-1]]

    def multiply(self, X: Floats) -> None:
        inputs = [X, *self._outputs[:-1]]
        for A, weight, Z in zip(inputs, self._weights, self._outputs, strict=True):
            np.matmul(A, weight, out=Z)
        delta = self._outputs[-1]
        for index in range(len(inputs) - 1, -1, -1):
            np.matmul(inputs[index].T, delta, out=self._gradients[index])
            if index > 0:
                delta = np.matmul(delta, self._weights[index].T, out=self._deltas[index - 1])
