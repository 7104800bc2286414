import math

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import ConfigError
from simulator.insight import metrics

CLASSES = ["Adelie", "Gentoo", "Chinstrap", "never seen"]

labels = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=60)
# Sums of squares beyond 1e16 would compare two orders of rounding and not two formulas.
values = st.lists(st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)), min_size=2, max_size=60)


@given(labels)
def test_the_figures_of_classes_are_those_of_scikit_learn(pairs):
    actual, predicted = (np.array([CLASSES[k] for k in column]) for column in zip(*pairs, strict=True))
    assert metrics.accuracy(actual, predicted) == sklearn.metrics.accuracy_score(actual, predicted)
    counted = metrics.confusion_matrix(actual, predicted, CLASSES)
    assert np.array_equal(counted, sklearn.metrics.confusion_matrix(actual, predicted, labels=CLASSES))
    scores = metrics.class_scores(counted)
    precision, recall, f1, support = sklearn.metrics.precision_recall_fscore_support(
        actual, predicted, labels=CLASSES, zero_division=np.nan
    )
    np.testing.assert_allclose(scores.precision, precision, rtol=1e-14)
    np.testing.assert_allclose(scores.recall, recall, rtol=1e-14)
    np.testing.assert_allclose(scores.f1, f1, rtol=1e-14)
    assert np.array_equal(scores.support, support)


@given(values)
@settings(max_examples=2 * settings.default.max_examples)
def test_the_figures_of_values_are_those_of_scikit_learn(pairs):
    actual, predicted = np.array(pairs).T
    assert metrics.mae(actual, predicted) == pytest.approx(sklearn.metrics.mean_absolute_error(actual, predicted))
    expected = sklearn.metrics.root_mean_squared_error(actual, predicted)
    assert metrics.rmse(actual, predicted) == pytest.approx(expected)
    if np.ptp(actual) > 1e-3:
        assert metrics.r2(actual, predicted) == pytest.approx(sklearn.metrics.r2_score(actual, predicted), rel=1e-6)


def test_a_small_example_by_hand():
    counted = metrics.confusion_matrix([0, 0, 0, 1, 1], [0, 0, 1, 1, 0], range(3))
    assert counted.tolist() == [[2, 1, 0], [1, 1, 0], [0, 0, 0]]
    scores = metrics.class_scores(counted)
    assert scores.precision[:2].tolist() == pytest.approx([2 / 3, 1 / 2])
    assert scores.recall[:2].tolist() == pytest.approx([2 / 3, 1 / 2])
    assert scores.f1[:2].tolist() == pytest.approx([2 / 3, 1 / 2])
    assert scores.support.tolist() == [3, 2, 0]
    assert all(math.isnan(each[2]) for each in (scores.precision, scores.recall, scores.f1))
    assert metrics.accuracy([0, 0, 0, 1, 1], [0, 0, 1, 1, 0]) == 0.6
    assert metrics.r2([1.0, 2.0, 3.0], [1.0, 2.0, 5.0]) == pytest.approx(1 - 4 / 2)
    assert metrics.rmse([1.0, 2.0, 3.0], [1.0, 2.0, 5.0]) == pytest.approx(math.sqrt(4 / 3))
    assert metrics.mae([1.0, 2.0, 3.0], [1.0, 2.0, 5.0]) == pytest.approx(2 / 3)


def test_rows_are_the_actual_classes_and_columns_the_predicted():
    assert metrics.confusion_matrix(["a", "a"], ["b", "b"], ["a", "b"]).tolist() == [[0, 2], [0, 0]]


def test_a_class_that_occurs_but_is_never_predicted_has_no_precision_and_an_f1_of_zero():
    scores = metrics.class_scores(metrics.confusion_matrix([0, 1], [0, 0], range(2)))
    assert math.isnan(scores.precision[1])
    assert (scores.recall[1], scores.f1[1]) == (0.0, 0.0)


def test_a_perfect_prediction():
    actual = np.array([0.1, 0.2, 0.7])
    assert metrics.r2(actual, actual) == 1.0
    assert metrics.rmse(actual, actual) == 0.0
    assert metrics.mae(actual, actual) == 0.0


@pytest.mark.parametrize("value", [0.0, 0.1, 1e20])
@pytest.mark.parametrize("rows", [1, 3, 10])
def test_r2_is_undefined_where_all_actual_values_are_equal(value, rows):
    actual = np.full(rows, value)
    assert math.isnan(metrics.r2(actual, actual))
    assert math.isnan(metrics.r2(actual, actual + 1.0))


def test_r2_is_undefined_where_the_spread_is_too_small_to_be_squared():
    assert math.isnan(metrics.r2([0.0, 1e-200], [0.0, 0.0]))


@pytest.mark.parametrize("measure", [metrics.accuracy, metrics.r2, metrics.rmse, metrics.mae])
def test_nothing_is_said_about_no_rows(measure):
    assert math.isnan(measure(np.empty(0), np.empty(0)))


def test_no_rows_are_counted_as_zeros():
    counted = metrics.confusion_matrix([], [], ["a", "b"])
    assert counted.tolist() == [[0, 0], [0, 0]]
    assert counted.dtype == np.int64
    assert np.isnan(metrics.class_scores(counted).f1).all()


def test_one_value_that_is_missing_is_not_passed_over():
    assert math.isnan(metrics.rmse([1.0, np.nan], [1.0, 2.0]))
    assert math.isnan(metrics.mae([1.0, 2.0], [1.0, np.nan]))
    assert math.isnan(metrics.r2([1.0, 2.0], [1.0, np.nan]))


def test_whole_numbers_and_float32_are_calculated_with_in_float64():
    assert metrics.mae(np.array([0, 255], np.uint8), np.array([1, 254], np.uint8)) == 1.0
    large = np.array([1e30, -1e30], np.float32)
    assert metrics.rmse(large, -large) == pytest.approx(2e30, rel=1e-6)


@pytest.mark.parametrize("measure", [metrics.accuracy, metrics.r2, metrics.rmse, metrics.mae])
@pytest.mark.parametrize("shapes", [((3,), (2,)), ((3,), (3, 1)), ((3, 1), (3, 1)), ((), ())], ids=str)
def test_arrays_that_cannot_be_compared_row_by_row_are_refused(measure, shapes):
    with pytest.raises(ConfigError) as refused:
        measure(np.zeros(shapes[0]), np.zeros(shapes[1]))
    assert str(shapes[0]) in refused.value.message
    assert "(rows,)" in refused.value.hint


@pytest.mark.parametrize("place", ["actual", "predicted"])
def test_an_unknown_class_is_refused_by_name(place):
    columns = {"actual": ["a", "b"], "predicted": ["a", "b"]} | {place: ["a", "x"]}
    with pytest.raises(ConfigError, match="'x' is not among the classes") as refused:
        metrics.confusion_matrix(columns["actual"], columns["predicted"], ["a", "b"])
    assert "a, b" in refused.value.hint


def test_a_class_named_twice_is_refused():
    with pytest.raises(ConfigError, match="twice"):
        metrics.confusion_matrix(["a"], ["a"], ["a", "b", "a"])
