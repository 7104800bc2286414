"""The plots of the curves, by pyqtgraph: above each other with one epoch axis, and a line under the pointer."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent

from ui.panels.curves_series import KINDS
from ui.panels.plots_marks import Marks
from ui.panels.plots_plot import EPOCHS_HEIGHT, LinePlot
from ui.theme import Theme

PLOT_HEIGHT = 48
"""How many pixels a plot has at least."""

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
        self._end, self._count, self._begin, self._quiet = 0.0, 1, 0, False
        self._theme, self._log_x, self._log_y = theme, False, False
        self.plots: dict[str, LinePlot] = {}
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
        layout = self.grid.layout
        for row, kind in enumerate(KINDS):
            on = kind in shown
            if on and kind not in self.plots:
                self.plots[kind] = self._plot(kind, row)
            layout.setRowStretchFactor(row, (3 if kind == "loss" else 2) if on else 0)
            layout.setRowMaximumHeight(row, _ROOMY if on else 0)
            layout.setRowSpacing(row, 4 if on else 0)
            if kind in self.plots:
                self.plots[kind].setVisible(on)
                self.plots[kind].set_lowest(on and kind == shown[-1])
        self.setMinimumHeight(PLOT_HEIGHT * max(1, len(shown)) + EPOCHS_HEIGHT)
        self._end = 0.0

    def _plot(self, kind: str, row: int) -> LinePlot:
        plot = LinePlot(KINDS[kind], self._theme)
        self.grid.addItem(plot, row=row, col=0)
        plot.set_log(x=self._log_x, y=self._log_y)
        if self.plots:
            plot.box.setXRange(*self._sight, padding=0)
        plot.box.sigXRangeChanged.connect(lambda _box, reach: self._moved(kind, reach))
        plot.box.sigRangeChangedManually.connect(lambda *_: self._left())
        self._marks.add(plot)
        return plot

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme; lines take theirs when they are drawn next."""
        self._theme = theme
        self.setBackground(theme.color("window"))
        for plot in self.plots.values():
            plot.set_theme(theme)
        self._marks.theme = theme
        self._marks.dress()

    def set_log(self, *, x: bool, y: bool) -> None:
        """Draw on logarithmic scales or on plain ones."""
        self._log_x, self._log_y = x, y
        for plot in self.plots.values():
            plot.set_log(x=x, y=y)
        self.follow()
        self._marks.dress()

    def line(self, name: str) -> Any:
        """Return what pyqtgraph draws of a line of a plot that was shown, by the line's name."""
        return next(plot.lines[name] for plot in self.plots.values() if name in plot.lines)

    # -- the epoch axis -----------------------------------------------------------------------------------------

    @property
    def _sight(self) -> tuple[float, float]:
        """From where to where the axis reaches."""
        low, high = next(iter(self.plots.values())).box.viewRange()[0]
        return low, high

    def stretch(self, count: int) -> tuple[int, int, int]:
        """Return the first epoch in sight, the one after the last, and how many points are worth drawing."""
        points = max(400, 2 * self.width())
        if self.following or not self.plots:
            return self._begin, count, points
        low, high = (self._epoch(each) for each in self._sight)
        return max(self._begin, int(np.floor(max(low, 0.0))) - 1), int(min(np.ceil(high) + 2, count)), points

    def settle(self, count: int, begin: int = 0) -> None:
        """Follow the newest epoch, unless somebody looks at another stretch; epochs before `begin` are not known."""
        self._end = self._end if begin == self._begin else 0.0
        self._count, self._begin = count, begin
        if self.following and self.plots:
            reached = max(10, count - 1 - begin)
            if not 0.6 * self._end <= reached <= self._end:
                # A little more than is there: axes that move with every frame are restless, and slow to draw.
                self._end = reached if reached <= 10 else 1.2 * reached
                low, high = float(begin), begin + self._end
                self._reach(
                    *((float(np.log10(max(1.0, each))) for each in (low, high)) if self._log_x else (low, high))
                )

    def follow(self) -> None:
        """Show all epochs, and the new ones as they come."""
        self.following, self._end = True, 0.0

    def zoom(self, factor: float) -> None:
        """Show more (a factor above 1) or fewer epochs, around the one that is read out."""
        if not self.plots:
            return
        low, high = self._sight
        middle = 0.5 * (low + high) if self.epoch is None else self._place(self.epoch)
        self._left()
        self._reach(middle + (low - middle) * factor, middle + (high - middle) * factor, padding=0.0)
        self.moved.emit()

    def _reach(self, low: float, high: float, padding: float = 0.02) -> None:
        self._quiet = True
        for plot in self.plots.values():
            plot.box.setXRange(low, high, padding=padding)
        self._quiet = False

    def _left(self) -> None:
        self.following = False

    def _moved(self, kind: str, reach: tuple[float, float]) -> None:
        if self._quiet:
            return
        self._quiet = True
        for other, plot in self.plots.items():
            if other != kind:
                plot.box.setXRange(*reach, padding=0)
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
        box = plot.box
        x = box.mapViewToScene(QPointF(self._place(self.epoch), 0.0)).x()
        return self.mapFromScene(QPointF(x, box.sceneBoundingRect().center().y()))

    # -- pointer and keys ---------------------------------------------------------------------------------------

    def _under(self, place: QPointF) -> int | None:
        """Return the epoch at a place of the scene; None outside of all plots."""
        for plot in self.plots.values():
            box = plot.box
            if plot.isVisible() and box.sceneBoundingRect().contains(place):
                epoch = round(self._epoch(box.mapSceneToView(place).x()))
                return min(max(epoch, self._begin), max(0, self._count - 1))
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
        self.pointed.emit(min(max(start, self._begin), max(0, self._count - 1)))

    def _takes(self, event: QKeyEvent) -> bool:
        """Return whether a key means something here; escape only where there is something to be closed."""
        if event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier):
            return False
        key = Qt.Key(event.key())
        return key in _KEYS or key in _ENTER or key in _ZOOMS or (key == Qt.Key.Key_Escape and self.epoch is not None)
