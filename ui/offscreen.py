"""The real window without a screen: opened, brought to any moment, and drawn by whoever makes files of it."""

import contextlib
import gc
import logging
import os
import tempfile
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QMessageLogContext, QPoint, QRectF, QSize, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication, QWidget

from simulator.errors import ConfigError, DatasetError, SimulatorError
from simulator.progress import Cancelled, Progress
from ui.app import create_window
from ui.canvas.contrast import with_contrast
from ui.main_window import MainWindow
from ui.panels.moment_picture import picture, readouts
from ui.portrait import painted_by
from ui.preferences import Preferences
from ui.sessions import SUFFIX, read
from ui.taking import NETWORK, PANEL_VIEWS

Paint = Callable[[QPainter], None]
"""Draws a view, at the size that was asked for, with a painter of any device."""

_log = logging.getLogger(__name__)
_QUIET_AT_FIRST, _QUIET, _LATEST = 0.7, 9, 60.0
"""A view is whole when nothing was worked out for so many seconds after it was opened; when nothing was for so many
ticks of the frame clock after the moment changed, which is longer than any view at rest waits; in any case after so
many seconds."""
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class Offscreen:
    """A window that nobody sees; made by `offscreen`.

    Attributes
    ----------
    app, window
        Qt's, and ours.
    saved
        Whether a session was opened that had been saved: its panels stand as they stood.
    """

    def __init__(self, app: QApplication, window: MainWindow, progress: Progress) -> None:
        self.app, self.window = app, window
        self.saved = False
        self._progress = progress
        self._failures: list[SimulatorError] = []
        self._ticks = 0
        window.bridge.failed.disconnect(window.show_failure)
        window.bridge.failed.connect(self._take_failure)
        window.bridge.ticked.connect(self._tick)

    def _take_failure(self, failure: Any) -> None:
        kind = DatasetError if failure.kind == "DatasetError" else ConfigError
        self._failures.append(kind(failure.message, failure.hint))

    def _tick(self, _now: float) -> None:
        self._ticks += 1

    # -- which session, and which moment of it ------------------------------------------------------------------

    def open(self, source: str, seed: int, size: QSize | None = None) -> None:
        """Open a data set, or a session that was saved.

        Parameters
        ----------
        source
            A file, or the name of a bundled set.
        seed
            The number from which split, start weights and row order of a data set follow.
        size
            Of the window, for a session, whose panels are arranged for it.

        Raises
        ------
        SimulatorError
            When it cannot be opened.
        """
        from simulator.data import open_dataset
        from simulator.training.defaults import default_config

        bridge = self.window.bridge
        if source.lower().endswith(SUFFIX):
            self.saved = True
            record = read(Path(source), None, self._progress)
            if size is not None:
                self.window.resize(size)
                self.window.show()
            bridge.open_record(record)
        else:
            dataset = open_dataset(source, self._progress, seed=seed)
            bridge.open(dataset, config=default_config(dataset, seed=seed))
        self._wait(lambda: bridge.snapshot is not None)

    @property
    def epoch(self) -> int:
        """The epoch that is shown; -1 before anything was opened."""
        snapshot = self.window.bridge.snapshot
        return -1 if snapshot is None else snapshot.epoch

    @property
    def end(self) -> int:
        """The last complete epoch that the branch has."""
        snapshot = self.window.bridge.snapshot
        return -1 if snapshot is None else int(snapshot.end[0])

    @property
    def first(self) -> int:
        """The first complete epoch that there is; -1 before anything was opened."""
        snapshot = self.window.bridge.snapshot
        return -1 if snapshot is None else snapshot.first_epoch

    def go_to(self, epoch: int) -> None:
        """Go to an epoch of the branch, and train on where the branch has not come so far.

        Raises
        ------
        ConfigError
            When training ended before it, as by an infinite loss, or the session begins after it.
        """
        bridge = self.window.bridge
        if epoch < self.first:
            raise ConfigError(
                f"there is no epoch {epoch:,}: the session begins at epoch {self.first:,}",
                f"Its model was trained elsewhere before that; choose an epoch from {self.first:,} on.",
            )
        near = min(epoch, self.end)
        if not self._stands_at(near):
            bridge.go_to(near)
            self._wait(lambda: self._stands_at(near))
        if epoch > near:
            bridge.advance(epoch - near)
            self._wait(lambda: self._stands_at(epoch) and not bridge.playing)

    def record(self) -> Any:
        """Return all that the session is (a `simulator.training.session_record.SessionRecord`)."""
        bridge, answers = self.window.bridge, list[Any]()
        bridge.saving.connect(answers.append)
        asked = bridge.save(None, self.window.layout_now(), "report")
        self._wait(lambda: any(each.asked is asked for each in answers))
        bridge.saving.disconnect(answers.append)
        return next(each.record for each in answers if each.asked is asked)

    def _stands_at(self, epoch: int) -> bool:
        snapshot = self.window.bridge.snapshot
        return snapshot is not None and (snapshot.epoch, snapshot.batch, snapshot.row) == (epoch, 0, 0)

    # -- what is drawn ------------------------------------------------------------------------------------------

    def view(self, name: str, size: QSize, lesson: int = 0) -> Callable[[], Paint]:
        """Show a view, and return a function that lets it take the present moment and returns what draws it.

        Parameters
        ----------
        name
            One of `ui.taking.VIEWS`.
        size
            In pixels.
        lesson
            The step of the lesson that the window shows; 0 for none.
        """
        if name == NETWORK:
            return lambda: self._network(size)
        widget: QWidget = self.window
        if name in PANEL_VIEWS:
            widget = self.window.panels[PANEL_VIEWS[name]]
            widget.setParent(None)  # type: ignore[call-overload]
            widget.resize(size)
            widget.setAutoFillBackground(True)
            widget.show()
        else:
            self.window.resize(size)
            self.window.show()
            if not self.saved:
                self.window.first_screen()
            if lesson:
                self.window.teach(lesson)
                self._wait(lambda: self._arrived(lesson))
        self._settle_at_first()
        if widget.size() != size:  # what was made at first sight wanted more room before its lines were broken
            widget.resize(size)
            self._settle_at_first()

        def whole() -> Paint:
            self._settle()
            return painted_by(widget)

        return whole

    def _network(self, size: QSize) -> Paint:
        window = self.window
        snapshot, dataset = window.bridge.snapshot, window.bridge.dataset
        assert snapshot is not None
        assert dataset is not None
        cards = readouts(snapshot.record, classes=bool(dataset.class_names))
        shown = picture(snapshot, dataset, window.selection.chosen, cards)
        window.canvas.set_picture(with_contrast(shown, window.canvas.picture))
        return lambda painter: window.canvas.paint(painter, QRectF(QPoint(0, 0), size))

    # -- waiting ------------------------------------------------------------------------------------------------

    def _arrived(self, step: int) -> bool:
        phase = self.window.motion.phase
        return phase is not None and phase.step == step and self.window.motion.share >= 1.0

    @property
    def _settled(self) -> bool:
        """Whether every view shows the present moment, as far as that can be asked."""
        window = self.window
        panels = all(panel.settled for panel in window.panels.values() if panel.isVisible())
        return window.bridge.idle and panels and not window.canvas.drawing

    def _settle_at_first(self) -> None:
        """Give every view the time to be made: until nothing was worked out for a while."""
        latest = time.monotonic() + _LATEST
        quiet_until = time.monotonic() + _QUIET_AT_FIRST
        while time.monotonic() < min(quiet_until, latest):
            self._pass()
            if not self._settled:
                quiet_until = time.monotonic() + _QUIET_AT_FIRST

    def settle(self) -> None:
        """Wait until every view that was turned shows what it is to show."""
        self._settle_at_first()

    def _settle(self) -> None:
        """Give every view the time to draw the last moment: until the frame clock has ticked for a while in vain."""
        latest, since = time.monotonic() + _LATEST, self._ticks
        while self._ticks < since + _QUIET and time.monotonic() < latest:
            self._pass()
            if not self._settled:
                since = self._ticks

    def _wait(self, ready: Callable[[], bool]) -> None:
        """Wait for something that the simulator does.

        Raises
        ------
        SimulatorError
            When that failed.
        """
        self._failures.clear()
        while not ready():
            self._pass()
            if self._failures:
                raise self._failures[0]

    def _pass(self) -> None:
        self.app.processEvents()
        if self._progress.cancelled:
            raise Cancelled
        time.sleep(0.002)


