"""The whole picture, drawn by one function for the screen, PNG, SVG and PDF."""

import dataclasses
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPaintEngine, QPainter, QTransform

from ui.canvas import colour, edges, frame, nodes, outcome, pens
from ui.canvas.edges import Edge, EdgeGeometry
from ui.canvas.layout import Rect
from ui.canvas.page import Page, divide
from ui.canvas.pens import EdgeStyle
from ui.canvas.picture import Picture
from ui.theme import Theme

_FADE = 0.72
_NORMAL_RADIUS = 20.0
_FEW_EDGES = 130.0


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
        self.dashed = False
        self.camera = Camera()
        self.buttons = True
        self._picture: Picture | None = None
        self._pages: dict[object, tuple[Page, EdgeGeometry]] = {}
        self._styles: dict[object, EdgeStyle] = {}
        self.theme = theme

    @property
    def theme(self) -> Theme:
        """The colours."""
        return self._theme

    @theme.setter
    def theme(self, theme: Theme) -> None:
        self._theme = theme
        self._ramp = nodes.node_ramp(theme)
        self._nodes = nodes.node_style(theme, self._ramp)
        background = colour.mix(colour.rgb(theme.canvas_top), colour.rgb(theme.canvas_bottom), 0.5)
        self._edge_colours = colour.edge_ramp(self._ramp, background)
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
        key = (_shape(picture), rect, base, self.buttons)
        if key not in self._pages:
            if len(self._pages) > 8:
                self._pages.clear()
            page = divide(picture, rect, base, buttons=self.buttons)
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
        xs = [self.camera.seen(column.x, 0.0)[0] for column in page.layout.columns]
        frame.paint_captions(painter, page, picture, self._theme, xs)
        frame.paint_legend(painter, page, picture, self._theme, self._ramp, self._edge_colours)
        self._enter(painter, page)
        nodes.paint_input_labels(painter, page, picture, self._theme)
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
        _, geometry = self.page(page.rect, 13.0 * page.scale)
        painter.save()
        frame.paint_header(painter, page, picture, self._theme)
        self._enter(painter, page)
        thick = self._thickness(page)
        mask = self._mask(geometry, lit)
        ratio = painter.device().devicePixelRatioF()
        full, faded = self._style(thick, ratio, 0.0), self._style(thick, ratio, _FADE)
        seen = painter.worldTransform()
        plain = seen.m11() == seen.m22() == 1.0 and not seen.isRotating()
        on_screen = plain and not is_vector(painter)
        edges.paint_edges(painter, geometry, picture, full, faded, mask, on_screen=on_screen)
        nodes.paint_nodes(painter, page, picture, self._nodes, sprites=sprites)
        nodes.paint_folds(painter, page, self._theme)
        outcome.paint_outcome(painter, page, picture, self._theme)
        painter.restore()

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

    def _mask(self, geometry: EdgeGeometry, lit: Target | None) -> NDArray[np.bool_] | None:
        if lit is None:
            return None
        return geometry.one(lit) if isinstance(lit, Edge) else geometry.touching(lit.layer, lit.unit)

    def _thickness(self, page: Page) -> float:
        """Return how wide edges are: less between small neurons and where many edges cross."""
        radius = min(column.radius for column in page.layout.columns)
        crowd = min(1.0, (_FEW_EDGES / max(1, page.layout.edge_count)) ** 0.5)
        return round(min(1.5, max(0.3, crowd * min(1.0, radius / _NORMAL_RADIUS) ** 0.5 * max(1.0, radius / 25.0))), 2)

    def _style(self, thickness: float, ratio: float, fade: float) -> EdgeStyle:
        key = (thickness, ratio, fade, self.dashed)
        if key not in self._styles:
            self._styles[key] = pens.edge_style(
                self._theme, self._ramp, thickness, ratio, dashed=self.dashed, fade=fade
            )
        return self._styles[key]


def is_vector(painter: QPainter) -> bool:
    """Return whether a painter writes vectors: SVG or PDF."""
    engine = painter.paintEngine()
    return engine is not None and engine.type() in {
        QPaintEngine.Type.SVG, QPaintEngine.Type.Pdf, QPaintEngine.Type.Picture,
    }  # fmt: skip


def _plain(rect: QRectF) -> Rect:
    return Rect(rect.x(), rect.y(), rect.width(), rect.height())


def _shape(picture: Picture) -> tuple[object, ...]:
    """Return what the division depends on; numbers that change while training are not among it."""
    header = bool(picture.title or picture.subtitle or picture.readouts)
    return (
        picture.sizes, picture.input_names, tuple(len(text) for text in picture.input_values), picture.output_names,
        bool(picture.probabilities), header,
    )  # fmt: skip
