"""The plot of the history, by pyqtgraph: values above, gradients below, one epoch axis, and where one stands."""

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal

from ui.theme import Theme, font


class HistoryPlot(pg.GraphicsLayoutWidget):
    """Values and gradients of some parameters over epochs.

    Signals
    -------
    sought
        int: somebody clicked on an epoch.
    """

    sought = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("history.plot")
        self.setAccessibleName("Values and gradients by epoch")
        self.setToolTip("Click to go to an epoch.")
        self.setMinimumHeight(110)
        # pyqtgraph has no types: these two are what it adds to Qt's classes.
        self.grid: Any = self.ci
        scene: Any = self.scene()
        self.grid.setSpacing(4)
        self.grid.setContentsMargins(4, 0, 10, 0)
        self.values = self._plot(0, "Value")
        self.gradients = self._plot(1, "Gradient")
        self.gradients.setXLink(self.values)
        self.gradients.setLabel("bottom", "Epoch")
        self._now = [pg.InfiniteLine(angle=90, movable=False) for _ in range(2)]
        for plot, line in zip((self.values, self.gradients), self._now, strict=True):
            plot.addItem(line, ignoreBounds=True)
        self.lines: list[tuple[Any, Any]] = []
        scene.sigMouseClicked.connect(self._clicked)
        self.set_theme(theme)

    def _plot(self, row: int, title: str) -> Any:
        plot = self.grid.addPlot(row=row, col=0)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setLabel("left", title)
        plot.getAxis("left").setWidth(62)
        for side in ("left", "bottom"):
            plot.getAxis(side).enableAutoSIPrefix(False)
        plot.getViewBox().setMouseEnabled(x=False, y=False)
        return plot

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        self.setBackground(theme.color("window"))
        small = font(11)
        for plot in (self.values, self.gradients):
            plot.showGrid(x=False, y=True, alpha=0.12)
            for side in ("left", "bottom"):
                axis = plot.getAxis(side)
                axis.setPen(theme.color("hairline"))
                axis.setTextPen(theme.color("quiet"))
                axis.setStyle(tickFont=small, tickTextOffset=4, tickLength=-4)
                axis.label.setFont(small)
                axis.label.setDefaultTextColor(theme.color("quiet"))
        for line in self._now:
            line.setPen(pg.mkPen(theme.accent, width=1.2))

    def show_trace(self, trace: Any) -> None:
        """Draw the way of parameters, one colour each."""
        for value, gradient in self.lines:
            self.values.removeItem(value)
            self.gradients.removeItem(gradient)
        self.lines = []
        known = np.isfinite(trace.gradients).any()
        self.gradients.setVisible(bool(known))
        self.values.getAxis("bottom").setStyle(showValues=not known)
        for nth in range(len(trace.places)):
            pen = pg.mkPen(self.theme.classes[nth % len(self.theme.classes)], width=1.6 if nth == 0 else 1.1)
            value = self.values.plot(trace.epochs, trace.values[:, nth], pen=pen, connect="finite")
            gradient = self.gradients.plot(trace.epochs, trace.gradients[:, nth], pen=pen, connect="finite")
            self.lines.append((value, gradient))

    def show_now(self, epoch: float) -> None:
        """Mark where one stands."""
        for line in self._now:
            line.setValue(epoch)

    def _clicked(self, event: Any) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        for plot in (self.values, self.gradients):
            box = plot.getViewBox()
            if plot.isVisible() and box.sceneBoundingRect().contains(event.scenePos()):
                self.sought.emit(max(0, round(box.mapSceneToView(event.scenePos()).x())))
                return
