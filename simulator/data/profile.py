"""What a raw column looks like, as far as it decides what the column is good for."""

import dataclasses
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from simulator.data.cells import is_date, is_numeric, number

MOST_CATEGORIES = 100
"""A text with more categories than this is no guessed feature: every one would be an input."""

MOST_CODES = 20
"""Whole numbers with no more values than this can be classes."""

IDENTIFIERS = frozenset(
    (
        "id",
        "ids",
        "idx",
        "index",
        "uid",
        "uuid",
        "guid",
        "rowid",
        "rowname",
        "rownames",
        "row",
        "key",
        "serial",
        "nr",
        "no",
    )
)
"""Words in a column's name that say: this numbers the rows."""

COUNTERS = frozenset(("number", "num", "sample", "record", "case", "observation", "obs"))
"""Words that say so if the values count up."""


@dataclasses.dataclass(frozen=True)
class Profile:
    """A raw column in a few figures.

    Attributes
    ----------
    rows, present
        How many cells there are, and how many hold a value.
    numeric
        Whether it holds numbers.
    distinct
        How many different values a text has; 0 for numbers, where counting is dear and nobody asks.
    dates
        Whether a text holds dates or times.
    counts_up
        Whether (nearly) every value is its forerunner plus one.
    nearly_numbers
        A text that is no number among texts that are (nearly) all numbers; None otherwise.
    """

    name: str
    place: int
    rows: int
    present: int
    numeric: bool
    constant: bool
    distinct: int = 0
    dates: bool = False
    counts_up: bool = False
    nearly_numbers: str | None = None

    def unfit(self, named: bool = True) -> str | None:
        """Return why the column is no good feature, in half a sentence; None if it is one.

        Parameters
        ----------
        named
            Whether the column's name stood in the file.
        """
        if not self.present:
            return "it has no values"
        if self.constant:
            return "all its values are the same"
        words = _words(self.name) if named else frozenset[str]()
        identifies = bool(words & IDENTIFIERS)
        if self.counts_up and (
            identifies or words & COUNTERS or self.place == 0 or self.name == f"column_{self.place + 1}"
        ):
            return "it numbers the rows"
        if self.present < 0.5 * self.rows:
            return f"{self.rows - self.present:,} of its {self.rows:,} values are missing"
        if self.dates:
            return "it holds dates"
        if self.nearly_numbers is not None:
            return f"it holds numbers but also {self.nearly_numbers!r}"
        if not self.numeric and self.distinct > max(3, 0.5 * self.present):
            return f"it is a text of its own in almost every row ({self.distinct:,} different ones)"
        if not self.numeric and self.distinct > MOST_CATEGORIES:
            return f"it has {self.distinct:,} categories"
        if identifies and (self.numeric or self.distinct > 0.2 * self.present):
            return "its name says that it identifies the rows"
        return None


def profile(column: "pd.Series[Any]", place: int) -> Profile:
    """Look at a raw column.

    Parameters
    ----------
    column
        Numbers or texts, as a `Table` has them.
    place
        Which column it is, from 0.
    """
    name, rows = str(column.name), len(column)
    if is_numeric(column):
        values = column.to_numpy()
        held = values[~np.isnan(values)] if values.dtype.kind == "f" else values
        if not len(held):
            return Profile(name, place, rows, 0, numeric=True, constant=False)
        constant = bool(held.min() == held.max())
        return Profile(name, place, rows, len(held), True, constant, counts_up=_counts_up(held[:100_000]))
    codes, texts = pd.factorize(column)
    present = int((codes >= 0).sum())
    if not present:
        return Profile(name, place, rows, 0, numeric=False, constant=False)
    some = [str(text) for text in texts[:200]]
    return Profile(
        name,
        place,
        rows,
        present,
        numeric=False,
        constant=len(texts) == 1,
        distinct=len(texts),
        dates=sum(is_date(text) for text in some) > 0.9 * len(some),
        nearly_numbers=odd_one_out([str(text) for text in texts]),
    )


def integers_in(column: "pd.Series[Any]") -> int | None:
    """Return how many different whole numbers a column of numbers holds; None if there are others than whole ones."""
    values = column.dropna().to_numpy()
    if values.dtype.kind == "f":
        with np.errstate(invalid="ignore"):
            if not (np.isfinite(values).all() and (values == np.trunc(values)).all()):
                return None
    return len(pd.unique(values))


def _counts_up(values: "np.ndarray[tuple[int], np.dtype[np.generic]]") -> bool:
    if len(values) < 3 or values[0] not in (0, 1):
        return False
    steps = np.diff(values.astype(np.float64))
    return bool((steps == 1).sum() >= 0.95 * len(steps)) if len(steps) > 20 else bool((steps == 1).all())


def odd_one_out(texts: Sequence[str]) -> str | None:
    """Return the first text that is no number if there are many texts and at least nine of ten are numbers; or None."""
    if len(texts) <= MOST_CODES:
        return None
    odd = [text for text in texts if number(text) is None and number(text, ",") is None]
    return odd[0] if odd and len(odd) <= 0.1 * len(texts) else None


def _words(name: str) -> frozenset[str]:
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return frozenset(re.split(r"[\W_]+", apart.lower()))
