"""Signals that run along the edges: soft dots with short tails, as large as what they carry."""

import functools
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from ui.canvas import colour
from ui.canvas.act import Flow
from ui.canvas.device import paint_glow
from ui.canvas.layout import Floats, Layout, Span
from ui.canvas.page import Page
from ui.theme import Theme

MOST = 250
"""More dots than these would be a cloud."""
LEAST = 0.04
"""What carries less than this part of the strongest is not worth a dot."""

_CALM, _CALM_STEPS = 0.45, 2
_RAMP_UP = 0.12
_SMALLEST, _LARGEST = 1.4, 4.6
_GLOW_REACH = 2.6
_TAIL = 5
_SPREAD = 0.4
_FADE_IN = 0.05
_GOLDEN = 0.6180339887
_TAIL_PIXELS = 4.5
_NORMAL_RADIUS = 20.0


class Dots(NamedTuple):
    """Where signals are.

    Attributes
    ----------
    x, y
        (dots,) points of the page, the weakest first.
    strength
        (dots,) what they carry over the largest of the span, 0 … 1.
    positive
        (dots,) the sign of what they carry.
    edges
        (dots,) on which edge of the span.
    """

    x: Floats
    y: Floats
    strength: Floats
    positive: NDArray[np.bool_]
    edges: NDArray[np.intp]


def calm(share: float) -> float:
    """Return how far the edges step back below the signals: not at the ends, so that nothing jumps."""
    part = min(1.0, max(0.0, min(share, 1.0 - share) / _RAMP_UP))
    return _CALM * round(part * _CALM_STEPS) / _CALM_STEPS


def dots(layout: Layout, flow: Flow) -> Dots:
    """Return where the signals of a flow are, on the very curves of their edges."""
    span = layout.spans[flow.layer]
    carried = _carried(span, flow.values, flow.unit)
    return Dots(*_places(span, carried.edges, flow, 0.0), carried.strength, carried.positive, carried.edges)


class _Carried(NamedTuple):
    """The edges of a span that have dots, the weakest first, and what they carry."""

    edges: NDArray[np.intp]
    strength: Floats
    positive: NDArray[np.bool_]


_last: tuple[Span, object, int | None, _Carried] | None = None


def _carried(span: Span, values: NDArray[np.floating[Any]], unit: int | None) -> _Carried:
    """Return which edges have dots; found once while the same values run, however many edges there are."""
    global _last
    if _last is None or _last[0] is not span or _last[1] is not values or _last[2] != unit:
        _last = span, values, unit, _strongest(span, values, unit)
    return _last[3]


def _strongest(span: Span, values: NDArray[np.floating[Any]], unit: int | None) -> _Carried:
    with np.errstate(all="ignore"):
        sizes = np.abs(np.asarray(values, np.float64))
        finite = sizes[np.isfinite(sizes)]
        peak = float(finite.max()) if finite.size else 0.0
        shown = sizes[np.ix_(span.left.shown, span.right.shown)]
        strength = np.nan_to_num(np.minimum(1.0, shown / peak)) if peak > 0.0 else np.zeros(shown.shape)
    strength[np.isposinf(shown)] = 1.0
    if unit is not None:
        strength[:, span.right.shown != unit] = 0.0
    strength = strength.ravel()
    order = np.argpartition(strength, -MOST)[-MOST:] if len(strength) > MOST else np.arange(len(strength))
    order = order[np.argsort(strength[order], kind="stable")]
    order = order[strength[order] >= LEAST]
    rows, columns = np.divmod(order, len(span.right.shown))
    positive = np.asarray(values)[span.left.shown[rows], span.right.shown[columns]] > 0.0
    return _Carried(order, strength[order], positive)


def _places(span: Span, edges: NDArray[np.intp], flow: Flow, behind: float) -> tuple[Floats, Floats]:
    """Return x and y on some edges of a span, `behind` the signals by a share of the way."""
    t = np.clip(ways(edges, flow.share) - behind, 0.0, 1.0)
    t = 1.0 - t if flow.backward else t
    s = 1.0 - t
    one, two, three = 3.0 * s * s * t, 3.0 * s * t * t, t * t * t
    x0, x1, x2, x3 = span.x
    x = s * s * s * x0 + one * x1 + two * x2 + three * x3
    sources, targets = np.divmod(edges, len(span.right.shown))
    start, end = span.left.y[sources], span.right.y[targets]
    return x, start + (end - start) * (two + three)


def ways(edges: NDArray[np.intp], share: float) -> Floats:
    """Return how far along their curves the signals of some edges of a span are, (edges,), 0 … 1.

    Each sets off a little later or earlier than its neighbours, so that they are a stream and not a wall: all stand at
    the start at share 0 and at the end at share 1.
    """
    late = edges.astype(np.float64) * _GOLDEN % 1.0
    return np.clip(share * (1.0 + _SPREAD) - _SPREAD * late, 0.0, 1.0)


