"""The shuffle that is compiled to draw row orders; Numba is imported with it, and so only where it is compiled."""

# pyright: basic, reportCallIssue=false
# Numba finds the types of these functions' arguments, and the words of `loops` are given places instead of a context.

import numpy as np

from simulator.engines import loops
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
