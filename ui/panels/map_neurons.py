"""What every neuron answers on the plane of the decision map, for the small maps in the drawing."""

import time
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from simulator.progress import Progress
from ui.bridge import Bridge
from ui.canvas.heat_maps import HeatMaps
from ui.jobs import Failure, Job
from ui.panels.map_axes import axis_title
from ui.panels.map_source import PlaneSource
from ui.panels.points_axes import Span
from ui.panels.points_ground import middles

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.insight.input_planes import Plane
    from simulator.snapshot import Snapshot

SIDE = 28
_SECONDS = 0.05
_DUTY = 6.0
_AT_ONCE = 0.0015
"""What takes no longer than this on one core is worked out in the frame; more is a job."""


class NeuronMaps(QObject):
    """Asks the newest network about the plane while the maps are wanted.

    Signals
    -------
    changed
        `HeatMaps`, or None when there are none any more.
    """

    changed = Signal(object)

    def __init__(self, bridge: Bridge, source: PlaneSource, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge, self._source = bridge, source
        self.on = False
        self._job: Job | None = None
        self._shown: Any = None
        self._asked_at, self._pause = 0.0, _SECONDS
        bridge.ticked.connect(self._tick)

    def turn(self, on: bool) -> None:
        """Work maps out from now on, or no longer."""
        self.on = on
        self._shown = None
        self._source.want(self, wanted=on)
        if not on:
            if self._job is not None:
                self._job.cancel()
            self._job = None
            self.changed.emit(None)

    def _tick(self, now: float) -> None:
        snapshot, plane = self._bridge.snapshot, self._source.plane
        if not self.on or snapshot is None or plane is None or self._job is not None:
            return
        wanted = (snapshot, plane, *self._source.sight)
        if self._shown == wanted or snapshot.network.inputs != len(plane.base):
            return
        if self._bridge.playing and now - self._asked_at < self._pause:
            return
        from simulator.insight.input_plane_answers import seconds_per_place

        self._shown, self._asked_at = wanted, time.perf_counter()
        if SIDE * SIDE * seconds_per_place(snapshot.network) + 4e-9 * SIDE * SIDE * len(plane.base) <= _AT_ONCE:
            self._arrive(neuron_maps(*wanted, Progress()))
        else:
            self._job = self._bridge.run_job(neuron_maps, *wanted, on_done=self._arrive, on_failed=self._fail)

    def _arrive(self, maps: HeatMaps) -> None:
        self._job = None
        self._pause = max(_SECONDS, _DUTY * (time.perf_counter() - self._asked_at))
        self.changed.emit(maps)

    def _fail(self, _failure: Failure) -> None:
        self._job = None


def neuron_maps(snapshot: "Snapshot", plane: "Plane", x: Span, y: Span, progress: Progress) -> HeatMaps:
    """Return what every neuron answers at `SIDE` × `SIDE` places, or along one axis."""
    from simulator.insight.input_plane_answers import activations

    across = middles(x, SIDE)
    grid = plane.grid(across) if len(plane.axes) < 2 else plane.grid(across, middles(y, SIDE)[::-1])
    found = activations(snapshot.network, snapshot.layers, grid, progress)
    inputs = grid.inputs().astype(np.float32)
    fields = tuple(each.reshape(grid.rows, grid.columns, -1) for each in (inputs, *found))
    return HeatMaps(fields, tuple(axis_title(axis) for axis in plane.axes))
