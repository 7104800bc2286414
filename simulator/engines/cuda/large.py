"""Larger networks on a device: matrix products by the machine, and the kernels of `kernels/large.cuh` between them.

An update of n rows gives the machine three products and two kernels for every hidden layer, of u units; two products
for the last; and four kernels beside. The kernels' bytes, in numbers of the run's dtype:

    gather      2·n·inputs
    activate    3·n·u a hidden layer: reads sums, writes activations, and slopes over the sums
    judge       2·n·outputs
    slope       3·n·u a hidden layer: reads and writes derivatives, reads slopes
    settle      n·outputs, and n·u/32 a hidden layer
    update      (3 + 2·memory) of every parameter: 7 with Adam

For 784-2048-2048-10 and batches of 512 in float32 the products are 16.2 GFLOP. Estimated, not measured, for an
H100-class device at 50 TFLOP/s, 3 TB/s of memory and 5 TB/s of the L2 cache, which holds all but the parameters: 325
µs of products; 54 µs of `update` (163 MB), which any program with Adam needs; 11 µs for the bytes of the others (54
MB); and 1 to 2 µs until each of the 16 launches has begun. So what another program could save is less than 10 %.

An update that has been given once is taken down and then given as one: a batch is then one call, and the device waits
for none of them. What a launch needs to know of the moment it reads from the run.
"""

from collections.abc import Sequence

import numpy as np

from simulator.engines.cuda.layout import DeviceRows, Layout
from simulator.engines.cuda.machine import Argument, Machine, Reading, Repeatable
from simulator.engines.cuda.path import Path
from simulator.engines.cuda.workspace import NORM_BLOCKS, TILE_THREADS, chunks, places, quads, sums
from simulator.engines.engine import EVALUATION_ROWS
from simulator.spec import NetworkSpec, TrainingConfig

_SETTLE_THREADS = 1024  # as in large.cuh
_BATCH, _TEST, _TRAIN = 0, 1, 2
_SETTLE_COLUMNS = 32
_UPDATE_BLOCKS = 64
"""How many blocks of `large_update` a multiprocessor is given at most, one after the other."""

