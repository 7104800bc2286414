"""What somebody wants to see of the rows: a preset, a search, a sort, or what another view asks for."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from PySide6.QtCore import QObject, Signal

from simulator.errors import ConfigError
from ui.panels.table_arranging import Wanted
from ui.panels.table_bar import TableBar
from ui.panels.table_columns import ERROR, LOSS, SCORE
from ui.panels.table_finder import Finder
from ui.panels.table_heads import ColumnHead
from ui.panels.table_line import Chip
from ui.panels.table_model import RowsModel
from ui.panels.table_search import search_of

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset

_LARGEST_FIRST = (LOSS, ERROR, SCORE)


class Wishes(QObject):
    """Tells the finder what is wanted, and the choosers what they are to show.

    Signals
    -------
    refused
        Why what is searched for makes no sense, in a sentence; empty when it does.
    """

    refused = Signal(str)

    def __init__(self, finder: Finder, bar: TableBar, chip: Chip, head: ColumnHead, model: RowsModel) -> None:
        super().__init__(bar)
        self._finder, self._bar, self._chip, self._head, self._model = finder, bar, chip, head, model
        self._dataset: Dataset | None = None
        bar.preset_chosen.connect(lambda preset: self._want(preset=preset, rows=None, title=""))
        bar.searched.connect(self._search)
        head.sectionClicked.connect(self._sort)
        chip.clicked.connect(lambda _checked=False: self.show_all())
        finder.failed.connect(lambda failure: self._refuse(failure.message, failure.hint))

    def take(self, dataset: "Dataset") -> Wanted:
        """Begin with all rows of a data set as they stand in the file, and return that wish."""
        self._dataset = dataset
        self._bar.take(dataset)
        self._bar.clear()
        self._show(Wanted())
        return Wanted()

    def renew(self, dataset: "Dataset") -> Wanted:
        """Return what is wanted of other data with the same columns: the same, as far as there is such a thing."""
        before, same = self._finder.wanted, self._dataset is not None and len(self._dataset.table) == len(dataset.table)
        self._dataset = dataset
        self._bar.take(dataset)
        try:
            search = search_of(self._bar.search.text(), dataset)
        except ConfigError:
            search = before.search
        rows, title = (before.rows, before.title) if same else (None, "")
        key = None if before.sort is None else before.sort.key
        sort = next((column for column in self._model.columns if column.key == key), None)
        wanted = Wanted(self._bar.presets.currentData(), search, rows, title, sort, before.descending)
        self._show(wanted)
        return wanted

    def show_rows(self, rows: ArrayLike, title: str) -> None:
        """Show some rows of the table, counted from 0, under a name."""
        self._bar.clear()
        self._want(preset="all", search=None, rows=np.unique(np.asarray(rows, dtype=np.int64)), title=title)

    def show_all(self) -> None:
        """Show every row."""
        self._bar.clear()
        self._want(preset="all", search=None, rows=None, title="")

    def _want(self, **changes: Any) -> None:
        before = self._finder.wanted
        fields = {name: getattr(before, name) for name in ("preset", "search", "rows", "title", "sort", "descending")}
        wanted = Wanted(**(fields | changes))
        self._show(wanted)
        self._finder.want(wanted)

    def _show(self, wanted: Wanted) -> None:
        self._chip.show_title(wanted.title)
        self._head.show_sort(None if wanted.sort is None else wanted.sort.key, descending=wanted.descending)

    def _search(self, text: str) -> None:
        if self._dataset is None:
            return
        try:
            search = search_of(text, self._dataset)
        except ConfigError as error:
            self._refuse(error.message, error.hint)
            return
        self._bar.refuse("")
        self.refused.emit("")
        self._want(search=search)

    def _refuse(self, message: str, hint: str) -> None:
        """Say why a condition makes no sense; the rows that were shown stay."""
        # What is typed stands above: the line has room for what is wrong about it.
        message = message.removeprefix(f"the formula {self._bar.search.text().strip()!r} is ")
        self._bar.refuse(message)
        self.refused.emit(f"{message[:1].upper()}{message[1:]}. {hint}")

    def _sort(self, section: int) -> None:
        """Sort by a column one way, then the other way, then as in the file; the worst come first."""
        column, wanted = self._model.columns[section], self._finder.wanted
        falling_first = column.kind in _LARGEST_FIRST
        if wanted.sort is None or wanted.sort.key != column.key:
            self._want(sort=column, descending=falling_first)
        elif wanted.descending == falling_first:
            self._want(sort=column, descending=not falling_first)
        else:
            self._want(sort=None, descending=False)
