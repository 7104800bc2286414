"""Keeps the session on the disk while something changes, and offers it again after the program was ended unexpectedly.

Every program has a folder of its own below one that all share, and a lock beside it that the system takes away from a
program that is gone: what lies in a folder without a lock belongs to nobody any more.
"""

import contextlib
import dataclasses
import os
import secrets
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QLockFile, QObject, QTimer

from simulator.errors import SessionDataError, SimulatorError
from simulator.progress import Cancelled, Progress
from ui.banner import Banner
from ui.bridge import Bridge
from ui.jobs import Job
from ui.sessions import BY_PATH, INSIDE, SUFFIX, Origin, Sessions

SECONDS = 60.0
"""So often something that changed is written."""

SHARE = 0.02
"""How much of the time that may take."""

MOST_BYTES = 32 * 2**20
"""So large the keyframes of what is written may be."""

_FILE = f"session{SUFFIX}"
_WHOSE, _PURPOSE = "recovery", "autosave"


@dataclasses.dataclass(frozen=True, eq=False)
class Orphan:
    """What another program left behind.

    Attributes
    ----------
    folder, lock
        Where it lies, and the lock that keeps others from it.
    said
        What it is, in words.
    """

    folder: Path
    lock: QLockFile
    said: str = ""

    def remove(self) -> None:
        """Delete it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.lock.unlock()


class Recovery(QObject):
    """Autosaves, and gives autosaves back.

    Parameters
    ----------
    folder
        The one that all programs of the user share; it need not exist.
    layout
        Returns how the window is arranged, as JSON values.
    """

    def __init__(
        self, bridge: Bridge, sessions: Sessions, folder: Path, layout: Callable[[], dict[str, Any]], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._bridge, self._sessions, self._shared, self._layout = bridge, sessions, folder, layout
        self._own = folder / f"{os.getpid()}-{secrets.token_hex(4)}"
        self._lock: QLockFile | None = None
        self._dirty, self._closed = False, False
        self._job: Job | None = None
        self._looking: Job | None = None
        self._not_before = 0.0
        self._orphans: list[Orphan] = []
        self._restored: list[Orphan] = []
        self._secured: list[Orphan] = []
        self._coming: tuple[Origin, Orphan] | None = None
        self.banner = Banner("banner.recovery", "The last session")
        self.banner.add_button("restore", "&Restore", "Opens that session as it was (Alt+R).", self.restore)
        self.banner.add_button("discard", "Disc&ard", "Deletes what was kept of that session (Alt+A).", self.discard)
        self._clock = QTimer(self)
        self._clock.timeout.connect(self._autosave)
        self.every(SECONDS)
        bridge.saving.connect(self._answered)
        bridge.opened.connect(lambda _event: self._opened())
        sessions.changes.edited.connect(self._edited)
        sessions.written.connect(lambda _path: self._saved())
        sessions.refused.connect(lambda _failure, _path: self._offer())

    # -- keeping ------------------------------------------------------------------------------------------------

    def every(self, seconds: float) -> None:
        """Look so often whether there is something to write."""
        self._clock.start(round(1000 * seconds))

    def _edited(self) -> None:
        self._dirty = True

    def _autosave(self) -> None:
        if self._closed or self._job is not None or not self._dirty or time.perf_counter() < self._not_before:
            return
        self._dirty, self._secured = False, list(self._restored)
        origin = self._sessions.origin
        about = {"path": None if origin.path is None else str(origin.path), "data": origin.data}
        self._bridge.save(None, self._layout() | {_WHOSE: about}, _PURPOSE)

    def _answered(self, event: Any) -> None:
        if event.asked.purpose != _PURPOSE or self._closed or self._job is not None:
            return
        began = time.perf_counter()
        if self._lock is None:
            with contextlib.suppress(OSError):
                self._shared.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(self._own)
            if self._lock is None:
                return  # nothing can be written there, and nobody is bothered with that
        self._job = self._bridge.run_job(
            keep,
            event.record,
            self._own,
            on_done=lambda _path: self._kept(began),
            on_failed=lambda _: self._not_kept(began),
        )

    def _kept(self, began: float) -> None:
        self._ended(began)
        for orphan in self._secured:
            orphan.remove()
        self._restored = [orphan for orphan in self._restored if orphan not in self._secured]

    def _not_kept(self, began: float) -> None:
        """Try again the next time: who works on is not told of a full disk by what should help."""
        self._dirty = True
        self._ended(began)

    def _ended(self, began: float) -> None:
        self._job = None
        now = time.perf_counter()
        self._not_before = now + (now - began) / SHARE

    def _saved(self) -> None:
        """Forget what was kept when the session's own file holds as much."""
        if self._sessions.modified:
            return
        self._dirty = False
        if self._job is not None:
            self._job.cancel()
            self._job = None
        with contextlib.suppress(OSError):
            (self._own / _FILE).unlink(missing_ok=True)
        while self._restored:
            self._restored.pop().remove()

    def close(self) -> None:
        """Forget what was kept: the program ends as it should."""
        if self._closed:
            return
        self._closed = True
        self._clock.stop()
        if self._job is not None:
            self._job.cancel()
        if self._lock is not None:
            Orphan(self._own, self._lock).remove()
        while self._restored:
            self._restored.pop().remove()
        for orphan in self._orphans:
            orphan.lock.unlock()  # neither wanted nor discarded: for the next time

    # -- giving back --------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Look beside the window for what was left behind, and offer it."""
        if self._looking is None and self._shared.is_dir():
            self._looking = self._bridge.run_job(orphans, self._shared, on_done=self._found)

    def _found(self, found: list[Orphan]) -> None:
        self._orphans = found
        self._offer()

    def _offer(self) -> None:
        if self._orphans:
            self.banner.say(self._orphans[0].said)
        else:
            self.banner.hide()

    def restore(self) -> None:
        """Open the session that is offered."""
        if self._orphans:
            orphan = self._orphans[0]
            self.banner.hide()
            self._sessions.open(orphan.folder / _FILE, keep=lambda layout: self._come(orphan, origin_of(layout)))

    def _come(self, orphan: Orphan, origin: Origin) -> Origin:
        self._coming = origin, orphan
        return origin

    def _opened(self) -> None:
        """Hold on to what was restored until it is kept anew, or the program ends as it should."""
        if self._coming is not None and self._coming[0] is self._sessions.origin:
            orphan, self._coming, self._dirty = self._coming[1], None, True
            self._restored.append(orphan)
            self._orphans = [each for each in self._orphans if each is not orphan]
            self._offer()

    def discard(self) -> None:
        """Delete the session that is offered."""
        if self._orphans:
            self._orphans.pop(0).remove()
            self._offer()


