"""What is kept while the program runs, and given back after it was ended unexpectedly."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel, QPushButton

from simulator.training.session_file import read_session, write_session
from ui.preferences import Preferences

TOP = Path(__file__).resolve().parents[2]
PROGRAM = """
    import sys
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication
    from ui.app import create_window
    from ui.preferences import Preferences

    app = QApplication([])
    window = create_window(Preferences(sys.argv[1]))
    window.show()

    wishes = [lambda: window.bridge.advance(12), lambda: window.recovery.every(0.2)]

    def go_on():
        if wishes and window.bridge.snapshot is not None and window.bridge.snapshot.epoch in (0, 12):
            if len(wishes) == (2 if window.bridge.snapshot.epoch == 0 else 1):
                wishes.pop(0)()

    timer = QTimer()
    timer.timeout.connect(go_on)
    timer.start(20)
    app.exec()
"""


def _gone():
    """Return the number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        return process.pid


def files(preferences, name="*/*.nodeglow"):
    return sorted(preferences.recovery.glob(name))


@pytest.fixture
def killed(preferences, kernels):
    """What a program that was killed after some epochs left behind: the folder of its files."""
    given = [sys.executable, "-c", textwrap.dedent(PROGRAM), str(preferences.path)]
    own = os.environ | {"PYTHONPATH": str(TOP), "QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen(given, env=own) as program:
        try:
            end = time.monotonic() + 60
            while not any(_epoch(path) == 12 for path in files(preferences)):
                assert program.poll() is None
                assert time.monotonic() < end
                time.sleep(0.05)
        finally:
            program.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    return preferences.recovery


def _epoch(path):
    return read_session(path).present.epoch


@pytest.fixture
def left(guest, preferences, tmp_path):
    """A function that leaves a session behind as a program does that is gone."""

    def leave(name="4711-gone", epoch=3, layout=None):
        guest.advance_to(epoch)
        records = []
        guest.bridge.saving.connect(lambda event: records.append(event.record))
        guest.bridge.save(layout=layout or {})
        guest.wait(lambda: bool(records))
        folder = preferences.recovery / name
        folder.mkdir(parents=True)
        write_session(records[0], folder / "session.nodeglow")
        return folder

    return leave


def look(guest):
    guest.window.recovery._looking = None
    guest.window.recovery.look()
    guest.wait(lambda: not guest.window.recovery._looking.running)


def press(guest, name):
    guest.find(f"banner.recovery.{name}", QPushButton).click()


def test_preferences_of_one_s_own_keep_what_is_recovered_beside_them(tmp_path):
    assert Preferences(tmp_path / "x.ini").recovery == tmp_path / "recovery"
    assert Preferences().recovery.parent.name == "nodeglow"
    assert TOP not in Preferences().recovery.parents


@pytest.mark.slow
def test_a_killed_program_offers_its_session_at_the_next_start(killed, make_window, preferences):
    guest = make_window()
    banner = guest.window.recovery.banner
    guest.wait(banner.isVisible)
    assert "Palmer penguins, epoch 12" in guest.find("banner.recovery.text", QLabel).text()
    kept = read_session(files(preferences)[0])
    press(guest, "restore")
    guest.wait(lambda: guest.epoch == 12)
    assert np.array_equal(guest.parameters, kept.present.parameters)
    assert not banner.isVisible()
    assert guest.window.isWindowModified()
    assert files(preferences)
    guest.advance_to(13)
    guest.window.close()
    assert list(preferences.recovery.iterdir()) == []


def test_what_changed_is_kept_and_forgotten_when_the_window_closes(guest, preferences):
    guest.window.recovery.every(0.05)
    guest.pass_time(0.3)
    assert not files(preferences)
    guest.advance_to(2)
    guest.wait(lambda: bool(files(preferences)))
    guest.window.close()
    guest.wait(lambda: list(preferences.recovery.iterdir()) == [])


@pytest.mark.slow
def test_it_takes_a_small_part_of_the_time(guest, preferences, monkeypatch):
    from ui import recovery

    written = []

    def slow(record, folder, progress, keep=recovery.keep):
        written.append(record)
        time.sleep(0.2)
        return keep(record, folder, progress)

    monkeypatch.setattr(recovery, "keep", slow)
    guest.window.recovery.every(0.02)
    for epoch in range(1, 40):
        guest.advance_to(epoch)
        guest.pass_time(0.02)
    assert len(written) == 1


def test_a_saved_session_is_not_kept_twice(guest, preferences, tmp_path):
    guest.window.recovery.every(0.05)
    guest.advance_to(2)
    guest.wait(lambda: bool(files(preferences)))
    guest.window.sessions.save(tmp_path / "mine.nodeglow")
    guest.wait(lambda: not guest.window.isWindowModified())
    guest.wait(lambda: not files(preferences))


def test_what_runs_elsewhere_is_nobody_s_to_offer(make_window, preferences):
    first = make_window()
    first.window.recovery.every(0.05)
    first.advance_to(2)
    first.wait(lambda: bool(files(preferences)))
    second = make_window()
    look(second)
    assert not second.window.recovery.banner.isVisible()
    assert files(preferences)


def test_a_discarded_session_is_gone(guest, left):
    folder = left()
    look(guest)
    press(guest, "discard")
    assert not folder.exists()
    assert not guest.window.recovery.banner.isVisible()
    assert list(folder.parent.iterdir()) == []


def test_a_session_that_is_neither_wanted_nor_discarded_is_offered_again(guest, left, make_window):
    folder = left()
    look(guest)
    guest.window.close()
    assert folder.exists()
    again = make_window()
    again.wait(again.window.recovery.banner.isVisible)


def test_the_newest_is_offered_first_and_then_the_others(guest, left):
    old, new = left("1-old", 2), left("2-new", 5)
    os.utime(old / "session.nodeglow", (1, 1))
    look(guest)
    text = guest.find("banner.recovery.text", QLabel)
    assert "epoch 5" in text.text()
    press(guest, "discard")
    assert not new.exists()
    assert "epoch 2" in text.text()


def test_damaged_ones_and_leftovers_are_removed_without_a_word(guest, left, preferences):
    good = left()
    (good / ".nodeglow-abc.tmp").write_bytes(b"half")
    for name, content in (("1-broken", b"PK\x03\x04nothing"), ("2-empty", None)):
        folder = preferences.recovery / name
        folder.mkdir()
        if content is not None:
            (folder / "session.nodeglow").write_bytes(content)
    (preferences.recovery / "3-gone.lock").write_text(f"{_gone()}\npython\n")
    look(guest)
    assert guest.window.recovery.banner.isVisible()
    assert [path.name for path in files(preferences, "*") if path.is_dir()] == [good.name]
    assert [path.name for path in good.iterdir()] == ["session.nodeglow"]
    assert not (preferences.recovery / "3-gone.lock").exists()
    assert guest.window.findChild(object, "dialog.failure") is None


def test_a_restored_session_belongs_to_its_file_again(guest, left, tmp_path):
    path = tmp_path / "mine.nodeglow"
    left(layout={"recovery": {"path": str(path), "data": "path"}})
    look(guest)
    press(guest, "restore")
    guest.wait(lambda: guest.window.sessions.origin.path == path)
    assert guest.window.isWindowModified()
    guest.trigger("save")
    guest.wait(path.exists)
    guest.wait(lambda: not guest.window.isWindowModified())
