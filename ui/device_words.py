"""What is said about devices: memory in readable units, what a list and the status bar say. No Qt in here."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.errors import ConfigError

if TYPE_CHECKING:
    from simulator.engines.cuda.machine import Device
    from simulator.training.events import DeviceUsed

CPU, AUTO = "cpu", "auto"
NO_LIMIT = "no limit"
_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_LETTERS = {letter: 1000 ** (place + 1) for place, letter in enumerate("kmgt")}
_TYPED = re.compile(r"(\d+(?:[.,]\d+)?)\s*([kmgt]?)(i?)b?(?:ytes?)?", re.IGNORECASE)
_FIGURE_SPACE = "\u2007"
_COMMAND = re.compile(r'pip install (?:"[^"]+"|\S+)')
_NUMBERED = re.compile(r"\bcuda:\d+\b")
_OTHER_WAYS = re.compile(r",? ?(?:or|and)? ?\buse --device cpu", re.IGNORECASE)
_ONE_STOP = re.compile(r"\.\s*(?=\.)")


def memory_text(size: int) -> str:
    """Return an amount of memory with three digits that count, as "212 MB"; a MB is 1,000,000 bytes."""
    value, place = float(size), 0
    while value >= 999.5 and place < len(_UNITS) - 1:
        value, place = value / 1000, place + 1
    if not place:
        return f"{size:,} {'byte' if size == 1 else 'bytes'}"
    decimals = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:.{decimals}f} {_UNITS[place]}"


def parse_memory(text: str) -> int | None:
    """Turn typed text into bytes: "2 GB", "512 MB", "1.5 GiB"; None for nothing and "no limit".

    Raises
    ------
    ConfigError
        When the text is no amount of memory, or less than 1 MB.
    """
    text = text.strip()
    if text.lower() in ("", "none", "off", NO_LIMIT):
        return None
    found = _TYPED.fullmatch(text.replace("\u202f", " ").replace("\xa0", " "))
    hint = f"Give an amount such as 2 GB or 512 MB, or “{NO_LIMIT}”."
    if found is None:
        raise ConfigError(f"the memory cannot be {text!r}", hint)
    number, letter, binary = found.groups()
    unit = 1 if not letter else 1024 ** ("kmgt".index(letter.lower()) + 1) if binary else _LETTERS[letter.lower()]
    size = round(float(number.replace(",", ".")) * unit)
    if size < _LETTERS["m"]:
        raise ConfigError(f"the memory cannot be {memory_text(size)}", f"The least is 1 MB. {hint}")
    return size


def limit_text(size: int | None) -> str:
    """Return a limit as it would be typed."""
    if size is None:
        return NO_LIMIT
    for power, unit in ((3, "GB"), (2, "MB"), (1, "kB")):
        if size % 1000**power == 0:
            return f"{size // 1000**power} {unit}"
    return f"{size} bytes"


def line_of(device: "Device", devices: Sequence["Device"]) -> str:
    """Return how a list calls a device: "NVIDIA H200 · 139 GB free of 141 GB"; two of one name have their numbers."""
    parts = [device.title, f"{memory_text(device.free)} free of {memory_text(device.total)}"]
    if len(devices) > 1:
        parts.insert(1, device.name)
    return " · ".join(parts)


def hardware_of(device: "Device") -> str:
    """Return what a device is, in a line."""
    return (
        f"{device.title}, {device.name}: compute capability {device.capability}, its driver knows CUDA up to "
        f"{device.driver}"
    )


def threads_text(threads: int) -> str:
    """Return "1 thread", "2 threads"."""
    return f"{threads} thread{'s' if threads > 1 else ''}"


def short(name: str, *, alone: bool = False) -> str:
    """Return what a device is called in a few letters: "CPU", "GPU cuda:1", "Automatic"; "GPU" where there is one."""
    return {CPU: "CPU", AUTO: "Automatic", "": ""}.get(name, "GPU" if alone else f"GPU {name}")


def used_text(device: str, threads: int, used: "DeviceUsed | None", *, alone: bool = False) -> str:
    """Return what the status bar says: how busy the device is, our share of its memory, and its name.

    All figures are as wide as the widest of them; the one that is often shorter stands first, so that no gap is seen.
    """
    if device == CPU:
        return f"CPU · {threads_text(threads)}"
    if used is None:
        return short(device, alone=alone)
    busy = f"{100 * min(1.0, max(0.0, used.busy)):.0f}".rjust(3, _FIGURE_SPACE)
    return f"{busy} % busy · {memory_text(used.held)} · {short(device, alone=alone)}"


def reason_text(reason: str, choice: str, *, alone: bool = False) -> str:
    """Return why the numbers are computed where they are, as a sentence; empty where nothing is to be said.

    The only GPU of a computer needs no number.
    """
    if not reason:
        return ""
    said = f"CPU{reason[3:]}" if reason.startswith("cpu,") else reason
    if alone:
        said = _NUMBERED.sub("the GPU", said)
    said = f"Automatic: {said}" if choice == AUTO else said[:1].upper() + said[1:]
    return said if said.endswith(".") else f"{said}."


def hint_here(hint: str) -> str:
    """Return a hint without the ways out of the command line, which mean nothing in front of a window."""
    return _ONE_STOP.sub(".", _OTHER_WAYS.sub("", hint)).strip(" .") + "." if _OTHER_WAYS.search(hint) else hint


def no_gpu(trouble: str, hint: str) -> tuple[str, str]:
    """Return why there is no GPU and what helps, as sentences, and the command that they speak of, or nothing."""
    found = _COMMAND.search(hint)
    command = "" if found is None else found[0]
    advice = hint_here(hint.replace(f": {command}", " this command") if command else hint)
    return f"No GPU: {trouble}. {advice}".strip(" .") + ".", command
