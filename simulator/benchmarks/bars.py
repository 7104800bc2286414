"""How fast the CUDA engine must be: bars, and what a measurement says of them."""

import dataclasses
from collections.abc import Mapping, Sequence

from simulator.benchmarks.device_rivals import DEVICE_RIVALS, EAGER

FASTEST = "fastest"
"""Stands for that rival of the table which is the fastest in a workload."""


@dataclasses.dataclass(frozen=True)
class Bar:
    """So many times as fast as a rival; on a device of the class of an H100.

    Attributes
    ----------
    times
        The least ratio.
    of
        A rival of `DEVICE_RIVALS`, or `FASTEST`.
    """

    times: float
    of: str = FASTEST


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What a measurement says of a bar.

    Attributes
    ----------
    bar
        The bar.
    held
        Whether it was reached; None where that is open.
    ratio, rival
        The ratio that decides, and to whom; None and "" where there is none.
    reason
        Why it is open; empty where it is not.
    """

    bar: Bar
    held: bool | None
    ratio: float | None = None
    rival: str = ""
    reason: str = ""


def judge(bar: Bar, ratios: Mapping[str, float | None], reasons: Mapping[str, str]) -> Verdict:
    """Return what the ratios say of a bar.

    The fastest of all rivals is not known while one of them was not measured: what was measured can then miss the bar,
    but not hold it.

    Parameters
    ----------
    ratios
        How many times as fast as each rival the engine is; None for one that was not measured.
    reasons
        Why one was not.
    """
    wanted: Sequence[str] = list(DEVICE_RIVALS) if bar.of == FASTEST else [bar.of]
    known = {name: ratio for name in wanted if (ratio := ratios.get(name)) is not None}
    absent = [name for name in wanted if name not in known]
    rival = min(known, key=lambda name: known[name], default="")
    ratio = known.get(rival)
    if ratio is not None and ratio < bar.times:
        return Verdict(bar, False, ratio, rival)
    if not absent:
        return Verdict(bar, True, ratio, rival)
    return Verdict(bar, None, ratio, rival, f"{absent[0]}: {reasons.get(absent[0], 'not measured')}")


BARS: dict[str, tuple[Bar, ...]] = {
    "penguins": (Bar(20.0, EAGER), Bar(1.5)),
    "spiral": (Bar(1.5),),
    "digits": (Bar(1.5),),
    "wide": (Bar(0.95),),
    "million": (Bar(1.5),),
}
"""The bars by the names of the workloads; one that is not here has none."""
