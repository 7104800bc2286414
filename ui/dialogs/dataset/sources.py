"""Where a data set comes from: a file, or one of the sets that come with the program."""

import contextlib
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QTabBar,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from simulator.data import BUNDLED
from ui.dialogs.dataset.combo import Combo
from ui.dialogs.dataset.reading import Source

_FILE, _BUNDLED = range(2)
_HEADS = ("Set", "Rows", "Columns", "Predicts", "Licence")


class Sources(QWidget):
    """Two tabs beside the path with its button, or the list of bundled sets.

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
        self.pages = QStackedWidget()
        self.pages.addWidget(self._file_page())
        self.pages.addWidget(self._bundled_page())
        self.description = QLabel()
        self.description.setObjectName("dataset.description")
        self.description.setForegroundRole(self.description.palette().ColorRole.PlaceholderText)
        self.description.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        line = QHBoxLayout()
        line.setSpacing(12)
        line.addWidget(self.tabs)
        line.addWidget(self.pages, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(line)
        layout.addWidget(self.description)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.tabs.currentChanged.connect(self._turn)
        self._turn(_FILE)

    def show_source(self, source: Source) -> None:
        """Show a source as the chosen one, without asking for it to be read."""
        self._last = source
        if isinstance(source, str):
            with QSignalBlocker(self.sets):
                self.sets.setCurrentIndex(list(BUNDLED).index(source))
            self.tabs.setCurrentIndex(_BUNDLED)
        else:
            self.path.setText(str(source))
            self.path.setToolTip(str(source))
            self.tabs.setCurrentIndex(_FILE)
        self._describe()

    def pending(self) -> Path | None:
        """Return the path that was typed but not read yet, or None."""
        typed = self._typed_path() if self.tabs.currentIndex() == _FILE else None
        return typed if typed != self._last else None

    def _file_page(self) -> QWidget:
        page = QWidget()
        self.path = QLineEdit()
        self.path.setObjectName("dataset.path")
        self.path.setAccessibleName("The file")
        self.path.setPlaceholderText("The path of a table; or drop a file here")
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
        self.list.setAccessibleName("Bundled sets")
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setAllColumnsShowFocus(True)
        self.list.setProperty("tone", "roomy")
        self.list.setHeaderLabels(list(_HEADS))
        items = [self.list.headerItem()]
        for name, row in BUNDLED.items():
            cells = [row.title, f"{row.rows:,}", f"{len(row.columns):,}", row.target, row.licence]
            item = QTreeWidgetItem(self.list, cells)
            item.setData(0, Qt.ItemDataRole.UserRole, name)
            for place in range(len(cells)):
                item.setToolTip(place, f"{row.description}\nSource: {row.source}.\nLicence: {row.licence}.")
            items.append(item)
        for place in (1, 2):
            for item in items:
                item.setTextAlignment(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for place in range(len(_HEADS)):
            self.list.resizeColumnToContents(place)
            self.list.setColumnWidth(place, self.list.columnWidth(place) + 16)
        self.sets = Combo()
        self.sets.setObjectName("dataset.bundled")
        self.sets.setAccessibleName("Bundled sets")
        self.sets.setToolTip("The sets that come with the program; nothing is loaded before you press Load.")
        self.sets.setModel(self.list.model())
        self.sets.setView(self.list)
        self.sets.setMaxVisibleItems(20)
        self.sets.setCurrentIndex(-1)
        self.sets.setPlaceholderText("Choose a set")
        self.sets.setStyleSheet("QComboBox { combobox-popup: 0; }")
        self.sets.currentIndexChanged.connect(self._picked)
        layout = QHBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.sets, 1)
        return page

    def _turn(self, place: int) -> None:
        self.pages.setCurrentIndex(place)
        name = self._set_name()
        if place == _BUNDLED and name is not None:
            self._choose(name)
        elif place == _FILE and self.path.text().strip():
            self._typed()
        self._describe()

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

    def _picked(self, _place: int) -> None:
        name = self._set_name()
        if name is not None:
            self._choose(name)
        self._describe()

    def _choose(self, source: Source) -> None:
        # A line edit says that it is finished also when it only loses the focus.
        if source != self._last:
            self._last = source
            self.path.setToolTip(str(source) if isinstance(source, Path) else self.path.toolTip())
            self.chosen.emit(source)

    def _describe(self) -> None:
        name = self._set_name() if self.tabs.currentIndex() == _BUNDLED else None
        if name is None:
            said = "Nothing changes in the window before you press Load."
            self.description.setText(said)
            self.description.setToolTip(said)
            return
        row = BUNDLED[name]
        self.description.setText(f"{row.description} {row.licence}.")
        self.description.setToolTip(f"{row.description}\nSource: {row.source}.\nLicence: {row.licence}.")

    def _set_name(self) -> str | None:
        place = self.sets.currentIndex()
        return list(BUNDLED)[place] if 0 <= place < len(BUNDLED) else None
