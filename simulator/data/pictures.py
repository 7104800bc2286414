"""Whether the columns of a table are the pixels of a picture, where nobody has said so."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

LEAST_PIXELS = 49
"""A picture of fewer than 7 × 7 pixels shows nothing."""

BRIGHTEST = 255.0
_LOOKED_AT = 1_000
"""About so many rows are looked at."""

_NUMBERED = re.compile(r"^(.*?)(\d+)$")


def guessed_picture(table: pd.DataFrame, names: Sequence[str]) -> tuple[int, int] | None:
    """Return the height and width of a square picture, or None.

    Columns are pixels where they are called by one word and a number each (p00, p01 …), where there is a square number
    of them, and where all hold whole shades from 0 up to a brightness of at most 255 that at least two of them reach:
    other numbered columns, as those of a file without a header, are measured on scales of their own.
    """
    side = round(len(names) ** 0.5)
    if len(names) < LEAST_PIXELS or side * side != len(names):
        return None
    words = {found[1] for found in map(_NUMBERED.match, names) if found} if all(map(_NUMBERED.match, names)) else set()
    if len(words) != 1 or not set(names) <= set(table.columns):
        return None
    columns = table.iloc[:: max(1, len(table) // _LOOKED_AT)][list(names)]
    if not all(pd.api.types.is_numeric_dtype(kind) for kind in columns.dtypes):
        return None
    shades = columns.to_numpy(np.float64)
    if not len(shades) or not np.isfinite(shades).all() or shades.min() < 0.0 or (shades != np.floor(shades)).any():
        return None
    brightest = shades.max(axis=0)
    end = float(brightest.max())
    return (side, side) if 1.0 <= end <= BRIGHTEST and (brightest == end).sum() > 1 else None
