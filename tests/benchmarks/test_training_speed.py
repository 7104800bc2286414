"""An epoch of every workload by every engine. Timed with: pytest tests/benchmarks --benchmark-enable -m ""."""

import dataclasses

import numpy as np
import pytest

from simulator.benchmarks.contestants import engines
from simulator.benchmarks.workloads import WORKLOADS
from simulator.engines.threads import available
from simulator.errors import SimulatorError

FEWER = {"mnist": 6400, "wide": 1024, "million": 102_400}


@pytest.mark.parametrize("engine_name", engines())
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name in FEWER else ()) for name in WORKLOADS]
)
def test_an_epoch(benchmark, name, engine_name):
    workload = dataclasses.replace(WORKLOADS[name], rows=FEWER.get(name, WORKLOADS[name].rows))
    try:
        contestant = engines()[engine_name](workload, workload.data(), available())
    except SimulatorError as refused:
        pytest.skip(str(refused))
    contestant.run(1)
    benchmark.group = f"{name}: {workload.title}"
    assert np.isfinite(benchmark(contestant.run, 1))
