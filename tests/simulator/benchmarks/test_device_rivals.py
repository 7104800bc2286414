"""PyTorch's three ways, on the processor as far as they go there; the rest needs a device."""

import contextlib
import dataclasses
import importlib
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


class Captures:
    """Stands in for CUDA's graphs: work that is captured is not done, and a replay does it as it was captured."""

    def __init__(self, monkeypatch):
        self.captured, self.now, self.beside = [], None, False
        cuda = importlib.import_module("torch").cuda
        stream = contextlib.nullcontext()
        stream.wait_stream = lambda other: None
        for name in ("device", "stream"):
            monkeypatch.setattr(
                cuda, name, self._enter if name == "stream" else lambda device: contextlib.nullcontext()
            )
        monkeypatch.setattr(cuda, "Stream", lambda: stream)
        monkeypatch.setattr(cuda, "current_stream", lambda: stream)
        monkeypatch.setattr(cuda, "CUDAGraph", lambda: Captured(self))
        monkeypatch.setattr(cuda, "graph", self._capture)
        self._update = torch_graphs.Updates.update
        monkeypatch.setattr(torch_graphs.Updates, "update", lambda updates, rows: self.do(updates, rows))

    @contextlib.contextmanager
    def _enter(self, stream):
        self.beside = True
        yield
        self.beside = False

    @contextlib.contextmanager
    def _capture(self, graph):
        self.now = graph
        yield
        self.now = None

    def do(self, updates, rows):
        """Do an update, or note it."""
        if self.now is not None:
            gradients = [each.grad for each in updates.optimizer.param_groups[0]["params"]]
            assert gradients == [None] * len(gradients), "the backward pass makes them in the graph's memory"
            self.captured.append(len(rows))
            self.now.work = lambda: (updates.forget(), self._update(updates, rows))
        else:
            assert self.beside or not self.captured, "warming up happens on a side stream"
            self._update(updates, rows)


class Captured:
    """A graph."""

    def __init__(self, captures):
        self.replay = lambda: self.work()


@with_torch
@pytest.mark.parametrize("workload_name", ["penguins", "spiral"])
def test_every_size_of_batch_is_captured_once_and_replayed_with_its_rows(workload_name, monkeypatch):
    captures = Captures(monkeypatch)
    workload = dataclasses.replace(WORKLOADS[workload_name], batch_size=90)
    data = workload.data()
    graphs = torch_graphs.on_device(workload, data, "cpu")
    assert captures.captured == [90, workload.rows % 90]
    task = Task(workload, data)
    torch = task.torch
    wanted = torch_loop.looping(task, task.module)
    found = []
    for contestant in (graphs, wanted):
        torch.manual_seed(3)
        found.append(losses(contestant, (1, 2, 4)))
    assert found[0] == pytest.approx(found[1], rel=1e-5)


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
