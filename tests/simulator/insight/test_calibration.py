import math

import numpy as np
import pytest
import sklearn.calibration
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import ConfigError
from simulator.insight.calibration import are_probabilities, brier_score, log_loss, reliability

rows = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60)
shares = st.lists(
    st.tuples(st.lists(st.floats(0.0, 1.0), min_size=3, max_size=3), st.integers(0, 2)), min_size=2, max_size=30
)


@given(rows)
def test_the_bins_are_those_of_scikit_learn(pairs):
    said, came = np.array([p for p, _ in pairs]), np.array([c for _, c in pairs])
    own = reliability(said, came)
    # scikit-learn puts an edge into the bin below it; ours holds its lower edge.
    inside = ~np.isin(said, [*own.edges, *np.linspace(0, 1, 11)])
    if inside.any():
        less = reliability(said[inside], came[inside])
        if len(set(came[inside])) == 2:
            true, mean = sklearn.calibration.calibration_curve(came[inside], said[inside], n_bins=10)
            held = less.counts > 0
            np.testing.assert_allclose(less.came[held], true)
            np.testing.assert_allclose(less.said[held], mean)
    assert own.counts.sum() == len(said)
    assert 0.0 <= own.expected_error <= own.largest_error + 1e-12 <= 1.0 + 1e-12


def test_a_small_example_by_hand():
    own = reliability([0.0, 0.05, 0.5, 1.0, 1.0], [False, True, True, True, False], bins=2)
    assert own.counts.tolist() == [2, 3]
    assert own.said.tolist() == pytest.approx([0.025, 2.5 / 3])
    assert own.came.tolist() == pytest.approx([0.5, 2 / 3])
    assert own.expected_error == pytest.approx(0.4 * 0.475 + 0.6 * (2.5 / 3 - 2 / 3))
    assert own.largest_error == pytest.approx(0.475)


def test_what_is_no_probability_stands_in_no_bin():
    own = reliability([math.nan, -0.1, 1.1, 0.3], [True] * 4)
    assert own.counts.tolist() == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    nothing = reliability([], [])
    assert nothing.counts.sum() == 0
    assert math.isnan(nothing.expected_error)
    assert math.isnan(nothing.largest_error)


@given(shares)
def test_brier_score_and_log_loss_are_those_of_scikit_learn(pairs):
    P = np.array([p for p, _ in pairs]) + 1e-3
    P /= P.sum(axis=1, keepdims=True)
    known = np.array([k for _, k in pairs])
    assert are_probabilities(P)
    expected = sklearn.metrics.log_loss(known, P, labels=range(3))
    assert log_loss(P, known) == pytest.approx(expected)
    expected = sklearn.metrics.brier_score_loss(known, P, labels=range(3), scale_by_half=False)
    assert brier_score(P, known) == pytest.approx(expected)


def test_certainty_that_is_wrong_costs_much_but_not_everything():
    P = np.array([[0.0, 1.0]])
    assert brier_score(P, [0]) == 2.0
    assert log_loss(P, [0]) == pytest.approx(sklearn.metrics.log_loss([0], P, labels=[0, 1]))
    assert math.isfinite(log_loss(P, [0]))


def test_nothing_is_said_about_no_rows_and_a_missing_number_is_not_passed_over():
    assert math.isnan(log_loss(np.zeros((0, 3)), np.zeros(0, int)))
    assert math.isnan(brier_score(np.zeros((0, 3)), np.zeros(0, int)))
    assert math.isnan(log_loss([[math.nan, 0.5]], [0]))
    assert math.isnan(brier_score([[math.nan, 0.5]], [0]))


def test_outputs_that_are_no_probabilities_are_known_as_such():
    assert not are_probabilities([[0.5, 0.6]])
    assert not are_probabilities([[-0.5, 1.5]])
    assert not are_probabilities([[math.nan, 1.0]])
    assert are_probabilities(np.zeros((0, 3)))


def test_arrays_that_do_not_go_together_are_refused():
    with pytest.raises(ConfigError, match="shape"):
        reliability([0.1], [True, False])
    with pytest.raises(ConfigError, match="bins"):
        reliability([0.1], [True], bins=0)
    with pytest.raises(ConfigError, match="shape"):
        log_loss([0.1, 0.9], [0])


def test_the_interval_of_a_bin_is_wilsons():
    # Newcombe (1998), table I: 81 of 263 and 0 of 20, by the score method without continuity correction.
    own = reliability(np.repeat([0.25, 0.75], [263, 20]), np.arange(283) < 81, bins=2)
    low, high = own.interval
    assert (low[0], high[0]) == (pytest.approx(0.2553, abs=5e-5), pytest.approx(0.3662, abs=5e-5))
    assert (low[1], high[1]) == (pytest.approx(0.0, abs=1e-12), pytest.approx(0.1611, abs=5e-5))
    assert np.isnan(reliability([], []).interval).all()
