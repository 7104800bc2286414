"""Rows as the text of a CSV file: the same characters that pandas' `to_csv` writes, in half of its time."""

import csv
import io
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd


def csv_text(frame: pd.DataFrame, *, header: bool) -> str:
    """Return a table as CSV.

    Parameters
    ----------
    frame
        Columns of numbers or texts; what is missing becomes an empty cell. The index is left out.
    header
        Whether the names of the columns stand above them.

    Returns
    -------
    A line a row, ended by a newline each; numbers with every digit that float64 needs to come back the same.
    """
    columns = [_cells(frame.iloc[:, place]) for place in range(frame.shape[1])]
    if len(columns) == 1:  # an empty line would be no row
        columns = [[cell or '""' for cell in columns[0]]]
    lines = map(",".join, zip(*columns, strict=True))
    names = [",".join(_quoted(map(str, frame.columns)))] if header else []
    return "".join(f"{line}\n" for line in [*names, *lines])


def _cells(column: "pd.Series[Any]") -> list[str]:
    if column.dtype.kind in "iu":
        return list(map(str, column.tolist()))
    if column.dtype.kind == "f":
        values = column.to_numpy(np.float64, na_value=np.nan)
        cells = list(map(repr, values.tolist()))
        for place in np.flatnonzero(np.isnan(values)).tolist():
            cells[place] = ""
        return cells
    codes, texts = pd.factorize(column.astype(object))
    known = np.array([*_quoted(map(str, texts)), ""], dtype=object)
    return known[codes].tolist()


def _quoted(texts: Iterable[str]) -> list[str]:
    """Return texts as they stand in a cell, in quotation marks where they need them."""
    held = io.StringIO(newline="")
    write = csv.writer(held, lineterminator="\n").writerow
    cells: list[str] = []
    for text in texts:
        held.seek(0)
        held.truncate()
        write((text, ""))
        cells.append(held.getvalue()[:-2])
    return cells
