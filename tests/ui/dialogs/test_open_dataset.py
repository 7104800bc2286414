import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QLabel, QLineEdit, QWidget
from shiboken6 import isValid

from simulator.data import BUNDLED
from ui import theme
from ui.dialogs import open_dataset as module
from ui.dialogs.open_dataset import OpenDatasetDialog
from ui.dialogs.reading import read


def choose(dialog, name, value) -> None:
    combo = dialog.questions.combos[name]
    place = combo.findData(value)
    assert place >= 0, f"{value!r} is no answer for {name}"
    combo.setCurrentIndex(place)


def tick(dialog, column, on, section=0) -> None:
    ticks = dialog.questions.columns.ticks
    row = [each.name for each in ticks.columns].index(column)
    state = Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
    assert ticks.setData(ticks.index(row, section), state, Qt.ItemDataRole.CheckStateRole)


def guessed(dialog, name) -> str:
    return dialog.questions.combos[name].itemText(0)


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
    assert dialog.findings.headline.text() == "342 of 344 rows, 4 inputs, 3 classes"
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


@pytest.mark.parametrize("name", [name for name in BUNDLED if name != "mnist"])
def test_every_bundled_set_is_right_without_an_answer(opened, name):
    dialog = opened(name)
    assert dialog.findings.state == "good"
    [dataset] = accepted(dialog)
    assert dataset.recipe.target == BUNDLED[name].target
    assert dataset.task == BUNDLED[name].task


def test_a_set_is_chosen_from_the_list_with_the_keyboard(qtbot, opened, settled):
    dialog = opened(None)
    assert not dialog.load.isEnabled()
    dialog.sources.tabs.setCurrentIndex(1)
    dialog.sources.list.setFocus()
    qtbot.keyClick(dialog.sources.list, Qt.Key.Key_End)
    qtbot.keyClick(dialog.sources.list, Qt.Key.Key_Home)
    settled(dialog)
    assert dialog.source == "penguins"
    assert dialog.load.isEnabled()
    for row in BUNDLED.values():
        items = dialog.sources.list.findItems(row.title, Qt.MatchFlag.MatchExactly)
        assert len(items) == 1
        shown = [items[0].text(place) for place in range(5)]
        assert shown[1].replace(",", "") == str(row.rows)
        assert shown[4] == row.licence
        assert row.description in items[0].toolTip(0)


@pytest.mark.parametrize(
    ("delimiter", "decimal", "header", "said"),
    [
        (",", ".", True, ("comma", "point", "first row")),
        (";", ",", True, ("semicolon", "comma", "first row")),
        ("\t", ".", True, ("tab", "point", "first row")),
        ("|", ".", True, ("bar", "point", "first row")),
        (" ", ".", False, ("blanks", "point", "none")),
        (",", ".", False, ("comma", "point", "none")),
    ],
    ids=["comma", "semicolon and decimal comma", "tab", "bar", "blanks without header", "no header"],
)
def test_how_a_file_is_spelt_is_guessed_and_shown(opened, table, rows, delimiter, decimal, header, said):
    dialog = opened(table(rows(delimiter, decimal, header)))
    assert [guessed(dialog, name) for name in ("delimiter", "decimal", "header")] == [f"{it} (guessed)" for it in said]
    assert dialog.findings.headline.text() == "40 of 40 rows, 4 inputs, 2 classes"
    assert dialog.load.isEnabled()


def test_the_delimiter_can_be_overruled_and_guessed_again(opened, settled, table, rows):
    dialog = opened(table(rows(";")))
    choose(dialog, "delimiter", "|")
    settled(dialog)
    assert dialog.findings.state == "bad"
    assert "only one column" in dialog.findings.words
    assert not dialog.load.isEnabled()
    dialog.guess.click()
    settled(dialog)
    assert dialog.load.isEnabled()
    assert dialog.questions.overruled == {}


def test_the_decimal_mark_can_be_overruled(opened, settled, table, rows):
    dialog = opened(table(rows(";", ",")))
    assert heads(dialog)[0] == "length\nnumber · feature"
    choose(dialog, "decimal", ".")
    settled(dialog)
    assert not dialog.load.isEnabled() or heads(dialog)[0] != "length\nnumber · feature"


