"""The whole picture, drawn by one function for the screen, PNG, SVG and PDF."""

import dataclasses
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QTransform

from ui.canvas import (
    cells,
    colour,
    counts,
    edge_numbers,
    edges,
    flow,
    frame,
    gauge,
    nodes,
    outcome,
    overlay,
    pens,
    plate,
)
from ui.canvas.act import GRADIENT, VALUE
from ui.canvas.device import is_vector
from ui.canvas.edge_layers import EdgeLayers
from ui.canvas.edges import Edge, EdgeGeometry, Strokes
from ui.canvas.forms import Form
from ui.canvas.input_labels import paint_input_labels
from ui.canvas.layout import Rect
from ui.canvas.look import Look
from ui.canvas.page import Page, divide
from ui.canvas.pens import EdgeStyle
from ui.canvas.picture import Picture
from ui.theme import Theme

_FADE = 0.72
_NORMAL_RADIUS = 20.0
_FEW_EDGES = 130.0
_RADIUS_OF_CELLS = 6.0
_TURNED = QTransform(0.0, 1.0, 1.0, 0.0, 0.0, 0.0)
"""Swaps x and y: the layout of layers that run from top to bottom is turned."""


class Neuron(NamedTuple):
    """One neuron: layer 0 holds the inputs."""

    layer: int
    unit: int


Target = Neuron | Edge
"""What a pointer can be on."""


