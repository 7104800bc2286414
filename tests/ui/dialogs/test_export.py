"""The dialog that exports a model."""

import dataclasses
import threading
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPlainTextEdit

from simulator.data import BUNDLED, read_table
from simulator.errors import ExportError
from simulator.interchange import FORMATS, ExportOptions, content_of, load_model
from simulator.progress import Cancelled, Progress
from ui.dialogs.export import ExportDialog, export_model
from ui.dialogs.exporting import contents as looking
from ui.dialogs.exporting.contents import PREVIEW_LINES, architecture
from ui.dialogs.exporting.writing import Wish, Written, meant, with_suffix, write
from ui.dialogs.notice import NoticeDialog

READABLE = [name for name, row in FORMATS.items() if row.load is not None]
TEXTS = [name for name, row in FORMATS.items() if row.text]


def notices() -> list[NoticeDialog]:
    return [each for each in QApplication.topLevelWidgets() if isinstance(each, NoticeDialog) and each.isVisible()]


@pytest.fixture(autouse=True)
def _close_all(qtbot):
    yield
    for each in notices():
        each.close()


@pytest.fixture
def export(qtbot, bridge, model, preferences, tmp_path):
    """Open the dialog, and wait until it knows what a file would hold."""

    def make(name: str = "", /, **options) -> ExportDialog:
        preferences.set_folder("model", tmp_path)
        dialog = ExportDialog(bridge, options.pop("model", model), "After epoch 0", preferences=preferences, **options)
        qtbot.addWidget(dialog)
        dialog.show()
        if name:
            dialog.formats.choose(name)
        settle(qtbot, dialog)
        return dialog

    return make


def settle(qtbot, dialog) -> None:
    qtbot.waitUntil(lambda: not dialog.running)


def written(qtbot, dialog) -> Written:
    with qtbot.waitSignal(dialog.written) as caught:
        qtbot.mouseClick(dialog.write, Qt.MouseButton.LeftButton)
    return caught.args[0]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_described_previewed_and_written_with_its_suffix(qtbot, export, model, tmp_path, name):
    dialog = export(name, name="my model")
    row = FORMATS[name]
    assert dialog.page.title.text() == row.called
    assert row.description in dialog.page.about.text()
    assert dialog.page.facts["Limits"].text()
    content = content_of(model, row)
    preview = dialog.page.preview
    if row.text:
        assert preview.stack.currentWidget() is preview.text
        lines = content.decode("utf-8-sig").split("\n")[:PREVIEW_LINES]
        assert [line[:100] for line in preview.text.toPlainText().split("\n")] == [line[:100] for line in lines]
    else:
        assert preview.stack.currentWidget() is preview.parts
        assert preview.parts.topLevelItemCount() > 0
    found = written(qtbot, dialog)
    assert found == Written(tmp_path / f"my model{row.suffix}", name, 139, len(content))
    assert found.path.read_bytes() == content
    assert not dialog.isVisible()


@pytest.mark.parametrize("name", READABLE)
def test_what_was_exported_predicts_the_same_when_it_is_opened(qtbot, export, model, name):
    found = written(qtbot, export(name))
    table = read_table(BUNDLED["penguins"].path).frame
    assert load_model(found.path).predict(table).equals(model.predict(table))


@pytest.mark.parametrize("name", [name for name, row in FORMATS.items() if row.options])
def test_only_the_options_that_a_format_heeds_are_asked_for_and_they_are_obeyed(qtbot, export, model, name):
    dialog = export(name)
    form = dialog.page.form
    assert list(form.fields) == list(FORMATS[name].options)
    field = form.fields["inputs"].box
    field.setCurrentIndex(field.findData("prepared"))
    field.activated.emit(field.currentIndex())
    settle(qtbot, dialog)
    options = ExportOptions(inputs="prepared")
    assert dialog.contents.options == options
    assert written(qtbot, dialog).path.read_bytes() == content_of(model, FORMATS[name], options)


def test_format_options_and_folder_are_remembered(qtbot, export, preferences, tmp_path):
    dialog = export("json")
    dialog.page.options = ExportOptions(inputs="prepared")
    written(qtbot, dialog)
    preferences.sync()
    again = export()
    assert again.formats.name == "json"
    assert again.page.options == ExportOptions(inputs="prepared")
    assert Path(again.place.folder.text()) == tmp_path
    preferences.set_answers("export", {"format": "no such format"})
    preferences.set_answers("export", {"inputs": "nonsense"})
    broken = export()
    assert broken.formats.name == next(iter(FORMATS))
    assert broken.page.options == ExportOptions()