def test_the_header_can_be_overruled_and_answers_about_columns_are_forgotten(opened, settled, table, rows):
    dialog = opened(table(rows()))
    tick(dialog, "place", False)
    settled(dialog)
    assert dialog.questions.overruled == {"features": ("length", "width")}
    choose(dialog, "header", False)
    settled(dialog)
    assert dialog.questions.overruled == {"header": False}
    assert heads(dialog)[0].startswith("column_1\n")


def test_the_target_can_be_overruled_and_the_task_follows(opened, settled, table, rows):
    dialog = opened(table(rows()))
    choose(dialog, "target", "length")
    settled(dialog)
    assert guessed(dialog, "task") == "a value (guessed)"
    assert heads(dialog)[0] == "length\nnumber · target"
    assert not dialog.questions.stratify.isEnabled()
    assert "no classes" in dialog.questions.stratify.toolTip()
    [dataset] = accepted(dialog)
    assert (dataset.recipe.target, dataset.task) == ("length", "regression")


def test_a_new_target_is_taken_out_of_the_chosen_features(opened, settled, table, rows):
    dialog = opened(table(rows()))
    tick(dialog, "place", False)
    settled(dialog)
    choose(dialog, "target", "width")
    settled(dialog)
    [dataset] = accepted(dialog)
    assert dataset.recipe.used == ("length",)


def test_the_kind_of_task_can_be_overruled(opened, settled):
    dialog = opened("digits")
    choose(dialog, "task", "regression")
    settled(dialog)
    assert dialog.findings.headline.text() == "1,797 of 1,797 rows, 64 inputs, 1 value to predict"


def test_columns_are_ticked_and_the_inputs_that_follow_are_shown(opened, settled):
    dialog = opened("penguins")
    tick(dialog, "island", True)
    settled(dialog)
    assert dialog.findings.headline.text() == "342 of 344 rows, 7 inputs, 3 classes"
    tick(dialog, "body_mass_g", False)
    settled(dialog)
    assert dialog.findings.headline.text() == "342 of 344 rows, 6 inputs, 3 classes"


def test_a_column_of_numbers_can_be_said_to_hold_categories(opened, settled):
    dialog = opened("penguins")
    tick(dialog, "year", True)
    settled(dialog)
    assert "5 inputs" in dialog.findings.headline.text()
    tick(dialog, "year", True, section=1)
    settled(dialog)
    assert "7 inputs" in dialog.findings.headline.text()
    assert heads(dialog)[-1] == "year\ncategory · feature"


def test_without_a_feature_there_is_nothing_to_load(opened, settled):
    dialog = opened("penguins")
    dialog.questions.columns.none.click()
    settled(dialog)
    assert dialog.findings.state == "bad"
    assert not dialog.load.isEnabled()
    dialog.questions.columns.all.click()
    settled(dialog)
    assert dialog.load.isEnabled()
    assert "species" not in dialog.reading.dataset.recipe.used


def test_columns_are_found_by_a_part_of_their_name_and_only_those_are_ticked(opened, settled):
    dialog = opened("breast_cancer")
    columns = dialog.questions.columns
    columns.none.click()
    settled(dialog)
    columns.finder.setText("worst")
    columns.all.click()
    settled(dialog)
    used = dialog.reading.dataset.recipe.used
    assert len(used) == 10
    assert all("worst" in name for name in used)


@pytest.mark.parametrize(
    ("name", "value"), [("missing", "mean"), ("missing", "median"), ("missing", "most_frequent"), ("scale", "none")]
)
def test_missing_values_and_scaling_can_be_overruled(opened, settled, name, value):
    dialog = opened("penguins")
    choose(dialog, name, value)
    settled(dialog)
    [dataset] = accepted(dialog)
    assert getattr(dataset.choices, name) == value
    assert len(dataset.train_rows) + len(dataset.test_rows) == (344 if name == "missing" else 342)