@dataclasses.dataclass(frozen=True)
class Camera:
    """Which part of the network is seen: a point p of the page is drawn at zoom·p + (x, y)."""

    zoom: float = 1.0
    x: float = 0.0
    y: float = 0.0

    @property
    def transform(self) -> QTransform:
        """The same as a Qt transform."""
        return QTransform(self.zoom, 0.0, 0.0, self.zoom, self.x, self.y)

    def seen(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the page is on the screen."""
        return self.zoom * x + self.x, self.zoom * y + self.y

    def page(self, x: float, y: float) -> tuple[float, float]:
        """Return which point of the page is at a place of the screen."""
        return (x - self.x) / self.zoom, (y - self.y) / self.zoom


class Scene:
    """A picture, a theme and the geometry that is kept while they change."""

    def __init__(self, theme: Theme) -> None:
        self.look = Look()
        self.camera = Camera()
        self.buttons = True
        self.corner = 0.0
        self.forms: tuple[Form, ...] = ()
        self._picture: Picture | None = None
        self._pages: dict[object, tuple[Page, EdgeGeometry]] = {}
        self._styles: dict[object, EdgeStyle] = {}
        self._layers = EdgeLayers()
        self.theme = theme

    @property
    def theme(self) -> Theme:
        """The colours."""
        return self._theme

    @theme.setter
    def theme(self, theme: Theme) -> None:
        self._theme = theme
        ramps = {name: nodes.node_ramp(theme, name) for name in (VALUE, GRADIENT)}
        self._nodes = {name: nodes.node_style(theme, ramp) for name, ramp in ramps.items()}
        background = colour.mix(colour.rgb(theme.canvas_top), colour.rgb(theme.canvas_bottom), 0.5)
        self._edge_colours = {name: colour.edge_ramp(ramp, background) for name, ramp in ramps.items()}
        self._styles.clear()

    @property
    def picture(self) -> Picture | None:
        """What is drawn."""
        return self._picture

    @picture.setter
    def picture(self, picture: Picture | None) -> None:
        self._picture = picture

    def page(self, rect: Rect, base: float) -> tuple[Page, EdgeGeometry]:
        """Return the division of a rectangle, made once for each shape of picture, rectangle and font."""
        picture = self._picture
        if picture is None:
            raise ValueError("a scene without a picture has no page")
        forms = self.forms if len(self.forms) == len(picture.sizes) else ()
        key = (_shape(picture), rect, base, self.buttons, forms, self.look.upright, self.corner)
        if key not in self._pages:
            if len(self._pages) > 8:
                self._pages.clear()
            page = divide(
                picture, rect, base, buttons=self.buttons, forms=forms, upright=self.look.upright, corner=self.corner
            )
            self._pages[key] = page, EdgeGeometry(page.layout)
        return self._pages[key]

    def paint(self, painter: QPainter, rect: QRectF, base: float = 13.0) -> None:
        """Draw everything into a rectangle; a vector device gets vectors.

        Parameters
        ----------
        painter
            On any paint device.
        rect
            In the painter's logical pixels.
        base
            Height of the font in pixels.
        """
        if self._picture is None:
            painter.fillRect(rect, self._theme.color("canvas_top"))
            return
        page, _ = self.page(_plain(rect), base)
        self.paint_still(painter, page)
        self.paint_live(painter, page, None, sprites=not is_vector(painter))

    def paint_still(self, painter: QPainter, page: Page) -> None:
        """Draw what does not change from epoch to epoch."""
        picture = self._shown()
        painter.save()
        frame.paint_background(painter, page, self._theme)
        frame.paint_captions(painter, page, picture, self._theme, self.lines(page))
        frame.paint_ends(painter, page, picture, self._theme, self.lines(page))
        edge, node = picture.scales
        nodes_ramp, edge_colours = self._nodes[node.ramp].ramp, self._edge_colours[edge.ramp]
        frame.paint_legend(painter, page, picture, self._theme, nodes_ramp, edge_colours)
        self._enter(painter, page)
        paint_input_labels(painter, page, picture, self._theme)
        painter.restore()

    def paint_live(self, painter: QPainter, page: Page, lit: Target | None, *, sprites: bool) -> None:
        """Draw what changes with every frame.

        Parameters
        ----------
        painter, page
            Where.
        lit
            The neuron or edge to which the others step back.
        sprites
            Whether glows may be small images.
        """
        picture = self._shown()
        painter.save()
        frame.paint_header(painter, page, picture, self._theme)
        base = painter.worldTransform()
        self._enter(painter, page)
        painter.save()
        _turn(painter, page)
        self._paint_edges(painter, page, lit, base)
        painter.restore()
        node_style, now = self._nodes[picture.scales[1].ramp], picture.now
        if now.flow is not None:
            ramp = self._nodes[GRADIENT if now.flow.backward else VALUE].ramp
            painter.save()
            painter.setTransform(base)  # dots are copied where they are seen: drawn larger they would take too long
            copied = base.m11() == base.m22() == 1.0 and not is_vector(painter)
            lens = (self.camera.zoom, self.camera.x, self.camera.y)
            flow.paint_flow(painter, page, now.flow, ramp, self._theme, lens, sprites=copied, dashed=self.look.dashed)
            painter.restore()
        nodes.paint_nodes(
            painter, page, picture, node_style, self._theme,
            sprites=sprites, numbers=self.look.node_numbers, zoom=self.camera.zoom,
        )  # fmt: skip
        for each in now.fillings:
            gauge.paint_gauge(painter, page, picture, each, node_style, self._theme)
        if now.lit is not None:
            overlay.paint_halo(painter, page, now.lit, self._theme)
        counts.paint_counts(painter, page, picture, self._theme)
        if self.look.edge_numbers and now.flow is None:
            painter.save()
            painter.setTransform(base)  # letters have the size of the screen
            sight = edge_numbers.Sight(self.camera.zoom, self.camera.x, self.camera.y, _meant(lit), self.look.curved)
            edge_numbers.paint_edge_numbers(painter, page, picture, sight, self.look.weakest, self._theme)
            painter.restore()
        table = None if now.loss is None else plate.plan(page, picture, now.loss)
        outcome.paint_outcome(painter, page, picture, self._theme, hidden=0.0 if table is None else table.covering)
        painter.restore()
        if table is not None:
            painter.save()
            if self.camera != Camera():
                self._enter(painter, page)
            plate.paint_plate(painter, table, self._theme)
            painter.restore()
        if now.fillings:
            gauge.paint_sum(painter, page, picture, self.camera.transform, self._theme)

    def paint_edge(self, painter: QPainter, page: Page, edge: Edge) -> None:
        """Draw one edge in its sign's full colour over everything else; nothing where it is folded away."""
        picture, (_, geometry) = self._shown(), self.page(page.rect, 13.0 * page.scale)
        found = np.flatnonzero(geometry.one(edge))
        if not len(found):
            return
        ramp = picture.edge_numbers(edge.layer)[1].ramp
        style = self._style(self._thickness(page), painter.device().devicePixelRatioF(), 0.0, ramp)
        painter.save()
        self._enter(painter, page)
        _turn(painter, page)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        place = int(found[0])
        edges.paint_alone(painter, geometry.paths[place], style, int(geometry.places(picture)[place]))
        painter.restore()

    def seen(self, page: Page, layer: int, unit: int) -> QPointF | None:
        """Return where a neuron's centre is seen, or None when it is folded away or not there."""
        if not 0 <= layer < len(page.layout.columns):
            return None
        column = page.layout.columns[layer]
        place = column.place(unit)
        return None if place is None else QPointF(*self.camera.seen(*page.at(*column.centre(place))))

    def lines(self, page: Page) -> list[float]:
        """Return where the middle lines of the layers are seen: their x, of upright ones their y."""
        camera = self.camera
        shift = camera.y if page.upright else camera.x
        return [camera.zoom * column.x + shift for column in page.layout.columns]

    def size(self, page: Page, layer: int) -> tuple[float, float, bool]:
        """Return half the width and half the height of a layer's neurons as seen, and whether they are discs."""
        column, zoom = page.layout.columns[layer], self.camera.zoom
        if not column.celled:
            return zoom * column.radius, zoom * column.radius, True
        (left, top), (right, low) = (
            self.camera.page(*corner)
            for corner in ((page.network.x, page.network.y), (page.rect.x + page.rect.width, page.footer.y))
        )
        if cells.are_discs(page, column, zoom, QRectF(left, top, right - left, low - top)):
            radius = nodes.RADIUS_OF_CELL * column.pitch * zoom
            return radius, radius, True
        wide, high = page.at(*column.cell)
        return zoom * wide, zoom * high, False

    def _shown(self) -> Picture:
        if self._picture is None:
            raise ValueError("a scene without a picture cannot be drawn")
        return self._picture

    def _enter(self, painter: QPainter, page: Page) -> None:
        """Confine the painter to the network's strip and look through the camera."""
        if self.camera != Camera():
            painter.setClipRect(QRectF(*page.network))
            painter.setTransform(self.camera.transform, combine=True)
        elif not is_vector(painter):
            painter.setClipRect(QRectF(*page.network).adjusted(0, -8, 0, 8))

    def _paint_edges(self, painter: QPainter, page: Page, lit: Target | None, base: QTransform) -> None:
        """Draw the edges; on a screen, those that did not change are copied, and what is meant is drawn over them."""
        picture, (_, geometry) = self._shown(), self.page(page.rect, 13.0 * page.scale)
        ratio, vector = painter.device().devicePixelRatioF(), is_vector(painter)
        seen = painter.worldTransform()
        plain = seen.m11() == seen.m22() == 1.0 and not seen.isRotating()
        strokes = self._strokes(page, geometry, picture, lit, ratio)
        if vector or picture.first_told:
            edges.paint_edges(painter, geometry, picture, strokes, on_screen=plain and not vector)
            return
        meant = [each for each in strokes if each.curves]
        ground = next(each.style for each in reversed(strokes) if not each.curves)
        numbers = [picture.edge_numbers(layer) for layer in range(len(picture.weights))]

        def draw(on: QPainter) -> None:
            on.save()
            if on is not painter:
                self._enter(on, page)
                _turn(on, page)
            edges.paint_edges(on, geometry, picture, [Strokes(ground)], on_screen=plain)
            on.restore()

        key = (id(geometry), self.camera, ratio, id(ground), plain, numbers[0][1])
        area = QRectF(*page.network).adjusted(0, -8, 0, 8)
        self._layers.paint(painter, area, key, [geometry, ground, *(array for array, _ in numbers)], draw, base)
        if meant:
            edges.paint_edges(painter, geometry, picture, meant, on_screen=plain)

    def _strokes(
        self, page: Page, geometry: EdgeGeometry, picture: Picture, lit: Target | None, ratio: float
    ) -> list[Strokes]:
        """Return how the edges are drawn: what is not meant steps back, and an act may show two scales at once."""
        thick, now = self._thickness(page), picture.now
        ramp, told = picture.scales[0].ramp, picture.first_told
        calm = 0.0 if now.flow is None else flow.calm(now.flow.share)
        meant: NDArray[np.bool_] | None = None
        if lit is not None:
            meant = geometry.one(lit) if isinstance(lit, Edge) else geometry.touching(lit.layer, lit.unit)
        if told == 0 and meant is None:
            return [Strokes(self._style(thick, ratio, calm, ramp))]
        rest = np.ones(len(geometry.layer), np.bool_) if meant is None else ~meant
        weights = geometry.layer < told
        found = [
            Strokes(self._style(thick, ratio, _FADE, picture.edge_scale.ramp), rest & weights),
            Strokes(self._style(thick, ratio, calm if meant is None else _FADE, ramp), rest & ~weights),
        ]
        if meant is not None:
            of = picture.edge_scale.ramp if (weights & meant).any() else ramp
            found.append(Strokes(self._style(thick, ratio, 0.0, of), meant, curves=True))
        return found

    def _thickness(self, page: Page) -> float:
        """Return how wide edges are: less between small neurons and where many edges cross."""
        radius = min(_RADIUS_OF_CELLS if column.celled else column.radius for column in page.layout.columns)
        crowd = min(1.0, (_FEW_EDGES / max(1, page.layout.edge_count)) ** 0.5)
        return round(min(1.5, max(0.3, crowd * min(1.0, radius / _NORMAL_RADIUS) ** 0.5 * max(1.0, radius / 25.0))), 2)

    def _style(self, thickness: float, ratio: float, fade: float, ramp: str) -> EdgeStyle:
        key = (thickness, ratio, fade, self.look.dashed, ramp)
        if key not in self._styles:
            self._styles[key] = pens.edge_style(
                self._theme, self._nodes[ramp].ramp, thickness, ratio, dashed=self.look.dashed, fade=fade
            )
        return self._styles[key]


def _meant(lit: Target | None) -> tuple[int, int, int] | None:
    """Return whose edges alone have numbers: those of a neuron, or one edge."""
    if lit is None:
        return None
    return (lit.layer, lit.unit, -1) if isinstance(lit, Neuron) else (lit.layer, lit.source, lit.target)


def _turn(painter: QPainter, page: Page) -> None:
    """Let a painter draw what is measured in the layout's own directions."""
    if page.upright:
        painter.setTransform(_TURNED, combine=True)


def _plain(rect: QRectF) -> Rect:
    return Rect(rect.x(), rect.y(), rect.width(), rect.height())


def _shape(picture: Picture) -> tuple[object, ...]:
    """Return what the division depends on; numbers that change while training are not among it."""
    header = bool(picture.title or picture.subtitle or picture.readouts)
    return (
        picture.sizes, picture.input_names, tuple(len(text) for text in picture.input_values), picture.output_names,
        bool(picture.probabilities), header, picture.input_shape,
    )  # fmt: skip
