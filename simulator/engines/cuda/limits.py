"""How much of a device's memory may be taken, and what is said when that is not enough."""

from simulator.engines.cuda.machine import MemoryUse
from simulator.errors import ConfigError, DeviceMemoryError

_UNITS = ("bytes", "KB", "MB", "GB", "TB")
_STEP = 1000.0

memory: int | None = None
"""How many bytes of a device this program may hold at most, as the user set it; None for all there are."""


def limit_memory(size: int | None) -> None:
    """Let this program hold so many bytes of a device at most, from the next allocation on; None for all there are.

    Raises
    ------
    ConfigError
        When the limit is not positive.
    """
    global memory  # noqa: PLW0603 - the one setting of this module
    if size is not None and size <= 0:
        raise ConfigError(f"{size} bytes are no limit for a device's memory", "Give a number above 0, or none.")
    memory = size


def allowed(use: MemoryUse) -> int:
    """Return how many more bytes may be taken: what is free, or what the limit leaves of it."""
    return use.free if memory is None else max(0, min(use.free, memory - use.held))


def admit(size: int, use: MemoryUse, title: str) -> None:
    """Let so many bytes be taken of a device, or refuse it.

    Raises
    ------
    DeviceMemoryError
        When they are more than the limit leaves, or more than are free.
    """
    if size > allowed(use):
        raise refused(size, use, title)


def refused(size: int, use: MemoryUse, title: str) -> DeviceMemoryError:
    """Return the error that says that so many bytes are too many."""
    room = allowed(use)
    bounded = room < use.free
    needs = f"{readable(size)} more are needed of the memory of {title}"
    if bounded:
        says = f"{needs}, and the limit of {readable(memory or 0)} leaves {readable(room)}"
        hint = "Raise the limit, train on the CPU, or take a smaller network, a smaller batch or fewer rows."
    else:
        says = f"{needs}, and {readable(room)} of {readable(use.total)} are free"
        hint = "Train on the CPU, close what else uses the device, or take a smaller network, batch or fewer rows."
    return DeviceMemoryError(says, hint, size, room)


def readable(size: int) -> str:
    """Return a number of bytes as people say it: "23.5 MB"."""
    value, unit = float(size), 0
    while value >= _STEP and unit + 1 < len(_UNITS):
        value, unit = value / _STEP, unit + 1
    return f"{size} bytes" if unit == 0 else f"{value:.3g} {_UNITS[unit]}"
