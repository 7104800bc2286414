"""Keys of the menus that a line of text would keep for itself."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

_TAKEN = (
    QKeySequence.StandardKey.MoveToEndOfLine,
    QKeySequence.StandardKey.SelectEndOfLine,
    QKeySequence.StandardKey.DeleteEndOfLine,
    QKeySequence.StandardKey.DeleteCompleteLine,
)


class MenuKeys(QObject):
    """Lets the keys of a window's actions through the lines of text in it.

    Under X11 Ctrl+E goes to the end of a line, as End does, and so would not export while a line has the focus. What
    undoes, copies or pastes stays with the line.
    """

    def __init__(self, window: QWidget, actions: Iterable[QAction]) -> None:
        super().__init__(window)
        self._window = window
        self._keys = {each.toString() for action in actions for each in action.shortcuts()}
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._moved)

    def _moved(self, _before: QWidget | None, now: QWidget | None) -> None:
        if isinstance(now, QLineEdit | QPlainTextEdit | QTextEdit) and now.window() is self._window:
            now.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Keep the question whether a line wants a key from it, where the key is one of the menus'."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._mine(event):
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def _mine(self, event: QKeyEvent) -> bool:
        pressed = QKeySequence(event.keyCombination()).toString()
        return pressed in self._keys and any(event.matches(each) for each in _TAKEN)
