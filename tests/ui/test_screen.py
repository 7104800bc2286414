"""The window on a real X11 server, with keys and a mouse that the server sends."""

import os
import shutil
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
NEEDED = ("Xvfb", "xdotool")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(any(shutil.which(tool) is None for tool in NEEDED), reason=f"needs {' and '.join(NEEDED)}"),
]

PROGRAM = """
    import json, sys
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication
    from ui.app import create_window
    from ui.preferences import Preferences

    app = QApplication([])
    window = create_window(Preferences(sys.argv[1]))
    window.setGeometry(0, 0, 1200, 800)
    window.show()

    def tell():
        bridge, canvas = window.bridge, window.canvas
        snapshot = bridge.snapshot
        if snapshot is None:
            return
        spot = canvas.position(1, 0)
        button = window.findChild(object, "canvas.layer1.plus")
        state = {
            "epoch": snapshot.epoch, "playing": bridge.playing, "sizes": snapshot.network.sizes,
            "row": window.selection.chosen.row, "neuron": window.selection.neuron,
            "active": window.isActiveWindow(),
            "spot": canvas.mapToGlobal(spot.toPoint()).toTuple(),
            "plus": button.mapToGlobal(button.rect().center()).toTuple(),
            "play": window.transport.play.mapToGlobal(window.transport.play.rect().center()).toTuple(),
        }
        print(json.dumps(state), flush=True)

    timer = QTimer()
    timer.timeout.connect(tell)
    timer.start(40)
    app.exec()
    print("closed", flush=True)
"""


class Screen:
    """An X server with the program on it."""

    def __init__(self, folder: Path) -> None:
        read, write = os.pipe()
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x900x24", "-nolisten", "tcp"],
            pass_fds=(write,), stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(write)
        with os.fdopen(read) as pipe:
            self.display = f":{pipe.readline().strip()}"
        own = {key: value for key, value in os.environ.items() if key not in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY")}
        self.environment = own | {"DISPLAY": self.display, "PYTHONPATH": str(TOP)}
        self.program = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(PROGRAM), str(folder / "settings.ini")],
            env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def state(self) -> dict:
        import json

        line = self.program.stdout.readline()
        assert line, self.program.stderr.read()
        return json.loads(line)

    def wait(self, ready) -> dict:
        end = time.monotonic() + 40
        while time.monotonic() < end:
            state = self.state()
            if ready(state):
                return state
        raise AssertionError(f"it did not happen; at last: {state}")

    def xdotool(self, *given: object) -> None:
        subprocess.run(["xdotool", *map(str, given)], env=self.environment, check=True, timeout=20)

    def click(self, place) -> None:
        self.xdotool("mousemove", *place, "click", 1)

    def close(self) -> None:
        for process in (self.program, self.server):
            process.terminate()
            process.wait(10)
        self.program.stdout.close()
        self.program.stderr.close()


@pytest.fixture
def screen(tmp_path):
    made = Screen(tmp_path)
    yield made
    made.close()


def test_keys_and_the_mouse_do_what_they_say(screen):
    start = screen.wait(lambda state: state["epoch"] == 0)
    screen.click((640, 30))  # somewhere quiet: the window has the keyboard
    screen.click(start["play"])
    screen.wait(lambda state: state["playing"] and state["epoch"] >= 3)
    screen.click(start["play"])
    stopped = screen.wait(lambda state: not state["playing"])
    screen.xdotool("key", "ctrl+Right")
    screen.wait(lambda state: state["epoch"] == stopped["epoch"] + 1)
    screen.xdotool("key", "space")
    screen.wait(lambda state: state["playing"])
    screen.xdotool("key", "space")
    screen.wait(lambda state: not state["playing"])
    screen.xdotool("key", "ctrl+Down")
    screen.wait(lambda state: state["row"] == 1)
    screen.click(start["spot"])
    screen.wait(lambda state: state["neuron"] == [1, 0])
    screen.click(start["plus"])
    screen.wait(lambda state: state["sizes"] == [4, 9, 8, 3] and state["epoch"] == 0)
    screen.xdotool("key", "ctrl+z")
    screen.wait(lambda state: state["sizes"] == [4, 8, 8, 3])
    screen.xdotool("key", "ctrl+r")
    screen.wait(lambda state: state["epoch"] == 0)
    screen.xdotool("key", "ctrl+q")
    end = time.monotonic() + 20
    while time.monotonic() < end and "closed" not in screen.program.stdout.readline():
        pass
    assert screen.program.wait(10) == 0
