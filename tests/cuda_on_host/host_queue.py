"""What a machine for tests was given, to be done later and in order."""

import dataclasses
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
from host_memory import array_at

from simulator.engines.cuda.machine import Mark, Reading, Repeatable
from simulator.errors import DeviceError


@dataclasses.dataclass
class Work:
    """Something that the machine has been given."""

    run: Callable[[], None]
    done: bool = False
    at: float = 0.0


class Queue:
    """Work in order; it is done when somebody waits for it, looks after it, or when too much of it is there.

    Parameters
    ----------
    ahead
        How many pieces of work wait at most.
    inspect
        Called whenever somebody has waited; it may find a failure.

    Attributes
    ----------
    waits
        How often somebody waited.
    failure
        What went wrong; nothing is done any more then.
    lock
        Held while the queue is worked on.
    """

    def __init__(self, ahead: int, inspect: Callable[[], None]) -> None:
        self.ahead, self.waits, self._inspect = ahead, 0, inspect
        self.failure: DeviceError | None = None
        self.lock = threading.RLock()
        self._works: deque[Work] = deque()
        self._taken: list[Callable[[], None]] | None = None

    def check(self) -> None:
        if self.failure is not None:
            raise self.failure

    def give(self, run: Callable[[], None]) -> Work:
        with self.lock:
            self.check()
            if self._taken is not None:
                raise DeviceError("only launches and products can be taken down")
            work = Work(run)
            self._works.append(work)
            while len(self._works) > self.ahead:
                self._do_next()
            return work

    def give_or_take_down(self, run: Callable[[], None]) -> None:
        with self.lock:
            if self._taken is not None:
                self._taken.append(run)
            else:
                self.give(run)

    def give_quietly(self, run: Callable[[], None]) -> None:
        """Give something that may come at any time: while work is taken down, or after a failure."""
        with self.lock:
            self._works.append(Work(run))

    def take_down(self, work: Callable[[], None]) -> Repeatable:
        with self.lock:
            taken = self._taken = []
            try:
                work()
            finally:
                self._taken = None
            return HostRepeatable(self, taken)

    def look_after(self, work: Work) -> None:
        """Go one step on, as a device would meanwhile."""
        with self.lock:
            if not work.done:
                self._do_next()

    def wait_for(self, work: Work | None = None) -> None:
        """Wait for a piece of work, or for all."""
        with self.lock:
            self.waits += 1
            if self._taken is not None:
                raise DeviceError("nobody can wait for what is only taken down")
            while self._works and not (work is not None and work.done):
                self._do_next()
            self._inspect()
            self.check()

    def _do_next(self) -> None:
        work = self._works.popleft()
        try:
            if self.failure is None:
                work.run()
        except DeviceError as error:
            self.failure = error
        work.done, work.at = True, time.perf_counter()


class HostReading(Reading):
    """Numbers that are copied when their turn comes."""

    def __init__(self, queue: Queue, address: int, dtype: Any, shape: tuple[int, ...]) -> None:
        self._queue, self._found, self._from = queue, np.empty(shape, dtype), address
        self._work = queue.give(self._copy)

    def _copy(self) -> None:
        self._found[...] = array_at(self._from, self._found.dtype, self._found.shape)

    def get(self) -> np.ndarray:
        self._queue.wait_for(self._work)
        return self._found


class HostMark(Mark):
    """A place in the queue; every look at it lets the machine go on a little."""

    def __init__(self, queue: Queue) -> None:
        self._queue, self._work = queue, queue.give(lambda: None)

    @property
    def done(self) -> bool:
        self._queue.look_after(self._work)
        return self._work.done

    def wait(self) -> None:
        self._queue.wait_for(self._work)

    def seconds_since(self, earlier: Mark) -> float:
        assert isinstance(earlier, HostMark)
        if not self._work.done:
            raise DeviceError("a mark is asked for its time before it is reached")
        return self._work.at - earlier._work.at


class HostRepeatable(Repeatable):
    """Work that was taken down."""

    def __init__(self, queue: Queue, works: list[Callable[[], None]]) -> None:
        self._queue, self._works = queue, works

    def give(self) -> None:
        for work in self._works:
            self._queue.give(work)
