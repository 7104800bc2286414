import numpy as np
import pytest

from simulator.insight.contours import boundaries, contour


def plane(rows=20, columns=30):
    y, x = np.mgrid[0:rows, 0:columns].astype(float)
    return x, y


def test_the_contour_of_a_slope_is_exact():
    x, y = plane()
    found = contour(2.0 * x + y, 21.3)
    ends = found.reshape(-1, 2)
    assert 2.0 * ends[:, 0] + ends[:, 1] == pytest.approx(np.full(len(ends), 21.3))
    lengths = np.hypot(found[:, 2] - found[:, 0], found[:, 3] - found[:, 1])
    assert lengths.sum() == pytest.approx(np.hypot(19 / 2, 19.0)), "it crosses the field once, without a gap"


def test_the_contour_of_a_hill_is_closed_and_round():
    x, y = plane(60, 60)
    found = contour(np.hypot(x - 30.2, y - 28.7), 17.0)
    ends = found.reshape(-1, 2)
    assert np.hypot(ends[:, 0] - 30.2, ends[:, 1] - 28.7) == pytest.approx(np.full(len(ends), 17.0), abs=0.02)
    lengths = np.hypot(found[:, 2] - found[:, 0], found[:, 3] - found[:, 1])
    assert lengths.sum() == pytest.approx(2 * np.pi * 17.0, rel=2e-3)
    _, counts = np.unique(np.round(ends, 9), axis=0, return_counts=True)
    assert (counts == 2).all(), "every end is the beginning of the next piece"


@pytest.mark.parametrize("joined", [True, False])
def test_a_saddle_joins_what_its_middle_joins(joined):
    low = -0.5 if joined else -2.0
    found = contour(np.array([[1.0, low], [low, 1.0]]), 0.0)
    assert found.shape == (2, 4)
    middles = 0.5 * (found[:, :2] + found[:, 2:])
    corners = np.array([[1.0, 0.0], [0.0, 1.0]] if joined else [[0.0, 0.0], [1.0, 1.0]])
    away = np.hypot(*(middles[:, None, :] - corners[None, :, :]).transpose(2, 0, 1))
    assert sorted(away.argmin(axis=1)) == [0, 1], "each line cuts one corner off"


@pytest.mark.parametrize("code", range(16))
def test_every_case_lies_between_corners_of_different_sides(code):
    field = np.array([[code & 1, code >> 1 & 1], [code >> 3 & 1, code >> 2 & 1]], dtype=float) * 2.0 - 1.0
    found = contour(field, 0.0)
    assert len(found) == {0: 0, 15: 0, 5: 2, 10: 2}.get(code, 1)
    for x, y in found.reshape(-1, 2):
        on_edge = {(0.5, 0.0), (1.0, 0.5), (0.5, 1.0), (0.0, 0.5)}
        assert (x, y) in on_edge
        if y in (0.0, 1.0):
            assert field[int(y), 0] != field[int(y), 1]
        else:
            assert field[0, int(x)] != field[1, int(x)]


def test_cells_that_are_not_finite_and_fields_without_cells_have_none():
    x, _ = plane(4, 4)
    x[1, 1] = np.nan
    x[3, 3] = np.inf
    found = contour(x, 1.5)
    assert np.isfinite(found).all()
    assert (found[:, [1, 3]] >= 2).all()
    assert contour(np.full((5, 5), np.nan), 0.0).shape == (0, 4)
    assert contour(np.zeros((1, 5)), 0.5).shape == (0, 4)
    assert boundaries(np.zeros((1, 5, 3))).shape == (0, 4)
    assert len(boundaries(np.full((4, 4, 3), np.nan))) == 0


def test_boundaries_part_the_classes():
    x, y = plane(40, 40)
    corners = np.array([[5.0, 8.0], [33.0, 10.0], [20.0, 34.0]])
    scores = -np.stack([np.hypot(x - a, y - b) for a, b in corners], axis=2)
    ends = boundaries(scores).reshape(-1, 2)
    away = np.sort(np.hypot(ends[:, 0, None] - corners[:, 0], ends[:, 1, None] - corners[:, 1]), axis=1)
    # Distances are curved between the corners of a cell; where three classes meet, a cell is coarse.
    gap = away[:, 1] - away[:, 0]
    assert np.quantile(gap, 0.98) < 0.05
    assert gap.max() < 1.0


def test_two_classes_have_one_boundary():
    x, _ = plane(10, 10)
    share = 1.0 / (1.0 + np.exp(-(x - 4.0)))
    two = boundaries(np.stack([share, 1.0 - share], axis=2))
    assert two[:, [0, 2]] == pytest.approx(np.full((9, 2), 4.0), abs=1e-6)
    three = boundaries(np.stack([share, 1.0 - share, np.full_like(share, -1.0)], axis=2))
    assert len(three) == len(two), "a class that wins nowhere draws nothing"
