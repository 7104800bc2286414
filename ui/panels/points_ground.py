"""What the network says at every place of the plane, as the colour of the ground below the points."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from ui.bridge import Bridge
from ui.panels.plane_colours import class_shades, image_of, scores_of, value_shades
from ui.panels.points_axes import Axes, Span
from ui.panels.points_picture import Inks

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data.recipe import Recipe
    from simulator.insight.input_planes import Grid
    from simulator.snapshot import Snapshot

_PAUSE_MS = 90
_FINEST, _COARSEST = 56, 12
_SECONDS = 0.002
"""About so long a picture may take: a large network has a coarser one."""

_STRENGTH = {True: 0.36, False: 0.3}
"""How much of its colour the ground takes, in the dark and in the light theme: the points stay what is seen first."""


class Ground(QObject):
    """Asks the network of the newest moment, at most ten times a second, and only while somebody looks.

    Signals
    -------
    changed
        Another picture stands in `image`.

    Attributes
    ----------
    image
        The ground, or None where there is nothing to be said.
    """

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.image: QImage | None = None
        self._axes: Axes | None = None
        self._names = ("", "")
        self._inks: Inks | None = None
        self._grid: tuple[Any, Grid | None] | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._draw)
        bridge.snapshot_changed.connect(lambda _snapshot: self._want())

    def look(self, axes: Axes | None, names: tuple[str, str] = ("", ""), inks: Inks | None = None) -> None:
        """Say which part of the plane is seen, and in which colours; None where nobody looks."""
        if axes is not None and self._axes is not None and (axes.x, axes.y) != (self._axes.x, self._axes.y):
            self.image = None
        self._axes, self._names, self._inks = axes, names, inks
        if axes is None:
            self.image = None
        self._want()

    def _want(self) -> None:
        if self._axes is not None and not self._pause.isActive():
            self._pause.start()

    def _draw(self) -> None:
        snapshot, dataset = self._bridge.snapshot, self._bridge.dataset
        if self._axes is None or self._inks is None:
            return
        self.image = None
        if snapshot is not None and dataset is not None and dataset.recipe.used == self._names:
            self.image = self._painted(snapshot, dataset.recipe, self._axes, self._inks)
        self.changed.emit()

    def _painted(self, snapshot: "Snapshot", recipe: "Recipe", axes: Axes, inks: Inks) -> QImage | None:
        from simulator.insight.input_plane_answers import outputs

        network = snapshot.network
        side = fitting_side(network, _SECONDS, _COARSEST, _FINEST)
        key = recipe, axes.x, axes.y, side
        if self._grid is None or self._grid[0] != key:
            self._grid = key, grid_of(recipe, axes, side)
        grid = self._grid[1]
        if grid is None or len(grid.base) != network.inputs:
            return None  # a moment between two data sets
        found, strength = outputs(network, snapshot.layers, grid), _STRENGTH[inks.theme.dark]
        if recipe.class_names:
            shades = class_shades(scores_of(found), inks, strength, confident=False)
        else:
            with np.errstate(all="ignore"):
                shades = value_shades(recipe.value(found[:, :, 0]), inks, strength)
        return None if shades is None else image_of(shades)


def fitting_side(network: Any, seconds: float, coarsest: int, finest: int) -> int:
    """Return how many places a side a picture can have that is worked out in about so many seconds."""
    from simulator.insight.input_plane_answers import seconds_per_place

    return round(min(finest, max(coarsest, math.sqrt(seconds / seconds_per_place(network)))))


def middles(span: Span, count: int) -> NDArray[np.float64]:
    """Return the middles of so many equal parts of a span, from low to high."""
    return span.low + (np.arange(count) + 0.5) / count * span.length


def grid_of(recipe: "Recipe", axes: Axes, side: int) -> "Grid | None":
    """Return what goes into the network in the middles of squares, from top to bottom; None if an axis is no number."""
    from simulator.insight.input_plane_space import directions_of
    from simulator.insight.input_planes import Plane

    found = directions_of(recipe)
    if len(found) != 2:
        return None
    plane = Plane(recipe, found, np.zeros(recipe.inputs))
    return plane.grid(middles(axes.x, side), middles(axes.y, side)[::-1])
