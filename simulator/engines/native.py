"""What those engines have in common whose numbers lie in a `Layout`, and whose threads run compiled kernels on them."""

import abc
import concurrent.futures
import threading
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engines import layout as at
from simulator.engines import preparing
from simulator.engines.engine import LAST_EPOCH, Engine, EngineState, TrainingData, read_only
from simulator.engines.layout import Layout
from simulator.engines.passes import evaluate
from simulator.nn import choices, parameters
from simulator.progress import Progress
from simulator.snapshot import RECORD, Floats
from simulator.spec import NetworkSpec, TrainingConfig


class NativeEngine(Engine):
    """Runs `_work` on all threads at once, which meet at the counter `MEETING`."""

    def __init__(
        self, network: NetworkSpec, config: TrainingConfig, data: TrainingData, device: str, threads: int = 1
    ) -> None:
        preparing.request(self.name, config.dtype)
        self._threads = threads
        self._take(data, config.dtype)
        self._pool: concurrent.futures.Executor | None = None
        self._failed = False
        self._frozen: NDArray[np.bool_] | None = None
        self._held: Floats | None = None
        self._set(network, config)
        self.start(parameters.start_values(network, config.seed))

    @abc.abstractmethod
    def _laid_out(self, network: NetworkSpec, config: TrainingConfig) -> Layout:
        """Return where everything stands."""

    @abc.abstractmethod
    def _work(self, thread: int, epoch: int, item: int, limit: int) -> None:
        """Do a thread's share of the work up to a moment, or of `limit` items, or until a loss is not finite.

        Thread 0 leaves the moment that was reached, and the epochs that were completed, in the layout's arrays.
        """

    @property
    def ready(self) -> bool:
        return preparing.ready(self.name, self._config.dtype)

    @property
    def preparing(self) -> str:
        return preparing.preparing(self.name, self._config.dtype)

    def prepare(self, progress: Progress) -> None:
        preparing.wait(self.name, self._config.dtype, progress)

    def start(self, values: Floats) -> None:
        self.restore(EngineState.first(self._config, values, self._frozen, self._held))

    def configure(self, network: NetworkSpec, config: TrainingConfig, data: TrainingData | None = None) -> None:
        state, other_rule = self.state(), config.optimizer.name != self._config.optimizer.name
        if data is not None:
            self._take(data, config.dtype)
        self._set(network, config)
        if other_rule:
            state = state.forgetting(config)
        finite = self._loss_finite
        self.restore(state)
        self._loss_finite = finite

    def state(self) -> EngineState:
        layout = self._layout
        return EngineState(
            self.epoch,
            self.item,
            self.updates,
            self.parameters(),
            read_only(layout.without_padding(layout.memory)),
            read_only(layout.scalars[0, : len(self._optimizer.scalars)].copy()),
            read_only(layout.sums.copy()),
            float(layout.real[at.LAST_RATE]),
            self._frozen,
            self._held,
            float(layout.real[at.GRADIENT_NORM]),
        )

    def parameters(self) -> Floats:
        return read_only(self._layout.without_padding(self._layout.weights))

    def restore(self, state: EngineState) -> None:
        layout = self._layout
        self.epoch, self.item, self.updates = state.epoch, state.item, state.updates
        layout.clear()
        layout.pad(state.parameters, layout.weights)
        layout.pad(state.memory, layout.memory)
        layout.scalars[:, : len(state.scalars)] = state.scalars
        layout.sums[:] = state.sums
        layout.real[[at.LAST_RATE, at.GRADIENT_NORM]] = state.learning_rate, state.gradient_norm
        self._frozen = None if state.frozen is None else read_only(state.frozen.copy())
        self._held = None if state.held is None else read_only(state.held.astype(self._config.dtype))
        layout.freeze(self._frozen)
        layout.hold(self._held)
        layout.turn()
        self._loss_finite = True

    def advance(self, epoch: int, item: int, limit: int) -> NDArray[Any]:
        found: list[NDArray[Any]] = []
        epoch = min(epoch, LAST_EPOCH)
        while limit > 0 and self._loss_finite and (self.epoch, self.item) < (epoch, item):
            most = min(limit, self.items * (at.RECORDS_ROOM - 1))
            before = self.epoch * self.items + self.item
            found.append(self._run(epoch, item, most))
            limit -= self.epoch * self.items + self.item - before
        return np.concatenate(found) if found else np.zeros(0, dtype=RECORD)

    @property
    def finite(self) -> bool:
        layout = self._layout
        return self._loss_finite and all(
            bool(np.isfinite(numbers).all()) for numbers in (layout.weights, layout.memory, layout.scalars[0])
        )

    def evaluate(self, split: str, first: int, last: int) -> tuple[float, int]:
        X, Y = (values[first:last] for values in (self._sets[:2] if split == "train" else self._sets[2:]))
        layers = parameters.layers(self._network, self.parameters())
        return evaluate(self._network, self._config, layers, X, Y, self._held, self._data.classification)

    def _take(self, data: TrainingData, dtype: str) -> None:
        self._data = data
        self._sets = tuple(
            read_only(np.ascontiguousarray(values, dtype=dtype).view())
            for values in (data.X_train, data.Y_train, data.X_test, data.Y_test)
        )

    def _set(self, network: NetworkSpec, config: TrainingConfig) -> None:
        self._network, self._config = network, config
        self._optimizer = choices.optimizer(config)
        self._layout = self._laid_out(network, config)

    def _run(self, epoch: int, item: int, limit: int) -> NDArray[Any]:
        """Let all threads work on to a moment, and return the epochs that were completed."""
        whole, first = self._layout.whole, self.epoch
        whole[[at.EPOCH, at.ITEM, at.UPDATES, at.MEETING]] = self.epoch, self.item, self.updates, 0
        try:
            if self._threads == 1:
                self._work(0, epoch, item, limit)
            else:
                self._run_together(epoch, item, limit)
        except BaseException:
            whole[at.SHUFFLED] = -1  # another row order may stand there than the one that is noted
            raise
        self.epoch, self.item, self.updates = (int(whole[place]) for place in (at.EPOCH, at.ITEM, at.UPDATES))
        self._loss_finite = bool(whole[at.FINITE])
        return self._records(first, int(whole[at.RECORDED]))

    def _run_together(self, epoch: int, item: int, limit: int) -> None:
        """Run `_work` on all threads; when one fails, nobody waits for it for ever."""
        if self._pool is None:
            self._pool = concurrent.futures.ThreadPoolExecutor(self._threads - 1, "nodeglow-engine")
        others: list[concurrent.futures.Future[None]] = []
        left, self._failed = threading.Event(), False
        try:
            for thread in range(1, self._threads):
                others += [self._pool.submit(self._work_beside, left, thread, epoch, item, limit)]
            self._work(0, epoch, item, limit)
        except BaseException:
            self._failed = True
            raise
        finally:
            left.set()
            while concurrent.futures.wait(others, 0.001 if self._failed else None).not_done:
                self._layout.whole[at.MEETING] += 1
        for other in others:
            other.result()

    def _work_beside(self, left: threading.Event, thread: int, epoch: int, item: int, limit: int) -> None:
        try:
            self._work(thread, epoch, item, limit)
        except BaseException:
            self._failed = True
            while not left.is_set():  # the first thread waits where this one will not come
                self._layout.whole[at.MEETING] += 1
                time.sleep(0.001)
            raise

    def _records(self, first: int, count: int) -> NDArray[Any]:
        found = self._layout.real[self._layout.whole[at.RECORDS] :][: at.FIGURES * count].reshape(count, at.FIGURES)
        return self._data.records(first, found)
