import numpy as np
import pytest

from simulator.nn.links import LINKS
from simulator.nn.losses import LOSSES, Huber

RNG = np.random.default_rng(4)
Z = RNG.normal(0, 1.5, (6, 3))
CLASSES = np.eye(3)[[0, 2, 1, 1, 0, 2]]
PAIRS = [(name, link) for name, row in LOSSES.items() for link in row.links]


def targets(link: str) -> np.ndarray:
    return RNG.normal(0, 1, Z.shape) if link == "linear" else CLASSES


@pytest.mark.parametrize(("name", "link_name"), PAIRS)
def test_delta_is_the_derivative_of_every_rows_loss_by_its_logits(name, link_name):
    loss, link, Y, step = LOSSES[name](), LINKS[link_name], targets(link_name), 1e-6
    delta = loss.delta(Z, link.apply(Z), Y, link)
    for column in range(Z.shape[1]):
        nudge = np.zeros_like(Z)
        nudge[:, column] = step
        high = loss.rows(Z + nudge, link.apply(Z + nudge), Y)
        low = loss.rows(Z - nudge, link.apply(Z - nudge), Y)
        assert np.abs(delta[:, column] - (high - low) / (2 * step)).max() < 1e-8


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("name", "link_name"), PAIRS)
def test_a_loss_is_finite_and_keeps_the_dtype_where_outputs_saturate(name, link_name, dtype):
    loss, link = LOSSES[name](), LINKS[link_name]
    far = np.array([[300.0, -300.0, 0.0], [-900.0, 900.0, 5.0]], dtype=dtype)
    Y = np.array([[0, 1, 0], [1, 0, 0]], dtype=dtype)
    A = link.apply(far)
    rows, delta = loss.rows(far, A, Y), loss.delta(far, A, Y, link)
    assert rows.dtype == delta.dtype == dtype
    assert np.isfinite(rows).all()
    assert np.isfinite(delta).all()


def test_cross_entropy_of_the_lessons_example_is_minus_the_logarithm_of_the_right_probability():
    Z = np.log([[0.3, 0.1, 0.6]])
    loss = LOSSES["cross_entropy"]().rows(Z, LINKS["softmax"].apply(Z), np.array([[0.0, 0.0, 1.0]]))
    assert loss[0] == pytest.approx(-np.log(0.6))


def test_hubers_threshold_is_where_the_loss_turns_linear():
    loss = Huber(threshold=0.5)
    y = np.zeros(3)
    assert loss.value(np.array([0.2, 0.5, 2.5]), y).tolist() == pytest.approx([0.02, 0.125, 1.125])
    assert loss.derivative(np.array([0.2, -3.0, 2.5]), y).tolist() == pytest.approx([0.2, -0.5, 0.5])
