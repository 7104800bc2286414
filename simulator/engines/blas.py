"""Large networks on the CPU: matrix products by BLAS, and compiled kernels for all that surrounds them.

Every thread calls BLAS for the products of its own share, each with one BLAS thread, and runs the kernels of `fused.py`
on what it made. That way threads meet only where one needs what another made, and a core that somebody else takes slows
the run down by its share. With BLAS's own threads the products alone would be as fast on an idle machine; but on a busy
one they took 1.6 times as long (784-2048-2048-10, batches of 512), as each of them waits for the last thread.
"""

import dataclasses

import numpy as np

from simulator.engines import layout as at
from simulator.engines import preparing
from simulator.engines.engine import EVALUATION_ROWS, EngineState
from simulator.engines.layout import Layout
from simulator.engines.native import NativeEngine
from simulator.engines.shares import Product, Share
from simulator.snapshot import Floats
from simulator.spec import NetworkSpec, TrainingConfig

BLOCK_ROWS = 1024
"""How many rows go through the network together at most, which bounds the workspace; the gradient of a larger batch is
summed up over its blocks."""


@dataclasses.dataclass(frozen=True)
class _Item:
    """A work item: rows begin … begin + rows − 1 of a batch or of the test rows, and what belongs to it in the run.

    Attributes
    ----------
    batches
        How many an epoch has.
    recorded
        How many epochs are written down before this item ends one; −1 where it does not.
    """

    epoch: int
    item: int
    batches: int
    updates: int
    begin: int
    rows: int
    recorded: int

    @property
    def learning(self) -> bool:
        """Whether it is a batch."""
        return self.item < self.batches


