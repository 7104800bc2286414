"""What the machine is, as far as it explains a timing."""

import importlib.metadata
import os
import platform
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from simulator.engines.threads import available

_PACKAGES = ("numpy", "numba")


def describe(packages: Iterable[str] = ()) -> dict[str, Any]:
    """Return the processor, its cores, how many of them were at work in the last minute, and the versions.

    Those of Python, NumPy, Numba and the named packages; None is a package that is not installed.
    """
    return {
        "processor": _processor(),
        "cores": available(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in (*_PACKAGES, *packages)},
    }


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _processor() -> str:
    # Under Linux Python does not say more than the architecture.
    path = Path("/proc/cpuinfo")
    if os.name == "posix" and path.is_file():
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() in ("model name", "Model") and value.strip():
                return value.strip()
    return platform.processor() or platform.machine()
