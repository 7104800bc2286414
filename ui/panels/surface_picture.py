"""Paints a loss surface: colours by the logarithm of the loss, contours, axes, and the scale of colours."""

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPen

from simulator.explain import figure
from ui.canvas import colour
from ui.panels.distributions_content import axis_text
from ui.panels.plane_lines import draw_pieces
from ui.panels.points_axes import Axes, ticks
from ui.theme import Theme, font

if TYPE_CHECKING:
    from ui.panels.surface_jobs import Chart


class Drawing:
    """One painting of all that stays while the path moves.

    Parameters
    ----------
    painter, theme, base
        On what, in which colours, and the height of the font.
    axes, names
        Where the plane is, and what its axes are called.
    chart
        What is painted.
    """

    def __init__(
        self, painter: QPainter, theme: Theme, base: float, axes: Axes, names: tuple[str, str], chart: "Chart"
    ) -> None:
        self.painter, self.theme, self.base, self.axes, self.names, self.chart = (
            painter,
            theme,
            base,
            axes,
            names,
            chart,
        )
        self.area = QRectF(axes.left, axes.top, axes.width, axes.height)

    def draw(self, *, scaled: bool, stale: bool) -> None:
        """Paint it; with a scale where there is room, and faded where it is of another network."""
        painter, area = self.painter, self.area
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(area, self.theme.color("track"))
        painter.save()
        painter.setClipRect(area)
        painter.setOpacity(0.45 if stale else 1.0)
        self._surface()
        painter.restore()
        self._edges()
        if scaled:
            self._scale(QRectF(area.right() + 0.8 * self.base, area.top(), 0.7 * self.base, area.height()))

    def _surface(self) -> None:
        painter, axes, chart = self.painter, self.axes, self.chart
        window, size = chart.surface.window, len(chart.shades)
        # The outermost places lie on the edges of the part: half of their squares lies beyond.
        half_x = 0.5 * (window.right - window.left) / (size - 1)
        half_y = 0.5 * (window.high - window.low) / (size - 1)

        def part(dx: float, dy: float) -> QRectF:
            left, right = (float(axes.across(x)) for x in (window.left - dx, window.right + dx))
            top, bottom = (float(axes.down(y)) for y in (window.high + dy, window.low - dy))
            return QRectF(QPointF(left, top), QPointF(right, bottom))

        painter.save()
        painter.setClipRect(part(0.0, 0.0), Qt.ClipOperation.IntersectClip)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(part(half_x, half_y), picture(chart.shades, self.theme))
        painter.restore()
        ink = self.theme.color("text")
        ink.setAlphaF(0.26)
        painter.setPen(QPen(ink, 1.0))
        whole = part(0.0, 0.0)
        first, step = (whole.left(), whole.bottom()), (whole.width() / (size - 1), -whole.height() / (size - 1))
        for _level, pieces in chart.contours:
            draw_pieces(painter, pieces, first, step)

    def _edges(self) -> None:
        painter, axes, area, theme, base = self.painter, self.axes, self.area, self.theme, self.base
        small = font(max(9.0, 0.85 * base))
        metrics = QFontMetricsF(small)
        painter.setFont(small)
        painter.setPen(QPen(theme.color("border"), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(area)
        painter.setPen(theme.color("quiet"))
        for value in ticks(axes.x, max(2, int(area.width() / (4.5 * base)))):
            x, text = float(axes.across(value)), axis_text(value)
            left = x - 0.5 * metrics.horizontalAdvance(text)
            painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + 3))
            painter.drawText(QPointF(left, area.bottom() + 4 + metrics.ascent()), text)
        for value in ticks(axes.y, max(2, int(area.height() / (2.6 * base)))):
            y, text = float(axes.down(value)), axis_text(value)
            painter.drawLine(QPointF(area.left() - 3, y), QPointF(area.left(), y))
            left = area.left() - 0.5 * base - metrics.horizontalAdvance(text)
            painter.drawText(QPointF(left, y + 0.5 * metrics.capHeight()), text)
        across, up = self.names
        wide = area.width() + 2.0 * base
        text = metrics.elidedText(across, Qt.TextElideMode.ElideRight, wide)
        left = area.center().x() - 0.5 * metrics.horizontalAdvance(text)
        painter.drawText(QPointF(left, area.bottom() + 2.7 * base), text)
        painter.save()
        painter.translate(1.0 * base, area.center().y())
        painter.rotate(-90)
        text = metrics.elidedText(up, Qt.TextElideMode.ElideRight, area.height() + 2.0 * base)
        painter.drawText(QPointF(-0.5 * metrics.horizontalAdvance(text), 0), text)
        painter.restore()

    def _scale(self, bar: QRectF) -> None:
        """Draw which colour is which loss: a logarithmic scale."""
        painter, chart, theme = self.painter, self.chart, self.theme
        painter.drawImage(bar, picture(np.linspace(0.0, 1.0, 64)[:, None], theme))
        painter.setPen(QPen(theme.color("border"), 1.0))
        painter.drawRect(bar)
        small = font(max(9.0, 0.85 * self.base))
        metrics = QFontMetricsF(small)
        painter.setFont(small)
        painter.setPen(theme.color("quiet"))
        count = max(2, min(6, int(bar.height() / (2.4 * self.base))))
        for share in np.linspace(0.0, 1.0, count).tolist() if chart.high > chart.low else [0.5]:
            value = chart.low * (chart.high / chart.low) ** share if chart.low > 0 else 0.0
            y = bar.bottom() - share * bar.height() + 0.5 * metrics.capHeight()
            y = min(max(y, bar.top() + metrics.capHeight()), bar.bottom())
            painter.drawText(QPointF(bar.right() + 0.4 * self.base, y), figure(value, 2))


