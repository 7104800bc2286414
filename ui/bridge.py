"""The only door to the simulator: commands go down, events and snapshots come up by one frame clock.

No Qt signal crosses a thread: every signal of the `Bridge` is emitted in the GUI thread by one timer.
"""

import dataclasses
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from ui.jobs import Job, Jobs
from ui.ledger import Ledger

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset
    from simulator.snapshot import Snapshot
    from simulator.spec import NetworkSpec, TrainingConfig
    from simulator.training.commands import Command, Move, Open, OpenRecord, Save, Take
    from simulator.training.events import BranchNews, Event
    from simulator.training.runner import Runner
    from simulator.training.session_record import SessionRecord

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


class Bridge(QObject):
    """Owns the runner, and tells the window what happens in it.

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
    moving_changed
        str: the device that was asked for by `move`, while the session is on its way; empty when it has arrived there,
        or stays where it was.
    moved
        `simulator.training.events.Moved`: the session computes elsewhere from now on.
    device_used
        `simulator.training.events.DeviceUsed`: how a device was used lately.
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
    engine, device, threads
        What the running session computes with.
    engine_choice, device_choice
        The engine and the device that were asked for: "auto" or a name.
    device_reason
        Why it computes on this device, where that was chosen automatically: a sentence; else empty.
    interrupted
        Whether the last failure ended a run that would have gone on.
    lost
        How many updates are to be made again, since the device failed and the session is on the CPU now; else None.
    refused
        The command that opens, if the last failure was one to open something; else None.
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
    moving_changed = Signal(str)
    moved = Signal(object)
    device_used = Signal(object)
    speed_changed = Signal(object)
    ticked = Signal(float)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.snapshot: Snapshot | None = None
        self.dataset: Dataset | None = None
        self.waiting_dataset: Dataset | None = None
        self._sent_dataset: Dataset | None = None
        self.network: NetworkSpec | None = None
        self.config: TrainingConfig | None = None
        self.engine, self.device, self.threads = "", "cpu", 1
        self.engine_choice, self.device_choice = "auto", "cpu"
        self.device_reason = ""
        self._moves: list[Move] = []
        self.interrupted = False
        self.lost: int | None = None
        self.refused: Open | OpenRecord | None = None
        self._opening: Open | OpenRecord | None = None
        self._budget: int | None = None
        self._device_budget: int | None = None
        self.preparing = ""
        self.branches: dict[int, BranchNews] = {}
        self._ledger = Ledger()
        self._jobs = Jobs()
        self._runner: Runner | None = None
        self._pending: list[Event] = []
        self._asked = False
        self._explaining = False
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
        self._closed = False
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

    def play(self) -> None:
        """Train on, at the chosen speed."""
        from simulator.training.commands import Play

        self.send(Play())

    def pause(self) -> None:
        """Stop training."""
        from simulator.training.commands import Pause

        self.send(Pause())

    def advance(self, n: int = 1, unit: str = "epoch") -> None:
        """Stop playing and go on by so many rows, batches or epochs."""
        from simulator.training.commands import Advance

        self.send(Advance(n, unit))

    def reset(self) -> None:
        """Go back to where the run began, with the same weights."""
        from simulator.training.commands import Reset

        self.send(Reset())

    def new_weights(self, seed: int | None = None) -> None:
        """Go to epoch 0 with other start weights."""
        from simulator.training.commands import NewWeights

        self.send(NewWeights(seed))

    def go_to(self, epoch: int, item: int = 0) -> None:
        """Go to a moment of the branch: so many complete epochs, and so many batches of the next one."""
        from simulator.training.commands import GoTo

        self.send(GoTo(epoch, item))

    def back(self, n: int = 1, unit: str = "epoch") -> None:
        """Undo so many rows, batches or epochs."""
        from simulator.training.commands import Back

        self.send(Back(n, unit))

    def fork(self, name: str = "") -> None:
        """Begin a branch at this moment; the future that is known stays."""
        from simulator.training.commands import Fork

        self.send(Fork(name))

    def switch(self, branch: int) -> None:
        """Look at the end of another branch, by its number."""
        from simulator.training.commands import Switch

        self.send(Switch(branch))

    def rename(self, branch: int, name: str) -> None:
        """Give a branch another name."""
        from simulator.training.commands import Rename

        self.send(Rename(branch, name))

    def configure(self, config: "TrainingConfig | None" = None, network: "NetworkSpec | None" = None) -> None:
        """Change settings while the run goes on."""
        from simulator.training.commands import Configure

        self.send(Configure(config, network))

    def change_data(self, dataset: "Dataset") -> None:
        """Train on other data from the next epoch on; what runs goes on, and so do parameters and settings."""
        from simulator.training.commands import ChangeData

        self._sent_dataset = dataset
        self.send(ChangeData(dataset))

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

    def save(self, path: Path | None = None, layout: Mapping[str, Any] | None = None, purpose: str = "") -> "Save":
        """Ask for all that the session is at this moment; the answer is `saving`, and names the command returned."""
        from simulator.training.commands import Save

        command = Save(path, layout, purpose)
        self.send(command)
        return command

    def take(self) -> "Take":
        """Ask for the network of this moment as a model; the answer is `taken`, and names the command returned."""
        from simulator.training.commands import Take

        command = Take()
        self.send(command)
        return command

    def explain(self) -> bool:
        """Ask for the moment before the next update, and return whether that was done: one question at a time.

        The answer is `explained`. A question is never answered late: it is obeyed before what is sent after it.
        """
        if self._explaining or self._closed or self.snapshot is None:
            return False
        from simulator.training.commands import Explain

        self._explaining = True
        self.send(Explain())
        return True

    def limit(self, budget: int) -> None:
        """Let the keyframes of the timeline take so many bytes at most."""
        self._budget = budget
        if self._runner is not None:
            from simulator.training.commands import Limit

            self.send(Limit(budget))

    def limit_device(self, budget: int | None) -> None:
        """Let the program hold so many bytes of a GPU's memory at most; None for all there is."""
        self._device_budget = budget
        if self._runner is not None:  # before the first frame nothing is imported that knows devices
            from simulator.engines import devices

            devices.limit_memory(budget)

    def follow(self, places: tuple[int, ...]) -> None:
        """Ask how parameters, by their places in the flat vector, went along the branch; the answer is `traced`."""
        from simulator.training.commands import Follow

        self.send(Follow(places))

    def survey(self, most: int = 60) -> None:
        """Ask for the whole network at about so many moments along the branch; the answer is `surveyed`."""
        from simulator.training.commands import Survey

        self.send(Survey(most))

    def peek(self, branch: int, epoch: int | None = None, item: int = 0) -> None:
        """Ask for another moment of a branch, its end without an epoch; the answer is `peeked`. What runs goes on."""
        from simulator.training.commands import Peek

        self.send(Peek(branch, epoch, item))

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
            self._moves.pop(0)
            self.moving_changed.emit(self.moving)
            return
        self._explaining, self._questions = False, 0
        self.interrupted = self._paced or self._endless
        self.refused, self._opening = self._opening, None
        self._paced, self._endless, self._running, self._trim = False, False, False, True
        self._announce()
        self._sent_dataset = None
        self.failed.emit(event)

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
        self.engine, self.device, self.threads = event.engine, event.device, event.threads
        asked = getattr(self._opening, "device", None)
        self.device_choice, self.device_reason = asked or event.device, event.reason
        self._opening = self.lost = None
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
