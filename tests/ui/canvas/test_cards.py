import numpy as np
import pytest

from ui.canvas import cards


def read(text):
    return float(text.replace("−", "-"))


def test_a_neurons_card_is_its_arithmetic(picture):
    made = picture()
    for layer in (1, 2, 3):
        for unit in range(made.sizes[layer]):
            card = cards.neuron_card(made, layer, unit)
            products = made.weights[layer - 1][:, unit] * made.activations[layer - 1]
            z = products.sum() + made.biases[layer - 1][unit]
            results = [read(value) for _, value in card.results]
            assert results[0] == pytest.approx(made.biases[layer - 1][unit], abs=6e-4)
            assert results[1] == pytest.approx(z, abs=6e-4)
            assert results[2] == pytest.approx(made.activations[layer][unit], abs=6e-4)
            assert sum(read(row.value) for row in card.rows) == pytest.approx(products.sum(), abs=6e-3)


def test_the_strongest_inputs_stand_first(picture):
    rows = cards.neuron_card(picture(), 2, 0).rows
    sizes = [abs(read(row.value)) for row in rows if row.product]
    assert sizes == sorted(sizes, reverse=True)
    assert rows[-1].label.endswith("others")


def test_every_product_is_the_value_beside_it(picture):
    for row in cards.neuron_card(picture(), 1, 5).rows:
        weight, value = (read(part) for part in row.product.split(" × "))
        assert weight * value == pytest.approx(read(row.value), abs=2e-3)


def test_an_inputs_card_has_its_real_and_its_standardised_value(picture):
    card = cards.neuron_card(picture(), 0, 0)
    assert card.title == "bill length"
    assert card.results == (("value", "48.4 mm"), ("standardised", "0.810"))


def test_an_edges_card_names_both_ends_and_the_weight(picture):
    made = picture()
    card = cards.edge_card(made, 0, 2, 4)
    assert card.title == "flipper length → Hidden 1, neuron 5"
    assert read(card.results[0][1]) == pytest.approx(made.weights[0][2, 4], abs=6e-4)
    assert read(card.results[2][1]) == pytest.approx(made.weights[0][2, 4] * 1.12, abs=6e-4)


def test_a_card_without_a_row_tells_weights_only(picture):
    card = cards.neuron_card(picture(row=None), 1, 0)
    assert [label for label, _ in card.results] == ["bias b"]


def test_a_diverged_network_still_has_a_card(picture, with_weights):
    made = with_weights(picture(), [np.full_like(weight, np.nan) for weight in picture().weights])
    assert dict(cards.neuron_card(made, 1, 0).results)["z = Σ w·a + b"] == "NaN"