@contextlib.contextmanager
def offscreen(theme: str, progress: Progress | None = None, look: Path | None = None) -> Generator[Offscreen]:
    """Open the window where nobody sees it, with settings of its own; it is closed in the end.

    Parameters
    ----------
    theme
        A key of `ui.theme.THEMES`.
    look
        The ini file of somebody who wants the network to look as they chose.
    progress
        Can cancel whatever takes long.

    Raises
    ------
    Cancelled
        When the progress was cancelled, from wherever something is waited for.
    """
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    qInstallMessageHandler(_log_message)
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(["nodeglow"])
    with tempfile.TemporaryDirectory() as folder:
        preferences = Preferences(Path(folder) / "render.ini")
        preferences.theme = theme
        if look is not None:
            preferences.take_look(look)
        window = create_window(preferences, None)
        window.statusBar().setFixedHeight(0)  # a picture does not show what the training waits for
        try:
            yield Offscreen(app, window, progress or Progress())
        finally:
            window.close()
            window.deleteLater()
            app.processEvents()
            app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            # Widgets in cycles end here: in the thread that still loads kernels, one would wait for this one for ever.
            del window
            gc.collect()


def _log_message(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    """Keep what the offscreen platform cannot do, and does not need, off the terminal."""
    level = logging.DEBUG if "This plugin does not support" in text else _LEVELS.get(kind, logging.INFO)
    _log.log(level, "%s", text)
