"""Numbers on their way between host and device, beside the work: pinned memory, a stream of its own, and events."""

import collections
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engines.cuda.machine import Block, Reading
from simulator.errors import DeviceMemoryError

_CHUNK_BYTES = 8 << 20
_WAITING_BYTES = 64 << 20
"""How much pinned memory writes may hold until the device has come to them; more waits for the oldest."""

_DIRECT_BYTES = 64 << 10
"""So much is copied to the host between two kernels in some microseconds."""

_ASIDE_BYTES = 512 << 20
_ASIDES = 2
"""As much is set aside on the device and goes to the host while the work goes on, from so many places in turn."""

Allocate = Callable[[int], Block]


class Writes:
    """Copies arrays to the device in the order of the work.

    Parameters
    ----------
    cupy
        The module.
    stream
        The stream of the work.
    """

    def __init__(self, cupy: Any, stream: Any) -> None:
        self._cupy, self._stream = cupy, stream
        self._waiting: collections.deque[tuple[Any, Any, int]] = collections.deque()
        self._bytes = 0

    def give(self, address: int, values: NDArray[Any]) -> None:
        """Copy an array's bytes to an address; the array is not needed any more when this returns."""
        plain = np.ascontiguousarray(values).reshape(-1).view(np.uint8)
        runtime = self._cupy.cuda.runtime
        for first in range(0, plain.size, _CHUNK_BYTES):
            part = plain[first : first + _CHUNK_BYTES]
            self._make_room(part.size)
            host = pinned(self._cupy, part.size)
            host[...] = part
            runtime.memcpyAsync(
                address + first, host.ctypes.data, part.size, runtime.memcpyHostToDevice, self._stream.ptr
            )
            event = self._stream.record(self._cupy.cuda.Event(disable_timing=True))
            self._waiting.append((event, host, part.size))
            self._bytes += part.size

    def _make_room(self, size: int) -> None:
        """Let go what the device has taken; wait for it where too much is waiting."""
        while self._waiting and (self._waiting[0][0].done or self._bytes + size > _WAITING_BYTES):
            event, _, taken = self._waiting.popleft()
            event.synchronize()
            self._bytes -= taken


class Reads:
    """Copies numbers to the host, as they are at a place in the order of the work, while the work goes on.

    Few numbers are copied between two kernels. Many are set aside on the device first, which its memory does a hundred
    times as fast as the way to the host, and go there on a stream of their own.

    Parameters
    ----------
    cupy
        The module.
    stream, beside
        The stream of the work, and one that works beside it.
    allocate
        Returns memory to set numbers aside in.
    """

    def __init__(self, cupy: Any, stream: Any, beside: Any, allocate: Allocate) -> None:
        self._cupy, self._stream, self._beside, self._allocate = cupy, stream, beside, allocate
        self._asides: list[tuple[Block, Any]] = []
        self._coming: collections.deque[tuple[Any, NDArray[np.uint8]]] = collections.deque()

    def give(self, address: int, size: int) -> tuple[NDArray[np.uint8], Any]:
        """Begin to copy so many bytes; return where they arrive, and the event after which they are there."""
        cuda = self._cupy.cuda
        # Pinned memory that nobody refers to is handed out anew at once, also where the device will still write there:
        # of a reading that is never looked at, as many are when the run is put elsewhere.
        while self._coming and self._coming[0][0].done:
            self._coming.popleft()
        host = pinned(self._cupy, size)
        stream, source = self._stream, address
        aside = self._aside(size) if _DIRECT_BYTES < size <= _ASIDE_BYTES else None
        if aside is not None:
            stream, source = self._beside, aside.address
            cuda.runtime.memcpyAsync(source, address, size, cuda.runtime.memcpyDeviceToDevice, self._stream.ptr)
            self._beside.wait_event(self._stream.record(cuda.Event(disable_timing=True)))
        cuda.runtime.memcpyAsync(host.ctypes.data, source, size, cuda.runtime.memcpyDeviceToHost, stream.ptr)
        arrived = stream.record(cuda.Event(block=True, disable_timing=True))
        self._coming.append((arrived, host))
        if aside is not None:
            self._asides.append((aside, arrived))
        return host, arrived

    def let_go(self) -> bool:
        """Give back the places where numbers were set aside; return whether there were any."""
        asides, self._asides = self._asides, []
        return bool(asides)

    def _aside(self, size: int) -> Block | None:
        """Return memory that nothing is copied from any more once the work comes to it; None where there is no room."""
        block: Block | None = None
        if len(self._asides) == _ASIDES:
            block, left = self._asides.pop(0)
            self._stream.wait_event(left)
        if block is None or block.size < size:
            block = None  # given back before the larger one is asked for
            try:
                block = self._allocate(size)
            except DeviceMemoryError:
                return None  # then the work waits while its numbers leave
        return block


class CupyReading(Reading):
    """Numbers that arrive in pinned memory.

    Parameters
    ----------
    host, arrived
        What `Reads.give` returned.
    wait
        Waits for an event, and translates what CUDA reports.
    dtype, shape
        What the bytes are.
    """

    def __init__(
        self,
        host: NDArray[np.uint8],
        arrived: Any,
        wait: Callable[[Any], None],
        dtype: Any,
        shape: tuple[int, ...],
    ) -> None:
        self._host: NDArray[np.uint8] | None = host
        self._arrived, self._wait = arrived, wait
        self._found: NDArray[Any] = np.empty(shape, dtype)

    def get(self) -> NDArray[Any]:
        if self._host is not None:
            self._wait(self._arrived)
            self._found.reshape(-1).view(np.uint8)[...] = self._host
            self._host = None  # pinned memory is scarce
        return self._found


def pinned(cupy: Any, size: int) -> NDArray[np.uint8]:
    """Return memory of the host that the device reaches by itself; plain memory, which it reaches slowly, without it.

    Copies from and to plain memory are made in order as well, but whoever gives them may wait.
    """
    try:
        memory = cupy.cuda.alloc_pinned_memory(max(size, 1))
    except Exception:  # of whatever kind: the host has no more of it, and that ends nothing
        return np.empty(size, np.uint8)
    return np.frombuffer(memory, np.uint8, size)
