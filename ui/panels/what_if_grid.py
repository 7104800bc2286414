"""The values that a slider can take: round numbers in real units, with a little room beside the seen range."""

import dataclasses
import decimal
import math
from collections.abc import Sequence

_DECADES = 2
_DIGITS = 14
_MOST_DECIMALS = 6
_ROOM = 0.12


@dataclasses.dataclass(frozen=True)
class Grid:
    """Every multiple of a power of ten between two ends.

    Attributes
    ----------
    exponent
        The step is ten to this power.
    first, last
        The ends, in steps.
    low, high
        The range that training saw, in real units.
    """

    exponent: int
    first: int
    last: int
    low: float
    high: float

    @property
    def positions(self) -> int:
        """The number of the last position; the first is 0."""
        return self.last - self.first

    def value(self, position: int) -> float:
        """Return the value at a position: the very number that somebody would type."""
        return float(f"{self.first + position}e{self.exponent}")

    def position(self, value: float) -> int:
        """Return the position that is nearest to a value; the first or the last one for a value beyond them."""
        if not math.isfinite(value):
            return 0 if value < 0 else self.positions
        steps = int(_steps(value, self.exponent).to_integral_value(decimal.ROUND_HALF_EVEN))
        return min(max(steps - self.first, 0), self.positions)

    def share(self, value: float) -> float:
        """Return how far along the slider a value stands, from 0 to 1."""
        if not math.isfinite(value):
            return 0.0 if value < 0 else 1.0
        steps = float(_steps(value, self.exponent) - self.first)
        return min(max(steps / self.positions, 0.0), 1.0)


def grid_of(low: float, high: float, decimals: int | None = None) -> Grid:
    """Return the grid for a column.

    Parameters
    ----------
    low, high
        The range that training saw, both finite.
    decimals
        How many decimals the column's values have: the step is no finer. None where they have any number of them.
    """
    bound = max(abs(low), abs(high))
    width = high - low if high - low < math.inf else bound
    if not width > 0.0:
        width = 0.2 * bound or 1.0
    exponent = math.floor(math.log10(width)) - _DECADES
    if decimals is not None:
        exponent = max(exponent, -decimals)
    if bound > 0.0:
        exponent = max(exponent, math.floor(math.log10(bound)) - _DIGITS)  # a finer step is lost in rounding
    least = math.floor(_steps(low, exponent))
    most = math.ceil(_steps(high, exponent))
    room = max(1, round(_ROOM * max(most - least, math.ceil(_steps(width, exponent)))))
    made = Grid(exponent, least - room, most + room, low, high)
    if math.isinf(made.value(0)) or math.isinf(made.value(made.positions)):
        return dataclasses.replace(made, first=least + 1, last=most - 1)
    return made


def decimals_of(values: Sequence[float]) -> int | None:
    """Return with how many decimals all values can be written, or None where they need more than a few."""
    for decimals in range(_MOST_DECIMALS + 1):
        if all(round(value, decimals) == value for value in values):
            return decimals
    return None


def _steps(value: float, exponent: int) -> decimal.Decimal:
    return decimal.Decimal(value).scaleb(-exponent)