def test_the_split_can_be_overruled(opened, settled):
    dialog = opened("penguins")
    before = dialog.reading.dataset
    dialog.questions.test_fraction.setValue(50)
    settled(dialog)
    dialog.questions.stratify.setChecked(False)
    settled(dialog)
    dialog.questions.seed.setText(str(2**63))
    settled(dialog)
    [dataset] = accepted(dialog)
    assert len(dataset.test_rows) == 171
    assert len(before.test_rows) == 68
    assert (dataset.choices.test_fraction, dataset.choices.stratify, dataset.choices.seed) == (0.5, False, 2**63)


def test_a_seed_that_is_none_is_refused_while_it_is_typed(opened, settled):
    dialog = opened("penguins")
    dialog.questions.seed.setText("seven")
    settled(dialog)
    assert not dialog.load.isEnabled()
    assert "'seven'" in dialog.findings.words
    dialog.questions.seed.setText("7")
    settled(dialog)
    assert dialog.load.isEnabled()


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
    qtbot.waitUntil(lambda: bridge.snapshot is not None, timeout=20_000)
    before = bridge.snapshot
    dialog = opened(table(b"a,b\n1\n"))
    dialog.reject()
    qtbot.wait(50)
    assert bridge.dataset is penguins
    assert bridge.snapshot is before


def test_a_target_that_cannot_be_learnt_is_refused_but_another_one_can_be_chosen(opened, settled, table):
    dialog = opened(table("a,b,target\n" + "".join(f"{row},{row % 2},same\n" for row in range(20))))
    assert dialog.findings.state == "bad"
    assert dialog.preview.rows.columnCount() == 3
    choose(dialog, "target", "b")
    settled(dialog)
    assert dialog.load.isEnabled()


def test_a_column_without_values_can_be_unticked_to_make_a_table_usable(opened, settled, table):
    dialog = opened(table("a,empty,kind\n" + "".join(f"{row}.5,,{'xy'[row % 2]}\n" for row in range(20))))
    assert "no values" in dialog.findings.words
    tick(dialog, "empty", False)
    settled(dialog)
    assert dialog.load.isEnabled()
    assert dialog.reading.dataset.recipe.used == ("a",)


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

    def __call__(self, source, choices, progress):
        if "slow" not in str(source):
            return read(source, choices, progress)
        try:
            self.started.set()
            while not self.go_on.wait(0.002):
                if self.obedient:
                    progress.report(0.25, "reading slowly")
            return read(source, choices, type(progress)())
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
    assert dialog.findings.headline.text() == "150 of 150 rows, 4 inputs, 3 classes"


def test_only_the_last_of_many_quick_answers_counts(opened, settled):
    dialog = opened("penguins")
    for seed in range(20):
        dialog.questions.seed.setText(str(seed))
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
    dialog.questions.test_fraction.setValue(30)
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


def test_another_source_begins_with_fresh_guesses(opened, settled):
    dialog = opened("penguins")
    dialog.questions.test_fraction.setValue(50)
    choose(dialog, "scale", "none")
    settled(dialog)
    dialog.open_source("iris")
    settled(dialog)
    assert dialog.questions.overruled == {}
    assert dialog.questions.test_fraction.value() == 20
    assert dialog.reading.dataset.choices.scale == "standardise"


def test_markup_in_a_file_is_shown_as_text(opened, table):
    dialog = opened(table("a,b\n1,<b>bold</b>\n2\n"))
    assert "<b>bold</b>" in dialog.findings.words


def inputs_of(dialog) -> list[QWidget]:
    kinds = (QComboBox, QAbstractButton, QAbstractSpinBox, QLineEdit)
    return [each for kind in kinds for each in dialog.findChildren(kind) if each.objectName().startswith("dataset.")]


def test_every_input_has_a_name_and_a_tooltip(opened):
    dialog = opened("penguins")
    found = inputs_of(dialog)
    assert len(found) >= 18
    for each in found:
        label = each.accessibleName() or (each.text() if isinstance(each, QAbstractButton) else "")
        assert label, each.objectName()
        assert each.toolTip(), each.objectName()


