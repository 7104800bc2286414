import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.explain import explain
from simulator.explain.forward import trace
from simulator.nn import parameters
from simulator.nn.activations import ACTIVATIONS
from simulator.spec import LayerSpec, NetworkSpec


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 5),
    st.lists(st.tuples(st.integers(1, 6), st.sampled_from(sorted(ACTIVATIONS))), max_size=3),
    st.integers(1, 4),
    st.integers(0, 99),
)
def test_the_terms_of_every_sum_add_up_to_it(inputs, hidden, outputs, seed):
    network = NetworkSpec(inputs, tuple(LayerSpec(*each) for each in hidden), outputs, "linear")
    X = np.random.default_rng(seed).normal(size=(3, inputs))
    passed = trace(network, parameters.layers(network, parameters.start_values(network, seed) + 0.1), X)
    for layer, (fan_in, fan_out) in enumerate(network.shapes):
        for neuron in range(fan_out):
            products, bias = passed.terms(layer, neuron, row=2)
            assert products.shape == (fan_in,)
            assert products.sum() + bias == pytest.approx(passed.logits[layer][2, neuron], rel=1e-12, abs=1e-14)


def test_softmax_is_there_term_by_term(started):
    passed = explain(started().moment()).forward
    softmax = passed.softmax
    assert np.array_equal(softmax.shifted, passed.logits[-1] - softmax.largest[:, None])
    assert np.array_equal(softmax.powers, np.exp(softmax.shifted))
    assert (softmax.shifted.max(axis=1) == 0).all()
    assert np.allclose(softmax.powers / softmax.sums[:, None], passed.outputs, rtol=1e-15)


def test_other_links_have_no_softmax(started):
    network = NetworkSpec(3, (), 2, "linear")
    passed = trace(network, parameters.layers(network, np.ones(8)), np.ones((1, 3)))
    assert passed.softmax is None


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_and_its_slope_are_those_of_the_table(name):
    network = NetworkSpec(1, (LayerSpec(1, name),), 1, "linear")
    passed = trace(network, parameters.layers(network, np.array([1.0, 0.2, 1.0, 0.0])), np.array([[0.5], [-1.5]]))
    z = np.array([[0.7], [-1.3]])
    assert np.array_equal(passed.activations[0], ACTIVATIONS[name].value(z))
    assert np.array_equal(passed.derivatives[0], ACTIVATIONS[name].derivative(z, passed.activations[0]))


def test_dropout_scales_what_it_keeps_and_the_next_layer_sees_that(started):
    moment = started(NetworkSpec(3, (LayerSpec(9, dropout=0.4),), 2)).moment()
    passed = explain(moment).forward
    kept = moment.kept[0]
    assert 0 < kept.sum() < kept.size
    assert np.allclose(passed.inputs[1], np.where(kept, passed.activations[0] / 0.6, 0.0), rtol=1e-14)


def test_a_held_unit_is_seen_at_its_value(started):
    held = np.full(12, np.nan)
    held[[1, 4]] = 0.25, -0.75
    passed = explain(started(held=held).moment()).forward
    assert (passed.inputs[0][:, 1] == 0.25).all()
    assert (passed.inputs[1][:, 1] == -0.75).all()
    assert (passed.activations[0][:, 1] != -0.75).all(), "the neuron's own activation is still told"


def test_the_rows_that_are_given_stay_open_for_writing():
    network, X = NetworkSpec(2, (), 1, "linear"), np.ones((1, 2))
    passed = trace(network, parameters.layers(network, np.ones(3)), X)
    assert X.flags.writeable
    assert not passed.inputs[0].flags.writeable
