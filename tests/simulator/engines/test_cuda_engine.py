"""The CUDA engine gives work ahead, hardly ever waits, and stays usable where a device has no room."""

import dataclasses

import numpy as np
import pytest

from simulator.engines import ENGINES, Engine, TrainingData, devices
from simulator.engines.cuda import choosing
from simulator.errors import ConfigError, DeviceMemoryError
from simulator.nn import parameters
from simulator.progress import Progress
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig

ENDLESS = 10**9
NETWORK = NetworkSpec(3, (LayerSpec(5, "tanh", dropout=0.3), LayerSpec(4, "gelu")), 3)
WIDE = NetworkSpec(3, (LayerSpec(70, "tanh"), LayerSpec(60, "relu", dropout=0.2)), 3)
"""So many parameters that several blocks share a batch of 40 rows."""
HOW = TrainingConfig(batch_size=4, dtype="float64", optimizer=Rule("adam", weight_decay=0.01), clip_norm=1.0)


def rows(train: int = 40, test: int = 9, seed: int = 0) -> TrainingData:
    rng = np.random.default_rng(seed)
    X, Y = rng.normal(size=(train + test, 3)), np.eye(3)[rng.integers(0, 3, train + test)]
    return TrainingData(X[:train], Y[:train], X[train:], Y[train:], True)


def made(network: NetworkSpec = NETWORK, how: TrainingConfig = HOW, data: TrainingData | None = None) -> Engine:
    return ENGINES["cuda"](network, how, data or rows(), "cuda:0")


def reference(network: NetworkSpec = NETWORK, how: TrainingConfig = HOW, data: TrainingData | None = None) -> Engine:
    return ENGINES["reference"](network, how, data or rows(), "cpu")


def given(machine) -> int:
    """Return how many pieces of training the machine has done."""
    return machine.launches.count("small_items")


def test_inside_an_epoch_a_call_waits_for_the_first_half_of_its_items_and_leaves_the_rest_to_the_device(host_gpu):
    [machine] = host_gpu.machines
    engine = made()
    engine.advance(1, 0, 2)
    for _ in range(2):
        waits, done = machine.waits, given(machine)
        assert len(engine.advance(1, 0, 4)) == 0
        assert machine.waits - waits <= 2, "one for the rest of the call before, one for half of this"
        assert given(machine) == done + 2, "the rest of the call before and the first half of this one are done"
    assert (engine.epoch, engine.item, engine.updates) == (0, 10, 10)


def test_a_single_item_is_not_waited_for_but_the_one_before_it_is(host_gpu):
    [machine] = host_gpu.machines
    engine = made()
    for item in range(1, 8):
        engine.advance(1, 0, 1)
        assert (engine.item, engine.updates) == (item, item)
        assert given(machine) == item - 1


def test_a_record_is_there_when_its_epoch_ends_while_what_follows_is_still_being_done(host_gpu):
    [machine] = host_gpu.machines
    engine = made()
    records = engine.advance(9, 0, 2 * engine.items + 5)
    assert records["epoch"].tolist() == [1, 2]
    assert given(machine) == 1
    assert (engine.epoch, engine.item) == (2, 5)


def test_a_goal_that_is_reached_is_known_to_be_reached(host_gpu):
    [machine] = host_gpu.machines
    engine = made()
    engine.advance(0, 7, ENDLESS)
    assert given(machine) == 2
    assert not engine._given


@pytest.mark.parametrize("calls", [[ENDLESS], [1] * 400, [3, 1, 17] * 30], ids=["one call", "single items", "mixed"])
def test_a_device_stops_by_itself_at_a_loss_that_is_not_finite_and_leaves_what_was_given_undone(host_gpu, calls):
    how = dataclasses.replace(HOW, loss=Rule("mse"), optimizer=Rule("sgd", learning_rate=2.0), clip_norm=None)
    network = NetworkSpec(3, (LayerSpec(4, "linear"),), 3, "linear")
    pair = reference(network, how), made(network, how)
    wanted = pair[0].advance(10**6, 0, ENDLESS)
    found = [pair[1].advance(10**6, 0, limit) for limit in calls]
    found.append(pair[1].advance(10**6, 0, 1))
    states = [each.state() for each in pair]
    assert not pair[1].loss_finite
    assert not pair[1].finite
    assert [(s.epoch, s.item, s.updates) for s in states][1] == (pair[0].epoch, pair[0].item, pair[0].updates)
    assert states[1].parameters == pytest.approx(states[0].parameters, rel=1e-6)
    assert np.concatenate(found)["epoch"].tolist() == wanted["epoch"].tolist()


