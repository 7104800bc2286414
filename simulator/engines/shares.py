"""How the matrix products of a large network are divided among threads: views of a `Layout`'s arrays."""

import numpy as np

from simulator.engines import layout as at
from simulator.engines.layout import Layout
from simulator.snapshot import Floats

Product = tuple[Floats, Floats, Floats]
"""Two factors, and where their matrix product goes."""

_ALL = slice(None)


class Share:
    """What one thread does of a block with so many rows.

    A product is divided by its columns where it has more columns than rows, and otherwise by its rows: each thread
    arranges the factor that is not divided for itself, so that is the smaller one. A thread's rows need nothing of
    other threads' rows, its columns need all rows of the factors.

    Parameters
    ----------
    layout
        With one workspace for all threads.
    thread, threads
        Which one of how many.
    rows
        How many rows the block has.

    Attributes
    ----------
    row, count
        The thread's rows: the first, and how many.
    forward
        The products that make each layer's logits.
    backward
        The products that make the derivatives by what each layer but the first sees, in the order of the layers.
    gradients
        Two lists of products: one for the gradient of a batch's first block, one for the gradient that is added to it.
    by_columns
        1 for each layer whose logits are divided by columns, else 0.
    """

    def __init__(self, layout: Layout, thread: int, threads: int, rows: int) -> None:
        self._layout, self._thread, self._threads, self._rows = layout, thread, threads, rows
        self._grain = at.lanes(layout.number.dtype.name)
        own = self._part(rows, 2)  # a kernel's last vector reaches over the end of an odd number of rows
        self.row, self.count = own.start, own.stop - own.start
        plan = layout.plan.tolist()
        work = int(layout.whole[at.WORK])
        self.by_columns = [int(row[at.WIDTH] > rows) for row in plan]
        seen = [self._matrix(work + row[at.INPUTS], rows, row[at.INPUT_ROW])[:, : row[at.FAN_IN]] for row in plan]
        logits = [self._matrix(work + row[at.LOGITS], rows, row[at.WIDTH]) for row in plan]
        deltas = [self._matrix(work + row[at.DELTA], rows, row[at.WIDTH]) for row in plan]
        self.forward: list[Product] = []
        self.backward: list[Product] = []
        for index, row in enumerate(plan):
            weight = self._matrix(row[at.WEIGHT], row[at.FAN_IN], row[at.WIDTH])
            down, across = self._divided(index, row[at.WIDTH], own)
            self.forward += [(seen[index][down], weight[:, across], logits[index][down, across])]
            if index > 0:
                width = plan[index - 1][at.WIDTH]
                weight = self._matrix(row[at.WEIGHT], width, row[at.WIDTH])[:, : row[at.FAN_OUT]]
                down, across = self._divided(index - 1, width, own)
                delta = deltas[index][down, : row[at.FAN_OUT]]
                self.backward += [(delta, weight[across].T, deltas[index - 1][down, across])]
        self.gradients = [self._gradient(seen, deltas, number) for number in (0, 1)]

    def _gradient(self, seen: list[Floats], deltas: list[Floats], number: int) -> list[Product]:
        """Return the products that make the thread's rows of every layer's gradient, and its columns of the biases'."""
        whole, found = self._layout.whole, list[Product]()
        ones = np.ones(self._rows, dtype=self._layout.number.dtype)
        begin = int(whole[at.GRADIENT] - whole[at.WEIGHTS] + number * whole[at.COUNT])
        for row, A, delta in zip(self._layout.plan.tolist(), seen, deltas, strict=True):
            rows, columns = self._part(row[at.FAN_IN], self._grain), self._part(row[at.WIDTH], self._grain)
            weight = self._matrix(begin + row[at.WEIGHT], row[at.FAN_IN], row[at.WIDTH])
            bias = self._matrix(begin + row[at.BIAS], 1, row[at.WIDTH])[0]
            found += [(A[:, rows].T, delta, weight[rows]), (ones, delta[:, columns], bias[columns])]
        return [product for product in found if product[2].size]

    def _divided(self, layer: int, width: int, own: slice) -> tuple[slice, slice]:
        """Return which rows and columns of a layer's numbers are the thread's."""
        return (_ALL, self._part(width, self._grain)) if self.by_columns[layer] else (own, _ALL)

    def _part(self, count: int, grain: int) -> slice:
        """Return the thread's part of so many things, in whole grains."""
        begin, end = (count // grain * thread // self._threads * grain for thread in (self._thread, self._thread + 1))
        return slice(begin, count if self._thread + 1 == self._threads else end)

    def _matrix(self, place: int, rows: int, width: int) -> Floats:
        return self._layout.number[place : place + rows * width].reshape(rows, width)
