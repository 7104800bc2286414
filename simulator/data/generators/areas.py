"""Classes that fill areas: quadrants, clouds, a board."""

import dataclasses

import numpy as np

from simulator.data.generators.shape import EXTENT, MOST_CLASSES, Classes, Floats, spread
from simulator.fields import setting

_NOISE = "Every point is moved by a normal random number of this deviation after its class was decided, in both "
_UNITS = "directions and in units of the plane, which goes from −6 to 6."


@dataclasses.dataclass(frozen=True)
class Xor(Classes):
    """Four squares: A where x and y have the same sign, B where they have not.

    Minsky and Papert, "Perceptrons", 1969: no straight line parts them, so a network without hidden layers cannot
    learn them.
    """

    noise: float = setting(0.1, "Noise", _NOISE + _UNITS, minimum=0, maximum=3)
    gap: float = setting(
        0.3, "Gap", "How far from both axes the points keep, before the noise.", minimum=0, maximum=4
    )  # fmt: skip

    def ideal(self, label: int, count: int) -> tuple[Floats, Floats]:
        first, second = self.drawn(label, count)
        x = spread(first)
        side = np.where(x < 0.0, -1.0, 1.0)
        y = (EXTENT * second) * side * (1.0 if label == 0 else -1.0)
        return self._apart(x), self._apart(y)

    def _apart(self, values: Floats) -> Floats:
        return np.where(values < 0.0, -1.0, 1.0) * (self.gap + np.abs(values) * (1.0 - self.gap / EXTENT))


@dataclasses.dataclass(frozen=True)
class Gaussians(Classes):
    """Clouds about centres on a circle; without noise all points of a class lie in its centre."""

    noise: float = setting(
        1.0, "Spread", "The deviation of every cloud, in both directions and in units of the plane, which goes from −6 "
        "to 6.", minimum=0, maximum=3,
    )  # fmt: skip
    classes: int = setting(2, "Clouds", "How many clouds there are, a class each.", minimum=2, maximum=MOST_CLASSES)
    distance: float = setting(
        3.0, "Distance", "How far from the middle the centres lie, in units of the plane.", minimum=0, maximum=EXTENT
    )

    def class_count(self) -> int:
        return self.classes

    def ideal(self, label: int, count: int) -> tuple[Floats, Floats]:
        angle = np.pi * (0.25 + 2.0 * label / self.classes)
        return np.full(count, self.distance * np.cos(angle)), np.full(count, self.distance * np.sin(angle))


@dataclasses.dataclass(frozen=True)
class Checkerboard(Classes):
    """The squares of a board, A and B by turns; A has the one at the lower left."""

    noise: float = setting(0.0, "Noise", _NOISE + _UNITS, minimum=0, maximum=3)
    cells: int = setting(3, "Squares a side", "How many squares each side of the board has.", minimum=2, maximum=8)

    def ideal(self, label: int, count: int) -> tuple[Floats, Floats]:
        rows, columns = np.divmod(np.arange(self.cells**2), self.cells)
        own = np.flatnonzero((rows + columns) % 2 == label)
        first, second = self.drawn(label, count)
        # One number says which square and where in it: its whole part and the rest are independent.
        chosen = first * len(own)
        square = own[np.floor(chosen).astype(np.int64)]
        size = 2.0 * EXTENT / self.cells
        x = -EXTENT + size * (columns[square] + chosen % 1.0)
        return x, -EXTENT + size * (rows[square] + second)
