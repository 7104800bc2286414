"""Windows for tests: offscreen where there is no display, with a real worker and settings of their own."""

import os
import sys
import time

if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from simulator.engines import preparing
from simulator.progress import Progress
from tests.ui.lasting import Keeper, close
from ui.app import create_window
from ui.garbage import collect_in_this_thread
from ui.main_window import MainWindow
from ui.preferences import Preferences

PATIENCE = 30_000
"""How long something is waited for, in milliseconds: a machine may have much else to do."""


class PatientBot(QtBot):
    """The hand and the eye of a test; it waits as long for anything."""

    def waitUntil(self, callback, *, timeout=PATIENCE):  # noqa: N802 - the library's name
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal, *, timeout=PATIENCE, **more):  # noqa: N802 - the library's name
        return super().waitSignal(signal, timeout=timeout, **more)


@pytest.fixture(scope="module")
def qapp(qapp):
    """The application, in whose thread garbage is collected as long as a file's tests have windows or dialogs."""
    collector = collect_in_this_thread(qapp)
    yield qapp
    collector.stop()


@pytest.fixture
def qtbot(qapp, request) -> PatientBot:
    return PatientBot(request)


@pytest.fixture(scope="module", autouse=True)
def _plain_application():
    """Leave the application to the next file as it was at the beginning, whatever a file's tests dressed it in."""
    yield
    app = QApplication.instance()
    if app is not None:
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        app.setStyleSheet("")
        app.setPalette(app.style().standardPalette())
        app.setProperty("theme", None)
        app.clipboard().clear()


class Guest:
    """Somebody in front of a window: looks, waits, acts."""

    def __init__(self, qtbot, window: MainWindow) -> None:
        self.bot, self.window, self.bridge = qtbot, window, window.bridge

    def wait(self, ready) -> None:
        """Wait for the state that is wanted: one that holds before something was done is no news of it."""
        self.bot.waitUntil(ready)

    def wait_until_obeyed(self) -> None:
        """Wait until the worker has obeyed all that was sent, and the window knows what came of it.

        Whatever was asked is answered in turn; the views that rest have had a frame for the newest moment then.
        """
        bridge, told = self.bridge, []
        if bridge.snapshot is None or bridge._closed:
            return
        bridge.saving.connect(told.append)
        asked = bridge.save(purpose="how far the worker is")
        self.wait(lambda: any(each.asked is asked for each in told) and not bridge._pending)
        bridge.saving.disconnect(told.append)

    def wait_for_rest(self) -> None:
        """Wait until nothing runs and the newest moment is known."""
        self.wait(lambda: not self.bridge.playing)
        self.wait_until_obeyed()

    def action(self, name: str):
        return self.window.actions_by_id[name]

    def trigger(self, name: str) -> None:
        assert self.action(name).isEnabled(), f"{name} is disabled: {self.action(name).toolTip()}"
        self.action(name).trigger()

    def find(self, name: str, kind: type = QObject):
        found = self.window.findChild(kind, name)
        assert found is not None, f"there is nothing called {name}"
        return found

    @property
    def epoch(self) -> int:
        return -1 if self.bridge.snapshot is None else self.bridge.snapshot.epoch

    @property
    def parameters(self):
        return self.bridge.snapshot.parameters

    def advance_to(self, epoch: int) -> None:
        """Train on from the moment that everything sent before leads to."""
        self.wait_until_obeyed()
        self.bridge.advance(epoch - self.epoch)
        self.wait(lambda: self.epoch >= epoch and not self.bridge.playing)

    def pass_time(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.bot.wait(5)


@pytest.fixture
def preferences(tmp_path):
    return Preferences(tmp_path / "settings.ini")


@pytest.fixture(scope="session")
def kernels() -> None:
    """Compile what trains, if this machine has not: longer than a window's test is patient."""
    preparing.wait("compiled", "float32", Progress())


@pytest.fixture
def make_window(qtbot, preferences, kernels):
    """A function that opens a window; every window is closed, and its worker with it, when the test ends."""
    made = []

    def make(source: str | None = "penguins", **choices) -> Guest:
        window = create_window(preferences, None)
        made.append(window)
        guest = Guest(qtbot, window)
        window.resize(1400, 900)
        window.show()
        if source is not None:
            window.filing.load(source, **choices)
            guest.wait(lambda: window.bridge.snapshot is not None)
            guest.wait_until_obeyed()  # what else is told of a new session comes a little later
        return guest

    yield make
    for window in made:
        close(window)


@pytest.fixture(scope="module")
def keeper(qapp, kernels, tmp_path_factory):
    """Who keeps the window that the tests of a file share."""
    made = Keeper(lambda: tmp_path_factory.mktemp("lasting"))
    yield made
    made.close()


@pytest.fixture
def lasting(qtbot, keeper):
    """A function that gives the window of this file's tests, as it is when it is new and somebody has prepared it."""
    return lambda prepare=as_it_is: keeper.give(lambda window: Guest(qtbot, window), prepare)


def as_it_is(guest: Guest) -> None:
    """Prepare nothing."""


@pytest.fixture
def guest(make_window) -> Guest:
    """A window with the penguins, ready to play."""
    return make_window()
