"""Finds the rows that the table shows: at once where that is quick, else beside the window."""

import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from simulator.errors import SimulatorError, account
from ui.bridge import Bridge
from ui.jobs import Failure, Job
from ui.panels.table_answers import Rows, fits
from ui.panels.table_arranging import Arranged, Wanted, arrange

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset
    from simulator.snapshot import Snapshot

_AT_ONCE = 2_000_000
"""About so many multiplications, comparisons and cells take less than 5 ms."""

_SECONDS, _DUTY = 0.5, 6.0


class Finder(QObject):
    """Keeps what is shown up to date with what is wanted and with the network.

    Signals
    -------
    found
        `Arranged`: other rows, another order, or another moment.
    failed
        `ui.jobs.Failure`: what is wanted cannot be found.

    Attributes
    ----------
    arranged
        The last result, or None.
    """

    found = Signal(object)
    failed = Signal(object)

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._dataset: Dataset | None = None
        self._where: Rows | None = None
        self._snapshot: Snapshot | None = None
        self._job: Job | None = None
        self.wanted = Wanted()
        self.arranged: Arranged | None = None
        self._awake, self._stale = False, True
        self._asked_at, self._pause = 0.0, _SECONDS
        bridge.ticked.connect(self._look)

    def take(self, dataset: "Dataset", where: Rows, snapshot: "Snapshot | None", wanted: Wanted) -> None:
        """Look at another data set."""
        self._stop()
        self._dataset, self._where, self._snapshot = dataset, where, snapshot
        self.wanted, self.arranged, self._stale = wanted, None, True
        self._look_now()

    def want(self, wanted: Wanted) -> None:
        """Want other rows, or another order."""
        self._stop()
        self.wanted, self._stale = wanted, True
        self._look_now()

    def age(self, snapshot: "Snapshot") -> None:
        """Look at another moment of the network."""
        if snapshot is not self._snapshot:
            self._snapshot, self._stale = snapshot, True

    def wake(self, awake: bool) -> None:
        """Begin, or cease, to look."""
        self._awake = awake
        if awake:
            self._look_now()

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _look_now(self) -> None:
        self._asked_at = -1e9
        self._look(time.perf_counter())

    def _look(self, now: float) -> None:
        """Find the rows: at once while nothing runs, else only so often that it costs little."""
        if not self._awake or not self._stale or self._job is not None or self._dataset is None or self._where is None:
            return
        if self._bridge.playing and now - self._asked_at < self._pause:
            return
        snapshot = self._snapshot if fits(self._dataset, self._snapshot) else None
        last = self.arranged
        known = last.answers if last is not None and last.snapshot is snapshot else None
        self._stale, self._asked_at = False, now
        question = self._dataset, self._where, snapshot, known, self.wanted
        if self._cost(snapshot, known is not None) > _AT_ONCE:
            self._job = self._bridge.run_job(arrange, *question, on_done=self._done, on_failed=self._refused)
            return
        try:
            arranged = arrange(*question)
        except SimulatorError as error:
            self._refused(Failure(*account(error)))
        else:
            self._done(arranged)

    def _cost(self, snapshot: "Snapshot | None", known: bool) -> int:
        dataset, wanted = self._dataset, self.wanted
        assert dataset is not None
        rows, columns = dataset.table.shape
        asks = 0 if known or snapshot is None else snapshot.network.parameter_count
        sorts = 0 if wanted.sort is None else 40
        search = wanted.search
        reads = 0 if search is None else 20 * (columns if search.formula is None else len(search.formula.names))
        return rows * (asks + sorts + reads)

    def _done(self, arranged: Arranged) -> None:
        self._job = None
        self._pause = max(_SECONDS, _DUTY * (time.perf_counter() - self._asked_at))
        self.arranged = arranged
        self.found.emit(arranged)

    def _refused(self, failure: Any) -> None:
        self._job = None
        self.failed.emit(failure)
