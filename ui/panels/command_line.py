"""A command for a terminal, to be selected or copied."""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QWidget

from ui.theme import Theme, icon

_COPIED_MS = 1500


class CommandLine(QWidget):
    """A command that can be selected, and copied by a button.

    Parameters
    ----------
    name
        What the names of its parts begin with.
    theme
        For the icon.
    """

    def __init__(self, name: str, theme: Theme) -> None:
        super().__init__()
        self.line = QLineEdit()
        self.line.setReadOnly(True)
        self.line.setObjectName(f"{name}_command")
        self.line.setAccessibleName("The command that installs what is missing")
        self.button = QToolButton()
        self.button.setObjectName(f"{name}_copy")
        self.button.setAccessibleName("Copy the command")
        self.button.setAutoRaise(True)
        self.button.clicked.connect(self._copy)
        self._rest = QTimer(self, singleShot=True, interval=_COPIED_MS)
        self._rest.timeout.connect(self._show_state)
        self._theme = theme
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.line, 1)
        row.addWidget(self.button)
        self._show_state()
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._show_state()

    def show_command(self, command: str) -> None:
        """Show a command; an empty one hides the line."""
        if command != self.line.text():
            self.line.setText(command)
            self.line.setCursorPosition(0)
            self.line.setToolTip(f"Run it in a terminal, and start the program anew:\n{command}")
        self.setVisible(bool(command))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.line.text())
        self._rest.start()
        self._show_state()

    def _show_state(self) -> None:
        copied = self._rest.isActive()
        self.button.setIcon(icon("check" if copied else "copy", self._theme, "good" if copied else "quiet"))
        self.button.setToolTip("Copied" if copied else "Copy the command")
