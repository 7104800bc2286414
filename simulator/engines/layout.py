"""Where everything stands in the arrays that a kernel of `kernels.py` works on, and how a run is laid out in them."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engines.definitions import chosen
from simulator.engines.engine import EVALUATION_ROWS, TrainingData
from simulator.nn import choices, parameters
from simulator.snapshot import Floats
from simulator.spec import NetworkSpec, TrainingConfig

VECTOR_BYTES = 64
"""How many bytes go through an operation together; a machine with shorter registers takes several."""

# Places in `whole`. What the optimizer, loss and schedule are: rows of `definitions`.
(EPOCH, ITEM, UPDATES, FINITE, RECORDED, SHUFFLED, MEETING, BATCH_SIZE, TRAIN_ROWS, TEST_ROWS, EVALUATION, BLOCK,
 CLASSES, HEAD, UPDATE, FACTOR, DROPS, HOLDS, SEED_LOW, SEED_HIGH, LAYERS) = range(21)  # fmt: skip
# In `number`: a thread's workspace is WORK_SIZE long, and a gradient, like the parameters, COUNT; a head of each thread
# has SLOTS_SIZE numbers of its own.
(ZEROS, WEIGHTS, COUNT, IS_WEIGHT, GRADIENT, MEMORY, MEMORY_NAMES, HELD, SAVED, WORK, WORK_SIZE, SLOTS, SLOTS_SIZE) = (
    range(21, 34)
)
# In `index`.
TEST_ORDER, GIVEN, GIVEN_EPOCHS, FROZEN, FROZEN_COUNT = range(34, 39)
# In `real`: a thread's scalars and coefficients are THREAD_REALS apart.
RATES, LOSS_SETTINGS, UPDATE_SETTINGS, FACTOR_SETTINGS, SCALARS, COEFFICIENTS, PARTS, RECORDS = range(39, 47)

PLAN, FIELDS = 48, 14
"""Where the linear layers begin in `whole`, and how many numbers each has."""

(FAN_IN, FAN_OUT, WIDTH, WEIGHT, BIAS, TURNED, TURNED_ROW, INPUTS, INPUT_ROW, LOGITS, VALUES, DELTA, KEPT,
 ACTIVATION) = range(FIELDS)  # fmt: skip

# Places in `real` that are fixed.
L1, L2, CLIP, RATE, LAST_RATE, GRADIENT_NORM = range(6)
SUMS = 8
THREAD_REALS, PARTS_WIDTH = 32, 8

# A thread's places from PARTS on: its loss and hits of a work item, its part of the squared norms.
GRADIENT_PART, WEIGHT_PART = 2, 3

FIGURES = 7
"""How many figures of an epoch are written down: the four sums, the rate of its last update, and two norms."""

RECORDS_ROOM = 1024
"""How many epochs' figures fit: a kernel returns at the latest after so many."""

HEAD_SLOTS = 8
"""How many intermediate results a head keeps of every output at most."""

BLOCK_ROWS = 96
"""How many rows go through the network together at most: few enough for their activations to stay near the processor,
many enough for a weight to be fetched seldom."""


def lanes(dtype: str) -> int:
    """Return how many numbers a vector has."""
    return VECTOR_BYTES // np.dtype(dtype).itemsize


