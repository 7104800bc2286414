"""The path for larger networks, run on this computer's processor: its numbers are the readable engine's."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engines import EVALUATION_ROWS, TrainingData
from simulator.engines.cuda import choosing, workspace
from simulator.engines.cuda.engine import CudaEngine
from simulator.engines.cuda.large import LargePath
from simulator.engines.cuda.layout import DeviceRows, Layout
from simulator.engines.cuda.machine import Machine
from simulator.engines.cuda.structs import FIGURES, MOMENT_DTYPE
from simulator.engines.engine import EngineState
from simulator.engines.reference import ReferenceEngine
from simulator.nn import parameters, random
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.losses import LOSSES
from simulator.nn.optimizers import OPTIMIZERS
from simulator.nn.schedules import SCHEDULES
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig

HEADS = [(name, link) for name, row in LOSSES.items() for link in row.links]


@pytest.fixture(scope="module")
def host_gpu_for_all():
    host_machine = pytest.importorskip("host_machine")
    if host_machine.compiler() is None:
        pytest.skip("needs g++")
    return host_machine.HostDriver().open(0)


class Run:
    """A run on the large path, without an engine around it."""

    def __init__(
        self, machine: Machine, network: NetworkSpec, config: TrainingConfig, data: TrainingData, state: EngineState
    ) -> None:
        self.machine, self.data, self.config = machine, data, config
        self.rows = DeviceRows(machine, network, config.dtype, data)
        self.layout = Layout(machine, network, config, data, self.rows)
        self.path = LargePath(machine, self.layout, self.rows)
        self.item = state.item
        moment = np.zeros(1, MOMENT_DTYPE)
        for name in ("epoch", "item", "updates", "learning_rate", "gradient_norm", "sums"):
            moment[name] = getattr(state, name)
        moment["scalars"][0, : len(state.scalars)] = state.scalars
        machine.write(self.layout.address, moment.view(np.uint8))
        machine.write(self.layout.at("weights"), state.parameters.astype(config.dtype))
        if state.memory.size:
            machine.write(self.layout.at("memory"), state.memory.astype(config.dtype))
        self.layout.mark(state.frozen)
        self.layout.hold(state.held)
        self.path.changed()
        self.layout.send()
        for epoch in range(state.epoch, state.epoch + min(self.layout.slots, 4)):
            drawn = (
                random.permutation(config.seed, random.ORDER, epoch + 1, data.rows("train"))
                if data.order is None
                else data.order[epoch % len(data.order)]
            )
            place = self.layout.at("orders") + 4 * len(drawn) * (epoch % self.layout.slots)
            machine.write(place, drawn.astype(np.int32))

    def give(self, count: int) -> None:
        self.path.give(self.item, count)
        self.item = (self.item + count) % int(self.layout.run["items"][0])

    @property
    def moment(self):
        return self.machine.read(self.layout.address, np.uint8, (MOMENT_DTYPE.itemsize,)).get().view(MOMENT_DTYPE)[0]

    def numbers(self, name: str) -> np.ndarray:
        run = self.layout.run[0]
        shape = (int(run["parameters"]),) if name != "memory" else (int(run["names"]), int(run["parameters"]))
        return self.machine.read(self.layout.at(name), self.config.dtype, shape).get()

    def record(self, epoch: int) -> np.ndarray:
        place = self.layout.at("records") + 8 * FIGURES * (epoch % self.layout.slots)
        return self.machine.read(place, np.float64, (FIGURES,)).get()

    @property
    def bits(self) -> bytes:
        return b"".join(
            np.ascontiguousarray(part).tobytes()
            for part in (self.moment["sums"], self.moment["scalars"], self.numbers("weights"), self.numbers("memory"))
        )


@dataclasses.dataclass(frozen=True)
class Case:
    """A run, and a seed for all the numbers that are not worth a draw of their own."""

    network: NetworkSpec
    config: TrainingConfig
    rows: int = 13
    test_rows: int = 0
    classification: bool = False
    holds: bool = False
    freezes: bool = False
    seed: int = 0
    first_item: int = 0

    def data(self) -> TrainingData:
        rng, dtype, total = np.random.default_rng(self.seed), self.config.dtype, self.rows + self.test_rows
        X = rng.normal(size=(total, self.network.inputs)).astype(dtype)
        if self.classification:
            Y = np.eye(self.network.outputs)[rng.integers(0, self.network.outputs, total)].astype(dtype)
        else:
            Y = rng.random(size=(total, self.network.outputs)).astype(dtype)
        return TrainingData(X[: self.rows], Y[: self.rows], X[self.rows :], Y[self.rows :], self.classification)

    def state(self, engine: ReferenceEngine) -> EngineState:
        rng, dtype, start = np.random.default_rng(self.seed + 1), self.config.dtype, engine.state()
        count = start.parameters.size
        values = parameters.start_values(self.network, self.seed % 97) + rng.normal(scale=0.05, size=count)
        units = self.network.inputs + sum(layer.units for layer in self.network.hidden)
        held = np.where(rng.random(units) < 0.2, rng.normal(size=units), np.nan).astype(dtype)
        return dataclasses.replace(
            start,
            epoch=int(rng.integers(0, 5)),
            item=self.first_item % engine.batches,
            updates=int(rng.integers(0, 40)),
            parameters=values.astype(dtype),
            memory=rng.uniform(0.1, 1.0, size=start.memory.shape).astype(dtype),
            sums=rng.random(4),
            held=held if self.holds else None,
            frozen=rng.random(count) < 0.3 if self.freezes else None,
        )

    def begun(self, machine: Machine) -> tuple[ReferenceEngine, Run]:
        engine = ReferenceEngine(self.network, self.config, self.data(), "cpu")
        engine.restore(self.state(engine))
        return engine, Run(machine, self.network, self.config, self.data(), engine.state())


@st.composite
def cases(draw: st.DrawFn) -> Case:
    hidden = draw(
        st.lists(
            st.builds(
                LayerSpec,
                units=st.integers(1, 40) | st.sampled_from([64, 130]),
                activation=st.sampled_from(list(ACTIVATIONS)),
                dropout=st.sampled_from([0.0, 0.0, 0.3]),
            ),
            max_size=3,
        )
    )
    loss, link = draw(st.sampled_from(HEADS))
    network = NetworkSpec(draw(st.integers(1, 9) | st.just(600)), tuple(hidden), draw(st.integers(1, 40)), link)
    config = TrainingConfig(
        loss=Rule(loss),
        optimizer=Rule(draw(st.sampled_from(list(OPTIMIZERS))), weight_decay=draw(st.sampled_from([0.0, 0.1]))),
        schedule=Rule(draw(st.sampled_from(list(SCHEDULES)))),
        batch_size=draw(st.integers(1, 40) | st.just(300)),
        l1=draw(st.sampled_from([0.0, 0.01])),
        l2=draw(st.sampled_from([0.0, 0.1])),
        clip_norm=draw(st.sampled_from([None, None, 0.05, 100.0])),
        seed=draw(st.integers(0, 2**64 - 1)),
        dtype=draw(st.sampled_from(["float32", "float64"])),
    )
    return Case(
        network,
        config,
        rows=draw(st.integers(1, 90)),
        test_rows=draw(st.sampled_from([0, 5, 40])),
        classification=network.outputs > 1 and draw(st.booleans()),
        holds=draw(st.booleans()),
        freezes=draw(st.booleans()),
        seed=draw(st.integers(0, 2**20)),
        first_item=draw(st.integers(0, 5)),
    )


def assert_close(found, wanted, dtype: str, scale: float = 1.0) -> None:
    found, wanted = np.asarray(found, dtype=float), np.asarray(wanted, dtype=float)
    largest = max(np.abs(wanted).max(initial=0.0), 1e-3) if wanted.size else 1.0
    tolerance = scale * (2e-5 if dtype == "float32" else 1e-12) * largest
    np.testing.assert_allclose(found, wanted, rtol=0, atol=tolerance, equal_nan=True)


@settings(max_examples=20)  # a thread of a device is a fiber here: half a second each
@given(case=cases())
def test_an_update_is_the_readable_engines(host_gpu_for_all, case):
    engine, run = case.begun(host_gpu_for_all)
    records = engine.advance(10**9, 0, 1)
    run.give(1)
    dtype = case.config.dtype
    assert_close(run.numbers("weights"), engine.parameters(), dtype)
    state, moment = engine.state(), run.moment
    for found, wanted in zip(run.numbers("memory"), state.memory, strict=True):
        assert_close(found, wanted, dtype, 3.0)
    assert (moment["epoch"], moment["item"], moment["updates"]) == (state.epoch, state.item, state.updates)
    assert_close(moment["sums"], state.sums, dtype)
    assert_close(moment["learning_rate"], state.learning_rate, "float64")
    assert_close(moment["gradient_norm"], state.gradient_norm, dtype, 3.0)
    assert_close(moment["scalars"][: len(state.scalars)], state.scalars, "float64")
    if len(records):
        assert_close(run.record(state.epoch - 1)[6], records["weight_norm"][0], dtype)


WIDE = NetworkSpec(
    7, (LayerSpec(33, "relu", 0.2), LayerSpec(128, "gelu"), LayerSpec(5, "tanh", 0.5)), 3, "softmax", "he_normal"
)


def wide(**choices) -> Case:
    config = TrainingConfig(batch_size=16, seed=5, **choices)
    return Case(WIDE, config, rows=70, test_rows=23, classification=True, seed=3)


def test_epochs_with_a_smaller_last_batch_and_test_rows_are_the_readable_engines(host_gpu_for_all):
    case = wide(optimizer=Rule("adam", learning_rate=1e-3), l2=0.01, dtype="float64")
    engine, run = case.begun(host_gpu_for_all)
    first = engine.epoch
    records = engine.advance(first + 3, 0, 10**9)
    run.give(3 * engine.items)
    assert_close(run.numbers("weights"), engine.parameters(), "float64", 100)
    assert (run.moment["epoch"], run.moment["item"]) == (first + 3, 0)
    assert not run.moment["sums"].any()
    for place, wanted in enumerate(records):
        found = run.record(first + place)
        assert_close(found[0] / 70, wanted["train_loss"], "float64", 100)
        assert_close(found[2] / 23, wanted["test_loss"], "float64", 100)
        assert found[1] / 70 == pytest.approx(wanted["train_accuracy"])
        assert found[3] / 23 == pytest.approx(wanted["test_accuracy"])
        assert_close(found[4:], [wanted[n] for n in ("learning_rate", "gradient_norm", "weight_norm")], "float64", 100)


@pytest.mark.parametrize("clip", [None, 0.5])
def test_the_bits_are_the_same_however_the_items_are_divided(host_gpu_for_all, clip):
    case = wide(clip_norm=clip)
    _, whole = case.begun(host_gpu_for_all)
    whole.give(13)
    _, pieces = case.begun(host_gpu_for_all)
    for count in (1, 3, 2, 7):
        pieces.give(count)
    assert pieces.bits == whole.bits
    _, never_taken_down = case.begun(host_gpu_for_all)
    for _ in range(13):
        never_taken_down.give(1)
        never_taken_down.path._updates.clear()
    assert never_taken_down.bits == whole.bits


def test_a_batch_that_is_too_large_for_the_workspace_is_done_block_by_block(host_gpu_for_all, monkeypatch):
    network = NetworkSpec(3, (LayerSpec(33, "gelu", 0.2), LayerSpec(2, "tanh", 0.3)), 3, "softmax", "he_normal")
    config = TrainingConfig(batch_size=600, seed=5, dtype="float64")
    case = Case(network, config, rows=700, classification=True, holds=True)
    machine = host_gpu_for_all
    whole = LargePath.work_bytes(machine, network, config, 700, 0)
    monkeypatch.setattr(workspace, "block_rows", lambda network, dtype: 256)
    monkeypatch.setattr(workspace, "piece_rows", lambda network, dtype: 256)
    assert LargePath.work_bytes(machine, network, config, 700, 0) < 0.7 * whole
    engine, run = case.begun(machine)
    engine.advance(10**9, 0, 4)
    run.give(4)
    assert_close(run.numbers("weights"), engine.parameters(), "float64", 100)
    assert_close(run.moment["sums"], engine.state().sums, "float64", 100)


def test_threads_in_another_order_make_the_same_bits(host_gpu_for_all):
    host_machine = pytest.importorskip("host_machine")
    case = wide()
    _, one = case.begun(host_gpu_for_all)
    _, other = case.begun(host_machine.HostDriver(backwards=True).open(0))
    for run in (one, other):
        run.give(7)
    assert one.bits == other.bits


@pytest.mark.parametrize("ruin", [np.nan, np.inf])
def test_a_loss_that_is_not_finite_stops_the_run_before_anything_changes(host_gpu_for_all, ruin):
    case = wide(optimizer=Rule("sgd", learning_rate=0.01, momentum=0.9))
    engine, run = case.begun(host_gpu_for_all)
    run.give(1)  # and the next one is taken down
    row = int(random.permutation(5, random.ORDER, engine.epoch + 1, 70)[2 * 16 + 9])
    run.machine.write(run.rows.addresses["X"] + 4 * 7 * row, np.array([ruin], np.float32))
    run.give(1)
    before = run.bits
    run.give(11)
    assert run.bits == before
    moment = run.moment
    assert (moment["stopped"], moment["epoch"], moment["item"]) == (1, engine.epoch, 2)
    assert moment["updates"] == engine.updates + 2


def test_what_a_layer_sees_under_dropout_is_what_the_processor_draws(host_gpu_for_all):
    network = NetworkSpec(3, (LayerSpec(50, "sigmoid", 0.4),), 1, "linear")
    case = Case(network, TrainingConfig(loss=Rule("mse"), batch_size=20, seed=9), rows=40)
    engine, run = case.begun(host_gpu_for_all)
    run.path._gather(0, 0, 20)
    run.path._forward(run.path._at(run.path._places.inputs), 0, 20, learning=True)
    found = run.machine.read(run.path._at(run.path._places.values[0]), "float32", (20, 50)).get()
    kept = random.kept(9, engine.epoch + 1, 0, 20, 0, 50, 0.4)
    assert np.array_equal(found != 0, kept)


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("holds", [False, True])
def test_rows_that_are_only_evaluated_change_nothing(host_gpu_for_all, monkeypatch, split, holds):
    monkeypatch.setattr(workspace, "piece_rows", lambda network, dtype: 9)
    case = dataclasses.replace(wide(dtype="float64"), holds=holds)
    engine, run = case.begun(host_gpu_for_all)
    before = run.bits
    loss, hits = run.path.evaluate(split, 2, 20).get()
    wanted = engine.evaluate(split, 2, 22)
    assert loss == pytest.approx(wanted[0], rel=1e-12)
    assert hits == wanted[1]
    assert run.bits == before


def test_losses_of_a_block_are_added_in_the_same_order_whatever_the_pieces(host_gpu_for_all, monkeypatch):
    case = dataclasses.replace(wide(dtype="float64"), test_rows=700)
    _, whole = case.begun(host_gpu_for_all)
    monkeypatch.setattr(workspace, "piece_rows", lambda network, dtype: 128)
    _, pieces = case.begun(host_gpu_for_all)
    found = [run.path.evaluate("test", 0, 700).get() for run in (whole, pieces)]
    assert found[0][0] == pytest.approx(found[1][0], rel=1e-14)
    assert found[0][1] == found[1][1]


def test_more_rows_than_a_block_are_evaluated(host_gpu_for_all):
    network = NetworkSpec(2, (LayerSpec(3),), 1, "linear")
    case = Case(network, TrainingConfig(loss=Rule("mse"), dtype="float64"), rows=EVALUATION_ROWS + 100)
    engine, run = case.begun(host_gpu_for_all)
    found = run.path.evaluate("train", 0, case.rows).get()
    assert found[0] == pytest.approx(engine.evaluate("train", 0, case.rows)[0], rel=1e-12)


def test_the_host_waits_for_nothing_while_it_gives(host_gpu_for_all):
    _, run = wide().begun(host_gpu_for_all)
    waits = run.machine.waits
    run.give(20)
    assert run.machine.waits == waits


def test_a_kind_of_update_is_taken_down_the_second_time(host_gpu_for_all, monkeypatch):
    taken = []
    machine = host_gpu_for_all
    monkeypatch.setattr(machine, "take_down", lambda work, plain=machine.take_down: taken.append(1) or plain(work))
    _, run = wide().begun(machine)
    run.give(20)  # 5 batches and a block of test rows an epoch: four of one kind and the last, smaller one
    assert len(taken) == 2


def test_what_was_taken_down_stays_when_a_state_is_restored_but_not_when_products_change(host_gpu_for_all):
    _, run = wide().begun(host_gpu_for_all)
    run.give(3)
    taken = dict(run.path._updates)
    assert any(each is not None for each in taken.values())
    run.path.changed()
    assert run.path._updates == taken
    run.layout.config = dataclasses.replace(run.layout.config, tf32=True)
    run.path.changed()
    assert not run.path._updates


def test_the_workspace_is_what_was_announced(host_gpu_for_all):
    case = wide()
    machine = host_gpu_for_all
    machine.finish()
    announced = LargePath.work_bytes(machine, case.network, case.config, 70, 23)
    rows = DeviceRows(machine, case.network, "float32", case.data())
    layout = Layout(machine, case.network, case.config, case.data(), rows)
    before = machine.memory().held
    path = LargePath(machine, layout, rows)
    assert machine.memory().held - before == announced
    del path


@given(columns=st.integers(1, 2**20), rows=st.integers(1, 2**20))
def test_tiles_cover_a_matrix(columns, rows):
    assert workspace.quads(columns) in (1, 2, 4, 8, 16, 32)
    assert workspace.quads(columns) == 32 or 4 * workspace.quads(columns) >= columns
    assert workspace.quads(columns) == 1 or 2 * workspace.quads(columns) < columns
    assert workspace.chunks(rows, columns) * max(32, 256 // workspace.quads(columns)) >= rows


def test_a_wide_network_is_evaluated_in_smaller_pieces():
    narrow, broad = NetworkSpec(4, (LayerSpec(8),), 3), NetworkSpec(4, (LayerSpec(200_000),), 3)
    assert workspace.piece_rows(narrow, "float32") == EVALUATION_ROWS
    assert workspace.piece_rows(broad, "float32") == 128
    assert workspace.piece_rows(broad, "float64") == workspace._LEAST_PIECE


@pytest.fixture
def on_the_large_path(host_gpu, monkeypatch):
    monkeypatch.setattr(choosing, "LARGE_WORK", 0)


def started(case: Case) -> CudaEngine:
    engine = CudaEngine(case.network, case.config, case.data(), "cuda:0")
    engine.restore(case.state(engine))
    return engine


@pytest.mark.usefixtures("on_the_large_path")
def test_the_engine_trains_on_this_path_as_the_readable_engine_does():
    case = dataclasses.replace(wide(dtype="float64", clip_norm=1.0), holds=True, freezes=True)
    engine, readable = started(case), ReferenceEngine(case.network, case.config, case.data(), "cpu")
    readable.restore(engine.state())
    records, wanted = (each.advance(readable.epoch + 2, 0, 10**9) for each in (engine, readable))
    assert_close(engine.parameters(), readable.parameters(), "float64", 100)
    for name in records.dtype.names:
        assert_close(records[name], wanted[name], "float64", 100)


@pytest.mark.usefixtures("on_the_large_path")
def test_a_state_goes_on_with_the_same_bits_elsewhere():
    case = wide()
    engine, other = started(case), started(case)
    engine.advance(10**9, 0, 4)
    state = engine.state()
    engine.advance(10**9, 0, 9)
    other.restore(state)
    other.advance(10**9, 0, 9)
    for name in ("parameters", "memory", "sums", "scalars"):
        assert np.array_equal(getattr(engine.state(), name), getattr(other.state(), name))
    assert (engine.epoch, engine.item) == (other.epoch, other.item)


@pytest.mark.usefixtures("on_the_large_path")
def test_settings_hold_from_the_next_update_though_an_update_was_taken_down():
    case = wide(dtype="float64", optimizer=Rule("sgd", learning_rate=0.01))
    engine, readable = started(case), ReferenceEngine(case.network, case.config, case.data(), "cpu")
    readable.restore(engine.state())
    for config in (
        case.config,
        dataclasses.replace(case.config, optimizer=Rule("sgd", learning_rate=0.05), clip_norm=0.1),
        dataclasses.replace(case.config, l1=0.1),
        dataclasses.replace(case.config, optimizer=Rule("adam", learning_rate=0.01)),
    ):
        for each in (engine, readable):
            each.configure(case.network, config)
            each.advance(10**9, 0, 3)
    assert_close(engine.parameters(), readable.parameters(), "float64", 1000)


def test_tf32_is_used_only_where_it_is_asked_for(host_gpu_for_all, monkeypatch):
    asked = []
    plain = host_gpu_for_all.multiply

    def multiply(dtype, shape, A, B, C, turned=(False, False), tf32=False, added=False):
        asked.append(tf32)
        plain(dtype, shape, A, B, C, turned, tf32, added)

    monkeypatch.setattr(host_gpu_for_all, "multiply", multiply)
    for tf32 in (False, True):
        _, run = wide(tf32=tf32).begun(host_gpu_for_all)
        asked.clear()
        run.give(1)
        assert set(asked) == {tf32}
