"""Which training rows something is measured on, where all of them would take too long."""

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator.snapshot import Floats
from simulator.spec import NetworkSpec

if TYPE_CHECKING:  # pandas takes half a second to import: who wants places alone goes without it
    from simulator.data import Dataset

LEAST, MOST = 64, 512
_WORK = 100_000_000
"""Rows times parameters that a measurement may take: about 10 ms forwards and backwards on one core."""


@dataclasses.dataclass(frozen=True, eq=False)
class Rows:
    """Prepared rows, and how many there would have been.

    Attributes
    ----------
    X, Y
        (rows, inputs) and (rows, outputs), as the network's outputs want them.
    of
        How many rows they were taken from.
    """

    X: Floats
    Y: Floats
    of: int

    def __len__(self) -> int:
        return len(self.X)

    @property
    def all(self) -> bool:
        """Whether none was left out."""
        return len(self.X) == self.of


def targets(Y: Floats, network: NetworkSpec) -> Floats:
    """Return targets (rows, outputs) as the network has its outputs: one is the probability of the second class."""
    return Y[:, 1:] if network.outputs == 1 and Y.shape[1] == 2 else Y


def evenly(count: int, most: int) -> NDArray[np.int64]:
    """Return at most so many of `count` places, evenly spread, the first and the last among them: always the same."""
    if count <= most:
        return np.arange(count)
    return np.linspace(0, count - 1, max(0, most)).round().astype(np.int64)


def how_many(network: NetworkSpec, rows: int, work: int = _WORK, most: int = MOST) -> int:
    """Return how many of some rows are enough: all of a few, fewer the larger the network is."""
    return min(rows, max(LEAST, min(most, work // network.parameter_count)))


def rows_of(
    dataset: "Dataset", network: NetworkSpec, dtype: str, most: int | None = None, split: str = "train"
) -> Rows:
    """Return rows of a data set, evenly spread over it: the same ones every time.

    Parameters
    ----------
    dataset
        Where they come from.
    network
        With one output for two classes, the target is the probability of the second.
    dtype
        Of the arrays that are returned.
    most
        How many at most; None for what `how_many` says.
    split
        "train" or "test".
    """
    X, Y = (dataset.X_train, dataset.Y_train) if split == "train" else (dataset.X_test, dataset.Y_test)
    count = how_many(network, len(X)) if most is None else min(most, len(X))
    Y = targets(Y, network)
    places = evenly(len(X), count) if count < len(X) else slice(None)
    return Rows(X[places].astype(dtype, copy=False), Y[places].astype(dtype, copy=False), len(X))
