"""Sessions into files and out of them, through the window."""

import dataclasses
import json
import os
import random
import zipfile

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QCloseEvent, QDropEvent
from PySide6.QtWidgets import QDialog, QLabel, QMenu, QPushButton

from simulator.interchange import load_model
from simulator.training import session_file
from ui import sessions
from ui.arrangement import Arrangement
from ui.dialogs import session as asking
from ui.docking import places, put


@pytest.fixture
def answer(monkeypatch):
    """A function that puts an answer in the place of the system's file dialogs; what was offered is in its list."""
    offered = []

    def give(path, kind=sessions.INSIDE):
        def choose(*asked):
            offered.append(asked)
            return path if isinstance(asked[3], tuple) else (path, _filter(kind))

        for function in (asking.ask_where_to_save, asking.ask_for_session, asking.show_refusal):
            monkeypatch.setattr(function, "__kwdefaults__", function.__kwdefaults__ | {"choose": choose})
        return offered

    return give


def _filter(kind):
    return next(text for text, each in asking.TO_WRITE.items() if each == kind)


def save(guest):
    guest.trigger("save")
    guest.wait(lambda: not guest.window.sessions.busy)


@pytest.fixture
def saved(guest, answer, tmp_path):
    """A trained session in a file, and its window."""
    path = tmp_path / "lesson one.nodeglow"
    answer(path)
    guest.advance_to(4)
    save(guest)
    assert path.exists()
    return path


def failure(guest):
    guest.wait(lambda: guest.window.findChild(object, "dialog.failure") is not None)
    return guest.find("dialog.failure")


def test_the_constants_are_those_of_the_simulator():
    assert sessions.SUFFIX == session_file.SUFFIX
    assert (sessions.INSIDE, sessions.BY_PATH) == session_file.DATA


def test_save_asks_for_a_name_once_and_then_writes_the_same_file(guest, answer, tmp_path):
    offered = answer(tmp_path / "mine")
    guest.advance_to(2)
    save(guest)
    path = tmp_path / "mine.nodeglow"
    assert session_file.read_session(path).present.epoch == 2
    guest.advance_to(5)
    save(guest)
    assert session_file.read_session(path).present.epoch == 5
    assert len(offered) == 1
    assert guest.window.preferences.recent_files[0] == path
    assert "Saved to mine.nodeglow" in guest.window.stage.note.text()


def test_the_title_names_the_session_and_marks_what_is_not_saved(guest, saved):
    window = guest.window
    assert window.windowTitle() == "lesson one[*] – Nodeglow"
    assert not window.isWindowModified()
    guest.bridge.go_to(1)
    guest.wait(lambda: guest.epoch == 1)
    assert not window.isWindowModified()
    guest.trigger("live")
    guest.wait(lambda: guest.epoch == 4)
    guest.advance_to(5)
    assert window.isWindowModified()
    save(guest)
    assert not window.isWindowModified()
    guest.bridge.rename(0, "the first")
    guest.wait(window.isWindowModified)


def test_a_new_session_is_not_marked_before_something_was_learnt(guest):
    guest.wait_until_obeyed()
    assert not guest.window.isWindowModified()
    guest.advance_to(1)
    assert guest.window.isWindowModified()


def test_another_data_set_has_no_file_yet(guest, saved):
    guest.window.filing.load("iris")
    guest.wait(lambda: guest.bridge.dataset.name == "iris")
    assert "Iris" in guest.window.windowTitle()
    assert guest.window.sessions.origin.path is None


