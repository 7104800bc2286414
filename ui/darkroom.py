"""Pictures, films and reports of the running session, made beside the window by a process of its own.

The session is copied as it is at that moment and saved to a temporary file; ``nodeglow render`` opens that file and
makes what is wanted. Training goes on meanwhile, and whatever is done to the session then is not in the picture.
"""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

from simulator.progress import Progress
from ui import errands
from ui.bridge import Bridge
from ui.jobs import Failure, Job, Jobs
from ui.preferences import Preferences
from ui.sessions import INSIDE, SUFFIX, write

_SAVING = 0.05
"""The part of the whole that saving the session counts for."""

_PURPOSE = "darkroom"
_TRIES = 2


class Development:
    """A file that is being made; one that was cancelled calls nothing, and leaves nothing.

    Attributes
    ----------
    out
        The file.
    running
        Whether it is still to call `on_done` or `on_failed`.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        out: Path,
        on_done: Callable[[Path], object],
        on_failed: Callable[[Failure], object],
        on_progress: Callable[[float | None, str], object],
    ) -> None:
        self.arguments, self.out, self.running = tuple(arguments), out, True
        self.asked: Any = None
        self.tries = 0
        self._on_done, self._on_failed, self._on_progress = on_done, on_failed, on_progress
        self._job: Job | None = None

    def cancel(self) -> None:
        """Give it up; the process that makes it ends at once."""
        self.running = False
        if self._job is not None:
            self._job.cancel()

    def begin(self, jobs: Jobs, record: Any, look: Path) -> None:
        """Make the file of a session; the callbacks are called in the GUI thread."""
        self._job = jobs.start(
            make, (record, self.arguments, self.out, look), self._done, self.fail, lambda *news: self._tell(*news)
        )

    def fail(self, failure: Failure) -> None:
        """Say that it came to nothing."""
        if self.running:
            self.running = False
            self._on_failed(failure)

    def _done(self, written: Path) -> None:
        self.running = False
        self._on_done(written)

    def _tell(self, fraction: float | None, text: str) -> None:
        if self.running:
            self._on_progress(fraction, text)


class Darkroom(QObject):
    """Makes files of the running session.

    Parameters
    ----------
    bridge
        Whose session it is.
    preferences
        How the network is to look.
    layout
        Returns how the window is arranged, as JSON values.
    """

    def __init__(
        self, bridge: Bridge, preferences: Preferences, layout: Callable[[], dict[str, Any]], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._bridge, self._preferences, self._layout = bridge, preferences, layout
        # A pool of its own: a film takes minutes, and what the window works out must not wait for it.
        self._jobs = Jobs()
        self._waiting: list[Development] = []
        bridge.saving.connect(self._answered)
        bridge.failed.connect(self._doubt)
        bridge.ticked.connect(lambda _now: self._jobs.poll())

    def develop(
        self,
        arguments: Sequence[str],
        out: Path,
        on_done: Callable[[Path], object],
        on_failed: Callable[[Failure], object],
        on_progress: Callable[[float | None, str], object] = lambda _fraction, _text: None,
    ) -> Development:
        """Make a file of the session as it is now.

        Parameters
        ----------
        arguments
            Options of ``nodeglow render``, as ``("--view", "network", "--theme", "light")``; what is rendered, and
            into which file, is added to them.
        out
            The file; its suffix says what is made. An existing one is refused without ``--force``.
        on_done, on_failed, on_progress
            Called with the file that was written; with what went wrong; with the fraction done, or None, and a text.
            All of them in the GUI thread.
        """
        made = Development(arguments, out, on_done, on_failed, on_progress)
        self._waiting.append(made)
        self._ask(made)
        return made

    def close(self) -> None:
        """Give up what is being made; the processes end."""
        for made in self._waiting:
            made.cancel()
        self._jobs.close()

    def _ask(self, made: Development) -> None:
        made.tries += 1
        made.asked = self._bridge.save(None, self._layout(), _PURPOSE)

    def _answered(self, event: Any) -> None:
        for made in [each for each in self._waiting if each.asked is event.asked]:
            self._waiting.remove(made)
            if made.running:
                self._preferences.sync()
                made.begin(self._jobs, event.record, self._preferences.path)

    def _doubt(self, failure: Any) -> None:
        """Ask once more: what went wrong may have been the question. What fails twice will not do."""
        self._waiting = [each for each in self._waiting if each.running]
        for made in tuple(self._waiting):
            if made.tries < _TRIES:
                self._ask(made)
            else:
                self._waiting.remove(made)
                made.fail(Failure(failure.message, failure.hint, failure.kind))


def make(record: Any, arguments: Sequence[str], out: Path, look: Path, progress: Progress) -> Path:
    """Save a session for a while, and let a child process render it: a job.

    Raises
    ------
    ExportError
        When the session cannot be saved.
    ErrandError
        When the child process failed.
    Cancelled
        When the job was cancelled; nothing was written.
    """
    with tempfile.TemporaryDirectory(prefix="nodeglow-", ignore_cleanup_errors=True) as place:
        folder = Path(place)
        saving = Progress(lambda done, _text: progress.report(_SAVING * (done or 0.0), "Copying the session"))
        session = write(record, folder / f"session{SUFFIX}", INSIDE, overwrite=False, progress=saving)
        rest = Progress(
            lambda done, text: progress.report(None if done is None else _SAVING + (1 - _SAVING) * done, text)
        )
        command = ("render", str(out), "--dataset", str(session), "--look", str(look), "--progress", "json")
        return errands.run((*command, *arguments), folder, rest)
