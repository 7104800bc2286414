"""The words of the kernels against plain NumPy, between guards: what stands beside the documented places stays.

Matrices of small whole numbers make sums of products exact, so that nothing needs a tolerance. Beside them stands
what is no number, so that a word that read too far would show it.
"""

import threading
from typing import Any

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engines import definitions, loops
from simulator.engines.layout import HEAD_SLOTS, THREAD_REALS, lanes
from simulator.nn import random
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.links import LINKS
from simulator.nn.losses import LOSSES
from simulator.nn.optimizers import OPTIMIZERS
from simulator.nn.schedules import SCHEDULES

pytestmark = pytest.mark.parametrize("dtype", ["float32", "float64"])
EXAMPLES = settings(max_examples=40, deadline=None)
GUARD = 64


@numba.njit
def product(M, N, K, s, s0, A, a0, a_row, B, b0, b_row, C, c0, c_row):
    loops.product(M, N, K, s, s0, A, a0, a_row, B, b0, b_row, C, c0, c_row)


@numba.njit
def gradient(M, N, K, A, a0, a_row, D, d0, d_row, W, w0, w_row, bias, b0, keep):
    loops.gradient(M, N, K, A, a0, a_row, D, d0, d_row, W, w0, w_row, bias, b0, keep)


@numba.njit
def transpose(rows, columns, S, s0, s_row, T, t0, t_row):
    loops.transpose(rows, columns, S, s0, s_row, T, t0, t_row)


@numba.njit
def gather(count, width, X, x0, rows_of, r0, T, t0):
    loops.gather(count, width, X, x0, rows_of, r0, T, t0)


@numba.njit
def activate(code, count, Z, z0, A, a0):
    loops.activate(code, count, Z, z0, A, a0)


@numba.njit
def slope(code, count, Z, z0, A, a0, D, d0):
    loops.slope(code, count, Z, z0, A, a0, D, d0)


@numba.njit
def multiply(count, A, a0, B, b0, C, c0):
    loops.multiply(count, A, a0, B, b0, C, c0)


@numba.njit
def add_to_rows(count, width, B, b0, A, a0):
    loops.add_to_rows(count, width, B, b0, A, a0)


@numba.njit
def accumulate(count, parts, step, A, a0):
    loops.accumulate(count, parts, step, A, a0)


@numba.njit
def scale(count, A, a0, factor):
    loops.scale(count, A, a0, factor)


@numba.njit
def penalise(count, l1, l2, W, w0, mark, m0, G, g0):
    loops.penalise(count, l1, l2, W, w0, mark, m0, G, g0)


@numba.njit
def squares(count, A, a0):
    return loops.squares(count, A, a0)


@numba.njit
def update(code, count, c, c0, W, w0, G, g0, memory, m0, m_row):
    loops.update(code, count, c, c0, W, w0, G, g0, memory, m0, m_row)


@numba.njit
def head(
    code, rows, K, Z, z0, z_row, Y, y0, rows_of, r0, D, d0, d_row, slots, t0, settings_, s0, scale_, sums, u0, classes
):
    loops.head(
        code,
        rows,
        K,
        Z,
        z0,
        z_row,
        Y,
        y0,
        rows_of,
        r0,
        D,
        d0,
        d_row,
        slots,
        t0,
        settings_,
        s0,
        scale_,
        sums,
        u0,
        classes,
    )


@numba.njit
def coefficients(code, step, rate, settings_, s0, scalars, k0, out, o0):
    loops.coefficients(code, step, rate, settings_, s0, scalars, k0, out, o0)


@numba.njit
def factor(code, now, length, settings_, s0):
    return loops.factor(code, now, length, settings_, s0)


@numba.njit
def philox(c0, c1, c2, c3, k0, k1):
    return loops.philox(c0, c1, c2, c3, k0, k1)


@numba.njit
def grain(numbers):
    return loops.grain(numbers, 0)


