"""What matters most about what was changed, and the way back from it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from ui.panels.panel import text_label
from ui.selection import ChosenRow
from ui.theme import Theme, icon

HINT = "Drag a value, or type one. Thick: what training has seen; the mark: this row's own value."
MISSING = "Change a value, and the training mean stands for what is missing."


class Note:
    """A refusal, a warning, or how the sliders are used; `label` is the widget.

    Its lines are always there, so that nothing below them jumps.
    """

    def __init__(self, theme: Theme) -> None:
        self.label = text_label()
        self.label.setObjectName("what_if.note")
        self.label.setAccessibleName("Note about the changes")
        self.label.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.make_narrow(False)
        self._theme, self._field = theme, ""

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme, self._field = theme, ""

    def make_narrow(self, narrow: bool) -> None:
        """Take another line where lines are short."""
        self.label.setFixedHeight((3 if narrow else 2) * self.label.fontMetrics().lineSpacing() + 1)

    def show_note(self, refusal: str, warnings: list[str], *, waits: bool) -> None:
        """Show a refusal before the first of some warnings, and that before how the sliders are used.

        Parameters
        ----------
        waits
            Whether a value is missing in the row that nothing stands for yet.
        """
        text, field = MISSING if waits else HINT, "quiet"
        if refusal:
            text, field = refusal, "bad"
        elif warnings:
            text, field = warnings[0], "warning"
        if text != self.label.text():
            self.label.setText(text)
        self.label.setToolTip("\n".join(warnings))
        if field != self._field:
            self._field = field
            palette = self.label.palette()
            palette.setColor(palette.ColorRole.WindowText, self._theme.color(field))
            self.label.setPalette(palette)


class ResetButton(QToolButton):
    """Leads back to the row of the table; where the network cannot see that, it fills in what is missing."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("what_if.reset")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.setIcon(icon("undo", theme))

    def show_row(self, chosen: ChosenRow) -> None:
        """Say what a click does with the chosen row; where that is nothing, say why."""
        text, tip = f"Back to row {chosen.row + 1:,}", "Nothing has been changed."
        if chosen.split == "changed":
            tip = "Take all changes back."
        elif chosen.split == "unused":
            text = "Fill in the means"
            tip = "Let the mean of the training rows, or their most frequent category, stand for what is missing."
        if text != self.text():
            self.setText(text)
            self.setAccessibleName(text)
            # Qt leaves room for an arrow that is not there: the text would not end where the rows end.
            self.setFixedWidth(self.fontMetrics().horizontalAdvance(text) + 32)
        self.setToolTip(tip)
        self.setEnabled(chosen.split in ("changed", "unused"))
