"""Over which epochs something holds, without flicker: it begins at one threshold and ends at another."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]


def stretches(begins: Any, ends: Any, least: int = 1) -> list[tuple[int, int]]:
    """Return the stretches [first, last] of places.

    Parameters
    ----------
    begins, ends
        (n,) bool: where a stretch may begin, and where one that runs is over.
    least
        How many places a stretch has at least.
    """
    begins, ends = np.asarray(begins, np.bool_), np.asarray(ends, np.bool_)
    starts, stops = np.flatnonzero(begins & ~ends), np.flatnonzero(ends)
    found: list[tuple[int, int]] = []
    at = 0
    while True:
        place = int(np.searchsorted(starts, at))
        if place >= len(starts):
            return found
        first = int(starts[place])
        stop = int(np.searchsorted(stops, first))
        last = int(stops[stop]) - 1 if stop < len(stops) else len(begins) - 1
        if last - first + 1 >= least:
            found.append((first, last))
        at = last + 1


def trailing(values: Doubles, width: int) -> Doubles:
    """Return the mean of the last `width` values at every place, fewer at the beginning."""
    if not len(values):
        return values
    with np.errstate(all="ignore"):
        sums = np.convolve(values, np.ones(width))[: len(values)]
    return sums / np.minimum(np.arange(1, len(values) + 1), width)
