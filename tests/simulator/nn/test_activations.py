import numpy as np
import pytest

from simulator.nn.activations import ACTIVATIONS

POINTS = np.concatenate([np.linspace(-6, 6, 242), [-0.01, 0.013, 1e-4, -1e-4]])
FAR = np.array([-1e4, -200.0, -90.0, 90.0, 200.0, 1e4])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_derivative_is_the_slope_of_the_value(name):
    row, step = ACTIVATIONS[name], 1e-6
    slope = (row.value(POINTS + step) - row.value(POINTS - step)) / (2 * step)
    assert np.abs(row.derivative(POINTS, row.value(POINTS)) - slope).max() < 2e-9


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_keeps_the_dtype_and_stays_finite_far_out(name, dtype):
    row, z = ACTIVATIONS[name], FAR.astype(dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        a = row.value(z)
        slope = row.derivative(z, a)
    assert a.dtype == slope.dtype == dtype
    assert np.isfinite(a).all()
    assert np.isfinite(slope).all()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_stays_within_the_bounds_it_names_and_comes_near_them(name):
    row = ACTIVATIONS[name]
    a = row.value(np.concatenate([np.linspace(-40, 40, 8001), FAR]))
    low, high = row.bounds
    assert a.min() >= low - 1e-5
    assert a.max() <= high + 1e-12
    assert low == -np.inf or a.min() < low + 0.03
    assert high == np.inf or a.max() > high - 0.03


@pytest.mark.parametrize("name", [name for name, row in ACTIVATIONS.items() if not row.kinked])
def test_a_smooth_activation_has_one_slope_at_zero(name):
    row, z = ACTIVATIONS[name], np.array([-1e-9, 1e-9])
    left, right = row.derivative(z, row.value(z))
    assert left == pytest.approx(right, abs=1e-7)


@pytest.mark.parametrize("name", [name for name, row in ACTIVATIONS.items() if row.kinked])
def test_at_a_kink_the_slope_is_that_of_the_left_side(name):
    row, z = ACTIVATIONS[name], np.array([-1e-12, 0.0])
    left, at_zero = row.derivative(z, row.value(z))
    assert at_zero == pytest.approx(left, abs=1e-9)
