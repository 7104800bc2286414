"""Long series for narrow plots: the smallest and the largest value of every stretch, kept as rows come in."""

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
FACTOR = 32


class Thinned:
    """One series with coarser and coarser copies of itself; appending costs what is new, looking costs what is seen.

    Level k holds the (smallest, largest) value of every whole stretch of ``FACTOR**k`` values; NaN counts for nothing.
    """

    def __init__(self) -> None:
        self._values = np.zeros(1024)
        self._count = 0
        self._levels: list[tuple[Floats, int]] = []

    def __len__(self) -> int:
        return self._count

    def append(self, values: Floats) -> None:
        """Add values at the end."""
        needed = self._count + len(values)
        if needed > len(self._values):
            grown = np.zeros(max(needed, 2 * len(self._values)))
            grown[: self._count] = self._values[: self._count]
            self._values = grown
        self._values[self._count : needed] = values
        self._count = needed
        level = 0
        while True:
            if level == 0:
                below, length = np.broadcast_to(self._values[:needed], (2, needed)), needed
            else:
                below, length = self._levels[level - 1][0], self._levels[level - 1][1]
            wanted = length // FACTOR
            if wanted == 0:
                return
            if level == len(self._levels):
                self._levels.append((np.zeros((2, 1024)), 0))
            kept, have = self._levels[level]
            if wanted > kept.shape[1]:
                grown = np.zeros((2, max(wanted, 2 * kept.shape[1])))
                grown[:, :have] = kept[:, :have]
                kept = grown
            if wanted > have:
                part = below[:, have * FACTOR : wanted * FACTOR].reshape(2, wanted - have, FACTOR)
                kept[0, have:wanted] = np.fmin.reduce(part[0], axis=1)
                kept[1, have:wanted] = np.fmax.reduce(part[1], axis=1)
            self._levels[level] = (kept, wanted)
            level += 1

    def look(self, first: int, last: int, points: int) -> tuple[Floats, Floats]:
        """Return (x, y) of a line through the values from `first` up to `last` (not included).

        Parameters
        ----------
        first, last
            Places in the series; beyond its ends is cut off.
        points
            About how many points are wanted. While there are no more values than that, every value is a point; else
            every stretch gives two, its smallest and its largest value, so that no spike is lost.
        """
        first, last = max(0, first), min(self._count, last)
        if last - first <= points:
            return np.arange(first, max(first, last), dtype=np.float64), self._values[first : max(first, last)].copy()
        level, size = 0, 1
        while level < len(self._levels) and (last - first) // (size * FACTOR) >= points // 2:
            level, size = level + 1, size * FACTOR
        if level == 0:
            low = high = self._values
        else:
            low, high = self._levels[level - 1][0]
        start, stop = first // size, last // size
        stretch = max(1, -(-(stop - start) // max(1, points // 2)))
        edges = np.arange(start, stop, stretch)
        y = np.empty(2 * len(edges))
        y[0::2] = np.fmin.reduceat(low[:stop], edges)
        y[1::2] = np.fmax.reduceat(high[:stop], edges)
        x = np.repeat(edges * size + 0.5 * (stretch * size - 1), 2)
        tail = self._values[stop * size : last][-1:]
        return np.append(np.minimum(x, last - 1), np.full(len(tail), last - 1.0)), np.append(y, tail)

    def look_by_octaves(self, first: int, last: int, points: int) -> tuple[Floats, Floats]:
        """Return (x, y) as `look` does, for an axis of logarithms: as many points for every doubling of the place.

        Place 0, which has no logarithm, is left out.
        """
        first, last = max(1, first), min(self._count, last)
        ends = [first]
        while ends[-1] < last:
            ends.append(min(last, 2 * ends[-1]))
        each = max(8, points // max(1, len(ends) - 1))
        parts = [self.look(start, end, each) for start, end in itertools.pairwise(ends)]
        if not parts:
            return np.zeros(0), np.zeros(0)
        x, y = (np.concatenate(found) for found in zip(*parts, strict=True))
        return np.maximum.accumulate(x), y
