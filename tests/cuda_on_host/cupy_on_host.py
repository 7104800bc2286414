"""A stand-in for the package CuPy: devices without kernels of their own, which do things as late as they may.

What it is strict about is what a device is silent about: work is done only when somebody waits, and then either no more
of it than needed or all that may run (`eager`); pinned memory is overwritten and handed out anew as soon as nobody
refers to it; handles of one device are refused while another is current; the driver's own calls are refused in a thread
that has no context yet; while a stream is captured, nothing of it may be waited for and no memory freed.
"""

import ctypes
import threading
import types
from collections import deque
from collections.abc import Callable
from typing import Any, Self

import numpy as np

ERRORS = {
    2: "cudaErrorMemoryAllocation: out of memory",
    46: "cudaErrorDevicesUnavailable: CUDA-capable device(s) is/are busy or unavailable",
    35: "cudaErrorInsufficientDriver: CUDA driver version is insufficient for CUDA runtime version",
    100: "cudaErrorNoDevice: no CUDA-capable device is detected",
    201: "CUDA_ERROR_INVALID_CONTEXT: invalid device context",
    400: "cudaErrorInvalidResourceHandle: invalid resource handle",
    700: "cudaErrorIllegalAddress: an illegal memory access was encountered",
    900: "cudaErrorStreamCaptureUnsupported: operation not permitted when stream is capturing",
    901: "cudaErrorStreamCaptureInvalidated: operation failed due to a previous error during capture",
}
ATTRIBUTES = {
    "cudaDevAttrMultiProcessorCount": 132,
    "cudaDevAttrMaxSharedMemoryPerBlockOptin": 232448,
    "cudaDevAttrMaxSharedMemoryPerBlock": 49152,
    "cudaDevAttrMaxThreadsPerBlock": 1024,
    "cudaDevAttrCooperativeLaunch": 1,
}
POISON = 0xEE


class CUDARuntimeError(RuntimeError):
    def __init__(self, status: int) -> None:
        super().__init__(ERRORS[status])
        self.status = status


