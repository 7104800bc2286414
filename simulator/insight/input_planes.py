"""Planes through the space of inputs: two features, or two principal components, and all else held where it is.

A plane turns two coordinates in real units into what goes into the network, and rows back into coordinates. Almost
always the inputs of a place are a sum of what its column and what its row add (`Grid`), so that the first layer of a
network needs one product a column and one a row instead of one a place.
"""

import dataclasses
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.data.recipe import Recipe
from simulator.data.steps.scaling import Scaling

Doubles = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclasses.dataclass(frozen=True)
class Direction:
    """What an axis shows.

    Attributes
    ----------
    name
        The input's name, the raw column of categories, or ``"PC 1"``.
    column
        The raw column; empty for a principal component.
    start, stop
        The inputs that move along it; all of them for a component.
    scaling
        What turns real units into the input; None for a one-hot category and for a component.
    categories
        Their names in the order of the inputs: coordinates are their numbers from 0; none for a number.
    low, high
        The smallest and the largest coordinate of the rows.
    flag
        The input that says that the column is missing, or None: who moves along the axis has a value.
    share
        The share of the inputs' variance along a component; NaN for a feature.
    """

    name: str
    column: str
    start: int
    stop: int
    scaling: Scaling | None
    categories: tuple[str, ...]
    low: float
    high: float
    flag: int | None = None
    share: float = math.nan

    @property
    def is_component(self) -> bool:
        """Whether it is a principal component."""
        return not self.column

    @property
    def places(self) -> Places:
        """The inputs that it sets."""
        moved = np.arange(self.start, self.stop)
        return moved if self.flag is None else np.append(moved, self.flag)

    def inputs(self, coordinates: Doubles) -> Doubles:
        """Return what `places` are at coordinates (n,): (n, places). Not for components."""
        if self.categories:
            codes = np.clip(np.rint(coordinates), 0, len(self.categories) - 1)
            if self.scaling is None:
                found = np.eye(len(self.categories))[codes.astype(np.int64)]
            else:
                found = self.scaling.forward(codes)[:, None]
        else:
            assert self.scaling is not None
            found = self.scaling.forward(coordinates)[:, None]
        return found if self.flag is None else np.append(found, np.zeros((len(found), 1)), axis=1)

    def coordinates(self, X: Doubles) -> Doubles:
        """Return where rows (rows, inputs) stand, (rows,): real units, or the number of the category."""
        part = X[:, self.start : self.stop]
        if self.categories and self.scaling is None:
            known = part.max(axis=1) > 0
            return np.where(known, part.argmax(axis=1).astype(np.float64), np.nan)
        assert self.scaling is not None
        return np.asarray(self.scaling.back(part[:, 0]), np.float64)


@dataclasses.dataclass(frozen=True, eq=False)
class Grid:
    """The inputs at every crossing of columns and rows of a grid.

    Attributes
    ----------
    rows, columns
        How many.
    base
        (inputs,) what is the same everywhere, 0 where an axis sets the input.
    across, down
        (places, what each column adds there (columns, places)), and the same of rows.
    bound
        (places, (rows · columns, places)): what depends on both, as a derived column does.
    """

    rows: int
    columns: int
    base: Doubles
    across: tuple[Places, Doubles]
    down: tuple[Places, Doubles]
    bound: tuple[Places, Doubles]

    def inputs(self) -> Doubles:
        """Return all inputs, (rows · columns, inputs), row by row."""
        X = np.broadcast_to(self.base, (self.rows, self.columns, len(self.base))).copy()
        X[:, :, self.across[0]] += self.across[1][None, :, :]
        X[:, :, self.down[0]] += self.down[1][:, None, :]
        X = X.reshape(self.rows * self.columns, -1)
        X[:, self.bound[0]] += self.bound[1]
        return X


