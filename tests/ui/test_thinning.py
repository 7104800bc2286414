"""Long series for narrow plots."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.panels.thinning import Thinned


def thinned(values, piece):
    series = Thinned()
    for first in range(0, len(values), piece):
        series.append(values[first : first + piece])
    return series


def test_few_values_are_all_points():
    values = np.sin(np.arange(100.0))
    x, y = thinned(values, 9).look(0, 100, 400)
    assert np.array_equal(x, np.arange(100))
    assert np.array_equal(y, values)


@pytest.mark.parametrize("count", [5_000, 100_000, 1_000_000], ids=lambda count: f"{count} epochs")
def test_a_spike_is_never_lost_and_the_line_stays_short(count):
    values = np.zeros(count)
    values[count // 3] = 7.0
    values[count // 2] = -5.0
    x, y = thinned(values, 50_000).look(0, count, 800)
    assert len(x) == len(y) < 2_000
    assert y.max() == 7.0
    assert y.min() == -5.0
    assert abs(x[y.argmax()] - count // 3) <= count / 300
    assert np.all(np.diff(x) >= 0)
    assert x[-1] <= count - 1


@given(
    st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), min_size=1, max_size=4000),
    st.integers(1, 700),
    st.integers(20, 300),
    st.data(),
)
def test_any_stretch_has_the_extremes_of_its_values(values, piece, points, data):
    values = np.array(values)
    series = thinned(values, piece)
    first = data.draw(st.integers(0, len(values)))
    last = data.draw(st.integers(first, len(values)))
    x, y = series.look(first, last, points)
    assert len(x) == len(y)
    shown = values[first:last]
    if np.isfinite(shown).any():
        assert np.nanmax(y) >= np.nanmax(shown)
        assert np.nanmin(y) <= np.nanmin(shown)


def test_a_series_that_grows_in_small_pieces_is_that_of_one_piece():
    values = np.random.default_rng(0).normal(size=70_000)
    one, many = thinned(values, len(values)), thinned(values, 13)
    for stretch in ((0, 70_000), (1_000, 69_000), (5, 3_000)):
        for left, right in zip(one.look(*stretch, 300), many.look(*stretch, 300), strict=True):
            assert np.array_equal(left, right)
