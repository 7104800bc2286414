"""The axes of the decision map: numbers in real units, names of categories, and what each axis is."""

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from ui.canvas.picture import pretty_name
from ui.panels.points_axes import Axes, Span, tick_text, ticks
from ui.theme import Theme, font

if TYPE_CHECKING:
    from simulator.insight.input_planes import Direction

Marks = list[tuple[float, str]]


def axis_title(direction: "Direction") -> str:
    """Return what an axis is called: a feature with its unit, or a component with its share of the variance."""
    if direction.is_component:
        return f"{direction.name} · {100 * direction.share:.1f} % of the variance"
    name, unit = pretty_name(direction.name)
    return f"{name} ({unit})" if unit else name


def marks_of(direction: "Direction | None", span: Span, most: int) -> Marks:
    """Return the places and the texts along an axis: categories, or round numbers."""
    if direction is not None and direction.categories:
        names = direction.categories
        first, last = max(0, math.ceil(span.low)), min(len(names) - 1, math.floor(span.high))
        return [(float(place), names[place]) for place in range(first, last + 1)]
    return [(value, tick_text(value)) for value in ticks(span, most)]


def margins_of(direction: "Direction | None", size: float, width: float) -> tuple[float, float, float, float]:
    """Return the room left of, above, right of and below the plane, in pixels; it does not depend on the numbers."""
    wide = 4.6 if direction is not None and direction.categories else 3.4
    return min(wide * size, 0.3 * width), 0.5 * size, 0.8 * size, 2.7 * size


def paint_map_axes(
    painter: QPainter,
    theme: Theme,
    axes: Axes,
    marks: tuple[Marks, Marks],
    titles: tuple[str, str],
    size: float,
) -> None:
    """Draw quiet lines, what stands at them, and the names of the axes: one below, one inside at the top."""
    area = QRectF(axes.left, axes.top, axes.width, axes.height)
    small = font(0.82 * size)
    metrics = QFontMetricsF(small)
    painter.setFont(small)
    right = -math.inf
    for value, text in marks[0]:
        at = round(float(axes.across(value))) + 0.5
        _line(painter, theme, QPointF(at, area.top()), QPointF(at, area.bottom()))
        short = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(3 * size, area.width() / len(marks[0])))
        wide = metrics.horizontalAdvance(short)
        left = min(max(at - 0.5 * wide, 2.0), area.right() + 0.7 * size - wide)
        if left < right + 0.5 * size:
            continue  # it would touch the one before
        right = left + wide
        painter.setPen(theme.color("quiet"))
        painter.drawText(QPointF(left, area.bottom() + 0.3 * size + metrics.ascent()), short)
    bottom = math.inf
    for value, text in marks[1]:
        at = round(float(axes.down(value))) + 0.5
        _line(painter, theme, QPointF(area.left(), at), QPointF(area.right(), at))
        short = metrics.elidedText(text, Qt.TextElideMode.ElideRight, axes.left - 0.6 * size)
        down = min(max(at + 0.5 * metrics.capHeight(), area.top() + metrics.capHeight()), area.bottom())
        if down > bottom - 0.2 * size:
            continue
        bottom = down - metrics.capHeight()
        painter.setPen(theme.color("quiet"))
        painter.drawText(QPointF(area.left() - 0.4 * size - metrics.horizontalAdvance(short), down), short)
    bold = font(0.85 * size, bold=True)
    metrics = QFontMetricsF(bold)
    painter.setFont(bold)
    painter.setPen(theme.color("text"))
    name = metrics.elidedText(titles[0], Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(
        QPointF(area.right() - metrics.horizontalAdvance(name), area.bottom() + 1.35 * size + metrics.ascent()), name
    )
    name = metrics.elidedText(titles[1], Qt.TextElideMode.ElideRight, area.width() - 1.4 * size)
    if name:  # on a plate of its own, since anything may lie below it
        wide, high = metrics.horizontalAdvance(name), metrics.height()
        plate = QRectF(area.left() + 0.35 * size, area.top() + 0.35 * size, wide + 0.7 * size, high + 0.1 * size)
        ground = theme.color("canvas_bottom")
        ground.setAlphaF(0.82)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(plate, 0.3 * size, 0.3 * size)
        painter.setPen(theme.color("text"))
        painter.drawText(QPointF(plate.left() + 0.35 * size, plate.top() + metrics.ascent()), name)


def _line(painter: QPainter, theme: Theme, start: QPointF, end: QPointF) -> None:
    ink = theme.color("quiet")  # translucent, since the ground may have any colour
    ink.setAlphaF(0.18)
    painter.setPen(QPen(ink, 1.0))
    painter.drawLine(start, end)
