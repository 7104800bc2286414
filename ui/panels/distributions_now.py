"""Histograms: how a layer's numbers are spread at the present moment, with its figures."""

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from simulator.explain import figure
from ui.panels.distributions_content import axis_text, size_text
from ui.panels.distributions_facets import Facets
from ui.theme import Theme, mixed

if TYPE_CHECKING:
    from simulator.insight.distributions import Figures


class NowView(Facets):
    """One facet a layer: bars, below them a box from the first to the third quartile, beside them the figures."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.setObjectName("distributions.now")
        self.setAccessibleName("Histograms of every layer")
        self.setToolTip(
            "How many values lie in each bin. The box below reaches from the 25 % to the 75 % quantile,\n"
            "its whiskers from 5 % to 95 %; the line in it is the median. Double click a name to see a layer alone."
        )
        self._bin: tuple[int, int] | None = None

    def area(self, room: QRectF) -> QRectF:
        area = super().area(room).adjusted(0, 0, 0, -0.95 * self.base)
        if self._beside(room):
            return area.adjusted(0, 0, -self._column(), 0)
        return area.adjusted(0, 1.25 * self.base, 0, 0)

    def _beside(self, room: QRectF) -> bool:
        """Whether there is room for all figures beside the bars."""
        return room.width() > 2.4 * self._column() + 60 and room.height() > 15.5 * self.base

    def _column(self) -> float:
        return QFontMetricsF(self.small).horizontalAdvance("zeros −0.00000000") + self.base

    def _bars(self, layer: int) -> "tuple[np.ndarray, np.ndarray] | None":
        """Return the edges and the counts of a layer's bins."""
        from simulator.insight.histograms import by_magnitude, together

        content = self.content
        if content is None or content.present is None:
            return None
        spread = content.present.spreads[content.quantity][layer]
        if content.by_size and spread.magnitudes.any():
            ridges = by_magnitude([spread.magnitudes])
            return ridges.edges, np.rint(ridges.densities[0] * np.diff(ridges.edges) * spread.magnitudes.sum())
        one = spread.histogram
        if not one.total:
            return None
        ridges = together([one])
        return ridges.edges, np.rint(ridges.densities[0] * np.diff(ridges.edges) * one.total)

    def _paint(self, painter: QPainter, layer: int, room: QRectF) -> None:
        content = self.content
        assert content is not None
        self.paint_head(painter, layer, room)
        if content.present is None:
            self.say(painter, room, "…")
            return
        figures, bars = content.present.spreads[content.quantity][layer].figures, self._bars(layer)
        if bars is None or figures is None:
            self.say(painter, room, "No value is finite: the network has diverged.")
            return
        area = self.area(room)
        edges, counts = bars
        deep = QRectF(area.topLeft(), QPointF(area.right(), area.bottom() + 0.95 * self.base))  # with the box
        self.paint_values(painter, deep, float(edges[0]), float(edges[-1]))
        self._paint_counts(painter, area, float(counts.max()))
        self._paint_bars(painter, area, edges, counts)
        if not content.by_size:
            self._paint_box(painter, area, (float(edges[0]), float(edges[-1])), figures)
        self._paint_figures(painter, layer, room, figures)

    def _share(self, counts: "np.ndarray | float", most: float) -> "np.ndarray":
        """Return how high bars are, 0 … 1."""
        if self.content is not None and self.content.logarithmic:
            return np.log1p(counts) / math.log1p(max(most, 1.0))
        return np.asarray(counts) / max(most, 1.0)

    def _paint_counts(self, painter: QPainter, area: QRectF, most: float) -> None:
        logarithmic = self.content is not None and self.content.logarithmic
        metrics = QFontMetricsF(self.small)
        values = [10.0**power for power in range(int(math.log10(max(most, 1))) + 1)] if logarithmic else [most]
        last = area.bottom() + 1e9
        for value in [0.0, *values]:
            y = area.bottom() - float(self._share(value, most)) * area.height()
            if last - y < 1.1 * metrics.height():
                continue
            last = y
            painter.setPen(QPen(self.theme.color("hairline"), 1.0))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            text = count_text(value)
            painter.setPen(self.theme.color("quiet"))
            painter.setFont(self.small)
            at = QPointF(area.left() - 0.5 * self.base - metrics.horizontalAdvance(text), y + 0.5 * metrics.capHeight())
            painter.drawText(at, text)

    def _paint_bars(self, painter: QPainter, area: QRectF, edges: "np.ndarray", counts: "np.ndarray") -> None:
        theme, wide = self.theme, area.width() / len(counts)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(mixed(theme.window, theme.accent, 0.8))
        gap = min(1.0, 0.12 * wide)
        for nth, (count, share) in enumerate(
            zip(counts.tolist(), self._share(counts, counts.max()).tolist(), strict=True)
        ):
            if count:
                high = max(1.5, share * area.height())
                painter.drawRect(QRectF(area.left() + nth * wide + 0.5 * gap, area.bottom() - high, wide - gap, high))

    def _paint_box(self, painter: QPainter, area: QRectF, span: tuple[float, float], figures: "Figures") -> None:
        theme, low, length = self.theme, span[0], span[1] - span[0]
        q5, q25, q50, q75, q95 = (area.left() + (q - low) / length * area.width() for q in figures.quantiles)
        y, high = area.bottom() + 0.5 * self.base, 0.46 * self.base
        painter.setPen(QPen(theme.color("quiet"), 1.2))
        painter.drawLine(QPointF(q5, y), QPointF(q95, y))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(mixed(theme.window, theme.quiet, 0.6))
        painter.drawRoundedRect(QRectF(q25, y - 0.5 * high, max(2.0, q75 - q25), high), 2, 2)
        painter.setPen(QPen(theme.color("text"), 1.8))
        painter.drawLine(QPointF(q50, y - 0.6 * high), QPointF(q50, y + 0.6 * high))

    def _paint_figures(self, painter: QPainter, layer: int, room: QRectF, figures: "Figures") -> None:
        theme, base, metrics = self.theme, self.base, QFontMetricsF(self.small)
        values = figure_lines(figures)
        painter.setFont(self.small)
        if not self._beside(room):
            left, text = self.area(room).left(), ""
            for name in ("mean", "sd", "zeros", "min", "max", "not finite"):
                longer = f"{text}   {name} {values[name]}".strip() if name in values else text
                if metrics.horizontalAdvance(longer) <= room.width() - left - 0.5 * base:
                    text = longer
            painter.setPen(theme.color("quiet"))
            painter.drawText(QPointF(left, room.top() + 2.6 * base), text)
            return
        left, right = room.right() - self._column() - 0.2 * base, room.right() - 0.9 * base
        line = self.area(room).top() + metrics.ascent()
        for name, value in values.items():
            painter.setPen(theme.color("quiet"))
            painter.drawText(QPointF(left, line), name)
            painter.setPen(theme.color("bad" if name == "not finite" else "text"))
            painter.drawText(QPointF(right - metrics.horizontalAdvance(value), line), value)
            line += 1.16 * metrics.height() * (1.35 if name in ("sd", "max", "zeros") else 1.0)

    def _mark(self, painter: QPainter, layer: int, room: QRectF) -> None:
        if self._bin is None or self._bin[0] != layer:
            return
        bars = self._bars(layer)
        if bars is not None and self._bin[1] < len(bars[1]):
            area, wide = self.area(room), self.area(room).width() / len(bars[1])
            ink = self.theme.color("quiet")
            ink.setAlphaF(0.22)
            painter.fillRect(QRectF(area.left() + self._bin[1] * wide, area.top(), wide, area.height()), ink)

    def _point(self, place: QPointF | None) -> None:
        found = None if place is None else self.at(place)
        self._bin = None
        bars = None if found is None else self._bars(found[0])
        if place is None or found is None or bars is None or self.content is None:
            self.read.emit("")
            return
        layer, area = found[0], self.area(found[1])
        edges, counts = bars
        nth = int((place.x() - area.left()) / max(1.0, area.width()) * len(counts))
        if not 0 <= nth < len(counts):
            self.read.emit("")
            return
        self._bin = layer, nth
        if self.content.by_size:
            low, high = (size_text(float(edges[place])) for place in (nth, nth + 1))
        else:
            low, high = (axis_text(float(f"{edges[place]:.3g}")) for place in (nth, nth + 1))
        share = 100.0 * counts[nth] / counts.sum()
        self.read.emit(f"{self.content.names[layer]} · {low} … {high} · {int(counts[nth]):,} values · {share:.3g} %")


def figure_lines(figures: "Figures") -> dict[str, str]:
    """Return figures by their names, as they are written."""
    f = figures
    found = {
        "mean": figure(f.mean, 3), "sd": figure(f.sd, 3), "min": figure(f.low, 3), "max": figure(f.high, 3),
        "zeros": f"{100 * f.zeros:.3g} %",
    }  # fmt: skip
    names = ("5 %", "25 %", "50 %", "75 %", "95 %")
    found |= {name: figure(value, 3) for name, value in zip(names, f.quantiles, strict=True)}
    if f.not_finite:
        found["not finite"] = f"{f.not_finite:,}"
    return found


def count_text(value: float) -> str:
    """Return a count as it stands at an axis: 12k for 12,345."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if value >= 10 * size or (value >= size and value % size == 0):
            return f"{value / size:.0f}{letter}"
    return f"{value:.0f}"
