import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.canvas.crossing import EVERYWHERE, Window, crossing, straightened, ways
from ui.canvas.layout import Rect, arrange

LAYOUT = arrange((9, 14, 3), Rect(0.0, 0.0, 900.0, 500.0))


def brute_force(span, window):
    """Return the edges that have a point in a window, looked for at many points of each."""
    xs = np.linspace(max(window.left, span.x[0]), min(window.right, span.x[3]), 400)
    if xs[0] > xs[-1]:
        return set()
    heights = span.start[:, None] + (span.end - span.start)[:, None] * ways(span, xs)
    low, high = heights.min(1), heights.max(1)
    return set(np.flatnonzero((high >= window.top) & (low <= window.bottom)).tolist())


@given(st.tuples(*[st.floats(-50.0, 950.0)] * 2), st.tuples(*[st.floats(-50.0, 550.0)] * 2), st.booleans())
def test_the_edges_in_a_window_are_those_that_have_a_point_in_it(xs, ys, curved):
    window = Window(min(xs), min(ys), max(xs), max(ys))
    for span in (LAYOUT if curved else straightened(LAYOUT)).spans:
        found = crossing(span, window)
        assert set(found.edges.tolist()) == brute_force(span, window)
        assert found.count == len(found.edges)


def test_everywhere_all_edges_cross_and_beside_the_network_none():
    for span in LAYOUT.spans:
        assert crossing(span, EVERYWHERE).count == span.count
        assert crossing(span, Window(-40.0, 0.0, -20.0, 500.0)).count == 0


def test_edges_of_a_grid_are_found_too():
    span = arrange((784, 12), Rect(0.0, 0.0, 900.0, 500.0), shapes=[(28, 28), None]).spans[0]
    window = Window(500.0, 200.0, 600.0, 240.0)
    assert set(crossing(span, window).edges.tolist()) == brute_force(span, window)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 1.0])
def test_straight_edges_advance_in_height_as_they_do_in_x(share):
    span = straightened(LAYOUT).spans[0]
    x = span.x[0] + share * (span.x[3] - span.x[0])
    assert ways(span, np.array([x]))[0] == pytest.approx(share, abs=1e-4)
    assert span.height(float(x))[0] == pytest.approx(span.start + share * (span.end - span.start), abs=1e-3)
