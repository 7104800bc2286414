"""A small picture of a proof: every gradient as a point, explained to the right and measured upwards."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from simulator.explain import figure
from simulator.explain.check import Checks
from ui.dialogs.tints import theme_of
from ui.theme import base_pixel_size, font

_MOST = 4000
"""How many points are painted; they come in random order, so that these tell of all."""


class ProofPicture(QWidget):
    """Points on a diagonal where both agree."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("proof.picture")
        self.setToolTip(
            "A point for every weight and bias: its gradient as explained to the right, as measured upwards.\n"
            "Where both agree, the point lies on the diagonal."
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._checks: Checks | None = None

    def show_checks(self, checks: Checks) -> None:
        """Show these points."""
        self._checks = checks
        count = len(checks.places)
        off = int(checks.differing.sum())
        self.setAccessibleName(f"{count:,} gradients, explained against measured: {off:,} off the diagonal")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        side = round(20 * base_pixel_size(self.font()))
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return self.sizeHint() * 0.7

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        small = font(0.9 * base_pixel_size(self.font()))
        painter.setFont(small)
        high = QFontMetricsF(small).height()
        side = min(self.width(), self.height() - high - 4.0)
        room = QRectF(0.5 * (self.width() - side), 0.0, side, side).adjusted(1.0, 1.0, -1.0, -1.0)
        half = self._half
        self._paint_frame(painter, room, high, half)
        if self._checks is not None:
            painter.setClipRect(room)
            self._paint_points(painter, room, half, self._checks)
        painter.end()

    @property
    def _half(self) -> float:
        """How far the axes go from zero to each side."""
        if self._checks is None:
            return 1.0
        values = np.abs(np.concatenate([self._checks.explained, self._checks.measured]))
        values = values[np.isfinite(values)]
        return 1.08 * float(values.max(initial=0.0)) or 1.0

    def _paint_frame(self, painter: QPainter, room: QRectF, high: float, half: float) -> None:
        theme, middle = theme_of(self), room.center()
        painter.setPen(QPen(theme.color("border"), 1.0))
        painter.setBrush(theme.color("surface"))
        painter.drawRoundedRect(room, 4.0, 4.0)
        painter.setPen(QPen(theme.color("hairline"), 1.0))
        painter.drawLine(QPointF(middle.x(), room.top()), QPointF(middle.x(), room.bottom()))
        painter.drawLine(QPointF(room.left(), middle.y()), QPointF(room.right(), middle.y()))
        painter.setPen(QPen(theme.color("border"), 1.0, Qt.PenStyle.DashLine))
        painter.drawLine(room.bottomLeft(), room.topRight())
        painter.setPen(theme.color("quiet"))
        below = QRectF(room.left(), room.bottom() + 3.0, room.width(), high)
        inside = room.adjusted(7.0, 4.0, -7.0, -4.0)
        painter.drawText(inside, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, "measured")
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, "explained")
        if self._checks is not None:
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft, figure(-half, 2))
            painter.drawText(below, Qt.AlignmentFlag.AlignRight, figure(half, 2))

    def _paint_points(self, painter: QPainter, room: QRectF, half: float, checks: Checks) -> None:
        theme = theme_of(self)
        plain, wrong, kinked = theme.color("accent"), theme.color("bad"), theme.color("quiet")
        plain.setAlphaF(0.55)
        painter.setPen(Qt.PenStyle.NoPen)
        differing, shown = checks.differing, min(_MOST, len(checks.places))
        first = [place for place in range(shown) if not differing[place]]
        last = np.flatnonzero(differing)[:_MOST].tolist()  # on top, and none of them is left out
        for place in (*first, *last):
            colour: QColor = wrong if differing[place] else kinked if checks.kinked[place] else plain
            x, y = float(checks.explained[place]), float(checks.measured[place])
            if not np.isfinite(x + y):
                continue
            painter.setBrush(colour)
            at = QPointF(room.center().x() + 0.5 * room.width() * x / half,
                         room.center().y() - 0.5 * room.height() * y / half)  # fmt: skip
            painter.drawEllipse(at, 2.6, 2.6)
