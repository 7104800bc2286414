"""Neurons: discs coloured by their activation, with a glow, their number, and the names of the inputs."""

import dataclasses
import functools
import math
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen, QRadialGradient

from ui.canvas import colour
from ui.canvas.act import GRADIENT, VALUE
from ui.canvas.layout import Column
from ui.canvas.lettering import Hand, hand, write
from ui.canvas.page import Page
from ui.canvas.picture import Picture, grouped, short_number
from ui.theme import Theme

_WIDEST = "−0.00"
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


def node_ramp(theme: Theme, ramp: str = VALUE) -> colour.Ramp:
    """Return one of a theme's two ramps from negative over zero to positive."""
    ends = (theme.gradient_negative, theme.gradient_positive) if ramp == GRADIENT else (theme.negative, theme.positive)
    return colour.ramp(ends[0], theme.zero, ends[1], theme.node_dark, theme.node_light)


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


def number_hand(column: Column, scale: float) -> Hand | None:
    """Return how the numbers of a column are written, or None when its neurons are too small for them.

    The size follows from the neuron alone, never from the number, so that nothing jumps.
    """
    size = min(int(0.575 * column.radius), round(_LARGEST_NUMBER * scale * max(1.0, column.radius / 26.0)))
    while size >= _SMALLEST_NUMBER and hand(size, bold=True).width(_WIDEST) > 1.8 * column.radius:
        size -= 1
    return hand(size, bold=True) if size >= _SMALLEST_NUMBER else None


def paint_nodes(painter: QPainter, page: Page, picture: Picture, style: NodeStyle, *, sprites: bool) -> None:
    """Draw every neuron of a page; those that an act has not revealed are empty rings.

    Parameters
    ----------
    painter, page, picture, style
        Where, at which places, what and how.
    sprites
        Whether glows may be small images; a vector file gets gradients.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    clamp = picture.scales[1].clamp
    for layer, column in enumerate(page.layout.columns):
        numbers = picture.node_numbers(layer)
        values = np.zeros(len(column.shown)) if numbers is None else np.asarray(numbers, np.float64)[column.shown]
        places = colour.places(values, clamp).tolist()
        revealed = picture.revealed(layer)
        opacities = [1.0 if unit + 1 <= revealed else max(0.0, revealed - unit) for unit in column.shown.tolist()]
        paint = _sprite_painter(painter, column, style) if sprites else _node_painter(painter, column, style)
        rows = list(zip(column.y.tolist(), values.tolist(), places, opacities, strict=True))
        for y, _, place, opacity in rows:
            if opacity == 1.0:
                paint(y, place)
                continue
            paint(y, None)
            if opacity > 0.0:
                painter.setOpacity(opacity)
                paint(y, place)
                painter.setOpacity(1.0)
        lettering = None if numbers is None else number_hand(column, page.scale)
        if lettering is not None:
            painter.setFont(lettering.font)
            for y, value, place, opacity in rows:
                if opacity > 0.0:
                    painter.setOpacity(opacity)
                    write_number(painter, value, column.x, y, lettering, style.texts[place], clamp)
            painter.setOpacity(1.0)
    painter.restore()


def write_number(
    painter: QPainter, value: float, x: float, y: float, lettering: Hand, ink: QColor, clamp: float = 1.0
) -> None:
    """Write a number into the middle of a neuron; the painter has the font already."""
    text = short_number(value, clamp)
    painter.setPen(ink)
    painter.drawText(QPointF(x - 0.5 * lettering.width(text), y + 0.5 * lettering.ascent), text)


PaintNode = Callable[[float, int | None], None]


def _sprite_painter(painter: QPainter, column: Column, style: NodeStyle) -> PaintNode:
    """Return what draws a neuron of a column at a height as a small image, None being an empty one."""
    ratio, reach, radius = painter.device().devicePixelRatioF(), _reach(column.radius), column.radius
    left, draw = column.x - reach, painter.drawImage

    def paint(y: float, place: int | None) -> None:
        half = None if place is None else place // 2
        draw(QPointF(left, y - reach), _sprite(style, radius, half, ratio))

    return paint


def _node_painter(painter: QPainter, column: Column, style: NodeStyle) -> PaintNode:
    def paint(y: float, place: int | None) -> None:
        _paint_node(painter, column.x, y, column.radius, place, style)

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
        box = QRectF(x - reach, y - reach, 2.0 * reach, 2.0 * reach)
        painter.fillRect(box, _gradient(rgb, x, y, reach, style.glow * strength**1.5))
    painter.setPen(style.rings[place] if radius >= 5.0 else Qt.PenStyle.NoPen)
    painter.setBrush(style.brushes[place])
    painter.drawEllipse(QPointF(x, y), radius, radius)


def _gradient(rgb: tuple[int, int, int], x: float, y: float, reach: float, strength: float) -> QRadialGradient:
    gradient = QRadialGradient(x, y, reach)
    inner = 0.92 / _GLOW_REACH
    for part, share in (
        (0.0, 0.0),
        (inner - 0.01, 0.0),
        (inner, 1.0),
        (0.68, 0.55),
        (0.82, 0.2),
        (0.92, 0.05),
        (1.0, 0.0),
    ):
        faded = QColor(*rgb)
        faded.setAlphaF(strength * share)
        gradient.setColorAt(part, faded)
    return gradient


def paint_folds(painter: QPainter, page: Page, theme: Theme) -> None:
    """Write into each folded column how many neurons are not drawn, on a small plate that edges do not cross."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    lettering = page.hands.detail
    for column in page.layout.columns:
        if column.fold is None:
            continue
        text = f"+{grouped(column.hidden)}"
        width = lettering.width(text) + 12.0 * page.scale
        height = lettering.height + 2.0
        painter.setPen(QPen(theme.color("border"), 1.0))
        painter.setBrush(theme.color("surface"))
        plate = QRectF(column.x - 0.5 * width, column.fold - 0.5 * height, width, height)
        painter.drawRoundedRect(plate, 0.5 * height, 0.5 * height)
        write(
            painter,
            text,
            column.x,
            column.fold + 0.5 * lettering.ascent,
            lettering,
            theme.color("quiet"),
            align="centre",
        )
    painter.restore()


