"""What stands above the rows: which of them are shown, and what of them; and a line that says how they fare."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ui.forms import NoWheel
from ui.panels.panel import style_label
from ui.panels.table_answers import Summary
from ui.panels.table_arranging import PRESETS
from ui.panels.table_cells import fixed, small
from ui.panels.table_columns import VIEWS
from ui.panels.what_if_line import Elided
from ui.theme import Theme, base_pixel_size, icon

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset

_TYPING_MS = 250
_NARROW, _CROWDED = 44.0, 52.0
"""Widths, over the font's height, below which something gives way."""

_SEARCH_TIP = (
    "A text that any cell may hold, or a condition over the columns, as:\n"
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
    """

    preset_chosen = Signal(str)
    searched = Signal(str)
    view_chosen = Signal(str)
    save_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.presets = _box("table.preset", "Which rows", "Which rows are shown")
        self.presets.activated.connect(lambda _index: self.preset_chosen.emit(self.presets.currentData()))
        self.search = QLineEdit()
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
        """Offer what makes sense for a data set, and begin with all its rows."""
        self._typing.stop()
        self.presets.clear()
        for key, preset in PRESETS.items():
            if preset.offered(dataset):
                self.presets.addItem(preset.title, key)
                self.presets.setItemData(self.presets.count() - 1, preset.tip, Qt.ItemDataRole.ToolTipRole)
        self.search.setToolTip(_SEARCH_TIP.format("probability, correct" if dataset.class_names else "error"))
        self.clear()

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

    def _searched(self) -> None:
        self._typing.stop()
        self.searched.emit(self.search.text())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        narrow = event.size().width() < _NARROW * base_pixel_size(self.font())
        style = Qt.ToolButtonStyle.ToolButtonIconOnly if narrow else Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        self.faults.setToolButtonStyle(style)


def _box(name: str, title: str, tip: str) -> QComboBox:
    made = QComboBox()
    made.setObjectName(name)
    made.setAccessibleName(title)
    made.setToolTip(tip)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    made.installEventFilter(NoWheel(made))
    return made


class Chip(QToolButton):
    """The name of rows that another view wanted to be shown; a click shows all rows again."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("table.chip")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(11, 11))
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.setIcon(icon("close", theme, "link"))
        self.setStyleSheet(
            f"QToolButton {{ border: 1px solid {theme.accent}; border-radius: 8px; padding: 0 8px;"
            f" color: {theme.link}; }}"
        )

    def show_title(self, title: str) -> None:
        """Show a name, shortened where it is long; none hides the chip."""
        metrics = QFontMetrics(self.font())
        self.setText(metrics.elidedText(title, Qt.TextElideMode.ElideRight, 18 * metrics.averageCharWidth() + 60))
        self.setToolTip(f"{title}\nClick to show all rows again")
        self.setAccessibleName(f"Only {title}: show all rows again")
        self.setVisible(bool(title))


class TableLine(QWidget):
    """How many rows are shown and how the network fares with them; what is refused or was changed stands behind.

    Signals
    -------
    chip_clicked
        The rows that another view wanted are to be all rows again.
    back_wanted
        A change is to be taken back.
    """

    chip_clicked = Signal()
    back_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.chip = Chip()
        self.chip.clicked.connect(self.chip_clicked)
        self.text = QLabel()
        self.text.setObjectName("table.summary")
        self.text.setAccessibleName("How the network fares with the rows that are shown")
        style_label(self.text, "quiet")
        self.note = Elided()
        self.note.setObjectName("table.note")
        self.note.setAccessibleName("Note about the table")
        self.note.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.back = QToolButton()
        self.back.setObjectName("table.back")
        self.back.setText("Take back")
        self.back.setToolTip("Look at the row of the file again (Esc)")
        self.back.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.back.setIconSize(QSize(13, 13))
        self.back.setStyleSheet("QToolButton { padding: 0 6px; }")
        self.back.hide()
        self.back.clicked.connect(self.back_wanted)
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(10)
        for widget in (self.chip, self.text):
            line.addWidget(widget)
        line.addWidget(self.note, 1)
        line.addWidget(self.back)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(9, 0, 8, 4)
        whole.addLayout(line)
        self.setFixedHeight(round(1.85 * base_pixel_size(self.font())))

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.chip.set_theme(theme)
        self.back.setIcon(icon("undo", theme))

    def show_summary(self, found: Summary, total: int, *, classes: bool, decimals: int) -> None:
        """Say how many rows are shown of how many, and how good the network is on them."""
        rows = f"{found.rows:,}" if found.rows == total else f"{found.rows:,} of {total:,}"
        said = [f"{rows} {'row' if total == 1 else 'rows'}"]
        if found.known:
            said.append(f"mean loss {small(found.loss)}")
            said.append(
                f"accuracy {100.0 * found.accuracy:.1f} %"
                if classes
                else f"typical error {fixed(found.rmse, decimals)}"
            )
        self.text.setText("  ·  ".join(said))
        unseen = found.rows - found.known
        tip = f"About {unseen:,} of them the network says nothing: they are not used" if unseen and found.known else ""
        if not classes and found.known:
            tip = f"Typical error: the root of the mean of (y − ŷ)²\n{tip}".strip()
        self.text.setToolTip(tip)

    def show_note(self, text: str, field: str = "quiet", *, back: bool = False) -> None:
        """Say something about the table in a colour of the theme, with a way back or without."""
        self.note.show_parts("", text)
        self._make_room()
        palette = self.note.palette()
        palette.setColor(palette.ColorRole.WindowText, self._theme.color(field))
        self.note.setPalette(palette)
        self.back.setVisible(back)

    def _make_room(self) -> None:
        """Let a note have the line for itself where there is little room."""
        narrow = self.width() < _CROWDED * base_pixel_size(self.font())
        self.text.setVisible(not (narrow and self.note.text()))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._make_room()
