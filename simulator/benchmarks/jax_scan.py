"""JAX at its best: an epoch is one compiled scan over its batches, with the shuffle and the optimizer inside."""

import contextlib
import importlib
import os
from collections.abc import Callable, Generator
from typing import Any

import numpy as np

from simulator.benchmarks.contestants import Contestant
from simulator.benchmarks.workloads import Workload
from simulator.engines import TrainingData
from simulator.nn import choices, parameters
from simulator.nn.optimizers import Adam
from simulator.tables import look_up

_ACTIVATIONS = {"tanh": "tanh", "relu": "relu"}


def prepare(workload: Workload, data: TrainingData, threads: int) -> Contestant:
    """Make ready a compiled epoch with our start parameters; the first run compiles it.

    JAX starts its threads once in a process: a later call with another number keeps the first one.

    Raises
    ------
    ConfigError
        When the workload has a part that this scan does not know.
    """
    with _asking_for(threads):
        jax: Any = importlib.import_module("jax")
        cpu = jax.devices("cpu")[0]
    epoch = jax.jit(_epoch(jax, workload, len(data.X_train)), donate_argnums=0)
    flat = parameters.start_values(workload.network, workload.config.seed).astype(np.float32)
    begin = [(layer.weight.copy(), layer.bias.copy()) for layer in parameters.layers(workload.network, flat)]
    X, Y = (jax.device_put(array, cpu) for array in (data.X_train, data.Y_train))
    key = jax.device_put(jax.random.key(workload.config.seed), cpu)
    carried: Any = None

    def start() -> None:
        nonlocal carried
        values = jax.tree.map(lambda array: jax.device_put(array.copy(), cpu), begin)
        zeros = [jax.tree.map(jax.numpy.zeros_like, values) for _ in range(2)]
        carried = jax.block_until_ready((values, *zeros, jax.device_put(np.float32(0), cpu)))

    def run(epochs: int) -> float:
        nonlocal carried, key
        losses: list[Any] = []
        for _ in range(epochs):
            carried, key, loss = epoch(carried, key, X, Y)
            losses.append(loss)
        return [float(loss) for loss in losses][-1]

    start()
    return Contestant(start, run)


@contextlib.contextmanager
def _asking_for(threads: int) -> Generator[None]:
    """Say how many processors there are; JAX looks when it starts its threads, and has no other door for the number."""
    before = os.environ.get("NPROC")
    os.environ["NPROC"] = str(threads)
    try:
        yield
    finally:
        if before is None:
            del os.environ["NPROC"]
        else:
            os.environ["NPROC"] = before


def _epoch(jax: Any, workload: Workload, rows: int) -> Callable[..., Any]:
    """Return a pure function from (parameters, two memories, step), a key and the data to their successors."""
    gradient = jax.value_and_grad(_batch_loss(jax, workload))
    change = look_up({"adam": _adam, "sgd": _sgd}, workload.optimizer.name, "optimizer of this scan")(jax, workload)
    size = workload.batch_size
    whole = rows // size * size

    def update(carried: Any, order: Any, X: Any, Y: Any) -> Any:
        loss, slopes = gradient(carried[0], X[order], Y[order])
        return change(carried, slopes), loss * len(order)

    def epoch(carried: Any, key: Any, X: Any, Y: Any) -> Any:
        key, own = jax.random.split(key)
        order = jax.random.permutation(own, rows)
        batches = order[:whole].reshape(-1, size)
        carried, losses = jax.lax.scan(lambda state, batch: update(state, batch, X, Y), carried, batches)
        total = losses.sum()
        if whole < rows:  # the last batch has another shape, and a scan has one
            carried, last = update(carried, order[whole:], X, Y)
            total += last
        return carried, key, total / rows

    return epoch


def _batch_loss(jax: Any, workload: Workload) -> Callable[..., Any]:
    activation = getattr(jax.nn, look_up(_ACTIVATIONS, workload.activation, "activation of this scan"))
    losses = {
        "cross_entropy": lambda Z, Y: -(Y * jax.nn.log_softmax(Z)).sum(axis=1).mean(),
        "binary_cross_entropy": lambda Z, Y: (jax.nn.softplus(Z) - Z * Y).mean(),
    }
    loss = look_up(losses, workload.loss, "loss of this scan")

    def batch_loss(layers: Any, A: Any, Y: Any) -> Any:
        for W, b in layers[:-1]:
            A = activation(A @ W + b)
        W, b = layers[-1]
        return loss(A @ W + b, Y)

    return batch_loss


def _sgd(jax: Any, workload: Workload) -> Callable[..., Any]:
    rate = choices.optimizer(workload.config).learning_rate

    def change(carried: Any, slopes: Any) -> Any:
        values, *rest = carried
        return (jax.tree.map(lambda w, g: w - rate * g, values, slopes), *rest)

    return change


def _adam(jax: Any, workload: Workload) -> Callable[..., Any]:
    rule = choices.optimizer(workload.config)
    assert isinstance(rule, Adam)
    rate, beta1, beta2, epsilon = rule.learning_rate, rule.beta1, rule.beta2, rule.epsilon

    def change(carried: Any, slopes: Any) -> Any:
        values, m, v, step = carried
        step = step + 1
        m = jax.tree.map(lambda old, g: beta1 * old + (1 - beta1) * g, m, slopes)
        v = jax.tree.map(lambda old, g: beta2 * old + (1 - beta2) * g * g, v, slopes)
        scale, root = rate / (1 - beta1**step), 1 / jax.numpy.sqrt(1 - beta2**step)
        moved = jax.tree.map(
            lambda w, mean, square: w - scale * mean / (jax.numpy.sqrt(square) * root + epsilon), values, m, v
        )
        return moved, m, v, step

    return change
