"""Draws rows as marks: training rows filled, test rows as rings, mistakes as crosses; each kind is drawn once."""

import functools

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from ui.panels.map_points import SHADES
from ui.panels.points_axes import Axes
from ui.panels.points_picture import Inks
from ui.portrait import portrayed
from ui.theme import Theme

Doubles = NDArray[np.float64]


def radius_of(axes: Axes, count: int, base: float) -> float:
    """Return how large a mark is: less where there are many, or little room."""
    crowd = 1.25 if count <= 150 else 1.0 if count <= 600 else 0.8
    return round(crowd * min(0.32 * base, max(0.2 * base, min(axes.width, axes.height) / 75)), 1)


def paint_dots(
    painter: QPainter,
    axes: Axes,
    inks: Inks,
    places: Doubles,
    kinds: tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]],
    shades: NDArray[np.int64],
    radius: float,
) -> None:
    """Draw rows at places (rows, 2); the faint ones first, mistakes last.

    Parameters
    ----------
    kinds
        For each row its colour's place, whether it is a test row, and whether it is mistaken.
    shades
        How strong each is drawn, as `shades_of` says.
    """
    ratio, drawn = painter.device().devicePixelRatioF(), portrayed() is not None
    colours, test, wrong = kinds
    across, down = axes.across(places[:, 0]), axes.down(places[:, 1])
    reach = radius + 3.0
    seen = np.isfinite(across) & np.isfinite(down)
    seen &= (across > axes.left - reach) & (across < axes.left + axes.width + reach)
    seen &= (down > axes.top - reach) & (down < axes.top + axes.height + reach)
    some = np.flatnonzero(seen)
    some = some[np.lexsort((test[some], wrong[some], shades[some]))]
    inked = inks.colours()
    if not inks.classes:  # a scale of 256 colours is drawn in 64
        colours = colours // 4 * 4 + 2
    # What is near zero on a scale of values has nearly the colour of the ground.
    edge = "canvas_bottom" if inks.classes else "quiet"
    last = -1
    lefts, tops = (across[some] - reach).tolist(), (down[some] - reach).tolist()
    for at, shade, left, top in zip(some.tolist(), shades[some].tolist(), lefts, tops, strict=True):
        if shade != last:
            painter.setOpacity(0.22 + 0.78 * shade / (SHADES - 1))
            last = shade
        name = inked[int(colours[at])].name()
        looks = bool(test[at]), bool(wrong[at])
        if drawn:
            place = QPointF(left + reach, top + reach)
            paint_mark(painter, inks.theme, place, radius, QColor(name), edge, test=looks[0], wrong=looks[1])
        else:
            painter.drawImage(QPointF(left, top), mark_image(inks.theme, name, edge, *looks, radius, ratio))
    painter.setOpacity(1.0)


@functools.lru_cache(maxsize=1024)
def mark_image(theme: Theme, name: str, edge: str, test: bool, wrong: bool, radius: float, ratio: float) -> QImage:
    """Return one mark as a small image with room for its rim."""
    reach = radius + 3.0
    side = round(2.0 * reach * ratio)
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_mark(painter, theme, QPointF(reach, reach), radius, QColor(name), edge, test=test, wrong=wrong)
    painter.end()
    return image


def paint_mark(
    painter: QPainter, theme: Theme, at: QPointF, radius: float, ink: QColor, edge: str, *, test: bool, wrong: bool
) -> None:
    """Draw a mark: a disc, or a cross for a mistake; a test row is hollow, its cross stands in a ring.

    `edge` is the colour of the theme that parts it from its neighbours and from the ground.
    """
    ground, rim = theme.color("canvas_bottom"), theme.color(edge)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if test:
        outer = radius + (1.4 if wrong else 0.2)
        painter.setPen(QPen(rim, 3.4))
        painter.drawEllipse(at, outer, outer)
        painter.setPen(QPen(ink, 1.7))
        painter.setBrush(ground)
        painter.drawEllipse(at, outer, outer)
    elif not wrong:
        painter.setPen(QPen(rim, 1.0))
        painter.setBrush(ink)
        painter.drawEllipse(at, radius, radius)
    if wrong:
        arm = (0.62 if test else 1.05) * radius
        for colour, width in ((ground, 4.6), (theme.color("text"), 2.2 if test else 3.0), (ink, 1.5)):
            pen = QPen(colour, width)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            for dx, dy in ((arm, arm), (arm, -arm)):
                painter.drawLine(at - QPointF(dx, dy), at + QPointF(dx, dy))
