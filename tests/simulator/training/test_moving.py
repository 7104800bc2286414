"""A session goes on elsewhere: on another device, or by another engine, with all that it was."""

import dataclasses
import gc

import numpy as np
import pytest

from simulator.data import Dataset, open_dataset
from simulator.engines import devices
from simulator.errors import ConfigError, DeviceError, DeviceMemoryError
from simulator.spec import LayerSpec, NetworkSpec, Rule
from simulator.training import course
from simulator.training.defaults import default_config
from simulator.training.session import Session
from simulator.training.session_file import read_session, write_session
from simulator.training.verification import ROUNDING, SAME, verify

DROPPING = NetworkSpec(4, (LayerSpec(8, "tanh", 0.2), LayerSpec(8)), 3)
NEAR = {"rtol": 0, "atol": 2e-5}


@pytest.fixture(scope="module")
def penguins() -> Dataset:
    return open_dataset("penguins")


@pytest.fixture(scope="module")
def more() -> Dataset:
    """So many rows that a small device has no room for them."""
    return open_dataset("penguins", test_fraction=0.1, seed=3, duplicates=0.9)


def moved_along(session: Session, ways: list[tuple[str, str]]) -> None:
    for device, engine in ways:
        before = session.snapshot()
        assert session.move(device, engine) == 0
        after = session.snapshot()
        assert after.parameters.tobytes() == before.parameters.tobytes()
        assert (after.epoch, after.batch, after.row, after.updates) == (
            before.epoch, before.batch, before.row, before.updates)  # fmt: skip
        assert session.device == device
        session.advance(1, "batch")
        session.advance(1)


def test_a_run_that_moves_makes_the_numbers_of_one_that_stays(penguins, host_gpu):
    stays, moves = (Session(penguins, DROPPING, device="cpu", engine="reference") for _ in range(2))
    stays.advance(3, "batch")
    moves.advance(3, "batch")
    moved_along(moves, [("cuda:0", "auto"), ("cpu", "auto"), ("cuda:0", "cuda"), ("cpu", "reference")])
    for _ in range(4):
        stays.advance(1, "batch")
        stays.advance(1)
    assert moves.engine_name == "reference"
    assert moves.place == stays.place
    np.testing.assert_allclose(moves.snapshot().parameters, stays.snapshot().parameters, **NEAR)
    assert moves.records["epoch"].tolist() == stays.records["epoch"].tolist()
    np.testing.assert_allclose(moves.records["train_loss"], stays.records["train_loss"], rtol=1e-5)


@pytest.mark.gpu
def test_on_a_real_device_too_a_run_that_moves_makes_the_numbers_of_one_that_stays(penguins):
    stays, moves = Session(penguins, DROPPING, engine="reference"), Session(penguins, DROPPING, engine="reference")
    moved_along(moves, [("cuda:0", "auto"), ("cpu", "auto"), ("cuda:0", "reference"), ("cuda:0", "cuda")])
    for _ in range(4):
        stays.advance(1, "batch")
        stays.advance(1)
    np.testing.assert_allclose(moves.snapshot().parameters, stays.snapshot().parameters, **NEAR)
    use = moves.engine.device_use()
    assert use is not None
    assert 0 < use.memory.held < use.memory.total


def test_in_the_middle_of_a_batch_the_row_is_kept(penguins, host_gpu):
    session = Session(penguins)
    session.advance(5, "row")
    session.move("cuda")
    assert session.snapshot().row == 5
    session.advance(11, "row")
    assert (session.snapshot().row, session.snapshot().batch) == (0, 1)


