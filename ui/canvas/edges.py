"""Edges as vectors: curves coloured and widened by weight, the weak ones first.

Which painter draws how many edges is one table, `EDGE_PAINTERS`. Geometry is made once a layout; from frame to frame
only the places in the colour ramp change.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from ui.canvas import colour
from ui.canvas.layout import Layout
from ui.canvas.pens import EdgeStyle, Offsets
from ui.canvas.picture import Picture

_MOST_BUNDLES = 20_000
_POINTED_WIDTH = 2.6


class Edge(NamedTuple):
    """One weight: from a neuron of layer `layer` to one of the next."""

    layer: int
    source: int
    target: int


class EdgeGeometry:
    """The curves of a layout, in the order of its spans.

    Attributes
    ----------
    paths
        One curve an edge.
    layer, source, target
        (edges,) which weight each curve shows.
    """

    def __init__(self, layout: Layout) -> None:
        self._curves = [
            (*span.x.tolist(), start, end)
            for span in layout.spans
            for start, end in zip(span.start.tolist(), span.end.tolist(), strict=True)
        ]
        self.paths = [_bundle(curve, (0.0,)) for curve in self._curves]
        self._bundles: dict[tuple[int, Offsets], QPainterPath] = {}
        counts = [len(span.rows) for span in layout.spans]
        self.layer = np.repeat(np.arange(len(counts)), counts)
        self.source = np.concatenate([span.rows for span in layout.spans])
        self.target = np.concatenate([span.columns for span in layout.spans])
        self._spans = layout.spans

    def bundle(self, edge: int, offsets: Offsets) -> QPainterPath:
        """Return parallels of a curve at some distances from it, as one path."""
        key = edge, offsets
        if key not in self._bundles:
            if len(self._bundles) >= _MOST_BUNDLES:
                self._bundles.clear()
            self._bundles[key] = _bundle(self._curves[edge], offsets)
        return self._bundles[key]

    def places(self, picture: Picture) -> NDArray[np.intp]:
        """Return every edge's place in the colour ramp, (edges,)."""
        numbers, scales = zip(*(picture.edge_numbers(layer) for layer in range(len(self._spans))), strict=True)
        values = [np.asarray(each)[span.rows, span.columns] for each, span in zip(numbers, self._spans, strict=True)]
        clamps = [scale.clamp for scale in scales]
        clamp = clamps[0] if len(set(clamps)) == 1 else np.repeat(clamps, [len(each) for each in values])
        return colour.places(np.concatenate(values), clamp)

    def touching(self, layer: int, unit: int) -> NDArray[np.bool_]:
        """Return which edges come into or leave a neuron, (edges,); of an input, those that leave it."""
        coming = (self.layer == layer - 1) & (self.target == unit)
        return coming if layer > 0 else (self.layer == 0) & (self.source == unit)

    def one(self, edge: Edge) -> NDArray[np.bool_]:
        """Return a mask of one edge, (edges,)."""
        return (self.layer == edge.layer) & (self.source == edge.source) & (self.target == edge.target)


def paint_curves(
    painter: QPainter, geometry: EdgeGeometry, places: NDArray[np.intp], style: EdgeStyle, chosen: NDArray[np.intp]
) -> None:
    """Draw some hundred edges as wide curves with halos."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    paths, strong, halo = geometry.paths, style.strong, style.halo
    set_pen, draw = painter.setPen, painter.drawPath
    last = -1
    for edge, place in zip(chosen.tolist(), places[chosen].tolist(), strict=True):
        path, under = paths[edge], halo[place]
        if under is not None:
            set_pen(under)
            draw(path)
            last = -1
        if place != last:
            set_pen(strong[place])
            last = place
        draw(path)


def paint_parallels(
    painter: QPainter, geometry: EdgeGeometry, places: NDArray[np.intp], style: EdgeStyle, chosen: NDArray[np.intp]
) -> None:
    """Draw the same as `paint_curves` on a screen: wide lines as parallels of one pixel, three times as fast."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    bundle, core, rim = geometry.bundle, style.core, style.rim
    set_pen, draw = painter.setPen, painter.drawPath
    for edge, place in zip(chosen.tolist(), places[chosen].tolist(), strict=True):
        offsets = core[place]
        if offsets is None:
            under = style.halo[place]
            if under is not None:
                set_pen(under)
                draw(geometry.paths[edge])
            set_pen(style.strong[place])
            draw(geometry.paths[edge])
            continue
        around = rim[place]
        if around is not None:
            set_pen(style.thin_halo[place])
            draw(bundle(edge, around))
        set_pen(style.thin[place])
        draw(bundle(edge, offsets))


