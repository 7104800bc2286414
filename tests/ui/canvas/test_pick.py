import numpy as np
import pytest

from ui.canvas import pick
from ui.canvas.crossing import ways
from ui.canvas.forms import COLUMN, STRIP, Form
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


def test_walking_goes_on_beyond_the_window_of_a_scrolled_column():
    layout = arrange((784, 3), Rect(0.0, 0.0, 900.0, 300.0), forms=[Form(COLUMN, 100), Form()])
    shown = layout.columns[0].shown.tolist()
    assert pick.walk(layout, (0, shown[-1]), "down") == (0, shown[-1] + 1)
    assert pick.walk(layout, (0, shown[0]), "up") == (0, shown[0] - 1)
    assert pick.walk(layout, (0, 5), "last") == (0, 783)


GRIDS = arrange(
    (12, 30, 3), Rect(0.0, 0.0, 900.0, 500.0), forms=[Form(), Form(STRIP), Form()], shapes=[(3, 4), *[None] * 2]
)


def test_every_cell_is_found_in_all_its_corners():
    for layer in (0, 1):
        column = GRIDS.columns[layer]
        wide, high = column.cell
        for unit, (x, y) in enumerate(zip(column.xs.tolist(), column.y.tolist(), strict=True)):
            for across, down in ((0, 0), (-0.9, -0.9), (0.9, 0.9), (0.9, -0.9)):
                assert pick.neuron_at(GRIDS, x + across * wide, y + down * high) == (layer, unit)


@pytest.mark.parametrize(
    ("start", "direction", "end"),
    [((0, 0), "right", (0, 1)), ((0, 5), "down", (0, 9)), ((0, 5), "up", (0, 1)), ((0, 1), "up", (0, 1)),
     ((0, 4), "left", (0, 4)), ((0, 11), "last", (0, 11)), ((1, 3), "down", (1, 4)), ((1, 3), "left", (0, 3))],
)  # fmt: skip
def test_arrows_go_from_cell_to_cell(start, direction, end):
    assert pick.walk(GRIDS, start, direction) == end


def test_from_the_rim_of_a_grid_one_goes_to_the_next_layer():
    assert pick.walk(GRIDS, (0, 7), "right")[0] == 1


@pytest.mark.parametrize("shapes", [None, [(28, 28), None, None]], ids=["columns", "a picture"])
def test_the_edge_at_a_point_is_the_one_that_is_found_by_looking_at_all(shapes):
    rng, layout = np.random.default_rng(0), arrange((784, 60, 12), Rect(0.0, 0.0, 900.0, 500.0), shapes=shapes or ())
    numbers = [rng.normal(size=size) for size in ((784, 60), (60, 12))]
    numbers[0][0, 0] = np.nan
    for x, y in rng.uniform((0.0, -20.0), (900.0, 520.0), (60, 2)):
        for least in ((), (1.0, 2.5)):
            assert pick.edge_at(layout, numbers, x, y, 3.0, least) == by_looking_at_all(
                layout, numbers, x, y, 3.0, least
            )


def by_looking_at_all(layout, numbers, x, y, slack, least):
    for layer, span in enumerate(layout.spans):
        if not span.x[0] <= x <= span.x[3]:
            continue
        step = 1e-3 * (span.x[3] - span.x[0])
        before, after = max(span.x[0], x - step), min(span.x[3], x + step)
        heights, (one, other) = ways(span, np.array([x])), ways(span, np.array([before, after]))
        rise = span.end - span.start
        distances = (
            np.abs(span.start + rise * heights - y) * (after - before) / np.hypot(after - before, rise * (other - one))
        )
        sizes = np.nan_to_num(np.abs(numbers[layer][span.rows, span.columns]))
        if least:
            distances[sizes < least[layer]] = np.inf
        over = np.flatnonzero(distances <= 0.5 * slack)
        best = over[sizes[over].argmax()] if len(over) else distances.argmin()
        return (layer, span.rows[best], span.columns[best]) if distances[best] <= slack else None
    return None


def test_hidden_edges_are_not_found():
    span = LAYOUT.spans[0]
    x = float(span.x[0] + 0.4 * (span.x[3] - span.x[0]))
    y = float(span.height(x)[0][11])
    assert pick.edge_at(LAYOUT, WEIGHTS, x, y, 1.0, (0.5, 0.5)) is not None
    assert pick.edge_at(LAYOUT, WEIGHTS, x, y, 1.0, (1.5, 1.5)) is None
