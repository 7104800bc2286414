"""Answers in a plane: corners, weighted means, and principal components against scikit-learn."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from simulator.insight import projection
from simulator.nn.links import LINKS


def test_corners_are_even_and_begin_at_the_top():
    at = projection.corners(3)
    assert at[0] == pytest.approx([0.0, 1.0])
    assert np.linalg.norm(at, axis=1) == pytest.approx(1.0)
    sides = np.linalg.norm(at - np.roll(at, 1, axis=0), axis=1)
    assert sides == pytest.approx(np.sqrt(3.0))
    assert at[1, 0] > 0.0, "clockwise"


def test_a_sure_answer_lies_in_its_corner_and_an_even_one_in_the_middle():
    at = projection.corners(5)
    assert projection.barycentric(np.eye(5), at) == pytest.approx(at)
    assert projection.barycentric(np.full((1, 5), 0.2), at) == pytest.approx(0.0)


def test_in_a_triangle_a_place_tells_the_probabilities_again():
    shares = np.random.default_rng(0).dirichlet(np.ones(3), 50)
    at = projection.corners(3)
    places = projection.barycentric(shares, at)
    equations = np.concatenate([at.T, np.ones((1, 3))])
    again = np.linalg.solve(equations, np.concatenate([places.T, np.ones((1, 50))]))
    assert pytest.approx(shares) == again.T


def test_one_output_is_the_second_class():
    assert projection.shares_of(np.array([[0.25]])) == pytest.approx(np.array([[0.75, 0.25]]))


def test_what_are_no_probabilities_become_shares():
    outputs = np.array([[2.0, -1.0, 2.0], [0.0, -3.0, -1.0], [np.nan, 0.5, 0.5], [np.inf, 0.0, 0.0]])
    shares = projection.shares_of(outputs)
    assert shares[0] == pytest.approx([0.5, 0.0, 0.5])
    assert shares[1] == pytest.approx([1 / 3, 1 / 3, 1 / 3])
    assert np.isnan(shares[2:]).all()


def test_centred_logs_are_the_logits_without_their_common_offset():
    Z = np.random.default_rng(1).normal(0, 3, (20, 4))
    logs = projection.centred_logs(LINKS["softmax"].apply(Z))
    assert logs == pytest.approx(Z - Z.mean(axis=1, keepdims=True))
    assert np.isfinite(projection.centred_logs(np.array([[1.0, 0.0, 0.0]]))).all()


def test_the_principal_plane_is_that_of_scikit_learn():
    values = np.random.default_rng(2).normal(size=(200, 6)) @ np.random.default_rng(3).normal(size=(6, 6))
    plane, oracle = projection.principal_plane(values), PCA(2).fit(values)
    assert plane.explained == pytest.approx(oracle.explained_variance_ratio_)
    assert np.abs(plane.place(values)) == pytest.approx(np.abs(oracle.transform(values)))
    assert plane.kept(values) == pytest.approx(oracle.explained_variance_ratio_.sum())
    assert plane.axes.max(axis=0) == pytest.approx(np.abs(plane.axes).max(axis=0)), "signs are fixed"


def test_three_classes_lose_nothing_in_the_plane():
    shares = np.random.default_rng(4).dirichlet(np.ones(3), 40)
    logs = projection.centred_logs(shares)
    assert projection.principal_plane(logs).explained.sum() == pytest.approx(1.0)


def test_rows_that_are_not_finite_are_left_out():
    values = np.random.default_rng(5).normal(size=(30, 4))
    broken = np.concatenate([values, np.full((2, 4), np.nan)])
    plane = projection.principal_plane(broken)
    assert plane.axes == pytest.approx(projection.principal_plane(values).axes)
    assert np.isnan(plane.place(broken)[-1]).all()
    assert projection.principal_plane(np.full((3, 4), np.nan)).explained == pytest.approx(0.0)
    assert plane.kept(np.full((3, 4), np.nan)) == 0.0
