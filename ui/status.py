"""The line at the bottom of the window: there while one has to wait for something, and gone after it."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QSizePolicy, QStatusBar

from ui.bridge import Bridge

_BRIEF_MS = 800


class StatusBar(QStatusBar):
    """Says what is being prepared, and how far a moment of the timeline is that is sought.

    What takes a moment only is not worth a line that comes and goes.

    Parameters
    ----------
    bridge
        What is followed.
    """

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self.setObjectName("status")
        self.setAccessibleName("Status")
        self.setSizeGripEnabled(False)
        self._bridge = bridge
        self._label = QLabel()
        self._label.setObjectName("readout.preparing")
        self._label.setAccessibleName("What is being prepared")
        self._label.setContentsMargins(12, 2, 12, 2)
        self._label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.addPermanentWidget(self._label, 1)  # the hints of buttons cover other widgets
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_BRIEF_MS)
        self._patience.timeout.connect(self.show)
        bridge.preparing_changed.connect(self._follow)
        bridge.playing_changed.connect(self._follow)
        bridge.travelling_changed.connect(self._travel)
        self.hide()

    def _travel(self, fraction: float | None) -> None:
        """Say how much of the run was repeated on the way to a moment; None when it was found or given up."""
        if fraction is None:
            self._follow(None)
            return
        self._label.setText(f"Repeating the run from the nearest keyframe: {100 * fraction:.0f} %")
        self._label.setToolTip(self._label.text())
        self._patience.stop()
        self.show()

    def _follow(self, _news: object) -> None:
        text, waits = self._bridge.preparing, self._bridge.playing
        if text and waits:
            text += "; training waits for the kernels"
        self._label.setText(text[:1].upper() + text[1:])
        self._label.setToolTip(self._label.text())
        if not text:
            self._patience.stop()
            self.hide()
        elif self.isHidden() and not self._patience.isActive():
            self._patience.start()
