"""Help: which keys and mouse gestures there are, and what the program is."""

from collections.abc import Iterable
from typing import TypeVar

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QAction, QFont, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.dialogs.about import FONT, FONT_LICENCE, LICENCE, licences, version
from ui.dialogs.tints import theme_of

Row = tuple[str, str]
D = TypeVar("D", bound=QDialog)

MOUSE: tuple[Row, ...] = (
    ("Wheel", "Zoom the network in or out"),
    ("Drag", "Move the network"),
    ("Point at a neuron", "Its inputs, weights and bias"),
    ("Point at an edge", "Its weight"),
    ("Click", "Select a neuron or an edge: the inspector, the history and the matrices follow"),
    ("Double click on a neuron", "Open the inspector: every figure leads to where it comes from"),
    ("Drag the handle of the timeline", "Go to any epoch that was trained"),
    ("+ or − above a layer", "One neuron more or less"),
    ("Click in the table of rows", "Send that row through the network"),
    ("Drop a file on the window", "Load a data set or a model"),
)
"""What the mouse does in the window."""


IN_THE_NETWORK: tuple[Row, ...] = (
    ("Arrow keys, Home, End", "Walk from neuron to neuron"),
    ("E, Shift+E", "Go along the edges of a neuron, the strongest first"),
    ("B", "Select the bias of a neuron"),
    ("Enter", "Explain what one stands on, in the inspector"),
    ("F", "Show the whole network"),
    ("Esc", "Out of a panel, back to the network"),
)
"""What keys do while the network has the keyboard."""


class HelpDialog(QDialog):
    """The keys and the mouse.

    Parameters
    ----------
    actions
        The window's actions; those with a shortcut are listed, in their order.
    mouse
        What the mouse does.
    """

    def __init__(self, actions: Iterable[QAction], mouse: Iterable[Row] = MOUSE, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.help")
        self.setWindowTitle("Keys and mouse")
        self.setAccessibleName("Keys and mouse")
        groups = [("Keys", keys_of(actions)), ("Keys in the network", IN_THE_NETWORK), ("Mouse", tuple(mouse))]
        self.table = _Table(groups)
        self.table.setObjectName("help.table")
        self.table.setAccessibleName("Keys and mouse")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(12)
        layout.addWidget(self.table)
        buttons = _close_button(self)
        layout.addWidget(buttons)
        buttons.button(QDialogButtonBox.StandardButton.Close).setFocus()  # not a cell, which would look chosen
        em = self.fontMetrics().horizontalAdvance("m")
        self.resize(min(46 * em, 960), min(round(38 * self.fontMetrics().height()), 680))


class AboutDialog(QDialog):
    """The program's version and licences."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.about")
        self.setWindowTitle("About Nodeglow")
        self.setAccessibleName("About Nodeglow")
        name = QLabel("Nodeglow")
        large = QFont(self.font())
        large.setWeight(QFont.Weight.DemiBold)
        large.setPixelSize(round(1.9 * self.fontInfo().pixelSize()))
        name.setFont(large)
        said = QLabel(
            f"Version {version()}. A visual neural-network simulator: see the real network, train it before your "
            f"eyes, ask for any number.\nThe program stands under the {LICENCE}, its font ({FONT}) under the "
            f"{FONT_LICENCE}. The bundled data sets have licences of their own:",
            wordWrap=True,
        )
        said.setObjectName("about.text")
        said.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        rows = licences()
        self.table = QTableWidget(len(rows), 3)
        self.table.setObjectName("about.licences")
        self.table.setAccessibleName("Licences of what is bundled")
        self.table.setHorizontalHeaderLabels(["Bundled", "Source", "Licence"])
        for row, cells in enumerate(rows):
            for place, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.table.setItem(row, place, item)
        _quieten(self.table)
        self.table.setWordWrap(True)
        head = self.table.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        head.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(10)
        layout.addWidget(name)
        layout.addWidget(said)
        layout.addWidget(self.table, 1)
        buttons = _close_button(self)
        layout.addWidget(buttons)
        buttons.button(QDialogButtonBox.StandardButton.Close).setFocus()  # not a cell, which would look chosen
        em = self.fontMetrics().horizontalAdvance("m")
        self.resize(min(64 * em, 980), min(36 * self.fontMetrics().height(), 680))


class _Table(QTableWidget):
    """Two columns under headings of their own."""

    def __init__(self, groups: list[tuple[str, tuple[Row, ...]]]) -> None:
        super().__init__(sum(1 + len(rows) for _, rows in groups), 2)
        self._faint: list[QTableWidgetItem] = []
        self._heads: list[QTableWidgetItem] = []
        _quieten(self)
        self.horizontalHeader().hide()
        place = 0
        for title, rows in groups:
            head = QTableWidgetItem(title)
            head.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self._heads.append(head)
            self.setItem(place, 0, head)
            self.setSpan(place, 0, 1, 2)
            for row, (keys, does) in enumerate(rows, place + 1):
                self.setItem(row, 0, QTableWidgetItem(keys))
                told = QTableWidgetItem(does)
                told.setToolTip(does)
                self._faint.append(told)
                self.setItem(row, 1, told)
            place += 1 + len(rows)
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self._dress()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "_heads"):
            self._dress()

    def _dress(self) -> None:
        theme, bold = theme_of(self), QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        for item in self._heads:
            item.setFont(bold)
            item.setForeground(theme.color("link"))
        for item in self._faint:
            item.setForeground(theme.color("quiet"))
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 12)


def keys_of(actions: Iterable[QAction]) -> tuple[Row, ...]:
    """Return (keys, what they do) of the actions that have a shortcut, each action once."""
    rows: dict[str, Row] = {}
    for place, action in enumerate(actions):
        shown = [each.toString(QKeySequence.SequenceFormat.NativeText) for each in action.shortcuts()]
        shown = list(dict.fromkeys(text for text in shown if text))
        if shown and not action.isSeparator():
            rows.setdefault(action.objectName() or str(place), (" or ".join(shown), _does(action)))
    return tuple(rows.values())


def show_help(parent: QWidget | None, actions: Iterable[QAction], mouse: Iterable[Row] = MOUSE) -> HelpDialog:
    """Show the keys and the mouse without waiting."""
    return _shown(HelpDialog(actions, mouse, parent))


def show_about(parent: QWidget | None) -> AboutDialog:
    """Show what the program is without waiting."""
    return _shown(AboutDialog(parent))


def _does(action: QAction) -> str:
    text = action.text().replace("&&", "\0").replace("&", "").replace("\0", "&").rstrip("….")
    return text.strip()


def _quieten(table: QTableWidget) -> None:
    table.verticalHeader().hide()
    table.setShowGrid(False)
    table.setStyleSheet("QTableWidget::item { padding: 5px 8px; }")
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.horizontalHeader().setHighlightSections(False)
    table.horizontalHeader().setSectionsClickable(False)


def _close_button(dialog: QDialog) -> QDialogButtonBox:
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.button(QDialogButtonBox.StandardButton.Close).setToolTip("Closes this window (Esc).")
    buttons.rejected.connect(dialog.reject)
    return buttons


def _shown(dialog: D) -> D:
    dialog.finished.connect(lambda _: QTimer.singleShot(0, dialog.deleteLater))
    dialog.open()
    return dialog
