"""One small picture a layer, in a grid that fills its room or scrolls: what ridgelines and histograms share."""

import math
import time
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

from ui.panels.distributions_content import Content, axis_text, size_text
from ui.panels.points_axes import Span, ticks
from ui.portrait import portrayed
from ui.theme import Theme, base_pixel_size, font

_LEAST_WIDE, _LEAST_HIGH = 11.5, 7.4
_SHAPE = 1.35
_FRAME = 0.003
"""After so many seconds of a frame, pictures that are there already are painted anew in the next one."""


class Facets(QWidget):
    """A grid of pictures; each is painted when it comes into sight, and kept until something changes.

    Signals
    -------
    read
        str: what the pointer or the keys are on, in words; empty for nothing.
    sought
        A `Study`: somebody chose its moment.
    opened
        int: somebody wants to see a layer alone, or all layers again.
    """

    read = Signal(str)
    sought = Signal(object)
    opened = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.content: Content | None = None
        self._kept: dict[int, QPixmap] = {}
        self._old: set[int] = set()
        self._base, self._small, self._gutter = 0.0, QFont(), 0.0
        self._measure()
        self._columns, self._room = 1, 0
        self._place: QPointF | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    # -- what a subclass says -----------------------------------------------------------------------------------

    def _paint(self, painter: QPainter, layer: int, room: QRectF) -> None:
        """Paint a layer's picture into its room, whose upper left corner is (0, 0)."""
        raise NotImplementedError

    def _mark(self, painter: QPainter, layer: int, room: QRectF) -> None:
        """Paint above it what changes with the pointer."""

    def _point(self, place: QPointF | None) -> None:
        """Follow the pointer, and say what it is on."""

    # -- what is shown ------------------------------------------------------------------------------------------

    def show_content(self, content: Content) -> None:
        """Show other numbers."""
        before, self.content = self.content, content
        if before is None or before.layers != content.layers:
            self._arrange()
        self.renew()
        self._point(self._place)

    def renew(self) -> None:
        """Paint everything again, a few pictures a frame; until its turn comes, a picture stays what it was."""
        self._old.update(self._kept)
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        self._kept.clear()
        self.renew()

    # -- where ---------------------------------------------------------------------------------------------------

    @property
    def base(self) -> float:
        """The height of the font, in pixels."""
        return self._base

    @property
    def small(self) -> QFont:
        """The font of figures."""
        return self._small

    def _measure(self) -> None:
        """Keep what is asked of the font for every stroke."""
        self._base = base_pixel_size(self.font())
        self._small = font(max(9.0, 0.85 * self._base))
        self._gutter = QFontMetricsF(self._small).horizontalAdvance("00,000") + 0.7 * self._base

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange):
            self._measure()
            self._arrange()

    def fit(self, room: int) -> None:
        """Take a height, or more where the pictures would be too small."""
        if room != self._room:
            self._room = room
            self._arrange()

    def _arrange(self) -> None:
        count = max(1, len(self.content.layers) if self.content is not None else 1)
        most = max(1, min(count, int(self.width() / (_LEAST_WIDE * self.base))))
        least = _LEAST_HIGH * self.base

        def worth(columns: int) -> float:
            high = self._room / math.ceil(count / columns)
            return min(self.width() / columns / _SHAPE, high) if high >= least else -math.ceil(count / columns)

        self._columns = max(range(1, most + 1), key=worth)
        rows = math.ceil(count / self._columns)
        self._high = max(least, self._room / rows)
        self.setMinimumHeight(round(rows * self._high))
        self._kept.clear()
        self.renew()

    def rooms(self) -> dict[int, QRectF]:
        """Return where every shown layer's picture is."""
        if self.content is None:
            return {}
        wide = self.width() / self._columns
        return {
            layer: QRectF(nth % self._columns * wide, nth // self._columns * self._high, wide, self._high)
            for nth, layer in enumerate(self.content.layers)
        }

    def area(self, room: QRectF) -> QRectF:
        """Return the part of a room between the axes."""
        base = self.base
        return room.adjusted(self._gutter, 1.9 * base, -0.9 * base, -1.75 * base)

    def at(self, place: QPointF) -> tuple[int, QRectF] | None:
        """Return the layer under a place, and its room."""
        return next(((layer, room) for layer, room in self.rooms().items() if room.contains(place)), None)

    # -- painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        ratio, began = self.devicePixelRatioF(), time.perf_counter()
        for layer, room in self.rooms().items():
            if not room.intersects(QRectF(event.rect())):
                continue
            if portrayed() is not None:
                self._portray(painter, layer, room)
                continue
            whole = QRectF(0, 0, math.ceil(room.width()), math.ceil(room.height()))
            kept = self._kept.get(layer)
            late = time.perf_counter() - began > _FRAME
            if kept is None or kept.devicePixelRatioF() != ratio or (layer in self._old and not late):
                kept = QPixmap(whole.size().toSize() * ratio)
                kept.setDevicePixelRatio(ratio)
                kept.fill(Qt.GlobalColor.transparent)
                below = QPainter(kept)
                below.setRenderHint(QPainter.RenderHint.Antialiasing)
                self._paint(below, layer, QRectF(0, 0, room.width(), room.height()))
                below.end()
                self._kept[layer] = kept
                self._old.discard(layer)
            corner = QPointF(round(room.left()), round(room.top()))
            painter.drawPixmap(corner, kept)
            painter.save()
            painter.translate(corner)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._mark(painter, layer, QRectF(0, 0, room.width(), room.height()))
            painter.restore()
            if layer in self._old:
                QTimer.singleShot(0, self, self.update)
        painter.end()

    def _portray(self, painter: QPainter, layer: int, room: QRectF) -> None:
        """Draw a layer's room anew, as pictures want it."""
        painter.save()
        painter.translate(room.topLeft())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for paint in (self._paint, self._mark):
            painter.save()
            paint(painter, layer, QRectF(0, 0, room.width(), room.height()))
            painter.restore()
        painter.restore()

    def paint_head(self, painter: QPainter, layer: int, room: QRectF, right: str = "") -> None:
        """Write a layer's name and size above its picture, and something at the right end."""
        content, theme, base = self.content, self.theme, self.base
        assert content is not None
        bold, small = font(0.95 * base, bold=True), self.small
        left, line = self.area(room).left(), room.top() + 1.25 * base
        painter.setFont(bold)
        painter.setPen(theme.color("link" if content.lit == layer else "text"))
        name = content.names[layer]
        painter.drawText(QPointF(left, line), name)
        left += QFontMetricsF(bold).horizontalAdvance(name) + 0.6 * base
        painter.setFont(small)
        painter.setPen(theme.color("quiet"))
        metrics = QFontMetricsF(small)
        free = self.area(room).right() - left - (metrics.horizontalAdvance(right) + base if right else 0)
        if metrics.horizontalAdvance(content.sizes[layer]) <= free:
            painter.drawText(QPointF(left, line), content.sizes[layer])
        if right and free > -0.2 * base:
            painter.drawText(QPointF(self.area(room).right() - metrics.horizontalAdvance(right), line), right)

    def paint_values(self, painter: QPainter, area: QRectF, low: float, high: float) -> None:
        """Draw the axis of values below a picture, with a line at zero."""
        theme, small = self.theme, self.small
        metrics = QFontMetricsF(small)
        painter.setFont(small)
        painter.setPen(QPen(theme.color("border"), 1.0))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        end = area.left() - 1e9
        by_size = self.content is not None and self.content.by_size
        write = size_text if by_size else axis_text
        for value in ticks(Span(low, high), max(2, int(area.width() / (1.5 * metrics.horizontalAdvance("−0.00"))))):
            if by_size and value != round(value):
                continue
            x = area.left() + (value - low) / (high - low) * area.width()
            painter.setPen(
                QPen(theme.color("border" if abs(value) < 1e-12 * (high - low) and not by_size else "hairline"), 1.0)
            )
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom() + 3))
            text = write(value)
            half = 0.5 * metrics.horizontalAdvance(text)
            if x - half < end + 4:
                continue
            end = x + half
            painter.setPen(theme.color("quiet"))
            painter.drawText(QPointF(x - half, area.bottom() + 4 + metrics.ascent()), text)

    def say(self, painter: QPainter, room: QRectF, text: str) -> None:
        """Write a sentence in place of a picture."""
        painter.setFont(self.small)
        painter.setPen(self.theme.color("quiet"))
        painter.drawText(self.area(room), int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), text)

    # -- hands ---------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._arrange()
        else:
            self._kept.clear()
            self.renew()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self._place = event.position()
        self._point(self._place)
        self.update()

    def leaveEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        super().leaveEvent(event)
        self._place = None
        self._point(None)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        found = self.at(event.position())
        if found is not None and event.position().y() < self.area(found[1]).top():
            self.opened.emit(found[0])

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if not self._press(Qt.Key(event.key())):
            super().keyPressEvent(event)

    def _press(self, key: Qt.Key) -> bool:
        """Obey a key, and return whether it means something here."""
        return False

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(300, 240)


class FacetArea(QScrollArea):
    """Facets that scroll where there is too little room for them."""

    def __init__(self, view: Facets) -> None:
        super().__init__()
        self._view = view
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        self.setWidget(view)
        view.setAutoFillBackground(False)
        self.setMinimumHeight(60)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        self._view.fit(self.maximumViewportSize().height())
        super().resizeEvent(event)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return self._view.sizeHint()
