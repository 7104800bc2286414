"""Every engine does what the readable one does: on random networks, data and settings, from equal states.

One update in float64 agrees to 1e-12 of the largest number in it; in float32 to 2e-5. Memory that divides (the mean
squares of the adaptive optimizers) starts away from zero there, since g/√g² of a tiny g is as far off as g is.
"""

import contextlib
import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engines import ENGINES, EVALUATION_ROWS, Engine, EngineState, TrainingData
from simulator.engines.threads import blas_threads
from simulator.nn import parameters, random
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.losses import LOSSES
from simulator.nn.optimizers import OPTIMIZERS
from simulator.nn.schedules import SCHEDULES
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig

ENDLESS = 10**9
FASTER = [name for name in ENGINES if name != "reference"]
HEADS = [(name, link) for name, row in LOSSES.items() for link in row.links]
DEVICES = {"cuda": "cuda:0"}
pytestmark = pytest.mark.parametrize(
    ("engine_name", "threads"),
    [
        *((name, threads) for name in FASTER if name not in DEVICES for threads in (1, 2, 3)),
        pytest.param("cuda", 1, id="cuda on this processor"),
        pytest.param("cuda", 1, id="cuda", marks=pytest.mark.gpu),
    ],
)


@pytest.fixture(autouse=True, scope="module")
def one_blas_thread() -> Iterator[None]:
    """Hold the number of BLAS threads, as whoever calls an engine does."""
    with blas_threads(1):
        yield


@dataclasses.dataclass(frozen=True)
class Case:
    """A run, and a seed for all the numbers that are not worth a draw of their own."""

    network: NetworkSpec
    config: TrainingConfig
    rows: int
    test_rows: int
    classification: bool
    given_order: bool
    holds: bool
    freezes: bool
    seed: int

    def data(self) -> TrainingData:
        rng, dtype = np.random.default_rng(self.seed), self.config.dtype
        total = self.rows + self.test_rows
        X = rng.normal(size=(total, self.network.inputs)).astype(dtype)
        if self.classification:
            Y = np.eye(self.network.outputs)[rng.integers(0, self.network.outputs, total)].astype(dtype)
        else:
            Y = rng.normal(size=(total, self.network.outputs)).astype(dtype)
        order = np.stack([rng.permutation(self.rows) for _ in range(2)]) if self.given_order else None
        return TrainingData(X[: self.rows], Y[: self.rows], X[self.rows :], Y[self.rows :], self.classification, order)

    def engines(self, engine_name: str, threads: int) -> tuple[Engine, Engine]:
        data = self.data()
        return tuple(
            ENGINES[name](self.network, self.config, data, DEVICES.get(name, "cpu"), threads)
            for name in ("reference", engine_name)
        )

    def state(self, engine: Engine) -> EngineState:
        """Return a state somewhere in the run, with numbers that are not special."""
        rng, dtype, start = np.random.default_rng(self.seed + 1), self.config.dtype, engine.state()
        count = start.parameters.size
        values = parameters.start_values(self.network, self.seed % 97) + rng.normal(scale=0.05, size=count)
        units = self.network.inputs + sum(layer.units for layer in self.network.hidden)
        held = np.where(rng.random(units) < 0.2, rng.normal(size=units), np.nan).astype(dtype)
        return dataclasses.replace(
            start,
            epoch=int(rng.integers(0, 5)),
            item=int(rng.integers(0, engine.batches)),
            updates=int(rng.integers(0, 40)),
            parameters=values.astype(dtype),
            memory=rng.uniform(0.1, 1.0, start.memory.shape).astype(dtype),
            scalars=start.scalars * rng.uniform(0.3, 1.0),
            sums=rng.random(4),
            frozen=rng.random(count) < 0.3 if self.freezes else None,
            held=held if self.holds else None,
        )


