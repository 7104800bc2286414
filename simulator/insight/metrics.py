"""How good predictions are: pure functions of two host arrays, what is true and what was predicted."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.errors import ConfigError


@dataclasses.dataclass(frozen=True, eq=False)
class ClassScores:
    """How well each class is recognised; arrays of shape (classes,) in the order of the confusion matrix.

    Attributes
    ----------
    precision
        TP/(TP + FP): of the rows that were called so, the share that are. NaN for a class that was never
        predicted.
    recall
        TP/(TP + FN): of the rows that are so, the share that were found. NaN for a class without rows.
    f1
        2·TP/(2·TP + FP + FN), the harmonic mean of both. NaN for a class that neither occurs nor was
        predicted.
    support
        How many rows the class has.
    """

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    f1: NDArray[np.float64]
    support: NDArray[np.int64]


def accuracy(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Return the fraction of rows whose predicted class is the actual one.

    Parameters
    ----------
    actual, predicted
        (rows,), names or numbers of classes.

    Returns
    -------
    0 to 1; NaN without rows.

    Raises
    ------
    ConfigError
        When the arrays differ in shape or have more than one axis.
    """
    known, given = _columns(actual, predicted)
    return float((known == given).mean()) if len(known) else math.nan


def confusion_matrix(actual: ArrayLike, predicted: ArrayLike, classes: Sequence[Any]) -> NDArray[np.int64]:
    """Count how often each class was taken for each class.

    Parameters
    ----------
    actual, predicted
        (rows,), names or numbers of classes.
    classes
        All classes, in the order wanted; also those that do not occur.

    Returns
    -------
    (classes, classes) counts: row i, column j says how many rows of class i were predicted as class j.

    Raises
    ------
    ConfigError
        When the arrays differ in shape, have more than one axis, or hold something that is not among the
        classes.
    """
    known, given = _columns(actual, predicted)
    places = {name: place for place, name in enumerate(classes)}
    if len(places) != len(classes):
        raise ConfigError("a class is named twice", "Give every class once.")
    width = len(places)
    pairs = _places(known, places) * width + _places(given, places)
    return np.bincount(pairs, minlength=width * width).astype(np.int64).reshape(width, width)


def class_scores(confusion: NDArray[np.integer[Any]]) -> ClassScores:
    """Return precision, recall, F1 and support of every class.

    Parameters
    ----------
    confusion
        (classes, classes), as `confusion_matrix` counts it.
    """
    right = np.diagonal(confusion).astype(np.float64)
    occurring = confusion.sum(axis=1).astype(np.float64)
    called = confusion.sum(axis=0).astype(np.float64)
    return ClassScores(
        _ratio(right, called),
        _ratio(right, occurring),
        _ratio(2.0 * right, occurring + called),
        confusion.sum(axis=1).astype(np.int64),
    )


def r2(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Return the coefficient of determination R² = 1 − SSE/SST.

    SSE is Σ(y − ŷ)², SST is Σ(y − ȳ)² with the mean ȳ of these rows: 1 is perfect, 0 is no better than always
    saying the mean, and it can be as negative as you like.

    Parameters
    ----------
    actual, predicted
        (rows,) values.

    Returns
    -------
    At most 1. NaN where it is undefined: without rows, or when all actual values are equal (SST = 0).

    Raises
    ------
    ConfigError
        When the arrays differ in shape or have more than one axis.
    """
    known, given = _values(actual, predicted)
    # Equality, not a sum of squares: the mean of equal numbers is rounded, and SST would be some 1e-30
    # instead of zero.
    if len(known) == 0 or (known == known[0]).all():
        return math.nan
    spread = float(np.square(known - known.mean()).sum())
    return 1.0 - float(np.square(known - given).sum()) / spread if spread else math.nan


def rmse(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Return the root mean square error √(mean (y − ŷ)²), in the unit of the values; NaN without rows.

    Parameters
    ----------
    actual, predicted
        (rows,) values.

    Raises
    ------
    ConfigError
        When the arrays differ in shape or have more than one axis.
    """
    known, given = _values(actual, predicted)
    return math.sqrt(float(np.square(known - given).mean())) if len(known) else math.nan


def mae(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Return the mean absolute error mean |y − ŷ|, in the unit of the values; NaN without rows.

    Parameters
    ----------
    actual, predicted
        (rows,) values.

    Raises
    ------
    ConfigError
        When the arrays differ in shape or have more than one axis.
    """
    known, given = _values(actual, predicted)
    return float(np.abs(known - given).mean()) if len(known) else math.nan


def _columns(actual: ArrayLike, predicted: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    known, given = np.asarray(actual), np.asarray(predicted)
    # (rows, 1) beside (rows,) would silently be compared each with each.
    if known.shape != given.shape or known.ndim != 1:
        raise ConfigError(
            f"values of shape {known.shape} cannot be compared with predictions of shape {given.shape}",
            "Give two arrays of shape (rows,).",
        )
    return known, given


def _values(actual: ArrayLike, predicted: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    known, given = _columns(actual, predicted)
    return known.astype(np.float64), given.astype(np.float64)


def _places(labels: NDArray[Any], places: dict[Any, int]) -> NDArray[np.int64]:
    distinct, inverse = np.unique(labels, return_inverse=True)
    unknown = [each for each in distinct.tolist() if each not in places]
    if unknown:
        raise ConfigError(f"{unknown[0]!r} is not among the classes", f"The classes are: {_listed(places)}.")
    return np.array([places[each] for each in distinct.tolist()], np.int64)[inverse]


def _listed(places: dict[Any, int]) -> str:
    names = [str(each) for each in places]
    return ", ".join(names[:20]) + (", …" if len(names) > 20 else "")


def _ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
