"""The one worker: a thread that owns the session, obeys commands between chunks of work, and never dies of an error."""

import collections
import contextlib
import logging
import math
import queue
import threading
import time
import weakref
from collections.abc import Callable, Generator

from simulator.errors import ConfigError, DeviceError, DeviceMemoryError, SimulatorError
from simulator.progress import Cancelled, Progress
from simulator.snapshot import Snapshot
from simulator.training import commands as c
from simulator.training import events as e
from simulator.training.news import News
from simulator.training.sampling import SAMPLE_SECONDS
from simulator.training.session import Session
from simulator.training.timeline import BUDGET_BYTES

_log = logging.getLogger(__name__)

_ENDLESS = 2**62
_LOOK_SECONDS = 0.05
_LITTLE = 0.02
"""How many seconds of a run may be repeated, while it goes on, to tell what its last update or all its moments were."""


_SLOW = 0.3
"""From so many seconds on it is told what opening or moving waits for."""

_LONG = 0.1
"""From so many seconds on it is told how far a moment that is sought is."""


class Runner:
    """Trains one session in a thread of its own.

    Commands go down through `send`; events come up through `events`, in order and without loss; snapshots come up
    through a mailbox that holds the newest one. Everything that crosses is frozen. All methods may be called from any
    thread.

    Parameters
    ----------
    spare
        How many cores are left to others, as a window that draws beside the training.
    """

    def __init__(self, spare: int = 0) -> None:
        self._spare, self._budget = spare, BUDGET_BYTES
        self._commands: queue.SimpleQueue[c.Command] = queue.SimpleQueue()
        self._events: queue.SimpleQueue[e.Event] = queue.SimpleQueue()
        self._mailbox: collections.deque[Snapshot] = collections.deque(maxlen=1)
        self._news = News(self._events, self._mailbox)
        self._goals: collections.deque[c.Advance] = collections.deque()
        self._set_aside: collections.deque[c.Advance] = collections.deque()
        self._session: Session | None = None
        self._last_sent: c.Command | None = None
        self._given_up: list[c.Command] = []
        self._superseded: weakref.WeakSet[c.ChangeData] = weakref.WeakSet()
        self._playing = False
        self._opening: Progress | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._main, name="nodeglow-worker", daemon=True)
        self._thread.start()

    def send(self, command: c.Command) -> None:
        """Put a command at the end of the queue."""
        if isinstance(command, c.Close):
            self._closing.set()
            opening = self._opening
            if opening is not None:
                opening.cancel()
        if not isinstance(command, c.Show | c.Explain | c.Follow | c.Survey | c.Peek):
            if isinstance(command, c.GoTo | c.Close) and isinstance(self._last_sent, c.GoTo):
                self._given_up.append(self._last_sent)
            if isinstance(command, c.ChangeData) and isinstance(self._last_sent, c.ChangeData):
                self._superseded.add(self._last_sent)
            self._last_sent = command
        self._commands.put(command)

    def events(self, timeout: float = 0.0) -> list[e.Event]:
        """Return all events since the last call; with a timeout, wait at most so many seconds for the first."""
        found: list[e.Event] = []
        try:
            if timeout > 0:
                found.append(self._events.get(timeout=timeout))
            while True:
                found.append(self._events.get_nowait())
        except queue.Empty:
            return found

    def snapshot(self) -> Snapshot | None:
        """Take the newest snapshot out of the mailbox; None when there is no new one. Ask for one with `Show`."""
        try:
            return self._mailbox.pop()
        except IndexError:
            return None

    def close(self, timeout: float | None = None) -> bool:
        """End the thread, also in the middle of an endless run, and return whether it ended in time (seconds)."""
        self.send(c.Close())
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _main(self) -> None:
        try:
            while True:
                self._tell_preparing()
                try:
                    command = self._next()
                except queue.Empty:
                    if self._goals and not self._news.preparing:
                        self._guarded(self._work)
                    continue
                if isinstance(command, c.Close):
                    return
                self._guarded(lambda told=command: self._obey(told))
        finally:
            self._news.tell(e.Closed())

    def _next(self) -> c.Command:
        """Return the next command: look for one with something to do, wait for one with nothing to do.

        Raises
        ------
        queue.Empty
            When it is time to work, or to look whether the session is ready.
        """
        if self._news.preparing:
            return self._commands.get(timeout=_LOOK_SECONDS)
        return self._commands.get(block=not self._goals)

    def _tell_preparing(self) -> None:
        self._news.tell_preparing("" if self._session is None else self._session.preparing)

    def _guarded(self, work: Callable[[], None]) -> None:
        """Do something; an error stops the training and becomes an event."""
        try:
            work()
        except Cancelled:
            self._stop()
        except Exception as error:
            if not isinstance(error, SimulatorError):
                _log.exception("the worker failed")
            if isinstance(error, DeviceError):
                self._rescue(error)
                self._set_aside = self._goals.copy()
            if isinstance(error, DeviceMemoryError) and self._session is not None:  # what was asked for is refused
                self._news.tell_settings(self._session)
            self._halt()
            self._news.tell_failure(error)

    def _halt(self) -> None:
        """Stop, also where that is the moment at which the device is found to have failed."""
        try:
            self._stop()
        except DeviceError as error:
            self._rescue(error)
            self._news.tell_failure(error)
            self._news.show(self._session)

    def _rescue(self, error: DeviceError) -> None:
        """Let the session stand on the CPU, at the last state that was copied, where its device does not answer."""
        session = self._session
        if session is None:
            return
        try:
            lost = session.rescue(error)
        except Exception as second:
            _log.exception("nothing is left of the session")
            self._goals.clear()
            self._session = None
            self._news.tell_failure(second)
            return
        if lost is not None:
            if self._goals:  # what is lost is to be done too
                missing = {"epoch": max(0, self._news.recorded - len(session.records)), "batch": lost, "row": 0}
                goal = self._goals[0]
                self._goals[0] = c.Advance(goal.n + missing[goal.unit], goal.unit)
            self._news.tell_moved(session, lost)

    def _move(self, command: c.Move, session: Session) -> None:
        """Go on elsewhere; where that cannot be, everything stays, and what runs goes on."""
        try:
            with self._waiting() as progress:
                lost = session.move(command.device, command.engine or "auto", progress)
        except SimulatorError as error:
            self._news.tell_failure(error)
            return
        self._news.tell_moved(session, lost)
        goals, self._set_aside = self._set_aside, collections.deque()
        if goals:
            self._play(goals)

    @contextlib.contextmanager
    def _waiting(self) -> Generator[Progress]:
        """Let something be prepared that ends with the thread; where it takes long, it is told what."""
        began = time.perf_counter()

        def tell(_fraction: float | None, text: str) -> None:
            if time.perf_counter() - began > _SLOW:
                self._news.tell_preparing(text)

        self._opening = Progress(tell)
        if self._closing.is_set():
            self._opening.cancel()
        try:
            yield self._opening
        finally:
            self._opening = None
            self._tell_preparing()

    def _obey(self, command: c.Command) -> None:
        if isinstance(command, c.PACERS):
            self._set_aside.clear()
        if isinstance(command, c.Open | c.OpenRecord):
            self._open(command)
            return
        session = self._session
        if isinstance(command, c.Limit):
            self._budget = command.bytes
            if session is not None:
                session.timeline.limit(self._budget)
            return
        if session is None:
            raise ConfigError("there is no session yet", "Open a data set first.")
        self._do(command, session)

    def _do(self, command: c.Command, session: Session) -> None:
        match command:
            case c.Play() | c.Advance():
                self._begin(command)
            case c.Pause():
                self._stop()
            case c.Explain() | c.Follow() | c.Survey() | c.Peek() | c.Save() | c.Take():
                self._answer(command, session)
            case c.Show():
                self._news.show(self._session)
            case c.Move():
                self._move(command, session)
            case c.Configure() | c.ChangeData():
                self._configure(command, session)
            case _:
                self._change(command, session)

    def _answer(self, command: c.Command, session: Session) -> None:
        """Tell what was asked; what runs goes on."""
        patience = _LITTLE if self._playing else SAMPLE_SECONDS
        match command:
            case c.Explain():
                last = session.last_moment(_LITTLE if self._playing else math.inf)
                self._news.tell_data(session)
                last_dataset = None if last is None else session.dataset_at(last.epoch, last.batch)
                self._news.tell(e.Explained(session.moment(), last, session.next_dataset, last_dataset))
            case c.Follow():
                self._news.tell(e.Traced(session.trace(command.places, patience)))
            case c.Survey():
                self._news.tell(e.Surveyed(session.branch.number, session.survey(command.most, patience)))
            case c.Peek():
                self._travel(command, session)
            case c.Save():
                self._news.tell(e.Saving(command, session.record(command.layout)))
            case c.Take():
                self._news.tell(e.Taken(command, session.model(), session.snapshot()))
            case _:
                pass

    def _configure(self, command: c.Configure | c.ChangeData, session: Session) -> None:
        """Change settings or data; what runs goes on."""
        if isinstance(command, c.Configure):
            session.configure(command.config, command.network)
        elif command in self._superseded:  # somebody draws faster than this worker can follow
            return
        else:
            session.change_data(command.dataset)
        self._news.tell_settings(session)
        if isinstance(command, c.ChangeData):
            self._news.show(self._session)
        self._news.tell_branches(session)
        if session.end == (0, 0):  # it may have been evaluated anew
            self._news.tell_records(session, anew=True)

    def _change(self, command: c.Command, session: Session) -> None:
        """Do what changes the moment or the branch; all but a name end what runs."""
        before = session.network, session.config
        if not isinstance(command, c.Rename):
            self._stop()
        match command:
            case c.Reset():
                session.reset()
            case c.NewWeights():
                session.new_weights(command.seed)
            case c.Fork():
                session.fork(command.name)
            case c.Rename():
                session.rename(command.branch, command.name)
            case _:
                self._travel(command, session)
        if (session.network, session.config) != before:
            self._news.tell_settings(session)
        if not isinstance(command, c.Rename):
            self._news.show(self._session)
        self._news.tell_branches(session)

    def _travel(self, command: c.Command, session: Session) -> None:
        """Go to a moment; where that takes long, tell how far it is, and give up when another one is wished for.

        Short ways are gone to the end, so that somebody who drags a handle sees what is passed.
        """
        began, said = time.perf_counter(), False

        def given_up() -> bool:
            return self._closing.is_set() or any(each is command for each in self._given_up)

        def tell(fraction: float | None, _text: str) -> None:
            nonlocal said
            if time.perf_counter() - began > _LONG:
                said = True
                self._news.tell(e.Travelling(fraction or 0.0))
                if given_up():
                    progress.cancel()

        progress = Progress(tell)
        try:
            if given_up():
                return
            self._go_there(command, session, progress)
        finally:
            self._given_up = [each for each in self._given_up if each is not command]
            if said:
                self._news.tell(e.Travelling(None))

    def _go_there(self, command: c.Command, session: Session, progress: Progress) -> None:
        match command:
            case c.GoTo():
                session.go_to(command.epoch, command.item, progress)
            case c.Back():
                session.back(command.n, command.unit, progress)
            case c.Switch():
                session.switch(command.branch, command.epoch, command.item, progress)
            case c.Peek():
                found = session.peek(command.branch, command.epoch, command.item, progress)
                dataset = session.dataset_at(found.epoch, found.batch, found.branch)
                self._news.tell(e.Peeked(command, found, dataset))
            case _:
                pass

    def _open(self, command: c.Open | c.OpenRecord) -> None:
        self._stop()
        with self._waiting() as progress:
            session = self._opened(command, progress)
        self._session = session
        about = session.engine_name, session.device, session.threads
        layout = command.record.layout if isinstance(command, c.OpenRecord) else None
        opened = e.Opened(session.dataset, session.snapshot(), *about, layout, session.device_reason)
        self._news.tell_opened(session, opened)

    def _opened(self, command: c.Open | c.OpenRecord, progress: Progress) -> Session:
        if isinstance(command, c.OpenRecord):
            wanted = command.engine, command.device, command.threads
            return Session.of_record(command.record, *wanted, self._budget, self._spare, progress)
        return Session(
            command.dataset,
            command.network,
            command.config,
            command.engine,
            command.device,
            command.threads,
            command.start,
            progress,
            self._spare,
            self._budget,
        )

    def _work(self) -> None:
        session, goal = self._session, self._goals[0]
        assert session is not None
        try:
            done = session.work(goal.unit, goal.n)
        finally:
            self._news.tell_records(session)
        self._news.tell_use(self._session, self._news.meter.read)
        if done < goal.n:
            self._goals[0] = c.Advance(goal.n - done, goal.unit)
        else:
            self._goals.popleft()
        session.check_refused()
        if not self._goals:
            self._stop()

    def _begin(self, command: c.Play | c.Advance) -> None:
        """Train endlessly, or so much more; what is endless is not added to."""
        if isinstance(command, c.Play):
            goals = [c.Advance(_ENDLESS)]
        else:
            endless = bool(self._goals) and self._goals[0].n > _ENDLESS // 2
            goals = [*(() if endless else self._goals), command]
        self._play(collections.deque(goals))

    def _play(self, goals: collections.deque[c.Advance]) -> None:
        self._goals = goals
        if not self._playing:
            self._playing = True
            self._news.tell_use(self._session, self._news.meter.go_on)
            self._news.tell(e.Playing(on=True))

    def _stop(self) -> None:
        """Forget what was still to be done, and show the moment that was reached."""
        self._goals.clear()
        if self._playing:
            self._playing = False
            try:
                if self._session is not None:
                    self._session.settle()
                self._news.show(self._session)
            finally:
                self._news.tell(e.Playing(on=False))
            self._news.tell_use(self._session, self._news.meter.go_on)
