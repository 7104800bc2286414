"""A matrix as a table of coloured cells, of which only what is in sight is made."""

from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetricsF, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QTableView,
    QWidget,
)

from ui.panels.matrix_cells import Heads, Tiles, two_lines
from ui.panels.matrix_model import Index, MatrixModel
from ui.panels.matrix_values import ROWS, Matrix
from ui.theme import Theme, base_pixel_size, font

_WIDEST_NUMBER = "−00.0"
_MOST_MEASURED = 64
_LABEL, _COLUMN_LABEL = 9.5, 5.6
"""How wide the names of rows and columns may be, over the font's height."""


class MatrixTable(QTableView):
    """Shows a `Matrix`; the pointer and the arrow keys walk in it.

    Signals
    -------
    pointed
        (row, column): the pointer or the keyboard is on a cell.
    left
        They are on none any more.
    chosen
        (row, column): a cell was clicked.
    inspected
        (row, column, by keyboard): a cell was clicked twice, or Enter was pressed on it.
    """

    pointed = Signal(int, int)
    left = Signal()
    chosen = Signal(int, int)
    inspected = Signal(int, int, bool)

    def __init__(self, matrix: Matrix, theme: Theme, parent: QWidget, *, roomy: bool = True) -> None:
        super().__init__(parent)
        self.theme = theme
        self.matrix_model = MatrixModel(matrix, self, roomy=roomy)
        base = base_pixel_size(self.font())
        self.figures, self.names, self.names_lit = font(0.9 * base), font(0.86 * base), font(0.86 * base, bold=True)
        self.setObjectName("matrices.table")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setCornerButtonEnabled(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._across, self._down = Heads(Qt.Orientation.Horizontal, self), Heads(Qt.Orientation.Vertical, self)
        self.setHorizontalHeader(self._across)
        self.setVerticalHeader(self._down)
        self.setItemDelegate(Tiles(self))
        self.setModel(self.matrix_model)
        self._moved = False
        self.entered.connect(self._enter)
        self.clicked.connect(lambda index: self.chosen.emit(index.row(), index.column()))
        self.doubleClicked.connect(lambda index: self.inspected.emit(index.row(), index.column(), False))
        self._measure()

    # -- sizes --------------------------------------------------------------------------------------------------

    def _measure(self) -> None:
        """Set the sizes of cells and names: by what may come, not by what is there, so that nothing moves."""
        base, matrix = base_pixel_size(self.font()), self.matrix_model.matrix
        metrics, names = QFontMetricsF(self.figures), QFontMetricsF(self.names_lit)
        cell = metrics.horizontalAdvance(_WIDEST_NUMBER) + 0.8 * base
        labels = (*matrix.across.short[:_MOST_MEASURED], matrix.across.widest_short)
        words = (word for label in labels for word in label.split())
        widest = max((names.horizontalAdvance(word) for word in words), default=0.0) + 5.0
        column = round(max(cell, min(_COLUMN_LABEL * base, widest)))
        self.horizontalHeader().setDefaultSectionSize(column)
        self.verticalHeader().setDefaultSectionSize(round(1.6 * base))
        lines = max(len(two_lines(label, names, column - 3)) for label in labels)
        self.horizontalHeader().setFixedHeight(round((0.45 + 1.1 * lines) * base))
        text = matrix.down.widest if self.matrix_model.roomy else matrix.down.widest_short
        label = names.horizontalAdvance(text) + 12.0 if text else 0.0
        self.set_label_width(round(min(_LABEL * base, label)))

    def set_label_width(self, width: int) -> None:
        """Give the names of the rows so much room; none: there are none."""
        self.verticalHeader().setVisible(width > 0)
        if width > 0:
            self.verticalHeader().setFixedWidth(width)

    @property
    def side(self) -> Qt.AlignmentFlag:
        """On which side the names of the rows stand: numbers with a name behind them begin at one place."""
        named = self.matrix_model.roomy and self.matrix_model.matrix.down.kind == ROWS
        return Qt.AlignmentFlag.AlignLeft if named else Qt.AlignmentFlag.AlignRight

    @property
    def label_width(self) -> int:
        """How wide the names of the rows are."""
        return 0 if self.verticalHeader().isHidden() else self.verticalHeader().width()

    @property
    def pitch(self) -> int:
        """How high a row is."""
        return self.verticalHeader().defaultSectionSize()

    @property
    def head(self) -> int:
        """How high the names of the columns are."""
        return 0 if self.horizontalHeader().isHidden() else self.horizontalHeader().height()

    def set_head(self, height: int) -> None:
        """Give the names of the columns so much room."""
        self.horizontalHeader().setFixedHeight(height)

    def width_of(self, columns: int) -> int:
        """Return how wide the table is with so many columns in sight."""
        return self.label_width + columns * self._column

    @property
    def _column(self) -> int:
        return self.horizontalHeader().defaultSectionSize()

    def height_of(self, rows: int) -> int:
        """Return how high the table is with so many rows in sight."""
        return self.head + rows * self.pitch

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(0, 0)

    # -- showing ------------------------------------------------------------------------------------------------

    def show_matrix(self, matrix: Matrix) -> None:
        """Show other values, or another matrix."""
        self.matrix_model.show_matrix(matrix)
        self.viewport().update()
        self.horizontalHeader().viewport().update()
        self.verticalHeader().viewport().update()

    def light(self, row: int | None, column: int | None) -> None:
        """Light a row, a column, a cell or nothing; only these are painted again."""
        before, self.matrix_model.lit = self.matrix_model.lit, (row, column)
        if before == (row, column):
            return
        for lit in (before, (row, column)):
            self.viewport().update(self._band(*lit))
        self._down.light(before[0], row)
        self._across.light(before[1], column)

    def _band(self, row: int | None, column: int | None) -> QRect:
        port = self.viewport().rect()
        if row is None and column is None:
            return QRect()
        top, height = (port.top(), port.height()) if row is None else (self.rowViewportPosition(row), self.pitch)
        left, width = (
            (port.left(), port.width()) if column is None else (self.columnViewportPosition(column), self._column)
        )
        return QRect(left, top, width, height)

    def reveal(self, row: int | None, column: int | None) -> None:
        """Scroll to a row, to a column, or to both, where they are out of sight."""
        if row is not None:
            _bring(self.verticalScrollBar(), row * self.pitch, self.pitch, self.viewport().height())
        if column is not None:
            _bring(self.horizontalScrollBar(), column * self._column, self._column, self.viewport().width())

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        self.viewport().update()

    def _enter(self, index: QModelIndex) -> None:
        """Point where the pointer came to; not where it rests while keys, or another matrix, scroll below it."""
        if self._moved:
            self.pointed.emit(index.row(), index.column())

    # -- Qt's events --------------------------------------------------------------------------------------------

    def currentChanged(self, current: Index, previous: Index) -> None:  # noqa: N802 - Qt's name
        super().currentChanged(current, previous)
        if self.hasFocus() and current.isValid():
            self.pointed.emit(current.row(), current.column())

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        super().focusInEvent(event)
        if event.reason() not in (Qt.FocusReason.MouseFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            if not self.currentIndex().isValid():
                self.setCurrentIndex(self.matrix_model.index(0, 0))
            else:
                self.pointed.emit(self.currentIndex().row(), self.currentIndex().column())

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        super().focusOutEvent(event)
        self.viewport().update()
        if not self.underMouse():
            self.left.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self._moved = True
        super().mouseMoveEvent(event)
        self._moved = False

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        self._moved = True
        super().wheelEvent(event)
        self._moved = False

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            self.inspected.emit(index.row(), index.column(), True)
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Leave:
            self.left.emit()
        return super().viewportEvent(event)


def _bring(bar: Any, start: int, size: int, room: int) -> None:
    """Scroll so that a stretch is in sight."""
    if start < bar.value():
        bar.setValue(start)
    elif start + size > bar.value() + room:
        bar.setValue(start + size - room)
