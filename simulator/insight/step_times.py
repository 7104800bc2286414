"""The same update timed in several ways: row by row, as matrices on the CPU, as matrices on the GPU."""

import dataclasses
import math
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from simulator.engines import devices
from simulator.engines.passes import Forward, backward, forward
from simulator.engines.threads import blas_threads
from simulator.errors import DeviceError
from simulator.explain import Moment
from simulator.explain.update import CLIP_EPSILON
from simulator.nn import choices, parameters
from simulator.nn.links import LINKS
from simulator.progress import Progress

ROWS, CPU, GPU = "rows", "cpu", "gpu"
"""The ways: one row after the other, and whole matrices on one of two devices."""

SECONDS = 0.3
COPIES = (1, 8, 64)
_MOST_ROWS = 1024
_MOST_PRODUCTS, _MOST_PRODUCTS_BY_ROWS = 4_000_000_000, 200_000_000
_MOST_NUMBERS = 30_000_000
_MOST_RUNS, _LOOK = 1000, 16


@dataclasses.dataclass(frozen=True)
class StepTime:
    """How long one way took.

    Attributes
    ----------
    way
        "rows", "cpu" or "gpu".
    copies, rows
        How often the rows of the batch are repeated, and how many rows that makes.
    seconds
        The median of the runs: forward, backward and update.
    runs
        How often it ran.
    gradient_difference, parameter_difference
        The largest |difference| from the batch's gradient, and from its new parameters, as row by row they come out;
        repeated rows have the same mean, so that only rounding is left. NaN where a number is not finite.
    """

    way: str
    copies: int
    rows: int
    seconds: float
    runs: int
    gradient_difference: float
    parameter_difference: float

    @property
    def rows_per_second(self) -> float:
        """How many rows it works off in a second."""
        return self.rows / self.seconds if self.seconds else math.inf


@dataclasses.dataclass(frozen=True)
class StepTimes:
    """What was measured.

    Attributes
    ----------
    rows, batch_rows
        How many rows of the batch were taken, and how many it has.
    dtype, threads
        The number format, and how many threads the CPU's matrix products may use.
    times
        Row by row first, then the CPU, then the GPU, each from the fewest rows to the most.
    missing, advice
        Why no GPU was used, and how one is had; empty where one was.
    """

    rows: int
    batch_rows: int
    dtype: str
    threads: int
    times: tuple[StepTime, ...]
    missing: str = ""
    advice: str = ""


