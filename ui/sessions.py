"""The session and its file: what it is called, whether something changed since it was saved, writing and reading."""

import collections
import dataclasses
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from simulator.progress import Progress
from ui.banner import Banner
from ui.bridge import Bridge
from ui.changes import Changes
from ui.jobs import Failure, Job
from ui.preferences import Preferences

SUFFIX = ".nodeglow"
INSIDE, BY_PATH = "inside", "path"
"""What becomes of the data, as `simulator.training.session_file.write_session` calls it."""

_KEPT = "data"
_BRIEF = 0.4


@dataclasses.dataclass(frozen=True, eq=False)
class Origin:
    """Where a session came from.

    Attributes
    ----------
    path
        Its file; None where it has none yet.
    data
        Whether its data is in the file.
    changed
        Whether it holds more than its file.
    """

    path: Path | None = None
    data: str = INSIDE
    changed: bool = False


class Sessions(QObject):
    """Writes the running session to its file and reads others; one after the other, each by a job.

    Signals
    -------
    changed
        The file is another, or something is to be saved, or nothing any more.
    noted
        A short text for the window's line of notes.
    refused
        `ui.jobs.Failure`, and the path: a file that was not read. What ran goes on.
    failed
        `ui.jobs.Failure`: a file that was not written.
    written
        Path: a file that was written.

    Parameters
    ----------
    layout
        Returns how the window is arranged, as JSON values.
    """

    changed = Signal()
    noted = Signal(str)
    refused = Signal(object, object)
    failed = Signal(object)
    written = Signal(object)

    def __init__(
        self, bridge: Bridge, preferences: Preferences, layout: Callable[[], dict[str, Any]], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._bridge, self._preferences, self._layout = bridge, preferences, layout
        self.origin = Origin()
        self.changes = Changes(bridge, self)
        self.changes.edited.connect(self.changed)
        self._asked: list[tuple[Any, str, bool]] = []
        self._late: list[tuple[Any, str, bool]] = []
        self._waiting: collections.deque[tuple[Any, Path, str, bool]] = collections.deque()
        self._job: Job | None = None
        self._reading: Job | None = None
        self._coming: list[tuple[Mapping[str, Any], Origin]] = []
        self._last: tuple[Path, Callable[[Mapping[str, Any]], Origin] | None] | None = None
        self._turn = 0
        self._then: Callable[[], object] | None = None
        self._began = 0.0
        self.banner = Banner("banner.session", "The session's file")
        self.banner.add_button("stop", "&Stop", "Stops this; the file stays as it was (Alt+S).", self.stop)
        bridge.opened.connect(self._opened)
        bridge.saving.connect(self._answered)
        bridge.failed.connect(lambda _failure: self._doubt())

    @property
    def modified(self) -> bool:
        """Whether the session holds more than its file, or than it was opened with."""
        return self.changes.any or self.origin.changed

    @property
    def busy(self) -> bool:
        """Whether a file is being written."""
        return bool(self._asked or self._waiting) or self._job is not None

    def _opened(self, event: Any) -> None:
        found = [origin for layout, origin in self._coming if layout is event.layout]
        self._coming = [each for each in self._coming if each[0] is not event.layout]
        self._asked, self._late = [], []
        self.origin = found[0] if found else Origin()
        self._turn += 1
        self.changed.emit()

    def then(self, do: Callable[[], object]) -> None:
        """Do something once what is being written is written; it is forgotten where that fails or is stopped."""
        self._then = do

    # -- writing ------------------------------------------------------------------------------------------------

    def save(self, path: Path | None = None, data: str | None = None, *, overwrite: bool = True) -> bool:
        """Write the session as it is now; training goes on.

        Parameters
        ----------
        path, data
            Where to and what becomes of the data; None for what was chosen the last time.
        overwrite
            Whether an existing file may be replaced.

        Returns
        -------
        False where it has no file yet, and somebody has to be asked.
        """
        path, data = path or self.origin.path, data or self.origin.data
        if path is None:
            return False
        self._asked.append((self._bridge.save(path, self._layout() | {_KEPT: data}), data, overwrite))
        return True

    def _answered(self, event: Any) -> None:
        found = [each for each in (*self._asked, *self._late) if each[0] is event.asked]
        if not found:
            return
        self._asked, self._late = ([each for each in asked if each not in found] for asked in (self._asked, self._late))
        _, data, overwrite = found[0]
        self.origin = dataclasses.replace(self.origin, changed=self.modified)  # until it is written
        self.changes.forget(event.record)
        self._waiting.append((event.record, event.asked.path, data, overwrite))
        self._write_next()

    def _write_next(self) -> None:
        if self._job is not None or not self._waiting:
            return
        record, path, data, overwrite = self._waiting.popleft()
        turn = self._turn
        self._began = time.perf_counter()
        self._job = self._bridge.run_job(
            write, record, path, data, overwrite,
            on_done=lambda target: self._wrote(target, data, turn),
            on_failed=self._not_written,
            on_progress=lambda fraction, _text: self._tell(f"Saving {path.name} …", fraction),
        )  # fmt: skip

    def _wrote(self, path: Path, data: str, turn: int) -> None:
        self._job = None
        self.banner.hide()
        if turn == self._turn:
            self.origin = Origin(path, data, changed=bool(self._waiting))
        self._preferences.add_recent(path)
        self._preferences.set_folder("session", path)
        self.noted.emit(f"Saved to {path.name}")
        self._write_next()
        self.changed.emit()
        self.written.emit(path)
        if self._then is not None and not self.busy:
            self._then, do = None, self._then
            do()

    def _not_written(self, failure: Failure) -> None:
        self._job, self._then = None, None
        self.banner.hide()
        self._write_next()
        self.changed.emit()
        self.failed.emit(failure)

    def _doubt(self) -> None:
        """Wait no longer for answers: what went wrong may have been one of the questions."""
        self._late += self._asked
        self._asked, self._then = [], None

    # -- reading ------------------------------------------------------------------------------------------------

    def open(
        self, path: Path, data: Path | None = None, *, keep: Callable[[Mapping[str, Any]], Origin] | None = None
    ) -> Job:
        """Read a session and put it in place of the running one.

        Parameters
        ----------
        path
            Its file.
        data
            Where its data lies, if that was not found.
        keep
            Says from the layout where the session belongs; None for the file itself.
        """
        self.give_up()
        self._last = path, keep
        self._began = time.perf_counter()
        self._reading = self._bridge.run_job(
            read, path, data,
            on_done=lambda record: self._take(record, path, keep),
            on_failed=lambda failure: self._refuse(failure, path),
            on_progress=lambda fraction, _text: self._tell(f"Opening {path.name} …", fraction),
        )  # fmt: skip
        return self._reading

    def find(self, data: Path) -> None:
        """Read the session that was refused once more, with its data from where the user says."""
        if self._last is not None:
            path, keep = self._last
            self.open(path, data, keep=keep)

    def give_up(self) -> None:
        """Read no longer: something else takes its place."""
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
            if self._job is None:
                self.banner.hide()

    def _take(self, record: Any, path: Path, keep: Callable[[Mapping[str, Any]], Origin] | None) -> None:
        self._reading = None
        self.banner.hide()
        if keep is None:
            data = BY_PATH if record.layout.get(_KEPT) == BY_PATH else INSIDE
            origin = Origin(path, data)
            self._preferences.add_recent(path)
            self._preferences.set_folder("session", path)
        else:
            origin = keep(record.layout)
        self._coming.append((record.layout, origin))
        self._bridge.open_record(record)

    def _refuse(self, failure: Failure, path: Path) -> None:
        self._reading = None
        self.banner.hide()
        self.refused.emit(failure, path)

    # -- both ---------------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Stop writing or reading; nothing has happened then."""
        self.give_up()
        if self._job is not None:
            self._job.cancel()
            self._job, self._then = None, None
            self.noted.emit("Not saved")
            self._write_next()
        self.banner.hide()
        self.changed.emit()

    def _tell(self, text: str, fraction: float | None) -> None:
        if time.perf_counter() - self._began > _BRIEF:
            self.banner.say(text)
            self.banner.tell(fraction)


def write(record: Any, path: Path, data: str, overwrite: bool, progress: Progress) -> Path:
    """Write a session; the job behind `Sessions.save`.

    Raises
    ------
    ExportError
        When it cannot be written; an old file is as it was.
    """
    from simulator.training.session_file import write_session

    return write_session(record, path, progress, data, overwrite=overwrite)


def read(path: Path, data: Path | None, progress: Progress) -> Any:
    """Read a session; the job behind `Sessions.open`.

    Raises
    ------
    SessionFileError
        When it cannot be opened.
    """
    from simulator.training.session_file import read_session

    return read_session(path, progress, data)
