"""A table as it was read: raw columns, and what is known about the file that they came from."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.errors import DatasetError, Offer

UNKNOWN = -1
"""Stands for a line that cannot be told."""


@dataclasses.dataclass(frozen=True)
class Dialect:
    """How a text file spells a table.

    Attributes
    ----------
    encoding
        Python's name of it.
    packing
        What the file is packed with, as "gzip"; empty where it is not.
    delimiter, decimal
        What separates cells, and whole numbers from decimals.
    names
        The columns' names, made up where the file has none.
    header
        Whether the names stood in the file.
    skip
        How many lines stand before the first row of data.
    thousands
        What stands between the thousands of a number; empty where nothing does.
    """

    encoding: str
    packing: str
    delimiter: str
    decimal: str
    names: tuple[str, ...]
    header: bool
    skip: int
    thousands: str = ""


@dataclasses.dataclass(frozen=True, eq=False)
class Table:
    """The raw columns of a file.

    Attributes
    ----------
    frame
        One row a record; a column holds numbers (NaN where one is missing) or texts (NaN likewise).
    path
        The file; None for a table that was made in memory.
    dialect
        How the file spells it; None for a table that was made in memory.
    notes
        What was recognised and repaired while reading, in plain sentences.
    lines
        The line on which each record begins, counted from 1, or `UNKNOWN`; None when record r simply stands on line
        ``dialect.skip + 1 + r``.
    sheets
        The sheets, tables or arrays of a file that holds several, in its order; empty where it can hold only one.
    sheet
        The one that this is.
    """

    frame: pd.DataFrame
    path: Path | None = None
    dialect: Dialect | None = None
    notes: tuple[str, ...] = ()
    lines: NDArray[np.int64] | None = None
    sheets: tuple[str, ...] = ()
    sheet: str | None = None

    def line(self, row: int) -> int | None:
        """Return the line of the file on which a row stands, counted from 1; None where it cannot be told."""
        if self.lines is not None:
            line = int(self.lines[row])
            return None if line == UNKNOWN else line
        return None if self.dialect is None else self.dialect.skip + 1 + int(row)

    def refuse(self, message: str, hint: str, row: int | None = None, offers: Sequence[Offer] = ()) -> DatasetError:
        """Return the error to raise about this table, with its path, the line of a row, and ways out."""
        return DatasetError(message, hint, self.path, None if row is None else self.line(row), offers)
