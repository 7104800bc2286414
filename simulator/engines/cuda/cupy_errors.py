"""What CuPy, CUDA and its libraries report, in words for a user: the edge at which their errors are translated."""

import re
from typing import Any

from simulator.errors import DeviceError, DeviceMemoryError

USE_CPU = "Use --device cpu."

KINDS = (RuntimeError, MemoryError, OSError, ImportError)
"""What the classes of all their errors are derived from; anything else is a mistake in this program."""

OUT_OF_MEMORY = 2
"""cudaErrorMemoryAllocation, which CUDA_ERROR_OUT_OF_MEMORY equals."""

_CUBLAS_OUT_OF_MEMORY = 3

LOST = frozenset({214, 220, 226, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719, 721, 810, 911})
"""After these a process cannot use the device any more (driver_types.h: the process must be terminated and relaunched
to continue to use CUDA): illegal addresses and instructions, time limits, memory errors that were not corrected."""

_LAUNCH_TIMEOUT = 702
_NO_DEVICE, _BUSY, _OLD_DRIVER = 100, 46, (35, 36, 803)

_MISSING_PART = re.compile(r'Failure finding "([^"]*)"|libnvrtc|libcublas|nvrtc64|cublas64', re.IGNORECASE)


class CublasError(RuntimeError):
    """A call of cuBLAS failed; `status` is its number, the text its name."""

    def __init__(self, status: int, name: str) -> None:
        super().__init__(name)
        self.status = status


def status(error: BaseException) -> int | None:
    """Return the number that CUDA gave an error; None when it gave none."""
    found = getattr(error, "status", None)
    return found if isinstance(found, int) and type(error).__name__.startswith("CUDA") else None


def lost(error: BaseException) -> bool:
    """Whether the device cannot be used by this process any more."""
    return status(error) in LOST


def out_of_memory(error: BaseException) -> bool:
    """Whether the device had no room."""
    if isinstance(error, CublasError):
        return error.status == _CUBLAS_OUT_OF_MEMORY
    return status(error) == OUT_OF_MEMORY or type(error).__name__ == "OutOfMemoryError"


def translated(error: Exception, title: str, free: int = 0) -> DeviceError:
    """Return what a user is told of an error while a device worked.

    Parameters
    ----------
    title
        What the device calls itself.
    free
        How many bytes of its memory are free.
    """
    if isinstance(error, DeviceError):
        return error
    missing = missing_part(error)
    if missing is not None:
        return missing
    if out_of_memory(error):
        return DeviceMemoryError(
            f"{title} ran out of memory: {error}",
            "Train on the CPU, close what else uses the device, or take a smaller network, batch or fewer rows.",
            free=free,
        )
    if lost(error):
        why = "a kernel took longer than the system allows" if status(error) == _LAUNCH_TIMEOUT else str(error)
        return DeviceError(
            f"{title} stopped and cannot be used any more by this program: {why}",
            "Go on on the CPU from the last kept state; the device can be used again when the program has been "
            "started anew.",
        )
    return DeviceError(f"{title} failed: {error}", USE_CPU)


def missing_part(error: BaseException) -> DeviceError | None:
    """Return what is said when a library of the CUDA toolkit is not there; None for another error."""
    found = _MISSING_PART.search(str(error))
    if found is None:
        return None
    part = found[1] or found[0]
    return DeviceError(
        f"a part of the CUDA toolkit is missing: {part}",
        'Install CuPy with the toolkit\'s libraries: pip install "nodeglow[cuda13]" (or [cuda12] for an older driver), '
        "or use --device cpu.",
    )


def not_installed() -> DeviceError:
    """Return what is said when CuPy is missing."""
    return DeviceError(
        "CUDA needs the package CuPy, which is not installed",
        'Install it with: pip install "nodeglow[cuda13]" (or [cuda12] for an older driver), or use --device cpu.',
    )


def broken(error: BaseException) -> DeviceError:
    """Return what is said when CuPy is there, but cannot be imported."""
    return missing_part(error) or DeviceError(
        f"the package CuPy cannot be imported: {error}",
        'Install it anew: pip install --force-reinstall "nodeglow[cuda13]", with no second cupy package beside it, or '
        "use --device cpu.",
    )


def no_device() -> DeviceError:
    """Return what is said when the computer has no device that CUDA knows."""
    return DeviceError("there is no CUDA device in this machine", USE_CPU)


def unusable(error: BaseException, cupy: Any) -> DeviceError:
    """Return why the devices of this computer cannot be asked for at all."""
    text, number = str(error), status(error)
    if number == _NO_DEVICE or "cudaErrorNoDevice" in text:
        return no_device()
    if number in _OLD_DRIVER or "cudaErrorInsufficientDriver" in text:
        return _driver(cupy)
    if number == _BUSY or "cudaErrorDevicesUnavailable" in text:
        return DeviceError(
            "the CUDA device is taken by another program alone", "Close that program, or use --device cpu."
        )
    return missing_part(error) or DeviceError(f"CUDA cannot be used: {text}", USE_CPU)


def _driver(cupy: Any) -> DeviceError:
    """Return what is wrong with the driver: it is not there, or knows an older CUDA than CuPy was built with."""
    known, wanted = (_version(cupy, name) for name in ("driverGetVersion", "runtimeGetVersion"))
    if known == 0:
        return DeviceError(
            f"there is no NVIDIA driver, which CuPy {cupy.__version__} needs",
            "If there is an NVIDIA graphics card in this computer, install its driver, or use --device cpu.",
        )
    if known is None or wanted is None:
        return DeviceError(
            f"the NVIDIA driver is missing or too old for CuPy {cupy.__version__}",
            "Install or update the driver, take the extra cuda12 for an older one, or use --device cpu.",
        )
    return DeviceError(
        f"the NVIDIA driver knows CUDA {version(known)}, and CuPy {cupy.__version__} needs CUDA {version(wanted)}",
        "Update the driver, install the extra cuda12 for an older one, or use --device cpu.",
    )


def _version(cupy: Any, name: str) -> int | None:
    try:
        return int(getattr(cupy.cuda.runtime, name)())
    except Exception:  # whatever it is, the version stays unknown, and the real error is being told
        return None


def version(number: int) -> str:
    """Return a version of CUDA as people write it: "13.0" of 13000."""
    return f"{number // 1000}.{number % 1000 // 10}"
