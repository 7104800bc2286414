"""The track of the timeline: the loss as a small curve, ticks of epochs, and a handle that can be dragged."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy

from ui.portrait import portrayed
from ui.theme import Theme, base_pixel_size, font

Floats = NDArray[np.floating[Any]]
Line = tuple[Floats, Floats]
"""(x, y): epochs and losses."""

_KNOB = 5.5
_SERIES = (1, 2, 5)


class Track(QAbstractSlider):
    """A slider over epochs.

    Signals
    -------
    sought
        int: somebody wants to go to this epoch.
    """

    sought = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("timeline.track")
        self.setAccessibleName("Epoch")
        self.setToolTip(
            "Drag, or use the arrow keys, to go to any epoch that was trained: everything in the window follows.\n"
            "Page up and down: a tenth; Home and End: the first and the last epoch."
        )
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.theme = theme
        self.live = True
        self._lines: list[tuple[str, Line, bool]] = []
        self._origin, self._span = 0, 1
        self._still: QPixmap | None = None
        self._hovered: int | None = None
        self.actionTriggered.connect(lambda _action: self.sought.emit(self.sliderPosition()))

    def show_lines(self, lines: list[tuple[str, Line, bool]]) -> None:
        """Draw losses: (colour, (epochs, losses), whether it is that of the branch that is looked at)."""
        self._lines = lines
        self._measure()
        self.redraw()

    def _measure(self) -> None:
        """Make room for the longest branch, from the earliest start of a run on."""
        reaches = [(round(float(x[0])), round(float(x[-1]))) for _, (x, _), _ in self._lines if len(x)]
        self._origin = min([self.minimum(), *(first for first, _ in reaches)])
        self._span = max([self.maximum(), *(last for _, last in reaches)])

    def redraw(self) -> None:
        """Draw everything anew; from frame to frame only the handle moves."""
        self._still = None
        self.update()

    def show_moment(self, epoch: int, end: int, *, live: bool, playing: bool = False, first: int = 0) -> None:
        """Put the handle on an epoch between the first and the last one of the branch.

        While training makes new ones in every frame, the axis follows with the lines.
        """
        before = self.live, round(self.x_of(self.sliderPosition()))
        self.live = live
        self.blockSignals(True)
        self.setRange(first, max(first + 1, end))
        self.setPageStep(max(1, (end - first) // 10))
        if not self.isSliderDown():
            self.setValue(epoch)
        self.blockSignals(False)
        reach = self._origin, self._span
        if not playing:
            self._measure()
        if (self._origin, self._span) != reach:
            self.redraw()
        if (live, round(self.x_of(self.sliderPosition()))) != before:
            self.update()

    # -- geometry -----------------------------------------------------------------------------------------------

    @property
    def _box(self) -> QRectF:
        base = base_pixel_size(self.font())
        return QRectF(10.0, 4.0, max(1.0, self.width() - 20.0), max(8.0, self.height() - 8.0 - 1.15 * base))

    def x_of(self, epoch: float) -> float:
        """Return where an epoch is, in pixels."""
        box = self._box
        return box.left() + box.width() * min(1.0, (epoch - self._origin) / (self._span - self._origin))

    def epoch_at(self, x: float) -> int:
        """Return the epoch at a place, in pixels."""
        box = self._box
        share = (x - box.left()) / box.width()
        epoch = self._origin + round(min(1.0, max(0.0, share)) * (self._span - self._origin))
        return min(self.maximum(), max(self.minimum(), epoch))

    def ticks(self) -> list[int]:
        """Return the epochs that are written below the curve: few round numbers, with room between them."""
        metrics = QFontMetricsF(font(0.8 * base_pixel_size(self.font())))
        room = metrics.horizontalAdvance(f"{self._span:,}") + 26.0
        least = (self._span - self._origin) * room / self._box.width()
        power = 1
        while True:
            for step in _SERIES:
                if step * power >= least:
                    size = step * power
                    return list(range(-(-self._origin // size) * size, self._span + 1, size))
            power *= 10

    # -- painting -----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if portrayed() is None:
            painter.drawPixmap(0, 0, self._kept())
        else:
            self._paint_below(painter)
        self._paint_handle(painter)
        painter.end()

    def _kept(self) -> QPixmap:
        """Return all that stays while the handle moves."""
        if self._still is None:
            ratio = self.devicePixelRatioF()
            self._still = QPixmap(math.ceil(self.width() * ratio), math.ceil(self.height() * ratio))
            self._still.setDevicePixelRatio(ratio)
            self._still.fill(Qt.GlobalColor.transparent)
            painter = QPainter(self._still)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_below(painter)
            painter.end()
        return self._still

    def _paint_below(self, painter: QPainter) -> None:
        self._paint_ground(painter)
        self._paint_curves(painter)

    def _paint_ground(self, painter: QPainter) -> None:
        theme, box = self.theme, self._box
        painter.setPen(QPen(theme.color("hairline"), 1.0))
        painter.setBrush(theme.color("surface"))
        painter.drawRoundedRect(box.adjusted(-6, 0, 6, 0), 5, 5)
        small = font(0.8 * base_pixel_size(self.font()))
        metrics = QFontMetricsF(small)
        painter.setFont(small)
        for epoch in self.ticks():
            x = self.x_of(epoch)
            painter.setPen(QPen(theme.color("border"), 1.0))
            painter.drawLine(QPointF(x, box.bottom() - 3.0), QPointF(x, box.bottom()))
            text = f"{epoch:,}"
            width = metrics.horizontalAdvance(text)
            left = min(self.width() - width - 2.0, max(2.0, x - 0.5 * width))
            painter.setPen(theme.color("quiet"))
            painter.drawText(QPointF(left, self.height() - 3.0), text)

    def _paint_curves(self, painter: QPainter) -> None:
        box = self._box.adjusted(0, 3, 0, -4)
        finite = [y[np.isfinite(y)] for _, (_, y), _ in self._lines]
        values = np.concatenate([each for each in finite if len(each)]) if any(len(each) for each in finite) else None
        if values is None:
            return
        # Losses fall by powers of ten: on a plain scale nearly all of a run would be a line at the bottom.
        floor = max(float(values.max()) * 1e-4, 1e-12)
        low = float(np.log(max(float(values.min()), floor)))
        high = max(float(np.log(max(float(values.max()), floor))), low + 1e-9)
        for colour, (x, y), own in self._lines:
            with np.errstate(all="ignore"):
                share = (np.log(np.maximum(y, floor)) - low) / (high - low)
            known = np.isfinite(share)
            across = box.left() + box.width() * (x[known] - self._origin) / (self._span - self._origin)
            down = box.bottom() - box.height() * share[known]
            points = [QPointF(*place) for place in zip(across.tolist(), down.tolist(), strict=True)]
            ink = QColor(colour)
            ink.setAlphaF(1.0 if own else 0.55)
            painter.setPen(QPen(ink, 1.5 if own else 1.0))
            painter.drawPolyline(QPolygonF(points))

    def _paint_handle(self, painter: QPainter) -> None:
        theme, box = self.theme, self._box
        x = self.x_of(self.sliderPosition())
        if not self.live:  # what is still to come again steps back
            veil = theme.color("window")
            veil.setAlphaF(0.55)
            painter.fillRect(QRectF(x, box.top() + 1.0, box.right() + 5.0 - x, box.height() - 2.0), veil)
        ink = theme.color("accent")
        painter.setPen(QPen(ink, 1.5))
        painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
        if self.hasFocus():
            painter.setPen(QPen(theme.color("text"), 1.2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(x, box.center().y()), _KNOB + 2.5, _KNOB + 2.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawEllipse(QPointF(x, box.center().y()), _KNOB, _KNOB)
        if self._hovered is not None and not self.isSliderDown():
            at = self.x_of(self._hovered)
            painter.setPen(QPen(theme.color("quiet"), 1.0, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(at, box.top()), QPointF(at, box.bottom()))
            self._write(painter, at, f"epoch {self._hovered:,}")

    def _write(self, painter: QPainter, x: float, text: str) -> None:
        small = font(0.85 * base_pixel_size(self.font()))
        metrics, box = QFontMetricsF(small), self._box
        width = metrics.horizontalAdvance(text) + 10.0
        left = x + 6.0 if x + 6.0 + width < box.right() else x - 6.0 - width
        plate = QRectF(left, box.top() + 2.0, width, metrics.height() + 2.0)
        painter.setPen(QPen(self.theme.color("border"), 1.0))
        painter.setBrush(self.theme.color("raised"))
        painter.drawRoundedRect(plate, 4, 4)
        painter.setPen(self.theme.color("text"))
        painter.setFont(small)
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)

    # -- pointer ------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._seek(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if self.isSliderDown():
            self._seek(event.position().x())
        else:
            self._hovered = self.epoch_at(event.position().x())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(False)

    def _seek(self, x: float) -> None:
        epoch = self.epoch_at(x)
        if epoch != self.sliderPosition():
            self.setSliderPosition(epoch)
            self.sought.emit(epoch)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        super().leaveEvent(event)
        self._hovered = None
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._still = None

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        self._still = None

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(300, round(3.9 * base_pixel_size(self.font())))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(80, self.sizeHint().height())
