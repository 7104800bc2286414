"""Draws points in the plane: training points as discs, test points as rings, with axes in real units."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QLinearGradient, QPainter, QPen

from ui.canvas import colour
from ui.panels.points_axes import Axes, Span, tick_text, ticks
from ui.theme import Theme, font

MOST_DRAWN = 4_000
"""More points than this are not all drawn: they would hide each other, and the brush would lag behind the mouse."""


class Inks:
    """The colours of points: one a class, or a scale from low to high values.

    Parameters
    ----------
    classes
        How many classes there are; 0 for values.
    span
        The lowest and the highest value of the scale.
    """

    def __init__(self, theme: Theme, classes: int, span: Span | None = None) -> None:
        self.theme, self.classes, self.span = theme, classes, span
        self._ramp = colour.ramp(theme.negative, theme.zero, theme.positive, theme.node_dark, theme.node_light)

    def colours(self) -> list[QColor]:
        """Return all colours: one a class, or the 256 of the scale."""
        if self.classes:
            names = self.theme.classes
            return [QColor(names[place % len(names)]) for place in range(self.classes)]
        return [QColor(*each) for each in self._ramp.rgb.tolist()]

    def places(self, target: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return which of the colours each target has, (points,)."""
        if self.classes or self.span is None:
            return target.astype(np.int64)
        middle = 0.5 * (self.span.low + self.span.high)
        return colour.places(target - middle, 0.5 * self.span.length).astype(np.int64)

    def of(self, target: float) -> QColor:
        """Return the colour of one target."""
        return self.colours()[int(self.places(np.array([target]))[0])]


def value_span(values: NDArray[np.float64]) -> Span:
    """Return the ends of the scale of colours: symmetric about zero if zero lies within the values."""
    if not len(values):
        return Span(-1.0, 1.0)
    low, high = float(values.min()), float(values.max())
    if low < 0.0 < high:
        clamp = max(1e-9, -low, high)
        power = 10.0 ** np.floor(np.log10(clamp))
        clamp = float(next(step * power for step in (1, 1.5, 2, 3, 5, 10) if step * power >= clamp * (1 - 1e-9)))
        return Span(-clamp, clamp)
    return Span(low, high) if high > low else Span(low - 1.0, high + 1.0)


def margins(size: float) -> tuple[float, float, float, float]:
    """Return the room left of, above, right of and below the plane for numbers and names, in pixels."""
    return 2.7 * size, 0.6 * size, 0.8 * size, 1.7 * size


def paint_axes(painter: QPainter, theme: Theme, axes: Axes, names: tuple[str, str], size: float) -> None:
    """Draw quiet lines, numbers along two edges, and the names of the axes."""
    area = QRectF(axes.left, axes.top, axes.width, axes.height)
    small = font(0.85 * size)
    metrics = QFontMetricsF(small)
    painter.setFont(small)
    most = max(2, min(7, round(axes.width / (2.6 * size))))
    for value in ticks(axes.x, most):
        at = round(float(axes.across(value))) + 0.5
        _line(painter, theme, QPointF(at, area.top()), QPointF(at, area.bottom()), zero=value == 0.0)
        text = tick_text(value)
        wide = metrics.horizontalAdvance(text)
        painter.setPen(theme.color("quiet"))
        left = min(max(at - 0.5 * wide, area.left() - 0.3 * wide), area.right() + 0.6 * size - wide)
        painter.drawText(QPointF(left, area.bottom() + 0.35 * size + metrics.ascent()), text)
    for value in ticks(axes.y, most):
        at = round(float(axes.down(value))) + 0.5
        _line(painter, theme, QPointF(area.left(), at), QPointF(area.right(), at), zero=value == 0.0)
        text = tick_text(value)
        painter.setPen(theme.color("quiet"))
        down = min(max(at + 0.5 * metrics.capHeight(), area.top() + metrics.capHeight()), area.bottom())
        painter.drawText(QPointF(area.left() - 0.45 * size - metrics.horizontalAdvance(text), down), text)
    _names(painter, theme, area, names, size)


