"""Where the neurons and edges of a network lie in a rectangle. Plain NumPy, no Qt.

Layers are columns from left to right; how the neurons of one stand together is said in `ui.canvas.forms`.
"""

import dataclasses
import functools
import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ui.canvas.forms import COLUMN, PLATE, STRIP, Form, Layer, Room, Shape, shape_of

Floats = NDArray[np.floating[Any]]

LARGEST_RADIUS = 25.0
LARGEST_PITCH = 140.0
SMALLEST_PITCH = 14.0
_TIGHT_RADIUS = 15.0
_LARGEST_TO_LEAST = 1.25
_RADIUS_OF_GAP = 0.22
_PICTURE_OF_GAP, _PICTURE_OF_WIDTH, _GRID_OF_GAP = 0.8, 0.3, 0.4
_BORDER = 3.0
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
        Its middle line.
    y
        (shown,) the centres of its neurons, in the order of their numbers: where their edges arrive and leave.
    shown
        (shown,) which neurons they are, rising.
    units
        How many neurons the layer has.
    radius, pitch
        The size of a neuron and the distance between two.
    kind
        `COLUMN`, `GRID` or `STRIP` of `ui.canvas.forms`.
    xs
        (shown,) the centres of its neurons.
    half
        How far it reaches to either side of its middle line.
    lines
        How many neurons stand side by side.
    plates
        The middle lines of the counts above and below a scrolled column, or of the note below a grid or a strip.
    """

    x: float
    y: Floats
    shown: NDArray[np.intp]
    units: int
    radius: float
    pitch: float
    kind: str
    xs: Floats
    half: float
    lines: int
    plates: tuple[float, ...]

    @property
    def hidden(self) -> int:
        """How many neurons are not drawn."""
        return self.units - len(self.shown)

    @property
    def above(self) -> int:
        """How many neurons are not drawn because they are above the shown ones."""
        return int(self.shown[0])

    @property
    def below(self) -> int:
        """How many neurons are not drawn because they are below the shown ones."""
        return self.units - 1 - int(self.shown[-1])

    @property
    def celled(self) -> bool:
        """Whether its neurons are cells that touch, and no discs."""
        return self.kind != COLUMN

    @property
    def cell(self) -> tuple[float, float]:
        """Half the width and half the height of a neuron."""
        if self.kind == STRIP:
            return self.half, 0.5 * self.pitch
        return self.radius, self.radius

    def place(self, unit: int) -> int | None:
        """Return where a neuron stands among the shown ones, or None when it is folded away."""
        found = unit - int(self.shown[0])
        return found if 0 <= found < len(self.shown) else None

    def centre(self, place: int) -> tuple[float, float]:
        """Return where a shown neuron stands."""
        return float(self.xs[place]), float(self.y[place])

    def scrolled(self, first: int) -> int:
        """Return the first neuron that a folded column can show, as near to a wanted one as there is."""
        return min(max(0, first), self.hidden)


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
    forms: Sequence[Form] = (),
    shapes: Sequence[tuple[int, int] | None] = (),
    named: Sequence[bool] = (),
    plate: float = PLATE,
    turned: bool = False,
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
    forms, shapes, named
        One a layer: see `ui.canvas.forms.Layer`. Nothing: all automatic, no pictures, no names.
    plate, turned
        How high a count above or below a layer is, and whether the layout is turned when it is drawn.
    """
    gap = rect.width / max(1, len(sizes) - 1)
    most = max(0.25, min(largest_radius, _RADIUS_OF_GAP * gap, 0.5 * rect.width, 0.5 * rect.height))
    pitches = [smallest_pitch] * len(sizes) if isinstance(smallest_pitch, (int, float)) else list(smallest_pitch)
    made: list[Shape] = []
    for place, (units, pitch) in enumerate(zip(sizes, pitches, strict=True)):
        shape = shapes[place] if shapes else None
        wide = min(_PICTURE_OF_GAP * gap, _PICTURE_OF_WIDTH * rect.width) if shape else _GRID_OF_GAP * gap
        wide = max(0.5, min(wide, 0.5 * rect.width))
        room = Room(rect.y, rect.height, wide, largest_pitch, most, plate, turned)
        form = forms[place] if forms else Form()
        made.append(shape_of(Layer(units, form, pitch, shape, bool(named and named[place])), room))
    discs = [shape.radius for shape in made if shape.kind == COLUMN]
    # Discs of different layers do not differ much in size.
    largest = _LARGEST_TO_LEAST * max(_TIGHT_RADIUS, min(discs)) if discs else 0.0
    made = [
        shape._replace(radius=min(shape.radius, largest), half=min(shape.half, largest))
        if shape.kind == COLUMN
        else shape
        for shape in made
    ]
    columns = tuple(
        _column(x, units, shape, rect, plate) for x, units, shape in zip(_lines(made, rect), sizes, made, strict=True)
    )
    return Layout(rect, columns, tuple(_span(a, b) for a, b in itertools.pairwise(columns)))


def _lines(shapes: Sequence[Shape], rect: Rect) -> list[float]:
    """Return the middle lines of the columns, with the same room for edges between any two; discs take of it."""
    if len(shapes) == 1:
        return [rect.x + 0.5 * rect.width]
    wide = [0.0 if shape.kind == COLUMN else shape.half for shape in shapes]
    first, last = rect.x + shapes[0].half, rect.x + rect.width - shapes[-1].half
    inner = wide[0] + wide[-1] + 2.0 * sum(wide[1:-1])
    between = (last - first - inner) / (len(shapes) - 1)
    found = [first]
    for one, other in itertools.pairwise(wide):
        found.append(found[-1] + one + between + other)
    return found


def _column(x: float, units: int, shape: Shape, rect: Rect, plate: float) -> Column:
    plates: tuple[float, ...] = ()
    if shape.kind != COLUMN:
        plates = (min(float(shape.y.max()) + shape.pitch * 0.5 + 0.6 * plate, rect.y + rect.height - 0.4 * plate),)
    elif len(shape.shown) < units:
        aside = 0.5 * shape.pitch + 0.5 * min(plate, 0.25 * rect.height)
        plates = float(shape.y[0]) - aside, float(shape.y[-1]) + aside
    return Column(
        x, shape.y, shape.shown.astype(np.intp), units, shape.radius, shape.pitch, shape.kind, x + shape.aside,
        shape.half, shape.lines, plates,
    )  # fmt: skip


def _span(left: Column, right: Column) -> Span:
    start, end = left.x + _border(left), right.x - _border(right)
    return Span(
        np.array([start, start + _BEND * (end - start), end - _BEND * (end - start), end]),
        left,
        right,
    )


def _border(column: Column) -> float:
    """Return how far from the middle line edges begin."""
    return column.half + _BORDER if column.celled else 1.12 * column.radius
