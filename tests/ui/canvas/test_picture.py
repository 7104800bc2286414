import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.nn import parameters
from simulator.spec import LayerSpec, NetworkSpec
from ui.canvas.picture import compose, pretty_name, short_number, value_text


@pytest.mark.parametrize(
    ("column", "name", "unit"),
    [
        ("bill_length_mm", "bill length", "mm"),
        ("body_mass_g", "body mass", "g"),
        ("island=Biscoe", "island = Biscoe", ""),
        ("petal length (cm)", "petal length", "cm"),
        ("share_pct", "share", "%"),
        ("temp_min", "temp min", ""),
        ("x", "x", ""),
        ("mm", "mm", ""),
    ],
)
def test_a_column_name_becomes_a_name_and_a_unit(column, name, unit):
    assert pretty_name(column) == (name, unit)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.81, "0.81"), (-0.744, "−0.74"), (-0.001, "0.00"), (12.34, "12.3"), (999.7, "1k"), (-45_200, "−45k"),
     (2e12, "2e12"),
     (math.nan, "NaN"), (-math.inf, "−∞"), (1e200, ">e99")],
)  # fmt: skip
def test_a_number_in_a_neuron_is_short(value, text):
    assert short_number(value) == text


@given(st.floats())
def test_a_number_in_a_neuron_never_has_more_than_five_characters(value):
    assert len(short_number(value)) <= 5


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(48.4, "mm", "48.4 mm"), (5250.0, "g", "5\u202f250 g"), (0.0, "", "0"), (1.23e-9, "m", "1.23e−9 m"),
     (-2.5, "", "−2.5"),
     (7.0, "%", "7%"), (math.nan, "mm", "missing"), ("yes", "", "yes")],
)  # fmt: skip
def test_a_value_is_written_in_real_units(value, unit, text):
    assert value_text(value, unit) == text


def test_a_picture_holds_the_forward_pass(picture):
    made = picture()
    by_hand = np.tanh(np.array([0.81, -0.62, 1.12, 0.74]) @ made.weights[0] + made.biases[0])
    np.testing.assert_allclose(made.activations[1], by_hand)
    assert sum(made.probabilities) == pytest.approx(1.0)
    assert made.predicted == int(np.argmax(made.activations[-1]))
    assert made.input_values == ("48.4 mm", "16.1 mm", "217 mm", "5\u202f250 g")
    assert [caption.detail for caption in made.captions] == ["4 features", "8 × tanh", "8 × tanh", "softmax"]
    assert "139 parameters" in made.subtitle


def test_one_sigmoid_output_is_the_probability_of_the_second_class():
    network = NetworkSpec(2, (LayerSpec(3),), 1, link="sigmoid")
    layers = parameters.layers(network, parameters.start_values(network, 1))
    made = compose(network, layers, np.array([1.0, -1.0]), class_names=("no", "yes"))
    assert made.probabilities == pytest.approx((1 - made.activations[-1][0], made.activations[-1][0]))


def test_a_predicted_value_is_written_in_its_unit():
    network = NetworkSpec(2, (LayerSpec(3),), 1, link="linear")
    layers = parameters.layers(network, parameters.start_values(network, 1))
    made = compose(network, layers, np.zeros(2), target_name="body_mass_g", value=4200.0, truth=4150.0)
    assert (made.output_names, made.value_text, made.truth_text) == (("body mass",), "4\u202f200 g", "4\u202f150 g")
    assert made.predicted is None


def test_without_a_row_there_are_no_activations(picture):
    made = picture(row=None)
    assert made.activations == ()
    assert made.predicted is None