def padded(units: int, dtype: str) -> int:
    """Return the width of a row of so many numbers: whole half vectors."""
    half = lanes(dtype) // 2
    return -(-units // half) * half


class _Room:
    """Hands out places in an array that is made afterwards; each begins with a whole vector, one vector apart."""

    def __init__(self, grain: int) -> None:
        self._grain, self.size = grain, 0

    def take(self, count: int) -> int:
        place = self.size
        self.size += (-(-count // self._grain) + 1) * self._grain
        return place


class Layout:
    """A run in the arrays of a kernel.

    Parameters
    ----------
    network, config, data
        Of the run.
    threads
        How many threads call the kernels together.
    shared_rows
        How many rows go through the network together at most, where the threads share one workspace and two gradients:
        one to which the other is added. None gives each thread a workspace for `BLOCK_ROWS` rows and a gradient.
    """

    whole: NDArray[np.int64]
    real: NDArray[np.float64]
    number: Floats
    index: NDArray[np.int64]

    def __init__(
        self,
        network: NetworkSpec,
        config: TrainingConfig,
        data: TrainingData,
        threads: int,
        shared_rows: int | None = None,
    ) -> None:
        self._network, self._config, self._data, self._threads = network, config, data, threads
        self._shared_rows = shared_rows
        self._grain = lanes(config.dtype)
        self.whole = np.zeros(PLAN + FIELDS * len(network.shapes), dtype=np.int64)
        self.plan = self.whole[PLAN:].reshape(-1, FIELDS)
        self._sizes()
        self._index()
        self._real()
        self._number()
        self.weights = self.number[self.whole[WEIGHTS] :][: self.whole[COUNT]]
        self.memory = self.number[self.whole[MEMORY] :][: self.whole[MEMORY_NAMES] * self.whole[COUNT]].reshape(
            -1, self.whole[COUNT]
        )
        self.scalars = self.real[self.whole[SCALARS] :][: threads * THREAD_REALS].reshape(threads, -1)
        self.sums = self.real[SUMS:][:4]

    def _sizes(self) -> None:
        whole, config, data, network = self.whole, self._config, self._data, self._network
        choice = chosen(network, config)
        self._choice = choice
        whole[TRAIN_ROWS], whole[TEST_ROWS] = data.rows("train"), data.rows("test")
        # A batch size is bounded by nothing, and a kernel's sums of whole numbers by 2⁶³.
        whole[BATCH_SIZE], whole[EVALUATION] = min(config.batch_size, max(data.rows("train"), 1)), EVALUATION_ROWS
        most = self._shared_rows or BLOCK_ROWS
        whole[BLOCK] = min(max(int(whole[BATCH_SIZE]), min(most, data.rows("test"))), most)
        several = whole[BATCH_SIZE] > whole[BLOCK]
        self._gradients = self._threads if self._shared_rows is None else 1 + int(several)
        whole[CLASSES] = data.classification
        whole[HEAD], whole[UPDATE], whole[FACTOR] = choice.head, choice.update, choice.factor
        whole[DROPS] = any(layer.dropout for layer in network.hidden)
        whole[SEED_LOW], whole[SEED_HIGH] = config.seed & 0xFFFFFFFF, config.seed >> 32
        whole[LAYERS], whole[SHUFFLED], whole[FINITE] = len(network.shapes), -1, 1

    def _index(self) -> None:
        whole, data = self.whole, self._data
        rows, test_rows = data.rows("train"), data.rows("test")
        given = np.zeros((0, rows), dtype=np.int64) if data.order is None else data.order
        data.check_order()
        whole[TEST_ORDER] = 2 * rows + 4
        whole[GIVEN] = whole[TEST_ORDER] + test_rows
        whole[GIVEN_EPOCHS] = len(given)
        whole[FROZEN] = whole[GIVEN] + given.size
        # As many as there are padded parameters may be frozen.
        padded_count = sum(
            (padded(fan_in, self._config.dtype) + 1) * padded(fan_out, self._config.dtype)
            for fan_in, fan_out in self._network.shapes
        )
        self.index = np.zeros(whole[FROZEN] + padded_count + self._grain, dtype=np.int64)
        self.index[whole[TEST_ORDER] :][:test_rows] = np.arange(test_rows)
        self.index[whole[GIVEN] :][: given.size] = given.ravel()

    def _real(self) -> None:
        whole, config, choice = self.whole, self._config, self._choice
        room = _Room(8)
        room.take(SUMS + 4)
        rates = [layer.dropout for layer in self._network.hidden]
        lists = {RATES: rates, LOSS_SETTINGS: choice.loss_settings, UPDATE_SETTINGS: choice.update_settings,
                 FACTOR_SETTINGS: choice.factor_settings}  # fmt: skip
        for place, values in lists.items():
            whole[place] = room.take(len(values))
        sizes = {SCALARS: self._threads * THREAD_REALS, COEFFICIENTS: self._threads * THREAD_REALS,
                 PARTS: self._threads * PARTS_WIDTH, RECORDS: FIGURES * RECORDS_ROOM}  # fmt: skip
        for place, size in sizes.items():
            whole[place] = room.take(size)
        self.real = np.zeros(room.size)
        for place, values in lists.items():
            self.real[whole[place] :][: len(values)] = values
        self.real[[L1, L2]] = config.l1, config.l2
        self.real[CLIP] = config.clip_norm or 0.0
        self.real[RATE] = choices.optimizer(config).learning_rate

    def _number(self) -> None:
        whole, network, dtype, threads = self.whole, self._network, self._config.dtype, self._threads
        flat = self._parameters()
        count = whole[COUNT] = -(-flat // self._grain) * self._grain
        names = whole[MEMORY_NAMES] = len(choices.optimizer(self._config).memory)
        room = _Room(self._grain)
        whole[ZEROS] = room.take(padded(max(network.sizes), dtype))
        sizes = {WEIGHTS: count, IS_WEIGHT: count, GRADIENT: self._gradients * count, MEMORY: names * count,
                 HELD: network.inputs + sum(layer.units for layer in network.hidden),
                 SAVED: count * (names + 1)}  # fmt: skip
        for place, size in sizes.items():
            whole[place] = room.take(size)
        self.plan[:, (WEIGHT, BIAS)] += whole[WEIGHTS]
        work = self._workspace()
        if self._shared_rows is None:
            for row in self.plan[1:]:
                row[TURNED_ROW] = padded(row[FAN_IN], dtype)
                row[TURNED] = room.take(row[TURNED_ROW] * row[WIDTH])
            whole[WORK_SIZE] = work
        whole[WORK] = room.take(work + (threads - 1) * whole[WORK_SIZE])
        whole[SLOTS_SIZE] = HEAD_SLOTS * network.outputs * self._grain
        whole[SLOTS] = room.take(threads * whole[SLOTS_SIZE])
        self.number = aligned(room.size, dtype)
        self.pad(parameters.weight_places(network), self.number[whole[IS_WEIGHT] :][:count])

    def _parameters(self) -> int:
        """Lay out the padded parameters; return how many numbers they take."""
        dtype, flat = self._config.dtype, 0
        for row, (fan_in, fan_out) in zip(self.plan, self._network.shapes, strict=True):
            width = padded(fan_out, dtype)
            row[[FAN_IN, FAN_OUT, WIDTH]] = fan_in, fan_out, width
            row[[WEIGHT, BIAS]] = flat, flat + padded(fan_in, dtype) * width
            flat = int(row[BIAS]) + width
        return flat

    def _blocks(self, plain: NDArray[Any], padded: NDArray[Any]) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
        """Yield the weights and the biases of every layer, (rows, columns), in a plain and in a padded vector."""
        begin = 0
        start = int(self.whole[WEIGHTS])
        for row in self.plan.tolist():
            width, columns = row[WIDTH], row[FAN_OUT]
            for place, rows in ((row[WEIGHT] - start, row[FAN_IN]), (row[BIAS] - start, 1)):
                size = rows * columns
                there = padded[place : place + rows * width].reshape(rows, width)[:, :columns]
                yield plain[begin : begin + size].reshape(rows, columns), there
                begin += size

    def pad(self, plain: NDArray[Any], padded: NDArray[Any]) -> None:
        """Write numbers (…, parameter_count) to their places in (…, COUNT); the padding becomes 0."""
        padded[...] = 0
        for line, there in zip(np.atleast_2d(plain), np.atleast_2d(padded), strict=True):
            for source, target in self._blocks(line, there):
                target[...] = source

    def without_padding(self, padded: NDArray[Any]) -> NDArray[Any]:
        """Return a copy of the numbers in (…, COUNT) that are parameters', (…, parameter_count)."""
        plain = np.empty((*padded.shape[:-1], self._network.parameter_count), padded.dtype)
        for line, there in zip(np.atleast_2d(plain), np.atleast_2d(padded), strict=True):
            for target, source in self._blocks(line, there):
                target[...] = source
        return plain

    def _workspace(self) -> int:
        """Lay out one thread's workspace; return its size."""
        whole, network, room = self.whole, self._network, _Room(self._grain)
        block = int(whole[BLOCK])
        self.plan[0, [INPUTS, INPUT_ROW]] = room.take(block * network.inputs), network.inputs
        masked = whole[DROPS] or whole[HOLDS]
        self._seen = np.zeros(len(self.plan), dtype=np.int64)
        for index, row in enumerate(self.plan):
            size = block * row[WIDTH]
            row[LOGITS], row[DELTA] = room.take(size), room.take(size)
            if index + 1 == len(self.plan):
                break
            row[VALUES], row[KEPT] = room.take(size), room.take(size)
            self._seen[index + 1] = room.take(size)
            self.plan[index + 1, INPUT_ROW] = row[WIDTH]
            row[ACTIVATION] = self._choice.activations[index]
        self._connect(masked=bool(masked))
        return -(-room.size // self._grain) * self._grain

    def _connect(self, *, masked: bool) -> None:
        """Let a layer see the activations before it themselves, or as dropout and held neurons leave them."""
        self.plan[1:, INPUTS] = self._seen[1:] if masked else self.plan[:-1, VALUES]

    def clear(self) -> None:
        """Empty the gradients: what is no number would stay at the places of the padding, which no batch writes."""
        self.number[self.whole[GRADIENT] :][: self._gradients * self.whole[COUNT]] = 0.0

    def hold(self, held: Floats | None) -> None:
        """Hold inputs and neurons at values; NaN where they are free."""
        self.whole[HOLDS] = held is not None
        if held is not None:
            self.number[self.whole[HELD] :][: len(held)] = held
        self._connect(masked=bool(self.whole[DROPS] or self.whole[HOLDS]))

    def freeze(self, frozen: NDArray[np.bool_] | None) -> None:
        """Let these parameters stay as they are."""
        fixed = np.zeros(self.whole[COUNT], dtype=np.bool_)
        if frozen is not None:
            self.pad(frozen, fixed)
        if self._pads_may_move():
            # Where ε is 0 (as the dtype has it), an update divides the 0 of a place without a parameter by 0.
            known = np.zeros_like(fixed)
            self.pad(np.ones(self._network.parameter_count, dtype=np.bool_), known)
            fixed |= ~known
        places = np.flatnonzero(fixed)
        self.whole[FROZEN_COUNT] = len(places)
        self.index[self.whole[FROZEN] :][: len(places)] = places

    def _pads_may_move(self) -> bool:
        return np.dtype(self._config.dtype).type(getattr(choices.optimizer(self._config), "epsilon", 1.0)) == 0.0

    def turn(self) -> None:
        """Fill the transposed weights, which a kernel then keeps up to date."""
        for row in self.plan[1:]:
            rows, width = int(row[TURNED_ROW]), int(row[WIDTH])
            weight = self.number[row[WEIGHT] :][: rows * width].reshape(rows, width)
            self.number[row[TURNED] :][: rows * width].reshape(width, rows)[...] = weight.T


def aligned(count: int, dtype: str) -> Floats:
    """Return zeros (count,) that begin at a whole vector's address."""
    size = np.dtype(dtype).itemsize
    bytes_ = np.zeros(count * size + VECTOR_BYTES, dtype=np.uint8)
    start = -bytes_.ctypes.data % VECTOR_BYTES
    return bytes_[start : start + count * size].view(dtype)
