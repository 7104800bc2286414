"""From the raw table to the complete one: copies of rows for a lesson below it, derived columns at its right."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.data.cells import is_numeric, numbers
from simulator.data.choices import Derived
from simulator.data.formula import parse
from simulator.errors import ConfigError
from simulator.nn import random

Rows = NDArray[np.int64]


def copies_count(count: int, share: float) -> int:
    """Return how many of `count` rows are copied."""
    return round(share * count)


def copies_of(count: int, share: float, seed: int) -> Rows:
    """Return which of `count` rows are copied, rising."""
    if not share:
        return np.zeros(0, np.int64)
    return np.sort(random.permutation(seed, random.COPIES, 0, count)[: copies_count(count, share)])


def with_copies(frame: pd.DataFrame, copies: Rows) -> pd.DataFrame:
    """Return a table with copies of some of its rows below it."""
    return pd.concat([frame, frame.iloc[copies]], ignore_index=True) if len(copies) else frame


def with_derived(frame: pd.DataFrame, derived: Sequence[Derived], decimal: str = ".") -> pd.DataFrame:
    """Return a table with derived columns at its right; where a formula has no finite value the cell is missing.

    Raises
    ------
    ConfigError
        When a formula makes no sense, or uses a column that is not there or holds texts.
    """
    if not derived:
        return frame
    known: dict[str, Any] = {str(name): frame.iloc[:, place] for place, name in enumerate(frame.columns)}
    made: dict[str, NDArray[np.float64]] = {}
    for each in derived:
        formula = parse(each.formula)
        used = {name: _counted(known[name], decimal) for name in formula.names if name in known}
        try:
            values = formula.evaluate(known | used)
        except ConfigError as error:
            raise ConfigError(f"the column {each.name!r}: {error.message}", error.hint) from error
        if len(values) != len(frame):
            values = np.broadcast_to(values, (len(frame),))
        finite = np.where(np.isfinite(values), values, np.nan).astype(np.float64)
        known[each.name] = made[each.name] = finite
    rest = [place for place, name in enumerate(frame.columns) if str(name) not in made]
    kept = frame.iloc[:, rest] if len(rest) < frame.shape[1] else frame
    return pd.concat([kept, pd.DataFrame(made, index=frame.index)], axis=1)  # all at once: one by one takes long


def check_derived(names: Sequence[str], derived: Sequence[Derived]) -> None:
    """Refuse derived columns that are called like raw ones.

    Raises
    ------
    ConfigError
        Naming the column.
    """
    for each in derived:
        if each.name in names:
            raise ConfigError(f"there is a column called {each.name!r} already", "Give the derived one another name.")


def _counted(column: Any, decimal: str) -> Any:
    """Return a column of texts that all spell numbers as numbers: new rows may come like that."""
    if not isinstance(column, pd.Series) or is_numeric(column):
        return column
    values, refused = numbers(column, decimal)
    return values if refused is None else column
