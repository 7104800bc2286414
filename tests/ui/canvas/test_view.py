import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QBuffer, QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QImage, QPageSize, QPainter, QPdfWriter, QWheelEvent
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QAbstractButton, QToolTip

from ui import theme as themes
from ui.canvas.camera import Camera, Neuron
from ui.canvas.edges import Edge


def image_of(view):
    return view.grab().toImage()


def buttons(view):
    return {button.objectName(): button for button in view.findChildren(QAbstractButton)}


def wheel(view, at, delta):
    event = QWheelEvent(
        at, view.mapToGlobal(at), QPoint(), QPoint(0, delta), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    view.wheelEvent(event)


def test_the_view_has_its_name_for_tests_and_screen_readers(view, picture):
    shown = view(picture())
    assert shown.objectName() == "canvas.network"
    assert shown.accessibleName() == "Network"
    assert "4 inputs" in shown.accessibleDescription()
    assert "8 × tanh" in shown.accessibleDescription()


def test_the_view_has_a_tooltip_with_its_keys(view, picture):
    assert "arrow keys" in view(picture()).toolTip()


def test_without_a_picture_the_view_is_empty_and_alive(qtbot):
    from ui.canvas.view import NetworkView

    empty = NetworkView()
    qtbot.addWidget(empty)
    empty.show()
    qtbot.keyClick(empty, Qt.Key.Key_Right)
    qtbot.keyClick(empty, Qt.Key.Key_Plus)
    qtbot.mouseMove(empty, QPoint(50, 50))
    assert image_of(empty).pixelColor(20, 20).name() == themes.DARK.canvas_top


def test_swapping_the_theme_changes_the_background(view, picture):
    shown = view(picture())
    dark = image_of(shown).pixelColor(3, 3)
    shown.set_theme(themes.LIGHT)
    light = image_of(shown).pixelColor(3, 3)
    assert dark.lightness() < 60 < 200 < light.lightness()


def test_a_new_frame_repaints_the_neurons(view, picture):
    made = picture()
    shown = view(made)
    place = shown.position(1, 2)
    at = QPoint(round(place.x() + 0.75 * 20), round(place.y()) + 3)
    activations = list(made.activations)
    colours = []
    for value in (-1.0, 1.0):
        activations[1] = np.full(8, value)
        shown.set_picture(dataclasses.replace(made, activations=tuple(activations)))
        colours.append(image_of(shown).pixelColor(at))
    assert colours[0].red() > colours[0].blue() + 80
    assert colours[1].blue() > colours[1].red() + 80


def test_hovering_a_neuron_says_which_and_shows_its_card(view, picture, qtbot):
    shown = view(picture())
    before = image_of(shown)
    with qtbot.waitSignal(shown.neuron_hovered) as said:
        qtbot.mouseMove(shown, shown.position(2, 3).toPoint())
    assert said.args == [2, 3]
    assert image_of(shown) != before
    with qtbot.waitSignal(shown.hover_ended):
        qtbot.mouseMove(shown, QPoint(5, 5))
    assert image_of(shown) == before


def test_a_hover_card_follows_the_training(view, picture, qtbot):
    shown = view(picture(seed=1))
    qtbot.mouseMove(shown, shown.position(3, 1).toPoint())
    first = image_of(shown)
    shown.set_picture(picture(seed=2))
    assert shown.target_at(shown.position(3, 1)) == Neuron(3, 1)
    assert image_of(shown) != first


def test_clicking_a_neuron_or_an_edge_says_which(view, picture, qtbot):
    shown = view(picture())
    with qtbot.waitSignal(shown.neuron_clicked) as said:
        qtbot.mouseClick(shown, Qt.MouseButton.LeftButton, pos=shown.position(0, 1).toPoint())
    assert said.args == [0, 1]
    one, two = shown.position(0, 0), shown.position(1, 0)
    column = [QPoint(round(0.5 * (one.x() + two.x())), y) for y in range(150, 600, 3)]
    at = next(point for point in column if isinstance(shown.target_at(QPointF(point)), Edge))
    expected = list(shown.target_at(QPointF(at)))
    with qtbot.waitSignal(shown.edge_clicked) as said:
        qtbot.mouseClick(shown, Qt.MouseButton.LeftButton, pos=at)
    assert said.args == expected


def test_arrow_keys_walk_from_neuron_to_neuron(view, picture, qtbot):
    shown = view(picture())
    shown.setFocus()
    seen = []
    shown.neuron_hovered.connect(lambda layer, unit: seen.append((layer, unit)))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_End, Qt.Key.Key_Home):
        qtbot.keyClick(shown, key)
    assert seen == [(0, 0), (0, 1), (0, 2), (0, 1), (0, 3), (0, 0)]
    assert shown.accessibleDescription().startswith("bill length, 48.4 mm")
    qtbot.keyClick(shown, Qt.Key.Key_Right)
    assert seen[-1][0] == 1
    with qtbot.waitSignal(shown.neuron_clicked) as said:
        qtbot.keyClick(shown, Qt.Key.Key_Return)
    assert tuple(said.args) == seen[-1]


