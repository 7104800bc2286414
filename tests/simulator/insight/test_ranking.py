import math

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import ConfigError
from simulator.insight.ranking import corners, ranking

# Few different scores, so that many are equal.
rows = st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=2, max_size=60)
both = rows.filter(lambda pairs: len({known for known, _ in pairs}) == 2)


def _arrays(pairs):
    return np.array([known for known, _ in pairs]), np.array([score / 6 for _, score in pairs])


@given(both)
def test_the_curves_and_areas_are_those_of_scikit_learn(pairs):
    known, score = _arrays(pairs)
    own = ranking(known, score)
    fpr, tpr, thresholds = sklearn.metrics.roc_curve(known, score, drop_intermediate=False)
    np.testing.assert_allclose(own.false_positive_rate, fpr)
    np.testing.assert_allclose(own.recall, tpr)
    np.testing.assert_array_equal(own.thresholds, thresholds)
    assert own.roc_area == pytest.approx(sklearn.metrics.roc_auc_score(known, score))
    precision, recall, _ = sklearn.metrics.precision_recall_curve(known, score)
    np.testing.assert_allclose(own.precision, precision[::-1])
    np.testing.assert_allclose(own.recall, recall[::-1])
    assert own.average_precision == pytest.approx(sklearn.metrics.average_precision_score(known, score))


@given(both)
def test_the_area_is_the_chance_to_put_a_positive_row_before_a_negative_one(pairs):
    known, score = _arrays(pairs)
    gaps = score[known][:, None] - score[~known][None, :]
    assert ranking(known, score).roc_area == pytest.approx(np.mean((gaps > 0) + 0.5 * (gaps == 0)))


@given(rows)
def test_a_curve_without_its_straight_points_is_the_same_curve(pairs):
    own = ranking(*_arrays(pairs))
    less = corners(own)
    assert len(less.thresholds) <= len(own.thresholds)
    assert less.roc_area == pytest.approx(own.roc_area, nan_ok=True)
    assert set(zip(less.hits, less.alarms, strict=True)) <= set(zip(own.hits, own.alarms, strict=True))
    assert (less.hits[-1], less.alarms[-1]) == (own.positives, own.negatives)


@pytest.mark.parametrize("known", [True, False])
def test_with_one_kind_of_rows_there_is_no_area(known):
    own = ranking([known] * 3, [0.1, 0.5, 0.5])
    assert math.isnan(own.roc_area)
    assert math.isnan(own.average_precision) is not known
    assert len(own.thresholds) == 3


def test_without_rows_and_with_scores_that_are_no_numbers_there_is_no_curve():
    nothing = ranking([], [])
    assert math.isnan(nothing.roc_area)
    assert math.isnan(nothing.average_precision)
    lost = ranking([True, False], [0.5, math.nan])
    assert len(lost.thresholds) == 0
    assert (lost.positives, lost.negatives) == (1, 1)
    assert math.isnan(lost.roc_area)
    assert math.isnan(lost.average_precision)
    assert len(corners(lost).thresholds) == 0


def test_a_perfect_and_a_worthless_order_and_infinite_scores():
    known = np.array([True, True, False, False])
    assert ranking(known, [math.inf, 0.8, 0.2, -math.inf]).roc_area == 1.0
    assert ranking(known, [0.5] * 4).roc_area == 0.5
    assert ranking(known, [0.5] * 4).average_precision == 0.5
    assert ranking(known, [0.1, 0.2, 0.8, 0.9]).roc_area == 0.0


def test_arrays_that_do_not_go_together_are_refused():
    with pytest.raises(ConfigError, match="shape"):
        ranking([True], [0.1, 0.2])
