"""Where everything stands: no two things at one place, whole vectors, and nothing where nothing belongs."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engines import ENGINES, TrainingData
from simulator.engines import layout as at
from simulator.engines.layout import Layout, aligned, lanes, padded
from simulator.errors import ConfigError
from simulator.nn import parameters
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.optimizers import OPTIMIZERS
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig

ENDLESS = 10**9


def rows_of(network: NetworkSpec, rows: int, test_rows: int, orders: int | None = None, seed: int = 0) -> TrainingData:
    rng = np.random.default_rng(seed)
    X, Y = rng.normal(size=(rows + test_rows, network.inputs)), rng.random((rows + test_rows, network.outputs))
    order = None if orders is None else np.stack([rng.permutation(rows) for _ in range(orders)])
    return TrainingData(X[:rows], Y[:rows], X[rows:], Y[rows:], True, order)


@st.composite
def layouts(draw: st.DrawFn) -> tuple[Layout, NetworkSpec, TrainingConfig, TrainingData, int]:
    widths = st.one_of(st.integers(1, 70), st.sampled_from([8, 16, 32]))
    hidden = st.builds(LayerSpec, widths, st.sampled_from(sorted(ACTIVATIONS)), st.sampled_from([0.0, 0.5]))
    network = NetworkSpec(draw(widths), tuple(draw(st.lists(hidden, max_size=4))), draw(widths))
    config = TrainingConfig(
        optimizer=Rule(draw(st.sampled_from(sorted(OPTIMIZERS)))),
        batch_size=draw(st.sampled_from([1, 7, 96, 97, 5000])),
        dtype=draw(st.sampled_from(["float32", "float64"])),
    )
    orders = draw(st.sampled_from([None, None, 1, 3]))
    data = rows_of(network, draw(st.integers(1, 30)), draw(st.sampled_from([0, 1, 130])), orders)
    threads = draw(st.integers(1, 5))
    return Layout(network, config, data, threads), network, config, data, threads


Regions = dict[str, tuple[int, int]]
"""What stands where: its first place, and how many."""


def numbers(layout: Layout, network: NetworkSpec, threads: int) -> Regions:
    """Return all that stands in `number`; where a word may write up to a vector further, that belongs to it."""
    whole, more = layout.whole, lanes(str(layout.number.dtype))
    count, names = whole[at.COUNT], whole[at.MEMORY_NAMES]
    units = network.inputs + sum(layer.units for layer in network.hidden)
    found = {
        "zeros": (whole[at.ZEROS], padded(max(network.sizes), str(layout.number.dtype))),
        "weights": (whole[at.WEIGHTS], count),
        "is weight": (whole[at.IS_WEIGHT], count),
        "gradients": (whole[at.GRADIENT], threads * count),  # at least
        "memory": (whole[at.MEMORY], names * count),
        "held": (whole[at.HELD], units),
        "saved": (whole[at.SAVED], (names + 1) * count),
    }
    for index, row in enumerate(layout.plan[1:], 1):
        found[f"turned {index}"] = (row[at.TURNED], row[at.TURNED_ROW] * row[at.WIDTH])
    block = whole[at.BLOCK]
    for thread in range(threads):
        start = whole[at.WORK] + thread * whole[at.WORK_SIZE]

        def own(name: str, place: int, size: int, start: int = start, thread: int = thread) -> None:
            assert place + size <= whole[at.WORK_SIZE], f"{name} ends in the workspace"
            found[f"{name} of thread {thread}"] = (start + place, size)

        own("rows", layout.plan[0, at.INPUTS], block * network.inputs)
        for index, row in enumerate(layout.plan):
            size = block * row[at.WIDTH] + more
            own(f"logits {index}", row[at.LOGITS], size)
            own(f"delta {index}", row[at.DELTA], size)
            if index + 1 < len(layout.plan):
                own(f"values {index}", row[at.VALUES], size)
                own(f"kept {index}", row[at.KEPT], size)
                own(f"seen {index}", layout._seen[index + 1], size)
        size = at.HEAD_SLOTS * network.outputs * more
        assert size <= whole[at.SLOTS_SIZE]
        found[f"slots of thread {thread}"] = (whole[at.SLOTS] + thread * whole[at.SLOTS_SIZE], size)
    return found


def reals(layout: Layout, threads: int) -> Regions:
    whole, choice = layout.whole, layout._choice
    return {
        "fixed": (0, at.SUMS + 4),
        "rates": (whole[at.RATES], len(choice.activations)),
        "settings of the loss": (whole[at.LOSS_SETTINGS], len(choice.loss_settings)),
        "settings of the optimizer": (whole[at.UPDATE_SETTINGS], len(choice.update_settings)),
        "settings of the schedule": (whole[at.FACTOR_SETTINGS], len(choice.factor_settings)),
        "scalars": (whole[at.SCALARS], threads * at.THREAD_REALS),
        "coefficients": (whole[at.COEFFICIENTS], threads * at.THREAD_REALS),
        "parts": (whole[at.PARTS], threads * at.PARTS_WIDTH),
        "records": (whole[at.RECORDS], 5 * at.RECORDS_ROOM),
    }


def indices(layout: Layout, data: TrainingData) -> Regions:
    whole, rows = layout.whole, data.rows("train")
    return {
        "the row order and its partners": (0, 2 * rows + 4),
        "test order": (whole[at.TEST_ORDER], data.rows("test")),
        "given orders": (whole[at.GIVEN], 0 if data.order is None else data.order.size),
        "frozen": (whole[at.FROZEN], whole[at.COUNT]),
    }


def assert_apart(regions: Regions, room: int) -> np.ndarray:
    """Check that nothing overlaps or leaves the array; return which places belong to something."""
    taken = np.zeros(room, dtype=bool)
    for name, (place, size) in regions.items():
        assert 0 <= place <= place + size <= room, f"{name} stands in the array"
        assert not taken[place : place + size].any(), f"{name} has its place for itself"
        taken[place : place + size] = True
    return taken


@given(layouts())
def test_no_two_things_stand_at_one_place(made):
    layout, network, _, data, threads = made
    assert_apart(numbers(layout, network, threads), layout.number.size)
    assert_apart(reals(layout, threads), layout.real.size)
    assert_apart(indices(layout, data), layout.index.size)
    places = [at.EPOCH, at.ITEM, at.UPDATES, at.FINITE, at.RECORDED, at.SHUFFLED, at.MEETING, at.RECORDS]
    assert len({*places}) == len(places)
    assert max(places) < at.PLAN


def test_no_two_names_are_one_place_of_the_whole_numbers():
    of_layers = {"FAN_IN", "FAN_OUT", "WIDTH", "WEIGHT", "BIAS", "TURNED", "TURNED_ROW", "INPUTS", "INPUT_ROW",
                 "LOGITS", "VALUES", "DELTA", "KEPT", "ACTIVATION"}  # fmt: skip
    others = {"L1", "L2", "CLIP", "RATE", "LAST_RATE", "GRADIENT_NORM", "SUMS", "THREAD_REALS", "PARTS_WIDTH",
              "GRADIENT_PART", "WEIGHT_PART", "FIGURES", "RECORDS_ROOM", "HEAD_SLOTS", "BLOCK_ROWS", "VECTOR_BYTES",
              "EVALUATION_ROWS", "PLAN", "FIELDS"}  # fmt: skip
    names = {name: value for name, value in vars(at).items() if name.isupper() and isinstance(value, int)}
    whole = [value for name, value in names.items() if name not in of_layers | others]
    assert len(set(whole)) == len(whole)
    assert max(whole) < at.PLAN
    fields = [names[name] for name in of_layers]
    assert sorted(fields) == list(range(at.FIELDS))


@given(layouts())
def test_everything_that_vectors_touch_begins_with_a_whole_vector(made):
    layout, network, config, _, threads = made
    grain = lanes(config.dtype)
    assert layout.number.ctypes.data % at.VECTOR_BYTES == 0
    for name, (place, _) in numbers(layout, network, threads).items():
        assert place % grain == 0, name
    assert layout.whole[at.COUNT] % grain == 0
    for row, (fan_in, fan_out) in zip(layout.plan, network.shapes, strict=True):
        assert (row[at.FAN_IN], row[at.FAN_OUT]) == (fan_in, fan_out)
        assert row[at.WIDTH] >= fan_out
        assert row[at.WIDTH] % (grain // 2) == 0


@given(layouts())
def test_every_parameter_has_a_place_of_its_own_and_comes_back_from_there(made):
    layout, network, config, _, _ = made
    flat = np.arange(1, network.parameter_count + 1).astype(config.dtype)
    layout.weights[...] = 7.0
    layout.pad(flat, layout.weights)
    assert np.array_equal(np.sort(layout.weights[layout.weights != 0]), flat), "all are there once, and zeros"
    assert np.array_equal(layout.without_padding(layout.weights), flat)
    for row, layer in zip(layout.plan, parameters.layers(network, flat), strict=True):
        width, fan_in = row[at.WIDTH], row[at.FAN_IN]
        matrix = layout.number[row[at.WEIGHT] :][: padded(int(fan_in), config.dtype) * width].reshape(-1, width)
        assert np.array_equal(matrix[:fan_in, : row[at.FAN_OUT]], layer.weight)
        assert np.array_equal(layout.number[row[at.BIAS] :][: row[at.FAN_OUT]], layer.bias)
    is_weight = layout.number[layout.whole[at.IS_WEIGHT] :][: layout.whole[at.COUNT]]
    assert np.array_equal(layout.without_padding(is_weight), parameters.weight_places(network))
    assert is_weight.sum() == parameters.weight_places(network).sum()
    both = np.stack([flat, -flat])
    memory = np.zeros((2, layout.whole[at.COUNT]), config.dtype)
    layout.pad(both, memory)
    assert np.array_equal(layout.without_padding(memory), both)


@pytest.mark.parametrize(
    "order",
    [np.full((1, 20), 20), np.full((2, 20), -1), np.zeros((1, 5), dtype=np.int64), np.zeros(20, dtype=np.int64)],
    ids=["a row too many", "a negative row", "too few rows", "no epochs"],
)
def test_a_given_row_order_that_does_not_fit_the_rows_is_refused(order):
    network = NetworkSpec(3, (), 2)
    data = dataclasses.replace(rows_of(network, 20, 0), order=order)
    with pytest.raises(ConfigError, match="row order"):
        Layout(network, TrainingConfig(), data, 1)


@given(layouts(), st.integers(0, 2**20))
def test_turned_weights_are_the_transposes(made, seed):
    layout, network, _, _, _ = made
    layout.pad(np.random.default_rng(seed).normal(size=network.parameter_count), layout.weights)
    layout.turn()
    for row in layout.plan[1:]:
        rows, width = row[at.TURNED_ROW], row[at.WIDTH]
        assert rows == padded(int(row[at.FAN_IN]), str(layout.number.dtype))
        weight = layout.number[row[at.WEIGHT] :][: rows * width].reshape(rows, width)
        assert np.array_equal(layout.number[row[at.TURNED] :][: rows * width].reshape(width, rows), weight.T)


@given(layouts(), st.integers(0, 2**20))
def test_what_is_frozen_is_named_by_its_place_among_the_padded(made, seed):
    layout, network, config, _, _ = made
    frozen = np.random.default_rng(seed).random(network.parameter_count) < 0.5
    layout.freeze(frozen)
    found = np.zeros(layout.whole[at.COUNT], dtype=config.dtype)
    found[layout.index[layout.whole[at.FROZEN] :][: layout.whole[at.FROZEN_COUNT]]] = 1.0
    wanted = np.zeros_like(found)
    layout.pad(frozen, wanted)
    assert np.array_equal(found, wanted)
    layout.freeze(None)
    assert layout.whole[at.FROZEN_COUNT] == 0


@given(layouts())
def test_layers_see_the_activations_themselves_unless_something_is_held_or_dropped(made):
    layout, network, _, _, _ = made
    drops = any(layer.dropout for layer in network.hidden)
    units = network.inputs + sum(layer.units for layer in network.hidden)
    for held, masked in [(None, drops), (np.full(units, np.nan), True), (None, drops)]:
        layout.hold(held)
        assert (layout.plan[1:, at.INPUTS] != layout.plan[:-1, at.VALUES]).all() == (masked or not network.hidden)
        assert (layout.plan[1:, at.INPUTS] == layout.plan[:-1, at.VALUES]).all() == (not masked or not network.hidden)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("count", [1, 16, 1000])
def test_an_aligned_array_begins_with_a_whole_vector_and_is_empty(dtype, count):
    for _ in range(20):
        array = aligned(count, dtype)
        assert array.shape == (count,)
        assert array.dtype == dtype
        assert array.ctypes.data % at.VECTOR_BYTES == 0
        assert not array.any()


def padding(layout: Layout, network: NetworkSpec) -> np.ndarray:
    """Return which places among the padded are no parameter's."""
    known = np.zeros(layout.whole[at.COUNT], dtype=bool)
    layout.pad(np.ones(network.parameter_count, dtype=bool), known)
    return ~known


