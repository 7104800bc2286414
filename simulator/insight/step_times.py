"""The same update timed in several ways: row by row, as matrices, and as training makes it on a CPU and on a GPU.

Each of two lessons has a pair that differs in one thing alone. What matrices are worth is seen in readable array code:
the same lines over the same library, with one row at a time and with all of them. What a GPU is worth is seen in the
engines that train: compiled kernels or BLAS on the processor, one kernel for many updates or cuBLAS with fused kernels
on the GPU, whichever a run of this network has there; both with the same rows, in the same number format, and without
waiting between the updates of a chunk. (Array code on both would compare how long two libraries take to be called.)
"""

import dataclasses
import math
import statistics
import time
from collections.abc import Callable, Iterator

from simulator.engines import devices
from simulator.engines.threads import blas_threads
from simulator.errors import DeviceError, DeviceMemoryError
from simulator.explain import Moment
from simulator.insight.array_step import ArrayStep, Outcome
from simulator.insight.engine_step import EngineStep, masks_of
from simulator.progress import Progress

ROWS, MATRIX, CPU, GPU = "rows", "matrix", "cpu", "gpu"
"""The ways: array code with one row after the other and with whole matrices; the engines on the two devices."""

SECONDS = 0.2
COPIES = (1, 8, 64)
_MOST_ROWS = 1024
_MOST_PRODUCTS, _MOST_PRODUCTS_BY_ROWS = 4_000_000_000, 200_000_000
_MOST_NUMBERS = 30_000_000
_MOST_RUNS = 1000


