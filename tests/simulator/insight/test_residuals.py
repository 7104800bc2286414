import math

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import example, given
from hypothesis import strategies as st

from simulator.errors import ConfigError
from simulator.insight.residuals import explained_variance, histogram, mape, residuals, round_step

values = st.lists(st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)), min_size=2, max_size=60)


@given(values)
def test_the_figures_are_those_of_scikit_learn(pairs):
    actual, predicted = np.array(pairs).T
    own = residuals(actual, predicted)
    assert own.mean == pytest.approx(np.mean(actual - predicted))
    assert own.deviation == pytest.approx(np.std(actual - predicted))
    assert abs(own.largest) == sklearn.metrics.max_error(actual, predicted)
    assert own.each[own.where] == own.largest
    if np.ptp(actual) > 1e-3:
        expected = sklearn.metrics.explained_variance_score(actual, predicted)
        assert explained_variance(actual, predicted) == pytest.approx(expected, rel=1e-6)
    if (np.abs(actual) > 1e-9).all():
        expected = sklearn.metrics.mean_absolute_percentage_error(actual, predicted)
        assert mape(actual, predicted) == pytest.approx(expected)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=80))
@example([0.0, 5e-324])
@example([8.0, -5e-324])
def test_every_value_stands_in_one_bin(given_values):
    counts, edges = histogram(given_values)
    assert counts.sum() == len(given_values)
    assert len(edges) == len(counts) + 1
    assert len(counts) <= 100
    assert edges[0] <= min(given_values)
    assert edges[-1] >= max(given_values)
    assert (np.diff(edges) > 0).all()


def test_the_edges_are_round_and_zero_is_one_of_them():
    counts, edges = histogram(np.linspace(-1.93, 2.11, 200), bins=8)
    assert edges.tolist() == pytest.approx(np.arange(-4, 6) * 0.5)
    assert counts.sum() == 200
    assert 0.0 in edges


@pytest.mark.parametrize(("width", "step"), [(0.9, 1.0), (1.7, 2.0), (23, 25), (470, 500), (0.0088, 0.01)])
def test_a_step_is_one_that_people_count_in(width, step):
    assert round_step(width) == pytest.approx(step)


def test_without_rows_nothing_is_said():
    own = residuals([], [])
    assert own.where == -1
    assert math.isnan(own.mean)
    assert math.isnan(own.largest)
    assert math.isnan(mape([], []))
    assert math.isnan(explained_variance([], []))
    assert len(histogram([])[0]) == 0
    assert len(histogram([math.nan, math.inf])[0]) == 0


def test_what_is_undefined_is_not_a_number():
    assert math.isnan(mape([0.0, 1.0], [1.0, 1.0]))
    assert math.isnan(explained_variance([2.0, 2.0], [1.0, 3.0]))
    assert math.isnan(residuals([1.0, 2.0], [math.nan, 2.0]).mean)
    assert math.isnan(residuals([1.0, 2.0], [math.nan, 2.0]).largest)
    assert math.isnan(mape([1.0], [math.nan]))


def test_equal_values_have_one_bin():
    counts, edges = histogram([3.0, 3.0])
    assert counts.tolist() == [2]
    assert edges[0] < 3.0 < edges[1]


def test_arrays_that_do_not_go_together_are_refused():
    for measure in (residuals, mape, explained_variance):
        with pytest.raises(ConfigError, match="shape"):
            measure([1.0], [1.0, 2.0])
