"""Turns the phases of the next update: forwards, backwards, by itself, at a chosen speed."""

from PySide6.QtCore import QObject, Signal

from ui.asking import Asking
from ui.bridge import Bridge
from ui.motion.phases import Phase
from ui.selection import Selection

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0)


class Motion(QObject):
    """The slow motion.

    Signals
    -------
    switched
        bool: it began or ended.
    played
        bool: whether it goes on by itself.
    turned
        `Phase`, or None: another phase stands.
    moved
        The same phase, a little later: something is to be painted.
    """

    switched = Signal(bool)
    played = Signal(bool)
    turned = Signal(object)
    moved = Signal()

    def __init__(self, bridge: Bridge, selection: Selection, asking: Asking, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._selection, self._asking = bridge, selection, asking
        self.on = False
        self.phase: Phase | None = None
        self.share = 1.0
        self.auto = False
        self.grain = "layer"
        self.speed = 1.0

    def start(self) -> None:
        """Pause training, and stand before the next update."""

    def stop(self) -> None:
        """Leave the slow motion; nothing of the network has changed but by completed updates."""

    def turn(self, n: int) -> None:
        """Go on by `n` phases, or back; behind the last phase the update is made and the next batch begins."""

    def play(self, on: bool) -> None:
        """Go on by itself, or stop."""

    def jump(self, step: int) -> None:
        """Go to the first phase of a step of the lesson, 1 … 7; starts the slow motion."""
