"""Looks beside the window at what a file would hold, for the newest question alone."""

from PySide6.QtCore import QObject, QTimer, Signal

from simulator.interchange import ExportOptions, Model
from ui.bridge import Bridge
from ui.dialogs.exporting.contents import Contents, examine
from ui.jobs import Failure, Job

_SOON_MS = 60
"""Who walks through the list with the arrow keys lets nothing be made of what is only passed."""


class Looking(QObject):
    """One job at a time; another question cancels it.

    Signals
    -------
    found
        `Contents`.
    """

    found = Signal(object)

    def __init__(self, bridge: Bridge, model: Model, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._model = bridge, model
        self._job: Job | None = None
        self._asked: tuple[str, ExportOptions, bool] = ("", ExportOptions(), False)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SOON_MS)
        self._timer.timeout.connect(self._look)

    @property
    def running(self) -> bool:
        """Whether an answer is still to come."""
        return self._timer.isActive() or self._job is not None

    def ask(self, name: str, options: ExportOptions, *, whole: bool = False) -> None:
        """Ask what a file would hold, soon; see `examine`."""
        self.drop()
        self._asked = name, options, whole
        self._timer.start()

    def drop(self) -> None:
        """Ask no longer."""
        self._timer.stop()
        job, self._job = self._job, None
        if job is not None:
            job.cancel()

    def _look(self) -> None:
        self._job = self._bridge.run_job(examine, self._model, *self._asked, on_done=self._done, on_failed=self._failed)

    def _done(self, contents: Contents) -> None:
        self._job = None
        self.found.emit(contents)

    def _failed(self, failure: Failure) -> None:
        name, options, _ = self._asked
        self._done(Contents(name, options, (), message=failure.message, hint=failure.hint))
