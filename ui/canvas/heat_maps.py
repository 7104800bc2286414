"""Small maps inside the neurons: what each answers at every place of the plane that the decision map shows."""

import dataclasses
import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from ui.canvas import colour
from ui.canvas.lettering import hand, write
from ui.canvas.nodes import NodeStyle
from ui.canvas.page import Page
from ui.canvas.picture import Picture, short_number
from ui.portrait import draw_part
from ui.theme import Theme

Singles = NDArray[np.float32]

_SMALLEST = 3.5
_LEAST_SHARE = 0.25
_INPUT_CLAMP = 2.0
_MOST_PIXELS = 192


@dataclasses.dataclass(frozen=True, eq=False)
class HeatMaps:
    """What the neurons of a network answer on a grid.

    Attributes
    ----------
    fields
        One a layer from the inputs to the outputs, (rows, columns, units) float32, the upper row first.
    axes
        What goes along the map, and what goes up, if anything does.
    """

    fields: tuple[Singles, ...]
    axes: tuple[str, ...] = ()

    @property
    def sizes(self) -> tuple[int, ...]:
        """The width of every layer."""
        return tuple(field.shape[2] for field in self.fields)


class HeatMapPainter:
    """Keeps the images of the newest maps, so that a frame without news copies them."""

    def __init__(self) -> None:
        self.maps: HeatMaps | None = None
        self._images: dict[Any, QImage] = {}
        self._of: HeatMaps | None = None

    def fits(self, picture: Picture) -> bool:
        """Whether there are maps for a picture, and nothing else is shown in its neurons."""
        return self.maps is not None and self.maps.sizes == picture.sizes and not picture.now.node_values

    def mapped(self, page: Page, picture: Picture) -> frozenset[int]:
        """Return the columns whose neurons are maps: all discs; the cells of a grid or a strip are too small."""
        if not self.fits(picture):
            return frozenset()
        return frozenset(layer for layer, column in enumerate(page.layout.columns) if not column.celled)

    def paint(self, painter: QPainter, page: Page, picture: Picture, style: NodeStyle, zoom: float) -> None:
        """Draw every neuron of the mapped columns as a map, ringed in the colour of its activation for the row."""
        maps = self.maps
        if maps is None:
            return
        if maps is not self._of:
            self._images, self._of = {}, maps
        ratio = zoom * painter.device().devicePixelRatioF()
        clamp = picture.scales[1].clamp
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        for layer in self.mapped(page, picture):
            column = page.layout.columns[layer]
            radius = column.radius
            side = min(_MOST_PIXELS, max(4, round(2.0 * radius * ratio)))
            key = layer, side, id(style), len(column.shown), int(column.shown[-1])
            if key not in self._images:
                self._images[key] = strip(maps.fields[layer][:, :, column.shown], side, style.ramp, layer == 0, clamp)
            image = self._images[key]
            rings = _rings(picture, layer, column.shown, style, clamp)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            xs, ys = page.at(column.xs, column.y)
            for place, (x, y, pen) in enumerate(zip(xs.tolist(), ys.tolist(), rings, strict=True)):
                box = QRectF(x - radius, y - radius, 2.0 * radius, 2.0 * radius)
                draw_part(painter, box, image, QRectF(0, place * side, side, side))
                if radius >= _SMALLEST:
                    painter.setPen(pen)
                    painter.drawEllipse(QPointF(x, y), radius, radius)
        painter.restore()

    def paint_large(
        self, painter: QPainter, target: tuple[int, int], card: QRectF, bounds: QRectF, style: NodeStyle,
        clamp: float, theme: Theme, scale: float,
    ) -> None:  # fmt: skip
        """Draw a neuron's map on a plate below its card, or above it, with its axes and its scale in numbers."""
        layer, unit = target
        if self.maps is None:
            return
        field = self.maps.fields[layer][:, :, [unit]]
        text, pad = hand(11 * scale), 10.0 * scale
        side = 112.0 * scale
        lines = [f"→ {self.maps.axes[0]}" if self.maps.axes else "", *(f"↑ {name}" for name in self.maps.axes[1:])]
        lines.append(f"answers {short_number(float(field.min()))} to {short_number(float(field.max()))}")
        width = max(card.width(), 2.2 * side)  # it does not depend on the numbers
        height = side + 2.0 * pad
        gap = 6.0 * scale
        spots = [
            (card.left(), card.bottom() + gap), (card.left(), card.top() - gap - height),
            (card.right() + gap, card.top()), (card.left() - gap - width, card.top()),
        ]  # fmt: skip
        plates = [QRectF(round(left), round(top), round(width), round(height)) for left, top in spots]
        plate = next((each for each in plates if bounds.contains(each)), None)
        if plate is None:
            return  # the card has all the room
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(theme.color("border"), 1.0))
        painter.setBrush(theme.color("raised"))
        painter.drawRoundedRect(plate, 9.0, 9.0)
        pixels = round(side * painter.device().devicePixelRatioF())
        image = strip(field, pixels, style.ramp, layer == 0, clamp, whole=True)
        painter.drawImage(QRectF(plate.left() + pad, plate.top() + pad, side, side), image, QRectF(image.rect()))
        baseline = plate.top() + pad + text.ascent
        left = plate.left() + side + 2.0 * pad
        for line in lines:
            write(painter, line, left, baseline, text, theme.color("quiet"), room=plate.right() - pad - left)
            baseline += text.height + 2.0
        painter.restore()


