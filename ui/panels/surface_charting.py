"""Has the loss surface worked out beside the window: the plane, then its losses, coarse first; and keeps the path."""

import dataclasses
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from ui.bridge import Bridge
from ui.jobs import Failure, Job
from ui.panels.surface_jobs import Chart, Ground, Path, Request, charted, grounded, located, placed, thinned

if TYPE_CHECKING:
    from simulator.insight.surface import Window
    from simulator.training.survey import SurveyMoment

MOMENTS = 60
_AT_ONCE = 300_000
_SECONDS = 0.05


class Charting(QObject):
    """Keeps one ground, the newest chart of it, and the path.

    Signals
    -------
    changed
        The chart, the path, the present place or the progress is another one.

    Attributes
    ----------
    ground, chart, path
        What is known, or None.
    present
        Where the network on the timeline lies, (2,), and how far from the plane; or None.
    busy
        What is being done, in words with a percentage; empty for nothing.
    trouble
        Why there is no chart, in words; empty where there is one.
    watched
        Whether somebody looks; else nothing is begun.
    """

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.ground: Ground | None = None
        self.chart: Chart | None = None
        self.path: Path | None = None
        self.present: tuple[NDArray[np.float64], float] | None = None
        self.busy, self.trouble, self.watched = "", "", False
        self._wanted: Request | None = None
        self._moments: Sequence[SurveyMoment] | None = None
        self._jobs: dict[str, Job] = {}
        self._snapshot: Any = None
        self._seen_at = 0.0
        bridge.surveyed.connect(self._surveyed)

    # -- the ground and its chart -----------------------------------------------------------------------------

    def ask(self, request: Request) -> None:
        """Begin anew with other directions, or with the present network."""
        self.cancel()
        self._wanted, self.trouble, self.busy = request, "", "looking at the branch"
        self._bridge.survey(MOMENTS)
        self.changed.emit()

    def look_again(self) -> None:
        """Ask where the path goes by now."""
        if self.ground is not None and self._wanted is None:
            self._bridge.survey(MOMENTS)

    def resume(self) -> None:
        """Go on with a surface that was given up when nobody looked."""
        from simulator.insight.surface import SIZES

        chart, step = self.chart, 0
        if self.ground is None or self._jobs or self._wanted is not None:
            return
        if chart is not None:
            step = SIZES.index(len(chart.shades)) + 1
        if step < len(SIZES):
            self._chart(self.ground.window if chart is None else chart.surface.window, step, chart)

    def zoom(self, window: "Window") -> None:
        """Draw another part of the plane."""
        if self.ground is not None:
            self._stop("chart")
            self._chart(window, 0, None)

    def cancel(self) -> None:
        """Stop what is being worked out; what is drawn stays."""
        for name in tuple(self._jobs):
            self._stop(name)
        self._wanted, self._moments, self.busy = None, None, ""
        self.changed.emit()

    def forget(self) -> None:
        """Drop everything: it was of another session."""
        self.cancel()
        self.ground = self.chart = self.path = self.present = self._snapshot = None
        self.trouble = ""
        self.changed.emit()

    def _stop(self, name: str) -> None:
        job = self._jobs.pop(name, None)
        if job is not None:
            job.cancel()

    def _surveyed(self, event: Any) -> None:
        snapshot = self._bridge.snapshot
        if not self.watched or snapshot is None or event.branch != snapshot.branch:
            return
        if self._wanted is not None:
            self._moments = event.moments
        elif self.ground is not None and "path" not in self._jobs:
            self._jobs["path"] = self._bridge.run_job(
                located, self.ground.plane, event.moments, on_done=self._walked, on_failed=self._failed
            )

    def look(self) -> None:
        """Begin when the branch is known; called with every frame, when the moment that belongs to it is known too."""
        snapshot, request = self._bridge.snapshot, self._wanted
        if self._moments is None or request is None or snapshot is None:
            return
        moments, self._moments, self._wanted = self._moments, None, None
        request = dataclasses.replace(
            request, network=snapshot.network, config=snapshot.config, origin=snapshot.parameters
        )
        self._jobs["ground"] = self._bridge.run_job(
            grounded, request, moments, on_done=self._found, on_failed=self._failed, on_progress=self._report
        )

    def _found(self, ground: Ground) -> None:
        del self._jobs["ground"]
        self.ground, self.path, self.chart = ground, ground.path, None
        self.present = self._snapshot = None
        self._chart(ground.window, 0, None)

    def _chart(self, window: "Window", step: int, known: Chart | None) -> None:
        from simulator.insight.surface import SIZES

        assert self.ground is not None
        self._jobs["chart"] = self._bridge.run_job(
            charted, self.ground, window, SIZES[step], known,
            on_done=lambda chart: self._charted(chart, step + 1),
            on_failed=self._failed,
            on_progress=self._report,
        )  # fmt: skip

    def _charted(self, chart: Chart, step: int) -> None:
        from simulator.insight.surface import SIZES

        del self._jobs["chart"]
        self.chart, self.busy = chart, ""
        if step < len(SIZES):
            self._chart(chart.surface.window, step, chart)
        self.changed.emit()

    def _walked(self, path: Path) -> None:
        del self._jobs["path"]
        self.path = path
        self.changed.emit()

    def _report(self, fraction: float | None, text: str) -> None:
        self.busy = text + ("" if fraction is None else f" … {100 * fraction:.0f} %")
        self.changed.emit()

    def _failed(self, failure: Failure) -> None:
        self._jobs.clear()
        self.busy, self.trouble = "", f"{failure.message[:1].upper()}{failure.message[1:]}. {failure.hint}".strip()
        self.ground = self.chart = self.path = None
        self.changed.emit()

    # -- the present moment ------------------------------------------------------------------------------------

    def follow(self, snapshot: Any) -> None:
        """Find the place of the moment on the timeline; while training plays, the path grows by it."""
        ground = self.ground
        if ground is None or snapshot is self._snapshot or len(snapshot.parameters) != len(ground.plane.origin):
            return
        now = time.perf_counter()
        if "present" in self._jobs or (self._bridge.playing and now - self._seen_at < _SECONDS):
            return
        self._snapshot, self._seen_at = snapshot, now
        if len(snapshot.parameters) <= _AT_ONCE:
            self._place(snapshot, ground.plane.places([snapshot.parameters]))
        else:
            self._jobs["present"] = self._bridge.run_job(
                placed, ground.plane, snapshot, on_done=self._came, on_failed=self._failed
            )

    def _came(self, found: Any) -> None:
        del self._jobs["present"]
        self._place(*found)

    def _place(self, snapshot: Any, found: Any) -> None:
        places, far = found
        self.present = places[0], float(far[0])
        path, moment = self.path, (snapshot.epoch, snapshot.batch)
        if self._bridge.playing and path is not None and (not path.moments or moment > path.moments[-1]):
            at = snapshot.epoch + snapshot.batch / max(1, snapshot.batches)
            self.path = thinned(
                Path(
                    np.append(path.times, at),
                    np.concatenate([path.places, places]),
                    np.append(path.far, far),
                    (*path.moments, moment),
                )
            )
        self.changed.emit()
