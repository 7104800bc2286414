"""What every generated data set is: settings that are checked, and points in the plane that follow from them."""

import abc
import dataclasses
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator import fields
from simulator.fields import setting
from simulator.nn import random

Floats = NDArray[np.float64]

REACH = 6.0
"""The plane goes from −6 to 6 in both directions."""

EXTENT = 5.0
"""The ideal shapes stay within ±5, so that there is room for noise."""

MOST_CLASSES = 8
X, Y, CLASS, VALUE = "x", "y", "class", "value"

_PLACES, _OTHER_PLACES, _SHIFTS, _LIFTS = range(4)
"""What the numbers of a class are drawn for; each has a place of its own in the stream, so that a change of the noise
moves the points that are there, and more samples add points to them."""


@dataclasses.dataclass(frozen=True)
class Shape(abc.ABC):
    """The settings of a generator; a subclass says where its points lie."""

    samples: int = setting(400, "Points", "How many points there are.", minimum=20, maximum=100_000)
    seed: int = setting(
        0, "Seed", "The number from which all points follow: the same seed gives the same points.", minimum=0,
        maximum=2**31 - 1,
    )  # fmt: skip

    task: ClassVar[str]
    target: ClassVar[str]

    def __post_init__(self) -> None:
        fields.check(self)

    @abc.abstractmethod
    def frame(self) -> pd.DataFrame:
        """Return the points as a table: x, y (float64) and the target.

        Raises
        ------
        ConfigError
            When a formula makes no sense, or does not give such points.
        """


@dataclasses.dataclass(frozen=True)
class Classes(Shape):
    """Points of several classes, which are called by the letters from A on."""

    noise: float = setting(
        0.3,
        "Noise",
        "Every point is moved off the ideal shape by a normal random number of this deviation, in both directions "
        "and in units of the plane, which goes from −6 to 6.",
        minimum=0,
        maximum=3,
    )
    imbalance: float = setting(
        1.0,
        "Imbalance",
        "How many times as many points the first class has as the last; the classes between fall by equal factors. "
        "1: all have as many; 9, of two classes: 90 % and 10 %.",
        minimum=1,
        maximum=50,
    )

    task: ClassVar[str] = "classification"
    target: ClassVar[str] = CLASS

    def class_count(self) -> int:
        """Return how many classes there are."""
        return 2

    @abc.abstractmethod
    def ideal(self, label: int, count: int) -> tuple[Floats, Floats]:
        """Return `count` points of class `label` (from 0) without noise: x and y, (count,) each."""

    def frame(self) -> pd.DataFrame:
        """Return the points of all classes, evenly mixed; A comes first, then B before C, and so on."""
        classes = self.class_count()
        sizes = counts(self.samples, classes, self.imbalance)
        groups = [self._noisy(label, size) for label, size in enumerate(sizes)]
        x, y = (np.concatenate([group[axis] for group in groups]) for axis in (0, 1))
        labels = np.repeat(np.arange(classes), sizes)
        ranks = np.concatenate([(np.arange(size) + 0.5) / size for size in sizes])
        order = np.lexsort((labels, ranks))
        names = np.array(class_names(classes), dtype=object)[labels[order]]
        return pd.DataFrame({X: x[order], Y: y[order], CLASS: pd.Series(names, dtype="str")})

    def _noisy(self, label: int, count: int) -> tuple[Floats, Floats]:
        x, y = self.ideal(label, count)
        shifts = random.normals(self.seed, random.POINTS, label, 2 * count, _SHIFTS).reshape(count, 2)
        return x + self.noise * shifts[:, 0], y + self.noise * shifts[:, 1]

    def drawn(self, label: int, count: int) -> tuple[Floats, Floats]:
        """Return two independent random numbers in (0, 1) for every point of a class, (count,) each."""
        return uniform_pairs(self.seed, label, count)


@dataclasses.dataclass(frozen=True)
class Values(Shape):
    """A surface over the plane: a value for every point."""

    noise: float = setting(
        0.0,
        "Noise",
        "A normal random number of this deviation is added to every value.",
        minimum=0,
        maximum=3,
    )

    task: ClassVar[str] = "regression"
    target: ClassVar[str] = VALUE

    @abc.abstractmethod
    def ideal(self, x: Floats, y: Floats) -> Floats:
        """Return the value without noise at every point, (count,); NaN where there is none."""

    def places(self) -> tuple[Floats, Floats]:
        """Return where the points lie, evenly spread over the square ±`EXTENT`: x and y, (samples,) each."""
        first, second = uniform_pairs(self.seed, 0, self.samples)
        return spread(first), spread(second)

    def frame(self) -> pd.DataFrame:
        """Return the points with their values."""
        x, y = self.places()
        lifts = random.normals(self.seed, random.POINTS, 0, self.samples, _LIFTS)
        return pd.DataFrame({X: x, Y: y, VALUE: self.ideal(x, y) + self.noise * lifts})


def class_names(count: int) -> tuple[str, ...]:
    """Return the names of so many classes: the letters from A on."""
    return tuple(chr(ord("A") + place) for place in range(count))


def counts(samples: int, classes: int, imbalance: float) -> NDArray[np.int64]:
    """Return how many points each class has, (classes,); their sum is `samples`, and each has two at least.

    Class k has a share in proportion to imbalance^(−k / (classes − 1)); what is left after rounding down goes to the
    largest remainders (Hamilton, 1792).
    """
    weights = imbalance ** (-np.arange(classes) / max(1, classes - 1))
    quotas = samples * weights / weights.sum()
    sizes = np.floor(quotas).astype(np.int64)
    order = np.argsort(-(quotas - sizes), kind="stable")
    sizes[order[: samples - int(sizes.sum())]] += 1
    while sizes[-1] < 2:  # the last of the largest classes gives one to the first of the smallest
        sizes[np.flatnonzero(sizes == sizes.max())[-1]] -= 1
        sizes[np.flatnonzero(sizes == sizes.min())[0]] += 1
    return sizes


def uniform_pairs(seed: int, group: int, count: int) -> tuple[Floats, Floats]:
    """Return two independent lists of random numbers in (0, 1), (count,) each; a longer one begins with a shorter."""
    return (
        random.uniforms(seed, random.POINTS, group, count, _PLACES),
        random.uniforms(seed, random.POINTS, group, count, _OTHER_PLACES),
    )


def spread(shares: Floats) -> Floats:
    """Return shares of the way in (0, 1) as coordinates in ±`EXTENT`."""
    return EXTENT * (2.0 * shares - 1.0)


def settings_text(shape: Shape) -> str:
    """Return the settings that are not the usual ones, as ``arms=3,noise=0.1``; empty where there is none."""
    said: list[tuple[str, Any]] = [
        (declared.name, getattr(shape, declared.name))
        for declared in fields.settings_of(shape)
        if getattr(shape, declared.name) != declared.default
    ]
    return ",".join(f"{name}={value}" for name, value in said)
