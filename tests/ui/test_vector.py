"""SVGs: everything is in sight that is in sight on the screen, and nothing else, whoever draws the file."""

import re
from collections import Counter
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from ui.pictures import content, image, pixels
from ui.portrait import painted_by
from ui.vector import told_drawing

SIZE = QSize(200, 200)
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?")


def numbers(text):
    return [float(each) for each in NUMBER.findall(text)]


def bounds(clip, placed):
    """Return (left, top, right, bottom) of what a clip lets through."""
    found = []
    for shape in clip:
        if shape.tag == "rect":
            x, y, width, height = (float(shape.get(name)) for name in ("x", "y", "width", "height"))
            found += [(x, y), (x + width, y + height)]
        else:
            given = numbers(shape.get("d"))
            found += zip(given[::2], given[1::2], strict=True)
    points = np.array([placed @ (x, y, 1.0) for x, y in found])[:, :2]
    return np.concatenate([points.min(axis=0), points.max(axis=0)])


class Sight:
    """What a browser shows of an SVG: where every text and shape begins, and what it is clipped to."""

    def __init__(self, svg):
        text = re.sub(r' xmlns="[^"]*"', "", svg.decode())
        self.root = ElementTree.fromstring(text)
        self.ids = Counter(each.get("id") for each in self.root.iter() if each.get("id"))
        self.asked = set(re.findall(r"url\(#([^)]+)\)", text))
        self.clips = {each.get("id"): each for each in self.root.iter("clipPath")}
        self.texts = {}
        self.shapes = []
        everything = (-np.inf, -np.inf, np.inf, np.inf)
        self._walk(self.root, np.eye(3), np.array(everything))

    def _walk(self, element, placed, sight):
        if element.tag in ("defs", "clipPath"):
            return
        given = element.get("transform")
        if given:
            a, b, c, d, x, y = numbers(given)
            placed = placed @ [[a, c, x], [b, d, y], [0.0, 0.0, 1.0]]
        clip = element.get("clip-path")
        if clip:
            found = bounds(self.clips[clip[5:-1]], placed)
            sight = np.concatenate([np.maximum(sight[:2], found[:2]), np.minimum(sight[2:], found[2:])])
        begun = numbers(element.get("d", f"{element.get('x')} {element.get('y')}"))[:2]
        if element.tag in ("text", "rect", "path") and begun:
            x, y = (placed @ (*begun, 1.0))[:2]
            shown = sight[0] <= x + 1 and x < sight[2] and sight[1] < y and y <= sight[3] + 8
            if element.tag == "text":
                self.texts.setdefault("".join(element.itertext()).strip(), []).append(bool(shown))
            else:
                self.shapes.append(((x, y), tuple(sight)))
        for child in element:
            self._walk(child, placed, sight)


def redrawn(svg, size):
    """Return the colours of an SVG as Qt draws it."""
    shown = QImage(size, QImage.Format.Format_RGB32)
    shown.fill(0)
    painter = QPainter(shown)
    QSvgRenderer(QByteArray(svg)).render(painter, QRectF(0, 0, size.width(), size.height()))
    painter.end()
    return pixels(shown)


def test_clips_are_where_they_were_set_lie_in_one_another_and_end_with_what_they_were_set_for():
    def paint(painter):
        painter.save()
        painter.translate(50, 50)
        painter.setClipRect(0, 0, 20, 20)
        painter.save()
        painter.translate(5, 5)
        painter.setClipRect(QRect(0, 0, 7, 100), Qt.ClipOperation.IntersectClip)
        painter.drawRect(1, 1, 50, 50)
        painter.restore()
        painter.drawRect(2, 2, 50, 50)
        painter.restore()
        painter.drawRect(3, 3, 50, 50)

    first, second, third = Sight(content(".svg", SIZE, paint)).shapes
    assert first == ((56, 56), (55, 55, 62, 70))
    assert second == ((52, 52), (50, 50, 70, 70))
    assert third == ((3, 3), (-np.inf, -np.inf, np.inf, np.inf))


@pytest.fixture
def scrolled(qapp):
    """Return a form in a scroll area that is scrolled."""
    area, form = QScrollArea(), QWidget()
    lines = QVBoxLayout(form)
    for number in range(12):
        chooser = QComboBox()
        chooser.addItem(f"choice {number}")
        for widget in (QLabel(f"label {number}"), QLineEdit(f"field {number}"), chooser):
            widget.setFixedHeight(26)
            lines.addWidget(widget)
    area.setWidget(form)
    area.resize(240, 300)
    area.show()
    area.verticalScrollBar().setValue(400)
    qapp.processEvents()
    yield area
    area.close()


