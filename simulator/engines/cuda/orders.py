"""The row orders of epochs, drawn by the host: each swap of a shuffle needs the one before it."""

# pyright: basic, reportCallIssue=false
# Numba finds the types of these functions' arguments, and the words of `loops` are given places instead of a context.

import numpy as np
from numpy.typing import NDArray

from simulator.engines import loops, preparing
from simulator.engines.engine import TrainingData
from simulator.nn import random


def shuffle(seed_low, seed_high, epoch, partners, order):
    """Set `order` (rows,) to that of the epoch (from 0): `simulator.nn.random.permutation`, with partners as room."""
    rows = len(order)
    for block in range((rows + 3) // 4):
        words = loops.philox(
            np.uint64(block),
            np.uint64(epoch + 1),
            np.uint64(0),
            np.uint64(random.ORDER),
            np.uint64(seed_low),
            np.uint64(seed_high),
        )
        for place in range(4):
            partners[4 * block + place] = np.int64(words[place])
    for i in range(rows):
        order[i] = i
    for i in range(rows - 1, 0, -1):
        j = (partners[i] * (i + 1)) >> 32
        row = order[i]
        order[i] = order[j]
        order[j] = row


def drawn(data: TrainingData, seed: int, dtype: str, first: int, epochs: int) -> NDArray[np.int32]:
    """Return the row orders of so many epochs from epoch `first` on, (epochs, rows).

    Until the compiled shuffle is there, which a number format has with the rest of an engine's kernels, the same orders
    are drawn in Python.
    """
    rows = data.rows("train")
    found = np.empty((epochs, rows), dtype=np.int32)
    if data.order is not None and len(data.order):
        found[...] = data.order[np.arange(first, first + epochs) % len(data.order)]
    elif preparing.ready("cuda", dtype):
        kernel, partners = preparing.kernel("shuffle", dtype), np.empty(rows + 4, dtype=np.int64)
        for epoch, order in enumerate(found, first):
            kernel(seed & 0xFFFFFFFF, seed >> 32, epoch, partners, order)
    else:
        for epoch, order in enumerate(found, first):
            order[...] = random.permutation(seed, random.ORDER, epoch + 1, rows)
    return found
