import numpy as np
import pytest

from ui.canvas import pick
from ui.canvas.layout import Rect, arrange

LAYOUT = arrange((4, 8, 3), Rect(0.0, 0.0, 900.0, 500.0))
WEIGHTS = [np.ones((4, 8)), np.ones((8, 3))]


def test_every_neuron_is_found_at_its_centre():
    for layer, column in enumerate(LAYOUT.columns):
        for unit, y in zip(column.shown, column.y, strict=True):
            assert pick.neuron_at(LAYOUT, column.x, y) == (layer, unit)


def test_between_the_layers_there_is_no_neuron():
    assert pick.neuron_at(LAYOUT, 200.0, 250.0) is None


def test_every_edge_is_found_on_its_curve_when_it_is_the_strongest():
    for layer, span in enumerate(LAYOUT.spans):
        x = float(span.x[0] + 0.4 * (span.x[3] - span.x[0]))
        heights, _ = span.height(x)
        for edge, y in enumerate(heights):
            weights = [weight.copy() for weight in WEIGHTS]
            source, target = int(span.rows[edge]), int(span.columns[edge])
            weights[layer][source, target] = -3.0
            assert pick.edge_at(LAYOUT, weights, x, float(y)) == (layer, source, target)


def test_far_from_all_curves_there_is_no_edge():
    assert pick.edge_at(LAYOUT, WEIGHTS, 200.0, -60.0) is None
    assert pick.edge_at(LAYOUT, WEIGHTS, -50.0, 250.0) is None


@pytest.mark.parametrize(
    ("start", "direction", "end"),
    [
        (None, "right", (0, 0)),
        ((0, 0), "down", (0, 1)),
        ((0, 0), "up", (0, 0)),
        ((1, 7), "down", (1, 7)),
        ((1, 3), "first", (1, 0)),
        ((1, 3), "last", (1, 7)),
        ((2, 1), "right", (2, 1)),
        ((0, 2), "left", (0, 2)),
    ],
)
def test_walking_stays_in_the_network(start, direction, end):
    assert pick.walk(LAYOUT, start, direction) == end


def test_walking_right_goes_to_a_neuron_at_about_the_same_height():
    layer, unit = pick.walk(LAYOUT, (0, 3), "right")
    assert layer == 1
    assert abs(LAYOUT.columns[1].y[unit] - LAYOUT.columns[0].y[3]) <= LAYOUT.columns[1].pitch


def test_walking_steps_over_folded_neurons():
    layout = arrange((784, 3), Rect(0.0, 0.0, 900.0, 300.0))
    shown = layout.columns[0].shown.tolist()
    before = int(np.flatnonzero(np.diff(shown) > 1)[0])
    assert pick.walk(layout, (0, shown[before]), "down") == (0, shown[before + 1])
