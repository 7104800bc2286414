"""The program as a window: made, dressed and shown; the data set is read right after the first frame."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtWidgets import QApplication

from ui.garbage import collect_in_this_thread
from ui.main_window import MainWindow
from ui.preferences import Preferences
from ui.sessions import SUFFIX

FIRST = "penguins"
_PATIENCE_MS = 400


def create_window(preferences: Preferences | None = None, source: str | None = FIRST) -> MainWindow:
    """Return the window, not yet shown; it loads its data set beside itself.

    Parameters
    ----------
    preferences
        What is remembered; None for the platform's place.
    source
        The name of a bundled data set; None for none.
    """
    if (app := QApplication.instance()) is not None:
        collect_in_this_thread(app)
    window = MainWindow(preferences)
    _soon(window, window.recovery.look)
    if source is not None:
        _soon(window, lambda: window.filing.load(source))
    return window


def _soon(window: MainWindow, do: Callable[[], object]) -> None:
    """Do something once the window has painted itself, or after a moment where nobody shows it."""
    waiting = [do]

    def once() -> None:
        while waiting:
            waiting.pop()()

    window.stage.painted.connect(once, Qt.ConnectionType.QueuedConnection)
    QTimer.singleShot(_PATIENCE_MS, window, once)


def run(path: Path | None = None, arguments: Sequence[str] = ()) -> int:
    """Open the window, with a file or without one, and return the exit status."""
    QCoreApplication.setApplicationName("Nodeglow")
    QCoreApplication.setOrganizationName("nodeglow")
    app = QApplication([sys.argv[0], *arguments])
    session = path is not None and path.suffix.lower() == SUFFIX
    window = create_window(source=None if session else FIRST)
    if session:  # a session that cannot be opened leaves no empty window
        window.sessions.refused.connect(lambda *_: window.bridge.dataset or window.filing.load(FIRST))
    if path is not None:
        _soon(window, lambda: window.open_path(path))
    window.show()
    return app.exec()
