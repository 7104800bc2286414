"""One update after the other in readable array code over `passes.py`: what the other engines are checked against."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engines import devices
from simulator.engines.engine import EVALUATION_ROWS, Engine, EngineState, TrainingData, read_only
from simulator.engines.passes import backward, evaluate, forward, hits, norm
from simulator.nn import choices, parameters, random
from simulator.nn.links import LINKS
from simulator.snapshot import RECORD, Floats
from simulator.spec import NetworkSpec, TrainingConfig

_CLIP_EPSILON = 1e-6


class ReferenceEngine(Engine):
    """One update after the other, each a few array operations that can be read."""

    name = "reference"
    runs_on = "cpu", "cuda"

    def __init__(
        self, network: NetworkSpec, config: TrainingConfig, data: TrainingData, device: str, threads: int = 1
    ) -> None:
        self._xp = devices.array_library(device)
        self._threads = threads
        self._dtype = np.dtype(config.dtype)
        self._take(data)
        self._flat = self._xp.zeros(network.parameter_count, dtype=self._dtype)
        self._gradient = self._xp.zeros_like(self._flat)
        self._weights = self._array(parameters.weight_places(network))
        self._frozen: Any | None = None
        self._held: Any | None = None
        self._order: tuple[int, Any] | None = None
        self._set(network, config)
        self.start(parameters.start_values(network, config.seed))

    @property
    def blas_threads(self) -> int:
        return self._threads

    def start(self, values: Floats) -> None:
        self._flat[...] = self._array(values)
        self.epoch = self.item = 0
        self._sums = np.zeros(4)
        self._learning_rate = 0.0
        self._gradient_norm = math.nan
        self._loss_finite = True
        self._empty_memory()

    def configure(self, network: NetworkSpec, config: TrainingConfig, data: TrainingData | None = None) -> None:
        other_rule = config.optimizer.name != self._config.optimizer.name
        if data is not None:
            self._take(data)
        self._set(network, config)
        if other_rule:
            self._empty_memory()

    def state(self) -> EngineState:
        return EngineState(
            self.epoch,
            self.item,
            self.updates,
            self.parameters(),
            read_only(devices.to_host(self._memory)),
            read_only(np.array(self._scalars)),
            read_only(self._sums.copy()),
            float(self._learning_rate),  # a schedule may make another type of it
            None if self._frozen is None else read_only(devices.to_host(self._frozen)),
            None if self._held is None else read_only(devices.to_host(self._held)),
            self._gradient_norm,
        )

    def parameters(self) -> Floats:
        return read_only(devices.to_host(self._flat))

    def restore(self, state: EngineState) -> None:
        self.epoch, self.item, self.updates = state.epoch, state.item, state.updates
        self._flat[...] = self._array(state.parameters)
        self._memory = self._xp.array(state.memory, dtype=self._dtype)
        self._scalars = state.scalars.tolist()
        self._sums = state.sums.copy()
        self._learning_rate = state.learning_rate
        self._gradient_norm = state.gradient_norm
        self._frozen = None if state.frozen is None else self._xp.asarray(state.frozen)
        self._held = None if state.held is None else self._array(state.held)
        self._loss_finite = True

    def advance(self, epoch: int, item: int, limit: int) -> NDArray[Any]:
        records: list[NDArray[Any]] = []
        with np.errstate(all="ignore"):  # what is not finite is looked for, not warned of
            while limit > 0 and self._loss_finite and (self.epoch, self.item) < (epoch, item):
                if self.item < self.batches:
                    self._update()
                else:
                    self._evaluate_block(self.item - self.batches)
                if self._loss_finite:
                    self.item += 1
                    limit -= 1
                if self.item == self.items:
                    records.append(self._finish_epoch())
        return np.concatenate(records) if records else np.zeros(0, dtype=RECORD)

    @property
    def finite(self) -> bool:
        return self._loss_finite and bool(
            self._xp.isfinite(self._flat).all()
            and self._xp.isfinite(self._memory).all()
            and np.isfinite(self._scalars).all()
        )

    def evaluate(self, split: str, first: int, last: int) -> tuple[float, int]:
        X, Y = (array[first:last] for array in self._sets[split])
        return evaluate(self._network, self._config, self._layers, X, Y, self._held, self._data.classification)

    def _array(self, values: Any) -> Any:
        return self._xp.ascontiguousarray(self._xp.asarray(values, dtype=self._dtype))

    def _take(self, data: TrainingData) -> None:
        self._data = data
        self._sets = {
            "train": (self._array(data.X_train), self._array(data.Y_train)),
            "test": (self._array(data.X_test), self._array(data.Y_test)),
        }

    def _set(self, network: NetworkSpec, config: TrainingConfig) -> None:
        self._network, self._config = network, config
        self._order = None  # it may have been drawn from another seed, or for another number of rows
        self._loss = choices.loss(config)
        self._optimizer = choices.optimizer(config)
        self._schedule = choices.schedule(config)
        self._link = LINKS[network.link]
        self._layers = parameters.layers(network, self._flat)
        self._gradient_layers = parameters.layers(network, self._gradient)

    def _empty_memory(self) -> None:
        self.updates = 0
        self._memory = self._xp.zeros((len(self._optimizer.memory), self._flat.size), dtype=self._dtype)
        self._scalars = list(self._optimizer.scalars.values())

    def _update(self) -> None:
        """Run one batch: forward, loss, backward, penalties, clipping, and the optimizer's rule."""
        first = self.item * self._config.batch_size
        rows = self._epoch_order()[first : first + self._config.batch_size]
        X, Y = (array[rows] for array in self._sets["train"])
        passed = forward(self._network, self._layers, X, self._kept(first, len(rows)), self._held)
        loss = float(self._loss.rows(passed.logits[-1], passed.outputs, Y).sum(dtype=np.float64))
        self._loss_finite = bool(np.isfinite(loss))
        if not self._loss_finite:
            return
        delta = self._loss.delta(passed.logits[-1], passed.outputs, Y, self._link) / len(rows)
        backward(self._layers, passed, delta, self._gradient_layers)
        self._penalise()
        self._clip()
        self._apply()
        self._sums[:2] += loss, hits(passed.outputs, Y) if self._data.classification else 0

    def _penalise(self) -> None:
        l1, l2 = self._config.l1, self._config.l2
        if l1:
            self._gradient += l1 * self._weights * self._xp.sign(self._flat)
        if l2:
            self._gradient += l2 * self._weights * self._flat

    def _clip(self) -> None:
        if self._frozen is not None:
            self._gradient[self._frozen] = 0.0
        limit, ends = self._config.clip_norm, self.item + 1 == self.batches
        if limit is None and not ends:
            return
        length = norm(self._gradient)
        if ends:
            self._gradient_norm = length
        if limit is not None:
            self._gradient *= min(1.0, limit / (length + _CLIP_EPSILON))

    def _apply(self) -> None:
        now = self.epoch + self.item / self.batches
        factor = self._schedule.factor(now, 1 / self.batches)
        self._learning_rate = self._optimizer.learning_rate * factor
        self.updates += 1
        coefficients = self._optimizer.coefficients(self.updates, self._learning_rate, self._scalars)
        changed = self._optimizer.rule(self._flat, self._gradient, *self._memory, *coefficients)
        for kept, new in zip((self._flat, *self._memory), changed, strict=True):
            kept[...] = new if self._frozen is None else self._xp.where(self._frozen, kept, new)

    def _evaluate_block(self, block: int) -> None:
        first = block * EVALUATION_ROWS
        self._sums[2:] += self.evaluate("test", first, min(first + EVALUATION_ROWS, self._data.rows("test")))

    def _finish_epoch(self) -> NDArray[Any]:
        figures = np.array([[*self._sums, self._learning_rate, self._gradient_norm, norm(self._flat)]])
        self.epoch, self.item, self._sums = self.epoch + 1, 0, np.zeros(4)
        return self._data.records(self.epoch - 1, figures)

    def _epoch_order(self) -> Any:
        if self._order is None or self._order[0] != self.epoch:
            given = self._data.order
            if given is not None:
                drawn = given[self.epoch % len(given)]
            else:
                drawn = random.permutation(self._config.seed, random.ORDER, self.epoch + 1, self._data.rows("train"))
            self._order = self.epoch, self._xp.asarray(drawn)
        return self._order[1]

    def _kept(self, first: int, rows: int) -> list[Any] | None:
        if not any(layer.dropout for layer in self._network.hidden):
            return None
        return [
            random.kept(self._config.seed, self.epoch + 1, first, rows, index, layer.units, layer.dropout, self._xp)
            if layer.dropout
            else None
            for index, layer in enumerate(self._network.hidden)
        ]
