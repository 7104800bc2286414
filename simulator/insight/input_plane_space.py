"""Which planes a data set has: the directions, what stands for all else, and the two axes that say most."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.data import Dataset
from simulator.data.cells import is_numeric, numbers, texts
from simulator.data.formula import parse
from simulator.data.recipe import Recipe
from simulator.data.steps import OneHot, Ordinal
from simulator.insight.input_planes import Direction, Doubles, Plane
from simulator.progress import Progress

_DIRECT = 2_000_000
"""Up to so many numbers, components come of the inputs themselves, above it of their covariance."""

_BLOCK = 1 << 16
_MANY = 20
"""With more inputs than this, two of them say little: the first plane is that of the principal components."""


@dataclasses.dataclass(frozen=True, eq=False)
class Space:
    """What has to be known of a data set to lay planes through it.

    Attributes
    ----------
    dataset
        Whose.
    directions
        Every feature that an axis can show, in the order of the inputs.
    components
        The first two principal components of the training inputs; none with a single input.
    middle
        (inputs,) the mean of the training rows; the most frequent category of categories.
    means, spread
        (inputs,) the mean and the standard deviation of the training inputs; 1 for a constant one.
    vectors
        (components, inputs), orthonormal.
    best
        The names of the two directions that tell most about the target, the best first.
    """

    dataset: Dataset
    directions: tuple[Direction, ...]
    components: tuple[Direction, ...]
    middle: Doubles
    means: Doubles
    spread: Doubles
    vectors: Doubles
    best: tuple[str, ...]

    @property
    def prefers_components(self) -> bool:
        """Whether the first plane to be shown is that of the principal components."""
        return len(self.components) == 2 and len(self.means) > _MANY

    def direction(self, name: str) -> Direction | None:
        """Return a direction by its name, or None."""
        return next((each for each in self.directions if each.name == name), None)

    def principal(self) -> Plane:
        """Return the plane of the principal components, through the mean of the training rows."""
        return Plane(self.dataset.recipe, self.components, self.means, self.vectors)

    def plane(self, names: Sequence[str], inputs: Doubles | None = None, row: int | None = None) -> Plane:
        """Return the plane of one or two features.

        Parameters
        ----------
        names
            Of directions.
        inputs, row
            What all other features are held at: the inputs (inputs,) of a row, and where it stands in the table;
            without, the mean of the training rows, and the most frequent categories.
        """
        axes = tuple(each for name in names if (each := self.direction(name)) is not None)
        recipe = self.dataset.recipe
        base = self.middle if inputs is None else np.asarray(inputs, np.float64)
        followers = followers_of(recipe, [axis.column for axis in axes])
        raw = None
        if followers:
            table = self.dataset.table
            gone = inputs is None or row is None or row >= len(table)
            raw = _middle_row(self.dataset) if gone or row is None else table.iloc[[row]]
            if inputs is not None:  # what was changed by hand, or filled, is known of the inputs alone
                derived = {each.name for each in recipe.choices.derived}
                mine = recipe.inverse(base)
                kept = {name: mine[name].to_numpy() for name in mine.columns if name not in derived}
                raw = raw[[*recipe.needed]].assign(**kept)
        return Plane(recipe, axes, base, None, raw, followers)


def space_of(dataset: Dataset, progress: Progress | None = None) -> Space:
    """Return what planes a data set has; for a large one this takes a while."""
    X = np.asarray(dataset.X_train)
    means = X.mean(axis=0, dtype=np.float64)
    spread = np.asarray(X.std(axis=0, dtype=np.float64))
    spread[~(spread > 1e-12 * np.maximum(1.0, np.abs(means)))] = 1.0
    if progress is not None:
        progress.report(0.3, "looking for the principal components")
    vectors, shares = principal_components(X, 2)
    directions = _directions(dataset)
    return Space(
        dataset,
        directions,
        _components(dataset, means, vectors, shares),
        _middle(dataset, means),
        means,
        spread,
        vectors,
        _best(dataset, directions),
    )


def principal_components(X: NDArray[Any], count: int) -> tuple[Doubles, Doubles]:
    """Return the directions in which rows differ most (Pearson, 1901), and their shares of the variance.

    Parameters
    ----------
    X
        (rows, inputs)
    count
        How many at most.

    Returns
    -------
    vectors, shares
        (components, inputs) orthonormal, and (components,). The largest loading of each is positive, so that the same
        rows always give the same picture.
    """
    count = min(count, X.shape[1]) if X.shape[1] > 1 and len(X) > 1 else 0
    means = X.mean(axis=0, dtype=np.float64)
    if X.size <= _DIRECT or len(X) <= X.shape[1]:
        _, sizes, vectors = np.linalg.svd(np.asarray(X, np.float64) - means, full_matrices=False)
        variances = sizes**2
    else:
        products = np.zeros((X.shape[1], X.shape[1]))
        for start in range(0, len(X), _BLOCK):
            part = np.asarray(X[start : start + _BLOCK], np.float64) - means
            products += part.T @ part
        _, variances, vectors = np.linalg.svd(products)
    count = min(count, len(vectors))
    vectors = vectors[:count]
    signs = np.sign(np.take_along_axis(vectors, np.abs(vectors).argmax(axis=1)[:, None], axis=1))
    whole = float(variances.sum())
    return vectors * np.where(signs == 0, 1.0, signs), variances[:count] / (whole if whole > 0 else 1.0)


def followers_of(recipe: Recipe, moved: Sequence[str]) -> tuple[int, ...]:
    """Return the steps whose columns are derived from some that are moved, and are not moved themselves."""
    touched = set(moved)
    for each in recipe.choices.derived:  # a formula uses only what stands before it
        if touched.intersection(parse(each.formula).names):
            touched.add(each.name)
    return tuple(place for place, name in enumerate(recipe.used) if name in touched and name not in moved)


def directions_of(recipe: Recipe) -> tuple[Direction, ...]:
    """Return every feature of a recipe that an axis can show; the range of numbers is left open, 0 to 1."""
    found: list[Direction] = []
    start = 0
    for step in recipe.columns:
        stop = start + len(step.names)
        flag = stop - 1 if step.flag else None
        last = stop - int(step.flag)
        if isinstance(step, OneHot | Ordinal):
            scaling = step.scaling if isinstance(step, Ordinal) else None
            high = len(step.categories) - 1.0
            found.append(Direction(step.column, step.column, start, last, scaling, step.categories, 0.0, high, flag))
        else:
            for place, name in zip(range(start, last), step.names, strict=False):
                scaling = step.scaling_at(place - start)
                if scaling is not None:
                    found.append(Direction(name, step.column, place, place + 1, scaling, (), 0.0, 1.0, flag))
        start = stop
    return tuple(found)


def _directions(dataset: Dataset) -> tuple[Direction, ...]:
    """Return the directions with the ranges of all rows."""
    return tuple(
        each if each.categories else dataclasses.replace(each, **_range(dataset, each.start, each.scaling))
        for each in directions_of(dataset.recipe)
    )


def _range(dataset: Dataset, place: int, scaling: Any) -> dict[str, float]:
    columns = [np.asarray(X[:, place], np.float64) for X in (dataset.X_train, dataset.X_test) if len(X)]
    ends = np.array([each for column in columns for each in (column.min(), column.max())])
    low, high = np.sort(scaling.back(np.array([ends.min(), ends.max()]))).tolist()
    return {"low": low, "high": high}


def _components(dataset: Dataset, means: Doubles, vectors: Doubles, shares: Doubles) -> tuple[Direction, ...]:
    if len(vectors) < 2:
        return ()
    lows, highs = np.full(len(vectors), np.inf), np.full(len(vectors), -np.inf)
    for X in (dataset.X_train, dataset.X_test):
        for start in range(0, len(X), _BLOCK):
            seen = (np.asarray(X[start : start + _BLOCK], np.float64) - means) @ vectors.T
            lows, highs = np.minimum(lows, seen.min(axis=0)), np.maximum(highs, seen.max(axis=0))
    return tuple(
        Direction(f"PC {place + 1}", "", 0, len(means), None, (), float(low), float(high), None, float(share))
        for place, (low, high, share) in enumerate(zip(lows, highs, shares, strict=True))
    )


def _middle(dataset: Dataset, means: Doubles) -> Doubles:
    """Return the means, with the most frequent category for categories, and no value missing."""
    middle, start = means.copy(), 0
    for step in dataset.recipe.columns:
        stop = start + len(step.names)
        if isinstance(step, OneHot):
            place = int(means[start : stop - int(step.flag)].argmax())
            middle[start:stop] = 0.0
            middle[start + place] = 1.0
        elif isinstance(step, Ordinal):
            values, counts = np.unique(dataset.X_train[:, start], return_counts=True)
            middle[start] = values[counts.argmax()]
        if step.flag:
            middle[stop - 1] = 0.0
        start = stop
    return middle


def _middle_row(dataset: Dataset) -> pd.DataFrame:
    """Return the mean of every raw column that features come from, or its most frequent text, as one row."""
    table = dataset.table.iloc[dataset.train_rows]
    row: dict[str, Any] = {}
    for name in dataset.recipe.needed:
        values, refused = numbers(table[name], dataset.recipe.decimal)
        if is_numeric(table[name]) or refused is None:
            row[name] = [float(np.nanmean(values))]
        else:
            codes, names = texts(table[name])
            row[name] = [names[int(np.bincount(codes[codes >= 0]).argmax())]]
    return pd.DataFrame(row)


def _best(dataset: Dataset, directions: Sequence[Direction]) -> tuple[str, ...]:
    """Return the two directions that explain most of the target's variance on a straight line, the best first.

    Of the second, only what the first one does not say already counts: its part that is uncorrelated with the first.
    """
    plain = [each for each in directions if not each.categories]
    if len(plain) < 2:
        plain = list(directions)
    if len(plain) < 2:
        return tuple(each.name for each in plain)
    step = max(1, len(dataset.X_train) // 20_000)
    places = np.array([each.start for each in plain])
    columns = np.asarray(dataset.X_train[::step][:, places], np.float64)
    targets = np.asarray(dataset.Y_train[::step], np.float64)
    targets = targets - targets.mean(axis=0)
    columns = columns - columns.mean(axis=0)
    first = int(_explained(columns, targets).argmax())
    line = columns[:, first : first + 1]
    size = float((line**2).sum()) or 1.0
    rest = columns - line * (line.T @ columns) / size
    told = _explained(rest, targets - line * (line.T @ targets) / size)
    told[first] = -1.0
    return plain[first].name, plain[int(told.argmax())].name


def _explained(columns: Doubles, targets: Doubles) -> Doubles:
    """Return the sum over the targets of the squares that each column explains, (columns,)."""
    sizes = (columns**2).sum(axis=0)
    known = sizes > 1e-9 * max(float(sizes.max()), 1e-300)
    found = np.zeros(columns.shape[1])
    found[known] = ((columns[:, known].T @ targets) ** 2).sum(axis=1) / sizes[known]
    return found
