"""Faults that are injected for a lesson: wrong labels."""

import numpy as np
from numpy.typing import NDArray

from simulator.nn import random

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


def with_label_noise(Y: Floats, share: float, seed: int, *, classes: bool) -> tuple[Floats, Rows]:
    """Give some rows another target.

    Parameters
    ----------
    Y
        Targets, (rows, outputs): one-hot, or standardised values.
    share
        Of the rows, 0 to 1; their number is rounded.
    seed
        The number from which the draw follows.
    classes
        Whether the targets are classes. A class becomes one of the others, all equally likely; a value is moved by
        normal noise with the deviation of the values.

    Returns
    -------
    Y
        New targets.
    noisy
        Which rows were changed, rising.
    """
    count = round(share * len(Y))
    if not count or (classes and Y.shape[1] < 2):
        return Y, np.zeros(0, np.int64)
    noisy = np.sort(random.permutation(seed, random.FAULTS, 0, len(Y))[:count])
    changed = Y.copy()
    if classes:
        others = Y.shape[1] - 1
        steps = random.words(seed, random.FAULTS, 1, count) % np.uint64(others) + np.uint64(1)
        wrong = (Y[noisy].argmax(axis=1) + steps.astype(np.int64)) % Y.shape[1]
        changed[noisy] = 0.0
        changed[noisy, wrong] = 1.0
    else:
        changed[noisy] += (Y.std() * random.normals(seed, random.FAULTS, 1, count))[:, None]
    return changed, noisy
