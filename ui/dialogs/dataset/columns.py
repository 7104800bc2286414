"""The list of columns: which of them the network sees, and which numbers are codes of categories."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.dialogs.reading import Column, Reading
from ui.dialogs.tints import theme_of
from ui.theme import icon

_Index = QModelIndex | QPersistentModelIndex
_NAME, _CATEGORY, _MISSING = range(3)
_HEADS = ("Feature", "Category", "Missing")
_TIPS = (
    "A ticked column is a feature: the network sees it.",
    "Tick a column of numbers that are codes, not quantities: each category is an input of its own, 1 or 0 (one-hot).",
    "How many cells of the column are empty.",
)
_FIND_FROM = 12


class ColumnsModel(QAbstractTableModel):
    """The raw columns with two ticks each.

    Attributes
    ----------
    features_changed, categories_changed
        Emitted when the user changed a tick, with the names of the ticked columns in the order of the table.
    """

    features_changed = Signal(tuple)
    categories_changed = Signal(tuple)

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self._view = view
        self.columns: tuple[Column, ...] = ()
        self.target: str | None = None
        self.features: set[str] = set()
        self.categories: set[str] = set()

    def show(self, reading: Reading | None, categories: tuple[str, ...] | None) -> None:
        """Show the columns of a reading; `categories` are those that the user asked for, if he did."""
        new = reading.columns if reading is not None else ()
        same = [each.name for each in new] == [each.name for each in self.columns]
        if not same:
            self.beginResetModel()
        self.columns = new
        self.target = reading.choices.target if reading is not None else None
        self.features = {each.name for each in new if reading is not None and reading.role(each.name) == "feature"}
        chosen = reading.choices.categories if reading is not None else ()
        self.categories = set(chosen if categories is None else categories)
        if not same:
            self.endResetModel()
        elif new:
            self.dataChanged.emit(self.index(0, 0), self.index(len(new) - 1, len(_HEADS) - 1))

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: N802, B008
        return 0 if parent.isValid() else len(self.columns)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: N802, B008
        return 0 if parent.isValid() else len(_HEADS)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        column = self.columns[index.row()]
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.column() == _NAME and column.name != self.target:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        if index.column() == _CATEGORY and column.name != self.target and column.codes:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        column, section = self.columns[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            name = f"{column.name} · target" if column.name == self.target else column.name
            return (name, "", f"{column.missing:,}" if column.missing else "–")[section]
        if role == Qt.ItemDataRole.CheckStateRole:
            return self._tick(column, section)
        if role == Qt.ItemDataRole.TextAlignmentRole and section == _MISSING:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ForegroundRole:
            seen = column.name in self.features or column.name == self.target
            return None if seen and section == _NAME else theme_of(self._view).color("quiet")
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(column, section)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return (column.name, f"{column.name} holds categories", f"{column.missing} missing")[section]
        return None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        if role != Qt.ItemDataRole.CheckStateRole or not self.flags(index) & Qt.ItemFlag.ItemIsUserCheckable:
            return False
        name, on = self.columns[index.row()].name, Qt.CheckState(value) == Qt.CheckState.Checked
        names = self.features if index.column() == _NAME else self.categories
        names.add(name) if on else names.discard(name)
        self.dataChanged.emit(index, index)
        self._say(index.column())
        return True

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _HEADS[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return _TIPS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            right = Qt.AlignmentFlag.AlignRight if section == _MISSING else Qt.AlignmentFlag.AlignLeft
            return int(right | Qt.AlignmentFlag.AlignVCenter)
        return None

    def tick_all(self, on: bool, rows: list[int]) -> None:
        """Tick some columns as features, or none of them."""
        names = {self.columns[row].name for row in rows} - {self.target}
        self.features = self.features | names if on else self.features - names
        if self.columns:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.columns) - 1, 0))
        self._say(_NAME)

    def _tick(self, column: Column, section: int) -> Any:
        if section == _MISSING or column.name == self.target:
            return None
        if section == _NAME:
            on = column.name in self.features
        elif not column.codes:
            return None
        else:
            on = column.name in self.categories
        return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked

    def _tip(self, column: Column, section: int) -> str:
        if column.name == self.target:
            return f"{column.name} is the target: choose another one to make it a feature."
        if section == _CATEGORY and not column.codes:
            return "A column of texts always holds categories."
        return f"{column.name}: {_TIPS[section]}" if section == _NAME else _TIPS[section]

    def _say(self, section: int) -> None:
        # The set may hold names that a hidden row stands for; the order is the table's.
        names = self.features if section == _NAME else self.categories
        signal = self.features_changed if section == _NAME else self.categories_changed
        signal.emit(tuple(each.name for each in self.columns if each.name in names))


class _TickDelegate(QStyledItemDelegate):
    """Draws the ticks in the theme's colours: a style's own are hard to see on a dark ground."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        super().paint(painter, option, index)
        state = index.data(Qt.ItemDataRole.CheckStateRole)
        if state is None or not isinstance(option.widget, QWidget):  # pyright: ignore[reportAttributeAccessIssue]
            return
        widget: QWidget = option.widget  # pyright: ignore[reportAttributeAccessIssue]
        theme = theme_of(widget)
        full = QStyleOptionViewItem(option)
        self.initStyleOption(full, index)
        box = widget.style().subElementRect(QStyle.SubElement.SE_ItemViewItemCheckIndicator, full, widget)
        selected = bool(full.state & QStyle.StateFlag.State_Selected)  # pyright: ignore[reportAttributeAccessIssue]
        on = Qt.CheckState(state) == Qt.CheckState.Checked
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(box.adjusted(-1, -1, 1, 1), theme.color("accent" if selected else "surface"))
        painter.setPen(QPen(theme.color("on_accent" if selected else "accent" if on else "quiet"), 1))
        painter.setBrush(theme.color("accent" if on else "surface"))
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        if on:
            icon("check", theme, "on_accent").paint(painter, box.adjusted(1, 1, -1, -1))
        painter.restore()


