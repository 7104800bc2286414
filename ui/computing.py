"""Where the numbers are computed: what this computer has, what was chosen, how it is used."""

import dataclasses
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from simulator.progress import Progress
from ui.bridge import Bridge
from ui.device_words import AUTO, CPU, reason_text, short
from ui.jobs import Failure
from ui.preferences import Preferences

if TYPE_CHECKING:
    from simulator.engines.cuda.machine import Device
    from simulator.engines.devices import Survey
    from simulator.training.events import DeviceUsed

_REST_MS = 700
_ELSEWHERE = "on which it was trained"
"""What the reason says where a session was saved on a device that cannot be had here."""
DEVICE_FAILURES = ("DeviceError", "DeviceMemoryError")
"""The kinds of failures after which another device may help."""


def look(_progress: Progress | None = None) -> "Survey":
    """Return the CUDA devices of this computer, or why there is none; the first time takes seconds."""
    from simulator.engines import devices

    return devices.survey()


class Computing(QObject):
    """Follows the device of the running session, looks for others when somebody asks, and remembers the choice.

    Nothing that knows CUDA is imported before somebody asks for a GPU, or chose one the last time.

    Signals
    -------
    surveyed
        The devices are known, or why there are none: `survey`, or that they are looked for: `looking`.
    changed
        The session computes elsewhere, or is on its way.
    used_changed
        `used` is another one.
    noted
        str: a sentence for the status bar.

    Attributes
    ----------
    survey
        `simulator.engines.devices.Survey`: what was found last; None before somebody looked.
    looking
        Whether devices are looked for now.
    used
        How the device was used lately; None for a CPU, and before it is known.
    """

    surveyed = Signal()
    changed = Signal()
    used_changed = Signal()
    noted = Signal(str)

    def __init__(self, bridge: Bridge, preferences: Preferences, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._preferences = bridge, preferences
        self.survey: Survey | None = None
        self.looking = False
        self.used: DeviceUsed | None = None
        self._resuming = preferences.device
        self._quiet, self._wished = False, ""
        if preferences.device_memory is not None:
            bridge.limit_device(preferences.device_memory)
        bridge.opened.connect(self._arrived)
        bridge.moved.connect(self._remember)
        bridge.moved.connect(self._arrived)
        bridge.moving_changed.connect(lambda _device: self.changed.emit())
        bridge.device_used.connect(self._use)
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self._idle)
        bridge.playing_changed.connect(lambda _on: self._rest.start())

    # -- what there is ------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Look for devices beside the window; `surveyed` says when they are known."""
        if not self.looking:
            self.looking = True
            self._bridge.run_job(look, on_done=self._found, on_failed=self._lost)
            self.surveyed.emit()

    def _found(self, survey: "Survey") -> None:
        self.survey, self.looking = survey, False
        self.surveyed.emit()

    def _lost(self, _failure: Failure) -> None:
        self.looking = False
        self.surveyed.emit()

    def device(self, name: str) -> "Device | None":
        """Return what is known of a device."""
        found = () if self.survey is None else self.survey.devices
        return next((device for device in found if device.name == name), None)

    def title(self, name: str) -> str:
        """Return what a device calls itself, with its number where there are several; as far as that is known."""
        device = self.device(name)
        if device is None:
            return short(name)
        return device.title if self.alone else f"{device.title} ({name})"

    @property
    def alone(self) -> bool:
        """Whether one GPU is known, and no other: it needs no number."""
        return self.survey is not None and len(self.survey.devices) == 1

    # -- what is chosen -----------------------------------------------------------------------------------------

    def choose(self, device: str) -> None:
        """Go on computing on another device, and on the same one after the next start of the program."""
        if device == (self._bridge.moving or self._bridge.device_choice):
            self._preferences.device = device
        else:
            self._quiet, self._wished = False, device
            self._bridge.move(device)

    def resume(self) -> None:
        """Go to the device that was chosen the last time; one that is gone is only spoken of."""
        wanted, self._resuming = self._resuming, CPU
        if wanted != CPU and self._bridge.device_choice == CPU and not self._bridge.moving:
            self._quiet = True
            self._bridge.move(wanted)

    def take(self, failure: Any) -> bool:
        """Take a failure that no message is worth: the device of the last time is gone. Return whether it was that."""
        if not (self._quiet and self._bridge.moving and failure.kind in DEVICE_FAILURES):
            return False
        gone, self._quiet = self._bridge.moving, False
        self.noted.emit(f"{short(gone)} cannot be used now: {failure.message}. The network is on the CPU.")
        return True

    @property
    def memory(self) -> int | None:
        """How many bytes of a GPU's memory the program may hold; None for all there is."""
        return self._preferences.device_memory

    def limit_memory(self, limit: int | None) -> None:
        """Hold so many bytes at most from now on, and after the next start."""
        self._preferences.device_memory = limit
        self._bridge.limit_device(limit)

    # -- how it is used -----------------------------------------------------------------------------------------

    def _remember(self, _event: Any) -> None:
        """Keep a choice for the next start once it holds."""
        wished, self._wished = self._wished, ""
        if wished == self._bridge.device_choice:
            self._preferences.device = wished

    def _arrived(self, _event: Any) -> None:
        self.used, self._quiet = None, False
        bridge = self._bridge
        unknown = bridge.device != CPU and self.device(bridge.device) is None
        if unknown or (bridge.device_choice == AUTO and self.survey is None):
            self.look()  # for the names, or for what would help: what knows CUDA is there already
        self.changed.emit()
        self.used_changed.emit()
        if _ELSEWHERE in bridge.device_reason:
            self.noted.emit(reason_text(bridge.device_reason, bridge.device_choice))
        if self._resuming != CPU:
            self.resume()

    def _idle(self) -> None:
        """Know that a device has nothing to do: nobody tells of that."""
        if self.used is not None and not self._bridge.playing:
            self._use(dataclasses.replace(self.used, busy=0.0))

    def _use(self, used: "DeviceUsed") -> None:
        if self._bridge.device != CPU:
            self.used = used
            self.used_changed.emit()
