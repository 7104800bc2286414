"""Pictures as files: whatever paints, written as PNG, SVG or PDF, whole or not at all."""

import base64
import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QPoint, QRect, QSize, QSizeF
from PySide6.QtGui import QImage, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from simulator.errors import ExportError
from ui.icons import drawing_of
from ui.portrait import Portrait, portraying
from ui.theme import FONT_FAMILY

Paint = Callable[[QPainter], None]
PLAIN = Portrait()
_IMAGE = re.compile(
    rb'<image x="(?P<x>[^"]+)" y="(?P<y>[^"]+)" width="(?P<width>[^"]+)" height="(?P<height>[^"]+)"[^>]*?'
    rb'xlink:href="data:image/png;base64,(?P<pixels>[^"]+)"\s*/>'
)
_PLAIN_PEN = {"fill-opacity": "1", "stroke-opacity": "1", "stroke-dasharray": "none"}
_FALLBACKS = "'Helvetica Neue', Arial, sans-serif"


@dataclasses.dataclass(frozen=True)
class View:
    """Something of the window that pictures and films can be made of.

    Attributes
    ----------
    title
        What it is called.
    widget
        What shows it.
    seen
        Returns (size, what draws it) as it stands on the screen, or None while it is not shown.
    """

    title: str
    widget: QWidget
    seen: Callable[[], tuple[QSize, Paint] | None]


def write(path: Path, size: QSize, paint: Paint, overwrite: bool = True, portrait: Portrait = PLAIN) -> Path:
    """Write what `paint` draws to a file, whole or not at all.

    Parameters
    ----------
    path
        Where to; its suffix says as what.
    size
        In logical pixels.
    paint
        Draws, with a painter of that size.
    overwrite
        Whether an existing file may be replaced.
    portrait
        How sharp, and whether with what is behind the view.

    Returns
    -------
    The file that was written.

    Raises
    ------
    ExportError
        When the file cannot be written; an old one is as it was, and nothing is left behind.
    """
    from simulator.interchange.whole_files import check_writable, write_whole

    suffix = path.suffix.lower()
    if suffix not in _KINDS:
        hint = f"Give a file name that ends in one of: {', '.join(_KINDS)}."
        raise ExportError(f"cannot draw into {path.name!r}", hint)
    check_writable(path, overwrite)  # to draw may take long
    return write_whole(path, content(suffix, size, paint, portrait), overwrite)


def content(suffix: str, size: QSize, paint: Paint, portrait: Portrait = PLAIN) -> bytes:
    """Return what `paint` draws as the content of a file with a suffix of `_KINDS`.

    Raises
    ------
    ExportError
        When it cannot be drawn like that: a picture that is too large.
    """
    held = QByteArray()
    device = QBuffer(held)
    device.open(QIODevice.OpenModeFlag.WriteOnly)
    made = _KINDS[suffix](device, size, paint, portrait)
    device.close()
    if not made or held.isEmpty():
        what = f"a picture of {size.width():,} × {size.height():,} points cannot be drawn as {suffix[1:].upper()}"
        raise ExportError(what, "Draw it smaller.")
    return _TIDIED.get(suffix, bytes)(bytes(held.data()))


def image(size: QSize, paint: Paint, portrait: Portrait = PLAIN) -> QImage:
    """Return what `paint` draws as pixels; a null image where it is too large."""
    made = QImage(size_in_pixels(size, portrait.sharp), QImage.Format.Format_ARGB32_Premultiplied)
    if made.isNull():  # larger than there is memory for: nothing can be painted on it
        return made
    made.fill(0)
    made.setDevicePixelRatio(portrait.sharp)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    with portraying(portrait):
        paint(painter)
    painter.end()
    made.setDevicePixelRatio(1.0)  # whoever opens it is told of pixels
    return made


def size_in_pixels(size: QSize, sharp: float) -> QSize:
    """Return the size of a picture in pixels."""
    return QSize(max(1, round(size.width() * sharp)), max(1, round(size.height() * sharp)))


def pixels(picture: QImage) -> NDArray[np.uint8]:
    """Return the colours of an image, (height, width, 3): red, green, blue; what is transparent stands on black."""
    plain = picture.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : 3 * plain.width()].reshape(plain.height(), plain.width(), 3).copy()


def _png(device: QIODevice, size: QSize, paint: Paint, portrait: Portrait) -> bool:
    return image(size, paint, portrait).save(device, "PNG")  # type: ignore[call-overload]


def _svg(device: QIODevice, size: QSize, paint: Paint, portrait: Portrait) -> bool:
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)  # the other one does not clip
    generator.setOutputDevice(device)
    generator.setResolution(96)  # so that a browser shows it in its own size
    generator.setSize(size)
    generator.setViewBox(QRect(QPoint(0, 0), size))
    generator.setTitle("Nodeglow")
    return _painted(generator, paint, portrait)


def _pdf(device: QIODevice, size: QSize, paint: Paint, portrait: Portrait) -> bool:
    writer = QPdfWriter(device)
    writer.setTitle("Nodeglow")
    writer.setResolution(96)
    points = QSizeF(0.75 * size.width(), 0.75 * size.height())
    writer.setPageSize(QPageSize(points, QPageSize.Unit.Point, "picture", QPageSize.SizeMatchPolicy.ExactMatch))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    return _painted(writer, paint, portrait)


def _painted(device: QSvgGenerator | QPdfWriter, paint: Paint, portrait: Portrait) -> bool:
    painter = QPainter()
    if not painter.begin(device):
        return False
    with portraying(dataclasses.replace(portrait, sharp=1.0, curves=True)):  # curves are sharp at every scale
        paint(painter)
    return painter.end()


def _tidied_svg(svg: bytes) -> bytes:
    """Put the curves of icons where Qt put their pixels, and name the fonts that stand in for the bundled one."""
    svg = _IMAGE.sub(_as_curves, svg)
    return svg.replace(f'font-family="{FONT_FAMILY}"'.encode(), f'font-family="{FONT_FAMILY}, {_FALLBACKS}"'.encode())


def _as_curves(found: re.Match[bytes]) -> bytes:
    x, y, width, height = (float(found[name]) for name in ("x", "y", "width", "height"))
    drawing = drawing_of(QImage.fromData(base64.b64decode(found["pixels"]), "PNG"))  # type: ignore[call-overload]
    if not drawing:
        return found[0]
    look = {**_PLAIN_PEN, **ElementTree.fromstring(drawing).attrib}
    left, top, wide, high = (float(each) for each in look.pop("viewBox").split())
    across, down = width / wide, height / high
    look["transform"] = f"matrix({across:g} 0 0 {down:g} {x - across * left:g} {y - down * top:g})"
    said = " ".join(f"{name}={quoteattr(value)}" for name, value in look.items() if name not in ("width", "height"))
    return f"<g {said}>{drawing[drawing.index('>') + 1 : drawing.rindex('<')]}</g>".encode()


_KINDS: dict[str, Callable[[QIODevice, QSize, Paint, Portrait], bool]] = {".png": _png, ".svg": _svg, ".pdf": _pdf}
_TIDIED = {".svg": _tidied_svg}
