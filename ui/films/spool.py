"""Frames that are needed twice, kept on the disk: of each only the rectangle that differs from the one before."""

import tempfile
import zlib
from collections.abc import Iterator
from typing import IO

import numpy as np
from numpy.typing import NDArray

from ui.films.colours import Pixels

Box = tuple[int, int, int, int]
"""Left, top, right, bottom; right and bottom are outside."""


class Spool:
    """A temporary file of frames, closed and gone in the end."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        self._entries: list[tuple[Box, int]] = []
        self._last: Pixels | None = None

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, pixels: Pixels) -> NDArray[np.uint8]:
        """Keep a frame, and return those of its pixels that are new, (count, 3)."""
        if self._last is None:
            box, new = (0, 0, pixels.shape[1], pixels.shape[0]), pixels.reshape(-1, 3)
        else:
            changed = np.any(pixels != self._last, axis=-1)
            box, new = bounds(changed), pixels[changed]
        left, top, right, bottom = box
        packed = zlib.compress(np.ascontiguousarray(pixels[top:bottom, left:right]).data, 1)
        self._file.write(packed)
        self._entries.append((box, len(packed)))
        self._last = pixels
        return new

    def frames(self) -> Iterator[tuple[Box, Pixels]]:
        """Yield the changed rectangle of every frame, with its place."""
        self._file.seek(0)
        for box, size in self._entries:
            left, top, right, bottom = box
            plain = zlib.decompress(self._file.read(size))
            yield box, np.frombuffer(plain, np.uint8).reshape(bottom - top, right - left, 3)

    def close(self) -> None:
        """Forget all frames."""
        self._file.close()


def bounds(changed: NDArray[np.bool_]) -> Box:
    """Return the smallest rectangle around what is true; one pixel where nothing is."""
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    if not len(rows):
        return 0, 0, 1, 1
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
