"""The worker thread and devices: what is told of them, moving while it runs, and going on after a failure."""

import dataclasses
import time

import pytest

from simulator.data import Dataset, open_dataset
from simulator.errors import DeviceError, DivergenceError
from simulator.spec import LayerSpec, NetworkSpec
from simulator.training import commands as c
from simulator.training import events as e
from simulator.training.defaults import default_config
from simulator.training.runner import Runner
from simulator.training.session import Session

PATIENCE = 30.0


@pytest.fixture(scope="module")
def penguins() -> Dataset:
    found = open_dataset("penguins")
    Session(found).prepare()
    return found


class Told:
    """Collects a runner's events, and waits for what is to come."""

    def __init__(self) -> None:
        self.runner = Runner()
        self.all: list[e.Event] = []

    def send(self, *commands: c.Command) -> None:
        for command in commands:
            self.runner.send(command)

    def wait(self, wanted) -> list[e.Event]:
        """Return all events up to the next one for which `wanted` holds."""
        passed: list[e.Event] = []
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            while self.all:
                passed.append(self.all.pop(0))
                if wanted(passed[-1]):
                    return passed
            self.all += self.runner.events(timeout=0.1)
        raise AssertionError(f"it did not come; there were {passed}")

    def wait_for(self, kind: type) -> e.Event:
        return self.wait(lambda event: isinstance(event, kind))[-1]

    def wait_for_epoch(self, epoch: int) -> list[e.Event]:
        return self.wait(lambda event: isinstance(event, e.Recorded) and event.rows["epoch"][-1] >= epoch)


@pytest.fixture
def told():
    made = Told()
    yield made
    assert made.runner.close(PATIENCE)


def test_a_session_that_opens_says_why_it_computes_there(told, penguins, host_gpu):
    told.send(c.Open(penguins, device="auto"))
    opened = told.wait_for(e.Opened)
    assert opened.device == "cpu"
    assert opened.reason.startswith("cpu, where an update should take")
    told.send(c.Open(penguins))
    assert told.wait_for(e.Opened).reason == ""


def test_what_runs_goes_on_elsewhere(told, penguins, host_gpu):
    told.send(c.Open(penguins, engine="reference"), c.Play())
    told.wait_for_epoch(5)
    told.send(c.Move("cuda"))
    passed = told.wait(lambda event: isinstance(event, e.Moved))
    last = max((event.rows["epoch"][-1] for event in passed if isinstance(event, e.Recorded)), default=5)
    passed += told.wait_for_epoch(last + 3)
    told.send(c.Move("cpu"))
    passed += told.wait(lambda event: isinstance(event, e.Moved) and event.device == "cpu")
    passed += told.wait(lambda event: isinstance(event, e.Recorded))
    epochs = [epoch for event in passed if isinstance(event, e.Recorded) for epoch in event.rows["epoch"].tolist()]
    assert epochs == list(range(epochs[0], epochs[-1] + 1))
    assert not any(isinstance(event, e.Playing | e.Branched | e.Failed) for event in passed)


def test_what_is_to_be_done_is_done_elsewhere(told, penguins, host_gpu):
    told.send(c.Open(penguins), c.Advance(40), c.Move("cuda"), c.Move("cpu", "reference"))
    moved = told.wait_for(e.Moved)
    assert (moved.engine, moved.device, moved.threads, moved.lost) == ("cuda", "cuda:0", 1, 0)
    assert moved.reason.startswith("slower than the CPU for this network: an update should take 10 µs on cuda:0")
    passed = told.wait(lambda event: isinstance(event, e.Moved) and event.device == "cpu")
    passed += told.wait(lambda event: event == e.Playing(on=False))
    epochs = [epoch for event in passed if isinstance(event, e.Recorded) for epoch in event.rows["epoch"].tolist()]
    assert epochs[-1] == 40
    assert sorted(epochs) == epochs


def test_how_a_device_is_used_is_told_while_it_is(told, penguins, host_gpu):
    told.send(c.Open(penguins, device="cuda"))
    resting = told.wait_for(e.DeviceUsed)
    assert resting.busy == 0.0
    assert 0 < resting.held < resting.total
    told.send(c.Play())
    busy = told.wait(lambda event: isinstance(event, e.DeviceUsed) and event.busy > 0.0)[-1]
    assert busy.busy <= 1.0
    told.send(c.Pause())
    told.wait(lambda event: event == e.Playing(on=False))
    told.send(c.Move("cpu"), c.Advance(2))
    told.wait_for(e.Moved)
    passed = told.wait(lambda event: event == e.Playing(on=False))
    assert not any(isinstance(event, e.DeviceUsed) for event in passed)


