"""Has the loss surface worked out beside the window: the plane, then its losses, coarse first; and keeps the path."""

import dataclasses
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from simulator.progress import Progress
from ui.bridge import Bridge
from ui.jobs import Failure, Job

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset
    from simulator.insight.planes import Plane
    from simulator.insight.rows import Rows
    from simulator.insight.surface import Surface, Window
    from simulator.snapshot import Floats
    from simulator.spec import NetworkSpec, TrainingConfig
    from simulator.training.survey import SurveyMoment

PATH, RANDOM, WEIGHTS = "path", "random", "weights"
MOMENTS = 60
_MOST = 400
_AT_ONCE = 300_000
_SECONDS = 0.05


@dataclasses.dataclass(frozen=True, eq=False)
class Request:
    """What is to be drawn.

    Attributes
    ----------
    kind
        `PATH`, `RANDOM` or `WEIGHTS`.
    network, config, dataset
        Whose loss.
    split
        "train" or "test".
    origin
        The parameters that the plane goes through.
    weights
        The places of two parameters in the flat vector, for `WEIGHTS`.
    draw
        Which pair of directions, for `RANDOM`.
    """

    kind: str
    network: "NetworkSpec"
    config: "TrainingConfig"
    dataset: "Dataset"
    split: str
    origin: "Floats"
    weights: tuple[int, int] = (0, 1)
    draw: int = 0

    def holds(self, network: Any, config: Any, dataset: Any) -> bool:
        """Return whether another network with these would have the same surface on the same plane."""
        mine = self.config
        same = network == self.network and dataset is self.dataset
        return same and (config.loss, config.dtype) == (mine.loss, mine.dtype)


@dataclasses.dataclass(frozen=True, eq=False)
class Path:
    """Where the networks of some moments lie on a plane.

    Attributes
    ----------
    times
        In epochs, (moments,).
    places, far
        On the plane, (moments, 2), and how far from it, (moments,).
    moments
        (epoch, item) each.
    """

    times: NDArray[np.float64]
    places: NDArray[np.float64]
    far: NDArray[np.float64]
    moments: tuple[tuple[int, int], ...]


@dataclasses.dataclass(frozen=True, eq=False)
class Ground:
    """A plane, the rows whose loss is drawn over it, the path on it, and the part that is drawn at first."""

    request: Request
    plane: "Plane"
    rows: "Rows"
    path: Path
    window: "Window"


@dataclasses.dataclass(frozen=True, eq=False)
class Chart:
    """A surface ready to be painted: shades 0 … 1, the losses at their ends, and contours as (level, segments)."""

    surface: "Surface"
    shades: NDArray[np.float64]
    low: float
    high: float
    contours: tuple[tuple[float, NDArray[np.float64]], ...]


def located(plane: "Plane", moments: "Sequence[SurveyMoment]", progress: Progress) -> Path:
    """Return where the networks of moments lie: a job."""
    progress.report(None)
    known = [each for each in moments if len(each.parameters) == len(plane.origin)]
    places, far = plane.places([each.parameters for each in known])
    times = np.array([each.time for each in known], np.float64)
    return Path(times, places, far, tuple((each.epoch, each.item) for each in known))


def grounded(request: Request, moments: "Sequence[SurveyMoment]", progress: Progress) -> Ground:
    """Return the plane of a request, and the path on it: a job."""
    from simulator.insight import planes, surface
    from simulator.insight.rows import how_many, rows_of

    progress.report(None, "looking for directions")
    network, config = request.network, request.config
    known = [each.parameters for each in moments if len(each.parameters) == network.parameter_count]
    match request.kind:
        case "weights":
            plane = planes.weights_plane(request.origin, *request.weights)
        case "random":
            plane = planes.random_plane(network, request.origin, config.seed, request.draw)
        case _:
            plane = planes.path_plane(network, request.origin, known, config.seed)
    path = located(plane, moments, progress)
    here, _ = plane.places([request.origin])
    window = surface.window_of(np.concatenate([path.places, here]), {"path": 0.0}.get(request.kind, 2.0))
    X = request.dataset.X_train if request.split == "train" else request.dataset.X_test
    most = how_many(network, len(X), surface.WORK)
    return Ground(request, plane, rows_of(request.dataset, network, config.dtype, most, request.split), path, window)


def charted(ground: Ground, window: "Window", size: int, known: Chart | None, progress: Progress) -> Chart:
    """Return the losses over a part of a plane, ready to be painted: a job."""
    from simulator.insight import surface

    request = ground.request
    before = None if known is None else known.surface
    found = surface.surface(request.network, request.config, ground.plane, window, size, ground.rows, before, progress)
    shades, low, high = surface.shades(found.losses)
    lines = tuple(
        (float(level), surface.contours(np.log(np.maximum(found.losses, low)), float(np.log(level))))
        for level in surface.levels(low, high)
    )
    return Chart(found, shades, low, high, lines)


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
    """

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.ground: Ground | None = None
        self.chart: Chart | None = None
        self.path: Path | None = None
        self.present: tuple[NDArray[np.float64], float] | None = None
        self.busy, self.trouble = "", ""
        self._wanted: Request | None = None
        self._moments: Any = None
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
        if snapshot is None or event.branch != snapshot.branch:
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
                _placed, ground.plane, snapshot, on_done=self._came, on_failed=self._failed
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


def _placed(plane: "Plane", snapshot: Any, progress: Progress) -> Any:
    """Return a moment with its place: a job, for large networks."""
    progress.report(None)
    return snapshot, plane.places([snapshot.parameters])


def thinned(path: Path) -> Path:
    """Return a path with at most `_MOST` moments: half of them when there are more, the ends among them."""
    if len(path.times) <= _MOST:
        return path
    from simulator.insight.distributions import spaced

    kept = spaced(path.times, _MOST // 2)
    return Path(path.times[kept], path.places[kept], path.far[kept], tuple(path.moments[nth] for nth in kept.tolist()))
