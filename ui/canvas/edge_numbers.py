"""Values written on edges, where there is room: beside no neuron's disc, over no other number."""

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from ui.canvas.layout import bernstein
from ui.canvas.lettering import Hand, hand
from ui.canvas.page import Page
from ui.canvas.picture import Picture, short_number
from ui.theme import Theme

MOST = 260
"""Where more edges than these are seen, none has a number: come closer, or point at a neuron."""

_ON_THE_WAY = (0.5, 0.4, 0.6, 0.31, 0.69, 0.22, 0.78, 0.15, 0.85)
_WIDEST = "−0.00"
_SHARE = 0.82


class Label(NamedTuple):
    """Where the number of an edge stands on the screen, and which edge that is: by layer, source and target."""

    x: float
    y: float
    layer: int
    source: int
    target: int


class Sight(NamedTuple):
    """What is seen: the camera, and whose edges alone are meant: a neuron (layer, unit, −1), an edge, or all."""

    zoom: float
    x: float
    y: float
    meant: tuple[int, int, int] | None = None
    curved: bool = True


def paint_edge_numbers(
    painter: QPainter, page: Page, picture: Picture, sight: Sight, weakest: float, theme: Theme
) -> None:
    """Write the values that edges show; the painter does not look through the camera.

    Parameters
    ----------
    painter, page, picture, theme
        Where, what and how.
    sight
        The camera, and whose edges.
    weakest
        Edges below this share of their scale's end are not drawn, and have no number.
    """
    style = hand(10.5 * page.scale)
    labels = _labels(page, sight, style)
    if not labels:
        return
    numbers = [picture.edge_numbers(layer) for layer in range(len(picture.weights))]
    ground = theme.color("canvas_bottom")
    ground.setAlphaF(_SHARE)
    width, height = style.width(_WIDEST) + 4.0, style.ascent + 5.0
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setFont(style.font)
    ink = theme.color("text")
    for label in labels:
        values, scale = numbers[label.layer]
        value = float(values[label.source, label.target])
        if weakest > 0.0 and not abs(value) >= weakest * scale.clamp:
            continue
        text = short_number(value, scale.clamp)
        box = QRectF(label.x - 0.5 * width, label.y - 0.5 * height, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(box, 3.0, 3.0)
        painter.setPen(ink)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()


@functools.lru_cache(maxsize=8)
def _labels(page: Page, sight: Sight, style: Hand) -> list[Label]:
    """Return where numbers stand: the first place along each edge that is free."""
    found: list[Label] = []
    width, height = style.width(_WIDEST) + 6.0, style.ascent + 7.0
    ways = _ways(page, sight, 0.5 * (height if page.upright else width))
    if ways is None:
        return found
    taken: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for (layer, source, target), points in ways:
        for x, y in points:
            cell = int(x // width), int(y // height)
            near = [
                each for dx in (-1, 0, 1) for dy in (-1, 0, 1) for each in taken.get((cell[0] + dx, cell[1] + dy), ())
            ]
            if all(abs(x - each[0]) >= width or abs(y - each[1]) >= height for each in near):
                taken.setdefault(cell, []).append((x, y))
                found.append(Label(x, y, layer, source, target))
                break
    return found


def _ways(
    page: Page, sight: Sight, clear: float
) -> list[tuple[tuple[int, int, int], list[tuple[float, float]]]] | None:
    """Return the places along every edge that is seen, the middle first; None where these are too many edges.

    They stay `clear` of the ends of the edges, where the neurons are.
    """
    strip = page.network
    found = []
    for layer, span in enumerate(page.layout.spans):
        rows, columns = _meant(layer, span.left.shown, span.right.shown, sight.meant)
        if len(rows) * len(columns) > 40 * MOST:
            return None
        starts, ends = span.left.y[rows], span.right.y[columns]
        start, end = np.repeat(starts, len(columns)), np.tile(ends, len(rows))
        xs, ys = [], []
        for t in _ON_THE_WAY:
            weights = bernstein(t)
            share = float(weights[2:].sum()) if sight.curved else t
            x = float(weights @ span.x) if sight.curved else float(span.x[0] + t * (span.x[3] - span.x[0]))
            x_seen, y_seen = page.at(np.full(len(start), x), start + (end - start) * share)
            xs.append(sight.zoom * x_seen + sight.x)
            ys.append(sight.zoom * y_seen + sight.y)
        x, y = np.array(xs), np.array(ys)
        along = y if page.upright else x
        shift = sight.y if page.upright else sight.x
        first, last = (sight.zoom * float(span.x[place]) + shift for place in (0, 3))
        seen = (x >= strip.x + 16) & (x <= strip.x + strip.width - 16)
        seen &= (y >= strip.y) & (y <= strip.y + strip.height)
        seen &= (along >= first + clear) & (along <= last - clear)  # over no neuron
        pairs = [(int(row), int(column)) for row in span.left.shown[rows] for column in span.right.shown[columns]]
        for place in np.flatnonzero(seen.any(axis=0)).tolist():
            good = np.flatnonzero(seen[:, place])
            points = list(zip(x[good, place].tolist(), y[good, place].tolist(), strict=True))
            found.append(((layer, *pairs[place]), points))
        if len(found) > MOST:
            return None
    return found


def _meant(
    layer: int, left: NDArray[np.intp], right: NDArray[np.intp], meant: tuple[int, int, int] | None
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the places of the sources and of the targets whose edges are meant, of a span between shown neurons."""
    rows, columns = np.arange(len(left)), np.arange(len(right))
    if meant is None:
        return rows, columns
    of, one, other = meant
    if other >= 0:  # an edge
        return (np.flatnonzero(left == one), np.flatnonzero(right == other)) if of == layer else (rows[:0], columns)
    if of == layer + 1:  # what comes into a neuron
        return rows, np.flatnonzero(right == one)
    return (np.flatnonzero(left == one), columns) if of == layer == 0 else (rows[:0], columns)
