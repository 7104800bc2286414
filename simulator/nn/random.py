"""Counter-based random numbers: Philox4x32-10.

Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011.

A draw is a pure function of (seed, stream, epoch, place), so that any epoch can be repeated without a stored generator
state, on any device. The key is the 64-bit seed; the counter's four words are

    place in the stream, epoch, unit // 4 (dropout only), stream + 256 · layer
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

SPLIT, WEIGHTS, ORDER, DROPOUT, ROWS, COPIES, FAULTS, POINTS, DIRECTIONS, TAUGHT = range(1, 11)
"""The streams: what the numbers are drawn for."""

_WORD = 0xFFFFFFFF
_MULTIPLIERS = 0xD2511F53, 0xCD9E8D57
_KEY_STEPS = 0x9E3779B9, 0xBB67AE85
_ROUNDS = 10


def philox(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> tuple[Any, Any, Any, Any]:
    """Return the four 32-bit words that belong to a counter and a key.

    Written with ×, +, &, ^ and >> alone, so that the same text serves Python integers, uint64 arrays of NumPy and CuPy,
    and a compiler. Every argument is below 2³² (in a type that holds 64 bits), and so is every result.
    """
    for _ in range(_ROUNDS):
        product0, product1 = c0 * _MULTIPLIERS[0], c2 * _MULTIPLIERS[1]
        c0, c1, c2, c3 = (
            (product1 >> 32) ^ c1 ^ k0,
            product1 & _WORD,
            (product0 >> 32) ^ c3 ^ k1,
            product0 & _WORD,
        )
        k0, k1 = (k0 + _KEY_STEPS[0]) & _WORD, (k1 + _KEY_STEPS[1]) & _WORD
    return c0, c1, c2, c3


def words(seed: int, stream: int, epoch: int, count: int, layer: int = 0) -> NDArray[np.uint64]:
    """Return `count` words of a stream, (count,), each below 2³² and kept in uint64."""
    blocks = np.arange(-(-count // 4), dtype=np.uint64)
    zero = np.zeros_like(blocks)
    four = philox(blocks, zero + epoch, zero, zero + (stream + 256 * layer), seed & _WORD, seed >> 32)
    return np.stack(four, axis=1).reshape(-1)[:count]


def uniforms(seed: int, stream: int, epoch: int, count: int, layer: int = 0) -> NDArray[np.float64]:
    """Return `count` numbers evenly spread in the open interval (0, 1), with 53 random bits each, (count,)."""
    pairs = words(seed, stream, epoch, 2 * count, layer).reshape(-1, 2)
    bits = ((pairs[:, 0] << 32) | pairs[:, 1]) >> 11
    return (bits.astype(np.float64) + 0.5) * 2.0**-53


def normals(seed: int, stream: int, epoch: int, count: int, layer: int = 0) -> NDArray[np.float64]:
    """Return `count` numbers of the standard normal distribution, (count,), by Box and Muller's formula (1958)."""
    pairs = uniforms(seed, stream, epoch, count + count % 2, layer).reshape(-1, 2)
    radius, angle = np.sqrt(-2.0 * np.log(pairs[:, 0])), 2.0 * np.pi * pairs[:, 1]
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).reshape(-1)[:count]


def permutation(seed: int, stream: int, epoch: int, count: int) -> NDArray[np.int64]:
    """Return the numbers 0 … count − 1 in random order, (count,), by Durstenfeld's shuffle (1964).

    The partner of place i is (word · (i + 1)) >> 32: no place is favoured by more than count / 2³².
    """
    places = np.arange(count, dtype=np.uint64)
    partners = ((words(seed, stream, epoch, count) * (places + 1)) >> 32).tolist()
    order = list(range(count))
    # A list of Python integers is swapped four times faster than an array's elements.
    for i in range(count - 1, 0, -1):
        j = partners[i]
        order[i], order[j] = order[j], order[i]
    return np.array(order, dtype=np.int64)


def kept(seed: int, epoch: int, first: int, rows: int, layer: int, units: int, rate: float, xp: Any = np) -> Any:
    """Return which neurons dropout keeps, a bool array (rows, units) of the array library `xp`.

    Parameters
    ----------
    seed, epoch
        Of the run.
    first
        The place of the first row in the epoch's order.
    rows, layer, units
        How many rows; which hidden layer, from 0; how many neurons it has.
    rate
        The probability of being left out, in [0, 1).
    """
    place = xp.arange(first, first + rows, dtype=xp.uint64)[:, None]
    unit = xp.arange(-(-units // 4), dtype=xp.uint64)[None, :]
    zero = place * 0 + unit * 0
    four = philox(place + zero, zero + epoch, unit + zero, zero + (DROPOUT + 256 * layer), seed & _WORD, seed >> 32)
    return xp.stack(four, axis=2).reshape(rows, -1)[:, :units] >= int(rate * 2**32)