def test_what_is_read_is_exact_even_before_anybody_heard_that_the_device_stopped(host_gpu):
    X = rows().X_train.copy()
    X[:] = np.nan
    engine = made(data=dataclasses.replace(rows(), X_train=X))
    start = engine.parameters()
    engine.advance(1, 0, 4)
    engine.advance(1, 0, 4)
    assert np.array_equal(engine.parameters(), start)
    state = engine.state()
    assert (state.epoch, state.item, state.updates) == (0, 0, 0)
    assert (engine.epoch, engine.item, engine.loss_finite) == (0, 0, False)


@pytest.mark.parametrize("large", [0, 10**9], ids=["large path", "small path"])
def test_the_device_looks_by_itself_whether_its_numbers_are_finite(host_gpu, monkeypatch, large):
    monkeypatch.setattr(choosing, "LARGE_WORK", large)
    engine = made()
    engine.advance(1, 0, 4)
    assert engine.seen_finite is True
    state = engine.state()
    memory = state.memory.copy()
    memory[0, 0] = np.inf
    frozen = np.zeros(NETWORK.parameter_count, bool)
    frozen[0] = True  # so that nothing else follows from it, and no loss tells
    engine.restore(dataclasses.replace(state, memory=memory, frozen=frozen))
    waits = host_gpu.machines[0].waits
    for _ in range(3):
        engine.advance(100, 0, 2)
    assert engine.loss_finite
    assert engine.seen_finite is False
    assert host_gpu.machines[0].waits - waits <= 2 * 3, "it comes with what is waited for anyway"
    assert not engine.finite
    engine.restore(state)
    assert engine.seen_finite is True
    assert engine.finite