NETWORK = NetworkSpec(5, (LayerSpec(9, "sigmoid"), LayerSpec(3, "softplus", dropout=0.3), LayerSpec(17, "relu")), 2)
SMOOTH = NetworkSpec(5, (LayerSpec(9, "sigmoid"), LayerSpec(3, "softplus"), LayerSpec(17, "tanh")), 2)
"""Here every parameter has a gradient: where ε is 0, a parameter without one is divided by zero, as it should be."""

EPSILONS = [
    (name, epsilon)
    for name, row in OPTIMIZERS.items()
    for epsilon in ([None, 0.0, 1e-60] if "epsilon" in {field.name for field in dataclasses.fields(row)} else [None])
]


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("optimizer", "epsilon"), EPSILONS)
def test_where_no_parameter_is_there_is_zero_and_stays_zero_while_training(optimizer, epsilon, dtype, threads):
    more = {} if epsilon is None else {"epsilon": epsilon}
    how = TrainingConfig(
        optimizer=Rule(optimizer, weight_decay=0.1, **more), batch_size=7, l1=0.01, l2=0.1, clip_norm=1.0, dtype=dtype
    )
    engine = ENGINES["compiled"](SMOOTH, how, rows_of(SMOOTH, 20, 3), "cpu", threads)
    for frozen in (None, np.arange(SMOOTH.parameter_count) % 3 == 0):
        engine.restore(dataclasses.replace(engine.state(), frozen=frozen))
        engine.advance(engine.epoch + 3, 0, ENDLESS)
        layout = engine._layout
        empty = padding(layout, SMOOTH)
        assert empty.sum() > 100
        assert not layout.weights[empty].any()
        assert not layout.memory[:, empty].any()
        assert engine.finite
        for row in layout.plan[1:]:
            rows, width = row[at.TURNED_ROW], row[at.WIDTH]
            weight = layout.number[row[at.WEIGHT] :][: rows * width].reshape(rows, width)
            assert np.array_equal(layout.number[row[at.TURNED] :][: rows * width].reshape(width, rows), weight.T)


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_training_writes_nothing_between_the_things_that_stand_there(dtype, threads):
    data = rows_of(NETWORK, 230, 131, orders=2)
    how = TrainingConfig(optimizer=Rule("nadam"), batch_size=110, l2=0.1, clip_norm=1.0, dtype=dtype)
    engine = ENGINES["compiled"](NETWORK, how, data, "cpu", threads)
    units = NETWORK.inputs + sum(layer.units for layer in NETWORK.hidden)
    held = np.full(units, np.nan)
    held[[1, 7]] = 0.5
    frozen = np.arange(NETWORK.parameter_count) % 3 == 0
    engine.restore(dataclasses.replace(engine.state(), held=held, frozen=frozen))
    layout = engine._layout
    arrays = {"number": layout.number, "real": layout.real, "index": layout.index}
    taken = {
        "number": assert_apart(numbers(layout, NETWORK, threads), layout.number.size),
        "real": assert_apart(reals(layout, threads), layout.real.size),
        "index": assert_apart(indices(layout, data), layout.index.size),
    }
    for name, array in arrays.items():
        array[~taken[name]] = 77
    whole = numbers(layout, NETWORK, threads)
    fixed = {name: layout.number[whole[name][0] :][: whole[name][1]].copy() for name in ("zeros", "is weight", "held")}
    rest = layout.index[layout.whole[at.TEST_ORDER] :].copy()
    engine.advance(4, 0, ENDLESS)
    assert engine.finite
    for name, array in arrays.items():
        assert (array[~taken[name]] == 77).all(), name
    for name, before in fixed.items():
        assert np.array_equal(layout.number[whole[name][0] :][: whole[name][1]], before, equal_nan=True), name
    assert np.array_equal(layout.index[layout.whole[at.TEST_ORDER] :], rest)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_restored_state_leaves_nothing_of_what_was_there(threads):
    how = TrainingConfig(batch_size=7, l2=0.1, clip_norm=1.0)
    data = rows_of(NETWORK, 20, 3)
    straight, engine = (ENGINES["compiled"](NETWORK, how, data, "cpu", threads) for _ in range(2))
    layout, start = engine._layout, engine.state()
    regions = numbers(layout, NETWORK, threads)
    for name in ("weights", "gradients", "memory", "turned 1", "turned 2", "turned 3", "saved"):
        place, size = regions[name]
        layout.number[place : place + size] = np.nan
    layout.sums[...] = np.nan
    engine.restore(start)
    wanted, found = (each.advance(2, 0, ENDLESS) for each in (straight, engine))
    assert engine.finite
    assert np.array_equal(engine.parameters(), straight.parameters())
    assert np.array_equal(found, wanted)
