"""Neurons: discs coloured by their activation, with a glow and their number; where they are many, cells."""

import dataclasses
import functools
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen

from ui.canvas import colour
from ui.canvas.act import GRADIENT, VALUE
from ui.canvas.cells import are_discs, paint_cells, visible
from ui.canvas.device import paint_glow
from ui.canvas.lettering import Hand, hand
from ui.canvas.page import Page
from ui.canvas.picture import Picture, short_number
from ui.theme import Theme

_WIDEST = "−0.00"
RADIUS_OF_CELL = 0.43
"""Of its cell: a neuron that is drawn as a disc because cells are large on the screen."""
_GLOW_REACH = 1.85
_SMALLEST_NUMBER = 8
_LARGEST_NUMBER = 13.0


@dataclasses.dataclass(frozen=True, eq=False)
class NodeStyle:
    """256 brushes, ring pens and text colours for the places of the ramp, and how strong a glow is.

    `hollow` is the pen and the brush of a neuron that shows nothing yet.
    """

    ramp: colour.Ramp
    brushes: list[QBrush]
    rings: list[QPen]
    texts: list[QColor]
    glow: float
    hollow: tuple[QPen, QBrush]


@functools.cache
def node_ramp(theme: Theme, ramp: str = VALUE) -> colour.Ramp:
    """Return one of a theme's two ramps from negative over zero to positive."""
    ends = (theme.gradient_negative, theme.gradient_positive) if ramp == GRADIENT else (theme.negative, theme.positive)
    return colour.ramp(ends[0], theme.zero, ends[1], theme.node_dark, theme.node_light)


@functools.cache
def node_style(theme: Theme, ramp: colour.Ramp) -> NodeStyle:
    """Return brushes, pens and text colours for a theme."""
    towards = colour.rgb("#ffffff" if theme.dark else "#5b6b85")
    rings = np.rint(colour.mix(ramp.rgb, towards, 0.2 if theme.dark else 0.28)).astype(np.uint8)
    dark, light = QColor(theme.node_dark), QColor(theme.node_light)
    rim = np.rint(colour.mix(colour.rgb(theme.border), colour.rgb(theme.quiet), 0.25)).astype(np.uint8)
    return NodeStyle(
        ramp,
        [QBrush(QColor(*rgb)) for rgb in ramp.rgb.tolist()],
        [QPen(QColor(*rgb), 1.4) for rgb in rings.tolist()],
        [dark if is_dark else light for is_dark in ramp.dark_text.tolist()],
        0.34 if theme.dark else 0.3,
        (QPen(QColor(*rim.tolist()), 1.5), QBrush(theme.color("canvas_bottom"))),
    )


def number_hand(radius: float, scale: float) -> Hand | None:
    """Return how the numbers of a column are written, or None when its neurons are too small for them.

    The size follows from the neuron alone, never from the number, so that nothing jumps.
    """
    size = min(int(0.575 * radius), round(_LARGEST_NUMBER * scale * max(1.0, radius / 26.0)))
    while size >= _SMALLEST_NUMBER and hand(size, bold=True).width(_WIDEST) > 1.8 * radius:
        size -= 1
    return hand(size, bold=True) if size >= _SMALLEST_NUMBER else None


class Discs(NamedTuple):
    """Some neurons of one column.

    Attributes
    ----------
    xs, ys, radius
        Where, in the painter's coordinates.
    values, places, opacities
        What they show, where that is in the ramp, and how far an act has revealed them.
    """

    xs: list[float]
    ys: list[float]
    radius: float
    values: list[float]
    places: list[int]
    opacities: list[float]


