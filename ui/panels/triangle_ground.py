"""What lies below the points: areas, borders, lines of confidence and the names of the corners or axes."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF

from ui.canvas.lettering import Hand, hand, write
from ui.panels.points_axes import Axes
from ui.panels.points_picture import margins, paint_axes
from ui.panels.triangle_charts import COMPONENTS, POLYGON, SEGMENT, TRIANGLE, VALUES, Chart
from ui.theme import Theme, mixed

_TINT = {True: 0.10, False: 0.09}
_DOT, _GAP = 0.34, 0.3
_LARGEST_SEGMENT = 260.0


def frame_of(chart: Chart, width: float, height: float, base: float) -> Axes:
    """Return where the chart stands in a widget of that size, with room for the names round it."""
    names, small = hand(base, bold=True), hand(0.85 * base)
    widest = max((names.width(name) for name in chart.names), default=0.0) + (_DOT * 2 + _GAP) * base
    left, top, right, bottom = 6.0, 6.0, 6.0, 6.0
    line = names.height + 3.0
    if chart.kind == SEGMENT:
        left = right = 14.0
        top += line
        bottom += small.height + 2.0
    elif chart.kind == TRIANGLE:
        top += line + 5.0
        bottom += line
        left = right = 16.0
    elif chart.kind == VALUES:
        left, top, right, bottom = margins(base)
        left += 0.6 * base
    elif chart.kind == COMPONENTS:
        bottom += small.height + 6.0
    else:
        left = right = min(widest + 8.0, 0.3 * width)
        top = bottom = line + 4.0
    room_x, room_y = max(20.0, width - left - right), max(20.0, height - top - bottom)
    if chart.square:
        unit = min(room_x / chart.x.length, room_y / chart.y.length)
        wide, high = unit * chart.x.length, unit * chart.y.length
    else:
        wide, high = room_x, min(room_y, _LARGEST_SEGMENT)
        if chart.kind == VALUES:
            wide = high = min(room_x, room_y)
    return Axes(chart.x, chart.y, left + 0.5 * (room_x - wide), top + 0.5 * (room_y - high), wide, high)


def polygon_on(axes: Axes, points: NDArray[np.float64]) -> QPolygonF:
    """Return places of a chart as a polygon of the screen."""
    across, down = axes.across(points[:, 0]).tolist(), axes.down(points[:, 1]).tolist()
    return QPolygonF([QPointF(x, y) for x, y in zip(across, down, strict=True)])


def paint_ground(painter: QPainter, theme: Theme, chart: Chart, axes: Axes, base: float, width: float) -> None:
    """Draw everything that does not move, in a widget that is so wide."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    if len(chart.outline):
        painter.setBrush(theme.color("canvas_bottom"))
        painter.drawPolygon(polygon_on(axes, chart.outline))
    for nth, area in chart.areas:
        painter.setBrush(mixed(theme.canvas_bottom, _class_colour(theme, nth), _TINT[theme.dark]))
        painter.drawPolygon(polygon_on(axes, area))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    faint = mixed(theme.quiet, theme.surface, 0.66)
    painter.setPen(QPen(faint, 1.0, Qt.PenStyle.DotLine))
    for line in chart.levels:
        painter.drawPolyline(polygon_on(axes, line.points))
    painter.setPen(QPen(mixed(theme.quiet, theme.surface, 0.35), 1.2))
    for line in chart.borders:
        painter.drawPolyline(polygon_on(axes, line.points))
    if len(chart.outline) and chart.kind != VALUES:
        painter.setPen(QPen(mixed(theme.quiet, theme.surface, 0.45), 1.2))
        painter.drawPolygon(polygon_on(axes, chart.outline))
    if chart.kind == VALUES:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        paint_axes(painter, theme, axes, chart.axes, base)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    elif chart.kind == COMPONENTS:
        _paint_cross(painter, theme, chart, axes, base)
        _key(painter, theme, chart.names, width, axes.top + axes.height, base)
    if chart.kind in (POLYGON, COMPONENTS):
        small = hand(0.8 * base)
        write(painter, "projection", 8.0, 4.0 + small.ascent, small, theme.color("quiet"))
    _write_levels(painter, theme, chart, axes, base)
    _write_names(painter, theme, chart, axes, base, width)


def _class_colour(theme: Theme, nth: int) -> str:
    return theme.classes[nth % len(theme.classes)]


def _paint_cross(painter: QPainter, theme: Theme, chart: Chart, axes: Axes, base: float) -> None:
    """Draw the two axes of a projection through its middle, and name them; their units say nothing."""
    painter.setPen(QPen(theme.color("hairline"), 1.0))
    left, top = axes.left, axes.top
    across, down = float(axes.across(0.0)), float(axes.down(0.0))
    painter.drawRect(QRectF(left, top, axes.width, axes.height))
    painter.drawLine(QPointF(left, down), QPointF(left + axes.width, down))
    painter.drawLine(QPointF(across, top), QPointF(across, top + axes.height))
    small = hand(0.85 * base)
    write(painter, chart.axes[0], left + axes.width - 5.0, down - 4.0, small, theme.color("quiet"), align="right")
    write(painter, chart.axes[1], across + 5.0, top + small.ascent + 5.0, small, theme.color("quiet"))


