"""What `nodeglow bench` prints: the machine in two lines, and tables of contestants."""

from collections.abc import Mapping, Sequence
from typing import Any

from simulator.benchmarks.measuring import Plan


def machine_lines(about: Mapping[str, Any], plan: Plan) -> str:
    """Return what `simulator.benchmarks.machine.describe` said, and how is measured."""
    versions = [f"{package} {version}" for package, version in about["versions"].items() if version is not None]
    cores = f"{about['cores']} core{'s' if about['cores'] != 1 else ''}"
    threads = f"{plan.threads} thread{'s' if plan.threads != 1 else ''}"
    machine_line = ", ".join(
        [f"{about['processor']}, {cores}", about["system"], f"Python {about['python']}", *versions]
    )
    turns = f"{plan.rounds} round{'s' if plan.rounds != 1 else ''} of {plan.seconds:g} s a turn"
    return f"{machine_line}\n{threads}, {turns}; medians, and medians of the rounds' ratios"


def table(figures: Mapping[str, Any], rivals: Sequence[str], titles: Mapping[str, str]) -> list[str]:
    """Return a line a contestant: epochs a second, and how many times as fast as each rival it is.

    Parameters
    ----------
    figures
        What `simulator.benchmarks.measuring.Race.figures` returned.
    titles
        What contestants are called, where that is not their name.
    """
    rows = [["", "epochs/s", *(f"× {rival}" for rival in rivals)]]
    for name, entry in figures["contestants"].items():
        rows.append(
            [
                titles.get(name, name),
                number(entry["epochs_per_second"]),
                *(number(entry["ratios"].get(r)) for r in rivals),
            ]
        )
    rows += [[titles.get(name, name), "–", *("–" for _ in rivals)] for name in figures["left_out"]]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))])
        for row in rows
    ]
    return [*lines, *(f"– {titles.get(name, name)}: {reason}" for name, reason in figures["left_out"].items())]


def number(value: float | None) -> str:
    """Return three figures, and all that stand before the point."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:#.3g}"
