"""The products of all threads together make every number once, and nothing beside."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.engines import TrainingData
from simulator.engines import layout as at
from simulator.engines.layout import Layout
from simulator.engines.shares import Product, Share
from simulator.spec import LayerSpec, NetworkSpec, TrainingConfig

WIDTHS = st.one_of(st.integers(1, 12), st.integers(30, 140))


@st.composite
def divided(draw: st.DrawFn) -> tuple[Layout, list[Share], int]:
    """Return a layout, and the shares of all threads in a block of so many rows."""
    hidden = tuple(LayerSpec(units) for units in draw(st.lists(WIDTHS, max_size=3)))
    network = NetworkSpec(draw(WIDTHS), hidden, draw(WIDTHS))
    most, rows, threads = 70, draw(st.integers(1, 70)), draw(st.integers(1, 5))
    config = TrainingConfig(batch_size=most + 30, dtype=draw(st.sampled_from(["float32", "float64"])))
    rng = np.random.default_rng(0)
    data = TrainingData(
        rng.normal(size=(100, network.inputs)), rng.normal(size=(100, network.outputs)),
        np.zeros((0, network.inputs)), np.zeros((0, network.outputs)), False,
    )  # fmt: skip
    layout = Layout(network, config, data, threads, most)
    return layout, [Share(layout, thread, threads, rows) for thread in range(threads)], rows


def matrix(layout: Layout, place: int, rows: int, width: int) -> np.ndarray:
    return layout.number[place : place + rows * width].reshape(rows, width)


@given(divided())
def test_every_row_belongs_to_one_thread_and_only_the_last_thread_has_an_odd_number(case):
    _, shares, rows = case
    assert [row for share in shares for row in range(share.row, share.row + share.count)] == list(range(rows))
    assert all(share.count % 2 == 0 for share in shares[:-1])


def assert_all_make(layout: Layout, products: list[list[Product]], target: np.ndarray, wanted: np.ndarray) -> None:
    """Check that the threads' products write the wanted numbers to the target, and nothing elsewhere."""
    target[...] = np.nan
    before = layout.number.copy()
    for left, right, result in (product for of_thread in products for product in of_thread):
        assert np.isnan(result).all(), "nothing is made twice"
        np.matmul(left, right, out=result)
    assert np.array_equal(target, wanted)
    target[...] = np.nan
    assert np.array_equal(layout.number, before, equal_nan=True)


@given(divided())
def test_together_the_threads_make_every_number_once(case):
    layout, shares, rows = case
    # Small whole numbers, so that sums are exact in any order.
    layout.number[...] = np.random.default_rng(1).integers(-4, 5, layout.number.size)
    plan, work = layout.plan.tolist(), int(layout.whole[at.WORK])
    seen = [matrix(layout, work + row[at.INPUTS], rows, row[at.INPUT_ROW])[:, : row[at.FAN_IN]] for row in plan]
    logits, deltas = (
        [matrix(layout, work + row[place], rows, row[at.WIDTH]) for row in plan] for place in (at.LOGITS, at.DELTA)
    )
    for index, row in enumerate(plan):
        weight = matrix(layout, row[at.WEIGHT], row[at.FAN_IN], row[at.WIDTH])
        assert_all_make(layout, [[share.forward[index]] for share in shares], logits[index], seen[index] @ weight)
        logits[index][...] = 1.0
        if index > 0:
            weight = matrix(layout, row[at.WEIGHT], plan[index - 1][at.WIDTH], row[at.WIDTH])[:, : row[at.FAN_OUT]]
            wanted = deltas[index][:, : row[at.FAN_OUT]] @ weight.T
            assert_all_make(layout, [[share.backward[index - 1]] for share in shares], deltas[index - 1], wanted)
            deltas[index - 1][...] = 2.0
    for number in (0, 1):
        start = int(layout.whole[at.GRADIENT] - layout.whole[at.WEIGHTS] + number * layout.whole[at.COUNT])
        for share in shares:
            for left, right, result in share.gradients[number]:
                np.matmul(left, right, out=result)
        for index, row in enumerate(plan):
            weights = matrix(layout, start + row[at.WEIGHT], row[at.FAN_IN], row[at.WIDTH])
            assert np.array_equal(weights, seen[index].T @ deltas[index])
            assert np.array_equal(matrix(layout, start + row[at.BIAS], 1, row[at.WIDTH])[0], deltas[index].sum(axis=0))
