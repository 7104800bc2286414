"""What the network says at every place of the plane, as the colour of the ground below the points."""

import contextlib
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from simulator.errors import SimulatorError
from ui.bridge import Bridge
from ui.canvas import colour
from ui.panels.points_axes import Axes
from ui.panels.points_picture import Inks

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data.recipe import Recipe
    from simulator.snapshot import Snapshot

Floats = NDArray[np.float64]

_PAUSE_MS = 90
_FINEST, _COARSEST = 56, 12
_WORK = 30_000_000
"""About so many multiplications are spent on a picture, some milliseconds: a large network has a coarser one."""

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
        self._inputs: tuple[Any, Floats] | None = None
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
        found = None
        if snapshot is not None and dataset is not None and dataset.recipe.used == self._names:
            # An axis may be computed from columns that are not in the plane: then there is no answer.
            with contextlib.suppress(SimulatorError):
                found = self._answers(snapshot, dataset.recipe)
        self.image = None if found is None else picture(found, self._inks)
        self.changed.emit()

    def _answers(self, snapshot: "Snapshot", recipe: "Recipe") -> Floats | None:
        """Return the probabilities (side, side, classes) or the values (side, side) from top to bottom."""
        from simulator.engines.passes import forward

        axes, network = self._axes, snapshot.network
        assert axes is not None
        side = round(min(_FINEST, max(_COARSEST, math.sqrt(_WORK / max(1, network.parameter_count)))))
        key = recipe, axes.x, axes.y, side
        if self._inputs is None or self._inputs[0] != key:
            self._inputs = key, inputs_of(recipe, axes, side)
        X = self._inputs[1]
        if X.shape[1] != network.inputs:
            return None  # a moment between two data sets
        with np.errstate(all="ignore"):
            outputs = np.nan_to_num(forward(network, snapshot.layers, X).outputs)
        if not recipe.class_names:
            return np.asarray(recipe.value(outputs), dtype=np.float64).reshape(side, side)
        if outputs.shape[1] == 1:
            outputs = np.concatenate([1.0 - outputs, outputs], axis=1)
        return outputs.reshape(side, side, -1)


def inputs_of(recipe: "Recipe", axes: Axes, side: int) -> Floats:
    """Return what goes into the network at places in the middles of squares, from top to bottom, (side², inputs)."""
    import pandas as pd

    shares = (np.arange(side) + 0.5) / side
    x = axes.x.low + shares * axes.x.length
    y = axes.y.high - shares * axes.y.length
    first, second = recipe.used
    places = {first: np.tile(x, side), second: np.repeat(y, side)}
    return np.asarray(recipe.transform(pd.DataFrame(places)), dtype=np.float64)


def picture(found: Floats, inks: Inks) -> QImage | None:
    """Return answers as colours: those of the classes mixed by their probabilities, or those of the values."""
    inked = np.array([(each.red(), each.green(), each.blue()) for each in inks.colours()], dtype=np.float64)
    if found.ndim == 3:
        if found.shape[2] != len(inked):
            return None  # a class was added, and its network is not there yet
        shades = np.clip(found, 0.0, 1.0) @ inked
    elif inks.classes:
        return None
    else:
        shades = inked[inks.places(found)]
    ground = colour.rgb(inks.theme.canvas_bottom)
    pixels = np.ascontiguousarray(np.clip(colour.mix(ground, shades, _STRENGTH[inks.theme.dark]), 0, 255), np.uint8)
    side = pixels.shape[0]
    return QImage(pixels.tobytes(), side, side, 3 * side, QImage.Format.Format_RGB888).copy()
