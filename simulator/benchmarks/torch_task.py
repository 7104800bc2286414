"""A workload in PyTorch, on a device: the model with our start parameters, the rows, and how an epoch goes by."""

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

from simulator.benchmarks.workloads import Workload
from simulator.engines import TrainingData
from simulator.nn import choices, parameters
from simulator.tables import look_up

_ACTIVATIONS = {"tanh": "Tanh", "relu": "ReLU"}
_LOSSES = {"cross_entropy": "CrossEntropyLoss", "binary_cross_entropy": "BCEWithLogitsLoss"}
_OPTIMIZERS = {"adam": "Adam", "sgd": "SGD"}


class Task:
    """What every way to train in PyTorch has in common.

    Parameters
    ----------
    device
        As PyTorch has it: "cpu", or "cuda:0", where all rows are put at once and products are not rounded to TF32.

    Attributes
    ----------
    torch
        The library.
    module
        Maps the numbers of a batch's rows (rows,) to their mean loss; its parameters are the network's.
    rows, size
        How many rows there are, and how many an update sees.

    Raises
    ------
    ConfigError
        When the workload has a part that PyTorch's side does not know.
    """

    def __init__(self, workload: Workload, data: TrainingData, device: str = "cpu") -> None:
        self.torch = torch = importlib.import_module("torch")
        torch.manual_seed(workload.config.seed)
        if device != "cpu":
            torch.set_float32_matmul_precision("highest")
            torch.backends.cuda.matmul.allow_tf32 = False
        self._device = torch.device(device)
        self._make = getattr(torch.optim, look_up(_OPTIMIZERS, workload.optimizer.name, "optimizer of this loop"))
        self._rule, self._rate = workload.optimizer.name, choices.optimizer(workload.config).learning_rate
        self.module = _module(torch, workload, data).to(self._device)
        self._begin = [parameter.detach().clone() for parameter in self.module.parameters()]
        self.rows, self.size = len(data.X_train), workload.batch_size

    def optimizer(self, *, captured: bool = False) -> Any:
        """Return a new optimizer; on a GPU the fused one, which makes an update in one kernel.

        Parameters
        ----------
        captured
            Whether its steps become part of a CUDA graph.
        """
        settings: dict[str, Any] = {"fused": True} if self._device.type == "cuda" else {}
        if captured and settings and self._rule == "adam":  # plain SGD counts nothing, and has no such setting
            settings["capturable"] = True
        return self._make(self.module.parameters(), lr=self._rate, **settings)

    def begin_again(self, optimizer: Any) -> None:
        """Set the start parameters, and empty the optimizer's memory, where both lie: graphs know nothing else."""
        with self.torch.no_grad():
            for parameter, value in zip(self.module.parameters(), self._begin, strict=True):
                parameter.copy_(value)
            for memory in optimizer.state.values():
                for value in memory.values():
                    if value is not None:
                        value.zero_()
        if self._device.type == "cuda":
            self.torch.cuda.synchronize(self._device)  # all is there before the clock starts

    def number(self) -> Any:
        """Return a 0 on the device, in float32."""
        return self.torch.zeros((), device=self._device)

    def places(self, count: int) -> Any:
        """Return room for the numbers of so many rows on the device, with the first rows in it."""
        return self.torch.arange(count, device=self._device)

    def batches(self) -> tuple[int, ...]:
        """Return the different numbers of rows that an update of an epoch sees: the last batch may be smaller."""
        sizes = [min(self.size, self.rows), self.rows % self.size]
        return tuple(dict.fromkeys(each for each in sizes if each))

    def run(self, epochs: int, total: Any, update: Callable[[Any], None]) -> float:
        """Train so many epochs, and return the last one's mean loss; nothing waits for the device before that.

        Parameters
        ----------
        total
            A number on the device (see `number`), to which `update` adds the summed loss of its rows.
        update
            Makes an update with the rows of these numbers.
        """
        for _ in range(epochs):
            total.zero_()
            order = self.torch.randperm(self.rows, device=self._device)
            for first in range(0, self.rows, self.size):
                update(order[first : first + self.size])
        return float(total) / self.rows if epochs else float("nan")


def _module(torch: Any, workload: Workload, data: TrainingData) -> Any:
    """Return the loss of a batch as a module that holds the rows.

    They are its buffers, so that whoever compiles it knows that they stay where they are; else they would be copied
    before every update.
    """
    network = _network(torch, workload)
    criterion = getattr(torch.nn, look_up(_LOSSES, workload.loss, "loss of this loop"))()

    class BatchLoss(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network
            self.criterion = criterion
            self.register_buffer("X", torch.tensor(data.X_train))
            # PyTorch is faster with the numbers of the classes than with one-hot rows.
            numbers = workload.loss == "cross_entropy"
            self.register_buffer("Y", torch.tensor(data.Y_train.argmax(axis=1) if numbers else data.Y_train))

        def forward(self, rows: Any) -> Any:
            return self.criterion(self.network(self.X[rows]), self.Y[rows])

    return BatchLoss()


def _network(torch: Any, workload: Workload) -> Any:
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
