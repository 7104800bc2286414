"""The memory of a machine for tests, which only its addresses lead to."""

import ctypes
from typing import Any

import numpy as np

from simulator.engines.cuda.machine import Argument, Block

ALIGNMENT, GUARD = 256, 256
NOTHING = 0xFF  # bytes that are no number in any format


class HostBlock(Block):
    """A piece of memory, while somebody refers to it."""

    def __init__(self, address: int, size: int) -> None:
        self.address, self.size = address, size


class Memory:
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
        """Whether nothing was written beside the block."""
        return all(bool((guard == NOTHING).all()) for guard in self._guards)

    def holds(self, address: int, size: int) -> bool:
        """Whether so many bytes at an address lie in the block."""
        return self.address <= address and address + size <= self.address + self.size


def array_at(address: int, dtype: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Return the numbers at an address, in place."""
    dtype = np.dtype(dtype)
    count = int(np.prod(shape, dtype=np.int64))
    place = (ctypes.c_char * (count * dtype.itemsize)).from_address(address)
    return np.frombuffer(place, dtype, count).reshape(shape)


def given(argument: Argument) -> np.ndarray:
    """Return an argument as a kernel is given it."""
    if isinstance(argument, np.generic):
        return np.array(argument)
    return np.array(argument, np.float64 if isinstance(argument, float) else np.int64)


def rounded(a: np.ndarray) -> np.ndarray:
    """Return float32 numbers with 10 bits behind the point, as TF32 has them."""
    bits = a.view(np.uint32)
    return np.where(np.isfinite(a), ((bits + np.uint32(0x1000)) & np.uint32(0xFFFFE000)).view(np.float32), a)