def optimizers() -> st.SearchStrategy[Rule]:
    rate, decay = st.sampled_from([0.3, 0.01, 0.0]), st.sampled_from([0.0, 0.1])
    plain = st.builds(
        lambda name, rate, decay: Rule(name, learning_rate=rate, weight_decay=decay),
        st.sampled_from(sorted(OPTIMIZERS)), rate, decay,
    )  # fmt: skip
    momentum = st.sampled_from([0.0, 0.9])
    sgd = st.builds(
        lambda rate, momentum, nesterov: Rule("sgd", learning_rate=rate, momentum=momentum, nesterov=nesterov),
        rate, momentum, st.booleans(),
    )  # fmt: skip
    rmsprop = st.builds(lambda rate, momentum: Rule("rmsprop", learning_rate=rate, momentum=momentum), rate, momentum)
    return st.one_of(plain, sgd, rmsprop)


@st.composite
def cases(draw: st.DrawFn, dtype: str = "float64", largest: int = 40) -> Case:
    widths = st.integers(1, largest)
    hidden = st.builds(LayerSpec, widths, st.sampled_from(sorted(ACTIVATIONS)), st.sampled_from([0.0, 0.0, 0.3, 0.9]))
    loss, link = draw(st.sampled_from(HEADS))
    rows = draw(st.integers(1, 60))
    warmup = draw(st.sampled_from([0.0, 3.5]))
    how = TrainingConfig(
        loss=Rule(loss),
        optimizer=draw(optimizers()),
        schedule=Rule(draw(st.sampled_from(sorted(SCHEDULES))), warmup_epochs=warmup),
        batch_size=draw(st.integers(1, rows + 5)),
        l1=draw(st.sampled_from([0.0, 0.02])),
        l2=draw(st.sampled_from([0.0, 0.1])),
        clip_norm=draw(st.sampled_from([None, 0.05, 100.0])),
        seed=draw(st.sampled_from([0, 1, 2**31, 2**32, 2**63, 2**64 - 1])),
        dtype=dtype,
    )
    network = NetworkSpec(draw(widths), tuple(draw(st.lists(hidden, max_size=4))), draw(widths), link)
    flags = [draw(st.booleans()) for _ in range(4)]
    return Case(network, how, rows, draw(st.sampled_from([0, 1, 17])), *flags, seed=draw(st.integers(0, 2**20)))


def assert_close(found: np.ndarray, wanted: np.ndarray, tolerance: float, what: str) -> None:
    assert found.shape == wanted.shape, what
    assert found.dtype == wanted.dtype, what
    size = max(1.0, float(np.abs(wanted).max(initial=0.0)))
    assert np.abs(found - wanted).max(initial=0.0) <= tolerance * size, what


def assert_one_update_agrees(case: Case, engine_name: str, threads: int, tolerance: float) -> None:
    truth, engine = case.engines(engine_name, threads)
    state = case.state(truth)
    for each in (truth, engine):
        each.restore(state)
        each.advance(state.epoch + 1, 0, 1)
    wanted, found = truth.state(), engine.state()
    assert (found.epoch, found.item, found.updates) == (wanted.epoch, wanted.item, wanted.updates)
    assert engine.loss_finite
    assert engine.finite
    assert not truth.finite or np.isfinite(found.parameters).all()
    for name in ("parameters", "memory", "scalars"):
        assert_close(getattr(found, name), getattr(wanted, name), tolerance, name)
    assert_close(found.sums[[0, 2]], wanted.sums[[0, 2]], tolerance, "losses")
    assert found.learning_rate == pytest.approx(wanted.learning_rate, rel=1e-14)
    assert found.gradient_norm == pytest.approx(wanted.gradient_norm, rel=10 * tolerance, abs=tolerance, nan_ok=True)


@settings(max_examples=30, deadline=None)
@given(cases())
def test_one_update_from_equal_states_is_the_same_in_float64(engine_name, threads, case):
    assert_one_update_agrees(case, engine_name, threads, 1e-12)


@settings(max_examples=15, deadline=None)
@given(cases("float32"))
def test_one_update_from_equal_states_is_the_same_to_rounding_in_float32(engine_name, threads, case):
    assert_one_update_agrees(case, engine_name, threads, 2e-5)


