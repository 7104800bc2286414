"""What a traced definition computes is what the definition computes: every row of every table, through NumPy."""

import dataclasses
import math
import operator
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engines import definitions
from simulator.engines.layout import HEAD_SLOTS, THREAD_REALS
from simulator.engines.tracing import Graph, Symbol, order, trace
from simulator.nn import random
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.links import LINKS
from simulator.nn.losses import LOSSES
from simulator.nn.optimizers import OPTIMIZERS
from simulator.nn.scalar import erf, select
from simulator.nn.schedules import SCHEDULES

OPERATIONS = {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv,
    "negative": operator.neg, "power": operator.pow, "maximum": np.maximum, "minimum": np.minimum,
    "absolute": np.absolute, "sign": np.sign, "sqrt": np.sqrt, "exp": np.exp, "expm1": np.expm1, "log": np.log,
    "log1p": np.log1p, "tanh": np.tanh, "cos": np.cos, "floor": np.floor, "greater": operator.gt,
    "greater_equal": operator.ge, "less": operator.lt, "less_equal": operator.le, "select": np.where,
    "and": operator.and_, "xor": operator.xor, "shift_right": operator.rshift,
    "max": lambda a: a.max(axis=1, keepdims=True),
    "sum": lambda a: a.sum(axis=1, keepdims=True),
}  # fmt: skip


def evaluated(results: Sequence[Symbol], inputs: Mapping[str, Any]) -> list[Any]:
    """Return the results' values: operations with NumPy, one number a row as a column."""
    values: dict[Symbol, Any] = {}
    for symbol in order(results):
        if symbol.op == "input":
            values[symbol] = inputs[symbol.args[0]]
        elif symbol.op == "constant":
            values[symbol] = symbol.args[0]
        else:
            values[symbol] = OPERATIONS[symbol.op](*(values[arg] for arg in symbol.args))
    return [values[symbol] for symbol in results]


def settings_of(row: Any) -> dict[str, float]:
    return {field.name: getattr(row, field.name) for field in dataclasses.fields(row) if field.type is float}


POINTS = np.array([0.0, -0.0, 1e-30, -1e-30, 1e-3, 0.4, -0.4, 1.0, -1.0, 1.7, -5.5, 6.0, 40.0, -90.0, 1e4, -1e4])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_traced_activation_and_its_slope_are_the_definitions(name, dtype):
    value, derivative = definitions.activation_pairs()[list(ACTIVATIONS).index(name)]
    z = POINTS.astype(dtype)
    a = ACTIVATIONS[name].value(z)
    assert np.array_equal(evaluated([value], {"z": z})[0], a)
    assert np.array_equal(evaluated([derivative], {"z": z, "a": a})[0], ACTIVATIONS[name].derivative(z, a))


@pytest.mark.parametrize(("loss", "link"), definitions.HEADS)
@pytest.mark.parametrize("outputs", [1, 2, 5])
def test_a_traced_head_is_its_link_and_loss(loss, link, outputs):
    rng = np.random.default_rng(outputs)
    Z, Y = 3 * rng.normal(size=(7, outputs)), rng.random((7, outputs))
    made = LOSSES[loss]()
    A = LINKS[link].apply(Z)
    head = definitions.head(loss, link)
    inputs = {"Z": Z, "Y": Y, "outputs": outputs, **settings_of(made)}
    found_A, losses, delta = evaluated([head.outputs, head.loss, head.delta], inputs)
    assert np.array_equal(found_A, A)
    assert np.allclose(losses.ravel(), made.rows(Z, A, Y), rtol=1e-15, atol=0.0)
    assert np.allclose(delta, made.delta(Z, A, Y, LINKS[link]), rtol=1e-14, atol=1e-16)
    assert not head.loss.per_output
    assert head.outputs.per_output


def test_every_loss_is_a_head_with_each_of_its_links_and_nothing_else_is():
    assert [(name, link) for name, row in LOSSES.items() for link in row.links] == definitions.HEADS


@pytest.mark.parametrize("huber", [0.1, 1.0, 7.0])
def test_a_setting_of_a_loss_stays_a_symbol(huber):
    Z, Y = np.array([[0.05, -3.0]]), np.zeros((1, 2))
    head = definitions.head("huber", "linear")
    inputs = {"Z": Z, "Y": Y, "outputs": 2, "threshold": huber}
    made = LOSSES["huber"](threshold=huber)
    assert evaluated([head.loss], inputs)[0].item() == pytest.approx(made.rows(Z, Z, Y).item(), rel=1e-15)


def choices_of(table: Mapping[str, Any]) -> list[definitions.Variant]:
    """Return each row with every choice of its yes/no settings, counted here by itself."""
    found = []
    for name, row in table.items():
        flags = [field.name for field in dataclasses.fields(row) if field.type is bool]
        places = range(len(flags))
        found += [(name, tuple(bool(number >> place & 1) for place in places)) for number in range(2 ** len(flags))]
    return found


