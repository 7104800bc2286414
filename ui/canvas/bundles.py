"""Neighbouring neurons as bundles: how many a picture of the edges shows, where they are in it, and what to say of it.

Plain NumPy, no Qt.
"""

import dataclasses
import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ui.canvas.crossing import ways
from ui.canvas.layout import Column, Floats, Span
from ui.canvas.picture import grouped

A_SIDE = 32
"""So many bundles has a side of a span at most where the whole network is seen."""
SINGLE = 2048
"""So many edges of a span are drawn one by one."""
_SPREAD = 0.45


@dataclasses.dataclass(frozen=True)
class Lens:
    """How the page becomes pixels: a point p is at ratio · (zoom · p + (x, y)) − (left, top).

    Attributes
    ----------
    zoom, x, y
        The camera.
    ratio
        Device pixels in a logical one.
    left, top, width, height
        The picture, in device pixels.
    upright
        Whether layers run from top to bottom: what is along the edges is then down the picture.
    """

    zoom: float
    x: float
    y: float
    ratio: float
    left: int
    top: int
    width: int
    height: int
    upright: bool = False

    @property
    def length(self) -> int:
        """How many pixels the picture has along the edges."""
        return self.height if self.upright else self.width

    @property
    def reach(self) -> int:
        """How many pixels it has across them."""
        return self.width if self.upright else self.height

    @property
    def steps(self) -> tuple[int, int]:
        """From a pixel to the next along and across the edges."""
        return (self.width, 1) if self.upright else (1, self.width)

    def along(self, x: Floats) -> Floats:
        """Return where an x of the layout is in the picture, in pixels along the edges."""
        shift, first = (self.y, self.top) if self.upright else (self.x, self.left)
        return self.ratio * (self.zoom * x + shift) - first

    def across(self, y: Floats) -> Floats:
        """Return where a y of the layout is in the picture, in pixels across the edges."""
        shift, first = (self.x, self.left) if self.upright else (self.y, self.top)
        return self.ratio * (self.zoom * y + shift) - first

    def x_of(self, along: Floats) -> Floats:
        """Return the x of the layout in the middle of pixels along the edges."""
        shift, first = (self.y, self.top) if self.upright else (self.x, self.left)
        return ((along + 0.5 + first) / self.ratio - shift) / self.zoom

    def y_of(self, across: Floats) -> Floats:
        """Return the y of the layout at pixels across the edges."""
        shift, first = (self.x, self.left) if self.upright else (self.y, self.top)
        return ((across + first) / self.ratio - shift) / self.zoom


@dataclasses.dataclass(frozen=True, eq=False)
class Bundles:
    """The bundles of a span in a picture.

    Attributes
    ----------
    firsts, lasts
        (bundles + 1,) which of `rows` and `columns` begin the bundles of the left and of the right side.
    starts, ends
        (bundles,) their heights in pixels.
    spreads
        How far apart the lines of a bundle may lie on either side, in pixels: its neurons stand apart, too.
    first
        The first pixel along the edges.
    along, slopes
        (pixels,) how far an edge has come there, 0 … 1, and what it gains from a pixel to the next.
    rows, columns
        Which neurons are shown, from top to bottom.
    """

    firsts: NDArray[np.int64]
    lasts: NDArray[np.int64]
    starts: NDArray[np.float32]
    ends: NDArray[np.float32]
    spreads: tuple[float, float]
    first: int
    along: NDArray[np.float32]
    slopes: NDArray[np.float32]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]

    @property
    def count(self) -> tuple[int, int]:
        """How many there are on either side."""
        return len(self.starts), len(self.ends)

    @property
    def size(self) -> tuple[int, int]:
        """How many neurons the largest has on either side."""
        return int(np.diff(self.firsts).max()), int(np.diff(self.lasts).max())


def cut(heights: Floats, zoom: float) -> NDArray[np.int64]:
    """Return where the bundles of a column begin, and the number of its neurons behind them, (bundles + 1,).

    Parameters
    ----------
    heights
        (shown,) of its neurons, rising. Those of a line of a grid have the same one: a bundle is made of whole lines,
        or of a part of one.
    zoom
        The closer one looks, the more bundles there are.
    """
    neurons = len(heights)
    size = max(1, math.ceil(neurons / (A_SIDE * max(1.0, zoom))))
    lines = np.append(np.flatnonzero(np.diff(heights, prepend=-np.inf)), neurons)
    count, longest = len(lines) - 1, int(np.diff(lines).max())
    parts = longest // size
    if parts <= 1:
        bundles = math.ceil(count / math.ceil(size / longest))
        return lines[np.rint(np.linspace(0, count, bundles + 1)).astype(np.int64)]
    inside = lines[:-1, None] + np.diff(lines)[:, None] * np.arange(parts) // parts
    return np.append(np.unique(inside), neurons)


