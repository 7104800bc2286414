"""Where a data set comes from: a file, or one of the sets that come with the program."""

import contextlib
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QTabBar,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from simulator.data import BUNDLED
from ui.dialogs.reading import Source

_FILE, _BUNDLED = range(2)
_SHOWN, _SHOWN_IN_LARGE_LETTERS = 5, 3
_MOST_PIXELS = 130
_HEADS = ("Set", "Rows", "Columns", "Predicts", "Licence")


class Sources(QWidget):
    """Two tabs: a path with a button, and the list of bundled sets.

    Parameters
    ----------
    browse
        Asks for a file; returns None when the user thought better of it.

    Attributes
    ----------
    chosen
        Emitted with a `Path`, or with the name of a bundled set.
    """

    chosen = Signal(object)

    def __init__(self, browse: Callable[[], Path | None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._browse = browse
        self._last: Source | None = None
        self.tabs = QTabBar(drawBase=False, expanding=False)
        self.tabs.setObjectName("dataset.source")
        self.tabs.setAccessibleName("Where the data come from")
        self.tabs.addTab("&File")
        self.tabs.addTab("&Bundled sets")
        self.tabs.setTabToolTip(_FILE, "Read a table from a file (Alt+F).")
        self.tabs.setTabToolTip(_BUNDLED, "Choose one of the sets that come with the program (Alt+B).")
        self.file = self._file_page()
        self.bundled = self._bundled_page()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.tabs)
        layout.addWidget(self.file)
        layout.addWidget(self.bundled)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.tabs.currentChanged.connect(self._turn)
        self._turn(_FILE)

    def show_source(self, source: Source) -> None:
        """Show a source as the chosen one, without asking for it to be read."""
        self._last = source
        if isinstance(source, str):
            self.tabs.setCurrentIndex(_BUNDLED)
            self.list.blockSignals(True)
            self.list.setCurrentItem(self._items[source])
            self.list.blockSignals(False)
            self._describe(source)
        else:
            self.tabs.setCurrentIndex(_FILE)
            self.path.setText(str(source))
            self.path.setToolTip(str(source))

    def pending(self) -> Path | None:
        """Return the path that was typed but not read yet, or None."""
        typed = self._typed_path() if self.tabs.currentIndex() == _FILE else None
        return typed if typed != self._last else None

    def _file_page(self) -> QWidget:
        page = QWidget()
        self.path = QLineEdit()
        self.path.setObjectName("dataset.path")
        self.path.setAccessibleName("The file")
        self.path.setPlaceholderText("A table: CSV, TSV or text, plain or packed with gzip; or drop a file here")
        self.path.setToolTip("The file to read; press Enter after typing.")
        self.path.setClearButtonEnabled(True)
        self.path.editingFinished.connect(self._typed)
        self.button = QPushButton("B&rowse…")
        self.button.setObjectName("dataset.browse")
        self.button.setToolTip("Choose a file (Alt+R).")
        self.button.setAutoDefault(False)
        self.button.clicked.connect(self._asked)
        layout = QHBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.path, 1)
        layout.addWidget(self.button)
        return page

    def _bundled_page(self) -> QWidget:
        page = QWidget()
        self.list = QTreeWidget()
        self.list.setObjectName("dataset.bundled")
        self.list.setAccessibleName("Bundled sets")
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setStyleSheet("QTreeView::item { padding: 3px 6px; }")
        self.list.setHeaderLabels(list(_HEADS))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._items: dict[str, QTreeWidgetItem] = {}
        for name, row in BUNDLED.items():
            cells = [row.title, f"{row.rows:,}", f"{len(row.columns):,}", row.target, row.licence]
            item = QTreeWidgetItem(self.list, cells)
            item.setData(0, Qt.ItemDataRole.UserRole, name)
            for place in (1, 2):
                item.setTextAlignment(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for place in range(len(cells)):
                item.setToolTip(place, f"{row.description}\nSource: {row.source}.\nLicence: {row.licence}.")
            self._items[name] = item
        for place in (1, 2):
            self.list.headerItem().setTextAlignment(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        head = self.list.header()
        head.setStretchLastSection(True)
        head.setSectionsMovable(False)
        for place in range(len(_HEADS) - 1):
            head.setSectionResizeMode(place, QHeaderView.ResizeMode.ResizeToContents)
        self.list.currentItemChanged.connect(self._picked)
        self.description = QLabel(wordWrap=True)
        self.description.setObjectName("dataset.description")
        self.description.setForegroundRole(self.description.palette().ColorRole.PlaceholderText)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.list)
        layout.addWidget(self.description)
        return page

    def _turn(self, place: int) -> None:
        self.file.setVisible(place == _FILE)
        self.bundled.setVisible(place == _BUNDLED)
        if place == _BUNDLED:
            line = self.list.sizeHintForRow(0)
            frame = 2 * self.list.frameWidth()
            shown = _SHOWN if line * _SHOWN <= _MOST_PIXELS else _SHOWN_IN_LARGE_LETTERS
            self.list.setFixedHeight(line * shown + self.list.header().sizeHint().height() + frame)
            name = self._name_of(self.list.currentItem())
            if name is not None:
                self._choose(name)
            elif not self.description.text():
                self.description.setText("Choose a set; nothing is loaded before you press Load.")
        elif self.path.text().strip():
            self._typed()

    def _typed_path(self) -> Path | None:
        text = self.path.text().strip().removeprefix("file://")
        with contextlib.suppress(RuntimeError):  # "~nobody" has no home
            return Path(text).expanduser() if text else None
        return Path(text)

    def _typed(self) -> None:
        path = self._typed_path()
        if path is not None:
            self._choose(path)

    def _asked(self) -> None:
        path = self._browse()
        if path is not None:
            self.path.setText(str(path))
            self._choose(path)

    def _picked(self, item: QTreeWidgetItem | None) -> None:
        name = self._name_of(item)
        if name is not None:
            self._describe(name)
            self._choose(name)

    def _choose(self, source: Source) -> None:
        # A line edit says that it is finished also when it only loses the focus.
        if source != self._last:
            self._last = source
            self.path.setToolTip(str(source) if isinstance(source, Path) else self.path.toolTip())
            self.chosen.emit(source)

    def _describe(self, name: str) -> None:
        row = BUNDLED[name]
        self.description.setText(row.description)
        self.description.setToolTip(f"Source: {row.source}.\nLicence: {row.licence}.")

    @staticmethod
    def _name_of(item: QTreeWidgetItem | None) -> str | None:
        return None if item is None else str(item.data(0, Qt.ItemDataRole.UserRole))
