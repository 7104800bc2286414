"""What the mouse does in the plane: a brush for a class or a value, or the eraser; how wide, and how dense. No Qt."""

import dataclasses

import numpy as np
from numpy.typing import NDArray

from simulator.nn import random
from ui.panels.points_axes import Axes

Floats = NDArray[np.float64]

SMALLEST, LARGEST = 0, 40
LOOSEST, DENSEST = 1, 10
_LEAST_ERASER = 7.0
_JITTER = 3
"""The layer of the stream of points that the brush draws from; generated points have those before it."""


@dataclasses.dataclass(frozen=True)
class Brush:
    """The chosen tool.

    Attributes
    ----------
    target
        The index of the class, or the value, that it draws.
    erasing
        Whether it erases instead.
    size
        How far from its way it draws points, in pixels.
    density
        1 … 10: how many points it draws along its way.
    """

    target: float = 0.0
    erasing: bool = False
    size: int = 10
    density: int = 5

    @property
    def spacing(self) -> float:
        """After how many pixels the next point comes: a few."""
        return 24.0 / self.density

    @property
    def reach(self) -> float:
        """How far from the pointer the eraser erases, in pixels."""
        return max(_LEAST_ERASER, float(self.size))

    def scatter(self, way: Floats, first: int) -> Floats:
        """Return where points on a way (points, 2) come to lie: evenly anywhere within `size`, in pixels.

        The place follows from the number of the point, of which `first` is that of the first one.
        """
        count = len(way)
        shares = random.uniforms(first, random.POINTS, 0, 2 * count, _JITTER).reshape(count, 2)
        radius, angle = self.size * np.sqrt(shares[:, 0]), 2.0 * np.pi * shares[:, 1]
        return way + np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def within(axes: Axes, x: Floats, y: Floats, centre: tuple[float, float], reach: float) -> NDArray[np.bool_]:
    """Return which points lie within so many pixels of a place."""
    return np.hypot(axes.across(x) - centre[0], axes.down(y) - centre[1]) <= reach
