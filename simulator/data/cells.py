"""What a single cell says: a number, a category, or nothing at all."""

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.errors import DatasetError


class CellError(DatasetError):
    """A cell of new rows is none that a fitted recipe can read.

    Parameters
    ----------
    column
        The column's name.
    row
        Which of the given rows it is, from 0.
    what
        What is the matter with it, as the end of a sentence.
    hint, path, line
        As in `DatasetError`.
    """

    def __init__(
        self, column: object, row: int, what: str, hint: str, path: str | Path | None = None, line: int | None = None
    ) -> None:
        super().__init__(f"row {row + 1} of {column!r} {what}", hint, path, line)
        self._told = column, row, what, hint
        self.row = row

    def later(self, rows: int, path: str | Path | None = None, line: int | None = None) -> "CellError":
        """Return the same error of a table in which so many more rows stand before these."""
        column, row, what, hint = self._told
        return CellError(column, row + rows, what, hint, path, line)


MISSING = frozenset((
    "", "na", "n/a", "n.a.", "#n/a", "#na", "<na>", "nan", "-nan", "+nan", "null", "nil", "nat", "?", "-", "--", "–",
    "—",
))  # fmt: skip
"""How tables spell that a value is missing, in lower case."""

MISSING_AMONG_NUMBERS = MISSING | frozenset((
    "none", ".", "..", "…", "missing", "unknown", "*", "#value!", "#div/0!", "#num!",
))  # fmt: skip
"""The same in a column that otherwise holds numbers; elsewhere these are categories like others."""

THOUSANDS = {",": ",", ".": ".", "'": "'’", " ": " \u00a0\u2009\u202f"}
"""What can stand between the thousands of a number, and the characters that stand for it."""

_POINT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]?inf(inity)?", re.IGNORECASE | re.ASCII)
_COMMA = re.compile(r"[+-]?(\d+,?\d*|,\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
_GROUPED = {
    (mark, decimal): re.compile(rf"[+-]?[1-9]\d{{0,2}}([{signs}])\d{{3}}(\1\d{{3}})*([{decimal}]\d*)?", re.ASCII)
    for mark, signs in THOUSANDS.items()
    for decimal in ".,"
    if mark != decimal
}
_DATE = re.compile(
    r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2}))([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?.{0,8})?"
    r"|\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?"
)


def is_missing(text: str) -> bool:
    """Whether a cell's text says that there is no value."""
    return text.strip().lower() in MISSING


def is_number(text: str, decimal: str) -> bool:
    """Whether a cell's text is a number with the given decimal mark."""
    return (_POINT if decimal == "." else _COMMA).fullmatch(_plain(text)) is not None


def is_grouped(text: str, decimal: str, thousands: str) -> bool:
    """Whether a cell's text is a number of a thousand or more with the given mark between all its thousands."""
    pattern = _GROUPED.get((thousands, decimal))
    return pattern is not None and pattern.fullmatch(_plain(text)) is not None


def is_date(text: str) -> bool:
    """Whether a cell's text is a date or a time of day in digits."""
    return _DATE.fullmatch(text.strip()) is not None


def number(text: str, decimal: str = ".", thousands: str = "") -> float | None:
    """Return the number that a text spells, NaN where it is missing, None where it is no number.

    Without a thousands mark and with a decimal comma a point is understood too, unless both stand in the text.
    """
    text = _plain(text)
    if text.lower() in MISSING_AMONG_NUMBERS:
        return float("nan")
    if thousands and is_grouped(text, decimal, thousands):
        for sign in THOUSANDS[thousands]:
            text = text.replace(sign, "")
        return float(text.replace(",", "."))
    if _POINT.fullmatch(text) and (decimal == "." or not thousands or text.lstrip("+-").isdigit()):
        return float(text)
    if decimal == "," and _COMMA.fullmatch(text):
        return float(text.replace(",", "."))
    return None


