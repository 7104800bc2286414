"""How a row looks: a disc for training, a ring for testing, a diamond with a rim for a mistake."""

import functools
from collections.abc import Iterable

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from ui.portrait import portrayed
from ui.theme import Theme

Look = tuple[int, bool, bool]
"""A class, whether it is a test row, whether it is a mistake."""


def radius_of(points: int, extent: float) -> float:
    """Return how large the points of a crowd are in a picture of that extent, in pixels."""
    crowd = 4.6 if points <= 150 else 3.9 if points <= 500 else 3.2 if points <= 1_200 else 2.7
    return max(2.2, min(crowd * 1.25, crowd * extent / 320.0))


def paint_points(painter: QPainter, theme: Theme, points: Iterable[tuple[float, float, Look]], radius: float) -> None:
    """Draw points (x, y, look) in their order: as small images, or as shapes into a picture."""
    if portrayed() is not None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for x, y, look in points:
            _stamp(painter, theme, x, y, look, radius)
        return
    ratio, reach, draw = painter.device().devicePixelRatioF(), _reach(radius), painter.drawImage
    images: dict[Look, QImage] = {}
    for x, y, look in points:
        image = images.get(look)
        if image is None:
            image = images[look] = _sprite(theme, look, round(radius, 1), ratio)
        draw(QPointF(x - reach, y - reach), image)


def _reach(radius: float) -> float:
    return round(1.9 * radius + 2.0)


@functools.lru_cache(maxsize=256)
def _sprite(theme: Theme, look: Look, radius: float, ratio: float) -> QImage:
    reach = _reach(radius)
    side = round(2 * reach * ratio)
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _stamp(painter, theme, reach, reach, look, radius)
    painter.end()
    return image


def _stamp(painter: QPainter, theme: Theme, x: float, y: float, look: Look, radius: float) -> None:
    nth, test, wrong = look
    ink, ground, at = QColor(theme.classes[nth % len(theme.classes)]), theme.color("canvas_bottom"), QPointF(x, y)
    rim = max(1.2, 0.42 * radius)
    if wrong:
        reach = 1.55 * radius
        painter.setPen(QPen(theme.color("text"), min(1.3, 0.36 * radius), Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap,
                            Qt.PenJoinStyle.MiterJoin))  # fmt: skip
        painter.setBrush(ground if test else ink)
        painter.drawPolygon(_diamond(at, reach))
        if test:
            painter.setPen(QPen(ink, rim, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.MiterJoin))
            painter.drawPolygon(_diamond(at, reach - 0.9 - 0.6 * rim))
        return
    if test:
        painter.setPen(QPen(ink, rim))
        painter.setBrush(ground)
        painter.drawEllipse(at, radius - 0.4 * rim, radius - 0.4 * rim)
        return
    painter.setPen(QPen(ground, 0.7))
    painter.setBrush(ink)
    painter.drawEllipse(at, radius, radius)


def _diamond(at: QPointF, reach: float) -> QPolygonF:
    return QPolygonF([at + QPointF(0, -reach), at + QPointF(reach, 0), at + QPointF(0, reach), at + QPointF(-reach, 0)])