def _line(painter: QPainter, theme: Theme, start: QPointF, end: QPointF, *, zero: bool) -> None:
    ink = theme.color("quiet")  # translucent, since the ground may have any colour
    ink.setAlphaF(0.4 if zero else 0.16)
    painter.setPen(QPen(ink, 1.0))
    painter.drawLine(start, end)


def _names(painter: QPainter, theme: Theme, area: QRectF, names: tuple[str, str], size: float) -> None:
    """Name the axes in the corners at their ends, below all points."""
    painter.setPen(theme.color("text"))
    style = font(0.85 * size, bold=True)
    painter.setFont(style)
    metrics = QFontMetricsF(style)
    shown = [
        metrics.elidedText(name.replace("_", " "), Qt.TextElideMode.ElideRight, 0.8 * area.width()) for name in names
    ]
    left = area.right() - 0.45 * size - metrics.horizontalAdvance(shown[0])
    painter.drawText(QPointF(left, area.bottom() - 0.5 * size), shown[0])
    painter.drawText(QPointF(area.left() + 0.45 * size, area.top() + 0.35 * size + metrics.ascent()), shown[1])


def paint_points(
    painter: QPainter,
    inks: Inks,
    axes: Axes,
    points: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]],
    size: float,
    crowd: int,
) -> None:
    """Draw points (x, y, target, test) in their order, and those for testing above the others.

    The larger the crowd that they belong to, the smaller they are.
    """
    x, y, target, test = points
    theme = inks.theme
    radius = dot_share(crowd) * min(0.3 * size, max(0.2 * size, axes.width / 90))
    colours, places = inks.colours(), inks.places(target).tolist()
    across, down = axes.across(x).tolist(), axes.down(y).tolist()
    # A line in the colour of the ground parts neighbours; what is near zero has nearly that colour itself.
    painter.setPen(QPen(theme.color("canvas_bottom" if inks.classes else "quiet"), 0.6 if inks.classes else 0.5))
    brushes = [QBrush(each) for each in colours]
    for at in np.flatnonzero(~test).tolist():
        painter.setBrush(brushes[places[at]])
        painter.drawEllipse(QPointF(across[at], down[at]), radius, radius)
    pens = [QPen(each, max(1.2, 0.45 * radius)) for each in colours]
    painter.setBrush(theme.color("canvas_bottom"))
    for at in np.flatnonzero(test).tolist():
        painter.setPen(pens[places[at]])
        painter.drawEllipse(QPointF(across[at], down[at]), radius - 0.3, radius - 0.3)


def dot_share(crowd: int) -> float:
    """Return how large the points of a crowd are, as a share of the largest."""
    return 1.3 if crowd <= 150 else 1.0 if crowd <= 600 else 0.85 if crowd <= 2_500 else 0.65


def paint_scale(painter: QPainter, inks: Inks, area: QRectF, size: float) -> None:
    """Draw the colour bar of values, with the numbers at its ends and in its middle below it."""
    if inks.span is None:
        return
    bar = QRectF(area.left(), area.top(), area.width(), 0.5 * size)
    fill = QLinearGradient(bar.topLeft(), bar.topRight())
    colours = inks.colours()
    for place in range(0, 256, 15):
        fill.setColorAt(place / 255, colours[place])
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(fill)
    painter.drawRoundedRect(bar, 0.25 * size, 0.25 * size)
    small = font(0.85 * size)
    metrics = QFontMetricsF(small)
    painter.setFont(small)
    painter.setPen(inks.theme.color("quiet"))
    middle = 0.5 * (inks.span.low + inks.span.high)
    for share, value in ((0.0, inks.span.low), (0.5, middle), (1.0, inks.span.high)):
        text = tick_text(float(f"{value:.3g}"))
        left = bar.left() + share * (bar.width() - metrics.horizontalAdvance(text))
        painter.drawText(QPointF(left, bar.bottom() + 0.2 * size + metrics.ascent()), text)


def thinned(count: int) -> NDArray[np.int64]:
    """Return which of so many points are drawn: all, or evenly some of them, and the last ones, which were drawn."""
    if count <= MOST_DRAWN:
        return np.arange(count)
    recent = min(1_000, count)
    step = -(-(count - recent) // (MOST_DRAWN - recent))
    return np.concatenate([np.arange(0, count - recent, step), np.arange(count - recent, count)])
