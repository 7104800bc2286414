"""Planes through the space of all parameters: two directions, and where on them a network lies.

Random directions normalised by neuron, and the principal directions of a path of training, are those of Li, Xu, Taylor,
Studer and Goldstein, "Visualizing the Loss Landscape of Neural Nets", 2018 (sections 4 and 7).
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.errors import ConfigError
from simulator.nn import parameters, random
from simulator.snapshot import Floats
from simulator.spec import NetworkSpec

Doubles = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, eq=False)
class Plane:
    """All networks origin + α·first + β·second.

    Attributes
    ----------
    origin, first, second
        Flat vectors, (parameter_count,), float64.
    base
        What α and β are called at the origin: the two weights' own values, or zero.
    explained
        The shares of the path's variance along each direction; NaN where it is no path's plane.
    """

    origin: Doubles
    first: Doubles
    second: Doubles
    base: tuple[float, float] = (0.0, 0.0)
    explained: tuple[float, float] = (float("nan"), float("nan"))

    def at(self, alpha: float, beta: float) -> Doubles:
        """Return the parameters at a place of the plane, (parameter_count,)."""
        return self.origin + (alpha - self.base[0]) * self.first + (beta - self.base[1]) * self.second

    def places(self, path: Sequence[Floats]) -> tuple[Doubles, Doubles]:
        """Return where networks lie: their nearest places (networks, 2), and how far from them they are (networks,).

        The distance is the Euclidean one in the space of parameters; the nearest place is found by least squares, since
        the directions need be neither of length one nor at right angles.
        """
        both = np.stack([self.first, self.second])
        gram = both @ both.T
        found, far = np.empty((len(path), 2)), np.empty(len(path))
        for nth, flat in enumerate(path):
            away = np.asarray(flat, np.float64) - self.origin
            shares = np.linalg.solve(gram, both @ away)
            found[nth] = shares + self.base
            # Not |away|² − |shares|²: near the plane that would be the difference of two nearly equal numbers.
            far[nth] = float(np.linalg.norm(away - shares @ both))
        return found, far


def weights_plane(origin: Floats, first: int, second: int) -> Plane:
    """Return the plane of two parameters, by their places in the flat vector.

    Raises
    ------
    ConfigError
        When they are the same.
    """
    if first == second:
        raise ConfigError("the two weights are the same", "Choose two different ones: a plane has two directions.")
    start = np.asarray(origin, np.float64)
    directions = np.zeros((2, len(start)))
    directions[0, first] = directions[1, second] = 1.0
    return Plane(start, directions[0], directions[1], (float(start[first]), float(start[second])))


def random_plane(network: NetworkSpec, origin: Floats, seed: int, draw: int = 0) -> Plane:
    """Return a plane of two Gaussian directions, normalised by neuron.

    The weights that lead into a neuron get the norm that the network's own have there, so that a step of length 1 means
    the same in every layer, however its weights are scaled; biases stay as they are, as in the paper.

    Parameters
    ----------
    seed, draw
        Which of all such planes: the same numbers give the same plane.
    """
    start = np.asarray(origin, np.float64)
    own = parameters.layers(network, start)
    directions: list[Doubles] = []
    for which in range(2):
        drawn = random.normals(seed, random.DIRECTIONS, 2 * draw + which, len(start))
        for layer, mine in zip(parameters.layers(network, drawn), own, strict=True):
            norms = np.linalg.norm(layer.weight, axis=0)
            layer.weight[...] *= np.linalg.norm(mine.weight, axis=0) / np.where(norms > 0, norms, 1.0)
            layer.bias[...] = 0.0
        directions.append(drawn)
    if not all(np.linalg.norm(each) > 0 for each in directions):
        raise ConfigError("all weights are zero", "Directions are measured by the weights: train first.")
    return Plane(start, directions[0], directions[1])


def path_plane(network: NetworkSpec, origin: Floats, path: Sequence[Floats], seed: int) -> Plane:
    """Return the plane of the two principal directions of a path, through the origin.

    Directions have length 1; the first one points from the path's beginning to its end. Where the path is a straight
    line, the second direction is random, at right angles.

    Raises
    ------
    ConfigError
        When the path has no length.
    """
    start = np.asarray(origin, np.float64)
    moments = np.array([np.asarray(each, np.float64) for each in path])
    moments = moments[np.isfinite(moments).all(axis=1)]
    centred = moments - moments.mean(axis=0) if len(moments) else moments
    # The products of the moments with each other are few, however many parameters there are.
    values, vectors = np.linalg.eigh(centred @ centred.T)
    order = np.argsort(values)[::-1]
    values, vectors = np.maximum(values[order], 0.0), vectors[:, order]
    total = float(values.sum())
    if len(moments) < 2 or total <= 1e-24 * max(1.0, float((moments**2).sum())):
        raise ConfigError("there is no path yet", "Train some epochs first, or choose random directions.")
    first = _unit(vectors[:, 0] @ centred)
    first *= 1.0 if first @ (moments[-1] - moments[0]) >= 0 else -1.0
    if len(values) > 2 and values[1] > 1e-10 * values[0]:
        second = _unit(vectors[:, 1] @ centred)
        second *= 1.0 if second @ (moments[len(moments) // 2] - moments[0]) >= 0 else -1.0
        share = float(values[1])
    else:
        drawn = random_plane(network, start, seed).first
        second, share = _unit(drawn - (drawn @ first) * first), 0.0
    return Plane(start, first, second, explained=(float(values[0]) / total, share / total))


def _unit(vector: Doubles) -> Doubles:
    return vector / np.linalg.norm(vector)
