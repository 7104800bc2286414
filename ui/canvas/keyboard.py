"""The keys of the canvas: walking from neuron to neuron and along edges, choosing, asking, zooming, and being told."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QKeyEvent
from PySide6.QtWidgets import QWidget

try:  # since Qt 6.8
    from PySide6.QtGui import QAccessibleAnnouncementEvent
except ImportError:
    QAccessibleAnnouncementEvent = None

from ui.canvas import speech
from ui.canvas.camera import Neuron, Target
from ui.canvas.edges import Edge
from ui.canvas.folding import Folding
from ui.canvas.walk import Walk
from ui.theme import Theme

_ARROWS = {
    Qt.Key.Key_Left: "left",
    Qt.Key.Key_Right: "right",
    Qt.Key.Key_Up: "up",
    Qt.Key.Key_Down: "down",
    Qt.Key.Key_Home: "first",
    Qt.Key.Key_End: "last",
}
_TURNED = {"left": "up", "up": "left", "right": "down", "down": "right"}
_STEP = 1.25
_PAN_STEP = 60.0
_ZOOMS = {
    Qt.Key.Key_Plus: _STEP,
    Qt.Key.Key_Equal: _STEP,
    Qt.Key.Key_Minus: 1.0 / _STEP,
    Qt.Key.Key_Underscore: 1.0 / _STEP,
}


class Walked(Folding):
    """A network that can be walked through by keys, and what is chosen in it.

    Signals
    -------
    neuron_hovered, neuron_clicked
        (layer, unit); layer 0 holds the inputs.
    edge_hovered, edge_clicked
        (layer, source, target): the weight from a neuron of `layer` to one of the next.
    bias_clicked
        (layer, unit): the bias of that neuron is chosen.
    inspected
        bool: what was clicked last is to be explained, by Enter (True) or by a double click on a neuron.
    hover_ended
        The pointer is on nothing.
    """

    neuron_hovered = Signal(int, int)
    neuron_clicked = Signal(int, int)
    edge_hovered = Signal(int, int, int)
    edge_clicked = Signal(int, int, int)
    bias_clicked = Signal(int, int)
    inspected = Signal(bool)
    hover_ended = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._walk = Walk()
        self._hovered: Target | None = None
        self._clicked: Target | None = None

    def _click(self, target: Target | None) -> None:
        self._clicked = target
        self._walk.stand(target)
        self._choose(target)

    def _choose(self, target: Target | None) -> None:
        if isinstance(target, Neuron):
            self.neuron_clicked.emit(*target)
        elif isinstance(target, Edge):
            self.edge_clicked.emit(*target)
        self.update()

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
                self._walk_to(_ARROWS[key])
        elif key in {Qt.Key.Key_PageUp, Qt.Key.Key_PageDown} and self._walk.neuron is not None:
            self.turn_page(self._walk.neuron.layer, -1 if key == Qt.Key.Key_PageUp else 1)
        elif key in _ZOOMS:
            self.zoom_by(_ZOOMS[key])
        elif key in {Qt.Key.Key_F, Qt.Key.Key_0}:
            self.fit()
        elif key == Qt.Key.Key_E and self._walk.neuron is not None:
            self._walk_edges(-1 if shift else 1)
        elif key == Qt.Key.Key_B and self._walk.neuron is not None and self._walk.neuron.layer > 0:
            self.bias_clicked.emit(*self._walk.neuron)
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and (self._walk.place or self._clicked) is not None:
            self._clicked = self._walk.place or self._clicked
            self._choose(self._clicked)
            self.inspected.emit(True)
        elif key == Qt.Key.Key_Escape and self._walk.back():
            self._tell()
        else:
            return False
        return True

    def _walk_to(self, direction: str) -> None:
        page = self._page()
        if page is not None:
            if page.upright:
                direction = _TURNED.get(direction, direction)
            self.reveal(*self._walk.step(page.layout, direction))
            self._tell()

    def _stands(self) -> Neuron | None:
        return self._walk.neuron

    def _walk_edges(self, by: int) -> None:
        if self.picture is not None and self._walk.along(self.picture, by) is not None:
            self._tell()

    def _tell(self) -> None:
        """Show what the keys have come to, and say it."""
        picture, place = self.picture, self._walk.place
        self._hovered = None
        if picture is None or place is None:
            self.hover_ended.emit()
        elif isinstance(place, Neuron):
            self._say(speech.neuron_sentence(picture, *place))
            self.neuron_hovered.emit(*place)
        else:
            self._say(speech.edge_sentence(picture, place, self._walk.neuron))
            self.edge_hovered.emit(*place)
        self.update()

    def _say(self, words: str) -> None:
        """Let a screen reader say something, and keep it as the description for those who ask again."""
        self.setAccessibleDescription(words)
        if QAccessibleAnnouncementEvent is not None:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))
