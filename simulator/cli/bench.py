"""`nodeglow bench`: how fast this machine trains, beside other libraries, and what else takes time."""

import json
import math
import sys
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from typer import Argument, Option

from simulator.benchmarks import contestants, costs, machine
from simulator.benchmarks.costs import COSTS
from simulator.benchmarks.device_costs import DEVICE_COSTS
from simulator.benchmarks.device_race import DEVICE_WORKLOADS
from simulator.benchmarks.device_rivals import DEVICE_RIVALS
from simulator.benchmarks.measuring import Plan, Race
from simulator.benchmarks.rivals import RIVALS, Rival
from simulator.benchmarks.workloads import WORKLOADS
from simulator.cli.bench_device import bench_device
from simulator.cli.bench_text import machine_lines, table
from simulator.cli.terminal import INTERRUPTED, Json, job
from simulator.engines import choose, devices
from simulator.engines.threads import available
from simulator.errors import ConfigError, SimulatorError
from simulator.progress import Cancelled
from simulator.tables import look_up

_NONE = "none"
Row = TypeVar("Row")
_BUSY = 0.5
"""The load from which it is said that others are at work: with a core busy, small products in two threads took seven
times as long as in one."""


def bench(
    names: Annotated[
        list[str] | None,
        Argument(
            metavar="NAME",
            help=f"All, or some of {', '.join([*WORKLOADS, *COSTS])}; on a device, all or some of "
            f"{', '.join([*DEVICE_WORKLOADS, *DEVICE_COSTS])}.",
            show_default=False,
        ),
    ] = None,
    rounds: Annotated[int, Option(help="How often every contestant has its turn.")] = 5,
    seconds: Annotated[float, Option(help="How long a turn takes; it is one epoch at least.")] = 0.5,
    threads: Annotated[
        int | None, Option(help="How many threads everybody may use; all cores if not given.", show_default=False)
    ] = None,
    rivals: Annotated[
        str | None,
        Option(
            help=f"Some of {', '.join(RIVALS)}, with commas, or {_NONE}; on a device, of {', '.join(DEVICE_RIVALS)}. "
            "All if not given.",
            show_default=False,
        ),
    ] = None,
    device: Annotated[str, Option(help="cpu; or cuda, cuda:1 …: our engine there beside PyTorch on the same GPU.")] = (
        devices.CPU
    ),
    limit: Annotated[
        float, Option(help="How many seconds a benchmark on a device may take before it is given up.")
    ] = 180.0,
    as_json: Json = False,
) -> int:
    """Measure the speed of training, and what else takes time.

    Exit status 0, also where there is no device to measure: then it says why, and what stays open. 1: a benchmark on a
    device ended by a defect or by its limit.
    """
    plan = _plan(rounds, seconds, threads, limit)
    if device != devices.CPU:
        everything: dict[str, object] = {**DEVICE_WORKLOADS, **DEVICE_COSTS}
        chosen = _chosen(DEVICE_RIVALS, rivals)
        return bench_device(device, _wanted(names, everything), list(chosen), plan, limit, as_json=as_json)
    wanted = _wanted(names, {**WORKLOADS, **COSTS})
    report = _Report(plan, _chosen(RIVALS, rivals), quiet=as_json)
    try:
        for name in wanted:
            if name in WORKLOADS:
                report.race(name)
            else:
                report.cost(name)
    except (Cancelled, KeyboardInterrupt):
        report.results["interrupted"] = True
        sys.stderr.write("nodeglow: interrupted\n")
    if as_json:
        sys.stdout.write(json.dumps(report.results) + "\n")
    return INTERRUPTED if report.results["interrupted"] else 0


def _plan(rounds: int, seconds: float, threads: int | None, limit: float) -> Plan:
    if rounds < 1:
        raise ConfigError(f"rounds cannot be {rounds}", "Give a whole number from 1 on.")
    for what, value in (("seconds", seconds), ("the limit", limit)):
        if not (math.isfinite(value) and value > 0):
            raise ConfigError(f"{what} cannot be {value:g}", "Give a number above 0.")
    if threads is not None and threads < 1:
        raise ConfigError(f"threads cannot be {threads}", "Give a whole number from 1 on.")
    return Plan(rounds, seconds, threads or available())


def _wanted(names: list[str] | None, everything: Mapping[str, object]) -> list[str]:
    wanted = list(dict.fromkeys(names or everything))
    for name in wanted:
        look_up(everything, name, "benchmark")
    return wanted


def _chosen(rows: Mapping[str, Row], text: str | None) -> dict[str, Row]:
    if text is None:
        return dict(rows)
    names = [part.strip() for part in text.split(",") if part.strip()]
    return {name: look_up(rows, name, "rival") for name in names if name != _NONE}


class _Report:
    """Measures, keeps what was measured, and prints it as it comes."""

    def __init__(self, plan: Plan, rivals: Mapping[str, Rival], *, quiet: bool) -> None:
        self._plan, self._quiet = plan, quiet
        self._rivals = {name: rival for name, rival in rivals.items() if rival.missing() is None}
        missing = {name: reason for name, rival in rivals.items() if (reason := rival.missing()) is not None}
        about = machine.describe(rival.package for rival in rivals.values() if rival.package)
        self.results: dict[str, Any] = {
            "machine": about,
            "threads": plan.threads,
            "rounds": plan.rounds,
            "seconds": plan.seconds,
            "missing": missing,
            "workloads": {},
            "costs": {},
            "interrupted": False,
        }
        self._print(machine_lines(about, plan))
        if about["load"] > _BUSY:
            self._print(
                f"Others are at work here (load {about['load']:.1f}): two threads suffer more from it than one."
            )
        for reason in missing.values():
            self._print(f"Left out: {reason}")

    def race(self, name: str) -> None:
        """Measure a workload, and print its table, of what there is when it is cancelled."""
        workload = WORKLOADS[name]
        entrants = contestants.engines() | {each: rival.prepare for each, rival in self._rivals.items()}
        race = Race(workload, entrants, self._plan)
        auto = choose("auto", workload.network).name
        try:
            with job() as progress:
                race.run(progress)
        finally:
            figures = {**race.figures(), "auto": auto}
            self.results["workloads"][name] = figures
            title = f"\n{name}: {workload.title}"
            self._print(title, *table(figures, list(self._rivals), {auto: f"{auto} (auto)"}))

    def cost(self, name: str) -> None:
        """Measure a cost and print it; one that cannot be measured is said to be so."""
        cost, value, reason = COSTS[name], None, None
        try:
            with job() as progress:
                value = cost.measure(self._plan, progress)
                progress.report(1.0)  # Ctrl-C may have ended what was measured
        except SimulatorError as error:
            reason = str(error)
        if not self.results["costs"]:
            self._print("")
        self.results["costs"][name] = {**costs.figures(cost, value), "reason": reason}
        figure = f"– ({reason})" if value is None else f"{value:.3g} {cost.unit}"
        bar = "" if cost.below is None else f" (bar: below {cost.below:g} {cost.unit})"
        self._print(f"{name}: {figure}{bar} · {cost.title}")

    def _print(self, *lines: str) -> None:
        if not self._quiet:
            sys.stdout.writelines(line + "\n" for line in lines)
            sys.stdout.flush()
