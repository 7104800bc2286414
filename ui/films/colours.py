"""One palette for a whole film: what does not change keeps its colour, and nothing is dithered."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""A frame, (height, width, 3): red, green, blue."""

Floats = NDArray[np.floating[Any]]

Codes = NDArray[np.uint32]
"""Colours as numbers: 65536 · red + 256 · green + blue."""

COLOURS = 255
"""One of the 256 that a GIF has stands for what has not changed."""

_SAMPLE, _TOGETHER = 60_000, 2_000_000
_ROUNDS = 8
_UNKNOWN = 255
_DOMINANT = 0.25
_WEIGHTS = np.sqrt(np.array([2.0, 4.0, 3.0], np.float32))
"""How much the eye minds a difference of each channel, in the distance's root."""


def codes(pixels: Pixels) -> Codes:
    """Return the colours of pixels as numbers, flat."""
    wide = pixels.reshape(-1, 3).astype(np.uint32)
    return (65_536 * wide[:, 0] + 256 * wide[:, 1] + wide[:, 2]).astype(np.uint32, copy=False)


def channels(found: Codes) -> Pixels:
    """Return numbers as colours, (…, 3)."""
    return np.stack([found >> 16, (found >> 8) & 255, found & 255], axis=-1).astype(np.uint8)


class Census:
    """Counts the colours of a film, frame by frame."""

    def __init__(self) -> None:
        self._pending: list[tuple[Codes, NDArray[np.int64]]] = []
        self._size = 0
        self._random = np.random.default_rng(0)

    def count(self, found: Codes) -> None:
        """Count colours; of very many a sample."""
        if len(found) > _SAMPLE and self._pending:
            found = found[self._random.integers(0, len(found), _SAMPLE)]
        self._pending.append(_unique(found, np.ones(len(found), np.int64)))
        self._size += len(self._pending[-1][0])
        if self._size > _TOGETHER:
            self._merge()

    def _merge(self) -> tuple[Codes, NDArray[np.int64]]:
        merged = _unique(*(np.concatenate(parts) for parts in zip(*self._pending, strict=True)))
        self._pending, self._size = [merged], len(merged[0])
        return merged

    def palette(self) -> Pixels:
        """Return at most `COLOURS` colours, (count, 3), that the film is drawn with."""
        found, counts = self._merge()
        if len(found) <= COLOURS:
            return channels(found)
        points = channels(found).astype(np.float32) * _WEIGHTS
        # Few pixels are edges and words, and they matter; most are ground.
        weights = np.sqrt(counts).astype(np.float32)
        centres = _start(found, weights) * _WEIGHTS
        for _ in range(_ROUNDS):
            nearest = _nearest(points, centres)
            total = np.bincount(nearest, weights, COLOURS)
            sums = np.stack([np.bincount(nearest, weights * points[:, at], COLOURS) for at in range(3)], axis=-1)
            centres = np.where(total[:, None] > 0, sums / np.maximum(total, 1e-9)[:, None], centres).astype(np.float32)
        return _exact(found, counts, _nearest(points, centres), centres / _WEIGHTS)


class Mapping:
    """Says which colour of a palette is nearest to any colour; every colour is looked for once."""

    def __init__(self, palette: Pixels) -> None:
        self._palette = palette.astype(np.float32) * _WEIGHTS
        self._known = np.full(1 << 24, _UNKNOWN, np.uint8)

    def indices(self, found: Codes) -> NDArray[np.uint8]:
        """Return the palette's index of every colour."""
        indices = self._known[found]
        new = np.unique(found[indices == _UNKNOWN])
        if len(new):
            self._known[new] = _nearest(channels(new).astype(np.float32) * _WEIGHTS, self._palette)
            indices = self._known[found]
        return indices


def _unique(found: Codes, counts: NDArray[np.int64]) -> tuple[Codes, NDArray[np.int64]]:
    each, place = np.unique(found, return_inverse=True)
    return each, np.bincount(place, counts, len(each)).astype(np.int64)


def _start(found: Codes, weights: Floats) -> Floats:
    """Return colours to begin with: Pillow's median cut, in which frequent colours stand more than once."""
    from PIL import Image

    repeated = np.repeat(found, np.clip(weights.astype(np.int64), 1, 100))
    sheet = Image.fromarray(channels(repeated)[None])
    cut = sheet.quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).getpalette() or []
    centres = np.array(cut, np.float32).reshape(-1, 3)[:COLOURS]
    return np.concatenate([centres, np.zeros((COLOURS - len(centres), 3), np.float32)])


def _nearest(points: Floats, centres: Floats) -> NDArray[np.int64]:
    """Return the index of the nearest centre of every point, some thousand at a time."""
    own = (centres**2).sum(axis=1)
    parts = [np.argmin(own - 2.0 * (points[at : at + 8192] @ centres.T), axis=1) for at in range(0, len(points), 8192)]
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def _exact(found: Codes, counts: NDArray[np.int64], nearest: NDArray[np.int64], centres: Floats) -> Pixels:
    """Return the centres; where one colour is a good part of its group, it: a ground keeps its colour to the bit."""
    palette = np.clip(np.rint(centres), 0, 255).astype(np.uint8)
    total = np.bincount(nearest, counts, COLOURS)
    by_count = np.argsort(counts, kind="stable")
    most = np.full(COLOURS, -1)
    most[nearest[by_count]] = by_count  # the last that is written is the most frequent of its group
    strong = (most >= 0) & (counts[most] >= _DOMINANT * np.maximum(total, 1.0))
    palette[strong] = channels(found[most[strong]])
    return palette
