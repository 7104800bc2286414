"""Who takes part in a sum: a name, a bar to the left or to the right of zero, and a figure, line by line."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QResizeEvent

from ui.panels.inspection import Bar, Bars
from ui.panels.links import Link, Linked
from ui.theme import Theme, base_pixel_size, font

_NAMES, _FIGURE = 0.7, "−0.00000"


class Shares(Linked):
    """Bars that share one scale; names and figures are links where they lead somewhere."""

    def __init__(self, theme: Theme, tip: Callable[[Any], str]) -> None:
        super().__init__(theme, tip)
        self._bars: tuple[Bar, ...] = ()
        self._rows, self._figures = 0, 0.0

    def show_bars(self, bars: Bars, *, fresh: bool = True, steady: bool = False) -> None:
        """Show other bars; for `fresh` and `steady` see `ui.panels.linked_text.LinkedText.show_segments`."""
        if bars.rows == self._bars and not fresh:
            return
        if fresh:
            self.current = -1
        self._bars = bars.rows
        if fresh or not steady:
            self._figures = 0.0
        self._rows = max(len(bars.rows), self._rows if steady and not fresh else 0)
        height = round(self._rows * self._pitch + 2)
        if height != self.minimumHeight():
            self.setFixedHeight(height)
        if fresh or not steady:
            spoken = "; ".join(f"{row.name.text} {row.figure.text}" for row in bars.rows)
            self.setAccessibleName(f"{', '.join(filter(None, (bars.title, bars.total)))}: {spoken}")
        self._place()
        self.update()

    @property
    def _pitch(self) -> float:
        return 1.75 * base_pixel_size(self.font())

    @property
    def _columns(self) -> tuple[float, float]:
        """Return how wide the names and the figures are, with a gap."""
        metrics = QFontMetricsF(font(base_pixel_size(self.font())))
        named = max((metrics.horizontalAdvance(row.name.text) for row in self._bars), default=0.0)
        drawn = [metrics.horizontalAdvance(row.figure.text) for row in self._bars]
        self._figures = max(metrics.horizontalAdvance(_FIGURE), *drawn, self._figures) if drawn else self._figures
        return min(named + 16.0, _NAMES * (self.width() - self._figures)), self._figures + 12.0

    def _place(self) -> None:
        metrics = QFontMetricsF(font(base_pixel_size(self.font())))
        names, _ = self._columns
        links: list[Link] = []
        for nth, row in enumerate(self._bars):
            top = nth * self._pitch + 0.5 * (self._pitch - metrics.height())
            if row.name.target is not None:
                shown = self._elided(metrics, row.name.text, names)
                place = QRectF(3.0, top, metrics.horizontalAdvance(shown), metrics.height())
                links.append(Link(place, row.name.text, row.name.target))
            if row.figure.target is not None:
                width = metrics.horizontalAdvance(row.figure.text)
                place = QRectF(self.width() - 3.0 - width, top, width, metrics.height())
                links.append(Link(place, row.figure.text, row.figure.target))
        self.put(links)

    def _elided(self, metrics: QFontMetricsF, text: str, room: float) -> str:
        return metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room - 12.0)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        style = font(base_pixel_size(self.font()))
        painter.setFont(style)
        metrics = QFontMetricsF(style)
        names, figures = self._columns
        strip = (names, self.width() - figures - names)
        negative = any(row.share < 0.0 for row in self._bars)
        for nth, row in enumerate(self._bars):
            top = nth * self._pitch
            base = top + 0.5 * (self._pitch - metrics.height()) + metrics.ascent()
            painter.setPen(self.theme.color("text" if row.name.target is None else "link"))
            painter.drawText(QPointF(3.0, base), self._elided(metrics, row.name.text, names))
            painter.setPen(self.theme.color("text" if row.figure.target is None else "link"))
            width = metrics.horizontalAdvance(row.figure.text)
            painter.drawText(QPointF(self.width() - 3.0 - width, base), row.figure.text)
            self._paint_bar(painter, row.share, QRectF(strip[0], top, strip[1], self._pitch), negative=negative)
        for nth in range(len(self.links)):
            self.paint_link(painter, nth)
        painter.end()

    def _paint_bar(self, painter: QPainter, share: float, room: QRectF, *, negative: bool) -> None:
        zero = room.center().x() if negative else room.left()
        half = 0.5 * room.width() if negative else room.width()
        painter.setPen(self.theme.color("border"))
        painter.drawLine(QPointF(zero, room.top()), QPointF(zero, room.bottom()))
        length = abs(share) * (half - 4.0)
        if length < 0.5:
            return
        thick = 0.42 * room.height()
        left = zero - length if share < 0 else zero
        bar = QRectF(left, room.center().y() - 0.5 * thick, length, thick)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color("negative" if share < 0 else "positive"))
        round_by = min(2.5, 0.5 * length)
        painter.drawRoundedRect(bar, round_by, round_by)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._place()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(260, self.minimumHeight())