@dataclasses.dataclass(frozen=True, eq=False)
class Plane:
    """Two axes, or one, and where all else is held.

    Attributes
    ----------
    recipe
        How raw values become inputs.
    axes
        One or two directions.
    base
        (inputs,) a point of the plane: where the features that are no axis are held.
    vectors
        (2, inputs) the orthonormal directions of principal components; None for features.
    raw
        One raw row that derived columns are worked out from (see `followers`), as a table; None if there are none.
    followers
        The steps of the recipe whose columns are derived from an axis: they are what the formula says.
    """

    recipe: Recipe
    axes: tuple[Direction, ...]
    base: Doubles
    vectors: Doubles | None = None
    raw: Any = None
    followers: tuple[int, ...] = ()

    def grid(self, x: Doubles, y: Doubles | None = None) -> Grid:
        """Return the inputs at the crossings of columns at x (columns,) and rows at y (rows,).

        Without y, or where the plane has one axis, the grid has one row.
        """
        whole = np.arange(len(self.base))
        none: tuple[Places, Doubles] = np.zeros(0, np.int64), np.zeros((0, 0))
        lines = [x] if y is None or len(self.axes) < 2 else [x, y]
        count = len(lines[1]) if len(lines) > 1 else 1
        if self.vectors is not None:
            added = [(whole, line[:, None] * vector) for line, vector in zip(lines, self.vectors, strict=False)]
            base = self.base
        else:
            added = [(axis.places, axis.inputs(line)) for axis, line in zip(self.axes, lines, strict=False)]
            base = self.base.copy()
            for places, _ in added:
                base[places] = 0.0
        down = added[1] if len(added) > 1 else (none[0], np.zeros((count, 0)))
        bound = none[0], np.zeros((count * len(x), 0))
        if self.followers:
            across = np.tile(x, count)
            bound = self._followed(across, None if len(lines) < 2 else np.repeat(lines[1], len(x)))
            base[bound[0]] = 0.0
        return Grid(count, len(x), base, added[0], down, bound)

    def inputs(self, x: Doubles, y: Doubles | None = None) -> Doubles:
        """Return the inputs at places (x, y), each (n,): (n, inputs)."""
        X = np.tile(self.base, (len(x), 1))
        lines = [x] if y is None or len(self.axes) < 2 else [x, y]
        if self.vectors is not None:
            return X + sum(line[:, None] * vector for line, vector in zip(lines, self.vectors, strict=False))
        for axis, line in zip(self.axes, lines, strict=False):
            X[:, axis.places] = axis.inputs(line)
        if self.followers:
            places, values = self._followed(x, y)
            X[:, places] = values
        return X

    def _followed(self, x: Doubles, y: Doubles | None) -> tuple[Places, Doubles]:
        """Return the inputs of derived columns at places (n,), and which they are."""
        import pandas as pd

        lines = [x] if y is None else [x, y]
        moved: dict[str, Any] = {}
        for axis, line in zip(self.axes, lines, strict=False):
            if not axis.categories:
                moved[axis.column] = line
            else:
                codes = np.clip(np.rint(line), 0, len(axis.categories) - 1).astype(np.int64)
                moved[axis.column] = np.array(axis.categories, dtype=object)[codes]
        table = pd.DataFrame({name: np.repeat(self.raw[name].to_numpy(), len(x)) for name in self.raw.columns})
        complete = self.recipe.completed(table.assign(**moved))
        places: list[Places] = []
        values: list[Doubles] = []
        start = 0
        for place, step in enumerate(self.recipe.columns):
            stop = start + len(step.names)
            if place in self.followers:
                places.append(np.arange(start, stop))
                values.append(step.transform(complete[step.column], self.recipe.decimal))
            start = stop
        return np.concatenate(places), np.concatenate(values, axis=1)

    def coordinates(self, X: Doubles) -> Doubles:
        """Return where prepared rows (rows, inputs) stand seen from the plane, (rows, axes)."""
        if self.vectors is not None:
            return (X - self.base) @ self.vectors[: len(self.axes)].T
        return np.stack([axis.coordinates(X) for axis in self.axes], axis=1)

    def distances(self, X: Doubles, spread: Doubles) -> Doubles:
        """Return how far prepared rows (rows, inputs) lie from the plane, (rows,).

        Parameters
        ----------
        spread
            (inputs,) what counts as one step in every input, its standard deviation over the training rows.

        Returns
        -------
        The root of the mean square over the inputs that the plane holds, in these steps; along components, of all.
        """
        away = (X - self.base) / spread
        if self.vectors is not None:
            seen = (X - self.base) @ self.vectors.T
            away = (X - self.base - seen @ self.vectors) / spread
            return np.sqrt((away**2).mean(axis=1))
        held = np.ones(len(self.base), dtype=bool)
        for axis in self.axes:
            held[axis.places] = False
        start = 0
        for place, step in enumerate(self.recipe.columns):
            held[start : start + len(step.names)] &= place not in self.followers
            start += len(step.names)
        return np.sqrt((away[:, held] ** 2).mean(axis=1)) if held.any() else np.zeros(len(X))
