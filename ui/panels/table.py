"""The raw table: every row of the file, where it went, and what the network says about it."""

from typing import Any

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QVBoxLayout

from simulator.engines.passes import forward
from ui.panels.panel import Context, Panel
from ui.selection import Pointed, inputs_of, places
from ui.theme import Theme

Index = QModelIndex | QPersistentModelIndex
_EXTRA = ("Split", "Prediction")
_SECONDS = 0.25
_SPLITS = {1: "train", -1: "test", 0: "not used"}


class RowsModel(QAbstractTableModel):
    """The raw table with two columns before it; predictions are computed for the rows that are looked at."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._dataset: Any = None
        self._snapshot: Any = None
        self._places = np.zeros(0, np.int64)
        self._said: dict[int, tuple[str, bool | None]] = {}
        self.pointed: int | None = None

    def point_at(self, row: int | None) -> None:
        """Light the row that a pointer is on in any view."""
        before, self.pointed = self.pointed, row
        for each in (before, row):
            if each is not None and each < self.rowCount():
                last = self.columnCount() - 1
                self.dataChanged.emit(self.index(each, 0), self.index(each, last), [Qt.ItemDataRole.BackgroundRole])

    def show_dataset(self, dataset: Any, snapshot: Any = None) -> None:
        """Show another table, and what the network of a moment says about it."""
        self.beginResetModel()
        self._dataset, self._snapshot = dataset, snapshot
        self._places = places(dataset)
        self._said.clear()
        self.endResetModel()

    def show_snapshot(self, snapshot: Any, first: int, last: int) -> None:
        """Predict with another moment; only the rows in sight are drawn again."""
        self._snapshot = snapshot
        self._said.clear()
        if self._dataset is not None and last >= first:
            self.dataChanged.emit(self.index(first, 1), self.index(last, 1), [Qt.ItemDataRole.DisplayRole])

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's name and default
        return 0 if parent.isValid() else len(self._places)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's name and default
        return 0 if parent.isValid() or self._dataset is None else len(_EXTRA) + self._dataset.table.shape[1]

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:  # noqa: N802 - Qt's name
        if role != Qt.ItemDataRole.DisplayRole or self._dataset is None:
            return None
        if orientation == Qt.Orientation.Vertical:
            return section + 1
        return _EXTRA[section] if section < len(_EXTRA) else str(self._dataset.table.columns[section - len(_EXTRA)])

    def data(self, index: Index, role: int = 0) -> Any:
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            if column == 0:
                return _SPLITS[int(np.sign(self._places[row]))]
            return (
                self._prediction(row)[0] if column == 1 else _cell(self._dataset.table.iat[row, column - len(_EXTRA)])
            )
        if role == Qt.ItemDataRole.ForegroundRole:
            if column == 1 and self._prediction(row)[1] is False:
                return self.theme.color("bad")
            if self._places[row] == 0 or column == 0:
                return self.theme.color("quiet")
        if role == Qt.ItemDataRole.BackgroundRole and row == self.pointed:
            return self.theme.color("hairline")
        if role == Qt.ItemDataRole.TextAlignmentRole and column >= len(_EXTRA):
            kind = self._dataset.table.dtypes.iloc[column - len(_EXTRA)].kind
            if kind in "iuf":
                return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def _prediction(self, row: int) -> tuple[str, bool | None]:
        """Return what the network says about a row, and whether that is right; a block of rows is computed at once."""
        if row not in self._said:
            if self._snapshot is None or self._snapshot.network.inputs != self._dataset.X_train.shape[1]:
                return "", None
            self._predict(row // 64 * 64)
        return self._said[row]

    def _predict(self, first: int) -> None:
        rows = np.arange(first, min(first + 64, len(self._places)))
        dataset, snapshot, where = self._dataset, self._snapshot, self._places[first : first + 64]
        with np.errstate(all="ignore"):
            outputs = forward(snapshot.network, snapshot.layers, inputs_of(dataset, where)).outputs
        if outputs.shape[1] == 1 and dataset.class_names:
            outputs = np.concatenate([1.0 - outputs, outputs], axis=1)
        truth = _targets(dataset, where)
        for row, place, output, target in zip(rows, where, outputs, truth, strict=True):
            if place == 0:
                self._said[int(row)] = ("", None)
            elif dataset.class_names:
                best = int(output.argmax())
                self._said[int(row)] = (dataset.class_names[best], best == int(target.argmax()))
            else:
                self._said[int(row)] = (f"{float(dataset.recipe.value(output)[0]):.4g}", None)


class TablePanel(Panel):
    """The rows; a click sends one through the network."""

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.model = RowsModel(theme)
        self.rows = QTableView()
        self.rows.setObjectName("table.rows")
        self.rows.setAccessibleName("Rows of the data set")
        self.rows.setToolTip("A click sends the row through the network. Red predictions are wrong.")
        self.rows.setModel(self.model)
        self.rows.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.rows.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.rows.setWordWrap(False)
        self.rows.setTabKeyNavigation(False)
        self.rows.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.rows.horizontalHeader().setHighlightSections(False)
        self.rows.selectionModel().currentRowChanged.connect(self._clicked)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.rows)
        self._snapshot: Any = None
        self._shown_at = 0.0
        self._following = False
        context.bridge.opened.connect(self._opened)
        context.bridge.dataset_changed.connect(self._replaced)
        context.bridge.snapshot_changed.connect(self._keep)
        context.bridge.ticked.connect(self._tick)
        context.selection.row_changed.connect(lambda _row: self._follow())
        context.selection.pointed_changed.connect(self._light)
        self.rows.setMouseTracking(True)
        self.rows.entered.connect(lambda index: context.selection.point_at(Pointed(row=index.row())))
        self.rows.viewport().installEventFilter(self)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.model.theme = theme
        self.rows.viewport().update()

    def _opened(self, event: Any) -> None:
        self.model.show_dataset(event.dataset)
        self._snapshot = event.snapshot
        self._size_columns()

    def _replaced(self, dataset: Any) -> None:
        """Show the rows of other data of the session, at the place where they are looked at."""
        bars = self.rows.horizontalScrollBar(), self.rows.verticalScrollBar()
        places, current, columns = [bar.value() for bar in bars], self.rows.currentIndex().row(), self._columns()
        self.model.show_dataset(dataset, self.context.bridge.snapshot)
        if self._columns() != columns:
            self._size_columns()
        if 0 <= current < self.model.rowCount():
            self._go_to(current)
        self.rows.updateGeometries()
        for bar, place in zip(bars, places, strict=True):
            bar.setValue(place)

    def _columns(self) -> list[str]:
        horizontal = Qt.Orientation.Horizontal
        return [str(self.model.headerData(each, horizontal)) for each in range(min(self.model.columnCount(), 200))]

    def _size_columns(self) -> None:
        pixels = self.fontInfo().pixelSize()
        self.rows.verticalHeader().setDefaultSectionSize(round(1.9 * pixels))
        for column, name in enumerate(self._columns()):
            self.rows.setColumnWidth(column, min(220, max(5 * pixels, round(0.62 * pixels * len(name)) + 2 * pixels)))

    def _keep(self, snapshot: Any) -> None:
        self._snapshot = snapshot

    def _tick(self, now: float) -> None:
        if self._snapshot is None or not self.isVisible() or now - self._shown_at < _SECONDS:
            return
        self._shown_at = now
        first = max(0, self.rows.rowAt(0))
        last = self.rows.rowAt(self.rows.viewport().height() - 1)
        self.model.show_snapshot(self._snapshot, first, last if last >= 0 else self.model.rowCount() - 1)
        self._snapshot = None

    def _clicked(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid() and not self._following:
            self.context.selection.choose_row(current.row())

    def _light(self, pointed: Pointed | None) -> None:
        self.model.point_at(None if pointed is None else pointed.row)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Leave:
            self.context.selection.point_at(None)
        return False

    def _follow(self) -> None:
        chosen = self.context.selection.chosen
        if chosen is None or chosen.row >= self.model.rowCount() or self.rows.currentIndex().row() == chosen.row:
            return
        self.rows.scrollTo(self._go_to(chosen.row))

    def _go_to(self, row: int) -> QModelIndex:
        """Mark a row that was chosen elsewhere."""
        self._following = True
        index = self.model.index(row, 0)
        flags = QItemSelectionModel.SelectionFlag
        self.rows.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self._following = False
        return index


def _targets(dataset: Any, where: Any) -> Any:
    Y = np.zeros((len(where), dataset.Y_train.shape[1]))
    Y[where > 0] = dataset.Y_train[where[where > 0] - 1]
    Y[where < 0] = dataset.Y_test[-where[where < 0] - 1]
    return Y


def _cell(value: Any) -> str:
    if isinstance(value, float | np.floating):
        return "" if np.isnan(value) else f"{value:.10g}"
    return str(value)
