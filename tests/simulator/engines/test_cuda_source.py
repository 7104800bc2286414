"""The tables of `nn/` in CUDA C, run by the processor or a device, against their definitions in NumPy.

The bounds are in units in the last place of the number format (`unit`) and the same that hold for the CPU's kernels: 6
for an activation, 8 for a slope, whose parts are about 1, 30 for a head's sums, 20 and 40 for an update's five steps.
"""

import functools
import importlib
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.engines import definitions
from simulator.engines.cuda import cupy_kernels
from simulator.engines.cuda.cupy_driver import CupyDriver
from simulator.engines.cuda.machine import Machine
from simulator.engines.cuda.source import source
from simulator.nn import random
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.links import LINKS
from simulator.nn.losses import LOSSES
from simulator.nn.optimizers import OPTIMIZERS
from simulator.nn.schedules import SCHEDULES

pytestmark = pytest.mark.parametrize("dtype", ["float32", "float64"])
EXAMPLES = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
SEEDS = st.integers(0, 2**32 - 1)


class Device:
    """Launches kernels over arrays, which are sent before and brought back after."""

    def __init__(self, machine: Machine, dtype: str) -> None:
        self.machine, self.dtype = machine, dtype

    def run(self, kernel: str, *arguments: Any, threads: int = 64, shared: int = 0) -> None:
        blocks = {id(a): self.machine.allocate(max(a.nbytes, 1)) for a in arguments if isinstance(a, np.ndarray)}
        for array in arguments:
            if id(array) in blocks:
                self.machine.write(blocks[id(array)].address, array)
        places = [blocks[id(a)].address if id(a) in blocks else a for a in arguments]
        self.machine.launch(kernel, self.dtype, 1, threads, places, shared)
        for array in arguments:
            if id(array) in blocks:
                array[...] = self.machine.read(blocks[id(array)].address, array.dtype, array.shape).get()


@functools.cache
def real_machine() -> Machine:
    """Return the machine of the first device, whose program has the tests' kernels too."""
    trial = importlib.import_module("host_machine").TRIAL
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cupy_kernels, "source", lambda dtype: source(dtype) + trial)
        machine = CupyDriver().open(0)
        for dtype in ("float32", "float64"):
            machine.load(dtype)
    return machine


@pytest.fixture(params=["on this processor", pytest.param("on a device", marks=pytest.mark.gpu)])
def device(request, dtype):
    on_device = request.param == "on a device"
    return Device(real_machine() if on_device else request.getfixturevalue("host_gpu").open(0), dtype)


def unit(dtype: str) -> float:
    return float(np.finfo(dtype).eps)


def extremes(dtype: str) -> np.ndarray:
    form = np.finfo(dtype)
    sizes = [0.0, form.smallest_subnormal, form.tiny, 1e-30, 1e-8, 1e-3, 0.4, 1.0, 1.7, 5.5, 20.0, 87.0, 90.0, 300.0]
    sizes += [710.0, 1e4, 1e18, 2e19, form.max, np.inf, np.nan]
    return np.array([sign * size for size in sizes for sign in (1, -1)], dtype)


def assert_same(found: np.ndarray, wanted: np.ndarray, rtol: float, atol: float) -> None:
    assert found.dtype == wanted.dtype
    # Where NumPy ends in something infinite or without a number, so must this.
    assert np.array_equal(np.isnan(found), np.isnan(wanted))
    np.testing.assert_allclose(found, wanted, rtol=rtol, atol=atol)


CANCELLING = {"gelu": 4}
"""Activations that are differences of numbers about 1, with the units of these that the rest may be wrong by."""


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_and_slopes_are_those_of_the_table(device, dtype, name):
    code, row = list(ACTIVATIONS).index(name), ACTIVATIONS[name]
    z = np.concatenate([extremes(dtype), np.random.default_rng(0).normal(scale=4, size=500).astype(dtype)])
    a, slope = np.zeros_like(z), np.zeros_like(z)
    device.run("try_activations", code, z.size, z, a, slope)
    with np.errstate(all="ignore"):
        assert_same(a, row.value(z), 6 * unit(dtype), CANCELLING.get(name, 0) * unit(dtype) + np.finfo(dtype).tiny)
        assert_same(slope, row.derivative(z, a), 8 * unit(dtype), 8 * unit(dtype))


