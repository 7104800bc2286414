"""Where points of the plane lie on the screen, and the numbers along its edges. No Qt."""

import dataclasses
import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_STEPS = (1.0, 2.0, 5.0, 10.0)
_ROOM = 0.06


@dataclasses.dataclass(frozen=True)
class Span:
    """A stretch of numbers that an axis shows."""

    low: float
    high: float

    @property
    def length(self) -> float:
        """From one end to the other."""
        return self.high - self.low

    def holds(self, values: Floats) -> bool:
        """Whether all of some values lie in it."""
        return not len(values) or bool(values.min() >= self.low and values.max() <= self.high)


@dataclasses.dataclass(frozen=True)
class Axes:
    """A square (or any rectangle) of pixels that shows a stretch of x and a stretch of y.

    Attributes
    ----------
    x, y
        What is shown, in real units.
    left, top, width, height
        Where, in pixels.
    """

    x: Span
    y: Span
    left: float
    top: float
    width: float
    height: float

    def across(self, x: Floats | float) -> Floats:
        """Return the pixels from the left edge of the widget."""
        return np.asarray(self.left + (np.asarray(x) - self.x.low) / self.x.length * self.width, dtype=np.float64)

    def down(self, y: Floats | float) -> Floats:
        """Return the pixels from the upper edge of the widget."""
        return np.asarray(self.top + (self.y.high - np.asarray(y)) / self.y.length * self.height, dtype=np.float64)

    def real(self, across: Floats | float, down: Floats | float) -> tuple[Floats, Floats]:
        """Return pixels in real units."""
        x = self.x.low + (np.asarray(across, dtype=np.float64) - self.left) / self.width * self.x.length
        y = self.y.high - (np.asarray(down, dtype=np.float64) - self.top) / self.height * self.y.length
        return x, y

    def holds(self, across: float, down: float) -> bool:
        """Whether a pixel lies in it."""
        return 0 <= across - self.left <= self.width and 0 <= down - self.top <= self.height


def span_of(values: Floats, usual: Span | None = None) -> Span:
    """Return a stretch that holds all values, with a little room: the usual one if that does, else by round numbers."""
    if usual is not None and usual.holds(values):
        return usual
    if not len(values):
        return Span(0.0, 1.0)
    low, high = float(values.min()), float(values.max())
    if usual is not None:
        low, high = min(low, usual.low), max(high, usual.high)
    room = _ROOM * (high - low) or max(1.0, 0.1 * abs(high))
    step = nice_step((high - low + 2 * room) / 20)
    return Span(step * math.floor((low - room) / step), step * math.ceil((high + room) / step))


def nice_step(least: float) -> float:
    """Return 1, 2 or 5 times a power of ten that is at least so large."""
    power = 10.0 ** math.floor(math.log10(max(least, 1e-300)))
    return next(step * power for step in _STEPS if step * power >= least * (1 - 1e-9))


def ticks(span: Span, most: int) -> list[float]:
    """Return round numbers within a stretch, at most so many and one more, from low to high."""
    step = nice_step(span.length / max(1, most))
    first, last = math.ceil(span.low / step - 1e-9), math.floor(span.high / step + 1e-9)
    return [step * place for place in range(first, last + 1)]


def tick_text(value: float) -> str:
    """Return a number as it stands at an axis, with a real minus."""
    text = f"{value:,.0f}" if abs(value) >= 1000 and value == round(value) else f"{value:.6g}"
    return text.replace("-", "−") if float(text.replace(",", "")) else "0"


def along(start: tuple[float, float], end: tuple[float, float], spacing: float, left: float) -> tuple[Floats, float]:
    """Return the places (places, 2) that lie on a line every `spacing` pixels, and what is left of the way to the next.

    Parameters
    ----------
    left
        How far before `start` the last place lies.
    """
    first, second = np.array(start), np.array(end)
    length = float(np.hypot(*(second - first)))
    distances = np.arange(spacing - left, length + 1e-9, spacing)
    if not len(distances):
        return np.zeros((0, 2)), left + length
    return first + (second - first) * (distances / length)[:, None], length - float(distances[-1])
