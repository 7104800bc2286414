"""The widget that shows a network: zoom, pan, hover, click, and walking from neuron to neuron by keyboard."""

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)  # fmt: skip
from PySide6.QtWidgets import QToolTip, QWidget

from ui import theme as themes
from ui.canvas import cards, overlay, pick
from ui.canvas.edges import Edge
from ui.canvas.labels import label_at
from ui.canvas.layer_buttons import LayerButtons
from ui.canvas.page import Page
from ui.canvas.picture import Picture
from ui.canvas.scene import Neuron, Target
from ui.canvas.sight import Sight
from ui.theme import Theme

_ARROWS = {
    Qt.Key.Key_Left: "left",
    Qt.Key.Key_Right: "right",
    Qt.Key.Key_Up: "up",
    Qt.Key.Key_Down: "down",
    Qt.Key.Key_Home: "first",
    Qt.Key.Key_End: "last",
}
_DRAG = 5.0
_STEP = 1.25
_PAN_STEP = 60.0


class NetworkView(Sight):
    """The picture of the network.

    Signals
    -------
    neuron_hovered, neuron_clicked
        (layer, unit); layer 0 holds the inputs.
    edge_hovered, edge_clicked
        (layer, source, target): the weight from a neuron of `layer` to one of the next.
    inspected
        bool: what was clicked last is to be explained, by Enter (True) or by a double click on a neuron.
    hover_ended
        The pointer is on nothing.
    units_changed
        (layer, delta) is asked for; layer 1 is the first hidden one.
    layer_added, layer_removed
        (layer): a new layer is to become this one; this one is to go.
    """

    neuron_hovered = Signal(int, int)
    neuron_clicked = Signal(int, int)
    edge_hovered = Signal(int, int, int)
    edge_clicked = Signal(int, int, int)
    inspected = Signal(bool)
    hover_ended = Signal()
    units_changed = Signal(int, int)
    layer_added = Signal(int)
    layer_removed = Signal(int)

    def __init__(self, theme: Theme = themes.DARK, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setObjectName("canvas.network")
        self.setAccessibleName("Network")
        self.setToolTip("Hover for the numbers; arrow keys walk from neuron to neuron, the wheel zooms, F fits")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._buttons = LayerButtons(self, self.units_changed.emit, self.layer_added.emit, self.layer_removed.emit)
        self._hovered: Target | None = None
        self._pinned: Target | None = None
        self._walked: Neuron | None = None
        self._clicked: Target | None = None
        self._pressed: QPointF | None = None
        self._dragged = False
        self._pointer = QPointF()

    # -- what is shown ------------------------------------------------------------------------------------------

    def set_picture(self, picture: Picture) -> None:
        """Show a frame; zoom, hover card and focus stay while the network keeps its shape."""
        before = self._scene.picture
        self._scene.picture = picture
        if before is None or before.sizes != picture.sizes:
            self._hovered = self._pinned = self._walked = self._clicked = None
            self._buttons.follow(picture.sizes, self.theme)
            self.fit()
        self._describe(before, picture)
        self._moved()
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Change the colours."""
        self._scene.theme = theme
        self._still = None
        self._buttons.recolour(theme)
        self.update()

    def set_dashed(self, dashed: bool) -> None:
        """Choose whether negative edges are dashed."""
        self._scene.dashed = dashed
        self.update()

    def set_editing(self, *, shown: bool = True, reason: str = "") -> None:
        """Show or hide the buttons above the layers; a reason disables them and becomes their tooltip."""
        self._buttons.shown, self._buttons.reason = shown, reason
        self._scene.buttons = shown
        if self.picture is not None:
            self._buttons.follow(self.picture.sizes, self.theme)
            self._moved()
        self.update()

    def _moved(self) -> None:
        page, picture = self._page(), self.picture
        if page is not None and picture is not None:
            xs = [self.camera.seen(column.x, 0.0)[0] for column in page.layout.columns]
            self._buttons.place(page, picture, xs)

    # -- painting -----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        try:
            self._paint(painter)
        finally:
            painter.end()  # Qt dies of a painter that outlives its paint event

    def _paint(self, painter: QPainter) -> None:
        page, picture = self._page(), self.picture
        if page is None or picture is None:
            painter.fillRect(self.rect(), self.theme.color("canvas_top"))
            return
        painter.drawPixmap(0, 0, self._still_layer(page, picture))
        target = self._spoken_of()
        self._scene.paint_live(painter, page, target, sprites=self.camera.zoom == 1.0)
        if target is not None:
            self._paint_spoken(painter, page, picture, target)

    def _spoken_of(self) -> Target | None:
        """Return what the card is about: the pointer's neuron or edge, else the keyboard's, else the pinned one."""
        return self._hovered or (self._walked if self.hasFocus() else None) or self._pinned

    def _paint_spoken(self, painter: QPainter, page: Page, picture: Picture, target: Target) -> None:
        strip = QRectF(*page.network).adjusted(0, -8, 0, 8)
        if isinstance(target, Neuron):
            place = self.position(*target)
            if place is None:
                return
            radius = page.layout.columns[target.layer].radius * self.camera.zoom
            if not strip.contains(place):
                return
            focus = target == self._walked and self.hasFocus()
            overlay.paint_ring(painter, place.x(), place.y(), radius, self.theme, focus=focus)
            anchor, clear, card = (place.x(), place.y()), radius + 14.0, cards.neuron_card(picture, *target)
        else:
            for layer, unit in ((target.layer, target.source), (target.layer + 1, target.target)):
                place, radius = self.position(layer, unit), page.layout.columns[layer].radius * self.camera.zoom
                if place is not None and strip.contains(place):
                    overlay.paint_ring(painter, place.x(), place.y(), radius, self.theme, focus=False)
            anchor, clear = (self._pointer.x(), self._pointer.y()), 16.0
            card = cards.edge_card(picture, *target)
        bounds = QRectF(self.rect()).adjusted(8, 8, -8, -8)
        overlay.paint_card(painter, card, anchor, clear, bounds, self.theme, page.scale, above=isinstance(target, Edge))

    # -- pointer ------------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        point = event.position()
        if self._pressed is not None:
            moved = point - self._pressed
            if self._dragged or moved.manhattanLength() > _DRAG:
                self._dragged = True
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
                self.pan_by(moved.x(), moved.y())
                self._pressed = point
            return
        self._pointer = point
        self._hover(self.target_at(point))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._dragged = event.position(), False

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        dragged, self._pressed, self._dragged = self._dragged, None, False
        self.unsetCursor()
        if not dragged:
            self._pointer = event.position()
            self._click(self.target_at(event.position()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        # Edges are everywhere: who has come close and double-clicks the ground wants to see the whole again.
        if event.button() == Qt.MouseButton.LeftButton and isinstance(self.target_at(event.position()), Neuron):
            self.inspected.emit(False)  # the first click has chosen it
        else:
            self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        self.zoom_by(1.0015 ** event.angleDelta().y(), event.position())
        event.accept()

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802 - Qt's name
        self._pointer = event.position()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        self._hover(None)
        super().leaveEvent(event)

    def _hover(self, target: Target | None) -> None:
        if target == self._hovered:
            if isinstance(target, Edge):
                self.update()  # its card follows the pointer
            return
        self._hovered = target
        if isinstance(target, Neuron):
            self.neuron_hovered.emit(*target)
        elif isinstance(target, Edge):
            self.edge_hovered.emit(*target)
        else:
            self.hover_ended.emit()
        self.setCursor(Qt.CursorShape.PointingHandCursor if target else Qt.CursorShape.ArrowCursor)
        self.update()

    def _click(self, target: Target | None) -> None:
        self._clicked = target
        self._pinned = target if isinstance(target, Neuron) else None
        if isinstance(target, Neuron):
            self._walked = target
            self.neuron_clicked.emit(*target)
        elif isinstance(target, Edge):
            self._walked = None
            self.edge_clicked.emit(*target)
        else:
            self._walked = None
        self.update()

    # -- keyboard and the rest ----------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        control = modifiers & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        if control or not self._press(Qt.Key(event.key()), shift=bool(modifiers & Qt.KeyboardModifier.ShiftModifier)):
            event.ignore()  # the window's own shortcuts
            super().keyPressEvent(event)

    def _press(self, key: Qt.Key, *, shift: bool) -> bool:
        """Obey a key and return whether it meant something."""
        if key in _ARROWS:
            if shift:
                dx = {"left": 1, "right": -1}.get(_ARROWS[key], 0)
                dy = {"up": 1, "down": -1}.get(_ARROWS[key], 0)
                self.pan_by(dx * _PAN_STEP, dy * _PAN_STEP)
            else:
                self._walk(_ARROWS[key])
        elif key in {Qt.Key.Key_Plus, Qt.Key.Key_Equal}:
            self.zoom_by(_STEP)
        elif key in {Qt.Key.Key_Minus, Qt.Key.Key_Underscore}:
            self.zoom_by(1.0 / _STEP)
        elif key in {Qt.Key.Key_F, Qt.Key.Key_0}:
            self.fit()
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._walked is not None:
            self._click(self._walked)
            self.inspected.emit(True)
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._clicked is not None:
            self.inspected.emit(True)
        elif key == Qt.Key.Key_Escape and (self._walked or self._pinned):
            self._walked = self._pinned = None
            self.update()
        else:
            return False
        return True

    def _walk(self, direction: str) -> None:
        page, picture = self._page(), self.picture
        if page is None or picture is None:
            return
        self._hovered = None
        self._walked = Neuron(*pick.walk(page.layout, self._walked, direction))
        self.setAccessibleDescription(cards.sentence(cards.neuron_card(picture, *self._walked)))
        self.neuron_hovered.emit(*self._walked)
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        super().focusOutEvent(event)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._look(self.camera)
        self._moved()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange}:
            self._moved()
            self.update()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom_by(1.0 + event.value(), event.position())
            return True
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            text = self._label(QPointF(event.pos()))
            if text:
                QToolTip.showText(event.globalPos(), text, self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def _label(self, point: QPointF) -> str:
        page, picture = self._page(), self.picture
        if page is None or picture is None:
            return ""
        return label_at(page, picture, *self.camera.page(point.x(), point.y()))

    def _describe(self, before: Picture | None, picture: Picture) -> None:
        """Tell screen readers what the picture shows, when that changes."""
        seen = (picture.sizes, picture.predicted, picture.actual, picture.captions)
        if self._walked is not None or (
            before is not None and seen == (before.sizes, before.predicted, before.actual, before.captions)
        ):
            return
        hidden = ", ".join(caption.detail for caption in picture.captions[1:-1]) or "none"
        words = f"{picture.title}: {picture.sizes[0]} inputs, hidden layers: {hidden}, {picture.sizes[-1]} outputs."
        if picture.predicted is not None and picture.predicted < len(picture.output_names):
            words += f" Predicted: {picture.output_names[picture.predicted]}."
        self.setAccessibleDescription(f"{words} Arrow keys walk from neuron to neuron.")
