import pytest

from simulator.benchmarks import device_costs
from simulator.benchmarks.device_costs import DEVICE_COSTS
from simulator.benchmarks.measuring import Plan
from simulator.engines import devices
from simulator.progress import Cancelled, Progress


@pytest.fixture(autouse=True)
def brief(monkeypatch):
    monkeypatch.setattr(device_costs, "_TIMES", 3)
    monkeypatch.setattr(device_costs, "_MOST_ROWS", 100)


def measure(name, progress=None):
    return device_costs.measure(name, "cuda:0", Plan(rounds=2), lambda figures: None, progress or Progress())["value"]


@pytest.mark.parametrize("name", DEVICE_COSTS)
def test_a_cost_is_measured(host_gpu, name):
    value = measure(name)
    assert value > 0 if DEVICE_COSTS[name].unit == "µs" else value <= 100


def test_watching_the_waits_ends_with_the_measurement(host_gpu):
    machine = devices.open_machine("cuda:0")
    with device_costs._waits(machine) as waits:
        measure("device_latency")
        assert waits
        noted = len(waits)
    measure("device_latency")
    assert len(waits) == noted


def test_it_can_be_cancelled(host_gpu):
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        measure("device_latency", progress)


@pytest.mark.gpu
@pytest.mark.parametrize("name", DEVICE_COSTS)
def test_a_cost_is_measured_on_a_real_device(name):
    assert measure(name) >= -5
