import numpy as np
import pytest

from simulator.explain import explain, place_of
from simulator.explain.check import check_all
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.losses import LOSSES
from simulator.spec import LayerSpec, NetworkSpec, Rule

HEADS = [(name, link) for name, row in LOSSES.items() for link in row.links]


def assert_proved(explanation):
    checks = check_all(explanation)
    assert checks.agree, checks.errors[~checks.kinked].max()
    assert checks.kinked.sum() < len(checks.kinked) / 4


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_are_the_finite_differences_for_every_activation(started, activation):
    network = NetworkSpec(3, (LayerSpec(4, activation), LayerSpec(3, activation)), 2)
    assert_proved(explain(started(network).moment()))


@pytest.mark.parametrize(("loss", "link"), HEADS)
def test_gradients_are_the_finite_differences_for_every_loss_and_link(started, loss, link):
    assert_proved(explain(started(NetworkSpec(3, (LayerSpec(4),), 2, link), loss=Rule(loss)).moment()))


def test_gradients_are_the_finite_differences_under_dropout_with_held_units_and_penalties(started):
    network = NetworkSpec(3, (LayerSpec(6, dropout=0.4), LayerSpec(4, "silu", dropout=0.2)), 2)
    held = np.full(3 + 6 + 4, np.nan)
    held[[0, 5, 11]] = 0.4, 0.0, -0.3
    assert_proved(explain(started(network, held=held, l1=0.01, l2=0.1).moment()))


def test_the_rows_shares_sum_up_to_every_gradient(started):
    moment = started(NetworkSpec(3, (LayerSpec(4, dropout=0.3), LayerSpec(3, "mish")), 2)).moment()
    backward = explain(moment).backward
    for layer, gradient in enumerate(backward.layers):
        for (source, unit), wanted in np.ndenumerate(gradient.weight):
            shares = backward.shares(layer, source, unit)
            assert shares.shape == (len(moment.X),)
            assert shares.sum() == pytest.approx(wanted, rel=1e-12, abs=1e-16)
        for unit, wanted in enumerate(gradient.bias):
            assert backward.shares(layer, None, unit).sum() == pytest.approx(wanted, rel=1e-12, abs=1e-16)


def test_the_slope_by_an_input_is_the_finite_difference_of_its_rows_loss(started):
    held = np.full(12, np.nan)
    held[2] = 0.5
    moment = started(held=held).moment()
    slopes = explain(moment).backward.inputs
    assert slopes.shape == moment.X.shape
    for unit in range(3):
        losses = []
        for nudge in (1e-5, -1e-5):
            X = moment.X.copy()
            X[:, unit] += nudge
            losses.append(explain(moment.showing(X, moment.Y, moment.rows)).loss.rows)
        assert np.allclose(slopes[:, unit], (losses[0] - losses[1]) / 2e-5, atol=1e-9)
    assert (slopes[:, 2] == 0).all(), "an input that is held makes no difference"


def test_pulls_are_what_the_next_layer_sends_back(started):
    explained = explain(started().moment())
    backward, forward = explained.backward, explained.forward
    for layer in (1, 2):
        assert np.allclose(backward.pulls(layer) * forward.slopes[layer - 1], backward.deltas[layer - 1], rtol=1e-13)


def test_a_place_of_the_flat_gradient_is_the_weight_that_is_named(started):
    backward = explain(started().moment()).backward
    network = backward.forward.network
    assert backward.gradient[place_of(network, 1, 2, 3)] == backward.layers[1].weight[2, 3]
    assert backward.gradient[place_of(network, 2, None, 1)] == backward.layers[2].bias[1]