def test_branches_settings_that_wait_frozen_weights_and_muted_units_are_kept(penguins, host_gpu):
    session = Session(penguins, engine="reference")
    frozen, held = np.zeros(139, dtype=bool), np.full(20, np.nan, dtype=np.float32)
    frozen[7], held[5] = True, 0.0
    session.advance(2)
    session.go_to(1)
    session.fork("other")
    session.engine.restore(dataclasses.replace(session.engine.state(), frozen=frozen, held=held))
    before = session.snapshot().parameters[7]
    session.advance(4, "batch")
    session.configure(dataclasses.replace(session.config, batch_size=40))
    names = [branch.name for branch in session.timeline.branches.values()]
    waiting = session.snapshot().batch_size
    session.move("cuda")
    assert [branch.name for branch in session.timeline.branches.values()] == names
    assert session.branch.name == "other"
    assert (session.snapshot().batch_size, session.config.batch_size) == (waiting, 40)
    session.advance(2)
    state = session.engine.state()
    assert session.snapshot().batch_size == 40
    assert state.parameters[7] == before
    assert np.array_equal(state.frozen, frozen)
    assert np.array_equal(state.held, held, equal_nan=True)


def test_the_past_is_found_again_and_training_goes_on_from_what_was_trained(penguins, host_gpu):
    session = Session(penguins, DROPPING)
    session.advance(6)
    session.fork("here")
    session.advance(6)
    end, fork = session.snapshot(), session.peek(0)
    session.move("cuda")
    session.go_to(6)
    assert session.snapshot().parameters.tobytes() == fork.parameters.tobytes(), "it was kept"
    session.go_to(3)
    np.testing.assert_allclose(session.snapshot().parameters, session.peek(0, 3).parameters, **NEAR)
    assert not session.live
    session.advance(9)
    assert session.live
    assert session.place == (12, 0)
    assert session.snapshot().parameters.tobytes() == end.parameters.tobytes(), "what was trained stays what it was"


def test_from_a_moment_of_the_past_one_moves_too(penguins, host_gpu):
    session = Session(penguins)
    session.advance(8)
    end = session.snapshot()
    session.go_to(4)
    there = session.snapshot()
    session.move("cuda")
    assert session.place == (4, 0)
    assert not session.live
    assert session.snapshot().parameters.tobytes() == there.parameters.tobytes()
    assert session.end == (8, 0)
    session.go_to(8)
    assert session.snapshot().parameters.tobytes() == end.parameters.tobytes()


def test_what_was_computed_on_two_devices_is_recorded_and_verified_as_such(penguins, host_gpu, tmp_path):
    session = Session(penguins)
    session.advance(3)
    session.move("cuda")
    session.advance(3)
    record = read_session(write_session(session.record(), tmp_path / "s.nodeglow"))
    first, last = record.made_under
    assert (first["device"], first["engine"]) == ("cpu", "compiled")
    assert (last["device"], last["engine"], last["gpu"]) == ("cuda:0", "cuda", "This processor, as a device")
    for device in (None, "cpu"):
        found = verify(record, device=device)
        assert found.verdict in (ROUNDING, SAME)
        assert {"device", "engine"} <= {change.name for change in found.changes}
    opened = Session.of_record(record)
    assert (opened.device, opened.engine_name) == ("cuda:0", "cuda")
    assert opened.snapshot().parameters.tobytes() == session.snapshot().parameters.tobytes()


def test_a_session_of_a_device_that_is_not_there_goes_on_on_the_cpu_and_says_why(
    penguins, host_gpu, pretend_devices, tmp_path
):
    session = Session(penguins, device="cuda")
    session.advance(2)
    path = write_session(session.record(), tmp_path / "s.nodeglow")
    pretend_devices(error=DeviceError("there is no CUDA device in this machine", "Use --device cpu."))
    opened = Session.of_record(read_session(path))
    assert (opened.device, opened.engine_name, opened.epoch) == ("cpu", "compiled", 2)
    assert opened.device_reason == (
        "cpu, since cuda:0, on which it was trained, cannot be used: there is no CUDA device in this machine"
    )
    opened.advance(1)
    with pytest.raises(DeviceError, match="no CUDA device"):
        Session.of_record(read_session(path), device="cuda")


def unchanged(session: Session, before, where: tuple[str, str]) -> bool:
    after = session.snapshot()
    return (after.parameters.tobytes(), session.device, session.engine_name) == (before.parameters.tobytes(), *where)


