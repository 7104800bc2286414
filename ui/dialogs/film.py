"""The dialog "Film of the training": what is filmed, in which format, which epochs, how large, how fast."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from simulator.errors import ConfigError
from simulator.fields import settings_of
from ui.bridge import Bridge
from ui.dialogs.chooser import chooser
from ui.dialogs.film_choices import FILM, NOW, OTHER, SIZES, SPACINGS, STEP, UNSEEN, Choices, Sight, sentence_of
from ui.dialogs.film_preview import Draw, Preview
from ui.films.film import Film
from ui.films.formats import ENCODERS, check_film
from ui.forms import NumberLine, add_row, field_for, form_label, form_layout
from ui.preferences import Preferences

TITLE = "Film of the training"
_GROUP = "film"
_SMALLEST, _LARGEST = 64, 4096
_PAUSE = 0.5
_NOTHING = "Nothing was trained yet: a film would have one frame."


class FilmDialog(QDialog):
    """Asks how a film is to be; every answer is remembered when it is accepted.

    Parameters
    ----------
    bridge
        Whose branch is filmed.
    preferences
        What was answered the last time.
    sights
        What can be filmed, by the names of ``nodeglow render --view``.
    theme
        The name of the window's theme.
    draw
        Draws the small pictures.

    Signals
    -------
    wanted
        `Choices`: the film is to be made.
    """

    wanted = Signal(object)

    def __init__(
        self,
        bridge: Bridge,
        preferences: Preferences,
        sights: Mapping[str, Sight],
        theme: str,
        draw: Draw,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.film")
        self.setWindowTitle(TITLE)
        self.setAccessibleName(TITLE)
        self._bridge, self._preferences, self._sights = bridge, preferences, sights
        end = self._end()
        self.choices = Choices.of(preferences.answers(_GROUP), sights, theme, end)
        self._make_fields(end)
        self.preview = Preview(bridge, draw)
        self.estimate = QLabel(wordWrap=True)
        self.estimate.setObjectName("film.estimate")
        self.estimate.setAccessibleName("What it will be")
        self._lay_out()
        self._grown_at = 0.0
        bridge.ticked.connect(self._grow)
        self._show_choices()

    def _end(self) -> int:
        snapshot = self._bridge.snapshot
        return 0 if snapshot is None else int(snapshot.end[0])

    # -- making -------------------------------------------------------------------------------------------------

    def _combo(self, name: str, title: str, tip: str, items: Mapping[str, str]) -> QComboBox:
        box = chooser(f"film.{name}", title, items, tip)
        box.activated.connect(lambda _index: self._change(**{name: box.currentData()}))
        return box

    def _line(self, name: str, title: str, tip: str, low: int, high: int) -> NumberLine:
        line = NumberLine(low, high)
        line.setObjectName(f"film.{name}")
        line.setAccessibleName(title)
        line.setToolTip(tip)
        line.value_changed.connect(lambda value: self._change(**{name: value}))
        return line

    def _make_fields(self, end: int) -> None:
        self.view = self._combo(
            "view", "What is filmed", "The network alone, a panel, or the whole window as it is arranged now",
            {name: sight.title for name, sight in self._sights.items()},
        )  # fmt: skip
        self.view.insertSeparator(2)
        self.suffix = self._combo(
            "suffix", "Format", "The kind of file", {suffix: row.name for suffix, row in ENCODERS.items()}
        )
        self._allow_formats()
        self.first = self._line("first", "From epoch", "The epoch that the film begins with", 0, end)
        self.last = self._line("last", "To epoch", "The epoch that the film ends with", 0, end)
        self.spacing = self._combo("spacing", "Which epochs", "Which epochs become frames", SPACINGS)
        self.step = self._line("step", "Step", "So many epochs from frame to frame", 1, 1_000_000)
        self.sizes = self._combo("size", "Size", "Width and height of the film, in pixels", SIZES)
        self.width_line = self._line("width", "Width", "Pixels from left to right", _SMALLEST, _LARGEST)
        self.height_line = self._line("height", "Height", "Pixels from top to bottom", _SMALLEST, _LARGEST)
        self.theme = self._combo(
            "theme", "Theme", "The colours of the film", {"dark": "Dark", "light": "Light"}
        )  # fmt: skip
        self.fields = {row.name: field_for(row, {}) for row in settings_of(Film) if row.name in FILM}
        for name, field in self.fields.items():
            field.committed.connect(lambda value, name=name: self._set(name, value))

    def _allow_formats(self) -> None:
        """Say of a format that is not installed how it would be."""
        model: Any = self.suffix.model()
        for index, row in enumerate(ENCODERS.values()):
            tip = row.about if row.ready else f"Not installed: {row.install}"
            self.suffix.setItemData(index, tip, Qt.ItemDataRole.ToolTipRole)
            model.item(index).setEnabled(row.ready)

    def _lay_out(self) -> None:
        rows = self.rows = form_layout(None)
        rows.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        self.about = QLabel(wordWrap=True)
        self.about.setForegroundRole(self.about.palette().ColorRole.PlaceholderText)
        self._row(rows, "What", self.view)
        self._row(rows, "Format", self.suffix)
        rows.addRow("", self.about)
        self._row(rows, "Epochs", self.first, QLabel("to"), self.last)
        self._row(rows, "Frames", self.spacing, self.step)
        self.times = QLabel("×")
        self._row(rows, "Size", self.sizes, self.width_line, self.times, self.height_line)
        self._row(rows, "Theme", self.theme)
        for field in self.fields.values():
            add_row(rows, field.setting, field)
        right = QVBoxLayout()
        right.setSpacing(10)
        right.addWidget(self.preview)
        right.addWidget(self.estimate)
        right.addStretch(1)
        both = QHBoxLayout()
        both.setSpacing(22)
        both.addLayout(rows, 1)
        both.addLayout(right)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.make = buttons.addButton("&Make the film …", QDialogButtonBox.ButtonRole.AcceptRole)
        self.make.setObjectName("film.make")
        self.make.setDefault(True)
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setToolTip("Makes no film (Esc).")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(18)
        layout.addLayout(both, 1)
        layout.addWidget(buttons)
        em = self.fontMetrics().horizontalAdvance("m")
        self.setMinimumWidth(min(62 * em, 1000))

    def _row(self, rows: QFormLayout, label: str, first: QWidget, *others: QWidget) -> None:
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(first, 1)
        for widget in others:
            line.addWidget(widget, 0 if isinstance(widget, QLabel) else 1)
        rows.addRow(form_label(label, first.toolTip(), first), line)

    # -- what is wanted -----------------------------------------------------------------------------------------

    def _grow(self, now: float) -> None:
        """Follow the branch's end now and then, where the film is to go to it."""
        before, end = self.choices.end, self._end()
        if end != before and now - self._grown_at >= _PAUSE:
            self._grown_at = now
            last = end if self.choices.last in (before, end) else min(self.choices.last, end)
            self.choices = dataclasses.replace(self.choices, end=end, last=last, first=min(self.choices.first, last))
            self._show_choices()

    def _set(self, name: str, value: Any) -> None:
        self._change(film=dataclasses.replace(self.choices.film, **{name: value}))

    def _change(self, **values: Any) -> None:
        self.choices = dataclasses.replace(self.choices, **values)
        self._show_choices()

    def _show_choices(self) -> None:
        """Show what is chosen, what follows from it, and why it cannot be, where it cannot."""
        choices = self.choices
        self.first.set_range(0, choices.end)
        self.last.set_range(0, choices.end)
        for name in ("first", "last", "step"):
            getattr(self, name).show_value(getattr(choices, name))
        for name, box in (
            ("view", self.view),
            ("suffix", self.suffix),
            ("spacing", self.spacing),
            ("size", self.sizes),
            ("theme", self.theme),
        ):
            box.setCurrentIndex(box.findData(getattr(choices, name)))
        size = choices.pixels(self._sights)
        self.sizes.setItemText(self.sizes.findData(NOW), self._now())
        for line, value in ((self.width_line, size.width()), (self.height_line, size.height())):
            line.show_value(value)
        for part in (self.width_line, self.times, self.height_line):
            part.setVisible(choices.size == OTHER)
        self.step.setVisible(choices.spacing == STEP)
        row = ENCODERS[choices.suffix]
        self.about.setText(row.about)
        for name, field in self.fields.items():
            field.show_value(getattr(choices.film, name))
        for name, shown in (("loop", row.loops), ("quality", row.heeds_quality)):
            self.rows.setRowVisible(self.fields[name], shown)
        refusal = self._refusal(size)
        self.make.setEnabled(not refusal)
        self.make.setToolTip(refusal or "Asks for a file and makes the film beside the window (Alt+M).")
        self.estimate.setText(refusal or sentence_of(choices, size))
        self.preview.show_film(choices.view, choices.theme, size, choices.first, choices.last)

    def _now(self) -> str:
        size = self._sights[self.choices.view].size
        size, how = (UNSEEN, "Usual") if size is None else (size, "As it is shown")
        return f"{how}: {size.width()} × {size.height()}"

    def _refusal(self, size: QSize) -> str:
        """Return why there can be no such film; empty where there can."""
        choices = self.choices
        if choices.end == 0:
            return _NOTHING
        try:
            check_film(choices.suffix, choices.wanted_film(), size.width(), size.height())
            choices.epochs()
        except ConfigError as error:
            return f"{error.message[:1].upper()}{error.message[1:]}. {error.hint}"
        return ""

    def accept(self) -> None:
        """Remember the answers and say that the film is wanted."""
        self._preferences.set_answers(_GROUP, self.choices.to_texts())
        super().accept()
        self.wanted.emit(self.choices)
