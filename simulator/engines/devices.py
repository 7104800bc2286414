"""Which device the numbers live on, and why another cannot be had. CuPy is imported only when somebody asks for it."""

import importlib
import re
from types import ModuleType
from typing import Any

import numpy as np

from simulator.engines.cuda.machine import Driver, Machine
from simulator.errors import ConfigError, DeviceError

CPU = "cpu"

driver: Driver | None = None
"""The way to the CUDA devices; None for CuPy's, made when somebody asks for a device. A test puts another here."""


def resolve(name: str) -> str:
    """Return the device that a name means: "cpu", or "cuda:N" after showing that it can be used.

    Parameters
    ----------
    name
        "cpu", "cuda", "cuda:N", or "auto". Automatic is the CPU: the array code that runs on CUDA today starts
        dozens of small kernels a batch.

    Raises
    ------
    ConfigError
        When the name is no device.
    DeviceError
        When the device cannot be used; the message says why.
    """
    if name in (CPU, "auto"):
        return CPU
    match = re.fullmatch(r"cuda(?::(\d+))?", name)
    if match is None:
        raise ConfigError(f"there is no device called {name!r}", "There are: cpu, cuda, cuda:N, auto.")
    number = int(match[1] or 0)
    count = _cuda_devices()
    if number >= count:
        raise DeviceError(
            f"there is no CUDA device {number}",
            f"This machine has {count}: cuda:0" + (f" to cuda:{count - 1}." if count > 1 else "."),
        )
    return f"cuda:{number}"


def open_machine(name: str) -> Machine:
    """Return the machine of a CUDA device, by a name that `resolve` returned.

    Raises
    ------
    DeviceError
        When it cannot be used.
    """
    if driver is None:
        raise DeviceError("there is no way to a CUDA device", "Use --device cpu.")
    return driver.open(int(name.partition(":")[2]))


def array_library(device: str) -> Any:
    """Return NumPy, or CuPy with the device made current, for a name that `resolve` returned."""
    if device == CPU:
        return np
    cupy = _import_cupy()
    cupy.cuda.Device(int(device.partition(":")[2])).use()
    return cupy


def describe(device: str) -> dict[str, str]:
    """Return what a CUDA device, by a name that `resolve` returned, and the software for it call themselves."""
    cupy = array_library(device)
    properties = cupy.cuda.runtime.getDeviceProperties(int(device.partition(":")[2]))
    name = properties["name"]
    return {
        "gpu": name.decode(errors="replace") if isinstance(name, bytes) else str(name),
        "cupy": str(cupy.__version__),
        "cuda": str(cupy.cuda.runtime.runtimeGetVersion()),
    }


def to_host(array: Any) -> Any:
    """Return a NumPy copy of an array of either library."""
    return array.copy() if isinstance(array, np.ndarray) else array.get()


def _import_cupy() -> Any:
    try:
        return importlib.import_module("cupy")
    except ImportError as error:
        raise DeviceError(
            "CUDA needs the package CuPy, which is not installed",
            'Install it with: pip install "nodeglow[cuda13]" (or [cuda12] for an older driver), or use --device cpu.',
        ) from error


def _cuda_devices() -> int:
    cupy = _import_cupy()
    try:
        count = int(cupy.cuda.runtime.getDeviceCount())
    except Exception as error:  # a runtime error whose class is known only to CuPy
        raise _why_not(cupy, error) from error
    if count == 0:
        raise DeviceError("there is no CUDA device in this machine", "Use --device cpu.")
    return count


def _why_not(cupy: ModuleType, error: Exception) -> DeviceError:
    text = str(error)
    if "cudaErrorNoDevice" in text:
        return DeviceError("there is no CUDA device in this machine", "Use --device cpu.")
    if "cudaErrorInsufficientDriver" in text:
        return DeviceError(
            f"the NVIDIA driver is missing or too old for CuPy {cupy.__version__}",
            "Install or update the driver, take the extra cuda12 for an older one, or use --device cpu.",
        )
    return DeviceError(f"CUDA cannot be used: {text}", "Use --device cpu.")