class _Ticks(QTableView):
    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        # Tab leaves the list; the space bar ticks also where the current cell has no tick of its own.
        index = self.currentIndex()
        if event.key() == Qt.Key.Key_Space and index.isValid() and index.column() == _MISSING:
            self.setCurrentIndex(index.siblingAtColumn(_NAME))
        super().keyPressEvent(event)


class ColumnList(QWidget):
    """The list of columns with its buttons."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = _Ticks(self)
        self.view.setObjectName("dataset.columns")
        self.view.setAccessibleName("Columns: which of them the network sees")
        self.view.setToolTip("The columns that the network sees; the space bar ticks one.")
        self.ticks = ColumnsModel(self.view)
        self.view.setModel(self.ticks)
        self.view.setItemDelegate(_TickDelegate(self.view))
        self.view.verticalHeader().hide()
        self.view.setShowGrid(False)
        self.view.setTabKeyNavigation(False)
        self.view.setWordWrap(False)
        self.view.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        head = self.view.horizontalHeader()
        head.setSectionsClickable(False)
        head.setHighlightSections(False)
        head.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        head.setSectionResizeMode(_CATEGORY, QHeaderView.ResizeMode.Fixed)
        head.setSectionResizeMode(_MISSING, QHeaderView.ResizeMode.Fixed)
        self._filtered = False
        self.title = QLabel("Columns")
        self.finder = QLineEdit()
        self.finder.setObjectName("dataset.find_column")
        self.finder.setPlaceholderText("Find a column")
        self.finder.setAccessibleName("Find a column")
        self.finder.setToolTip("Shows the columns whose name holds this text.")
        self.finder.setClearButtonEnabled(True)
        self.finder.textChanged.connect(self._filter)
        self.all = self._button("All", "Ticks every column that is shown.", True)
        self.none = self._button("None", "Takes the ticks off all columns that are shown.", False)
        above = QHBoxLayout()
        above.setContentsMargins(0, 0, 0, 0)
        above.addWidget(self.title)
        above.addWidget(self.finder, 1)
        above.addStretch(0)
        above.addWidget(self.all)
        above.addWidget(self.none)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(above)
        layout.addWidget(self.view)

    def show_reading(self, reading: Reading | None, categories: tuple[str, ...] | None) -> None:
        """Show the columns of a reading."""
        self.ticks.show(reading, categories)
        many = len(self.ticks.columns) >= _FIND_FROM
        if not many:
            self.finder.clear()
        self.finder.setEnabled(many)
        self.finder.setVisible(many)
        self._filter(self.finder.text())
        line = self.fontMetrics().height() + 8
        self.view.verticalHeader().setDefaultSectionSize(line)
        head = self.view.horizontalHeader()
        for section in (_CATEGORY, _MISSING):
            head.resizeSection(section, self.fontMetrics().horizontalAdvance(_HEADS[section]) + 22)
        rows = min(max(len(self.ticks.columns), 4), 8)
        self.view.setFixedHeight(line * rows + head.sizeHint().height() + 4)

    def _button(self, text: str, tip: str, on: bool) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(f"{text} columns")
        button.setObjectName(f"dataset.columns_{text.lower()}")
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(lambda: self.ticks.tick_all(on, self._shown()))
        return button

    def _shown(self) -> list[int]:
        return [row for row in range(self.ticks.rowCount()) if not self.view.isRowHidden(row)]

    def _filter(self, text: str) -> None:
        wanted = text.strip().lower()
        if not wanted and not self._filtered:
            return
        self._filtered = bool(wanted)
        for row, column in enumerate(self.ticks.columns):
            self.view.setRowHidden(row, wanted not in column.name.lower())
