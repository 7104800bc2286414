"""What is answered in the dialog of films, and what follows from it: the options of ``nodeglow render``."""

import dataclasses
from collections.abc import Mapping

from PySide6.QtCore import QSize

from simulator.errors import ConfigError
from simulator.fields import settings_of
from ui.dialogs.wording import size as bytes_text
from ui.films.film import USUAL_FRAMES, Film
from ui.films.formats import ENCODERS

AUTOMATIC, EVEN, STEP = "automatic", "even", "step"
SPACINGS = {
    AUTOMATIC: f"At most {USUAL_FRAMES}, closer at the start",
    EVEN: f"At most {USUAL_FRAMES}, evenly",
    STEP: "Every … epochs",
}
"""Which epochs become frames; where there are few, all of them do."""

FILM = ("fps", "hold", "loop", "quality")
"""The settings of `Film` that are asked for as they are."""

NOW, OTHER = "now", "other"
SIZES = {
    NOW: "As it is shown",
    "640x480": "640 × 480",
    "800x600": "800 × 600",
    "1280x720": "1280 × 720 (HD)",
    "1920x1080": "1920 × 1080 (Full HD)",
    OTHER: "Other …",
}

UNSEEN = QSize(460, 420)
"""How large a panel is filmed that is not shown now, unless somebody says otherwise."""

_LIGHTER, _WHOLE = 0.6, 0.15
"""A frame of other views takes so much of what one of the network takes, for each pixel; and so many bytes a pixel
takes in the first frame, which is written whole."""


@dataclasses.dataclass(frozen=True)
class Sight:
    """Something that can be filmed.

    Attributes
    ----------
    title
        What it is called.
    size
        As it is shown now, in logical pixels; None where it is not.
    """

    title: str
    size: QSize | None


@dataclasses.dataclass(frozen=True)
class Choices:
    """The answers.

    Attributes
    ----------
    view, suffix, theme
        What is filmed, into which kind of file, in which colours.
    first, last, begin, end
        The epochs that the film begins and ends with, and the first and the last one that there are.
    spacing, step
        A key of `SPACINGS`, and the epochs from frame to frame where that is `STEP`.
    size, width, height
        A key of `SIZES`, and pixels where that is `OTHER`.
    film
        Speed, loop and the rest.
    """

    view: str
    suffix: str
    theme: str
    first: int
    last: int
    begin: int
    end: int
    spacing: str = AUTOMATIC
    step: int = 1
    size: str = NOW
    width: int = 800
    height: int = 600
    film: Film = Film()  # noqa: RUF009 - it is frozen

    @classmethod
    def of(cls, texts: Mapping[str, str], sights: Mapping[str, Sight], theme: str, begin: int, end: int) -> "Choices":
        """Return what was answered the last time, as far as it makes sense now."""

        def one_of(name: str, permitted: Mapping[str, object], default: str) -> str:
            return texts[name] if texts.get(name) in permitted else default

        def count(name: str, low: int, high: int, default: int) -> int:
            text = texts.get(name, "")
            return min(max(int(text), low), high) if text.isascii() and text.isdecimal() else default

        ready = {suffix: row for suffix, row in ENCODERS.items() if row.ready}
        first = count("first", begin, end, begin)
        return cls(
            one_of("view", sights, next(iter(sights))),
            one_of("suffix", ready, next(iter(ready))),
            one_of("theme", {"dark": "", "light": ""}, theme),
            first,
            end,
            begin,
            end,
            one_of("spacing", SPACINGS, AUTOMATIC),
            count("step", 1, 1_000_000, 1),
            one_of("size", SIZES, NOW),
            count("width", 64, 4096, 800),
            count("height", 64, 4096, 600),
            _film_of(texts),
        )

    def to_texts(self) -> dict[str, str]:
        """Return what is remembered; the last epoch is not, and the first as such: others begin and end elsewhere."""
        names = ("view", "suffix", "theme", "first", "spacing", "step", "size", "width", "height")
        film = {name: str(getattr(self.film, name)) for name in FILM}
        texts = {name: str(getattr(self, name)) for name in names} | film
        return texts | {"first": "0"} if self.first == self.begin else texts

    def pixels(self, sights: Mapping[str, Sight]) -> QSize:
        """Return how large the film is."""
        if self.size == OTHER:
            return QSize(self.width, self.height)
        if self.size != NOW:
            width, height = self.size.split("x")
            return QSize(int(width), int(height))
        return sights[self.view].size or UNSEEN

    def wanted_film(self) -> Film:
        """Return the film with the epochs that are wanted."""
        step = self.step if self.spacing == STEP else None
        return dataclasses.replace(self.film, first=self.first, step=step, even=self.spacing == EVEN)

    def epochs(self) -> list[int]:
        """Return the epoch of every frame.

        Raises
        ------
        ConfigError
            When there is no such film.
        """
        return self.wanted_film().epochs(self.last)

    def arguments(self, size: QSize) -> tuple[str, ...]:
        """Return the options of ``nodeglow render`` that make the film."""
        film = self.wanted_film()
        options = ["--view", self.view, "--theme", self.theme, "--size", f"{size.width()}x{size.height()}"]
        options += ["--from", str(film.first), "--epochs", str(self.last), "--fps", f"{film.fps:g}"]
        options += ["--hold", f"{film.hold:g}", "--loop" if film.loop else "--once", "--quality", str(film.quality)]
        if film.step is not None:
            options += ["--step", str(film.step)]
        elif film.even:
            options.append("--even")
        return tuple(options)


def _film_of(texts: Mapping[str, str]) -> Film:
    """Return the settings of a film that were remembered, each of them if it can be."""
    film = Film()
    for row in settings_of(Film):
        if row.name in FILM and row.name in texts:
            try:
                film = dataclasses.replace(film, **{row.name: row.parse(texts[row.name])})
            except ConfigError:
                continue
    return film


def sentence_of(choices: Choices, size: QSize) -> str:
    """Return how long the film is, and about how large its file."""
    film, frames = choices.wanted_film(), len(choices.epochs())
    share = 1.0 if choices.view == "network" else _LIGHTER
    weight = size.width() * size.height() * (_WHOLE + (frames - 1) * share * ENCODERS[choices.suffix].weight)
    rounded = float(f"{weight:.1g}")
    said = f"{frames:,} {'frame' if frames == 1 else 'frames'}, {film.seconds(frames):.1f} seconds"
    every = (
        "every epoch"
        if frames == choices.last - choices.first + 1
        else f"of {choices.last - choices.first + 1:,} epochs"
    )
    return f"{said} ({every}).\nAbout {bytes_text(round(rounded))}, {size.width()} × {size.height()} pixels."
