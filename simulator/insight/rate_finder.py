"""Which learning rate suits a network: the range test of Smith, on a copy of it.

The rate grows from update to update by the same factor, over many powers of ten, and the loss of each batch is noted
(Leslie N. Smith, "Cyclical Learning Rates for Training Neural Networks", 2017, section 3.3; and "A Disciplined Approach
to Neural Network Hyper-Parameters", 2018). While the rate is far too small nothing happens; then the loss falls, the
faster the larger the rate; then it rises. An exponential growth of the rate, the bias-corrected mean of the losses and
the stop at four times the best are those of fastai's `lr_find` (Howard and Gugger, 2018).
"""

import dataclasses
import math
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator import fields
from simulator.engines.devices import CPU
from simulator.engines.engine import EVALUATION_ROWS, TrainingData
from simulator.engines.reference import ReferenceEngine
from simulator.engines.threads import blas_threads
from simulator.errors import ConfigError
from simulator.fields import setting
from simulator.insight.rows import Rows
from simulator.nn import random
from simulator.progress import Progress
from simulator.snapshot import Floats
from simulator.spec import NetworkSpec, Rule, TrainingConfig

TOO_HIGH = 4.0
"""The test ends when the smoothed loss is so many times the best one."""

_WARM = 0.1
"""The share of the updates in which the smoothed loss settles: nothing is suggested there."""

_CLEAR = 3.0
_LEAST_DROP = 0.02

Doubles = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class RangeSettings:
    """How the rate grows."""

    low: float = setting(1e-7, "From", "The learning rate of the first update.", minimum=0, open_minimum=True)
    high: float = setting(10.0, "To", "The learning rate of the last update.", minimum=0, open_minimum=True)
    updates: int = setting(
        200, "Updates", "In how many steps the rate grows, each by the same factor.", minimum=20, maximum=10_000
    )
    smoothing: float = setting(
        0.9,
        "Smoothing β",
        "m ← β·m + (1 − β)·loss, divided by 1 − βᵏ after k updates: how slowly the mean of the losses forgets.",
        minimum=0,
        maximum=1,
        open_maximum=True,
    )

    def __post_init__(self) -> None:
        fields.check(self)
        if self.high <= self.low:
            raise ConfigError("the last rate must be larger than the first", "Give a larger one under To.")


@dataclasses.dataclass(frozen=True, eq=False)
class RangeTest:
    """What a range test found; arrays of shape (updates made,).

    Attributes
    ----------
    rates
        The learning rate of each update.
    losses
        The mean data loss of each batch before its update; the last may be infinite.
    smoothed
        Their bias-corrected mean, of the finite ones.
    start
        The mean data loss of the network that the test began with, without dropout.
    ending
        "end" of the range, "rose" (the loss exceeded four times the best) or "not finite".
    suggestions
        A rate for each of `RULES`; empty where the curve tells nothing.
    """

    rates: Doubles
    losses: Doubles
    smoothed: Doubles
    start: float
    ending: str
    suggestions: Mapping[str, float]


def smooth(losses: ArrayLike, beta: float) -> Doubles:
    """Return the bias-corrected exponential mean of losses (updates,): mₖ/(1 − βᵏ), m ← β·m + (1 − β)·loss."""
    found: list[float] = []
    mean = 0.0
    for nth, loss in enumerate(np.asarray(losses, np.float64).tolist(), 1):
        mean = beta * mean + (1.0 - beta) * loss
        found.append(mean / (1.0 - beta**nth))
    return np.array(found)