@functools.lru_cache(maxsize=48)
def bundled(span: Span, lens: Lens) -> Bundles | None:
    """Return the bundles of a span as a lens shows them, or None where it is not in the picture."""
    begin, end = lens.along(span.x[[0, 3]]).tolist()
    first, last = max(0, math.ceil(begin - 0.5)), min(lens.length - 1, math.floor(end - 0.5))
    if first > last:
        return None
    pixels = np.arange(first - 1, last + 2)
    along = ways(span, lens.x_of(pixels.astype(np.float64)))
    slopes = 0.5 * (along[2:] - along[:-2])
    (firsts, starts, one, rows), (lasts, ends, other, columns) = (
        _side(column, lens, single=span.count <= SINGLE) for column in (span.left, span.right)
    )
    return Bundles(
        firsts, lasts, starts, ends, (one, other), first, along[1:-1].astype(np.float32), slopes.astype(np.float32),
        rows, columns,
    )  # fmt: skip


def _side(
    column: Column, lens: Lens, *, single: bool
) -> tuple[NDArray[np.int64], NDArray[np.float32], float, NDArray[np.int64]]:
    """Return where bundles begin, their places in pixels, how far their lines lie apart, and which neurons they are."""
    order = np.argsort(column.y, kind="stable")
    heights = column.y[order]
    begins = np.arange(len(heights) + 1) if single else cut(heights, lens.zoom)
    places = lens.across(np.add.reduceat(heights, begins[:-1]) / np.diff(begins))
    gaps = np.diff(np.unique(places))
    apart = float(gaps.min()) if len(gaps) and len(places) < len(heights) else 0.0
    return begins.astype(np.int64), places.astype(np.float32), _SPREAD * apart, column.shown[order].astype(np.int64)


def strengths(shares: NDArray[np.floating[Any]], bundles: Bundles, weakest: float = 0.0) -> Floats:
    """Return the root mean square of the edges of every pair of bundles with the sign of their sum, (left, right).

    Edges with a smaller |share| than `weakest` do not count; where none is left there is NaN, and no line.
    """
    shown = np.nan_to_num(np.asarray(shares, np.float64)[np.ix_(bundles.rows, bundles.columns)], nan=0.0)
    shown = np.clip(shown, -1e9, 1e9)
    counted = np.abs(shown) >= weakest
    shown = np.where(counted, shown, 0.0)
    count, total, square = (_sums(each, bundles) for each in (counted.astype(np.float64), shown, shown**2))
    with np.errstate(all="ignore"):
        strength = np.sqrt(square / count)
    return np.where(total >= 0.0, strength, -strength)


def _sums(values: Floats, bundles: Bundles) -> Floats:
    return np.add.reduceat(np.add.reduceat(values, bundles.firsts[:-1], axis=0), bundles.lasts[:-1], axis=1)


def scattered(places: NDArray[np.int64]) -> Floats:
    """Return a number between −0.5 and 0.5 for each place: as good as random, and always the same."""
    mixed = places.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)  # the beginning of SplitMix64
    return (mixed >> np.uint64(40)).astype(np.float64) * 2.0**-24 - 0.5


def line_ends(bundles: Bundles, lines: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return where lines start and end, in pixels across: `lines` are places in (left, right), row after row.

    The lines of a bundle lie a little apart, as its neurons do; else they would cross in a lattice.
    """
    left, right = np.divmod(lines, len(bundles.ends))
    one, other = bundles.spreads
    return (
        bundles.starts[left] + one * scattered(2 * lines),
        bundles.ends[right] + other * scattered(2 * lines + 1),
    )


def words(spans: Sequence[tuple[Span, Bundles]]) -> tuple[str, ...]:
    """Return what is to be said of spans that are drawn in bundles, the fullest first; nothing if none is."""
    cut_up = [(span, bundles) for span, bundles in spans if bundles.size != (1, 1)]
    if not cut_up:
        return ()
    edges = grouped(sum(span.count for span, _ in cut_up))
    if len(cut_up) == 1:
        lines = " × ".join(map(str, cut_up[0][1].count))
    else:
        lines = grouped(sum(math.prod(bundles.count) for _, bundles in cut_up))
    more = "zoom in for single ones"
    return (
        f"{edges} edges as {lines} bundles, as strong as their root mean square, signed as their sum  ·  {more}",
        f"{edges} edges as {lines} bundles: root mean square, sign of the sum  ·  {more}",
        f"{edges} edges as {lines} bundles  ·  {more}",
        f"{edges} edges as {lines} bundles",
    )
