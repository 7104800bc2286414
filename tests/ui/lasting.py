"""One window for the tests of a file: who takes it finds it as it was when it was new, or gets another one.

To make a window takes longer than most of what is tested in it. So it is tidied up after a test, and then looked at all
over: whatever a widget shows, whatever an object of the window holds, and who listens to its signals. Only where that
is what it was at the beginning, to the last trace, does the next test get it.
"""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication
from pytestqt.exceptions import TimeoutError as WaitedInVain

from tests.ui.traces import docks_of, traces
from ui.app import create_window
from ui.bridge import DEFAULT_SPEED
from ui.canvas.look import Look
from ui.main_window import MainWindow
from ui.preferences import Preferences

SIZE = 1400, 900


class Keeper:
    """Keeps the windows that the tests of a file share: one for each way to prepare it.

    Parameters
    ----------
    folder
        A function that makes a folder for settings.
    """

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._folder = folder
        self._kept: dict[Callable[[Any], object], Lasting] = {}

    def give(self, guest_of: Callable[[MainWindow], Any], prepare: Callable[[Any], object]) -> Any:
        """Return somebody in front of a window that is as `prepare` makes a new one."""
        kept = self._kept.pop(prepare, None)
        if kept is not None and not _is_as_new(kept, guest_of(kept.window)):
            close(kept.window)
            kept = None
        if kept is None:
            window = create_window(Preferences(self._folder() / "settings.ini"), None)
            kept = Lasting(guest_of(window), prepare)
        self._kept[prepare] = kept
        return guest_of(kept.window)

    def close(self) -> None:
        """Close all windows."""
        while self._kept:
            close(self._kept.popitem()[1].window)


def _is_as_new(kept: "Lasting", guest: Any) -> bool:
    try:
        return kept.is_as_new(guest)
    except WaitedInVain:  # a test may have stopped what this waits for
        return False


class Lasting:
    """A window, and how it was when it was new.

    Attributes
    ----------
    left
        What the last test left behind, by where it was found: what was there before, and what is now.
    """

    def __init__(self, guest: Any, prepare: Callable[[Any], object]) -> None:
        self.window, self._prepare = guest.window, prepare
        self.left: dict[str, tuple[Any, Any]] = {}
        window = self.window
        window.resize(*SIZE)
        window.show()
        self._theme, store = window.theme.name, window.preferences._store
        self._settings = {key: store.value(key) for key in store.allKeys()}
        window.filing.load("penguins")
        guest.wait(lambda: window.bridge.snapshot is not None)
        tidy(guest)
        self._begin(guest)
        self._dataset, self._docks = window.bridge.dataset, docks_of(window)
        self._born = traces(window)

    def is_as_new(self, guest: Any) -> bool:
        """Tidy up, begin anew where that is not enough, and return whether nothing is left of the last test."""
        if guest.bridge._closed:
            return False
        tidy(guest)
        stands = guest.bridge.snapshot is self._snapshot
        self.left = self._found() if stands else {}
        if self.left or not stands:
            self._begin_again(guest)
            self._begin(guest)
            self.left = self._found()
        return not self.left

    def _begin(self, guest: Any) -> None:
        rest(guest)
        self._prepare(guest)
        rest(guest)
        self._snapshot = guest.bridge.snapshot

    def _begin_again(self, guest: Any) -> None:
        """Bring settings, panels and session to where they are in a new window."""
        window, bridge = guest.window, guest.bridge
        if window.theme.name != self._theme:
            window.actions_by_id["theme"].trigger()
        window.editor.stack.clear()
        bridge.speed, bridge.engine_choice = DEFAULT_SPEED, "auto"
        for name, wanted in (*dataclasses.asdict(Look()).items(), ("narrator_line", True)):
            action = window.actions_by_id.get(name)
            if action is not None and action.isChecked() != wanted:
                action.trigger()
        window.actions_by_id["unit_epoch"].trigger()
        window.transport.count.show_value(1)
        store = window.preferences._store
        store.clear()
        for key, value in self._settings.items():
            store.setValue(key, value)
        window.canvas.fit()
        if window.size().toTuple() != SIZE:
            window.resize(*SIZE)
        if docks_of(window) != self._docks:
            window.put_panels()
        before = bridge.snapshot
        bridge.open(self._dataset)
        guest.wait(lambda: bridge.snapshot is not before and bridge.dataset is self._dataset)
        tidy(guest)
        window.panels["lesson"].steps.setCurrentRow(0)
        window.motion.choose_grain("layer")
        window.motion.choose_speed(1.0)
        window.motion._by_hand, window.motion._unasked = False, window.selection.chosen.row
        window.asking._dataset = window.asking._last_dataset = None
        window.recovery._dirty = bridge._trim = False

    def _found(self) -> dict[str, tuple[Any, Any]]:
        now, born = traces(self.window), self._born
        return {key: (born.get(key), now.get(key)) for key in born.keys() | now.keys() if born.get(key) != now.get(key)}


def close(window: MainWindow) -> None:
    """Close a window with its dialogs, and let it be deleted."""
    _close_dialogs(window)
    window.close()
    window.deleteLater()
    QApplication.processEvents()
    # What is to be deleted later goes now: every change of theme would dress it again.
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _close_dialogs(window: MainWindow) -> None:
    for dialog in window.findChildren(QObject):
        if dialog.objectName().startswith("dialog."):
            dialog.close()


def tidy(guest: Any) -> None:
    """End what goes on, and look at nothing in particular."""
    window, bridge = guest.window, guest.bridge
    _close_dialogs(window)
    window.motion.stop()
    if bridge.playing:
        bridge.pause()
        guest.wait_for_rest()
    QCursor.setPos(window.mapToGlobal(window.rect().bottomRight()))
    window.selection.point_at(None)
    if window.selection.neuron or window.selection.edge or window.selection.number:
        window.selection.choose_neuron(None)
    if window.selection.chosen is not None and (
        window.selection.chosen.row or window.selection.chosen.split == "changed"
    ):
        window.selection.choose_row(0)
    if window.focusWidget() is not window.transport.play:
        window.transport.play.setFocus()
    rest(guest)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def rest(guest: Any) -> None:
    """Wait until nothing is prepared or worked out any more, and the story is told."""
    window, bridge = guest.window, guest.bridge
    guest.wait_until_obeyed()
    teller = window.narrating
    guest.wait(lambda: not (bridge.preparing or bridge.busy))
    guest.wait(lambda: not (teller._wanting and (teller._stale or teller._unsurveyed or teller._asked or bridge.busy)))