class Place:
    """A matrix (rows, width) somewhere in an array of one dimension that is no number anywhere else."""

    def __init__(self, matrix: np.ndarray, dtype: str, offset: int = 0, extra: int = 0) -> None:
        rows, width = matrix.shape
        self.offset, self.row = GUARD + offset, width + extra
        self.array = np.full(self.offset + rows * self.row + GUARD, np.nan, dtype)
        self._shape = matrix.shape
        self.matrix[...] = matrix
        self.before = self.array.copy()

    @property
    def matrix(self) -> np.ndarray:
        rows, width = self._shape
        return self.array[self.offset : self.offset + rows * self.row].reshape(rows, self.row)[:, :width]

    @property
    def at(self) -> tuple[np.ndarray, int]:
        return self.array, self.offset

    def assert_beside_is_untouched(self, beyond: int = 0) -> None:
        """Check that nothing but the matrix, and as many numbers behind it, has changed."""
        here, before = self.array.copy(), self.before.copy()
        end = self.offset + self.matrix.shape[0] * self.row
        for array in (here, before):
            array[self.offset : end].reshape(-1, max(self.row, 1))[:, : self._shape[1]] = 0
            array[end : end + beyond] = 0
        assert np.array_equal(here, before, equal_nan=True)

    def assert_untouched(self) -> None:
        assert np.array_equal(self.array, self.before, equal_nan=True)