def test_keys_with_control_and_space_are_left_to_the_window(view, picture):
    from PySide6.QtGui import QKeyEvent

    shown = view(picture())
    for key, modifier in (
        (Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier),
    ):
        event = QKeyEvent(QEvent.Type.KeyPress, key, modifier)
        shown.keyPressEvent(event)
        assert not event.isAccepted()


def test_the_wheel_zooms_at_the_pointer_and_f_fits(view, picture, qtbot):
    shown = view(picture())
    place = shown.position(1, 3)
    wheel(shown, place, 480)
    assert shown.camera.zoom > 1.5
    assert (shown.position(1, 3) - place).manhattanLength() < 1e-6
    qtbot.keyClick(shown, Qt.Key.Key_F)
    assert shown.camera == Camera()


def test_zooming_out_never_loses_the_network(view, picture, qtbot):
    shown = view(picture())
    for _ in range(5):
        qtbot.keyClick(shown, Qt.Key.Key_Plus)
    for _ in range(50):
        shown.pan_by(-400.0, 300.0)
    page = shown._page()
    left, top = shown.camera.seen(page.network.x, page.network.y)
    assert left <= page.network.x
    assert left + shown.camera.zoom * page.network.width >= page.network.x + page.network.width - 1e-6
    assert top <= page.network.y + 1e-6
    for _ in range(9):
        qtbot.keyClick(shown, Qt.Key.Key_Minus)
    assert shown.camera == Camera()


def test_dragging_pans_and_does_not_click(view, picture, qtbot):
    shown = view(picture())
    shown.zoom_by(3.0)
    before = shown.camera
    clicked = []
    shown.neuron_clicked.connect(lambda *args: clicked.append(args))
    start = shown.position(1, 4).toPoint()
    qtbot.mousePress(shown, Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 6):
        qtbot.mouseMove(shown, start + QPoint(-12 * step, 7 * step))
    qtbot.mouseRelease(shown, Qt.MouseButton.LeftButton, pos=start + QPoint(-60, 35))
    assert shown.camera.x == pytest.approx(before.x - 60)
    assert shown.camera.y == pytest.approx(before.y + 35)
    assert clicked == []
    qtbot.mouseDClick(shown, Qt.MouseButton.LeftButton, pos=QPoint(500, 350))
    assert shown.camera == Camera()


def test_plus_and_minus_ask_for_neurons_and_layers(view, picture, qtbot):
    shown = view(picture())
    for name, signal, arguments in (
        ("canvas.layer1.plus", shown.units_changed, [1, 1]),
        ("canvas.layer2.minus", shown.units_changed, [2, -1]),
        ("canvas.layer2.remove", shown.layer_removed, [2]),
        ("canvas.add3", shown.layer_added, [3]),
    ):
        button = buttons(shown)[name]
        assert button.isVisible()
        assert button.accessibleName()
        assert button.toolTip()
        with qtbot.waitSignal(signal) as said:
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert said.args == arguments


def test_the_last_neuron_of_a_layer_cannot_be_taken_and_the_tooltip_says_why(view, picture):
    shown = view(picture((4, 1, 3)))
    minus = buttons(shown)["canvas.layer1.minus"]
    assert not minus.isEnabled()
    assert "at least one neuron" in minus.toolTip()


def test_buttons_can_be_refused_with_a_reason_and_hidden(view, picture):
    shown = view(picture())
    shown.set_editing(reason="Training runs.")
    assert all(not button.isEnabled() and button.toolTip() == "Training runs." for button in buttons(shown).values())
    shown.set_editing(shown=False)
    assert not any(button.isVisible() for button in buttons(shown).values())


