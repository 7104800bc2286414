"""Dates and times as tables spell them: in which order day, month and year stand, and what they are."""

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.data.cells import texts

ORDERS = ("ymd", "dmy", "mdy")

_DATE = re.compile(
    r"(?:(?P<a>\d{1,4})(?P<mark>[-/.])(?P<b>\d{1,2})[-/.](?P<c>\d{1,4}))?(?:^|[T ]+|$)"
    r"(?:(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?)?.{0,8}"
)
_TWO_DIGITS = 69
"""Years of two digits from here on lie in the last century (POSIX)."""

Times = NDArray[np.datetime64]


def order_of(spelt: Iterable[str]) -> str | None:
    """Return in which order dates are written, or None where some are no dates at all or no order fits all of them.

    Where day and month could be either, a point says that the day stands first, another mark that the month does.
    """
    found = set(ORDERS)
    marks: set[str] = set()
    any_date = False
    for text in spelt:
        match = _DATE.fullmatch(text.strip())
        if match is None or (match["a"] is None and match["hour"] is None):
            return None
        any_date = True
        if match["a"] is not None:
            marks.add(match["mark"])
            found &= {order for order in ORDERS if _date(match, order) is not None}
    if not any_date or not found:
        return None
    if "ymd" in found:
        return "ymd"
    preferred = "dmy" if marks == {"."} else "mdy"
    return preferred if preferred in found else min(found)


def read_dates(column: "pd.Series[Any]", order: str) -> tuple[Times, int | None]:
    """Return a column's moments, datetime64[s] (rows,), NaT where one is missing, and the first row that is no date.

    A time of day without a date is one of 1970-01-01; a time zone is not looked at.
    """
    codes, names = texts(column)
    read = [_moment(text, order) for text in names]
    moments = np.array([each or "NaT" for each in read] + ["NaT"], dtype="datetime64[s]")
    bad = np.array([each is None for each in read] + [False])[codes]
    refused = np.flatnonzero(bad)
    return moments[codes], int(refused[0]) if len(refused) else None


def _moment(text: str, order: str) -> str | None:
    match = _DATE.fullmatch(text.strip())
    if match is None or (match["a"] is None and match["hour"] is None):
        return None
    date = "1970-01-01" if match["a"] is None else _date(match, order)
    if date is None or match["hour"] is None:
        return date
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    return f"{date}T{hour:02}:{minute:02}:{second:02}" if hour < 24 and minute < 60 and second < 60 else None


def _date(match: "re.Match[str]", order: str) -> str | None:
    parts = dict(zip(order, (match["a"], match["b"], match["c"]), strict=True))
    year, month, day = parts["y"], int(parts["m"]), int(parts["d"])
    if len(year) not in (2, 4) or len(parts["d"]) > 2 or len(parts["m"]) > 2:
        return None
    full = int(year) if len(year) == 4 else int(year) + (1900 if int(year) >= _TWO_DIGITS else 2000)
    text = f"{full:04}-{month:02}-{day:02}"
    try:
        np.datetime64(text, "D")
    except ValueError:
        return None
    return text
