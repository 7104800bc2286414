"""Weights as pictures and heat maps: where cells are, which numbers they show, and the panel in a window."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QToolButton

from simulator.data import open_dataset
from ui.canvas.colour import places
from ui.panels import weight_images_values as values
from ui.panels.weight_images import cell_of
from ui.panels.weight_images_lens import Lens, Shelf, best_side, every, named
from ui.panels.weight_images_paint import ramp_for
from ui.selection import Pointed
from ui.theme import THEMES

# -- where things are ---------------------------------------------------------------------------------------------


@given(
    rows=st.integers(1, 900), columns=st.integers(1, 900), width=st.floats(60, 1500), height=st.floats(60, 900),
    x=st.floats(0, 1), y=st.floats(0, 1), factor=st.floats(1.0, 40.0),
)  # fmt: skip
def test_what_is_under_the_pointer_stays_there_while_one_zooms(rows, columns, width, height, x, y, factor):
    lens = Lens(rows, columns, width, height).fitted()
    assert lens.whole[0] <= width + 1e-6
    assert lens.whole[1] <= height + 1e-6
    at = x * min(lens.whole[0], width) * 0.999, y * (lens.high * rows) * 0.999
    near = lens.zoomed(factor, *at)
    for start, size, whole, room, place, before in (
        (near.left, near.wide, near.whole[0], width, at[0], (lens.left, lens.wide)),
        (near.top, near.high, near.whole[1], height, at[1], (lens.top, lens.high)),
    ):
        held = start in (0.0, min(0.0, room - whole))  # the matrix is not moved beyond its ends
        assert held or (place - start) / size == pytest.approx((place - before[0]) / before[1], abs=1e-6)
    again = near.zoomed(1e-9, *at)
    assert again.wide == pytest.approx(lens.wide)
    assert (again.left, again.top) == pytest.approx((0.0, 0.0), abs=1e-6)


def test_every_cell_is_found_where_it_is_and_the_biases_are_one_more_row():
    lens = Lens(6, 9, 300.0, 200.0).fitted()
    for row in range(7):
        for column in range(9):
            x, y, wide, high = lens.box(row, column)
            assert lens.at(x + 0.5 * wide, y + 0.5 * high) == (row, column)
    x, y, _, _ = lens.box(6, 0)
    assert lens.at(x + 1.0, y - 0.5 * lens.gap) is None
    assert lens.at(-1.0, 5.0) is None


def test_a_cell_out_of_sight_is_brought_into_it():
    lens = Lens(100, 100, 300.0, 200.0).fitted().zoomed(30.0, 0.0, 0.0)
    assert lens.seen_rows()[1] < 100
    shown = lens.showing(99, 99)
    x, y, wide, high = shown.box(99, 99)
    assert 0.0 <= x <= 300.0 - wide + 1e-6
    assert 0.0 <= y <= 200.0 - high + 1e-6
    assert shown.showing(99, 99) is shown
    assert shown.moved(1e9, 1e9).left == 0.0
    assert lens.resized(400.0, 300.0).wide == lens.wide
    fitted = lens.fitted()
    assert fitted.resized(600.0, 400.0).wide > fitted.wide


def test_of_cells_below_a_pixel_only_some_are_drawn():
    lens = Lens(2048, 1024, 512.0, 512.0).fitted()
    assert lens.strides == (4, 2)
    assert Lens(10, 10, 512.0, 512.0).fitted().strides == (1, 1)


def test_lines_are_named_by_round_numbers():
    assert [every(20.0, 14.0), every(3.0, 14.0), every(0.3, 14.0)] == [1, 5, 50]
    assert named(0, 22, 5) == [4, 9, 14, 19]
    assert named(7, 10, 1) == [7, 8, 9]


def test_pictures_stand_on_a_shelf_and_are_found_again():
    shelf = Shelf(10, 300.0, 64.0, 64.0, 14.0)
    assert shelf.columns == 4
    for place in range(10):
        x, y, wide, high = shelf.box(place)
        assert shelf.at(x + 0.5 * wide, y + 0.5 * high) == place
    assert shelf.at(299.0, 10.0) is None
    assert shelf.at(200.0, 2.6 * shelf.pitch) is None, "the last line is not full"
    assert shelf.seen(0.0, 100.0) == (0, 8)
    assert shelf.seen(shelf.pitch + 20, 10.0)[0] == 4
    side = best_side(10, 400.0, 300.0, (28, 28), 14.0, 132)
    assert Shelf(10, 400.0, side, side, 14.0).height <= 300.0 < Shelf(10, 400.0, side + 8, side + 8, 14.0).height


# -- which numbers ------------------------------------------------------------------------------------------------


def test_colours_are_those_of_the_canvas():
    some = np.concatenate([np.random.default_rng(0).normal(0, 1, 999), [0.0, 9.0, -9.0, np.inf, -np.inf, np.nan]])
    assert np.abs(values.codes(some, 1.5).astype(int) - places(some, 1.5)).max() <= 1
    each = values.codes(np.array([[1.0, 1.0], [-2.0, 2.0]]), np.array([2.0, 1.0]))
    assert each.tolist() == [[191, 255], [0, 255]]


def sheet(quantity=values.WEIGHTS, less=None):
    weight, bias = np.arange(8.0).reshape(4, 2), np.array([0.5, -0.5])
    gone = (None, None) if less is None else (less, np.ones(2))
    return values.Sheet(0, quantity, weight, bias, *gone, ("a", "b", "c", "d"), ())


def test_a_sheet_says_what_a_number_is():
    assert sheet().sentence(2, 1) == "w from c to neuron 2 of hidden layer 1 = 5.0000"
    assert sheet().sentence(4, 0) == "b of neuron 1 of hidden layer 1 = 0.5000"
    changed = sheet(values.CHANGE, np.ones((4, 2)))
    assert changed.value(0, 0) == -1.0
    assert changed.value(4, 1) == -1.5
    assert changed.sentence(0, 0).startswith("Δw from a")
    assert changed.block(slice(0, 4, 2), slice(None)).tolist() == [[-1.0, 0.0], [3.0, 4.0]]


def test_the_clamp_of_a_large_matrix_is_that_of_a_sample():
    weight = np.random.default_rng(0).normal(0, 0.1, (1000, 500)).astype(np.float32)
    large = values.Sheet(1, values.WEIGHTS, weight, weight[0], None, None, (), ())
    assert large.clamp(None) == 0.2
    assert large.clamp(0.5) == 0.5, "held"
    assert values.Sheet(1, values.WEIGHTS, weight * np.nan, weight[0], None, None, (), ()).clamp(None) > 0


def test_neurons_are_ordered_by_norm_and_have_a_scale_of_their_own():
    weight = np.array([[0.0, 3.0, -1.0], [0.0, 4.0, np.nan]])
    assert values.order_of(weight, by_norm=False).tolist() == [0, 1, 2]
    assert values.order_of(weight, by_norm=True).tolist() == [2, 1, 0]
    first = values.own_clamps(weight)
    assert first.tolist() == [1.0, 4.0, 1.0]
    assert values.own_clamps(weight * 0.9, first).tolist() == [1.0, 4.0, 1.0], "held while it changes little"


@pytest.mark.parametrize(
    ("name", "shape", "sure"),
    [("digits", (8, 8), True), ("penguins", None, False), ("breast_cancer", None, False)],
)
def test_which_inputs_are_pictures(name, shape, sure):
    assert values.picture_of(open_dataset(name)) == (shape, sure)


def test_a_square_of_other_columns_may_be_a_picture():
    made = dataclasses.make_dataclass("Dataset", ["picture", "feature_names"])
    assert values.picture_of(made(None, tuple("abcdefghijklmnop"))) == ((4, 4), False)
    assert values.picture_of(made(None, tuple("abcdefghi"))) == (None, False)
    assert values.picture_of(made(None, (*"abcdefghijklmno", "kind=x"))) == (None, False)
    assert values.picture_of(made((7, 9), tuple("abc"))) == ((7, 9), True)


def test_a_neuron_is_a_row_or_a_column_of_a_matrix():
    assert cell_of(1, (1, 4), None) == (4, None)
    assert cell_of(1, (2, 3), None) == (None, 3)
    assert cell_of(1, (0, 3), None) == cell_of(1, None, (0, 1, 2)) == cell_of(1, None, None) == (None, None)
    assert cell_of(1, None, (1, 4, 3)) == (4, 3)


# -- the panel ----------------------------------------------------------------------------------------------------


def opened(guest):
    guest.window.docks["weights"].show()
    guest.window.docks["weights"].raise_()
    panel = guest.window.panels["weights"]
    guest.wait(
        lambda: (panel.built and panel.map.sheet is not None) or (panel.built and panel.gallery.sheet is not None)
    )
    return panel


def pixel(widget, x, y):
    return QColor(widget.grab().toImage().pixelColor(round(x), round(y)))


def test_a_matrix_is_a_heat_map_whose_cells_can_be_chosen(guest):
    panel, selection = opened(guest), guest.window.selection
    view = panel.map
    assert panel.page == "map"
    assert not panel.bar.pages.buttons["pictures"].isEnabled()
    guest.advance_to(20)
    guest.wait(lambda: np.array_equal(view.sheet.weight, guest.bridge.snapshot.layers[0].weight))
    assert view.sheet.source_name(0) == "bill length"

    # Colours and read-out are those of the number.
    x, y = view.middle_of(2, 5)
    value = float(guest.bridge.snapshot.layers[0].weight[2, 5])
    wanted = ramp_for(panel.theme, "weights").rgb[values.codes(np.array([value]), view.clamp)[0]]
    shown = pixel(view, x - 0.5 * view.lens.wide + 3, y - 0.5 * view.lens.high + 3)
    assert [shown.red(), shown.green(), shown.blue()] == wanted.tolist()
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
    assert selection.edge == (0, 2, 5)
    assert panel.foot.text == view.sheet.sentence(2, 5)
    x, y = view.middle_of(4, 1)
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
    assert (selection.number.kind, selection.number.layer, selection.number.unit) == ("parameter", 0, 1)
    view.pointed.emit((1, 3))
    assert selection.pointed == Pointed(edge=(0, 1, 3))
    selection.point_at(Pointed(neuron=(1, 6)))
    assert view._lit == (None, 6)
    view.pointed.emit(None)

    # Keys: to a cell, larger, everything again.
    view.setFocus()
    view.current = None
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down):
        QTest.keyClick(view, key)
    assert view.current == (2, 0)
    before = view.lens.wide
    QTest.keyClick(view, Qt.Key.Key_Plus)
    assert view.lens.wide > before
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert selection.edge == (0, 2, 0)
    QTest.keyClick(view, Qt.Key.Key_0)
    assert view.lens.wide == before

    # Another layer, the gradient, the change since the start; and back in time there is none.
    panel.choose_layer(2)
    assert view.sheet.target_name(2) == "Chinstrap"
    panel.choose_quantity("gradient")
    guest.wait(lambda: view.sheet.quantity == "gradient")
    account = panel.context.asking.account
    assert np.array_equal(view.sheet.weight, account.batch.explanation.backward.layers[2].weight)
    panel.choose_quantity("change")
    guest.wait(lambda: view.sheet.quantity == "change")
    assert np.abs(view.sheet.block(slice(None), slice(None))).max() > 0
    assert not view.grab().isNull()
    guest.bridge.go_to(0)
    guest.wait(lambda: guest.epoch == 0 and not np.any(view.sheet.block(slice(None), slice(None))))
    panel.set_theme(THEMES["light"])
    assert not panel.grab().isNull()


def test_neurons_of_image_data_are_pictures(make_window):
    guest = make_window("digits")
    panel, selection = opened(guest), guest.window.selection
    gallery = panel.gallery
    assert panel.page == "pictures"
    assert gallery.shape == (8, 8)
    weight = guest.bridge.snapshot.layers[0].weight
    strip = gallery._strip(gallery.sheet, np.array([3]))
    colours = ramp_for(panel.theme, "weights").rgb[values.codes(weight[:, 3].reshape(8, 8), gallery.clamps)]
    assert (strip >> 16 & 255).tolist() == colours[..., 0].tolist(), "a row of a picture is eight inputs in a row"
    at = gallery.middle_of(3)
    unit, place = gallery.at(at + QPointF(1, 1))
    assert (unit, place) == (3, 8 * 4 + 4)
    QTest.mouseClick(gallery.viewport(), Qt.MouseButton.LeftButton, pos=at.toPoint())
    assert selection.neuron == (1, 3)
    gallery.pointed.emit((3, 36))
    assert selection.pointed == Pointed(edge=(0, 36, 3))
    assert panel.foot.text.startswith("w from p44 to neuron 4")
    gallery.setFocus()
    QTest.keyClick(gallery, Qt.Key.Key_Right)
    QTest.keyClick(gallery, Qt.Key.Key_Return)
    assert selection.neuron == (1, 4)
    QTest.keyClick(gallery, Qt.Key.Key_Plus)
    assert panel.bar.size_slider.value() == gallery.side
    assert not gallery.fitting
    guest.find("weights.own", QToolButton).click()
    assert gallery.clamps == pytest.approx(np.abs(weight).max(axis=0))
    panel.bar.order_chosen.emit("norm")
    assert gallery.order.tolist() == values.order_of(weight, by_norm=True).tolist()
    guest.find("weights.page.map", QPushButton).click()
    assert panel.stack.currentWidget() is panel.map
    assert not panel.grab().isNull()
    guest.window.filing.load("penguins")
    guest.wait(lambda: guest.bridge.dataset.name == "penguins" and panel.map.sheet.shape[0] == 4)
    assert panel.page == "map"
