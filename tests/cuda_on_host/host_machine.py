"""A machine and a driver for tests: the CUDA program, compiled by g++ for this computer's processor.

It is no imitation of results: the same text runs, thread by thread, in memory that only its addresses lead to. It is
stricter than a device where a mistake would be silent: new memory holds no numbers, what is written beside a block is
found, a kernel is refused arguments of another size, and threads that wait for ever end with an error.
"""

import ctypes
import dataclasses
import pathlib
import threading
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from host_memory import HostBlock, Memory, array_at, given, rounded
from host_queue import HostMark, HostReading, Queue
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
MOST_BLOCKS_Y = 65535


def _program(dtype: str, races: bool) -> pathlib.Path:
    """Return the library with our kernels and those that show one word each: one for all tests."""
    return compiled(source(dtype) + TRIAL, races=races)


class _Launch(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_uint) for name in ("grid_x", "grid_y", "threads", "shared_bytes", "together", "backwards")
    ]


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
    races
        Whether kernels stop where two of their threads use the same memory, one of them to write, and nothing says
        which is first.

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

    def __init__(
        self, total: int = 1 << 30, ahead: int = 512, backwards: bool = False, number: int = 0, races: bool = False
    ) -> None:
        self.device = Device(f"cuda:{number}", "This processor, as a device", total, total, "13.0", "9.0")
        self.backwards, self._races = backwards, races
        self.launches: list[str] = []
        self._queue = Queue(ahead, self._check_guards)
        self._held = 0
        self._memory: dict[int, Memory] = {}
        self._programs: dict[str, ctypes.CDLL] = {}
        self._compiling: dict[str, threading.Thread] = {}

    @property
    def waits(self) -> int:
        return self._queue.waits

    def fail(self, message: str = "an illegal memory access was encountered") -> None:
        """Let the work that is given next go wrong, as a device's can: the machine is of no use afterwards."""

        def run() -> None:
            raise DeviceError(message, "Train on the CPU, or start the program again.")

        self._queue.give(run)

    # ---- programs

    def ready(self, dtype: str) -> bool:
        if dtype in self._programs:
            return True
        if dtype not in self._compiling:
            self._compiling[dtype] = threading.Thread(target=_program, args=(dtype, self._races), daemon=True)
            self._compiling[dtype].start()
        if self._compiling[dtype].is_alive():
            return False
        self.load(dtype)
        return True

    def load(self, dtype: str) -> None:
        with self._queue.lock:
            if dtype not in self._programs:
                self._programs[dtype] = ctypes.CDLL(str(_program(dtype, self._races)))

    # ---- memory

    def memory(self) -> MemoryUse:
        return MemoryUse(self._held, self.device.total - self._held, self.device.total)

    def allocate(self, size: int) -> Block:
        with self._queue.lock:
            self._queue.check()
            limits.admit(size, self.memory(), self.limit, self.device.title)
            memory = Memory(size)
            self._held += size
            self._memory[memory.address] = memory
            block = HostBlock(memory.address, size)
            weakref.finalize(block, self._release, memory.address).atexit = False
            return block

    def _release(self, address: int) -> None:
        """Give a block back: its bytes are free at once, and stay in place until the work given so far is done."""
        with self._queue.lock:
            self._held -= self._memory[address].size
            self._queue.give_quietly(lambda: self._forget(address))

    def _forget(self, address: int) -> None:
        self._check_guards()
        del self._memory[address]

    def _check_guards(self) -> None:
        for memory in self._memory.values():
            if self._queue.failure is None and not memory.whole:
                self._queue.failure = DeviceError(f"something was written beside a block of {memory.size} bytes")

    def _must_hold(self, address: int, size: int) -> None:
        if not any(memory.holds(address, size) for memory in self._memory.values()):
            raise DeviceError(f"{size} bytes at {address} do not lie in one block of the machine's memory")

    def write(self, address: int, values: np.ndarray) -> None:
        self._must_hold(address, values.nbytes)
        copy = np.ascontiguousarray(values).copy()

        def run() -> None:
            array_at(address, copy.dtype, copy.shape)[...] = copy

        self._queue.give(run)

    def clear(self, address: int, size: int) -> None:
        self._must_hold(address, size)
        self._queue.give(lambda: array_at(address, np.uint8, (size,)).fill(0))

    def read(self, address: int, dtype: Any, shape: tuple[int, ...]) -> Reading:
        self._must_hold(address, int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize)
        return HostReading(self._queue, address, dtype, shape)

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
        fits = threads <= self.most_threads and shared <= self.shared_bytes and grid[1] <= MOST_BLOCKS_Y
        if not fits or min(*grid, threads) < 1:
            raise DeviceError(f"{kernel} cannot be launched with {grid} blocks of {threads} threads and {shared} bytes")
        if together and grid[0] * grid[1] > self.together(kernel, dtype, threads, shared):
            raise DeviceError(f"{grid} blocks of {kernel} cannot run at the same time")
        call = self._programs[dtype]["launch_" + kernel]
        call.restype = ctypes.c_char_p
        numbers = [given(argument) for argument in arguments]
        places = (ctypes.c_void_p * max(len(numbers), 1))(*(number.ctypes.data for number in numbers))
        sizes = (ctypes.c_int * max(len(numbers), 1))(*(number.nbytes for number in numbers))
        how = _Launch(*grid, threads, shared, together, self.backwards)

        def run() -> None:
            self.launches.append(kernel)
            if self._races:
                self._watch(self._programs[dtype])
            wrong = call(ctypes.byref(how), places, sizes, len(numbers))
            if wrong is not None:
                raise DeviceError(f"{kernel}: {wrong.decode()}")

        self._queue.give_or_take_down(run)

    def _watch(self, program: ctypes.CDLL) -> None:
        """Let races be looked for in the machine's memory too."""
        ranges = [(memory.address, memory.address + memory.size) for memory in self._memory.values()]
        places = np.array(ranges, dtype=np.uint64).reshape(-1, 2)
        program.on_host_watch(ctypes.c_void_p(places.ctypes.data), len(places))

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
            a = array_at(A, dtype, (inner, rows)).T if turned[0] else array_at(A, dtype, (rows, inner))
            b = array_at(B, dtype, (columns, inner)).T if turned[1] else array_at(B, dtype, (inner, columns))
            if tf32 and dtype == "float32":
                a, b = rounded(a), rounded(b)
            self.launches.append("multiply")
            with np.errstate(all="ignore"):
                c = array_at(C, dtype, (rows, columns))
                c[...] = c + a @ b if added else a @ b

        self._queue.give_or_take_down(run)

    def mark(self) -> Mark:
        return HostMark(self._queue)

    def take_down(self, work: Callable[[], None]) -> Repeatable:
        return self._queue.take_down(work)

    def finish(self) -> None:
        self._queue.wait_for()


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
