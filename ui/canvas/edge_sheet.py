"""The edges of a scene: which painter draws which span, what steps back, and what is drawn over the others."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPen, QTransform

from simulator.errors import DeviceError
from ui.canvas import bundles, colour, edges, flow, pens, raster_drawing, raster_frames
from ui.canvas.bundles import Lens
from ui.canvas.crossing import crossing
from ui.canvas.edge_layers import EdgeLayers
from ui.canvas.edges import Edge, EdgePainter, Indices, Strokes
from ui.canvas.pens import EdgeStyle
from ui.canvas.picture import grouped
from ui.canvas.raster_drawing import Drawing, Lines, Part
from ui.canvas.raster_frames import Frame, RasterFrames
from ui.canvas.sheet import Sheet
from ui.theme import Theme

_FADE = 0.72
_MEANT = 200
_STRONGEST = 900
_MOST_STYLES = 48
_DASH = 9.0


class EdgeSheet:
    """Draws edges; keeps pens and pictures from frame to frame.

    Attributes
    ----------
    frames
        Where pictures of large networks are drawn beside the window; None: they are drawn while one waits.
    """

    def __init__(self) -> None:
        self.frames: RasterFrames | None = None
        self._theme: Theme | None = None
        self._ramps: dict[str, colour.Ramp] = {}
        self._styles: dict[object, EdgeStyle] = {}
        self._lines: dict[object, Lines] = {}
        self._layers = EdgeLayers()
        self._rows: tuple[object, list[EdgePainter], list[Indices | None]] | None = None
        self._still: Frame | None = None

    def recolour(self, theme: Theme, ramps: dict[str, colour.Ramp]) -> None:
        """Take the colours of a theme; `ramps` are those of the neurons, by their names."""
        self._theme, self._ramps = theme, ramps
        self._styles.clear()
        self._lines.clear()

    # -- what is drawn how --------------------------------------------------------------------------------------------

    def rows(self, sheet: Sheet) -> tuple[list[EdgePainter], list[Indices | None]]:
        """Return the painter of every span, and which of its edges are seen; None: all."""
        key = (sheet.geometry, sheet.camera)
        if self._rows is None or self._rows[0] != key:
            found = [crossing(curves.span, sheet.window) for curves in sheet.geometry.spans]
            rows = edges.edge_painters([each.count for each in found])
            seen = [
                None if row is edges.RASTER or each.count == curves.span.count else each.edges
                for row, each, curves in zip(rows, found, sheet.geometry.spans, strict=True)
            ]
            self._rows = key, rows, seen
        return self._rows[1], self._rows[2]

    def drawing(self, sheet: Sheet, scale: float) -> tuple[Drawing, list[int]] | None:
        """Return what is to be drawn as pixels, `scale` of them to a logical one, and which spans; None: nothing."""
        rows, _ = self.rows(sheet)
        layers = [layer for layer, row in enumerate(rows) if row is edges.RASTER]
        if not layers:
            return None
        strip, (zoom, x, y) = sheet.strip, sheet.camera
        left, top = math.floor(strip.left() * scale), math.floor(strip.top() * scale)
        right, bottom = math.ceil(strip.right() * scale), math.ceil(strip.bottom() * scale)
        lens = Lens(zoom, x, y, scale, left, top, right - left, bottom - top, sheet.page.upright)
        parts: list[Part] = []
        for layer in layers:
            numbers, shown = sheet.picture.edge_numbers(layer)
            parts.append(
                Part(sheet.geometry.spans[layer].span, numbers, shown.clamp, self._lines_of(sheet, shown.ramp, scale))
            )
        return Drawing(lens, tuple(parts)), layers

    def prepare(self, sheet: Sheet, scale: float) -> bool:
        """Begin to draw what takes long, and return whether a frame would be complete now."""
        wanted = self.drawing(sheet, scale)
        return wanted is None or self.frames is None or self.frames.want(wanted[0]) or not self.frames.busy

    def summary(self, sheet: Sheet) -> tuple[str, ...]:
        """Return what is to be said of edges that are not drawn one by one, the fullest first; nothing if all are."""
        wanted = self.drawing(sheet, 1.0)
        if wanted is None:
            return ()
        pairs = [(part.span, wanted[0].bundles(part)) for part in wanted[0].parts]
        found = bundles.words([(span, each) for span, each in pairs if each is not None])
        if self.frames is None or raster_drawing.ready():
            return found
        return tuple(f"{text}  ·  the {grouped(_STRONGEST)} strongest until all can be drawn" for text in found)

    # -- painting -----------------------------------------------------------------------------------------------------

    def paint(
        self, painter: QPainter, sheet: Sheet, meant: tuple[int, Indices] | None, base: QTransform,
        enter: Callable[[QPainter], None], *, vector: bool,
    ) -> None:  # fmt: skip
        """Draw all edges; on a screen, those that did not change are copied.

        Parameters
        ----------
        painter
            Looks through the camera.
        sheet
            What.
        meant
            A span and some of its edges that are drawn over the others, which step back.
        base
            The painter's transform before the camera.
        enter
            Makes another painter look through the camera, in the layout's own directions.
        vector
            Whether the device is no raster.
        """
        picture, now = sheet.picture, sheet.picture.now
        ratio, seen = painter.device().devicePixelRatioF(), painter.worldTransform()
        plain = (seen.m11(), seen.m12(), seen.m21(), seen.m22()) in {(1.0, 0.0, 0.0, 1.0), (0.0, 1.0, 1.0, 0.0)}
        calm = 0.0 if now.flow is None else flow.calm(now.flow.share)
        fades = [
            _FADE if meant is not None and len(meant[1]) else _FADE if layer < picture.first_told else calm
            for layer in range(len(sheet.geometry.spans))
        ]
        self._paint_raster(painter, sheet, fades, base, vector=vector)
        rows, some = self.rows(sheet)
        ground = [
            self._strokes(sheet, layer, row, some[layer], fades[layer], ratio)
            for layer, row in enumerate(rows)
            if row is not edges.RASTER
        ]
        if ground and (vector or picture.first_told):
            edges.paint_edges(painter, ground, on_screen=plain and not vector)
        elif ground:
            # What is meant steps forward again when the pointer goes: the copy shows them all alike.
            def draw(on: QPainter) -> None:
                on.save()
                if on is not painter:
                    enter(on)
                edges.paint_edges(on, ground, on_screen=plain)
                on.restore()

            key = (sheet.geometry, sheet.camera, ratio, plain, sheet.look, tuple(id(each.style) for each in ground))
            known = [sheet.geometry, *(each.style for each in ground), *(each.numbers for each in ground)]
            scales = tuple(each.clamp for each in ground)
            self._layers.paint(painter, sheet.strip, (key, scales), known, draw, base)
        if meant is not None and len(meant[1]):
            over = self._strokes(sheet, meant[0], edges.CURVES, meant[1], 0.0, ratio)
            edges.paint_edges(painter, [over], on_screen=plain and not vector)

    def paint_alone(self, painter: QPainter, sheet: Sheet, edge: Edge) -> None:
        """Draw one edge in its sign's full colour; nothing where it is folded away."""
        found = sheet.geometry.one(edge)
        if found is None:
            return
        each = self._strokes(
            sheet, edge.layer, edges.CURVES, np.array([found]), 0.0, painter.device().devicePixelRatioF()
        )
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        place = int(colour.places(each.curves.shares(each.numbers, each.clamp, each.edges), 1.0)[0])
        edges.paint_alone(painter, each.curves.bundle(found), each.style, place)
        painter.restore()

    def meant(self, sheet: Sheet, layer: int, unit: int) -> tuple[int, Indices]:
        """Return the edges of a neuron that are drawn over the others: the strongest that are not hidden."""
        span, touching = sheet.geometry.touching(layer, unit)
        return span, touching[self._strong(sheet, span, touching, _MEANT)]

    def _strong(self, sheet: Sheet, layer: int, some: Indices | None, most: int) -> Indices:
        """Return where the strongest of some edges of a span are among them."""
        numbers, scale = sheet.picture.edge_numbers(layer)
        shares = sheet.geometry.spans[layer].shares(numbers, scale.clamp, some)
        found = edges.strongest(shares, most)
        return found[np.abs(shares[found]) >= sheet.look.weakest]

    def _paint_raster(
        self, painter: QPainter, sheet: Sheet, fades: list[float], base: QTransform, *, vector: bool
    ) -> None:
        """Draw spans with very many edges as pixels, as far as they are there; as vectors where they cannot be."""
        scale = 1.0 if vector else round(painter.device().devicePixelRatioF() * base.m11(), 6)
        wanted = self.drawing(sheet, scale)
        if wanted is None:
            return
        drawing, layers = wanted
        frame = None if vector else self._frame(drawing)
        if frame is not None and drawing.fits(frame.drawing):
            painter.save()
            painter.setTransform(base)
            frame.paint(painter, drawing, {at: 1.0 - fades[layer] for at, layer in enumerate(layers) if fades[layer]})
            painter.restore()
        elif vector or not raster_drawing.ready():
            for part, layer in zip(drawing.parts, layers, strict=True):
                ramp = sheet.picture.edge_numbers(layer)[1].ramp
                style = self._style(sheet, ramp, fades[layer], painter.device().devicePixelRatioF())
                some = None if vector else _STRONGEST // len(layers)
                _paint_bundles(painter, drawing, part, style.strong if vector else style.thin, some)

    def _frame(self, drawing: Drawing) -> Frame | None:
        """Return the newest picture; where one may wait, the one that is wanted."""
        if self.frames is not None:
            self.frames.want(drawing)
            return self.frames.shown
        if self._still is None or not drawing.same(self._still.drawing):
            try:
                self._still = raster_frames.made(drawing)
            except DeviceError:
                return None
        return self._still

    # -- pens ---------------------------------------------------------------------------------------------------------

    def _strokes(
        self, sheet: Sheet, layer: int, row: EdgePainter, some: Indices | None, fade: float, ratio: float
    ) -> Strokes:
        numbers, scale = sheet.picture.edge_numbers(layer)
        style = self._style(sheet, scale.ramp, fade, ratio)
        return Strokes(sheet.geometry.spans[layer], numbers, scale.clamp, style, row, some, sheet.look.weakest)

    def _style(self, sheet: Sheet, ramp: str, fade: float, ratio: float) -> EdgeStyle:
        key = (sheet.thickness, sheet.crowded, ratio, fade, sheet.look.dashed, sheet.look.widths, ramp)
        if key not in self._styles:
            assert self._theme is not None
            if len(self._styles) >= _MOST_STYLES:
                self._styles.clear()
            self._styles[key] = pens.edge_style(
                self._theme, self._ramps[ramp], sheet.thickness, ratio,
                dashed=sheet.look.dashed, fade=fade, widths=sheet.look.widths, as_seen=sheet.crowded,
            )  # fmt: skip
        return self._styles[key]

    def _lines_of(self, sheet: Sheet, ramp: str, scale: float) -> Lines:
        key = (sheet.thickness, scale, sheet.look.dashed, sheet.look.widths, sheet.look.weakest, ramp)
        if key not in self._lines:
            assert self._theme is not None
            if len(self._lines) >= _MOST_STYLES:
                self._lines.clear()
            widths = pens.width_of(colour.magnitudes(), sheet.thickness)
            self._lines[key] = Lines(
                pens.opaque(pens.edge_colours(self._theme, self._ramps[ramp])),
                (scale * (widths if sheet.look.widths else np.ones(colour.LEVELS))).astype(np.float32),
                sheet.look.weakest,
                scale * _DASH if sheet.look.dashed else 0.0,
            )
        return self._lines[key]


def _paint_bundles(painter: QPainter, drawing: Drawing, part: Part, of_place: Sequence[QPen], most: int | None) -> None:
    """Draw a span's bundles as vectors, the weak ones first: all, or only the strongest."""
    found = drawing.bundles(part)
    if found is None:
        return
    values = bundles.strengths(raster_drawing.shares(part), found, part.lines.weakest).ravel()
    lines = np.flatnonzero(~np.isnan(values))
    lines = lines[edges.strongest(values[lines], len(lines) if most is None else most)]
    starts, ends = (drawing.lens.y_of(each) for each in bundles.line_ends(found, lines))
    painter.save()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    edges.paint_lines(painter, part.span, starts, ends, colour.places(values[lines], 1.0), of_place)
    painter.restore()
