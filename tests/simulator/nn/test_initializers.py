import numpy as np
import pytest

from simulator.nn.initializers import INITIALIZERS

VARIANCE = {
    "glorot_uniform": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "glorot_normal": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "he_uniform": lambda fan_in, fan_out: 2 / fan_in,
    "he_normal": lambda fan_in, fan_out: 2 / fan_in,
    "lecun_uniform": lambda fan_in, fan_out: 1 / fan_in,
    "lecun_normal": lambda fan_in, fan_out: 1 / fan_in,
    "orthogonal": lambda fan_in, fan_out: 1 / max(fan_in, fan_out),
    "uniform": lambda fan_in, fan_out: 1 / 12,
    "normal": lambda fan_in, fan_out: 1 / 4,
    "zeros": lambda fan_in, fan_out: 0,
}


@pytest.mark.parametrize("name", INITIALIZERS)
def test_weights_have_the_variance_of_their_formula(name):
    W = INITIALIZERS[name].draw(1, 0, 120, 90)
    assert W.shape == (120, 90)
    assert W.var() == pytest.approx(VARIANCE[name](120, 90), rel=0.05)
    assert abs(W.mean()) < 0.01


@pytest.mark.parametrize("name", [name for name in INITIALIZERS if name != "zeros"])
def test_a_seed_repeats_and_seeds_and_layers_differ(name):
    draw = INITIALIZERS[name].draw
    assert np.array_equal(draw(1, 0, 5, 4), draw(1, 0, 5, 4))
    assert not np.array_equal(draw(1, 0, 5, 4), draw(2, 0, 5, 4))
    assert not np.array_equal(draw(1, 0, 5, 4), draw(1, 1, 5, 4))


@pytest.mark.parametrize("shape", [(7, 4), (4, 7), (5, 5), (1, 3)])
def test_orthogonal_weights_are_orthonormal_along_the_longer_side(shape):
    W = INITIALIZERS["orthogonal"].draw(3, 0, *shape)
    product = W.T @ W if shape[0] >= shape[1] else W @ W.T
    assert np.allclose(product, np.eye(min(shape)), atol=1e-12)


@pytest.mark.parametrize("name", [name for name in INITIALIZERS if name.endswith("uniform")])
def test_uniform_weights_stay_inside_their_limit(name):
    W = INITIALIZERS[name].draw(1, 0, 60, 40)
    assert np.abs(W).max() <= (3 * VARIANCE[name](60, 40)) ** 0.5
