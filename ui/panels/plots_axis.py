"""Axes of the curves: on a logarithmic scale they have powers of ten, and between them 2 and 5 where there is room."""

from typing import Any

import numpy as np
import pyqtgraph as pg

_STEPS = ((1, 2, 5), (1, 2, 3, 5, 7), (1, 2, 3, 4, 5, 6, 7, 8, 9))
_APART_X, _APART_Y = 34.0, 16.0
"""How many pixels lie between two numbers at least."""


class LogAxis(pg.AxisItem):
    """pyqtgraph's axis, with our own places on a logarithmic scale."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[Any]:  # noqa: N802 - pyqtgraph's names
        if not self.logMode:
            return super().tickValues(minVal, maxVal, size)
        apart = _APART_X if self.orientation in ("top", "bottom") else _APART_Y
        return [(1.0, log_places(minVal, maxVal, size / apart))]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        if not self.logMode:
            return super().tickStrings(values, scale, spacing)
        return [number(10.0**value) for value in values]


def log_places(low: float, high: float, most: float) -> list[float]:
    """Return logarithms of round numbers between two logarithms, about `most` at most.

    Where less than a decade is in sight, the numbers are as finely divided as it takes for two of them.
    """
    first, last = int(np.floor(low)), int(np.ceil(high))
    found = [float(each) for each in range(first, last + 1) if low <= each <= high]
    every = int(np.ceil(len(found) / max(1.0, most)))
    if every > 1:
        return [each for each in found if each % every == 0]
    for steps in _STEPS:
        places = [float(each + np.log10(step)) for each in range(first, last + 1) for step in steps]
        finer = [place for place in places if low <= place <= high]
        gaps = np.diff(finer)
        if len(finer) > most or (len(gaps) and gaps.min() * most < 0.8 * (high - low)):
            break
        found = finer
    if len(found) < 2:
        rounded = {float(f"{value:.3g}") for value in np.linspace(10.0**low, 10.0**high, 4)}
        found = [float(np.log10(value)) for value in sorted(rounded) if value > 0 and low <= np.log10(value) <= high]
    return found


def number(value: float) -> str:
    """Return a round number in few signs."""
    if value >= 1e6 or value < 1e-3:
        digits, exponent = f"{value:.1e}".split("e")
        return f"{digits.removesuffix('.0')}e{int(exponent)}"
    return f"{value:,.6g}" if value >= 1.0 else f"{value:.3g}"
