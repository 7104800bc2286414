"""The plots of the curves, by pyqtgraph: above each other with one epoch axis, and a line under the pointer."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QKeyEvent

from ui.panels.curves_series import KINDS, Line
from ui.panels.plots_axis import LogAxis
from ui.panels.plots_marks import Marks
from ui.theme import Theme, font

PLOT_HEIGHT = 48
"""How many pixels a plot has at least."""

_LEAST = 1e-12
_ROOMY = 16_777_215
_KEYS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Home: -(10**12), Qt.Key.Key_End: 10**12}
_ZOOMS = (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus, Qt.Key.Key_Underscore, Qt.Key.Key_0)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Plots(pg.GraphicsLayoutWidget):
    """Some figures over epochs.

    Parameters
    ----------
    theme
        Colours.

    Signals
    -------
    moved
        Another stretch of epochs is in sight.
    pointed
        The epoch that the pointer or the keys are at, or None.
    sought
        int: an epoch was clicked on.
    menu_wanted
        QPoint, on the screen.
    """

    moved = Signal()
    pointed = Signal(object)
    sought = Signal(int)
    menu_wanted = Signal(QPoint)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("curves.plots")
        self.setAccessibleName("Curves by epoch")
        self.setToolTip(
            "Click to go to an epoch; drag to move, wheel to zoom.\n"
            "Keys: left and right read the values out, enter goes there, + and − zoom, 0 shows all epochs."
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.following = True
        self._end, self._count, self._quiet = 0.0, 1, False
        self._theme, self._log_x, self._log_y = theme, False, False
        self._lines: dict[str, Any] = {}
        self._drawn: dict[str, Line] = {}
        self.plots: dict[str, Any] = {}
        self._marks = Marks(theme, self._place)
        # pyqtgraph has no types: these two are what it adds to Qt's classes.
        self.grid: Any = self.ci
        scene: Any = self.scene()
        self.grid.setSpacing(4)
        self.grid.setContentsMargins(4, 2, 10, 0)
        scene.sigMouseMoved.connect(self._hovered)
        scene.sigMouseClicked.connect(self._clicked)
        self.set_theme(theme)

    # -- plots --------------------------------------------------------------------------------------------------

    def show_kinds(self, kinds: Iterable[str]) -> None:
        """Show these plots; the lowest of them has the epochs."""
        shown = [kind for kind in KINDS if kind in set(kinds)]
        for kind in shown:
            if kind not in self.plots:
                self.plots[kind] = self._plot(kind)
        for row, kind in enumerate(KINDS):
            plot, on = self.plots.get(kind), kind in shown
            layout = self.grid.layout
            layout.setRowStretchFactor(row, (3 if kind == "loss" else 2) if on else 0)
            layout.setRowMaximumHeight(row, _ROOMY if on else 0)
            layout.setRowSpacing(row, 4 if on else 0)
            if plot is not None:
                plot.setVisible(on)
                lowest = bool(shown) and kind == shown[-1]
                plot.getAxis("bottom").setStyle(showValues=lowest)
                plot.setLabel("bottom", "Epoch" if lowest else "")
                plot.getAxis("bottom").showLabel(lowest)
        self.setMinimumHeight(PLOT_HEIGHT * max(1, len(shown)) + 30)
        self._end = 0.0

    def _plot(self, kind: str) -> Any:
        axes = {side: LogAxis(side) for side in ("left", "bottom")}
        plot = self.grid.addPlot(row=list(KINDS).index(kind), col=0, axisItems=axes)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setLabel("left", KINDS[kind].axis)
        plot.getAxis("left").setWidth(56)
        for side in ("left", "bottom"):
            plot.getAxis(side).enableAutoSIPrefix(False)
        box = plot.getViewBox()
        box.setMouseEnabled(x=True, y=False)
        box.disableAutoRange()
        box.setDefaultPadding(0.02)
        if kind == "accuracy":
            plot.getAxis("left").setStyle(hideOverlappingLabels=False)
            plot.getAxis("left").setTicks([[(share, f"{share} %") for share in (0, 50, 100)]])
            plot.setYRange(-12, 112, padding=0)
        box.sigXRangeChanged.connect(lambda _box, reach: self._moved(kind, reach))
        box.sigRangeChangedManually.connect(lambda *_: self._left())
        if self.plots:
            low, high = next(iter(self.plots.values())).getViewBox().viewRange()[0]
            self._quiet = True
            plot.setXRange(low, high, padding=0)
            self._quiet = False
        plot.setLogMode(x=self._log_x, y=self._log_y and KINDS[kind].log)
        self._marks.add(plot)
        self._dress(plot)
        return plot

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme; lines take theirs when they are drawn next."""
        self._theme = theme
        self.setBackground(theme.color("window"))
        for plot in self.plots.values():
            self._dress(plot)
        self._marks.theme = theme
        self._marks.dress()

    def _dress(self, plot: Any) -> None:
        theme, small = self._theme, font(11)
        plot.showGrid(x=False, y=True, alpha=0.12)
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setPen(theme.color("hairline"))
            axis.setTextPen(theme.color("quiet"))
            axis.setStyle(tickFont=small, tickTextOffset=4, tickLength=-4)
            axis.label.setFont(small)
            axis.label.setDefaultTextColor(theme.color("quiet"))

    def set_log(self, *, x: bool, y: bool) -> None:
        """Draw on logarithmic scales or on plain ones; a share is always on a plain one."""
        self._log_x, self._log_y = x, y
        for kind, plot in self.plots.items():
            plot.setLogMode(x=x, y=y and KINDS[kind].log)
        self.follow()
        self._marks.dress()

    # -- lines --------------------------------------------------------------------------------------------------

    def stretch(self, count: int) -> tuple[int, int, int]:
        """Return the first epoch in sight, the one after the last, and how many points are worth drawing."""
        points = max(400, 2 * self.width())
        if self.following or not self.plots:
            return 0, count, points
        low, high = (self._epoch(each) for each in next(iter(self.plots.values())).getViewBox().viewRange()[0])
        return max(0, int(np.floor(max(low, 0.0))) - 1), int(min(np.ceil(high) + 2, count)), points

    def draw(self, kind: str, lines: list[Line]) -> None:
        """Draw the lines of a plot, and fit its values to what is in sight."""
        plot = self.plots[kind]
        wanted = {f"{kind}.{line.name}" if line.dotted or line.faint else line.name for line in lines}
        for name in [name for name in self._drawn if self._drawn_in(name, kind) and name not in wanted]:
            plot.removeItem(self._lines.pop(name))
            del self._drawn[name]
        low, high = np.inf, -np.inf
        log = self._log_y and KINDS[kind].log
        for line in lines:
            name = f"{kind}.{line.name}" if line.dotted or line.faint else line.name
            y = self._ready(kind, line.y)
            item = self._item(plot, kind, name, line)
            alone = np.isfinite(y).sum() == 1
            item.setData(line.x, y, symbol="o" if alone else None)
            seen = y[np.isfinite(y) & (y > 0)] if log else y[np.isfinite(y)]
            if len(seen):
                low, high = min(low, float(seen.min())), max(high, float(seen.max()))
            self._drawn[name] = line
        if kind != "accuracy" and low <= high:
            self._fit(plot, low, high, log=log, zero=kind == "loss")

    def _drawn_in(self, name: str, kind: str) -> bool:
        return name.startswith(f"{kind}.") or name in KINDS[kind].fields

    def _ready(self, kind: str, y: NDArray[Any]) -> NDArray[Any]:
        """Return values as they can be drawn: a loss of 0 has a place on a logarithmic axis, too."""
        y = np.where(np.isfinite(y), y, np.nan)
        if kind == "accuracy":
            return 100.0 * y
        if self._log_y and KINDS[kind].log:
            return np.maximum(y, _LEAST) if kind == "loss" else np.where(y > 0.0, y, np.nan)
        return y

    def _item(self, plot: Any, kind: str, name: str, line: Line) -> Any:
        colour = QColor(line.colour)
        if line.faint:
            colour.setAlphaF(0.28)
        style = Qt.PenStyle.DotLine if line.dotted else Qt.PenStyle.SolidLine
        item = self._lines.get(name)
        if item is None:
            item = self._lines[name] = plot.plot([], [], connect="finite", symbolSize=5, symbolPen=None)
            item.setLogMode(self._log_x, self._log_y and KINDS[kind].log)
            item.setZValue(-2 if line.faint else -1 if line.dotted else 0)
        before = self._drawn.get(name)
        if before is None or (before.colour, before.width) != (line.colour, line.width):
            item.setPen(pg.mkPen(colour, width=line.width, style=style))
            item.setSymbolBrush(colour)
        return item

    def _fit(self, plot: Any, low: float, high: float, *, log: bool, zero: bool) -> None:
        if log:
            low, high = float(np.log10(low)), float(np.log10(high))
            slack = max(0.05 * (high - low), 0.05)
        else:
            low = min(low, 0.0) if zero else low  # a loss is as small as it is near zero
            slack = 0.05 * (high - low) or 0.1 * abs(high) or 1.0
        plot.setYRange(low - (0.4 * slack if zero and not log and low == 0.0 else slack), high + slack, padding=0)

    # -- the epoch axis -----------------------------------------------------------------------------------------

    def settle(self, count: int) -> None:
        """Follow the newest epoch, unless somebody looks at another stretch."""
        self._count = count
        if self.following and self.plots:
            reached = max(10, count - 1)
            if not 0.6 * self._end <= reached <= self._end:
                # A little more than is there: axes that move with every frame are restless, and slow to draw.
                self._end = reached if reached <= 10 else 1.2 * reached
                self._reach(0.0, float(np.log10(self._end)) if self._log_x else self._end)

    def follow(self) -> None:
        """Show all epochs, and the new ones as they come."""
        self.following, self._end = True, 0.0

    def zoom(self, factor: float) -> None:
        """Show more (a factor above 1) or fewer epochs, around the one that is read out."""
        if not self.plots:
            return
        low, high = next(iter(self.plots.values())).getViewBox().viewRange()[0]
        middle = 0.5 * (low + high) if self.epoch is None else self._place(self.epoch)
        self._left()
        self._reach(middle + (low - middle) * factor, middle + (high - middle) * factor, padding=0.0)
        self.moved.emit()

    def _reach(self, low: float, high: float, padding: float = 0.02) -> None:
        self._quiet = True
        for plot in self.plots.values():
            plot.setXRange(low, high, padding=padding)
        self._quiet = False

    def _left(self) -> None:
        self.following = False

    def _moved(self, kind: str, reach: tuple[float, float]) -> None:
        if self._quiet:
            return
        self._quiet = True
        for other, plot in self.plots.items():
            if other != kind:
                plot.setXRange(*reach, padding=0)
        self._quiet = False
        if not self.following:
            self.moved.emit()

    def _place(self, epoch: float) -> float:
        return float(np.log10(max(epoch, 0.5))) if self._log_x else float(epoch)

    def _epoch(self, place: float) -> float:
        return float(10.0 ** min(place, 15.0)) if self._log_x else place

    # -- marks --------------------------------------------------------------------------------------------------

    @property
    def epoch(self) -> int | None:
        """The epoch that is read out."""
        return self._marks.epoch

    def show_now(self, epoch: float | None) -> None:
        """Mark the epoch that is looked at; None where that is the newest one."""
        self._marks.now = epoch
        self._marks.move()

    def show_forks(self, epochs: tuple[int, ...]) -> None:
        """Mark the epochs at which a branch left another one."""
        if epochs != self._marks.forks:
            self._marks.forks = epochs
            self._marks.dress()

    def show_epoch(self, epoch: int | None) -> None:
        """Mark the epoch that is read out."""
        self._marks.epoch = epoch
        self._marks.move()

    def mark(self) -> QPoint:
        """Return the place of the epoch that is read out, in the middle of the uppermost plot."""
        plot = next((plot for plot in self.plots.values() if plot.isVisible()), None)
        if plot is None or self.epoch is None:
            return self.rect().center()
        box = plot.getViewBox()
        x = box.mapViewToScene(QPointF(self._place(self.epoch), 0.0)).x()
        return self.mapFromScene(QPointF(x, box.sceneBoundingRect().center().y()))

    # -- pointer and keys ---------------------------------------------------------------------------------------

    def _under(self, place: QPointF) -> int | None:
        """Return the epoch at a place of the scene; None outside of all plots."""
        for plot in self.plots.values():
            box = plot.getViewBox()
            if plot.isVisible() and box.sceneBoundingRect().contains(place):
                epoch = round(self._epoch(box.mapSceneToView(place).x()))
                return min(max(epoch, 0), max(0, self._count - 1))
        return None

    def _hovered(self, place: QPointF) -> None:
        self.pointed.emit(self._under(place))

    def _clicked(self, event: Any) -> None:
        epoch = self._under(event.scenePos())
        if event.button() == Qt.MouseButton.LeftButton and epoch is not None and not event.double():
            self.sought.emit(epoch)

    def leaveEvent(self, ev: QEvent) -> None:  # noqa: N802 - Qt's name
        super().leaveEvent(ev)
        self.pointed.emit(None)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        self.menu_wanted.emit(event.globalPos())
        event.accept()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._takes(event):
            event.accept()  # an arrow is no shortcut of the window here
            return True
        return super().event(event)

    def keyPressEvent(self, ev: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        key = Qt.Key(ev.key())
        if not self._takes(ev):
            super().keyPressEvent(ev)
        elif key in _KEYS:
            self._step(_KEYS[key], 10 if ev.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        elif key in _ENTER:
            if self.epoch is not None:
                self.sought.emit(self.epoch)
        elif key == Qt.Key.Key_Escape:
            self.pointed.emit(None)
        elif key == Qt.Key.Key_0:
            self.follow()
            self.moved.emit()
        else:
            self.zoom(1.25 if key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore) else 0.8)

    def _step(self, by: int, times: int) -> None:
        """Read out another epoch: the next one, or where many are in sight, one that stands a pixel or two on."""
        first, last, _ = self.stretch(self._count)
        size = max(1, (last - first) // max(100, self.width() // 2)) * times
        start = last - 1 if self.epoch is None else self.epoch + by * size
        self.pointed.emit(min(max(start, 0), max(0, self._count - 1)))

    def _takes(self, event: QKeyEvent) -> bool:
        """Return whether a key means something here; escape only where there is something to be closed."""
        if event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier):
            return False
        key = Qt.Key(event.key())
        return key in _KEYS or key in _ENTER or key in _ZOOMS or (key == Qt.Key.Key_Escape and self.epoch is not None)
