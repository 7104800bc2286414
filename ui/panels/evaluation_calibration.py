"""The reliability diagram: what was said to be probable, and how often it came true, with the counts below."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen

from simulator.insight.calibration import Reliability
from ui.canvas.picture import grouped
from ui.panels.evaluation_plot import Plot
from ui.panels.evaluation_values import Classes
from ui.theme import Theme, base_pixel_size, font

_TIP = (
    "Rows in ten bins, by how probable the network says its answer is. A point's height is the share that was right:\n"
    "on the diagonal a probability means what it says, below it the network is too sure. The line through a point is\n"
    "where the true share lies with 95 % confidence. Below: how many rows a bin holds, wrong ones in orange.\n"
    "ECE = Σ (nᵦ/n)·|share right − mean said|.\n"
    "Click: the rows of a bin. ← → choose a bin, Enter shows its rows."
)
_STRIP = 0.24


class CalibrationPlot(Plot):
    """Points beside the diagonal, and a strip of counts."""

    def __init__(self, theme: Theme) -> None:
        super().__init__("evaluation.calibration", "Calibration", theme)
        self.setToolTip(_TIP)
        self.y_title = "Share that is true"
        self.found: Classes | None = None
        self.bins: Reliability | None = None
        self.of = -1
        self.reading = -1

    def show_judged(self, found: Classes) -> None:
        """Show other rows."""
        if self.found is None or self.found.names != found.names:
            self.of, self.reading = -1, -1
        self.found = found
        self.bins = found.reliability(self.of) if found.finite else None
        self.x_title = "Said of the predicted class" if self.of < 0 else f"Said of {found.names[self.of]}"
        self.setAccessibleDescription(self.headline())
        if self.reading >= 0:
            self.said.emit(self.sentence(self.reading))
        self.update()

    def show_class(self, of: int) -> None:
        """Look at what is said of a class, or, for −1, of the predicted class of every row."""
        self.of = of
        if self.found is not None:
            self.show_judged(self.found)

    def headline(self) -> str:
        """Return the calibration error in words."""
        bins = self.bins
        return "" if bins is None or not bins.counts.sum() else f"ECE {100 * bins.expected_error:.1f} %"

    def sentence(self, nth: int) -> str:
        """Return what happened to the rows of a bin."""
        bins = self.bins
        if bins is None:
            return ""
        said = f"{100 * bins.edges[nth]:.0f}–{100 * bins.edges[nth + 1]:.0f} %"
        count = int(bins.counts[nth])
        if not count:
            return f"{said}: no rows"
        return (
            f"{said}: {grouped(count)} {'row' if count == 1 else 'rows'}, "
            f"said {100 * bins.said[nth]:.1f} %, true {100 * bins.came[nth]:.1f} %"
        )

    # -- painting -----------------------------------------------------------------------------------------------

    @property
    def room(self) -> QRectF:
        whole = super().room
        # The strip of counts stands between the plane and the names of its axis.
        return QRectF(whole.left(), whole.top(), whole.width(), (1.0 - _STRIP) * whole.height() - 4.0)

    @property
    def strip(self) -> QRectF:
        """Where the counts stand."""
        room, whole = self.room, super().room
        return QRectF(
            room.left(),
            room.bottom() + 2.0 * self.small.height() + 8.0,
            room.width(),
            whole.bottom() - room.bottom() - 4.0,
        )

    def paint_content(self, painter: QPainter, room: QRectF) -> None:
        if self.found is None:
            return
        bins = self.bins
        if bins is None:
            self.paint_note(painter, "The network's outputs are no numbers.")
            return
        if not bins.counts.sum():
            self.paint_note(painter, "No output lies between 0 and 1: they are no probabilities.")
            return
        theme = self.theme
        painter.setPen(QPen(theme.color("border"), 1.0, Qt.PenStyle.DashLine))
        painter.drawLine(self.point(0, 0), self.point(1, 1))
        if self.reading >= 0:
            left, right = (self.point(float(bins.edges[self.reading + each]), 0).x() for each in (0, 1))
            shade = theme.color("accent")
            shade.setAlphaF(0.12)
            painter.fillRect(QRectF(left, room.top(), right - left, room.height()), shade)
            painter.fillRect(QRectF(left, self.strip.top(), right - left, self.strip.height()), shade)
        held = np.flatnonzero(bins.counts)
        low, high = bins.interval
        painter.setPen(QPen(theme.color("accent"), 1.6))
        self.paint_line(painter, bins.said[held], bins.came[held])
        for nth in held.tolist():
            said, came = float(bins.said[nth]), float(bins.came[nth])
            painter.setPen(QPen(theme.color("quiet"), 1.0))
            painter.drawLine(self.point(said, float(low[nth])), self.point(said, float(high[nth])))
            painter.setPen(QPen(theme.color("window"), 1.2))
            painter.setBrush(theme.color("accent"))
            painter.drawEllipse(self.point(said, came), 4.2, 4.2)
        self._paint_counts(painter, bins)

    def _paint_counts(self, painter: QPainter, bins: Reliability) -> None:
        theme, strip = self.theme, self.strip
        style = font(0.84 * base_pixel_size(self.font()))
        high, most = self.small.height(), int(bins.counts.max())
        came = np.rint(np.nan_to_num(bins.came) * bins.counts)
        painter.setFont(style)
        for nth, count in enumerate(bins.counts.tolist()):
            left, right = (self.point(float(bins.edges[nth + each]), 0).x() for each in (0, 1))
            whole = (strip.height() - high) * count / most
            wrong = whole * (count - came[nth]) / count if count else 0.0
            bar = QRectF(left + 1.0, strip.bottom() - whole, right - left - 2.0, whole)
            painter.fillRect(bar, theme.color("accent"))
            painter.fillRect(QRectF(bar.left(), strip.bottom() - wrong, bar.width(), wrong), theme.color("negative"))
            text = grouped(count)
            if count and self.small.horizontalAdvance(text) <= right - left + 1.0:
                painter.setPen(theme.color("quiet"))
                place = QRectF(left - 6.0, bar.top() - high, right - left + 12.0, high)
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
        painter.setPen(QPen(theme.color("border"), 1.0))
        painter.drawLine(strip.bottomLeft(), strip.bottomRight())
        if self.small.horizontalAdvance("Rows") > strip.height():
            return
        painter.save()
        painter.translate(0, strip.bottom())
        painter.rotate(-90)
        painter.setPen(theme.color("quiet"))
        painter.drawText(QRectF(0, 0, strip.height(), high + 2.0), Qt.AlignmentFlag.AlignHCenter, "Rows")
        painter.restore()

    # -- mouse and keys -----------------------------------------------------------------------------------------

    def read(self, nth: int) -> None:
        """Read a bin; −1 for none."""
        if nth != self.reading:
            self.reading = nth
            self.said.emit("" if nth < 0 else self.sentence(nth))
            self.update()

    def hover(self, spot: QPointF | None) -> None:
        if spot is None or self.bins is None:
            self.read(-1)
            return
        place = self.value(spot)[0]
        self.read(min(int(place * len(self.bins.counts)), len(self.bins.counts) - 1) if 0.0 <= place <= 1.0 else -1)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self.hover(event.position())
        self.open()

    def open(self) -> None:
        """Ask for the rows of the bin that is read."""
        if self.bins is None or self.found is None or self.reading < 0 or not self.bins.counts[self.reading]:
            return
        low, high = self.bins.edges[self.reading], self.bins.edges[self.reading + 1]
        said, _ = self.found.said(self.of)
        held = (said >= low) & ((said < high) | ((high == 1.0) & (said == 1.0)))
        name = "Said" if self.of < 0 else f"{self.found.names[self.of]} said"
        self.rows_wanted.emit(self.found.rows[held], f"{name} with {100 * low:.0f}–{100 * high:.0f} %")

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open()
        elif step is None or self.bins is None:
            super().keyPressEvent(event)
        else:
            self.read(min(max(self.reading + step, 0), len(self.bins.counts) - 1))