@dataclasses.dataclass(frozen=True)
class StepTime:
    """How long one way took.

    Attributes
    ----------
    way
        "rows", "matrix", "cpu" or "gpu".
    copies, rows
        How often the rows of the batch are repeated, and how many rows that makes.
    seconds
        An update: forward, backward and the optimizer. The median of the runs, where a run of an engine is a chunk of
        updates, divided by their number.
    runs
        How many updates were made.
    gradient_difference, parameter_difference
        The largest |difference| from the batch's gradient, and from its new parameters, as array code finds them, row
        by row (as a matrix for engines with dropout, whose masks are others); repeated rows have the same mean, so that
        only rounding is left. NaN where a number is not finite.
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
class Refusal:
    """A way that the GPU had no room for: message and hint, and the bytes that were needed and that were free."""

    way: str
    copies: int
    rows: int
    message: str
    hint: str
    needed: int
    free: int


@dataclasses.dataclass(frozen=True)
class Between:
    """The largest |difference| between the engines on CPU and GPU with the same rows; NaN where one is not finite."""

    copies: int
    rows: int
    gradient: float
    parameters: float


@dataclasses.dataclass(frozen=True)
class StepTimes:
    """What was measured.

    Attributes
    ----------
    rows, batch_rows
        How many rows of the batch were taken, and how many it has.
    dtype, threads
        The number format, and how many threads the products of the array code could use.
    times
        Row by row first, then matrices, the CPU's engine, and the GPU's, each from the fewest rows to the most.
    missing, advice
        Why no GPU was used, and how one is had; empty where one was.
    cpu_engine, gpu_engine
        Which engines train there; empty where there is no GPU.
    gpu
        What the GPU calls itself; empty where there is none.
    between
        How far the two engines differ, for every number of rows that both managed.
    refused
        What the GPU had no room for.
    """

    rows: int
    batch_rows: int
    dtype: str
    threads: int
    times: tuple[StepTime, ...]
    missing: str = ""
    advice: str = ""
    cpu_engine: str = ""
    gpu_engine: str = ""
    gpu: str = ""
    between: tuple[Between, ...] = ()
    refused: tuple[Refusal, ...] = ()


def step_times(
    moment: Moment,
    threads: int = 1,
    seconds: float = SECONDS,
    device: str = "cuda",
    progress: Progress | None = None,
) -> StepTimes:
    """Make a moment's update again and again, in every way there is; the run that it belongs to knows nothing of it.

    One row at a time, every row's gradient is added up before the one update. Of very large batches and networks the
    first rows stand for all.

    Parameters
    ----------
    moment
        The update.
    threads
        How many threads the products of the array code may use; the CPU's engine gets as many as a run with such
        batches would, or so many.
    seconds
        About how long each way is repeated, each at least once.
    device
        The GPU: "cuda" or "cuda:N".
    progress
        Told what is measured.

    Raises
    ------
    Cancelled
        When the progress was cancelled.
    """
    return _Timing(moment, threads, seconds, device, progress or Progress()).run()


class _Timing:
    """One measurement under way."""

    def __init__(self, moment: Moment, threads: int, seconds: float, device: str, progress: Progress) -> None:
        self._moment, self._threads, self._seconds, self._progress = moment, threads, seconds, progress
        self._rows = max(1, min(len(moment.X), _MOST_ROWS, _MOST_PRODUCTS_BY_ROWS // moment.network.parameter_count))
        self._copies = [each for each in COPIES if each == 1 or _fits(moment, self._rows * each)]
        self._device, self._missing, self._advice, self._gpu = _device(device)
        self._times: list[StepTime] = []
        self._refused: list[Refusal] = []
        self._engines = {CPU: "", GPU: ""}
        self._outcomes: dict[tuple[str, int], Outcome] = {}
        self._masked: dict[int, Outcome] = {}

    def run(self) -> StepTimes:
        """Measure every way."""
        ways = [(ROWS, 1), *((way, each) for way in (MATRIX, CPU, GPU) for each in self._copies)]
        for nth, (way, copies) in enumerate(ways):
            if way == GPU and self._missing:
                break
            self._progress.report(nth / len(ways), _said(way, self._rows * copies))
            self._measure(way, copies)
        return StepTimes(
            self._rows, len(self._moment.X), self._moment.config.dtype, self._threads, tuple(self._times),
            self._missing, self._advice, self._engines[CPU], self._engines[GPU], self._gpu,
            tuple(self._between()), tuple(self._refused),
        )  # fmt: skip

    def _measure(self, way: str, copies: int) -> None:
        if way in (ROWS, MATRIX):
            step = ArrayStep(self._moment, self._rows, copies)
            self._repeat(way, copies, step.row_by_row if way == ROWS else step.at_once)
            return
        try:
            self._train(way, copies)
        except DeviceMemoryError as error:
            refusal = Refusal(way, copies, self._rows * copies, error.message, error.hint, error.needed, error.free)
            self._refused.append(refusal)
        except DeviceError as error:
            self._missing, self._advice = error.message, error.hint

    def _repeat(self, way: str, copies: int, run: Callable[[Progress], Outcome]) -> None:
        """Run once so that everything is loaded, then as often as there is time."""
        with blas_threads(self._threads):
            outcome = run(self._progress)
        self._outcomes[way, copies] = dataclasses.replace(outcome, gradient=outcome.gradient.copy())
        times: list[float] = []
        while not times or (sum(times) < self._seconds and len(times) < _MOST_RUNS):
            self._progress.report(None)
            with blas_threads(self._threads):  # given back after every run: who trains with another number must wait
                began = time.perf_counter()
                run(self._progress)
                times.append(time.perf_counter() - began)
        self._add(way, copies, statistics.median(times), len(times))

    def _train(self, way: str, copies: int) -> None:
        """Let an engine make chunks of updates, after one of which the outcome is kept."""
        place = devices.CPU if way == CPU else self._device
        step = EngineStep(self._moment, self._rows, copies, place, self._threads)
        self._engines[way] = step.name
        step.prepare(self._progress)
        self._outcomes[way, copies] = step.outcome()
        updates = step.chunk_length()
        times: list[tuple[float, int]] = []
        while not times or (sum(took for took, _ in times) < self._seconds and len(times) < _MOST_RUNS):
            self._progress.report(None)
            times.append(step.chunk(updates))
        self._add(way, copies, statistics.median(took / made for took, made in times), sum(made for _, made in times))

    def _add(self, way: str, copies: int, seconds: float, runs: int) -> None:
        found, wanted = self._outcomes[way, copies], self._wanted(way, copies)
        self._times.append(StepTime(way, copies, self._rows * copies, seconds, runs, *found.differences(wanted)))

    def _wanted(self, way: str, copies: int) -> Outcome:
        """Return what array code makes of the update."""
        if way in (ROWS, MATRIX) or self._moment.kept is None:
            return self._outcomes[ROWS, 1]
        if copies not in self._masked:
            kept = masks_of(self._moment, self._rows * copies)
            with blas_threads(self._threads):
                self._masked[copies] = ArrayStep(self._moment, self._rows, copies, kept).at_once(self._progress)
        return self._masked[copies]

    def _between(self) -> Iterator[Between]:
        for copies in self._copies:
            if (GPU, copies) in self._outcomes:
                differences = self._outcomes[GPU, copies].differences(self._outcomes[CPU, copies])
                yield Between(copies, self._rows * copies, *differences)


def _device(name: str) -> tuple[str, str, str, str]:
    """Return the device; or why there is none and what can be done; and what the device calls itself."""
    try:
        device = devices.resolve(name)
        return device, "", "", devices.device_of(device).title
    except DeviceError as error:
        return "", error.message, error.hint, ""


def _fits(moment: Moment, rows: int) -> bool:
    numbers, products = rows * sum(moment.network.sizes), rows * moment.network.parameter_count
    return numbers <= _MOST_NUMBERS and products <= _MOST_PRODUCTS


def _said(way: str, rows: int) -> str:
    return {
        ROWS: "row by row",
        MATRIX: f"{rows:,} rows as a matrix",
        CPU: f"{rows:,} rows as in training, on the CPU",
        GPU: f"{rows:,} rows as in training, on the GPU",
    }[way]
