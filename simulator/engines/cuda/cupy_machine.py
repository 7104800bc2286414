"""A CUDA device as a machine: CuPy's streams, events, graphs and modules, and cuBLAS.

All work goes to one stream of our own, in order. The engine's thread and a job may give work to it at the same time, so
a lock is held while something is given, and never while something is waited for; and the device is made current for
every call, since which one that is belongs to a thread.
"""

import contextlib
import functools
import logging
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from simulator.engines.cuda import cupy_errors, limits
from simulator.engines.cuda.compiling import Compilation
from simulator.engines.cuda.cublas import WORKSPACE_BYTES, Cublas
from simulator.engines.cuda.cupy_copies import CupyReading, Reads, Writes
from simulator.engines.cuda.cupy_edge import Again, CupyMark, Edge, Graph
from simulator.engines.cuda.machine import Argument, Block, Device, Machine, Mark, MemoryUse, Reading, Repeatable
from simulator.engines.cuda.source import source
from simulator.errors import DeviceMemoryError

_log = logging.getLogger(__name__)

_PLAIN_SHARED_BYTES = 48 << 10
"""More shared memory than this must be asked for, kernel by kernel."""


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
        self._asking = threading.Lock()
        self._held = 0
        self._left: list[tuple[int, int]] | None = None
        self._compilations: dict[str, Compilation] = {}
        self._modules: dict[str, Any] = {}
        self._functions: dict[tuple[str, str], Any] = {}
        self._shared: dict[tuple[str, str], int] = {}
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
        self._writes = Writes(cupy, self._stream)
        self._reads = Reads(cupy, self._stream, self._beside, self.allocate)

    def ready(self, dtype: str) -> bool:
        return self._compilation(dtype).done.is_set()

    def load(self, dtype: str) -> None:
        code = self._compilation(dtype).code()
        with self._edge.giving():
            if dtype not in self._modules:
                module = self._cupy.cuda.Module()
                module.load(code)
                self._modules[dtype] = module

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
        with self._edge.giving():
            function = self._function(kernel, dtype, shared)
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
        with self._edge.giving():
            function = self._function(kernel, dtype, shared)
            each = self._cupy.cuda.driver.occupancyMaxActiveBlocksPerMultiprocessor(function.ptr, threads, shared)
            return int(each) * self.multiprocessors if self.cooperates else 0

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
        """Free what `allocate` took; CUDA waits for work that uses it, so a capture must have ended."""
        with self._edge.giving():
            if self._left is not None:
                self._left.append((address, size))
                return
            self._held -= size
            self._cupy.cuda.runtime.free(address)

    def _compilation(self, dtype: str) -> Compilation:
        with self._asking:
            if dtype not in self._compilations:
                self._compilations[dtype] = Compilation(
                    functools.partial(source, dtype), self._cupy.cuda.nvrtc, self.device.capability
                )
            return self._compilations[dtype]

    def _function(self, kernel: str, dtype: str, shared: int) -> Any:
        """Return a kernel that may have so much shared memory."""
        place = kernel, dtype
        if place not in self._functions:
            if dtype not in self._modules:
                self.load(dtype)
            self._functions[place] = self._modules[dtype].get_function(kernel)
        function = self._functions[place]
        if shared > self._shared.get(place, _PLAIN_SHARED_BYTES):
            driver = self._cupy.cuda.driver
            driver.funcSetAttribute(function.ptr, driver.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, shared)
            self._shared[place] = shared
        return function

    def _captured(self, work: Callable[[], None]) -> Any:
        self._left = []
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
            left, self._left = self._left, None
            for address, size in left:
                self.give_back(address, size)


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
