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


def joined(found: list[tuple[int, int]], pause: int, share: float) -> list[tuple[int, int, int]]:
    """Return (first, last, how many) of stretches, those as one that lie close together.

    Parameters
    ----------
    found
        Stretches in their order.
    pause, share
        Those are close between which lie at most so many places, or this share of the places up to there.
    """
    made: list[tuple[int, int, int]] = []
    for first, last in found:
        if made and first - made[-1][1] <= max(pause, share * made[-1][1]):
            made[-1] = made[-1][0], last, made[-1][2] + 1
        else:
            made.append((first, last, 1))
    return made


def trailing(values: Doubles, width: int) -> Doubles:
    """Return the mean of the last `width` values at every place, fewer at the beginning."""
    if not len(values):
        return values
    with np.errstate(all="ignore"):
        sums = np.convolve(values, np.ones(width))[: len(values)]
    return sums / np.minimum(np.arange(1, len(values) + 1), width)
