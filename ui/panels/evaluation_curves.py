"""ROC and precision–recall curves: a line a class, the threshold under the pointer, and the areas below."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPen

from ui.canvas.picture import grouped
from ui.panels.evaluation_plot import REACH, Plot
from ui.panels.evaluation_values import Classes, Curve
from ui.theme import Theme, base_pixel_size, font

Doubles = NDArray[np.float64]
ROC, PRECISION_RECALL = "roc", "pr"
_FEW = 10
"""So many curves are all named if there is room; of more, the worst."""

_TITLES = {
    ROC: ("ROC curves", "False positive rate", "True positive rate"),
    PRECISION_RECALL: ("Precision–recall curves", "Recall", "Precision"),
}
_TIPS = {
    ROC: "Every threshold of a class's output: how many of the class it finds (TP/P), over how many others it takes\n"
    "for it (FP/N). The area, AUC, is the chance that a row of the class has the larger output: 1 at best.\n",
    PRECISION_RECALL: "Every threshold of a class's output: which share of what it calls so is right (TP/(TP + FP)),\n"
    "over how many of the class it finds (TP/P). The average precision AP = Σ (Rₙ − Rₙ₋₁)·Pₙ is 1 at best.\n",
}
_KEYS = "Click: the rows that the threshold calls so. ↑ ↓ choose a class, ← → move the threshold, Enter shows the rows."


class CurvesPlot(Plot):
    """The curves of all classes; one can be brought to the front."""

    def __init__(self, kind: str, theme: Theme) -> None:
        title, x, y = _TITLES[kind]
        super().__init__(f"evaluation.{kind}", title, theme)
        self.kind, self.x_title, self.y_title = kind, x, y
        self.setToolTip(_TIPS[kind] + _KEYS)
        self.found: Classes | None = None
        self.front = -1
        self.reading: tuple[int, int] | None = None
        """Which curve, and which point of its ranking, is read."""
        self._spot: QPointF | None = None
        self._legend: list[tuple[QRectF, int]] = []

    @property
    def curves(self) -> tuple[Curve, ...]:
        """What is drawn."""
        return () if self.found is None else self.found.curves

    def points(self, curve: Curve) -> tuple[Doubles, Doubles, NDArray[np.int64]]:
        """Return a curve's points, and which of its ranking they are."""
        return curve.roc if self.kind == ROC else curve.precision_recall

    def show_judged(self, found: Classes) -> None:
        """Show other curves."""
        if self.found is None or self.found.names != found.names:
            self.front = -1
        before = self.threshold
        self.found, self.reading = found, None
        if self._spot is not None:
            self.hover(self._spot)
        elif before is not None:
            nth, threshold = before
            kept = self.points(found.curves[nth])[2] if nth < len(found.curves) else np.zeros(0, np.int64)
            if len(kept):
                gaps = np.abs(found.curves[nth].ranked.thresholds[kept] - threshold)
                self.read((nth, int(kept[np.argmin(np.nan_to_num(gaps, nan=0.0, posinf=np.inf))])))
        named = ", ".join(f"{curve.name} {_area(curve.areas[self.kind])}" for curve in found.curves[:20])
        self.setAccessibleDescription(f"Areas: {named}")
        self.update()

    @property
    def threshold(self) -> tuple[int, float] | None:
        """Which curve, and which threshold of it, is read."""
        if self.reading is None:
            return None
        return self.reading[0], float(self.curves[self.reading[0]].ranked.thresholds[self.reading[1]])

    def headline(self) -> str:
        """Return the mean of the areas in words."""
        areas = [curve.areas[self.kind] for curve in self.curves]
        held = [area for area in areas if area == area]
        what = "AUC" if self.kind == ROC else "AP"
        mean = "mean " if len(areas) > 1 else ""
        return f"{mean}{what} {_area(sum(held) / len(held) if held else float('nan'))}"

    def sentence(self, nth: int, place: int) -> str:
        """Return what a threshold does, in a sentence."""
        curve = self.curves[nth]
        ranked = curve.ranked
        hits, alarms = int(ranked.hits[place]), int(ranked.alarms[place])
        threshold = float(ranked.thresholds[place])
        said = f"{curve.name} never said" if threshold == np.inf else f"{curve.name} from {_threshold(threshold)}"
        if self.kind == ROC:
            return (
                f"{said}: TPR {_rate(hits, ranked.positives)} ({grouped(hits)} of {grouped(ranked.positives)}), "
                f"FPR {_rate(alarms, ranked.negatives)} ({grouped(alarms)} of {grouped(ranked.negatives)})"
            )
        precision = f"precision {_rate(hits, hits + alarms)} ({grouped(hits)} of {grouped(hits + alarms)})"
        return f"{said}: recall {_rate(hits, ranked.positives)}, {precision}"

    # -- painting -----------------------------------------------------------------------------------------------

    def _colour(self, curve: Curve) -> QColor:
        colours = self.theme.classes
        return QColor(colours[curve.place % len(colours)])

    def paint_content(self, painter: QPainter, room: QRectF) -> None:
        found = self.found
        if found is None:
            return
        if not found.finite:
            self.paint_note(painter, "The network's outputs are no numbers: nothing can be ranked by them.")
            return
        theme = self.theme
        painter.setPen(QPen(theme.color("border"), 1.0, Qt.PenStyle.DashLine))
        if self.kind == ROC:
            painter.drawLine(self.point(0, 0), self.point(1, 1))
        elif len(self.curves) == 1 and len(found.rows):
            level = self.curves[0].ranked.positives / len(found.rows)
            painter.drawLine(self.point(0, level), self.point(1, level))
        order = sorted(range(len(self.curves)), key=lambda nth: nth == self._led)
        painter.save()
        painter.setClipRect(room.adjusted(-1.5, -2.0, 2.0, 1.5))
        for nth in order:
            self._paint_curve(painter, nth)
        painter.restore()
        self._paint_legend(painter, room)
        if self.reading is not None:
            self._paint_reading(painter, *self.reading)

    @property
    def _led(self) -> int:
        """Which curve is in front."""
        return self.reading[0] if self.reading is not None else self.front

    def _paint_curve(self, painter: QPainter, nth: int) -> None:
        curve = self.curves[nth]
        x, y = curve.drawn[self.kind]
        if not len(x):
            return
        colour = self._colour(curve)
        led = self._led
        if led >= 0 and nth != led:
            colour.setAlphaF(0.28)
        painter.setPen(QPen(colour, 2.2 if nth == led else 1.5))
        self.paint_line(painter, x, y)

    def _paint_legend(self, painter: QPainter, room: QRectF) -> None:
        """Name the curves in the corner that good ones leave free; the worst first where there are too many."""
        style = font(0.88 * base_pixel_size(self.font()))
        metrics = QFontMetricsF(style)
        high = metrics.height() + 1.0
        self._legend = []
        order = list(range(len(self.curves)))
        most = max(2, int((0.72 if len(order) <= _FEW else 0.42) * room.height() / high))
        if len(order) > most:
            order.sort(key=lambda nth: (self.curves[nth].areas[self.kind], nth))
            order = order[: most - 1]
        more = len(self.curves) - len(order)
        figure = metrics.horizontalAdvance(">0.999")
        wide = min(
            max((metrics.horizontalAdvance(self.curves[nth].name) for nth in order), default=0.0),
            0.62 * room.width() - figure - 26.0,
        )
        whole = 14.0 + wide + 10.0 + figure
        left = room.right() - whole - 8.0 if self.kind == ROC else room.left() + 8.0
        top = room.bottom() - (len(order) + bool(more)) * high - 6.0
        back = self.theme.color("window")
        back.setAlphaF(0.86)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(back)
        painter.drawRoundedRect(QRectF(left - 6.0, top - 3.0, whole + 12.0, room.bottom() - top - 2.0), 4.0, 4.0)
        for line, nth in enumerate(order):
            curve, place = self.curves[nth], QRectF(left, top + line * high, whole, high)
            painter.setPen(QPen(self._colour(curve), 2.2))
            painter.drawLine(QPointF(left, place.center().y()), QPointF(left + 9.0, place.center().y()))
            painter.setFont(font(0.88 * base_pixel_size(self.font()), bold=nth == self._led))
            painter.setPen(self.theme.color("text"))
            name = metrics.elidedText(curve.name, Qt.TextElideMode.ElideMiddle, wide)
            painter.drawText(place.adjusted(14.0, 0, 20.0, 0), Qt.AlignmentFlag.AlignLeft, name)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight, _area(curve.areas[self.kind]))
            self._legend.append((place, nth))
        if more:
            painter.setFont(style)
            painter.setPen(self.theme.color("quiet"))
            place = QRectF(left, top + len(order) * high, whole, high)
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft, f"and {more} better ones")

    def _paint_reading(self, painter: QPainter, nth: int, place: int) -> None:
        curve = self.curves[nth]
        ranked = curve.ranked
        x, y = (ranked.false_positive_rate, ranked.recall) if self.kind == ROC else (ranked.recall, ranked.precision)
        spot = self.point(float(x[place]), float(y[place]))
        painter.setPen(QPen(self.theme.color("quiet"), 1.0, Qt.PenStyle.DotLine))
        room = self.room
        painter.drawLine(QPointF(room.left(), spot.y()), spot)
        painter.drawLine(spot, QPointF(spot.x(), room.bottom()))
        painter.setPen(QPen(self.theme.color("window"), 1.5))
        painter.setBrush(self._colour(curve))
        painter.drawEllipse(spot, 4.5, 4.5)

    # -- mouse and keys -----------------------------------------------------------------------------------------

    def read(self, reading: tuple[int, int] | None) -> None:
        """Read a threshold: (curve, point of its ranking), or none."""
        if reading != self.reading:
            self.reading = reading
            self.said.emit("" if reading is None else self.sentence(*reading))
            self.update()

    def hover(self, spot: QPointF | None) -> None:
        self._spot = spot
        if spot is None or self.found is None or not self.found.finite:
            self.read(None)
            return
        over = self._named(spot)
        if over >= 0:
            curve = self.curves[over]
            what = "area" if self.kind == ROC else "average precision"
            self.reading = None
            self.said.emit(f"{curve.name} against all others: {what} {_area(curve.areas[self.kind])}")
            return
        best, near = None, 2.5 * REACH
        for nth, curve in enumerate(self.curves):
            x, y, kept = self.points(curve)
            if not len(x):
                continue
            across, down = self.at(x, y)
            far = np.hypot(across - spot.x(), down - spot.y())
            far = far - (2.0 if nth == self.front else 0.0)
            place = int(np.argmin(far))
            if far[place] < near:
                best, near = (nth, int(kept[place])), float(far[place])
        self.read(best)

    def _named(self, spot: QPointF) -> int:
        return next((nth for place, nth in self._legend if place.contains(spot)), -1)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        named = self._named(event.position())
        if named >= 0:
            self.front = -1 if self.front == named else named
            self.update()
        else:
            self.hover(event.position())
            self.open()

    def open(self) -> None:
        """Ask for the rows that the threshold that is read calls so."""
        if self.reading is None or self.found is None:
            return
        curve = self.curves[self.reading[0]]
        threshold = float(curve.ranked.thresholds[self.reading[1]])
        title = f"{curve.name} by a threshold of {_threshold(threshold)}"
        self.rows_wanted.emit(self.found.called(curve.place, threshold), title)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        key, count = event.key(), len(self.curves)
        across, down = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}, {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open()
        elif not count or (key not in across and key not in down):
            super().keyPressEvent(event)
        else:
            self._spot = None
            nth, place = self.reading or (max(self.front, 0), -1)
            if key in down:
                nth, place = (nth + down[Qt.Key(key)]) % count, -1
                self.front = nth
            _, _, kept = self.points(self.curves[nth])
            if not len(kept):
                return
            at = int(np.searchsorted(kept, place)) + (across[Qt.Key(key)] if key in across else 0) if place >= 0 else 0
            self.read((nth, int(kept[min(max(at, 0), len(kept) - 1)])))


def _area(area: float) -> str:
    if area != area:
        return "–"
    return ">0.999" if 0.9995 <= area < 1.0 else f"{area:.3f}"


def _rate(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "–"


def _threshold(value: float) -> str:
    """Return a threshold so that one near 1 is not rounded to it."""
    return f"1 − {1 - value:.1g}" if 0.999 < value < 1.0 else f"{value:.3g}"
