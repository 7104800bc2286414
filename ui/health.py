"""What ails the neurons of the moment that is shown, worked out once for all views."""

import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from simulator.insight.health import Health, examine
from simulator.progress import Progress
from ui.bridge import Bridge
from ui.jobs import Job

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset
    from simulator.snapshot import Snapshot

_SECONDS, _DUTY = 0.25, 8.0
_AT_ONCE = 1_000_000
"""So many products are worked out in the frame, about two milliseconds; more is a job."""


def health_of(snapshot: "Snapshot", dataset: "Dataset", _progress: Progress | None = None) -> Health:
    """Examine a moment on its training rows."""
    return examine(snapshot.network, snapshot.layers, dataset.X_train)


class Checkup(QObject):
    """Keeps the health of the shown moment's neurons: at once while nothing runs, else four times a second at most.

    Signals
    -------
    examined
        `simulator.insight.health.Health` of the newest moment that was looked at.

    Attributes
    ----------
    health
        The last one, or None; `sizes` are those of its network.
    """

    examined = Signal(object)

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.health: Health | None = None
        self.sizes: tuple[int, ...] = ()
        self._seen: tuple[Any, Any] = (None, None)
        self._job: Job | None = None
        self._asked_at, self._pause = 0.0, _SECONDS
        bridge.opened.connect(self._opened)
        bridge.ticked.connect(self._look)

    def _opened(self, _event: Any) -> None:
        if self._job is not None:
            self._job.cancel()
        self._job = self.health = None
        self._seen = (None, None)

    def _look(self, now: float) -> None:
        snapshot, dataset = self._bridge.snapshot, self._bridge.dataset
        if self._job is not None or snapshot is None or dataset is None or self._seen == (snapshot, dataset):
            return
        if self._bridge.playing and now - self._asked_at < self._pause:
            return
        if snapshot.network.inputs != dataset.X_train.shape[1]:
            return  # a moment between two data sets
        self._asked_at, self._seen = time.perf_counter(), (snapshot, dataset)
        if snapshot.network.parameter_count * len(dataset.X_train) <= _AT_ONCE:
            self._done(health_of(snapshot, dataset), snapshot.network.sizes)
        else:
            sizes = snapshot.network.sizes
            self._job = self._bridge.run_job(
                health_of, snapshot, dataset, on_done=lambda health: self._done(health, sizes), on_failed=self._failed
            )

    def _done(self, health: Health, sizes: tuple[int, ...]) -> None:
        self._job = None
        self.health, self.sizes = health, sizes
        self._pause = max(_SECONDS, _DUTY * (time.perf_counter() - self._asked_at))
        self.examined.emit(health)

    def _failed(self, _failure: Any) -> None:
        self._job = None
