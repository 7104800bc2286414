"""What every raw column looks like, found out once a table. No Qt in here."""

import dataclasses

import pandas as pd

from simulator.data.cells import is_numeric
from simulator.data.choices import ColumnChoice
from simulator.data.kinds import has_pixels, kind_of
from simulator.data.table import Table
from simulator.errors import DatasetError
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
        What it counts as if nobody says anything, one of `simulator.data.choices.KINDS`.
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

    def __init__(self, table: Table, progress: Progress) -> None:
        self._table = table
        self._pixels = has_pixels(map(str, table.frame.columns))
        self._looks: list[Look] = []
        self._portraits: dict[tuple[int, str], Portrait] = {}
        # All columns at once: one by one it takes seconds for ten thousand of them.
        missing = table.frame.isna().sum().tolist()
        kinds = [dtype.kind for dtype in table.frame.dtypes]
        for place, (empty, kind) in enumerate(zip(missing, kinds, strict=True)):
            if place % 50 == 0:
                progress.report(None, "looking at the columns")
            if kind in "iuf" and not self._pixels:
                look = Look("number", int(empty), numeric=True)
            else:
                look = _look(table, place, pixels=self._pixels)
            self._looks.append(look)
            if place < EAGER:
                self.portrait(place, table.frame, look.kind)

    def look(self, place: int, frame: pd.DataFrame) -> Look:
        """Return the look of a column; a derived one stands behind those of the file, and is looked at anew."""
        if place < len(self._looks):
            return self._looks[place]
        return _look(dataclasses.replace(self._table, frame=frame), place, pixels=False)

    def portrait(self, place: int, frame: pd.DataFrame, kind: str) -> Portrait:
        """Return how the values of a column are spread, taken for a kind."""
        if place >= self._table.frame.shape[1]:
            return portrait(frame.iloc[:, place], kind)
        found = self._portraits.get((place, kind))
        if found is None:
            found = self._portraits[place, kind] = portrait(self._table.frame.iloc[:, place], kind)
        return found


def _look(table: Table, place: int, *, pixels: bool) -> Look:
    column = table.frame.iloc[:, place]
    try:
        kind = kind_of(table, ColumnChoice(str(column.name)), pixels=pixels)
    except DatasetError:
        kind = "text"  # numbers with a slip in one of them: refused once the column is used
    return Look(kind, int(column.isna().sum()), is_numeric(column))
