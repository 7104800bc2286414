"""The only door to the simulator: commands go down, events and snapshots come up by one frame clock.

No Qt signal crosses a thread: every signal of the `Bridge` is emitted in the GUI thread by one timer.
"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from ui.jobs import Job, Jobs
from ui.ledger import Ledger
from ui.orders import Orders

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset
    from simulator.snapshot import Snapshot
    from simulator.spec import NetworkSpec, TrainingConfig
    from simulator.training.commands import Command
    from simulator.training.events import BranchNews, Event

SPEEDS: tuple[int | None, ...] = (1, 2, 5, 10, 30, 60, None)
"""Epochs a second; None is as fast as it goes."""

DEFAULT_SPEED = 30
FRAME_SECONDS = 1 / 60
BUDGET_SECONDS = 0.005

_FRAME_MS, _IDLE_MS = 16, 80
_IDLE_AFTER = 30
_PAINT_PATIENCE = 0.3
_SLOWEST_FRAME = 1 / 15
_OWN_CORES = 1


class Bridge(Orders):
    """Owns the runner, and tells the window what happens in it; what it can be asked for is said in `Orders`.

    Signals
    -------
    opened
        `simulator.training.events.Opened`: another session stands at epoch 0.
    recorded
        Rows of `RECORD` that are new; epoch 0 begins a new history. All of them are in `records`.
    playing_changed
        bool: whether something runs that `Pause` would stop.
    preparing_changed
        str: what is being prepared that training waits for; empty when nothing is.
    configured
        `simulator.training.events.Configured`.
    dataset_changed
        `simulator.data.Dataset`: the moment that is shown has another one; the session is the same, and its snapshot
        follows. `opened` says it of a session that begins.
    dataset_waiting
        `simulator.data.Dataset`: the next epoch will have another one; None from when it has begun, or was given up.
    failed
        Something with `message`, `hint` and `kind`.
    snapshot_changed
        `simulator.snapshot.Snapshot`: the newest moment.
    explained
        `simulator.training.events.Explained`: what the next and the last update follow from, as asked for by `explain`.
    branched
        `simulator.training.events.Branched`: another branch of the timeline, or others beside it; `recorded` follows.
    travelling_changed
        How much of the way to a moment is done, 0 … 1, where that takes long; None at its end.
    traced
        `simulator.training.trace.Trace`: how parameters went along the branch, as asked for by `follow`.
    surveyed
        `simulator.training.events.Surveyed`: the network at moments along the branch, as asked for by `survey`.
    peeked
        `simulator.training.events.Peeked`: another moment, as asked for by `peek`.
    saving
        `simulator.training.events.Saving`: all that the session is, to be written by a job, as asked for by `save`.
    taken
        `simulator.training.events.Taken`: the network of a moment as a model, as asked for by `take`.
    speed_changed
        Epochs a second, or None.
    ticked
        After every frame's news, when there may be time for slow views: the time that the frame began, in seconds.

    Attributes
    ----------
    snapshot
        The last one seen, or None.
    dataset
        Of the moment that is shown, or None.
    waiting_dataset
        What the next epoch will have, where that is another one; else None.
    interrupted
        Whether the last failure ended a run that would have gone on.
    preparing
        What is being prepared for it, in words; empty when it can train at once.
    branches
        `simulator.training.events.BranchNews` of every branch of the timeline, by its number.
    """

    opened = Signal(object)
    recorded = Signal(object)
    playing_changed = Signal(bool)
    preparing_changed = Signal(str)
    configured = Signal(object)
    dataset_changed = Signal(object)
    dataset_waiting = Signal(object)
    failed = Signal(object)
    snapshot_changed = Signal(object)
    explained = Signal(object)
    branched = Signal(object)
    travelling_changed = Signal(object)
    traced = Signal(object)
    surveyed = Signal(object)
    peeked = Signal(object)
    saving = Signal(object)
    taken = Signal(object)
    speed_changed = Signal(object)
    ticked = Signal(float)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.dataset: Dataset | None = None
        self.waiting_dataset: Dataset | None = None
        self.network: NetworkSpec | None = None
        self.config: TrainingConfig | None = None
        self.interrupted = False
        self.preparing = ""
        self.branches: dict[int, BranchNews] = {}
        self._ledger = Ledger()
        self._jobs = Jobs()
        self._pending: list[Event] = []
        self._asked = False
        self._questions = 0
        self._trim = False
        self._unpainted: float | None = None
        self._drawing: Callable[[], bool] = lambda: False
        self._beside = False
        self._resting = 0.0
        self._speed: int | None = DEFAULT_SPEED
        self._paced = False
        self._paced_from: Snapshot | None = None
        self._paced_next = 0.0
        self._running = False
        self._endless = False
        self._playing = False
        self._quiet = 0
        self._clock = QTimer(self)
        self._clock.setTimerType(Qt.TimerType.PreciseTimer)
        self._clock.setInterval(_FRAME_MS)
        self._clock.timeout.connect(self._tick)
        self._clock.start()

    # -- down ---------------------------------------------------------------------------------------------------

    def send(self, command: "Command") -> None:
        """Give the simulator a command; `Play` keeps to the chosen speed."""
        from simulator.training import commands as c

        if self._closed:
            return
        self._wake()
        if isinstance(command, c.Play) and self._speed is not None:
            if self.snapshot is None:
                return
            if not self._paced:
                self._endless = False
                self._to_runner(c.Pause())  # an endless run or a long advance ends here
                self._paced, self._paced_next = True, 0.0
                self._paced_from = None
        elif isinstance(command, c.PACERS):
            self._paced = self._endless = False
            self._to_runner(command)
        else:
            self._to_runner(command)
        self._announce()

    def run_job(
        self,
        function: Callable[..., Any],
        *arguments: Any,
        on_done: Callable[[Any], None] | None = None,
        on_failed: Callable[[Any], None] | None = None,
        on_progress: Callable[[float | None, str], None] | None = None,
    ) -> Job:
        """Call ``function(*arguments, progress)`` beside the window.

        Parameters
        ----------
        on_done
            Called with the result.
        on_failed
            Called with a `ui.jobs.Failure` (message, hint, kind).
        on_progress
            Called with the fraction done, or None, and a short text; the newest report of each frame.

        Returns
        -------
        A job that can be cancelled; then nothing is called. All callbacks run in the GUI thread.
        """
        self._wake()
        return self._jobs.start(function, arguments, on_done, on_failed, on_progress)

    @property
    def busy(self) -> bool:
        """Whether a job still runs."""
        return len(self._jobs) > 0

    @property
    def idle(self) -> bool:
        """Whether nothing runs, nothing was asked that is not answered yet, and all news were handed on."""
        open_questions = self._questions or self._explaining or self._asked or self._pending
        return not (self._playing or open_questions or self.busy)

    @property
    def wanted_dataset(self) -> "Dataset | None":
        """What was asked for last: the data that is on its way or waits, or else that of the moment that is shown."""
        return self._sent_dataset or self.waiting_dataset or self.dataset

    # -- pace ---------------------------------------------------------------------------------------------------

    @property
    def speed(self) -> int | None:
        """Epochs a second, or None for as fast as it goes."""
        return self._speed

    @speed.setter
    def speed(self, speed: int | None) -> None:
        if speed == self._speed:
            return
        playing = self._paced or (self._playing and self._endless)
        self._speed = speed
        if playing:
            self._paced = False
            self.play()
        self.speed_changed.emit(speed)

    @property
    def playing(self) -> bool:
        """Whether something runs that `Pause` would stop."""
        return self._playing

    @property
    def records(self) -> NDArray[Any]:
        """Rows of `RECORD` of every epoch from 0, NaN before the run began: a read-only view."""
        return self._ledger.rows

    def await_paint(self, drawing: Callable[[], bool] = lambda: False) -> None:
        """Tell the clock that a view is about to paint the newest snapshot: the next one is not asked for before.

        Parameters
        ----------
        drawing
            Whether the view still draws beside the window what it will paint: then it may take longer, and frames of
            an endless run leave training the time that they take.
        """
        self._unpainted, self._drawing, self._beside = time.perf_counter(), drawing, drawing()

    def painted(self) -> None:
        """Tell the clock that the newest snapshot is on the screen."""
        now = time.perf_counter()
        if self._unpainted is not None and self._beside:
            took = now - self._unpainted
            self._resting = now + max(0.0, min(1.5 * took, _SLOWEST_FRAME - 2 * FRAME_SECONDS - took))
        self._unpainted = None
        self._pace()
        self._ask()

    def close(self, timeout: float | None = 5.0) -> bool:
        """End the worker and all jobs, also in the middle of training; return whether the worker ended in time."""
        if self._closed:
            return True
        self._closed = True
        self._clock.stop()
        self._jobs.close()
        return self._runner is None or self._runner.close(timeout)

    # -- the frame clock ----------------------------------------------------------------------------------------

    def _to_runner(self, command: "Command") -> None:
        from simulator.training import commands as c
        from simulator.training.runner import Runner

        self._questions += isinstance(command, c.Follow | c.Survey | c.Peek | c.Save)

        if self._runner is None:
            self._runner = Runner(_OWN_CORES)
            if self._budget is not None:
                self._runner.send(c.Limit(self._budget))
            if self._device_budget is not None:
                self.limit_device(self._device_budget)
        if isinstance(command, c.Play | c.Advance):
            self._endless = isinstance(command, c.Play)
            # Known before the runner says so: who pauses now waits for the epoch that is under way.
            self._running = True
        self._runner.send(command)

    def _wake(self) -> None:
        self._quiet = 0
        if self._clock.interval() != _FRAME_MS:
            self._clock.setInterval(_FRAME_MS)

    def _tick(self) -> None:
        began = time.perf_counter()
        self._drain(began)
        if not self._closed:
            self._take_snapshot()
            self._pace()
            self._jobs.poll()
        if not self._closed:
            self.ticked.emit(began)
            self._rest()

    def _drain(self, began: float) -> None:
        """Hand events on for at most the budget of a frame; what is left waits for the next one."""
        if self._runner is not None:
            self._pending += self._runner.events()
        while self._pending and not self._closed:
            self._obey(self._pending.pop(0))
            if time.perf_counter() - began > BUDGET_SECONDS:
                break

    def _obey(self, event: "Event") -> None:
        from simulator.training import events as e

        self._wake()
        match event:
            case e.Recorded():
                self._trim = False  # what is told after a failure begins where the session ends, and forgets the rest
                self._ledger.write(event.rows)
                self.recorded.emit(event.rows)
            case e.Playing():
                self._running = event.on
                self._announce()
            case e.Preparing():
                self.preparing = event.text
                self.preparing_changed.emit(event.text)
            case e.Opened():
                self._take_over(event)
            case e.Configured():
                self.network, self.config = event.network, event.config
                self.configured.emit(event)
            case e.DataChanged():
                self._replace(event)
            case e.Explained():
                self._explaining = False
                self.explained.emit(event)
            case e.Failed():
                self._fail(event)
            case e.Moved():
                self._arrive(event)
            case _:
                self._travel(event)

    def _travel(self, event: "Event") -> None:
        """Hand on what is told about the timeline."""
        from simulator.training import events as e

        if isinstance(event, e.Traced | e.Surveyed | e.Saving | e.Peeked):
            self._questions = max(0, self._questions - 1)
        match event:
            case e.Branched():
                self.branches = {branch.number: branch for branch in event.branches}
                self.branched.emit(event)
            case e.Traced():
                self.traced.emit(event.trace)
            case e.Surveyed():
                self.surveyed.emit(event)
            case e.Saving():
                self.saving.emit(event)
            case e.Taken():
                self.taken.emit(event)
            case e.Peeked():
                self.peeked.emit(event)
            case e.Travelling():
                self.travelling_changed.emit(event.fraction)
            case e.DeviceUsed():
                self.device_used.emit(event)
            case _:
                pass

    def _fail(self, event: Any) -> None:
        """End what ran; whatever was asked for is not to come any more. What runs goes on when a move is refused."""
        if self._moves:
            self.interrupted, self.refused = False, None
            self.failed.emit(event)
            self._stay()
            return
        self._explaining, self._questions = False, 0
        self.interrupted = self._paced or self._endless
        self._refuse()
        self._paced, self._endless, self._running, self._trim = False, False, False, True
        self._announce()
        self._sent_dataset = None
        self.failed.emit(event)

    def _replace(self, event: Any) -> None:
        """Follow the data of the moment that is shown."""
        before, waited = self.dataset, self.waiting_dataset
        self.dataset, self.waiting_dataset = event.dataset, event.waiting
        self._sent_dataset = None
        if event.dataset is not before:
            self.dataset_changed.emit(event.dataset)
        if event.waiting is not waited:
            self.dataset_waiting.emit(event.waiting)

    def _take_over(self, event: Any) -> None:
        # A moment of the session before may still lie in the mailbox.
        if self._runner is not None and self._runner.snapshot() is not None:
            self._asked = False
        waited, self.waiting_dataset, self._sent_dataset = self.waiting_dataset, None, None
        self.dataset, self.snapshot = event.dataset, event.snapshot
        self.network, self.config = event.snapshot.network, event.snapshot.config
        self._stand(event)
        self.opened.emit(event)
        if waited is not None:
            self.dataset_waiting.emit(None)
        self.snapshot_changed.emit(event.snapshot)

    def _take_snapshot(self) -> None:
        """Pass a new moment on, and ask for the next when that one was painted."""
        runner = self._runner
        if runner is None or self._pending:
            return
        found = runner.snapshot()
        if found is not None:
            self._asked = False
            self._catch_up()
            self.snapshot = found
            self._wake()
            if self._trim:
                self._trim = False
                self._ledger.cut(found.end[0] + 1)
            self.snapshot_changed.emit(found)
        self._ask()

    def _catch_up(self) -> None:
        """Hear what was told before a moment, as the data that it has, before that moment is handed on."""
        from simulator.training.events import Opened

        if self._runner is not None:
            self._pending += self._runner.events()
        while self._pending and not self._closed and not isinstance(self._pending[0], Opened):
            self._obey(self._pending.pop(0))

    def _ask(self) -> None:
        """Ask for the next moment of an endless run or a long advance, when the last was taken and painted."""
        if self.preparing or not self._running or self._paced:
            return
        if time.perf_counter() < self._resting:
            return
        if not self._asked and not self._painting and not self._closed:
            from simulator.training.commands import Show

            self._asked = True
            self._to_runner(Show())

    @property
    def _painting(self) -> bool:
        """Whether the newest snapshot is still to be painted; for a while only, as a covered window paints nothing."""
        if self._unpainted is None:
            return False
        return time.perf_counter() - self._unpainted < _PAINT_PATIENCE or self._drawing()

    def _pace(self) -> None:
        """Ask for the next epoch when the last was painted and its time has come."""
        if not self._paced or self._speed is None or self.snapshot is None:
            return
        now = time.perf_counter()
        if self._running or self._painting or self.snapshot is self._paced_from or now < self._paced_next:
            return
        from simulator.training.commands import Advance

        due = self._paced_next if now - self._paced_next < FRAME_SECONDS else now
        self._paced_next = due + 1.0 / self._speed - 0.1 * FRAME_SECONDS
        self._paced_from = self.snapshot  # not its epoch: a moment that somebody went to may be an earlier one
        self._to_runner(Advance(1))

    def _announce(self) -> None:
        playing = self._paced or self._running
        if playing != self._playing:
            self._playing = playing
            self.playing_changed.emit(playing)

    def _rest(self) -> None:
        """Tick slowly when nothing happens: a window at rest should not keep a laptop awake."""
        busy = self._playing or self._asked or self._explaining or self._pending or len(self._jobs)
        self._quiet = 0 if busy else self._quiet + 1
        if self._quiet == _IDLE_AFTER:
            self._clock.setInterval(_IDLE_MS)