def test_no_two_inputs_share_a_letter(opened):
    dialog = opened("penguins")
    texts = [each.text() for kind in (QLabel, QAbstractButton) for each in dialog.findChildren(kind)]
    texts += [dialog.sources.tabs.tabText(place) for place in range(2)]
    letters = [text[text.index("&") + 1].lower() for text in texts if "&" in text]
    assert len(letters) >= 15
    assert sorted(set(letters)) == sorted(letters)


def test_a_quick_answer_changes_nothing_on_the_screen_before_it_is_there(opened, settled):
    dialog = opened("penguins")
    dialog.questions.seed.setText("5")
    assert dialog.running
    assert not dialog.load.isEnabled()
    assert dialog.findings.headline.text() == "342 of 344 rows, 4 inputs, 3 classes"
    assert not dialog.foot.progress.isVisible()
    settled(dialog)
    assert dialog.load.isEnabled()


def test_every_input_is_reached_by_the_tab_key(qtbot, opened):
    dialog = opened("breast_cancer")
    dialog.activateWindow()
    dialog.sources.tabs.setFocus()
    seen = set()
    for _ in range(60):
        focused = dialog.focusWidget()
        seen.add(focused.objectName())
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    wanted = {each.objectName() for each in inputs_of(dialog) if each.isEnabled() and each.isVisible()}
    assert wanted | {"dataset.columns", "dataset.preview", "dataset.report", "dataset.bundled"} <= seen


def test_a_path_that_was_typed_but_not_read_is_read_instead_of_loading_what_was_there(opened, settled, table, rows):
    dialog = opened(table(rows()))
    dialog.sources.path.setText(str(table(rows(";"), "other.csv")))
    assert accepted(dialog) == []
    settled(dialog)
    assert dialog.isVisible()
    assert [dataset.name for dataset in accepted(dialog)] == ["other"]


@pytest.mark.parametrize("name", ["path", "seed", "finder"])
def test_enter_in_a_line_of_text_ends_the_typing_and_loads_nothing(qtbot, opened, settled, name):
    dialog = opened("breast_cancer")
    if name == "path":
        dialog.sources.tabs.setCurrentIndex(0)
    found = []
    dialog.accepted_dataset.connect(found.append)
    edit = {"path": dialog.sources.path, "seed": dialog.questions.seed, "finder": dialog.questions.columns.finder}[name]
    edit.setFocus()
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert found == []
    assert dialog.isVisible()


@pytest.mark.parametrize("name", ["~nobody_at_all/table.csv", "a\0b.csv", "x" * 5000, "/dev/null", "/dev/zero"])
def test_a_strange_path_is_refused_like_any_other(opened, settled, name):
    dialog = opened("iris")
    dialog.open_source(Path(name))
    settled(dialog)
    assert dialog.findings.state == "bad"
    assert not dialog.load.isEnabled()


def test_what_was_said_about_another_source_is_gone_while_the_next_one_is_read(qtbot, bridge, table, rows, monkeypatch):
    slow = SlowReading(obedient=True)
    monkeypatch.setattr(module, "read", slow)
    dialog = OpenDatasetDialog(bridge, "penguins")
    qtbot.addWidget(dialog)
    settle_on = dialog.questions.columns.ticks
    qtbot.waitUntil(lambda: not dialog.running)
    assert settle_on.rowCount() == 8
    dialog.open_source(table(rows(), "slow.csv"))
    assert settle_on.rowCount() == 0
    assert not dialog.questions.combos["target"].isEnabled()
    assert "no columns" in dialog.questions.combos["target"].toolTip()
    dialog.stop()


def test_the_theme_can_change_under_the_dialog(qapp, opened):
    dialog = opened("penguins")
    before = dialog.findings.text.toHtml()
    theme.apply(qapp, theme.LIGHT)
    assert dialog.findings.text.toHtml() != before
    assert theme.LIGHT.quiet in dialog.findings.text.toHtml()
    model = dialog.preview.rows
    tint = model.data(model.index(0, 0), Qt.ItemDataRole.BackgroundRole)
    assert tint.lightness() > 200
