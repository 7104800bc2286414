"""Marks at neurons that cannot learn or are out of bounds: a shape of its own for each kind, not a colour alone."""

import math

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from ui.canvas.page import Page
from ui.canvas.picture import Picture
from ui.theme import Theme

_INKS = {"silent": "quiet", "saturated": "warning", "exploding": "bad"}
_FLATTENS = ((-0.7, 0.5), (-0.25, 0.45), (0.0, -0.45), (0.7, -0.5))
_LEAST, _MOST = 3.2, 8.5
_LEAST_IN_CELLS = 2.4
_CLEAR = 3.0
"""Room for the ring around a chosen neuron."""


def paint_ailments(painter: QPainter, page: Page, picture: Picture, theme: Theme) -> None:
    """Draw a small badge at the upper right of every ailing neuron that is shown.

    Silent: a ring that is struck out. Saturated: a curve that runs flat. Exploding: a star.
    """
    if not picture.ailments or picture.act is not None:
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for ailment in picture.ailments:
        if ailment.layer >= len(page.layout.columns):
            continue
        column = page.layout.columns[ailment.layer]
        place = column.place(ailment.unit)
        if place is None:
            continue
        radius = min(column.cell) if column.celled else column.radius
        size = min(_MOST * max(1.0, page.scale), max(_LEAST, 0.34 * radius))
        if column.celled:
            size = min(size, 0.8 * radius)
            if size < _LEAST_IN_CELLS:
                continue  # it would hide the cells beside it; the card tells it
        reach = 0.0 if column.celled else (radius + _CLEAR + 0.7 * size) * math.sqrt(0.5)
        x, y = page.at(float(column.xs[place]), float(column.y[place]))
        paint_badge(painter, x + reach, y - reach, size, ailment.kind, theme)
    painter.restore()


def paint_badge(painter: QPainter, x: float, y: float, size: float, kind: str, theme: Theme) -> None:
    """Draw the badge of an ailment about a point, with this radius."""
    ink, centre = theme.color(_INKS[kind]), QPointF(x, y)
    painter.setPen(QPen(theme.color("canvas_bottom"), max(1.0, 0.3 * size)))
    painter.setBrush(theme.color("raised"))
    painter.drawEllipse(centre, 1.15 * size, 1.15 * size)
    pen = QPen(ink, max(1.1, 0.24 * size))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    reach = 0.62 * size
    if kind == "silent":
        painter.drawEllipse(centre, reach, reach)
        painter.drawLine(QPointF(x - reach, y + reach), QPointF(x + reach, y - reach))
    elif kind == "saturated":
        painter.drawPolyline(
            QPolygonF(
                [
                    QPointF(x + u * size, y + v * size)
                    for u, v in ((-0.7, 0.5), (-0.25, 0.45), (0.0, -0.45), (0.7, -0.5))
                ]
            )
        )
    else:
        for turn in range(4):
            along = math.pi * turn / 4
            arm = QPointF(0.8 * size * math.cos(along), 0.8 * size * math.sin(along))
            painter.drawLine(centre - arm, centre + arm)
