"""The two plots of the curves, by pyqtgraph: loss above, accuracy below, one epoch axis, a line under the pointer."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal

from ui.theme import Theme, font

_COLOURS = {"train": 0, "test": 1}


class Plots(pg.GraphicsLayoutWidget):
    """Loss and accuracy over epochs.

    Parameters
    ----------
    theme
        Colours.
    on_hover
        Called with the epoch under the pointer, or None.

    Signals
    -------
    moved
        Another stretch of epochs is in sight.
    """

    moved = Signal()

    def __init__(self, theme: Theme, on_hover: Callable[[float | None], None]) -> None:
        super().__init__()
        self.setObjectName("curves.plots")
        self.setAccessibleName("Loss and accuracy by epoch")
        self.setToolTip("Drag to move, wheel to zoom, double click to see all epochs again.")
        self.setMinimumHeight(120)
        self._on_hover = on_hover
        self._following, self._end = True, 0.0
        self._log = False
        self._lines: dict[str, Any] = {}
        self._legends: list[Any] = []
        # pyqtgraph has no types: these two are what it adds to Qt's classes.
        self.grid: Any = self.ci
        self._scene_of_plots: Any = self.scene()
        self.grid.setSpacing(4)
        self.grid.setContentsMargins(4, 0, 10, 0)
        self.loss = self._plot(0, "Loss", "loss")
        # Nothing to be seen, but the plain scale of the loss reaches down to it: a loss is as small as it is near zero.
        self._zero: Any = self.loss.plot([0.0, 0.0], [0.0, 0.0], pen=(0, 0, 0, 0))
        self.accuracy = self._plot(1, "Accuracy %", "accuracy")
        self.accuracy.setXLink(self.loss)
        self.accuracy.getAxis("left").setStyle(hideOverlappingLabels=False)
        self.accuracy.getAxis("left").setTicks([[(share, str(share)) for share in (0, 50, 100)]])
        self.accuracy.setLabel("bottom", "Epoch")
        self.accuracy.setYRange(-12, 112, padding=0)
        self._markers = [pg.InfiniteLine(angle=90, movable=False) for _ in range(2)]
        for plot, marker in zip((self.loss, self.accuracy), self._markers, strict=True):
            plot.addItem(marker, ignoreBounds=True)
            marker.hide()
        self._now = [pg.InfiniteLine(angle=90, movable=False) for _ in range(2)]
        for plot, line in zip((self.loss, self.accuracy), self._now, strict=True):
            plot.addItem(line, ignoreBounds=True)
            line.hide()
        self._branches: list[tuple[Any, Any, Any]] = []
        self.loss.getViewBox().sigXRangeChanged.connect(lambda *_: self._moved())
        self.loss.getViewBox().sigRangeChangedManually.connect(lambda *_: self._left())
        self.accuracy.getViewBox().sigRangeChangedManually.connect(lambda *_: self._left())
        self._scene_of_plots.sigMouseMoved.connect(self._pointed)
        self._quiet = False
        self.set_theme(theme)

    def _plot(self, row: int, title: str, what: str) -> Any:
        plot = self.grid.addPlot(row=row, col=0)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setLabel("left", title)
        plot.getAxis("left").setWidth(56)
        plot.getAxis("left").enableAutoSIPrefix(False)
        plot.getAxis("bottom").enableAutoSIPrefix(False)
        plot.getViewBox().setMouseEnabled(x=True, y=False)
        plot.getViewBox().setDefaultPadding(0.02)
        if what == "loss":
            self._legends.append(plot.addLegend(offset=(-6, 4), labelTextSize="11px", verSpacing=-6))
        for split in _COLOURS:
            line = plot.plot([], [], name=split, connect="finite")
            line.setClipToView(False)  # what is given is what is in sight
            self._lines[f"{split}_{what}"] = line
        return plot

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.setBackground(theme.color("window"))
        quiet = theme.color("quiet")
        small = font(11)
        for plot in (self.loss, self.accuracy):
            plot.showGrid(x=False, y=True, alpha=0.12)
            for side in ("left", "bottom"):
                axis = plot.getAxis(side)
                axis.setPen(theme.color("hairline"))
                axis.setTextPen(quiet)
                axis.setStyle(tickFont=small, tickTextOffset=4, tickLength=-4)
                axis.label.setFont(small)
                axis.label.setDefaultTextColor(quiet)
        for name, line in self._lines.items():
            split = name.split("_")[0]
            line.setPen(pg.mkPen(theme.classes[_COLOURS[split]], width=1.0 if split == "train" else 1.6))
        for legend in self._legends:
            for _sample, label in legend.items:
                label.setText(label.text, color=theme.text, size="11px")
        for marker in self._markers:
            marker.setPen(pg.mkPen(quiet, width=1, style=Qt.PenStyle.DashLine))
        for line in self._now:
            line.setPen(pg.mkPen(theme.accent, width=1.2))

    def show_accuracy(self, on: bool) -> None:
        """Show or hide the plot of the accuracies, which a predicted value does not have."""
        self.accuracy.setVisible(on)
        self.loss.getAxis("bottom").setStyle(showValues=not on)
        self.loss.setLabel("bottom", "" if on else "Epoch")
        self.loss.getAxis("bottom").showLabel(not on)
        self.grid.layout.setRowStretchFactor(0, 3)
        self.grid.layout.setRowStretchFactor(1, 2 if on else 0)
        if not on:
            self.grid.layout.setRowMaximumHeight(1, 0)
        else:
            self.grid.layout.setRowMaximumHeight(1, 16_777_215)

    def set_log(self, on: bool) -> None:
        """Draw the loss on a logarithmic scale or on a plain one."""
        self._log = on
        self._zero.setVisible(not on)
        self.loss.setLogMode(x=False, y=on)

    def stretch(self, count: int) -> tuple[int, int, int]:
        """Return the first epoch in sight, the one after the last, and how many points are worth drawing."""
        points = max(400, 2 * self.width())
        if self._following:
            return 0, count, points
        low, high = self.loss.getViewBox().viewRange()[0]
        return int(np.floor(low)) - 1, int(np.ceil(high)) + 2, points

    def draw(self, name: str, x: Any, y: Any) -> None:
        """Draw a series."""
        self._lines[name].setData(x, 100.0 * y if name.endswith("accuracy") else y)

    def show_now(self, epoch: float | None) -> None:
        """Mark the epoch that is looked at; None where that is the newest one."""
        for line in self._now:
            line.setVisible(epoch is not None)
            if epoch is not None:
                line.setValue(epoch)

    def show_branches(self, branches: list[tuple[str, Any, Any, Any]]) -> None:
        """Draw other branches as thin lines: (colour, epochs, losses, accuracies)."""
        for plot, line, _ in self._branches:
            plot.removeItem(line)
        self._branches = []
        for colour, x, loss, accuracy in branches:
            for plot, y in ((self.loss, loss), (self.accuracy, 100.0 * accuracy)):
                line = plot.plot(x, y, pen=pg.mkPen(colour, width=1.0, style=Qt.PenStyle.DotLine), connect="finite")
                self._branches.append((plot, line, colour))

    def settle(self, count: int) -> None:
        """Follow the newest epoch, unless somebody looks at another stretch."""
        if self._following:
            reached = max(10, count - 1)
            if not 0.6 * self._end <= reached <= self._end:
                # A little more than is there: axes that move with every frame are restless, and slow to draw.
                self._end = reached if reached <= 10 else 1.2 * reached
                self._quiet = True
                self.loss.setXRange(0, self._end, padding=0.02)
                self._quiet = False

    def follow(self) -> None:
        """Show all epochs, and the new ones as they come."""
        self._following, self._end = True, 0.0

    def _left(self) -> None:
        self._following = False

    def _moved(self) -> None:
        if not self._quiet and not self._following:
            self.moved.emit()

    def _pointed(self, place: QPointF) -> None:
        for plot in (self.loss, self.accuracy):
            box = plot.getViewBox()
            if plot.isVisible() and box.sceneBoundingRect().contains(place):
                epoch = box.mapSceneToView(place).x()
                self._mark(round(epoch))
                self._on_hover(epoch)
                return
        self._mark(None)
        self._on_hover(None)

    def _mark(self, epoch: int | None) -> None:
        for marker in self._markers:
            marker.setVisible(epoch is not None)
            if epoch is not None:
                marker.setValue(max(0, epoch))

    def leaveEvent(self, ev: QEvent) -> None:  # noqa: N802 - Qt's name
        super().leaveEvent(ev)
        self._mark(None)
        self._on_hover(None)

    def mouseDoubleClickEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        self.follow()
        self.moved.emit()
