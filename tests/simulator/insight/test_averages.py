import math

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from simulator.insight.averages import balanced_accuracy, macro, matthews, weighted
from simulator.insight.metrics import class_scores, confusion_matrix

labels = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60)


@given(labels)
def test_averages_are_those_of_scikit_learn(pairs):
    actual, predicted = np.array(pairs).T
    counted = confusion_matrix(actual, predicted, range(4))
    scores = class_scores(counted)
    for kind, own in (("macro", macro(scores)), ("weighted", weighted(scores))):
        precision, recall, f1, _ = sklearn.metrics.precision_recall_fscore_support(
            actual, predicted, labels=range(4), average=kind, zero_division=np.nan
        )
        for mine, theirs in ((own.precision, precision), (own.recall, recall), (own.f1, f1)):
            # Where no class that occurs has a score, scikit-learn says 0.
            assert mine == pytest.approx(theirs) or (math.isnan(mine) and (np.isnan(theirs) or theirs == 0.0))


@given(labels)
def test_balanced_accuracy_and_the_correlation_are_those_of_scikit_learn(pairs):
    actual, predicted = np.array(pairs).T
    counted = confusion_matrix(actual, predicted, range(4))
    recalls = [np.mean(predicted[actual == k] == k) for k in np.unique(actual)]
    assert balanced_accuracy(counted) == pytest.approx(np.mean(recalls))
    if len(set(actual)) > 1 and len(set(predicted)) > 1:
        expected = sklearn.metrics.matthews_corrcoef(actual, predicted)
        assert matthews(counted) == pytest.approx(expected, abs=1e-12)
    else:
        assert math.isnan(matthews(counted))


def test_nothing_is_said_about_no_rows():
    nothing = np.zeros((3, 3), np.int64)
    assert math.isnan(balanced_accuracy(nothing))
    assert math.isnan(matthews(nothing))
    assert all(math.isnan(each) for each in (macro(class_scores(nothing)).f1, weighted(class_scores(nothing)).recall))


def test_a_class_without_rows_counts_in_no_average():
    scores = class_scores(confusion_matrix([0, 0, 1, 1], [0, 0, 1, 1], range(3)))
    assert macro(scores).recall == 1.0
    assert weighted(scores).f1 == 1.0
