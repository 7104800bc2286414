"""A machine and a driver for tests: the CUDA program, compiled by g++ for this computer's processor.

It is no imitation of results: the same text runs, thread by thread, in memory that only its addresses lead to. It is
stricter than a device where a mistake would be silent: new memory holds no numbers, what is written beside a block is
found, a kernel is refused arguments of another size, and threads that wait for ever end with an error.
"""

import ctypes
import dataclasses
import pathlib
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from on_host_compiling import compiled, compiler

from simulator.engines.cuda import limits
from simulator.engines.cuda.machine import (
    Argument,
    Block,
    Device,
    Driver,
    Machine,
    Mark,
    MemoryUse,
    Reading,
    Repeatable,
)
from simulator.engines.cuda.source import source
from simulator.errors import DeviceError

__all__ = ["HostDriver", "HostMachine", "compiler"]

TRIAL = (pathlib.Path(__file__).parent / "trial.cuh").read_text("utf-8")
ALIGNMENT, GUARD = 256, 256
NOTHING = 0xFF  # bytes that are no number in any format


def _program(dtype: str) -> pathlib.Path:
    """Return the library with our kernels and those that show one word each: one for all tests."""
    return compiled(source(dtype) + TRIAL)


class _Launch(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_uint) for name in ("grid_x", "grid_y", "threads", "shared_bytes", "together", "backwards")
    ]


def _array(address: int, dtype: Any, shape: tuple[int, ...]) -> np.ndarray:
    dtype = np.dtype(dtype)
    count = int(np.prod(shape, dtype=np.int64))
    place = (ctypes.c_char * (count * dtype.itemsize)).from_address(address)
    return np.frombuffer(place, dtype, count).reshape(shape)


class HostBlock(Block):
    """A piece of memory, while somebody refers to it."""

    def __init__(self, address: int, size: int) -> None:
        self.address, self.size = address, size


