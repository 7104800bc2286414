"""The real window, drawn without a screen into a PNG, SVG or PDF file."""

import dataclasses
import gc
import logging
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QMessageLogContext, QPoint, QRectF, QSize, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication, QWidget

from simulator.errors import ConfigError, DatasetError, SimulatorError
from ui.app import create_window
from ui.canvas.contrast import with_contrast
from ui.main_window import MainWindow
from ui.panels import PANELS
from ui.panels.moment_picture import picture
from ui.pictures import write
from ui.preferences import Preferences
from ui.stage import readouts
from ui.theme import THEMES

_log = logging.getLogger(__name__)
_SUFFIXES = (".png", ".svg", ".pdf")
_LARGEST = 16_384
LESSON_STEPS = 7
_QUIET, _LATEST = 0.7, 60.0
"""A picture is made when nothing was worked out for so many seconds, and after so many in any case."""
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


@dataclasses.dataclass(frozen=True)
class Request:
    """What is to be drawn: the options of the command."""

    out: Path
    dataset: str = "penguins"
    epochs: int = 100
    seed: int = 0
    view: str = "window"
    theme: str = "dark"
    size: str = "1400x900"
    lesson: int = 0


def draw(request: Request) -> Path:
    """Open the window without a screen, train, draw it, and return the file.

    Raises
    ------
    ConfigError
        When an option is refused.
    DatasetError
        When the data set cannot be opened.
    ExportError
        When the file cannot be written.
    """
    size = checked(request)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    qInstallMessageHandler(_log_message)
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(["nodeglow"])
    with tempfile.TemporaryDirectory() as folder:
        preferences = Preferences(Path(folder) / "render.ini")
        preferences.theme = request.theme
        window = create_window(preferences, None)
        window.statusBar().setFixedHeight(0)  # a picture does not show what the training waits for
        try:
            _open(app, window, request)
            _train(app, window, request)
            widget, paint = _subject(app, window, request, size)
            write(request.out, size, paint)
            del widget, paint
        finally:
            window.close()
            window.deleteLater()
            app.processEvents()
            app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            # Widgets in cycles end here: in the thread that still loads kernels, one would wait for this one for ever.
            del window
            gc.collect()
    return request.out


def checked(request: Request) -> QSize:
    """Return the size, after a look at every option.

    Raises
    ------
    ConfigError
        For the first that is refused.
    """
    if request.out.suffix.lower() not in _SUFFIXES:
        raise ConfigError(
            f"cannot draw into {request.out.name!r}", f"Give a file name that ends in one of: {', '.join(_SUFFIXES)}."
        )
    if request.view not in ("window", "network", *PANELS):
        raise ConfigError(
            f"there is no view called {request.view!r}", f"There are: window, network, {', '.join(PANELS)}."
        )
    if request.theme not in THEMES:
        raise ConfigError(f"there is no theme called {request.theme!r}", f"There are: {', '.join(THEMES)}.")
    if not 0 <= request.lesson <= LESSON_STEPS:
        raise ConfigError(f"the lesson has no step {request.lesson}", f"It has steps 1 to {LESSON_STEPS}.")
    if request.lesson and request.view != "window":
        raise ConfigError("a step of the lesson is shown by the window", "Leave --view away, or --lesson.")
    parts = request.size.lower().replace("×", "x").split("x")
    if len(parts) != 2 or not all(part.strip().isdigit() and 0 < int(part) <= _LARGEST for part in parts):
        raise ConfigError(f"the size cannot be {request.size!r}", "Give width and height in pixels, as 1400x900.")
    return QSize(int(parts[0]), int(parts[1]))


def _log_message(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    """Keep what the offscreen platform cannot do, and does not need, off the terminal."""
    level = logging.DEBUG if "This plugin does not support" in text else _LEVELS.get(kind, logging.INFO)
    _log.log(level, "%s", text)


def _open(app: QApplication, window: MainWindow, request: Request) -> None:
    found: list[SimulatorError] = []
    from simulator.data import open_dataset
    from simulator.training.defaults import default_config

    dataset = open_dataset(request.dataset, seed=request.seed)
    window.bridge.failed.disconnect(window.show_failure)
    window.bridge.failed.connect(lambda failure: found.append(DatasetError(failure.message, failure.hint)))
    window.bridge.open(dataset, config=default_config(dataset, seed=request.seed))
    _wait(app, lambda: window.bridge.snapshot is not None or bool(found))
    if found:
        raise found[0]


def _train(app: QApplication, window: MainWindow, request: Request) -> None:
    found: list[SimulatorError] = []
    window.bridge.failed.connect(lambda failure: found.append(ConfigError(failure.message, failure.hint)))
    if request.epochs:
        window.bridge.advance(request.epochs)
        _wait(app, lambda: bool(found) or _epoch(window) >= request.epochs)
    if found:
        raise found[0]


def _epoch(window: MainWindow) -> int:
    return -1 if window.bridge.snapshot is None else window.bridge.snapshot.epoch


def _subject(
    app: QApplication, window: MainWindow, request: Request, size: QSize
) -> tuple[QWidget, Callable[[QPainter], None]]:
    """Return the widget that is drawn, kept alive, and the function that draws it."""
    if request.view == "network":
        snapshot, dataset = window.bridge.snapshot, window.bridge.dataset
        assert snapshot is not None
        assert dataset is not None
        cards = readouts(snapshot.record, classes=bool(dataset.class_names))
        shown = picture(snapshot, dataset, window.selection.chosen, cards)
        window.canvas.set_picture(with_contrast(shown, window.canvas.picture))
        return window.canvas, lambda painter: window.canvas.paint(painter, QRectF(QPoint(0, 0), size))
    widget: QWidget = window
    if request.view in PANELS:
        widget = window.panels[request.view]
        widget.setParent(None)
        widget.resize(size)
        widget.setAutoFillBackground(True)
        widget.show()
    else:
        window.resize(size)
        window.show()
        window.first_screen()
        if request.lesson:
            window.teach(request.lesson)
            _wait(app, lambda: _arrived(window, request.lesson))
    _settle(app, window)
    if widget.size() != size:  # what was made at first sight wanted more room before its lines were broken
        widget.resize(size)
        _settle(app, window)
    return widget, lambda painter: widget.render(painter, QPoint(0, 0))


def _arrived(window: MainWindow, step: int) -> bool:
    phase = window.motion.phase
    return phase is not None and phase.step == step and window.motion.share >= 1.0


def _settle(app: QApplication, window: MainWindow) -> None:
    """Give every view the time to draw the last moment: until no job has run for a while."""
    latest = time.monotonic() + _LATEST
    quiet_until = time.monotonic() + _QUIET
    while time.monotonic() < min(quiet_until, latest):
        app.processEvents()
        time.sleep(0.005)
        if window.bridge.busy:
            quiet_until = time.monotonic() + _QUIET


def _wait(app: QApplication, ready: Callable[[], bool]) -> None:
    while not ready():
        app.processEvents()
        time.sleep(0.002)
