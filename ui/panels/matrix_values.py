"""Matrices with names for every row and column, equations of them, and which of their cells are lit. No Qt."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ui.canvas.act import VALUE
from ui.selection import Pointed

Floats = NDArray[np.floating[Any]]
Writer = Callable[[int, int, int], str]
"""Writes the sum behind the cell (row, column) with at most so many terms: its right side, "1.42·0.81 + … = 0.76"."""

ROWS, UNITS, ONE = "rows", "units", "one"


@dataclasses.dataclass(frozen=True)
class Axis:
    """What the rows or the columns of a matrix stand for; equal for those that belong together.

    Attributes
    ----------
    kind
        ROWS of the batch, UNITS of a layer, or ONE where there is just one row, as of a bias.
    layer
        Of units: which column of the network they are, 0 the inputs.
    labels, short
        What stands at the head of each, with room and without.
    names
        What each is called in a sentence.
    widest, widest_short
        Texts as wide as any that may come: nothing moves when others come.
    """

    kind: str
    layer: int = -1
    labels: tuple[str, ...] = dataclasses.field(default=("",), compare=False)
    short: tuple[str, ...] = dataclasses.field(default=("",), compare=False)
    names: tuple[str, ...] = dataclasses.field(default=("",), compare=False)
    widest: str = dataclasses.field(default="", compare=False)
    widest_short: str = dataclasses.field(default="", compare=False)


@dataclasses.dataclass(frozen=True, eq=False)
class Matrix:
    """A matrix with names for its rows and columns.

    Attributes
    ----------
    name, of
        "δ" and "hidden 1": what it is called, and where it belongs if that is not plain.
    meaning
        One sentence.
    values
        (rows, columns): a view of what was calculated.
    down, across
        What its rows and its columns are.
    write
        Writes the sum behind a cell.
    ramp
        In which colours it is shown.
    """

    name: str
    of: str
    meaning: str
    values: Floats
    down: Axis
    across: Axis
    write: Writer
    ramp: str = VALUE

    @property
    def shape(self) -> str:
        """Its shape, as ``16 × 4``; of a vector only its length."""
        rows, columns = self.values.shape
        return f"{columns:,}" if self.down.kind == ONE else f"{rows:,} × {columns:,}"

    def place_name(self, row: int, column: int) -> str:
        """Return what a cell is called: ``Z[row 153, neuron 3]``."""
        where = (axis.names[place] for axis, place in ((self.down, row), (self.across, column)) if axis.kind != ONE)
        return f"{self.name}[{', '.join(where)}]"

    def sentence(self, row: int, column: int, most: int = 6) -> str:
        """Return where a cell's number comes from: ``Z[row 153, neuron 3] = 1.42·0.81 + … + 0.1 = 0.759``."""
        return f"{self.place_name(row, column)} = {self.write(row, column, most)}"


@dataclasses.dataclass(frozen=True, eq=False)
class Part:
    """A matrix of an equation, what stands before it, and what is put below it: a vector that shares its columns."""

    sign: str
    matrix: Matrix
    below_sign: str = ""
    below: Matrix | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Equation:
    """Matrices from left to right; the same in letters, and in shapes.

    Attributes
    ----------
    raw_rows
        The rows of the raw table, from 0, in the order of the batch.
    """

    parts: tuple[Part, ...]
    letters: str
    shapes: str
    raw_rows: tuple[int, ...]

    @property
    def matrices(self) -> tuple[Matrix, ...]:
        """All of them, in the order in which one reads."""
        return tuple(each for part in self.parts for each in (part.matrix, part.below) if each is not None)


@dataclasses.dataclass(frozen=True)
class Mark:
    """What is lit: a row of the batch by its place, and one unit of some layers."""

    row: int | None = None
    units: tuple[tuple[int, int], ...] = ()

    def on(self, axis: Axis) -> int | None:
        """Return which place of an axis is lit, or None."""
        if axis.kind == ROWS:
            return self.row
        return next((unit for layer, unit in self.units if axis.kind == UNITS and axis.layer == layer), None)

    def cell(self, matrix: Matrix) -> tuple[int | None, int | None]:
        """Return which row and which column of a matrix are lit; both: that one cell."""
        row, column = self.on(matrix.down), self.on(matrix.across)
        if matrix.down.kind == ONE and column is not None:
            row = 0
        rows, columns = matrix.values.shape
        return (
            row if row is not None and row < rows else None,
            column if column is not None and column < columns else None,
        )


def mark_of(pointed: Pointed | None, raw_rows: tuple[int, ...]) -> Mark:
    """Return what is lit when a pointer in any view is on something."""
    if pointed is None:
        return Mark()
    units: list[tuple[int, int]] = []
    if pointed.edge is not None:
        layer, source, target = pointed.edge
        units += [(layer, source), (layer + 1, target)]
    elif pointed.neuron is not None:
        units.append(pointed.neuron)
    row = raw_rows.index(pointed.row) if pointed.row in raw_rows else None
    return Mark(row, tuple(units))


def pointed_of(matrix: Matrix, row: int, column: int, raw_rows: tuple[int, ...]) -> Pointed:
    """Return what a pointer on a cell is on: a row and a neuron, an edge, or a neuron alone."""
    both = ((matrix.down, row), (matrix.across, column))
    raw = next((raw_rows[place] for axis, place in both if axis.kind == ROWS), None)
    units = sorted((axis.layer, place) for axis, place in both if axis.kind == UNITS)
    if len(units) == 2:
        return Pointed(row=raw, edge=(units[0][0], units[0][1], units[1][1]))
    return Pointed(row=raw, neuron=units[0])
