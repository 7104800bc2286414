"""The decision map as an image: colours, boundaries and contours, drawn beside the window."""

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from simulator.progress import Progress
from ui.panels.plane_colours import class_shades, image_of, scores_of, value_shades
from ui.panels.plane_lines import draw_pieces
from ui.panels.points_axes import Span, ticks
from ui.panels.points_ground import fitting_side, middles
from ui.panels.points_picture import Inks

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.insight.input_planes import Grid, Plane
    from simulator.snapshot import Snapshot

FINEST, COARSEST = 200, 40
_SECONDS = 0.012
"""So long a map may take on one core: then another comes twenty times a second, beside the training."""

_CLASSES = {True: 0.62, False: 0.55}
_VALUES = {True: 0.8, False: 0.8}
CONFIDENCE = (0.5, 0.7, 0.9)
_MOST_LINES = 7


@dataclasses.dataclass(frozen=True, eq=False)
class Wish:
    """What is to be drawn.

    Attributes
    ----------
    snapshot, plane
        Which network is asked, and where.
    x, y
        What is in sight, in coordinates of the plane.
    width, height, ratio
        Of the image in logical pixels, and device pixels in one of them.
    inks
        The colours.
    contours
        Whether boundaries and contours are drawn.
    kept
        The grid of the map before, if it is of the same plane and sight.
    """

    snapshot: "Snapshot"
    plane: "Plane"
    x: Span
    y: Span
    width: int
    height: int
    ratio: float
    inks: Inks
    contours: bool
    kept: "tuple[Any, Grid] | None" = None


@dataclasses.dataclass(frozen=True, eq=False)
class Drawn:
    """A wish that was fulfilled.

    Attributes
    ----------
    wish
        Which one.
    side
        How many places a side were asked.
    image
        The map; None along a single axis, or where there is nothing to be said.
    lines
        (places, scores) along a single axis: a score a class, or the value in real units.
    kept
        The grid, for the next map.
    finite
        Whether all answers are finite numbers.
    """

    wish: Wish
    side: int
    image: QImage | None
    lines: NDArray[np.float64] | None
    kept: "tuple[Any, Grid]"
    finite: bool


def drawn(wish: Wish, progress: Progress) -> Drawn:
    """Ask the network at every place, and draw what it says; a job."""
    from simulator.insight.input_plane_answers import outputs

    network, plane = wish.snapshot.network, wish.plane
    single = len(plane.axes) < 2
    side = FINEST if single else fitting_side(network, _SECONDS, COARSEST, FINEST)
    key = (plane, wish.x, wish.y, side)
    if wish.kept is not None and wish.kept[0] == key:
        kept = wish.kept
    else:
        x = middles(wish.x, side)
        kept = key, plane.grid(x) if single else plane.grid(x, middles(wish.y, side)[::-1])
    found = outputs(network, wish.snapshot.layers, kept[1], progress)
    classes = bool(plane.recipe.class_names)
    with np.errstate(all="ignore"):
        answers = scores_of(found) if classes else np.asarray(plane.recipe.value(found))
    finite = bool(np.isfinite(answers).all())
    if single:
        return Drawn(wish, side, None, np.asarray(answers[0], np.float64), kept, finite)
    return Drawn(wish, side, _image(wish, answers, classes=classes), None, kept, finite)


def _image(wish: Wish, answers: NDArray[Any], *, classes: bool) -> QImage | None:
    inks, dark = wish.inks, wish.inks.theme.dark
    if classes:
        shades = class_shades(answers, inks, _CLASSES[dark], confident=True)
    else:
        shades = value_shades(answers[:, :, 0], inks, _VALUES[dark])
    if shades is None:
        return None
    image = QImage(
        max(1, round(wish.width * wish.ratio)), max(1, round(wish.height * wish.ratio)), QImage.Format.Format_RGB32
    )
    image.setDevicePixelRatio(wish.ratio)
    painter = QPainter(image)
    # Categories are steps: between them lies nothing.
    painter.setRenderHint(
        QPainter.RenderHint.SmoothPixmapTransform, not any(axis.categories for axis in wish.plane.axes)
    )
    painter.drawImage(QRectF(0, 0, wish.width, wish.height), image_of(shades))
    if wish.contours:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        # The values stand in the middles of the grid's squares.
        across, down = wish.width / shades.shape[1], wish.height / shades.shape[0]
        for pieces, pen in _contours(wish, answers, classes=classes):
            painter.setPen(pen)
            draw_pieces(painter, pieces, (0.5 * across, 0.5 * down), (across, down))
    painter.end()
    return image


def value_levels(span: Span) -> list[float]:
    """Return the values that contours are drawn at: round numbers within the scale of colours."""
    return [level for level in ticks(span, _MOST_LINES) if span.low < level < span.high]


def _contours(wish: Wish, answers: NDArray[Any], *, classes: bool) -> list[tuple[NDArray[np.float64], QPen]]:
    from simulator.insight.contours import boundaries, contour

    ink = wish.inks.theme.color("text")
    if not classes:
        span = wish.inks.span
        levels = [] if span is None else value_levels(span)
        return [(contour(answers[:, :, 0], level), _pen(ink, 0.55, 1.0)) for level in levels]
    if answers.shape[2] < 2:
        return []
    best = np.ascontiguousarray(np.moveaxis(answers, 2, 0)).max(axis=0)
    levels = CONFIDENCE[1:] if answers.shape[2] == 2 else CONFIDENCE  # of two classes, one half is the boundary
    found = [(contour(best, level), _pen(ink, 0.42, 1.0)) for level in levels]
    return [*found, (boundaries(answers), _pen(ink, 0.9, 1.7))]


def _pen(ink: QColor, alpha: float, width: float) -> QPen:
    pen = QPen(ink, width)
    faded = QColor(ink)
    faded.setAlphaF(alpha)
    pen.setColor(faded)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen
