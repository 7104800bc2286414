"""Hands drawn and generated data to the simulator: at once, but not more often than it can use."""

import dataclasses
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from simulator.errors import ConfigError
from ui.bridge import Bridge

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset
    from simulator.data.drawn import Sheet

_PAUSE_MS = 66


class Sender(QObject):
    """Sends the newest sheet at most 15 times a second, and tells when somebody else chose another data set.

    Signals
    -------
    replaced
        `simulator.data.Dataset`: it was opened, or gone back to on the timeline, and was not sent from here.
    starved
        bool: whether there is too little to train on, so that nothing was sent.
    """

    replaced = Signal(object)
    starved = Signal(bool)

    def __init__(self, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._waiting: Sheet | None = None
        self._sent: list[Dataset] = []
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self.flush)
        self._last: Dataset | None = None
        bridge.opened.connect(lambda event: self._hear(event.dataset))
        bridge.failed.connect(lambda _failure: self._sent.clear())
        for changed in (bridge.dataset_changed, bridge.dataset_waiting):
            changed.connect(lambda _dataset: self._hear(bridge.wanted_dataset))

    def send(self, sheet: "Sheet") -> None:
        """Send a sheet now, or with the next one that can be sent."""
        self._waiting = sheet
        if not self._pause.isActive():
            self.flush()

    def flush(self) -> None:
        """Send what waits."""
        sheet, self._waiting = self._waiting, None
        if sheet is None:
            return
        dataset = sheet.dataset()
        self.starved.emit(dataset is None)
        if dataset is not None:
            self.give(dataset)
        self._pause.start()

    def give(self, dataset: "Dataset") -> None:
        """Train on a data set from the next epoch on; in a new session, if it needs another network."""
        self._waiting = None
        running = self._sent[-1] if self._sent else self._bridge.wanted_dataset
        self._sent.append(dataset)
        if running is not None and fits(running, dataset):
            self._bridge.change_data(dataset)
        else:
            self._bridge.open(dataset, *plan_for(dataset, self._bridge))

    def _hear(self, dataset: "Dataset | None") -> None:
        """Take note of what was sent and has arrived; anything else was chosen somewhere else, or long ago."""
        if any(dataset is each for each in self._sent):
            while self._sent.pop(0) is not dataset:
                pass
            self._last = dataset
        elif dataset is not None and not self._sent and self._waiting is None and dataset is not self._last:
            self._last = dataset
            self.replaced.emit(dataset)


def fits(running: "Dataset", dataset: "Dataset") -> bool:
    """Return whether the network that is trained on one data set can be trained on another one."""
    return (running.task, running.feature_names, running.class_names) == (
        dataset.task,
        dataset.feature_names,
        dataset.class_names,
    )


def plan_for(dataset: "Dataset", bridge: Bridge) -> tuple[Any, Any]:
    """Return the network and the settings for a new session: hidden layers and settings stay if that is possible."""
    from simulator.nn import choices
    from simulator.training.defaults import default_network

    running, network, config = bridge.dataset, bridge.network, bridge.config
    alike = running is not None and running.feature_names == dataset.feature_names and running.task == dataset.task
    if not alike or network is None or config is None:
        return None, None
    try:
        usual = default_network(dataset, loss=config.loss.name)
        wanted = dataclasses.replace(usual, hidden=network.hidden, initializer=network.initializer)
        choices.check(wanted, config)
    except ConfigError:  # a loss for two classes, and there are three now
        return None, None
    return wanted, config
