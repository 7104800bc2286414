"""Classes that lie along curves: circles, moons, spirals, and a roll that is cut into pieces."""

import dataclasses

import numpy as np

from simulator.data.generators.shape import EXTENT, MOST_CLASSES, Classes, Floats
from simulator.fields import setting

_FIRST = 0.1
"""Where the arms of a spiral begin, as a share of the way out: in the very middle they could not be told apart."""


@dataclasses.dataclass(frozen=True)
class Circles(Classes):
    """Circles round the same middle, x² + y² = r²; A is the innermost."""

    rings: int = setting(2, "Circles", "How many circles there are, a class each.", minimum=2, maximum=MOST_CLASSES)

    def class_count(self) -> int:
        return self.rings

    def ideal(self, label: int, count: int) -> tuple[Floats, Floats]:
        radius = EXTENT * (label + 1) / self.rings
        angle = 2.0 * np.pi * self.drawn(label, count)[0]
        return radius * np.cos(angle), radius * np.sin(angle)


@dataclasses.dataclass(frozen=True)
class Moons(Classes):
    """Two half circles that reach into each other.

    Zhou, Bousquet, Lal, Weston and Schölkopf, "Learning with local and global consistency", 2003, tell them apart by a
    single label each.
    """

    radius: float = setting(
        3.0, "Radius", "Of both half circles, in units of the plane.", minimum=1, maximum=3.3
    )  # fmt: skip
    distance: float = setting(
        1.5,
        "Interlocking",
        "How far each moon reaches into the other, in units of the plane; below 0 a straight line parts them.",
        minimum=-1.5,
        maximum=3,
    )

    def ideal(self, label: int, count: int) -> tuple[Floats, Floats]:
        angle = np.pi * self.drawn(label, count)[0]
        side = 1.0 if label == 0 else -1.0
        x = side * (self.radius * np.cos(angle) - 0.5 * self.radius)
        y = side * (self.radius * np.sin(angle) - 0.5 * self.distance)
        return x, y


@dataclasses.dataclass(frozen=True)
class Spirals(Classes):
    """Arms that wind about the middle: at the share t of the way out, the angle is 2π · (turns · t + k / arms).

    Lang and Witbrock, "Learning to tell two spirals apart", 1988.
    """

    noise: float = setting(
        0.15,
        "Noise",
        "Every point is moved off its arm by a normal random number of this deviation, in both directions and in units "
        "of the plane, which goes from −6 to 6.",
        minimum=0,
        maximum=3,
    )
    arms: int = setting(2, "Arms", "How many spirals there are, a class each.", minimum=2, maximum=MOST_CLASSES)
    turns: float = setting(
        1.25, "Turns", "How often every arm goes round the middle; more is harder.", minimum=0.1, maximum=4
    )

    def class_count(self) -> int:
        return self.arms

    def ideal(self, label: int, count: int) -> tuple[Floats, Floats]:
        # The root spreads the points evenly along an arm, which grows longer with every turn.
        share = np.sqrt(_FIRST**2 + (1.0 - _FIRST**2) * self.drawn(label, count)[0])
        angle = 2.0 * np.pi * (self.turns * share + label / self.arms)
        return EXTENT * share * np.cos(angle), EXTENT * share * np.sin(angle)


@dataclasses.dataclass(frozen=True)
class SwissRoll(Classes):
    """One long spiral, cut into pieces of one length: what is near in the plane may be far along the roll.

    The section through the roll of Tenenbaum, de Silva and Langford, "A global geometric framework for nonlinear
    dimensionality reduction", 2000: r in proportion to the angle, which goes from 3π/2 to 9π/2.
    """

    noise: float = setting(
        0.15,
        "Noise",
        "Every point is moved off the roll by a normal random number of this deviation, in both directions and in "
        "units of the plane, which goes from −6 to 6.",
        minimum=0,
        maximum=3,
    )
    pieces: int = setting(
        3, "Pieces", "Into how many pieces the roll is cut, a class each; A is the inner end.", minimum=2,
        maximum=MOST_CLASSES,
    )  # fmt: skip

    def class_count(self) -> int:
        return self.pieces

    def ideal(self, label: int, count: int) -> tuple[Floats, Floats]:
        along = (label + self.drawn(label, count)[0]) / self.pieces
        # The angle's square, as the length of such a spiral, grows evenly: from 1 to 9 in units of (3π/2)².
        angle = 1.5 * np.pi * np.sqrt(1.0 + 8.0 * along)
        radius = EXTENT * angle / (4.5 * np.pi)
        return radius * np.cos(angle), radius * np.sin(angle)