@pytest.mark.parametrize("network", [NETWORK, WIDE], ids=["one block", "several blocks"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_no_number_depends_on_which_thread_or_block_is_first(host_gpu, network, dtype):
    how = dataclasses.replace(HOW, batch_size=40, dtype=dtype, l1=0.01, l2=0.1)
    [machine] = host_gpu.machines
    found = []
    for machine.backwards in (False, True):
        engine = made(network, how)
        records = engine.advance(2, 0, ENDLESS)
        found.append((records.tobytes(), engine.parameters().tobytes(), engine.evaluate("train", 3, 37)))
    assert found[0] == found[1]


def test_rows_are_evaluated_by_as_many_blocks_as_they_need_whatever_came_before(host_gpu):
    data = rows(40, 12)
    here, there = made(WIDE, data=data), reference(WIDE, data=data)
    for first, last in ((0, 12), (0, 40), (5, 13), (2, 10), (0, 40), (0, 3), (1, 9)):  # 3, 2 and 1 blocks
        assert here.evaluate("train", first, last) == pytest.approx(there.evaluate("train", first, last), rel=1e-12)


def test_a_device_whose_blocks_cannot_wait_for_each_other_trains_with_one(host_gpu):
    how = dataclasses.replace(HOW, batch_size=40)
    [machine] = host_gpu.machines
    machine.cooperates = False
    machine.together = lambda *_: 0
    here, there = made(WIDE, how), reference(WIDE, how)
    here.advance(2, 0, ENDLESS)
    there.advance(2, 0, ENDLESS)
    np.testing.assert_allclose(here.parameters(), there.parameters(), rtol=1e-9)
    assert here.evaluate("train", 0, 40) == pytest.approx(there.evaluate("train", 0, 40), rel=1e-9)
    assert "small_items" in machine.launches


def test_a_device_without_room_for_a_run_says_how_many_bytes_it_needs_and_has(host_gpu):
    [machine] = host_gpu.machines
    machine.limit = 20_000
    with pytest.raises(DeviceMemoryError, match=r"needs [\d.]+ kB .*limit of 20 kB leaves 20 kB") as caught:
        made()
    assert caught.value.needed > 20_000
    assert caught.value.free == 20_000
    del caught
    assert machine.memory().held == 0


@pytest.mark.parametrize("host_gpu", [{"total": 1000}], indirect=True)
def test_data_larger_than_a_devices_memory_are_refused_with_the_bytes(host_gpu):
    with pytest.raises(DeviceMemoryError, match=r"data are larger .* [\d.]+ kB, and it has 1 kB") as caught:
        made()
    assert caught.value.needed > 1000


def test_other_rows_that_find_no_room_beside_the_old_ones_take_their_place(host_gpu):
    [machine] = host_gpu.machines
    engine, other = made(data=rows(4000)), made(data=rows(4000))
    engine.advance(1, 0, ENDLESS)
    other.advance(1, 0, ENDLESS)
    machine.limit = machine.memory().held + 1000
    for each in (engine, other):
        each.configure(NETWORK, HOW, rows(4000, seed=1))
        machine.limit = 1 << 30
    assert engine.advance(2, 0, ENDLESS).tobytes() == other.advance(2, 0, ENDLESS).tobytes()


def test_other_rows_that_find_no_room_at_all_leave_the_run_as_it_was(host_gpu):
    [machine] = host_gpu.machines
    engine, undisturbed = made(), made()
    for each in (engine, undisturbed):
        each.advance(2, 3, ENDLESS)
    machine.limit = machine.memory().held + 1000
    with pytest.raises(DeviceMemoryError, match="no room"):
        engine.configure(NETWORK, HOW, rows(40_000))
    assert engine.advance(4, 1, ENDLESS).tobytes() == undisturbed.advance(4, 1, ENDLESS).tobytes()
    assert np.array_equal(engine.state().memory, undisturbed.state().memory)


def test_a_run_that_lost_its_place_on_the_device_keeps_its_state_for_another_engine(host_gpu):
    [machine] = host_gpu.machines
    engine, truth = made(), reference()
    for each in (engine, truth):
        each.advance(2, 3, ENDLESS)
    before = engine.state()
    machine.limit = 1000  # as if somebody else had taken all that is given back
    with pytest.raises(DeviceMemoryError):
        engine.configure(NETWORK, HOW, rows(40_000))
    with pytest.raises(DeviceMemoryError, match="no room") as caught:
        engine.advance(4, 0, ENDLESS)
    assert "state is kept" in caught.value.hint
    assert engine.finite
    other = reference()
    other.restore(engine.state())
    assert np.array_equal(other.parameters(), before.parameters)
    other.advance(3, 0, ENDLESS)
    truth.advance(3, 0, ENDLESS)
    assert other.parameters() == pytest.approx(truth.parameters(), rel=1e-9)
    machine.limit = 1 << 30
    engine.configure(NETWORK, HOW)
    engine.advance(3, 0, ENDLESS)
    assert engine.parameters() == pytest.approx(truth.parameters(), rel=1e-9)


def test_memory_is_given_back_with_the_engine(host_gpu):
    [machine] = host_gpu.machines
    engine = made()
    engine.advance(1, 0, ENDLESS)
    engine.configure(NETWORK, dataclasses.replace(HOW, batch_size=11, optimizer=Rule("sgd")))
    assert machine.memory().held > 0
    del engine
    assert machine.memory().held == 0


def test_the_device_counts_how_long_it_worked(host_gpu):
    [machine] = host_gpu.machines
    engine = made()
    before = engine.device_use().busy_seconds
    engine.advance(2, 0, ENDLESS)
    waits = machine.waits
    use = engine.device_use()
    assert machine.waits == waits
    assert use.busy_seconds > before == 0.0
    assert 0 < use.memory.held <= use.memory.total
    assert reference().device_use() is None


def test_preparing_waits_until_the_kernels_are_there(host_gpu):
    engine = made()
    engine.prepare(Progress())
    assert engine.ready
    assert engine.preparing == ""


def test_a_run_moves_between_the_processor_and_the_device_in_the_middle_of_an_epoch(host_gpu):
    moving, staying = reference(), reference()
    for goal, other in [((1, 3), made), ((2, 5), reference), ((4, 0), made)]:
        moving.advance(*goal, ENDLESS)
        following = other()
        following.restore(moving.state())
        moving = following
    staying.advance(4, 0, ENDLESS)
    assert moving.parameters() == pytest.approx(staying.parameters(), rel=1e-9)


def test_a_row_order_that_does_not_fit_is_refused(host_gpu):
    with pytest.raises(ConfigError, match="row order"):
        made(data=dataclasses.replace(rows(), order=np.full((1, 40), 40)))


def test_epochs_beyond_the_room_for_row_orders_are_all_recorded(host_gpu):
    data = TrainingData(np.eye(3), np.eye(3), np.zeros((0, 3)), np.zeros((0, 3)), True)
    pair = [each(NetworkSpec(3, (), 3), HOW, data) for each in (reference, made)]
    for each in pair:
        each.restore(dataclasses.replace(each.state(), epoch=250))
    wanted, found = (each.advance(800, 0, ENDLESS) for each in pair)
    assert found["epoch"].tolist() == list(range(251, 801))
    assert np.allclose(found["train_loss"], wanted["train_loss"], rtol=1e-9)


def test_another_start_is_another_run_and_the_device_is_the_one_that_was_named(host_gpu):
    engine = made()
    engine.start(parameters.start_values(NETWORK, 5))
    assert np.array_equal(engine.parameters(), parameters.start_values(NETWORK, 5))
    assert devices.resolve("cuda") == "cuda:0"
