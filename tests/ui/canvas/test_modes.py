"""Modes and scales against numbers that are worked out by hand."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from ui.canvas import cards, speech
from ui.canvas.contrast import SAMPLE, count_left, ends_text, sampled, suiting, with_contrast
from ui.canvas.modes import MODES, Evidence, dressed


def layers(picture, factor):
    """Return something that has a weight and a bias a layer."""
    return [
        SimpleNamespace(weight=factor * weight, bias=factor * bias)
        for weight, bias in zip(picture.weights, picture.biases, strict=True)
    ]


def evidence(picture):
    made = layers(picture, 0.001)
    importance = ([np.abs(each.weight) for each in made], [np.abs(each[:, 0]) for each in picture.weights])
    return Evidence(made, made, importance, layers(picture, 2.0))


def test_contributions_are_weights_times_what_they_see(picture):
    made, trouble = dressed(picture(), "contributions", Evidence())
    assert trouble == ""
    shown, scale = made.edge_numbers(1)
    assert shown[3, 5] == picture().weights[1][3, 5] * picture().activations[1][3]
    assert scale.name == "w · a"
    assert made.node_numbers(1) is made.activations[1]


def test_a_difference_is_now_minus_then(picture):
    plain = picture()
    made, _ = dressed(plain, "difference", evidence(plain))
    np.testing.assert_allclose(made.edge_numbers(0)[0], -plain.weights[0])
    np.testing.assert_allclose(made.node_numbers(2), -plain.biases[1])
    assert made.node_numbers(0) is None


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_names_its_scales_and_shows_every_edge(picture, mode):
    plain = picture()
    made, trouble = dressed(plain, mode, evidence(plain))
    assert trouble == ""
    assert made.scales[0].name == MODES[mode].edges
    assert made.scales[1].name == MODES[mode].nodes
    for layer, weight in enumerate(plain.weights):
        shown, scale = made.edge_numbers(layer)
        assert shown.shape == weight.shape
        assert scale.ramp == MODES[mode].ramp
        assert 0.1 <= np.quantile(np.abs(shown), 0.95) / scale.clamp <= 1.1


@pytest.mark.parametrize("mode", [name for name, row in MODES.items() if row.needs])
def test_without_what_it_needs_a_mode_shows_the_weights_and_says_why(picture, mode):
    made, trouble = dressed(picture(row=None), mode, Evidence())
    assert trouble == MODES[mode].missing != ""
    assert made.edge_values == ()
    assert made.scales[0].name == "Weight"


def test_numbers_of_a_network_of_another_shape_are_not_shown(picture):
    other = evidence(picture((4, 9, 8, 3)))
    for mode in ("gradients", "update", "difference", "importance"):
        assert dressed(picture(), mode, other)[0].edge_values == ()


def test_a_diverged_network_can_be_shown_in_every_mode(picture, with_weights):
    plain = picture()
    broken = with_weights(plain, [np.full_like(weight, np.nan) for weight in plain.weights])
    for mode in MODES:
        made, _ = dressed(broken, mode, evidence(broken))
        assert all(np.isfinite(scale.clamp) for scale in made.all_scales)


def test_cards_and_speech_say_what_a_mode_shows(picture):
    made, _ = dressed(picture(), "update", evidence(picture()))
    edge = cards.edge_card(made, 0, 1, 2)
    assert edge.results[-1] == ("Δw, last update", cards.number(0.001 * float(made.weights[0][1, 2])))
    assert cards.neuron_card(made, 1, 2).results[-1][0] == "Δb"
    assert "Δb" in speech.neuron_sentence(made, 1, 2)
    assert "Δw, last update" in speech.edge_sentence(made, (0, 1, 2))


def test_dense_layers_get_scales_of_their_own_and_small_ones_keep_theirs(picture):
    dense = with_contrast(dataclasses.replace(picture((784, 128, 10)), edge_scale=picture().edge_scale))
    assert [scale.clamp for scale in dense.edge_scales] == [0.1, 0.2]
    calm = with_contrast(picture())  # its weights reach 0.7, the scale 1
    assert {scale.clamp for scale in calm.edge_scales} == {1.0}


def test_a_scale_stays_while_it_suits_and_is_round_when_it_changes():
    values = [np.full(10, 0.6), np.full(10, 0.04), np.full(10, 3.0)]
    assert suiting(values, [2.0, 2.0, 2.0]) == [2.0, 0.05, 3.0]
    assert suiting(values, [2.0, 0.1, 2.8]) == [2.0, 0.1, 2.8]
    assert suiting(values, [2.0, 0.5, 2.8], calm=True) == [2.0, 0.5, 2.8]


def test_a_large_layer_is_sampled_over_all_of_its_rows_and_columns():
    values = np.arange(784 * 128).reshape(784, 128)
    some = sampled(values)
    assert 0.5 * SAMPLE <= some.size <= SAMPLE
    assert len(set((some % 128).tolist())) == 128
    assert sampled(values[:4]).size == 512


def test_the_legend_lists_few_ends_and_spans_many(picture):
    scales = [dataclasses.replace(picture().edge_scale, clamp=end) for end in (0.5, 0.1, 2.0, 1.0, 5.0)]
    assert ends_text(scales[:2], ["0.5", "0.1"]) == "at ±0.5, ±0.1"
    assert ends_text(scales, ["0.5", "0.1", "2", "1", "5"]) == "at ±0.1 … ±5"


def test_edges_that_are_left_are_counted_on_the_scale_of_their_layer(picture, with_weights):
    plain = picture((1, 2, 1))
    made = with_contrast(with_weights(plain, [np.array([[0.1, 0.9]]), np.array([[0.01], [np.nan]])]))
    ends = [scale.clamp for scale in made.edge_scales]
    assert ends == [1.0, 0.01]
    assert count_left(made, 0.0) == (4, 4)
    assert count_left(made, 0.5) == (2, 4)
