"""Where files are worked on beside the window: what is said of it, what failed, and what is being read."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ui.bridge import Bridge
from ui.jobs import Failure, Job
from ui.preferences import Preferences
from ui.sessions import Sessions


class Loading:
    """What is being read into the window, and what takes its place.

    Parameters
    ----------
    sessions
        What reads sessions.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._job: Job | None = None

    def hold(self, job: Job) -> Job:
        """Keep the job that reads now, so that something else can take its place."""
        self._job = job
        return job

    def stop(self) -> None:
        """Read no longer what something else takes the place of."""
        self._sessions.give_up()
        if self._job is not None:
            self._job.cancel()
            self._job = None


class Desk(QObject):
    """Works on files; everything that takes long is a job, and the running network stays when one fails.

    Signals
    -------
    noted
        A short text for the window's line of notes.

    Attributes
    ----------
    dialog
        The last question that was asked.
    """

    noted = Signal(str)

    def __init__(self, bridge: Bridge, preferences: Preferences, window: QWidget) -> None:
        super().__init__(window)
        self._bridge, self._preferences, self._window = bridge, preferences, window
        self.dialog: Any = None

    def _write(self, function: Callable[..., Any], *arguments: Any) -> Job:
        """Write a file beside the window, and say its name when it is there."""
        return self._bridge.run_job(
            function, *arguments,
            on_done=lambda written: self.noted.emit(f"Saved to {written.name}"), on_failed=self._fail,
            on_progress=lambda _fraction, text: self.noted.emit(text),
        )  # fmt: skip

    def _fail(self, failure: Failure) -> None:
        from ui.dialogs.failure import show_failure

        self.noted.emit("")
        show_failure(self._window, failure.message, failure.hint, failure.kind)
