"""The kernels on a CUDA device: compiled, loaded, and asked how many of their blocks run at the same time."""

import functools
import threading
from typing import Any

import numpy as np

from simulator.engines.cuda import cupy_errors
from simulator.engines.cuda.compiling import Compilation
from simulator.engines.cuda.cupy_edge import Edge
from simulator.engines.cuda.machine import Device
from simulator.engines.cuda.source import source
from simulator.errors import DeviceError

_PLAIN_SHARED_BYTES = 48 << 10
"""More shared memory than this must be asked for, kernel by kernel."""


class Kernels:
    """The kernels of a device; those of a number format are loaded when they are first needed.

    Parameters
    ----------
    cupy
        The module.
    edge
        Guards the calls to the device. Whoever calls anything but `compilation` and `load` holds its lock.
    device
        What it is.
    multiprocessors
        How many there are whose blocks can wait for each other; 0 on a device without cooperative launches.
    """

    def __init__(self, cupy: Any, edge: Edge, device: Device, multiprocessors: int) -> None:
        self._cupy, self._edge, self._device, self._multiprocessors = cupy, edge, device, multiprocessors
        self._asking = threading.Lock()
        self._compilations: dict[str, Compilation] = {}
        self._modules: dict[str, Any] = {}
        self._functions: dict[tuple[str, str], Any] = {}
        self._shared: dict[tuple[str, str], int] = {}
        self._rooms: dict[tuple[str, str, int, int], int] = {}

    def compilation(self, dtype: str) -> Compilation:
        """Return the kernels of a number format on their way; the first time, they set out."""
        with self._asking:
            if dtype not in self._compilations:
                self._compilations[dtype] = Compilation(
                    functools.partial(source, dtype), self._cupy.cuda.nvrtc, self._device.capability
                )
            return self._compilations[dtype]

    def load(self, dtype: str) -> None:
        """Wait until the kernels of a number format are there, without the lock, and load them.

        Raises
        ------
        DeviceError
            When they cannot be compiled or loaded.
        """
        if dtype in self._modules:
            return
        code = self.compilation(dtype).code()
        with self._edge.giving():
            if dtype not in self._modules:
                module = self._cupy.cuda.Module()
                module.load(code)
                self._modules[dtype] = module

    def function(self, kernel: str, dtype: str, shared: int) -> Any:
        """Return a kernel that may have so much shared memory; its number format is loaded."""
        place = kernel, dtype
        if place not in self._functions:
            self._functions[place] = self._modules[dtype].get_function(kernel)
        function = self._functions[place]
        if shared > self._shared.get(place, _PLAIN_SHARED_BYTES):
            driver = self._cupy.cuda.driver
            driver.funcSetAttribute(function.ptr, driver.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, shared)
            self._shared[place] = shared
        return function

    def together(self, kernel: str, dtype: str, threads: int, shared: int) -> int:
        """Return how many blocks of a kernel can run at the same time and wait for each other."""
        place = kernel, dtype, threads, shared
        if place not in self._rooms:
            function = self.function(kernel, dtype, shared)
            each = self._cupy.cuda.driver.occupancyMaxActiveBlocksPerMultiprocessor(function.ptr, threads, shared)
            self._rooms[place] = int(each) * self._multiprocessors
        return self._rooms[place]

    def check_room(self, kernel: str, dtype: str, blocks: int | tuple[int, int], threads: int, shared: int) -> None:
        """Refuse blocks that cannot meet: CuPy would launch as many as fit, and those would wait for ever.

        Raises
        ------
        DeviceError
            When they are too many.
        """
        room, asked = self.together(kernel, dtype, threads, shared), int(np.prod(blocks))
        if asked > room:
            raise DeviceError(
                f"{self._device.title} can run {room} blocks of {kernel} at the same time, and {asked} were asked for",
                cupy_errors.USE_CPU,
            )