def range_test(
    network: NetworkSpec,
    config: TrainingConfig,
    start: Floats,
    rows: Rows,
    settings: RangeSettings,
    classification: bool,
    threads: int,
    progress: Progress,
) -> RangeTest:
    """Train a copy of a network while the learning rate grows.

    Optimizer, loss, penalties, clipping, dropout, batch size and number format are those of the configuration; its
    schedule is left out, and the optimizer begins with an empty memory. The row order follows from the seed: the same
    arguments give the same numbers.

    Parameters
    ----------
    start
        The parameters to begin with, (parameter_count,); they are copied.
    rows
        All training rows.
    threads
        How many BLAS threads the session holds: the test works beside it with as many.
    progress
        What is told how far it is; it can cancel.
    """
    count = len(rows)
    epochs = -(-settings.updates * config.batch_size // count)
    orders = [random.permutation(config.seed, random.ORDER, epoch + 1, count) for epoch in range(epochs)]
    data = TrainingData(rows.X, rows.Y, rows.X[:0], rows.Y[:0], classification, np.array(orders))
    steady = dataclasses.replace(config, schedule=Rule("constant"))
    engine = ReferenceEngine(network, steady, data, CPU, threads)
    rates = np.geomspace(settings.low, settings.high, settings.updates)
    losses: list[float] = []
    mean = best = before = 0.0
    ending = "end"
    with blas_threads(engine.blas_threads):
        engine.start(start)
        first = min(count, EVALUATION_ROWS)
        beginning = engine.evaluate("train", 0, first)[0] / first
    for nth, rate in enumerate(rates.tolist()):
        progress.report(nth / len(rates), f"learning rate {rate:.2g}")
        size = min(config.batch_size, count - engine.item * config.batch_size)
        with blas_threads(engine.blas_threads):
            optimizer = config.optimizer.having(learning_rate=rate)
            engine.configure(network, dataclasses.replace(steady, optimizer=optimizer))
            records = engine.advance(epochs, 0, 1)
            # An epoch that is complete has handed its sum on.
            total = float(records["train_loss"][-1]) * count if len(records) else float(engine.state().sums[0])
        if not engine.loss_finite:
            losses.append(math.inf)
            ending = "not finite"
            break
        losses.append((total - before) / size)
        before = 0.0 if len(records) else total
        mean = settings.smoothing * mean + (1.0 - settings.smoothing) * losses[-1]
        smoothed = mean / (1.0 - settings.smoothing ** (nth + 1))
        best = min(best, smoothed) if nth else smoothed
        # A network that has learnt has a best that is next to nothing, and batches far above it: that is no rise.
        if nth >= _WARM * len(rates) and smoothed > TOO_HIGH * best and smoothed > 2.0 * beginning:
            ending = "rose"
            break
    return judged(rates[: len(losses)], np.array(losses), beginning, ending, settings)


def judged(rates: Doubles, losses: Doubles, start: float, ending: str, settings: RangeSettings) -> RangeTest:
    """Return losses by rates with what follows from them."""
    finite = losses[np.isfinite(losses)]
    smoothed = smooth(finite, settings.smoothing)
    suggestions: dict[str, float] = {}
    first = min(len(smoothed), math.ceil(_WARM * settings.updates))
    if tells(finite, smoothed, first, settings.smoothing):
        suggestions = {name: float(rule(rates[: len(smoothed)], smoothed, first)) for name, rule in RULES.items()}
    return RangeTest(rates, losses, smoothed, start, ending, suggestions)


def tells(losses: Doubles, smoothed: Doubles, first: int, beta: float) -> bool:
    """Return whether the smoothed loss falls by more than batches differ while the rate is still tiny.

    The first `first` losses are those of batches of an untouched network; the bias-corrected mean of independent losses
    of the standard deviation s has one of s·√((1 − β)/(1 + β)).
    """
    if len(smoothed) <= first + 2 or first < 2:
        return False
    level, noise = float(losses[:first].mean()), float(losses[:first].std()) * math.sqrt((1.0 - beta) / (1.0 + beta))
    return level - float(smoothed[first:].min()) > max(_CLEAR * noise, _LEAST_DROP * abs(level))


def steepest(rates: Doubles, smoothed: Doubles, first: int) -> float:
    """Return the rate at which the smoothed loss falls fastest by the logarithm of the rate, up to its minimum.

    The slope at a point is that of the straight line through a window of points around it (least squares), so that the
    noise of single batches does not decide.
    """
    last = first + int(np.argmin(smoothed[first:]))
    half = max(2, len(smoothed) // 30)
    x = np.log(rates)
    slopes = [
        np.polyfit(x[max(0, nth - half) : nth + half + 1], smoothed[max(0, nth - half) : nth + half + 1], 1)[0]
        for nth in range(first, last + 1)
    ]
    return float(rates[first + int(np.argmin(slopes))])


def below_minimum(rates: Doubles, smoothed: Doubles, first: int) -> float:
    """Return a tenth of the rate at which the smoothed loss is smallest."""
    return float(rates[first + int(np.argmin(smoothed[first:]))]) / 10.0


RULES: dict[str, Callable[[Doubles, Doubles, int], float]] = {"steepest": steepest, "minimum": below_minimum}
"""How a rate is suggested. "steepest": where the loss falls fastest (fastai's "steep"); "minimum": a tenth of the rate
of the minimum, which is itself too large (Gugger, "How Do You Find A Good Learning Rate", 2018; fastai's "minimum")."""
