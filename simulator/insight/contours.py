"""Contours of a field on a grid, by marching squares (Lorensen and Cline, 1987, in the plane)."""

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

# Corners of a cell: 1 top left, 2 top right, 4 bottom right, 8 bottom left. Edges: 0 top, 1 right, 2 bottom, 3 left.
_LINES: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((3, 0),), 2: ((0, 1),), 3: ((3, 1),), 4: ((1, 2),), 6: ((0, 2),), 7: ((3, 2),), 8: ((2, 3),), 9: ((2, 0),),
    11: ((2, 1),), 12: ((1, 3),), 13: ((1, 0),), 14: ((0, 3),),
}  # fmt: skip
_SADDLES = {5: (((3, 0), (1, 2)), ((0, 1), (2, 3))), 10: (((0, 1), (2, 3)), ((3, 0), (1, 2)))}
"""For each saddle, the lines that part the corners above the level, and those that join them."""


def contour(field: NDArray[np.floating], level: float) -> Doubles:
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
    values = np.asarray(field, dtype=np.float64) - level
    if min(values.shape, default=0) < 2:
        return np.zeros((0, 4))
    finite = np.isfinite(values)
    above = (values >= 0) & finite
    code = above[:-1, :-1] + 2 * above[:-1, 1:] + 4 * above[1:, 1:] + 8 * above[1:, :-1]
    whole = finite[:-1, :-1] & finite[:-1, 1:] & finite[1:, 1:] & finite[1:, :-1]
    rows, columns = np.nonzero((code > 0) & (code < 15) & whole)
    if not len(rows):
        return np.zeros((0, 4))
    code = code[rows, columns]
    a, b = values[rows, columns], values[rows, columns + 1]
    d, c = values[rows + 1, columns], values[rows + 1, columns + 1]
    with np.errstate(all="ignore"):  # only the edges that are crossed are looked at
        top, right, bottom, left = a / (a - b), b / (b - c), d / (d - c), a / (a - d)
    ones, zeros = np.ones(len(rows)), np.zeros(len(rows))
    xs = np.stack([top, ones, bottom, zeros]) + columns
    ys = np.stack([zeros, right, ones, left]) + rows
    joined = a + b + c + d >= 0
    pieces: list[Doubles] = []

    def add(some: NDArray[np.bool_], lines: tuple[tuple[int, int], ...]) -> None:
        here = np.flatnonzero(some)
        pieces.extend(
            np.stack([xs[one, here], ys[one, here], xs[other, here], ys[other, here]], axis=1) for one, other in lines
        )

    for each, lines in _LINES.items():
        add(code == each, lines)
    for each, (parted, together) in _SADDLES.items():
        add((code == each) & ~joined, parted)
        add((code == each) & joined, together)
    return np.concatenate(pieces)


def boundaries(scores: NDArray[np.floating]) -> Doubles:
    """Return where another class wins, as pieces like those of `contour`.

    Parameters
    ----------
    scores
        (rows, columns, classes), two classes or more.
    """
    classes = np.ascontiguousarray(np.moveaxis(scores, 2, 0))
    if len(classes) == 2:
        return contour(classes[0] - classes[1], 0.0)
    winner, best = classes.argmax(axis=0), classes.max(axis=0)
    second = np.where(np.arange(len(classes))[:, None, None] == winner, -np.inf, classes).max(axis=0)
    lead = best - second
    there = np.unique(winner).tolist()
    shown = there[:1] if len(there) == 2 else there if len(there) > 2 else []
    pieces = [contour(np.where(winner == place, lead, classes[place] - best), 0.0) for place in shown]
    return np.concatenate([np.zeros((0, 4)), *pieces])
