"""Pictures as SVG: what Qt writes of them, with everything clipped where it is on the screen.

Qt's generator forgets that widgets are clipped to themselves and to what they stand in, and it takes the clips that
they set for ones of the whole picture, and those that a painter has left for ones that last (Qt 6.11). So widgets are
drawn one by one, each as a picture of its own inside the other, and whatever is drawn is recorded before it is written:
a recording that is played sets every clip anew, with the transform that it was meant in.

A picture travels inside another one as the text of an image: so do the curves of icons.
"""

import base64
import re
from collections.abc import Callable
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

from PySide6.QtCore import QBuffer, QByteArray, QPoint, QRect, QSize
from PySide6.QtGui import QImage, QPainter, QPicture, QRegion
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

_DRAWING = "drawing"
_IMAGE = re.compile(
    rb'<image x="(?P<x>[^"]+)" y="(?P<y>[^"]+)" width="(?P<width>[^"]+)" height="(?P<height>[^"]+)"[^>]*?'
    rb'xlink:href="data:image/png;base64,(?P<pixels>[^"]+)"\s*/>'
)
_MILLIMETRES = re.compile(rb'width="[^"]*mm" height="[^"]*mm"')
_NAME = re.compile(r'(?<= id=")|(?<=url\(#)|(?<=href="#)')
_SHAPE = re.compile(r"<(?:rect|path|line|polyline|polygon|circle|ellipse|text|image)\b")
_PLAIN_PEN = {"fill-opacity": "1", "stroke-opacity": "1", "stroke-dasharray": "none"}
_OPENED = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def told_drawing(image: QImage, drawing: str) -> QImage:
    """Return an image that stands for a drawing (an SVG) where an SVG is written, and for its pixels elsewhere."""
    image.setText(_DRAWING, drawing)
    return image


def written(size: QSize, paint: Callable[[QPainter], None]) -> bytes:
    """Return what `paint` draws as an SVG; nothing where it cannot be drawn.

    Parameters
    ----------
    size
        In logical pixels.
    """
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)  # the other one does not clip
    held = QByteArray()
    device = QBuffer(held)
    generator.setOutputDevice(device)
    generator.setSize(size)
    generator.setViewBox(QRect(QPoint(0, 0), size))
    generator.setTitle("Nodeglow")
    recorded = _recorded(paint)
    generator.setResolution(recorded.logicalDpiX())  # a recording is scaled to whatever it is played on
    painter = QPainter()
    if not painter.begin(generator):
        return b""
    painter.drawPicture(0, 0, recorded)
    painter.end()
    svg = _MILLIMETRES.sub(f'width="{size.width()}" height="{size.height()}"'.encode(), bytes(held.data()), 1)
    return _with_curves(svg)


def draw_widgets(painter: QPainter, widget: QWidget, flags: QWidget.RenderFlag) -> None:
    """Draw a widget and all that stands in it as pictures within the picture that is written.

    Parameters
    ----------
    flags
        How the widget itself is drawn; whether its children are is not asked.
    """
    _draw_widget(painter, widget, QPoint(), widget.rect(), flags & ~QWidget.RenderFlag.DrawChildren)


def _draw_widget(painter: QPainter, widget: QWidget, at: QPoint, seen: QRect, flags: QWidget.RenderFlag) -> None:
    """Draw a widget that stands at a place, of which a part is seen (in its own coordinates)."""

    def paint(inner: QPainter) -> None:
        QWidget.render(widget, inner, QPoint(), QRegion(), flags)  # a view of a scene has another one

    _draw_inside(painter, at, seen, written(widget.size(), paint).decode())
    for child in widget.children():  # the lowest first
        if isinstance(child, QWidget) and not child.isHidden() and not child.isWindow():
            place = child.pos()
            part = child.rect() & seen.translated(-place)
            if not part.isEmpty():
                _draw_widget(painter, child, at + place, part, flags & ~QWidget.RenderFlag.DrawWindowBackground)


def _draw_inside(painter: QPainter, at: QPoint, seen: QRect, svg: str) -> None:
    """Draw the seen part of a picture into another, if there is anything."""
    drawn = svg[svg.index("<defs>") + len("<defs>") : svg.rindex("</svg>")]
    if not _SHAPE.search(drawn, drawn.index("</defs>")):
        return
    x, y, width, height = seen.x(), seen.y(), seen.width(), seen.height()
    clip = f'<clipPath id="seen"><rect x="{x}" y="{y}" width="{width}" height="{height}"/></clipPath>'
    box = f'viewBox="{x} {y} {width} {height}" clip-path="url(#seen)"'
    carrier = QImage(1, 1, QImage.Format.Format_ARGB32_Premultiplied)
    carrier.fill(0)
    painter.drawImage(seen.translated(at), told_drawing(carrier, f"<svg {_OPENED} {box}><defs>{clip}{drawn}</svg>"))


def _recorded(paint: Callable[[QPainter], None]) -> QPicture:
    recorded = QPicture()
    painter = QPainter(recorded)
    paint(painter)
    painter.end()
    return recorded


def _with_curves(svg: bytes) -> bytes:
    """Put the curves of icons and widgets where Qt put their pixels, and keep the squares of enlarged pixels sharp."""
    parts = 0

    def curves(found: re.Match[bytes]) -> bytes:
        nonlocal parts
        image = QImage.fromData(base64.b64decode(found["pixels"]), "PNG")  # type: ignore[call-overload]
        x, y, width, height = (float(found[name]) for name in ("x", "y", "width", "height"))
        drawing = image.text(_DRAWING)
        if drawing:
            parts += 1
            return _placed(_NAME.sub(f"p{parts}-", drawing), x, y, width, height).encode()
        # Qt does not smooth what it was not asked to; a browser does unless it is told.
        enlarged = image.width() < width or image.height() < height
        return found[0].replace(b'"optimizeSpeed"', b'"pixelated"', 1) if enlarged else found[0]

    return _IMAGE.sub(curves, svg)


def _placed(drawing: str, x: float, y: float, width: float, height: float) -> str:
    """Return an SVG as a group that fills a rectangle of another one."""
    look = {**_PLAIN_PEN, **ElementTree.fromstring(drawing).attrib}
    left, top, wide, high = (float(each) for each in look.pop("viewBox").split())
    across, down = width / wide, height / high
    look["transform"] = f"matrix({across:g} 0 0 {down:g} {x - across * left:g} {y - down * top:g})"
    said = " ".join(f"{name}={quoteattr(value)}" for name, value in look.items() if name not in ("width", "height"))
    return f"<g {said}>{drawing[drawing.index('>') + 1 : drawing.rindex('<')]}</g>"