def _write_levels(painter: QPainter, theme: Theme, chart: Chart, axes: Axes, base: float) -> None:
    """Write the probability of a line where it leaves the picture, if the picture is large enough."""
    small = hand(0.8 * base)
    ink = theme.color("quiet")
    if chart.kind == SEGMENT:
        baseline = axes.top + axes.height + small.ascent + 5.0
        for line in (*chart.levels, *chart.borders[:1]):
            write(painter, line.text, float(axes.across(line.points[0, 0])), baseline, small, ink, align="centre")
    elif chart.kind == TRIANGLE and axes.height >= 9.0 * small.height:
        seen: set[str] = set()
        for line in chart.levels:
            if line.text not in seen:  # at the right side only, where the first corner's line ends
                seen.add(line.text)
                x, y = float(axes.across(line.points[1, 0])), float(axes.down(line.points[1, 1]))
                write(painter, line.text, x + 5.0, y + 0.3 * small.ascent, small, ink)


def _write_names(painter: QPainter, theme: Theme, chart: Chart, axes: Axes, base: float, width: float) -> None:
    """Name the corners: a dot in the class's colour and its name in the colour of text, which is readable."""
    style = hand(base, bold=True)
    taken: dict[str, list[float]] = {}
    for nth, (name, corner) in enumerate(zip(chart.names, chart.corners, strict=False)):
        x, y = float(axes.across(corner[0])), float(axes.down(corner[1]))
        if chart.kind == SEGMENT:
            side, at = ("left", axes.left) if nth == 0 else ("right", axes.left + axes.width)
            _write_name(painter, theme, nth, name, at, axes.top - 7.0, style, side, 0.46 * axes.width)
        elif chart.kind == TRIANGLE:
            side = ("centre", "right", "left")[nth]
            wide = style.width(name) + (_DOT * 2 + _GAP) * style.size
            half = 0.5 * width
            at = (
                x,
                min(width - 4.0, max(x + 0.6 * base, half + 6.0 + wide)),
                max(4.0, min(x - 0.6 * base, half - 6.0 - wide)),
            )[nth]
            baseline = y - 12.0 if nth == 0 else y + style.ascent + 9.0
            _write_name(painter, theme, nth, name, at, baseline, style, side, (0.9 if nth == 0 else 0.47) * width)
        else:
            side = "left" if corner[0] > 0.2 else "right" if corner[0] < -0.2 else "centre"
            at = x + {"left": 8.0, "right": -8.0, "centre": 0.0}[side]
            baseline = y + 0.5 * style.ascent + (0.0 if side != "centre" else -13.0 if corner[1] > 0 else 14.0)
            room = {"left": width - at - 4.0, "right": at - 4.0, "centre": 0.5 * width}[side]
            lines = taken.setdefault(side, [])
            # Names that would cover others are left out: the ring has room for some fifteen.
            if any(abs(baseline - line) < style.height for line in lines):
                continue
            lines.append(baseline)
            _write_name(painter, theme, nth, name, at, baseline, style, side, room)


def _write_name(
    painter: QPainter, theme: Theme, nth: int, name: str, x: float, baseline: float, style: Hand, side: str, room: float
) -> None:
    dot, gap = _DOT * style.size, _GAP * style.size
    text = style.short(name, max(10.0, room - 2 * dot - gap))
    whole = 2 * dot + gap + style.width(text)
    left = x - {"left": 0.0, "centre": 0.5 * whole, "right": whole}[side]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(QColor(_class_colour(theme, nth))))
    painter.drawEllipse(QPointF(left + dot, baseline - 0.5 * style.ascent), dot, dot)
    write(painter, text, left + 2 * dot + gap, baseline, style, theme.color("text"))


def _key(painter: QPainter, theme: Theme, names: tuple[str, ...], width: float, top: float, base: float) -> None:
    """Write below a picture without corners which colour is which class, as many as there is room for."""
    style, between = hand(0.9 * base), 0.9 * base
    wide = [(_DOT * 2 + _GAP) * style.size + style.width(name) + between for name in names]
    while len(wide) > 1 and sum(wide) > width - 24.0:
        wide.pop()
    left, baseline = max(8.0, 0.5 * (width - sum(wide) + between)), top + style.ascent + 7.0
    for nth, each in enumerate(wide):
        _write_name(painter, theme, nth, names[nth], left, baseline, style, "left", each)
        left += each
    if len(wide) < len(names):
        write(painter, "…", left, baseline, style, theme.color("quiet"))
