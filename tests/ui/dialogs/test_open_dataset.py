import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QWidget
from shiboken6 import isValid

from ui import theme
from ui.dialogs import open_dataset as module
from ui.dialogs.dataset.reading import read
from ui.dialogs.open_dataset import OpenDatasetDialog


def heads(dialog) -> list[str]:
    model = dialog.preview.rows
    return [model.headerData(place, Qt.Orientation.Horizontal) for place in range(model.columnCount())]


def accepted(dialog) -> list:
    found = []
    dialog.accepted_dataset.connect(found.append)
    dialog.load.click()
    return found


def test_the_penguins_are_ready_to_be_loaded_by_ok_alone(opened):
    dialog = opened("penguins")
    assert dialog.findings.headline.text() == "342 of 344 rows → 4 inputs → 3 outputs"
    assert "Adelie, Gentoo, Chinstrap" in dialog.findings.words
    [dataset] = accepted(dialog)
    assert dataset.name == "penguins"
    assert len(dataset.X_train) + len(dataset.X_test) == 342
    assert not dialog.isVisible()


def test_the_preview_says_kind_and_role_of_every_column(opened):
    dialog = opened("penguins")
    assert heads(dialog)[:3] == [
        "species\ncategory · target",
        "island\ncategory · ignored",
        "bill_length_mm\nnumber · feature",
    ]
    model = dialog.preview.rows
    assert model.rowCount() == 100
    assert model.data(model.index(0, 2)) == "39.1"
    assert model.data(model.index(3, 2)) == "–"
    assert "not used" in model.data(model.index(3, 0), Qt.ItemDataRole.ToolTipRole)
    background = model.data(model.index(0, 0), Qt.ItemDataRole.BackgroundRole)
    assert background is not None
    assert model.data(model.index(0, 2), Qt.ItemDataRole.BackgroundRole) is None


