"""The first rows of a table as a model: raw cells, or the inputs and outputs that they become."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QWidget

from simulator.data import Dataset
from ui.dialogs.dataset.portraits import short
from ui.dialogs.dataset.reading import Cells, Reading
from ui.dialogs.tints import blend, theme_of
from ui.dialogs.wording import count

_Index = QModelIndex | QPersistentModelIndex


class PreviewModel(QAbstractTableModel):
    """The first rows of a `Reading`: raw cells, or the inputs and outputs that they become.

    Attributes
    ----------
    prepared
        Whether inputs and outputs are shown.
    """

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self._view = view
        self._reading: Reading | None = None
        self._reasons: dict[str, str] = {}
        self._dropped: dict[int, str] = {}
        self._cells: dict[int, Cells] = {}
        self._numbers: NDArray[np.float64] | None = None
        self._names: tuple[str, ...] = ()
        self.prepared = False

    def show(self, reading: Reading | None, *, prepared: bool = False) -> None:
        """Show another reading, or nothing."""
        self.beginResetModel()
        dataset = reading.dataset if reading is not None else None
        self._reading, self.prepared = reading, prepared and dataset is not None
        self._reasons = dict(dataset.report.ignored) if dataset else {}
        self._dropped = {each.row: each.reason for each in dataset.report.dropped} if dataset else {}
        self._cells, self._numbers, self._names = {}, None, ()
        if dataset is not None and reading is not None and self.prepared:
            self._numbers = _prepared(dataset, reading.shown)
            outputs = dataset.class_names or (dataset.recipe.target,)
            self._names = (*dataset.feature_names, *outputs)
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: N802, B008
        return 0 if parent.isValid() or self._reading is None else self._reading.shown

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: N802, B008
        if parent.isValid() or self._reading is None:
            return 0
        return len(self._names) if self.prepared else len(self._reading.columns)

    def head(self, section: int) -> tuple[str, str, str] | None:
        """Return the name of a column, what stands below it, and its role."""
        if self._reading is None or not 0 <= section < self.columnCount():
            return None
        if self.prepared:
            dataset = self._reading.dataset
            is_input = dataset is not None and section < dataset.recipe.inputs
            return self._names[section], "input" if is_input else "output", "feature" if is_input else "target"
        column = self._reading.columns[section]
        role = self._reading.role(column.name)
        return column.name, f"{column.kind} · {role}", role

    def side(self, section: int) -> Qt.AlignmentFlag:
        """Return to which side a column is set: numbers to the right."""
        numeric = self.prepared or (self._reading is not None and self._reading.columns[section].numeric)
        return Qt.AlignmentFlag.AlignRight if numeric else Qt.AlignmentFlag.AlignLeft

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or self._reading is None:
            return None
        row, section = index.row(), index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(self.side(section) | Qt.AlignmentFlag.AlignVCenter)
        if role in (Qt.ItemDataRole.ForegroundRole, Qt.ItemDataRole.BackgroundRole):
            return self._colour(row, section, role)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, section)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._cell_tip(row, section)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return "missing" if is_missing(self._value(row, section)) else self._text(row, section)
        return None

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return str(section + 1) if role == Qt.ItemDataRole.DisplayRole else None
        found = self.head(section)
        if found is None:
            return None
        name, below, what_for = found
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{name}\n{below}"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{name}, {below.replace(' ·', ',')}"
        if role == Qt.ItemDataRole.ToolTipRole:
            lines = [name, below.replace(" ·", ",")]
            if not self.prepared and self._reading is not None:
                lines.append(f"{count(self._reading.columns[section].missing, 'missing value')}")
            if what_for == "ignored" and name in self._reasons:
                lines.append(f"ignored: {self._reasons[name]}")
            return "\n".join(lines)
        return None

    def _value(self, row: int, section: int) -> Any:
        if self._numbers is not None:
            return float(self._numbers[row, section])
        if section not in self._cells and self._reading is not None:
            self._cells[section] = self._reading.head(section)
        return self._cells[section][row]

    def _text(self, row: int, section: int) -> str:
        value = self._value(row, section)
        return short(value) if self._numbers is not None else cell_text(value)

    def _cell_tip(self, row: int, section: int) -> str:
        value = self._value(row, section)
        said = ["not used" if self.prepared else "missing"] if is_missing(value) else [cell_text(value)]
        if row in self._dropped:
            said.append(f"this row is not used: {self._dropped[row]}")
        return "\n".join(said)

    def _colour(self, row: int, section: int, role: int) -> Any:
        found, theme = self.head(section), theme_of(self._view)
        what_for = found[2] if found else "ignored"
        if role == Qt.ItemDataRole.BackgroundRole:
            return blend(theme.surface, theme.accent, 0.10) if what_for == "target" else None
        faint = what_for == "ignored" or row in self._dropped or is_missing(self._value(row, section))
        return theme.color("quiet") if faint else None


def _prepared(dataset: Dataset, rows: int) -> NDArray[np.float64]:
    """Return inputs and outputs of the first rows of the table, (rows, inputs + outputs), NaN for unused rows."""
    recipe = dataset.recipe
    found = np.full((rows, recipe.inputs + recipe.outputs), np.nan)
    for used, X, Y in (
        (dataset.train_rows, dataset.X_train, dataset.Y_train),
        (dataset.test_rows, dataset.X_test, dataset.Y_test),
    ):
        first = np.flatnonzero(used < rows)
        found[used[first], : recipe.inputs] = X[first]
        found[used[first], recipe.inputs :] = Y[first]
    return found


def is_missing(value: Any) -> bool:
    """Whether a cell is empty."""
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)


def cell_text(value: Any) -> str:
    """Return a cell as it is shown: a dash for an empty one, and no more than 300 letters."""
    if is_missing(value):
        return "–"
    if isinstance(value, float | np.floating):
        return f"{value:.12g}"
    text = str(value)
    return text if len(text) <= 300 else text[:299] + "…"
