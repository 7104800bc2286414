"""Pictures as files: whatever paints, written as PNG, SVG or PDF, whole or not at all."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMarginsF, QPoint, QRect, QSize, QSizeF
from PySide6.QtGui import QImage, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from simulator.errors import ExportError


def write(path: Path, size: QSize, paint: Callable[[QPainter], None]) -> None:
    """Write what `paint` draws to a file, whole or not at all.

    Raises
    ------
    ExportError
        When the file cannot be written.
    """
    suffix = path.suffix.lower()
    handle = None
    try:
        number, name = tempfile.mkstemp(suffix=suffix, prefix=".render-", dir=path.parent or Path())
        os.close(number)
        handle = Path(name)
        if not {".png": _png, ".svg": _svg, ".pdf": _pdf}[suffix](handle, size, paint):
            raise ExportError(f"{path} could not be written", "Is there room in this folder?")
        handle.chmod(0o644)
        handle.replace(path)
    except OSError as error:
        if handle is not None:
            handle.unlink(missing_ok=True)
        if isinstance(error, ExportError):
            raise
        raise ExportError(f"{path} cannot be written: {error.strerror or error}", "Choose another folder.") from error


def image(size: QSize, paint: Callable[[QPainter], None], sharp: int = 1) -> QImage:
    """Return what `paint` draws, with so many pixels for each logical one."""
    made = QImage(size * sharp, QImage.Format.Format_ARGB32_Premultiplied)
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


def _png(path: Path, size: QSize, paint: Callable[[QPainter], None]) -> bool:
    return image(size, paint).save(str(path), "PNG")  # type: ignore[call-overload]


def _svg(path: Path, size: QSize, paint: Callable[[QPainter], None]) -> bool:
    generator = QSvgGenerator()
    generator.setFileName(str(path))
    generator.setSize(size)
    generator.setViewBox(QRect(QPoint(0, 0), size))
    generator.setTitle("Nodeglow")
    painter = QPainter()
    if not painter.begin(generator):
        return False
    paint(painter)
    return painter.end()


def _pdf(path: Path, size: QSize, paint: Callable[[QPainter], None]) -> bool:
    writer = QPdfWriter(str(path))
    writer.setTitle("Nodeglow")
    writer.setResolution(96)
    points = QSizeF(0.75 * size.width(), 0.75 * size.height())
    writer.setPageSize(QPageSize(points, QPageSize.Unit.Point, "picture", QPageSize.SizeMatchPolicy.ExactMatch))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    painter = QPainter()
    if not painter.begin(writer):
        return False
    paint(painter)
    return painter.end()