def test_the_arrow_keys_go_through_the_formats_and_enter_writes(qtbot, export):
    dialog = export(next(iter(FORMATS)))
    met = [dialog.formats.name]
    for _ in range(len(FORMATS) - 1):
        qtbot.keyClick(dialog.formats, Qt.Key.Key_Down)
        met.append(dialog.formats.name)
    assert sorted(met) == sorted(FORMATS)
    settle(qtbot, dialog)
    with qtbot.waitSignal(dialog.written):
        qtbot.keyClick(dialog.formats, Qt.Key.Key_Return)


def test_escape_closes_and_writes_nothing(qtbot, export, tmp_path):
    dialog = export()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert [each for each in tmp_path.iterdir() if each.is_file()] == []


def test_an_existing_file_is_asked_about_and_kept_or_replaced(qtbot, export, tmp_path):
    old = tmp_path / "model.npz"
    old.write_bytes(b"precious")
    dialog = export("npz")
    qtbot.mouseClick(dialog.write, Qt.MouseButton.LeftButton)
    assert dialog.question.isVisible()
    assert "model.npz" in dialog.question.text.text()
    assert not dialog.write.isEnabled()
    qtbot.mouseClick(dialog.question.no, Qt.MouseButton.LeftButton)
    assert old.read_bytes() == b"precious"
    assert dialog.isVisible()
    qtbot.mouseClick(dialog.write, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(dialog.written):
        qtbot.mouseClick(dialog.question.yes, Qt.MouseButton.LeftButton)
    assert old.read_bytes() != b"precious"


def test_a_file_that_the_system_asked_about_is_not_asked_about_again(qtbot, export, tmp_path):
    old = tmp_path / "net.npz"
    old.write_bytes(b"old")
    dialog = export("npz", choose=lambda *_: (old, ""))
    qtbot.mouseClick(dialog.place.browse, Qt.MouseButton.LeftButton)
    assert written(qtbot, dialog).path == old


def test_a_suffix_that_is_typed_chooses_the_format(qtbot, export):
    dialog = export("npz")
    dialog.place.name.selectAll()
    qtbot.keyClicks(dialog.place.name, "net.JSON")
    settle(qtbot, dialog)
    assert dialog.formats.name == "json"
    assert dialog.place.path.name == "net.json"
    dialog.formats.choose("csv")
    assert dialog.place.name.text() == "net.csv"


def test_suffixes_come_and_go_and_dots_in_names_stay():
    safetensors, npz, csv = (FORMATS[name] for name in ("safetensors", "npz", "csv"))
    assert with_suffix("run 2.5", npz) == "run 2.5.npz"
    assert with_suffix("run.npz", csv, npz) == "run.csv"
    assert with_suffix("run.NPZ", npz) == "run.npz"
    assert meant("run.csv", npz) is csv
    assert meant("run 2.5", npz) is npz
    assert meant("run.safetensors", safetensors) is safetensors


def test_a_model_that_a_format_cannot_hold_is_refused_before_anything_is_written(qtbot, export, monkeypatch):
    def too_large(*_):
        raise ExportError("it is too large", "Take another format.")

    monkeypatch.setitem(FORMATS, "npz", dataclasses.replace(FORMATS["npz"], save=too_large))
    dialog = export("npz")
    assert dialog.page.preview.message.text() == "It is too large."
    assert dialog.page.preview.hint.text() == "Take another format."
    assert not dialog.write.isEnabled()
    dialog.formats.choose("csv")
    settle(qtbot, dialog)
    assert dialog.write.isEnabled()


def test_a_diverged_model_is_refused_in_every_format(qtbot, export, model):
    numbers = model.parameters.copy()
    numbers[3] = np.nan
    dialog = export("json", model=dataclasses.replace(model, parameters=numbers))
    assert "not finite" in dialog.page.preview.message.text()
    assert not dialog.write.isEnabled()


def test_a_place_that_cannot_be_written_is_said_and_the_dialog_stays(qtbot, export, tmp_path):
    dialog = export()
    dialog.place.folder.setText(str(tmp_path / "not there"))
    qtbot.mouseClick(dialog.write, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Make the folder first" in dialog.note.text())
    assert dialog.isVisible()
    assert dialog.write.isEnabled()


def test_writing_that_is_stopped_leaves_nothing_behind_and_an_old_file_as_it_was(model, tmp_path):
    old = tmp_path / "net.npz"
    old.write_bytes(b"old")
    progress = Progress(lambda _fraction, text: progress.cancel() if text.startswith("writing") else None)
    with pytest.raises(Cancelled):
        write(model, Wish(old, "npz", overwrite=True), progress)
    assert old.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [old]


def test_stopping_says_so_and_the_dialog_stays(qtbot, export, monkeypatch):
    going = threading.Event()
    row = FORMATS["npz"]
    dialog = export("npz")
    waiting = dataclasses.replace(row, save=lambda *given: (going.wait(20), row.save(*given))[1])
    monkeypatch.setitem(FORMATS, "npz", waiting)
    qtbot.mouseClick(dialog.write, Qt.MouseButton.LeftButton)
    assert dialog.shut.text() == "Stop"
    qtbot.mouseClick(dialog.shut, Qt.MouseButton.LeftButton)
    going.set()
    assert dialog.isVisible()
    assert dialog.note.text() == "Writing was stopped."
    assert dialog.write.isEnabled()


def test_a_name_is_needed(qtbot, export):
    dialog = export()
    dialog.place.name.selectAll()
    qtbot.keyClick(dialog.place.name, Qt.Key.Key_Delete)
    assert not dialog.write.isEnabled()
    assert "name" in dialog.write.toolTip()


@pytest.mark.parametrize("name", TEXTS)
def test_the_whole_text_is_copied(qtbot, export, model, name):
    dialog = export(name)
    qtbot.mouseClick(dialog.page.preview.copy, Qt.MouseButton.LeftButton)
    assert QApplication.clipboard().text() == content_of(model, FORMATS[name]).decode("utf-8-sig")


def test_a_very_long_text_is_made_when_somebody_asks_for_it(qtbot, export, monkeypatch):
    monkeypatch.setattr(looking, "LARGE", 100)
    dialog = export("json")
    preview = dialog.page.preview
    assert preview.make.isVisible()
    assert dialog.write.isEnabled()
    qtbot.mouseClick(preview.make, Qt.MouseButton.LeftButton)
    settle(qtbot, dialog)
    assert preview.stack.currentWidget() is preview.text


def test_a_network_of_many_layers_is_named_in_a_line(model):
    hidden = tuple(dataclasses.replace(model.network.hidden[0], units=units) for units in range(1, 31))
    assert architecture(dataclasses.replace(model.network, hidden=hidden)) == (
        "4 – 1 – 2 – 3 – … – 29 – 30 – 3, tanh, softmax"
    )


def test_a_notice_says_what_was_written_and_how_it_is_used(qtbot, bridge, model, tmp_path, preferences):
    preferences.set_folder("model", tmp_path)
    preferences.set_answers("export", {"format": "json"})
    dialog = export_model(None, model, preferences, bridge=bridge, name="net")
    settle(qtbot, dialog)
    qtbot.mouseClick(dialog.write, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(notices()))
    [notice] = notices()
    said = {name: label.text().replace("\u200b", "") for name, label in notice.values.items()}
    path = tmp_path / "net.json"
    assert said["File"] == "net.json"
    assert said["Folder"] == str(tmp_path)
    assert said["Parameters"] == "139"
    assert said["Size"] == f"{path.stat().st_size / 1000:.3g} kB"
    qtbot.mouseClick(notice.findChild(object, "code.copy"), Qt.MouseButton.LeftButton)
    assert "open('net.json'" in QApplication.clipboard().text()


def test_what_was_written_is_said_in_one_sentence(tmp_path):
    sentence = Written(tmp_path / "a.npz", "npz", 1139, 4123).sentence
    assert sentence == "a.npz was written: NumPy arrays, 1,139 parameters, 4.12 kB."


def test_the_keys_of_the_list_lead_to_its_first_and_its_last_format(qtbot, export):
    dialog = export("onnx")
    for key, name in ((Qt.Key.Key_Home, "safetensors"), (Qt.Key.Key_End, "csv"), (Qt.Key.Key_Home, "safetensors")):
        qtbot.keyClick(dialog.formats, key)
        assert dialog.formats.name == name
    qtbot.keyClick(dialog.formats, Qt.Key.Key_Up)
    assert dialog.formats.name == "safetensors"


@pytest.mark.parametrize("name", ["n" * 300, "."])
def test_a_name_that_no_file_can_have_is_refused_in_words(qtbot, export, tmp_path, name):
    dialog = export("json")
    dialog.place.name.setText(name)
    dialog.place.name.textEdited.emit(name)
    if dialog.write.isEnabled():
        qtbot.mouseClick(dialog.write, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: "too long" in dialog.foot.note.text())
        assert "too long" in dialog.foot.note.text()
    else:
        assert dialog.write.toolTip() == "Give the file a name first."
    assert list(tmp_path.glob("*.json")) == []


def test_a_notice_is_as_wide_as_the_lines_in_it(qtbot):
    line = "torchrun --nproc_per_node=2 penguins.py train data.csv --epochs 20 --save model.pt"
    notice = NoticeDialog("Exported", "It was written.", [("File", "x.py")], code=line)
    qtbot.addWidget(notice)
    notice.show()
    assert not notice.findChild(QPlainTextEdit).horizontalScrollBar().isVisible()
