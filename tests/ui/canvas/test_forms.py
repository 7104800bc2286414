"""Layers in their forms, as somebody sees and uses them."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent

from ui.canvas import cells, colour, counts, edge_numbers
from ui.canvas.camera import Neuron
from ui.canvas.forms import COLUMN, GRID, STRIP
from ui.canvas.layout import Rect
from ui.canvas.page import divide


def turn(view, at, notches):
    delta = QPoint(0, 120 * notches)
    event = QWheelEvent(
        at, view.mapToGlobal(at), QPoint(), delta, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    view.wheelEvent(event)


def column(view, layer):
    return view._page().layout.columns[layer]


def on(view, layer, place=0):
    return QPointF(*view._page().at(*column(view, layer).centre(place)))


def digit(picture, sizes=(64, 30, 10)):
    made = picture(sizes, class_names=[str(number) for number in range(sizes[-1])])
    shape = (int(sizes[0] ** 0.5),) * 2
    return dataclasses.replace(made, input_shape=shape, input_names=tuple(f"pixel{n}" for n in range(sizes[0])))


def test_a_folded_column_is_scrolled_by_wheel_drag_keys_and_its_counts(view, picture, qtbot):
    shown = view(picture((3, 200, 2)))
    shown.set_form(1, COLUMN)
    count = len(column(shown, 1).shown)
    assert counts.counted(shown._page(), shown.picture, 1) == ["", f"▼ {200 - count}"]
    turn(shown, on(shown, 1), -2)
    first = column(shown, 1).above
    assert first > 0
    assert shown.camera.zoom == 1.0
    turn(shown, QPointF(20.0, 400.0), 2)
    assert shown.camera.zoom > 1.0
    shown.fit()
    pitch = column(shown, 1).pitch
    shown.drag_fold(1, QPointF(0.0, -3.2 * pitch))
    assert column(shown, 1).above == first + 3
    box, _ = counts.plate_boxes(shown._page(), shown.picture, 1)[1]
    qtbot.mouseClick(
        shown, Qt.MouseButton.LeftButton, pos=QPoint(round(box.x + 0.5 * box.width), round(box.y + 0.5 * box.height))
    )
    assert column(shown, 1).above == first + 3 + count - 1
    shown._walk.stand(Neuron(1, 199))
    qtbot.keyClick(shown, Qt.Key.Key_Home)
    assert column(shown, 1).above == 0
    for _ in range(count):
        qtbot.keyClick(shown, Qt.Key.Key_Down)
    assert shown._walk.neuron == (1, count)
    assert column(shown, 1).place(count) is not None
    qtbot.keyClick(shown, Qt.Key.Key_PageDown)
    assert column(shown, 1).above > count // 2


def test_a_neuron_that_is_chosen_elsewhere_is_scrolled_to(view, picture):
    shown = view(picture((3, 200, 2)))
    shown.set_form(1, COLUMN)
    shown.show_chosen((1, 150), None)
    assert column(shown, 1).place(150) is not None
    assert shown.position(1, 150) is not None


def test_a_form_is_kept_while_the_network_has_as_many_layers(view, picture):
    shown = view(picture((3, 200, 2)))
    assert column(shown, 1).kind in {GRID, STRIP}
    shown.set_form(1, STRIP)
    shown.set_picture(picture((3, 201, 2)))
    assert column(shown, 1).kind == STRIP
    shown.set_picture(picture((3, 201, 5, 2)))
    assert shown.forms[1].kind == "automatic"


def test_the_menu_of_a_layer_offers_every_form(view, picture):
    shown = view(picture((3, 200, 2)))
    menu = shown.forms_menu(1)
    {action.objectName(): action for action in menu.actions()}["form.1.strip"].trigger()
    assert column(shown, 1).kind == STRIP
    assert [action.isChecked() for action in shown.forms_menu(1).actions() if action.objectName()] == [
        False, False, False, True,
    ]  # fmt: skip
    assert len(shown.forms_menu(None).actions()) == 3
    assert shown.layer_at(on(shown, 1)) == 1


@pytest.mark.parametrize("upright", [False, True])
def test_pixels_stand_as_in_the_picture_and_have_their_colours(view, picture, upright):
    made = digit(picture, (784, 12, 10))
    values = np.zeros(784)
    values[28 * 3 + 20] = 1.0  # in the fourth row
    shown = view(dataclasses.replace(made, activations=(values, *made.activations[1:])))
    shown.set_look(upright=upright)
    at, corner = on(shown, 0, 28 * 3 + 20), on(shown, 0, 0)
    pitch = column(shown, 0).pitch
    assert at.x() - corner.x() == pytest.approx(20 * pitch)
    assert at.y() - corner.y() == pytest.approx(3 * pitch)
    image = shown.grab().toImage()
    style = shown._scene._nodes["value"]
    place = int(colour.places(1.0, 1.0))
    assert image.pixelColor(at.toPoint()) == QColor(*style.ramp.rgb[place].tolist())
    assert image.pixelColor(corner.toPoint()) == QColor(*style.ramp.rgb[128].tolist())
    assert shown.target_at(at) == (0, 28 * 3 + 20)
    assert counts.counted(shown._page(), shown.picture, 0) == ["28 × 28 pixels"]
    assert shown._page().labels_width == 0.0


def test_close_cells_become_discs_and_only_those_in_sight(view, picture):
    shown = view(digit(picture, (784, 12, 10)))
    assert shown._scene.size(shown._page(), 0)[2] is False
    at = on(shown, 0, 400)
    shown.zoom_by(8.0, at)
    wide, high, disc = shown._scene.size(shown._page(), 0)
    assert disc
    assert wide == high > 0.3 * 8.0 * column(shown, 0).pitch
    assert shown.target_at(at) == (0, 400)
    assert not shown.grab().isNull()


def test_a_strip_thinner_than_pixels_shows_means_of_neighbours(view, picture):
    made = picture((3, 3000, 2))
    ends = np.where(np.arange(3000) < 1500, 1.0, -1.0)
    shown = view(dataclasses.replace(made, activations=(made.activations[0], ends, made.activations[2])))
    shown.set_form(1, STRIP)
    image, box = shown.grab().toImage(), cells.box_of(shown._page(), column(shown, 1))
    style = shown._scene._nodes["value"]
    middle = round(box.x + 0.5 * box.width)
    assert image.pixelColor(middle, round(box.y + 0.2 * box.height)) == QColor(*style.ramp.rgb[255].tolist())
    assert image.pixelColor(middle, round(box.y + 0.8 * box.height)) == QColor(*style.ramp.rgb[0].tolist())
    assert shown.target_at(QPointF(middle, box.y + 0.5 * box.height)).layer == 1


@pytest.mark.parametrize("size", [(1400, 900), (1000, 700), (600, 500)])
@pytest.mark.parametrize("sizes", [(4, 8, 8, 3), (2, 8, 8, 8, 1), (1, 1), (28, 64, 64, 1), (64, 128, 64, 10)], ids=str)
def test_upright_layers_stay_inside_with_their_labels(qapp, picture, sizes, size):
    made = picture(sizes)
    page = divide(made, Rect(0.0, 0.0, *map(float, size)), upright=True)
    layout = page.layout
    for before, after in zip(layout.columns[:-1], layout.columns[1:], strict=True):
        assert before.x + before.half < after.x - after.half
    for layer in layout.columns:
        xs, ys = page.at(layer.xs, layer.y)
        assert xs.min() - layer.cell[1] >= page.captions.x + page.captions.width - 1.0
        assert xs.max() + layer.cell[1] <= size[0]
        assert ys.min() >= page.network.y
        assert ys.max() <= page.network.y + page.network.height
    assert page.bars_left + page.bars_width <= page.footer.y + 1.0


def test_upright_arrows_go_where_they_point(view, picture, qtbot):
    shown = view(picture())
    shown.set_look(upright=True)
    qtbot.keyClick(shown, Qt.Key.Key_Down)
    qtbot.keyClick(shown, Qt.Key.Key_Down)
    assert shown._walk.neuron.layer == 1
    before = shown._walk.neuron
    qtbot.keyClick(shown, Qt.Key.Key_Right)
    assert shown._walk.neuron == (1, before.unit + 1)
    one, other = shown.position(*before), shown.position(*shown._walk.neuron)
    assert other.x() > one.x()
    assert other.y() == one.y()
    assert shown.target_at(one) == before


def test_numbers_on_edges_cover_no_neuron_and_not_one_another(view, picture):
    shown = view(picture())
    page = shown._page()
    style = edge_numbers.hand(10.5 * page.scale)
    labels = edge_numbers._labels(page, edge_numbers.Sight(1.0, 0.0, 0.0), style)
    assert len(labels) > 60
    width, height = style.width("−0.00"), style.ascent
    for place, label in enumerate(labels):
        for other in labels[:place]:
            assert abs(label.x - other.x) >= width or abs(label.y - other.y) >= height
        for each in page.layout.columns:
            apart = np.hypot(
                np.maximum(0.0, np.abs(each.xs - label.x) - 0.5 * width),
                np.maximum(0.0, np.abs(each.y - label.y) - 0.5 * height),
            )
            assert apart.min() >= each.radius
    assert edge_numbers._labels(view(picture((64, 128, 10)))._page(), edge_numbers.Sight(1.0, 0.0, 0.0), style) == []
    meant = edge_numbers._labels(page, edge_numbers.Sight(1.0, 0.0, 0.0, (2, 3, -1)), style)
    assert {(label.layer, label.target) for label in meant} == {(1, 3)}
    assert len(meant) == 8
