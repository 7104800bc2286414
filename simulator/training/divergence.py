"""Why training left the finite numbers, and which learning rate would have held: found by short runs."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.data import Dataset
from simulator.engines.passes import evaluate, forward
from simulator.errors import DivergenceError
from simulator.insight.narrator import Divergence
from simulator.insight.rows import targets
from simulator.nn import choices
from simulator.progress import Progress
from simulator.snapshot import Floats, LayerParameters
from simulator.spec import NetworkSpec, TrainingConfig
from simulator.training.session import Session
from simulator.training.survey import SurveyMoment

_MOST_HALVINGS = 64
_MOST_EPOCHS = 10
_WORK = 3e9
"""Rows times parameters that one short run may take."""

_LARGE, _FAR = 10.0, 30.0


def sound_moment(moments: Sequence[SurveyMoment], records: NDArray[Any]) -> SurveyMoment:
    """Return the last moment whose loss had not yet run away: a whole epoch, at most as wrong as the start was.

    The training rows are evaluated again: the recorded loss of an epoch is a mean over its batches, before it ran away.

    Parameters
    ----------
    moments
        Of the branch, the start among them.
    records
        Rows of `RECORD` from epoch 0 on.
    """
    start = _loss(moments[0])
    for moment in reversed(moments[1:]):
        if moment.item == 0 and moment.epoch < len(records) and _loss(moment) <= start:
            return moment
    return moments[0]


def _loss(moment: SurveyMoment) -> float:
    """Return the data loss of a moment's training rows, or of a few thousand of them."""
    data, step = moment.dataset, max(1, len(moment.dataset.X_train) // 2000)
    X, Y = data.X_train[::step], targets(data.Y_train[::step], moment.network)
    classes = data.task == "classification"
    return evaluate(moment.network, moment.config, moment.layers, X, Y, None, classes)[0] / max(1, len(X))


def diagnose(
    moments: Sequence[SurveyMoment],
    records: NDArray[Any],
    epoch: int,
    config: TrainingConfig,
    progress: Progress,
    engine: str = "auto",
    threads: int | None = 1,
) -> Divergence:
    """Find why training diverged, and what would help.

    From the last sound moment, runs of a few epochs are made with 1/2, 1/4, 1/16 … of the rate until one holds: its
    loss stays finite and ends no higher than it began. Between the last two, the exponent is halved, so that the factor
    is known up to 2. The start of each run has an empty optimizer memory.

    Parameters
    ----------
    moments
        Of the branch that diverged, the oldest first.
    records
        Its rows of `RECORD`, up to the last finite one.
    epoch
        The epoch in which it happened, from 1.
    config
        The settings that it happened under.
    progress
        Told how many runs were made; between two epochs it can be cancelled.
    engine, threads
        What the short runs compute with.
    """
    sound = sound_moment(moments, records)
    rate = choices.optimizer(config).learning_rate
    rows = max(1, len(sound.dataset.X_train))
    affordable = int(_WORK / (rows * sound.network.parameter_count))
    epochs = max(1, min(_MOST_EPOCHS, epoch - sound.epoch + 2, affordable))
    trials = _Trials(sound, config, epochs, progress, engine, threads)
    steps = _halvings(trials, rate)
    stable = None if steps is None else rate / 2**steps
    advised = None if stable is None else round_below(0.7 * stable)
    if advised is not None and not trials.holds(advised):
        advised = stable
    clipped = config.clip_norm is None and trials.holds(rate, clip_norm=1.0)
    cause, culprit, size = _cause(sound.network, sound.layers, sound.dataset)
    tried = tuple(sorted(trials.made, reverse=True))
    return Divergence(
        epoch, sound.epoch, rate, stable, advised, tried, epochs, cause, culprit, size, clipped
    )  # fmt: skip


def _halvings(trials: "_Trials", rate: float) -> int | None:
    """Return how often the rate is halved until it holds, the least such number; None where nothing helps."""
    bad, good = 0, 1
    while not trials.holds(rate / 2**good):
        bad, good = good, 2 * good
        if good > _MOST_HALVINGS:
            return None
    while good - bad > 1:
        middle = (good + bad) // 2
        bad, good = (bad, middle) if trials.holds(rate / 2**middle) else (middle, good)
    return good


class _Trials:
    """Short runs from a moment, each with another rate."""

    def __init__(
        self,
        moment: SurveyMoment,
        config: TrainingConfig,
        epochs: int,
        progress: Progress,
        engine: str,
        threads: int | None,
    ) -> None:
        self._moment, self._config, self._epochs = moment, config, epochs
        self._progress, self._engine, self._threads = progress, engine, threads
        self.made: list[tuple[float, float, float]] = []

    def holds(self, rate: float, **changes: Any) -> bool:
        """Return whether a run with this rate stays finite and ends no higher than it began."""
        optimizer = self._config.optimizer.having(learning_rate=rate)
        config = dataclasses.replace(self._config, optimizer=optimizer, **changes)
        moment = self._moment
        begin = end = math.inf
        try:
            session = Session(
                moment.dataset, moment.network, config, self._engine, threads=self._threads, start=moment.parameters
            )
            begin = session.records[0]["train_loss"].item()
            for epoch in range(self._epochs):
                self._progress.report(None, f"trying a rate of {rate:.3g}, epoch {epoch + 1}")
                session.advance(1)
            end = session.records[-1]["train_loss"].item()
        except DivergenceError:
            end = math.inf
        if not changes:
            self.made.append((rate, begin, end))
        return math.isfinite(end) and end <= 1.02 * begin


def _cause(network: NetworkSpec, layers: tuple[LayerParameters, ...], dataset: Dataset) -> tuple[str, str, float]:
    """Return what is large by itself: the inputs, one of their rows, the targets, what a hidden layer says."""
    X = np.asarray(dataset.X_train[:: max(1, len(dataset.X_train) // 20_000)], np.float64)
    if not X.size:
        return "rate", "", math.nan
    sizes, largest = np.sqrt((X * X).mean(axis=0)), np.abs(X).max(axis=0)
    column = int(np.argmax(sizes))
    if sizes[column] > _LARGE:
        return "inputs", dataset.feature_names[column], float(largest[column])
    column = int(np.argmax(largest))
    if largest[column] > _FAR:
        return "outlier", dataset.feature_names[column], float(largest[column])
    spread = _spread(dataset.Y_train)
    if not dataset.class_names and spread > _LARGE:
        return "targets", "", spread
    with np.errstate(all="ignore"):
        passed = forward(network, layers, X[:2000])
        given = max(1.0, float(np.sqrt((X * X).mean())))
        for layer, A in enumerate(passed.inputs[1:], 1):
            size = float(np.sqrt(np.square(A).mean()))
            if not size <= _FAR * given:
                return "weights", f"hidden {layer}", size
    if dataset.class_names and network.link == "linear":
        return "link", "", math.nan
    return "rate", "", math.nan


def _spread(Y: Floats) -> float:
    return float(np.sqrt(np.square(np.asarray(Y, np.float64)).mean())) if Y.size else 0.0


def round_below(value: float) -> float:
    """Return the largest of 1, 2, 5 times a power of ten that is not above a positive value."""
    power = 10.0 ** math.floor(math.log10(value))
    digit = next(each for each in (5.0, 2.0, 1.0) if each * power <= value * (1 + 1e-9))
    return float(f"{digit * power:.3g}")
