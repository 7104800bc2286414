"""The view of the rows: keys, the pointer, and widths that fit what stands in the columns."""

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QFrame, QTableView

from ui.panels.table_columns import PREDICTION, SPLIT, Column
from ui.panels.table_delegate import CellDelegate
from ui.panels.table_heads import ColumnHead, RowHead
from ui.panels.table_model import RowsModel
from ui.panels.table_what_if import Changes
from ui.theme import base_pixel_size

_MEASURED, _SAMPLE, _CLASSES = 60, 24, 20
_NARROWEST, _WIDEST, _USUAL = 3.4, 15.0, 6.5
"""Widths of columns, over the font's height."""

_TRIGGERS = (
    QAbstractItemView.EditTrigger.DoubleClicked
    | QAbstractItemView.EditTrigger.EditKeyPressed
    | QAbstractItemView.EditTrigger.AnyKeyPressed
)


class RowsView(QTableView):
    """Shows the model of the rows.

    Signals
    -------
    copied
        The chosen rows are to be put on the clipboard.
    not_editable
        `Column`: somebody tried to type into a cell that cannot be changed.
    left
        The pointer is on no row any more.
    """

    copied = Signal()
    not_editable = Signal(object)
    left = Signal()

    def __init__(self, model: RowsModel, changes: Changes) -> None:
        super().__init__()
        self.rows_model, self._changes = model, changes
        self.setObjectName("table.rows")
        self.setAccessibleName("Rows of the data set")
        self.column_head, self.row_head = ColumnHead(self, model), RowHead(self, model)
        self.setHorizontalHeader(self.column_head)
        self.setVerticalHeader(self.row_head)
        self.delegate = CellDelegate(model, changes, self)
        self.setItemDelegate(self.delegate)
        self.setModel(model)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setEditTriggers(_TRIGGERS)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.row_head.setDefaultSectionSize(round(1.9 * base_pixel_size(self.font())))

    @property
    def is_editing(self) -> bool:
        """Whether somebody types into a cell."""
        return self.state() == QAbstractItemView.State.EditingState

    @property
    def chosen_rows(self) -> list[int]:
        """The rows of the table that are selected, in the order that they are shown in."""
        places = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [int(self.rows_model.rows[place]) for place in places]

    @property
    def in_sight(self) -> tuple[int, int]:
        """The first and the last row that is seen, as they are shown."""
        last = self.rowAt(self.viewport().height() - 1)
        return max(0, self.rowAt(0)), last if last >= 0 else self.rows_model.rowCount() - 1

    def choose(self, row: int, *, scroll: bool) -> None:
        """Select a row of the table; none where it is not shown."""
        place, flags = self.rows_model.place_of(row), QItemSelectionModel.SelectionFlag
        if place < 0:
            self.selectionModel().clear()
            return
        index = self.rows_model.index(place, max(0, self.currentIndex().column()))
        self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        if scroll:
            x = self.horizontalScrollBar().value()
            self.scrollTo(index)
            self.horizontalScrollBar().setValue(x)

    def fit_columns(self) -> None:
        """Give the first columns the width of what stands in them; what is further to the right has the usual one."""
        model, base = self.rows_model, base_pixel_size(self.font())
        self.column_head.setDefaultSectionSize(round(_USUAL * base))
        self.row_head.fit(0 if model.cells is None else len(model.cells.where))
        for section in range(min(_MEASURED, model.columnCount())):
            least, most = round(_NARROWEST * base), round(_WIDEST * base)
            wanted = max(self.column_head.width_for(section), self._widest_cell(section, model.columns[section]))
            self.setColumnWidth(section, min(max(wanted, least), most))

    def _widest_cell(self, section: int, column: Column) -> int:
        metrics, model = self.fontMetrics(), self.rows_model
        samples = [model.cell(place, section).text for place in range(min(_SAMPLE, model.rowCount()))]
        dataset = None if model.cells is None else model.cells.dataset
        if dataset is None:
            return 0
        if column.kind == SPLIT:
            samples.append("train, copy" if len(dataset.copies) else "not used")
        elif column.kind == PREDICTION:
            samples += dataset.class_names[:_CLASSES]
        elif column.is_target and len(dataset.noisy_rows):
            longest = sorted(dataset.class_names[:_CLASSES], key=len)[-2:]
            samples.append(" → ".join(longest))
        return max((metrics.horizontalAdvance(text[:80]) for text in samples), default=0) + 20

    # -- Qt's events --------------------------------------------------------------------------------------------

    def edit(  # type: ignore[override]
        self, index: QModelIndex | QPersistentModelIndex, trigger: object = None, event: object = None
    ) -> bool:
        if isinstance(event, QKeyEvent) and event.text().isspace():
            return False  # a space is no value
        if trigger is None:
            super().edit(index)  # type: ignore[call-overload]
            return True
        typed = isinstance(event, QKeyEvent) and (event.key() == Qt.Key.Key_F2 or event.text().isprintable())
        wants = trigger == QAbstractItemView.EditTrigger.DoubleClicked or (
            typed and trigger in (QAbstractItemView.EditTrigger.EditKeyPressed, _ANY_KEY)
        )
        if index.isValid() and wants and not self.rows_model.flags(index) & Qt.ItemFlag.ItemIsEditable:
            self.not_editable.emit(self.rows_model.columns[index.column()])
            return False
        return super().edit(index, trigger, event)  # type: ignore[call-overload]

    def keyboardSearch(self, search: str) -> None:  # noqa: N802 - Qt's name
        """Letters are typed into a cell, they do not walk to one."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copied.emit()
        elif event.key() == Qt.Key.Key_Escape and not self.is_editing:
            event.setAccepted(self._changes.take_back())  # with nothing to take back, the key leads out of the table
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Leave:
            self.left.emit()
        return super().viewportEvent(event)


_ANY_KEY = QAbstractItemView.EditTrigger.AnyKeyPressed
