"""A dataclass with declared settings in, a form out; what is typed is refused while it is typed."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QFormLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from simulator.errors import ConfigError
from simulator.fields import Setting, settings_of
from ui.theme import base_pixel_size

_LARGEST = 2**31 - 1
_LARGE_TEXT = 16.5


class NoWheel(QObject):
    """Keeps the wheel from changing a field that only lies in its way while a panel is scrolled."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if isinstance(event, QWheelEvent) and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False


class Field(QWidget):
    """One setting as an input, with a line below it for a refusal.

    Signals
    -------
    committed
        A value that the setting can take was chosen, or typed to the end.
    """

    committed = Signal(object)

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setting = setting
        self._refusal = QLabel(self)
        self._refusal.setProperty("refusal", True)
        self._refusal.setWordWrap(True)
        self._refusal.hide()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)

    def _place(self, editor: QWidget) -> None:
        editor.setAccessibleName(self.setting.label)
        editor.setAccessibleDescription(self.setting.help)
        editor.setObjectName(f"field.{self.setting.name}")
        editor.setToolTip(tooltip(self.setting))
        editor.setMinimumWidth(64)
        self._column.addWidget(editor)
        self._column.addWidget(self._refusal)
        self.setFocusProxy(editor)

    @property
    def refusal(self) -> str:
        """Why what is typed cannot be used; empty when it can."""
        return self._refusal.text()

    def show_value(self, value: Any) -> None:
        """Show a value without committing it."""
        raise NotImplementedError

    def refuse(self, text: str) -> None:
        """Say below the input why its content cannot be used; an empty text takes that back."""
        self._refusal.setText(text)
        self._refusal.setVisible(bool(text))
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Give a refusal all its lines: a form's layout gives an input the height of a text that is not wrapped."""
        needed = self._refusal.heightForWidth(self.width()) if self._refusal.text() else 0
        self._refusal.setMinimumHeight(needed)


