"""Where the neurons and edges of a network lie in a rectangle. Plain NumPy, no Qt.

Layers are columns from left to right. A layer with more neurons than fit folds: its first and last neurons are shown
and the gap between them says how many are not.
"""

import dataclasses
import functools
import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LARGEST_RADIUS = 25.0
LARGEST_PITCH = 140.0
SMALLEST_PITCH = 14.0
_RADIUS_OF_PITCH = 0.37
_RADIUS_OF_TIGHT_PITCH = 0.43
_TIGHT_RADIUS = 15.0
_LARGEST_TO_LEAST = 1.25
_RADIUS_OF_GAP = 0.22
_BEND = 0.5
_BISECTIONS = 40


class Rect(NamedTuple):
    """A rectangle in logical pixels."""

    x: float
    y: float
    width: float
    height: float


@dataclasses.dataclass(frozen=True, eq=False)
class Column:
    """One layer.

    Attributes
    ----------
    x
        The centre of its neurons.
    y
        (shown,) their centres from top to bottom.
    shown
        (shown,) which neurons they are.
    units
        How many neurons the layer has.
    radius, pitch
        The size of a neuron and the distance between two.
    fold
        The centre of the gap where `units − shown` neurons are left out, or None.
    """

    x: float
    y: Floats
    shown: NDArray[np.intp]
    units: int
    radius: float
    pitch: float
    fold: float | None

    @property
    def hidden(self) -> int:
        """How many neurons are not drawn."""
        return self.units - len(self.shown)

    def place(self, unit: int) -> int | None:
        """Return where a neuron stands among the shown ones, or None when it is folded away."""
        found = int(np.searchsorted(self.shown, unit))
        return found if found < len(self.shown) and self.shown[found] == unit else None


@dataclasses.dataclass(frozen=True, eq=False)
class Span:
    """The edges between two columns.

    Every edge is a cubic Bezier curve that leaves and arrives level; all edges of a span share the x of their four
    points, so that one parameter t belongs to one x. Edges are ordered by their source, then by their target.

    Attributes
    ----------
    x
        (4,) of the start, the two control points and the end.
    left, right
        The columns.
    """

    x: Floats
    left: Column
    right: Column

    @property
    def count(self) -> int:
        """How many edges there are."""
        return len(self.left.shown) * len(self.right.shown)

    @functools.cached_property
    def sources(self) -> NDArray[np.intp]:
        """(edges,) place of the edge's neuron among the shown ones of the left column."""
        return np.repeat(np.arange(len(self.left.shown)), len(self.right.shown))

    @functools.cached_property
    def targets(self) -> NDArray[np.intp]:
        """(edges,) place of the edge's neuron among the shown ones of the right column."""
        return np.tile(np.arange(len(self.right.shown)), len(self.left.shown))

    @functools.cached_property
    def rows(self) -> NDArray[np.intp]:
        """(edges,) row of the edge's weight in the matrix (fan_in, fan_out)."""
        return self.left.shown[self.sources]

    @functools.cached_property
    def columns(self) -> NDArray[np.intp]:
        """(edges,) column of the edge's weight in the matrix (fan_in, fan_out)."""
        return self.right.shown[self.targets]

    @functools.cached_property
    def start(self) -> Floats:
        """(edges,) y of the first two points."""
        return self.left.y[self.sources]

    @functools.cached_property
    def end(self) -> Floats:
        """(edges,) y of the last two points."""
        return self.right.y[self.targets]

    def height(self, x: float) -> tuple[Floats, float]:
        """Return y of every edge at an x of the span, and t there."""
        low, high = 0.0, 1.0
        for _ in range(_BISECTIONS):
            t = 0.5 * (low + high)
            low, high = (t, high) if float(bernstein(t) @ self.x) < x else (low, t)
        share = float(bernstein(low)[2:].sum())
        return self.start + (self.end - self.start) * share, low


@dataclasses.dataclass(frozen=True, eq=False)
class Layout:
    """Columns from left to right and the spans between them."""

    rect: Rect
    columns: tuple[Column, ...]
    spans: tuple[Span, ...]

    @property
    def edge_count(self) -> int:
        """How many edges are drawn."""
        return sum(span.count for span in self.spans)


