"""What a loss surface is worked out from, and the jobs that do it beside the window."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulator.progress import Progress

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset
    from simulator.insight.planes import Plane
    from simulator.insight.rows import Rows
    from simulator.insight.surface import Surface, Window
    from simulator.snapshot import Floats
    from simulator.spec import NetworkSpec, TrainingConfig
    from simulator.training.survey import SurveyMoment

PATH, RANDOM, WEIGHTS = "path", "random", "weights"
_MOST = 400


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
    from simulator.insight.contours import contour

    request = ground.request
    before = None if known is None else known.surface
    found = surface.surface(request.network, request.config, ground.plane, window, size, ground.rows, before, progress)
    shades, low, high = surface.shades(found.losses)
    lines = tuple(
        (float(level), contour(np.log(np.maximum(found.losses, low)), float(np.log(level))))
        for level in surface.levels(low, high)
    )
    return Chart(found, shades, low, high, lines)


def table_of(chart: Chart) -> Iterator[tuple[Any, ...]]:
    """Return the loss at every place of a surface as lines of numbers, the first of which names the columns."""
    window, losses = chart.surface.window, chart.surface.losses
    across = np.linspace(window.left, window.right, losses.shape[1]).tolist()
    up = np.linspace(window.low, window.high, losses.shape[0]).tolist()
    yield "first direction", "second direction", "loss"
    for y, row in zip(up, losses.tolist(), strict=True):
        yield from ((x, y, loss) for x, loss in zip(across, row, strict=True))


def placed(plane: "Plane", snapshot: Any, progress: Progress) -> Any:
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
