"""Films of the running session, from the menu to the file."""

import dataclasses

import PIL.Image
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QAction, QGuiApplication, QImage
from PySide6.QtWidgets import QComboBox, QDialog, QLabel, QPushButton

from simulator.spec import LayerSpec
from ui.dialogs import files
from ui.films.formats import ENCODERS


@pytest.fixture
def choose(monkeypatch, tmp_path):
    """Answer the question for a file, and return the list of what was asked."""
    asked = []

    def answer(name):
        def chosen(_parent, title, suggested, filters):
            asked.append((title, suggested.name, filters))
            return None if name is None else (tmp_path / name, next(iter(filters)))

        monkeypatch.setattr(files, "choose_file_to_write", chosen)
        return asked

    return answer


def open_dialog(guest):
    guest.trigger("film")
    dialog = guest.window.filming.dialog
    assert dialog.isVisible()
    return dialog


def pick(dialog, name, value):
    box = dialog.findChild(QComboBox, f"film.{name}")
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def shown(dialog, name):
    return dialog.findChild(QLabel, f"film.{name}").text()


def test_before_anything_was_trained_the_dialog_says_why_there_is_no_film(guest):
    dialog = open_dialog(guest)
    assert not dialog.make.isEnabled()
    assert "Nothing was trained yet" in shown(dialog, "estimate")
    guest.bridge.advance(3)
    guest.wait(lambda: guest.epoch == 3 and dialog.make.isEnabled())
    assert dialog.last.value == 3


def test_the_dialog_says_how_many_frames_how_long_and_how_large(guest):
    guest.advance_to(10)
    dialog = open_dialog(guest)
    size = guest.window.canvas.size()
    assert "11 frames, 2.5 seconds (every epoch)" in shown(dialog, "estimate")
    assert f"{size.width()} × {size.height()} pixels" in shown(dialog, "estimate")
    pick(dialog, "spacing", "step")
    dialog._change(step=5)
    assert "3 frames, 2.1 seconds (of 11 epochs)" in shown(dialog, "estimate")
    pick(dialog, "size", "800x600")
    assert "800 × 600" in shown(dialog, "estimate")


def test_the_small_pictures_are_those_of_the_first_and_the_last_epoch(guest):
    guest.advance_to(6)
    dialog = open_dialog(guest)
    pictures = dialog.preview.pictures
    guest.wait(lambda: all(not each.pixmap().isNull() for each in pictures))
    assert [each.text() for each in dialog.preview.captions] == ["Epoch 0", "Epoch 6"]
    first, last = (each.pixmap().toImage() for each in pictures)
    assert first != last
    dialog._change(last=2)
    guest.wait(lambda: dialog.preview.captions[1].text() == "Epoch 2" and pictures[1].pixmap().toImage() != last)
    pick(dialog, "view", "curves")
    assert dialog.preview.captions[0].text() == "As it looks now"
    pick(dialog, "view", "table")
    assert "not open" in dialog.preview.captions[0].text()


@pytest.mark.parametrize("suffix", ENCODERS)
def test_only_what_a_format_can_hold_is_asked(guest, suffix):
    guest.advance_to(2)
    dialog = open_dialog(guest)
    pick(dialog, "suffix", suffix)
    row = ENCODERS[suffix]
    assert dialog.about.text() == row.about
    assert dialog.fields["loop"].isVisible() == row.loops
    assert dialog.fields["quality"].isVisible() == row.heeds_quality
    dialog._set("fps", 60.0)
    assert dialog.make.isEnabled() == (row.fastest >= 60)
    assert ("60 frames a second" in shown(dialog, "estimate")) == (row.fastest < 60)


def test_the_answers_are_remembered_and_a_wrong_one_in_the_file_is_as_good_as_none(guest, preferences, choose):
    choose(None)
    guest.advance_to(4)
    dialog = open_dialog(guest)
    for name, value in (("view", "curves"), ("suffix", ".webp"), ("theme", "light"), ("size", "640x480")):
        pick(dialog, name, value)
    dialog._set("fps", 12.5)
    dialog._set("loop", False)
    dialog.accept()
    again = open_dialog(guest).choices
    assert (again.view, again.suffix, again.theme, again.size) == ("curves", ".webp", "light", "640x480")
    assert (again.film.fps, again.film.loop) == (12.5, False)
    guest.window.filming.dialog.reject()
    preferences.set_answers("film", {"view": "cruves", "suffix": ".avi", "fps": "fast", "first": "-3", "size": "0x0"})
    other = open_dialog(guest).choices
    assert (other.view, other.suffix, other.film.fps, other.first) == ("network", ".gif", 20.0, 0)


