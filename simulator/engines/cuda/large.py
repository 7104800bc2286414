"""Larger networks on a device: matrix products by the machine, and the kernels of `kernels/large.cuh` between them.

An update of n rows with layers of u units each gives the machine, for every hidden layer, four products or three and
two kernels, and some kernels beside. Their bytes, in numbers of the run's dtype:

    gather      2·n·inputs
    activate    3·n·u a hidden layer: reads sums, writes activations and slopes over the sums
    judge       2·n·outputs
    slope       3·n·u a hidden layer: reads and writes derivatives, reads slopes
    settle      n·outputs, and n·u/32 a hidden layer
    update      (3 + 2·memory) of every parameter: 7 with Adam

For 784-2048-2048-10 and batches of 512 in float32 the products are 16.2 GFLOP. Estimated, not measured, for an
H100-class device at 50 TFLOP/s, 3 TB/s of memory and 5 TB/s of the L2 cache, which holds all but the parameters: 325
µs of products; 54 µs of `update` (163 MB); 10 µs of the bytes of all others (52 MB); and about 2 µs to begin each of
the 17 launches. Whatever uses the same products and reads every parameter as seldom cannot be much faster.

An update that has been given once is taken down and then given as one: a batch is then one call, and the device waits
for none of them. What a launch needs to know of the moment it reads from the run.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np

from simulator.engines.cuda.layout import DeviceRows, Layout
from simulator.engines.cuda.machine import Argument, Machine, Reading, Repeatable
from simulator.engines.cuda.path import Path
from simulator.engines.engine import EVALUATION_ROWS
from simulator.spec import NetworkSpec, TrainingConfig

_TILE_THREADS, _SETTLE_THREADS, _NORM_BLOCKS, _LEAST_CHUNK = 256, 1024, 256, 32  # as in large.cuh
_BATCH, _TEST, _TRAIN = 0, 1, 2
_SETTLE_COLUMNS = 32
_UPDATE_BLOCKS = 8
"""How many blocks of `large_update` a multiprocessor is given at most."""

_PIECE_BYTES = 256 << 20
_LEAST_PIECE = 64
_STRIPS = 64
_ALIGNMENT = 256


def piece_rows(network: NetworkSpec, dtype: str) -> int:
    """Return how many rows are evaluated together: it follows from the network alone, and so do their bits."""
    number = np.dtype(dtype).itemsize * _numbers_a_row(network)
    rows = EVALUATION_ROWS
    while rows > _LEAST_PIECE and rows * number > _PIECE_BYTES:
        rows //= 2
    return rows


def _numbers_a_row(network: NetworkSpec) -> int:
    return network.inputs + 2 * sum(layer.units for layer in network.hidden) + network.outputs


def quads(columns: int) -> int:
    """Return how many threads share a row of a tile, as `quads_of` of the kernels."""
    return min(32, 1 << max(0, (-(-columns // 4) - 1).bit_length()))


def chunks(rows: int, columns: int) -> int:
    """Return how many tiles lie above each other."""
    return -(-rows // max(_LEAST_CHUNK, _TILE_THREADS // quads(columns)))


def _sums(rows: int, columns: int) -> int:
    """Return how many numbers the sums of a hidden layer's chunks take, as `sums_of` of the kernels."""
    return -(-chunks(rows, columns) * columns // 4) * 4


@dataclasses.dataclass(frozen=True)
class _Places:
    """Where the workspace's parts begin, counted in bytes, and how long it is."""

    inputs: int
    values: tuple[int, ...]
    logits: tuple[int, ...]
    sums: int
    found: int
    parts: int
    size: int


def _places(network: NetworkSpec, config: TrainingConfig, train_rows: int, test_rows: int) -> _Places:
    number = np.dtype(config.dtype).itemsize
    batch = min(config.batch_size, max(train_rows, 1))
    piece = piece_rows(network, config.dtype)
    rows = max(batch, min(piece, max(train_rows, test_rows)))
    units = [layer.units for layer in network.hidden]
    sizes = [
        rows * network.inputs * number,
        *(rows * each * number for each in units),
        *(rows * each * number for each in (*units, network.outputs)),
        sum(_sums(batch, each) for each in units) * number,
        2 * 8 * max(batch, EVALUATION_ROWS),
        8 * _NORM_BLOCKS,
    ]
    begins: list[int] = []
    size = 0
    for each in sizes:
        begins.append(size)
        size += -(-max(each, 1) // _ALIGNMENT) * _ALIGNMENT
    hidden = len(units)
    values, logits = tuple(begins[1 : 1 + hidden]), tuple(begins[1 + hidden : 2 + 2 * hidden])
    sums, found, parts = begins[-3:]
    return _Places(begins[0], values, logits, sums, found, parts, size)


class LargePath(Path):
    """Gives updates as products and kernels, and evaluates test rows in pieces.

    Of every hidden layer there are two arrays (rows, units): what the next layer sees, over which its derivatives are
    written when it is not needed any more; and sums, over which slopes are written. So the workspace is no larger than
    one forward pass that must be remembered.
    """

    def __init__(self, machine: Machine, layout: Layout, rows: DeviceRows) -> None:
        self._machine, self._layout = machine, layout
        self._network, self._config = layout.network, layout.config
        self._train_rows, self._test_rows = int(layout.run["train_rows"][0]), int(layout.run["test_rows"][0])
        self._batch_size = int(layout.run["batch_size"][0])
        self._places = _places(self._network, self._config, self._train_rows, self._test_rows)
        self._block = machine.allocate(self._places.size)
        self._found, self._most = self._at(self._places.found), max(self._batch_size, EVALUATION_ROWS)
        self._parts, self._sums = self._at(self._places.parts), self._at(self._places.sums)
        # The first product makes room for what the machine's library needs, while that can still be refused.
        machine.multiply(self._config.dtype, (1, 1, 1), self._sums, self._sums, self._parts)
        self._updates: dict[tuple[int, bool], Repeatable | None] = {}

    @staticmethod
    def work_bytes(machine: Machine, network: NetworkSpec, config: TrainingConfig, train_rows: int, rows: int) -> int:
        return _places(network, config, train_rows, rows).size

    def give(self, item: int, count: int) -> None:
        batches, items = int(self._layout.run["batches"][0]), int(self._layout.run["items"][0])
        for _ in range(count):
            if item < batches:
                self._give_update(
                    min(self._batch_size, self._train_rows - item * self._batch_size), item + 1 == batches
                )
            else:
                self._give_test(item - batches)
            item += 1
            if item == items:
                self._launch("large_measure", _NORM_BLOCKS, [self._run, 1, self._parts])
                self._launch("large_record", 1, [self._run, self._parts])
                item = 0

    def evaluate(self, split: str, first: int, rows: int) -> Reading:
        which, begin = (_TEST if split == "test" else _TRAIN), first
        while begin < first + rows:
            block = min(EVALUATION_ROWS, first + rows - begin)
            self._judge_rows(which, begin, block)
            arguments = [self._run, block, self._found, self._most, int(begin == first)]
            self._launch("large_answer", 1, arguments, _SETTLE_THREADS)
            begin += block
        return self._machine.read(self._layout.at("result"), np.float64, (2,))

    def changed(self) -> None:
        self._config = self._layout.config
        self._updates.clear()

    @property
    def _run(self) -> int:
        return self._layout.address

    def _at(self, place: int) -> int:
        return self._block.address + place

    def _give_update(self, rows: int, ends: bool) -> None:
        """Give an update, the second time that there is one of its kind as what was taken down of it."""
        kind = rows, ends or self._config.clip_norm is not None
        if kind not in self._updates:
            self._updates[kind] = None
            self._update(*kind)
            return
        taken = self._updates[kind]
        if taken is None:
            taken = self._updates[kind] = self._machine.take_down(lambda: self._update(*kind))
        taken.give()

    def _update(self, rows: int, measured: bool) -> None:
        """Give an update piece by piece."""
        self._gather(_BATCH, 0, rows)
        self._forward(self._at(self._places.inputs), rows, learning=True)
        self._judge(_BATCH, 0, rows, self._found)
        self._backward(rows)
        if measured:
            self._launch("large_measure", _NORM_BLOCKS, [self._run, 0, self._parts])
        most = self._machine.multiprocessors * _UPDATE_BLOCKS
        blocks = min(most, -(-self._network.parameter_count // (4 * _TILE_THREADS)))
        self._launch("large_update", blocks, [self._run, int(measured), self._parts])

    def _give_test(self, block: int) -> None:
        """Give a block of test rows."""
        first = block * EVALUATION_ROWS
        rows = min(EVALUATION_ROWS, self._test_rows - first)
        self._judge_rows(_TEST, first, rows)
        self._launch("large_close", 1, [self._run, rows, self._found, self._most], _SETTLE_THREADS)

    def _judge_rows(self, which: int, first: int, rows: int) -> None:
        """Find losses and hits of a block of rows as they lie, in pieces."""
        piece = piece_rows(self._network, self._config.dtype)
        for begin in range(0, rows, piece):
            count = min(piece, rows - begin)
            self._forward(self._seen(which, first + begin, count), count, learning=False)
            self._judge(which, first + begin, count, self._found + 8 * begin)

    def _seen(self, which: int, first: int, rows: int) -> int:
        """Return where rows lie as the first layer sees them."""
        if self._layout.run["holds"][0]:
            self._gather(which, first, rows)
            return self._at(self._places.inputs)
        begin = int(self._layout.run["X_test" if which == _TEST else "X"][0])
        return begin + first * self._network.inputs * np.dtype(self._config.dtype).itemsize

    def _gather(self, which: int, first: int, rows: int) -> None:
        strips = min(_STRIPS, -(-self._network.inputs // 512))
        blocks = (-(-rows // (_TILE_THREADS // 32)), strips)
        self._launch("large_gather", blocks, [self._run, which, first, rows, self._at(self._places.inputs)])

    def _forward(self, seen: int, rows: int, *, learning: bool) -> None:
        for index, (fan_in, fan_out) in enumerate(self._network.shapes):
            logits = self._at(self._places.logits[index])
            self._multiply((rows, fan_in, fan_out), seen, self._weight(index), logits)
            if index < len(self._network.hidden):
                seen = self._at(self._places.values[index])
                arguments = [self._run, index, rows, logits, seen, int(learning)]
                self._launch("large_activate", self._tiles(rows, fan_out), arguments)

    def _judge(self, which: int, first: int, rows: int, found: int) -> None:
        lanes = min(32, 1 << (self._network.outputs - 1).bit_length())
        arguments = [self._run, which, first, rows, lanes, self._at(self._places.logits[-1]), found, self._most]
        self._launch("large_judge", -(-rows // (_TILE_THREADS // lanes)), arguments)

    def _backward(self, rows: int) -> None:
        shapes, sums, tiles = self._network.shapes, self._sums, 0
        places = self._sum_places(rows)
        delta = self._at(self._places.logits[-1])
        for index in range(len(shapes) - 1, -1, -1):
            fan_in, fan_out = shapes[index]
            tiles += -(-fan_out // _SETTLE_COLUMNS)
            seen = self._at(self._places.values[index - 1] if index else self._places.inputs)
            self._multiply((fan_in, rows, fan_out), seen, delta, self._gradient(index), (True, False))
            if index:
                self._multiply((rows, fan_out, fan_in), delta, self._weight(index), seen, (False, True))
                delta = seen
                slopes = self._at(self._places.logits[index - 1])
                arguments = [self._run, index - 1, rows, slopes, delta, places[index - 1]]
                self._launch("large_slope", self._tiles(rows, fan_in), arguments)
        last = self._at(self._places.logits[-1])
        arguments = [self._run, rows, self._found, self._most, sums, last]
        self._launch("large_settle", 1 + tiles, arguments, _SETTLE_THREADS)

    def _sum_places(self, rows: int) -> list[int]:
        """Return where the chunks' sums of every hidden layer begin."""
        places, begin = [], self._sums
        for layer in self._network.hidden:
            places.append(begin)
            begin += _sums(rows, layer.units) * np.dtype(self._config.dtype).itemsize
        return places

    def _tiles(self, rows: int, columns: int) -> tuple[int, int]:
        return chunks(rows, columns), -(-columns // (4 * quads(columns)))

    def _weight(self, index: int, vector: str = "weights") -> int:
        begin = int(self._layout.layers["weight"][index])
        return self._layout.at(vector) + begin * np.dtype(self._config.dtype).itemsize

    def _gradient(self, index: int) -> int:
        return self._weight(index, "gradient")

    def _multiply(
        self, shape: tuple[int, int, int], A: int, B: int, C: int, turned: tuple[bool, bool] = (False, False)
    ) -> None:
        self._machine.multiply(self._config.dtype, shape, A, B, C, turned, self._config.tf32)

    def _launch(
        self, kernel: str, blocks: int | tuple[int, int], arguments: Sequence[Argument], threads: int = _TILE_THREADS
    ) -> None:
        self._machine.launch(kernel, self._config.dtype, blocks, threads, arguments)