def test_what_cannot_move_goes_on_where_it_is(told, penguins, host_gpu):
    host_gpu.machines[0].limit = 5_000
    told.send(c.Open(penguins), c.Play(), c.Move("cuda:7"), c.Move("cuda"), c.Move("cpu", "reference"))
    assert told.wait_for(e.Failed).kind == "DeviceError"
    failed = told.wait_for(e.Failed)
    assert failed.kind == "DeviceMemoryError"
    assert failed.needed > failed.free > 0
    assert failed.hint
    told.wait_for(e.Moved)
    passed = told.wait_for_epoch(3)
    assert not any(isinstance(event, e.Playing) for event in passed)


def test_what_has_no_room_when_it_opens_leaves_the_session_that_is_there(told, penguins, host_gpu):
    told.send(c.Open(penguins), c.Advance(2))
    told.wait(lambda event: event == e.Playing(on=False))
    host_gpu.machines[0].limit = 5_000
    told.send(c.Open(penguins, device="cuda"))
    failed = told.wait_for(e.Failed)
    assert (failed.kind, failed.needed > failed.free) == ("DeviceMemoryError", True)
    told.send(c.Advance(1))
    told.wait_for_epoch(3)


def test_after_a_failure_the_session_stands_on_the_cpu_and_goes_on_when_it_is_told_to(told, penguins, host_gpu):
    told.send(c.Open(penguins, device="cuda"), c.Advance(400))
    told.wait_for_epoch(4)
    host_gpu.machines[0].fail("an illegal memory access was encountered")
    passed = told.wait(lambda event: isinstance(event, e.Failed))
    failed = passed[-1]
    assert (failed.kind, failed.needed) == ("DeviceError", 0)
    assert "illegal memory access" in failed.message
    moved = next(event for event in passed if isinstance(event, e.Moved))
    assert (moved.device, moved.engine) == ("cpu", "compiled")
    assert moved.reason.startswith("cpu, since cuda:0 failed: an illegal memory access")
    assert e.Playing(on=False) in passed
    records = [event.rows["epoch"].tolist() for event in passed if isinstance(event, e.Recorded)]
    if moved.lost:
        assert records[-1][0] == 0, "they are reported anew"
    assert told.runner.snapshot().epoch < 400
    told.send(c.Move("cpu"))
    passed = told.wait(lambda event: event == e.Playing(on=False))
    assert e.Playing(on=True) in passed
    assert [event for event in passed if isinstance(event, e.Recorded)][-1].rows["epoch"][-1] == 400
    told.send(c.Move("cpu"), c.Show())
    told.wait_for(e.Moved)
    assert e.Playing(on=True) not in told.runner.events(), "there is nothing left to go on with"


def test_a_failure_when_it_is_looked_at_stops_nothing_but_the_run(told, penguins, host_gpu):
    told.send(c.Open(penguins, device="cuda"), c.Advance(3))
    told.wait(lambda event: event == e.Playing(on=False))
    host_gpu.machines[0].fail()
    told.send(c.GoTo(1, 5))
    moved = told.wait_for(e.Moved)
    assert (moved.device, moved.lost) == ("cpu", 0)
    assert told.wait_for(e.Failed).kind == "DeviceError"
    told.send(c.GoTo(3), c.Advance(2))
    told.wait_for_epoch(5)


def test_a_failure_at_a_pause_ends_the_run_as_the_pause_would(told, penguins, host_gpu):
    told.send(c.Open(penguins, device="cuda"), c.Play())
    told.wait_for_epoch(2)
    host_gpu.machines[0].fail()
    told.send(c.Pause())
    told.wait(lambda event: event == e.Playing(on=False))
    told.send(c.Advance(1), c.Survey(5), c.Explain(), c.Save())
    told.wait_for(e.Saving)


def test_data_that_a_device_has_no_room_for_is_given_up_and_what_is_to_be_done_goes_on_elsewhere(
    told, penguins, host_gpu
):
    told.send(c.Open(penguins, device="cuda"), c.Advance(2, "batch"))
    told.wait(lambda event: event == e.Playing(on=False))
    host_gpu.machines[0].limit = host_gpu.machines[0].memory().held + 100
    more = open_dataset("penguins", test_fraction=0.05, duplicates=0.9)
    told.send(c.ChangeData(more), c.Advance(6))
    passed = told.wait(lambda event: isinstance(event, e.Failed))
    assert passed[-1].kind == "DeviceMemoryError"
    assert not any(isinstance(event, e.Moved) for event in passed), "the device is well"
    waiting = [event.waiting for event in passed if isinstance(event, e.DataChanged)]
    assert waiting == [more, None], "it does not wait any more"
    assert isinstance([event for event in passed if isinstance(event, e.Configured)][-1], e.Configured)
    told.send(c.Move("cpu"))
    assert told.wait_for(e.Moved).lost == 0
    rows = [event.rows for event in told.wait(lambda event: event == e.Playing(on=False)) if hasattr(event, "rows")]
    assert rows[-1]["epoch"][-1] == 6, "the six epochs that were asked for, one of which was done already"


