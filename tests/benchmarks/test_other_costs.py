"""What else takes time: what `nodeglow bench` prints below its tables, kept in the benchmarks' records."""

import math
import sys

import pytest

from simulator.benchmarks.costs import COSTS
from simulator.benchmarks.measuring import Plan
from simulator.progress import Progress

LONG = ("first_frame", "network_on_screen", *(name for name in COSTS if name.startswith("canvas_")))


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.slow if name in LONG else ()) for name in COSTS])
def test_a_cost(benchmark, name):
    cost = COSTS[name]
    enabled = benchmark.enabled
    plan = Plan(rounds=5 if enabled else 1, seconds=0.5 if enabled else 0.05)
    value = benchmark.pedantic(cost.measure, args=(plan, Progress()), rounds=1)
    benchmark.extra_info.update(value=value, unit=cost.unit, title=cost.title)
    sys.stdout.write(f"{name}: {value:.3g} {cost.unit}\n")
    assert math.isfinite(value)
    assert value > 0 or cost.unit == "%"
