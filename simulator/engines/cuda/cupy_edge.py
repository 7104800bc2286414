"""The edge to CUDA: who may give it work when, on which device, and what its errors become; and what it hands out."""

import contextlib
import threading
from collections.abc import Callable, Generator
from typing import Any

from simulator.engines.cuda import cupy_errors
from simulator.engines.cuda.machine import Mark, Repeatable
from simulator.errors import DeviceError


class Edge:
    """Guards the calls to one device.

    Parameters
    ----------
    cupy
        The module.
    number
        The device's, as CUDA counts.
    title
        What it calls itself.
    """

    def __init__(self, cupy: Any, number: int, title: str) -> None:
        self._cupy, self._number, self._title = cupy, number, title
        self._giving = _Giving(self, cupy.cuda.runtime, number)

    def giving(self) -> "_Giving":
        """Hold the lock, with the device current in this thread, and translate what CUDA reports."""
        return self._giving

    def giving_at_once(self) -> "_Giving | None":
        """Return what `giving` does, its lock taken already, where that needs no waiting; the caller releases it."""
        return self._giving if self._giving.lock.acquire(blocking=False) else None

    @contextlib.contextmanager
    def waiting(self) -> Generator[None]:
        """Translate what CUDA reports, which may be of work that was given earlier."""
        try:
            yield
        except DeviceError:
            raise
        except cupy_errors.KINDS as error:
            raise self.translated(error) from error

    def translated(self, error: Exception) -> DeviceError:
        """Return what a user is told of an error of CUDA."""
        return cupy_errors.translated(error, self._title, self._free(error))

    def wait(self, event: Any) -> None:
        """Wait for an event, without the lock."""
        with self.waiting():
            event.synchronize()

    def _free(self, error: Exception) -> int:
        """Return how much memory is free after an error, where that matters and is known."""
        if cupy_errors.out_of_memory(error):
            with contextlib.suppress(Exception), self._cupy.cuda.Device(self._number):
                return int(self._cupy.cuda.runtime.memGetInfo()[0])
        return 0


class _Giving:
    """The context in which something is given, also again by the same thread.

    It is entered at every call, and no generator, since that takes twice as long.
    """

    def __init__(self, edge: Edge, runtime: Any, number: int) -> None:
        self._edge, self._runtime, self._number = edge, runtime, number
        self.lock = threading.RLock()
        self._before: list[int] = []  # of whoever holds the lock
        self._thread = threading.local()

    def __enter__(self) -> None:
        self.lock.acquire()
        try:
            before = self._runtime.getDevice()
            if before != self._number:
                self._runtime.setDevice(self._number)
            if not hasattr(self._thread, "knows"):
                # A thread has a context from its first call on that needs one; calls of the driver's own interface,
                # as the one that asks how many blocks fit, only look for it.
                self._runtime.memGetInfo()
                self._thread.knows = True
        except cupy_errors.KINDS as error:
            self.lock.release()
            raise self._edge.translated(error) from error
        self._before.append(before)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        try:
            before = self._before.pop()
            if before != self._number:
                self._runtime.setDevice(before)
        except cupy_errors.KINDS as lost:
            error = error or lost
        finally:
            self.lock.release()
        if isinstance(error, cupy_errors.KINDS) and not isinstance(error, DeviceError):
            raise self._edge.translated(error) from error


class CupyMark(Mark):
    """An event that was recorded in the stream of the work."""

    def __init__(self, edge: Edge, event: Any, cupy: Any) -> None:
        self._edge, self._event, self._cupy = edge, event, cupy

    @property
    def done(self) -> bool:
        with self._edge.waiting():
            return bool(self._event.done)

    def wait(self) -> None:
        self._edge.wait(self._event)

    def seconds_since(self, earlier: Mark) -> float:
        assert isinstance(earlier, CupyMark)
        with self._edge.waiting():
            return float(self._cupy.cuda.get_elapsed_time(earlier._event, self._event)) / 1000.0


class Graph(Repeatable):
    """Work that was captured, launched as one."""

    def __init__(self, edge: Edge, graph: Any, stream: Any) -> None:
        self._edge, self._graph, self._stream = edge, graph, stream

    def give(self) -> None:
        with self._edge.giving():
            self._graph.launch(self._stream)


class Again(Repeatable):
    """Work that could not be captured, given piece by piece."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work

    def give(self) -> None:
        self._work()
