"""What holds for every engine, seen from outside: gradients, penalties, masks, repeatability, records."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engines import ENGINES, EVALUATION_ROWS, Engine, TrainingData
from simulator.nn import parameters
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.losses import LOSSES
from simulator.nn.optimizers import OPTIMIZERS
from simulator.nn.schedules import SCHEDULES
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig

DESCENT = Rule("sgd", learning_rate=1.0)
ENDLESS = 10**9
pytestmark = pytest.mark.parametrize(
    "engine_name",
    [
        *(name for name in ENGINES if name != "cuda"),
        pytest.param("cuda", id="cuda on this processor"),
        pytest.param("cuda", id="cuda", marks=pytest.mark.gpu),
    ],
)


def classes(rows: int, inputs: int, outputs: int, seed: int = 0) -> TrainingData:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows + 9, inputs))
    Y = np.eye(outputs)[rng.integers(0, outputs, rows + 9)]
    return TrainingData(X[:rows], Y[:rows], X[rows:], Y[rows:], classification=True)


def values(rows: int, inputs: int, outputs: int, seed: int = 0) -> TrainingData:
    rng = np.random.default_rng(seed)
    X, Y = rng.normal(size=(rows + 9, inputs)), rng.normal(size=(rows + 9, outputs))
    return TrainingData(X[:rows], Y[:rows], X[rows:], Y[rows:], classification=False)


def config(**changes) -> TrainingConfig:
    return TrainingConfig(**({"optimizer": DESCENT, "dtype": "float64", "batch_size": 50} | changes))


def made(engine_name: str, network: NetworkSpec, how: TrainingConfig, data: TrainingData) -> Engine:
    return ENGINES[engine_name](network, how, data, "cuda:0" if engine_name == "cuda" else "cpu")


def objective(engine: Engine, values: np.ndarray) -> float:
    """Return the loss of the one batch of an epoch at these parameters, as the engine itself records it."""
    engine.restore(dataclasses.replace(engine.state(), epoch=0, item=0, sums=np.zeros(4), parameters=values))
    return float(engine.advance(1, 0, ENDLESS)["train_loss"][0])


def gradient(engine: Engine, values: np.ndarray) -> np.ndarray:
    """Return the gradient at these parameters: what one plain descent step of rate 1 takes away."""
    objective(engine, values)
    return values - engine.parameters()


def slopes(engine: Engine, values: np.ndarray, step: float = 1e-5) -> np.ndarray:
    nudges = np.eye(values.size) * step
    return np.array([objective(engine, values + n) - objective(engine, values - n) for n in nudges]) / (2 * step)


def assert_gradient(engine: Engine, network: NetworkSpec, extra=lambda w: 0.0 * w, seed: int = 3) -> None:
    start = parameters.start_values(network, seed) + np.linspace(-0.1, 0.1, network.parameter_count)
    assert np.abs(gradient(engine, start) - (slopes(engine, start) + extra(start))).max() < 2e-8


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_backpropagation_gives_the_slopes_of_the_loss_for_every_activation(engine_name, activation):
    network = NetworkSpec(3, (LayerSpec(4, activation), LayerSpec(3, activation)), 3)
    assert_gradient(made(engine_name, network, config(), classes(20, 3, 3)), network)


@pytest.mark.parametrize(("loss", "link"), [(name, link) for name, row in LOSSES.items() for link in row.links])
def test_backpropagation_gives_the_slopes_of_every_loss_through_every_link(engine_name, loss, link):
    network = NetworkSpec(3, (LayerSpec(4),), 2, link)
    data = values(20, 3, 2) if link == "linear" else classes(20, 3, 2)
    assert_gradient(made(engine_name, network, config(loss=Rule(loss)), data), network)


# Where a second slope jumps, as those of these two at 0, a central difference is off by half its step.
SMOOTH = sorted(name for name, row in ACTIVATIONS.items() if not row.kinked and name not in ("elu", "softsign"))


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 4),
    st.lists(st.tuples(st.integers(1, 5), st.sampled_from(SMOOTH)), max_size=3),
    st.integers(2, 4),
    st.integers(1, 8),
    st.integers(0, 99),
)
def test_backpropagation_gives_the_slopes_for_any_architecture(engine_name, inputs, hidden, outputs, rows, seed):
    network = NetworkSpec(inputs, tuple(LayerSpec(*layer) for layer in hidden), outputs)
    assert_gradient(made(engine_name, network, config(), classes(rows, inputs, outputs, seed)), network, seed=seed)


def test_dropout_leaves_neurons_out_of_the_loss_and_of_the_gradient_alike(engine_name):
    network = NetworkSpec(3, (LayerSpec(8, dropout=0.4), LayerSpec(6, "silu", dropout=0.2)), 3)
    engine = made(engine_name, network, config(), classes(20, 3, 3))
    assert_gradient(engine, network)
    start = parameters.start_values(network, 3)
    without = tuple(dataclasses.replace(layer, dropout=0.0) for layer in network.hidden)
    plain = made(engine_name, dataclasses.replace(network, hidden=without), config(), classes(20, 3, 3))
    assert objective(engine, start) != objective(plain, start)
    assert engine.evaluate("test", 0, 9) != plain.evaluate("test", 0, 9), "one update under dropout differs"
    engine.start(start)
    plain.start(start)
    assert engine.evaluate("test", 0, 9) == plain.evaluate("test", 0, 9), "evaluation drops nothing"


def test_penalties_add_their_slopes_for_weights_and_not_for_biases(engine_name):
    network = NetworkSpec(3, (LayerSpec(4),), 3)
    engine = made(engine_name, network, config(l1=0.03, l2=0.2), classes(20, 3, 3))
    weights = parameters.weight_places(network)
    assert_gradient(engine, network, lambda w: weights * (0.03 * np.sign(w) + 0.2 * w))


def test_clipping_scales_the_whole_gradient_to_its_norm(engine_name):
    network = NetworkSpec(3, (LayerSpec(4),), 3)
    start = parameters.start_values(network, 1)
    free = gradient(made(engine_name, network, config(), classes(20, 3, 3)), start)
    norm = float(np.linalg.norm(free))
    clipped = gradient(made(engine_name, network, config(clip_norm=norm / 4), classes(20, 3, 3)), start)
    loose = gradient(made(engine_name, network, config(clip_norm=norm * 4), classes(20, 3, 3)), start)
    assert np.allclose(clipped, free * (norm / 4) / (norm + 1e-6), rtol=1e-9)
    assert np.allclose(loose, free, rtol=1e-12)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_frozen_parameter_does_not_move_nor_does_what_is_remembered_of_it(engine_name, optimizer):
    network = NetworkSpec(3, (LayerSpec(4),), 3)
    how = config(optimizer=Rule(optimizer, weight_decay=0.1), clip_norm=0.1)
    engine = made(engine_name, network, how, classes(40, 3, 3))
    before = engine.state()
    frozen = np.arange(network.parameter_count) % 3 == 0
    engine.restore(dataclasses.replace(before, frozen=frozen))
    engine.advance(3, 0, ENDLESS)
    after = engine.state()
    assert np.array_equal(after.parameters[frozen], before.parameters[frozen])
    assert (after.parameters[~frozen] != before.parameters[~frozen]).all()
    assert (after.memory[:, frozen] == 0).all()
    assert np.array_equal(after.frozen, frozen)


def test_a_frozen_parameter_does_not_count_in_the_clipped_norm(engine_name):
    network = NetworkSpec(3, (LayerSpec(4),), 3)
    engine = made(engine_name, network, config(clip_norm=1e-3), classes(20, 3, 3))
    before = engine.state()
    engine.restore(dataclasses.replace(before, frozen=parameters.weight_places(network)))
    engine.advance(1, 0, ENDLESS)
    assert np.linalg.norm(engine.parameters() - before.parameters) == pytest.approx(1e-3, rel=0.01)


def test_a_muted_neuron_is_as_if_its_outgoing_weights_were_zero_and_learns_nothing(engine_name):
    network = NetworkSpec(3, (LayerSpec(4), LayerSpec(3)), 3)
    engine = made(engine_name, network, config(), classes(20, 3, 3))
    start = parameters.start_values(network, 3)
    held = np.full(3 + 4 + 3, np.nan)
    held[3 + 1] = 0.0
    cut = start.copy()
    parameters.layers(network, cut)[1].weight[1, :] = 0.0
    engine.start(cut)
    wanted = engine.evaluate("train", 0, 20)
    engine.start(start)
    engine.restore(dataclasses.replace(engine.state(), held=held))
    assert engine.evaluate("train", 0, 20) == pytest.approx(wanted, rel=1e-14)
    engine.advance(1, 0, ENDLESS)
    old, new = (parameters.layers(network, flat) for flat in (start, engine.parameters()))
    assert np.array_equal(new[0].weight[:, 1], old[0].weight[:, 1])
    assert np.array_equal(new[1].weight[1, :], old[1].weight[1, :])
    assert np.array_equal(engine.state().held, held, equal_nan=True)


def test_held_units_have_the_slopes_of_the_held_network(engine_name):
    network = NetworkSpec(3, (LayerSpec(4), LayerSpec(3)), 3)
    engine = made(engine_name, network, config(), classes(20, 3, 3))
    held = np.full(10, np.nan)
    held[[0, 4, 9]] = 0.7, -0.3, 0.0
    engine.restore(dataclasses.replace(engine.state(), held=held))
    assert_gradient(engine, network)


FULL = NetworkSpec(3, (LayerSpec(5, "tanh", dropout=0.3), LayerSpec(4, "gelu")), 3)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_bits_do_not_depend_on_how_the_work_is_divided(engine_name, optimizer, dtype):
    schedule = Rule("cosine", epochs=6.0, warmup_epochs=2.0)
    how = config(optimizer=Rule(optimizer), batch_size=7, l2=1e-3, clip_norm=1.0, schedule=schedule, dtype=dtype)
    data = classes(40, 3, 3)
    straight = made(engine_name, FULL, how, data)
    records = straight.advance(5, 2, ENDLESS)
    halting = made(engine_name, FULL, how, data)
    pieces = []
    for limit in [1, 2, 3, 5, 8] * 20:
        pieces.append(halting.advance(5, 2, limit))
        other = made(engine_name, FULL, how, data)
        other.restore(halting.state())
        halting = other
    for name in ("parameters", "memory", "scalars", "sums"):
        assert np.array_equal(getattr(straight.state(), name), getattr(halting.state(), name)), name
    assert (halting.epoch, halting.item, halting.updates) == (5, 2, 5 * 6 + 2)
    assert np.array_equal(np.concatenate(pieces), records)


def test_a_seed_repeats_and_another_one_differs(engine_name):
    data = classes(40, 3, 3)
    ends = []
    for seed in (1, 1, 2):
        engine = made(engine_name, FULL, config(seed=seed, batch_size=8), data)
        engine.start(parameters.start_values(FULL, 0))
        engine.advance(3, 0, ENDLESS)
        ends.append(engine.parameters())
    assert np.array_equal(ends[0], ends[1])
    assert not np.array_equal(ends[0], ends[2])


def test_a_new_start_with_another_seed_is_the_run_of_that_seed(engine_name):
    data, start = classes(40, 3, 3), parameters.start_values(FULL, 0)
    engine = made(engine_name, FULL, config(seed=1, batch_size=8), data)
    engine.advance(0, 2, ENDLESS)
    engine.start(start)
    engine.configure(FULL, config(seed=2, batch_size=8))
    fresh = made(engine_name, FULL, config(seed=2, batch_size=8), data)
    fresh.start(start)
    engine.advance(2, 0, ENDLESS)
    fresh.advance(2, 0, ENDLESS)
    assert np.array_equal(engine.parameters(), fresh.parameters())


@pytest.mark.parametrize("epoch", [2**62, 2**63, 10**30])
def test_a_moment_that_never_comes_can_be_worked_towards(engine_name, epoch):
    engine = made(engine_name, FULL, config(batch_size=8), classes(40, 3, 3))
    engine.advance(epoch, 0, 3)
    assert (engine.epoch, engine.item, engine.updates) == (0, 3, 3)


def test_a_record_holds_the_weighted_mean_before_each_update_and_the_test_rows_after_the_last(engine_name):
    network, data = NetworkSpec(3, (LayerSpec(4),), 3), classes(25, 3, 3)
    data = dataclasses.replace(data, order=np.arange(25)[None, :])
    engine = made(engine_name, network, config(batch_size=10), data)
    loss = hits = 0.0
    for batch in range(3):
        found = engine.evaluate("train", batch * 10, min(batch * 10 + 10, 25))
        loss, hits = loss + found[0], hits + found[1]
        records = engine.advance(0, batch + 1, ENDLESS)
        assert len(records) == 0
    (record,) = engine.advance(1, 0, ENDLESS)
    assert record["epoch"] == 1
    assert record["train_loss"] == pytest.approx(loss / 25, rel=1e-12)
    assert record["train_accuracy"] == pytest.approx(hits / 25)
    test_loss, test_hits = engine.evaluate("test", 0, 9)
    assert record["test_loss"] == pytest.approx(test_loss / 9, rel=1e-12)
    assert record["test_accuracy"] == pytest.approx(test_hits / 9)


def test_without_test_rows_or_classes_the_record_says_so_with_nan(engine_name):
    data = values(20, 3, 2)
    data = dataclasses.replace(data, X_test=data.X_test[:0], Y_test=data.Y_test[:0])
    network = NetworkSpec(3, (LayerSpec(4),), 2, "linear")
    (record,) = made(engine_name, network, config(loss=Rule("mse")), data).advance(1, 0, ENDLESS)
    assert np.isfinite(record["train_loss"])
    assert np.isnan([record[name] for name in ("test_loss", "train_accuracy", "test_accuracy")]).all()


def test_many_test_rows_are_items_of_their_own_and_sum_up_to_the_whole(engine_name):
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(2 * EVALUATION_ROWS + 5, 3)), np.eye(2)[rng.integers(0, 2, 2 * EVALUATION_ROWS + 5)]
    engine = made(engine_name, NetworkSpec(3, (), 2), config(), TrainingData(X[:10], Y[:10], X, Y, True))
    assert engine.items == engine.batches + 3
    assert len(engine.advance(1, 0, 3)) == 0
    (record,) = engine.advance(1, 0, 1)
    assert record["test_loss"] == pytest.approx(engine.evaluate("test", 0, len(X))[0] / len(X), rel=1e-12)


def test_an_engine_stops_before_an_update_whose_loss_is_not_finite(engine_name):
    network = NetworkSpec(3, (LayerSpec(4, "relu"),), 2, "linear")
    how = config(loss=Rule("mse"), optimizer=Rule("sgd", learning_rate=1e6), batch_size=5)
    engine = made(engine_name, network, how, values(20, 3, 2))
    engine.advance(10**6, 0, ENDLESS)
    assert not engine.loss_finite
    stopped = engine.epoch, engine.item, engine.updates
    engine.advance(10**6, 0, ENDLESS)
    assert (engine.epoch, engine.item, engine.updates) == stopped


@pytest.mark.parametrize("name", SCHEDULES)
def test_the_recorded_learning_rate_is_that_of_the_epochs_last_update(engine_name, name):
    schedule = SCHEDULES[name]()
    engine = made(engine_name, NetworkSpec(3, (), 3), config(schedule=Rule(name), batch_size=5), classes(20, 3, 3))
    records = engine.advance(8, 0, ENDLESS)
    assert records["learning_rate"].tolist() == [schedule.factor(epoch + 3 / 4, 1 / 4) for epoch in range(8)]


def test_another_optimizer_starts_with_an_empty_memory_and_other_settings_keep_it(engine_name):
    network = NetworkSpec(3, (LayerSpec(4),), 3)
    engine = made(engine_name, network, config(optimizer=Rule("adam")), classes(20, 3, 3))
    engine.advance(2, 0, ENDLESS)
    engine.configure(network, config(optimizer=Rule("adam", learning_rate=0.5)))
    assert engine.updates == 2
    assert engine.state().memory.any()
    engine.configure(network, config(optimizer=Rule("rmsprop")))
    assert engine.updates == 0
    assert not engine.state().memory.any()


def test_one_output_counts_as_right_on_its_side_of_one_half(engine_name):
    X = np.array([[-2.0], [-1.0], [1.0], [2.0]])
    Y = np.array([[0.0], [1.0], [1.0], [1.0]])
    engine = made(
        engine_name, NetworkSpec(1, (), 1, "sigmoid"), config(loss=Rule("binary_cross_entropy")),
        TrainingData(X, Y, X[:0], Y[:0], True),
    )  # fmt: skip
    engine.start(np.array([1.0, 0.0]))
    assert engine.evaluate("train", 0, 4)[1] == 3


def test_what_an_engine_gives_away_is_read_only_and_its_own(engine_name):
    engine = made(engine_name, FULL, config(batch_size=8), classes(40, 3, 3))
    state, flat = engine.state(), engine.parameters()
    kept = flat.copy()
    engine.advance(1, 0, ENDLESS)
    assert np.array_equal(flat, kept)
    for array in (state.parameters, state.memory, state.scalars, state.sums, flat):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
