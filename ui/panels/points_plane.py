"""The plane: takes strokes of the brush and the eraser, by mouse and by keys."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent

from ui.panels.points_axes import along
from ui.panels.points_brush import within
from ui.panels.points_plot import Plot
from ui.theme import Theme

TIP = (
    "A click draws a point, dragging draws more; the right button erases.\n"
    "Keys: 1 to 9 choose the class, E the eraser, + and − the size; arrows and Enter draw without a mouse.\n"
    "Training goes on: what is drawn counts from the next epoch."
)
_ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
_OWN = {*_ARROWS, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_E, Qt.Key.Key_Plus, Qt.Key.Key_Minus,
        *(Qt.Key(key) for key in range(Qt.Key.Key_0, Qt.Key.Key_9 + 1))}  # fmt: skip
_KEY_STEP = 6.0


class Plane(Plot):
    """Points with axes; the mouse and the keys draw and erase.

    Signals
    -------
    began, ended
        A stroke.
    drawn
        Places in real units, float64 (points, 2), for the present brush.
    erased
        Which of the shown points are to go, bool (points,).
    undo_wanted, redo_wanted
        By their keys.
    chosen
        int: a class by its number, from 0.
    eraser_wanted
        The eraser was chosen, or given back.
    size_wanted
        int: by how much the brush is to grow.
    """

    began = Signal()
    ended = Signal()
    drawn = Signal(object)
    erased = Signal(object)
    undo_wanted = Signal()
    redo_wanted = Signal()
    chosen = Signal(int)
    eraser_wanted = Signal()
    size_wanted = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.setObjectName("points.plane")
        self.setAccessibleName("The plane with the points of the data set")
        self.setToolTip(TIP)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._last: tuple[float, float] | None = None
        self._left = 0.0

    # -- the mouse ----------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        place = event.position().x(), event.position().y()
        button = event.button()
        if not self.drawable or button not in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            return super().mousePressEvent(event)
        if self._last is None and self.axes.holds(*place):
            self._cross = None
            self._erasing = self.brush.erasing or button == Qt.MouseButton.RightButton
            self._last, self._left = place, 0.0
            self.began.emit()
            if self._erasing:
                self._erase(place)
            else:
                self._draw(np.array([place]))
        return None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        place = event.position().x(), event.position().y()
        self._pointer = event.position()
        if self._last is not None:
            spacing = 0.5 * self.brush.reach if self._erasing else self.brush.spacing
            way, self._left = along(self._last, place, spacing, self._left)
            self._last = place
            if self._erasing:
                for each in way.tolist():
                    self._erase((each[0], each[1]))
            elif len(way) and self.sheet is not None:
                self._draw(self.brush.scatter(way, self.sheet.drawn))
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if self._last is not None and not event.buttons():
            self._last, self._erasing = None, False
            self.ended.emit()
        self.update()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        self._pointer = None
        self.update()
        super().leaveEvent(event)

    def _draw(self, places: NDArray[np.float64]) -> None:
        axes = self.axes
        inside = np.array([axes.holds(*place) for place in places.tolist()], dtype=bool)
        if inside.any():
            x, y = axes.real(places[inside, 0], places[inside, 1])
            self.drawn.emit(np.stack([x, y], axis=1))

    def _erase(self, place: tuple[float, float]) -> None:
        if self.sheet is None:
            return
        gone = within(self.axes, self.sheet.points.x, self.sheet.points.y, place, self.brush.reach)
        if gone.any():
            self.erased.emit(gone)

    # -- keys ---------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and self.axes.holds(event.pos().x(), event.pos().y()):
            return True  # a tooltip would lie over what is drawn; it is there beside the axes
        # The keys of the plane go before the window's: Ctrl+Z takes a stroke back while the plane has the focus.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._takes(event):
            event.accept()
            return True
        return super().event(event)

    def _takes(self, event: QKeyEvent) -> bool:
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if control:
            return event.key() in (Qt.Key.Key_Z, Qt.Key.Key_Y)
        return event.key() in _OWN and not event.modifiers() & Qt.KeyboardModifier.AltModifier

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        key = Qt.Key(event.key())
        if not self._takes(event):
            super().keyPressEvent(event)
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            again = key == Qt.Key.Key_Y or bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            (self.redo_wanted if again else self.undo_wanted).emit()
        elif key in _ARROWS:
            self._move_cross(*_ARROWS[key], far=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._press_cross()
        elif key == Qt.Key.Key_E:
            self.eraser_wanted.emit()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus):
            self.size_wanted.emit(4 if key == Qt.Key.Key_Plus else -4)
        else:
            self.chosen.emit((key.value - Qt.Key.Key_1.value) % 10)

    def _move_cross(self, across: int, down: int, *, far: bool) -> None:
        axes = self.axes
        cross = self._cross or QPointF(axes.left + 0.5 * axes.width, axes.top + 0.5 * axes.height)
        step = _KEY_STEP * (5 if far else 1)
        self._cross = QPointF(
            min(max(cross.x() + step * across, axes.left), axes.left + axes.width),
            min(max(cross.y() + step * down, axes.top), axes.top + axes.height),
        )
        self.update()

    def _press_cross(self) -> None:
        if self._cross is None or not self.drawable:
            return
        place = self._cross.x(), self._cross.y()
        self.began.emit()
        if self.brush.erasing:
            self._erase(place)
        else:
            self._draw(np.array([place]))
        self.ended.emit()
