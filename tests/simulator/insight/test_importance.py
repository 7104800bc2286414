"""Importances against the loss itself: what changes to first order when one number is taken out."""

import dataclasses

import numpy as np
import pytest

from simulator.data import open_dataset
from simulator.explain import explain
from simulator.insight.importance import first_order
from simulator.spec import LayerSpec, NetworkSpec
from simulator.training.session import Session


@pytest.fixture(scope="module")
def trained():
    network = NetworkSpec(4, (LayerSpec(5, "tanh"), LayerSpec(4, "gelu")), 3)
    session = Session(open_dataset("penguins"), network, engine="reference")
    session.advance(3)
    return explain(session.moment())


def losses(explanation, layers):
    """Return the loss of every row of a moment when the parameters are others."""
    flat = np.concatenate([np.concatenate([W.ravel(), b]) for W, b in layers])
    return explain(dataclasses.replace(explanation.moment, parameters=flat)).loss.rows


def test_a_weight_counts_as_the_rows_losses_change_when_it_shrinks(trained):
    found = first_order(trained.backward)
    layers = [(np.array(layer.weight), np.array(layer.bias)) for layer in trained.forward.layers]
    step = 1e-5
    for index, source, target in ((0, 1, 2), (1, 3, 0), (2, 2, 1)):
        weight = layers[index][0][source, target]
        changed = []
        for sign in (1.0, -1.0):
            layers[index][0][source, target] = weight * (1.0 + sign * step)
            changed.append(losses(trained, layers))
        layers[index][0][source, target] = weight
        slopes = (changed[0] - changed[1]) / (2.0 * step)
        assert found.weights[index][source, target] == pytest.approx(np.abs(slopes).mean(), rel=1e-4)


def test_an_input_counts_as_the_rows_losses_change_when_it_shrinks(trained):
    found = first_order(trained.backward)
    moment, step, changed = trained.moment, 1e-5, []
    for sign in (1.0, -1.0):
        X = np.array(moment.X)
        X[:, 2] *= 1.0 + sign * step
        changed.append(explain(dataclasses.replace(moment, X=X)).loss.rows)
    slopes = (changed[0] - changed[1]) / (2.0 * step)
    assert found.neurons[0][2] == pytest.approx(np.abs(slopes).mean(), rel=1e-4)


def test_nothing_is_negative_and_what_has_no_way_to_the_loss_is_zero(trained):
    found = first_order(trained.backward)
    assert [each.shape for each in found.weights] == [(4, 5), (5, 4), (4, 3)]
    assert [each.shape for each in found.neurons] == [(4,), (5,), (4,)]
    assert all((each >= 0.0).all() for each in (*found.weights, *found.neurons))
