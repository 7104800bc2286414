"""Ridgelines: how a layer's numbers are spread at moments of the branch, the newest in front."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPen, QPolygonF

from simulator.explain import figure
from ui.panels.distributions_content import Content, axis_text, size_text
from ui.panels.distributions_facets import Facets
from ui.panels.points_axes import Span, ticks
from ui.theme import Theme, mixed

if TYPE_CHECKING:
    from simulator.insight.distributions import Study
    from simulator.insight.histograms import Ridges

_APART = 5.0
"""How many pixels lie between two ridges at least: nearer ones would hide each other."""

_WORDS = {"weights": "weight", "gradients": "gradient", "activations": "activation"}


class RidgeView(Facets):
    """One facet a layer: values to the right, epochs downwards, each ridge as high as its own peak."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.setObjectName("distributions.ridges")
        self.setAccessibleName("Ridgelines of every layer")
        self.setToolTip(
            "One ridge a moment, the oldest at the back; each is drawn to its own height, as its peak's density.\n"
            "Click a ridge to go to its epoch; with the keys: ↑ ↓ and Enter. Double click a name to see a layer alone."
        )
        self._drawn: tuple[Study, ...] = ()
        self._ridges: dict[int, Ridges] = {}
        self._on: int | None = None
        self._value: float | None = None
        self._layer = 0

    def show_content(self, content: Content) -> None:
        self._choose(content)
        super().show_content(content)

    def renew(self) -> None:
        self._ridges.clear()
        if self.content is not None:
            self._choose(self.content)
        super().renew()

    def _choose(self, content: Content) -> None:
        """Take as many moments as there is room for, the present one among them."""
        from simulator.insight.distributions import spaced

        on = self._drawn[self._on] if self._on is not None and self._on < len(self._drawn) else None
        studies = content.studies
        most = max(5, int(self._plot(QRectF(0, 0, self.width(), getattr(self, "_high", 200.0))).height() / _APART))
        kept = {studies[nth].place: studies[nth] for nth in spaced([each.time for each in studies], most).tolist()}
        if content.present is not None:
            kept[content.present.place] = content.present
        self._drawn = tuple(kept[place] for place in sorted(kept))
        self._on = (
            None if on is None else next((n for n, each in enumerate(self._drawn) if each.place == on.place), None)
        )
        self._ridges.clear()

    def _of(self, layer: int) -> "Ridges":
        """Return a layer's ridges on one scale."""
        if layer not in self._ridges:
            from simulator.insight.histograms import by_magnitude, together

            assert self.content is not None
            spreads = [study.spreads[self.content.quantity][layer] for study in self._drawn]
            if self.content.by_size:
                self._ridges[layer] = by_magnitude([each.magnitudes for each in spreads])
            else:
                self._ridges[layer] = together([each.histogram for each in spreads])
        return self._ridges[layer]

    # -- where ---------------------------------------------------------------------------------------------------

    def _plot(self, room: QRectF) -> QRectF:
        """Return the area in which baselines lie."""
        area = self.area(room)
        return area.adjusted(0, min(0.42 * area.height(), 4.2 * self.base), 0, 0)

    def _lines(self, room: QRectF) -> list[float]:
        """Return where the baselines of all ridges are."""
        plot, times = self._plot(room), [study.time for study in self._drawn]
        length = times[-1] - times[0] if times else 0.0
        return [plot.bottom() - (plot.height() * (times[-1] - each) / length if length else 0.0) for each in times]

    # -- painting ------------------------------------------------------------------------------------------------

    def _paint(self, painter: QPainter, layer: int, room: QRectF) -> None:
        assert self.content is not None
        self.paint_head(painter, layer, room)
        if not self._drawn:
            self.say(painter, room, "…")
            return
        ridges, area = self._of(layer), self.area(room)
        low, high = float(ridges.edges[0]), float(ridges.edges[-1])
        self.paint_values(painter, area, low, high)
        self._paint_epochs(painter, room)
        painter.setClipRect(area.adjusted(-1, -2, 1, 2))
        present = self._present()
        for nth, line in enumerate(self._lines(room)):
            share = (nth + 1) / len(self._drawn)
            self._paint_ridge(painter, layer, area, nth, line, share, nth == present)
        if present is not None:
            self._paint_outline(painter, layer, room, present, self.theme.color("accent"), 1.6)

    def _present(self) -> int | None:
        content = self.content
        if content is None or content.present is None:
            return None
        return next((nth for nth, each in enumerate(self._drawn) if each.place == content.present.place), None)

    def _curve(self, layer: int, nth: int, area: QRectF, line: float, tall: float) -> QPolygonF | None:
        """Return a ridge as a polygon: densities at the middles of the bins, joined by straight lines."""
        ridges = self._of(layer)
        density = ridges.densities[nth]
        if self.content is not None and self.content.logarithmic:
            total = self._drawn[nth].spreads[self.content.quantity][layer].histogram.total
            density = np.log1p(density * np.diff(ridges.edges) * total)
        peak = float(density.max(initial=0.0))
        if peak <= 0.0:
            return None
        edges = ridges.edges
        x = area.left() + area.width() * (0.5 * (edges[1:] + edges[:-1]) - edges[0]) / (edges[-1] - edges[0])
        used = np.flatnonzero(density)
        part = slice(int(used[0]), int(used[-1]) + 1)  # what is empty at the sides would be a heap of lines
        wide = area.width() / len(density)
        ends = max(area.left(), x[used[0]] - wide), min(area.right(), x[used[-1]] + wide)
        x = np.concatenate([[ends[0]], x[part], [ends[1]]])
        y = line - tall * np.concatenate([[0.0], density[part] / peak, [0.0]])
        return QPolygonF([QPointF(*place) for place in zip(x.tolist(), y.tolist(), strict=True)])

    def _tall(self, room: QRectF) -> float:
        return 0.94 * (self._plot(room).top() - self.area(room).top())

    def _paint_ridge(
        self, painter: QPainter, layer: int, area: QRectF, nth: int, line: float, share: float, now: bool
    ) -> None:
        theme = self.theme
        tall = 0.94 * min(0.42 * area.height(), 4.2 * self.base)
        curve = self._curve(layer, nth, area, line, tall)
        ink = mixed(theme.border, theme.quiet, 0.15 + 0.55 * share)
        if curve is None:
            painter.setPen(QPen(ink, 1.0, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(area.left(), line), QPointF(area.right(), line))
            return
        fill = mixed(theme.window, theme.accent, 0.42 if now else 0.05 + 0.13 * share)
        painter.setPen(QPen(ink, 1.0))
        painter.setBrush(fill)
        painter.drawPolygon(curve)

    def _paint_outline(
        self, painter: QPainter, layer: int, room: QRectF, nth: int, colour: QColor, wide: float
    ) -> None:
        line = self._lines(room)[nth]
        curve = self._curve(layer, nth, self.area(room), line, self._tall(room))
        painter.setPen(QPen(colour, wide))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if curve is None:
            painter.drawLine(QPointF(self.area(room).left(), line), QPointF(self.area(room).right(), line))
        else:
            painter.drawPolyline(curve)

    def _paint_epochs(self, painter: QPainter, room: QRectF) -> None:
        """Write epochs at the left, the present one in the accent."""
        plot, theme, metrics = self._plot(room), self.theme, QFontMetricsF(self.small)
        times, lines, present = [study.time for study in self._drawn], self._lines(room), self._present()
        painter.setFont(self.small)
        half, right = 0.5 * metrics.capHeight(), plot.left() - 0.5 * self.base
        taken: list[float] = []

        def write(time: float, line: float, field: str) -> None:
            if all(abs(line - other) > 1.15 * metrics.height() for other in taken):
                taken.append(line)
                text = short_epoch(time)
                painter.setPen(theme.color(field))
                painter.drawText(QPointF(right - metrics.horizontalAdvance(text), line + half), text)

        if present is not None:
            write(times[present], lines[present], "link")
            painter.setPen(QPen(theme.color("accent"), 2.0))
            painter.drawLine(QPointF(plot.left() - 4, lines[present]), QPointF(plot.left(), lines[present]))
        write(times[0], lines[0], "quiet")
        write(times[-1], lines[-1], "quiet")
        if times[-1] > times[0]:
            for time in ticks(Span(times[0], times[-1]), max(2, int(plot.height() / (2.2 * metrics.height())))):
                line = plot.bottom() - plot.height() * (times[-1] - time) / (times[-1] - times[0])
                write(time, line, "quiet")

    def _mark(self, painter: QPainter, layer: int, room: QRectF) -> None:
        if self._on is None or self._on >= len(self._drawn):
            return
        area = self.area(room)
        painter.setClipRect(area.adjusted(-1, -2, 1, 2))
        self._paint_outline(painter, layer, room, self._on, self.theme.color("text"), 1.4)
        if self._value is not None and layer == self._layer:
            edges = self._of(layer).edges
            x = area.left() + area.width() * (self._value - edges[0]) / (edges[-1] - edges[0])
            painter.setPen(QPen(self.theme.color("quiet"), 1.0, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))

    # -- hands ---------------------------------------------------------------------------------------------------

    def _point(self, place: QPointF | None) -> None:
        found = None if place is None else self.at(place)
        if place is None:
            self._on = self._value = None
        if place is None or found is None or not self._drawn:
            self.read.emit("")
            return
        layer, room = found
        area, lines = self.area(room), self._lines(room)
        # Ridges stand on their lines: the pointer is on the first line below it, if that is not far.
        self._on = int(np.argmin(np.abs(np.array(lines) - place.y() - min(6.0, 0.1 * self._tall(room)))))
        edges = self._of(layer).edges
        share = min(max((place.x() - area.left()) / max(1.0, area.width()), 0.0), 1.0)
        self._layer, self._value = layer, float(edges[0] + share * (edges[-1] - edges[0]))
        self._tell()

    def _tell(self) -> None:
        content = self.content
        if content is None or self._on is None:
            return
        study, ridges = self._drawn[self._on], self._of(self._layer)
        words = [content.names[self._layer], f"epoch {epoch_text(study.time)}"]
        if self._value is not None:
            nth = int(np.clip(np.searchsorted(ridges.edges, self._value, side="right") - 1, 0, len(ridges.edges) - 2))
            word, value = _WORDS[content.quantity], axis_text(float(f"{self._value:.3g}"))
            words.append(f"|{word}| {size_text(self._value)}" if content.by_size else f"{word} {value}")
            words.append(f"density {figure(float(ridges.densities[self._on, nth]), 3)}")
        outside = float(ridges.outside[self._on])
        if outside:
            words.append(f"{100 * outside:.2g} % beyond the axis")
        self.read.emit(" · ".join(words))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        found = self.at(event.position())
        if event.button() != Qt.MouseButton.LeftButton or found is None or self._on is None:
            return
        if event.position().y() >= self.area(found[1]).top():
            self.sought.emit(self._drawn[self._on])

    def _press(self, key: Qt.Key) -> bool:
        if not self._drawn or self.content is None:
            return False
        last = len(self._drawn) - 1
        now = self._on if self._on is not None else self._present()
        now = last if now is None else now
        keys = {Qt.Key.Key_Up: now - 1, Qt.Key.Key_Down: now + 1, Qt.Key.Key_Home: 0, Qt.Key.Key_End: last}
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.sought.emit(self._drawn[now])
        elif key in keys:
            self._on, self._value = min(max(keys[key], 0), last), None
            self._layer = self._layer if self._layer in self.content.layers else self.content.layers[0]
            self._tell()
        else:
            return False
        self.update()
        return True


def epoch_text(time: float) -> str:
    """Return a moment in epochs; a part of an epoch with one digit."""
    return f"{time:,.0f}" if abs(time - round(time)) < 0.005 else f"{time:,.1f}"


def short_epoch(time: float) -> str:
    """Return a moment as short as the margin wants it: no parts of late epochs, and thousands of very late ones."""
    if time < 1_000:
        return epoch_text(time)
    return f"{time:,.0f}" if time < 99_999.5 else f"{time / 1_000:,.0f}k"
