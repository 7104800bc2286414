"""The workloads on a device, which is here this processor: real, though no GPU."""

import dataclasses
import json

import numpy as np
import pytest

from simulator.benchmarks import device_race
from simulator.benchmarks.contestants import Contestant
from simulator.benchmarks.device_race import DEVICE_WORKLOADS, OURS, PROCESSOR
from simulator.benchmarks.device_rivals import DEVICE_RIVALS, EAGER, GRAPHS, DeviceRival
from simulator.benchmarks.measuring import Plan
from simulator.benchmarks.workloads import WORKLOADS
from simulator.progress import Cancelled, Progress

PLAN = Plan(rounds=2, seconds=0.001, threads=1, rest=0.0)


@pytest.fixture(autouse=True)
def few_rows(monkeypatch):
    few = {name: dataclasses.replace(row, rows=30) for name, row in WORKLOADS.items()}
    monkeypatch.setattr(device_race, "DEVICE_WORKLOADS", few)


def measure(name="penguins", rivals=(), progress=None):
    kept = []
    return device_race.measure(name, "cuda:0", PLAN, rivals, kept.append, progress or Progress()), kept


def slow(workload, data, device) -> Contestant:
    return Contestant(lambda: None, lambda epochs: sum(float(np.tanh(each)) for each in range(100 * epochs)))


def test_the_workloads_are_those_of_the_processor_and_one_with_large_batches():
    assert list(DEVICE_WORKLOADS) == [*WORKLOADS, "mnist_4096"]
    assert DEVICE_WORKLOADS["mnist_4096"] == dataclasses.replace(WORKLOADS["mnist"], batch_size=4096)


@pytest.mark.parametrize("name", ["penguins", "spiral"])
def test_our_engine_on_the_device_trains_beside_the_one_on_the_processor(host_gpu, name):
    figures, _ = measure(name)
    assert figures["engines"] == {OURS: "cuda", PROCESSOR: "compiled"}
    ours, processor = (figures["contestants"][each] for each in (OURS, PROCESSOR))
    assert len(ours["seconds_per_epoch"]) == len(processor["seconds_per_epoch"]) == 2
    assert 0 < ours["loss"] < 2
    assert ours["ratios"][PROCESSOR] > 0


def test_a_bar_is_judged_by_the_ratios(host_gpu, monkeypatch):
    for name in DEVICE_RIVALS:
        monkeypatch.setitem(DEVICE_RIVALS, name, DeviceRival(name, slow, lambda: ""))
    figures, _ = measure(rivals=list(DEVICE_RIVALS))
    first, second = figures["bars"]
    ratios = figures["contestants"][OURS]["ratios"]
    assert first["ratio"] == ratios[EAGER]
    assert first["held"] is (ratios[EAGER] >= 20)
    assert second["ratio"] == min(ratios[name] for name in DEVICE_RIVALS)
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures


def test_a_rival_that_is_missing_or_fails_leaves_its_bars_open_with_the_reason(host_gpu, monkeypatch):
    def broken(workload, data, device):
        raise RuntimeError("CUDA error: out of memory\nand a long explanation")

    monkeypatch.setitem(DEVICE_RIVALS, EAGER, DeviceRival(EAGER, slow, lambda: "PyTorch is not installed"))
    monkeypatch.setitem(DEVICE_RIVALS, GRAPHS, DeviceRival(GRAPHS, broken, lambda: ""))
    figures, _ = measure(rivals=[EAGER, GRAPHS])
    assert figures["left_out"] == {
        EAGER: "PyTorch is not installed",
        GRAPHS: "it failed with RuntimeError: CUDA error: out of memory",
    }
    assert [bar["held"] for bar in figures["bars"]] == [None, None]
    assert figures["bars"][0]["reason"] == f"{EAGER}: PyTorch is not installed"
    assert OURS in figures["contestants"]


def test_a_rival_that_fails_in_a_turn_is_left_out_and_cancelling_is_no_failure(host_gpu, monkeypatch):
    def failing(workload, data, device):
        turns = iter(range(3))
        return Contestant(lambda: None, lambda epochs: float(next(turns)))

    monkeypatch.setitem(DEVICE_RIVALS, EAGER, DeviceRival(EAGER, failing, lambda: ""))
    figures, _ = measure(rivals=[EAGER])
    assert figures["left_out"] == {EAGER: "it failed with StopIteration: without a word"}
    progress = Progress(lambda fraction, text: progress.cancel() if text.startswith("round 2") else None)
    with pytest.raises(Cancelled):
        measure(progress=progress)


def test_what_was_measured_so_far_is_kept_before_every_report(host_gpu):
    _, kept = measure()
    assert len(kept) > 4
    assert len(kept[-1]["contestants"][OURS]["seconds_per_epoch"]) == 2
    assert kept[0]["contestants"] == {}


def test_a_device_that_has_no_room_is_left_out_with_the_reason(host_gpu):
    host_gpu.open(0).limit = 1000
    figures, _ = measure()
    assert OURS in figures["left_out"]
    assert figures["left_out"][OURS] in figures["bars"][0]["reason"]
    assert len(figures["contestants"][PROCESSOR]["seconds_per_epoch"]) == 2


@pytest.mark.gpu
@pytest.mark.parametrize("name", ["penguins", "wide"])
def test_on_a_real_device(name):
    figures, _ = measure(name, rivals=list(DEVICE_RIVALS))
    assert len(figures["contestants"][OURS]["seconds_per_epoch"]) == 2
