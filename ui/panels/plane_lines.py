"""Draws the contours of a plane: thousands of straight pieces at once."""

import numpy as np
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import QLineF
from PySide6.QtGui import QPainter


def draw_pieces(
    painter: QPainter,
    pieces: NDArray[np.float64],
    first: tuple[float, float],
    step: tuple[float, float],
) -> None:
    """Draw pieces of a grid, as `simulator.insight.contours` finds them.

    Parameters
    ----------
    pieces
        (pieces, 4): x0, y0, x1, y1 of each in units of the grid.
    first, step
        Where the grid's place (0, 0) lies, and how far the next one is from it, across and down.
    """
    placed = np.ascontiguousarray(pieces * np.array([*step, *step]) + np.array([*first, *first]))
    if len(placed):  # Qt's lines are four numbers each: it reads them where they are
        painter.drawLines(shiboken6.wrapInstance(placed.ctypes.data, QLineF), len(placed))  # type: ignore[call-overload]