SMOOTH = sorted(name for name, row in ACTIVATIONS.items() if not row.kinked)


@settings(max_examples=10, deadline=None)
@given(cases(largest=9), st.sampled_from(SMOOTH))
def test_whole_epochs_stay_close_and_their_records_agree(engine_name, threads, case, activation):
    """From the first update on; without what makes much of a rounding error: kinks, quotients, and growth."""
    hidden = tuple(dataclasses.replace(layer, activation=activation) for layer in case.network.hidden)
    loss = Rule("mse" if case.config.loss.name in ("mae", "huber") else case.config.loss.name)
    optimizer = Rule("sgd", learning_rate=0.05, momentum=0.5)
    case = dataclasses.replace(
        case,
        network=dataclasses.replace(case.network, hidden=hidden),
        config=dataclasses.replace(case.config, loss=loss, optimizer=optimizer, l1=0.0, clip_norm=1.0),
        classification=loss.name != "mse",
    )
    truth, engine = case.engines(engine_name, threads)
    start = dataclasses.replace(case.state(truth), epoch=0, item=0, updates=0, sums=np.zeros(4))
    records = []
    for each in (truth, engine):
        each.restore(dataclasses.replace(start, memory=np.zeros_like(start.memory)))
        records.append(each.advance(4, 0, ENDLESS))
    wanted, found = records
    for name in ("epoch", "train_accuracy", "test_accuracy"):
        assert np.array_equal(found[name], wanted[name], equal_nan=True), name
    for name in ("train_loss", "test_loss", "learning_rate", "gradient_norm", "weight_norm"):
        assert np.allclose(found[name], wanted[name], rtol=1e-9, atol=1e-12, equal_nan=True), name
    assert_close(engine.parameters(), truth.parameters(), 1e-8, "parameters")
    rows = case.rows
    assert engine.evaluate("train", 0, rows)[0] == pytest.approx(truth.evaluate("train", 0, rows)[0], rel=1e-8)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_takes_the_same_way_for_ten_epochs(engine_name, threads, optimizer):
    hidden = (LayerSpec(9, "tanh"), LayerSpec(5, "softplus", dropout=0.2))
    how = TrainingConfig(
        optimizer=Rule(optimizer, weight_decay=0.01), batch_size=7, clip_norm=1.0, l2=1e-3, dtype="float64"
    )
    case = Case(NetworkSpec(4, hidden, 3), how, 40, 11, True, False, False, False, 5)
    truth, engine = case.engines(engine_name, threads)
    wanted, found = (each.advance(10, 0, ENDLESS) for each in (truth, engine))
    for name in wanted.dtype.names:
        assert np.allclose(found[name], wanted[name], rtol=1e-9, atol=0), name
    assert_close(engine.parameters(), truth.parameters(), 1e-9, "parameters")
    assert_close(engine.state().memory, truth.state().memory, 1e-9, "memory")


def made(engine_name: str, threads: int, network: NetworkSpec, data: TrainingData, **how) -> Engine:
    config = TrainingConfig(**({"optimizer": Rule("sgd", learning_rate=0.1), "dtype": "float64"} | how))
    return ENGINES[engine_name](network, config, data, DEVICES.get(engine_name, "cpu"), threads)


@pytest.mark.parametrize("seed", [0, 2**32 + 5, 2**64 - 1])
@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5, 37])
def test_the_rows_come_in_the_order_that_the_seed_draws(engine_name, threads, rows, seed):
    """Every row has an input of its own, so that an update's row is seen in the weight that it moves."""
    data = TrainingData(np.eye(rows), np.ones((rows, 1)), np.zeros((0, rows)), np.zeros((0, 1)), False)
    network = NetworkSpec(rows, (), 1, "linear", initializer="zeros")
    engine = made(engine_name, threads, network, data, loss=Rule("mse"), batch_size=1, seed=seed)
    for epoch in (0, 1, 2, 70_000):
        engine.restore(dataclasses.replace(engine.state(), epoch=epoch, item=0))
        order = []
        for _ in range(rows):
            before = engine.parameters()[:rows]
            engine.advance(epoch + 1, 0, 1)
            order += np.flatnonzero(engine.parameters()[:rows] != before).tolist()
        assert order == random.permutation(seed, random.ORDER, epoch + 1, rows).tolist()


