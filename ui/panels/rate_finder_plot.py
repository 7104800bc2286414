"""The loss by the learning rate, on a logarithmic scale, with a mark that can be dragged."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from simulator.explain import figure
from ui.panels.points_axes import Span, tick_text, ticks
from ui.theme import Theme, base_pixel_size, font, mixed

if TYPE_CHECKING:
    from simulator.insight.rate_finder import RangeTest

_NEAR = 7.0
_STEP = 1.1


class RatePlot(QWidget):
    """The raw and the smoothed loss, the present rate, and the rate that is chosen.

    Signals
    -------
    moved
        float: somebody moved the mark to another rate.
    accepted
        Somebody pressed Enter on it.

    Attributes
    ----------
    reading
        What the pointer is on, in words.
    """

    moved = Signal(float)
    accepted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("rate_finder.plot")
        self.setAccessibleName("Loss by learning rate")
        self.setToolTip(
            "The thin line is the loss of each batch, the thick one its mean m̂ = m/(1 − βᵏ), m ← β·m + (1 − β)·loss.\n"
            "Drag the mark, or move it with ← and →, to choose another rate; Enter takes it."
        )
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.theme = theme
        self.result: RangeTest | None = None
        self.chosen: float | None = None
        self.present: float | None = None
        self.stale = False
        self.words = ""
        self._dragging = False
        self.reading = ""

    # -- what is shown ------------------------------------------------------------------------------------------

    def show_result(self, result: "RangeTest | None", words: str = "", *, stale: bool = False) -> None:
        """Show what a test found, faded where it is of another network; or a sentence."""
        self.result, self.words, self.stale = result, words, stale
        self.update()

    def mark(self, chosen: float | None, present: float | None) -> None:
        """Mark a rate, and the one that the session has."""
        self.chosen, self.present = chosen, present
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        self.update()

    # -- where ---------------------------------------------------------------------------------------------------

    @property
    def area(self) -> QRectF:
        """The part between the axes."""
        base = base_pixel_size(self.font())
        return QRectF(self.rect()).adjusted(3.9 * base, 2.1 * base, -1.1 * base, -2.0 * base)

    @property
    def span(self) -> tuple[float, float]:
        """The logarithms (base 10) at the ends of the axis."""
        rates = self.result.rates if self.result is not None else np.array([1e-7, 10.0])
        low, high = math.log10(float(rates[0])), math.log10(float(rates[-1]))
        return low, max(high, low + 1e-6)

    def across(self, rate: float) -> float:
        """Return where a rate is, in pixels."""
        low, high = self.span
        return self.area.left() + self.area.width() * (math.log10(rate) - low) / (high - low)

    def rate_at(self, x: float) -> float:
        """Return the rate at a place in pixels, within the axis."""
        low, high = self.span
        share = min(max((x - self.area.left()) / max(1.0, self.area.width()), 0.0), 1.0)
        return 10.0 ** (low + share * (high - low))

    def heights(self) -> tuple[float, float]:
        """Return the lowest and the highest loss of the axis: a rise at the end may go beyond."""
        assert self.result is not None
        smoothed, start = self.result.smoothed, self.result.start
        known = smoothed if len(smoothed) else np.array([start if math.isfinite(start) else 1.0])
        low = float(known.min())
        high = float(known[: int(np.argmin(known)) + 1].max())
        if math.isfinite(start):
            high = max(high, start)
        room = (high - low) or abs(high) or 1.0
        return max(low - 0.15 * room, min(0.0, low)), high + 0.35 * room

    # -- painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.result is None:
            painter.setFont(font(base_pixel_size(self.font())))
            painter.setPen(self.theme.color("quiet"))
            room = QRectF(self.rect()).adjusted(24, 8, -24, -8)
            painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self.words)
        else:
            self._paint_axes(painter)
            self._paint_curves(painter)
            self._paint_marks(painter)
        if self.hasFocus():
            painter.setPen(QPen(self.theme.color("accent"), 1.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5), 4, 4)
        painter.end()

    def _paint_axes(self, painter: QPainter) -> None:
        area, theme, base = self.area, self.theme, base_pixel_size(self.font())
        small = font(max(9.0, 0.85 * base))
        metrics = QFontMetricsF(small)
        painter.setFont(small)
        low, high = self.span
        every = max(1, math.ceil((high - low) * 1.5 * metrics.horizontalAdvance("1e−7") / max(1.0, area.width())))
        for power in range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1):
            x = self.across(10.0**power)
            painter.setPen(QPen(theme.color("hairline"), 1.0))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            if power % every == 0:
                text = figure(10.0**power, 1)
                painter.setPen(theme.color("quiet"))
                left = min(
                    x - 0.5 * metrics.horizontalAdvance(text), self.width() - metrics.horizontalAdvance(text) - 2
                )
                painter.drawText(QPointF(left, area.bottom() + 4 + metrics.ascent()), text)
        below, above = self.heights()
        for value in ticks(Span(below, above), max(2, int(area.height() / (2.6 * base)))):
            y = self._down(value)
            painter.setPen(QPen(theme.color("hairline"), 1.0))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            text = tick_text(float(f"{value:.6g}"))
            painter.setPen(theme.color("quiet"))
            at = area.left() - 0.45 * base - metrics.horizontalAdvance(text)
            painter.drawText(QPointF(at, y + 0.5 * metrics.capHeight()), text)
        painter.setPen(QPen(theme.color("border"), 1.0))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.setPen(theme.color("quiet"))
        painter.drawText(
            QPointF(area.left() + 0.4 * base, area.bottom() - 0.5 * base), self.reading or "loss by learning rate"
        )

    def _down(self, loss: float) -> float:
        low, high = self.heights()
        return self.area.bottom() - self.area.height() * (loss - low) / (high - low)

    def _line(self, rates: Any, losses: Any) -> QPolygonF:
        finite = np.isfinite(losses)
        low, high = self.heights()
        area, (left, right) = self.area, self.span
        x = area.left() + area.width() * (np.log10(rates[finite]) - left) / (right - left)
        y = area.bottom() - area.height() * np.clip((losses[finite] - low) / (high - low), -1.0, 2.0)
        return QPolygonF([QPointF(*place) for place in zip(x.tolist(), y.tolist(), strict=True)])

    def _paint_curves(self, painter: QPainter) -> None:
        result, theme = self.result, self.theme
        assert result is not None
        painter.save()
        painter.setClipRect(self.area.adjusted(-2, -2, 2, 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if math.isfinite(result.start):
            painter.setPen(QPen(theme.color("quiet"), 1.0, Qt.PenStyle.DotLine))
            y = self._down(result.start)
            painter.drawLine(QPointF(self.area.left(), y), QPointF(self.area.right(), y))
        painter.setPen(QPen(mixed(theme.window, theme.quiet, 0.2 if self.stale else 0.4), 1.0))
        painter.drawPolyline(self._line(result.rates, result.losses))
        ink = mixed(theme.window, theme.text, 0.4) if self.stale else theme.color("text")
        painter.setPen(QPen(ink, 2.0))
        painter.drawPolyline(self._line(result.rates[: len(result.smoothed)], result.smoothed))
        painter.restore()

    def _paint_marks(self, painter: QPainter) -> None:
        taken: list[QRectF] = []
        if self.chosen is not None and not self.stale:
            self._paint_mark(painter, self.chosen, figure(self.chosen, 2), "accent", "link", taken)
        if self.present is not None and self.present > 0:
            self._paint_mark(painter, self.present, f"now {figure(self.present, 3)}", "quiet", "quiet", taken)

    def _paint_mark(
        self, painter: QPainter, rate: float, text: str, field: str, written: str, taken: list[QRectF]
    ) -> None:
        low, high = self.span
        if not low - 1e-9 <= math.log10(rate) <= high + 1e-9:
            return
        area, base, x = self.area, base_pixel_size(self.font()), self.across(rate)
        own = field == "accent"
        style = Qt.PenStyle.SolidLine if own else Qt.PenStyle.DashLine
        painter.setPen(QPen(self.theme.color(field), 2.0 if own else 1.2, style))
        painter.drawLine(QPointF(x, area.top() - 3), QPointF(x, area.bottom()))
        face = font(0.92 * base, bold=own)
        wide = QFontMetricsF(face).horizontalAdvance(text)
        left = min(max(x - 0.5 * wide, area.left() - 2 * base), self.width() - wide - 4)
        place = QRectF(left, area.top() - 3 - 1.5 * base, wide, 1.4 * base)
        for other in taken:
            if place.adjusted(-8, 0, 8, 0).intersects(other):
                right, before = other.right() + 10, other.left() - 10 - wide
                place.moveLeft(
                    before if (x < other.center().x() or right + wide > self.width()) and before > 0 else right
                )
        taken.append(place)
        painter.setFont(face)
        painter.setPen(self.theme.color(written))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, text)
        if own:
            painter.setPen(QPen(self.theme.color("window"), 1.5))
            painter.setBrush(self.theme.color("accent"))
            painter.drawEllipse(QPointF(x, self._on_curve(rate)), 5.0, 5.0)

    def _on_curve(self, rate: float) -> float:
        result = self.result
        assert result is not None
        if not len(result.smoothed):
            return self.area.center().y()
        loss = float(np.interp(math.log(rate), np.log(result.rates[: len(result.smoothed)]), result.smoothed))
        return min(max(self._down(loss), self.area.top()), self.area.bottom())

    # -- hands ---------------------------------------------------------------------------------------------------

    @property
    def _ready(self) -> bool:
        return self.result is not None and not self.stale

    def _move(self, rate: float) -> None:
        self.chosen = rate
        self.moved.emit(rate)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        inside = self.area.adjusted(-9, -30, 9, 9).contains(event.position())
        if self._ready and inside and event.button() == Qt.MouseButton.LeftButton:
            self._dragging = True
            self._move(self.rate_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        x = event.position().x()
        if self._dragging:
            self._move(self.rate_at(x))
        near = self._ready and self.chosen is not None and abs(self.across(self.chosen) - x) < _NEAR
        self.setCursor(Qt.CursorShape.SplitHCursor if near or self._dragging else Qt.CursorShape.ArrowCursor)
        self._tell(x)

    def _tell(self, x: float) -> None:
        result = self.result
        if result is None or not len(result.smoothed):
            return
        rate = self.rate_at(x)
        nth = min(int(np.searchsorted(result.rates, rate)), len(result.smoothed) - 1)
        losses = f"loss {figure(float(result.losses[nth]), 3)}, smoothed {figure(float(result.smoothed[nth]), 3)}"
        self.reading = f"{figure(rate, 2)}: {losses}"
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self._dragging = False

    def leaveEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        super().leaveEvent(event)
        self.reading = ""
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        factor = {Qt.Key.Key_Left: 1.0 / _STEP, Qt.Key.Key_Right: _STEP}.get(Qt.Key(event.key()))
        if factor is not None and self._ready and self.result is not None:
            rates = self.result.rates
            chosen = self.chosen if self.chosen is not None else math.sqrt(float(rates[0] * rates[-1]))
            self._move(min(max(chosen * factor, float(rates[0])), float(rates[-1])))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._ready:
            self.accepted.emit()
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(300, 200)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(160, 80)
