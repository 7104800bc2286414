"""Films as animated WebP."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from simulator.progress import Progress
from ui.films.colours import Pixels
from ui.films.film import Film

if TYPE_CHECKING:
    from PIL import Image

UNIT = 0.001
"""Times are counted in thousandths of a second."""

_EFFORT = 0
_LOSSLESS = 100


def write_webp(file: BinaryIO, frames: Iterator[Pixels], count: int, film: Film, progress: Progress) -> None:
    """Write a film as WebP (see `ui.films.gif.write_gif`); it is kept compressed until its end."""
    from PIL import Image

    reel = _reel(frames, count, progress)
    lossless = film.quality == _LOSSLESS
    reel.save(
        file,
        "WEBP",
        save_all=True,
        duration=film.durations(count, UNIT),
        loop=0 if film.loop else 1,
        lossless=lossless,
        quality=0 if lossless else film.quality,  # without losses it is the effort
        method=_EFFORT,
    )
    assert isinstance(reel, Image.Image)


def _reel(frames: Iterator[Pixels], count: int, progress: Progress) -> "Image.Image":
    """Return the film as Pillow sees one: an image that can be turned to its next frame."""
    from PIL import Image

    class Reel(Image.Image):
        """Shows one frame at a time, each once, and in their order."""

        n_frames = count

        def __init__(self) -> None:
            super().__init__()
            self._at = -1
            self.seek(0)

        def seek(self, frame: int) -> None:
            if frame != self._at + 1:
                return
            shown = Image.fromarray(next(frames))
            self._at, self.im, self._mode, self._size = frame, shown.im, shown.mode, shown.size
            progress.report((frame + 1) / count, f"Frame {frame + 1:,} of {count:,}")

        def tell(self) -> int:
            return self._at

    return Reel()
