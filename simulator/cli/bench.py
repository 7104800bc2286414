"""`nodeglow bench`: how fast this machine trains, beside other libraries, and what else takes time."""

import json
import math
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from typer import Argument, Option

from simulator.benchmarks import contestants, costs, machine
from simulator.benchmarks.costs import COSTS
from simulator.benchmarks.measuring import Plan, Race
from simulator.benchmarks.rivals import RIVALS, Rival
from simulator.benchmarks.workloads import WORKLOADS
from simulator.cli.terminal import INTERRUPTED, Json, job
from simulator.engines import choose
from simulator.engines.threads import available
from simulator.errors import ConfigError, SimulatorError
from simulator.progress import Cancelled
from simulator.tables import look_up

_NONE = "none"
_BUSY = 0.5
"""The load from which it is said that others are at work: with a core busy, small products in two threads took seven
times as long as in one."""


def bench(
    names: Annotated[
        list[str] | None,
        Argument(metavar="NAME", help=f"All, or some of {', '.join([*WORKLOADS, *COSTS])}.", show_default=False),
    ] = None,
    rounds: Annotated[int, Option(help="How often every contestant has its turn.")] = 5,
    seconds: Annotated[float, Option(help="How long a turn takes; it is one epoch at least.")] = 0.5,
    threads: Annotated[
        int | None, Option(help="How many threads everybody may use; all cores if not given.", show_default=False)
    ] = None,
    rivals: Annotated[str, Option(help=f"Some of {', '.join(RIVALS)}, with commas; or {_NONE}.")] = ",".join(RIVALS),
    as_json: Json = False,
) -> int:
    """Measure the speed of training, and what else takes time."""
    plan = _plan(rounds, seconds, threads)
    chosen = _rivals(rivals)
    everything: dict[str, object] = {**WORKLOADS, **COSTS}
    wanted = list(dict.fromkeys(names or everything))
    for name in wanted:
        look_up(everything, name, "benchmark")
    report = _Report(plan, chosen, quiet=as_json)
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


def _plan(rounds: int, seconds: float, threads: int | None) -> Plan:
    if rounds < 1:
        raise ConfigError(f"rounds cannot be {rounds}", "Give a whole number from 1 on.")
    if not (math.isfinite(seconds) and seconds > 0):
        raise ConfigError(f"seconds cannot be {seconds:g}", "Give a number above 0.")
    if threads is not None and threads < 1:
        raise ConfigError(f"threads cannot be {threads}", "Give a whole number from 1 on.")
    return Plan(rounds, seconds, threads or available())


def _rivals(text: str) -> dict[str, Rival]:
    names = [part.strip() for part in text.split(",") if part.strip()]
    return {name: look_up(RIVALS, name, "rival") for name in names if name != _NONE}


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
        self._print(_about(about, plan))
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
            self._print(f"\n{name}: {workload.title}", *_table(figures, list(self._rivals)))

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


def _about(about: Mapping[str, Any], plan: Plan) -> str:
    versions = [f"{package} {version}" for package, version in about["versions"].items() if version is not None]
    cores = f"{about['cores']} core{'s' if about['cores'] != 1 else ''}"
    threads = f"{plan.threads} thread{'s' if plan.threads != 1 else ''}"
    machine_line = ", ".join(
        [f"{about['processor']}, {cores}", about["system"], f"Python {about['python']}", *versions]
    )
    turns = f"{plan.rounds} round{'s' if plan.rounds != 1 else ''} of {plan.seconds:g} s a turn"
    return f"{machine_line}\n{threads}, {turns}; medians, and medians of the rounds' ratios"


def _table(figures: Mapping[str, Any], rivals: Sequence[str]) -> list[str]:
    """Return a line a contestant: epochs a second, and how many times as fast as each rival it is."""
    rows = [["", "epochs/s", *(f"× {rival}" for rival in rivals)]]
    for name, entry in figures["contestants"].items():
        marked = f"{name} (auto)" if name == figures["auto"] else name
        rows.append([marked, _number(entry["epochs_per_second"]), *(_number(entry["ratios"].get(r)) for r in rivals)])
    rows += [[name, "–", *("–" for _ in rivals)] for name in figures["left_out"]]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))])
        for row in rows
    ]
    return [*lines, *(f"– {name}: {reason}" for name, reason in figures["left_out"].items())]


def _number(value: float | None) -> str:
    """Return three figures, and all that stand before the point."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:#.3g}"
