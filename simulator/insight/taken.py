"""What a network takes a row for, and when that is a mistake: the one definition for every view."""

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Classes = NDArray[np.int64]
Flags = NDArray[np.bool_]

FAR = 1.0
"""A predicted value is mistaken when it is further off than so many standard deviations of the training targets."""


def classes_of(outputs: Doubles) -> Classes:
    """Return the class of every row of outputs or of targets, (rows,).

    Parameters
    ----------
    outputs
        (rows, classes), of which the largest counts, the first of equals; or (rows, 1), the probability of the second
        of two classes, which is meant from one half on. So do the engines count what they get right
        (`simulator.engines.passes.hits`).
    """
    if outputs.shape[1] == 1:
        return (outputs[:, 0] >= 0.5).astype(np.int64)
    return outputs.argmax(axis=1).astype(np.int64)


def taken_for(outputs: Doubles) -> tuple[Classes, Doubles]:
    """Return the class that every row is taken for, and what the network gives to it, from outputs (rows, outputs)."""
    taken = classes_of(outputs)
    if outputs.shape[1] == 1:
        return taken, np.where(taken == 1, outputs[:, 0], 1.0 - outputs[:, 0])
    return taken, outputs[np.arange(len(taken)), taken]


def mistaken(outputs: Doubles, targets: Doubles, *, classes: bool) -> Flags:
    """Return which rows are predicted wrong, (rows,).

    Parameters
    ----------
    outputs, targets
        What the network says, (rows, outputs), and what it is told, in the units that it is told it in: for two classes
        each may have one column or two.
    classes
        Whether classes are predicted: another class than the true one is a mistake. Of values, the first column counts,
        and what is more than `FAR` off is one, as is what is no number.
    """
    if classes:
        return np.asarray(classes_of(outputs) != classes_of(targets), np.bool_)
    with np.errstate(all="ignore"):
        return np.asarray(~(np.abs(outputs[:, 0] - targets[:, 0]) <= FAR), np.bool_)
