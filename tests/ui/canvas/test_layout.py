import subprocess
import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ui.canvas.forms import COLUMN, FORMS, GRID, STRIP, Form
from ui.canvas.layout import Rect, arrange, bernstein

SIZES = st.lists(st.integers(1, 300), min_size=2, max_size=8)
SIDES = st.floats(20.0, 3000.0)


def test_layout_colour_picture_and_arithmetic_need_no_qt():
    modules = ("layout", "forms", "colour", "picture", "pick", "cards", "look", "modes", "contrast")
    code = "import sys\n" + "\n".join(f"import ui.canvas.{name}" for name in modules)
    code += "\nassert not [name for name in sys.modules if name.startswith(('PySide6', 'shiboken6', 'pyqtgraph'))]"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


@given(SIZES, SIDES, SIDES)
def test_every_neuron_lies_inside_the_rectangle(sizes, width, height):
    rect = Rect(13.0, 29.0, width, height)
    for column in arrange(sizes, rect).columns:
        assert column.radius > 0.0
        assert column.x - column.half >= rect.x - 1e-6
        assert column.x + column.half <= rect.x + width + 1e-6
        assert column.y.min() - column.radius >= rect.y - 1e-6
        assert column.y.max() + column.radius <= rect.y + height + 1e-6


@given(SIZES, SIDES, SIDES)
def test_no_two_neurons_overlap(sizes, width, height):
    layout = arrange(sizes, Rect(0.0, 0.0, width, height))
    for column in layout.columns:
        apart = np.hypot(np.diff(column.y), np.diff(column.xs))
        assert np.all(apart >= 2.0 * column.cell[1] - 1e-6)
        if not column.celled:
            assert np.all(apart > 2.0 * column.radius)
    for left, right in zip(layout.columns[:-1], layout.columns[1:], strict=True):
        assert left.x + left.half < right.x - right.half


@given(SIZES, SIDES, SIDES, st.sampled_from(FORMS), st.integers(-5, 400))
def test_a_layer_shows_all_its_neurons_or_a_window_of_them(sizes, width, height, kind, first):
    forms = [Form(kind, first)] * len(sizes)
    for units, column in zip(sizes, arrange(sizes, Rect(0.0, 0.0, width, height), forms=forms).columns, strict=True):
        assert column.shown.tolist() == list(range(column.above, column.above + len(column.shown)))
        assert column.above + len(column.shown) + column.below == units
        assert column.hidden == 0 or column.kind == COLUMN
        if column.hidden:
            assert column.above == min(max(0, first), column.hidden)
            assert column.plates[0] < column.y[0] <= column.y[-1] < column.plates[1]


@given(SIZES)
def test_there_is_one_edge_for_every_pair_of_shown_neurons(sizes):
    layout = arrange(sizes, Rect(0.0, 0.0, 900.0, 600.0))
    for span, left, right in zip(layout.spans, layout.columns[:-1], layout.columns[1:], strict=True):
        assert span.count == len(left.shown) * len(right.shown)
        np.testing.assert_array_equal(span.rows, np.repeat(left.shown, len(right.shown)))
        np.testing.assert_array_equal(span.columns, np.tile(right.shown, len(left.shown)))


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


def test_what_does_not_fit_is_a_grid_where_cells_can_be_told_apart_and_else_a_strip():
    kinds = [column.kind for column in arrange((784, 40, 128, 5000, 10), Rect(0.0, 0.0, 900.0, 600.0)).columns]
    assert kinds == [STRIP, COLUMN, GRID, STRIP, COLUMN]


def test_names_need_a_column_and_a_picture_is_a_grid_of_its_shape():
    named = arrange((784, 10), Rect(0.0, 0.0, 900.0, 600.0), named=[True, True]).columns[0]
    assert named.kind == COLUMN
    assert named.place(0) == 0
    assert named.place(400) is None
    column = arrange((12, 10), Rect(0.0, 0.0, 900.0, 600.0), shapes=[(3, 4), None]).columns[0]
    assert (column.kind, column.lines) == (GRID, 4)
    assert len(set(np.round(column.y, 6))) == 3
    assert np.all(np.diff(column.xs[:4]) > 0.0)
    assert column.y[0] == column.y[3]
    assert column.y[0] < column.y[4]


@given(st.integers(1, 3000), SIDES, SIDES)
def test_cells_of_a_grid_are_squares_on_a_lattice(units, width, height):
    column = arrange((units, 2), Rect(0.0, 0.0, width, height), forms=[Form(GRID), Form()]).columns[0]
    row, line = np.arange(units) // column.lines, np.arange(units) % column.lines
    np.testing.assert_allclose(column.xs - column.xs[0], line * column.pitch, atol=1e-6)
    np.testing.assert_allclose(column.y - column.y[0], row * column.pitch, atol=1e-6)
