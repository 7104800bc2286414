"""A column at a glance: how its values are spread, what is missing. No Qt in here."""

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.data.cells import is_numeric, numbers, texts
from simulator.data.dates import order_of, read_dates

BINS = 20
MOST_BARS = 20
SAMPLE = 20_000
"""As many rows, evenly chosen, are looked at for the shape of a long column."""


@dataclasses.dataclass(frozen=True)
class Portrait:
    """How the values of a column are spread.

    Attributes
    ----------
    counts
        How many rows stand in every bar: bins of equal width for numbers, categories by their number else.
    labels
        The categories; none for numbers.
    low, high
        The bounds of the bins.
    missing
        The share of empty cells, 0 to 1.
    others
        How many more categories there are than bars.
    bounds
        How low and high are spelt, if not as numbers.
    """

    counts: tuple[int, ...]
    labels: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 0.0
    missing: float = 0.0
    others: int = 0
    bounds: tuple[str, str] = ("", "")

    @property
    def spelt_bounds(self) -> tuple[str, str]:
        """The bounds of the bins as they are shown."""
        return self.bounds if self.bounds[1] else (short(self.low), short(self.high))

    def in_order(self, names: tuple[str, ...]) -> "Portrait":
        """Return it with the categories in another order, if they are the same."""
        if set(names) != set(self.labels):
            return self
        counts = dict(zip(self.labels, self.counts, strict=True))
        return dataclasses.replace(self, counts=tuple(counts[name] for name in names), labels=names)

    @property
    def sentence(self) -> str:
        """The spread in words, for tooltips and assistive technology."""
        if not self.counts:
            said = "no values"
        elif self.labels:
            shown = ", ".join(f"{name} {count:,}" for name, count in zip(self.labels[:6], self.counts, strict=False))
            left = self.others + max(0, len(self.labels) - 6)
            said = shown + (f" and {left:,} more" if left else "")
        else:
            low, high = self.spelt_bounds
            said = f"from {low} to {high}"
        return said + (f"; {100 * self.missing:.3g} % missing" if self.missing else "")


def portrait(column: "pd.Series[Any]", kind: str, like: Portrait | None = None) -> Portrait:
    """Look at a raw column.

    Parameters
    ----------
    column
        Numbers or texts.
    kind
        What it holds, one of `simulator.data.choices.KINDS`: dates are spread over time, texts over their lengths.
    like
        A portrait whose bins or categories are to be used, so that both can be compared.
    """
    if len(column) > SAMPLE:
        column = column.iloc[np.linspace(0, len(column) - 1, SAMPLE).astype(np.int64)]
    if is_numeric(column) and kind != "category":
        return of_numbers(column.to_numpy(dtype=np.float64, na_value=np.nan), like)
    codes, names = texts(column)
    if kind == "date" and (order := order_of(names)):
        return _of_dates(column, order, like)
    if kind == "text":
        lengths = np.array([*(len(name) for name in names), np.nan])
        found = of_numbers(lengths[codes], like)
        return dataclasses.replace(found, bounds=(short(found.low), f"{short(found.high)} letters"))
    if kind == "number" and (spelt := numbers(column))[1] is None:
        return of_numbers(spelt[0], like)
    return _of_categories(codes, names, like)


def _of_dates(column: "pd.Series[Any]", order: str, like: Portrait | None) -> Portrait:
    moments, _ = read_dates(column, order)
    seconds = np.where(np.isnat(moments), np.nan, moments.astype("datetime64[s]").astype(np.float64))
    found = of_numbers(seconds, like)
    # Over years the days do not matter, and both ends fit below a small picture.
    unit = "M" if found.high - found.low > 400 * 86_400 else "D"
    low, high = (str(np.datetime64(int(each), "s").astype(f"datetime64[{unit}]")) for each in (found.low, found.high))
    return dataclasses.replace(found, bounds=(low, high))


def _of_categories(codes: NDArray[np.int64], names: tuple[str, ...], like: Portrait | None) -> Portrait:
    counts = np.bincount(codes[codes >= 0], minlength=len(names))
    missing = float((codes < 0).mean()) if len(codes) else 0.0
    if like is not None and like.labels:
        found = dict(zip(names, counts.tolist(), strict=True))
        return dataclasses.replace(like, counts=tuple(found.get(each, 0) for each in like.labels), missing=missing)
    order = np.argsort(-counts, kind="stable")[:MOST_BARS]
    labels = tuple(names[int(place)] for place in order)
    return Portrait(tuple(counts[order].tolist()), labels, missing=missing, others=len(names) - len(labels))


def of_numbers(values: NDArray[Any], like: Portrait | None = None) -> Portrait:
    """Look at numbers, NaN where one is missing; infinite ones count as missing."""
    held = values[np.isfinite(values)]
    if not len(held):
        return Portrait((), missing=1.0 if len(values) else 0.0)
    low, high = (float(held.min()), float(held.max())) if like is None else (like.low, like.high)
    missing = 1 - len(held) / len(values)
    if low == high:
        return Portrait((len(held),), low=low, high=high, missing=missing)
    # Halves first: the width itself may not be a number.
    places = (held / 2 - low / 2) / (high / 2 - low / 2) * BINS
    counts = np.bincount(np.clip(places, 0, BINS - 1).astype(np.int64), minlength=BINS)
    return Portrait(tuple(counts.tolist()), low=low, high=high, missing=missing)


def short(value: float, digits: int = 4) -> str:
    """Return a number with few digits and a proper minus sign, as "−0.8832" or "12,000"."""
    if value != value:
        return "–"
    if value == int(value) and abs(value) < 1e7:
        text = f"{int(value):,}"
    else:
        text = f"{value:,.{digits}g}" if 1e-4 <= abs(value) < 1e7 else f"{value:.{digits - 1}g}"
        if "e" in text and 1e-4 <= abs(value) < 1e7:
            text = f"{value:,.0f}"
    return text.replace("-", "−")
