"""Histograms whose ends are powers of two, so that those of different moments fit each other exactly.

A histogram of values below 2ᵏ in magnitude has bins of the width 2ᵏ⁻⁶. To compare it with one that reaches twice as
far, its bins are joined in pairs: no count is lost or guessed, however often that is done, and no value has to be kept.
"""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 128
_WILD = 64.0
"""A moment that reaches so many times further than half of the moments does not set the scale for all."""

Doubles = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, eq=False)
class Histogram:
    """How often values lie in each of `BINS` bins of equal width.

    Attributes
    ----------
    reach
        The upper end, which belongs to the last bin; the lower end is −reach, or zero.
    signed
        Whether it begins at −reach.
    counts
        (BINS,)
    """

    reach: float
    signed: bool
    counts: NDArray[np.int64]

    @property
    def low(self) -> float:
        """The lower end."""
        return -self.reach if self.signed else 0.0

    @property
    def edges(self) -> Doubles:
        """The ends of all bins, (BINS + 1,), rising."""
        return np.linspace(self.low, self.reach, BINS + 1)

    @property
    def total(self) -> int:
        """How many values were counted."""
        return int(self.counts.sum())

    @property
    def density(self) -> Doubles:
        """The share of the values in each bin over its width, (BINS,): the area is 1; 0 without values."""
        width = (self.reach - self.low) / BINS
        return self.counts / (max(1, self.total) * width)


def histogram(values: NDArray[Any], signed: bool = True, bound: float | None = None) -> Histogram:
    """Count values.

    Parameters
    ----------
    values
        Any shape; what is not finite is left out.
    signed
        Whether the histogram is symmetric about zero; else all values are zero or more.
    bound
        The reach, where it is known that nothing lies beyond; else the least power of two above all magnitudes.
    """
    flat = np.asarray(values, np.float64).ravel()
    flat = flat[np.isfinite(flat)]
    peak = float(np.abs(flat).max()) if len(flat) else 0.0
    reach = bound if bound is not None and peak <= bound else _above(peak)
    half = BINS // 2 if signed else 0
    # With powers of two this is exact: a value is never in its neighbour's bin.
    places = np.floor(flat / reach * (BINS - half)).astype(np.int64) + half
    return Histogram(reach, signed, np.bincount(np.clip(places, 0, BINS - 1), minlength=BINS).astype(np.int64))


def _above(peak: float) -> float:
    """Return the least power of two above a magnitude; 1 for nothing but zeros."""
    return math.ldexp(1.0, min(1023, math.frexp(peak)[1])) if peak > 0.0 else 1.0


@dataclasses.dataclass(frozen=True, eq=False)
class Ridges:
    """Histograms of many moments on one scale.

    Attributes
    ----------
    edges
        (bins + 1,), rising.
    densities
        (moments, bins); what lies beyond the edges counts for the area all the same.
    outside
        The share of each moment's values that lie beyond the edges, (moments,).
    """

    edges: Doubles
    densities: Doubles
    outside: Doubles


def together(histograms: Sequence[Histogram]) -> Ridges:
    """Bring histograms to one scale, with as many bins as their counts support, without empty bins at its ends.

    Parameters
    ----------
    histograms
        At least one; those that are not signed are put beside signed ones where there are some.
    """
    signed = any(each.signed for each in histograms)
    reaches = np.array([each.reach for each in histograms])
    usual = float(np.median(reaches))
    reach = float(reaches[reaches <= _WILD * usual].max())
    parts = [_scaled(_signed(each) if signed else each.density, each.reach, reach, signed) for each in histograms]
    densities = np.array(parts)
    low, bins = -reach if signed else 0.0, sensible_bins(max(each.total for each in histograms))
    densities = densities.reshape(len(parts), bins, -1).mean(axis=2)
    edges = np.linspace(low, reach, bins + 1)
    used = np.flatnonzero((densities > 0.0).any(axis=0))
    if len(used):
        first, last = int(used[0]), int(used[-1]) + 1
        if signed:  # zero stays in the middle
            first = min(first, bins - last)
            last = bins - first
        else:
            first = 0
        densities, edges = densities[:, first:last], edges[first : last + 1]
    inside = (densities * np.diff(edges)).sum(axis=1)
    empty = np.array([each.total == 0 for each in histograms])
    outside = np.where(empty, 0.0, np.maximum(0.0, 1.0 - inside))
    return Ridges(edges, densities, np.where(outside < 1e-9, 0.0, outside))


def sensible_bins(count: int) -> int:
    """Return for how many bins so many values are enough, a power of two from 8 to `BINS`: Rice's rule, 2·∛n."""
    wanted = 2.0 * max(1, count) ** (1.0 / 3.0)
    return int(2 ** np.clip(round(math.log2(wanted)) + 1, 3, int(math.log2(BINS))))


def _signed(one: Histogram) -> Doubles:
    """Return a density over −reach … reach, also of values that cannot be negative."""
    if one.signed:
        return one.density
    return np.concatenate([np.zeros(BINS // 2), one.density.reshape(-1, 2).mean(axis=1)])


def _scaled(density: Doubles, reach: float, wanted: float, signed: bool) -> Doubles:
    """Return a density (BINS,) that reaches `reach` on a scale that reaches `wanted`."""
    factor = round(math.log2(wanted / reach)) if wanted > 0 and reach > 0 else 0
    for _ in range(min(factor, 60)):
        joined = density.reshape(-1, 2).mean(axis=1)
        before = BINS // 4 if signed else 0
        density = np.zeros(BINS)
        density[before : before + BINS // 2] = joined
    for _ in range(min(-factor, 60)):
        begin = BINS // 4 if signed else 0
        density = np.repeat(density[begin : begin + BINS // 2], 2)
    return density


HALVES = 256
"""Bins of magnitudes: two for every power of two, from 2⁻⁶⁴ to 2⁶⁴; what is beyond counts in the first and the last."""


def magnitudes(values: NDArray[Any]) -> NDArray[np.int64]:
    """Count values by the logarithm of their magnitude, (HALVES,); zeros and what is not finite are left out."""
    flat = np.abs(np.asarray(values, np.float64).ravel())
    flat = flat[np.isfinite(flat) & (flat > 0.0)]
    mantissas, exponents = np.frexp(flat)  # |v| = m·2ᵉ with ½ ≤ m < 1
    places = 2 * (exponents.astype(np.int64) - 1) + (mantissas >= math.sqrt(0.5)) + HALVES // 2
    return np.bincount(np.clip(places, 0, HALVES - 1), minlength=HALVES).astype(np.int64)


def by_magnitude(counts: Sequence[NDArray[np.int64]]) -> Ridges:
    """Bring counts of magnitudes of many moments to one scale, log₁₀ |v|, without empty bins at its ends."""
    table = np.array(counts)
    most = int(table.sum(axis=1).max())
    joined = 4 if most < 100 else 2 if most < 1000 else 1  # few values: wider bins
    table = table.reshape(len(table), -1, joined).sum(axis=2)
    middle = HALVES // joined // 2
    used = np.flatnonzero(table.any(axis=0))
    first, last = (int(used[0]), int(used[-1]) + 1) if len(used) else (middle, middle + 2)
    edges: Doubles = np.arange(first - middle, last + 1 - middle).astype(np.float64) * (0.5 * joined * math.log10(2.0))
    part = table[:, first:last].astype(np.float64)
    totals = np.maximum(1.0, part.sum(axis=1, keepdims=True))
    return Ridges(edges, part / totals / np.diff(edges), np.zeros(len(table)))
