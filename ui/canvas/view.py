"""The widget that shows a network: zoom, pan, hover, click, and walking from neuron to neuron by keyboard."""

import dataclasses
from typing import Any

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QHelpEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)  # fmt: skip
from PySide6.QtWidgets import QToolTip, QWidget

from ui import theme as themes
from ui.canvas import speech
from ui.canvas.camera import Neuron, Target
from ui.canvas.edges import Edge
from ui.canvas.heat_maps import HeatMaps
from ui.canvas.keyboard import Walked
from ui.canvas.labels import label_at
from ui.canvas.layer_buttons import LayerButtons
from ui.canvas.look import Look
from ui.canvas.marks import Marks, paint_spoken
from ui.canvas.picture import Picture
from ui.portrait import ground_wanted, portrayed
from ui.theme import Theme

KEYS = (
    "Hover for the numbers; arrow keys walk from neuron to neuron, E and Shift+E along its edges, strongest first, "
    "B chooses its bias, Enter explains; the wheel zooms, F fits; "
    "Page Up and Page Down scroll a long layer, a right click chooses its form"
)
_DRAG = 5.0
_SCROLLED = "more neurons. Click, turn the wheel over the layer, drag it, or walk on by arrow keys."


class NetworkView(Walked):
    """The picture of the network.

    Signals
    -------
    units_changed
        (layer, delta) is asked for; layer 1 is the first hidden one.
    layer_added, layer_removed
        (layer): a new layer is to become this one; this one is to go.
    """

    units_changed = Signal(int, int)
    layer_added = Signal(int)
    layer_removed = Signal(int)

    def __init__(self, theme: Theme = themes.DARK, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setObjectName("canvas.network")
        self.setAccessibleName("Network")
        self.setToolTip(KEYS)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._buttons = LayerButtons(self, self.units_changed.emit, self.layer_added.emit, self.layer_removed.emit)
        self._marks = Marks()
        self._pressed: QPointF | None = None
        self._dragged = False
        self._dragged_fold: int | None = None
        self._pointer = QPointF()

    # -- what is shown ------------------------------------------------------------------------------------------

    def set_picture(self, picture: Picture) -> None:
        """Show a frame; zoom, hover card and focus stay while the network keeps its shape."""
        before = self._scene.picture
        self._scene.picture = picture
        if before is None or before.sizes != picture.sizes:
            self._hovered = self._clicked = self._marks.chosen = self._marks.pointed = None
            self._marks.lit = ()
            self._walk.stand(None)
            self._buttons.follow(picture.sizes, self.theme)
            self.follow_forms(before, picture)
            self.fit()
        self._describe(before, picture)
        self._moved()
        self._show()

    def show_chosen(self, neuron: tuple[int, int] | None, edge: tuple[int, int, int] | None) -> None:
        """Mark the neuron (layer, unit) or the edge (layer, source, target) that all views look at, or nothing."""
        if neuron is not None and self._marks.chosen != Neuron(*neuron):
            self.reveal(*neuron)  # whoever chose it in another view wants to see it
        self._mark(_target(neuron, edge), self._marks.pointed)

    def show_pointed(self, neuron: tuple[int, int] | None, edge: tuple[int, int, int] | None) -> None:
        """Mark what a pointer is on in another view, or nothing."""
        self._mark(self._marks.chosen, _target(neuron, edge))

    def show_lit(self, neurons: tuple[tuple[int, int], ...]) -> None:
        """Mark the neurons (layer, unit) that something is told of."""
        self._marks.lit = tuple(Neuron(*neuron) for neuron in neurons)
        self.update()

    def _mark(self, chosen: Target | None, pointed: Target | None) -> None:
        if (chosen, pointed) != (self._marks.chosen, self._marks.pointed):
            self._marks.chosen, self._marks.pointed = chosen, pointed
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Change the colours."""
        self._scene.theme = theme
        self._still = None
        self._buttons.recolour(theme)
        self.update()

    @property
    def look(self) -> Look:
        """How the network is drawn."""
        return self._scene.look

    def set_look(self, **choices: Any) -> None:
        """Change some of the choices of `Look`."""
        self._scene.look = dataclasses.replace(self._scene.look, **choices)
        self._still = None
        self._moved()
        self.update()

    def show_heat_maps(self, maps: HeatMaps | None) -> None:
        """Show what the neurons answer on the plane of the decision map, where that is wanted, or nothing."""
        self._scene.heat_maps.maps = maps
        if self.look.heat_maps:
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
            self._buttons.place(page, picture, self._scene.lines(page))
        self.place_corner()

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
            if ground_wanted():
                painter.fillRect(self.rect(), self.theme.color("canvas_top"))
            return
        if portrayed() is None:
            painter.drawPixmap(0, 0, self._still_layer(page, picture))
        else:
            self._scene.paint_still(painter, page)
        target = self._spoken_of()
        self._scene.paint_live(painter, page, target, sprites=self.camera.zoom == 1.0 and portrayed() is None)
        self._marks.paint(painter, self._scene, page)
        if target is not None:
            pointer = self._pointer if target == self._hovered else None
            paint_spoken(painter, self._scene, page, picture, target, pointer)

    def _spoken_of(self) -> Target | None:
        """Return what the card is about: what the pointer is on, else what the keys are on."""
        return self._hovered or (self._walk.place if self._walk.told and self.hasFocus() else None)

    # -- pointer ------------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        point = event.position()
        if self._pressed is not None:
            moved = point - self._pressed
            if self._dragged_fold is not None:
                if self.drag_fold(self._dragged_fold, moved):
                    self._dragged, self._pressed = True, point
                return
            if self._dragged or moved.manhattanLength() > _DRAG:
                self._dragged = True
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
                self.pan_by(moved.x(), moved.y())
                self._pressed = point
            return
        self._pointer = point
        self._hover(self.target_at(point))
        if self._hovered is None:
            over = self.plate_at(point) is not None
            self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._dragged = event.position(), False
            self._dragged_fold = self.folded_at(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        dragged, self._pressed, self._dragged = self._dragged, None, False
        self._dragged_fold = None
        self.unsetCursor()
        plate = None if dragged else self.plate_at(event.position())
        if plate is not None:
            self.turn_page(*plate)
        elif not dragged:
            self._pointer = event.position()
            self._click(self.target_at(event.position()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        # Edges are everywhere: who has come close and double-clicks the ground wants to see the whole again.
        if event.button() == Qt.MouseButton.LeftButton and isinstance(self.target_at(event.position()), Neuron):
            self.inspected.emit(False)  # the first click has chosen it
        else:
            self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        folded = self.folded_at(event.position())
        if folded is not None and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.turn_wheel(folded, event.angleDelta().y() or event.angleDelta().x())
            self._hover(self.target_at(event.position()))
        else:
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

    # -- the rest ----------------------------------------------------------------------------------------------

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
        if point.y() >= page.footer.y:
            return next(iter(self._scene.summary(page)), "")
        plate = self.plate_at(point)
        if plate is not None:
            return f"{picture.captions[plate[0]].title}: {_SCROLLED}"
        return label_at(page, picture, *self.camera.page(point.x(), point.y()))

    def _describe(self, before: Picture | None, picture: Picture) -> None:
        """Tell screen readers what the picture shows, when that changes."""
        seen = (picture.sizes, picture.predicted, picture.actual, picture.captions)
        known = before is not None and seen == (before.sizes, before.predicted, before.actual, before.captions)
        if self._walk.neuron is None and not known:
            page = self._page()
            remark = next(iter(() if page is None else self._scene.summary(page)), "")
            self.setAccessibleDescription(f"{speech.overview(picture)} {remark}".strip())


def _target(neuron: tuple[int, int] | None, edge: tuple[int, int, int] | None) -> Target | None:
    return Edge(*edge) if edge is not None else Neuron(*neuron) if neuron is not None else None
