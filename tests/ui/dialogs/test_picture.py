"""The dialogs that take pictures and numbers elsewhere."""

import csv
import io

import pytest
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QDialog, QPushButton

from ui.pictures import content


@pytest.fixture
def dialog(guest):
    guest.advance_to(2)
    guest.trigger("picture")
    return guest.find("dialog.picture", QDialog)


def test_the_preview_is_what_is_saved(guest, dialog, tmp_path):
    dialog.show_subject("network")
    dialog.choices.scale.setValue(3.0)
    dialog.choices.clear.setChecked(True)
    guest.wait(lambda: not dialog.preview.image.isNull() and dialog.preview.image.hasAlphaChannel())
    dialog.choose = lambda _parent, _title, suggested, filters: (tmp_path / suggested.name, next(iter(filters)))
    dialog.save_picture()
    found = QImage(str(tmp_path / "penguins-network.png"))
    view = guest.window.canvas.size()
    assert (found.width(), found.height()) == (3 * view.width(), 3 * view.height())
    assert found.pixelColor(2, 2).alpha() == 0
    assert "Saved" in dialog.choices.facts.text()


@pytest.mark.parametrize("suffix", [".svg", ".pdf"])
def test_curves_are_saved_as_curves(guest, dialog, tmp_path, suffix):
    dialog.show_subject("curves")
    dialog.choose = lambda _parent, _title, suggested, filters: (
        tmp_path / f"c{suffix}", next(text for text, each in filters.items() if each == suffix)
    )  # fmt: skip
    guest.wait(lambda: dialog.at_once() is not None)
    dialog.save_picture()
    content = (tmp_path / f"c{suffix}").read_bytes()
    if suffix == ".svg":
        assert b"<text" in content
        assert b"Helvetica" in content
        assert b"<image" not in content
    else:
        assert b"FontFile" in content
        assert b"/Subtype /Image" not in content


def test_the_point_of_a_single_epoch_is_drawn_too_and_epochs_that_were_just_trained_are_in_the_picture(guest):
    curves = guest.window.panels["curves"]
    guest.wait(lambda: curves.exports() is not None and curves.exports().paint is not None)
    alone = curves.exports()
    assert b"<image" not in content(".svg", alone.size, alone.paint)
    guest.advance_to(3)
    assert curves.exports() is not None
    assert len(curves.view.line("train_loss").xData) == 4


def test_what_was_chosen_is_remembered_and_the_clipboard_is_filled(guest, dialog):
    dialog.show_subject("curves")
    dialog.choices.format.setCurrentIndex(dialog.choices.format.findData(".svg"))
    guest.wait(lambda: dialog.at_once() is not None)
    dialog.copy_picture()
    held = QGuiApplication.clipboard().mimeData()
    assert held.hasImage()
    assert b"<svg" in bytes(held.data("image/svg+xml").data())
    dialog.close()
    guest.wait(lambda: guest.window.findChild(QDialog, "dialog.picture") is None)
    guest.trigger("picture")
    again = guest.find("dialog.picture", QDialog)
    assert (again.choices.what.currentData(), again.choices.suffix) == ("curves", ".svg")
    assert not again.choices.scale.isEnabled()


def test_a_view_leads_to_the_dialog_with_itself_chosen(guest):
    guest.advance_to(1)
    guest.wait(lambda: guest.window.panels["curves"].exports() is not None)
    guest.window.panels["curves"].take_elsewhere("save_picture")
    assert guest.find("dialog.picture", QDialog).choices.what.currentData() == "curves"


@pytest.mark.slow
def test_another_theme_is_drawn_beside_the_window(guest, dialog, tmp_path):
    dialog.show_subject("training")
    other = next(name for name in ("light", "dark") if name != guest.window.theme.name)
    dialog.choices.theme.setCurrentIndex(dialog.choices.theme.findData(other))
    assert dialog.at_once() is None
    dialog.choose = lambda _parent, _title, suggested, filters: (tmp_path / "other.png", next(iter(filters)))
    dialog.save_picture()
    assert not dialog.save.isEnabled()
    guest.wait((tmp_path / "other.png").exists)
    guest.wait(dialog.save.isEnabled)
    bright = QImage(str(tmp_path / "other.png")).pixelColor(3, 3).lightness()
    assert (bright > 128) == (other == "light")


def test_the_numbers_dialog_shows_and_copies_what_it_says(guest, tmp_path):
    guest.advance_to(3)
    guest.trigger("numbers")
    guest.wait(lambda: guest.window.findChild(QDialog, "dialog.numbers") is not None)
    dialog = guest.find("dialog.numbers", QDialog)
    guest.wait(lambda: dialog.sheet.rowCount() == 4)
    dialog.table.setCurrentIndex(dialog.table.findData("activations"))
    assert dialog.form.isRowVisible(dialog.layer)
    dialog.layer.setCurrentIndex(2)
    dialog.split.setCurrentIndex(dialog.split.findData("test"))
    guest.wait(lambda: dialog.sheet.columnCount() == 11)
    dialog.copy_numbers()
    guest.wait(lambda: "true_species" in QGuiApplication.clipboard().text())
    _head, *rows = csv.reader(io.StringIO(QGuiApplication.clipboard().text()), delimiter="\t")
    assert len(rows) == 68
    dialog.table.setCurrentIndex(dialog.table.findData("step_parameters"))
    dialog.choose = lambda _parent, _title, suggested, filters: (tmp_path / suggested.name, next(iter(filters)))
    dialog.save_numbers()
    path = tmp_path / "penguins-step-parameters.csv"
    guest.wait(path.exists)
    assert len(path.read_text(encoding="utf-8").splitlines()) == 140
    dialog.close()


@pytest.mark.slow
def test_a_report_is_written_beside_the_window_and_offered_to_be_opened(guest, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "ui.dialogs.files.choose_file_to_write",
        lambda _parent, _title, suggested, filters: (tmp_path / suggested.name, next(iter(filters))),
    )
    guest.advance_to(2)
    guest.trigger("report")
    path = tmp_path / "penguins-report.html"
    guest.bot.waitUntil(path.exists, timeout=100_000)
    guest.wait(lambda: guest.window.findChild(QPushButton, "banner.developing.open") is not None)
    assert "nodeglow train penguins --epochs 2" in path.read_text(encoding="utf-8")
