"""One dialog for everything that went wrong: what happened, what to do next, and both to be copied."""

import logging
import os
import platform
from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from simulator.errors import DatasetError, SimulatorError
from ui.dialogs.about import version
from ui.dialogs.sizing import fit
from ui.dialogs.tabbing import reach_all
from ui.dialogs.tints import sign
from ui.dialogs.wording import sentence

INTERNAL = "InternalError"

TITLES: dict[str, str] = {
    "DatasetError": "The data set was not loaded",
    "ConfigError": "This setting cannot be used",
    "ModelFileError": "The model was not opened",
    "SessionFileError": "The session was not opened",
    "SessionDataError": "The session's data was not found",
    "ExportError": "The file was not written",
    "DeviceError": "The device cannot be used",
    "DeviceMemoryError": "The GPU has too little memory",
    "DivergenceError": "The numbers did not stay finite",
    "TrainingDivergedError": "Training was stopped",
    INTERNAL: "Something went wrong inside the program",
}
"""The window's title by the kind of an error."""


class FailureDialog(QDialog):
    """Shows a message and a hint.

    Parameters
    ----------
    message, hint, kind
        As an error or an event has them; the kind is the name of the error's class.
    details
        Further text that helps whoever is asked for help, such as a traceback.
    """

    SIGN = ("warning", "bad")
    """The icon beside the message, and the theme's colour that it has."""

    def __init__(
        self, message: str, hint: str = "", kind: str = "", details: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.kind, self.internal = kind, kind == INTERNAL
        self.setObjectName("dialog.failure")
        self.setWindowTitle(TITLES.get(kind, "That did not work"))
        self.setAccessibleName(self.windowTitle())
        mark = sign(self, *self.SIGN)
        self.message = _label(sentence(message), "failure.message")
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        bold.setPixelSize(round(1.12 * self.fontInfo().pixelSize()))
        self.message.setFont(bold)
        said = [sentence(hint)] if hint else []
        if self.internal:
            said.append(where_the_log_is())
        self.hint = _label("\n".join(said), "failure.hint")
        self.hint.setVisible(bool(said))
        self.details = QPlainTextEdit(details, readOnly=True)
        self.details.setObjectName("failure.details")
        self.details.setAccessibleName("Details")
        self.details.setTabChangesFocus(True)
        self.details.setVisible(bool(details))
        self.details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        lines = min(max(details.count("\n") + 1, 2), 10)
        self.details.setFixedHeight(lines * self.fontMetrics().lineSpacing() + 20)
        self.words = words = QVBoxLayout()
        words.setSpacing(8)
        words.addWidget(self.message)
        words.addWidget(self.hint)
        words.addWidget(self.details, 1)
        words.addStretch(0)
        upper = QHBoxLayout()
        upper.setSpacing(14)
        upper.addWidget(mark)
        upper.addLayout(words, 1)
        self.buttons = buttons = QDialogButtonBox()
        self.copy = buttons.addButton("&Copy", QDialogButtonBox.ButtonRole.ActionRole)
        self.copy.setObjectName("failure.copy")
        self.copy.setToolTip("Copies the message with its details, for a report or a question (Alt+C).")
        self.copy.setAutoDefault(False)
        self.copy.clicked.connect(self._copy)
        close = buttons.addButton(QDialogButtonBox.StandardButton.Close)
        close.setObjectName("failure.close")
        close.setDefault(True)
        close.setToolTip("Closes this message (Esc).")
        close.setFocus()
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(16)
        layout.addLayout(upper, 1)
        layout.addWidget(buttons)
        reach_all(buttons)
        em = self.fontMetrics().horizontalAdvance("m")
        self.setMinimumWidth(min(34 * em, 640))
        fit(self, min(42 * em, 900))

    def explain(self, message: str, hint: str, ways: Sequence[tuple[str, Callable[[], object]]] = ()) -> None:
        """Say more about what went wrong, as it was found out meanwhile; each way out is a button of its own."""
        self.message.setText(sentence(message))
        self.hint.setText(sentence(hint))
        self.hint.setVisible(bool(hint))
        for nth, (label, do) in enumerate(ways):
            button = QPushButton(label)
            button.setObjectName(f"failure.way_{nth + 1}")
            button.setToolTip(f"{label}; closes this message.")
            button.setAutoDefault(False)
            button.clicked.connect(lambda _checked=False, do=do: (self.accept(), do()))
            self.words.insertWidget(self.words.indexOf(self.details), button)
        self.updateGeometry()
        QTimer.singleShot(0, self, lambda: fit(self, self.width()))  # once the new words were measured

    def offer(self, text: str, tip: str, do: Callable[[], object]) -> QPushButton:
        """Add a button that closes the dialog and does something about what went wrong."""
        button = self.buttons.addButton(text, QDialogButtonBox.ButtonRole.ActionRole)
        button.setObjectName("failure.offer")
        button.setToolTip(tip)
        button.clicked.connect(lambda _checked=False: (self.accept(), do()))
        reach_all(self.buttons)
        return button

    def add_copy(self, text: str, tip: str, content: str) -> QPushButton:
        """Add a button that copies something of its own, such as lines of a program, and leaves the dialog open."""
        button = self.buttons.addButton(text, QDialogButtonBox.ButtonRole.ActionRole)
        button.setObjectName("failure.copy_content")
        button.setToolTip(tip)
        button.setAutoDefault(False)
        button.clicked.connect(lambda: (QGuiApplication.clipboard().setText(content), button.setText("Copied")))
        reach_all(self.buttons)
        return button

    @property
    def report(self) -> str:
        """What is copied: message, hint, kind, details, and what runs here."""
        lines = [self.windowTitle(), self.message.text(), self.hint.text(), self.details.toPlainText()]
        lines.append(
            f"{self.kind or 'Error'}; Nodeglow {version()}; Python {platform.python_version()}; {platform.platform()}"
        )
        return "\n".join(line for line in lines if line)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report)
        self.copy.setText("Copied")


def show_failure(
    parent: QWidget | None, message: str, hint: str = "", kind: str = "", details: str = ""
) -> FailureDialog:
    """Show what went wrong without waiting for the user; the dialog forgets itself when it is closed."""
    dialog = FailureDialog(message, hint, kind, details, parent)
    dialog.finished.connect(lambda _: QTimer.singleShot(0, dialog.deleteLater))
    dialog.open()
    return dialog


def show_error(parent: QWidget | None, error: SimulatorError) -> FailureDialog:
    """Show an error, with the file and the line where it has them."""
    line = error.line if isinstance(error, DatasetError) else None
    path = error.path if isinstance(error, DatasetError) else None
    message = error.message if line is None else f"line {line:,}: {error.message}"
    return show_failure(parent, message, error.hint, type(error).__name__, "" if path is None else f"File: {path}")


def where_the_log_is() -> str:
    """Say where the log is written, as far as it is written to a file."""
    logger: logging.Logger | None = logging.getLogger("simulator")
    while logger is not None:
        for handler in logger.handlers:
            if isinstance(handler, logging.FileHandler) and handler.baseFilename != os.devnull:
                return f"The log is in {handler.baseFilename}."
        logger = logger.parent
    return "The log is in the terminal from which the program was started."


def _label(text: str, name: str) -> QLabel:
    label = QLabel(text, wordWrap=True)
    label.setObjectName(name)
    # What stands in a message may come from a file: it is never read as markup.
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return label
