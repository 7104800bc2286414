"""The address of a number that can be explained, and what its explanation is made of."""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator.data import Dataset

if TYPE_CHECKING:
    from simulator.explain.explanation import Explanation


@dataclasses.dataclass(frozen=True)
class Number:
    """Which number is meant: small, frozen, and equal when it is the same one.

    Attributes
    ----------
    kind
        A key of `simulator.explain.KINDS`: "z", "a", "output", "delta", "parameter" …
    layer
        The linear layer, counted from 0; −1 where it does not matter, as for the next two.
    unit
        The neuron of that layer; the input or the output where there is no layer.
    row
        The place of the row in the batch, from 0.
    source
        The input of a weight; None for a bias.
    name
        What only a name tells: a column, a setting, a result of the optimizer.
    """

    kind: str
    layer: int = -1
    unit: int = -1
    row: int = -1
    source: int | None = None
    name: str = ""


@dataclasses.dataclass(frozen=True)
class Scene:
    """What numbers are looked up in.

    Attributes
    ----------
    explanation
        The four traces of a moment.
    dataset
        Where the batch's rows come from; None where nothing but the traces is known.
    given
        What a row that is in no table is called, where it is the only one.
    """

    explanation: "Explanation"
    dataset: Dataset | None = None
    given: str = "the given row"


@dataclasses.dataclass(frozen=True)
class Figure:
    """A number in a formula that leads nowhere, as the count of rows in a mean."""

    value: float


@dataclasses.dataclass(frozen=True, eq=False)
class Terms:
    """A sum that may be long.

    Attributes
    ----------
    values
        What every term adds, (terms,).
    make
        The tokens of a term, by its place.
    """

    values: NDArray[np.float64]
    make: "Callable[[int], tuple[str | Number | Figure, ...]]"


Token = str | Number | Figure | Terms
"""What a formula is made of: plain text, numbers that lead on, numbers that do not, and sums."""


@dataclasses.dataclass(frozen=True, eq=False)
class Account:
    """Where a number comes from.

    Attributes
    ----------
    rule
        The formula in symbols, "" where there is none.
    tokens
        Its right side with numbers in the place of symbols; none where nothing is calculated.
    where
        What a name in it stands for, as "t = log(…)".
    remark
        Half a sentence that says what no formula does.
    also
        Numbers that it comes from and that stand in no token.
    """

    rule: str = ""
    tokens: tuple[Token, ...] = ()
    where: tuple[Token, ...] = ()
    remark: str = ""
    also: tuple[Number, ...] = ()


@dataclasses.dataclass(frozen=True)
class Kind:
    """A row of the table of kinds of numbers.

    Attributes
    ----------
    needs
        What an address of this kind must say: "row", "name" and keys of `simulator.explain.addresses.NEEDS`.
    symbol
        The field's letter for it; "{name}" where the address has it.
    label
        What it is called and where it is: its braces are keys of `simulator.explain.addresses.NAMES`.
    meaning
        One plain sentence.
    value
        The number itself; a text for a category of the file.
    account
        Where it comes from.
    """

    needs: tuple[str, ...]
    symbol: str
    label: str
    meaning: str
    value: Callable[[Scene, Number], float | str]
    account: Callable[[Scene, Number], Account]
