"""Which training rows something is measured on, where all of them would take too long."""

import dataclasses

import numpy as np

from simulator.data import Dataset
from simulator.snapshot import Floats
from simulator.spec import NetworkSpec

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


def how_many(network: NetworkSpec, rows: int, work: int = _WORK, most: int = MOST) -> int:
    """Return how many of some rows are enough: all of a few, fewer the larger the network is."""
    return min(rows, max(LEAST, min(most, work // network.parameter_count)))


def rows_of(dataset: Dataset, network: NetworkSpec, dtype: str, most: int | None = None, split: str = "train") -> Rows:
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
    places = np.linspace(0, len(X) - 1, count).round().astype(np.int64) if count < len(X) else slice(None)
    if network.outputs == 1 and Y.shape[1] == 2:
        Y = Y[:, 1:]
    return Rows(X[places].astype(dtype, copy=False), Y[places].astype(dtype, copy=False), len(X))
