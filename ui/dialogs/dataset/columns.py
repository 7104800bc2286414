"""The table of columns: which of them the network sees, what each holds, and which one is looked at."""

from PySide6.QtCore import QEvent, QModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from simulator.data.choices import KINDS
from ui.dialogs.dataset.answers import Answers
from ui.dialogs.dataset.columns_delegate import ColumnDelegate, tick_box
from ui.dialogs.dataset.columns_model import (
    DECIDED,
    EXAMPLE,
    KIND,
    MISSING,
    NAME,
    ROLE,
    SPREAD,
    ColumnsModel,
)
from ui.dialogs.dataset.reading import Reading

_FIND_FROM = 12


class _Table(QTableView):
    """A click on a tick, a kind or a role is an answer; a click elsewhere only looks at the column."""

    asked = Signal(QModelIndex)
    studied = Signal(QModelIndex)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        index = self.currentIndex()
        key = event.key()
        if index.isValid() and index.column() in (KIND, ROLE) and key in (
            Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2,
        ):  # fmt: skip
            self.asked.emit(index)
        elif index.isValid() and key == Qt.Key.Key_Space:
            self._tick(index.siblingAtColumn(NAME))
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        super().mousePressEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or not index.isValid():
            return
        if index.column() == NAME:
            box = tick_box(QRectF(self.visualRect(index)), self).adjusted(-5, -5, 5, 5)
            if box.contains(event.position()):
                self._tick(index)
                return
        if index.column() in (KIND, ROLE):
            self.asked.emit(index)
        else:
            self.studied.emit(index)

    def _tick(self, index: QModelIndex) -> None:
        on = index.data(Qt.ItemDataRole.CheckStateRole)
        if on is not None:
            state = Qt.CheckState.Unchecked if Qt.CheckState(on) == Qt.CheckState.Checked else Qt.CheckState.Checked
            self.model().setData(index, state, Qt.ItemDataRole.CheckStateRole)