class _Memory:
    """The bytes of a block between two guards."""

    def __init__(self, size: int) -> None:
        self._bytes = np.full(size + 2 * GUARD + ALIGNMENT, NOTHING, np.uint8)
        begin = self._bytes.ctypes.data
        self.address = -(-(begin + GUARD) // ALIGNMENT) * ALIGNMENT
        self.size = size
        first = self.address - begin
        self._guards = self._bytes[:first], self._bytes[first + size :]

    @property
    def whole(self) -> bool:
        return all(bool((guard == NOTHING).all()) for guard in self._guards)


@dataclasses.dataclass
class _Work:
    """Something that the machine has been given."""

    run: Callable[[], None]
    done: bool = False
    at: float = 0.0


class _HostReading(Reading):
    def __init__(self, machine: "HostMachine", address: int, dtype: Any, shape: tuple[int, ...]) -> None:
        self._machine = machine
        self._found = np.empty(shape, dtype)
        self._from = address
        self._work = machine._give(self._copy)

    def _copy(self) -> None:
        self._found[...] = _array(self._from, self._found.dtype, self._found.shape)

    def get(self) -> np.ndarray:
        self._machine._wait_for(self._work)
        return self._found


class _HostMark(Mark):
    def __init__(self, machine: "HostMachine") -> None:
        self._machine = machine
        self._work = machine._give(lambda: None)

    @property
    def done(self) -> bool:
        self._machine._look(self._work)
        return self._work.done

    def wait(self) -> None:
        self._machine._wait_for(self._work)

    def seconds_since(self, earlier: Mark) -> float:
        assert isinstance(earlier, _HostMark)
        if not self._work.done:
            raise DeviceError("a mark is asked for its time before it is reached")
        return self._work.at - earlier._work.at


class _HostRepeatable(Repeatable):
    def __init__(self, machine: "HostMachine", works: list[Callable[[], None]]) -> None:
        self._machine, self._works = machine, works

    def give(self) -> None:
        for work in self._works:
            self._machine._give(work)


class HostMachine(Machine):
    """A processor as a device.

    Parameters
    ----------
    total
        Bytes of memory it pretends to have.
    ahead
        How many pieces of work wait at most until somebody waits for them; 0 does all at once. Work that is late is
        what shows that nobody reads too early or changes what is still to be read.
    backwards
        Whether threads and blocks take their turns in descending order.

    Attributes
    ----------
    waits
        How often somebody waited for it.
    launches
        The kernels it was given, in order, repeated ones as often as they were given.
    """

    multiprocessors = 3
    shared_bytes = 96 << 10
    most_threads = 1024

    def __init__(self, total: int = 1 << 30, ahead: int = 512, backwards: bool = False, number: int = 0) -> None:
        self.device = Device(f"cuda:{number}", "This processor, as a device", total, total, "13.0", "9.0")
        self.ahead, self.backwards = ahead, backwards
        self.waits = 0
        self.launches: list[str] = []
        self._held = 0
        self._queue: deque[_Work] = deque()
        self._lock = threading.RLock()
        self._programs: dict[str, ctypes.CDLL] = {}
        self._compiling: dict[str, threading.Thread] = {}
        self._taking_down: list[Callable[[], None]] | None = None
        self._memory: dict[int, _Memory] = {}
        self._failure: DeviceError | None = None

    # ---- the queue

    def _give(self, run: Callable[[], None]) -> _Work:
        with self._lock:
            self._check()
            if self._taking_down is not None:
                raise DeviceError("only launches and products can be taken down")
            work = _Work(run)
            self._queue.append(work)
            while len(self._queue) > self.ahead:
                self._do_next()
            return work

    def _do(self, run: Callable[[], None]) -> None:
        """Give a launch or a product: it may be taken down."""
        with self._lock:
            if self._taking_down is not None:
                self._taking_down.append(run)
            else:
                self._give(run)

    def _do_next(self) -> None:
        work = self._queue.popleft()
        try:
            if self._failure is None:
                work.run()
        except DeviceError as error:
            self._failure = error
        work.done, work.at = True, time.perf_counter()

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _look(self, work: _Work) -> None:
        """Go one step on, as a device would meanwhile."""
        with self._lock:
            if not work.done:
                self._do_next()

    def _wait_for(self, work: _Work | None) -> None:
        with self._lock:
            self.waits += 1
            if self._taking_down is not None:
                raise DeviceError("nobody can wait for what is only taken down")
            while self._queue and not (work is not None and work.done):
                self._do_next()
            for memory in self._memory.values():
                self._check_guards(memory)
            self._check()

    def _check_guards(self, memory: _Memory) -> None:
        if self._failure is None and not memory.whole:
            self._failure = DeviceError(f"something was written beside a block of {memory.size} bytes")

    def fail(self, message: str = "an illegal memory access was encountered") -> None:
        """Let the work that is given next go wrong, as a device's can: the machine is of no use afterwards."""

        def run() -> None:
            raise DeviceError(message, "Train on the CPU, or start the program again.")

        self._give(run)

    # ---- programs

    def ready(self, dtype: str) -> bool:
        if dtype in self._programs:
            return True
        if dtype not in self._compiling:
            self._compiling[dtype] = threading.Thread(target=_program, args=(dtype,), daemon=True)
            self._compiling[dtype].start()
        if self._compiling[dtype].is_alive():
            return False
        self.load(dtype)
        return True

    def load(self, dtype: str) -> None:
        with self._lock:
            if dtype not in self._programs:
                self._programs[dtype] = ctypes.CDLL(str(_program(dtype)))

    # ---- memory

    def memory(self) -> MemoryUse:
        return MemoryUse(self._held, self.device.total - self._held, self.device.total)

    def allocate(self, size: int) -> Block:
        with self._lock:
            self._check()
            limits.admit(size, self.memory(), self.limit, self.device.title)
            memory = _Memory(size)
            self._held += size
            self._memory[memory.address] = memory
            block = HostBlock(memory.address, size)
            weakref.finalize(block, self._release, memory.address).atexit = False
            return block

    def _release(self, address: int) -> None:
        """Give a block back: its bytes are free at once, and stay in place until the work given so far is done."""
        with self._lock:
            self._held -= self._memory[address].size
            self._queue.append(_Work(lambda: self._forget(address)))

    def _forget(self, address: int) -> None:
        self._check_guards(self._memory.pop(address))

    def _must_hold(self, address: int, size: int) -> None:
        for memory in self._memory.values():
            if memory.address <= address and address + size <= memory.address + memory.size:
                return
        raise DeviceError(f"{size} bytes at {address} do not lie in one block of the machine's memory")

    def write(self, address: int, values: np.ndarray) -> None:
        self._must_hold(address, values.nbytes)
        copy = np.ascontiguousarray(values).copy()

        def run() -> None:
            _array(address, copy.dtype, copy.shape)[...] = copy

        self._give(run)

    def clear(self, address: int, size: int) -> None:
        self._must_hold(address, size)
        self._give(lambda: _array(address, np.uint8, (size,)).fill(0))

    def read(self, address: int, dtype: Any, shape: tuple[int, ...]) -> Reading:
        self._must_hold(address, int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize)
        return _HostReading(self, address, dtype, shape)

    # ---- work

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
        grid = (blocks, 1) if isinstance(blocks, int) else blocks
        self.load(dtype)
        if min(*grid, threads) < 1 or threads > self.most_threads or shared > self.shared_bytes:
            raise DeviceError(f"{kernel} cannot be launched with {grid} blocks of {threads} threads and {shared} bytes")
        if together and grid[0] * grid[1] > self.together(kernel, dtype, threads, shared):
            raise DeviceError(f"{grid} blocks of {kernel} cannot run at the same time")
        call = self._programs[dtype]["launch_" + kernel]
        call.restype = ctypes.c_char_p
        numbers = [_number(argument) for argument in arguments]
        places = (ctypes.c_void_p * max(len(numbers), 1))(*(number.ctypes.data for number in numbers))
        sizes = (ctypes.c_int * max(len(numbers), 1))(*(number.nbytes for number in numbers))
        how = _Launch(*grid, threads, shared, together, self.backwards)

        def run() -> None:
            self.launches.append(kernel)
            wrong = call(ctypes.byref(how), places, sizes, len(numbers))
            if wrong is not None:
                raise DeviceError(f"{kernel}: {wrong.decode()}")

        self._do(run)

    def together(self, kernel: str, dtype: str, threads: int, shared: int) -> int:
        return self.multiprocessors if threads <= self.most_threads and shared <= self.shared_bytes else 0

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
        rows, inner, columns = shape

        def run() -> None:
            a = _array(A, dtype, (inner, rows)).T if turned[0] else _array(A, dtype, (rows, inner))
            b = _array(B, dtype, (columns, inner)).T if turned[1] else _array(B, dtype, (inner, columns))
            if tf32 and dtype == "float32":
                a, b = _rounded(a), _rounded(b)
            self.launches.append("multiply")
            with np.errstate(all="ignore"):
                c = _array(C, dtype, (rows, columns))
                c[...] = c + a @ b if added else a @ b

        self._do(run)

    def mark(self) -> Mark:
        return _HostMark(self)

    def take_down(self, work: Callable[[], None]) -> Repeatable:
        with self._lock:
            taken: list[Callable[[], None]] = []
            self._taking_down = taken
            try:
                work()
            finally:
                self._taking_down = None
            return _HostRepeatable(self, taken)

    def finish(self) -> None:
        self._wait_for(None)


def _number(argument: Argument) -> np.ndarray:
    """Return an argument as a kernel is given it."""
    if isinstance(argument, np.generic):
        return np.array(argument)
    return np.array(argument, np.float64 if isinstance(argument, float) else np.int64)


def _rounded(a: np.ndarray) -> np.ndarray:
    """Return float32 numbers with 10 bits behind the point, as TF32 has them."""
    bits = a.view(np.uint32)
    return np.where(np.isfinite(a), ((bits + np.uint32(0x1000)) & np.uint32(0xFFFFE000)).view(np.float32), a)


class HostDriver(Driver):
    """Finds this processor, as often as wanted.

    Parameters
    ----------
    count
        How many devices there are.
    **settings
        Of every `HostMachine`.
    """

    def __init__(self, count: int = 1, **settings: Any) -> None:
        self._settings = settings
        self.machines = [HostMachine(number=number, **settings) for number in range(count)]

    def devices(self) -> tuple[Device, ...]:
        return tuple(dataclasses.replace(machine.device, free=machine.memory().free) for machine in self.machines)

    def open(self, number: int) -> HostMachine:
        return self.machines[number]

    def software(self) -> dict[str, str]:
        return {"cuda": "on this processor"}

    def again(self, number: int, **settings: Any) -> HostMachine:
        """Return a new machine in place of an old one, which may have failed; with these settings changed."""
        self.machines[number] = HostMachine(number=number, **(self._settings | settings))
        return self.machines[number]
