"""Pictures as files: whatever paints, written as PNG, SVG or PDF, whole or not at all."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QPoint, QRect, QSize, QSizeF
from PySide6.QtGui import QImage, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from simulator.errors import ExportError

Paint = Callable[[QPainter], None]


def write(path: Path, size: QSize, paint: Paint, overwrite: bool = True) -> Path:
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
    return write_whole(path, content(suffix, size, paint), overwrite)


def content(suffix: str, size: QSize, paint: Paint) -> bytes:
    """Return what `paint` draws as the content of a file with a suffix of `_KINDS`.

    Raises
    ------
    ExportError
        When it cannot be drawn like that: a picture that is too large.
    """
    held = QByteArray()
    device = QBuffer(held)
    device.open(QIODevice.OpenModeFlag.WriteOnly)
    made = _KINDS[suffix](device, size, paint)
    device.close()
    if not made or held.isEmpty():
        what = f"a picture of {size.width():,} × {size.height():,} points cannot be drawn as {suffix[1:].upper()}"
        raise ExportError(what, "Draw it smaller.")
    return bytes(held.data())


def image(size: QSize, paint: Paint, sharp: int = 1) -> QImage:
    """Return what `paint` draws, with so many pixels for each logical one; a null image where it is too large."""
    made = QImage(size * sharp, QImage.Format.Format_ARGB32_Premultiplied)
    if made.isNull():  # larger than there is memory for: nothing can be painted on it
        return made
    made.fill(0)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(sharp, sharp)
    paint(painter)
    painter.end()
    return made


def pixels(picture: QImage) -> NDArray[np.uint8]:
    """Return the colours of an image, (height, width, 3): red, green, blue; what is transparent stands on black."""
    plain = picture.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : 3 * plain.width()].reshape(plain.height(), plain.width(), 3).copy()


def _png(device: QIODevice, size: QSize, paint: Paint) -> bool:
    return image(size, paint).save(device, "PNG")  # type: ignore[call-overload]


def _svg(device: QIODevice, size: QSize, paint: Paint) -> bool:
    generator = QSvgGenerator()
    generator.setOutputDevice(device)
    generator.setSize(size)
    generator.setViewBox(QRect(QPoint(0, 0), size))
    generator.setTitle("Nodeglow")
    return _painted(generator, paint)


def _pdf(device: QIODevice, size: QSize, paint: Paint) -> bool:
    writer = QPdfWriter(device)
    writer.setTitle("Nodeglow")
    writer.setResolution(96)
    points = QSizeF(0.75 * size.width(), 0.75 * size.height())
    writer.setPageSize(QPageSize(points, QPageSize.Unit.Point, "picture", QPageSize.SizeMatchPolicy.ExactMatch))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    return _painted(writer, paint)


def _painted(device: QSvgGenerator | QPdfWriter, paint: Paint) -> bool:
    painter = QPainter()
    if not painter.begin(device):
        return False
    paint(painter)
    return painter.end()


_KINDS: dict[str, Callable[[QIODevice, QSize, Paint], bool]] = {".png": _png, ".svg": _svg, ".pdf": _pdf}
