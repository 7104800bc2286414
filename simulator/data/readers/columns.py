"""What a raw column may hold, wherever it comes from: numbers (int64, float64) or texts, NaN where one is missing."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.data.cells import numbers, texts

MOST_COLUMNS = 20_000

EXACT = 2**53
"""Whole numbers up to here are exact in float64."""

DIGITS = 15
"""As many digits are exact in float64."""

Column = NDArray[Any] | pd.Series

_LAST_POINT = 0x10FFFF
_SURROGATES = 0xD800 >> 11


def plain(column: "pd.Series[Any]") -> Column:
    """Return a column of objects as a file of text would give it: numbers (also those that are spelt), or texts."""
    values, refused = numbers(column)
    if refused is None:
        return whole(values) if all(type(value) is int for value in pd.unique(column)) else values
    return stripped(column)


def stripped(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return a column of texts without blanks around them, NaN where one says that a value is missing."""
    codes, names = texts(column)
    return pd.Series(np.array([*names, np.nan], dtype=object)[codes], dtype="str")


def plain_texts(values: NDArray[Any]) -> "pd.Series[Any]":
    """Return an array of texts as a column, as they are."""
    return pd.Series(values.astype(object), dtype="str")


def whole(values: NDArray[Any]) -> NDArray[Any]:
    """Return float64 as int64 where all are whole numbers and none is missing, as a file of text would give them."""
    if len(values) and (np.abs(values) < EXACT).all() and (values == np.rint(values)).all():
        return values.astype(np.int64)
    return values


def typed(values: NDArray[Any]) -> Column | None:
    """Return an array of one dimension as a column; None where its type is of another world (complex, objects)."""
    kind = values.dtype.kind
    if kind in "iu" and values.dtype != np.uint64:
        return values.astype(np.int64)
    if kind in "uf":
        fits = kind == "u" and not (values > np.iinfo(np.int64).max).any()
        return values.astype(np.int64 if fits else np.float64)
    if kind == "M":
        return pd.Series(moments(values), dtype="str")
    if kind == "m":
        return np.where(np.isnat(values), np.nan, values / np.timedelta64(1, "s"))
    if kind == "S":
        values = np.char.decode(values, "utf-8", "replace")
    if kind == "U":
        points = np.frombuffer(values.astype(values.dtype.newbyteorder("=")).tobytes(), dtype=np.uint32)
        if (points > _LAST_POINT).any() or (points >> 11 == _SURROGATES).any():
            return None  # four bytes that are no character
    if kind in "bSU":
        return plain(pd.Series(values.astype("U").astype(object), dtype=object))
    return None


def moments(values: NDArray[Any]) -> NDArray[Any]:
    """Return moments (datetime64) as ISO texts, NaN where one is missing; without a time where all are midnights."""
    missing = np.isnat(values)
    held = values[~missing]
    spelt = np.full(len(values), np.nan, dtype=object)
    try:
        days = held.astype("datetime64[D]")
        if (days == held).all():
            spelt[~missing] = np.datetime_as_string(days)
        else:
            seconds = held.astype("datetime64[s]")
            spelt[~missing] = np.datetime_as_string(seconds if (seconds == held).all() else held)
    except (ValueError, OverflowError):  # a year that no calendar has
        spelt[~missing] = held.astype(object).astype(str)
    return spelt


def clean(text: str) -> str:
    """Return a text without halves of characters (surrogates), which no file and no screen takes."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def made_up(count: int) -> list[str]:
    """Return the names of columns that have none: column_1, column_2 and so on."""
    return [f"column_{place + 1}" for place in range(count)]


def rounded(name: str) -> str:
    """Return the note about a column with numbers that float64 cannot hold to the last digit."""
    return f"Column {name!r} holds numbers with more than {DIGITS} digits; they are rounded."