class ColumnList(QWidget):
    """The table of columns with its buttons.

    Attributes
    ----------
    looked_at
        Emitted with the name of the column that was selected, or None.
    studied
        Emitted with a column's name when it was clicked where nothing is chosen.
    """

    looked_at = Signal(object)
    studied = Signal(str)

    def __init__(self, answers: Answers, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._answers = answers
        self._selected: str | None = None
        self.menu: QMenu | None = None
        self.view = self._table()
        self.ticks = ColumnsModel(self.view, answers)
        self.view.setModel(self.ticks)
        self.view.setItemDelegate(ColumnDelegate(self.view))
        self.view.selectionModel().currentRowChanged.connect(self._moved)
        self.view.asked.connect(self._ask)
        self.view.studied.connect(lambda index: self.studied.emit(self.ticks.columns[index.row()].name))
        self.ticks.ticked.connect(answers.decide_features)
        self.ticks.modelReset.connect(self._select_again)
        self.caption = QLabel()
        self.caption.setObjectName("dataset.columns_caption")
        self.caption.setForegroundRole(self.caption.palette().ColorRole.PlaceholderText)
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
        above.setSpacing(8)
        above.addWidget(self.caption)
        above.addStretch(1)
        above.addWidget(self.finder, 2)
        above.addWidget(self.all)
        above.addWidget(self.none)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(above)
        layout.addWidget(self.view)
        self._filtered = False
        self._fit()

    @property
    def selected(self) -> str | None:
        """The column that is looked at."""
        return self._selected

    def show_reading(self, reading: Reading | None) -> None:
        """Show the columns of a reading; the one that is looked at stays, if it is still there."""
        self.ticks.show(reading)
        many = len(self.ticks.columns) >= _FIND_FROM
        if not many:
            self.finder.clear()
        self.finder.setEnabled(many)
        self.finder.setVisible(many)
        self._filter(self.finder.text())
        features = len(self.ticks.features)
        self.caption.setText(f"{features:,} of {len(self.ticks.columns):,} are features" if self.ticks.columns else "")
        for button in (self.all, self.none):
            button.setEnabled(bool(self.ticks.columns))
        self._fit()

    def select(self, name: str | None) -> None:
        """Look at a column."""
        for row, column in enumerate(self.ticks.columns):
            if column.name == name:
                self.view.setCurrentIndex(self.ticks.index(row, NAME))
                return

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_filtered"):
            self._fit()

    def _table(self) -> _Table:
        view = _Table(self)
        view.setObjectName("dataset.columns")
        view.setAccessibleName("Columns: what each holds, and which of them the network sees")
        view.setToolTip("The columns of the table; the space bar ticks one as a feature, or opens a chooser.")
        view.setShowGrid(False)
        view.setTabKeyNavigation(False)
        view.setWordWrap(False)
        view.setMouseTracking(True)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.verticalHeader().hide()
        head = view.horizontalHeader()
        head.setSectionsClickable(False)
        head.setHighlightSections(False)
        head.setStretchLastSection(False)
        return view

    def _fit(self) -> None:
        """Give every column of the list the width of its widest words."""
        metrics, head = self.view.fontMetrics(), self.view.horizontalHeader()
        self.view.verticalHeader().setDefaultSectionSize(metrics.height() + 12)
        wide = metrics.horizontalAdvance
        head.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for section, width in (
            (KIND, wide("category") + 36),
            (ROLE, wide("ignored") + 36),
            (MISSING, wide("Missing") + 16),
            (SPREAD, wide("m") * 10),
            (EXAMPLE, wide("m") * 9),
        ):
            head.setSectionResizeMode(section, QHeaderView.ResizeMode.Fixed)
            head.resizeSection(section, width)
        self.view.setColumnHidden(EXAMPLE, self.width() < wide("m") * 56)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        self._fit()

    def _moved(self, index: QModelIndex, _before: QModelIndex) -> None:
        name = self.ticks.columns[index.row()].name if index.isValid() else None
        if name is not None and name != self._selected:
            self._selected = name
            self.looked_at.emit(name)

    def _select_again(self) -> None:
        if self._selected is not None and all(each.name != self._selected for each in self.ticks.columns):
            self._selected = None
            self.looked_at.emit(None)
        self.select(self._selected)

    def _ask(self, index: QModelIndex) -> None:
        """Open the chooser of a cell: a menu, so that the mouse and the keys do the same."""
        column = self.ticks.columns[index.row()]
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if index.column() == KIND:
            menu.setAccessibleName(f"Kind of {column.name}")
            for kind in KINDS:
                self._row(
                    menu, kind, kind == column.kind, lambda _=False, kind=kind: self._decide_kind(column.name, kind)
                )
        else:
            menu.setAccessibleName(f"Role of {column.name}")
            role = self.ticks.role(column)
            for each in ("feature", "target", "ignored"):
                row = self._row(
                    menu, each, each == role, lambda _=False, each=each: self._decide_role(index.row(), each)
                )
                if role == "target" and each != "target":
                    row.setEnabled(False)
                    row.setToolTip("Make another column the target first.")
        if index.data(DECIDED):
            menu.addSeparator()
            back = QAction("Guess again", menu)
            back.triggered.connect(lambda _=False: self._take_back(index.row(), index.column()))
            menu.addAction(back)
        self.menu = menu
        menu.aboutToHide.connect(self._menu_gone)
        menu.popup(self.view.viewport().mapToGlobal(self.view.visualRect(index).bottomLeft()))

    def _menu_gone(self) -> None:
        self.menu = None

    @staticmethod
    def _row(menu: QMenu, text: str, on: bool, act: object) -> QAction:
        row = QAction(text, menu)
        row.setCheckable(True)
        row.setChecked(on)
        row.triggered.connect(act)
        menu.addAction(row)
        if on:
            menu.setActiveAction(row)
        return row

    def _decide_kind(self, name: str, kind: str) -> None:
        column = next(each for each in self.ticks.columns if each.name == name)
        self._answers.give("kind", None if kind == column.guessed else kind, name)

    def _decide_role(self, row: int, role: str) -> None:
        if role == "target":
            self._answers.give("target", self.ticks.columns[row].name)
        else:
            self.ticks.tick([row], role == "feature")

    def _take_back(self, row: int, section: int) -> None:
        name = self.ticks.columns[row].name
        if section == KIND:
            self._answers.give("kind", None, name)
        elif self._answers.get("target") == name:
            self._answers.give("target", None)
        else:
            self.ticks.tick([row], name not in self.ticks.features)

    def _button(self, text: str, tip: str, on: bool) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(f"{text} columns")
        button.setObjectName(f"dataset.columns_{text.lower()}")
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(lambda: self.ticks.tick(self._shown(), on))
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
