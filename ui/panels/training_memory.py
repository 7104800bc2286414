"""How much of a GPU's memory the program may hold."""

from PySide6.QtWidgets import QLineEdit, QWidget

from simulator.errors import ConfigError
from simulator.fields import Setting
from ui.device_words import NO_LIMIT, limit_text, parse_memory
from ui.forms import Field, form_label, form_layout
from ui.panels.panel import Context

_HELP = (
    "How much of a GPU's memory this program may hold, as 2 GB; what it holds already stays.\n"
    "It is remembered for the next start."
)


class MemoryField(Field):
    """An amount of memory as text, or "no limit"."""

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(setting, parent)
        self.line = QLineEdit(self)
        self.line.setPlaceholderText(NO_LIMIT)
        self._shown: int | None = None
        self._place(self.line)
        self.line.setToolTip(setting.help)
        self.line.textEdited.connect(self._typed)
        self.line.editingFinished.connect(self._finished)

    def show_value(self, value: int | None) -> None:
        self._shown = value
        self.line.setText("" if value is None else limit_text(value))
        self.refuse("")

    def _typed(self, text: str) -> None:
        try:
            parse_memory(text)
        except ConfigError as error:
            self.refuse(error.hint)
        else:
            self.refuse("")

    def _finished(self) -> None:
        if not self.line.isModified():
            return
        self.line.setModified(False)
        try:
            value = parse_memory(self.line.text())
        except ConfigError:
            self.show_value(self._shown)  # the old limit still holds
            return
        changed = value != self._shown
        self.show_value(value)
        if changed:
            self.committed.emit(value)


class MemoryLimit(QWidget):
    """The limit as a row of the form; it holds at once for what is asked of a GPU from then on."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        setting = Setting("GPU memory", _HELP, name="device_memory", kind=str, optional=True)
        self.field = MemoryField(setting, self)
        form_layout(self).addRow(form_label(setting.label, setting.help, self.field), self.field)
        self.field.show_value(context.computing.memory)
        self.field.committed.connect(context.computing.limit_memory)