def _plain(text: str) -> str:
    """Return a text without blanks around it, and with a hyphen for the minus sign of printed tables."""
    text = text.strip()
    return "-" + text[1:] if text.startswith("\u2212") else text


def spell(value: float) -> str:
    """Return the name of a number that stands for a category: 3 for 3.0, the shortest exact decimals otherwise."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def is_code(text: str) -> bool:
    """Whether the name of a category is one that a number has (see `spell`)."""
    value = number(text)
    return value is not None and math.isfinite(value) and text == spell(value)


def is_numeric(column: "pd.Series[Any]") -> bool:
    """Whether a column is kept as numbers."""
    return column.dtype.kind in "iuf"


def numbers(
    column: "pd.Series[Any]", decimal: str = ".", sure: bool = False, thousands: str = ""
) -> tuple[NDArray[np.float64], int | None]:
    """Return a column's numbers.

    Parameters
    ----------
    column
        Numbers, or texts that spell them.
    decimal
        The decimal mark of the texts.
    sure
        Whether it is known that the column holds numbers; if not, one cell at least must hold one.
    thousands
        What stands between the thousands of the texts' numbers; empty where nothing does.

    Returns
    -------
    values
        float64, NaN where a value is missing.
    refused
        The first row whose text is no number, or None.
    """
    if is_numeric(column):
        return column.to_numpy(dtype=np.float64, na_value=np.nan), None
    codes, texts = pd.factorize(column.astype(object))
    read = [_number_of(value, decimal, thousands) for value in texts]
    if not sure and not any(each is not None and each == each for each in read):
        # "unknown" is a missing value among numbers, but a column of nothing else holds categories.
        read = [
            None if isinstance(text, str) and not is_missing(text) else each
            for text, each in zip(texts, read, strict=True)
        ]
    bad = np.array([each is None for each in read] + [False])
    refused = np.flatnonzero(bad[codes])
    values = np.array([np.nan if each is None else each for each in read] + [np.nan], dtype=np.float64)
    return values[codes], int(refused[0]) if len(refused) else None


def finite_numbers(column: "pd.Series[Any]", decimal: str) -> NDArray[np.float64]:
    """Return a column's numbers as `numbers` does, for rows that come to a fitted recipe.

    Raises
    ------
    CellError
        At the first cell that is no number, or an infinite one.
    """
    values, refused = numbers(column, decimal, sure=True)
    if refused is not None:
        hint = "Correct the cell, or empty it."
        raise CellError(column.name, refused, f"is no number: {column.iloc[refused]!r}", hint)
    if np.isinf(values).any():
        row = int(np.flatnonzero(np.isinf(values))[0])
        raise CellError(column.name, row, "is infinite", "Correct the cell, or empty it.")
    return values


def texts(column: "pd.Series[Any]") -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return a column as categories.

    Returns
    -------
    codes
        int64, (rows,): the place of the row's category, −1 where it is missing.
    names
        The categories in the order of their first appearance.
    """
    codes, values = pd.factorize(column.astype(object) if not is_numeric(column) else column)
    spelt = [_text_of(value) for value in values]
    names = tuple(dict.fromkeys(text for text in spelt if text is not None))
    places = {name: place for place, name in enumerate(names)}
    new = np.array([-1 if text is None else places[text] for text in spelt] + [-1], dtype=np.int64)
    return new[codes], names


def _number_of(value: object, decimal: str, thousands: str) -> float | None:
    if isinstance(value, bool | np.bool_):
        return None  # a category of two
    if isinstance(value, str):
        return number(value, decimal, thousands)
    try:
        return float(value)  # pyright: ignore[reportArgumentType] - whatever a DataFrame holds
    except OverflowError:
        return float("inf")
    except (TypeError, ValueError):
        return None


def _text_of(value: object) -> str | None:
    if isinstance(value, float | np.floating):
        return spell(float(value)) if np.isfinite(value) else ("inf" if value > 0 else "-inf")
    text = str(value).strip()
    return None if is_missing(text) else text
