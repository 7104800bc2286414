"""A plane with two axes to draw on: what the plots of the evaluation have in common."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from simulator.insight.residuals import round_step
from ui.canvas.picture import value_text
from ui.theme import Theme, base_pixel_size, font

Doubles = NDArray[np.float64]
ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
_LETTERS = ((1e12, "T"), (1e9, "G"), (1e6, "M"))
REACH = 18.0
"""So near to the pointer, in pixels, something is meant by it."""


def keeps_arrows(event: QEvent) -> bool:
    """Claim a plain arrow key, before it becomes a shortcut of the window; return whether this was one."""
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if not plain or event.key() not in ARROWS:
        return False
    event.accept()
    return True


class Plot(QWidget):
    """Axes with round ticks; a subclass paints between them.

    Signals
    -------
    rows_wanted
        (rows, what they are): somebody clicked what stands for rows.
    said
        What is under the pointer or at the keyboard's place, in a sentence; empty for nothing.
    """

    rows_wanted = Signal(object, str)
    said = Signal(str)

    def __init__(self, name: str, title: str, theme: Theme) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.theme = theme
        self.x_range, self.y_range = (0.0, 1.0), (0.0, 1.0)
        self.x_title, self.y_title = "", ""
        self._measured: tuple[object, QRectF] = (None, QRectF())
        self.right = 0.0
        """The share of the width that is kept free on the right side."""

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        self.update()

    # -- places -------------------------------------------------------------------------------------------------

    @property
    def small(self) -> QFontMetricsF:
        """How wide the small letters of the axes are."""
        return QFontMetricsF(font(0.88 * base_pixel_size(self.font())))

    @property
    def room(self) -> QRectF:
        """Where the plane is."""
        key = (self.width(), self.height(), self.y_range, self.right, base_pixel_size(self.font()))
        if key != self._measured[0]:
            self._measured = (key, self._measure())
        return self._measured[1]

    def _measure(self) -> QRectF:
        metrics = self.small
        wide = max((metrics.horizontalAdvance(text) for _, text in self._ticks(vertical=True)), default=0.0)
        left = metrics.height() + wide + 10.0
        top, below = 0.6 * metrics.height(), 2.0 * metrics.height() + 8.0
        return QRectF(left, top, (1.0 - self.right) * (self.width() - left - 10.0), self.height() - top - below)

    def at(self, x: ArrayLike, y: ArrayLike) -> tuple[Doubles, Doubles]:
        """Return where values stand, in pixels."""
        room = self.room
        (x0, x1), (y0, y1) = self.x_range, self.y_range
        across = room.left() + room.width() * (np.asarray(x, np.float64) - x0) / (x1 - x0)
        return across, room.bottom() - room.height() * (np.asarray(y, np.float64) - y0) / (y1 - y0)

    def point(self, x: float, y: float) -> QPointF:
        """Return where one value stands."""
        across, down = self.at(x, y)
        return QPointF(float(across), float(down))

    def value(self, spot: QPointF) -> tuple[float, float]:
        """Return the values at a spot."""
        room = self.room
        (x0, x1), (y0, y1) = self.x_range, self.y_range
        return (
            x0 + (x1 - x0) * (spot.x() - room.left()) / max(room.width(), 1.0),
            y0 + (y1 - y0) * (room.bottom() - spot.y()) / max(room.height(), 1.0),
        )

    # -- axes ---------------------------------------------------------------------------------------------------

    def _ticks(self, *, vertical: bool) -> list[tuple[float, str]]:
        low, high = self.y_range if vertical else self.x_range
        pixels = self.height() if vertical else (1.0 - self.right) * self.width()
        apart = 42.0 if vertical else 62.0
        step = round_step((high - low) / max(2.0, min(10.0, pixels / apart)))
        first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
        size, suffix = _scale(max(abs(low), abs(high)))
        values = [0.0 if nth == 0 else nth * step for nth in range(first, last + 1)]
        return [(value, value_text(value / size) + (suffix if value else "")) for value in values]

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_axes(painter)
        self.paint_content(painter, self.room)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self.theme.color("accent"), 1.0))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1.5, 0.5, -1.5, -0.5), 4.0, 4.0)
        painter.end()

    def _paint_axes(self, painter: QPainter) -> None:
        theme, room, metrics = self.theme, self.room, self.small
        painter.setFont(font(0.88 * base_pixel_size(self.font())))
        high = metrics.height()
        for vertical in (False, True):
            for value, text in self._ticks(vertical=vertical):
                place = self.point(value, self.y_range[0]) if not vertical else self.point(self.x_range[0], value)
                painter.setPen(QPen(theme.color("hairline"), 1.0))
                if vertical:
                    painter.drawLine(QPointF(room.left(), place.y()), QPointF(room.right(), place.y()))
                    box = QRectF(0, place.y() - 0.5 * high, room.left() - 6.0, high)
                    align = Qt.AlignmentFlag.AlignRight
                else:
                    painter.drawLine(QPointF(place.x(), room.top()), QPointF(place.x(), room.bottom()))
                    half = 0.5 * metrics.horizontalAdvance(text) + 1.0
                    middle = min(place.x(), self.width() - half)
                    box = QRectF(middle - half, room.bottom() + 4.0, 2 * half, high)
                    align = Qt.AlignmentFlag.AlignHCenter
                painter.setPen(theme.color("quiet"))
                painter.drawText(box, align, text)
        painter.setPen(theme.color("quiet"))
        below = QRectF(room.left(), room.bottom() + 5.0 + high, room.width(), high + 2.0)
        text = metrics.elidedText(self.x_title, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, text)
        painter.save()
        painter.translate(0, room.bottom())
        painter.rotate(-90)
        text = metrics.elidedText(self.y_title, Qt.TextElideMode.ElideRight, room.height())
        painter.drawText(QRectF(0, 0, room.height(), high + 2.0), Qt.AlignmentFlag.AlignHCenter, text)
        painter.restore()

    def paint_content(self, painter: QPainter, room: QRectF) -> None:
        """Paint what stands in the plane."""
        raise NotImplementedError

    def paint_line(self, painter: QPainter, x: Doubles, y: Doubles) -> None:
        """Paint a line through values."""
        across, down = self.at(x, y)
        painter.drawPolyline(QPolygonF([QPointF(*each) for each in zip(across.tolist(), down.tolist(), strict=True)]))

    def paint_note(self, painter: QPainter, text: str) -> None:
        """Say in the middle of the plane why nothing else is there."""
        painter.setFont(self.font())
        painter.setPen(self.theme.color("quiet"))
        flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
        painter.drawText(self.room.adjusted(8, 0, -8, 0), flags, text)

    # -- mouse --------------------------------------------------------------------------------------------------

    def hover(self, spot: QPointF | None) -> None:
        """Follow the pointer; None when it is gone."""

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self.hover(event.position())

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        super().leaveEvent(event)
        self.hover(None)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and self.room.contains(QPointF(event.pos())):
            return True  # a tooltip would lie over what is read; it is there beside the axes
        # Arrows walk here while this has the focus: they are no keys of the window then.
        return keeps_arrows(event) or super().event(event)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(260, 220)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(140, 110)


def _scale(largest: float) -> tuple[float, str]:
    """Return in what the numbers of an axis are counted, so that all of them are short, and its letter."""
    if 2e4 <= largest < 2e6:
        return 1e3, "k"
    return next((each for each in _LETTERS if 2.0 * each[0] <= largest < 1e15), (1.0, ""))
