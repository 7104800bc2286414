"""A CUDA device as a machine: CuPy's streams, events, graphs and modules, and cuBLAS.

All work goes to one stream of our own, in order. The engine's thread and a job may give work to it at the same time, so
a lock is held while something is given, and never while something is waited for; and the device is made current for
every call, since which one that is belongs to a thread.
"""

import collections
import contextlib
import logging
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from simulator.engines.cuda import cupy_errors, limits
from simulator.engines.cuda.cublas import WORKSPACE_BYTES, Cublas
from simulator.engines.cuda.cupy_copies import CupyReading, Reads, Writes
from simulator.engines.cuda.cupy_edge import Again, CupyMark, Edge, Graph
from simulator.engines.cuda.cupy_kernels import Kernels
from simulator.engines.cuda.machine import Argument, Block, Device, Machine, Mark, MemoryUse, Reading, Repeatable
from simulator.errors import DeviceMemoryError

_log = logging.getLogger(__name__)


class CupyMachine(Machine):
    """The machine of a CUDA device.

    Parameters
    ----------
    cupy
        The module.
    number
        The device's, as CUDA counts.
    device
        What it is.

    Raises
    ------
    DeviceError
        When it cannot be used, or a library of the toolkit is missing.
    """

    def __init__(self, cupy: Any, number: int, device: Device) -> None:
        self.device = device
        self._cupy, self._number = cupy, number
        self._edge = Edge(cupy, number, device.title)
        self._held = 0
        self._capturing = False
        self._left: collections.deque[tuple[int, int]] = collections.deque()
        self._blas: Cublas | None = None
        with self._edge.giving():
            runtime = cupy.cuda.runtime
            self.multiprocessors = self._attribute("MultiProcessorCount")
            self.shared_bytes = self._attribute("MaxSharedMemoryPerBlockOptin") or self._attribute(
                "MaxSharedMemoryPerBlock"
            )
            self.most_threads = self._attribute("MaxThreadsPerBlock")
            self.cooperates = bool(self._attribute("CooperativeLaunch"))
            self._relaxed = runtime.streamCaptureModeRelaxed
            self._stream = cupy.cuda.Stream(non_blocking=True)
            self._beside = cupy.cuda.Stream(non_blocking=True)
        self._kernels = Kernels(cupy, self._edge, device, self.multiprocessors if self.cooperates else 0)
        self._writes = Writes(cupy, self._stream)
        self._reads = Reads(cupy, self._stream, self._beside, self.allocate)

    def ready(self, dtype: str) -> bool:
        return self._kernels.compilation(dtype).done.is_set()

    def load(self, dtype: str) -> None:
        self._kernels.load(dtype)

    def memory(self) -> MemoryUse:
        with self._edge.giving():
            return self._memory()

    def allocate(self, size: int) -> Block:
        with self._edge.giving():
            try:
                return self._allocated(max(size, 1))
            except DeviceMemoryError:
                if not self._reads.let_go():
                    raise
            return self._allocated(max(size, 1))

    def write(self, address: int, values: Any) -> None:
        with self._edge.giving():
            self._writes.give(address, values)

    def clear(self, address: int, size: int) -> None:
        with self._edge.giving():
            self._cupy.cuda.runtime.memsetAsync(address, 0, size, self._stream.ptr)

    def read(self, address: int, dtype: Any, shape: tuple[int, ...]) -> Reading:
        size = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
        with self._edge.giving():
            host, arrived = self._reads.give(address, size)
        return CupyReading(host, arrived, self._edge.wait, dtype, shape)

    def launch(
        self,
        kernel: str,
        dtype: str,
        blocks: int | tuple[int, int],
        threads: int,
        arguments: Sequence[Argument],
        shared: int = 0,
        together: bool = False,
    ) -> None:
        self._kernels.load(dtype)  # before the lock is held: whoever compiles may need it
        with self._edge.giving():
            function = self._kernels.function(kernel, dtype, shared)
            if together:
                self._kernels.check_room(kernel, dtype, blocks, threads, shared)
            function(
                (blocks,) if isinstance(blocks, int) else blocks,
                (threads,),
                tuple(_argument(each) for each in arguments),
                shared_mem=shared,
                stream=self._stream,
                enable_cooperative_groups=together,
            )

    def together(self, kernel: str, dtype: str, threads: int, shared: int) -> int:
        """Return how many blocks of a kernel can run at the same time; 0 on a device without cooperative launches."""
        self._kernels.load(dtype)
        with self._edge.giving():
            return self._kernels.together(kernel, dtype, threads, shared)

    def multiply(
        self,
        dtype: str,
        shape: tuple[int, int, int],
        A: int,
        B: int,
        C: int,
        turned: tuple[bool, bool] = (False, False),
        tf32: bool = False,
        added: bool = False,
    ) -> None:
        with self._edge.giving():
            if self._blas is None:
                self._workspace = self.allocate(WORKSPACE_BYTES)
                self._blas = Cublas(self._stream.ptr, self._workspace.address, WORKSPACE_BYTES)
            self._blas.multiply(dtype, shape, A, B, C, turned, tf32=tf32, added=added)

    def mark(self) -> Mark:
        with self._edge.giving():
            return CupyMark(self._edge, self._stream.record(self._cupy.cuda.Event(block=True)), self._cupy)

    def take_down(self, work: Callable[[], None]) -> Repeatable:
        """Return what `work` gives to the machine as a CUDA graph.

        Kernels and cuBLAS should have run once before: what is loaded only when it is needed may not be loaded then.
        Where capturing fails, the work is given piece by piece instead, each time anew.
        """
        with self._edge.giving():
            try:
                return Graph(self._edge, self._captured(work), self._stream)
            except cupy_errors.KINDS as error:
                if cupy_errors.lost(error):
                    raise
                _log.warning("a CUDA graph cannot be made, so work is given piece by piece: %s", error)
                return Again(work)

    def finish(self) -> None:
        with self._edge.giving():  # not `synchronize`: another thread may begin to capture what the stream is given
            events = [stream.record(self._cupy.cuda.Event(block=True)) for stream in (self._stream, self._beside)]
        for event in events:
            self._edge.wait(event)

    def _attribute(self, name: str) -> int:
        runtime = self._cupy.cuda.runtime
        return int(runtime.deviceGetAttribute(getattr(runtime, f"cudaDevAttr{name}"), self._number))

    def _memory(self) -> MemoryUse:
        self._free_left()
        free, total = self._cupy.cuda.runtime.memGetInfo()
        kept = self._cupy.get_default_memory_pool().free_bytes()  # by array code of this process, given back if needed
        return MemoryUse(self._held, int(free) + int(kept), int(total))

    def _allocated(self, size: int) -> Block:
        limits.admit(size, self._memory(), self.limit, self.device.title)
        block = _Block(self, self._malloc(size), size)
        self._held += size
        return block

    def _malloc(self, size: int) -> int:
        malloc = self._cupy.cuda.runtime.malloc
        try:
            return int(malloc(size))
        except Exception as error:
            if not cupy_errors.out_of_memory(error):
                raise
        self._cupy.get_default_memory_pool().free_all_blocks()
        try:
            return int(malloc(size))
        except Exception as error:
            if not cupy_errors.out_of_memory(error):
                raise
            raise limits.refused(size, self._memory(), self.limit, self.device.title) from error

    def give_back(self, address: int, size: int) -> None:
        """Free what `allocate` took: now, or, where another thread gives work or some is captured, at the next chance.

        Python may call this in any thread, in the middle of anything, so it never waits for the lock. CUDA waits for
        work that uses the memory, so a capture must have ended.
        """
        self._left.append((address, size))
        giving = self._edge.giving_at_once()
        if giving is not None:
            try:
                with giving:
                    self._free_left()
            finally:
                giving.lock.release()

    def _free_left(self) -> None:
        while self._left and not self._capturing:
            address, size = self._left.popleft()
            self._held -= size
            self._cupy.cuda.runtime.free(address)

    def _captured(self, work: Callable[[], None]) -> Any:
        self._capturing = True
        try:
            self._stream.begin_capture(self._relaxed)
            try:
                work()
            except BaseException:
                with contextlib.suppress(Exception):  # the stream must leave the capture, which is worth nothing now
                    self._stream.end_capture()
                raise
            return self._stream.end_capture()
        finally:
            self._capturing = False
            self._free_left()


class _Block(Block):
    """Memory that is given back with the object."""

    def __init__(self, machine: CupyMachine, address: int, size: int) -> None:
        self._machine, self.address, self.size = machine, address, size

    def __del__(self) -> None:
        if not sys.is_finalizing():
            with contextlib.suppress(Exception):  # a device that is lost has no memory to give back
                self._machine.give_back(self.address, self.size)


def _argument(value: Argument) -> Any:
    if isinstance(value, np.generic):
        return value
    return np.float64(value) if isinstance(value, float) else np.int64(value)
