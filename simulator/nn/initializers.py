"""How start weights are drawn. Biases start at zero."""

import dataclasses
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from simulator.nn import random

Floats = NDArray[np.float64]
Draw = Callable[[int, int, int, int], Floats]


@dataclasses.dataclass(frozen=True)
class Initializer:
    """A row of the table of initializers.

    Attributes
    ----------
    draw
        (seed, layer, fan_in, fan_out) to weights (fan_in, fan_out), float64.
    formula
        The distribution in the field's notation.
    source
        Where it was introduced.
    """

    draw: Draw
    formula: str
    source: str


def _uniform(limit: Callable[[int, int], float]) -> Draw:
    def draw(seed: int, layer: int, fan_in: int, fan_out: int) -> Floats:
        numbers = random.uniforms(seed, random.WEIGHTS, 0, fan_in * fan_out, layer)
        return ((2.0 * numbers - 1.0) * limit(fan_in, fan_out)).reshape(fan_in, fan_out)

    return draw


def _normal(deviation: Callable[[int, int], float]) -> Draw:
    def draw(seed: int, layer: int, fan_in: int, fan_out: int) -> Floats:
        numbers = random.normals(seed, random.WEIGHTS, 0, fan_in * fan_out, layer)
        return (numbers * deviation(fan_in, fan_out)).reshape(fan_in, fan_out)

    return draw


def _orthogonal(seed: int, layer: int, fan_in: int, fan_out: int) -> Floats:
    numbers = random.normals(seed, random.WEIGHTS, 0, fan_in * fan_out, layer)
    tall = numbers.reshape(max(fan_in, fan_out), min(fan_in, fan_out))
    Q, R = np.linalg.qr(tall)
    # Without the signs of R's diagonal the draw is not even over the orthogonal matrices (Mezzadri, 2007).
    Q = Q * np.where(np.diagonal(R) < 0, -1.0, 1.0)
    return np.ascontiguousarray(Q if fan_in >= fan_out else Q.T)


INITIALIZERS: dict[str, Initializer] = {
    "glorot_uniform": Initializer(
        _uniform(lambda fan_in, fan_out: (6.0 / (fan_in + fan_out)) ** 0.5),
        "uniform in ±√(6/(fan_in + fan_out))",
        "Glorot and Bengio, 2010",
    ),
    "glorot_normal": Initializer(
        _normal(lambda fan_in, fan_out: (2.0 / (fan_in + fan_out)) ** 0.5),
        "normal, σ² = 2/(fan_in + fan_out)",
        "Glorot and Bengio, 2010",
    ),
    "he_uniform": Initializer(
        _uniform(lambda fan_in, _: (6.0 / fan_in) ** 0.5), "uniform in ±√(6/fan_in)", "He and others, 2015"
    ),
    "he_normal": Initializer(
        _normal(lambda fan_in, _: (2.0 / fan_in) ** 0.5), "normal, σ² = 2/fan_in", "He and others, 2015"
    ),
    "lecun_uniform": Initializer(
        _uniform(lambda fan_in, _: (3.0 / fan_in) ** 0.5),
        "uniform in ±√(3/fan_in)",
        "LeCun, Bottou, Orr and Müller, 1998",
    ),
    "lecun_normal": Initializer(
        _normal(lambda fan_in, _: (1.0 / fan_in) ** 0.5),
        "normal, σ² = 1/fan_in",
        "LeCun, Bottou, Orr and Müller, 1998",
    ),
    "orthogonal": Initializer(_orthogonal, "orthogonal columns (or rows)", "Saxe, McClelland and Ganguli, 2014"),
    "uniform": Initializer(_uniform(lambda *_: 0.5), "uniform in ±0.5", "of old"),
    "normal": Initializer(_normal(lambda *_: 0.5), "normal, σ = 0.5", "of old"),
    "zeros": Initializer(
        lambda seed, layer, fan_in, fan_out: np.zeros((fan_in, fan_out)),
        "0 everywhere: all neurons of a layer stay equal, a mistake to show",
        "of old",
    ),
}
"""Every initializer by its name."""
