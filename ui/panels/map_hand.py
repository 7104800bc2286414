"""What the mouse and the keys do in the decision map: point, click, move, zoom, fit."""

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from ui.panels.points_axes import Axes, Span

_DRAG = 5.0
_STEP, _FAR = 6.0, 5.0
_ZOOM = 1.25
_ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
_CLICKS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_ZOOMS = {Qt.Key.Key_Plus: _ZOOM, Qt.Key.Key_Equal: _ZOOM, Qt.Key.Key_Minus: 1 / _ZOOM}
_OWN = {*_ARROWS, *_CLICKS, *_ZOOMS, Qt.Key.Key_F}


class MapHand(QWidget):
    """A widget that shows a part of a plane.

    Signals
    -------
    pointed
        A pixel (QPointF) of the plane, or None when the pointer is gone.
    clicked
        A pixel of the plane.
    double_clicked
        The second click of a pair.
    sight_wanted
        (Span, Span): another part of the plane is to be shown.
    fit_wanted
        All of it is.

    Attributes
    ----------
    cross
        Where the keys point, or None.
    """

    pointed = Signal(object)
    clicked = Signal(QPointF)
    double_clicked = Signal()
    sight_wanted = Signal(object, object)
    fit_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.cross: QPointF | None = None
        self._pressed: QPointF | None = None
        self._dragged = False

    @property
    def axes(self) -> Axes:
        """Where the plane lies in the widget, and what of it."""
        raise NotImplementedError

    @property
    def is_single(self) -> bool:
        """Whether only the first axis can be moved."""
        raise NotImplementedError

    def zoom_by(self, factor: float, at: QPointF) -> None:
        """Come closer to a pixel, which stays where it is."""
        axes = self.axes
        x, y = (float(each) for each in axes.real(at.x(), at.y()))
        self._want(_scaled(axes.x, x, factor), axes.y if self.is_single else _scaled(axes.y, y, factor))

    def _want(self, x: Span, y: Span) -> None:
        ends = x.low, x.high, y.low, y.high
        wide = [abs(x.length) > 1e-9 * max(1.0, abs(x.low)), abs(y.length) > 1e-9 * max(1.0, abs(y.low))]
        if all(wide) and all(abs(each) < 1e15 for each in ends):
            self.sight_wanted.emit(x, y)

    # -- the mouse ----------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if event.button() == Qt.MouseButton.LeftButton and self.axes.holds(event.position().x(), event.position().y()):
            self._pressed, self._dragged, self.cross = event.position(), False, None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        at = event.position()
        if self._pressed is None:
            self.pointed.emit(at if self.axes.holds(at.x(), at.y()) else None)
            return
        moved = at - self._pressed
        if self._dragged or moved.manhattanLength() > _DRAG:
            self._dragged = True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            axes = self.axes
            x = _moved(axes.x, -moved.x() / axes.width)
            self._want(x, axes.y if self.is_single else _moved(axes.y, moved.y() / axes.height))
            self._pressed = at

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        dragged, self._pressed, self._dragged = self._dragged, None, False
        self.unsetCursor()
        if not dragged:
            self.clicked.emit(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self.double_clicked.emit()
        self.fit_wanted.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        self.zoom_by(1.0015 ** event.angleDelta().y(), event.position())
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        self.pointed.emit(None)
        super().leaveEvent(event)

    # -- keys ---------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and self.axes.holds(event.pos().x(), event.pos().y()):
            return True  # a tooltip would lie over the map; it is there beside the axes
        # The keys of the map go before the window's.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _takes(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        key = Qt.Key(event.key())
        axes = self.axes
        middle = QPointF(axes.left + 0.5 * axes.width, axes.top + 0.5 * axes.height)
        if not _takes(event):
            super().keyPressEvent(event)
        elif key in _ARROWS:
            step = _STEP * (_FAR if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0)
            across, down = _ARROWS[key]
            at = (self.cross or middle) + QPointF(across * step, down * step)
            self.cross = QPointF(
                min(max(at.x(), axes.left), axes.left + axes.width), min(max(at.y(), axes.top), axes.top + axes.height)
            )
            self.pointed.emit(self.cross)
            self.update()
        elif key in _CLICKS:
            self.clicked.emit(self.cross or middle)
        elif key in _ZOOMS:
            self.zoom_by(_ZOOMS[key], self.cross or middle)
        else:
            self.fit_wanted.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        super().focusOutEvent(event)
        if self.cross is not None:
            self.cross = None
            self.pointed.emit(None)
        self.update()


def _takes(event: QKeyEvent) -> bool:
    other = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
    return not other and event.key() in _OWN


def _scaled(span: Span, about: float, factor: float) -> Span:
    return Span(about + (span.low - about) / factor, about + (span.high - about) / factor)


def _moved(span: Span, by: float) -> Span:
    return Span(span.low + by * span.length, span.high + by * span.length)