def test_records_that_a_divergence_takes_back_are_reported_anew(told, penguins, host_gpu, monkeypatch):
    told.send(c.Open(penguins, device="cuda"), c.Advance(5))
    told.wait(lambda event: event == e.Playing(on=False))
    session = told.runner._session
    session._course._kept = session.branch.keyframes[:1]  # as if nothing had been copied since
    kind = type(session.engine)
    monkeypatch.setattr(kind, "seen_finite", False)
    monkeypatch.setattr(kind, "finite", property(lambda engine: (engine.epoch, engine.item) < (3, 5)))
    told.send(c.Play())
    passed = told.wait(lambda event: isinstance(event, e.Failed))
    assert passed[-1].kind == "TrainingDivergedError"
    assert [event.rows["epoch"].tolist() for event in passed if isinstance(event, e.Recorded)] == [[0, 1, 2, 3]]
    assert session.place == (3, 4)


def test_a_device_that_errs_once_does_not_let_a_session_look_for_ever(penguins, host_gpu, monkeypatch):
    session = Session(penguins, device="cuda")
    session.advance(2)
    with monkeypatch.context() as patch:
        patch.setattr(type(session.engine), "seen_finite", False)
        with pytest.raises(DivergenceError):
            session.work("epoch", 10)
    session.advance(1)
    assert session.records["epoch"].tolist() == list(range(session.epoch + 1))


def test_a_failure_that_nothing_survives_is_told_and_another_session_can_be_opened(
    told, penguins, host_gpu, monkeypatch
):
    told.send(c.Open(penguins, device="cuda"), c.Advance(2))
    told.wait(lambda event: event == e.Playing(on=False))

    def nowhere(*_):
        raise MemoryError

    monkeypatch.setattr(Session, "move", nowhere)
    host_gpu.machines[0].fail()
    told.send(c.GoTo(1, 5))
    assert told.wait_for(e.Failed).kind == "InternalError"
    assert told.wait_for(e.Failed).kind == "DeviceError"
    monkeypatch.undo()
    told.send(c.Open(penguins))
    told.wait_for(e.Opened)


def test_what_is_measured_for_automatic_is_told(told, penguins, host_gpu, monkeypatch):
    from simulator.engines import speeds
    from simulator.training import runner

    known = speeds.measured((), None, None)

    def slowly(there, config, progress, spare):
        progress.report(0.0, "measuring how fast cuda:0 is")
        return {**known, **{each.name: known["cpu"] for each in there}}

    monkeypatch.setattr(speeds, "measured", slowly)
    monkeypatch.setattr(runner, "_SLOW", 0.0)
    told.send(c.Open(penguins, device="auto"))
    passed = told.wait(lambda event: isinstance(event, e.Opened))
    assert e.Preparing("measuring how fast cuda:0 is") in passed
    assert e.Preparing("") in passed


@pytest.mark.parametrize(
    ("message", "hint"),
    [
        ("CUDA needs the package CuPy, which is not installed", 'pip install "nodeglow[cuda13]"'),
        ("there is no NVIDIA driver, which CuPy 14.0 needs", "Install the driver, or use --device cpu."),
    ],
)
def test_why_there_is_no_device_is_told_and_nothing_stops(told, penguins, pretend_devices, message, hint):
    pretend_devices(error=DeviceError(message, hint))
    told.send(c.Open(penguins, device="auto"), c.Play())
    assert told.wait_for(e.Opened).reason == f"cpu, since {message}"
    told.send(c.Move("cuda"))
    failed = told.wait_for(e.Failed)
    assert (failed.message, failed.hint, failed.kind) == (message, hint, "DeviceError")
    told.wait_for(e.Recorded)
    told.wait_for(e.Recorded)


def test_a_wide_network_is_taken_to_the_device_automatically(told, penguins, host_gpu):
    wide = NetworkSpec(4, (LayerSpec(300), LayerSpec(300)), 3)
    told.send(c.Open(penguins, wide, dataclasses.replace(default_config(penguins), batch_size=128), device="auto"))
    opened = told.wait_for(e.Opened)
    assert opened.device == "cuda:0"
    assert opened.reason.startswith("cuda:0, where an update should take")
