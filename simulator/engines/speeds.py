"""How long an update takes on the CPU and on devices: measured once on a computer, and predicted for any shape."""

import contextlib
import dataclasses
import hashlib
import importlib.metadata
import itertools
import json
import math
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from simulator.engines import devices, kernel_files
from simulator.engines.cuda.machine import Device
from simulator.engines.engine import TrainingData
from simulator.engines.table import choose
from simulator.engines.threads import available, blas_threads, thread_count
from simulator.progress import Progress
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig

SOURCE = "measured on this computer"

SHAPES = (((4, 8, 8, 3), 16), ((28, 64, 64, 2), 1024), ((784, 992, 992, 10), 512))
"""What is measured, from small to large: the width of every layer, and the rows of a batch. On the CPU one engine runs
all of them, whose kernels most people have already."""

_LAYERS = 3
"""How many linear layers each of them has."""

_UPDATE_ROWS = 32
"""The pass of the optimizer over a parameter costs about as much as so many rows do: it is bound by memory, and the
rows are bound by arithmetic. (Adam moves 28 bytes a parameter, a row takes 6 operations.)"""

_LEAST_SECONDS, _ENOUGH_SECONDS, _TOO_LONG = 0.004, 0.08, 2.0
"""A reading takes so long at least; readings of a shape are taken for so long; what would take longer is not measured,
but taken to be as fast as what was measured before it."""


@dataclasses.dataclass(frozen=True)
class Speed:
    """What was measured on one device.

    Attributes
    ----------
    measured
        The seconds of an update for each of `SHAPES`.
    """

    measured: tuple[float, ...]

    def seconds(self, network: NetworkSpec, batch_size: int) -> float:
        """Return how long an update of a network should take.

        That is an overhead for every layer, and the work divided by the rate at which work of about that size was done:
        a broken line through the measurements, which goes on beyond them as straight as it came.
        """
        works = [work(_network(sizes), rows) for sizes, rows in SHAPES]
        times = np.maximum.accumulate(self.measured).tolist()  # more work never takes less time
        slopes = [(t - s) / (v - w) for (w, s), (v, t) in itertools.pairwise(zip(works, times, strict=True))]
        overhead = max(0.0, times[0] - slopes[0] * works[0])
        amount = work(network, batch_size)
        if amount > works[-1]:
            whole = times[-1] + slopes[-1] * (amount - works[-1])
        else:
            whole = float(np.interp(amount, [0.0, *works], [overhead, *times]))
        return whole - overhead + overhead * len(network.shapes) / _LAYERS


def work(network: NetworkSpec, batch_size: int) -> float:
    """Return how much work an update is: for every parameter the rows of the batch, and the optimizer's pass."""
    return float(network.parameter_count) * (batch_size + _UPDATE_ROWS)


_known: dict[str, Speed] = {}
_turn = threading.Lock()


def measured(there: Sequence[Device], config: TrainingConfig, progress: Progress, spare: int = 0) -> dict[str, Speed]:
    """Return the speeds of the CPU and of devices, by their names, for the number format of a configuration.

    What was never measured on this computer is measured now, and kept in the user's cache folder.

    Parameters
    ----------
    there
        The devices.
    spare
        How many cores are left to others.

    Raises
    ------
    DeviceError
        When one of the devices cannot be used.
    Cancelled
        When the progress was cancelled.
    """
    plain = TrainingConfig(optimizer=Rule("adam", learning_rate=1e-4), dtype=config.dtype)
    tried = dataclasses.replace(plain, tf32=config.tf32)
    with _turn:
        found = {devices.CPU: _speed(devices.CPU, _about_cpu(plain, spare), plain, spare, progress)}
        for each in there:
            found[each.name] = _speed(each.name, _about(each, tried), tried, spare, progress)
    return found


def _about_cpu(config: TrainingConfig, spare: int) -> dict[str, Any]:
    return {"processor": devices.processor(), "threads": max(1, available() - spare), **_about_program(config)}


