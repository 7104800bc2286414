"""Where a network's answers lie in a plane: between the corners of a polygon, or along their principal components."""

import dataclasses

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

FLOOR = 1e-9
"""Probabilities below this count as this where their logarithm is taken: the logarithm of 0 has no place."""


def shares_of(outputs: Doubles) -> Doubles:
    """Return what a network gives to every class as shares that add up to 1, (rows, classes).

    Parameters
    ----------
    outputs
        (rows, outputs). One output is the probability of the second of two classes. Outputs that are no probabilities,
        as a linear link has them, are cut at 0 and divided by their sum; all 0 is the same share for each.

    Returns
    -------
    (rows, classes) float64; a row that is not finite is NaN throughout.
    """
    values = np.asarray(outputs, np.float64)
    if values.shape[1] == 1:
        values = np.concatenate([1.0 - values, values], axis=1)
    finite = np.asarray(np.isfinite(values).all(axis=1), np.bool_)
    cut = np.where(finite[:, None], np.clip(values, 0.0, None), 0.0)
    sums = cut.sum(axis=1, keepdims=True)
    even = 1.0 / values.shape[1]
    shares = np.where(sums > 0.0, cut / np.where(sums > 0.0, sums, 1.0), even)
    shares[~finite] = np.nan
    return shares


def corners(count: int) -> Doubles:
    """Return the corners of a regular polygon on the unit circle, clockwise from the top, (count, 2), y upwards."""
    angles = 0.5 * np.pi - 2.0 * np.pi * np.arange(count) / count
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def barycentric(shares: Doubles, at: Doubles) -> Doubles:
    """Return the mean of corners, weighted by shares, (rows, 2).

    With three corners this is exact, every point of the triangle stands for one answer (Möbius, 1827). With more it is
    a projection, known as RadViz (Hoffman and others, 1997): different answers may lie at the same place.

    Parameters
    ----------
    shares
        (rows, classes), each row adds up to 1.
    at
        (classes, 2)
    """
    return np.asarray(shares @ at, np.float64)


def centred_logs(shares: Doubles) -> Doubles:
    """Return log pₖ − mean log p of every row, (rows, classes).

    For a softmax these are the logits without their common offset, which a softmax does not see (the centred log-ratio,
    Aitchison, 1982), as long as no probability is below `FLOOR`.
    """
    logs = np.log(np.clip(shares, FLOOR, None))
    return np.asarray(logs - logs.mean(axis=1, keepdims=True), np.float64)


@dataclasses.dataclass(frozen=True, eq=False)
class Plane:
    """The plane of two principal components; fixed, so that what is placed in it later moves only by itself.

    Attributes
    ----------
    centre
        (classes,): the mean that the components go through.
    axes
        (classes, 2), orthonormal columns, the larger variance first.
    explained
        Which share of the variance of what it was fitted on lies along each of the two, (2,).
    """

    centre: Doubles
    axes: Doubles
    explained: Doubles

    def place(self, values: Doubles) -> Doubles:
        """Return the coordinates of rows in the plane, (rows, 2)."""
        return np.asarray((values - self.centre) @ self.axes, np.float64)

    def kept(self, values: Doubles) -> float:
        """Return which share of the variance of other rows about their own mean the plane shows, 0 … 1."""
        good = values[np.isfinite(values).all(axis=1)]
        spread = good - good.mean(axis=0) if len(good) else good
        whole = float(np.sum(spread * spread))
        return float(np.sum((spread @ self.axes) ** 2)) / whole if whole > 0.0 else 0.0


def principal_plane(values: Doubles) -> Plane:
    """Return the plane in which rows are spread most (Pearson, 1901).

    Parameters
    ----------
    values
        (rows, classes) with at least two classes; rows that are not finite are left out.

    Returns
    -------
    The plane. The sign of each axis is such that its largest component is positive: the same rows always give the same
    picture.
    """
    good = values[np.isfinite(values).all(axis=1)]
    classes = values.shape[1]
    if len(good) < 2:
        return Plane(np.zeros(classes), np.eye(classes)[:, :2], np.zeros(2))
    centre = good.mean(axis=0)
    spread = good - centre
    variances, vectors = np.linalg.eigh(spread.T @ spread)
    axes = vectors[:, ::-1][:, :2].copy()
    for place in range(2):
        largest = int(np.argmax(np.abs(axes[:, place])))
        if axes[largest, place] < 0.0:
            axes[:, place] *= -1.0
    whole = float(np.clip(variances, 0.0, None).sum())
    explained = np.clip(variances[::-1][:2], 0.0, None) / whole if whole > 0.0 else np.zeros(2)
    return Plane(centre, axes, np.asarray(explained, np.float64))
