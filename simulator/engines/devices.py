"""Which device the numbers live on, and why another cannot be had. CuPy is imported only when somebody asks for it."""

import dataclasses
import functools
import importlib
import os
import platform
import re
import weakref
from pathlib import Path
from typing import Any

import numpy as np

from simulator.engines.cuda.machine import Device, Driver, Machine
from simulator.errors import ConfigError, DeviceError

CPU = "cpu"

driver: Driver | None = None
"""The way to the CUDA devices; None for CuPy's, made when somebody asks for a device. A test puts another here."""

_limit: int | None = None
_opened: weakref.WeakSet[Machine] = weakref.WeakSet()


@dataclasses.dataclass(frozen=True)
class Survey:
    """What there is to compute on beside the processor.

    Attributes
    ----------
    devices
        The CUDA devices, in the order of their numbers.
    trouble, hint
        Why there is none, and what helps; empty where there is one.
    """

    devices: tuple[Device, ...] = ()
    trouble: str = ""
    hint: str = ""


def survey() -> Survey:
    """Return the devices of this computer as they are now, or exactly why there is none."""
    try:
        return Survey(_in_use().devices())
    except DeviceError as error:
        return Survey((), error.message, error.hint)


def resolve(name: str) -> str:
    """Return the device that a name means: "cpu", or "cuda:N" after showing that it can be used.

    Parameters
    ----------
    name
        "cpu", "cuda" or "cuda:N"; what "auto" means follows from the work (see `simulator.engines.choosing`).

    Raises
    ------
    ConfigError
        When the name is no device.
    DeviceError
        When the device cannot be used; the message says why.
    """
    if name == CPU:
        return CPU
    match = re.fullmatch(r"cuda(?::(\d+))?", name)
    if match is None:
        raise ConfigError(
            f"there is no device called {name!r}",
            "There are: cpu, cuda for a GPU, cuda:1 … for one of several, auto for what is faster.",
        )
    found = f"cuda:{int(match[1] or 0)}"
    there = [each.name for each in _in_use().devices()]
    if found not in there:
        raise DeviceError(
            f"there is no CUDA device {found.partition(':')[2]}",
            f"This machine has {len(there)}: {there[0]}" + (f" to {there[-1]}." if len(there) > 1 else "."),
        )
    return found


@functools.cache
def processor() -> str:
    """Return what the processor calls itself."""
    # Under Linux Python does not say more than the architecture.
    path = Path("/proc/cpuinfo")
    if os.name == "posix" and path.is_file():
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() in ("model name", "Model") and value.strip():
                return value.strip()
    return platform.processor() or platform.machine()


def device_of(name: str) -> Device:
    """Return what a CUDA device, by a name that `resolve` returned, says of itself now.

    Raises
    ------
    DeviceError
        When it is not there any more.
    """
    found = next((each for each in _in_use().devices() if each.name == name), None)
    if found is None:
        raise DeviceError(f"the device {name} is not there any more", "Use --device cpu.")
    return found


def open_machine(name: str) -> Machine:
    """Return the machine of a CUDA device, by a name that `resolve` returned, under the memory limit in force.

    Raises
    ------
    DeviceError
        When it cannot be used.
    """
    machine = _in_use().open(int(name.partition(":")[2]))
    if _limit is not None:
        machine.limit = _limit
    _opened.add(machine)
    return machine


def limit_memory(limit: int | None) -> None:
    """Let this program hold so many bytes of a device's memory at most; None for all there is.

    What is held already stays, even where that is more.

    Raises
    ------
    ConfigError
        When the limit is not positive.
    """
    global _limit
    if limit is not None and limit < 1:
        raise ConfigError(f"the memory of a device cannot be limited to {limit} bytes", "Give a size, as 2GB.")
    _limit = limit
    for machine in _opened:
        machine.limit = limit


def memory_limit() -> int | None:
    """Return how many bytes of a device's memory this program may hold; None for all there is."""
    return _limit


def describe(name: str) -> dict[str, str]:
    """Return what a CUDA device, by a name that `resolve` returned, and the software for it call themselves."""
    return dict(_described(_in_use(), name))


@functools.lru_cache(maxsize=64)
def _described(asked: Driver, name: str) -> tuple[tuple[str, str], ...]:
    title = next((each.title for each in asked.devices() if each.name == name), name)
    return ("gpu", title), *asked.software().items()


def array_library(device: str) -> Any:
    """Return NumPy, or CuPy with the device made current, for a name that `resolve` returned."""
    if device == CPU:
        return np
    cupy = importlib.import_module("simulator.engines.cuda.cupy_driver").imported()
    cupy.cuda.Device(int(device.partition(":")[2])).use()
    return cupy


def to_host(array: Any) -> Any:
    """Return a NumPy copy of an array of either library."""
    return array.copy() if isinstance(array, np.ndarray) else array.get()


def _in_use() -> Driver:
    return _of_cupy() if driver is None else driver


@functools.cache
def _of_cupy() -> Driver:
    return importlib.import_module("simulator.engines.cuda.cupy_driver").CupyDriver()
