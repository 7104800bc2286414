"""Where a network is trained: as somebody says, or, with "auto", where an update is predicted to be faster, and why."""

import dataclasses
from collections.abc import Mapping

from simulator.engines import devices, speeds
from simulator.engines.cuda.machine import Device
from simulator.engines.devices import CPU
from simulator.engines.table import choose
from simulator.errors import DeviceError
from simulator.progress import Progress
from simulator.spec import NetworkSpec, TrainingConfig

AUTO = "auto"

_MARGIN = 1.2
"""How many times as fast a device must be predicted to be: what is predicted to be about the same stays on the CPU."""


@dataclasses.dataclass(frozen=True)
class Choice:
    """A device, and why.

    Attributes
    ----------
    device
        A name that `simulator.engines.devices.resolve` returned.
    reason
        Of "auto": what was chosen and why, as "cuda:0, where …". Of a device that somebody named: empty, or that the
        CPU is predicted to be faster.
    seconds
        How long an update is predicted to take, by the name of the device; empty where nothing was compared.
    """

    device: str
    reason: str = ""
    seconds: Mapping[str, float] = dataclasses.field(default_factory=dict[str, float])


def decide(
    device: str,
    network: NetworkSpec,
    config: TrainingConfig,
    rows: int,
    engine: str = AUTO,
    progress: Progress | None = None,
    spare: int = 0,
) -> Choice:
    """Return where a network is trained.

    The first time that this compares devices on a computer, it measures some updates on each of them, which takes about
    a second, and keeps what it found. Where there is no device nothing is measured. For the same measurements the
    choice is the same.

    Parameters
    ----------
    device
        "cpu", "cuda", "cuda:N" or "auto".
    network, config, rows
        What is trained, and how many training rows there are.
    engine
        A name of `simulator.engines.ENGINES`, or "auto": one that runs on the CPU alone keeps "auto" there.
    progress
        Told what is measured; it can cancel.
    spare
        How many cores are left to others.

    Raises
    ------
    ConfigError
        When the device or the engine does not exist, or the one does not run on the other.
    DeviceError
        When the device that is named cannot be used.
    Cancelled
        When the progress was cancelled.
    """
    if device == AUTO:
        return _automatic(network, config, rows, engine, progress or Progress(), spare)
    found = devices.resolve(device)
    choose(engine, network, found)
    if found == CPU or engine != AUTO:
        return Choice(found)
    try:
        seconds = _predicted([devices.device_of(found)], network, config, rows, progress or Progress(), spare)
    except DeviceError:  # opening it says so too
        return Choice(found)
    here, there = seconds[CPU], seconds[found]
    if there <= here:
        return Choice(found, "", seconds)
    slower = f"an update should take {duration(there)} on {found}, and {duration(here)} on the CPU ({speeds.SOURCE})"
    return Choice(found, f"slower than the CPU for this network: {slower}", seconds)


def _automatic(
    network: NetworkSpec, config: TrainingConfig, rows: int, engine: str, progress: Progress, spare: int
) -> Choice:
    if engine != AUTO and CPU in choose(engine, network, None).runs_on:
        return Choice(CPU, f"cpu, since the {engine} engine was asked for")
    found = devices.survey()
    if not found.devices:
        return Choice(CPU, f"cpu, since {found.trouble}")
    if engine != AUTO:
        return Choice(found.devices[0].name, f"{found.devices[0].name}, since the {engine} engine was asked for")
    try:
        seconds = _predicted(found.devices, network, config, rows, progress, spare)
    except DeviceError as error:
        return Choice(CPU, f"cpu, since {error.message}")
    best = min((each.name for each in found.devices), key=lambda name: seconds[name])
    here, there = seconds[CPU], seconds[best]
    if there * _MARGIN < here:
        said = f"{best}, where an update should take {duration(there)} instead of {duration(here)} on the CPU"
        return Choice(best, f"{said} ({speeds.SOURCE})", seconds)
    said = f"cpu, where an update should take {duration(here)}; on {best} it should take {duration(there)}"
    return Choice(CPU, f"{said} ({speeds.SOURCE})", seconds)


def _predicted(
    there: tuple[Device, ...] | list[Device],
    network: NetworkSpec,
    config: TrainingConfig,
    rows: int,
    progress: Progress,
    spare: int,
) -> dict[str, float]:
    """Return how many seconds an update should take on the CPU and on devices."""
    batch = max(1, min(config.batch_size, rows))
    known = speeds.measured(there, config, progress, spare)
    return {name: speed.seconds(network, batch) for name, speed in known.items()}


def duration(seconds: float) -> str:
    """Return a short time in words: "45 µs", "0.12 ms", "1.3 s"."""
    for unit, scale in (("µs", 1e6), ("ms", 1e3)):
        if seconds * scale < (100 if unit == "µs" else 1000):
            return f"{seconds * scale:.2g} {unit}" if seconds * scale < 99.5 else f"{seconds * scale:.0f} {unit}"
    return f"{seconds:.2g} s" if seconds < 99.5 else f"{seconds:.0f} s"