def test_of_what_is_scrolled_the_part_in_sight_is_seen_with_what_its_fields_hold(scrolled):
    sight = Sight(content(".svg", scrolled.size(), painted_by(scrolled)))
    seen = {text for text, each in sight.texts.items() if any(each)}
    assert {"label 5", "field 5", "choice 5"} <= seen
    assert not {"label 1", "field 1", "choice 11"} & seen


def test_widgets_drawn_one_by_one_look_as_they_do_together(scrolled):
    size, paint = scrolled.size(), painted_by(scrolled)
    apart = np.abs(redrawn(content(".svg", size, paint), size).astype(float) - pixels(image(size, paint)))
    squares = apart.reshape(15, 20, 12, 20, 3).mean(axis=(1, 3, 4))
    # Letters are not drawn alike twice where they stand on no ground: it is most of the squares that tell.
    assert np.median(squares) < 4.0


def test_a_window_shows_all_that_its_fields_hold_and_every_name_in_the_file_is_of_one_thing(guest):
    guest.advance_to(2)
    window = guest.window
    svg = content(".svg", window.size(), painted_by(window))
    sight = Sight(svg)
    assert set(sight.ids.values()) == {1}
    assert sight.asked <= set(sight.ids)
    fields = [
        each for each in window.findChildren(QLineEdit)
        if each.text() and not each.visibleRegion().isEmpty() and each.visibleRegion().boundingRect() == each.rect()
    ]  # fmt: skip
    assert len(fields) > 3
    for field in fields:
        assert any(sight.texts[field.text()]), field.objectName()
    for chooser in window.findChildren(QComboBox):
        if chooser.visibleRegion().boundingRect() == chooser.rect() and chooser.currentText() in sight.texts:
            assert any(sight.texts[chooser.currentText()]), chooser.objectName()
    assert len(svg) < 1_500_000
    assert svg == content(".svg", window.size(), painted_by(window))


def test_the_lines_of_plots_are_clipped_to_their_plot_where_it_is(guest):
    guest.advance_to(3)
    panel = guest.window.panels["curves"]
    plot = panel.view.ci.items
    first = next(iter(plot))
    first.setXRange(1.0, 1.5, padding=0)
    guest.wait(lambda: abs(first.vb.viewRange()[0][0] - 1.0) < 1e-6)
    export = panel.exports()
    sight = Sight(content(".svg", export.size, export.paint))
    room = first.vb.sceneBoundingRect()
    inside = [each for each in sight.clips.values() if abs(np.ptp(bounds(each, np.eye(3))[[0, 2]]) - room.width()) < 4]
    assert inside
    offset = export.size.height() - panel.view.height()
    left, top, right, bottom = bounds(inside[0], np.eye(3))
    assert abs(left - room.left()) < 3
    assert abs(top - offset - room.top()) < 3
    assert abs(bottom - offset - room.bottom()) < 3
    assert abs(right - room.right()) < 3


def test_a_drawing_in_a_drawing_keeps_its_names_apart_from_those_around_it():
    drawing = (
        '<svg viewBox="0 0 10 10" xmlns="http://www.w3.org/2000/svg"><clipPath id="a"><rect x="0" y="0" width="5" '
        'height="5"/></clipPath><g clip-path="url(#a)"><rect x="1" y="1" width="9" height="9"/></g></svg>'
    )

    def paint(painter):
        for place in (20, 60):
            blank = QImage(1, 1, QImage.Format.Format_ARGB32)
            blank.fill(0)
            painter.drawImage(QRectF(place, place, 20, 20), told_drawing(blank, drawing))

    sight = Sight(content(".svg", SIZE, paint))
    assert set(sight.ids.values()) == {1}
    assert sight.shapes == [((22, 22), (20, 20, 30, 30)), ((62, 62), (60, 60, 70, 70))]


@pytest.mark.parametrize("smooth", [False, True])
def test_enlarged_pixels_are_squares_unless_they_were_to_be_smooth(smooth):
    def paint(painter):
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        dots = QImage(2, 2, QImage.Format.Format_RGB32)
        dots.fill(QColor("red"))
        painter.drawImage(QRectF(0, 0, 100, 100), dots)

    assert (b'image-rendering="pixelated"' in content(".svg", SIZE, paint)) != smooth
