import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.nn.scalar import erf, select, sigmoid, softplus


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_erf_is_within_two_units_in_the_last_place(dtype):
    dense = np.concatenate([np.linspace(-7, 7, 40_001), np.linspace(-1.05, 1.05, 40_001), 10.0 ** np.arange(-30.0, 1)])
    x = dense.astype(dtype)
    found = erf(x)
    exact = np.array([math.erf(value) for value in x.tolist()])
    assert found.dtype == dtype
    error = np.abs(found.astype(np.float64) - exact) / np.spacing(np.abs(exact).astype(dtype)).astype(np.float64)
    assert error.max() <= 2.0


def test_erf_is_odd_and_ends_at_one():
    x = np.array([0.0, 0.3, 2.0, 6.0, 40.0, np.inf])
    assert np.array_equal(erf(-x), -erf(x))
    assert erf(x)[-3:].tolist() == [1.0, 1.0, 1.0]


@given(st.floats(-1e6, 1e6))
def test_sigmoid_and_softplus_overflow_nowhere(x):
    with np.errstate(over="raise", invalid="raise"):
        s, p = float(sigmoid(np.float64(x))), float(softplus(np.float64(x)))
    assert 0.0 <= s <= 1.0
    assert p >= max(x, 0.0)
    assert s == pytest.approx(0.5 * (1 + math.tanh(x / 2)), abs=1e-15)


def test_select_takes_from_both_sides():
    assert select(np.array([True, False]), 1.0, np.array([5.0, 6.0])).tolist() == [1.0, 6.0]
