"""Notices when the running session holds something that was not there when it was opened or saved the last time."""

from typing import Any

from PySide6.QtCore import QObject, Signal

from ui.bridge import Bridge


class Changes(QObject):
    """Follows the session: epochs and batches that are new, settings, branches and their names.

    Another moment of what is known is no change.

    Signals
    -------
    edited
        There is something new.

    Attributes
    ----------
    any
        Whether there is, since the session was opened or `forget` was called.
    """

    edited = Signal()

    def __init__(self, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self.any = False
        self._ends: dict[int, tuple[int, int]] | None = None
        self._names: set[tuple[int, str]] = set()
        bridge.opened.connect(lambda _event: self._begin())
        bridge.configured.connect(lambda _event: self._mark())
        bridge.snapshot_changed.connect(self._follow)
        bridge.branched.connect(self._branched)

    def forget(self, record: Any) -> None:
        """Take all that a record of the session holds for known."""
        self.any = False
        self._ends = {branch.number: branch.end for branch in record.branches}
        self._names = {(branch.number, branch.name) for branch in record.branches}

    def _begin(self) -> None:
        self.any, self._ends = False, None

    def _mark(self) -> None:
        self.any = True
        self.edited.emit()

    def _follow(self, snapshot: Any) -> None:
        # A moment that was reached before the session was recorded may come after the record.
        if self._ends is not None and snapshot.end > self._ends.get(snapshot.branch, snapshot.end):
            self._mark()

    def _branched(self, event: Any) -> None:
        names = {(branch.number, branch.name) for branch in event.branches}
        if self._ends is None:
            self._ends, self._names = {branch.number: branch.end for branch in event.branches}, names
        elif names != self._names:
            self._mark()
