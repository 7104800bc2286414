"""What the canvas shows of one phase at one instant, as frozen values. No Qt."""

import dataclasses
import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

VALUE, GRADIENT = "value", "gradient"
"""The two ramps of colours: of weights, activations and their changes; and of what flows back."""


@dataclasses.dataclass(frozen=True)
class Scale:
    """What colours stand for: a name for the legend, the size at which they reach their ends, and which ramp."""

    name: str
    clamp: float
    ramp: str = VALUE


WEIGHT, ACTIVATION = Scale("Weight", 2.0), Scale("Activation", 1.0)


@dataclasses.dataclass(frozen=True, eq=False)
class Flow:
    """Signals that run along the edges between two columns.

    Attributes
    ----------
    layer
        From column `layer` to column `layer + 1`: the linear layer, from 0.
    values
        What every edge carries, (fan_in, fan_out): x·w forward, δ·w backward.
    share
        How far they have come, 0 … 1, in the direction in which they run.
    unit
        Only the edges of this neuron run: the one of column `layer + 1`. None: all of them.
    backward
        Whether they run from the right to the left, in the colours of gradients.
    """

    layer: int
    values: Floats
    share: float
    unit: int | None = None
    backward: bool = False


@dataclasses.dataclass(frozen=True)
class Term:
    """A summand: where it comes from, ``w × a`` as text, and its value."""

    name: str
    product: str
    value: float


@dataclasses.dataclass(frozen=True)
class Filling:
    """A neuron's sum that fills term by term.

    Attributes
    ----------
    layer, unit
        The neuron, by its column (0 holds the inputs).
    terms
        All terms in the order in which they are added; the bias is the last.
    share
        How much has been added, 0 … 1: the whole terms up to share·len(terms), and a part of the next one.
    function, result
        ``a = tanh(z)`` and the number that comes out, shown when all terms are in; None for the function alone. No
        function for an output, whose sum is told before its link.

    Of several neurons that fill at once the canvas draws a gauge each, and the card of the one that is lit.
    """

    layer: int
    unit: int
    terms: tuple[Term, ...]
    share: float
    function: str
    result: float | None


@dataclasses.dataclass(frozen=True)
class LossTable:
    """What stands beside the outputs when the answer is compared with the truth.

    Attributes
    ----------
    heads
        Of the columns after the first: ``("ŷ", "y", "|ŷ − y|", "loss term")``.
    rows
        A name and a figure a column, for every output.
    total
        The sentence below: ``L = −log 0.62 = 0.478``.
    share
        0 … 1: how many of the columns are there already.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[float, ...]], ...]
    total: str
    share: float


@dataclasses.dataclass(frozen=True, eq=False)
class Act:
    """What is different from the picture at rest.

    Attributes
    ----------
    revealed
        How many neurons of each column show their number, from the top; the others are still empty. None: all do.
        A part of one comes in softly: 2.5 shows two and half of the third.
    outcome
        Whether the outputs' bars and percentages are there.
    flow, fillings, loss
        What moves.
    edge_values, edge_scale
        What the edges show, in the shapes of the weights; no values: the weights.
    node_values, node_scale
        What the neurons show, one array a column; None for a column that shows nothing. No values: the activations.
    edges_from
        Of the edges of how many linear layers, from the last one back, the values are shown; the others show their
        weights, faded. None: all.
    lit
        The (column, unit) that the phase is about, ringed; or None.
    """

    revealed: tuple[float, ...] | None = None
    outcome: bool = True
    flow: Flow | None = None
    fillings: tuple[Filling, ...] = ()
    loss: LossTable | None = None
    edge_values: tuple[Floats, ...] = ()
    edge_scale: Scale = WEIGHT
    node_values: tuple[Floats | None, ...] = ()
    node_scale: Scale = ACTIVATION
    edges_from: int | None = None
    lit: tuple[int, int] | None = None

    def fits(self, sizes: tuple[int, ...]) -> bool:
        """Return whether everything the act speaks of is in a network of these sizes: one may have been replaced."""
        shapes = list(itertools.pairwise(sizes))
        neurons = [(filling.layer, filling.unit) for filling in self.fillings] + ([self.lit] if self.lit else [])
        if self.flow is not None:
            if not 0 <= self.flow.layer < len(shapes) or self.flow.values.shape != shapes[self.flow.layer]:
                return False
            neurons.append((self.flow.layer + 1, self.flow.unit or 0))
        columns = [None if values is None else values.shape for values in self.node_values]
        return (
            all(0 <= layer < len(sizes) and 0 <= unit < sizes[layer] for layer, unit in neurons)
            and (self.revealed is None or len(self.revealed) == len(sizes))
            and (not self.edge_values or [values.shape for values in self.edge_values] == shapes)
            and (not columns or len(columns) == len(sizes))
            and all(shape is None or shape == (size,) for shape, size in zip(columns, sizes, strict=False))
        )
