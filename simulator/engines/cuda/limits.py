"""How much of a device's memory may still be taken, and what is said when that is not enough."""

from simulator.engines.cuda.machine import Machine, MemoryUse
from simulator.errors import DeviceMemoryError

_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_STEP = 1000.0


def allowed(use: MemoryUse, limit: int | None) -> int:
    """Return how many more bytes may be taken: what is free, or what a limit of all that is held leaves of it."""
    return use.free if limit is None else max(0, min(use.free, limit - use.held))


def admit(size: int, use: MemoryUse, limit: int | None, title: str) -> None:
    """Let so many bytes be taken of the device that is called `title`, or refuse it.

    Raises
    ------
    DeviceMemoryError
        When they are more than the limit leaves, or more than are free.
    """
    if size > allowed(use, limit):
        raise refused(size, use, limit, title)


def refused(size: int, use: MemoryUse, limit: int | None, title: str) -> DeviceMemoryError:
    """Return the error that says that so many bytes are too many."""
    room = allowed(use, limit)
    needs = f"{readable(size)} more are needed of the memory of {title}"
    if limit is not None and room < use.free:
        return DeviceMemoryError(
            f"{needs}, and its limit of {readable(limit)} leaves {readable(room)}",
            "Raise the limit, train on the CPU, or take a smaller network, a smaller batch or fewer rows.",
            size,
            room,
        )
    return DeviceMemoryError(
        f"{needs}, and {readable(room)} of {readable(use.total)} are free",
        "Train on the CPU, close what else uses the device, or take a smaller network, a smaller batch or fewer rows.",
        size,
        room,
    )


def no_room(needed: int, data: int, free: int, machine: Machine) -> DeviceMemoryError:
    """Return the error that says that a whole run, of whose bytes `data` are its rows, is too large for what is free.

    Parameters
    ----------
    free
        How many bytes it could have had.
    machine
        The device, with the limit that is in force.
    """
    use, limit = machine.memory(), machine.limit
    needs = (
        f"{machine.device.title} has no room for this run: it needs {readable(needed)} ({readable(data)} for the data)"
    )
    if limit is not None and allowed(use, limit) < use.free:
        left = f"and the limit of {readable(limit)} leaves {readable(free)}"
        hint = "Raise the limit, train on the CPU, or take fewer rows or a smaller network."
    else:
        left = f"and {readable(free)} of {readable(use.total)} are free"
        hint = "Train on the CPU, close what else uses the device, or take fewer rows or a smaller network."
    return DeviceMemoryError(f"{needs}, {left}", hint, needed, free)


def readable(size: int) -> str:
    """Return a number of bytes as people say it: "23.5 MB"."""
    value, unit = float(size), 0
    while value >= _STEP - 0.5 and unit + 1 < len(_UNITS):
        value, unit = value / _STEP, unit + 1
    return f"{size} bytes" if unit == 0 else f"{value:.3g} {_UNITS[unit]}"
