"""Films as MP4: H.264, as every browser and every phone plays it."""

import fractions
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from simulator.errors import ExportError
from simulator.progress import Progress
from ui.films.colours import Pixels
from ui.films.film import Film

_BEST, _WORST = 12.0, 40.0
"""The rate factors of x264 for a quality of 100 and of 0."""

_BT709, _LIMITED = 1, 1


def write_mp4(file: BinaryIO, frames: Iterator[Pixels], count: int, film: Film, progress: Progress) -> None:
    """Write a film as MP4 (see `ui.films.gif.write_gif`); odd sizes get one more row or column.

    Players show a film at one speed, so the last frame is repeated for as long as it stays.
    """
    from av.error import FFmpegError

    try:
        _encode(file, frames, count, film, progress)
    except FFmpegError as error:
        if isinstance(error, OSError) and error.errno and error.errno > 0:
            raise
        raise ExportError(f"the film cannot be encoded: {error}", "Try another size, or another format.") from error


def _encode(file: BinaryIO, frames: Iterator[Pixels], count: int, film: Film, progress: Progress) -> None:
    import av

    rate = fractions.Fraction(film.fps).limit_denominator(1000)
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": f"{_WORST + (_BEST - _WORST) * film.quality / 100:.1f}", "preset": "veryfast"}
        context = stream.codec_context
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        context.color_range = _LIMITED
        again = max(0, round(film.last_seconds * film.fps) - 1)
        for nth, pixels in enumerate(frames, 1):
            padded = _even(pixels)
            if nth == 1:
                stream.height, stream.width = padded.shape[:2]
            for _ in range(1 + (again if nth == count else 0)):
                frame = av.VideoFrame.from_ndarray(padded, format="rgb24")
                container.mux(stream.encode(frame.reformat(format="yuv420p", dst_colorspace="ITU709")))
            progress.report(nth / count, f"Frame {nth:,} of {count:,}")
        container.mux(stream.encode(None))


def _even(pixels: Pixels) -> Pixels:
    """Return a frame whose sides are even, its last row and column repeated: colours have half the resolution."""
    tall, wide = pixels.shape[:2]
    return np.ascontiguousarray(np.pad(pixels, ((0, tall % 2), (0, wide % 2), (0, 0)), "edge"))
