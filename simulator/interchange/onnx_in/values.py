"""What the walk through an ONNX graph knows about the result of a node."""

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.interchange.onnx_in.expressions import Expression, Line

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, eq=False)
class Start:
    """The inputs of the network, or some of them.

    Attributes
    ----------
    names, width
        The graph's inputs that they are, and how many numbers; None while nothing says it.
    whole
        Where these are some of them, or in another order: all that they were taken from, and the place of each there.
    sides
        Of an input of the graph: its shape as far as it is known, 0 for what is not.
    """

    names: tuple[str, ...]
    width: int | None
    place: int = 0
    whole: "tuple[Start, NDArray[np.intp]] | None" = None
    sides: tuple[int, ...] = ()

    @property
    def along_rows(self) -> int | None:
        """How many they are if a row of data is a row."""
        fixed = len(self.sides) == 2 and self.sides[1] > 0
        return self.sides[1] if self.width is None and fixed else self.width


@dataclasses.dataclass(frozen=True, eq=False)
class Sums:
    """The weighted sums of a layer.

    Attributes
    ----------
    source
        What the weights are applied to.
    weight, bias
        (fan_in, fan_out) and (fan_out,), as the file has them.
    place
        How many layers stand before, and this one.
    node
        The node that makes them, which tells layers apart: numbers may have been multiplied or added to.
    """

    source: "Start | Activated"
    weight: NDArray[Any]
    bias: NDArray[Any]
    place: int
    node: Any

    @property
    def width(self) -> int:
        return self.weight.shape[1]


@dataclasses.dataclass(frozen=True, eq=False)
class Activated:
    """The output of a layer, after its activation; `sums` have been scaled and shifted as the activation wants it."""

    sums: Sums
    activation: str
    dropout: float

    @property
    def width(self) -> int:
        return self.sums.width

    @property
    def place(self) -> int:
        return self.sums.place


@dataclasses.dataclass(frozen=True, eq=False)
class Stream:
    """Numbers on their way through the graph: an expression of what a layer, or the input, gives out.

    Attributes
    ----------
    base
        What the expression is of.
    expression
        Element by element.
    columns
        Whether rows stand in columns; None as long as nothing says it.
    dropout
        What a node for dropout among it says.
    """

    base: Start | Sums
    expression: Expression
    columns: bool | None = False
    dropout: float = 0.0


@dataclasses.dataclass(frozen=True, eq=False)
class End:
    """The outputs of the network."""

    sums: Sums
    link: str


@dataclasses.dataclass(frozen=True, eq=False)
class Told:
    """What follows from the outputs of the network, and adds nothing to them: the largest one, its name, a mapping."""

    of: "Stream | End"
    classes: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, eq=False)
class Sizes:
    """The number of rows or columns of the input, for a reshaping."""


Value = Stream | End | Told | Sizes | NDArray[Any]
"""Arrays are constants."""


def plain() -> Line:
    """Return z itself."""
    return Line(np.ones(1), np.zeros(1))
