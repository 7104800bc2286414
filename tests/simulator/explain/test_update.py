import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.explain import explain, place_of
from simulator.explain.lines import BEFORE, STEP, SYMBOLS
from simulator.explain.workings import WORKINGS
from simulator.nn import choices
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.losses import LOSSES
from simulator.nn.optimizers import OPTIMIZERS
from simulator.nn.schedules import SCHEDULES
from simulator.spec import LayerSpec, NetworkSpec, Rule

HEADS = [(name, link) for name, row in LOSSES.items() for link in row.links]
VARIANTS = [
    *(Rule(name) for name in OPTIMIZERS),
    *(Rule(name, weight_decay=0.03) for name in OPTIMIZERS),
    Rule("sgd", momentum=0.9),
    Rule("sgd", momentum=0.9, nesterov=True, weight_decay=0.01),
    Rule("sgd", nesterov=True),
    Rule("rmsprop", momentum=0.8, weight_decay=0.01),
    Rule("adamw", weight_decay=0.0),
    Rule("nadam", momentum_decay=0.3),
]
# Every optimizer with every loss and link; activations, penalties, clipping, schedules and dropout take turns.
TURNS = zip(
    itertools.product(VARIANTS, HEADS),
    itertools.cycle(ACTIVATIONS),
    itertools.cycle([{}, {"l1": 0.01}, {"l2": 0.1}, {"l1": 0.02, "l2": 0.05}, {"l2": 0.3}]),
    itertools.cycle([None, 0.05, None, 1e6, None, 0.4, None]),
    itertools.cycle([*SCHEDULES, "cosine", "step", "warmup"]),
    itertools.cycle([0.0, 0.3, 0.0]),
    strict=False,
)
CASES = list(TURNS)
NAMES = [f"{rule.name}-{number}-{loss}-{link}-{name}" for number, ((rule, (loss, link)), name, *_) in enumerate(CASES)]


def assert_same(found, wanted, tolerance):
    assert np.abs(found - wanted).max() <= tolerance * np.abs(wanted).max()


def of_case(started, case, **changes):
    (rule, (loss, link)), activation, penalty, clip, schedule, dropout = case
    network = NetworkSpec(3, (LayerSpec(5, activation, dropout), LayerSpec(4, "tanh")), 2, link)
    settings = {"warmup_epochs": 3.0} if schedule in ("cosine", "step", "warmup") else {}
    return started(
        network,
        optimizer=rule,
        loss=Rule(loss),
        schedule=Rule(schedule, **settings),
        clip_norm=clip,
        **penalty,
        **changes,
    )


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_the_explained_update_is_the_engines_update(started, case):
    run = of_case(started, case)
    before = run.moment()
    update = explain(before).update
    run.engine.advance(10**6, 0, 1)
    after = run.engine.state()
    assert_same(update.parameters, after.parameters, 1e-12)
    assert_same(before.parameters + update.step, after.parameters, 1e-12)
    for explained, engines in zip(update.memory, after.memory, strict=True):
        assert_same(explained, engines, 1e-12)
    assert np.allclose(update.scalars, after.scalars, rtol=1e-15)
    assert update.rate == pytest.approx(after.learning_rate, rel=1e-15)


@pytest.mark.parametrize("rule", VARIANTS, ids=str)
def test_in_float32_the_update_is_the_engines_within_that_runs_rounding(started, rule):
    run = started(optimizer=rule, dtype="float32", l2=0.01, clip_norm=0.5)
    moment = run.moment()
    update = explain(moment).update
    run.engine.advance(10**6, 0, 1)
    assert_same(update.parameters, run.engine.parameters(), 1e-6)
    assert update.distance(run.engine.parameters()) < 8 * update.rounding
    moved = run.engine.parameters() - moment.parameters
    assert_same(moved, update.step, 1e-3)


def test_frozen_parameters_and_held_units_are_in_the_account(started):
    frozen = np.arange(53) % 3 == 0
    held = np.full(12, np.nan)
    held[[0, 5]] = 0.3, 0.0
    run = started(frozen=frozen, held=held, optimizer=Rule("adamw"), l2=0.1, clip_norm=0.01)
    before = run.moment()
    update = explain(before).update
    run.engine.advance(10**6, 0, 1)
    assert_same(update.parameters, run.engine.parameters(), 1e-12)
    assert np.array_equal(update.parameters[frozen], before.parameters[frozen])
    assert (update.step[frozen] == 0).all()
    assert (update.gradient[frozen] == 0).all()
    assert np.linalg.norm(update.gradient) == pytest.approx(0.01, rel=1e-3)
    assert update.results(0) == ()
    parts = update.parts(0)
    assert (parts.total, parts.memory, parts.decay) == (0, 0, 0)
    assert not parts.rows.any()


def test_several_updates_explained_in_a_row_go_where_the_engine_goes(started):
    run = started(batches=0, optimizer=Rule("nadam", weight_decay=0.1))
    for _ in range(8):
        update = explain(run.moment()).update
        run.engine.advance(10**6, 0, 1)
        assert_same(update.parameters, run.engine.parameters(), 1e-13)
    assert update.number == 8


