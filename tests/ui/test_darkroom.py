"""Pictures of the running session, made by a process of its own."""

import subprocess

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from ui import errands


class Told:
    """What a development calls."""

    def __init__(self) -> None:
        self.written, self.failure, self.news = None, None, []

    @property
    def callbacks(self):
        return {
            "on_done": lambda path: setattr(self, "written", path),
            "on_failed": lambda failure: setattr(self, "failure", failure),
            "on_progress": lambda *news: self.news.append(news),
        }


@pytest.fixture
def children(monkeypatch):
    """The processes that were started."""
    started, real = [], subprocess.Popen

    def popen(*given, **options):
        started.append(real(*given, **options))
        return started[-1]

    monkeypatch.setattr(errands.subprocess, "Popen", popen)
    return started


@pytest.mark.slow
def test_a_picture_shows_the_moment_that_it_was_asked_at_while_training_goes_on(guest, tmp_path, children):
    guest.advance_to(3)
    told, out = Told(), tmp_path / "then.png"
    options = ("--view", "network", "--size", "600x400", "--theme", "light")
    made = guest.window.darkroom.develop(options, out, **told.callbacks)
    guest.wait(lambda: not guest.window.darkroom._waiting)
    guest.bridge.play()
    guest.wait(lambda: not made.running)
    assert told.failure is None
    assert told.written == out
    assert guest.epoch > 3
    assert QImage(str(out)).size() == QSize(600, 400)
    assert list(tmp_path.glob(".*")) == []
    assert children[0].returncode == 0


@pytest.mark.slow
def test_a_cancelled_picture_leaves_nothing_and_ends_its_process(guest, tmp_path, children):
    told, out = Told(), tmp_path / "never.png"
    made = guest.window.darkroom.develop(("--epochs", "1000000"), out, **told.callbacks)
    guest.wait(lambda: bool(children))
    told.news.clear()
    guest.wait(lambda: bool(told.news))  # it has begun to work
    made.cancel()
    guest.wait(lambda: children[0].poll() is not None)
    assert (told.written, told.failure) == (None, None)
    assert [path for path in tmp_path.iterdir() if path.name.startswith((".", "never"))] == []


def test_what_the_other_process_refuses_comes_back_with_its_hint(guest, tmp_path):
    told, out = Told(), tmp_path / "there.png"
    out.write_text("mine")
    guest.window.darkroom.develop((), out, **told.callbacks)
    guest.wait(lambda: told.failure is not None)
    assert told.failure.kind == "ExportError"
    assert "already there" in told.failure.message
    assert told.failure.hint
    assert out.read_text() == "mine"
