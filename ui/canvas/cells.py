"""Neurons as cells that touch: a grid or a strip drawn as one small image, and when they are large enough for discs."""

import functools

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from ui.canvas import colour
from ui.canvas.device import is_vector
from ui.canvas.layout import Column, Floats, Rect
from ui.canvas.page import Page
from ui.theme import Theme

DISC_PIXELS = 18.0
"""From this size on the screen on, cells are drawn as discs, with numbers as soon as these can be read."""

_MOST_DISCS = 500
_LINED = 8.0
_LEAST_LINE = 1.0


def box_of(page: Page, column: Column) -> Rect:
    """Return what the cells of a column cover on the page."""
    wide, high = column.cell
    x, y, right, bottom = column.xs.min() - wide, column.y.min() - high, column.xs.max() + wide, column.y.max() + high
    (left, top), (far, low) = page.at(float(x), float(y)), page.at(float(right), float(bottom))
    return Rect(left, top, far - left, low - top)


def cell_box(page: Page, column: Column, place: int) -> Rect:
    """Return what one neuron of a grid or a strip covers on the page."""
    wide, high = page.at(*column.cell)
    x, y = page.at(*column.centre(place))
    return Rect(x - wide, y - high, 2.0 * wide, 2.0 * high)


def are_discs(page: Page, column: Column, zoom: float, seen: QRectF) -> bool:
    """Return whether cells are so large on the screen that they are drawn as discs.

    Parameters
    ----------
    page, column
        Whose.
    zoom
        Of the camera.
    seen
        Which part of the page is seen.
    """
    if column.pitch * zoom < DISC_PIXELS:
        return False
    return len(visible(page, column, seen)) <= _MOST_DISCS


def visible(page: Page, column: Column, seen: QRectF) -> NDArray[np.intp]:
    """Return the places of the neurons that are seen at least in part."""
    xs, ys = page.at(column.xs, column.y)
    radius = column.pitch
    inside = (xs > seen.left() - radius) & (xs < seen.right() + radius)
    inside &= (ys > seen.top() - radius) & (ys < seen.bottom() + radius)
    return np.flatnonzero(inside)


def paint_cells(
    painter: QPainter,
    page: Page,
    column: Column,
    values: Floats,
    clamp: float,
    ramp: colour.Ramp,
    theme: Theme,
    revealed: float,
    zoom: float,
) -> None:
    """Draw a grid or a strip.

    Parameters
    ----------
    painter, page, column
        Where.
    values, clamp, ramp, theme
        (shown,) what the neurons show, where the colours end, and which they are.
    revealed
        How many neurons an act has shown already, from the top.
    zoom
        How many pixels of the screen a pixel of the page is.
    """
    rows, lines, (row, line) = _table(column, page.upright)
    box = box_of(page, column)
    places, told = values, np.minimum(1.0, np.maximum(0.0, revealed - column.shown))
    group = 1
    if column.kind != "grid" and column.pitch * zoom < _LEAST_LINE:  # thinner than a pixel: some share a line
        group = int(np.ceil(_LEAST_LINE / (column.pitch * zoom)))
        starts = np.arange(0, len(values), group)
        counts = np.diff(np.append(starts, len(values)))
        with np.errstate(all="ignore"):
            places, told = np.add.reduceat(values, starts) / counts, np.add.reduceat(told, starts) / counts
        rows, lines = (1, len(starts)) if page.upright else (len(starts), 1)
        along = np.arange(len(starts))
        row, line = (np.zeros_like(along), along) if page.upright else (along, np.zeros_like(along))
    ground = colour.rgb(theme.canvas_bottom)
    shades = ramp.rgb[colour.places(places, clamp)]
    if told.min() < 1.0:
        shades = np.rint(colour.mix(ground, shades, told[:, None])).astype(np.uint8)
    pixels = np.zeros((rows, lines, 4), dtype=np.uint8)
    pixels[row, line, :3] = shades
    pixels[row, line, 3] = 255
    image = QImage(pixels.data, lines, rows, 4 * lines, QImage.Format.Format_RGBA8888)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    if is_vector(painter):
        _fill(painter, box, row, line, shades, (rows, lines))
    else:
        painter.drawImage(QRectF(*box), image)
    if column.pitch * zoom >= _LINED and group == 1:
        pen = QPen(theme.color("canvas_bottom"), 1.0)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawLines(_lines(box, rows, lines))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    frame = QPen(theme.color("border"), 1.0)
    frame.setCosmetic(True)
    painter.setPen(frame)
    painter.drawRoundedRect(QRectF(*box).adjusted(-1.5, -1.5, 1.5, 1.5), 2.0, 2.0)
    painter.restore()


def _fill(
    painter: QPainter,
    box: Rect,
    row: NDArray[np.intp],
    line: NDArray[np.intp],
    shades: colour.Bytes,
    count: tuple[int, int],
) -> None:
    """Fill cell by cell, for a file of vectors."""
    wide, high = box.width / count[1], box.height / count[0]
    for y, x, rgb in zip((box.y + row * high).tolist(), (box.x + line * wide).tolist(), shades.tolist(), strict=True):
        painter.fillRect(QRectF(x, y, wide, high), QColor(*rgb))


@functools.lru_cache(maxsize=64)
def _table(column: Column, upright: bool) -> tuple[int, int, tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Return how many rows of how many cells there are on the page, and the row and line of every neuron."""
    x, y = (column.y, column.xs) if upright else (column.xs, column.y)
    line, row = (np.rint((each - each.min()) / column.pitch).astype(np.intp) for each in (x, y))
    return int(row.max()) + 1, int(line.max()) + 1, (row, line)


@functools.lru_cache(maxsize=64)
def _lines(box: Rect, rows: int, lines: int) -> list[QLineF]:
    """Return what parts the cells."""
    right, bottom = box.x + box.width, box.y + box.height
    down = [box.x + box.width * place / lines for place in range(1, lines)]
    across = [box.y + box.height * place / rows for place in range(1, rows)]
    return [QLineF(x, box.y, x, bottom) for x in down] + [QLineF(box.x, y, right, y) for y in across]
