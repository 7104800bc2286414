"""The loss over a plane through the space of all parameters, coarse first and then fine."""

import dataclasses

import numpy as np

from simulator.engines.passes import forward
from simulator.insight.planes import Doubles, Plane
from simulator.insight.rows import Rows
from simulator.nn import choices, parameters
from simulator.progress import Progress
from simulator.snapshot import Floats
from simulator.spec import NetworkSpec, TrainingConfig

SIZES = (11, 21, 41)
"""How many places a side: each has the places of the one before among its own."""

WORK = 30_000_000
"""Rows times parameters of one place of the plane: 1,681 of them take some seconds on one core."""

_MARGIN = 0.25


@dataclasses.dataclass(frozen=True)
class Window:
    """A part of a plane: the ends of both axes."""

    left: float
    right: float
    low: float
    high: float

    def zoomed(self, factor: float, x: float, y: float) -> "Window":
        """Return what is seen when everything becomes `factor` times as far from (x, y), which stays where it is."""
        return Window(
            x + (self.left - x) / factor,
            x + (self.right - x) / factor,
            y + (self.low - y) / factor,
            y + (self.high - y) / factor,
        )

    def moved(self, dx: float, dy: float) -> "Window":
        """Return what is seen further on."""
        return Window(self.left + dx, self.right + dx, self.low + dy, self.high + dy)


@dataclasses.dataclass(frozen=True, eq=False)
class Surface:
    """Losses over a part of a plane.

    Attributes
    ----------
    window
        Which part; the outermost places lie on its edges.
    losses
        (places up, places across) mean data loss; the first row lies at `window.low`. Not finite where it overflows.
    rows, of_rows
        On how many rows, of how many.
    """

    window: Window
    losses: Doubles
    rows: int
    of_rows: int


def window_of(places: Doubles, least: float = 0.0) -> Window:
    """Return a part of a plane that holds some places (places, 2) with a margin, and is no smaller than `least` a side.

    Both sides have a length, also where the places do not spread: that of the other one, or 1.
    """
    finite = places[np.isfinite(places).all(axis=1)]
    if not len(finite):
        finite = np.zeros((1, 2))
    low, high = finite.min(axis=0), finite.max(axis=0)
    middle, size = 0.5 * (low + high), high - low
    widest = float(size.max())
    size = np.maximum(size, max(least, 0.3 * widest)) if widest > 0 else np.full(2, least or 1.0)
    (left, bottom), (right, top) = middle - (0.5 + _MARGIN) * size, middle + (0.5 + _MARGIN) * size
    return Window(float(left), float(right), float(bottom), float(top))


def loss_at(network: NetworkSpec, config: TrainingConfig, flat: Floats, rows: Rows) -> float:
    """Return the mean data loss of a network over some rows, without dropout and penalties."""
    with np.errstate(all="ignore"):  # what is not finite is drawn as such, not warned of
        passed = forward(network, parameters.layers(network, flat), rows.X)
        losses = choices.loss(config).rows(passed.logits[-1], passed.outputs, rows.Y)
        return float(losses.mean(dtype=np.float64)) if len(rows) else float("nan")


def surface(
    network: NetworkSpec,
    config: TrainingConfig,
    plane: Plane,
    window: Window,
    size: int,
    rows: Rows,
    known: Surface | None,
    progress: Progress,
) -> Surface:
    """Return the loss at size × size places of a plane.

    Parameters
    ----------
    network, config
        What is evaluated, in the configuration's number format.
    plane, window
        Where.
    size
        How many places a side.
    rows
        What the loss is a mean over.
    known
        The same part of the same plane on the same rows, with fewer places, whose losses are taken over; or None.
    progress
        What is told how far it is; it can cancel.
    """
    across, up = np.linspace(window.left, window.right, size), np.linspace(window.low, window.high, size)
    losses = np.full((size, size), np.nan)
    todo = np.ones((size, size), dtype=bool)
    if known is not None and known.window == window and (size - 1) % (len(known.losses) - 1) == 0:
        step = (size - 1) // (len(known.losses) - 1)
        losses[::step, ::step] = known.losses
        todo[::step, ::step] = False
    for row in range(size):
        for column in np.flatnonzero(todo[row]).tolist():
            progress.report((row + column / size) / size, f"{size} × {size} losses")
            flat = plane.at(float(across[column]), float(up[row])).astype(config.dtype)
            losses[row, column] = loss_at(network, config, flat, rows)
    return Surface(window, losses, len(rows), rows.of)


def shades(losses: Doubles) -> tuple[Doubles, float, float]:
    """Return how high losses are on a logarithmic scale, 0 … 1 or NaN where they are not finite, and the scale's ends.

    The scale begins at the smallest loss, but not below a hundred-thousandth of the largest: a single place that fits
    perfectly would take all colours for itself. It ends where 98 % of the losses lie below, so that a cliff does not.
    """
    finite = losses[np.isfinite(losses)]
    positive = finite[finite > 0]
    if not len(positive):
        return np.where(np.isfinite(losses), 0.0, np.nan), 0.0, 0.0
    high = float(np.quantile(positive, 0.98))
    low = max(float(positive.min()), 1e-5 * high)
    with np.errstate(all="ignore"):
        shares = np.log(np.maximum(losses, low) / low) / (np.log(high / low) if high > low else 1.0)
    return np.where(np.isfinite(losses), np.clip(shares, 0.0, 1.0), np.nan), low, high


def levels(low: float, high: float, count: int = 10) -> Doubles:
    """Return losses for contours, between the ends of a scale, each the same multiple of the one before."""
    return np.geomspace(low, high, count + 2)[1:-1] if 0 < low < high else np.zeros(0)
