"""What this computer's NVIDIA driver says before there is CuPy, and how a missing one is installed here."""

import ctypes
import platform
import sys
from pathlib import Path

CUDA_12, CUDA_13 = 12000, 13000
"""The versions of CUDA for which there is an extra, as the driver counts them."""

_CONTAINERS = ("/.dockerenv", "/run/.containerenv")


def known_cuda() -> int | None:
    """Return the newest CUDA that the driver knows, as 13000 for 13.0; None where no driver is found.

    The driver is asked for nothing else, so that no device is set up.
    """
    number = ctypes.c_int()
    try:
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
        failed = driver.cuDriverGetVersion(ctypes.byref(number))
    except (OSError, AttributeError):
        return None
    return None if failed or number.value < 1 else number.value


def extra() -> str:
    """Return the extra of this package that suits the driver, or the newest where no driver is found."""
    known = known_cuda()
    return "cuda12" if known is not None and known < CUDA_13 else "cuda13"


def installing() -> str:
    """Return how the driver comes onto a computer such as this, as the beginning of a sentence."""
    if sys.platform == "win32":
        how = "install its driver from nvidia.com/drivers"
    elif "microsoft" in platform.release().lower():
        how = "install or update its driver in Windows, not in WSL, and start WSL anew (wsl --shutdown)"
    elif any(Path(mark).exists() for mark in _CONTAINERS):
        how = "install its driver outside of this container, and start the container with it (--gpus all)"
    else:
        how = "install its driver (Debian: the package nvidia-driver; Ubuntu: ubuntu-drivers install) and restart"
    return f"Where there is an NVIDIA GPU, {how}"
