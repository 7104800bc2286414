"""One plot of the curves, by pyqtgraph: its axes, its lines, and how far its values reach."""

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from ui.panels.curves_series import Kind, Line
from ui.panels.plots_axis import LogAxis
from ui.theme import Theme, font

EPOCHS_HEIGHT = 42
"""How many pixels the numbers of the epochs and what they are take."""

_LEAST = 1e-12
_SHARES = (0, 50, 100)


class LinePlot(pg.PlotItem):
    """Lines over epochs; the values reach as far as those in sight do.

    Attributes
    ----------
    lines
        What pyqtgraph draws, by the names of the lines.
    """

    def __init__(self, kind: Kind, theme: Theme) -> None:
        super().__init__(axisItems={side: LogAxis(side) for side in ("left", "bottom")})
        self.kind = kind
        self.lines: dict[str, Any] = {}
        self._looks: dict[str, tuple[str, float]] = {}
        self._log_x = self._log_y = False
        # pyqtgraph has no types: these are its axes and what they enclose.
        self.left: Any = self.getAxis("left")
        self.bottom: Any = self.getAxis("bottom")
        self.box: Any = self.getViewBox()
        self.setMenuEnabled(False)
        self.hideButtons()
        self.setLabel("left", kind.axis)
        self.left.setWidth(56)
        for axis in (self.left, self.bottom):
            axis.enableAutoSIPrefix(False)
        self.box.setMouseEnabled(x=True, y=False)
        self.box.disableAutoRange()
        self.box.setDefaultPadding(0.02)
        if kind.share:
            self.left.setStyle(hideOverlappingLabels=False)
            self.left.setTicks([[(share, f"{share} %") for share in _SHARES]])
            self.box.setYRange(-12, 112, padding=0)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme; lines take theirs when they are drawn next."""
        small = font(11)
        self.showGrid(x=False, y=True, alpha=0.12)
        for axis in (self.left, self.bottom):
            axis.setPen(theme.color("hairline"))
            axis.setTextPen(theme.color("quiet"))
            axis.setStyle(tickFont=small, tickTextOffset=4, tickLength=-4)
            axis.label.setFont(small)
            axis.label.setDefaultTextColor(theme.color("quiet"))

    def set_lowest(self, lowest: bool) -> None:
        """Write the epochs below it, or not."""
        self.bottom.setStyle(showValues=lowest)
        self.setLabel("bottom", "Epoch" if lowest else "")
        self.bottom.showLabel(lowest)
        self.bottom.setHeight(EPOCHS_HEIGHT if lowest else 4)

    def set_log(self, *, x: bool, y: bool) -> None:
        """Draw on logarithmic scales or on plain ones; a share is always on a plain one."""
        self._log_x, self._log_y = x, y and not self.kind.share
        self.setLogMode(x=x, y=self._log_y)

    def draw(self, lines: list[Line]) -> None:
        """Draw these lines and no others."""
        for name in self.lines.keys() - {line.name for line in lines}:
            self.removeItem(self.lines.pop(name))
            del self._looks[name]
        low, high = np.inf, -np.inf
        for line in lines:
            y = self._ready(line.y)
            self._item(line).setData(line.x, y, symbol="o" if np.isfinite(y).sum() == 1 else None)
            seen = y[y > 0] if self._log_y else y[np.isfinite(y)]
            if len(seen):
                low, high = min(low, float(seen.min())), max(high, float(seen.max()))
        if low <= high and not self.kind.share:
            self._fit(low, high)

    def _ready(self, y: NDArray[Any]) -> NDArray[Any]:
        """Return values as they can be drawn: a loss of 0 has a place on a logarithmic axis, too."""
        y = np.where(np.isfinite(y), y, np.nan)
        if self.kind.share:
            return 100.0 * y
        if self._log_y:
            return np.maximum(y, _LEAST) if self.kind.zero else np.where(y > 0.0, y, np.nan)
        return y

    def _item(self, line: Line) -> Any:
        item = self.lines.get(line.name)
        if item is None:
            item = self.lines[line.name] = self.plot([], [], connect="finite", symbolSize=5, symbolPen=None)
            item.setLogMode(self._log_x, self._log_y)
            item.setZValue(-2 if line.faint else -1 if line.dotted else 0)
        look = line.colour, line.width
        if self._looks.get(line.name) != look:
            self._looks[line.name] = look
            colour = QColor(line.colour)
            if line.faint:
                colour.setAlphaF(0.28)
            style = Qt.PenStyle.DotLine if line.dotted else Qt.PenStyle.SolidLine
            item.setPen(pg.mkPen(colour, width=line.width, style=style))
            item.setSymbolBrush(colour)
        return item

    def _fit(self, low: float, high: float) -> None:
        if self._log_y:
            low, high = float(np.log10(low)), float(np.log10(high))
            slack = max(0.05 * (high - low), 0.05)
            below = slack
        else:
            low = min(low, 0.0) if self.kind.zero else low  # a loss is as small as it is near zero
            slack = 0.05 * (high - low) or 0.1 * abs(high) or 1.0
            below = 0.4 * slack if self.kind.zero else slack
        self.box.setYRange(low - below, high + slack, padding=0)
