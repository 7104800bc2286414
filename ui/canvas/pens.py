"""How edges are drawn: a pen for every place of the colour ramp, made once a theme and size."""

import dataclasses
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

from ui.canvas import colour
from ui.theme import Theme

_HALO_FROM = 0.42
_HALO_WIDTH = 1.8
_FAST_WIDTH = 1.3  # below it one pixel is drawn: Qt has a path for that which is ten times as fast
_LINE_STEP = 0.75  # lines this near leave no gap between them
_DASH = (4.0, 3.0)

Offsets = tuple[float, ...]


@dataclasses.dataclass(frozen=True, eq=False)
class EdgeStyle:
    """256 pens for the places of the ramp.

    Attributes
    ----------
    strong
        Curves whose width follows the weight.
    halo
        A wider, fainter line below a strong edge, or None; it also sets the edge off from those it crosses.
    thin, thin_halo
        Lines of one pixel in the same colours.
    core, rim
        The distances of the parallel lines of one pixel that together look like the wide line and like its halo; or
        None where a line of one pixel will do, or where the edge is dashed.
    """

    strong: list[QPen]
    halo: list[QPen | None]
    thin: list[QPen]
    thin_halo: list[QPen]
    core: list[Offsets | None]
    rim: list[Offsets | None]


def edge_style(
    theme: Theme,
    nodes: colour.Ramp,
    thickness: float,
    ratio: float,
    *,
    dashed: bool,
    fade: float = 0.0,
    widths: bool = True,
    as_seen: bool = False,
) -> EdgeStyle:
    """Return pens for a theme.

    Parameters
    ----------
    theme, nodes
        The background behind the edges, and the colours at their strongest.
    thickness
        1 where neurons are large.
    ratio
        Device pixels in a logical pixel.
    dashed
        Whether negative edges are dashed.
    fade
        How far all edges step back.
    widths
        Whether strong edges are wide; else all are lines of one pixel.
    as_seen
        Whether a camera that comes closer leaves the widths as they are.
    """
    background = _background(theme)
    colours = edge_colours(theme, nodes, fade)
    sizes = colour.magnitudes()
    halos = np.rint(colour.mix(background, colours, 0.16 if theme.dark else 0.2)).astype(np.uint8)
    strong: list[QPen] = []
    halo: list[QPen | None] = []
    thin: list[QPen] = []
    thin_halo: list[QPen] = []
    core: list[Offsets | None] = []
    rim: list[Offsets | None] = []
    for place, size in enumerate(sizes.tolist()):
        width = width_of(size, thickness) if widths else 1.0
        broken = dashed and place < 127
        strong.append(_pen(colours[place], width if width > _FAST_WIDTH else 1.0, broken=broken))
        wide = widths and fade == 0.0 and size >= _HALO_FROM and width >= _HALO_WIDTH
        around = width + thickness * (2.0 + 4.0 * size)
        halo.append(_pen(halos[place], around, broken=False) if wide else None)
        thin.append(_pen(colours[place], 1.0, broken=broken))
        thin_halo.append(_pen(halos[place], 1.0, broken=False))
        thin[-1].setCosmetic(True)
        thin_halo[-1].setCosmetic(True)
        core.append(None if broken else _parallels(0.0, strong[-1].widthF(), ratio))
        rim.append(_parallels(width, around, ratio) if wide and not broken else None)
    for pen in (*strong, *halo) if as_seen else ():
        if pen is not None:
            pen.setCosmetic(True)
    return EdgeStyle(strong, halo, thin, thin_halo, core, rim)


def edge_colours(theme: Theme, nodes: colour.Ramp, fade: float = 0.0) -> colour.Bytes:
    """Return the colours of edges on the canvas of a theme, (256, 3)."""
    return colour.edge_ramp(nodes, _background(theme), fade)


def opaque(colours: colour.Bytes) -> NDArray[np.uint32]:
    """Return colours (n, 3) as opaque ARGB, (n,)."""
    red, green, blue = colours.astype(np.uint32).T
    return np.ascontiguousarray(np.uint32(0xFF000000) | red << np.uint32(16) | green << np.uint32(8) | blue)


def _background(theme: Theme) -> NDArray[np.float64]:
    return colour.mix(colour.rgb(theme.canvas_top), colour.rgb(theme.canvas_bottom), 0.5)


def width_of(size: Any, thickness: float) -> Any:
    """Return how wide an edge is whose |value| is `size` of the end of its scale, one number or an array."""
    return thickness * (0.7 + 4.3 * size**1.4)


def _parallels(inner: float, outer: float, ratio: float) -> Offsets:
    """Return where lines of one device pixel lie that fill the width between two line widths, on both sides."""
    first, last = 0.5 * (inner * ratio + 0.6) if inner else 0.0, max(0.0, 0.5 * (outer * ratio - 1.0))
    if inner:
        count = max(1, math.ceil((last - first) / 1.0) + 1)
        side = np.linspace(first, max(first, last), count)
        offsets = np.concatenate([-side[::-1], side])
    else:
        offsets = np.linspace(-last, last, math.ceil(2.0 * last / _LINE_STEP) + 1) if last > 0.05 else np.zeros(1)
    return tuple((np.rint(offsets * 8.0) / 8.0 / ratio).tolist())


def _pen(rgb: NDArray[np.uint8], width: float, *, broken: bool) -> QPen:
    pen = QPen(QColor(*rgb.tolist()), width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if broken:
        pen.setDashPattern([max(1.5, length / max(1.0, width / 2.0)) for length in _DASH])
    return pen
