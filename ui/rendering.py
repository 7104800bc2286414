"""Files made of the real window, which is drawn without a screen: pictures of a moment and films of the training."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize

from simulator.errors import ConfigError, ExportError
from simulator.interchange.whole_files import check_writable, printable, write_whole
from simulator.progress import Progress
from ui.films.film import Film
from ui.films.formats import ENCODERS, check_film, write_film
from ui.offscreen import Offscreen, offscreen
from ui.pictures import image, pixels, write
from ui.portrait import Portrait
from ui.taking import VIEWS, WINDOW
from ui.theme import THEMES

PICTURES = (".png", ".svg", ".pdf")
_LISTED = ", ".join(PICTURES)
REPORT = ".html"
LESSON_STEPS = 7
DEFAULT_EPOCHS = 100
_LARGEST = 16_384
SCALES = (0.5, 8.0)
"""The least and the most pixels of a picture for each pixel of its size."""


@dataclasses.dataclass(frozen=True)
class Request:
    """What is to be made: the options of the command.

    Attributes
    ----------
    epochs
        How long to train, where a film ends; None for what a saved session shows, and `DEFAULT_EPOCHS` for a data set.
    film
        How a film goes.
    force
        Whether a file that is there already may be replaced.
    look
        The ini file of somebody who wants the network to look as they chose.
    scale
        Pixels of a PNG for each pixel of the size.
    transparent
        Whether the picture has no ground.
    """

    out: Path
    dataset: str = "penguins"
    epochs: int | None = None
    seed: int = 0
    view: str = WINDOW
    theme: str = "dark"
    size: str = "1400x900"
    lesson: int = 0
    film: Film = Film()  # noqa: RUF009 - it is frozen
    force: bool = False
    look: Path | None = None
    scale: float = 1.0
    transparent: bool = False

    @property
    def suffix(self) -> str:
        """What kind of file it is: a key of `MAKERS`."""
        return self.out.suffix.lower()


def draw(request: Request, progress: Progress | None = None) -> Path:
    """Open the window without a screen, train, make the file, and return it.

    Raises
    ------
    ConfigError
        When an option is refused.
    DatasetError, SessionFileError
        When the data set or the session cannot be opened.
    ExportError
        When the file cannot be written, or is there already.
    Cancelled
        When the progress was cancelled; nothing was written.
    """
    size, progress = checked(request), progress or Progress()
    target = check_writable(request.out)
    if target.exists() and not request.force:
        raise ExportError(f"{printable(target)} is already there", "Choose another name, or add --force to replace it.")
    progress.report(None, "Opening the window")
    with offscreen(request.theme, progress, request.look) as scene:
        scene.open(request.dataset, request.seed, size if request.view == WINDOW else None)
        MAKERS[request.suffix](scene, request, size, progress)
    return request.out


def checked(request: Request) -> QSize:
    """Return the size, after a look at every option.

    Raises
    ------
    ConfigError
        For the first that is refused.
    """
    if request.suffix not in MAKERS:
        raise ConfigError(
            f"cannot draw into {request.out.name!r}", f"Give a file name that ends in one of: {', '.join(MAKERS)}."
        )
    if request.view not in VIEWS:
        raise ConfigError(f"there is no view called {request.view!r}", f"There are: {', '.join(VIEWS)}.")
    if request.theme not in THEMES:
        raise ConfigError(f"there is no theme called {request.theme!r}", f"There are: {', '.join(THEMES)}.")
    if not 0 <= request.lesson <= LESSON_STEPS:
        raise ConfigError(f"the lesson has no step {request.lesson}", f"It has steps 1 to {LESSON_STEPS}.")
    if request.lesson and request.view != WINDOW:
        raise ConfigError("a step of the lesson is shown by the window", "Leave --view away, or --lesson.")
    if request.lesson and request.suffix in ENCODERS:
        raise ConfigError("a step of the lesson is no film", "Leave --lesson away, or make a picture.")
    size = _size(request)
    _check_portrait(request)
    if request.suffix in ENCODERS:
        check_film(request.suffix, request.film, size.width(), size.height())
        if request.epochs is not None:
            request.film.epochs(request.epochs)
    return size


def _check_portrait(request: Request) -> None:
    """Refuse what only a picture can be; a film or a report would not heed it."""
    for option, given in (("--transparent", request.transparent), ("--scale", request.scale != 1.0)):
        if given and request.suffix not in PICTURES:
            raise ConfigError(f"{option} is for pictures alone", f"Leave it away, or make one of: {_LISTED}.")


def _size(request: Request) -> QSize:
    """Return the size, if it and the scale can be."""
    parts = request.size.lower().replace("×", "x").split("x")
    if len(parts) != 2 or not all(part.strip().isdigit() and 0 < int(part) <= _LARGEST for part in parts):
        raise ConfigError(f"the size cannot be {request.size!r}", "Give width and height in pixels, as 1400x900.")
    if not SCALES[0] <= request.scale <= SCALES[1]:
        least, most = SCALES
        raise ConfigError(f"the scale cannot be {request.scale:g}", f"Give a number from {least:g} to {most:g}.")
    return QSize(int(parts[0]), int(parts[1]))


def last_epoch(scene: Offscreen, request: Request) -> int:
    """Return the epoch that is drawn, or drawn last."""
    if request.epochs is not None:
        return request.epochs
    return scene.epoch if scene.saved else DEFAULT_EPOCHS


def draw_picture(scene: Offscreen, request: Request, size: QSize, progress: Progress) -> None:
    """Make a picture of one moment; a saved session stays at its own if no epoch is named."""
    progress.report(None, "Drawing")
    if request.epochs is not None or not scene.saved:
        scene.go_to(last_epoch(scene, request))
    portrait = Portrait(request.scale, ground=not request.transparent)
    write(request.out, size, scene.view(request.view, size, request.lesson)(), portrait=portrait)


def draw_film(scene: Offscreen, request: Request, size: QSize, progress: Progress) -> None:
    """Make a film: every frame is the view at rest, at its epoch; from 0 on is from where the session begins."""
    film = request.film if request.film.first else dataclasses.replace(request.film, first=max(0, scene.first))
    epochs = film.epochs(last_epoch(scene, request))

    def frames() -> Iterator[Any]:
        scene.go_to(epochs[0])
        shown = scene.view(request.view, size)
        for epoch in epochs:
            scene.go_to(epoch)
            yield pixels(image(size, shown()))

    write_film(request.out, frames(), len(epochs), request.film, progress, overwrite=request.force)


def write_report(scene: Offscreen, request: Request, _size: QSize, progress: Progress) -> None:
    """Write a report of one moment; a saved session stays at its own if no epoch is named."""
    from ui.reports import report

    named = request.epochs is not None or not scene.saved
    write_whole(request.out, report(scene, last_epoch(scene, request) if named else None, progress), request.force)


MAKERS: dict[str, Callable[[Offscreen, Request, QSize, Progress], None]] = {
    **dict.fromkeys(PICTURES, draw_picture),
    REPORT: write_report,
    **dict.fromkeys(ENCODERS, draw_film),
}
"""What makes a file, by its suffix: a function of the opened window, the request, the size and the progress."""
