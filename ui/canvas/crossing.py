"""Which edges of a span cross a window, found without looking at each of them. Plain NumPy, no Qt."""

import dataclasses
import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ui.canvas.layout import Floats, Layout, Span

_SAMPLES = 513


class Window(NamedTuple):
    """A part of the page."""

    left: float
    top: float
    right: float
    bottom: float


EVERYWHERE = Window(-np.inf, -np.inf, np.inf, np.inf)


@dataclasses.dataclass(frozen=True, eq=False)
class Crossing:
    """The edges of a span that cross a window: for every source, neighbours in the order of their targets' heights.

    Attributes
    ----------
    order
        (targets,) the places of the right column from top to bottom.
    low, high
        (sources,) the first of `order` whose edge crosses, and the one after the last.
    """

    order: NDArray[np.intp]
    low: NDArray[np.intp]
    high: NDArray[np.intp]

    @functools.cached_property
    def count(self) -> int:
        """How many edges cross."""
        return int((self.high - self.low).sum())

    @functools.cached_property
    def edges(self) -> NDArray[np.intp]:
        """(count,) which edges of the span they are, rising for every source."""
        many = self.high - self.low
        sources = np.repeat(np.arange(len(many)), many)
        begins = np.repeat(self.low - np.cumsum(many) + many, many)
        return sources * len(self.order) + self.order[begins + np.arange(len(sources))]


def crossing(span: Span, window: Window) -> Crossing:
    """Return the edges of a span that have a point in a window.

    All edges are at the same share of their way at one x, and rise or fall all the way: so one misses the window only
    if it is above it, or below it, at both sides.
    """
    order = np.argsort(span.right.y, kind="stable")
    left, right = max(window.left, float(span.x[0])), min(window.right, float(span.x[3]))
    starts = span.left.y
    if left > right:
        nothing = np.zeros(len(starts), np.intp)
        return Crossing(order, nothing, nothing)
    ends = span.right.y[order]
    first, last = ways(span, np.array([left, right])).tolist()
    above = np.minimum(_bound(starts, first, window.top), _bound(starts, last, window.top))
    below = np.maximum(_bound(starts, first, window.bottom), _bound(starts, last, window.bottom))
    low, high = np.searchsorted(ends, above, "left"), np.searchsorted(ends, below, "right")
    return Crossing(order, low, np.maximum(low, high))


def _bound(starts: Floats, way: float, height: float) -> Floats:
    """Return where edges must end to be at a height at some share of their way."""
    if way <= 0.0:
        return np.where(starts < height, np.inf, np.where(starts > height, -np.inf, starts))
    return (height - starts * (1.0 - way)) / way


def ways(span: Span, x: Floats) -> Floats:
    """Return how far between their starts and their ends the edges of a span are at some x, 0 … 1."""
    xs, shares = _sampled(span)
    return np.interp(x, xs, shares)


@functools.lru_cache(maxsize=64)
def _sampled(span: Span) -> tuple[Floats, Floats]:
    t = np.linspace(0.0, 1.0, _SAMPLES)
    s = 1.0 - t
    one, two, three = 3.0 * s * s * t, 3.0 * s * t * t, t * t * t
    x0, x1, x2, x3 = span.x
    return s * s * s * x0 + one * x1 + two * x2 + three * x3, two + three


def straightened(layout: Layout) -> Layout:
    """Return the layout with straight edges: both control points at the ends, so that height and x advance alike."""
    spans = tuple(dataclasses.replace(span, x=span.x[[0, 0, 3, 3]]) for span in layout.spans)
    return dataclasses.replace(layout, spans=spans)
