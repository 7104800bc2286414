"""What the worker tells of its session: everything that is other than it was told last, and nothing twice."""

import collections
import contextlib
import queue
from collections.abc import Callable

from simulator.data import Dataset
from simulator.engines import Engine
from simulator.errors import DeviceError, DeviceMemoryError, account
from simulator.snapshot import Snapshot
from simulator.training import events as e
from simulator.training.device_meter import DeviceMeter
from simulator.training.session import Session


class News:
    """Remembers what was told, so that whoever listens hears of every change once.

    Parameters
    ----------
    events
        Where events are put, in order.
    mailbox
        Where the newest moment is put in place of the one before it.

    Attributes
    ----------
    preparing
        What was told last that is waited for; empty when nothing is.
    recorded
        How many records of the branch were told.
    meter
        What is asked how a device is used.
    """

    def __init__(self, events: queue.SimpleQueue[e.Event], mailbox: collections.deque[Snapshot]) -> None:
        self.tell = events.put
        self.preparing = ""
        self.recorded = 0
        self.meter = DeviceMeter()
        self._mailbox = mailbox
        self._branches: tuple[object, ...] = ()
        self._data: tuple[Dataset, Dataset | None] | None = None

    def tell_preparing(self, text: str) -> None:
        """Say what is waited for, whenever that is something else."""
        if text != self.preparing:
            self.preparing = text
            self.tell(e.Preparing(text))

    def tell_opened(self, session: Session, opened: e.Opened) -> None:
        """Say that another session stands there, with its branches and what they recorded."""
        self.tell(opened)
        self.tell_use(session, self.meter.begin)
        self._branches, self._data = (), (session.dataset, None)
        self.tell_branches(session)

    def tell_moved(self, session: Session, lost: int) -> None:
        """Say that the session computes elsewhere, and which of its updates are to be made again."""
        self.tell(e.Moved(session.engine_name, session.device, session.threads, session.device_reason, lost))
        self.tell_use(session, self.meter.begin)
        if lost:
            self._branches = ()  # there are fewer records than were told
            self.tell_branches(session)
        self.show(session)

    def tell_failure(self, error: Exception) -> None:
        """Say what went wrong."""
        sizes = (error.needed, error.free) if isinstance(error, DeviceMemoryError) else ()
        self.tell(e.Failed(*account(error), *sizes))

    def tell_use(self, session: Session | None, ask: Callable[[Engine], e.DeviceUsed | None]) -> None:
        """Say how the device is used, as one of the meter's methods has it."""
        with contextlib.suppress(DeviceError):  # the next work on it says so, and is what can be gone on from
            used = None if session is None else ask(session.engine)
            if used is not None:
                self.tell(used)

    def tell_settings(self, session: Session) -> None:
        """Say which settings the session has."""
        self.tell(e.Configured(session.network, session.config))

    def tell_branches(self, session: Session) -> None:
        """Say which branches there are, and report anew what was recorded, whenever they are others than was said."""
        branches = session.timeline.branches.values()
        told = session.branch, *((branch, branch.name) for branch in branches)
        if told == self._branches:
            return
        anew, self._branches = not self._branches or self._branches[0] is not session.branch, told
        news = tuple(
            e.BranchNews(
                branch.number,
                branch.name,
                None if branch.parent is None else branch.parent.number,
                branch.fork,
                session.end if branch is session.branch else branch.end,
                branch.history.since(len(branch.history) if branch is session.branch else 0),
            )
            for branch in branches
        )
        self.tell(e.Branched(news, session.branch.number))
        if anew:
            self.tell_records(session, anew=True)
            self.show(session)

    def tell_records(self, session: Session, anew: bool = False) -> None:
        """Tell the records that are new, or all of them anew."""
        if anew:
            self.recorded = 0
        if self.recorded > len(session.branch.history):  # what was told was taken back: training diverged
            self._branches = ()
            self.tell_branches(session)
            return
        rows = session.records_since(self.recorded)
        if len(rows):
            self.recorded += len(rows)
            self.tell(e.Recorded(rows))

    def show(self, session: Session | None) -> None:
        """Put the present moment into the mailbox, after the data that it has."""
        if session is not None:
            self.tell_data(session)
            self._mailbox.append(session.snapshot())

    def tell_data(self, session: Session) -> None:
        """Say which data set the moment has that is shown, and which one waits, whenever they are others."""
        dataset, wanted = session.dataset, session.wanted_dataset
        waiting = None if wanted is dataset else wanted
        told = self._data
        if told is None or told[0] is not dataset or told[1] is not waiting:
            self._data = dataset, waiting
            self.tell(e.DataChanged(dataset, waiting, session.place))