def write_beside(painter: QPainter, theme: Theme, base: float, axes: Axes, place: QPointF, text: str) -> None:
    """Write beside a place, on whichever side there is room, with a seam that can be read on every colour."""
    face = font(max(9.0, 0.85 * base), bold=True)
    wide = QFontMetricsF(face).horizontalAdvance(text)
    left = place.x() + 9 if place.x() + 12 + wide < axes.left + axes.width else place.x() - 9 - wide
    line = min(max(place.y() - 5, axes.top + base), axes.top + axes.height - 4)
    painter.setFont(face)
    painter.setPen(theme.color("window"))
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        painter.drawText(QPointF(left + dx, line + dy), text)
    painter.setPen(theme.color("text"))
    painter.drawText(QPointF(left, line), text)


def picture(shades: Any, theme: Theme) -> QImage:
    """Return shades (rows, columns) as an image, the first row at the bottom: what is low has the accent."""
    ground, accent = colour.rgb(theme.canvas_bottom), colour.rgb(theme.accent)
    middle = colour.mix(colour.mix(accent, colour.rgb(theme.classes[5]), 0.7), ground, 0.42)
    shares = np.nan_to_num(np.asarray(shades, np.float64), nan=1.0)[::-1, :, None]
    lower = colour.mix(accent, middle, np.minimum(2.0 * shares, 1.0))
    colours = colour.mix(lower, ground, np.maximum(2.0 * shares - 1.0, 0.0))
    colours[~np.isfinite(np.asarray(shades))[::-1]] = colour.rgb(theme.track)
    pixels = np.ascontiguousarray(np.rint(colours).astype(np.uint8))
    high, wide = pixels.shape[:2]
    return QImage(pixels.data, wide, high, 3 * wide, QImage.Format.Format_RGB888).copy()


def height(surface: Any, x: float, y: float) -> float | None:
    """Return the loss at a place, between the known ones in straight lines; None beyond them."""
    window, losses = surface.window, surface.losses
    size = len(losses) - 1
    across = (x - window.left) / (window.right - window.left) * size
    up = (y - window.low) / (window.high - window.low) * size
    if not (0 <= across <= size and 0 <= up <= size):
        return None
    column, row = min(int(across), size - 1), min(int(up), size - 1)
    u, v = across - column, up - row
    four = losses[row : row + 2, column : column + 2]
    return float(np.array([1 - v, v]) @ four @ np.array([1 - u, u]))
