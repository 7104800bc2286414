"""Shapes that the user types: what lies above a curve, or meets a condition, and a surface over the plane."""

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.data import formula as formulas
from simulator.data.generators.shape import Classes, Floats, Values, X, Y, spread, uniform_pairs
from simulator.errors import ConfigError
from simulator.fields import setting

LARGEST = 1e6
"""The largest value that a surface may have."""

_TRIES = 2, 8, 64
"""How many points are tried for every one that is wanted; more only where these are too few."""


@dataclasses.dataclass(frozen=True)
class Above(Classes):
    """A where y lies above a curve f(x), or where a condition of x and y is met; B elsewhere."""

    noise: float = setting(
        0.0,
        "Noise",
        "Every point is moved by a normal random number of this deviation after its class was decided, in both "
        "directions and in units of the plane, which goes from −6 to 6.",
        minimum=0,
        maximum=3,
    )
    formula: str = setting(
        "2 * sin(x)",
        "Formula",
        "f(x), as 2 * sin(x): class A where y > f(x), class B elsewhere. Or a condition of x and y, as x^2 + y^2 < 9: "
        "class A where it is met.",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        _check(self.formula)

    def ideal(self, label: int, count: int) -> tuple[Floats, Floats]:
        for tries in _TRIES:
            x, y = _square(self.seed, tries * max(count, 64))
            own = np.flatnonzero(self._labels(x, y) == label)[:count]
            if len(own) == count:
                return x[own], y[own]
        lacking, other = ("is met", "B") if label == 0 else ("is not met", "A")
        raise ConfigError(
            f"{self.formula!r} {lacking} (almost) nowhere between −5 and 5",
            f"Nearly all points would be of class {other}; write another formula, as 2 * sin(x).",
        )

    def _labels(self, x: Floats, y: Floats) -> NDArray[np.int64]:
        """Return 0 where the formula is met, 1 where it is not, and −1 where it has no value."""
        found = formulas.parse(self.formula).evaluate({X: x, Y: y})
        found = np.broadcast_to(found, x.shape)
        if found.dtype == bool:
            return np.where(found, 0, 1)
        return np.where(np.isnan(found), -1, np.where(y > found, 0, 1))


@dataclasses.dataclass(frozen=True)
class Surface(Values):
    """A value that follows from x and y by a formula."""

    formula: str = setting("sin(x) * cos(y)", "Formula", "The value at x and y, as sin(x) * cos(y).")

    def __post_init__(self) -> None:
        super().__post_init__()
        _check(self.formula)

    def ideal(self, x: Floats, y: Floats) -> Floats:
        found: Any = formulas.parse(self.formula).evaluate({X: x, Y: y})
        return np.broadcast_to(found, x.shape).astype(np.float64)

    def places(self) -> tuple[Floats, Floats]:
        """Return the first places at which the formula has a value, as ln(x) has none below 0."""
        for tries in _TRIES:
            x, y = _square(self.seed, tries * self.samples)
            values = self.ideal(x, y)
            own = np.flatnonzero(np.isfinite(values))[: self.samples]
            if len(own) == self.samples:
                break
        else:
            hint = "Write another formula, as sin(x) * cos(y)."
            raise ConfigError(f"{self.formula!r} has a value (almost) nowhere between −5 and 5", hint)
        largest = float(np.abs(values[own]).max())
        if largest > LARGEST:
            hint = f"Divide it: at most {LARGEST:,.0f} can be learnt."
            raise ConfigError(f"{self.formula!r} reaches {largest:.3g}", hint)
        return x[own], y[own]


def _square(seed: int, count: int) -> tuple[Floats, Floats]:
    """Return places in the square ±5; more of them begin with the same."""
    first, second = uniform_pairs(seed, 0, count)
    return spread(first), spread(second)


def _check(formula: str) -> None:
    """Refuse a formula that cannot be read, or that uses anything but x and y."""
    formulas.parse(formula).evaluate({X: np.zeros(1), Y: np.zeros(1)})
