"""What every raw column looks like, found out once a table. No Qt in here."""

import dataclasses

import pandas as pd

from simulator.data.cells import is_numeric
from simulator.data.profile import MOST_CATEGORIES, profile
from simulator.progress import Progress
from ui.dialogs.dataset.portraits import Portrait, portrait

EAGER = 2_000
"""Of as many columns the spread is found out while the table is read; of the others when they come into sight."""


@dataclasses.dataclass(frozen=True)
class Look:
    """A raw column in a few figures.

    Attributes
    ----------
    kind
        ``"number"``, ``"category"``, ``"date"`` or ``"text"``.
    missing
        How many cells are empty.
    numeric
        Whether the cells are kept as numbers.
    """

    kind: str
    missing: int
    numeric: bool


class Looks:
    """The looks of the columns of a table, and of those that are derived from them later."""

    def __init__(self, frame: pd.DataFrame, progress: Progress) -> None:
        self._looks: list[Look] = []
        self._raw = frame.shape[1]
        self._portraits: dict[tuple[int, bool], Portrait] = {}
        for place in range(self._raw):
            if place % 50 == 0:
                progress.report(None, "looking at the columns")
            look = _look(frame, place)
            self._looks.append(look)
            if place < EAGER:
                self.portrait(place, frame, categories=not look.numeric)

    def look(self, place: int, frame: pd.DataFrame) -> Look:
        """Return the look of a column; a derived one stands behind those of the file, and is looked at anew."""
        return self._looks[place] if place < self._raw else _look(frame, place)

    def portrait(self, place: int, frame: pd.DataFrame, *, categories: bool) -> Portrait:
        """Return how the values of a column are spread."""
        if place >= self._raw:
            return portrait(frame.iloc[:, place], categories=categories)
        found = self._portraits.get((place, categories))
        if found is None:
            found = self._portraits[place, categories] = portrait(frame.iloc[:, place], categories=categories)
        return found


def _look(frame: pd.DataFrame, place: int) -> Look:
    column = frame.iloc[:, place]
    numeric = is_numeric(column)
    kind = "number"
    if not numeric:
        seen = profile(column, place)
        is_text = seen.distinct > MOST_CATEGORIES or seen.distinct > max(3, 0.5 * seen.present)
        kind = "date" if seen.dates else "text" if is_text else "category"
    return Look(kind, int(column.isna().sum()), numeric)
