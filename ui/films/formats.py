"""The formats of films in one table; Pillow and PyAV are imported when a film is written."""

import dataclasses
import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from simulator.errors import ConfigError
from simulator.interchange.whole_files import fill_whole
from simulator.progress import Progress
from ui.films.colours import Pixels
from ui.films.film import Film
from ui.films.gif import write_gif
from ui.films.mp4 import write_mp4
from ui.films.webp import write_webp

Write = Callable[[BinaryIO, Iterator[Pixels], int, Film, Progress], None]


@dataclasses.dataclass(frozen=True)
class Encoder:
    """A row of the table of formats.

    Attributes
    ----------
    name
        What it is called.
    about
        What it is good for, in one sentence.
    write
        Writes a film into an open file.
    fastest
        How many frames a second it can have.
    largest
        How many pixels a side can have.
    weight
        About how many bytes a frame of the network takes for each of its pixels.
    needs, install
        A module that must be there, and what installs it; empty where nothing more is needed.
    loops, heeds_quality
        Which settings it can hold.
    """

    name: str
    about: str
    write: Write
    fastest: float
    largest: int
    weight: float
    needs: str = ""
    install: str = ""
    loops: bool = True
    heeds_quality: bool = True

    @property
    def ready(self) -> bool:
        """Whether what it needs is installed."""
        return not self.needs or importlib.util.find_spec(self.needs) is not None


ENCODERS: dict[str, Encoder] = {
    ".gif": Encoder("GIF", "Plays everywhere: slides, web pages, messages.", write_gif, 50.0, 16_384,
                    0.05, heeds_quality=False),
    ".webp": Encoder("WebP", "All colours: for web pages.", write_webp, 60.0, 16_383, 0.07),
    ".mp4": Encoder("MP4", "The smallest of long films: H.264, for slides and video players.", write_mp4, 60.0, 4_096,
                    0.0095, "av", "pip install 'nodeglow[video]'", loops=False),
}  # fmt: skip
"""Every format of films by the suffix of its files."""


def check_film(suffix: str, film: Film, width: int, height: int) -> None:
    """Refuse what a format cannot hold, before anything is drawn.

    Raises
    ------
    ConfigError
        Naming the refused value, or what is to be installed.
    """
    row = ENCODERS[suffix]
    if not row.ready:
        raise ConfigError(f"{row.name} films need the package {row.needs!r}", f"Install it with: {row.install}")
    if film.fps > row.fastest:
        raise ConfigError(
            f"{row.name} films cannot have {film.fps:g} frames a second",
            f"Give at most {row.fastest:g}, or another format.",
        )
    if max(width, height) > row.largest:
        raise ConfigError(
            f"{row.name} films cannot be {width} × {height} pixels large", f"{row.largest:,} a side is the most."
        )


def write_film(
    path: Path, frames: Iterator[Pixels], count: int, film: Film, progress: Progress, *, overwrite: bool = True
) -> Path:
    """Write a film, whole or not at all, and return its file.

    Parameters
    ----------
    path
        Where to; its suffix is a key of `ENCODERS`.
    frames
        (height, width, 3), red, green, blue, all of one size; each is asked for when it is needed.
    count
        How many there are.
    overwrite
        Whether an existing file may be replaced.

    Raises
    ------
    ExportError
        When the file cannot be written; an old one is as it was.
    Cancelled
        When the progress was cancelled; nothing was written.
    """
    row = ENCODERS[path.suffix.lower()]
    return fill_whole(path, lambda file: row.write(file, frames, count, film, progress), overwrite)