def paint_threads(
    painter: QPainter, geometry: EdgeGeometry, places: NDArray[np.intp], style: EdgeStyle, chosen: NDArray[np.intp]
) -> None:
    """Draw some thousand edges as lines of one pixel, in 64 buckets of colour."""
    paths, thin = geometry.paths, style.thin
    set_pen, draw = painter.setPen, painter.drawPath
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    buckets = places[chosen] // 4 * 4 + 2
    order = np.lexsort((buckets > 127, np.abs(buckets - 127.5)))  # one change of pen a bucket
    last = -1
    for edge, place in zip(chosen[order].tolist(), buckets[order].tolist(), strict=True):
        if place != last:
            set_pen(thin[place])
            last = place
        draw(paths[edge])


class Strokes(NamedTuple):
    """Some edges and how they are drawn.

    Attributes
    ----------
    style
        Their pens.
    of
        (edges,) which ones; None: all.
    curves
        Whether they are few and drawn as curves however many there are in all.
    """

    style: EdgeStyle
    of: NDArray[np.bool_] | None = None
    curves: bool = False


Paint = Callable[[QPainter, EdgeGeometry, NDArray[np.intp], EdgeStyle, NDArray[np.intp]], None]


class EdgePainter(NamedTuple):
    """A row of the table: how up to `most` edges are drawn, on a screen and everywhere else (vectors, zoomed)."""

    name: str
    most: float
    on_screen: Paint
    anywhere: Paint


EDGE_PAINTERS: tuple[EdgePainter, ...] = (
    EdgePainter("curves", 700, paint_parallels, paint_curves),
    EdgePainter("threads", float("inf"), paint_threads, paint_threads),
)
"""From few edges to many; the first row whose `most` is enough is taken."""


def edge_painter(count: int) -> EdgePainter:
    """Return the row that draws this many edges."""
    return next(row for row in EDGE_PAINTERS if count <= row.most)


def paint_edges(
    painter: QPainter,
    geometry: EdgeGeometry,
    picture: Picture,
    strokes: Sequence[Strokes],
    *,
    on_screen: bool = False,
) -> None:
    """Draw all edges, group after group, in each the weak ones first and the strong ones last.

    Parameters
    ----------
    painter, geometry, picture
        Where, along which curves, which numbers.
    strokes
        How; what steps back comes first.
    on_screen
        Whether one unit of the painter is one logical pixel of a raster device.
    """
    places = geometry.places(picture)
    order = np.argsort(np.abs(places - 127.5), kind="stable")
    row = edge_painter(len(order))
    painter.save()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for style, of, curves in strokes:
        some = order if of is None else order[of[order]]
        if curves:
            (paint_parallels if on_screen else paint_curves)(painter, geometry, places, style, some)
            if len(some) == 1:
                paint_alone(painter, geometry.paths[int(some[0])], style, int(places[some[0]]))
        else:
            (row.on_screen if on_screen else row.anywhere)(painter, geometry, places, style, some)
    painter.restore()


def paint_alone(painter: QPainter, path: QPainterPath, style: EdgeStyle, place: int) -> None:
    """Draw the one edge that is meant in its sign's full colour, so that it is seen however weak it is."""
    wide = QPen(style.strong[place])
    wide.setColor(style.strong[0 if place < 128 else 255].color())
    wide.setWidthF(max(wide.widthF(), _POINTED_WIDTH))
    painter.setPen(wide)
    painter.drawPath(path)


def _bundle(curve: tuple[float, ...], offsets: Offsets) -> QPainterPath:
    """Return a curve's parallels as one path.

    Ends move up and down, where the curve is level; the control points also move sideways by 4/3·d·tan(θ/2), θ being
    the slope in the middle, so that the middle lies at the distance d too.
    """
    x0, x1, x2, x3, start, end = curve
    half = math.tan(0.5 * math.atan2(2.0 * (end - start), x3 - x0)) * 4.0 / 3.0
    path = QPainterPath()
    for offset in offsets:
        aside = half * offset
        path.moveTo(x0, start + offset)
        path.cubicTo(x1 - aside, start + offset, x2 - aside, end + offset, x3, end + offset)
    return path