def paint_nodes(
    painter: QPainter,
    page: Page,
    picture: Picture,
    style: NodeStyle,
    theme: Theme,
    *,
    sprites: bool,
    numbers: bool = True,
    zoom: float = 1.0,
    left_out: frozenset[int] = frozenset(),
) -> None:
    """Draw every neuron of a page; those that an act has not revealed are empty rings.

    Parameters
    ----------
    painter, page, picture, style, theme
        Where, at which places, what and how.
    sprites
        Whether neurons may be small images; a vector file gets gradients.
    numbers
        Whether what they show is written into them, where there is room.
    zoom
        Of the camera through which the painter looks.
    left_out
        Columns that are drawn in another way.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    clamp = picture.scales[1].clamp
    seen = painter.clipBoundingRect() if painter.hasClipping() else QRectF(*page.rect)
    for layer, column in enumerate(page.layout.columns):
        if layer in left_out:
            continue
        shown = picture.node_numbers(layer)
        values = np.zeros(len(column.shown)) if shown is None else np.asarray(shown, np.float64)[column.shown]
        revealed = picture.revealed(layer)
        if column.celled and not are_discs(page, column, zoom, seen):
            paint_cells(painter, page, column, values, clamp, style.ramp, theme, revealed, zoom)
            continue
        some = visible(page, column, seen) if column.celled else np.arange(len(values))
        # Cells are small on the page: their discs are drawn in pixels of the screen, where letters have sizes.
        closer = zoom if column.celled else 1.0
        xs, ys = page.at(column.xs[some] * closer, column.y[some] * closer)
        radius = (RADIUS_OF_CELL * column.pitch if column.celled else column.radius) * closer
        opacities = np.clip(revealed - column.shown[some], 0.0, 1.0).tolist()
        places = colour.places(values[some], clamp).tolist()
        discs = Discs(xs.tolist(), ys.tolist(), radius, values[some].tolist(), places, opacities)
        lettering = number_hand(radius, page.scale) if numbers and shown is not None else None
        painter.save()
        painter.scale(1.0 / closer, 1.0 / closer)
        if column.celled and zoom != 1.0:
            paint = _sprite_painter(painter, radius, style, moving=True)
        else:
            paint = (_sprite_painter if sprites else _node_painter)(painter, radius, style)
        _paint_discs(painter, discs, paint, style, lettering, clamp)
        painter.restore()
    painter.restore()


def _paint_discs(
    painter: QPainter, discs: Discs, paint: "PaintNode", style: NodeStyle, lettering: Hand | None, clamp: float
) -> None:
    for x, y, place, opacity in zip(discs.xs, discs.ys, discs.places, discs.opacities, strict=True):
        if opacity == 1.0:
            paint(x, y, place)
            continue
        paint(x, y, None)
        if opacity > 0.0:
            painter.setOpacity(opacity)
            paint(x, y, place)
            painter.setOpacity(1.0)
    if lettering is None:
        return
    painter.setFont(lettering.font)
    for x, y, value, place, opacity in zip(
        discs.xs, discs.ys, discs.values, discs.places, discs.opacities, strict=True
    ):
        if opacity > 0.0:
            painter.setOpacity(opacity)
            write_number(painter, value, x, y, lettering, style.texts[place], clamp)
    painter.setOpacity(1.0)


def write_number(
    painter: QPainter, value: float, x: float, y: float, lettering: Hand, ink: QColor, clamp: float = 1.0
) -> None:
    """Write a number into the middle of a neuron; the painter has the font already."""
    text = short_number(value, clamp)
    painter.setPen(ink)
    painter.drawText(QPointF(x - 0.5 * lettering.width(text), y + 0.5 * lettering.ascent), text)


_INNER = 0.92 / _GLOW_REACH
_GLOW = ((0.0, 0.0), (_INNER - 0.01, 0.0), (_INNER, 1.0), (0.68, 0.55), (0.82, 0.2), (0.92, 0.05), (1.0, 0.0))
"""How opaque a glow is, at shares of its reach: nothing behind the disc."""

PaintNode = Callable[[float, float, int | None], None]


def _sprite_painter(painter: QPainter, radius: float, style: NodeStyle, *, moving: bool = False) -> PaintNode:
    """Return what draws a neuron at a place as a small image, None being an empty one.

    While a camera moves, radii change in every frame: one image then serves all of half an octave, made smaller.
    """
    made = 2.0 ** (0.5 * math.ceil(2.0 * math.log2(radius))) if moving else radius
    ratio, draw = painter.device().devicePixelRatioF(), painter.drawImage
    reach = _reach(made) * radius / made
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, moving)

    def paint(x: float, y: float, place: int | None) -> None:
        image = _sprite(style, made, None if place is None else place // 2, ratio)
        if moving:
            draw(QRectF(x - reach, y - reach, 2.0 * reach, 2.0 * reach), image)
        else:
            draw(QPointF(x - reach, y - reach), image)

    return paint


def _node_painter(painter: QPainter, radius: float, style: NodeStyle) -> PaintNode:
    def paint(x: float, y: float, place: int | None) -> None:
        _paint_node(painter, x, y, radius, place, style)

    return paint


def _reach(radius: float) -> float:
    return math.ceil(radius * _GLOW_REACH) + 1.0


@functools.lru_cache(maxsize=640)
def _sprite(style: NodeStyle, radius: float, half_place: int | None, ratio: float) -> QImage:
    """Return one neuron as a small image: 128 of them serve a column, and copying costs a tenth of drawing."""
    reach = _reach(radius)
    side = round(2.0 * reach * ratio)
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    place = None if half_place is None else min(255, 2 * half_place + (half_place > 63))
    _paint_node(painter, reach, reach, radius, place, style)
    painter.end()
    return image


def _paint_node(painter: QPainter, x: float, y: float, radius: float, place: int | None, style: NodeStyle) -> None:
    """Draw a glow as strong as the activation, the disc, and a ring where there is room for one."""
    if place is None:
        painter.setPen(style.hollow[0])
        painter.setBrush(style.hollow[1])
        painter.drawEllipse(QPointF(x, y), radius - 0.1, radius - 0.1)
        return
    strength = abs(place - 127.5) / 127.5
    if strength >= 0.3 and radius >= 7.0:
        reach = radius * _GLOW_REACH
        rgb = tuple(style.ramp.rgb[0 if place < 128 else 255].tolist())
        glow = style.glow * strength**1.5
        paint_glow(painter, rgb, x, y, reach, [(share, glow * alpha) for share, alpha in _GLOW])
    painter.setPen(style.rings[place] if radius >= 5.0 else Qt.PenStyle.NoPen)
    painter.setBrush(style.brushes[place])
    painter.drawEllipse(QPointF(x, y), radius, radius)