def test_every_optimizer_and_schedule_stands_there_once_for_every_choice_of_yes_and_no():
    assert sorted(choices_of(OPTIMIZERS)) == sorted(definitions.UPDATES)
    assert sorted(choices_of(SCHEDULES)) == sorted(definitions.FACTORS)
    assert ("sgd", (True,)) in definitions.UPDATES
    assert ("sgd", (False,)) in definitions.UPDATES


def made_of(table: Mapping[str, Any], variant: definitions.Variant, **settings: float) -> Any:
    row = table[variant[0]]
    flags = [field.name for field in dataclasses.fields(row) if field.type is bool]
    return row(**dict(zip(flags, variant[1], strict=True)), **settings)


@pytest.mark.parametrize("variant", definitions.UPDATES, ids=str)
def test_a_traced_update_is_the_optimizers_over_many_steps(variant):
    optimizer = made_of(OPTIMIZERS, variant, learning_rate=0.3, weight_decay=0.07)
    if variant[0] in ("sgd", "rmsprop"):
        optimizer = dataclasses.replace(optimizer, momentum=0.8)
    update, rng = definitions.update(variant), np.random.default_rng(5)
    w = rng.normal(size=9)
    memory, scalars = [np.zeros(9) for _ in optimizer.memory], list(optimizer.scalars.values())
    own, own_memory, own_scalars = w, list(memory), dict(optimizer.scalars)
    for step in range(1, 12):
        g, rate = rng.normal(size=9), 0.3 / step
        coefficients = optimizer.coefficients(step, rate, scalars)
        w, *memory = optimizer.rule(w, g, *memory, *coefficients)
        inputs = {"step": step, "rate": rate, **settings_of(optimizer), **own_scalars}
        names = list(update.scalars)
        found = evaluated([*update.coefficients, *update.scalars.values()], inputs)
        found, new_scalars = found[: len(update.coefficients)], found[len(update.coefficients) :]
        assert tuple(found) == tuple(coefficients)
        own_scalars = dict(zip(names, new_scalars, strict=True))
        inputs = {"w": own, "g": g, **dict(zip(update.memory, own_memory, strict=True))}
        own, *own_memory = evaluated(update.rule, inputs | {f"c{i}": value for i, value in enumerate(found)})
        assert list(own_scalars.values()) == scalars
        assert np.array_equal(own, w)
        assert all(np.array_equal(a, b) for a, b in zip(own_memory, memory, strict=True))


@pytest.mark.parametrize("warmup", [0.0, 1e-300, 0.5, 3.0])
@pytest.mark.parametrize("variant", definitions.FACTORS, ids=str)
def test_a_traced_schedule_is_the_schedules_factor_with_and_without_warm_up(variant, warmup):
    schedule = made_of(SCHEDULES, variant, warmup_epochs=warmup)
    factor = definitions.factor(variant)
    for now in (0.0, 0.25, 0.75, 2.0, 4.9, 49.75, 50.0, 100.0, 1e6):
        inputs = {"now": now, "update": 0.25, **settings_of(schedule)}
        assert evaluated([factor], inputs)[0] == schedule.factor(now, 0.25), now


@given(st.lists(st.integers(0, 2**32 - 1), min_size=6, max_size=6))
def test_traced_philox_gives_the_words_of_philox(numbers):
    names = ["c0", "c1", "c2", "c3", "k0", "k1"]
    found = evaluated(trace(random.philox, names), dict(zip(names, numbers, strict=True)))
    assert tuple(found) == random.philox(*numbers)


def test_equal_expressions_are_one_symbol():
    graph = Graph()
    z = graph.input("z")
    assert graph.input("z") is z
    assert np.exp(z * 2.0) + 1.0 is np.exp(z * 2.0) + 1.0
    assert z * 2.0 is not 2.0 * z
    assert graph.constant(np.float64(0.5)) is graph.constant(0.5)
    assert graph.constant(1) is not graph.constant(1.0)


def test_zero_and_minus_zero_are_different_numbers():
    graph = Graph()
    graph.constant(0.0)
    assert math.copysign(1.0, graph.constant(-0.0).args[0]) == -1.0
    found = trace(lambda z: np.maximum(z, 0.0) + select(z > 1.0, -0.0, -0.0), ["z"])
    assert np.signbit(evaluated([found[0].args[1]], {"z": np.zeros(1)})[0]).all()


def test_what_is_not_a_number_is_one_symbol_too():
    graph = Graph()
    assert graph.constant(np.nan) is graph.constant(np.float64("nan"))


def test_a_number_that_is_always_the_same_is_a_symbol_too():
    (found,) = trace(lambda z: 1.0, ["z"])
    assert evaluated([found], {"z": np.zeros(3)}) == [1.0]


def by_an_if(z: Any) -> Any:
    return z if z > 0.0 else -z


