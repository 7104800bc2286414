"""What the chosen format's file would hold, what not, what can be chosen about it, and how it would look."""

import dataclasses

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from simulator.interchange import FORMATS, ExportOptions, Format
from ui.dialogs.exporting.contents import Contents
from ui.dialogs.exporting.preview import Preview
from ui.dialogs.wording import sentence, size
from ui.forms import Form

_NOTHING_LEFT_OUT = "None: nothing is left out."


class FormatPage(QWidget):
    """One format.

    Parameters
    ----------
    facts
        What every file is made of: names and values.

    Signals
    -------
    options_changed
        `ExportOptions`.
    """

    options_changed = Signal(object)

    def __init__(self, facts: list[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.options = ExportOptions()
        self.title, self.suffix, self.about = _label("export.title"), _label("export.suffix"), _label("export.about")
        self.suffix.setProperty("tone", "quiet")
        self.about.setWordWrap(True)
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        bold.setPixelSize(round(1.2 * self.fontInfo().pixelSize()))
        self.title.setFont(bold)
        self.facts: dict[str, QLabel] = {}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        for name, value in [*facts, ("Size", ""), ("Limits", "")]:
            self._add_fact(name, value)
        self._form_place = QVBoxLayout()
        self._form_place.setContentsMargins(0, 0, 0, 0)
        self.form: Form | None = None
        self.preview = Preview()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        head = QGridLayout()
        head.setHorizontalSpacing(8)
        head.setVerticalSpacing(3)
        head.addWidget(self.title, 0, 0)
        head.addWidget(self.suffix, 0, 1, Qt.AlignmentFlag.AlignBaseline)
        head.setColumnStretch(2, 1)
        head.addWidget(self.about, 1, 0, 1, 3)
        layout.addLayout(head)
        layout.addLayout(self._grid)
        layout.addLayout(self._form_place)
        layout.addWidget(self.preview, 1)

    def show_format(self, row: Format) -> None:
        """Show what is known of a format at once."""
        self.title.setText(row.called)
        self.suffix.setText(row.suffix)
        self.about.setText(sentence(row.description))
        self._show_form(row)
        self.preview.wait(row)

    def show_contents(self, contents: Contents) -> None:
        """Show what a file would hold, or why there can be none."""
        found = contents.content
        self.facts["Size"].setText("" if found is None else size(len(found)))
        limits = contents.limits
        self.facts["Limits"].setText("\n".join(limits) if limits else _NOTHING_LEFT_OUT)
        tone = "warning" if limits else "quiet"
        label = self.facts["Limits"]
        if label.property("tone") != tone:
            label.setProperty("tone", tone)
            label.style().polish(label)
        self.preview.show_contents(contents)

    def _show_form(self, row: Format) -> None:
        """Ask for the options that the format heeds, and for no others."""
        if self.form is not None:
            self._form_place.removeWidget(self.form)
            self.form.hide()
            self.form.deleteLater()
            self.form = None
        if row.options:
            self.form = Form(self.options, row.options)
            self.form.setObjectName("export.options")
            self.form.changed.connect(self._take)
            self._form_place.addWidget(self.form)

    def _take(self, options: ExportOptions) -> None:
        self.options = options
        self.options_changed.emit(options)

    def set_options(self, options: ExportOptions) -> None:
        """Take options from elsewhere."""
        self.options = options
        if self.form is not None:
            self.form.show_value(options)

    def heeded(self, name: str) -> ExportOptions:
        """Return the options of a format: what it does not heed is as by default, so that equal files are equal."""
        chosen = {field: getattr(self.options, field) for field in FORMATS[name].options}
        return dataclasses.replace(ExportOptions(), **chosen)

    def _add_fact(self, name: str, value: str) -> None:
        key, label = QLabel(name), _label(f"export.fact_{name.lower().replace(' ', '_')}")
        key.setProperty("tone", "quiet")
        label.setText(value)
        label.setWordWrap(True)
        place = self._grid.rowCount()
        self._grid.addWidget(key, place, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(label, place, 1)
        self.facts[name] = label


def _label(name: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    # Names of classes and columns come from files: they are never read as markup.
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
