"""Writes the numbers behind the views as CSV: which table, of which rows, with its beginning to look at."""

import dataclasses
import itertools
from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from simulator.progress import Progress
from ui.bridge import Bridge
from ui.dialogs.chooser import chooser
from ui.dialogs.files import ChooseToWrite
from ui.forms import form_layout
from ui.jobs import Failure
from ui.preferences import Preferences
from ui.writing import Numbers, tabbed, write_csv

_SHOWN_ROWS, _SHOWN_COLUMNS = 12, 40


def numbers_of(name: str, told: Any) -> Numbers:
    """Return a table of `simulator.insight.tables` as an export writes it."""
    from simulator.insight.tables import TABLES
    from ui.writing import lines

    return lines(lambda: TABLES[name].rows(told))


def beginning(name: str, told: Any, progress: Progress) -> list[list[str]]:
    """Return the head and the first rows of a table: a job."""
    from simulator.insight.tables import TABLES

    progress.report(None, "reading")
    rows: Iterator[Any] = itertools.islice(TABLES[name].rows(told), _SHOWN_ROWS + 1)
    return [[_short(cell) for cell in row[:_SHOWN_COLUMNS]] for row in map(list, rows)]


class NumbersDialog(QDialog):
    """The choices, the beginning of what is written, and the way to a file or to the clipboard.

    Parameters
    ----------
    told
        What the tables are made of, at the moment when the dialog was opened (a `simulator.insight.tables.Told`).
    """

    def __init__(self, told: Any, bridge: Bridge, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.numbers")
        self.setWindowTitle("Numbers")
        self.setAccessibleName("Numbers")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.choose: ChooseToWrite | None = None
        self._told, self._bridge, self._preferences = told, bridge, preferences
        self._look: Any = None
        self._job: Any = None
        self._make()
        kept = preferences.answers("numbers")
        for combo, key in ((self.table, "table"), (self.split, "split")):
            combo.setCurrentIndex(max(0, combo.findData(kept.get(key, ""))))
        self.raw.setChecked(kept.get("raw") == "yes")
        self.layer.setCurrentIndex(min(1, self.layer.count() - 1))
        for changed in (self.table, self.layer, self.split):
            changed.currentIndexChanged.connect(lambda _place: self._changed())
        self.raw.toggled.connect(lambda _on: self._changed())
        self.finished.connect(lambda _result: self._give_up())
        self._changed()

    # -- building -----------------------------------------------------------------------------------------------

    def _make(self) -> None:
        from simulator.insight.facts import layer_rows
        from simulator.insight.tables import SPLITS, TABLES

        self.table = chooser("numbers.table", "Which numbers", {key: row.title for key, row in TABLES.items()})
        layers = {
            place: f"{str(row[0]).capitalize()}: {row[1]:,}"
            for place, row in enumerate(layer_rows(self._told.snapshot.network))
        }
        self.layer = chooser("numbers.layer", "Layer", layers)
        self.split = chooser("numbers.split", "Rows", SPLITS)
        self.raw = QCheckBox("With the columns of the file")
        self.raw.setObjectName("numbers.raw")
        self.raw.setToolTip("Every raw cell of a row beside what the network says of it")
        self.about = QLabel()
        self.about.setObjectName("numbers.about")
        self.about.setForegroundRole(self.about.palette().ColorRole.PlaceholderText)
        self.form = form_layout(None)
        for title, field in (("&Numbers", self.table), ("&Layer", self.layer), ("&Rows", self.split), ("", self.raw)):
            self.form.addRow(title, field)
        self.sheet = QTableWidget()
        self.sheet.setObjectName("numbers.sheet")
        self.sheet.setAccessibleName("The first rows")
        self.sheet.setToolTip("The first rows of what is written; a file keeps all digits")
        self.sheet.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.sheet.verticalHeader().hide()
        self.sheet.setWordWrap(False)
        self.bar = QProgressBar()
        self.bar.setObjectName("numbers.progress")
        self.bar.setAccessibleName("Progress")
        self.bar.hide()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.copy, self.save = QPushButton("&Copy"), QPushButton("&Save …")
        for button, name, tip in (
            (self.copy, "copy", "Puts all rows on the clipboard, parted by tabs"),
            (self.save, "save", "Writes all rows to a file of comma-separated values"),
        ):
            button.setObjectName(f"numbers.{name}")
            button.setToolTip(tip)
            self.buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        self.save.setDefault(True)
        self.copy.setAutoDefault(False)
        self.buttons.rejected.connect(self.reject)
        self.copy.clicked.connect(self.copy_numbers)
        self.save.clicked.connect(self.save_numbers)
        foot = QHBoxLayout()
        foot.addWidget(self.about, 1)
        foot.addWidget(self.bar)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 16, 16, 14)
        whole.setSpacing(12)
        whole.addLayout(self.form)
        whole.addWidget(self.sheet, 1)
        whole.addLayout(foot)
        whole.addWidget(self.buttons)
        self.resize(760, 560)

    # -- what is chosen -----------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The chosen table: a key of `simulator.insight.tables.TABLES`."""
        return str(self.table.currentData())

    @property
    def told(self) -> Any:
        """What it is made of, as it is chosen."""
        return dataclasses.replace(
            self._told, layer=self.layer.currentData(), split=self.split.currentData(), raw=self.raw.isChecked()
        )

    def _changed(self) -> None:
        from simulator.insight.tables import TABLES

        row = TABLES[self.name]
        self.table.setToolTip(row.help)
        for field, option in ((self.layer, "layer"), (self.split, "split"), (self.raw, "raw")):
            self.form.setRowVisible(field, option in row.options)
        self._say(f"{row.help}.")
        if self._look is not None:
            self._look.cancel()
        self._look = self._bridge.run_job(
            beginning, self.name, self.told, on_done=self._show, on_failed=lambda failure: self._fail(failure)
        )

    def _show(self, rows: list[list[str]]) -> None:
        self._look = None
        head, *lines = rows
        self.sheet.clear()
        self.sheet.setColumnCount(len(head))
        self.sheet.setRowCount(len(lines))
        self.sheet.setHorizontalHeaderLabels(head)
        for place, line in enumerate(lines):
            for across, text in enumerate(line):
                item = QTableWidgetItem(text)
                if _is_number(text):
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.sheet.setItem(place, across, item)
        self.sheet.resizeColumnsToContents()

    def _say(self, text: str) -> None:
        self.about.setText(text)

    # -- taking it ----------------------------------------------------------------------------------------------

    def save_numbers(self) -> None:
        """Ask for a file, and write all rows to it beside the window."""
        from ui.dialogs.save_file import CSV, ask_where_to_save

        name = f"{self._told.dataset.name}-{self.name.replace('_', '-')}"
        path = ask_where_to_save(
            self,
            self._preferences,
            "figures",
            name,
            "Save numbers as CSV",
            CSV,
            self.choose,
        )
        if path is not None:
            self._begin(write_csv, path, done=lambda written: self._say(f"Saved to {written}"))

    def copy_numbers(self) -> None:
        """Put all rows on the clipboard."""
        self._begin(tabbed, done=self._copied)

    def _copied(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._say(f"{text.count(chr(10)) - 1:,} rows are on the clipboard, with their heads.")

    def _begin(self, make: Any, *first: Any, done: Any) -> None:
        self._preferences.set_answers("numbers", {
            "table": self.name, "split": self.split.currentData(), "raw": "yes" if self.raw.isChecked() else "no",
        })  # fmt: skip
        self._be_busy(busy=True)

        def finish(result: Any) -> None:
            self._be_busy(busy=False)
            done(result)

        self._job = self._bridge.run_job(
            make, *first, numbers_of(self.name, self.told), on_done=finish, on_failed=self._fail,
            on_progress=lambda _fraction, text: self._say(f"{text} …"),
        )  # fmt: skip

    def _be_busy(self, *, busy: bool) -> None:
        self.bar.setRange(0, 0)
        self.bar.setVisible(busy)
        for button in (self.copy, self.save):
            button.setEnabled(not busy)
        self._job = self._job if busy else None

    def _fail(self, failure: Failure) -> None:
        from ui.dialogs.failure import show_failure

        self._be_busy(busy=False)
        show_failure(self, failure.message, failure.hint, failure.kind)

    def _give_up(self) -> None:
        """Stop what is under way; a file that was begun is not there."""
        for job in (self._look, self._job):
            if job is not None:
                job.cancel()


def _short(cell: Any) -> str:
    return f"{cell:.6g}" if isinstance(cell, float) else str(cell)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
