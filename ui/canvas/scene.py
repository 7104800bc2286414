"""The whole picture, drawn by one function for the screen, PNG, SVG and PDF."""

import dataclasses

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QTransform

from ui.canvas import ailments, cells, counts, edge_numbers, flow, frame, gauge, nodes, outcome, overlay, pens, plate
from ui.canvas.act import GRADIENT, VALUE
from ui.canvas.camera import Camera, Neuron, Target
from ui.canvas.crossing import straightened
from ui.canvas.device import is_vector
from ui.canvas.edge_sheet import EdgeSheet
from ui.canvas.edges import Edge, EdgeGeometry
from ui.canvas.forms import Form
from ui.canvas.heat_maps import HeatMapPainter
from ui.canvas.input_labels import paint_input_labels
from ui.canvas.layout import Rect
from ui.canvas.look import Look
from ui.canvas.page import Page, divide
from ui.canvas.picture import Picture
from ui.canvas.sheet import Sheet
from ui.portrait import ground_wanted, portrayed
from ui.theme import Theme

_TURNED = QTransform(0.0, 1.0, 1.0, 0.0, 0.0, 0.0)
"""Swaps x and y: the layout of layers that run from top to bottom is turned."""


class Scene:
    """A picture, a theme and the geometry that is kept while they change."""

    def __init__(self, theme: Theme) -> None:
        self.look = Look()
        self.camera = Camera()
        self.buttons = True
        self.heat_maps = HeatMapPainter()
        self.corner = 0.0
        self.forms: tuple[Form, ...] = ()
        self._picture: Picture | None = None
        self._pages: dict[object, tuple[Page, EdgeGeometry]] = {}
        self.edges = EdgeSheet()
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
        self._edge_colours = {name: pens.edge_colours(theme, ramp) for name, ramp in ramps.items()}
        self.edges.recolour(theme, ramps)

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
        forms, look = self.forms if len(self.forms) == len(picture.sizes) else (), self.look
        key = (_shape(picture), rect, base, self.buttons, forms, look.upright, look.curved, self.corner)
        if key not in self._pages:
            if len(self._pages) > 8:
                self._pages.clear()
            page = divide(
                picture, rect, base, buttons=self.buttons, forms=forms, upright=look.upright, corner=self.corner
            )
            if not look.curved:
                page = dataclasses.replace(page, layout=straightened(page.layout))
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
            if ground_wanted():
                painter.fillRect(rect, self._theme.color("canvas_top"))
            return
        page, _ = self.page(_plain(rect), base)
        self.paint_still(painter, page)
        self.paint_live(painter, page, None, sprites=not is_vector(painter) and portrayed() is None)

    def paint_still(self, painter: QPainter, page: Page) -> None:
        """Draw what does not change from epoch to epoch."""
        picture = self._shown()
        painter.save()
        frame.paint_background(painter, page, self._theme)
        frame.paint_captions(painter, page, picture, self._theme, self.lines(page))
        frame.paint_ends(painter, page, picture, self._theme, self.lines(page))
        edge, node = picture.scales
        nodes_ramp, edge_colours = self._nodes[node.ramp].ramp, self._edge_colours[edge.ramp]
        frame.paint_legend(painter, page, picture, self._theme, nodes_ramp, edge_colours, self.summary(page))
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
            copied = base.m11() == base.m22() == 1.0 and not is_vector(painter) and portrayed() is None
            lens = (self.camera.zoom, self.camera.x, self.camera.y)
            flow.paint_flow(painter, page, now.flow, ramp, self._theme, lens, sprites=copied, dashed=self.look.dashed)
            painter.restore()
        mapped = self.heat_maps.mapped(page, picture) if self.look.heat_maps else frozenset[int]()
        nodes.paint_nodes(
            painter, page, picture, node_style, self._theme,
            sprites=sprites, numbers=self.look.node_numbers, zoom=self.camera.zoom, left_out=mapped,
        )  # fmt: skip
        if mapped:
            self.heat_maps.paint(painter, page, picture, node_style, self.camera.zoom)
        for each in now.fillings:
            gauge.paint_gauge(painter, page, picture, each, node_style, self._theme)
        if now.lit is not None:
            overlay.paint_halo(painter, page, now.lit, self._theme)
        ailments.paint_ailments(painter, page, picture, self._theme)
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

    def paint_large_map(self, painter: QPainter, page: Page, neuron: Neuron, card: QRectF, bounds: QRectF) -> None:
        """Draw the map of a neuron beside its card, where neurons show maps."""
        picture = self._shown()
        if self.look.heat_maps and self.heat_maps.fits(picture):
            scale = picture.scales[1]
            style = self._nodes[scale.ramp]
            self.heat_maps.paint_large(painter, neuron, card, bounds, style, scale.clamp, self._theme, page.scale)

    def paint_edge(self, painter: QPainter, page: Page, edge: Edge) -> None:
        """Draw one edge in its sign's full colour over everything else; nothing where it is folded away."""
        painter.save()
        self._enter(painter, page)
        _turn(painter, page)
        self.edges.paint_alone(painter, self.sheet(page), edge)
        painter.restore()

    def prepare(self, page: Page, scale: float) -> bool:
        """Begin to draw the edges of a large network, and return whether a frame would be complete now.

        Parameters
        ----------
        page
            Where.
        scale
            Device pixels in a logical one.
        """
        return self.edges.prepare(self.sheet(page), scale)

    def summary(self, page: Page) -> tuple[str, ...]:
        """Return what is to be said of edges that are not drawn one by one, the fullest first; nothing if all are."""
        return self.edges.summary(self.sheet(page))

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

    def sheet(self, page: Page) -> Sheet:
        """Return what the edges follow from."""
        _, geometry = self.page(page.rect, 13.0 * page.scale)
        camera = self.camera
        return Sheet(page, geometry, self._shown(), self.look, (camera.zoom, camera.x, camera.y))

    def _paint_edges(self, painter: QPainter, page: Page, lit: Target | None, base: QTransform) -> None:
        """Draw the edges; those that are meant step forward, and the others back."""
        sheet = self.sheet(page)
        meant: tuple[int, NDArray[np.intp]] | None = None
        if isinstance(lit, Edge):
            found = sheet.geometry.one(lit)
            meant = None if found is None else (lit.layer, np.array([found]))
        elif lit is not None:
            meant = self.edges.meant(sheet, lit.layer, lit.unit)

        def enter(on: QPainter) -> None:
            self._enter(on, page)
            _turn(on, page)

        self.edges.paint(painter, sheet, meant, base, enter, vector=is_vector(painter))
        if isinstance(lit, Edge):
            self.edges.paint_alone(painter, sheet, lit)


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
