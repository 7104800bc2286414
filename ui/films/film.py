"""What a film of the training is: which epochs it shows, and for how long each of them."""

import dataclasses
import itertools
from collections.abc import Sequence

from simulator.errors import ConfigError
from simulator.fields import check, setting

MOST_FRAMES, USUAL_FRAMES = 10_000, 240
FASTEST = 60.0


@dataclasses.dataclass(frozen=True)
class Film:
    """The settings of a film.

    Attributes
    ----------
    first
        The epoch that it begins with.
    step
        How many epochs lie between two frames; None for what gives at most `USUAL_FRAMES` frames.
    even
        Whether, without a step, frames lie at equal distances; else they are closer at the start, where more happens.
    fps
        Frames a second.
    hold
        For how many seconds the last frame stays.
    loop
        Whether it begins again at its end.
    quality
        0 … 100 where the format loses something; 100 loses as little as it can.
    """

    first: int = setting(0, "From epoch", "The epoch that a film begins with.", minimum=0)
    step: int | None = setting(
        None, "Step", f"Epochs from frame to frame of a film; what gives at most {USUAL_FRAMES} frames if not given.",
        minimum=1,
    )  # fmt: skip
    even: bool = setting(
        False, "Even", "Without a step: frames at equal distances, and not closer at the start, where more happens."
    )
    fps: float = setting(20.0, "Frames a second", "Frames a second of a film.", minimum=0.1, maximum=FASTEST)
    hold: float = setting(2.0, "Last frame (s)", "Seconds that a film's last frame stays.", minimum=0.0, maximum=60.0)
    loop: bool = setting(True, "Loop", "Whether a film begins again at its end.")
    quality: int = setting(
        90, "Quality", "Of WebP and MP4: 0 to 100; a WebP of 100 loses nothing.", minimum=0, maximum=100
    )

    def __post_init__(self) -> None:
        check(self)

    def epochs(self, last: int) -> list[int]:
        """Return the epoch of every frame, rising; the first and the last are among them.

        Raises
        ------
        ConfigError
            When the film begins behind its end, or has more than `MOST_FRAMES` frames.
        """
        span = last - self.first
        if span < 0:
            raise ConfigError(
                f"a film from epoch {self.first:,} to {last:,} has no frames", "Let it begin before its last epoch."
            )
        if self.step is None:
            return [self.first + each for each in _chosen(span, self.even)]
        if span // self.step >= MOST_FRAMES:
            raise ConfigError(
                f"a film of {span // self.step + 1:,} frames is too long",
                f"{MOST_FRAMES:,} is the most: give a step of {-(-span // (MOST_FRAMES - 1)):,} or more.",
            )
        found = list(range(self.first, last + 1, self.step))
        return found if found[-1] == last else [*found, last]

    def seconds(self, frames: int) -> float:
        """Return how long a film of so many frames is."""
        return (frames - 1) / self.fps + self.last_seconds

    @property
    def last_seconds(self) -> float:
        """How long the last frame stays."""
        return max(1.0 / self.fps, self.hold)

    def durations(self, frames: int, unit: float) -> list[int]:
        """Return for how many units every frame stays: whole ones, which never drift from the speed.

        Parameters
        ----------
        unit
            In seconds.
        """
        ends = [nth / self.fps for nth in range(frames)] + [self.seconds(frames)]
        return [later - sooner for sooner, later in itertools.pairwise(round(end / unit) for end in ends)]


def _chosen(span: int, even: bool) -> Sequence[int]:
    """Return at most `USUAL_FRAMES` of the epochs 0 … span: all of them, or closer at the start."""
    if span < USUAL_FRAMES:
        return range(span + 1)
    last = USUAL_FRAMES - 1
    if even:
        return [round(span * nth / last) for nth in range(USUAL_FRAMES)]
    # As the square of the time, but every epoch once: the curve begins with slope 1.
    return [max(nth, round(span * (nth / last) ** 2)) for nth in range(USUAL_FRAMES)]