def whole(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.integers(-9, 10, shape).astype(np.float64)


def vector(numbers: Any, dtype: str, offset: int = 0) -> Place:
    return Place(np.asarray(numbers, dtype=np.float64).reshape(1, -1), dtype, offset)


ROWS, WIDTHS, OFFSETS = st.integers(1, 40), st.integers(1, 5), st.integers(0, 9)
SEEDS = st.integers(0, 2**32 - 1)


@EXAMPLES
@given(st.integers(0, 40), WIDTHS, st.integers(0, 40), OFFSETS, OFFSETS, SEEDS)
def test_a_product_is_the_matrix_product_plus_the_start_row(dtype, M, halves, K, offset, extra, seed):
    rng, N = np.random.default_rng(seed), halves * lanes(dtype) // 2
    A, B, start = whole(rng, M, K), whole(rng, K, N), whole(rng, 1, N)
    a, b, s = Place(A, dtype, offset, extra), Place(B, dtype, extra, offset), Place(start, dtype, offset)
    c = Place(np.full((M, N), np.nan), dtype, extra, offset)
    product(M, N, K, *s.at, *a.at, a.row, *b.at, b.row, *c.at, c.row)
    assert np.array_equal(c.matrix, start + A @ B)
    c.assert_beside_is_untouched()
    for place in (a, b, s):
        place.assert_untouched()


@EXAMPLES
@given(ROWS, WIDTHS, st.integers(0, 40), st.booleans(), OFFSETS, OFFSETS, SEEDS)
def test_a_gradient_is_the_transposed_product_and_the_column_sums(dtype, M, halves, K, keep, offset, extra, seed):
    rng, N = np.random.default_rng(seed), halves * lanes(dtype) // 2
    A, D = whole(rng, K, M), whole(rng, K, N)
    old, old_bias = (whole(rng, M, N), whole(rng, 1, N)) if keep else (np.full((M, N), np.nan), np.full((1, N), np.inf))
    a, d, w = Place(A, dtype, offset, extra), Place(D, dtype, extra, offset), Place(old, dtype, offset, extra)
    bias = Place(old_bias, dtype, extra)
    gradient(M, N, K, *a.at, a.row, *d.at, d.row, *w.at, w.row, *bias.at, int(keep))
    assert np.array_equal(w.matrix, A.T @ D + (old if keep else 0.0))
    assert np.array_equal(bias.matrix, D.sum(axis=0, keepdims=True) + (old_bias if keep else 0.0))
    w.assert_beside_is_untouched()
    bias.assert_beside_is_untouched()
    a.assert_untouched()
    d.assert_untouched()


@EXAMPLES
@given(st.integers(0, 5), st.integers(1, 5), OFFSETS, OFFSETS, SEEDS)
def test_a_transpose_turns_whole_blocks_and_nothing_else(dtype, tall, wide, offset, extra, seed):
    side = lanes(dtype) // 2
    S = np.random.default_rng(seed).normal(size=(tall * side, wide * side)).astype(dtype)
    source, target = Place(S, dtype, offset, extra), Place(np.full(S.T.shape, np.nan), dtype, extra, offset)
    transpose(*S.shape, *source.at, source.row, *target.at, target.row)
    assert np.array_equal(target.matrix, S.T)
    target.assert_beside_is_untouched()


@EXAMPLES
@given(st.integers(0, 40), st.integers(1, 70), OFFSETS, SEEDS)
def test_a_gather_copies_the_named_rows_and_not_a_number_more(dtype, count, width, offset, seed):
    rng = np.random.default_rng(seed)
    X, rows_of = rng.normal(size=(11, width)).astype(dtype), rng.integers(0, 11, offset + count)
    x, target = Place(X, dtype, offset), Place(np.zeros((count, width)), dtype, offset + 1)
    gather(count, width, *x.at, rows_of, offset, *target.at)
    assert np.array_equal(target.matrix, X[rows_of[offset:]])
    target.assert_beside_is_untouched()


POINTS = [0.0, -0.0, 1e-30, -1e-30, 1e-3, 0.4, -0.4, 1.0, -1.0, 1.7, -5.5, 6.0, 40.0, -90.0, 1e4, -1e4]


@pytest.mark.parametrize("count", [1, 7, 8, 16, 17, 100])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_and_slopes_are_those_of_the_table(dtype, name, count):
    code, row = list(ACTIVATIONS).index(name), ACTIVATIONS[name]
    z = np.resize([*POINTS, *np.random.default_rng(count).normal(scale=3, size=17)], count).astype(dtype)
    unit, beyond = np.finfo(dtype).eps, lanes(dtype) - 1
    z_place, a_place = vector(z, dtype, 3), vector(np.zeros(count), dtype, 5)
    activate(code, count, *z_place.at, *a_place.at)
    a = row.value(z)
    assert np.allclose(a_place.matrix[0], a, rtol=6 * unit, atol=np.finfo(dtype).tiny)
    a_place.assert_beside_is_untouched(beyond)
    delta = np.random.default_rng(0).normal(size=count).astype(dtype)
    a_place, d_place = vector(a, dtype, 5), vector(delta, dtype, 1)
    slope(code, count, *z_place.at, *a_place.at, *d_place.at)
    # A slope is a sum that can nearly vanish: its error is in units of its parts, which are about 1.
    assert np.allclose(d_place.matrix[0], delta * row.derivative(z, a), rtol=8 * unit, atol=8 * unit)
    d_place.assert_beside_is_untouched(beyond)
    a_place.assert_untouched()
    z_place.assert_untouched()


@EXAMPLES
@given(st.integers(0, 70), OFFSETS, SEEDS)
def test_a_multiplication_of_arrays_reaches_at_most_a_vector_beyond(dtype, count, offset, seed):
    rng = np.random.default_rng(seed)
    A, B = (rng.normal(size=count).astype(dtype) for _ in range(2))
    a, b, c = vector(A, dtype, offset), vector(B, dtype), vector(np.zeros(count), dtype, offset)
    multiply(count, *a.at, *b.at, *c.at)
    assert np.array_equal(c.matrix[0], A * B)
    c.assert_beside_is_untouched(lanes(dtype) - 1)
    a.assert_untouched()


@EXAMPLES
@given(st.integers(0, 40), WIDTHS, OFFSETS, SEEDS)
def test_a_row_is_added_to_all_rows(dtype, rows, halves, offset, seed):
    rng, width = np.random.default_rng(seed), halves * lanes(dtype) // 2
    A, B = rng.normal(size=(rows, width)).astype(dtype), rng.normal(size=(1, width)).astype(dtype)
    a, b = Place(A, dtype, offset), Place(B, dtype)
    add_to_rows(rows, width, *b.at, *a.at)
    assert np.array_equal(a.matrix, A + B)
    a.assert_beside_is_untouched()
    b.assert_untouched()


@EXAMPLES
@given(st.integers(0, 6), st.integers(1, 5), st.integers(0, 3), OFFSETS, SEEDS)
def test_accumulating_adds_the_parts_in_their_order(dtype, vectors, parts, apart, offset, seed):
    count, step = vectors * lanes(dtype), vectors * lanes(dtype) + apart
    P = np.random.default_rng(seed).normal(size=(parts, count)).astype(dtype)
    place = Place(P, dtype, offset, apart)
    accumulate(count, parts, step, *place.at)
    total = P[0]
    for part in P[1:]:
        total = total + part
    assert np.array_equal(place.matrix[0], total)
    assert np.array_equal(place.matrix[1:], P[1:])
    place.assert_beside_is_untouched()


@EXAMPLES
@given(st.integers(0, 6), st.sampled_from([0.0, 0.03]), st.sampled_from([0.0, 0.2]), OFFSETS, SEEDS)
def test_penalties_add_their_slopes_where_a_parameter_is_marked(dtype, vectors, l1, l2, offset, seed):
    rng = np.random.default_rng(seed)
    count = vectors * lanes(dtype)
    W, G = (rng.normal(size=count).astype(dtype) for _ in range(2))
    W[rng.random(count) < 0.2] = 0.0
    mark = rng.integers(0, 2, count).astype(dtype)
    w, m, g = vector(W, dtype, offset), vector(mark, dtype), vector(G, dtype, offset)
    penalise(count, l1, l2, *w.at, *m.at, *g.at)
    assert np.allclose(g.matrix[0], G + mark * (l1 * np.sign(W) + l2 * W), rtol=1e-6, atol=1e-6)
    assert np.array_equal(g.matrix[0][mark == 0], G[mark == 0])
    g.assert_beside_is_untouched()
    for place in (w, m):
        place.assert_untouched()


@EXAMPLES
@given(st.integers(0, 6), OFFSETS, SEEDS)
def test_squares_are_added_up_in_float64(dtype, vectors, offset, seed):
    A = np.random.default_rng(seed).normal(size=vectors * lanes(dtype)).astype(dtype)
    a = vector(A, dtype, offset)
    assert squares(A.size, *a.at) == pytest.approx((A * A).sum(dtype=np.float64), rel=1e-14)
    a.assert_untouched()


@EXAMPLES
@given(st.integers(0, 6), st.floats(-1e3, 1e3), OFFSETS, SEEDS)
def test_scaling_multiplies_by_the_factor_in_the_format_of_the_numbers(dtype, vectors, by, offset, seed):
    A = np.random.default_rng(seed).normal(size=vectors * lanes(dtype)).astype(dtype)
    a = vector(A, dtype, offset)
    scale(A.size, *a.at, by)
    assert np.array_equal(a.matrix[0], A * np.dtype(dtype).type(by))
    a.assert_beside_is_untouched()


def test_squares_without_a_number_or_beyond_the_largest_have_no_finite_sum(dtype):
    for value in (np.nan, np.inf, np.finfo(dtype).max):
        for place in range(lanes(dtype)):
            A = np.ones(2 * lanes(dtype), dtype)
            A[place] = value
            assert not np.isfinite(squares(A.size, A, 0))


def made(table: dict[str, Any], variant: definitions.Variant, **more: float) -> Any:
    flags = [name for name, kind in table[variant[0]].__annotations__.items() if kind is bool]
    return table[variant[0]](**dict(zip(flags, variant[1], strict=True)), **more)


def numbers_of(row: Any, names: list[str]) -> np.ndarray:
    return np.array([getattr(row, name) for name in names], dtype=np.float64)


@pytest.mark.parametrize("variant", definitions.UPDATES, ids=str)
def test_an_update_is_the_optimizers_rule_with_its_coefficients(dtype, variant):
    more = {"momentum": 0.7} if variant[0] in ("sgd", "rmsprop") else {}
    optimizer = made(OPTIMIZERS, variant, learning_rate=0.2, weight_decay=0.03, **more)
    rng, count, code = np.random.default_rng(1), 3 * lanes(dtype), definitions.UPDATES.index(variant)
    names = definitions.setting_names(variant)
    given_settings = vector(numbers_of(optimizer, names), "float64", 2)
    scalars = list(optimizer.scalars.values())
    own_scalars = vector([*scalars, *[np.nan] * (THREAD_REALS - len(scalars))], "float64")
    W = rng.normal(size=count).astype(dtype)
    M = np.abs(rng.normal(size=(len(optimizer.memory), count))).astype(dtype)
    w, m = vector(W, dtype, 3), Place(M, dtype, 1, 5)
    for step in range(1, 6):
        G = rng.normal(size=count).astype(dtype)
        g, rate = vector(G, dtype, 7), 0.2 / step
        wanted = optimizer.coefficients(step, rate, scalars)
        found = vector(np.zeros(len(wanted)), "float64", 1)
        coefficients(code, float(step), rate, *given_settings.at, *own_scalars.at, *found.at)
        assert np.allclose(found.matrix[0], wanted, rtol=1e-14, atol=0)
        assert np.allclose(own_scalars.matrix[0, : len(scalars)], scalars, rtol=1e-14, atol=0)
        found.assert_beside_is_untouched()
        assert np.isnan(own_scalars.matrix[0, len(scalars) :]).all()
        W, *M = optimizer.rule(W, G, *M, *wanted)
        update(code, count, *found.at, *w.at, *g.at, *m.at, m.row)
        unit = np.finfo(dtype).eps
        assert np.allclose(w.matrix[0], W, rtol=20 * unit, atol=20 * unit)
        assert np.allclose(m.matrix, M, rtol=40 * unit, atol=20 * unit)
        g.assert_untouched()
    w.assert_beside_is_untouched()
    m.assert_beside_is_untouched()
    given_settings.assert_untouched()


def test_no_update_goes_beyond_the_count_it_is_given(dtype):
    for code, variant in enumerate(definitions.UPDATES):
        names = len(OPTIMIZERS[variant[0]].memory)
        w, g = vector(np.ones(2 * lanes(dtype)), dtype), vector(np.ones(2 * lanes(dtype)), dtype)
        m = Place(np.ones((names, 2 * lanes(dtype))), dtype)
        update(code, lanes(dtype), np.full(THREAD_REALS, 0.5), 0, *w.at, *g.at, *m.at, m.row)
        assert (w.matrix[0, lanes(dtype) :] == 1.0).all(), variant
        assert (m.matrix[:, lanes(dtype) :] == 1.0).all(), variant
        assert (w.matrix[0, : lanes(dtype)] != 1.0).all(), variant


@pytest.mark.parametrize("variant", definitions.FACTORS, ids=str)
def test_a_factor_is_the_schedules(dtype, variant):
    for warmup in (0.0, 1e-300, 2.5, 1e9):
        schedule = made(SCHEDULES, variant, warmup_epochs=warmup)
        given_settings = vector(numbers_of(schedule, definitions.setting_names(variant)), "float64", 4)
        code = definitions.FACTORS.index(variant)
        for now in (0.0, 0.3, 1.0, 7.75, 49.9, 50.0, 99.0, 1e5):
            found = factor(code, now, 0.05, *given_settings.at)
            assert found == pytest.approx(schedule.factor(now, 0.05), rel=1e-14, abs=1e-16), (now, warmup)


@EXAMPLES
@given(st.lists(st.integers(0, 2**32 - 1), min_size=6, max_size=6))
def test_philox_gives_the_words_of_the_definition(dtype, numbers):
    assert philox(*(np.uint64(number) for number in numbers)) == random.philox(*numbers)


def test_every_word_is_tried_here(dtype):
    assert set(loops.__all__) <= set(globals()) | {"meet"}


def test_a_grain_is_a_vector_of_64_bytes(dtype):
    assert grain(np.zeros(1, dtype)) * np.dtype(dtype).itemsize == 64


def hits_of(A: np.ndarray, Y: np.ndarray) -> int:
    if A.shape[1] == 1:
        return int(((A >= 0.5) == (Y >= 0.5)).sum())
    return int((A.argmax(axis=1) == Y.argmax(axis=1)).sum())


def doubtful(A: np.ndarray, unit: float) -> int:
    """Return for how many rows an error of rounding can decide what is predicted."""
    if A.shape[1] == 1:
        return int((np.abs(A - 0.5) < 40 * unit).sum())
    best = np.sort(A, axis=1)[:, -2:]
    return int((best[:, 1] - best[:, 0] < 40 * unit).sum())


def assert_head(dtype: str, number: int, rows: int, K: int, scale_: float, classes: int, seed: int) -> None:
    (loss, link), rng = definitions.HEADS[number], np.random.default_rng(seed)
    made_loss = LOSSES[loss]() if loss != "huber" else LOSSES[loss](threshold=0.8)
    Z = (rng.choice([0.1, 3.0, 3.0, 300.0]) * rng.normal(size=(rows, K))).astype(dtype)
    all_Y = np.eye(K)[rng.integers(0, K, 50)] if rng.random() < 0.5 else rng.random((50, K))
    rows_of = rng.integers(0, 50, 3 + rows)
    Y = all_Y.astype(dtype)[rows_of[3:]]
    z, y, d = Place(Z, dtype, 2, 3), Place(all_Y, dtype, 1), Place(np.full((rows, K), 7.0), dtype, 3, 2)
    slots, sums = vector(np.zeros(HEAD_SLOTS * K * lanes(dtype)), dtype), vector([10.0, 20.0], "float64")
    given_settings = vector([0.8] if loss == "huber" else [], "float64")
    head(number, rows, K, *z.at, z.row, *y.at, rows_of, 3, *d.at, d.row, *slots.at, *given_settings.at, scale_,
         *sums.at, classes)  # fmt: skip
    exact_Z, exact_Y = Z.astype(np.float64), Y.astype(np.float64)
    A = LINKS[link].apply(exact_Z)
    unit = float(np.finfo(dtype).eps)
    size, total = max(1.0, float(np.abs(Z).max())), made_loss.rows(exact_Z, A, exact_Y).sum()
    assert sums.matrix[0, 0] - 10.0 == pytest.approx(total, rel=30 * unit, abs=30 * unit * rows * size)
    if classes:
        assert abs(sums.matrix[0, 1] - 20.0 - hits_of(A, exact_Y)) <= doubtful(A, unit)
    else:
        assert sums.matrix[0, 1] == 20.0
    if scale_ > 0:
        delta = made_loss.delta(exact_Z, A, exact_Y, LINKS[link]) * scale_
        assert np.allclose(d.matrix, delta, rtol=30 * unit, atol=30 * unit * scale_ * size)
        d.assert_beside_is_untouched()
    else:
        d.assert_untouched()
    for place in (slots, sums):
        place.assert_beside_is_untouched()
    for place in (z, y, given_settings):
        place.assert_untouched()


@pytest.mark.parametrize("number", range(len(definitions.HEADS)), ids=[str(head) for head in definitions.HEADS])
def test_a_head_gives_the_loss_the_hits_and_the_derivatives_of_its_rows(dtype, number):
    @EXAMPLES
    @given(ROWS, st.integers(1, 7), st.sampled_from([0.0, 1.0, 0.1]), st.integers(0, 1), SEEDS)
    def check(rows: int, K: int, scale_: float, classes: int, seed: int) -> None:
        assert_head(dtype, number, rows, K, scale_, classes, seed)

    check()


def test_a_head_with_hundreds_of_outputs_is_no_different(dtype):
    for number in range(len(definitions.HEADS)):
        assert_head(dtype, number, 19, 300, 0.5, 1, number)


def test_the_first_of_equal_outputs_is_the_predicted_one_and_one_half_is_a_yes(dtype):
    number = definitions.HEADS.index(("mse", "linear"))
    for Z, Y, wanted in [
        ([[1, 1, 0], [0, 2, 2], [3, 3, 3]], [[1, 0, 0], [0, 1, 0], [0, 0, 1]], 2),
        ([[0.5], [0.49], [0.5], [-3]], [[1], [0], [0], [0.5]], 2),
    ]:
        z, y = Place(np.array(Z, float), dtype), Place(np.array(Y, float), dtype)
        rows, K = z.matrix.shape
        sums, slots = np.zeros(2), np.zeros(HEAD_SLOTS * K * lanes(dtype), dtype)
        d = np.zeros(rows * K, dtype)
        head(number, rows, K, *z.at, K, *y.at, np.arange(rows), 0, d, 0, K, slots, 0, np.zeros(1), 0, 0.0, sums, 0, 1)
        assert sums[1] == wanted


@pytest.mark.parametrize("where", [0, 6, 15, 16, 20])
def test_a_loss_that_is_no_number_is_seen_in_whichever_row_it_stands(dtype, where):
    for number in range(len(definitions.HEADS)):
        Z = np.zeros((21, 3), dtype)
        Z[where, 1] = np.nan
        sums, slots = np.zeros(2), np.zeros(HEAD_SLOTS * 3 * lanes(dtype), dtype)
        D, Y, rows_of = np.zeros(63, dtype), np.full(63, 0.25, dtype), np.arange(21)
        head(number, 21, 3, Z.ravel(), 0, 3, Y, 0, rows_of, 0, D, 0, 3, slots, 0, np.ones(1), 0, 1.0, sums, 0, 1)
        assert not np.isfinite(sums[0]), definitions.HEADS[number]


@numba.njit(nogil=True)
def meet_and_compare(counter, cells, thread, threads, rounds):
    wrong = 0
    for k in range(rounds):
        cells[8 * thread] = k
        loops.meet(counter, 0, threads)
        for other in range(threads):
            wrong += cells[8 * other] != k
        loops.meet(counter, 0, threads)
    return wrong


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_that_meet_see_what_the_others_wrote_before(dtype, threads):
    counter, cells, wrong = np.zeros(1, np.int64), np.zeros(8 * threads, np.int64), np.full(threads, -1)

    def run(thread: int) -> None:
        wrong[thread] = meet_and_compare(counter, cells, thread, threads, 300)

    meet_and_compare(counter, cells, 0, 1, 0)  # compiled before anybody waits
    workers = [threading.Thread(target=run, args=(thread,), daemon=True) for thread in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert wrong.tolist() == [0] * threads
    assert counter[0] == (0 if threads == 1 else 2 * 300 * threads)
