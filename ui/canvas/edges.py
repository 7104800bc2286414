"""Edges as vectors: curves coloured and widened by weight, the weak ones first.

How the edges of a span are drawn is one table, `EDGE_PAINTERS`, chosen by how many can be seen. Geometry is made once a
layout, and only for edges that are drawn; from frame to frame only the places in the colour ramp change.
"""

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from ui.canvas import colour
from ui.canvas.act import Floats
from ui.canvas.layout import Layout, Span
from ui.canvas.pens import EdgeStyle, Offsets

_MOST_PATHS = 20_000
_POINTED_WIDTH = 2.6
_SMALL = 160

Indices = NDArray[np.intp]


class Edge(NamedTuple):
    """One weight: from a neuron of layer `layer` to one of the next."""

    layer: int
    source: int
    target: int


class EdgeGeometry:
    """The curves of a layout, a `Curves` a span."""

    def __init__(self, layout: Layout) -> None:
        self.spans = tuple(Curves(span) for span in layout.spans)

    def touching(self, layer: int, unit: int) -> tuple[int, Indices]:
        """Return the edges that come into a neuron, or of an input those that leave it: their span, and which of it."""
        place, span = max(0, layer - 1), self.spans[max(0, layer - 1)].span
        column = span.left if layer == 0 else span.right
        at, others = column.place(unit), len(span.right.shown)
        if at is None:
            return place, np.empty(0, np.intp)
        return place, at * others + np.arange(others) if layer == 0 else np.arange(at, span.count, others)

    def one(self, edge: Edge) -> int | None:
        """Return which of its span an edge is, or None where it is folded away."""
        span = self.spans[edge.layer].span
        source, target = span.left.place(edge.source), span.right.place(edge.target)
        return None if source is None or target is None else source * len(span.right.shown) + target


class Curves:
    """The edges of a span as paths, each made when it is drawn first.

    Attributes
    ----------
    span
        Where they are.
    """

    def __init__(self, span: Span) -> None:
        self.span = span
        self._paths: dict[tuple[int, Offsets], QPainterPath] = {}
        self._x = span.x.tolist()

    def bundle(self, edge: int, offsets: Offsets = (0.0,)) -> QPainterPath:
        """Return parallels of an edge at some distances from it, as one path."""
        key = edge, offsets
        found = self._paths.get(key)
        if found is None:
            if len(self._paths) >= _MOST_PATHS:
                self._paths.clear()
            source, target = divmod(edge, len(self.span.right.shown))
            ends = float(self.span.left.y[source]), float(self.span.right.y[target])
            found = self._paths[key] = _bundle(self._x, *ends, offsets)
        return found

    def shares(self, numbers: Floats, clamp: float, edges: Indices | None = None) -> NDArray[np.float64]:
        """Return the numbers of some edges, or of all, over the end of their scale; what is none counts as zero."""
        span = self.span
        if edges is None:
            found = numbers[np.ix_(span.left.shown, span.right.shown)].ravel()
        else:
            sources, targets = np.divmod(edges, len(span.right.shown))
            found = numbers[span.left.shown[sources], span.right.shown[targets]]
        with np.errstate(all="ignore"):
            return np.nan_to_num(np.asarray(found, np.float64) / clamp, nan=0.0)


def strongest(shares: Floats, most: int) -> Indices:
    """Return where the largest |shares| are, the small ones first."""
    sizes = np.abs(shares)
    some = np.arange(len(sizes)) if len(sizes) <= most else np.argpartition(sizes, -most)[-most:]
    return some[np.argsort(sizes[some], kind="stable")]


def paint_curves(painter: QPainter, curves: Curves, edges: Indices, places: Indices, style: EdgeStyle) -> None:
    """Draw some hundred edges as wide curves with halos."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    path_of, strong, halo = curves.bundle, style.strong, style.halo
    set_pen, draw = painter.setPen, painter.drawPath
    last = -1
    for edge, place in zip(edges.tolist(), places.tolist(), strict=True):
        path, under = path_of(edge), halo[place]
        if under is not None:
            set_pen(under)
            draw(path)
            last = -1
        if place != last:
            set_pen(strong[place])
            last = place
        draw(path)


def paint_parallels(painter: QPainter, curves: Curves, edges: Indices, places: Indices, style: EdgeStyle) -> None:
    """Draw the same as `paint_curves` on a screen: wide lines as parallels of one pixel, three times as fast."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    bundle, core, rim = curves.bundle, style.core, style.rim
    set_pen, draw = painter.setPen, painter.drawPath
    for edge, place in zip(edges.tolist(), places.tolist(), strict=True):
        offsets = core[place]
        if offsets is None:
            under = style.halo[place]
            if under is not None:
                set_pen(under)
                draw(bundle(edge))
            set_pen(style.strong[place])
            draw(bundle(edge))
            continue
        around = rim[place]
        if around is not None:
            set_pen(style.thin_halo[place])
            draw(bundle(edge, around))
        set_pen(style.thin[place])
        draw(bundle(edge, offsets))


