import numpy as np
import pytest

from ui.canvas import bundles
from ui.canvas.bundles import Lens
from ui.canvas.layout import Rect, arrange

LENS = Lens(1.0, 0.0, 0.0, 1.0, 0, 0, 900, 600)


def spans(*sizes, **settings):
    return arrange(sizes, Rect(0.0, 0.0, 900.0, 600.0), **settings).spans


@pytest.mark.parametrize(
    ("neurons", "zoom", "count", "largest"),
    [
        (10, 1.0, 10, 1),
        (32, 1.0, 32, 1),
        (128, 1.0, 32, 4),
        (784, 1.0, 32, 25),
        (784, 4.0, 112, 7),
        (784, 40.0, 784, 1),
    ],
)
def test_a_side_has_at_most_32_bundles_and_more_when_one_comes_closer(neurons, zoom, count, largest):
    begins = bundles.cut(np.arange(neurons, dtype=float), zoom)
    assert (begins[0], begins[-1], len(begins) - 1) == (0, neurons, count)
    assert np.diff(begins).max() == largest
    assert np.diff(begins).min() >= max(1, largest - 1)


def test_a_bundle_of_a_grid_is_made_of_whole_lines_or_lies_within_one():
    heights = np.repeat(np.arange(28.0), 28)
    assert np.array_equal(bundles.cut(heights, 1.0), np.arange(29) * 28)
    finer = bundles.cut(heights, 6.0)
    assert set(np.arange(29) * 28) <= set(finer.tolist())
    assert np.array_equal(bundles.cut(heights, 100.0), np.arange(785))
    ragged = np.repeat(np.arange(4.0), [8, 8, 8, 3])
    assert bundles.cut(ragged, 1.0).tolist() == list(range(28))


def test_neurons_are_bundled_by_where_they_are():
    grid = spans(784, 12, shapes=[(28, 28), None])[0]
    turned = bundles.bundled(grid, LENS)
    assert turned.count == (28, 12)
    for bundle in range(28):
        rows = turned.rows[turned.firsts[bundle] : turned.firsts[bundle + 1]]
        assert len(set(grid.left.y[rows])) == 1


def test_few_edges_stay_single_and_very_many_do_not():
    few = bundles.bundled(spans(40, 40, smallest_pitch=1.0)[0], LENS)
    many = bundles.bundled(spans(200, 100, smallest_pitch=1.0)[0], LENS)
    assert (few.size, few.spreads) == ((1, 1), (0.0, 0.0))
    assert (many.count, many.size) == ((29, 25), (7, 4))
    assert min(many.spreads) > 0.0


def test_a_bundle_is_as_strong_as_the_root_mean_square_and_has_the_sign_of_the_sum():
    found = bundles.bundled(spans(200, 100, smallest_pitch=1.0)[0], LENS)
    shares = np.random.default_rng(0).normal(size=(200, 100))
    shares[3, 4], shares[5, 6] = np.nan, 0.0
    values = bundles.strengths(shares, found, 0.3)
    for left, right in ((0, 0), (28, 24), (7, 19)):
        block = np.nan_to_num(
            shares[found.firsts[left] : found.firsts[left + 1], found.lasts[right] : found.lasts[right + 1]]
        )
        counted = block[np.abs(block) >= 0.3]
        assert values[left, right] == pytest.approx(np.sign(counted.sum()) * np.sqrt(np.mean(counted**2)))


def test_where_all_edges_are_hidden_there_is_no_line():
    found = bundles.bundled(spans(200, 100, smallest_pitch=1.0)[0], LENS)
    shares = np.zeros((200, 100))
    shares[:20] = 0.5
    values = bundles.strengths(shares, found, 0.4)
    assert np.isnan(values[-1]).all()
    assert np.allclose(values[0], 0.5)


def test_a_span_outside_the_picture_has_no_bundles():
    first, last = spans(60, 60, 60, smallest_pitch=1.0)
    right_half = Lens(2.0, -900.0, 0.0, 1.0, 0, 0, 900, 600)
    assert bundles.bundled(first, right_half) is None
    assert bundles.bundled(last, right_half) is not None


def test_what_is_summarised_is_said_and_nothing_where_nothing_is():
    large, small = spans(784, 128, 10, smallest_pitch=0.1)
    pair = large, bundles.bundled(large, LENS)
    words = bundles.words([pair, (small, bundles.bundled(small, LENS))])
    assert words[0].startswith("100\u202f352 edges as 32 × 32 bundles")
    assert "root mean square" in words[0]
    assert [len(text) for text in words] == sorted((len(text) for text in words), reverse=True)
    assert bundles.words([(small, bundles.bundled(small, LENS))]) == ()
