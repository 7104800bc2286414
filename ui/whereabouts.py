"""Where the running session computes, and the commands that open a session somewhere or take it elsewhere."""

import dataclasses
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from simulator.data import Dataset
    from simulator.snapshot import Snapshot
    from simulator.spec import NetworkSpec, TrainingConfig
    from simulator.training.commands import Command, Move, Open, OpenRecord
    from simulator.training.runner import Runner
    from simulator.training.session_record import SessionRecord


class Whereabouts(QObject):
    """Knows on which device the session is, and which one was asked for.

    Signals
    -------
    moving_changed
        str: the device that was asked for by `move`, while the session is on its way; empty when it has arrived there,
        or stays where it was.
    moved
        `simulator.training.events.Moved`: the session computes elsewhere from now on.
    device_used
        `simulator.training.events.DeviceUsed`: how a device was used lately.

    Attributes
    ----------
    snapshot
        The last one seen, or None.
    engine, device, threads
        What the running session computes with.
    engine_choice, device_choice
        The engine and the device that were asked for: "auto" or a name.
    device_reason
        Why it computes on this device, where that was chosen automatically: a sentence; else empty.
    lost
        How many updates are to be made again, since the device failed and the session is on the CPU now; else None.
    refused
        The command that opens, if the last failure was one to open something; else None.
    """

    moving_changed = Signal(str)
    moved = Signal(object)
    device_used = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.snapshot: Snapshot | None = None
        self.engine, self.device, self.threads = "", "cpu", 1
        self.engine_choice, self.device_choice = "auto", "cpu"
        self.device_reason = ""
        self._moves: list[Move] = []
        self.lost: int | None = None
        self.refused: Open | OpenRecord | None = None
        self._opening: Open | OpenRecord | None = None
        self._device_budget: int | None = None
        self._runner: Runner | None = None
        self._closed = False

    def send(self, command: "Command") -> None:
        """Give the simulator a command."""
        raise NotImplementedError

    def open(self, dataset: "Dataset", network: "NetworkSpec | None" = None, config: "TrainingConfig | None" = None,
             *, device: str | None = None, engine: str | None = None, start: Any = None) -> None:  # fmt: skip
        """Start a new session; the running one stays if that fails. A chosen engine holds for what is opened later.

        `start` is a flat vector of parameters, or a model from which training goes on.
        """
        from simulator.training.commands import Open

        self.engine_choice = engine or self.engine_choice
        self._open(Open(dataset, network, config, self.engine_choice, device or self.device_choice, start=start))

    def open_elsewhere(self, device: str) -> None:
        """Open on another device what was refused last."""
        from simulator.training.commands import Open

        if self.refused is not None:
            self.engine_choice = "auto"
            engine = "auto" if isinstance(self.refused, Open) else None
            self._open(dataclasses.replace(self.refused, device=device, engine=engine))

    def _open(self, command: "Open | OpenRecord") -> None:
        self._opening = command
        self.send(command)

    def open_record(self, record: "SessionRecord") -> None:
        """Put a session that was recorded in place of the running one, which stays if that fails."""
        from simulator.training.commands import OpenRecord

        self._open(OpenRecord(record))

    def move(self, device: str, engine: str | None = None) -> None:
        """Go on computing on another device, or with another engine; what runs goes on.

        The answer is `moved`; a failure leaves everything as it is.
        """
        from simulator.training.commands import Move

        if self.snapshot is None or self._closed:
            return
        self._moves.append(Move(device, engine))
        self.send(self._moves[-1])
        self.moving_changed.emit(device)

    @property
    def moving(self) -> str:
        """The device that the session is on its way to; empty where it is on none."""
        return self._moves[-1].device if self._moves else ""

    def limit_device(self, budget: int | None) -> None:
        """Let the program hold so many bytes of a GPU's memory at most; None for all there is."""
        self._device_budget = budget
        if self._runner is not None:  # before the first frame nothing is imported that knows devices
            from simulator.engines import devices

            devices.limit_memory(budget)

    def _stand(self, event: Any) -> None:
        """Know where a session was opened."""
        self.engine, self.device, self.threads = event.engine, event.device, event.threads
        asked = getattr(self._opening, "device", None)
        self.device_choice, self.device_reason = asked or event.device, event.reason
        self._opening = self.lost = None

    def _refuse(self) -> None:
        """Know that what was to be opened, if anything was, did not open."""
        self.refused, self._opening = self._opening, None

    def _stay(self) -> None:
        """Know that the session is not taken elsewhere."""
        self._moves.pop(0)
        self.moving_changed.emit(self.moving)

    def _arrive(self, event: Any) -> None:
        """Know that the session computes elsewhere."""
        self.engine, self.device, self.threads = event.engine, event.device, event.threads
        move = self._moves.pop(0) if self._moves else None
        self.device_choice = event.device if move is None else move.device
        self.engine_choice = (move and move.engine) or "auto"
        self.device_reason = event.reason
        self.lost = None if move is not None else event.lost
        self.moved.emit(event)
        if move is not None:
            self.moving_changed.emit(self.moving)