def test_without_a_file_nothing_is_made(guest, choose):
    asked = choose(None)
    guest.advance_to(2)
    open_dialog(guest).accept()
    assert asked[0][:2] == ("Film of the training", "penguins-training.gif")
    assert guest.window.developing.banners == []


@pytest.mark.slow
def test_a_film_is_made_beside_the_training_and_the_line_says_where_it_lies(guest, choose, tmp_path):
    choose("made.gif")
    guest.advance_to(5)
    dialog = open_dialog(guest)
    pick(dialog, "size", "640x480")
    dialog._set("hold", 1.0)
    ticks = []
    dialog.accept()
    guest.bridge.play()
    guest.bridge.ticked.connect(ticks.append)
    (banner,) = guest.window.developing.banners
    guest.wait(lambda: "Frame" in banner.text.text())
    assert banner.isVisible()
    guest.wait(lambda: "is made" in banner.text.text())
    assert len(ticks) > 60
    assert guest.epoch > 5
    with PIL.Image.open(tmp_path / "made.gif") as film:
        assert (film.n_frames, film.size) == (6, (640, 480))
        film.seek(5)
        assert film.info["duration"] == 1000
    buttons = {each.objectName().rpartition(".")[2]: each for each in banner.findChildren(QPushButton)}
    buttons["copy"].click()
    assert QGuiApplication.clipboard().text() == str(tmp_path / "made.gif")
    buttons["close"].click()
    assert guest.window.developing.banners == []


@pytest.mark.slow
def test_a_film_shows_the_branch_as_it_is_with_its_settings_and_its_look(guest, choose, tmp_path):
    """The first and the last frame are the canvas of those epochs, though settings changed between them."""
    choose("branch.webp")
    guest.trigger("dashed")
    guest.advance_to(2)
    network = guest.bridge.network
    hidden = (LayerSpec(8, "relu"), *network.hidden[1:])
    guest.bridge.configure(network=dataclasses.replace(network, hidden=hidden))
    guest.advance_to(4)
    dialog = open_dialog(guest)
    pick(dialog, "suffix", ".webp")
    pick(dialog, "size", "640x480")
    dialog._set("quality", 100)
    dialog.accept()
    (banner,) = guest.window.developing.banners
    guest.wait(lambda: "is made" in banner.text.text())
    small = QSize(640, 480)
    drawn = guest.window.filming._draw("network", guest.bridge.snapshot, guest.window.theme.name, small, small)
    with PIL.Image.open(tmp_path / "branch.webp") as film:
        film.seek(4)
        film.convert("RGB").save(tmp_path / "last.png")
    last = QImage(str(tmp_path / "last.png")).convertToFormat(QImage.Format.Format_RGB32)
    assert last == drawn.convertToFormat(QImage.Format.Format_RGB32)


@pytest.mark.slow
def test_a_stopped_film_is_gone_and_one_that_cannot_be_written_is_told(guest, choose, tmp_path):
    choose("never.gif")
    guest.advance_to(3)
    open_dialog(guest).accept()
    (banner,) = guest.window.developing.banners
    banner.findChild(QPushButton, "banner.developing.stop").click()
    assert guest.window.developing.banners == []
    assert "never.gif was not made" in guest.window.stage.note.text()
    choose("nowhere/film.gif")
    open_dialog(guest).accept()
    guest.wait(lambda: guest.window.findChild(QDialog, "dialog.failure") is not None)
    failure = guest.window.findChild(QDialog, "dialog.failure")
    assert failure.windowTitle() == "The file was not written"
    assert "Make the folder first" in failure.hint.text()
    assert guest.window.developing.banners == []
    assert not (tmp_path / "never.gif").exists()


def test_the_action_stands_beside_pictures_and_needs_a_session(make_window):
    guest = make_window(None)
    assert not guest.action("film").isEnabled()
    names = [action.objectName() for action in guest.find("action.export", QAction).associatedObjects()[0].actions()]
    assert names.index("action.film") == names.index("action.picture") + 1