def test_where_it_cannot_go_it_stays_as_it_was(penguins, host_gpu):
    session = Session(penguins)
    session.advance(2)
    before = session.snapshot()
    for device, engine, error in (
        ("cuda:3", "auto", DeviceError), ("gpu", "auto", ConfigError), ("cuda", "compiled", ConfigError),
        ("cpu", "cuda", ConfigError),
    ):  # fmt: skip
        with pytest.raises(error):
            session.move(device, engine)
        assert unchanged(session, before, ("cpu", "compiled"))
    session.advance(1)
    assert session.epoch == 3


@pytest.mark.parametrize("host_gpu", [{"total": 20_000}], indirect=True)
def test_a_device_without_room_is_refused_with_the_bytes_and_automatic_goes_elsewhere(penguins, host_gpu):
    session = Session(penguins)
    before = session.snapshot()
    with pytest.raises(DeviceMemoryError) as caught:
        session.move("cuda")
    assert caught.value.needed > caught.value.free > 0
    del caught  # and what its traceback holds
    assert unchanged(session, before, ("cpu", "compiled"))
    with pytest.raises(DeviceMemoryError):
        Session(penguins, device="cuda")
    large = NetworkSpec(4, (LayerSpec(600), LayerSpec(600)), 3)
    chosen = Session(penguins, large, dataclasses.replace(default_config(penguins), batch_size=200), device="auto")
    assert chosen.device == "cpu"
    assert chosen.device_reason.startswith("cpu, since cuda:0 cannot be used: ")
    gc.collect()
    assert host_gpu.machines[0].memory().held == 0, "nothing is left there"


def test_a_device_is_not_kept_from_its_work_to_ask_whether_its_numbers_are_finite(penguins, host_gpu, monkeypatch):
    monkeypatch.setattr(course, "_KEYFRAME_SECONDS", 1e9)
    session = Session(penguins, device="cuda")
    monkeypatch.setattr(session.timeline, "due", lambda seconds: False)
    session.work("epoch", 10**6)
    looks: list[int] = []
    monkeypatch.setattr(type(session.engine), "finite", property(lambda engine: looks.append(1) or True))
    for _ in range(5):
        session.work("epoch", 10**6)
    assert not looks


def test_a_memory_limit_is_obeyed(penguins, host_gpu, monkeypatch):
    monkeypatch.setattr(devices, "_limit", None)
    devices.limit_memory(20_000)
    with pytest.raises(DeviceMemoryError):
        Session(penguins, device="cuda")
    devices.limit_memory(None)
    assert Session(penguins, device="cuda").device == "cuda:0"


