"""Upright lines in the plots of the curves: the epoch that is read out, where one stands, and where branches fork."""

from collections.abc import Callable
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt

from ui.theme import Theme


class Marks:
    """The same lines in every plot.

    Parameters
    ----------
    place
        Where an epoch stands on the axis.

    Attributes
    ----------
    epoch
        What is read out, or None.
    now
        Where one stands in the past, or None.
    forks
        Where branches left another one.
    """

    def __init__(self, theme: Theme, place: Callable[[float], float]) -> None:
        self.theme, self._place = theme, place
        self.epoch: int | None = None
        self.now: float | None = None
        self.forks: tuple[int, ...] = ()
        self._lines: list[tuple[Any, Any, Any]] = []
        self._forks: list[tuple[Any, Any]] = []

    def add(self, plot: Any) -> None:
        """Mark a plot more."""
        under, now = (pg.InfiniteLine(angle=90, movable=False) for _ in range(2))
        for line in (under, now):
            plot.addItem(line, ignoreBounds=True)
        self._lines.append((plot, under, now))
        self.dress()

    def dress(self) -> None:
        """Draw all of them in the colours of the theme, at places that may have changed."""
        theme = self.theme
        for plot, line in self._forks:
            plot.removeItem(line)
        pen = pg.mkPen(theme.color("border"), width=1, style=Qt.PenStyle.DotLine)
        self._forks = []
        for plot, under, now in self._lines:
            under.setPen(pg.mkPen(theme.color("quiet"), width=1, style=Qt.PenStyle.DashLine))
            now.setPen(pg.mkPen(theme.accent, width=1.2))
            for epoch in self.forks:
                line = pg.InfiniteLine(self._place(epoch), angle=90, movable=False, pen=pen)
                line.setZValue(-5)
                plot.addItem(line, ignoreBounds=True)
                self._forks.append((plot, line))
        self.move()

    def move(self) -> None:
        """Let those that move stand where they belong."""
        for _, under, now in self._lines:
            for line, at in ((under, self.epoch), (now, self.now)):
                line.setVisible(at is not None)
                if at is not None:
                    line.setValue(self._place(at))
