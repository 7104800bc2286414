import subprocess
import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ui.canvas.layout import Rect, arrange, bernstein

SIZES = st.lists(st.integers(1, 300), min_size=2, max_size=8)
SIDES = st.floats(20.0, 3000.0)


def test_layout_colour_picture_and_arithmetic_need_no_qt():
    modules = ("layout", "colour", "picture", "pick", "cards")
    code = "import sys\n" + "\n".join(f"import ui.canvas.{name}" for name in modules)
    code += "\nassert not [name for name in sys.modules if name.startswith(('PySide6', 'shiboken6', 'pyqtgraph'))]"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


@given(SIZES, SIDES, SIDES)
def test_every_neuron_lies_inside_the_rectangle(sizes, width, height):
    rect = Rect(13.0, 29.0, width, height)
    for column in arrange(sizes, rect).columns:
        assert column.radius > 0.0
        assert column.x - column.radius >= rect.x - 1e-6
        assert column.x + column.radius <= rect.x + width + 1e-6
        assert column.y.min() - column.radius >= rect.y - 1e-6
        assert column.y.max() + column.radius <= rect.y + height + 1e-6


@given(SIZES, SIDES, SIDES)
def test_no_two_neurons_overlap(sizes, width, height):
    layout = arrange(sizes, Rect(0.0, 0.0, width, height))
    for column in layout.columns:
        assert np.all(np.diff(column.y) > 2.0 * column.radius)
    for left, right in zip(layout.columns[:-1], layout.columns[1:], strict=True):
        assert left.x + left.radius < right.x - right.radius


@given(SIZES, SIDES, SIDES)
def test_a_folded_layer_shows_its_first_and_last_neurons_around_the_gap(sizes, width, height):
    for units, column in zip(sizes, arrange(sizes, Rect(0.0, 0.0, width, height)).columns, strict=True):
        assert len(column.shown) + column.hidden == units
        assert (column.fold is None) == (column.hidden == 0)
        if column.fold is not None:
            above = column.y < column.fold
            assert column.shown[above].tolist() == list(range(above.sum()))
            assert column.shown[~above].tolist() == list(range(units - (~above).sum(), units))


@given(SIZES)
def test_there_is_one_edge_for_every_pair_of_shown_neurons(sizes):
    layout = arrange(sizes, Rect(0.0, 0.0, 900.0, 600.0))
    for span, left, right in zip(layout.spans, layout.columns[:-1], layout.columns[1:], strict=True):
        pairs = set(zip(span.rows.tolist(), span.columns.tolist(), strict=True))
        assert pairs == {(int(a), int(b)) for a in left.shown for b in right.shown}


@given(st.floats(0.001, 0.999))
def test_the_height_of_an_edge_is_that_of_its_bezier_curve(t):
    span = arrange((3, 4), Rect(0.0, 0.0, 400.0, 300.0)).spans[0]
    heights, found = span.height(float(bernstein(t) @ span.x))
    ends = np.stack([span.start, span.start, span.end, span.end])
    assert abs(found - t) < 1e-6
    np.testing.assert_allclose(heights, bernstein(t) @ ends, atol=1e-4)


def test_a_layer_that_fits_is_centred():
    column = arrange((5, 2), Rect(0.0, 100.0, 500.0, 400.0)).columns[0]
    assert abs(column.y.mean() - 300.0) < 1e-9
    assert column.shown.tolist() == [0, 1, 2, 3, 4]


def test_784_inputs_are_folded_and_counted():
    column = arrange((784, 10), Rect(0.0, 0.0, 900.0, 600.0)).columns[0]
    assert column.fold is not None
    assert column.place(0) == 0
    assert column.place(783) == len(column.shown) - 1
    assert column.place(400) is None