def test_given_row_orders_are_used_one_after_the_other_and_again_from_the_start(engine_name, threads):
    given_orders = np.stack([np.random.default_rng(k).permutation(11) for k in range(3)])
    data = TrainingData(np.eye(11), np.ones((11, 1)), np.zeros((0, 11)), np.zeros((0, 1)), False, given_orders)
    network = NetworkSpec(11, (), 1, "linear", initializer="zeros")
    engine = made(engine_name, threads, network, data, loss=Rule("mse"), batch_size=1)
    for epoch in range(7):
        order = []
        for _ in range(11):
            before = engine.parameters()[:11]
            engine.advance(epoch + 1, 0, 1)
            order += np.flatnonzero(engine.parameters()[:11] != before).tolist()
        assert order == given_orders[epoch % 3].tolist()


@pytest.mark.parametrize(
    ("rows", "layer", "rate"),
    [(130, 0, 0.5), (130, 2, 0.03), (130, 1, 1.0 - 2.0**-32), (130, 0, 1e-12), (1100, 1, 0.3)],
    ids=["one half", "a few", "almost all", "almost none", "large blocks"],
)
def test_dropout_keeps_the_neurons_that_the_definition_names(engine_name, threads, rows, layer, rate):
    """The neurons are all 1 and each row has an output of its own: one update writes the mask into the last weights."""
    units, seed = 21, 2**63 + 5
    hidden = [LayerSpec(3, "linear") for _ in range(layer)] + [LayerSpec(units, "linear", dropout=rate)]
    network = NetworkSpec(1, tuple(hidden), rows, "linear", initializer="zeros")
    X, Y = np.ones((2 * rows, 1)), np.tile(np.eye(rows), (2, 1))
    data = TrainingData(X, Y, X[:0], Y[:0], False, np.arange(2 * rows)[None, :])
    engine = made(engine_name, threads, network, data, loss=Rule("mse"), batch_size=rows, seed=seed)
    start = np.zeros(network.parameter_count)
    parameters.layers(network, start)[layer].bias[...] = 1.0
    scale = 1.0 / (1.0 - rate)
    for epoch, item in [(0, 0), (0, 1), (3, 1)]:
        engine.restore(dataclasses.replace(engine.state(), epoch=epoch, item=item, parameters=start))
        engine.advance(epoch + 1, 0, 1)
        moved = parameters.layers(network, engine.parameters())[-1].weight.T  # (rows, units)
        kept = random.kept(seed, epoch + 1, item * rows, rows, layer, units, rate)
        assert np.array_equal(moved != 0.0, kept)
        assert np.allclose(moved[kept], 0.1 * scale * 2.0 / rows / rows, rtol=1e-12, atol=0.0)


