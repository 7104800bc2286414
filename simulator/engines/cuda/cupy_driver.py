"""The way to the CUDA devices through CuPy: which there are, or exactly why there is none."""

import contextlib
import ctypes
import importlib
import sys
import threading
from collections.abc import Mapping
from typing import Any

from simulator.engines.cuda import cupy_errors
from simulator.engines.cuda.cupy_machine import CupyMachine
from simulator.engines.cuda.machine import Device, Driver, Machine
from simulator.errors import DeviceError

_SAME = 0.1
"""By which part two accounts of a device's memory may differ and mean the same device."""


class CupyDriver(Driver):
    """Asks CuPy, which is imported then and not before."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._machines: dict[int, Machine] = {}

    def devices(self) -> tuple[Device, ...]:
        cupy = imported()
        try:
            count = int(cupy.cuda.runtime.getDeviceCount())
        except Exception as error:  # its class is known only to CuPy
            raise cupy_errors.unusable(error, cupy) from error
        if count == 0:
            raise cupy_errors.no_device()
        try:
            return tuple(_device(cupy, number) for number in range(count))
        except Exception as error:
            raise cupy_errors.unusable(error, cupy) from error

    def open(self, number: int) -> Machine:
        with self._lock:
            if number not in self._machines:
                there = self.devices()
                if number >= len(there):
                    raise DeviceError(f"there is no CUDA device {number}", cupy_errors.USE_CPU)
                self._machines[number] = CupyMachine(imported(), number, there[number])
            return self._machines[number]

    def software(self) -> Mapping[str, str]:
        cupy = imported()
        return {"cupy": str(cupy.__version__), "cuda": str(cupy.cuda.runtime.runtimeGetVersion())}


def imported() -> Any:
    """Return CuPy.

    Raises
    ------
    DeviceError
        When it is not installed, or cannot be imported.
    """
    try:
        return importlib.import_module("cupy")
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.partition(".")[0] != "cupy":
            raise cupy_errors.broken(error) from error
        raise cupy_errors.not_installed() from error
    except Exception as error:  # it loads libraries, and complains in many ways
        raise cupy_errors.broken(error) from error


def _device(cupy: Any, number: int) -> Device:
    runtime = cupy.cuda.runtime
    about = runtime.getDeviceProperties(number)
    title, total = about["name"], int(about["totalGlobalMem"])
    free = _free_without_a_context(runtime.deviceGetPCIBusId(number), total)
    if free is None:
        with cupy.cuda.Device(number):
            free = int(runtime.memGetInfo()[0])
    return Device(
        f"cuda:{number}",
        title.decode(errors="replace") if isinstance(title, bytes) else str(title),
        total,
        min(free, total),
        cupy_errors.version(int(runtime.driverGetVersion())),
        f"{about['major']}.{about['minor']}",
    )


class _Memory(ctypes.Structure):
    """nvmlMemory_t of NVIDIA's management library, in bytes."""

    _fields_ = (("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong))


def _free_without_a_context(bus: str, total: int) -> int | None:
    """Return how many bytes are free, as the management library says; None where it is not there or means another.

    CUDA itself would set up a context on every device that it is asked about: half a gigabyte and some tenths of a
    second each.
    """
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL("nvml.dll" if sys.platform == "win32" else "libnvidia-ml.so.1")
        handle, memory = ctypes.c_void_p(), _Memory()
        if library.nvmlInit_v2():
            return None
        try:
            if library.nvmlDeviceGetHandleByPciBusId_v2(bus.encode(), ctypes.byref(handle)):
                return None
            if library.nvmlDeviceGetMemoryInfo(handle, ctypes.byref(memory)):
                return None
        finally:
            library.nvmlShutdown()
        if abs(int(memory.total) - total) <= _SAME * total:  # not so for a part of a device
            return int(memory.free)
    return None
