"""A neuron that fills: a ring around it like a gauge, the sum so far inside, and a card with the terms beside it."""

import dataclasses
import math
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QTransform

from ui.canvas import overlay
from ui.canvas.act import Filling
from ui.canvas.filling import MOST_TERMS, filling_card, running_sum
from ui.canvas.layout import Floats, bernstein
from ui.canvas.nodes import NodeStyle, number_hand, write_number
from ui.canvas.outcome import outcome_boxes
from ui.canvas.page import Page
from ui.canvas.picture import Picture
from ui.theme import Theme

_ON_THE_WAY = (0.15, 0.3, 0.45, 0.6, 0.75, 0.9)
_CLEAR = 18.0
_FEWEST_TERMS = 3
_SMALLER = 0.88
_FAR = 0.006
_LARGE, _HIDDEN, _ACCEPTED = 1.0, 10.0, 1.2
_MOST_AREA = 0.26


_MOST_PLACES = 16
_PLACES: "dict[object, SumPlace | None]" = {}
"""Where the last cards stood: to look for a place takes longer than to draw the card."""


def paint_gauge(
    painter: QPainter, page: Page, picture: Picture, filling: Filling, style: NodeStyle, theme: Theme
) -> None:
    """Draw the ring, as far round as terms are in, in the sign of the sum; the sum stands in a neuron that is empty."""
    column = page.layout.columns[filling.layer]
    place = column.place(filling.unit)
    if place is None:
        return
    (x, y), radius, total = page.at(*column.centre(place)), column.radius + 4.0, running_sum(filling)
    box = QRectF(x - radius, y - radius, 2.0 * radius, 2.0 * radius)
    width = max(2.0, min(4.0, 0.16 * column.radius))
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.color("track"), width))
    painter.drawEllipse(box)
    share = min(1.0, max(0.0, filling.share))
    if share > 0.0:
        pen = QPen(QColor(*style.ramp.rgb[-1 if total >= 0.0 else 0].tolist()), width)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap if share < 1.0 else Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawArc(box, 90 * 16, -round(360 * 16 * share))
    lettering = number_hand(column.radius, page.scale)
    if share > 0.0 and lettering is not None and picture.revealed(filling.layer) <= filling.unit:
        painter.setFont(lettering.font)
        write_number(painter, total, x, y, lettering, theme.color("text"))
    painter.restore()


def told(picture: Picture) -> Filling | None:
    """Return the filling whose terms are told: the only one, else that of the lit neuron."""
    found = picture.now.fillings
    if len(found) == 1:
        return found[0]
    return next((filling for filling in found if (filling.layer, filling.unit) == picture.now.lit), None)


def paint_sum(painter: QPainter, page: Page, picture: Picture, camera: QTransform, theme: Theme) -> None:
    """Draw the card of the neuron whose sum is told, where it covers least of what comes in."""
    filling = told(picture)
    if filling is None:
        return
    key = (
        page, filling.layer, filling.unit, filling.terms, filling.function, picture.functions,
        camera.m11(), camera.dx(), camera.dy(),
    )  # fmt: skip
    if key not in _PLACES:
        if len(_PLACES) >= _MOST_PLACES:
            _PLACES.clear()
        _PLACES[key] = sum_place(page, picture, filling, camera)
    found = _PLACES[key]
    if found is None:
        return
    painter.save()
    painter.setOpacity(min(1.0, filling.share * len(filling.terms) * 1.5))  # it comes in with the first term
    card = filling_card(picture, filling, found.terms)
    overlay.paint_card(painter, card, found.box, found.sizes, theme, _scale(page))
    painter.restore()


class SumPlace(NamedTuple):
    """Where the card of a sum stands: the same at every instant.

    Attributes
    ----------
    box, sizes
        Its rectangle, and its measures when it is full.
    terms
        How many terms have a row of their own.
    cost
        How much it covers of what should be seen: below 1 next to nothing.
    """

    box: QRectF
    sizes: overlay.Measures
    terms: int
    cost: float


