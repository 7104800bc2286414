"""Which rows are for training and which for testing."""

import numpy as np
from numpy.typing import NDArray

from simulator.nn import random

Rows = NDArray[np.int64]


def split(count: int, fraction: float, seed: int, classes: Rows | None = None) -> tuple[Rows, Rows]:
    """Draw test rows.

    Parameters
    ----------
    count
        How many rows there are.
    fraction
        The share of test rows, 0 to below 1; their number is rounded.
    seed
        The number from which the draw follows.
    classes
        The class of every row as a number from 0, (count,), for a stratified split: every class has the same share of
        test rows, rounded up or down so that their sum is right, and keeps at least one training row, even if the sum
        is a little smaller then. None draws from all alike.

    Returns
    -------
    train, test
        Row numbers in rising order; at least one row is for training.
    """
    order = random.permutation(seed, random.SPLIT, 0, count)
    wanted = min(round(fraction * count), count - 1)
    if classes is None:
        return np.sort(order[wanted:]), np.sort(order[:wanted])
    shares = _shares(np.bincount(classes), wanted)
    # A stable sort by class keeps the drawn order within each class; its first rows are the test rows.
    grouped = order[np.argsort(classes[order], kind="stable")]
    starts = np.concatenate([[0], np.cumsum(np.bincount(classes))[:-1]])
    test = np.zeros(count, dtype=bool)
    for start, share in zip(starts, shares, strict=True):
        test[grouped[start : start + share]] = True
    return np.flatnonzero(~test), np.flatnonzero(test)


TRAINING_WORDS = frozenset(("train", "training", "fit", "learn", "false", "no", "0"))
TEST_WORDS = frozenset(
    ("test", "testing", "validation", "validate", "valid", "val", "dev", "holdout", "eval", "true", "yes", "1")
)
"""How a column says which rows are for which part, in lower case."""


def split_by_order(count: int, fraction: float) -> tuple[Rows, Rows]:
    """Return the first rows for training and the last ones for testing (their number is rounded)."""
    wanted = min(round(fraction * count), count - 1)
    rows = np.arange(count, dtype=np.int64)
    return rows[: count - wanted], rows[count - wanted :]


def split_by_groups(groups: Rows, fraction: float, seed: int) -> tuple[Rows, Rows]:
    """Draw whole groups for testing.

    Parameters
    ----------
    groups
        The group of every row as a number from 0, (count,).
    fraction
        The share of test rows that is wanted; groups are drawn as long as they come nearer to it.
    seed
        The number from which the draw follows.
    """
    sizes = np.bincount(groups)
    wanted = fraction * len(groups)
    taken: list[int] = []
    total = 0
    for group in random.permutation(seed, random.SPLIT, 0, len(sizes)):
        size = int(sizes[group])
        if size and len(taken) < np.count_nonzero(sizes) - 1 and abs(total + size - wanted) <= abs(total - wanted):
            taken.append(int(group))
            total += size
    test = np.isin(groups, taken)
    return np.flatnonzero(~test), np.flatnonzero(test)


def _shares(sizes: Rows, wanted: int) -> Rows:
    """Return how many rows of each class are for testing: the largest remainders (Hamilton, 1792) get what is left."""
    total = max(1, int(sizes.sum()))
    whole, remainder = np.divmod(sizes * wanted, total)
    most = np.maximum(sizes - 1, 0)
    shares = np.minimum(whole, most)
    for place in np.argsort(-remainder, kind="stable"):
        if shares.sum() >= wanted or not remainder[place]:
            break
        shares[place] += shares[place] < most[place]
    return shares