@pytest.mark.parametrize(
    "definition",
    [
        by_an_if,
        lambda z: max(z, 0.0),
        lambda z: 1.0 if 0.0 < z < 1.0 else 0.0,
        lambda z: z * (not z),
        lambda z: select(z == 0.0, 1.0, z),
        lambda z: select(z != 0.0, 1.0, z),
        lambda z: 1.0 if z in (0.0, 1.0) else 0.0,
    ],
    ids=["an if", "max", "a chain of comparisons", "not", "is equal", "is not equal", "in"],
)
def test_a_symbol_decides_nothing_while_it_is_traced(definition):
    with pytest.raises(TypeError):
        trace(definition, ["z"])


@pytest.mark.parametrize(
    "definition",
    [
        lambda z: np.sin(z),
        lambda z: np.exp2(z),
        lambda z: np.equal(z, 0.0),
        lambda z: np.logical_and(z > 0.0, z < 1.0),
        lambda z: np.add.reduce(z),
        lambda z: np.add(z, 1.0, where=False),
        lambda z: np.clip(z, 0.0, 1.0),
        lambda z: np.where(z > 0.0),
        lambda z: np.sum(z),
        lambda z: math.exp(z),
        lambda z: abs(z),
        lambda z: z // 2.0,
        lambda z: z % 2.0,
    ],
    ids=[
        "sin",
        "exp2",
        "equal",
        "logical_and",
        "reduce",
        "where",
        "clip",
        "where of one",
        "sum",
        "math",
        "abs",
        "//",
        "%",
    ],
)
def test_what_no_engine_can_write_down_is_refused(definition):
    with pytest.raises(TypeError):
        trace(definition, ["z"])


@pytest.mark.parametrize("axis", [0, -1, None, 2])
def test_only_the_outputs_of_a_row_are_put_together(axis):
    symbol = Graph().input("Z", per_output=True)
    for method in ("max", "sum", "mean"):
        with pytest.raises(TypeError, match="outputs of one row"):
            getattr(symbol, method)(axis=axis)


def test_a_number_a_row_is_told_from_an_entry_of_the_matrix():
    graph = Graph()
    Z, c = graph.input("Z", per_output=True), graph.input("c")
    assert (Z * c).per_output
    assert not Z.sum(axis=1).per_output
    assert not (Z.max(axis=1, keepdims=True) + c).per_output
    assert (Z - Z.max(axis=1, keepdims=True)).per_output
    assert evaluated([Z.mean(axis=1)], {"Z": np.arange(6.0).reshape(2, 3), "outputs": 3})[0].tolist() == [[1.0], [4.0]]
    assert Z.shape[1] is graph.input("outputs")


def all_results() -> dict[str, list[Symbol]]:
    found = {f"activation {i}": list(pair) for i, pair in enumerate(definitions.activation_pairs())}
    for loss, link in definitions.HEADS:
        head = definitions.head(loss, link)
        found[f"{loss} of {link}"] = [head.outputs, head.loss, head.delta]
    for variant in definitions.UPDATES:
        found[f"{variant}"] = list(definitions.update(variant).rule)
    found["erf"] = list(trace(erf, ["x"]))
    found["philox"] = list(trace(random.philox, ["c0", "c1", "c2", "c3", "k0", "k1"]))
    return found


@pytest.mark.parametrize("results", all_results().values(), ids=all_results())
def test_the_order_names_everything_once_and_arguments_before_their_users(results):
    groups = [results] if len({result.graph for result in results}) == 1 else [[result] for result in results]
    for group in groups:
        symbols = order(group)
        places = {symbol: place for place, symbol in enumerate(symbols)}
        assert len(places) == len(symbols)
        assert set(group) <= set(places)
        for symbol in symbols:
            assert all(places[arg] < places[symbol] for arg in symbol.args if isinstance(arg, Symbol))


def test_the_order_leaves_out_what_is_known_and_what_only_that_needs():
    graph = Graph()
    z, c = graph.input("z"), graph.input("c")
    known = np.exp(z)
    found = order([known * c + known], {known})
    assert not {z, known} & set(found)
    assert [symbol.op for symbol in found] == ["input", "multiply", "add"]


def test_a_chain_of_thousands_of_operations_is_put_in_order():
    symbol = Graph().input("z")
    for _ in range(5000):
        symbol = symbol + 1.0
    assert len(order([symbol])) == 5002


def test_what_a_kernel_keeps_of_every_row_has_room():
    for variant in definitions.UPDATES:
        update = definitions.update(variant)
        assert max(len(update.coefficients), len(update.scalars)) <= THREAD_REALS
    for loss, link in definitions.HEADS:
        head = definitions.head(loss, link)
        costly = [
            s for s in order([head.outputs, head.loss, head.delta])
            if s.per_output and s.op in ("exp", "expm1", "log", "log1p", "tanh", "divide")
        ]  # fmt: skip
        assert 2 + len(costly) <= HEAD_SLOTS, (loss, link)