def paint_flow(
    painter: QPainter,
    page: Page,
    flow: Flow,
    ramp: colour.Ramp,
    theme: Theme,
    lens: tuple[float, float, float] = (1.0, 0.0, 0.0),
    *,
    sprites: bool,
    dashed: bool,
) -> None:
    """Draw the signals; with `dashed`, negative ones are rings, so that the sign is not told by hue alone.

    Parameters
    ----------
    painter, page, flow
        Where, along which edges, and what.
    ramp, theme
        In the colours at the ends of the ramp, light or dark inside as the theme is.
    lens
        Zoom, x and y of the camera; the painter does not look through it.
    sprites
        Whether dots may be small images; a vector file gets gradients.
    dashed
        Whether the sign is told by the shape too.
    """
    if not 0.0 < flow.share < 1.0:
        return
    span, columns = page.layout.spans[flow.layer], page.layout.columns
    length = max(1.0, float(span.x[3] - span.x[0]))
    radius = min(columns[flow.layer].radius, columns[flow.layer + 1].radius)
    size = min(1.5, max(0.55, (radius / _NORMAL_RADIUS) ** 0.6)) * min(2.0, lens[0] ** 0.5)
    ratio = painter.device().devicePixelRatioF() if sprites else 0.0
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    ends = ramp.rgb[[0, -1]].tolist()
    found = dots(page.layout, flow)
    way = ways(found.edges, flow.share)
    presence = np.clip(np.minimum(way, 1.0 - way) / _FADE_IN, 0.0, 1.0).tolist()
    wide = size * (_SMALLEST + (_LARGEST - _SMALLEST) * found.strength**0.6)
    for step in range(_TAIL, -1, -1):
        xs, ys = _places(span, found.edges, flow, step * _TAIL_PIXELS * size / (lens[0] * length))
        faint = 1.0 if step == 0 else 0.34 * (1.0 - step / (_TAIL + 1))
        radii = np.maximum(0.5, np.round(2.0 * wide * (1.0 - 0.13 * step)) / 2.0).tolist()
        xs, ys = page.at(xs, ys)
        seen_x, seen_y = lens[0] * xs + lens[1], lens[0] * ys + lens[2]
        rows = zip(seen_x.tolist(), seen_y.tolist(), radii, presence, found.positive.tolist(), strict=True)
        for x, y, round_, seen, positive in rows:
            if seen <= 0.0 or (step and round_ < 1.0):
                continue
            painter.setOpacity(seen * faint)
            look = (*ends[positive], theme.dark, dashed and not positive, step > 0)
            if sprites:
                _draw_sprite(painter, x, y, look, round_, ratio)
            else:
                _paint_dot(painter, x, y, round_, look)
    painter.restore()


Look = tuple[int, int, int, bool, bool, bool]
"""Red, green, blue; whether the theme is dark, whether it is a ring, whether it is a part of a tail."""


def _draw_sprite(painter: QPainter, x: float, y: float, look: Look, radius: float, ratio: float) -> None:
    """Copy a dot to half a pixel near, so that it glides."""
    left, top = x * ratio, y * ratio
    whole_x, whole_y = int(left), int(top)
    half_x, half_y = left - whole_x >= 0.5, top - whole_y >= 0.5
    image = _sprite(look, radius, ratio, half_x, half_y)
    reach = 0.5 * (image.width() - 1)
    painter.drawImage(QPointF((whole_x - reach) / ratio, (whole_y - reach) / ratio), image)


@functools.lru_cache(maxsize=1024)
def _sprite(look: Look, radius: float, ratio: float, half_x: bool, half_y: bool) -> QImage:
    reach = int(radius * _GLOW_REACH * ratio) + 2
    image = QImage(2 * reach + 1, 2 * reach + 1, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    x, y = ((reach + 0.25 + 0.5 * half) / ratio for half in (half_x, half_y))
    _paint_dot(painter, x, y, radius, look)
    painter.end()
    return image


def _paint_dot(painter: QPainter, x: float, y: float, radius: float, look: Look) -> None:
    """Draw one dot: a glow, and a core that is lighter than its glow on dark ground."""
    *rgb, dark, ring, tail = look
    shade = QColor(*rgb)
    painter.setPen(Qt.PenStyle.NoPen)
    if tail:
        painter.setBrush(shade)
        painter.drawEllipse(QPointF(x, y), radius, radius)
        return
    reach = radius * _GLOW_REACH
    paint_glow(painter, (rgb[0], rgb[1], rgb[2]), x, y, reach, [(0.0, 0.55), (0.38, 0.5), (0.6, 0.2), (1.0, 0.0)])
    inner = QColor(*(int(value) for value in colour.mix(rgb, colour.rgb("#ffffff"), 0.55 if dark else 0.12)))
    if ring:
        painter.setPen(QPen(inner, max(1.0, 0.45 * radius)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(x, y), 0.8 * radius, 0.8 * radius)
        return
    painter.setBrush(inner)
    painter.drawEllipse(QPointF(x, y), radius, radius)