@pytest.mark.parametrize("case", CASES[::4], ids=NAMES[::4])
def test_the_parts_of_every_step_sum_up_to_it(started, case):
    run = of_case(started, case)
    moment = run.moment()
    update = explain(moment).update
    for place in range(moment.network.parameter_count):
        parts = update.parts(place)
        sizes = [np.abs(parts.rows).max(), abs(parts.memory), abs(parts.penalty), abs(parts.decay)]
        assert abs(parts.total - update.step[place]) <= 1e-12 * max(sizes)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(VARIANTS), st.integers(0, 12), st.integers(0, 52), st.floats(0, 0.5), st.floats(1e-3, 10))
def test_the_parts_sum_up_at_any_time_with_any_penalty_and_clipping(started, rule, batches, place, l2, clip):
    update = explain(started(batches=batches, optimizer=rule, l2=l2, clip_norm=clip).moment()).update
    parts = update.parts(place)
    sizes = [np.abs(parts.rows).max(), abs(parts.memory), abs(parts.penalty), abs(parts.decay)]
    assert abs(parts.total - update.step[place]) <= 1e-12 * max(sizes)


def test_each_part_says_what_would_be_lost_without_it(started):
    """For a rule without a denominator the parts are exact counterfactuals."""
    how = {"optimizer": Rule("sgd", momentum=0.9, weight_decay=0.05), "l2": 0.1}
    moment = started(**how).moment()
    place = place_of(moment.network, 1, 2, 3)
    parts, step = explain(moment).update.parts(place), explain(moment).update.step[place]

    def without(**changes) -> float:
        return step - explain(dataclasses.replace(moment, **changes)).update.step[place]

    config = moment.config
    assert parts.memory == pytest.approx(without(memory=np.zeros_like(moment.memory)), rel=1e-9)
    assert parts.penalty == pytest.approx(without(config=dataclasses.replace(config, l2=0.0)), rel=1e-9)
    undecayed = dataclasses.replace(config, optimizer=Rule("sgd", momentum=0.9))
    assert parts.decay == pytest.approx(without(config=undecayed), rel=1e-9)


def test_a_decoupled_decay_is_a_part_of_its_own(started):
    moment = started(optimizer=Rule("adamw", weight_decay=0.2, learning_rate=0.05)).moment()
    parts = explain(moment).update.parts(7)
    assert parts.decay == pytest.approx(-0.05 * 0.2 * moment.parameters[7], rel=1e-14)
    without = dataclasses.replace(moment.config, optimizer=Rule("adamw", weight_decay=0.0, learning_rate=0.05))
    same = explain(dataclasses.replace(moment, config=without)).update.parts(7)
    assert np.array_equal(same.rows, parts.rows)
    assert same.decay == 0


def test_clipping_shrinks_every_rows_part_alike(started):
    moment = started(optimizer=Rule("sgd", learning_rate=0.1)).moment()
    free = explain(moment).update
    config = dataclasses.replace(moment.config, clip_norm=free.norm / 5)
    clipped = explain(dataclasses.replace(moment, config=config)).update
    assert clipped.clip == pytest.approx(0.2, rel=1e-4)
    assert np.allclose(clipped.parts(3).rows, free.parts(3).rows * clipped.clip, rtol=1e-12)


def test_every_optimizer_has_an_account_and_every_setting_a_symbol():
    assert list(WORKINGS) == list(OPTIMIZERS)
    for row in OPTIMIZERS.values():
        numbers = {field.name for field in dataclasses.fields(row) if field.type is float}
        assert numbers <= set(SYMBOLS)


@pytest.mark.parametrize("rule", VARIANTS, ids=str)
def test_the_lines_of_the_account_end_in_the_memory_and_step_of_the_rule(started, rule):
    moment = started(optimizer=rule).moment()
    update = explain(moment).update
    results = {each.line.symbol: each.value for each in update.results(20)}
    assert list(results)[-1] == STEP
    assert results[STEP] == pytest.approx(update.step[20], rel=1e-15)
    optimizer = choices.optimizer(moment.config)
    for name, after in zip(optimizer.memory, update.memory[:, 20], strict=True):
        symbol = update.workings.remembers[name]
        if symbol in results:
            assert results[symbol] == pytest.approx(after, rel=1e-13)
        else:
            assert not getattr(optimizer, "momentum", 0), "a velocity is only left out where nothing of it is kept"


@pytest.mark.parametrize("rule", VARIANTS, ids=str)
def test_the_coefficients_are_the_settings_the_rate_and_the_corrections(started, rule):
    update = explain(started(optimizer=rule).moment()).update
    optimizer = choices.optimizer(update.moment.config)
    found = update.coefficients
    assert found["η"] == update.rate
    assert found["t"] == 5
    assert found["η₀"] == optimizer.learning_rate
    for name, symbol in (("beta1", "β₁"), ("beta2", "β₂")):
        if hasattr(optimizer, name):
            assert found[symbol] == getattr(optimizer, name)
    if rule.name == "adam":
        assert found["1 − β₂^t"] == pytest.approx(1 - 0.999**5)
    if rule.name == "nadam":
        assert "Π" + BEFORE in found