def _rings(picture: Picture, layer: int, shown: NDArray[Any], style: NodeStyle, clamp: float) -> list[QPen]:
    numbers = picture.node_numbers(layer)
    if numbers is None:
        return [style.hollow[0]] * len(shown)
    return [style.rings[place] for place in colour.places(np.asarray(numbers)[shown], clamp).tolist()]


def strip(field: Singles, side: int, ramp: colour.Ramp, inputs: bool, clamp: float, *, whole: bool = False) -> QImage:
    """Return the maps of a layer as round images below each other, side pixels wide.

    Parameters
    ----------
    field
        (rows, columns, units)
    ramp, clamp
        The colours of values, and where those of the canvas end.
    inputs
        Whether these are the inputs, whose flat ones must not look as if they were strong.
    whole
        Whether they are squares instead.

    Each map has a scale of its own, symmetric about zero: its largest size, but no less than a share of the canvas's.
    """
    values = np.ascontiguousarray(np.moveaxis(np.nan_to_num(field, nan=0.0, posinf=0.0, neginf=0.0), 2, 0))
    units, rows, columns = values.shape
    peaks = np.abs(values).reshape(units, -1).max(axis=1)
    peaks = np.maximum(peaks, _INPUT_CLAMP if inputs else _LEAST_SHARE * clamp)
    large = _spread(rows, side) @ (values / peaks[:, None, None]) @ _spread(columns, side).T
    places = np.clip(127.5 + 127.5 * large + 0.5, 0, 255).astype(np.uint8)
    shares = np.full((side, side), 255, np.uint8) if whole else _disc(side)
    pixels = np.ascontiguousarray(np.take(_shaded(ramp), shares.astype(np.uint16)[None, :, :] * 256 + places))
    return QImage(
        pixels.data, side, units * side, 4 * side, QImage.Format.Format_ARGB32_Premultiplied
    ).copy()  # fmt: skip


@functools.lru_cache(maxsize=8)
def _shaded(ramp: colour.Ramp) -> NDArray[np.uint32]:
    """Return the colours of a ramp as 0xAARRGGBB, already multiplied, at 256·coverage + place."""
    shares = np.arange(256, dtype=np.uint32)[:, None]
    scaled = (ramp.rgb.astype(np.uint32)[None, :, :] * shares[:, :, None] + 127) // 255
    return (
        ((shares << 24) | (scaled[:, :, 0] << 16) | (scaled[:, :, 1] << 8) | scaled[:, :, 2]).ravel().astype(np.uint32)
    )


@functools.lru_cache(maxsize=64)
def _spread(count: int, side: int) -> Singles:
    """Return the matrix (side, count) that draws `count` values, in the middles of equal parts, out to more."""
    at = np.clip((np.arange(side) + 0.5) / side * count - 0.5, 0, count - 1)
    low = np.minimum(at.astype(np.int64), max(0, count - 2))
    share = at - low
    matrix = np.zeros((side, count), np.float32)
    matrix[np.arange(side), low] = 1.0 - share
    matrix[np.arange(side), np.minimum(low + 1, count - 1)] += share
    return matrix


@functools.lru_cache(maxsize=64)
def _disc(side: int) -> NDArray[np.uint8]:
    """Return how much of every pixel a disc covers, (side, side), 0 … 255."""
    away = np.arange(side) + 0.5 - 0.5 * side
    inside = 0.5 * side - np.hypot(away[:, None], away[None, :]) + 0.5
    return np.clip(255.0 * inside, 0, 255).astype(np.uint8)