def test_save_as_offers_the_data_inside_or_its_path_and_keeps_to_that(guest, answer, tmp_path):
    path = tmp_path / "light.nodeglow"
    offered = answer(path, sessions.BY_PATH)
    guest.trigger("save_as")
    guest.wait(lambda: path.exists() and not guest.window.sessions.busy)
    assert set(offered[0][3].values()) == {".nodeglow"}
    assert len(offered[0][3]) == 2
    assert "data.json" not in zipfile.ZipFile(path).namelist()
    guest.advance_to(1)
    save(guest)
    assert "data.json" not in zipfile.ZipFile(path).namelist()
    with guest.bot.waitSignal(guest.bridge.opened, timeout=30_000):  # its path was there before, too
        guest.window.open_path(path)
    guest.wait(lambda: guest.window.sessions.origin.path == path and not guest.window.isWindowModified())
    guest.advance_to(2)
    save(guest)
    assert "data.json" not in zipfile.ZipFile(path).namelist()


@pytest.mark.parametrize("name", ["model.npz", "model.keras"])
def test_whoever_types_the_suffix_of_a_model_exports_it_and_is_told_what_the_format_does_not_hold(
    guest, answer, tmp_path, name
):
    path = tmp_path / name
    path.write_bytes(b"old, and the system's dialog asked about it")
    answer(path)
    guest.advance_to(2)
    guest.trigger("save_as")
    guest.wait(lambda: guest.window.findChild(QDialog, "dialog.export") is not None)
    dialog = guest.find("dialog.export", QDialog)
    assert dialog.place.path == path
    assert dialog.formats.name == path.suffix[1:]
    guest.wait(dialog.write.isEnabled)
    dialog.write.click()
    guest.wait(lambda: guest.window.findChild(QDialog, "dialog.export") is None)
    assert load_model(path).epoch == 2
    assert guest.window.sessions.origin.path is None


def test_a_file_that_cannot_be_written_says_why_and_nothing_is_lost(guest, answer, tmp_path):
    answer(tmp_path / "no folder" / "x.nodeglow")
    guest.advance_to(2)
    guest.trigger("save")
    assert "folder" in failure(guest).hint.text().lower()
    assert guest.window.isWindowModified()
    assert guest.epoch == 2
    assert not guest.window.sessions.busy


def test_an_existing_file_that_nobody_was_asked_about_stays(guest, answer, tmp_path):
    (tmp_path / "x.nodeglow").write_text("mine")
    answer(tmp_path / "x")
    guest.trigger("save")
    failure(guest)
    assert (tmp_path / "x.nodeglow").read_text() == "mine"


def _stand_before_writing(monkeypatch):
    """Let a session's file not be written until it is cancelled or let go."""
    gates = []

    def slow(record, path, data, overwrite, progress, write=sessions.write):
        gates.append(progress)
        while len(gates) == 1 and not hasattr(gates[0], "go"):
            progress.report(0.3, "writing")
        return write(record, path, data, overwrite, progress)

    monkeypatch.setattr(sessions, "write", slow)
    return gates


def test_a_long_save_tells_how_far_it_is_and_can_be_stopped(guest, saved, monkeypatch):
    _stand_before_writing(monkeypatch)
    before = saved.read_bytes()
    guest.advance_to(5)
    guest.trigger("save")
    banner = guest.window.sessions.banner
    guest.wait(banner.isVisible)
    assert "lesson one" in guest.find("banner.session.text", QLabel).text()
    guest.find("banner.session.stop", QPushButton).click()
    assert not banner.isVisible()
    guest.wait(lambda: not guest.window.sessions.busy and not guest.bridge.busy)
    assert saved.read_bytes() == before
    assert guest.window.isWindowModified()
    save(guest)
    assert saved.read_bytes() != before


def test_a_window_that_is_closed_while_it_saves_closes_when_the_file_is_whole(guest, saved, monkeypatch):
    gates = _stand_before_writing(monkeypatch)
    guest.advance_to(6)
    guest.trigger("save")
    guest.wait(lambda: bool(gates))
    event = QCloseEvent()
    guest.window.closeEvent(event)
    assert not event.isAccepted()
    gates[0].go = True
    guest.wait(lambda: not guest.window.isVisible())
    assert session_file.read_session(saved).present.epoch == 6


