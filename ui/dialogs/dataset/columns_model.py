"""The columns of a table as rows: name, kind, role, what is missing, the spread, an example."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QWidget

from ui.dialogs.dataset.answers import Answers
from ui.dialogs.dataset.portraits import Portrait
from ui.dialogs.dataset.preview_model import cell_text, is_missing
from ui.dialogs.dataset.reading import Column, Reading
from ui.dialogs.tints import theme_of

Index = QModelIndex | QPersistentModelIndex

NAME, KIND, ROLE, MISSING, SPREAD, EXAMPLE = range(6)
HEADS = ("Column", "Kind", "Role", "Missing", "Spread", "Example")
TIPS = (
    "A ticked column is a feature: the network sees it. The space bar ticks, too.",
    "What the cells hold: numbers, categories, dates, texts, or the points of a picture. Click to say otherwise.",
    "Feature: the network sees it. Target: the network learns to predict it. Click to say otherwise.",
    "How many cells of the column are empty.",
    "How the values are spread; the line below shows by its last part how many are missing.",
    "The first value of the column.",
)
PORTRAIT = Qt.ItemDataRole.UserRole
DECIDED = Qt.ItemDataRole.UserRole + 1
COLUMN_ROLE = Qt.ItemDataRole.UserRole + 2


class ColumnsModel(QAbstractTableModel):
    """The columns of a reading; a tick says that one is a feature.

    Attributes
    ----------
    ticked
        Emitted when the user changed ticks, with the features in the order of the table.
    """

    ticked = Signal(tuple)

    def __init__(self, view: QWidget, answers: Answers) -> None:
        super().__init__(view)
        self._view, self._answers = view, answers
        self._reading: Reading | None = None
        self._reasons: dict[str, str] = {}
        self.columns: tuple[Column, ...] = ()
        self.features: set[str] = set()

    @property
    def target(self) -> str | None:
        """The target, as far as it is known."""
        return None if self._reading is None else self._reading.choices.target

    def show(self, reading: Reading | None) -> None:
        """Show the columns of a reading."""
        new = reading.columns if reading is not None else ()
        same = [each.name for each in new] == [each.name for each in self.columns]
        if not same:
            self.beginResetModel()
        self.columns, self._reading = new, reading
        report = reading.dataset.report if reading is not None and reading.dataset is not None else None
        self._reasons = dict(report.ignored) if report else {}
        self.features = set(map(str, reading.features or ())) if reading is not None else set()
        if not same:
            self.endResetModel()
        elif new:
            self.dataChanged.emit(self.index(0, 0), self.index(len(new) - 1, len(HEADS) - 1))

    def role(self, column: Column) -> str:
        """Return what a column is for, as it is ticked now."""
        if column.name == self.target:
            return "target"
        return "feature" if column.name in self.features else "ignored"

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        return 0 if parent.isValid() else len(self.columns)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        return 0 if parent.isValid() else len(HEADS)

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.column() == NAME and self.columns[index.row()].name != self.target:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        column, section = self.columns[index.row()], index.column()
        what_for = self.role(column)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(index.row(), column, section)
        if role == Qt.ItemDataRole.CheckStateRole and section == NAME and what_for != "target":
            return Qt.CheckState.Checked if what_for == "feature" else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.TextAlignmentRole and section == MISSING:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ForegroundRole:
            loud = section == NAME and what_for != "ignored"
            return None if loud else theme_of(self._view).color("quiet")
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(index.row(), column, section, what_for)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(index.row(), column, section)
        if role == PORTRAIT:
            return self.portrait(index.row())
        if role == COLUMN_ROLE:
            return what_for
        if role == DECIDED:
            return self._is_decided(column, section)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        if role != Qt.ItemDataRole.CheckStateRole or not self.flags(index) & Qt.ItemFlag.ItemIsUserCheckable:
            return False
        self.tick([index.row()], Qt.CheckState(value) == Qt.CheckState.Checked)
        return True

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADS[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return TIPS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            right = Qt.AlignmentFlag.AlignRight if section == MISSING else Qt.AlignmentFlag.AlignLeft
            return int(right | Qt.AlignmentFlag.AlignVCenter)
        return None

    def tick(self, rows: list[int], on: bool) -> None:
        """Tick some columns as features, or take their ticks off; the target stays what it is."""
        names = {self.columns[row].name for row in rows} - {self.target}
        self.features = self.features | names if on else self.features - names
        if self.columns:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.columns) - 1, len(HEADS) - 1))
        self.ticked.emit(tuple(each.name for each in self.columns if each.name in self.features))

    def portrait(self, row: int) -> Portrait | None:
        """Return how the values of a column are spread."""
        reading = self._reading
        if reading is None or reading.looks is None or row >= reading.frame.shape[1]:
            return None
        column = self.columns[row]
        shown = reading.looks.portrait(row, reading.frame, column.kind)
        if reading.dataset is not None and column.name == reading.choices.target and reading.dataset.class_names:
            return shown.in_order(reading.dataset.class_names)  # so that a class has the colour that it has elsewhere
        return shown

    def _text(self, row: int, column: Column, section: int) -> str:
        if section == MISSING:
            return f"{column.missing:,}" if column.missing else "–"
        if section == EXAMPLE:
            return self._example(row)
        return (column.name, column.kind, self.role(column), "", "")[section]

    def _example(self, row: int) -> str:
        cells = self._reading.head(row) if self._reading is not None else ()
        return next((cell_text(cell) for cell in cells if not is_missing(cell)), "–")

    def _is_decided(self, column: Column, section: int) -> bool:
        """Whether the user overruled what stands in a cell."""
        if section == KIND:
            in_list = column.name in (self._answers.get("categories") or ())
            return in_list or self._answers.get("kind", column.name) is not None
        if section == ROLE:
            if self._answers.get("target") == column.name:
                return True
            return column.name != self.target and self._answers.role_is_decided(
                column.name, column.name in self.features
            )
        return section == NAME and bool(set(self._answers.columns.get(column.name, ())) - {"kind"})

    def _tip(self, row: int, column: Column, section: int, what_for: str) -> str:
        if section == NAME:
            lines = [column.name + (f" = {column.formula}" if column.formula else "")]
            if what_for == "ignored" and column.name in self._reasons:
                lines.append(f"Ignored: {self._reasons[column.name]}.")
            own = self._answers.columns.get(column.name, {})
            if own:
                lines.append("You decided for this column alone: " + ", ".join(own).replace("_", " ") + ".")
            lines.append(
                "This is the target; its role says how to choose another." if what_for == "target" else TIPS[0]
            )
            return "\n".join(lines)
        if section == SPREAD:
            shown = self.portrait(row)
            return f"{column.name}: {shown.sentence}" if shown is not None else TIPS[section]
        if section == MISSING and self._reading is not None and self._reading.rows:
            return f"{column.missing:,} of {self._reading.rows:,} cells are empty."
        if section == EXAMPLE:
            return self._example(row)
        guessed = "\nYou decided this; the menu takes it back." if self._is_decided(column, section) else ""
        return TIPS[section] + guessed

    def _spoken(self, row: int, column: Column, section: int) -> str:
        if section == SPREAD:
            shown = self.portrait(row)
            return shown.sentence if shown is not None else ""
        if section == MISSING:
            return f"{column.missing} missing"
        return self._text(row, column, section)
