import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.canvas import colour
from ui.theme import DARK, LIGHT

THEMES = [pytest.param(theme, id=f"the {theme.name} theme") for theme in (DARK, LIGHT)]


def ramp(theme):
    return colour.ramp(theme.negative, theme.zero, theme.positive, theme.node_dark, theme.node_light)


@given(st.floats(allow_nan=False, allow_infinity=False, width=32), st.floats(1e-6, 1e6))
def test_places_are_symmetric_about_zero(value, clamp):
    place, mirrored = colour.places([value, -value], clamp)
    assert place + mirrored == 255 or {place, mirrored} <= {127, 128}


def test_values_beyond_the_clamp_get_the_last_colour():
    assert colour.places([-9.0, -2.0, 2.0, 9.0, np.inf, -np.inf], 2.0).tolist() == [0, 0, 255, 255, 255, 0]


def test_what_is_not_a_number_is_drawn_as_zero():
    assert colour.places([np.nan], 1.0)[0] in (127, 128)


@pytest.mark.parametrize("theme", THEMES)
def test_a_ramp_ends_in_the_colours_of_the_theme(theme):
    made = ramp(theme).rgb
    np.testing.assert_array_equal(made[0], colour.rgb(theme.negative))
    np.testing.assert_array_equal(made[255], colour.rgb(theme.positive))
    np.testing.assert_array_equal(made[127], colour.rgb(theme.zero))
    np.testing.assert_array_equal(made[128], colour.rgb(theme.zero))


@pytest.mark.parametrize("theme", THEMES)
def test_numbers_are_readable_on_every_colour_of_a_neuron(theme):
    made = ramp(theme)
    texts = np.where(made.dark_text[:, None], colour.rgb(theme.node_dark), colour.rgb(theme.node_light))
    assert colour.contrast(made.rgb, texts).min() >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_weak_edges_are_nearer_to_the_background_than_strong_ones(theme):
    background = colour.rgb(theme.canvas_top)
    distance = np.abs(colour.edge_ramp(ramp(theme), background) - background).sum(axis=1)
    assert distance[127] < distance[60] < distance[0]
    assert distance[128] < distance[195] < distance[255]


def test_contrast_of_black_and_white_is_21():
    assert colour.contrast([0, 0, 0], [255, 255, 255]) == pytest.approx(21.0)


@given(st.floats(1e-9, 1e9))
def test_a_clamp_is_round_and_holds_the_values(peak):
    clamp = colour.steady_clamp([peak, -peak])
    assert clamp >= peak * (1 - 1e-9)
    assert f"{clamp:.1e}"[:3] in {"1.0", "1.5", "2.0", "3.0", "5.0", "7.0"}


def test_a_clamp_stays_while_the_values_change_little():
    assert colour.steady_clamp([1.9], before=2.0) == 2.0
    assert colour.steady_clamp([0.7], before=2.0) == 2.0
    assert colour.steady_clamp([2.15], before=2.0) == 2.0
    assert colour.steady_clamp([4.0], before=2.0) == 5.0
    assert colour.steady_clamp([0.1], before=2.0) == 0.1


@pytest.mark.parametrize("values", [[], [0.0], [np.nan, np.inf]], ids=["no values", "zeros", "nothing finite"])
def test_a_clamp_exists_for_hopeless_values(values):
    assert colour.steady_clamp(values) == 1.0
    assert colour.steady_clamp(values, before=5.0) == 5.0


@pytest.mark.parametrize("theme", THEMES)
def test_numbers_are_readable_on_every_colour_of_a_gradient(theme):
    made = colour.ramp(theme.gradient_negative, theme.zero, theme.gradient_positive, theme.node_dark, theme.node_light)
    texts = np.where(made.dark_text[:, None], colour.rgb(theme.node_dark), colour.rgb(theme.node_light))
    assert colour.contrast(made.rgb, texts).min() >= 4.5


SIGHTS = {
    "usual": np.eye(3),
    "without red": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "without green": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "without blue": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}
"""What is left of linear red, green and blue (Machado, Oliveira and Fernandes 2009)."""


def lab(hexes, sight):
    parts = colour.rgb(hexes) / 255.0
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.asarray(SIGHTS[sight]) @ linear, 0.0, 1.0)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ seen
    f = np.cbrt(xyz / [0.9505, 1.0, 1.089])
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("theme", THEMES)
def test_the_signs_of_gradients_and_weights_are_told_apart_by_every_eye(theme, sight):
    for negative, positive in (
        (theme.negative, theme.positive), (theme.gradient_negative, theme.gradient_positive)
    ):  # fmt: skip
        assert np.linalg.norm(lab(negative, sight) - lab(positive, sight)) > 55
        for end in (negative, positive):
            assert np.linalg.norm(lab(end, sight) - lab(theme.zero, sight)) > 35
