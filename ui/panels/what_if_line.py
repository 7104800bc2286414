"""A number in real units as a line of text that can be typed into, and a label that shortens one of its words."""

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from ui.canvas.picture import value_text

_STEPS = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}

_READABLE = 0.35


class ValueLine(QLineEdit):
    """A number as the canvas writes it; what is typed is refused while it is typed.

    Signals
    -------
    committed
        The number that was typed to the end.
    stepped
        By how many steps the keys Up, Down, Page Up and Page Down want to change it.
    refused
        Why what is typed cannot be used; empty when it can.
    """

    committed = Signal(float)
    stepped = Signal(int)
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setProperty("plain", True)
        self._shown, self._unit, self._decimal, self._refusal = float("nan"), "", ".", ""
        self.textEdited.connect(self._typed)
        self.editingFinished.connect(self._finished)

    def show_value(self, value: float, unit: str, decimal: str, placeholder: str = "") -> None:
        """Show a number without reporting it; NaN shows the placeholder."""
        self._shown, self._unit, self._decimal = value, unit, decimal
        self.setPlaceholderText(placeholder)
        if not (self.hasFocus() and self.isModified()):
            self._write()

    def _write(self) -> None:
        text = "" if self._shown != self._shown else value_text(self._shown)
        if text != self.text():
            self.setText(text)
        self._say("")

    def _typed(self, text: str) -> None:
        self._say(parsed(text, self._unit, self._decimal)[1])

    def _say(self, refusal: str) -> None:
        if refusal != self._refusal:
            self._refusal = refusal
            self.setProperty("refused", bool(refusal))
            self.style().unpolish(self)
            self.style().polish(self)
            self.refused.emit(refusal)

    def _finished(self) -> None:
        if not self.isModified():
            return
        value, _ = parsed(self.text(), self._unit, self._decimal)
        self.setModified(False)
        if value is not None and value != self._shown:
            self.committed.emit(value)
        self._write()  # a refused text is not kept: the old value still holds

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        step = _STEPS.get(Qt.Key(event.key()), 0)
        if step:
            self._finished()
            self.stepped.emit(step)
        elif event.key() == Qt.Key.Key_Escape and self.isModified():
            self.setModified(False)
            self._write()
        else:
            super().keyPressEvent(event)


def parsed(text: str, unit: str, decimal: str) -> tuple[float | None, str]:
    """Return the number that somebody typed, with its unit or without, or None and why it is none."""
    from simulator.data.cells import number

    plain = "".join(text.split()).replace("−", "-")
    if unit:
        plain = plain.removesuffix("".join(unit.split()))
    value = number(plain, decimal)
    if not plain or value is None or value != value:
        return None, f"{text.strip() or 'Nothing'} is no number. Write it like 12.5."
    if value in (float("inf"), float("-inf")):
        return None, "That is too large for a number."
    return value, ""


class Elided(QLabel):
    """A label in one line that shortens its middle part where there is no room; all of it is its text.

    Where little would be left of the middle part, the first is left out.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._parts = ("", "", "")

    def show_parts(self, before: str, middle: str, after: str = "", tip: str = "") -> None:
        """Show a text of three parts."""
        self._parts = (before, middle, after)
        text = before + middle + after
        if text != self.text():
            self.setText(text)
        self.setToolTip(tip or text)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(super().sizeHint().width(), self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(24, self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        metrics = QFontMetricsF(self.font())
        before, middle, after = self._parts
        wanted = metrics.horizontalAdvance(middle)
        room = self.width() - metrics.horizontalAdvance(before) - metrics.horizontalAdvance(after)
        if room < _READABLE * wanted:
            before, room = "", room + metrics.horizontalAdvance(before)
        if wanted > room:
            middle = metrics.elidedText(middle, Qt.TextElideMode.ElideRight, max(room, metrics.horizontalAdvance("…")))
        text = metrics.elidedText(before + middle + after, Qt.TextElideMode.ElideRight, self.width() + 1.0)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)
        painter.end()
