"""Icons that are drawn in the size in which they are asked for; a picture of curves can take their curves."""

import functools
from collections.abc import Mapping

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize
from PySide6.QtGui import QIcon, QIconEngine, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from ui.portrait import portrayed
from ui.vector import told_drawing

_FINER = 8
"""How many pixels an icon has in a picture of curves for each on the screen: Qt's controls copy pixels there, too."""


class Drawing(QIconEngine):
    """Draws SVG for whoever wants an icon.

    Parameters
    ----------
    drawn
        The SVG of every mode; what it does not name looks as the normal one.
    """

    def __init__(self, drawn: Mapping[QIcon.Mode, str]) -> None:
        super().__init__()
        self._drawn = dict(drawn)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        QSvgRenderer(QByteArray(self._of(mode).encode())).render(painter, QRectF(rect))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:  # noqa: N802 - Qt's name
        picture = portrayed()
        finer = _FINER if picture is not None and picture.curves else 1
        # A pixmap of its own: a copy of one would not know any more what it was drawn from.
        return QPixmap.fromImage(_image(self._of(mode), finer * size.width(), finer * size.height()))

    def clone(self) -> QIconEngine:
        return Drawing(self._drawn)

    def _of(self, mode: QIcon.Mode) -> str:
        return self._drawn.get(mode) or self._drawn[QIcon.Mode.Normal]


@functools.lru_cache(1024)
def _image(drawing: str, width: int, height: int) -> QImage:
    image = QImage(max(1, width), max(1, height), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(drawing.encode())).render(painter, QRectF(image.rect()))
    painter.end()
    return told_drawing(image, drawing)