_STRIPS = 64


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
        self._places = places(self._network, self._config, self._train_rows, self._test_rows)
        self._block = machine.allocate(self._places.size)
        self._found, self._most = self._at(self._places.found), max(self._batch_size, EVALUATION_ROWS)
        self._parts, self._sums = self._at(self._places.parts), self._at(self._places.sums)
        # The first product makes room for what the machine's library needs, while that can still be refused.
        machine.multiply(self._config.dtype, (1, 1, 1), self._sums, self._sums, self._parts)
        self._updates: dict[tuple[int, bool], Repeatable | None] = {}

    @staticmethod
    def work_bytes(machine: Machine, network: NetworkSpec, config: TrainingConfig, train_rows: int, rows: int) -> int:
        return places(network, config, train_rows, rows).size

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
                self._launch("large_measure", NORM_BLOCKS, [self._run, 1, self._parts])
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
        """Hear of other settings. Kernels read them from the run, but for the one that a product is given."""
        if self._layout.config.tf32 != self._config.tf32:
            self._updates.clear()
        self._config = self._layout.config

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
        for first in range(0, rows, self._places.block):
            count = min(self._places.block, rows - first)
            self._gather(_BATCH, first, count)
            self._forward(self._at(self._places.inputs), first, count, learning=True)
            self._judge(_BATCH, first, count, rows)
            self._backward(first, count, rows)
        tiles = sum(-(-fan_out // _SETTLE_COLUMNS) for _, fan_out in self._network.shapes)
        delta = self._at(self._places.logits[-1])
        arguments = [self._run, rows, self._found, self._most, self._sums, delta]
        self._launch("large_settle", 1 + tiles, arguments, _SETTLE_THREADS)
        if measured:
            self._launch("large_measure", NORM_BLOCKS, [self._run, 0, self._parts])
        blocks = -(-self._network.parameter_count // (4 * TILE_THREADS))
        turns = -(-blocks // (self._machine.multiprocessors * _UPDATE_BLOCKS))
        blocks = -(-blocks // turns)  # each the same number of turns
        self._launch("large_update", blocks, [self._run, int(measured), self._parts])

    def _give_test(self, block: int) -> None:
        """Give a block of test rows."""
        first = block * EVALUATION_ROWS
        rows = min(EVALUATION_ROWS, self._test_rows - first)
        self._judge_rows(_TEST, first, rows)
        self._launch("large_close", 1, [self._run, rows, self._found, self._most], _SETTLE_THREADS)

    def _judge_rows(self, which: int, first: int, rows: int) -> None:
        """Find losses and hits of a block of rows as they lie, in pieces."""
        for begin in range(0, rows, self._places.piece):
            count = min(self._places.piece, rows - begin)
            self._forward(self._seen(which, first + begin, count), 0, count, learning=False)
            self._judge(which, first + begin, count, rows, begin)

    def _seen(self, which: int, first: int, rows: int) -> int:
        """Return where rows lie as the first layer sees them."""
        if self._layout.run["holds"][0]:
            self._gather(which, first, rows)
            return self._at(self._places.inputs)
        begin = int(self._layout.run["X_test" if which == _TEST else "X"][0])
        return begin + first * self._network.inputs * self._number

    def _gather(self, which: int, first: int, rows: int) -> None:
        strips = min(_STRIPS, -(-self._network.inputs // 512))
        blocks = (-(-rows // (TILE_THREADS // 32)), strips)
        self._launch("large_gather", blocks, [self._run, which, first, rows, self._at(self._places.inputs)])

    def _forward(self, seen: int, first: int, rows: int, *, learning: bool) -> None:
        """Give the products and activations of rows, the first of which is number `first` of its batch."""
        for index, (fan_in, fan_out) in enumerate(self._network.shapes):
            last = index == len(self._network.hidden)
            logits = self._delta(first if learning else 0) if last else self._at(self._places.logits[index])
            self._multiply((rows, fan_in, fan_out), seen, self._vector("weights", index), logits)
            if not last:
                seen = self._at(self._places.values[index])
                arguments = [self._run, index, first, rows, logits, seen, int(learning)]
                self._launch("large_activate", self._tiles(rows, fan_out), arguments)

    def _judge(self, which: int, first: int, rows: int, total: int, place: int | None = None) -> None:
        """Let losses and hits be found, from the place on that the first row has among those that are summed up."""
        outputs, learning = self._network.outputs, which == _BATCH
        lanes = min(32, 1 << (outputs - 1).bit_length())
        found = self._found + 8 * (first if place is None else place)
        logits = self._delta(first if learning else 0)
        arguments = [self._run, which, first, rows, total, lanes, logits, found, self._most]
        self._launch("large_judge", -(-rows // (TILE_THREADS // lanes)), arguments)

    def _backward(self, first: int, rows: int, total: int) -> None:
        """Give what a block's rows contribute to the gradient of a batch of `total` rows."""
        delta, added = self._delta(first), first > 0
        begins = self._sum_places(first, total)
        for index in range(len(self._network.shapes) - 1, -1, -1):
            fan_in, fan_out = self._network.shapes[index]
            seen = self._at(self._places.values[index - 1] if index else self._places.inputs)
            gradient = self._vector("gradient", index)
            self._multiply((fan_in, rows, fan_out), seen, delta, gradient, (True, False), added=added)
            if index:
                weight = self._vector("weights", index)
                self._multiply((rows, fan_out, fan_in), delta, weight, seen, (False, True))
                delta, slopes = seen, self._at(self._places.logits[index - 1])
                arguments = [self._run, index - 1, rows, slopes, delta, begins[index - 1]]
                self._launch("large_slope", self._tiles(rows, fan_in), arguments)

    def _delta(self, first: int) -> int:
        """Return where the logits, or derivatives, of the last layer stand for row `first` of a batch."""
        return self._at(self._places.logits[-1]) + first * self._network.outputs * self._number

    def _sum_places(self, first: int, total: int) -> list[int]:
        """Return where the sums of every hidden layer's chunks begin that begin at row `first` of a batch."""
        found: list[int] = []
        begin = self._sums
        for layer in self._network.hidden:
            found.append(begin + chunks(first, layer.units) * layer.units * self._number)
            begin += sums(total, layer.units) * self._number
        return found

    def _tiles(self, rows: int, columns: int) -> tuple[int, int]:
        return chunks(rows, columns), -(-columns // (4 * quads(columns)))

    def _vector(self, name: str, index: int) -> int:
        """Return where a layer's weights begin in the flat vector "weights" or "gradient"."""
        return self._layout.at(name) + int(self._layout.layers["weight"][index]) * self._number

    @property
    def _number(self) -> int:
        return np.dtype(self._config.dtype).itemsize

    def _multiply(
        self,
        shape: tuple[int, int, int],
        A: int,
        B: int,
        C: int,
        turned: tuple[bool, bool] = (False, False),
        added: bool = False,
    ) -> None:
        self._machine.multiply(self._config.dtype, shape, A, B, C, turned, self._config.tf32, added)

    def _launch(
        self, kernel: str, blocks: int | tuple[int, int], arguments: Sequence[Argument], threads: int = TILE_THREADS
    ) -> None:
        self._machine.launch(kernel, self._config.dtype, blocks, threads, arguments)
