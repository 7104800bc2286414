"""Planes and surfaces: against bowls of known shape, direct evaluation and scikit-learn."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.decomposition import PCA

from simulator.data import open_dataset
from simulator.errors import ConfigError
from simulator.insight import planes as p
from simulator.insight import surface as s
from simulator.insight.rows import Rows, rows_of
from simulator.nn import parameters
from simulator.progress import Cancelled, Progress
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig
from simulator.training.defaults import default_config, default_network

_rng = np.random.default_rng(5)
_NETWORK = NetworkSpec(3, (LayerSpec(4),), 2)
_FLAT = parameters.start_values(_NETWORK, 1)


def _bowl():
    """A linear network with two inputs (1, 0) and (0, 1): its mean squared error is ((w₁ + b)² + (w₂ + b)²)/2."""
    X = np.eye(2)
    config = TrainingConfig(loss=Rule("mse"), dtype="float64")
    return NetworkSpec(2, (), 1, "linear"), config, Rows(X, np.zeros((2, 1)), 2)


def test_the_surface_of_a_bowl_has_its_known_heights():
    network, config, rows = _bowl()
    plane = p.weights_plane(np.array([0.5, -1.0, 0.0]), 0, 1)
    window = s.Window(-2.0, 2.0, -1.0, 3.0)
    found = s.surface(network, config, plane, window, 11, rows, None, Progress())
    x, y = np.meshgrid(np.linspace(-2, 2, 11), np.linspace(-1, 3, 11))
    assert found.losses == pytest.approx((x**2 + y**2) / 2)
    assert plane.base == (0.5, -1.0)


def test_a_surface_is_the_loss_of_the_networks_themselves_and_finer_ones_keep_what_is_known():
    dataset = open_dataset("penguins")
    network = default_network(dataset)
    config = dataclasses.replace(default_config(dataset), dtype="float64")
    flat = parameters.start_values(network, 0)
    plane = p.random_plane(network, flat, 4)
    rows = rows_of(dataset, network, "float64", 50)
    window = s.Window(-1.0, 1.0, -1.0, 1.0)
    coarse = s.surface(network, config, plane, window, 5, rows, None, Progress())
    fine = s.surface(network, config, plane, window, 9, rows, coarse, Progress())
    assert np.array_equal(fine.losses[::2, ::2], coarse.losses)
    assert fine.losses[4, 4] == s.loss_at(network, config, flat, rows)
    assert fine.losses[1, 6] == pytest.approx(s.loss_at(network, config, plane.at(0.5, -0.75), rows))
    again = s.surface(network, config, plane, window, 9, rows, None, Progress())
    assert np.array_equal(again.losses, fine.losses)


def test_a_surface_can_be_stopped():
    network, config, rows = _bowl()
    progress = Progress(lambda fraction, _text: progress.cancel() if (fraction or 0) > 0.4 else None)
    plane = p.weights_plane(np.zeros(3), 0, 1)
    with pytest.raises(Cancelled):
        s.surface(network, config, plane, s.Window(-1, 1, -1, 1), 11, rows, None, progress)


def test_random_directions_have_the_norm_of_every_neurons_weights():
    plane = p.random_plane(_NETWORK, _FLAT, 7)
    for direction in (plane.first, plane.second):
        for mine, own in zip(parameters.layers(_NETWORK, direction), parameters.layers(_NETWORK, _FLAT), strict=True):
            assert np.linalg.norm(mine.weight, axis=0) == pytest.approx(np.linalg.norm(own.weight, axis=0))
            assert not mine.bias.any()
    assert np.array_equal(plane.first, p.random_plane(_NETWORK, _FLAT, 7).first)
    assert not np.array_equal(plane.first, p.random_plane(_NETWORK, _FLAT, 7, draw=1).first)
    assert not np.array_equal(plane.first, plane.second)


def test_the_plane_of_a_path_is_that_of_principal_components():
    path = np.cumsum(_rng.normal(size=(12, len(_FLAT))) * np.linspace(3, 0.2, len(_FLAT)), axis=0)
    plane = p.path_plane(_NETWORK, path[-1], list(path), 0)
    known = PCA(2).fit(path)
    assert plane.explained == pytest.approx(tuple(known.explained_variance_ratio_))
    for mine, theirs in zip((plane.first, plane.second), known.components_, strict=True):
        assert abs(mine @ theirs) == pytest.approx(1.0)
    assert plane.first @ (path[-1] - path[0]) > 0
    places, far = plane.places(list(path))
    theirs = known.transform(path) - known.transform(path[-1:])
    assert np.abs(places) == pytest.approx(np.abs(theirs))
    assert far[-1] == pytest.approx(0.0, abs=1e-9)
    assert far**2 + (places**2).sum(axis=1) == pytest.approx(((path - path[-1]) ** 2).sum(axis=1))


def test_a_straight_path_has_a_second_direction_at_right_angles():
    end = _FLAT + _rng.normal(size=len(_FLAT))
    plane = p.path_plane(_NETWORK, end, [_FLAT, end], 3)
    assert plane.explained == pytest.approx((1.0, 0.0))
    assert plane.first @ plane.second == pytest.approx(0.0, abs=1e-12)


def test_where_there_is_no_path_that_is_said():
    with pytest.raises(ConfigError, match="no path"):
        p.path_plane(_NETWORK, _FLAT, [_FLAT, _FLAT], 0)
    with pytest.raises(ConfigError, match="no path"):
        p.path_plane(_NETWORK, _FLAT, [_FLAT], 0)
    with pytest.raises(ConfigError, match="the same"):
        p.weights_plane(_FLAT, 3, 3)
    with pytest.raises(ConfigError, match="zero"):
        p.random_plane(_NETWORK, 0.0 * _FLAT, 0)


@given(st.floats(-5, 5), st.floats(-5, 5))
def test_a_place_of_a_plane_is_found_again_also_where_directions_are_askew(alpha, beta):
    plane = p.Plane(_FLAT, 0.3 + 0.0 * _FLAT, np.linspace(-1, 2, len(_FLAT)), (1.0, -2.0))
    places, far = plane.places([plane.at(alpha, beta)])
    assert places[0] == pytest.approx((alpha, beta), abs=1e-9)
    assert far[0] == pytest.approx(0.0, abs=1e-9)


def test_a_window_holds_the_path_with_a_margin():
    window = s.window_of(np.array([[0.0, 1.0], [4.0, 3.0], [np.nan, 9.0]]))
    assert window == s.Window(-1.0, 5.0, 0.5, 3.5)
    assert s.window_of(np.array([[2.0, 2.0]])) == s.Window(1.25, 2.75, 1.25, 2.75)
    assert s.window_of(np.array([[0.0, 0.0]]), least=2.0) == s.Window(-1.5, 1.5, -1.5, 1.5)
    assert s.window_of(np.zeros((0, 2))) == s.Window(-0.75, 0.75, -0.75, 0.75)
    zoomed = s.Window(0.0, 4.0, 0.0, 4.0).zoomed(2.0, 1.0, 3.0)
    assert zoomed == s.Window(0.5, 2.5, 1.5, 3.5)
    assert zoomed.moved(1.0, -1.0) == s.Window(1.5, 3.5, 0.5, 2.5)


def test_colours_are_by_the_logarithm_and_what_is_infinite_has_none():
    shares, low, high = s.shades(np.array([[1.0, 10.0, 100.0], [np.inf, np.nan, 0.0]]))
    assert (low, high) == pytest.approx((1.0, np.quantile([1, 10, 100], 0.98)))
    assert shares[0, 0] == 0.0
    assert shares[0, 2] == 1.0
    assert np.isnan(shares[1, :2]).all()
    assert shares[1, 2] == 0.0
    assert s.levels(1.0, 16.0, 3) == pytest.approx([2.0, 4.0, 8.0])
    assert not len(s.levels(0.0, 0.0))
    flat, *_ = s.shades(np.full((2, 2), 3.0))
    assert (flat == 0.0).all()
