"""The row orders of epochs, drawn by the host: each swap of a shuffle needs the one before it."""

import concurrent.futures
import contextlib
import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engines import preparing
from simulator.engines.engine import TrainingData
from simulator.errors import DeviceError
from simulator.nn import random


class Orders:
    """Draws the row orders of a run's epochs; of many rows, in the background before they are asked for.

    Parameters
    ----------
    data, seed
        Of the run.
    dtype
        The number format with whose kernels the compiled shuffle is prepared. Until it is there, and where it cannot be
        compiled, the same orders are drawn in Python.
    """

    def __init__(self, data: TrainingData, seed: int, dtype: str) -> None:
        self._data, self._seed, self._dtype = data, seed, dtype
        self._ahead: dict[int, concurrent.futures.Future[NDArray[np.int32]]] = {}

    def draw(self, first: int, epochs: int) -> NDArray[np.int32]:
        """Return the orders of so many epochs from epoch `first` on, (epochs, rows)."""
        data, rows = self._data, self._data.rows("train")
        if data.order is not None and len(data.order):
            return data.order[np.arange(first, first + epochs) % len(data.order)].astype(np.int32)
        if rows < _MANY_ROWS:
            return self._drawn(first, epochs)
        coming = {epoch: self._ahead.pop(epoch, None) for epoch in range(first, first + epochs)}
        parts = [self._drawn(epoch, 1) if found is None else found.result() for epoch, found in coming.items()]
        wanted = range(first + epochs, first + epochs + _AHEAD)
        self._ahead = {epoch: self._ahead.get(epoch) or _workers().submit(self._drawn, epoch, 1) for epoch in wanted}
        return np.concatenate(parts)

    def _drawn(self, first: int, epochs: int) -> NDArray[np.int32]:
        rows, seed = self._data.rows("train"), self._seed
        found, kernel = np.empty((epochs, rows), dtype=np.int32), self._kernel()
        partners = np.empty(rows + 4, dtype=np.int64)
        for epoch, order in enumerate(found, first):
            if kernel is None:
                order[...] = random.permutation(seed, random.ORDER, epoch + 1, rows)
            else:
                kernel(seed & 0xFFFFFFFF, seed >> 32, epoch, partners, order)
        return found

    def _kernel(self) -> Any:
        if preparing.ready("cuda", self._dtype):
            with contextlib.suppress(DeviceError):
                return preparing.kernel("shuffle", self._dtype)
        return None


_MANY_ROWS = 20_000
"""Rows of which an order takes about as long as the host takes for all else that an epoch needs of it."""

_AHEAD = 2
"""How many epochs' orders are drawn before they are asked for, each by a thread: a million rows take about as long as
the epoch of a small network takes on a device."""


@functools.cache
def _workers() -> concurrent.futures.Executor:
    return concurrent.futures.ThreadPoolExecutor(_AHEAD, "nodeglow-orders")