class Stand:
    """The package, and what a test sets and sees of it.

    Parameters
    ----------
    count, total
        How many devices there are, and how many bytes each has.
    eager
        Whether waiting lets a device do all that it may, or no more than it must.

    Attributes
    ----------
    kernels
        What a kernel does, by its name: called with the launch's arguments.
    log
        The names of the calls that matter, in order.
    failing
        Numbers of errors that the next calls of a name end with.
    """

    def __init__(self, count: int = 1, total: int = 1 << 30, eager: bool = False) -> None:
        self.count, self.total, self.eager = count, total, eager
        self.kernels: dict[str, Callable[..., None]] = {}
        self.log: list[Any] = []
        self.failing: dict[str, int] = {}
        self.memory: dict[int, tuple[int, np.ndarray]] = {}
        self.streams: dict[int, Stream] = {}
        self.broken = self.steps = 0
        self.current = threading.local()
        self.pins: list[np.ndarray] = []
        self.unpinned: dict[int, list[np.ndarray]] = {}
        self.module = self._module()

    @property
    def device(self) -> int:
        return getattr(self.current, "number", 0)

    def context(self) -> None:
        """Give the thread a context, as all calls of the runtime do that need one."""
        self.check("context")
        self.current.context = True

    def driver(self, name: str, found: Any) -> Any:
        """Return what a call of the driver's own interface found, which looks for a context and makes none."""
        if not getattr(self.current, "context", False):
            raise CUDARuntimeError(201)
        self.log.append(name)
        return found

    def memory_info(self) -> tuple[int, int]:
        self.context()
        return self.total - self.held, self.total

    def check(self, name: str) -> None:
        """Fail as a test wants it, and as a device does after it is lost."""
        if name in self.failing:
            raise CUDARuntimeError(self.failing.pop(name))
        if self.broken:
            raise CUDARuntimeError(self.broken)

    def malloc(self, size: int) -> int:
        self.check("malloc")
        if size + self.held > self.total:
            raise CUDARuntimeError(2)
        array = np.full(size + 512, 0xFF, np.uint8)
        address = -(-array.ctypes.data // 256) * 256
        self.memory[address] = size, array
        return address

    @property
    def held(self) -> int:
        return sum(size for size, _ in self.memory.values())

    def free(self, address: int) -> None:
        for stream in list(self.streams.values()):
            if stream.captured is not None:
                raise CUDARuntimeError(900)
            stream.run()  # as cudaFree waits
        del self.memory[address]

    def memcpy(self, target: int, source: int, size: int, kind: int, stream: int) -> None:
        self.check("memcpyAsync")
        self.streams[stream].give(lambda: ctypes.memmove(target, source, size), f"copy{kind}")

    def pin(self, size: int) -> Any:
        self.check("pin")
        size = -(-size // 512) * 512
        left = self.unpinned.setdefault(size, [])
        array = left.pop() if left else np.zeros(size, np.uint8)
        self.pins.append(array)  # the bytes stay, whoever owns them

        def give_back(gone: Any) -> None:
            array.fill(POISON)
            left.append(array)

        owned = type("Pinned", (ctypes.c_ubyte * size,), {"__del__": give_back})
        return owned.from_address(array.ctypes.data)

    def _module(self) -> types.ModuleType:
        cupy = types.ModuleType("cupy")
        runtime = types.SimpleNamespace(
            **{name: place for place, name in enumerate(ATTRIBUTES)},
            memcpyHostToDevice=1, memcpyDeviceToHost=2, memcpyDeviceToDevice=3, streamCaptureModeRelaxed=2,
            getDeviceCount=self._device_count, driverGetVersion=lambda: 13000, runtimeGetVersion=lambda: 13000,
            getDeviceProperties=self._properties, deviceGetPCIBusId=lambda number: f"0000:{number:02x}:00.0",
            deviceGetAttribute=lambda place, number: list(ATTRIBUTES.values())[place],
            memGetInfo=self.memory_info,
            getDevice=lambda: self.device, setDevice=lambda number: setattr(self.current, "number", number),
            malloc=self.malloc, free=self.free, memcpyAsync=self.memcpy,
            memsetAsync=lambda address, value, size, stream: self.streams[stream].give(
                lambda: ctypes.memset(address, value, size), "set"
            ),
        )  # fmt: skip
        driver = types.SimpleNamespace(
            CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES=8,
            funcSetAttribute=lambda function, name, value: self.driver(("shared", value), None),
            occupancyMaxActiveBlocksPerMultiprocessor=lambda function, threads, shared: self.driver(
                "occupancy", 2048 // threads
            ),
        )
        nvrtc = types.SimpleNamespace(
            getVersion=lambda: (13, 0), getSupportedArchs=lambda: (75, 80, 90), createProgram=lambda *told: 1,
            compileProgram=lambda program, options: self.check("compile"), getCUBIN=lambda program: b"code",
            getPTX=lambda program: b"text", getProgramLog=lambda program: "nodeglow.cu(1): error: no",
            destroyProgram=int,
        )  # fmt: skip
        cupy.__version__ = "14.2.0"
        cupy.get_default_memory_pool = lambda: types.SimpleNamespace(
            free_bytes=int, free_all_blocks=lambda: self.log.append("pool emptied")
        )
        cupy.cuda = types.SimpleNamespace(
            runtime=runtime, driver=driver, nvrtc=nvrtc, alloc_pinned_memory=self.pin,
            Device=lambda number: _Device(self, number), Stream=lambda non_blocking: Stream(self),
            Event=lambda block=False, disable_timing=False: Event(self, disable_timing),
            Module=lambda: _Module(self), get_elapsed_time=lambda first, last: 1000.0 * (last.at - first.at),
        )  # fmt: skip
        return cupy

    def _device_count(self) -> int:
        self.check("getDeviceCount")
        return self.count

    def _properties(self, number: int) -> dict[str, Any]:
        return {"name": b"Stand-in %d" % number, "totalGlobalMem": self.total, "major": 9, "minor": 0}


class _Device:
    def __init__(self, stand: Stand, number: int) -> None:
        self._stand, self._number = stand, number

    def __enter__(self) -> Self:
        self._before = self._stand.device
        self._stand.current.number = self._number
        return self

    def __exit__(self, *_: object) -> None:
        self._stand.current.number = self._before


class Event:
    def __init__(self, stand: Stand, disable_timing: bool) -> None:
        self._stand, self.timing = stand, not disable_timing
        self.stream: Stream | None = None
        self.reached, self.at = False, 0.0

    @property
    def done(self) -> bool:
        self._stand.check("event")
        return self.reached

    def synchronize(self) -> None:
        self._stand.check("event")
        if self.stream is not None and self.stream.captured is not None:
            raise CUDARuntimeError(900)
        if self._stand.eager:
            for stream in list(self._stand.streams.values()):
                stream.run()
        while not self.reached:
            assert self.stream is not None
            self.stream.step()
        self._stand.check("event")


class Stream:
    def __init__(self, stand: Stand) -> None:
        self._stand, self.device_id = stand, stand.device
        self.ptr = 1000 + len(stand.streams)
        self.queue: deque[Any] = deque()
        self.captured: list[Any] | None = None
        stand.streams[self.ptr] = self

    def give(self, work: Callable[[], Any], name: str) -> None:
        self._stand.check(name)
        if self._stand.device != self.device_id:
            raise CUDARuntimeError(400)
        self._stand.log.append(name)
        (self.queue if self.captured is None else self.captured).append(work)

    def record(self, event: Event) -> Event:
        event.stream, event.reached = self, False

        def reach() -> None:
            event.reached, event.at = True, float(self._stand.steps)

        self.give(reach, "record")
        return event

    def wait_event(self, event: Event) -> None:
        def wait() -> None:
            while not event.reached:
                assert event.stream is not None
                event.stream.step()

        self.give(wait, "wait")

    def step(self) -> None:
        self._stand.steps += 1
        self.queue.popleft()()

    def run(self) -> None:
        while self.queue:
            self.step()

    def begin_capture(self, mode: int) -> None:
        self._stand.check("begin_capture")
        self.captured = []

    def end_capture(self) -> "Graph":
        captured, self.captured = self.captured, None
        self._stand.check("end_capture")
        return Graph(captured or [])


class Graph:
    def __init__(self, works: list[Any]) -> None:
        self._works = works

    def launch(self, stream: Stream) -> None:
        def run() -> None:
            for work in self._works:
                work()

        stream.give(run, "graph")


class _Module:
    def __init__(self, stand: Stand) -> None:
        self._stand = stand

    def load(self, code: bytes) -> None:
        self._stand.log.append(("load", code))

    def get_function(self, name: str) -> "_Function":
        return _Function(self._stand, name)


class _Function:
    ptr = 77

    def __init__(self, stand: Stand, name: str) -> None:
        self._stand, self._name = stand, name

    def __call__(
        self, grid: Any, block: Any, args: Any, shared_mem: int, stream: Stream, enable_cooperative_groups: bool
    ) -> None:
        self._stand.log.append((self._name, grid, block, tuple(type(each).__name__ for each in args), shared_mem,
                                enable_cooperative_groups))  # fmt: skip
        stream.give(lambda: self._stand.kernels[self._name](*args), "launch")
