"""The rows of the table for Qt: only what is looked at is computed."""

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from ui.panels.table_answers import Answers, Rows, answers, fits
from ui.panels.table_cells import MISSING, Cells, answer_tip, exact
from ui.panels.table_columns import CORRECT, IGNORED, LOSS, OF_NETWORK, PREDICTION, RAW, SCORE, SPLIT, Column
from ui.panels.table_marks import Marks
from ui.panels.table_search import SPLITS
from ui.panels.table_what_if import Change
from ui.theme import Theme

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset
    from simulator.snapshot import Snapshot

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
_TOGETHER = 64
"""So many rows are sent through the network at a time."""

_USUAL = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
_EDITABLE = _USUAL | Qt.ItemFlag.ItemIsEditable


@dataclasses.dataclass(frozen=True)
class Cell:
    """How a cell is drawn.

    Attributes
    ----------
    text
        What stands in it.
    ink
        The field of the theme whose colour it has.
    right
        Whether it stands on the right.
    share
        0 to 1, to be drawn as a bar; None: no bar.
    is_changed, is_missing
        Whether somebody changed it, and whether the file has no value there.
    """

    text: str
    ink: str = "text"
    right: bool = True
    share: float | None = None
    is_changed: bool = False
    is_missing: bool = False


class RowsModel(QAbstractTableModel):
    """The rows that are shown, `rows`: their numbers in the table, in their order; `columns` as they are shown."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.columns: tuple[Column, ...] = ()
        self.rows: Rows = np.zeros(0, np.int64)
        self.pointed: int | None = None
        self.change: Change | None = None
        self.cells: Cells | None = None
        self.marks: Marks | None = None
        self._places: Rows = np.zeros(0, np.int64)
        self._snapshot: Snapshot | None = None
        self._whole: Answers | None = None
        self._blocks: dict[int, Answers] = {}

    # -- what is shown ------------------------------------------------------------------------------------------

    def show_dataset(self, dataset: "Dataset", where: Rows, columns: tuple[Column, ...]) -> None:
        """Show another table, all its rows."""
        self.beginResetModel()
        self.cells, self.columns, self.change = Cells(dataset, where), columns, None
        self.marks = Marks(dataset, where)
        self._snapshot = self._whole = None
        self._take(np.arange(len(where)))
        self.endResetModel()

    def show_columns(self, columns: tuple[Column, ...]) -> None:
        """Show other columns of the same table."""
        self.beginResetModel()
        self.columns = columns
        self.endResetModel()

    def rename_columns(self, columns: tuple[Column, ...]) -> None:
        """Show the same columns with other words in their heads, as when another loss is chosen."""
        self.columns = columns
        if columns:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(columns) - 1)

    def show_rows(self, rows: Rows) -> None:
        """Show other rows of the same table, or the same in another order."""
        if np.array_equal(rows, self.rows):
            return
        self.beginResetModel()
        self._take(rows)
        self.endResetModel()

    def _take(self, rows: Rows) -> None:
        self.rows = rows
        self._blocks.clear()
        self._places = np.full(0 if self.cells is None else len(self.cells.where), -1)
        self._places[rows] = np.arange(len(rows))

    def place_of(self, row: int) -> int:
        """Return where a row of the table is shown, from 0; −1 where it is not."""
        return int(self._places[row]) if 0 <= row < len(self._places) else -1

    def show_snapshot(self, snapshot: "Snapshot", whole: Answers | None = None) -> None:
        """Show what another moment's network says; `whole` if it was asked about every row already."""
        self._snapshot, self._whole = snapshot, whole
        self._blocks.clear()

    @property
    def snapshot(self) -> "Snapshot | None":
        """The moment whose numbers are shown."""
        return self._snapshot

    def show_change(self, change: Change | None) -> None:
        """Show a row as somebody changed it, or no such row."""
        rows = {each.row for each in (self.change, change) if each is not None}
        self.change = change
        for row in rows:
            self._say(row)

    def point_at(self, row: int | None) -> None:
        """Light the row that a pointer is on in any view."""
        before, self.pointed = self.pointed, row
        for each in {before, row} - {None}:
            self._say(each)

    def _say(self, row: int | None) -> None:
        place = -1 if row is None else self.place_of(row)
        if place >= 0 and self.columns:
            self.dataChanged.emit(self.index(place, 0), self.index(place, len(self.columns) - 1))

    # -- cells --------------------------------------------------------------------------------------------------

    def cell(self, place: int, section: int) -> Cell:
        """Return how a cell is drawn."""
        row, column = int(self.rows[place]), self.columns[section]
        cells, marks = self.cells, self.marks
        assert cells is not None
        assert marks is not None
        changed = self.change if self.change is not None and self.change.row == row else None
        if column.kind == SPLIT:
            where = int(np.sign(cells.where[row]))
            text = "what if" if changed else SPLITS[where] + (", copy" if marks.copy_of(row) is not None else "")
            return Cell(text, "link" if changed else "quiet", right=False, is_changed=changed is not None)
        if column.kind in OF_NETWORK:
            return self._answer_cell(place, row, column, changed)
        if changed is not None and column.key in changed.texts:
            return Cell(changed.texts[column.key], "text", column.numeric, is_changed=True)
        text = cells.text(row, column)
        if not text:
            return Cell(MISSING, "quiet", column.numeric, is_missing=True)
        told = marks.told(row) if column.is_target and column.kind == RAW else None
        if told is not None:
            return Cell(f"{text} → {told}", "warning", column.numeric)
        return Cell(text, "quiet" if not cells.where[row] or column.note == IGNORED else "text", column.numeric)

    def _answer_cell(self, place: int, row: int, column: Column, changed: Change | None) -> Cell:
        cells = self.cells
        assert cells is not None
        found, at = (changed.answers, 0) if changed is not None else self.answer(place)
        if found is None or (changed is not None and column.kind not in (PREDICTION, SCORE)):
            return Cell("", "quiet", column.numeric)
        text = cells.answer_text(found, at, column)
        if column.kind == SCORE:
            share = float(found.score[at]) if column.name == SCORE and text else None
            return Cell(text, "text", True, share, changed is not None)
        wrong = changed is None and found.right[at] == 0.0
        if column.kind == CORRECT:
            return Cell(text, "bad" if wrong else "good", right=False)
        ink = "bad" if wrong and column.kind in (PREDICTION, LOSS) else "text"
        return Cell(text, ink, column.numeric, is_changed=changed is not None)

    def answer(self, place: int) -> tuple[Answers | None, int]:
        """Return what the network says about a shown row, and its place in that; None where it cannot be asked."""
        cells, snapshot = self.cells, self._snapshot
        if self._whole is not None:
            return self._whole, int(self.rows[place])
        if cells is None or snapshot is None or not fits(cells.dataset, snapshot):
            return None, 0
        block, at = divmod(place, _TOGETHER)
        if block not in self._blocks:
            rows = self.rows[block * _TOGETHER : (block + 1) * _TOGETHER]
            self._blocks[block] = answers(cells.dataset, snapshot, cells.where[rows])
        return self._blocks[block], at

    def is_mistaken(self, place: int) -> bool:
        """Whether the network takes a shown row for another class than it is told."""
        found, at = self.answer(place)
        return found is not None and bool(found.right[at] == 0.0)

    # -- Qt's questions -----------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's name and default
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's name and default
        return 0 if parent.isValid() else len(self.columns)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        column = self.columns[index.column()]
        return _EDITABLE if column.kind == RAW and column.feature >= 0 else _USUAL

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:  # noqa: N802
        if orientation == Qt.Orientation.Vertical:
            if not 0 <= section < len(self.rows) or self.marks is None:
                return None
            row = int(self.rows[section])
            if role == Role.DisplayRole:
                return f"{row + 1:,}"
            return self.marks.row_tip(row) if role == Role.ToolTipRole else None
        if not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        words = {Role.DisplayRole: column.name, Role.ToolTipRole: column.tip, Role.AccessibleTextRole: column.name}
        return words.get(Role(role))

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        if not index.isValid() or self.cells is None:
            return None
        if role == Role.BackgroundRole:
            return self.theme.color("hairline") if int(self.rows[index.row()]) == self.pointed else None
        if role == Role.ToolTipRole:
            return self._tip(index.row(), index.column())
        cell = None
        if role in (Role.DisplayRole, Role.ForegroundRole, Role.TextAlignmentRole, Role.AccessibleTextRole):
            cell = self.cell(index.row(), index.column())
        if cell is None:
            return None
        if role == Role.ForegroundRole:
            return self.theme.color(cell.ink)
        if role == Role.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if cell.right else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        if role == Role.AccessibleTextRole and cell.text in ("✓", "✗"):
            return "right" if cell.text == "✓" else "wrong"
        return cell.text

    def _tip(self, place: int, section: int) -> str:
        row, column = int(self.rows[place]), self.columns[section]
        cells, marks = self.cells, self.marks
        assert cells is not None
        assert marks is not None
        changed = self.change if self.change is not None and self.change.row == row else None
        if column.kind == SPLIT:
            return changed.said if changed is not None else marks.split_tip(row)
        if column.kind in OF_NETWORK:
            found, at = (changed.answers, 0) if changed is not None else self.answer(place)
            if not cells.where[row] and changed is None:
                return marks.split_tip(row)
            said = "" if found is None else answer_tip(found, at, column)
            return f"{column.tip}\n{said}" if said else column.tip
        if changed is not None and column.key in changed.texts:
            return f"{column.name}: {changed.texts[column.key]}, changed. {changed.said}"
        text = cells.text(row, column)
        if column.kind == RAW and column.is_target and marks.told(row) is not None:
            return marks.told_tip(row)
        if not text:
            return f"{column.name}: no value" + ("" if cells.where[row] else f"\n{marks.split_tip(row)}")
        if column.numeric:
            value = cells.raw(row, column.place) if column.kind == RAW else cells.input(row, column.place)
            text = exact(float(value))
        return f"{column.name}: {text}" + (f"\n{column.note}" if column.kind != RAW else "")