class ChoiceField(Field):
    """One of some names."""

    def __init__(self, setting: Setting, names: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(setting, parent)
        self.box = QComboBox(self)
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setMinimumContentsLength(6)
        for name, hint in names.items():
            self.box.addItem(name.replace("_", " "), name)
            self.box.setItemData(self.box.count() - 1, hint or None, Qt.ItemDataRole.ToolTipRole)
        self._place(self.box)
        self.box.installEventFilter(NoWheel(self))
        self.box.activated.connect(lambda _index: self.committed.emit(self.box.currentData()))

    def show_value(self, value: Any) -> None:
        self.box.setCurrentIndex(self.box.findData(value))


class SwitchField(Field):
    """Yes or no."""

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(setting, parent)
        self.box = QCheckBox(self)
        self._place(self.box)
        self.box.clicked.connect(lambda checked: self.committed.emit(checked))

    def show_value(self, value: Any) -> None:
        self.box.setChecked(bool(value))


class NumberLine(QLineEdit):
    """A whole number as a line of text; the up and down keys, Page Up and Page Down change it too.

    Signals
    -------
    value_changed
        The number, when somebody typed or stepped to another one.
    """

    value_changed = Signal(int)

    def __init__(self, low: int = 0, high: int = _LARGEST, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._low, self._high, self._value = low, high, low
        self.set_range(low, high)
        self.editingFinished.connect(self._finished)

    @property
    def value(self) -> int:
        """The number."""
        return self._value

    def set_range(self, low: int, high: int) -> None:
        """Set the bounds; a number outside becomes the nearest one inside."""
        self._low, self._high = low, high
        self.show_value(self._value)

    def show_value(self, value: int) -> None:
        """Show a number without reporting it."""
        self._value = min(max(value, self._low), self._high)
        self.setText(f"{self._value:,}")

    def _take(self, value: int) -> None:
        before = self._value
        self.show_value(value)
        if self._value != before:
            self.value_changed.emit(self._value)

    def _finished(self) -> None:
        digits = self.text().replace(",", "").replace(" ", "")
        self._take(int(digits) if digits.lstrip("-").isdecimal() else self._value)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
        step = steps.get(Qt.Key(event.key()), 0)
        if step:
            self._finished()
            self._take(self._value + step)
        else:
            super().keyPressEvent(event)


class CountField(Field):
    """A whole number within bounds."""

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(setting, parent)
        low = -_LARGEST if setting.minimum is None else int(setting.minimum) + setting.open_minimum
        high = _LARGEST if setting.maximum is None else min(_LARGEST, int(setting.maximum) - setting.open_maximum)
        self.line = NumberLine(low, high, self)
        self._place(self.line)
        self.line.textEdited.connect(self._typed)
        self.line.editingFinished.connect(lambda: self.refuse(""))
        self.line.value_changed.connect(self.committed.emit)

    def show_value(self, value: Any) -> None:
        self.line.show_value(value)

    def _typed(self, text: str) -> None:
        try:
            self.setting.parse(text.replace(",", ""))
        except ConfigError as error:
            self.refuse(error.hint or error.message)
        else:
            self.refuse("")


class TextField(Field):
    """A number as text: 1e-8 stays 1e-8."""

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(setting, parent)
        self.line = QLineEdit(self)
        if setting.optional:
            self.line.setPlaceholderText("off")
        self._shown: Any = None
        self._place(self.line)
        self.line.textEdited.connect(self._typed)
        self.line.editingFinished.connect(self._finished)

    def _parsed(self, text: str) -> Any:
        """Return the value that a text means, or refuse it with a `ConfigError`."""
        return self.setting.parse(text)

    def _text(self, value: Any) -> str:
        return number_text(value)

    def show_value(self, value: Any) -> None:
        self._shown = value
        if not (self.line.hasFocus() and self.line.isModified()):
            self.line.setText(self._text(value))
        self.refuse("")

    def _typed(self, text: str) -> None:
        try:
            self._parsed(text)
        except ConfigError as error:
            self.refuse(error.hint or error.message)
        else:
            self.refuse("")

    def _finished(self) -> None:
        if not self.line.isModified():
            return
        self.line.setModified(False)
        try:
            value = self._parsed(self.line.text())
        except ConfigError:
            self.line.setText(self._text(self._shown))  # a refused text is not kept: the old value still holds
            self.refuse("")
            return
        self.line.setText(self._text(value))
        if value != self._shown:
            self._shown = value
            self.committed.emit(value)


class Form(QWidget):
    """The settings of a frozen dataclass as labelled inputs.

    Parameters
    ----------
    owner
        The dataclass or an instance of it: what it declares is shown.
    names
        Which of its settings, in which order; all of them when None.
    tables
        The tables that `Setting.choices_from` names.
    formula
        A sentence with a formula that every tooltip begins with.

    Signals
    -------
    changed
        A new instance, with one value replaced.
    """

    changed = Signal(object)

    def __init__(
        self,
        owner: Any,
        names: Iterable[str] | None = None,
        tables: Mapping[str, Mapping[str, Any]] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.value: Any = None if isinstance(owner, type) else owner
        self.fields: dict[str, Field] = {}
        wanted = None if names is None else list(names)
        declared = {setting.name: setting for setting in settings_of(owner)}
        rows = form_layout(self)
        for name in wanted if wanted is not None else declared:
            field = field_for(declared[name], tables or {}, self)
            field.committed.connect(lambda value, name=name: self._commit(name, value))
            self.fields[name] = field
            add_row(rows, declared[name], field)
        if self.value is not None:
            self.show_value(self.value)

    def show_value(self, value: Any) -> None:
        """Show an instance without reporting a change."""
        self.value = value
        for name, field in self.fields.items():
            field.show_value(getattr(value, name))

    def _commit(self, name: str, value: Any) -> None:
        try:
            replaced = dataclasses.replace(self.value, **{name: value})
        except ConfigError as error:
            said = f"{error.message[:1].upper()}{error.message[1:]}."
            self.fields[name].refuse(f"{said} {error.hint}".strip())
            return
        if replaced != self.value:
            self.value = replaced
            self.changed.emit(replaced)


def form_layout(parent: QWidget | None) -> QFormLayout:
    """Return an empty two-column layout with the spacing of all forms."""
    rows = QFormLayout() if parent is None else QFormLayout(parent)
    rows.setContentsMargins(0, 0, 0, 0)
    rows.setHorizontalSpacing(10)
    rows.setVerticalSpacing(7)
    rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    # With large text a label and its input do not fit beside each other in a narrow panel.
    large = base_pixel_size(QApplication.font()) > _LARGE_TEXT
    policy = QFormLayout.RowWrapPolicy
    rows.setRowWrapPolicy(policy.WrapAllRows if large else policy.WrapLongRows)
    rows.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return rows


def add_row(rows: QFormLayout, setting: Setting, field: Field) -> None:
    """Add a labelled field."""
    rows.addRow(form_label(setting.label, tooltip(setting), field), field)


def form_label(text: str, tip: str, field: QWidget | None = None) -> QLabel:
    """Return a label; all labels of all forms are at least as wide as "Learning rate", so that the inputs line up."""
    label = QLabel(text)
    label.setToolTip(tip)
    if base_pixel_size(QApplication.font()) <= _LARGE_TEXT:
        label.setMinimumWidth(label.fontMetrics().horizontalAdvance("Learning rate "))
    if field is not None:
        label.setBuddy(field.focusProxy() or field)
    return label


def field_for(setting: Setting, tables: Mapping[str, Mapping[str, Any]], parent: QWidget | None = None) -> Field:
    """Return the input that fits a setting."""
    if setting.choices_from:
        return ChoiceField(setting, formulas(tables[setting.choices_from]), parent)
    if setting.choices:
        return ChoiceField(setting, dict.fromkeys(setting.choices, ""), parent)
    if setting.kind is bool:
        return SwitchField(setting, parent)
    if setting.kind is int and not setting.optional and (setting.maximum or 0) <= _LARGEST:
        return CountField(setting, parent)
    return TextField(setting, parent)


def formulas(table: Mapping[str, Any]) -> dict[str, str]:
    """Return the names of a table with what their rows say of themselves: a formula, or one line."""
    return {name: str(getattr(row, "formula", "") or first_line(row)) for name, row in table.items()}


def first_line(row: Any) -> str:
    """Return the first line of a class's or a function's own text."""
    text = (row.__doc__ or "") if isinstance(row, type) or callable(row) else ""
    return text.strip().split("\n")[0]


def tooltip(setting: Setting) -> str:
    """Return a setting's help, and what it can take."""
    return f"{setting.help}\nIt is {setting.permitted()}." if not setting.choices_from else setting.help


def number_text(value: Any) -> str:
    """Return a number as it would be typed, with every digit that it has; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, float):
        text = f"{value:.12g}" if float(f"{value:.12g}") == value else repr(value)
        return text.replace("e-0", "e-")
    return str(value)
