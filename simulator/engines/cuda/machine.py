"""What the CUDA engine asks of the machine on which its kernels run; CuPy's is one, and a processor can be another.

Work is given to a machine in order and done in that order, while whoever gave it goes on. Only `Reading.get`,
`Mark.wait` and `Machine.finish` wait.
"""

import abc
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Argument = int | float | np.generic
"""What a kernel is given: an address or a whole number as 64 bits, a float as a double, a NumPy scalar as it is."""


@dataclasses.dataclass(frozen=True)
class Device:
    """What a list of devices says of one of them.

    Attributes
    ----------
    name
        As `simulator.engines.devices.resolve` takes it: "cuda:0".
    title
        What it calls itself: "NVIDIA H200".
    total, free
        Bytes of its memory, and how many of them nobody has.
    driver
        The newest CUDA that its driver knows: "13.0".
    capability
        Its compute capability: "9.0".
    """

    name: str
    title: str
    total: int
    free: int
    driver: str
    capability: str


@dataclasses.dataclass(frozen=True)
class MemoryUse:
    """Bytes of a device's memory: what this machine object holds, what nobody holds, and all there is."""

    held: int
    free: int
    total: int


class Reading(abc.ABC):
    """Numbers on their way to the host."""

    @abc.abstractmethod
    def get(self) -> NDArray[Any]:
        """Wait for the numbers, and for nothing that was given to the machine after the reading."""


class Mark(abc.ABC):
    """A place in the order of the work."""

    @property
    @abc.abstractmethod
    def done(self) -> bool:
        """Whether all work before it is done."""

    @abc.abstractmethod
    def wait(self) -> None:
        """Wait until it is."""

    @abc.abstractmethod
    def seconds_since(self, earlier: "Mark") -> float:
        """Return how long the machine took from one place to the other, once this one is done."""


class Repeatable(abc.ABC):
    """A piece of work that was taken down, to be given to the machine again at once."""

    @abc.abstractmethod
    def give(self) -> None:
        """Give it to the machine."""


class Block(abc.ABC):
    """A piece of the machine's memory; it is given back when nobody refers to it any more.

    Attributes
    ----------
    address
        Where it begins; a multiple of 256.
    size
        Its bytes.
    """

    address: int
    size: int


class Machine(abc.ABC):
    """A device with memory of its own, kernels and matrix products.

    Attributes
    ----------
    device
        What it is.
    multiprocessors
        How many blocks of threads can run at the same time, one on each.
    shared_bytes
        How many bytes of shared memory a block can have.
    most_threads
        How many threads a block can have.
    cooperates
        Whether blocks can wait for each other, in a launch of as many as `together` says.
    limit
        How many bytes of its memory this program may hold; None for all there is. `allocate` obeys it, and
        `simulator.engines.devices` sets it.
    """

    limit: int | None = None

    device: Device
    multiprocessors: int
    shared_bytes: int
    most_threads: int
    cooperates: bool = True

    @abc.abstractmethod
    def ready(self, dtype: str) -> bool:
        """Whether the kernels of a number format can be launched at once; asking begins to compile them."""

    @abc.abstractmethod
    def load(self, dtype: str) -> None:
        """Wait until they can.

        Raises
        ------
        DeviceError
            When they cannot be compiled.
        """

    @abc.abstractmethod
    def memory(self) -> MemoryUse:
        """Return how its memory is used."""

    @abc.abstractmethod
    def allocate(self, size: int) -> Block:
        """Return a block of so many bytes, with anything in it.

        Raises
        ------
        DeviceMemoryError
            When there is no room, or it would exceed the limit that the user set; nothing has changed then.
        """

    @abc.abstractmethod
    def write(self, address: int, values: NDArray[Any]) -> None:
        """Copy an array to an address; the array may be changed as soon as this returns."""

    @abc.abstractmethod
    def clear(self, address: int, size: int) -> None:
        """Set so many bytes to 0."""

    @abc.abstractmethod
    def read(self, address: int, dtype: Any, shape: tuple[int, ...]) -> Reading:
        """Begin to copy numbers from an address, as they will be when all work given so far is done."""

    @abc.abstractmethod
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
        """Run a kernel: so many blocks (x, or x and y) of so many threads, with so many bytes of shared memory each.

        Parameters
        ----------
        together
            Whether all blocks must run at the same time, since they wait for each other (a cooperative launch).
        """

    @abc.abstractmethod
    def together(self, kernel: str, dtype: str, threads: int, shared: int) -> int:
        """Return how many blocks of a kernel can run at the same time."""

    @abc.abstractmethod
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
        """Set C (rows, columns) to A (rows, inner) @ B (inner, columns): addresses of matrices that lie row by row.

        Parameters
        ----------
        shape
            (rows, inner, columns)
        turned
            Whether A lies there as (inner, rows), and B as (columns, inner).
        tf32
            Whether float32 products may round their factors to 10 bits first.
        added
            Whether the product is added to what stands in C.
        """

    @abc.abstractmethod
    def mark(self) -> Mark:
        """Return the present place in the order of the work."""

    @abc.abstractmethod
    def take_down(self, work: Callable[[], None]) -> Repeatable:
        """Return what `work` gives to the machine (launches and products alone), without doing it."""

    @abc.abstractmethod
    def finish(self) -> None:
        """Wait until all work is done.

        Raises
        ------
        DeviceError
            When some of it failed.
        """


class Driver(abc.ABC):
    """The way to the CUDA devices of this computer."""

    @abc.abstractmethod
    def devices(self) -> tuple[Device, ...]:
        """Return the devices, at least one.

        Raises
        ------
        DeviceError
            When there is none that can be used; the message says why, the hint what helps.
        """

    @abc.abstractmethod
    def open(self, number: int) -> Machine:
        """Return the machine of the device "cuda:number"; the same one for the same number."""

    def software(self) -> Mapping[str, str]:
        """Return what computes on the devices, by name and version: another version may give other bits."""
        return {}
