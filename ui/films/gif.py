"""Films as GIF: one palette for all frames, of each only what has changed."""

import struct
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from simulator.progress import Progress
from ui.films.colours import COLOURS, Census, Mapping, Pixels, codes
from ui.films.film import Film
from ui.films.spool import Spool, bounds

UNIT = 0.01
"""Times are counted in hundredths of a second."""

_SAME = COLOURS
_SPOOLING = 0.75
_KEEP = 1


def write_gif(file: BinaryIO, frames: Iterator[Pixels], count: int, film: Film, progress: Progress) -> None:
    """Write a film as GIF89a.

    The frames are seen twice, the second time on the disk: the palette follows from all of them.

    Parameters
    ----------
    file
        Where to.
    frames
        (height, width, 3) each, all of one size.
    count
        How many there are.
    """
    census, spool = Census(), Spool()
    try:
        size = (0, 0)
        for nth, pixels in enumerate(frames, 1):
            size = pixels.shape[1], pixels.shape[0]
            census.count(codes(spool.add(pixels)))
            progress.report(_SPOOLING * nth / count, f"Frame {nth:,} of {count:,}")
        palette = census.palette()
        _begin(file, size, palette, loop=film.loop)
        _encode(file, spool, Mapping(palette), film.durations(count, UNIT), progress)
        file.write(b";")
    finally:
        spool.close()


def _begin(file: BinaryIO, size: tuple[int, int], palette: Pixels, *, loop: bool) -> None:
    """Write the header, the palette of 256 colours, and whether it plays for ever (GIF89a; Netscape's extension)."""
    file.write(b"GIF89a" + struct.pack("<HHBBB", *size, 0b1111_0111, 0, 0))
    file.write(palette.tobytes().ljust(3 * 256, b"\0"))
    if loop:
        file.write(b"!\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<H", 0) + b"\0")


def _encode(file: BinaryIO, spool: Spool, mapping: Mapping, durations: list[int], progress: Progress) -> None:
    from PIL import Image
    from PIL.GifImagePlugin import getdata

    shown = np.zeros((0, 0), np.uint8)
    for nth, ((left, top, right, bottom), pixels) in enumerate(spool.frames()):
        indices = mapping.indices(codes(pixels)).reshape(pixels.shape[:2])
        if nth:
            under = shown[top:bottom, left:right]
            changed = indices != under
            x, y, x_end, y_end = bounds(changed)
            under[...] = indices
            indices = np.where(changed, indices, _SAME).astype(np.uint8)[y:y_end, x:x_end]
            left, top = left + x, top + y
        else:
            shown = indices.copy()
        picture = Image.fromarray(np.ascontiguousarray(indices), "P")
        file.write(struct.pack("<2sBBHBB", b"!\xf9", 4, _KEEP << 2 | 1, durations[nth], _SAME, 0))
        file.writelines(getdata(picture, (left, top)))
        progress.report(_SPOOLING + (1 - _SPOOLING) * (nth + 1) / len(spool), "Writing the film")
