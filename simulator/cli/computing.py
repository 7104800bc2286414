"""The options about where it is computed, declared once for every command that computes."""

import re

from simulator.engines import devices
from simulator.errors import ConfigError

_UNITS = {letter: 1000 ** (place + 1) for place, letter in enumerate("kmgt")}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?", re.IGNORECASE)

DEVICES = "cpu, cuda, cuda:1 … for one of several GPUs, or auto for what is faster (see: nodeglow devices)."

MEMORY = "The most memory of a GPU that may be taken, as 2GB or 512MiB."
ALL = "all that is free"
"""What the default of that is called."""


def limit_memory(text: str | None) -> None:
    """Limit the memory of devices to what was typed; None for all that is free.

    Raises
    ------
    ConfigError
        When it is no amount of memory.
    """
    devices.limit_memory(None if text is None else memory(text))


def memory(text: str) -> int:
    """Return the bytes that are meant by "2GB", "512 MB" or "1.5GiB".

    Raises
    ------
    ConfigError
        When that is no amount of memory.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise ConfigError(f"{text!r} is no amount of memory", "Give a number with its unit, as 2GB or 512MiB.")
    number, letter, binary = found.groups()
    unit = 1 if not letter else 1024 ** ("kmgt".index(letter.lower()) + 1) if binary else _UNITS[letter.lower()]
    return round(float(number) * unit)
