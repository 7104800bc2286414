"""What every kind of step can do."""

from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.data.steps.scaling import Scaling

Floats = NDArray[np.float64]


class Step(Protocol):
    """A fitted step; `column` is the name of the raw column."""

    @property
    def column(self) -> str:
        """The raw column's name."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the inputs that it makes."""
        ...

    @property
    def filled(self) -> float | str | None:
        """What stands for a missing cell, in real units; None if its row is to be dropped."""
        ...

    @property
    def flag(self) -> bool:
        """Whether the last input says that the cell is missing (1, else 0)."""
        ...

    def transform(self, column: "pd.Series[Any]", decimal: str) -> Floats:
        """Return inputs, float64 (rows, inputs of the step), NaN where a value is missing and not filled."""
        ...

    def real(self, inputs: Floats) -> Floats:
        """Return inputs in real units, float64, of the same shape (…, inputs of the step)."""
        ...

    def inverse(self, inputs: Floats) -> list[Any]:
        """Return the raw cells that inputs (rows, inputs of the step) stand for; None where one is missing."""
        ...

    def empty(self, column: "pd.Series[Any]", decimal: str) -> NDArray[np.bool_]:
        """Return which cells are missing, (rows,)."""
        ...

    def scaling_at(self, place: int) -> Scaling | None:
        """Return what scales one of its inputs; None for a 1 or 0."""
        ...

    def before(self, column: "pd.Series[Any]", decimal: str, place: int) -> Floats:
        """Return what is scaled to one of its inputs, (rows,), NaN where a cell is missing."""
        ...

    def formula(self, place: int = 0) -> str:
        """Return how one of its inputs comes about, as ``(bill_length_mm − 43.9)/5.46``."""
        ...

    def to_json(self) -> dict[str, Any]:
        """Return the step as JSON values."""
        ...


def with_flag(inputs: Floats, missing: NDArray[np.bool_], flag: bool) -> Floats:
    """Return inputs (rows, inputs), with one more input that says which cells are missing if that is wanted."""
    return np.concatenate([inputs, missing[:, None].astype(np.float64)], axis=1) if flag else inputs


def flag_name(column: str) -> str:
    """Return the name of the input that says whether a cell of the column is missing."""
    return f"{column} is missing"


def flag_formula(column: str) -> str:
    """Return how the input that says whether a cell is missing comes about."""
    return f"1 if {column} is missing, else 0"