BROKEN = {
    "an empty file": (b"", "the file is empty", None),
    "a ragged row": (b"a,b,c\n1,2,x\n1,2\n3,4,y\n", "Line 3: the row has 2 cells", 3),
    "a page of HTML": (b"<!DOCTYPE html>\n<html><body>404</body></html>\n", "this is an HTML page", 1),
    "a NUL byte": (b"a,b\n1,x\n2,\x00\n3,y\n", "NUL character", 3),
    "an open quotation mark": (b'a,b\n1,x\n2,"y\n3,x\n4,y\n', "quotation mark", 3),
    "a header alone": (b"a,b,c\n", "no row of data", 1),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_in_the_dialog_with_message_line_and_hint(opened, table, name):
    text, message, line = BROKEN[name]
    dialog = opened(table(text))
    assert dialog.findings.state == "bad"
    assert message.lower() in dialog.findings.words.lower()
    assert dialog.reading.error.hint in dialog.findings.words
    if line is not None:
        assert f"Line {line}:" in dialog.findings.words
        assert line in dict(dialog.reading.excerpt)
    assert not dialog.load.isEnabled()
    assert accepted(dialog) == []
    assert dialog.isVisible()


def test_a_binary_file_and_a_missing_one_are_refused(opened, settled, table, tmp_path):
    dialog = opened(table(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "picture.csv"))
    assert "PNG" in dialog.findings.words
    dialog.open_source(tmp_path / "not there.csv")
    settled(dialog)
    assert "no such file" in dialog.findings.words
    dialog.open_source(tmp_path)
    settled(dialog)
    assert "folder" in dialog.findings.words


def test_a_refusal_leaves_the_running_session_as_it_was(qtbot, bridge, penguins, opened, table):
    bridge.open(penguins)
    qtbot.waitUntil(lambda: bridge.snapshot is not None)
    before = bridge.snapshot
    dialog = opened(table(b"a,b\n1\n"))
    dialog.reject()
    qtbot.wait(50)
    assert bridge.dataset is penguins
    assert bridge.snapshot is before


def test_a_corrected_file_is_read_again(opened, settled, table, rows):
    path = table("a,b\n1\n")
    dialog = opened(path)
    path.write_text(rows())
    dialog.again.click()
    settled(dialog)
    assert dialog.load.isEnabled()


class SlowReading:
    """Reads for as long as the test wants; the first one stops only if `obedient`."""

    def __init__(self, obedient: bool) -> None:
        self.started, self.go_on, self.ended = threading.Event(), threading.Event(), threading.Event()
        self.obedient = obedient

    def __call__(self, source, choices, raw, progress):
        if "slow" not in str(source):
            return read(source, choices, raw, progress)
        try:
            self.started.set()
            while not self.go_on.wait(0.002):
                if self.obedient:
                    progress.report(0.25, "reading slowly")
            return read(source, choices, raw, type(progress)())
        finally:
            self.ended.set()


def test_reading_shows_progress_and_can_be_stopped(qtbot, bridge, table, rows, settled, monkeypatch):
    slow = SlowReading(obedient=True)
    monkeypatch.setattr(module, "read", slow)
    dialog = OpenDatasetDialog(bridge, table(rows(), "slow.csv"))
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.running
    assert not dialog.load.isEnabled()
    qtbot.waitUntil(lambda: dialog.foot.progress.value() == 250)
    qtbot.waitUntil(dialog.foot.progress.isVisible)
    assert dialog.foot.progress_text.text() == "reading slowly"
    dialog.again.click()
    assert not dialog.running
    assert "stopped" in dialog.findings.words
    assert not dialog.load.isEnabled()
    assert slow.ended.wait(10)
    slow.go_on.set()
    dialog.again.click()
    settled(dialog)
    assert dialog.load.isEnabled()


@pytest.mark.parametrize("obedient", [True, False], ids=["it stops at once", "it does not stop"])
def test_the_result_of_an_earlier_reading_is_dropped(qtbot, bridge, table, rows, settled, monkeypatch, obedient):
    slow = SlowReading(obedient)
    monkeypatch.setattr(module, "read", slow)
    dialog = OpenDatasetDialog(bridge, table(rows(), "slow.csv"))
    qtbot.addWidget(dialog)
    assert slow.started.wait(10)
    dialog.open_source("iris")
    settled(dialog)
    slow.go_on.set()
    assert slow.ended.wait(10)
    qtbot.wait(100)
    assert dialog.source == "iris"
    assert dialog.reading.dataset.name == "iris"
    assert dialog.findings.headline.text() == "150 of 150 rows → 4 inputs → 3 outputs"


def test_only_the_last_of_many_quick_answers_counts(opened, settled):
    dialog = opened("penguins")
    for seed in range(1, 20):
        dialog.answers.give("seed", seed)
    settled(dialog)
    assert dialog.reading.dataset.choices.seed == 19


def test_closing_while_it_reads_cancels_the_job_and_loads_nothing(qtbot, bridge, table, rows, monkeypatch):
    slow = SlowReading(obedient=True)
    monkeypatch.setattr(module, "read", slow)
    dialog = OpenDatasetDialog(bridge, table(rows(), "slow.csv"))
    qtbot.addWidget(dialog)
    dialog.show()
    found = []
    dialog.accepted_dataset.connect(found.append)
    assert slow.started.wait(10)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert slow.ended.wait(10)
    assert not dialog.isVisible()
    assert found == []


def test_a_dialog_can_be_deleted_while_it_reads(qtbot, bridge, table, rows, monkeypatch):
    slow = SlowReading(obedient=False)
    monkeypatch.setattr(module, "read", slow)
    dialog = OpenDatasetDialog(bridge, table(rows(), "slow.csv"))
    module.show_open_dataset(dialog)
    assert slow.started.wait(10)
    dialog.reject()
    qtbot.waitUntil(lambda: not isValid(dialog))
    slow.go_on.set()
    assert slow.ended.wait(10)
    qtbot.wait(60)


def test_a_defect_in_the_job_is_shown_and_the_dialog_goes_on(opened, settled, monkeypatch, no_log_noise):
    dialog = opened("iris")

    def broken(*_):
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr(module, "read", broken)
    dialog.answers.give("test_fraction", 0.3)
    settled(dialog)
    assert "a defect" in dialog.findings.words
    assert not dialog.load.isEnabled()
    monkeypatch.undo()
    dialog.again.click()
    settled(dialog)
    assert dialog.load.isEnabled()


def test_browsing_reads_the_chosen_file_and_its_folder_is_remembered(opened, settled, preferences, table, rows):
    path, asked = table(rows()), []

    def choose_file(parent, title, folder, filters):
        asked.append((folder, filters))
        return path if len(asked) == 1 else None

    dialog = opened(None, preferences=preferences, choose=choose_file)
    dialog.sources.button.click()
    settled(dialog)
    assert dialog.sources.path.text() == str(path)
    dialog.sources.button.click()  # the user thinks better of it
    assert not dialog.running
    assert dialog.load.isEnabled()
    assert asked[1][0] == path.parent
    accepted(dialog)
    assert preferences.folder("dataset") == path.parent
    assert preferences.recent_files == (path,)


def test_a_typed_path_is_read_when_enter_is_pressed(qtbot, opened, settled, table, rows):
    dialog = opened(None)
    dialog.sources.path.setText(str(table(rows())))
    qtbot.keyClick(dialog.sources.path, Qt.Key.Key_Return)
    assert dialog.isVisible()
    settled(dialog)
    assert dialog.load.isEnabled()


def test_a_file_can_be_dropped_on_the_dialog(opened, settled, table, rows):
    dialog = opened("iris")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(table(rows())))])
    drop = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    dialog.dropEvent(drop)
    settled(dialog)
    assert isinstance(dialog.source, Path)
    assert dialog.reading.dataset.name == "table"


