"""Histograms that fit each other, against NumPy's own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.insight.histograms import BINS, HALVES, by_magnitude, histogram, magnitudes, sensible_bins, together

_rng = np.random.default_rng(3)


@pytest.mark.parametrize(
    ("values", "reach"), [([0.3, -0.7], 1.0), ([1.0], 2.0), ([1e-9], 2.0**-29), ([0.0], 1.0), ([], 1.0)]
)
def test_the_reach_is_the_least_power_of_two_above_all_magnitudes(values, reach):
    assert histogram(np.array(values)).reach == reach


@given(st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=1, max_size=60))
def test_counts_are_those_of_numpy(values):
    found = histogram(np.array(values))
    assert np.array_equal(found.counts, np.histogram(values, found.edges)[0])
    assert found.total == len(values)


def test_what_cannot_be_negative_begins_at_zero():
    values = _rng.exponential(size=500)
    found = histogram(values, signed=False)
    assert found.low == 0.0
    assert np.array_equal(found.counts, np.histogram(values, found.edges)[0])


def test_a_known_bound_is_the_reach_and_its_value_belongs_to_the_last_bin():
    found = histogram(np.array([-1.0, 0.0, 1.0, 1.0]), bound=1.0)
    assert found.reach == 1.0
    assert (found.counts[0], found.counts[-1]) == (1, 2)


def test_what_is_not_finite_is_left_out():
    assert histogram(np.array([np.nan, np.inf, -np.inf, 0.5])).total == 1


def test_the_area_below_a_density_is_one():
    found = histogram(_rng.normal(size=1000))
    assert found.density.sum() * (found.reach * 2 / BINS) == pytest.approx(1.0)


def test_histograms_of_other_reaches_become_what_they_would_have_been_on_the_common_scale():
    parts = [_rng.normal(size=4000) * scale for scale in (0.1, 0.6, 3.0)]
    ridges = together([histogram(each) for each in parts])
    for values, density in zip(parts, ridges.densities, strict=True):
        counts = np.histogram(values, ridges.edges)[0]
        assert density * np.diff(ridges.edges) * len(values) == pytest.approx(counts)
    assert (ridges.outside == 0.0).all()
    assert ridges.edges[0] == -ridges.edges[-1]


def test_rectified_values_beside_signed_ones_keep_their_places():
    positive, signed = np.abs(_rng.normal(size=4000)), _rng.normal(size=4000)
    ridges = together([histogram(positive, signed=False), histogram(signed)])
    counts = np.histogram(positive, ridges.edges)[0]
    assert ridges.densities[0] * np.diff(ridges.edges) * 4000 == pytest.approx(counts)


def test_a_moment_that_explodes_does_not_flatten_the_others():
    parts = [_rng.normal(size=1000) for _ in range(5)] + [1e9 * _rng.normal(size=1000)]
    ridges = together([histogram(each) for each in parts])
    assert ridges.edges[-1] < 10.0
    assert ridges.outside[:5].max() == 0.0
    assert ridges.outside[5] > 0.99


def test_constant_values_are_one_spike():
    ridges = together([histogram(np.full(1000, 0.25))])
    assert (ridges.densities > 0).sum() == 1
    assert ridges.edges[0] < 0.25 < ridges.edges[-1]


def test_nothing_finite_is_nothing():
    ridges = together([histogram(np.array([np.nan])), histogram(np.array([0.5]))])
    assert (ridges.densities[0] == 0).all()
    assert (ridges.outside == 0).all()


def test_more_values_have_more_bins():
    assert [sensible_bins(count) for count in (0, 1, 32, 1000, 100_000, 10**9)] == [8, 8, 16, 32, 128, 128]


@given(st.lists(st.floats(1e-15, 1e15), min_size=1, max_size=40))
def test_magnitudes_are_counted_in_halves_of_powers_of_two(sizes):
    counts = magnitudes(np.array(sizes) * np.resize([1.0, -1.0], len(sizes)))
    edges = 2.0 ** ((np.arange(HALVES + 1) - HALVES // 2) / 2.0)
    known = np.histogram(sizes, edges)[0]
    assert counts.sum() == len(sizes)
    assert np.abs(np.cumsum(counts - known)).max() <= sum(np.isclose(sizes, edge, rtol=1e-12).any() for edge in edges)


def test_magnitudes_of_moments_share_an_axis_of_powers_of_ten():
    parts = [_rng.normal(size=3000) * scale for scale in (1e-9, 1.0)]
    ridges = by_magnitude([magnitudes(each) for each in parts])
    middles = 0.5 * (ridges.edges[1:] + ridges.edges[:-1])
    means = (ridges.densities * np.diff(ridges.edges) * middles).sum(axis=1)
    assert means == pytest.approx([np.log10(np.abs(each)).mean() for each in parts], abs=0.02)
    assert (ridges.densities * np.diff(ridges.edges)).sum(axis=1) == pytest.approx([1.0, 1.0])


def test_zeros_and_what_is_not_finite_have_no_magnitude():
    assert not magnitudes(np.array([0.0, -0.0, np.nan, np.inf])).any()
    assert (by_magnitude([np.zeros(HALVES, np.int64)]).densities == 0).all()
    assert magnitudes(np.array([1e300, 1e-300]))[[0, -1]].tolist() == [1, 1]