def _about(device: Device, config: TrainingConfig) -> dict[str, Any]:
    about = {"gpu": device.title, "capability": device.capability, "driver": device.driver}
    return {**about, **devices.describe(device.name), "tf32": config.tf32, **_about_program(config)}


def _about_program(config: TrainingConfig) -> dict[str, Any]:
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        return {"dtype": config.dtype, "nodeglow": importlib.metadata.version("nodeglow"), "shapes": SHAPES}
    return {"dtype": config.dtype, "shapes": SHAPES}


def _speed(device: str, about: dict[str, Any], config: TrainingConfig, spare: int, progress: Progress) -> Speed:
    """Return a speed as it is known, kept or, now, measured; what it depends on is the name under which it is kept."""
    text = json.dumps(about, sort_keys=True)
    if text not in _known:
        with contextlib.suppress(OSError, RuntimeError):  # no folder: it is measured in every process
            path = kernel_files.cache() / f"speed-{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"
            _known[text] = _read(path) or _kept(path, about, _measure(device, config, spare, progress))
    if text not in _known:
        _known[text] = _measure(device, config, spare, progress)
    return _known[text]


def _read(path: Path) -> Speed | None:
    """Return a speed that was kept; None where there is none that can be believed."""
    try:
        measured = tuple(map(float, json.loads(path.read_bytes())["seconds"]))
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    usable = len(measured) == len(SHAPES) and all(0.0 < each < 3600.0 for each in measured)
    return Speed(measured) if usable else None


def _kept(path: Path, about: dict[str, Any], speed: Speed) -> Speed:
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        kernel_files.write_json(path, {"about": about, "seconds": speed.measured})
    return speed


def _measure(device: str, config: TrainingConfig, spare: int, progress: Progress) -> Speed:
    found: list[float] = []
    for nth, (sizes, rows) in enumerate(SHAPES):
        progress.report(nth / len(SHAPES), f"measuring how fast {device} is, once on this computer")
        network = _network(sizes)
        if found:
            before, count = SHAPES[nth - 1]
            slowest = found[-1] * work(network, rows) / work(_network(before), count)
            if slowest > _TOO_LONG:
                found.append(slowest)
                continue
        found.append(_update_seconds(device, network, dataclasses.replace(config, batch_size=rows), spare, progress))
    return Speed(tuple(found))


def _network(sizes: Sequence[int]) -> NetworkSpec:
    return NetworkSpec(sizes[0], tuple(LayerSpec(units, "relu") for units in sizes[1:-1]), sizes[-1])


def _update_seconds(device: str, network: NetworkSpec, config: TrainingConfig, spare: int, progress: Progress) -> float:
    """Return the seconds of an update, as fast as it was at best: whatever else the machine does only adds to it."""
    rows = config.batch_size * max(2, 64 // config.batch_size)
    threads = thread_count(network, config, device, spare)
    engine = choose("auto", network, device)(network, config, _rows(network, rows), device, threads)
    engine.prepare(progress)
    epochs, best, began = 1, math.inf, time.perf_counter()
    with blas_threads(engine.blas_threads):
        engine.advance(1, 0, engine.items)  # whatever is done once at the beginning is done here
        engine.parameters()
        while time.perf_counter() - began < _ENOUGH_SECONDS or math.isinf(best):
            reading = time.perf_counter()
            engine.advance(engine.epoch + epochs, 0, epochs * engine.items)
            engine.parameters()  # a device may still be working on it
            took = time.perf_counter() - reading
            best = min(best, took / (epochs * engine.batches))
            if took < _LEAST_SECONDS:
                epochs *= 2
    return best


def _rows(network: NetworkSpec, rows: int) -> TrainingData:
    drawn = np.random.default_rng(0)
    X = drawn.standard_normal((rows, network.inputs), dtype=np.float32)
    Y = np.eye(network.outputs, dtype=np.float32)[drawn.integers(0, network.outputs, rows)]
    return TrainingData(X, Y, X[:0], Y[:0], classification=True)