def sum_place(page: Page, picture: Picture, filling: Filling, camera: QTransform) -> SumPlace | None:
    """Return where the card stands, as large as it can be without hiding much; None where its neuron is not seen."""
    column = page.layout.columns[filling.layer]
    place = column.place(filling.unit)
    if place is None:
        return None
    centre = camera.map(QPointF(*page.at(*column.centre(place))))
    if not QRectF(*page.network).adjusted(0, -8, 0, 8).contains(centre):
        return None
    bounds, whole = _bounds(page), dataclasses.replace(filling, share=1.0)
    clear = camera.m11() * column.radius + _CLEAR * page.scale
    covered = _ways(page, filling, camera), _others(page, picture, camera)
    best: SumPlace | None = None
    for terms in range(min(MOST_TERMS, max(_FEWEST_TERMS, len(filling.terms))), _FEWEST_TERMS - 1, -1):
        sizes = overlay.measured(filling_card(picture, whole, terms), bounds, _scale(page))
        large = sizes.width * sizes.height > _MOST_AREA * bounds.width() * bounds.height()
        for box in _boxes(centre, clear, sizes, bounds):
            cost = _cost(box, centre, clear, covered) + (_LARGE if large else 0.0)
            if best is None or cost < best.cost - 1e-9:
                best = SumPlace(box, sizes, terms, cost)
        if best is not None and best.cost < _ACCEPTED:
            break
    return best


def _boxes(centre: QPointF, clear: float, sizes: overlay.Measures, bounds: QRectF) -> list[QRectF]:
    """Return where a card of a size may stand near a neuron, the first the most natural."""
    x, y, width, height = centre.x(), centre.y(), sizes.width, sizes.height
    corners = [
        (left, y + up * height) for up in (-0.5, -0.2, -0.8, 0.0, -1.0) for left in (x + clear, x - clear - width)
    ]
    corners += [(x + aside * width, top) for aside in (-0.5, 0.0, -1.0) for top in (y + clear, y - clear - height)]
    return [
        QRectF(
            round(max(bounds.left(), min(left, bounds.right() - width))),
            round(max(bounds.top(), min(top, bounds.bottom() - height))),
            width,
            height,
        )
        for left, top in corners
    ]


def _cost(box: QRectF, centre: QPointF, clear: float, covered: tuple[Floats, Floats]) -> float:
    """Return how much a card would hide, and how far it is from its neuron."""
    near, (ways, others) = box.adjusted(-8, -8, 8, 8), covered
    cost = 4.0 * _inside(ways, near) / max(1, len(ways)) + _inside(others, near) / max(1, len(others))
    aside = max(box.left() - centre.x(), centre.x() - box.right(), 0.0)
    away = max(box.top() - centre.y(), centre.y() - box.bottom(), 0.0)
    far = math.hypot(aside, away)
    return cost + _FAR * far + (_HIDDEN if far < 0.75 * clear else 0.0)


def _bounds(page: Page) -> QRectF:
    """Return what the card may cover: nothing above the network, where the buttons are."""
    top = page.network.y - 4.0
    return QRectF(page.rect.x + 8.0, top, page.rect.width - 16.0, page.rect.y + page.rect.height - 8.0 - top)


def _scale(page: Page) -> float:
    return page.scale if page.roomy else _SMALLER * page.scale


def _ways(page: Page, filling: Filling, camera: QTransform) -> Floats:
    """Return points on the edges that come into the neuron, (points, 2), as they are seen."""
    if filling.layer == 0:
        return np.zeros((0, 2))
    span = page.layout.spans[filling.layer - 1]
    coming = span.columns == filling.unit
    found = []
    for t in _ON_THE_WAY:
        weights = bernstein(t)
        y = span.start[coming] + (span.end[coming] - span.start[coming]) * float(weights[2:].sum())
        found.append(np.stack(page.at(np.full(len(y), float(weights @ span.x)), y), axis=1))
    return _seen(np.concatenate(found), camera)


def _others(page: Page, picture: Picture, camera: QTransform) -> Floats:
    """Return neurons and the outputs' labels, (points, 2): covered rather than a way, but not without need."""
    points = [
        page.at(x, y)
        for column in page.layout.columns
        for x, y in zip(column.xs.tolist(), column.y.tolist(), strict=True)
    ]
    for box in outcome_boxes(page, picture):
        points += [(box.x + part * box.width, box.y + 0.5 * box.height) for part in (0.1, 0.4, 0.7, 1.0)]
    return _seen(np.array(points, np.float64), camera)


def _seen(points: Floats, camera: QTransform) -> Floats:
    return points * camera.m11() + np.array([camera.dx(), camera.dy()])


def _inside(points: Floats, box: QRectF) -> float:
    x, y = points[:, 0], points[:, 1]
    return float(((x >= box.left()) & (x <= box.right()) & (y >= box.top()) & (y <= box.bottom())).sum())
