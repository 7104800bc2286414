"""One feature of the row: its name, its value to be typed or dragged, and what it contributes."""

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QWidget

from ui.canvas.picture import pretty_name, value_text
from ui.forms import NoWheel
from ui.panels.what_if_bar import ShareBar
from ui.panels.what_if_grid import Grid, decimals_of, grid_of
from ui.panels.what_if_line import Elided, ValueLine
from ui.panels.what_if_slider import RangeSlider
from ui.theme import Theme, base_pixel_size, icon

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset
    from simulator.explain.whatif import Feature

Value = float | str
_SAMPLE = 1000
_MARK = 14


@dataclasses.dataclass(frozen=True)
class Facts:
    """What does not change about a feature while the data set stays.

    Attributes
    ----------
    column, name, unit
        As in the file, and for people.
    grid
        The values of its slider; None for categories, dates and texts.
    categories
        None of them for a number, a date or a text.
    decimal
        The decimal mark of the file.
    """

    column: str
    name: str
    unit: str
    grid: Grid | None
    categories: tuple[str, ...]
    decimal: str

    @property
    def seen(self) -> str:
        """The range that training saw, or the categories."""
        if self.grid is None and not self.categories:
            return "other dates and texts"
        if self.grid is None:
            shown = ", ".join(self.categories[:12])
            return shown + (f" and {len(self.categories) - 12} more" if len(self.categories) > 12 else "")
        return f"{value_text(self.grid.low)} to {value_text(self.grid.high, self.unit)}"

    def text(self, value: Value) -> str:
        """Return a value as people see it."""
        return value_text(value, self.unit)

    def warning(self, value: Value) -> str:
        """Return in a sentence that training never saw such a value."""
        if self.grid is None:
            return f"{self.name} is {value or 'unknown'}; the training rows have {self.seen}."
        return f"{self.name} is {self.text(value)}; the training rows go from {self.seen}."


def facts_of(dataset: "Dataset", feature: "Feature") -> Facts:
    """Return what is shown of a feature."""
    name, unit = pretty_name(feature.column)
    grid = None
    if feature.is_number:
        from simulator.data.cells import numbers

        cells = dataset.table[feature.column].iloc[dataset.train_rows[:_SAMPLE]]
        values = numbers(cells, dataset.recipe.decimal, sure=True)[0]
        grid = grid_of(feature.low, feature.high, decimals_of(values[np.isfinite(values)].tolist()))
    return Facts(feature.column, name, unit, grid, feature.categories, dataset.recipe.decimal)


