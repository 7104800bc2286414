"""The line at the bottom of the window: what is being prepared or moved, and where the numbers are computed."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QLabel, QSizePolicy, QStatusBar, QToolButton

from ui.bridge import Bridge
from ui.computing import Computing
from ui.device_words import CPU, hardware_of, memory_text, short, threads_text, used_text

_BRIEF_MS, _SOON_MS = 800, 300
_NOTE_MS = 20_000
_MEASURED = (
    "busy: the share of the last half second in which the GPU worked for the training, by marks of our own before and "
    "after the work that it is given"
)


class StatusBar(QStatusBar):
    """Says what is being prepared, how far a moment of the timeline is that is sought, and what is computed with.

    What takes a moment only is not worth a text that comes and goes.

    Parameters
    ----------
    bridge
        What is followed.
    computing
        Where the numbers are computed.

    Signals
    -------
    device_wanted
        Somebody wants to choose another device.
    """

    device_wanted = Signal()

    def __init__(self, bridge: Bridge, computing: Computing) -> None:
        super().__init__()
        self.setObjectName("status")
        self.setAccessibleName("Status")
        self.setSizeGripEnabled(False)
        self._bridge, self._computing = bridge, computing
        self._label = QLabel()
        self._label.setObjectName("readout.preparing")
        self._label.setAccessibleName("What is being prepared")
        self._label.setContentsMargins(12, 2, 12, 2)
        self._label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.device = DeviceReadout(bridge, computing)
        self.device.clicked.connect(self.device_wanted)
        self.addPermanentWidget(self._label, 1)  # the hints of buttons cover other widgets
        self.addPermanentWidget(self.device)
        self._patience = QTimer(self, singleShot=True)
        self._patience.timeout.connect(self._label.show)
        self._noted = QTimer(self, singleShot=True, interval=_NOTE_MS)
        self._noted.timeout.connect(self._forget)
        self._left = ""
        for signal in (bridge.preparing_changed, bridge.playing_changed, bridge.moving_changed):
            signal.connect(self._follow)
        bridge.travelling_changed.connect(self._travel)
        computing.noted.connect(self._note)
        self._label.hide()

    def _travel(self, fraction: float | None) -> None:
        """Say how much of the run was repeated on the way to a moment; None when it was found or given up."""
        if fraction is None:
            self._follow(None)
            return
        self._say(f"Repeating the run from the nearest keyframe: {100 * fraction:.0f} %")

    def _note(self, text: str) -> None:
        """Say something for a while, once nothing is waited for."""
        self._left = text
        self._noted.stop()
        self._follow(None)

    def _forget(self) -> None:
        """Say no more what was said for a while."""
        self._left = ""
        self._follow(None)

    def _follow(self, _news: object) -> None:
        """Say what is waited for now; where nothing is, a note has its time."""
        text = self._awaited()
        if text:
            self._noted.stop()
        elif self._left:
            self._say(self._left)
            if not self._noted.isActive():
                self._noted.start()
            return
        self._put(text)
        if not text:
            self._patience.stop()
            self._label.hide()
        elif self._label.isHidden() and not self._patience.isActive():
            self._patience.start(_SOON_MS if self._bridge.moving else _BRIEF_MS)

    def _awaited(self) -> str:
        """Return what is waited for; empty where nothing is."""
        bridge, text = self._bridge, self._bridge.preparing
        if bridge.moving:
            what = f": {text[:1].lower()}{text[1:]}" if text else " …"
            return f"Moving to {self._computing.title(bridge.moving)}{what}"
        if text and bridge.playing:
            text += "; training waits for the kernels"
        return text[:1].upper() + text[1:]

    def _say(self, text: str) -> None:
        """Say something at once."""
        self._patience.stop()
        self._put(text)
        self._label.show()

    def _put(self, text: str) -> None:
        self._label.setText(text)
        self._label.setToolTip(text)


class DeviceReadout(QToolButton):
    """The device, how busy it is and our share of its memory; a click chooses another one.

    All figures have the width of the widest, so that nothing moves when they change.
    """

    def __init__(self, bridge: Bridge, computing: Computing) -> None:
        super().__init__()
        self._bridge, self._computing = bridge, computing
        self.setObjectName("readout.device")
        self.setProperty("tone", "readout")
        self.setAutoRaise(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        for signal in (bridge.opened, bridge.playing_changed):
            signal.connect(lambda _news: self._show())
        for signal in (computing.changed, computing.used_changed, computing.surveyed):
            signal.connect(self._show)
        self._show()

    def _show(self) -> None:
        bridge, used = self._bridge, self._computing.used
        text = used_text(bridge.device, bridge.threads, used, alone=self._computing.alone)
        if text != self.text():
            self.setText(text)
            self.setAccessibleName(f"Device: {text}")
        self.setVisible(bool(bridge.engine))
        self.setToolTip("\n".join([*self._details(), "Click to choose another device."]))

    def _details(self) -> list[str]:
        bridge, used = self._bridge, self._computing.used
        threads = threads_text(bridge.threads)
        if bridge.device == CPU:
            return [f"The {bridge.engine} engine on the CPU, {threads}"]
        device = self._computing.device(bridge.device)
        lines = [short(bridge.device) if device is None else hardware_of(device)]
        lines.append(
            f"The {bridge.engine} engine, and {threads} of the CPU that give{'s' * (bridge.threads == 1)} it work"
        )
        if used is not None:
            lines.append(
                f"Memory: {memory_text(used.held)} held by this program, {memory_text(used.free)} free of "
                f"{memory_text(used.total)}"
            )
            lines.append(f"{100 * used.busy:.0f} % {_MEASURED}")
        return lines
