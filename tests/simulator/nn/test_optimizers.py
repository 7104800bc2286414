import dataclasses

import numpy as np
import pytest

from simulator.errors import ConfigError
from simulator.fields import settings_of
from simulator.nn.optimizers import OPTIMIZERS, SGD, AdamW, Optimizer


def run(optimizer: Optimizer, w: np.ndarray, gradient, updates: int) -> np.ndarray:
    memory = [np.zeros_like(w) for _ in optimizer.memory]
    scalars = list(optimizer.scalars.values())
    for step in range(1, updates + 1):
        coefficients = optimizer.coefficients(step, optimizer.learning_rate, scalars)
        w, *memory = optimizer.rule(w, gradient(w), *memory, *coefficients)
    return w


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_walks_downhill_and_keeps_the_dtype(name, dtype):
    start = np.array([3.0, -2.0, 0.5], dtype=dtype)
    end = run(OPTIMIZERS[name](), start, lambda w: 2 * w, 200)
    assert end.dtype == dtype
    assert (np.abs(end) < np.abs(start)).all()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_without_a_gradient_and_decay_nothing_moves(name):
    optimizer = OPTIMIZERS[name](weight_decay=0.0)
    start = np.array([1.5, -0.25])
    assert run(optimizer, start, np.zeros_like, 5).tolist() == start.tolist()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_weight_decay_alone_shrinks_every_parameter(name):
    start = np.array([1.5, -0.25])
    end = run(OPTIMIZERS[name](weight_decay=0.1), start, np.zeros_like, 5)
    assert (np.abs(end) < np.abs(start)).all()


def test_decoupled_decay_is_not_divided_by_the_gradients_size():
    end = run(AdamW(learning_rate=0.1, weight_decay=0.5), np.array([2.0]), np.zeros_like, 1)
    assert end[0] == pytest.approx(2.0 * (1 - 0.1 * 0.5), rel=1e-15)


def test_nesterov_without_momentum_is_plain_descent():
    start = np.array([1.0, -1.0])
    plain = run(SGD(learning_rate=0.1), start, lambda w: w, 3)
    assert np.array_equal(plain, run(SGD(learning_rate=0.1, nesterov=True), start, lambda w: w, 3))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_is_frozen_and_refuses_values_out_of_bounds(name):
    optimizer = OPTIMIZERS[name]()
    with pytest.raises(dataclasses.FrozenInstanceError):
        optimizer.learning_rate = 1.0
    for declared in settings_of(optimizer):
        if declared.kind is float:
            with pytest.raises(ConfigError):
                OPTIMIZERS[name](**{declared.name: -1.0})
            with pytest.raises(ConfigError):
                OPTIMIZERS[name](**{declared.name: float("nan")})
