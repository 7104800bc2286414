"""The workloads on a device: our engine there, the one on the processor, PyTorch on the same device; turn by turn."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from simulator.benchmarks.bars import BARS, judge
from simulator.benchmarks.contestants import Contestant, Prepare, engine_contestant
from simulator.benchmarks.device_rivals import DEVICE_RIVALS
from simulator.benchmarks.measuring import Plan, Race
from simulator.benchmarks.workloads import WORKLOADS, Workload
from simulator.engines import TrainingData, choose, devices
from simulator.engines.threads import thread_count
from simulator.progress import Progress

DEVICE_WORKLOADS: dict[str, Workload] = {
    **WORKLOADS,
    "mnist_4096": dataclasses.replace(WORKLOADS["mnist"], batch_size=4096),
}
"""The workloads by their names: those of the processor, and one more with batches that only a GPU wants."""

OURS, PROCESSOR = "device", "cpu"
"""What our contestants are called: the engine that a session takes on the device, and the one that it takes on the
processor."""


def measure(
    name: str,
    device: str,
    plan: Plan,
    rivals: Sequence[str],
    keep: Callable[[dict[str, Any]], None],
    progress: Progress,
) -> dict[str, Any]:
    """Measure a workload of `DEVICE_WORKLOADS`, and return the results as JSON values.

    Parameters
    ----------
    device
        A name that `simulator.engines.devices.resolve` returned.
    rivals
        Names of `DEVICE_RIVALS`.
    keep
        Given the results so far, before every report of progress.

    Raises
    ------
    Cancelled
        When the progress was cancelled.
    """
    workload = DEVICE_WORKLOADS[name]
    entrants: dict[str, Prepare] = {OURS: _engine_on(device)}
    entrants |= {each: DEVICE_RIVALS[each].on(device) for each in rivals}
    entrants[PROCESSOR] = _engine_on(devices.CPU)
    race = Race(workload, entrants, plan)

    def reported(fraction: float | None, text: str) -> None:
        keep(_figures(name, device, race))
        progress.report(fraction, text)

    race.run(Progress(reported))
    return _figures(name, device, race)


def _engine_on(device: str) -> Prepare:
    def prepare(workload: Workload, data: TrainingData, threads: int) -> Contestant:
        row = choose("auto", workload.network, device)
        threads = min(threads, thread_count(workload.network, workload.config, device))
        return engine_contestant(row, workload.network, workload.config, data, threads, device)

    return prepare


def _figures(name: str, device: str, race: Race) -> dict[str, Any]:
    network = race.workload.network
    ratios = {rival: race.ratio(OURS, rival) for rival in DEVICE_RIVALS}
    reasons = {rival: race.left_out[rival] for rival in DEVICE_RIVALS if rival in race.left_out}
    if OURS in race.left_out:
        reasons = dict.fromkeys(DEVICE_RIVALS, race.left_out[OURS])
    verdicts = [judge(bar, ratios, reasons) for bar in BARS.get(name, ())]
    return {
        **race.figures(),
        "engines": {
            OURS: choose("auto", network, device).name,
            PROCESSOR: choose("auto", network, devices.CPU).name,
        },
        "bars": [dataclasses.asdict(verdict) for verdict in verdicts],
    }