def _locked(folder: Path) -> QLockFile | None:
    """Take a folder for oneself; None where somebody has it."""
    lock = QLockFile(f"{folder}.lock")
    lock.setStaleLockTime(0)  # a program that runs keeps its lock for days
    return lock if lock.tryLock(0) else None


def _drop(file: Path) -> None:
    """Delete a lock that belongs to a program that is gone, and to no folder."""
    lock = _locked(file.with_suffix(""))
    if lock is not None:
        lock.unlock()


def keep(record: Any, folder: Path, progress: Progress) -> Path:
    """Write what is needed to go on after a crash; the job behind the autosave.

    A bundled set never changes: its path is as good as its content.
    """
    from simulator.data import BUNDLED
    from simulator.training.session_file import write_session

    paths, known = {dataset.path for dataset in record.datasets} - {None}, {row.path for row in BUNDLED.values()}
    bundled = bool(paths) and paths <= known
    folder.mkdir(exist_ok=True)
    path = folder / _FILE
    written = write_session(record, path, progress, BY_PATH if bundled else INSIDE, MOST_BYTES)
    try:
        progress.report(1.0)
    except Cancelled:  # the program was closed meanwhile
        path.unlink(missing_ok=True)
        raise
    return written


def orphans(shared: Path, progress: Progress) -> list[Orphan]:
    """Return what programs that are gone left behind, the newest first; what is of no use is deleted."""
    found: list[tuple[float, Orphan]] = []
    for folder in shared.iterdir():
        progress.report(None, "looking for what was left behind")
        if folder.suffix == ".lock":
            if not folder.with_suffix("").is_dir():
                _drop(folder)
            continue
        lock = _locked(folder)
        if lock is None:
            continue
        for left in folder.glob(".nodeglow-*.tmp"):
            left.unlink(missing_ok=True)
        path = folder / _FILE
        try:
            found.append((path.stat().st_mtime, Orphan(folder, lock, _words(path, progress))))
        except (OSError, SimulatorError):
            Orphan(folder, lock).remove()
    return [orphan for _, orphan in sorted(found, key=lambda each: each[0], reverse=True)]


def _words(path: Path, progress: Progress) -> str:
    from simulator.data import BUNDLED
    from simulator.training.session_file import read_session

    try:
        record = read_session(path, progress)
    except SessionDataError:
        return "The last session ended unexpectedly."  # its data can still be found
    row = BUNDLED.get(record.dataset.name)
    name = row.title if row else record.dataset.name
    return f"The last session ended unexpectedly: {name}, epoch {record.present.epoch:,}."


def origin_of(layout: Mapping[str, Any]) -> Origin:
    """Return where a session that was kept belongs: it holds more than its file does."""
    about = layout.get(_WHOSE)
    path, data = (about.get("path"), about.get("data")) if isinstance(about, dict) else (None, None)
    file = Path(path) if isinstance(path, str) and 0 < len(path) < 4096 and "\0" not in path else None
    return Origin(file, BY_PATH if data == BY_PATH else INSIDE, changed=True)
