"""Faults that are put into the data for a lesson: copies of rows, and wrong labels."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from simulator.fields import settings_of
from ui.forms import Field, add_row, field_for, form_layout
from ui.panels.panel import text_label
from ui.theme import Theme

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset

FAULTS = ("duplicates", "label_noise")
"""The choices about a table that put a fault into it, as `simulator.data.RecipeChoices` declares them."""


class Faults(QFrame):
    """A small window below its button, with a field a fault.

    Signals
    -------
    wanted
        (str, float): a fault's name and the share of rows that is to have it.
    """

    wanted = Signal(str, float)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("table.faults_box")
        self.setAccessibleName("Faults for a lesson")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.fields: dict[str, Field] = {}
        self._rows = form_layout(None)
        about = text_label(
            "Spoil the data on purpose: training goes on with it from the next epoch. What becomes of the test rows?",
            role="quiet",
        )
        about.setMinimumWidth(260)
        self.said = text_label(role="quiet")
        self.said.setObjectName("table.faults_said")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(8)
        column.addWidget(about)
        column.addLayout(self._rows)
        column.addWidget(self.said)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.setStyleSheet(f"Faults {{ background: {theme.raised}; border: 1px solid {theme.border}; }}")

    def take(self, dataset: "Dataset") -> None:
        """Show the faults of a data set."""
        from simulator.data import RecipeChoices

        if not self.fields:
            declared = {setting.name: setting for setting in settings_of(RecipeChoices)}
            for name in FAULTS:
                field = field_for(declared[name], {}, self)
                field.committed.connect(lambda value, name=name: self.wanted.emit(name, float(value)))
                self.fields[name] = field
                add_row(self._rows, declared[name], field)
        for name, field in self.fields.items():
            field.show_value(getattr(dataset.choices, name))
        self.said.setText(faults_of(dataset) or "There are none now.")
        self.adjustSize()

    def show_below(self, button: QWidget) -> None:
        """Come up below a button, with the right edges in line."""
        self.adjustSize()
        place = button.mapToGlobal(QPoint(button.width() - self.width(), button.height() + 2))
        self.move(place)
        self.show()
        next(iter(self.fields.values())).setFocus()


def faults_of(dataset: "Dataset") -> str:
    """Return in sentences which faults a data set has; empty where it has none."""
    wrong, more = len(dataset.noisy_rows), len(dataset.copies)
    told: list[Any] = []
    if more:
        told.append(f"{more:,} {'row is a copy' if more == 1 else 'rows are copies'} of others.")
    if wrong:
        whom = f"{wrong:,} training {'row is' if wrong == 1 else 'rows are'}"
        told.append(f"{whom} told a wrong {'class' if dataset.class_names else 'value'}.")
    return " ".join(told)