@pytest.mark.parametrize("test_rows", [1, EVALUATION_ROWS - 1, EVALUATION_ROWS, EVALUATION_ROWS + 1])
def test_test_rows_are_evaluated_in_items_with_the_same_sums(engine_name, threads, test_rows):
    network = NetworkSpec(2, (LayerSpec(3, "relu", dropout=0.5),), 3)
    how = TrainingConfig(batch_size=2, dtype="float64")
    case = Case(network, how, 3, test_rows, True, False, True, False, 8)
    truth, engine = case.engines(engine_name, threads)
    assert engine.items == truth.items == 2 + -(-test_rows // EVALUATION_ROWS)
    state = dataclasses.replace(case.state(truth), item=2)
    for _ in range(engine.items - 2):
        sums = []
        for each in (truth, engine):
            each.restore(state)
            if state.item == engine.items - 1:
                (record,) = each.advance(state.epoch + 1, 0, 1)
                sums.append((record["test_loss"], record["test_accuracy"]))
            else:
                each.advance(state.epoch + 1, 0, 1)
                sums.append(tuple(each.state().sums[2:]))
        assert sums[1] == pytest.approx(sums[0], rel=1e-12)
        state = dataclasses.replace(state, item=state.item + 1)


@pytest.mark.parametrize(
    ("inputs", "hidden", "outputs", "rows", "batch_size"),
    [
        (1, (), 1, 1, 1),
        (1, (1,), 1, 2, 10**6),
        (5000, (3,), 2, 3, 2),
        (2, (3,), 300, 97, 97),
        (3, (2,) * 40, 2, 5, 2),
        (3, (130,), 17, 200, 193),
        (3, (9, 5), 4, 2500, 2499),
        (1, (16, 8, 32), 8, 96, 96),
    ],
    ids=[
        "one of everything", "a batch larger than the data", "5000 inputs", "300 outputs", "40 hidden layers",
        "more than two blocks", "more than two large blocks", "whole vectors",
    ],
)  # fmt: skip
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_unusual_shapes_agree(engine_name, threads, dtype, inputs, hidden, outputs, rows, batch_size):
    network = NetworkSpec(inputs, tuple(LayerSpec(units, "tanh", 0.3) for units in hidden), outputs, "sigmoid")
    how = TrainingConfig(loss=Rule("binary_cross_entropy"), batch_size=batch_size, clip_norm=1.0, dtype=dtype)
    case = Case(network, how, rows, 2, True, False, True, True, 1)
    assert_one_update_agrees(case, engine_name, threads, 1e-12 if dtype == "float64" else 2e-5)


@pytest.mark.parametrize("batch_size", [2**31, 2**62, 2**63 - 1, 2**70])
def test_a_batch_size_without_end_is_one_batch(engine_name, threads, batch_size):
    case = Case(NetworkSpec(3, (), 2), TrainingConfig(batch_size=batch_size), 20, 3, True, False, False, False, 1)
    truth, engine = case.engines(engine_name, threads)
    records = [each.advance(2, 0, ENDLESS) for each in (truth, engine)]
    assert engine.updates == truth.updates == 2
    assert np.allclose(records[1]["test_loss"], records[0]["test_loss"], rtol=1e-5)


CHANGES = {
    "the learning rate": lambda n, c: (n, dataclasses.replace(c, optimizer=Rule("adam", learning_rate=0.5))),
    "the optimizer": lambda n, c: (n, dataclasses.replace(c, optimizer=Rule("sgd", momentum=0.5))),
    "the optimizer, for one with more memory": lambda n, c: (n, dataclasses.replace(c, optimizer=Rule("nadam"))),
    "the schedule": lambda n, c: (n, dataclasses.replace(c, schedule=Rule("exponential", gamma=0.5))),
    "the loss and the link": lambda n, c: (
        dataclasses.replace(n, link="sigmoid"), dataclasses.replace(c, loss=Rule("huber", threshold=0.3)),
    ),
    "the penalties and the clipping": lambda n, c: (n, dataclasses.replace(c, l1=0.01, l2=0.1, clip_norm=0.01)),
    "an activation": lambda n, c: (dataclasses.replace(n, hidden=(LayerSpec(6, "gelu"), n.hidden[1])), c),
    "dropout on": lambda n, c: (dataclasses.replace(n, hidden=(LayerSpec(6, "tanh", 0.4), n.hidden[1])), c),
    "dropout off": lambda n, c: (dataclasses.replace(n, hidden=(n.hidden[0], LayerSpec(4, "tanh"))), c),
    "nothing": lambda n, c: (n, c),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_settings_changed_in_the_middle_of_an_epoch_hold_from_the_next_update(engine_name, threads, change):
    network = NetworkSpec(3, (LayerSpec(6, "tanh"), LayerSpec(4, "tanh", dropout=0.3)), 3)
    how = TrainingConfig(optimizer=Rule("adam"), batch_size=4, dtype="float64")
    case = Case(network, how, 22, 5, True, False, True, True, 3)
    truth, engine = case.engines(engine_name, threads)
    state = dataclasses.replace(case.state(truth), epoch=1, item=2)
    records = []
    for each in (truth, engine):
        each.restore(state)
        each.advance(1, 3, ENDLESS)
        each.configure(*CHANGES[change](network, how))
        assert (each.epoch, each.item) == (1, 3)
        records.append(each.advance(3, 1, ENDLESS))
    for name in records[0].dtype.names:
        assert np.allclose(records[1][name], records[0][name], rtol=1e-9, atol=0.0), name
    wanted, found = truth.state(), engine.state()
    assert found.updates == wanted.updates
    for name in ("parameters", "memory", "scalars", "sums"):
        assert_close(getattr(found, name), getattr(wanted, name), 1e-9, name)
    assert np.array_equal(found.frozen, wanted.frozen)
    assert np.array_equal(found.held, wanted.held, equal_nan=True)


def test_units_are_held_and_let_go_and_parameters_frozen_and_freed_in_the_middle_of_an_epoch(engine_name, threads):
    network = NetworkSpec(3, (LayerSpec(6, "tanh"), LayerSpec(4, "gelu")), 3)
    case = Case(network, TrainingConfig(batch_size=4, dtype="float64"), 22, 5, True, False, True, True, 3)
    pair = case.engines(engine_name, threads)
    special = case.state(pair[0])
    for held, frozen in [
        (None, None),
        (special.held, None),
        (None, special.frozen),
        (special.held, special.frozen),
    ] * 2:
        for each in pair:
            each.restore(dataclasses.replace(each.state(), held=held, frozen=frozen))
            each.advance(ENDLESS, 0, 5)
        wanted, found = (each.state() for each in pair)
        for name in ("parameters", "memory", "sums"):
            assert_close(getattr(found, name), getattr(wanted, name), 1e-10, name)


@pytest.mark.parametrize("batch_size", [1, 3, 22, 100])
def test_another_batch_size_holds_from_the_next_epoch(engine_name, threads, batch_size):
    network = NetworkSpec(3, (LayerSpec(6, "tanh", dropout=0.3),), 3)
    how = TrainingConfig(batch_size=4, dtype="float64")
    case = Case(network, how, 22, 5, True, False, False, False, 3)
    truth, engine = case.engines(engine_name, threads)
    for each in (truth, engine):
        each.advance(2, 0, ENDLESS)
        each.configure(network, dataclasses.replace(how, batch_size=batch_size))
        each.advance(4, 0, ENDLESS)
    assert engine.updates == truth.updates == 12 + 2 * -(-22 // batch_size)
    assert_close(engine.parameters(), truth.parameters(), 1e-9, "parameters")


def wild(engine_name: str, threads: int, **changes) -> tuple[Engine, Engine]:
    hidden = (LayerSpec(5, "tanh"), LayerSpec(3, "relu"))
    case = Case(NetworkSpec(3, hidden, 2, "linear"), TrainingConfig(
        loss=Rule("mse"), optimizer=Rule("sgd", learning_rate=0.01), batch_size=8, dtype="float64"
    ), 20, 3, False, True, False, False, 4)  # fmt: skip
    data = dataclasses.replace(case.data(), **changes)
    return tuple(
        ENGINES[name](case.network, case.config, data, DEVICES.get(name, "cpu"), threads)
        for name in ("reference", engine_name)
    )


def assert_stops_and_recovers_alike(pair: tuple[Engine, Engine], start: EngineState, clean: EngineState) -> None:
    """Both stop at the same item, and both are as good as new when a finite state is restored."""
    places = []
    for each in pair:
        each.restore(start)
        while each.loss_finite and (each.epoch, each.item) < (3, 0):
            each.advance(3, 0, 1)
        places.append((each.epoch, each.item, each.updates, each.loss_finite))
        assert not each.finite
        each.restore(clean)
        assert each.finite, "nothing of the numbers that were none is left"
    assert places[1] == places[0]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_an_input_that_is_no_finite_number_is_noticed_when_it_is_learned(engine_name, threads, value):
    X = np.random.default_rng(0).normal(size=(20, 3))
    X[7, 1] = value
    pair = wild(engine_name, threads, X_train=X)
    assert_stops_and_recovers_alike(pair, pair[0].state(), pair[0].state())


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_target_that_is_no_finite_number_is_noticed(engine_name, threads, value):
    Y = np.random.default_rng(0).normal(size=(20, 2))
    Y[11, 0] = value
    pair = wild(engine_name, threads, Y_train=Y)
    assert_stops_and_recovers_alike(pair, pair[0].state(), pair[0].state())


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_parameter_that_is_no_finite_number_is_noticed_wherever_it_is(engine_name, threads, value):
    pair = wild(engine_name, threads)
    clean = pair[0].state()
    for place in range(clean.parameters.size):
        values = clean.parameters.copy()
        values[place] = value
        state = dataclasses.replace(clean, parameters=values)
        for each in pair:
            each.restore(state)
            assert not each.finite
        assert_stops_and_recovers_alike(pair, state, clean)


def test_memory_and_scalars_that_are_no_finite_numbers_are_noticed(engine_name, threads):
    case = Case(
        NetworkSpec(3, (LayerSpec(5),), 2), TrainingConfig(optimizer=Rule("nadam")), 20, 0, True, *[False] * 3, 1
    )
    _, engine = case.engines(engine_name, threads)
    clean = engine.state()
    for place in range(clean.memory.size):
        memory = clean.memory.copy()
        memory.flat[place] = np.nan
        engine.restore(dataclasses.replace(clean, memory=memory))
        assert not engine.finite
    engine.restore(dataclasses.replace(clean, scalars=np.array([np.inf])))
    assert not engine.finite
    engine.restore(clean)
    assert engine.finite


@pytest.mark.parametrize("clip_norm", [None, 1.0])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_run_that_grew_without_end_goes_on_from_a_finite_state_with_the_bits_it_had(
    engine_name, threads, optimizer, clip_norm
):
    case = Case(NetworkSpec(3, (LayerSpec(5, "relu"),), 2, "linear"), TrainingConfig(
        loss=Rule("mse"), optimizer=Rule(optimizer, learning_rate=1e160), batch_size=8, dtype="float64",
        clip_norm=clip_norm,
    ), 20, 3, False, False, False, False, 4)  # fmt: skip
    _, engine = case.engines(engine_name, threads)
    calm = dataclasses.replace(case.config, optimizer=Rule(optimizer, learning_rate=0.01))
    start = engine.state()
    engine.advance(50, 0, ENDLESS)
    assert not engine.finite
    engine.restore(start)
    engine.configure(case.network, calm)
    engine.advance(3, 0, ENDLESS)
    assert engine.finite
    _, other = dataclasses.replace(case, config=calm).engines(engine_name, threads)
    other.advance(3, 0, ENDLESS)
    assert np.array_equal(engine.parameters(), other.parameters())


def test_settings_alone_do_not_bring_a_stopped_engine_back(engine_name, threads):
    pair = wild(engine_name, threads, Y_train=np.full((20, 2), np.inf))
    for each in pair:
        each.advance(1, 0, ENDLESS)
        each.configure(each._network, each._config)
        assert not each.loss_finite
        assert len(each.advance(1, 0, ENDLESS)) == 0
        assert each.updates == 0


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", [name for name, row in OPTIMIZERS.items() if "epsilon" in row.__annotations__])
def test_an_epsilon_that_the_number_format_cannot_hold_is_no_divergence(engine_name, threads, optimizer, dtype):
    how = TrainingConfig(optimizer=Rule(optimizer, epsilon=1e-60), batch_size=8, dtype=dtype)
    case = Case(NetworkSpec(3, (LayerSpec(5),), 2), how, 20, 3, True, False, False, False, 1)
    for each in case.engines(engine_name, threads):
        each.advance(3, 0, ENDLESS)
        assert each.finite, each.name


def test_rows_that_are_read_only_or_stand_in_columns_are_taken_as_they_are(engine_name, threads):
    rng = np.random.default_rng(0)
    X, Y = np.asfortranarray(rng.normal(size=(20, 3))), np.eye(2)[rng.integers(0, 2, 20)].astype(np.float32)
    for array in (X, Y):
        array.flags.writeable = False
    ends = []
    for rows in (X, np.ascontiguousarray(X), np.repeat(X, 2, axis=1)[:, ::2]):
        data = TrainingData(rows, Y, rows[::-1], Y[::-1], True)
        engine = made(engine_name, threads, NetworkSpec(3, (LayerSpec(4),), 2), data, batch_size=6)
        engine.advance(2, 0, ENDLESS)
        ends.append(engine.parameters())
    assert np.array_equal(ends[0], ends[1])
    assert np.array_equal(ends[0], ends[2])
    engine = made(engine_name, threads, NetworkSpec(3, (), 2), TrainingData(rng.normal(size=(4, 3)), Y[:4], X, Y, True))
    with contextlib.suppress(ValueError):  # what an engine was given stays its giver's
        engine._data.X_train[0, 0] = 5.0
    assert engine._data.X_train[0, 0] == 5.0


def test_two_engines_with_the_same_seed_and_threads_have_the_same_bits(engine_name, threads):
    hidden = (LayerSpec(19, "gelu", dropout=0.2), LayerSpec(7, "tanh"))
    how = TrainingConfig(batch_size=33, l2=1e-3, clip_norm=0.5)
    case = Case(NetworkSpec(6, hidden, 3), how, 100, 41, True, False, False, False, 2)
    ends = []
    for _ in range(2):
        _, engine = case.engines(engine_name, threads)
        records = engine.advance(6, 0, ENDLESS)
        ends.append((engine.parameters(), engine.state().memory, records))
    assert np.array_equal(ends[0][0], ends[1][0])
    assert np.array_equal(ends[0][1], ends[1][1])
    assert np.array_equal(ends[0][2], ends[1][2])


def test_stopping_anywhere_and_going_on_in_another_engine_changes_no_bit(engine_name, threads):
    hidden = (LayerSpec(11, "silu", dropout=0.2), LayerSpec(7, "tanh"))
    how = TrainingConfig(optimizer=Rule("nadam"), batch_size=33, l2=1e-3, clip_norm=0.5)
    case = Case(NetworkSpec(6, hidden, 3), how, 100, 41, True, False, True, True, 2)
    _, straight = case.engines(engine_name, threads)
    start = dataclasses.replace(case.state(straight), epoch=0, item=0, sums=np.zeros(4))
    straight.restore(start)
    wanted = straight.advance(4, 0, ENDLESS)
    _, engine = case.engines(engine_name, threads)
    engine.restore(start)
    pieces = []
    for limit in np.random.default_rng(threads).integers(1, 5, 100):
        pieces.append(engine.advance(4, 0, int(limit)))
        state = engine.state()
        _, engine = case.engines(engine_name, threads)
        engine.restore(state)
        if engine.epoch == 4:
            break
    assert np.array_equal(np.concatenate(pieces), wanted)
    for name in ("parameters", "memory", "scalars", "sums"):
        assert np.array_equal(getattr(engine.state(), name), getattr(straight.state(), name)), name


def test_more_epochs_than_a_kernel_can_write_down_are_all_recorded(engine_name, threads):
    case = Case(NetworkSpec(1, (), 1, "sigmoid"), TrainingConfig(
        loss=Rule("binary_cross_entropy"), batch_size=4, dtype="float64"
    ), 4, 1, True, False, False, False, 1)  # fmt: skip
    truth, engine = case.engines(engine_name, threads)
    engine.advance(0, 1, ENDLESS)
    records = engine.advance(2500, 1, ENDLESS)
    assert records["epoch"].tolist() == list(range(1, 2501))
    assert (engine.epoch, engine.item, engine.updates) == (2500, 1, 2501)
    wanted = truth.advance(40, 0, ENDLESS)
    assert np.allclose(records["train_loss"][:40], wanted["train_loss"], rtol=1e-9)