class BlasEngine(NativeEngine):
    """Runs networks whose products are worth a call of BLAS each.

    Rows are gathered batch by batch: that is as fast as once an epoch, without a second copy of them. Beside the data
    there are, as numbers of the run's dtype, the parameters, a mark of each, the gradient (two of them where batches
    have more than `BLOCK_ROWS` rows) and the optimizer's memory; and for every row of a block, its inputs and three
    numbers a neuron, five under dropout or with held units.
    """

    name = "blas"

    def restore(self, state: EngineState) -> None:
        super().restore(state)
        self._shares.clear()  # what a layer sees stands elsewhere while units are held

    def _laid_out(self, network: NetworkSpec, config: TrainingConfig) -> Layout:
        self._shares: dict[tuple[int, int], Share] = {}
        return Layout(network, config, self._data, self._threads, BLOCK_ROWS)

    def _work(self, thread: int, epoch: int, item: int, limit: int) -> None:
        whole, items = self._layout.whole, self.items
        now, place, updates = self.epoch, self.item, self.updates
        order, finite, recorded = int(whole[at.SHUFFLED]), True, 0
        worker = _Worker(self._layout, self._config.dtype, thread, self._threads)
        while limit > 0 and finite and (now, place) < (epoch, item) and not self._failed:
            ends = place + 1 == items
            this = self._item(now, place, updates, recorded if ends else -1)
            with np.errstate(all="ignore"):  # what is not finite is looked for, not warned of
                finite = self._go_through(worker, this, shuffling=this.learning and order != now)
            order = now if this.learning else order
            if finite:
                limit, updates, recorded = limit - 1, updates + this.learning, recorded + ends
                now, place = (now + 1, 0) if ends else (now, place + 1)
        if thread == 0:
            whole[[at.EPOCH, at.ITEM, at.UPDATES]] = now, place, updates
            whole[[at.SHUFFLED, at.FINITE, at.RECORDED]] = order, finite, recorded

    def _item(self, epoch: int, item: int, updates: int, recorded: int) -> _Item:
        batches = self.batches
        if item < batches:
            size, rows = int(self._layout.whole[at.BATCH_SIZE]), self._data.rows("train")
            begin = item * size
        else:
            size, rows = EVALUATION_ROWS, self._data.rows("test")
            begin = (item - batches) * size
        return _Item(epoch, item, batches, updates, begin, min(size, rows - begin), recorded)

    def _go_through(self, worker: "_Worker", item: _Item, *, shuffling: bool) -> bool:
        """Do a thread's share of a work item, in blocks of about the same size; return whether its loss is finite."""
        X, Y = self._sets[:2] if item.learning else self._sets[2:]
        blocks, finite = -(-item.rows // int(self._layout.whole[at.BLOCK])), True
        for number in range(blocks):
            first, end = (item.begin + item.rows * part // blocks for part in (number, number + 1))
            share, fresh = self._share(worker.thread, end - first), number == 0
            worker.forward(share, X, item, first, fresh=fresh, shuffling=shuffling and fresh)
            worker.judge(share, Y, item, first)
            if item.learning:
                worker.backward(share, added=not fresh)
            finite = worker.close(item, fresh=fresh, last=number + 1 == blocks)
        return finite

    def _share(self, thread: int, rows: int) -> Share:
        if (thread, rows) not in self._shares:
            self._shares[thread, rows] = Share(self._layout, thread, self._threads, rows)
        return self._shares[thread, rows]


class _Worker:
    """One thread's calls of BLAS and of the kernels. Those want whole numbers; a 1 lets threads meet."""

    def __init__(self, layout: Layout, dtype: str, thread: int, threads: int) -> None:
        self.thread = thread
        self._threads, self._layers = threads, len(layout.plan)
        self._arrays = layout.whole, layout.real, layout.number, layout.index
        self._test_order = int(layout.whole[at.TEST_ORDER])
        self._take, self._activate, self._judge, self._slope, self._close = (
            preparing.kernel(name, dtype) for name in ("take", "activate", "judge", "slope", "close")
        )

    def forward(self, share: Share, X: Floats, item: _Item, first: int, *, fresh: bool, shuffling: bool) -> None:
        """Gather a block's rows and make all their logits and activations."""
        row, count, threads = share.row, share.count, self._threads
        self._take(*self._arrays, X, self.thread, threads, row, count, self._place(share, item, first), item.epoch,
                   int(shuffling), int(fresh), share.by_columns[0])  # fmt: skip
        place = first + row if item.learning else -1
        for layer, product in enumerate(share.forward):
            _multiply(product)
            if layer + 1 < self._layers:
                before, after = share.by_columns[layer : layer + 2]
                self._activate(*self._arrays[:3], threads, layer, row, count, item.epoch, place, before, after)

    def judge(self, share: Share, Y: Floats, item: _Item, first: int) -> None:
        """Add up the losses, and when learning make the derivatives by the last logits."""
        # Of all rows' derivatives is made what has columns; without hidden layers that is the gradient.
        after = share.by_columns[-2] if self._layers > 1 else 1
        self._judge(*self._arrays, Y, self.thread, self._threads, share.row, share.count,
                    self._place(share, item, first), 1.0 / item.rows if item.learning else 0.0, share.by_columns[-1],
                    after)  # fmt: skip

    def backward(self, share: Share, *, added: bool) -> None:
        """Make all other derivatives, and of them the thread's part of a gradient."""
        whole, _, number, _ = self._arrays
        for layer in range(self._layers - 2, -1, -1):
            _multiply(share.backward[layer])
            before, after = share.by_columns[layer], share.by_columns[layer - 1] if layer else 1
            self._slope(whole, number, self._threads, layer, share.row, share.count, before, after)
        for product in share.gradients[added]:
            _multiply(product)

    def close(self, item: _Item, *, fresh: bool, last: bool) -> bool:
        """End a block, and with the last one the item; return whether its loss is finite."""
        return self._close(*self._arrays, self.thread, self._threads, int(item.learning), int(last), 2 - int(fresh),
                           item.epoch, item.item, item.batches, item.updates + 1, item.recorded)  # fmt: skip

    def _place(self, share: Share, item: _Item, first: int) -> int:
        """Return where the number of the share's first row stands in `index`."""
        return first + share.row + (0 if item.learning else self._test_order)


def _multiply(product: Product) -> None:
    np.matmul(product[0], product[1], out=product[2])
