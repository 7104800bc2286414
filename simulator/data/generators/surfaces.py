"""Surfaces over the plane, for networks that predict a value."""

import dataclasses

import numpy as np

from simulator.data.generators.shape import Floats, Values
from simulator.fields import setting


@dataclasses.dataclass(frozen=True)
class Plane(Values):
    """A tilted plane, a·x + b·y + c: a network without hidden layers finds a and b as its weights, c as its bias."""

    slope_x: float = setting(0.1, "Slope a", "How the value rises with x, in a·x + b·y + c.", minimum=-1, maximum=1)
    slope_y: float = setting(0.1, "Slope b", "How the value rises with y, in a·x + b·y + c.", minimum=-1, maximum=1)
    offset: float = setting(0.0, "Height c", "The value in the middle, in a·x + b·y + c.", minimum=-5, maximum=5)

    def ideal(self, x: Floats, y: Floats) -> Floats:
        return self.slope_x * x + self.slope_y * y + self.offset


@dataclasses.dataclass(frozen=True)
class Hills(Values):
    """A sum of Gaussians, hills of height 1 and hollows of depth 1 by turns, about centres on a circle."""

    hills: int = setting(4, "Hills", "How many hills and hollows there are, by turns.", minimum=1, maximum=8)
    width: float = setting(
        1.5, "Width", "The deviation of every hill, in units of the plane; narrow ones are harder.", minimum=0.3,
        maximum=5,
    )  # fmt: skip
    distance: float = setting(
        3.0, "Distance", "How far from the middle the centres lie, in units of the plane.", minimum=0, maximum=5
    )

    def ideal(self, x: Floats, y: Floats) -> Floats:
        value = np.zeros_like(x)
        for place in range(self.hills):
            angle = np.pi * (0.25 + 2.0 * place / self.hills)
            squares = (x - self.distance * np.cos(angle)) ** 2 + (y - self.distance * np.sin(angle)) ** 2
            value += (1.0 if place % 2 == 0 else -1.0) * np.exp(-0.5 * squares / self.width**2)
        return value