def paint_input_labels(painter: QPainter, page: Page, picture: Picture, theme: Theme) -> None:
    """Write the names of the inputs, with the row's values below or beside them; without, where there is no room."""
    column = page.layout.columns[0]
    name, value = page.hands.name, page.hands.value
    stacked = column.pitch >= name.height + value.height + 9.0 * page.scale
    beside = max((value.width(text) for text in picture.input_values[:512]), default=0.0) + 9.0 * page.scale
    right, room = page.labels_right, page.labels_width
    longest = max((value.width(text) for text in picture.input_names[:512]), default=0.0)
    alone = not stacked and room + 1.0 < longest + beside and longest <= room
    for y, unit in zip(column.y.tolist(), column.shown.tolist(), strict=True):
        if unit >= len(picture.input_names):
            continue
        words = picture.input_names[unit]
        number = picture.input_values[unit] if unit < len(picture.input_values) and not alone else ""
        if not number:
            write(painter, words, right, y + 0.5 * name.ascent, name, theme.color("text"), align="right", room=room)
        elif stacked:
            write(painter, words, right, y - 3.0 * page.scale, name, theme.color("text"), align="right", room=room)
            baseline = y + value.ascent + 6.0 * page.scale
            write(painter, number, right, baseline, value, theme.color("quiet"), align="right", room=room)
        else:
            baseline, rest = y + 0.5 * value.ascent, room - beside
            write(painter, number, right, baseline, value, theme.color("quiet"), align="right", room=room)
            if rest > 20.0 or value.width(words) <= rest:
                write(painter, words, right - beside, baseline, value, theme.color("text"), align="right", room=rest)
