"""PyTorch's three ways, on the processor as far as they go there; the rest needs a device."""

import dataclasses
import importlib.util

import pytest

from simulator.benchmarks import torch_compiled, torch_graphs, torch_loop
from simulator.benchmarks.contestants import engines
from simulator.benchmarks.device_rivals import COMPILED, DEVICE_RIVALS, EAGER
from simulator.benchmarks.torch_task import Task
from simulator.benchmarks.workloads import WORKLOADS
from simulator.errors import SimulatorError
from simulator.spec import Rule

with_torch = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="PyTorch is not installed")
WHOLE = dataclasses.replace(WORKLOADS["penguins"], batch_size=WORKLOADS["penguins"].rows)
TURNS = (1, 2, 3, 9)


def losses(contestant, turns=TURNS):
    found = []
    for epochs in turns:
        contestant.start()
        found.append(contestant.run(epochs))
    return found


def captured_like(workload, data):
    """The updates of a CUDA graph, one after the other without a graph."""
    task = Task(workload, data)
    updates = torch_graphs.Updates(task)

    def update(rows):
        updates.update(rows)
        updates.forget()

    update(task.places(task.size))  # the optimizer's memory exists, as it does when a graph has been captured
    return torch_graphs.Contestant(updates.start, lambda epochs: task.run(epochs, updates.total, update))


@with_torch
@pytest.mark.parametrize("workload_name", ["penguins", "spiral", "digits"])
@pytest.mark.parametrize(
    "make", [lambda workload, data: torch_loop.on_device(workload, data, "cpu"), captured_like], ids=["loop", "updates"]
)
def test_it_does_the_same_work_its_losses_are_ours_when_an_update_sees_all_rows(make, workload_name):
    workload = WORKLOADS[workload_name]
    workload = dataclasses.replace(workload, batch_size=workload.rows)
    data = workload.data()
    assert losses(make(workload, data)) == pytest.approx(losses(engines()["reference"](workload, data, 1)), rel=1e-4)


@with_torch
def test_rows_of_a_smaller_last_batch_count_as_the_others():
    still = dataclasses.replace(WORKLOADS["penguins"], batch_size=90, optimizer=Rule("sgd", learning_rate=1e-12))
    data = still.data()
    (wanted,) = losses(engines()["reference"](still, data, 1), (1,))
    assert losses(captured_like(still, data), (1,)) == pytest.approx([wanted], rel=1e-5)
    assert Task(still, data).batches() == (90, 63)
    assert Task(WHOLE, data).batches() == (333,)


@with_torch
@pytest.mark.slow
def test_what_is_compiled_does_the_same_work():
    pytest.importorskip("torch._inductor")
    data = WHOLE.data()
    compiled = torch_compiled.on_device(WHOLE, data, "cpu")
    assert losses(compiled) == pytest.approx(losses(engines()["reference"](WHOLE, data, 1)), rel=1e-4)


def test_without_pytorch_a_rival_is_refused_with_the_way_to_get_it(monkeypatch):
    monkeypatch.setattr("simulator.benchmarks.device_rivals.importlib.util.find_spec", lambda name: None)
    for rival in DEVICE_RIVALS.values():
        assert rival.lacking() == "PyTorch is not installed (pip install torch)"
        with pytest.raises(SimulatorError, match="pip install torch"):
            rival.on("cuda:0")(WHOLE, WHOLE.data(), 1)


class Torch:
    """What is asked of PyTorch before anything else."""

    def __init__(self, version: str, cuda: str | None, there: bool) -> None:
        self.__version__, self.version, self.cuda = version, self, self
        self.cuda = Cuda(cuda, there)
        self.version = self.cuda


class Cuda:
    def __init__(self, cuda: str | None, there: bool) -> None:
        self.cuda, self.is_available = cuda, lambda: there


@pytest.mark.parametrize(
    ("torch", "said"),
    [
        (Torch("2.13.0+cpu", None, False), "this PyTorch (2.13.0+cpu) has no CUDA"),
        (Torch("2.13.0", "13.0", False), "this PyTorch (2.13.0) finds no CUDA device"),
        (Torch("2.13.0", "13.0", True), ""),
    ],
)
def test_a_pytorch_that_cannot_use_a_device_says_so(monkeypatch, torch, said):
    module = "simulator.benchmarks.device_rivals.importlib"
    monkeypatch.setattr(f"{module}.util.find_spec", lambda name: None if name == "triton" else "there")
    monkeypatch.setattr(f"{module}.import_module", lambda name: torch)
    assert DEVICE_RIVALS[EAGER].lacking().startswith(said)
    compiled = DEVICE_RIVALS[COMPILED].lacking()
    assert compiled.startswith(said or "torch.compile needs Triton")


def test_a_pytorch_that_cannot_be_loaded_says_so(monkeypatch):
    def broken(name):
        raise OSError("libcudart.so is missing")

    monkeypatch.setattr("simulator.benchmarks.device_rivals.importlib.util.find_spec", lambda name: "there")
    monkeypatch.setattr("simulator.benchmarks.device_rivals.importlib.import_module", broken)
    assert DEVICE_RIVALS[EAGER].lacking() == "PyTorch cannot be loaded: libcudart.so is missing"


def on_real_device(name, workload):
    lacking = DEVICE_RIVALS[name].lacking()
    if lacking:
        pytest.skip(lacking)
    return DEVICE_RIVALS[name].on("cuda:0")(workload, workload.data(), 1)


@pytest.mark.gpu
@pytest.mark.parametrize("name", DEVICE_RIVALS)
def test_on_a_device_its_losses_are_ours_when_an_update_sees_all_rows(name):
    wanted = losses(engines()["reference"](WHOLE, WHOLE.data(), 1))
    assert losses(on_real_device(name, WHOLE)) == pytest.approx(wanted, rel=1e-3)


@pytest.mark.gpu
@pytest.mark.parametrize("name", DEVICE_RIVALS)
def test_on_a_device_it_learns_in_batches_as_we_do_with_a_smaller_last_one(name):
    batches = dataclasses.replace(WORKLOADS["penguins"], batch_size=90)
    still = dataclasses.replace(batches, optimizer=Rule("sgd", learning_rate=1e-12))
    for workload, turns, close in ((batches, (1, 2, 4), 0.25), (still, (1,), 1e-4)):
        wanted = losses(engines()["reference"](workload, workload.data(), 1), turns)
        assert losses(on_real_device(name, workload), turns) == pytest.approx(wanted, rel=close)
