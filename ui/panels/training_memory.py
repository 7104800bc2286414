"""How much of a GPU's memory the program may hold."""

from PySide6.QtWidgets import QWidget

from simulator.fields import Setting
from ui.device_words import NO_LIMIT, limit_text, parse_memory
from ui.forms import TextField, form_label, form_layout
from ui.panels.panel import Context

_HELP = (
    "How much of a GPU's memory this program may hold, as 2 GB; what it holds already stays.\n"
    "It is remembered for the next start."
)


class MemoryField(TextField):
    """An amount of memory as text, or "no limit"."""

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(setting, parent)
        self.line.setPlaceholderText(NO_LIMIT)
        self.line.setToolTip(setting.help)

    def _parsed(self, text: str) -> int | None:
        return parse_memory(text)

    def _text(self, value: int | None) -> str:
        return "" if value is None else limit_text(value)


class MemoryLimit(QWidget):
    """The limit as a row of the form; it holds at once for what is asked of a GPU from then on."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        setting = Setting("GPU memory", _HELP, name="device_memory", kind=str, optional=True)
        self.field = MemoryField(setting, self)
        form_layout(self).addRow(form_label(setting.label, setting.help, self.field), self.field)
        self.field.show_value(context.computing.memory)
        self.field.committed.connect(context.computing.limit_memory)