def hits_of(A: np.ndarray, Y: np.ndarray) -> np.ndarray:
    return (A >= 0.5) == (Y >= 0.5) if A.shape[1] == 1 else A.argmax(axis=1) == Y.argmax(axis=1)


def doubtful(A: np.ndarray, unit: float) -> np.ndarray:
    """Return in which rows an error of rounding can decide what is predicted."""
    if A.shape[1] == 1:
        return np.abs(A[:, 0] - 0.5) < 40 * unit
    best = np.sort(A, axis=1)[:, -2:]
    return best[:, 1] - best[:, 0] < 40 * unit


def run_head(device: Device, number: int, Z: np.ndarray, Y: np.ndarray, scale: float = 1.0, lanes: int = 1) -> Any:
    rows, K = Z.shape
    D, losses, hits = np.full_like(Z, 7.0), np.zeros(rows, Z.dtype), np.zeros(rows, np.uint8)
    more = np.array([0.8])
    device.run("try_heads", number, rows, K, Z, Y, D if scale else 0, scale, more, 1, lanes, losses, hits)
    return losses, D, hits.astype(bool)


def made_loss(name: str) -> Any:
    return LOSSES[name](threshold=0.8) if name == "huber" else LOSSES[name]()


@pytest.mark.parametrize("number", range(len(definitions.HEADS)), ids=[str(head) for head in definitions.HEADS])
def test_a_head_gives_the_loss_the_derivatives_and_the_hits_of_its_rows(device, dtype, number):
    name, link = definitions.HEADS[number]
    loss = made_loss(name)

    @EXAMPLES
    @given(
        st.integers(1, 12), st.sampled_from([1, 2, 3, 7, 40]), st.sampled_from([0.0, 1.0, 0.1]),
        st.sampled_from([1, 2, 4, 8, 32]), SEEDS,
    )  # fmt: skip
    def check(rows: int, K: int, scale: float, lanes: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        Z = (rng.choice([0.1, 3.0, 3.0, 300.0]) * rng.normal(size=(rows, K))).astype(dtype)
        Y = np.eye(K)[rng.integers(0, K, rows)] if rng.random() < 0.5 else rng.random((rows, K))
        Y = Y.astype(dtype)
        losses, D, hits = run_head(device, number, Z, Y, scale, lanes)
        exact_Z, exact_Y = Z.astype(np.float64), Y.astype(np.float64)
        A = LINKS[link].apply(exact_Z)
        size = max(1.0, float(np.abs(Z).max()))
        wanted = loss.rows(exact_Z, A, exact_Y)
        np.testing.assert_allclose(losses, wanted, rtol=30 * unit(dtype), atol=30 * unit(dtype) * size)
        sure = ~doubtful(A, unit(dtype))
        assert np.array_equal(hits[sure], np.ravel(hits_of(A, exact_Y))[sure])
        if scale:
            delta = loss.delta(exact_Z, A, exact_Y, LINKS[link]) * scale
            np.testing.assert_allclose(D, delta, rtol=30 * unit(dtype), atol=30 * unit(dtype) * scale * size)
        else:
            assert (D == 7.0).all()

    check()


@pytest.mark.parametrize("number", range(len(definitions.HEADS)), ids=[str(head) for head in definitions.HEADS])
def test_a_head_ends_where_numpy_ends(device, dtype, number):
    loss, link = made_loss(definitions.HEADS[number][0]), LINKS[definitions.HEADS[number][1]]
    ends = extremes(dtype)
    Z = np.zeros((3 * ends.size, 3), dtype)
    for place in range(3):
        Z[place * ends.size + np.arange(ends.size), place] = ends
    Y = np.tile(np.array([1, 0, 0], dtype), (len(Z), 1))
    for lanes in (1, 2):
        losses, D, _ = run_head(device, number, Z, Y, lanes=lanes)
        with np.errstate(all="ignore"):
            A = link.apply(Z)
            assert_same(losses, loss.rows(Z, A, Y).astype(dtype), 30 * unit(dtype), 30 * unit(dtype))
            assert_same(D, loss.delta(Z, A, Y, link).astype(dtype), 30 * unit(dtype), 30 * unit(dtype))


def test_the_first_of_equal_outputs_is_the_predicted_one_and_one_half_is_a_yes(device, dtype):
    number = definitions.HEADS.index(("mse", "linear"))
    for lanes in (1, 2, 4):
        Z, Y = [[1, 1, 0], [0, 2, 2], [3, 3, 3]], [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
        assert run_head(device, number, np.array(Z, dtype), np.array(Y, dtype), lanes=lanes)[2].tolist() == [1, 1, 0]
        Z, Y = [[0.5], [0.49], [0.5], [-3]], [[1], [0], [0], [0.5]]
        assert run_head(device, number, np.array(Z, dtype), np.array(Y, dtype), lanes=lanes)[2].tolist() == [1, 1, 0, 0]


def made(table: dict[str, Any], variant: definitions.Variant, **more: float) -> Any:
    flags = [name for name, kind in table[variant[0]].__annotations__.items() if kind is bool]
    return table[variant[0]](**dict(zip(flags, variant[1], strict=True)), **more)


def numbers_of(row: Any, names: list[str]) -> np.ndarray:
    return np.array([getattr(row, name) for name in names], dtype=np.float64)


@pytest.mark.parametrize("variant", definitions.UPDATES, ids=str)
def test_an_update_is_the_optimizers_rule_with_its_coefficients(device, dtype, variant):
    more = {"momentum": 0.7} if variant[0] in ("sgd", "rmsprop") else {}
    optimizer = made(OPTIMIZERS, variant, learning_rate=0.2, weight_decay=0.03, **more)
    rng, count, code = np.random.default_rng(1), 50, definitions.UPDATES.index(variant)
    given_settings = numbers_of(optimizer, definitions.setting_names(variant))
    scalars = list(optimizer.scalars.values())
    own_scalars = np.array([*scalars, np.nan])
    W = rng.normal(size=count).astype(dtype)
    M = np.abs(rng.normal(size=(len(optimizer.memory), count))).astype(dtype)
    w, m = W.copy(), np.full((len(M), count + 5), 7.0, dtype)
    m[:, :count] = M
    for step in range(1, 6):
        g, rate = rng.normal(size=count).astype(dtype), 0.2 / step
        wanted = optimizer.coefficients(step, rate, scalars)
        found = np.full(16, 9.0)
        device.run("try_coefficients", code, float(step), rate, given_settings, own_scalars, found, threads=1)
        assert np.allclose(found[: len(wanted)], wanted, rtol=1e-14, atol=0)
        assert (found[len(wanted) :] == 9.0).all()
        assert np.allclose(own_scalars[:-1], scalars, rtol=1e-14, atol=0)
        assert np.isnan(own_scalars[-1])
        W, *M = optimizer.rule(W, g, *M, *wanted)
        device.run("try_updates", code, count, found, w, g, m, count + 5)
        np.testing.assert_allclose(w, W, rtol=20 * unit(dtype), atol=20 * unit(dtype))
        np.testing.assert_allclose(m[:, :count], M, rtol=40 * unit(dtype), atol=20 * unit(dtype))
    assert (m[:, count:] == 7.0).all()


@pytest.mark.parametrize("variant", definitions.UPDATES, ids=str)
def test_an_update_ends_where_numpy_ends(device, dtype, variant):
    optimizer, code = made(OPTIMIZERS, variant), definitions.UPDATES.index(variant)
    numbers = extremes(dtype)
    w, g = np.repeat(numbers, numbers.size), np.tile(numbers, numbers.size)
    m = np.zeros((len(optimizer.memory), w.size), dtype)
    c = np.zeros(16)
    narrow = optimizer.coefficients(1, 0.1, list(optimizer.scalars.values()))
    c[: len(narrow)] = narrow
    with np.errstate(all="ignore"):
        W, *M = optimizer.rule(w, g, *m, *narrow)
        device.run("try_updates", code, w.size, c, w, g, m, w.size)
        assert_same(w, W, 20 * unit(dtype), np.finfo(dtype).tiny)
        assert_same(m, np.array(M).reshape(m.shape).astype(dtype), 20 * unit(dtype), np.finfo(dtype).tiny)


@pytest.mark.parametrize("variant", definitions.FACTORS, ids=str)
def test_a_factor_is_the_schedules(device, dtype, variant):
    now = np.array([0.0, 0.3, 1.0, 7.75, 49.9, 50.0, 99.0, 1e5])
    for warmup in (0.0, 1e-300, 2.5, 1e9):
        schedule = made(SCHEDULES, variant, warmup_epochs=warmup)
        own, found = numbers_of(schedule, definitions.setting_names(variant)), np.zeros_like(now)
        device.run("try_factors", definitions.FACTORS.index(variant), now.size, now, 0.05, own, found)
        assert found == pytest.approx([schedule.factor(moment, 0.05) for moment in now], rel=1e-14, abs=1e-16)


KNOWN = [  # the published vectors of the generator: counter, key, words
    ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
    ([0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344], [0xA4093822, 0x299F31D0],
     [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1]),
]  # fmt: skip


def test_philox_gives_the_published_words_and_those_of_the_definition(device, dtype):
    rng = np.random.default_rng(0)
    numbers = np.array([counter + key for counter, key, _ in KNOWN], np.uint32)
    numbers = np.concatenate([numbers, rng.integers(0, 2**32, (200, 6)).astype(np.uint32)])
    found = np.zeros((len(numbers), 4), np.uint32)
    device.run("try_philox", len(numbers), numbers, found)
    assert found[:3].tolist() == [words for _, _, words in KNOWN]
    assert np.array_equal(found, np.stack(random.philox(*numbers.astype(np.uint64).T), axis=1))


@EXAMPLES
@given(
    st.integers(0, 2**64 - 1), st.integers(1, 2**32 - 1), st.integers(0, 2**31), st.integers(1, 9), st.integers(0, 9),
    st.integers(1, 13), st.sampled_from([0.0, 1e-9, 0.1, 0.5, 0.999999]),
)  # fmt: skip
def test_dropout_keeps_the_same_neurons(device, dtype, seed, epoch, first, rows, layer, units, rate):
    kept = np.full((rows, units), 7, np.uint8)
    signed = seed - 2**64 if seed >= 2**63 else seed
    device.run("try_dropout", signed, epoch, first, rows, layer, units, rate, kept)
    assert np.array_equal(kept, random.kept(seed, epoch, first, rows, layer, units, rate))


def test_the_larger_the_smaller_and_the_sign_are_numpys(device, dtype):
    numbers = extremes(dtype)
    a, b = np.repeat(numbers, numbers.size), np.tile(numbers, numbers.size)
    found = np.zeros((4, a.size), dtype)
    device.run("try_numbers", a.size, a, b, found)
    assert np.array_equal(found[0], np.maximum(a, b), equal_nan=True)
    assert np.array_equal(found[1], np.minimum(a, b), equal_nan=True)
    assert np.array_equal(found[2], np.sign(a), equal_nan=True)
    assert not np.signbit(found[2][a == 0]).any()
    assert np.array_equal(found[3], np.isfinite(a))


@pytest.mark.parametrize("threads", [32, 96, 1024])
def test_sums_have_one_fixed_order(device, dtype, threads):
    X = np.random.default_rng(threads).normal(size=threads).astype(dtype)

    def pairs(numbers: np.ndarray) -> Any:
        while numbers.size > 1:
            numbers = numbers[::2] + numbers[1::2]
        return numbers[0]

    for lanes in (1, 4, 32):
        found = np.zeros((3, threads))
        device.run("try_sums", X, found, lanes, threads=threads)
        warps = np.zeros(32)
        warps[: threads // 32] = [pairs(part) for part in X.astype(np.float64).reshape(-1, 32)]
        assert (found[0] == pairs(warps) + threads).all()
        groups = X.reshape(-1, lanes)
        assert np.array_equal(found[1].reshape(groups.shape), np.repeat([[pairs(g)] for g in groups], lanes, axis=1))
        assert np.array_equal(found[2].reshape(groups.shape), np.repeat(groups.max(axis=1)[:, None], lanes, axis=1))
