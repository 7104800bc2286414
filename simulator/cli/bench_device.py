"""`nodeglow bench --device cuda`: how fast our engine trains on a GPU, beside PyTorch on the same one."""

import dataclasses
import json
import sys
from collections.abc import Sequence
from typing import Any

from simulator.benchmarks import apart, device_costs, device_race, machine
from simulator.benchmarks.bars import BARS, FASTEST
from simulator.benchmarks.device_costs import DEVICE_COSTS
from simulator.benchmarks.device_race import DEVICE_WORKLOADS, OURS, PROCESSOR
from simulator.benchmarks.measuring import Plan
from simulator.cli.bench_text import machine_lines, number, table
from simulator.cli.terminal import INTERRUPTED, INTERRUPTION, job
from simulator.engines import devices
from simulator.errors import ConfigError, DeviceError, SimulatorError
from simulator.progress import Cancelled

_PACKAGES = ("cupy-cuda12x", "cupy-cuda13x", "torch", "triton")
_FAILED = 1
"""The exit status where a benchmark of ours ended by a defect, a crash, or its limit: the others are there."""


def bench_device(
    device: str, names: Sequence[str], rivals: Sequence[str], plan: Plan, limit: float, *, as_json: bool
) -> int:
    """Measure on a device; where there is none, say which rows are open and why, and return 0.

    Parameters
    ----------
    device
        "cuda" or "cuda:N".
    names
        Of `DEVICE_WORKLOADS` and `DEVICE_COSTS`.
    rivals
        Of `DEVICE_RIVALS`.
    limit
        How many seconds each of the names may take.

    Raises
    ------
    ConfigError
        When the name is no device.
    """
    if device == "auto":
        raise ConfigError("a benchmark measures one device", "Give --device cuda, or cuda:1 for the second one.")
    report = _Report(plan, limit, quiet=as_json)
    try:
        found = devices.resolve(device)
        report.begin(found)
    except DeviceError as error:
        report.leave_open(names, error)
    else:
        try:
            for name in names:
                if name in DEVICE_WORKLOADS:
                    report.race(name, found, rivals)
                else:
                    report.cost(name, found)
        except (Cancelled, KeyboardInterrupt):
            report.results["interrupted"] = True
            sys.stderr.write(INTERRUPTION)
    if as_json:
        sys.stdout.write(json.dumps(report.results) + "\n")
    return INTERRUPTED if report.results["interrupted"] else _FAILED if report.results["failed"] else 0


class _Report:
    """Measures each benchmark in a process of its own, keeps what was measured, and prints it as it comes."""

    def __init__(self, plan: Plan, limit: float, *, quiet: bool) -> None:
        self._plan, self._limit, self._quiet = plan, limit, quiet
        about = machine.describe(_PACKAGES)
        self.results: dict[str, Any] = {
            "machine": about,
            "threads": plan.threads,
            "rounds": plan.rounds,
            "seconds": plan.seconds,
            "device": None,
            "reason": "",
            "hint": "",
            "open": [],
            "workloads": {},
            "costs": {},
            "failed": {},
            "interrupted": False,
        }
        self._print(machine_lines(about, plan))

    def begin(self, device: str) -> None:
        """Say what the device is."""
        found = devices.device_of(device)
        self.results["device"] = dataclasses.asdict(found)
        self._print(
            f"{found.name}: {found.title}, {found.total / 1e9:.1f} GB, compute capability {found.capability}, "
            f"driver for CUDA {found.driver}",
            "float32 without TF32 for all; the bars are for a device of the class of an H100",
        )

    def leave_open(self, names: Sequence[str], error: DeviceError) -> None:
        """Say why nothing can be measured, and what stays open."""
        self.results |= {"reason": error.message, "hint": error.hint, "open": list(names)}
        self._print(f"no device: these rows are open ({error.message})", error.hint)
        for name in names:
            if name in DEVICE_WORKLOADS:
                bars = " and ".join(f"≥ {bar.times:g} × {_rival(bar.of)}" for bar in BARS.get(name, ()))
                said = f" (bar: {bars})" if bars else ""
                self._print(f"{name}: open{said} · {DEVICE_WORKLOADS[name].title}")
            else:
                self._print(f"{name}: open · {DEVICE_COSTS[name].title}")

    def race(self, name: str, device: str, rivals: Sequence[str]) -> None:
        """Measure a workload, and print its table and what became of its bars; of what there is when it ends early."""
        so_far: list[dict[str, Any]] = []
        failure = ""
        try:
            arguments = name, device, self._plan, tuple(rivals)
            with job() as progress:
                so_far.append(apart.measured(device_race.measure, arguments, self._limit, so_far.append, progress))
        except SimulatorError as error:
            failure = str(error)
        finally:
            self._print(f"\n{name}: {DEVICE_WORKLOADS[name].title}")
            if so_far:
                figures = self.results["workloads"][name] = so_far[-1]
                engines = figures["engines"]
                titles = {OURS: f"{engines[OURS]} on {device}", PROCESSOR: f"{engines[PROCESSOR]} on the processor"}
                self._print(
                    *table(figures, [each for each in (*rivals, PROCESSOR) if each in figures["contestants"]], titles)
                )
                self._print(*(_said(verdict) for verdict in figures["bars"]))
        if failure:
            self.results["failed"][name] = failure
            self._print(f"failed: {failure}")

    def cost(self, name: str, device: str) -> None:
        """Measure a cost and print it; one that cannot be measured is said to be so."""
        cost, value, reason = DEVICE_COSTS[name], None, None
        try:
            arguments = name, device, self._plan
            with job() as progress:
                value = apart.measured(device_costs.measure, arguments, self._limit, _nothing, progress)["value"]
        except SimulatorError as error:
            reason = self.results["failed"][name] = str(error)
        if not self.results["costs"]:
            self._print("")
        self.results["costs"][name] = {"title": cost.title, "unit": cost.unit, "value": value, "reason": reason}
        figure = f"– ({reason})" if value is None else f"{number(value)} {cost.unit}"
        self._print(f"{name}: {figure} · {cost.title}")

    def _print(self, *lines: str) -> None:
        if not self._quiet:
            sys.stdout.writelines(line + "\n" for line in lines)
            sys.stdout.flush()


def _nothing(figures: dict[str, Any]) -> None:
    """Keep no figures: a cost is one number, or none."""


def _rival(name: str) -> str:
    return "PyTorch's fastest" if name == FASTEST else name


def _said(verdict: dict[str, Any]) -> str:
    """Return what became of a bar, in a line."""
    bar = f"(bar: ≥ {verdict['bar']['times']:g} × {_rival(verdict['bar']['of'])})"
    ratio = f"{number(verdict['ratio'])} × {verdict['rival']} " if verdict["ratio"] is not None else ""
    if verdict["held"] is None:
        return f"open: {ratio}{bar}; {verdict['reason']}"
    return f"{'held' if verdict['held'] else 'missed'}: {ratio}{bar}"
