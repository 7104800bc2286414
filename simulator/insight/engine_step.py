"""An update of a batch as training makes it: by the engine that a run has on a device, many updates at a time."""

import dataclasses
import time

import numpy as np

from simulator.engines import EngineState, TrainingData, choose, devices
from simulator.engines.threads import blas_threads, thread_count
from simulator.explain import Moment
from simulator.insight.array_step import Outcome, rate_of
from simulator.nn import random
from simulator.progress import Progress
from simulator.spec import NetworkSpec, Rule, TrainingConfig

CHUNK_SECONDS = 0.008
"""How long an engine works before it is asked for the outcome: as long as a session lets it."""

_MOST_NUMBERS = 4_000_000
_MOST_UPDATES = 100_000
_VELOCITY = Rule("sgd", momentum=0.9)
"""An optimizer whose memory is the gradient after its first update: v = 0.9 · 0 + g."""


class EngineStep:
    """An update of a moment's first rows, repeated, by an engine.

    The engine gets an epoch of as many such batches as the run's has, as far as there is room, in their order; so what
    it does once an epoch (writing its figures down; the order is given, not drawn) weighs as much as in the run.
    The learning rate is the one that the moment's schedule gives, and stays.

    Parameters
    ----------
    moment
        The update.
    rows, copies
        How many of its rows, and how often they are repeated.
    device
        A name that `simulator.engines.devices.resolve` returned.
    threads
        How many threads the engine works with at least: it gets as many as a run with such batches would beside a
        window.

    Attributes
    ----------
    name
        The engine's, in `simulator.engines.ENGINES`.

    Raises
    ------
    DeviceError
        When the device cannot be used.
    DeviceMemoryError
        When it has no room; here and in whatever is asked for later.
    """

    def __init__(self, moment: Moment, rows: int, copies: int, device: str, threads: int) -> None:
        self._moment = moment
        self._network, self._config = _settings(moment, rows * copies)
        row = choose("auto", self._network, device)
        most = thread_count(self._network, self._config, device, spare=1)
        threads = max(threads, most) if device == devices.CPU else most
        self.name = row.name
        self._engine = row(self._network, self._config, _data(moment, rows, copies), device, threads)

    def prepare(self, progress: Progress) -> None:
        """Wait until the kernels are there.

        Raises
        ------
        Cancelled
            When the progress was cancelled.
        """
        if not self._engine.ready:
            progress.report(None, "preparing the kernels")
        self._engine.prepare(progress)

    def outcome(self) -> Outcome:
        """Make the update once, and return what comes out."""
        plain = dataclasses.replace(self._config, optimizer=_VELOCITY, l1=0.0, l2=0.0, clip_norm=None)
        self._engine.configure(self._network, plain)
        none = np.zeros((1, self._network.parameter_count), self._config.dtype)
        state = dataclasses.replace(self._state(), updates=0, memory=none, scalars=np.zeros(0), frozen=None)
        self._engine.restore(state)
        self._work(1)
        gradient = self._engine.state().memory[0] if self._engine.loss_finite else np.full(none.shape[1], np.nan)
        self._engine.configure(self._network, self._config)
        self._engine.restore(self._state())
        self._work(1)
        return Outcome(gradient, self._engine.parameters())

    def chunk(self, updates: int) -> tuple[float, int]:
        """Make so many updates from the moment on, and return how long that took and how many they were.

        There are fewer where the loss stops being finite, but one at least, be it an attempt.
        """
        self._engine.restore(self._state())
        self._engine.parameters()  # a device has the state before the clock starts
        took = self._work(updates)
        return took, max(1, self._engine.updates - self._moment.updates)

    def chunk_length(self) -> int:
        """Return how many updates take about as long as a session lets an engine work."""
        updates = 1
        while True:
            took, made = min(self.chunk(updates) for _ in range(2))  # the first may load something
            if took > CHUNK_SECONDS / 2 or made < updates or updates >= _MOST_UPDATES:
                return made
            updates *= 2

    def _work(self, updates: int) -> float:
        engine = self._engine
        with blas_threads(engine.blas_threads):
            began = time.perf_counter()
            # To a moment, not by a number: at a moment that is reached all work is done, also on a device.
            epochs, item = divmod(engine.item + updates, engine.items)
            engine.advance(engine.epoch + epochs, item, updates)
            return time.perf_counter() - began

    def _state(self) -> EngineState:
        """Return the moment as a state at the beginning of an epoch."""
        moment, dtype = self._moment, self._config.dtype
        with np.errstate(over="ignore"):
            values, memory = moment.parameters.astype(dtype), moment.memory.astype(dtype)
            held = None if moment.held is None else moment.held.astype(dtype)
        scalars, sums, rate = moment.scalars.copy(), np.zeros(4), rate_of(moment)
        return EngineState(moment.epoch, 0, moment.updates, values, memory, scalars, sums, rate, moment.frozen, held)


def masks_of(moment: Moment, rows: int) -> list[np.ndarray | None] | None:
    """Return what dropout keeps when an epoch begins with a batch of so many rows, or None where it is off.

    The masks of an engine follow from where the rows stand in the epoch, so they are not those of the moment.
    """
    hidden = moment.network.hidden
    if moment.kept is None:
        return None
    seed, epoch = moment.config.seed, moment.epoch + 1
    return [
        random.kept(seed, epoch, 0, rows, index, layer.units, layer.dropout) if layer.dropout else None
        for index, layer in enumerate(hidden)
    ]


def _settings(moment: Moment, rows: int) -> tuple[NetworkSpec, TrainingConfig]:
    """Return the network and how it is trained here: no dropout where the moment has none, and the moment's rate."""
    network, config = moment.network, moment.config
    if moment.kept is None:
        hidden = tuple(dataclasses.replace(layer, dropout=0.0) for layer in network.hidden)
        network = dataclasses.replace(network, hidden=hidden)
    optimizer = config.optimizer.having(learning_rate=rate_of(moment))
    return network, dataclasses.replace(config, optimizer=optimizer, schedule=Rule("constant"), batch_size=rows)


def _data(moment: Moment, rows: int, copies: int) -> TrainingData:
    """Return an epoch of the same batch again and again, in the run's number format."""
    width = moment.X.shape[1] + moment.Y.shape[1]
    batches = max(1, min(moment.batches, _MOST_NUMBERS // (rows * copies * width)))
    dtype = moment.config.dtype
    X, Y = (np.tile(each[:rows].astype(dtype), (copies * batches, 1)) for each in (moment.X, moment.Y))
    return TrainingData(X, Y, X[:0], Y[:0], moment.classification, order=np.arange(len(X))[None])
