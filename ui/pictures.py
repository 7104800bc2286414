"""Pictures as files: whatever paints, written as PNG, SVG or PDF, whole or not at all."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QSize, QSizeF
from PySide6.QtGui import QImage, QPageSize, QPainter, QPdfWriter
from PySide6.QtWidgets import QWidget

from simulator.errors import ExportError
from ui import vector
from ui.portrait import Portrait, portraying
from ui.theme import FONT_FAMILY

Paint = Callable[[QPainter], None]
PLAIN = Portrait()


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
    return bytes(held.data())


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
    with portraying(dataclasses.replace(portrait, sharp=1.0, curves=True, pieces=True)):
        svg = vector.written(size, paint)
    fonts = f"{FONT_FAMILY}, 'Helvetica Neue', Arial, sans-serif"  # those that stand in for the bundled one
    return device.write(svg.replace(f'font-family="{FONT_FAMILY}"'.encode(), f'font-family="{fonts}"'.encode())) > 0


def _pdf(device: QIODevice, size: QSize, paint: Paint, portrait: Portrait) -> bool:
    writer = QPdfWriter(device)
    writer.setTitle("Nodeglow")
    writer.setResolution(96)
    points = QSizeF(0.75 * size.width(), 0.75 * size.height())
    writer.setPageSize(QPageSize(points, QPageSize.Unit.Point, "picture", QPageSize.SizeMatchPolicy.ExactMatch))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    painter = QPainter()
    if not painter.begin(writer):
        return False
    with portraying(dataclasses.replace(portrait, sharp=1.0, curves=True)):  # curves are sharp at every scale
        paint(painter)
    return painter.end()


_KINDS: dict[str, Callable[[QIODevice, QSize, Paint, Portrait], bool]] = {".png": _png, ".svg": _svg, ".pdf": _pdf}
