"""What stands above the rows: which of them are shown, and what of them."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QToolButton, QWidget

from ui.forms import NoWheel
from ui.panels.table_arranging import PRESETS
from ui.panels.table_columns import VIEWS
from ui.theme import Theme, base_pixel_size, icon

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset

_TYPING_MS = 250
_NARROW = 44.0
"""The width, over the font's height, below which the buttons have icons only."""

_SEARCH_TIP = (
    "Search (Ctrl+F): a text that any cell may hold, or a condition over the columns, as:\n"
    'bill_length_mm > 50 and species == "Gentoo"\n'
    "Names with spaces stand between backticks. The network's columns have names, too:\n"
    "split, prediction, loss, and {}"
)


class TableBar(QWidget):
    """The choosers in a line.

    Signals
    -------
    preset_chosen
        str: a key of `PRESETS`.
    searched
        str: what was typed into the search field.
    view_chosen
        str: a key of `VIEWS`.
    save_wanted
        The rows are to be written to a file.
    rows_wanted
        The keyboard is to go on among the rows.
    """

    preset_chosen = Signal(str)
    searched = Signal(str)
    view_chosen = Signal(str)
    save_wanted = Signal()
    rows_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.presets = _box("table.preset", "Which rows", "Which rows are shown")
        self.presets.activated.connect(lambda _index: self.preset_chosen.emit(self.presets.currentData()))
        self.search = SearchLine()
        self.search.left.connect(self.rows_wanted)
        self.search.setObjectName("table.search")
        self.search.setAccessibleName("Search the rows")
        self.search.setPlaceholderText("Search, or a condition: loss > 1")
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(80)
        self.views = _box("table.view", "What is shown of the data", "Raw cells, prepared inputs, or both")
        for key, (name, tip) in VIEWS.items():
            self.views.addItem(name, key)
            self.views.setItemData(self.views.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.views.activated.connect(lambda _index: self.view_chosen.emit(self.views.currentData()))
        self.faults = QToolButton()
        self.faults.setObjectName("table.faults")
        self.faults.setText("Faults")
        self.faults.setAccessibleName("Faults for a lesson")
        self.faults.setToolTip("Put duplicates and wrong labels into the data, to see what they do")
        self.faults.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.save = QToolButton()
        self.save.setObjectName("table.save")
        self.save.setText("Save rows as CSV …")
        self.save.setAccessibleName("Save rows as CSV")
        self.save.setToolTip("Save rows as CSV …\nThe rows that are shown, with all columns and what the network says")
        self.save.clicked.connect(self.save_wanted)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self._searched)
        self.search.textEdited.connect(lambda _text: self._typing.start())
        self.search.textChanged.connect(lambda text: None if text else self._searched())
        self.search.returnPressed.connect(self._searched)
        line = QHBoxLayout(self)
        line.setContentsMargins(8, 5, 8, 2)
        line.setSpacing(6)
        line.addWidget(self.presets)
        line.addWidget(self.search, 1)
        for widget in (self.views, self.faults, self.save):
            line.addWidget(widget)
        self._told = ""

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.save.setIcon(icon("export", theme))
        self.faults.setIcon(icon("warning", theme, "quiet"))
        self._theme = theme
        self.refuse(self._told)

    def take(self, dataset: "Dataset") -> None:
        """Offer what makes sense for a data set; the preset stays if it is still one of them."""
        before = self.presets.currentData()
        self.presets.clear()
        for key, preset in PRESETS.items():
            if preset.offered(dataset):
                self.presets.addItem(preset.title, key)
                self.presets.setItemData(self.presets.count() - 1, preset.tip, Qt.ItemDataRole.ToolTipRole)
        self.search.setToolTip(_SEARCH_TIP.format("probability, correct" if dataset.class_names else "error"))
        self.show_preset(before)

    def show_preset(self, key: str) -> None:
        """Show which preset is chosen."""
        self.presets.setCurrentIndex(max(0, self.presets.findData(key)))

    def clear(self) -> None:
        """Show that all rows are wanted."""
        self._typing.stop()
        self.presets.setCurrentIndex(0)
        self.search.blockSignals(True)
        self.search.clear()
        self.search.blockSignals(False)
        self.refuse("")

    def refuse(self, text: str) -> None:
        """Show that what is searched for makes no sense; an empty text takes that back."""
        self._told = text
        edge = f"QLineEdit {{ border-color: {self._theme.bad}; color: {self._theme.bad}; }}" if text else ""
        self.search.setStyleSheet(edge)
        self.search.setAccessibleDescription(text)

    def start_search(self) -> None:
        """Let somebody type what is searched for."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _searched(self) -> None:
        self._typing.stop()
        self.searched.emit(self.search.text())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        narrow = event.size().width() < _NARROW * base_pixel_size(self.font())
        style = Qt.ToolButtonStyle.ToolButtonIconOnly if narrow else Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        self.faults.setToolButtonStyle(style)


class SearchLine(QLineEdit):
    """What is searched for; Escape empties it, and leaves it when it is empty, as the down key does.

    Signals
    -------
    left
        The keyboard is to go on among the rows.
    """

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Down):
            self.left.emit()
        else:
            super().keyPressEvent(event)


def _box(name: str, title: str, tip: str) -> QComboBox:
    made = QComboBox()
    made.setObjectName(name)
    made.setAccessibleName(title)
    made.setToolTip(tip)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    made.installEventFilter(NoWheel(made))
    return made
