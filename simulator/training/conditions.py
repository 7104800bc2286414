"""All that "bit for bit" names: where it is the same, a run repeats to the bit; elsewhere it may differ by rounding."""

import functools
import hashlib
import importlib.metadata
import platform
from collections.abc import Mapping
from pathlib import Path

import threadpoolctl

from simulator.engines import devices

Conditions = Mapping[str, str]
"""What each of them is, by its name."""

_PACKAGES = ("numpy", "numba", "llvmlite")


def conditions(engine: str, device: str, dtype: str, threads: int) -> dict[str, str]:
    """Return under which conditions a run computes on this machine.

    Parameters
    ----------
    engine, device, dtype, threads
        What was chosen for the run.
    """
    chosen = {"engine": engine, "device": device, "number format": dtype, "threads": str(threads)}
    if device != devices.CPU:
        chosen |= devices.describe(device)
    return {**chosen, **_machine()}


def version(package: str) -> str | None:
    """Return the version of a package, None where it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


@functools.cache
def _machine() -> dict[str, str]:
    return {
        "processor": devices.processor(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: version(name) or "unknown" for name in _PACKAGES},
        "blas": _blas(),
        "engines": _sources(),
    }


def _blas() -> str:
    """Return which library multiplies matrices, and for which kind of processor."""
    pools = [pool for pool in threadpoolctl.threadpool_info() if pool.get("user_api") == "blas"]
    # Other packages may have loaded one of their own; NumPy's is the one that counts.
    found = [pool for pool in pools if "numpy" in str(pool.get("filepath")).lower()] or pools
    told = (" ".join(str(pool.get(key) or "") for key in ("internal_api", "version", "architecture")) for pool in found)
    return ", ".join(sorted({" ".join(each.split()) for each in told})) or "unknown"


def _sources() -> str:
    """Return a hash of the mathematics and the engines: an edit there may change the bits within one version."""
    simulator, found = Path(__file__).parents[1], hashlib.sha256()
    for part in ("nn", "engines"):
        for source in sorted((simulator / part).rglob("*.py")):
            found.update(f"\0{source.relative_to(simulator).as_posix()}\0".encode())
            found.update(source.read_bytes().replace(b"\r\n", b"\n"))
    return found.hexdigest()[:16]