def step_times(
    moment: Moment, threads: int = 1, seconds: float = SECONDS, progress: Progress | None = None
) -> StepTimes:
    """Make a moment's update again and again, in every way there is; the run that it belongs to knows nothing of it.

    All ways are the same array code with the same numbers; one row at a time, every row's gradient is added up before
    the one update. Of very large batches and networks the first rows stand for all.

    Parameters
    ----------
    moment
        The update.
    threads
        How many threads the matrix products of the CPU may use.
    seconds
        About how long each way is repeated, each at least once.
    progress
        Told what is measured.

    Raises
    ------
    Cancelled
        When the progress was cancelled.
    """
    progress = progress or Progress()
    batch = len(moment.X)
    rows = max(1, min(batch, _MOST_ROWS, _MOST_PRODUCTS_BY_ROWS // moment.network.parameter_count))
    copies = [each for each in COPIES if each == 1 or _fits(moment, rows * each)]
    device, missing, advice = _gpu()
    ways = [(ROWS, devices.CPU, 1), *((CPU, devices.CPU, each) for each in copies)]
    if not missing:
        ways += [(GPU, device, each) for each in copies]
    found: list[StepTime] = []
    wanted: _Outcome | None = None
    for nth, (way, where, count) in enumerate(ways):
        progress.report(nth / len(ways), _said(way, rows * count))
        step = _Step(moment, rows, count, where)
        run = step.row_by_row if way == ROWS else step.at_once
        outcome, median, runs = _repeated(lambda run=run: run(progress), threads, seconds, progress)
        wanted = wanted or outcome
        found.append(StepTime(way, count, rows * count, median, runs, *outcome.differences(wanted)))
    return StepTimes(rows, batch, moment.config.dtype, threads, tuple(found), missing, advice)


def _gpu() -> tuple[str, str, str]:
    """Return the device, or why there is none and what can be done."""
    try:
        return devices.resolve("cuda"), "", ""
    except DeviceError as error:
        return "", error.message, error.hint


def _fits(moment: Moment, rows: int) -> bool:
    numbers, products = rows * sum(moment.network.sizes), rows * moment.network.parameter_count
    return numbers <= _MOST_NUMBERS and products <= _MOST_PRODUCTS


def _said(way: str, rows: int) -> str:
    return {ROWS: "row by row", CPU: f"{rows:,} rows on the CPU", GPU: f"{rows:,} rows on the GPU"}[way]


@dataclasses.dataclass(frozen=True, eq=False)
class _Outcome:
    """The gradient of the data loss and the new parameters, both (parameter_count,), wherever they were worked out."""

    gradient: Any
    parameters: Any

    def finish(self) -> None:
        """Wait until it is there: a GPU works on while the CPU goes ahead."""
        devices.to_host(self.parameters[:1])

    def on_host(self) -> "_Outcome":
        """Return a copy on the host."""
        return _Outcome(devices.to_host(self.gradient), devices.to_host(self.parameters))

    def differences(self, other: "_Outcome") -> tuple[float, float]:
        """Return the largest |difference| of the gradients and of the parameters, of two that are on the host."""
        pairs = (self.gradient, other.gradient), (self.parameters, other.parameters)
        with np.errstate(all="ignore"):
            gradient, values = (float(np.abs(one.astype(np.float64) - two).max()) for one, two in pairs)
        return gradient, values


def _repeated(
    run: Callable[[], _Outcome], threads: int, seconds: float, progress: Progress
) -> tuple[_Outcome, float, int]:
    """Run once so that everything is loaded and compiled, then as often as there is time."""
    with blas_threads(threads):
        outcome = run().on_host()
    times: list[float] = []
    while not times or (sum(times) < seconds and len(times) < _MOST_RUNS):
        progress.report(None)
        with blas_threads(threads):  # given back after every run: training that wants another number has to wait
            began = time.perf_counter()
            run().finish()
            times.append(time.perf_counter() - began)
    return outcome, statistics.median(times), len(times)


class _Step:
    """An update in the arrays of one device's library."""

    def __init__(self, moment: Moment, rows: int, copies: int, device: str) -> None:
        self._xp = xp = devices.array_library(device)
        self._moment, self._network, self._config = moment, moment.network, moment.config
        self._dtype = np.dtype(moment.config.dtype)
        self._loss, self._optimizer = choices.loss(moment.config), choices.optimizer(moment.config)
        self._X, self._Y = (self._array(np.tile(each[:rows], (copies, 1))) for each in (moment.X, moment.Y))
        masks = [None if each is None else np.tile(each[:rows], (copies, 1)) for each in moment.kept or ()]
        self._kept = [None if each is None else xp.asarray(each) for each in masks]
        self._held = None if moment.held is None else self._array(moment.held)
        self._frozen = None if moment.frozen is None else xp.asarray(moment.frozen)
        self._flat, self._memory = self._array(moment.parameters), self._array(moment.memory)
        self._weights = self._array(parameters.weight_places(moment.network))
        self._layers = parameters.layers(moment.network, self._flat)
        self._gradient = xp.zeros_like(self._flat)
        self._gradient_layers = parameters.layers(moment.network, self._gradient)

    def _array(self, values: Any) -> Any:
        return self._xp.ascontiguousarray(self._xp.asarray(values, dtype=self._dtype))

    def at_once(self, _progress: Progress) -> _Outcome:
        """Send all rows through the network as one matrix, and update."""
        with np.errstate(all="ignore"):
            self._back(self._passed(slice(None)), slice(None))
            return self._update(self._gradient)

    def row_by_row(self, progress: Progress) -> _Outcome:
        """Send one row after the other through the network, add their gradients up, and update."""
        total = self._xp.zeros_like(self._gradient)
        with np.errstate(all="ignore"):
            for row in range(len(self._X)):
                if row % _LOOK == 0:
                    progress.report(None)
                which = slice(row, row + 1)
                self._back(self._passed(which), which)
                total += self._gradient
            return self._update(total)

    def _passed(self, which: slice) -> Forward:
        kept = [None if mask is None else mask[which] for mask in self._kept] or None
        return forward(self._network, self._layers, self._X[which], kept, self._held)

    def _back(self, passed: Forward, which: slice) -> None:
        """Fill the gradient with what these rows add to the mean over all rows."""
        link = LINKS[self._network.link]
        delta = self._loss.delta(passed.logits[-1], passed.outputs, self._Y[which], link) / len(self._X)
        backward(self._layers, passed, delta, self._gradient_layers)

    def _update(self, data: Any) -> _Outcome:
        """Add the penalties, clip, and follow the optimizer's rule."""
        config, moment = self._config, self._moment
        gradient = data
        if config.l1 or config.l2:
            gradient = data + self._weights * (config.l1 * self._xp.sign(self._flat) + config.l2 * self._flat)
        if self._frozen is not None:
            gradient = self._xp.where(self._frozen, 0.0, gradient)
        if config.clip_norm is not None:
            norm = float(self._xp.sqrt((gradient * gradient).sum(dtype=np.float64)))
            gradient = gradient * min(1.0, config.clip_norm / (norm + CLIP_EPSILON))
        now = moment.epoch + moment.batch / moment.batches
        rate = self._optimizer.learning_rate * choices.schedule(config).factor(now, 1 / moment.batches)
        coefficients = self._optimizer.coefficients(moment.updates + 1, rate, moment.scalars.tolist())
        new, *_ = self._optimizer.rule(self._flat, gradient, *self._memory, *coefficients)
        if self._frozen is not None:
            new = self._xp.where(self._frozen, self._flat, new)
        return _Outcome(data, new)
