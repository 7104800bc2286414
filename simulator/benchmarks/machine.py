"""What the machine is, as far as it explains a timing."""

import os
import platform
from collections.abc import Iterable
from typing import Any

from simulator.engines import devices
from simulator.engines.threads import available
from simulator.training.conditions import version

_PACKAGES = ("numpy", "numba")


def describe(packages: Iterable[str] = ()) -> dict[str, Any]:
    """Return the processor, its cores, how many of them were at work in the last minute, and the versions.

    Those of Python, NumPy, Numba and the named packages; None is a package that is not installed.
    """
    return {
        "processor": devices.processor(),
        "cores": available(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in (*_PACKAGES, *packages)},
    }
