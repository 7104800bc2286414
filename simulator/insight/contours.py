"""Contours of a field on a grid, by marching squares (Lorensen and Cline, 1987, in the plane)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Cells = NDArray[np.int64]

_TOP, _RIGHT, _BOTTOM, _LEFT = range(4)
_JOINED = {5: 16, 10: 17}
"""The two saddles whose corners above the level are joined, as codes of their own."""

# Corners of a cell: 1 top left, 2 top right, 4 bottom right, 8 bottom left.
_LINES: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((_LEFT, _TOP),), 2: ((_TOP, _RIGHT),), 3: ((_LEFT, _RIGHT),), 4: ((_RIGHT, _BOTTOM),), 6: ((_TOP, _BOTTOM),),
    7: ((_LEFT, _BOTTOM),), 8: ((_BOTTOM, _LEFT),), 9: ((_BOTTOM, _TOP),), 11: ((_BOTTOM, _RIGHT),),
    12: ((_RIGHT, _LEFT),), 13: ((_RIGHT, _TOP),), 14: ((_TOP, _LEFT),),
    5: ((_LEFT, _TOP), (_RIGHT, _BOTTOM)), 10: ((_TOP, _RIGHT), (_BOTTOM, _LEFT)),
    16: ((_TOP, _RIGHT), (_BOTTOM, _LEFT)), 17: ((_LEFT, _TOP), (_RIGHT, _BOTTOM)),
}  # fmt: skip
"""Which edges of a cell a contour joins, by which corners lie above the level."""

_FIRST = np.array([_LINES.get(code, ((-1, -1),))[0] for code in range(18)])
_SECOND = np.array([(*_LINES.get(code, ()), (-1, -1), (-1, -1))[1] for code in range(18)])


def contour(field: NDArray[np.floating[Any]], level: float) -> Doubles:
    """Return where a field crosses a level, as straight pieces.

    Parameters
    ----------
    field
        (rows, columns) values at the crossings of a grid; a cell with a corner that is not finite has no contour.
    level
        The value. A corner exactly at the level counts as above it.

    Returns
    -------
    (pieces, 4): x0, y0, x1, y1 of each in units of the grid, x along the columns and y along the rows; ends lie where
    the field, straight along the cell's edges, has the level. At a saddle the mean of the corners says what is joined.
    """
    if min(field.shape, default=0) < 2:
        return np.zeros((0, 4))
    rows, columns = _mixed(field >= level)
    return _pieces(_corners(field, rows, columns).astype(np.float64) - level, rows, columns)


def boundaries(scores: NDArray[np.floating[Any]]) -> Doubles:
    """Return where another class wins, as pieces like those of `contour`.

    Parameters
    ----------
    scores
        (rows, columns, classes), two classes or more.
    """
    if min(scores.shape[:2], default=0) < 2:
        return np.zeros((0, 4))
    planes = np.ascontiguousarray(np.moveaxis(scores, 2, 0))
    winner = planes.argmax(axis=0)
    rows, columns = _mixed(winner)
    mine = _corners(winner, rows, columns)
    several = np.stack([_corners(plane, rows, columns) for plane in planes]).astype(np.float64)
    best = several.max(axis=0)
    there = np.unique(mine).tolist()
    found = [np.zeros((0, 4))]
    for place in there[:1] if len(there) == 2 else there:
        others = np.delete(several, place, axis=0).max(axis=0)
        margin = np.where(mine == place, best - others, several[place] - best)
        here = (mine == place).any(axis=0) & (mine != place).any(axis=0)
        found.append(_pieces(margin[:, here], rows[here], columns[here]))
    return np.concatenate(found)


def _mixed(labels: NDArray[Any]) -> tuple[Cells, Cells]:
    """Return the rows and columns of the cells whose corners differ."""
    across, down = labels[:, 1:] != labels[:, :-1], labels[1:] != labels[:-1]
    rows, columns = np.nonzero(across[:-1] | across[1:] | down[:, :-1])
    return rows, columns


def _corners(field: NDArray[Any], rows: Cells, columns: Cells) -> NDArray[Any]:
    """Return the corners of cells, clockwise from the top left, (4, cells)."""
    return np.stack([
        field[rows, columns], field[rows, columns + 1], field[rows + 1, columns + 1], field[rows + 1, columns]
    ])  # fmt: skip


def _pieces(corners: Doubles, rows: Cells, columns: Cells) -> Doubles:
    """Return where corners (4, cells), whose level is 0, change their sign."""
    above = corners >= 0
    code = above[0] + 2 * above[1] + 4 * above[2] + 8 * above[3]
    code[~np.isfinite(corners).all(axis=0)] = 0
    joined = corners.sum(axis=0) >= 0
    for saddle, other in _JOINED.items():
        code[(code == saddle) & joined] = other
    a, b, c, d = corners
    with np.errstate(all="ignore"):  # only the edges that are crossed are looked at
        top, right, bottom, left = a / (a - b), b / (b - c), d / (d - c), a / (a - d)
    zeros, ones = np.zeros(len(rows)), np.ones(len(rows))
    xs = np.stack([top, ones, bottom, zeros]) + columns
    ys = np.stack([zeros, right, ones, left]) + rows
    found: list[Doubles] = []
    for table in (_FIRST, _SECOND):
        start, end = table[code].T
        here = np.flatnonzero(start >= 0)
        one, other = start[here], end[here]
        found.append(np.stack([xs[one, here], ys[one, here], xs[other, here], ys[other, here]], axis=1))
    return np.concatenate(found)
