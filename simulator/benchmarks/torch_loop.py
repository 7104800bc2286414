"""PyTorch as its textbooks have it: eager, a loop over index batches, the loss read once an epoch."""

import importlib
from typing import Any

import numpy as np

from simulator.benchmarks.contestants import Contestant
from simulator.benchmarks.workloads import Workload
from simulator.engines import TrainingData
from simulator.nn import choices, parameters
from simulator.tables import look_up

_ACTIVATIONS = {"tanh": "Tanh", "relu": "ReLU"}
_LOSSES = {"cross_entropy": "CrossEntropyLoss", "binary_cross_entropy": "BCEWithLogitsLoss"}
_OPTIMIZERS = {"adam": "Adam", "sgd": "SGD"}


def prepare(workload: Workload, data: TrainingData, threads: int) -> Contestant:
    """Make ready a `Sequential` with our start parameters.

    Raises
    ------
    ConfigError
        When the workload has a part that this loop does not know.
    """
    torch: Any = importlib.import_module("torch")
    torch.set_num_threads(threads)
    torch.manual_seed(workload.config.seed)
    model = _model(torch, workload)
    begin = [parameter.detach().clone() for parameter in model.parameters()]
    make = getattr(torch.optim, look_up(_OPTIMIZERS, workload.optimizer.name, "optimizer of this loop"))
    criterion = getattr(torch.nn, look_up(_LOSSES, workload.loss, "loss of this loop"))()
    rate, size = choices.optimizer(workload.config).learning_rate, workload.batch_size
    X = torch.tensor(data.X_train)
    # PyTorch is faster with the numbers of the classes than with one-hot rows.
    Y = torch.tensor(data.Y_train.argmax(axis=1) if workload.loss == "cross_entropy" else data.Y_train)
    optimizer: Any = None

    def start() -> None:
        nonlocal optimizer
        with torch.no_grad():
            for parameter, value in zip(model.parameters(), begin, strict=True):
                parameter.copy_(value)
        optimizer = make(model.parameters(), lr=rate)

    def run(epochs: int) -> float:
        mean = np.nan
        for _ in range(epochs):
            total = torch.zeros(())
            order = torch.randperm(len(X))
            for first in range(0, len(X), size):
                rows = order[first : first + size]
                loss = criterion(model(X[rows]), Y[rows])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.detach() * len(rows)
            mean = float(total) / len(X)
        return mean

    start()
    return Contestant(start, run)


def _model(torch: Any, workload: Workload) -> Any:
    network = workload.network
    flat = parameters.start_values(network, workload.config.seed).astype(np.float32)
    activation = getattr(torch.nn, look_up(_ACTIVATIONS, workload.activation, "activation of this loop"))
    modules: list[Any] = []
    for (fan_in, fan_out), layer in zip(network.shapes, parameters.layers(network, flat), strict=True):
        linear = torch.nn.Linear(fan_in, fan_out)
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(layer.weight.T.copy()))
            linear.bias.copy_(torch.tensor(layer.bias))
        modules += [linear, activation()]
    return torch.nn.Sequential(*modules[:-1])