def test_opening_gives_back_the_window_and_its_bits(guest, answer, tmp_path, make_window):
    window, path = guest.window, tmp_path / "all of it.nodeglow"
    answer(path)
    guest.advance_to(6)
    guest.bridge.go_to(3)
    guest.wait(lambda: guest.epoch == 3)
    window.selection.choose_row(42)
    window.selection.choose_edge((1, 2, 3))
    window.show_panel("table")
    window.show_panel("matrices")
    window.show_panel("table")
    window.docks["curves"].hide()
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, window.docks["output"])
    window.resizeDocks([window.docks["data"]], [290], Qt.Orientation.Horizontal)
    guest.trigger("unit_batch")
    window.bridge.speed = 5
    window.canvas.zoom_by(3.0, QPointF(500, 300))
    guest.pass_time(0.1)
    kept, sight = guest.parameters, window.canvas.sight
    panels = places(window, window.docks)
    save(guest)
    other = make_window("iris")
    other.window.open_path(path)
    other.wait(lambda: other.window.sessions.origin.path == path)
    other.wait(lambda: other.window.canvas.sight == pytest.approx(sight, abs=0.02))  # it stands last of all
    other.wait_until_obeyed()
    assert other.epoch == 3
    assert np.array_equal(other.parameters, kept)
    assert other.bridge.snapshot.end == (6, 0)
    other.wait(lambda: len(other.bridge.records) == 7)
    assert other.bridge.dataset.name == "penguins"
    assert other.window.selection.chosen.row == 42
    assert other.window.selection.edge == (1, 2, 3)
    again = places(other.window, other.window.docks)
    assert [dataclasses.replace(place, width=0, height=0) for place in again] == [
        dataclasses.replace(place, width=0, height=0) for place in panels
    ]
    for one, before in zip(again, panels, strict=True):  # the line at the bottom comes and goes
        assert (one.width, one.height) == pytest.approx((before.width, before.height), abs=40)
    assert other.window.docks["table"].isVisible()
    assert other.window.docks["curves"].isHidden()
    assert other.window.transport.steps[1] == "batch"
    assert other.bridge.speed == 5
    assert not other.window.isWindowModified()
    assert other.window.windowTitle().startswith("all of it")


@pytest.mark.parametrize("way", ["drop", "dialog", "recent", "as a table"])
def test_a_session_opens_by_every_door(guest, saved, answer, way):
    window = guest.window
    guest.window.filing.load("iris")
    guest.wait(lambda: guest.bridge.dataset.name == "iris")
    if way == "drop":
        content = QMimeData()
        content.setUrls([QUrl.fromLocalFile(str(saved))])
        window.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, content, Qt.MouseButton.LeftButton,
                                    Qt.KeyboardModifier.NoModifier))  # fmt: skip
    elif way == "dialog":
        answer(saved)
        guest.trigger("open_session")
    elif way == "as a table":
        guest.trigger("open")
        window.filing.dialog.sources.path.setText(str(saved))
        window.filing.dialog.sources.path.editingFinished.emit()
    else:
        menu = QMenu()
        window.filing.fill_recent(menu)
        menu.actions()[0].trigger()
    guest.wait(lambda: guest.bridge.dataset.name == "penguins")
    assert guest.epoch == 4


def _truncated(path):
    path.write_bytes(path.read_bytes()[:2000])


def _no_zip(path):
    path.write_text("a,b\n1,2\n")


def _newer(path):
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["session.json"] = json.dumps(json.loads(members["session.json"]) | {"version": 99}).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


@pytest.mark.parametrize("harm", [_truncated, _no_zip, _newer])
def test_a_broken_file_is_refused_and_the_running_session_stays(guest, saved, harm):
    harm(saved)
    guest.advance_to(7)
    before = guest.parameters
    guest.window.open_path(saved)
    dialog = failure(guest)
    assert dialog.windowTitle() == "The session was not opened"
    assert dialog.hint.text()
    assert dialog.findChild(QPushButton, "failure.offer") is None
    assert np.array_equal(guest.parameters, before)
    guest.advance_to(8)


