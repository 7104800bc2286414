"""The line at the bottom, with real kernels that are held up: what is prepared, who waits for it, and when it goes."""

import json
import os
import subprocess
import sys
import threading

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QLabel, QStatusBar

from simulator.engines import ENGINES, preparing
from simulator.engines.preparing import COMPILING, LOADING, Preparation
from simulator.spec import NetworkSpec

HELD_SECONDS = 60.0


@pytest.fixture
def go_on(monkeypatch):
    """Let every window train with kernels, which are ready when this event is set and not before."""
    event = threading.Event()
    really = Preparation._prepared

    def held(self):
        self.text = COMPILING
        event.wait(HELD_SECONDS)
        return really(self)

    monkeypatch.setattr(preparing, "_preparations", {})
    monkeypatch.setattr(Preparation, "_prepared", held)
    monkeypatch.setattr("simulator.training.computing.choose", lambda *_: ENGINES["compiled"])
    yield event
    event.set()


@pytest.fixture
def guest(go_on, make_window):
    return make_window()


@pytest.fixture
def bar(guest) -> QStatusBar:
    return guest.find("status", QStatusBar)


def shown(guest) -> str:
    """What can be read at the bottom of the window."""
    label = guest.find("readout.preparing", QLabel)
    return label.text() if label.isVisible() else ""


class Appearances(QObject):
    """Counts how often something comes to be seen."""

    count = 0

    def eventFilter(self, watched, event) -> bool:  # noqa: N802 - Qt's name
        self.count += event.type() == QEvent.Type.Show
        return False


def test_the_network_is_on_the_screen_while_the_kernels_are_compiled_and_the_bar_says_so(guest, go_on):
    guest.wait(lambda: shown(guest) != "")
    assert shown(guest) == "Compiling the training kernels – once on this machine, about ten seconds"
    assert guest.epoch == 0
    assert guest.find("readout.test_loss", QLabel).text() != "–"
    assert guest.action("play").isEnabled()
    assert not guest.bridge.playing


def test_play_is_on_at_once_and_trains_as_soon_as_the_kernels_are_there(guest, go_on):
    guest.trigger("play")
    guest.wait(lambda: shown(guest) != "")
    assert guest.bridge.playing
    assert guest.action("play").iconText() == "Pause"
    assert shown(guest).endswith("training waits for the kernels")
    guest.pass_time(0.3)
    assert guest.epoch == 0
    go_on.set()
    guest.wait(lambda: guest.epoch >= 3)
    assert guest.bridge.engine == "compiled"
    assert shown(guest) == ""
    assert guest.bridge.preparing == ""


def test_a_pause_while_it_waits_is_one(guest, go_on):
    guest.trigger("play")
    guest.wait(lambda: shown(guest).endswith("waits for the kernels"))
    guest.trigger("play")
    guest.wait_for_rest()
    assert not shown(guest).endswith("waits for the kernels")
    assert shown(guest) != ""
    go_on.set()
    guest.wait(lambda: shown(guest) == "")
    guest.pass_time(0.2)
    assert guest.epoch == 0


def test_other_edits_are_obeyed_while_it_waits(guest, go_on):
    guest.trigger("play")
    weights = guest.parameters
    guest.trigger("new_weights")
    guest.wait(lambda: (guest.parameters != weights).any())
    guest.bridge.open(guest.bridge.dataset, NetworkSpec(4, (), 3))
    guest.wait(lambda: guest.bridge.network.sizes == (4, 3))
    assert guest.bridge.preparing == COMPILING
    guest.trigger("advance")
    go_on.set()
    guest.wait(lambda: guest.epoch == 1 and not guest.bridge.playing)


@pytest.mark.slow
def test_nothing_is_painted_again_and_again_while_it_waits_at_full_speed(guest, go_on):
    guest.bridge.speed = None
    guest.trigger("play")
    guest.wait(lambda: shown(guest) != "")
    moments = []
    guest.bridge.snapshot_changed.connect(moments.append)
    guest.pass_time(0.5)
    assert len(moments) <= 1
    go_on.set()
    guest.wait(lambda: len(moments) > 5)


def test_kernels_that_are_loaded_in_a_moment_are_not_worth_a_line(go_on, make_window, monkeypatch):
    def brief(self):
        go_on.wait(HELD_SECONDS)
        return {}

    monkeypatch.setattr(Preparation, "_prepared", brief)
    guest, seen = make_window(), Appearances()
    guest.find("readout.preparing", QLabel).installEventFilter(seen)
    guest.wait(lambda: guest.bridge.preparing == LOADING)
    go_on.set()
    guest.wait(lambda: guest.bridge.preparing == "")
    guest.pass_time(1.0)  # longer than the patience with which the line waits
    assert seen.count == 0


def test_the_hint_of_a_button_does_not_cover_the_line(guest, bar):
    guest.wait(lambda: shown(guest) != "")
    bar.showMessage("Go back to epoch 0 with the same start weights")
    guest.pass_time(0.05)
    assert shown(guest).startswith("Compiling")


def test_a_window_closes_at_once_while_it_waits(guest):
    guest.trigger("play")
    assert guest.bridge.close(0.5 * HELD_SECONDS)  # long before the kernels would be there


COLD = """
import json, sys, tempfile, time
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from ui.app import create_window
from ui.preferences import Preferences
from simulator.engines import preparing

seen = []
app = QApplication(["nodeglow"])
window = create_window(Preferences(Path(sys.argv[1], "settings.ini")))
window.stage.painted.connect(lambda: seen.append("painted"))
child = preparing._child
def started(told):
    seen.append("child")
    return child(told)
preparing._child = started
window.bridge.opened.connect(lambda event: (seen.append(event.engine), window.bridge.play()))
window.bridge.recorded.connect(lambda rows: seen.append(int(rows["epoch"][-1])))
def look():
    line = window.statusBar().findChild(object, "readout.preparing") if window.statusBar().isVisible() else None
    text = "" if line is None else line.text().split(" –")[0]
    if text not in seen:
        seen.append(text)
    if seen[-1] != text and isinstance(seen[-1], int) and seen[-1] >= 3:
        app.quit()
timer = QTimer()
timer.timeout.connect(look)
timer.start(20)
window.show()
app.exec()
window.close()
print(json.dumps(seen))
"""


@pytest.mark.slow
def test_at_the_first_start_of_all_the_window_stands_before_a_child_compiles_and_play_waits_for_it(tmp_path):
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "cache"), "QT_QPA_PLATFORM": "offscreen"}
    runs = [
        subprocess.run(
            [sys.executable, "-c", COLD, str(tmp_path)],
            env={**environment, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            timeout=110,
        )
        for _ in range(2)
    ]
    first, second = (json.loads(each.stdout) for each in runs)
    wanted = ["painted", "compiled", "child", "Compiling the training kernels", 1]
    places = [first.index(each) for each in wanted]
    assert places == sorted(places), first
    assert "child" not in second
    assert second.index("painted") < second.index(1)