def test_markup_in_a_file_is_shown_as_text(opened, table):
    dialog = opened(table("a,b\n1,<b>bold</b>\n2\n"))
    assert "<b>bold</b>" in dialog.findings.words


def inputs_of(dialog) -> list[QWidget]:
    kinds = (QComboBox, QAbstractButton, QAbstractSpinBox, QLineEdit)
    return [each for kind in kinds for each in dialog.findChildren(kind) if each.objectName().startswith("dataset.")]


def test_a_quick_answer_changes_nothing_on_the_screen_before_it_is_there(opened, settled):
    dialog = opened("penguins")
    dialog.answers.give("seed", 5)
    assert dialog.running
    assert not dialog.load.isEnabled()
    assert dialog.findings.headline.text() == "342 of 344 rows → 4 inputs → 3 outputs"
    assert not dialog.foot.progress.isVisible()
    settled(dialog)
    assert dialog.load.isEnabled()


def test_a_path_that_was_typed_but_not_read_is_read_instead_of_loading_what_was_there(opened, settled, table, rows):
    dialog = opened(table(rows()))
    dialog.sources.path.setText(str(table(rows(";"), "other.csv")))
    assert accepted(dialog) == []
    settled(dialog)
    assert dialog.isVisible()
    assert [dataset.name for dataset in accepted(dialog)] == ["other"]


@pytest.mark.parametrize("name", ["~nobody_at_all/table.csv", "a\0b.csv", "x" * 5000, "/dev/null", "/dev/zero"])
def test_a_strange_path_is_refused_like_any_other(opened, settled, name):
    dialog = opened("iris")
    dialog.open_source(Path(name))
    settled(dialog)
    assert dialog.findings.state == "bad"
    assert not dialog.load.isEnabled()


def test_the_theme_can_change_under_the_dialog(qapp, opened):
    dialog = opened("penguins")
    before = dialog.findings.text.toHtml()
    theme.apply(qapp, theme.LIGHT)
    assert dialog.findings.text.toHtml() != before
    assert theme.LIGHT.quiet in dialog.findings.text.toHtml()
    model = dialog.preview.rows
    tint = model.data(model.index(0, 0), Qt.ItemDataRole.BackgroundRole)
    assert tint.lightness() > 200