def test_buttons_follow_the_number_of_layers(view, picture, qtbot):
    shown = view(picture((4, 8, 8, 3)))
    shown.set_picture(picture((4, 3)))
    qtbot.waitUntil(lambda: set(buttons(shown)) == {"canvas.add1"})
    shown.set_picture(picture((4, 5, 5, 5, 3)))
    assert {f"canvas.layer{layer}.plus" for layer in (1, 2, 3)} <= set(buttons(shown))


def test_a_label_under_the_pointer_is_told_in_full(view, picture, monkeypatch):
    name = "a_very_long_name_of_a_measurement_that_nobody_can_read_mm"
    shown = view(picture(feature_names=(name, "b", "c", "d")), 600, 420)
    told = []
    monkeypatch.setattr(QToolTip, "showText", lambda at, text, widget: told.append(text))
    page = shown._page()
    at = QPoint(round(page.labels_right - 10), round(page.layout.columns[0].y[0]))
    shown.event(QHelpEvent(QEvent.Type.ToolTip, at, shown.mapToGlobal(at)))
    at = QPoint(round(page.bars_left + 5), round(page.outputs.y[2]))
    shown.event(QHelpEvent(QEvent.Type.ToolTip, at, shown.mapToGlobal(at)))
    assert told[0].startswith("a very long name of a measurement that nobody can read: 48.4 mm")
    assert told[1].startswith("Gentoo: ")


def test_screen_and_file_are_drawn_alike(view, picture):
    shown = view(picture())
    shown.set_editing(shown=False)
    shown.clearFocus()
    image = QImage(shown.size(), QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(image)
    shown.paint(painter, QRectF(image.rect()))
    painter.end()
    screen = image_of(shown).convertToFormat(image.format())
    one, two = (np.frombuffer(i.constBits(), np.uint8).astype(int) for i in (image, screen))
    assert np.abs(one - two).mean() < 0.2


def test_svg_and_pdf_stay_vectors(view, picture):
    shown = view(picture((64, 128, 64, 10)))
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(QSize(1000, 700))
    generator.setViewBox(QRect(0, 0, 1000, 700))
    painter = QPainter(generator)
    shown.paint(painter, QRectF(0, 0, 1000, 700))
    painter.end()
    source = bytes(buffer.data().data()).decode()
    assert "<path" in source
    assert "<image" not in source
    assert source.count("<path") < 4_000  # bundles: there are 17,000 edges
    assert "128 × tanh" in source
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setPageSize(QPageSize(QSize(500, 350)))
    painter = QPainter(writer)
    painter.scale(writer.width() / 1000, writer.width() / 1000)
    shown.paint(painter, QRectF(0, 0, 1000, 700))
    painter.end()
    source = bytes(buffer.data().data())
    assert source.startswith(b"%PDF")
    assert b"/Subtype /Image" not in source


@pytest.mark.parametrize("sizes", [(4, 3), (2, 3, 1), (784, 256, 128, 10), (3, 2, 2, 2, 2, 2, 2, 2, 1)], ids=str)
@pytest.mark.parametrize("shape", [(320, 260), (500, 400), (2400, 1400)], ids=str)
def test_any_network_is_drawn_at_any_size(view, picture, sizes, shape):
    shown = view(picture(sizes), *shape)
    assert shown.size().toTuple() == shape
    image = image_of(shown)
    colours = {image.pixel(x, y) for x in range(0, shape[0], 7) for y in range(0, shape[1], 7)}
    assert len(colours) > 20


def test_a_diverged_network_is_still_drawn(view, picture, with_weights):
    made = picture()
    shown = view(with_weights(made, [np.full_like(weight, np.nan) for weight in made.weights]))
    shown.set_picture(
        dataclasses.replace(
            made,
            activations=tuple(np.full_like(values, np.inf) for values in made.activations),
            probabilities=(float("nan"),) * 3,
        )
    )
    assert not image_of(shown).isNull()


def test_a_thousand_frames_do_not_eat_references_to_none(view, picture):
    import gc
    import sys

    shown = view(picture())
    frames = [picture(seed=seed) for seed in range(5)]
    gc.collect()  # what earlier tests left holds references to None, too
    before = sys.getrefcount(None)
    for number in range(1000):
        shown.set_picture(frames[number % 5])
        if number % 10 == 0:
            shown.repaint()
    assert sys.getrefcount(None) >= before - 50