def test_a_data_set_that_is_loaded_later_takes_the_place_of_a_session(guest, saved):
    guest.window.open_path(saved)
    guest.window.filing.load("iris")
    guest.wait(lambda: guest.bridge.dataset.name == "iris" and not guest.bridge.busy)
    guest.wait_until_obeyed()
    assert guest.bridge.dataset.name == "iris"


@pytest.mark.parametrize("gone", [True, False], ids=["gone", "another"])
def test_data_that_lies_elsewhere_can_be_found(make_window, answer, tmp_path, gone):
    table, path = tmp_path / "birds.csv", tmp_path / "s.nodeglow"
    frame = pd.DataFrame({"a": np.arange(60.0), "b": np.arange(60.0) ** 2, "c": ["x", "y", "z"] * 20})
    frame.to_csv(table, index=False)
    guest = make_window(table)
    answer(path, sessions.BY_PATH)
    guest.advance_to(2)
    save(guest)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    moved = table.rename(elsewhere / "moved.csv")
    if not gone:
        table.write_text("a,b,c\n1,2,x\n")
    guest.window.filing.load("iris")
    guest.wait(lambda: guest.bridge.dataset.name == "iris")
    answer(moved)
    guest.window.open_path(path)
    dialog = failure(guest)
    assert dialog.windowTitle() == "The session's data was not found"
    dialog.findChild(QPushButton, "failure.offer").click()
    guest.wait(lambda: guest.bridge.dataset.path == moved)
    assert guest.epoch == 2
    assert guest.window.sessions.origin.path == path


HOSTILE = [None, True, -1, 2**70, 10**400, 1e308, "", "x" * 100, "\0", [], [1], [None] * 3, [-1, 2], [10**400] * 3, {}]


def test_nothing_in_a_layout_is_believed(guest):
    for epoch, key in enumerate(Arrangement().to_json(), 1):
        for value in HOSTILE:
            read = Arrangement.from_json({key: value, "unknown": value})
            guest.window._arrange(read)
            assert read.docks == (), (key, value)
        guest.advance_to(epoch)


def test_places_of_panels_that_make_no_sense_do_no_harm(guest):
    window, luck = guest.window, random.Random(1)
    window.show_panel("table")
    good = [place.to_json() for place in places(window, window.docks)]
    for _ in range(60):
        harmed = [dict(luck.choice(good)) for _ in range(luck.randrange(12))]
        for each in harmed:
            each[luck.choice(list(each))] = luck.choice(
                [*HOSTILE, "data", "table", "top", "left", 3, 4000, True, False]
            )
        put(window, window.docks, Arrangement.from_json({"docks": harmed}).docks)
    guest.trigger("first_screen")
    guest.pass_time(0.05)
    assert window.docks["data"].isVisible()


def test_a_hostile_layout_in_a_file_opens_the_session_all_the_same(guest, saved):
    record = session_file.read_session(saved)
    layout = {"docks": ["x", {"name": "data"}], "row": 10**9, "neuron": [99, 0], "edge": [0, 99, 99], "unit": "year",
              "speed": 7, "sight": [1e6, 0, 0], "recovery": {"path": "/etc/passwd"}, "other": [1]}  # fmt: skip
    session_file.write_session(dataclasses.replace(record, layout=layout), saved)
    guest.window.filing.load("iris")
    guest.wait(lambda: guest.bridge.dataset.name == "iris")
    guest.window.open_path(saved)
    guest.wait(lambda: guest.bridge.dataset.name == "penguins" and guest.window.sessions.origin.path == saved)
    guest.wait_until_obeyed()
    assert guest.window.selection.neuron is None
    guest.advance_to(5)


@pytest.mark.skipif(os.name != "posix", reason="a link")
def test_a_name_that_holds_the_mark_of_changes_is_shown_as_it_is(guest, answer, tmp_path):
    answer(tmp_path / "odd[*].nodeglow")
    save(guest)
    assert guest.window.windowTitle() == "odd[*][*][*] – Nodeglow"