def test_data_that_waits_and_finds_no_room_is_given_up_and_nothing_else(penguins, more, host_gpu):
    session = Session(penguins, device="cuda")
    session.advance(3, "batch")
    faster = dataclasses.replace(session.config, optimizer=Rule("adam", learning_rate=0.02))
    session.configure(faster)
    session.change_data(more)
    assert session.wanted_dataset is more
    host_gpu.machines[0].limit = host_gpu.machines[0].memory().held + 100
    with pytest.raises(DeviceMemoryError) as caught:
        session.advance(2)
    assert caught.value.needed > caught.value.free
    del caught
    assert session.place == (1, 0)
    assert session.records["epoch"].tolist() == [0, 1], "what was done is recorded"
    assert session.dataset is session.wanted_dataset is penguins
    assert session.config == faster, "what was asked for otherwise holds"
    session.advance(2)
    assert session.records["epoch"].tolist() == [0, 1, 2, 3]
    assert session.rescue(DeviceError("")) is None, "the device is well"
    assert session.move("cpu") == 0
    session.change_data(more)
    session.advance(1)
    assert session.dataset is more
    assert session.snapshot().batches == -(-len(more.X_train) // session.config.batch_size)
    session.go_to(1)
    session.advance(2)
    assert session.place == (3, 0), "the past is repeated as it was"


def test_settings_that_find_no_room_at_once_are_refused_and_the_old_ones_stay(penguins, more, host_gpu):
    session = Session(penguins, device="cuda")
    session.advance(1)
    before, config = session.snapshot(), session.config
    host_gpu.machines[0].limit = host_gpu.machines[0].memory().held + 100
    with pytest.raises(DeviceMemoryError):
        session.change_data(more)
    assert session.wanted_dataset is session.dataset is penguins
    assert session.config == config
    assert unchanged(session, before, ("cuda:0", "cuda"))
    session.advance(1)
    assert session.records["epoch"].tolist() == [0, 1, 2]


def test_after_a_failure_it_goes_on_from_the_last_state_that_was_copied(penguins, host_gpu):
    session = Session(penguins, device="cuda")
    session.advance(4)
    kept, known = session.snapshot(), session.records
    session.fork("here")
    session.advance(2)
    host_gpu.machines[0].fail()
    with pytest.raises(DeviceError, match="illegal memory access"):
        session.advance(3)
    with pytest.raises(DeviceError):
        session.snapshot()
    lost = session.move("cpu")
    assert session.place >= (4, 0)
    assert session.snapshot().updates + lost == 6 * session.snapshot().batches
    assert (session.device, session.engine_name, session.branch.name) == ("cpu", "compiled", "here")
    assert len(session.records) == session.epoch + 1
    assert session.records[:5].tobytes() == known.tobytes()
    if session.place == (4, 0):
        assert session.snapshot().parameters.tobytes() == kept.parameters.tobytes()
    session.advance(3)
    stays = Session(penguins)
    stays.advance(session.epoch)
    np.testing.assert_allclose(session.snapshot().parameters, stays.snapshot().parameters, **NEAR)
    assert {each["device"] for each in session.record().made_under} == {"cpu", "cuda:0"}
    host_gpu.again(0)
    assert session.move("cuda") == 0


def test_a_failure_on_the_way_through_the_past_loses_nothing(penguins, host_gpu):
    session = Session(penguins, device="cuda")
    session.advance(6)
    end = session.snapshot()
    session.settle()
    host_gpu.machines[0].fail()
    with pytest.raises(DeviceError):
        session.go_to(3, 5)
    assert session.move("cpu") == 0
    session.go_to(6)
    assert session.snapshot().parameters.tobytes() == end.parameters.tobytes()


def test_a_failure_of_another_moment_that_is_looked_at_loses_nothing(penguins, host_gpu):
    session = Session(penguins, device="cuda")
    session.advance(6)
    end = session.snapshot()
    session.settle()
    host_gpu.machines[0].fail()
    with pytest.raises(DeviceError):
        session.peek(epoch=2, item=5)
    assert session.rescue(DeviceError("it stopped")) == 0
    assert session.device_reason == "cpu, since cuda:0 failed: it stopped"
    assert session.snapshot().parameters.tobytes() == end.parameters.tobytes()
    assert session.live


def test_automatic_moves_by_the_shapes(penguins, host_gpu):
    session = Session(penguins)
    session.move("auto")
    assert session.device == "cpu"
    assert session.device_reason.startswith("cpu, where an update should take")
    session.move("cuda")
    assert session.device_reason.startswith("slower than the CPU for this network: an update should take 10 µs")


def test_rounded_products_are_a_gpus_alone_and_are_no_defect_when_they_are_verified_elsewhere(penguins, host_gpu):
    wide = NetworkSpec(4, (LayerSpec(200), LayerSpec(300)), 3)
    plain = dataclasses.replace(default_config(penguins), batch_size=128)
    found = {}
    for device in ("cpu", "cuda"):
        for tf32 in (False, True):
            session = Session(penguins, wide, dataclasses.replace(plain, tf32=tf32), device=device)
            session.advance(2)
            found[device, tf32] = session
    bits = {key: session.snapshot().parameters.tobytes() for key, session in found.items()}
    assert bits["cpu", False] == bits["cpu", True]
    assert bits["cuda", False] != bits["cuda", True]
    record = found["cuda", True].record()
    assert verify(record).verdict == SAME
    assert verify(record, device="cpu").verdict == ROUNDING