def bernstein(t: float) -> Floats:
    """Return the weights of a cubic Bezier curve's four points at t."""
    s = 1.0 - t
    return np.array([s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t])


def arrange(
    sizes: Sequence[int],
    rect: Rect,
    *,
    smallest_pitch: float | Sequence[float] = SMALLEST_PITCH,
    largest_pitch: float = LARGEST_PITCH,
    largest_radius: float = LARGEST_RADIUS,
) -> Layout:
    """Lay a network out in a rectangle.

    Parameters
    ----------
    sizes
        The width of every layer, at least one neuron each.
    rect
        Every neuron lies inside; the outer columns touch its left and right side.
    smallest_pitch
        How close two neurons of a layer may come before it folds; one number, or one a layer.
    largest_pitch, largest_radius
        What few neurons in much room do not exceed.
    """
    gap = rect.width / max(1, len(sizes) - 1)
    most = max(0.25, min(largest_radius, _RADIUS_OF_GAP * gap, 0.5 * rect.width, 0.5 * rect.height))
    pitches = [smallest_pitch] * len(sizes) if isinstance(smallest_pitch, (int, float)) else list(smallest_pitch)
    shapes = [_stack(units, rect, pitch, largest_pitch, most) for units, pitch in zip(sizes, pitches, strict=True)]
    least = max(_TIGHT_RADIUS, min(shape[3] for shape in shapes))
    shapes = [
        (y, shown, pitch, min(radius, _LARGEST_TO_LEAST * least), fold) for y, shown, pitch, radius, fold in shapes
    ]
    first, last = rect.x + shapes[0][3], rect.x + rect.width - shapes[-1][3]
    xs = np.linspace(first, last, len(sizes)) if len(sizes) > 1 else np.array([rect.x + 0.5 * rect.width])
    columns = tuple(
        Column(float(x), y, shown, units, radius, pitch, fold)
        for x, units, (y, shown, pitch, radius, fold) in zip(xs, sizes, shapes, strict=True)
    )
    return Layout(rect, columns, tuple(_span(a, b) for a, b in itertools.pairwise(columns)))


def _stack(
    units: int, rect: Rect, smallest: float, largest: float, most: float
) -> tuple[Floats, NDArray[np.intp], float, float, float | None]:
    """Return y, shown, pitch, radius and fold of one column."""
    slots = max(3, int(rect.height / max(smallest, 1e-9)))
    if units <= slots:
        pitch = min(largest, rect.height / units)
        radius = min(most, _radius(pitch))
        y = rect.y + 0.5 * rect.height + (np.arange(units, dtype=np.float64) - 0.5 * (units - 1)) * pitch
        return y.astype(np.float64), np.arange(units), pitch, radius, None
    pitch = rect.height / slots
    gap = max(1, min(slots - 2, int(np.ceil(28.0 / pitch))))
    shown = slots - gap
    top = (shown + 1) // 2
    place = np.concatenate([np.arange(top), np.arange(slots - (shown - top), slots)])
    chosen = np.concatenate([np.arange(top), np.arange(units - (shown - top), units)])
    radius = min(most, _radius(pitch))
    fold = rect.y + (top + 0.5 * gap) * pitch
    y = rect.y + (place + 0.5) * pitch
    return y.astype(np.float64), chosen.astype(np.intp), pitch, radius, float(fold)


def _radius(pitch: float) -> float:
    """Return the radius that suits a pitch: neurons that stand close are given more of the room for their numbers."""
    return max(_RADIUS_OF_PITCH * pitch, min(_RADIUS_OF_TIGHT_PITCH * pitch, _TIGHT_RADIUS))


def _span(left: Column, right: Column) -> Span:
    start, end = left.x + 1.12 * left.radius, right.x - 1.12 * right.radius
    return Span(
        np.array([start, start + _BEND * (end - start), end - _BEND * (end - start), end]),
        left,
        right,
    )