def paint_threads(painter: QPainter, curves: Curves, edges: Indices, places: Indices, style: EdgeStyle) -> None:
    """Draw some thousand edges as lines of one pixel, in 64 buckets of colour."""
    path_of, thin = curves.bundle, style.thin
    set_pen, draw = painter.setPen, painter.drawPath
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    buckets = places // 4 * 4 + 2
    order = np.lexsort((buckets > 127, np.abs(buckets - 127.5)))  # one change of pen a bucket
    last = -1
    for edge, place in zip(edges[order].tolist(), buckets[order].tolist(), strict=True):
        if place != last:
            set_pen(thin[place])
            last = place
        draw(path_of(edge))


Paint = Callable[[QPainter, Curves, Indices, Indices, EdgeStyle], None]


class EdgePainter(NamedTuple):
    """A row of the table: how up to `most` edges are drawn, on a screen and everywhere else (vectors, zoomed).

    The last row draws no vectors: `ui.canvas.raster_drawing` does.
    """

    name: str
    most: float
    on_screen: Paint | None = None
    anywhere: Paint | None = None


CURVES = EdgePainter("curves", 700, paint_parallels, paint_curves)
THREADS = EdgePainter("threads", 900, paint_threads, paint_threads)
RASTER = EdgePainter("raster", float("inf"))
EDGE_PAINTERS: tuple[EdgePainter, ...] = (CURVES, THREADS, RASTER)
"""From few edges to many."""


def edge_painters(counts: Sequence[int]) -> list[EdgePainter]:
    """Return the row that draws each span, of so many visible edges.

    All spans have the first row whose `most` is enough for all their edges. Beside a raster, small spans are curves
    while there are few of these: the window's own thread is to stay free.
    """
    row = next(row for row in EDGE_PAINTERS if sum(counts) <= row.most)
    found = [row] * len(counts)
    if row is RASTER:
        curves = 0
        for place in sorted(range(len(counts)), key=counts.__getitem__):
            curves += counts[place]
            if curves > _SMALL:
                break
            found[place] = CURVES
    return found


@dataclasses.dataclass(frozen=True, eq=False)
class Strokes:
    """Some edges of a span, and how they are drawn.

    Attributes
    ----------
    curves, numbers, clamp
        Along which curves, and what they show: (fan_in, fan_out) on a scale that ends at ±clamp.
    style
        Their pens.
    row
        Their painter.
    edges
        Which ones; None: all of the span.
    weakest
        Those with a smaller part of the end of the scale are hidden.
    """

    curves: Curves
    numbers: Floats
    clamp: float
    style: EdgeStyle
    row: EdgePainter
    edges: Indices | None = None
    weakest: float = 0.0


def paint_edges(painter: QPainter, strokes: Sequence[Strokes], *, on_screen: bool = False) -> None:
    """Draw edges, group after group, in each the weak ones first and the strong ones last.

    Parameters
    ----------
    painter
        Where.
    strokes
        What and how.
    on_screen
        Whether one unit of the painter is one logical pixel of a raster device.
    """
    painter.save()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for each in strokes:
        paint = each.row.on_screen if on_screen else each.row.anywhere
        assert paint is not None
        shares = each.curves.shares(each.numbers, each.clamp, each.edges)
        places = colour.places(shares, 1.0)
        order = np.argsort(np.abs(places - 127.5), kind="stable")
        if each.weakest > 0.0:
            order = order[np.abs(shares[order]) >= each.weakest]
        edges = order if each.edges is None else each.edges[order]
        paint(painter, each.curves, edges, places[order], each.style)
    painter.restore()


def paint_lines(
    painter: QPainter, span: Span, starts: Floats, ends: Floats, places: Indices, pens: Sequence[QPen]
) -> None:
    """Draw curves between heights of the page that need not be those of neurons, in the order in which they come."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    x, last = span.x.tolist(), -1
    for start, end, place in zip(starts.tolist(), ends.tolist(), places.tolist(), strict=True):
        if place != last:
            painter.setPen(pens[place])
            last = place
        painter.drawPath(_bundle(x, start, end, (0.0,)))


def paint_alone(painter: QPainter, path: QPainterPath, style: EdgeStyle, place: int) -> None:
    """Draw the one edge that is meant in its sign's full colour, so that it is seen however weak it is."""
    wide = QPen(style.strong[place])
    wide.setColor(style.strong[0 if place < 128 else 255].color())
    wide.setWidthF(max(wide.widthF(), _POINTED_WIDTH))
    painter.setPen(wide)
    painter.drawPath(path)


def _bundle(x: Sequence[float], start: float, end: float, offsets: Offsets) -> QPainterPath:
    """Return a curve's parallels as one path.

    Ends move up and down, where the curve is level; the control points also move sideways by 4/3·d·tan(θ/2), θ being
    the slope in the middle, so that the middle lies at the distance d too. A straight edge moves up and down alone.
    """
    x0, x1, x2, x3 = x
    half = math.tan(0.5 * math.atan2(2.0 * (end - start), x3 - x0)) * 4.0 / 3.0
    path = QPainterPath()
    if x1 <= x0:
        steep = math.hypot(1.0, (end - start) / max(1e-9, x3 - x0))
        for offset in offsets:
            path.moveTo(x0, start + steep * offset)
            path.lineTo(x3, end + steep * offset)
        return path
    for offset in offsets:
        aside = half * offset
        path.moveTo(x0, start + offset)
        path.cubicTo(x1 - aside, start + offset, x2 - aside, end + offset, x3, end + offset)
    return path