class FeatureRow(QWidget):
    """The row of a feature; it can take another one.

    Signals
    -------
    changed
        The value that somebody dragged, typed or chose.
    restored
        The table's own value is wanted back.
    refused
        Why what is typed cannot be used; empty when it can.
    entered
        bool: whether the pointer came or went.
    """

    changed = Signal(object)
    restored = Signal()
    refused = Signal(str)
    entered = Signal(bool)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.facts: Facts | None = None
        self.place = -1
        self._value: Value = float("nan")
        self._own: Value | None = None
        self._warns: bool | None = None
        self._lit = False
        self.mark = QLabel()
        self.mark.setFixedSize(_MARK, _MARK)
        self.name = Elided()
        self.line = ValueLine()
        base = base_pixel_size(self.font())
        self.line.setFixedSize(round(5.0 * base), round(1.5 * base))
        self.unit = QLabel()
        self.slider = RangeSlider(theme)
        self.box = QComboBox()
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setMinimumContentsLength(4)
        wheel = NoWheel(self)
        for widget in (self.slider, self.box):
            widget.installEventFilter(wheel)
        self.bar = ShareBar(theme)
        self._head = head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.mark)
        head.addWidget(self.name, 1)
        head.addWidget(self.line)
        head.addWidget(self.unit)
        self._whole = whole = QGridLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setHorizontalSpacing(10)
        whole.setVerticalSpacing(0)
        whole.addWidget(self.slider, 1, 0)
        whole.addWidget(self.box, 1, 0)
        whole.setColumnStretch(0, 1)
        self.make_narrow(False)
        self.mark.hide()
        self.slider.moved.connect(self._move)
        self.slider.restored.connect(self.restored)
        self.line.committed.connect(self._move)
        self.line.stepped.connect(self._step)
        self.line.refused.connect(self.refused)
        self.box.activated.connect(lambda _index: self._choose())

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = self.slider.theme = self.bar.theme = theme
        self._warns = None
        self._colour()
        self.update()

    def make_narrow(self, narrow: bool) -> None:
        """Let the name and the value have all of the first line, and leave the contribution's figure out."""
        self.bar.leave_figure_out(narrow)
        self._whole.removeItem(self._head)
        self._whole.removeWidget(self.bar)
        self._head.setParent(None)
        self._whole.addLayout(self._head, 0, 0, 1, 2 if narrow else 1)
        self._whole.addWidget(self.bar, 1 if narrow else 0, 1, 1 if narrow else 2, 1)

    def take(self, place: int, facts: Facts) -> None:
        """Show another feature."""
        if facts is self.facts:
            return
        self.place, self.facts = place, facts
        self.name.show_parts("", facts.name, "", f"{facts.column}\nIn the training rows: {facts.seen}")
        self.unit.setText(facts.unit)
        self.line.setVisible(facts.grid is not None)
        self.slider.setVisible(facts.grid is not None)
        self.box.setVisible(facts.grid is None)
        key = facts.column
        for widget, what in ((self.line, "value"), (self.slider, "slider"), (self.box, "category")):
            widget.setObjectName(f"what_if.{what}.{key}")
        self.line.setToolTip(f"Type a value, or press Up and Down. In the training rows: {facts.seen}")
        if facts.grid is None:
            self.box.clear()
            for category in facts.categories:
                self.box.addItem(category, category)
            self.box.setToolTip("The categories of the training rows" if facts.categories else "Type another one")
            self.box.setEditable(not facts.categories)  # a date or a text can only be typed
            typed = self.box.lineEdit()
            if typed is not None:
                self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
                typed.editingFinished.connect(self._choose)

    def leave_room(self, width: int) -> None:
        """Give the unit as much room as the other rows' units take, so that the values stand below one another."""
        self.unit.setMinimumWidth(width)
        self.unit.setVisible(width > 0 and self.facts is not None and self.facts.grid is not None)

    def show_value(self, value: Value, own: Value | None, *, warns: bool, waits: bool = False) -> None:
        """Show a value without reporting it.

        Parameters
        ----------
        value, own
            What it is now, and what stands in the table: None where nothing does.
        warns
            Whether training never saw such a value.
        waits
            Whether the value only proposes what may stand for a missing one.
        """
        facts = self.facts
        if facts is None:
            return
        if facts.grid is None:
            self._show_category("" if waits else str(value), own)
        else:
            number = float(value)
            self.slider.show_grid(facts.grid, None if own is None else float(own))
            self.slider.show_value(number, changed=value != own and not waits, warns=warns)
            self.line.show_value(float("nan") if waits else number, facts.unit, facts.decimal, "missing")
        said = "missing" if waits else facts.text(value)
        if (value, own) != (self._value, self._own) or warns is not self._warns:
            tip = f"In the training rows: {facts.seen}"
            tip += "\nThe row has no value here" if own is None else f"\nClick twice: back to {facts.text(own)}"
            self.slider.setToolTip(tip)
            self.line.setAccessibleName(f"{facts.name} in {facts.unit}" if facts.unit else facts.name)
            for widget in (self.slider, self.box):
                widget.setAccessibleName(f"{facts.name}, {said or 'unknown'}")
        self._value, self._own = value, own
        self._warn(facts.warning(value) if warns else "", warns=warns)

    def light(self, on: bool) -> None:
        """Show that the pointer is on this feature, here or in another view."""
        if on is not self._lit:
            self._lit = on
            self._colour()

    def _colour(self) -> None:
        colour = self.theme.color("warning" if self._warns else "link" if self._lit else "text")
        for widget in (self.name, self.unit):
            palette = widget.palette()
            palette.setColor(palette.ColorRole.WindowText, colour)
            widget.setPalette(palette)

    def _show_category(self, value: str, own: Value | None) -> None:
        known = self.facts.categories if self.facts is not None else ()
        typed = self.box.lineEdit()
        if typed is not None:
            if not (typed.hasFocus() and typed.isModified()):
                typed.setText(value)
            return
        own_name = "" if own is None else str(own)
        for index in range(self.box.count() - 1, len(known) - 1, -1):
            self.box.removeItem(index)
        for name in dict.fromkeys((own_name, value)):
            if name and name not in known:
                self.box.addItem(f"{name} (unknown)", name)
        self.box.setCurrentIndex(self.box.findData(value))

    def _warn(self, sentence: str, *, warns: bool) -> None:
        if warns is not self._warns:
            self._warns = warns
            self.mark.setVisible(warns)
            if warns:
                self.mark.setPixmap(icon("warning", self.theme, "warning").pixmap(_MARK, _MARK))
            self._colour()
        self.mark.setToolTip(sentence)
        for widget in (self.slider, self.box):
            widget.setAccessibleDescription(sentence)

    def show_share(self, text: str, share: float, tip: str) -> None:
        """Show the contribution: a figure, and its part of the scale."""
        self.bar.show_share(text, share)
        self.bar.setToolTip(tip)
        self.bar.setAccessibleName(f"What {self.facts.name} contributes: {text}" if self.facts is not None else "")

    def _choose(self) -> None:
        value = self.box.currentText().strip() if self.box.isEditable() else self.box.currentData()
        if value != self._value:
            self.changed.emit(value)

    def _move(self, value: float) -> None:
        if value != self._value:
            self.changed.emit(value)

    def _step(self, by: int) -> None:
        grid = None if self.facts is None else self.facts.grid
        if grid is not None:
            position = grid.position(float(self._value)) + by
            self._move(grid.value(min(max(position, 0), grid.positions)))

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802 - Qt's name
        super().enterEvent(event)
        self.entered.emit(True)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        super().leaveEvent(event)
        self.entered.emit(False)
