import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from simulator.data import BUNDLED, read_table
from simulator.interchange import FORMATS
from ui.dialogs.export import Written, export_model, filters
from ui.dialogs.failure import FailureDialog
from ui.dialogs.import_model import filters as import_filters
from ui.dialogs.import_model import import_model
from ui.dialogs.notice import NoticeDialog

READABLE = [name for name, row in FORMATS.items() if row.load is not None]


def dialogs(kind) -> list:
    return [each for each in QApplication.topLevelWidgets() if isinstance(each, kind) and each.isVisible()]


@pytest.fixture(autouse=True)
def _close_all(qtbot):
    yield
    for each in dialogs((FailureDialog, NoticeDialog)):
        each.close()


def filter_of(name: str) -> str:
    return next(text for text, suffix in filters().items() if suffix == FORMATS[name].suffix)


def answering(path, name=None):
    return lambda *_: (path, filter_of(name or "safetensors"))


def test_there_is_a_filter_for_every_format_and_for_every_one_that_can_be_opened_again():
    assert list(filters().values()) == [row.suffix for row in FORMATS.values()]
    assert all(row.description in text for row, text in zip(FORMATS.values(), filters(), strict=True))
    first, *others = import_filters()
    assert len(others) == len(READABLE)
    assert all(f"*{FORMATS[name].suffix}" in first for name in READABLE)
    assert not any("*.csv" in text for text in import_filters())


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_written_with_the_suffix_of_its_filter(qtbot, model, tmp_path, preferences, name):
    told = []
    path = export_model(None, model, preferences, choose=answering(tmp_path / "my model", name), on_written=told.append)
    assert path == tmp_path / f"my model{FORMATS[name].suffix}"
    [written] = told
    assert written == Written(path, name, 139, path.stat().st_size)
    assert preferences.folder("model") == tmp_path


@pytest.mark.parametrize("name", READABLE)
def test_what_was_exported_by_the_dialog_predicts_the_same_after_import(qtbot, model, tmp_path, preferences, name):
    path = export_model(None, model, choose=answering(tmp_path / "net", name), on_written=lambda _: None)
    back = import_model(None, preferences, choose=lambda *_: path)
    table = read_table(BUNDLED["penguins"].path).frame
    assert back.predict(table).equals(model.predict(table))
    assert preferences.recent_files == (path,)
    assert preferences.folder("model") == tmp_path


@pytest.mark.parametrize("name", READABLE)
def test_export_and_import_run_as_jobs_of_the_bridge(qtbot, bridge, model, tmp_path, name):
    told, models = [], []
    path = export_model(None, model, bridge=bridge, choose=answering(tmp_path / "net", name), on_written=told.append)
    qtbot.waitUntil(lambda: bool(told))
    assert told[0].path == path
    assert import_model(None, path=path, bridge=bridge, on_model=models.append) is None
    qtbot.waitUntil(lambda: bool(models))
    np.testing.assert_array_equal(models[0].parameters, model.parameters)


def test_a_notice_says_file_format_parameters_and_size(qtbot, model, tmp_path):
    path = export_model(None, model, choose=answering(tmp_path / "net", "json"))
    [notice] = dialogs(NoticeDialog)
    said = {name: label.text().replace("\u200b", "") for name, label in notice.values.items()}
    assert said["File"] == "net.json"
    assert said["Folder"] == str(tmp_path)
    assert said["Format"].startswith("json: ")
    assert said["Parameters"] == "139"
    assert said["Size"] == f"{path.stat().st_size / 1000:.3g} kB"
    assert not notice.isModal() or notice.result() == 0


def test_what_was_written_is_said_in_one_sentence_for_a_status_bar(tmp_path):
    assert (
        Written(tmp_path / "a.npz", "npz", 1139, 4123).sentence == "a.npz was written: npz, 1,139 parameters, 4.12 kB."
    )


def test_a_suffix_that_was_typed_wins_over_the_filter(model, tmp_path):
    told = []
    export_model(None, model, choose=answering(tmp_path / "net.JSON", "npz"), on_written=told.append)
    assert told[0].format == "json"


def test_a_name_with_a_dot_keeps_its_parts(model, tmp_path):
    path = export_model(None, model, choose=answering(tmp_path / "run 2.5", "npz"), on_written=lambda _: None)
    assert path == tmp_path / "run 2.5.npz"


def test_a_file_that_nobody_was_asked_about_is_not_replaced(qtbot, model, tmp_path):
    # The dialog asked about "run 2.5", which is not there; the suffix was appended afterwards.
    old = tmp_path / "run 2.5.npz"
    old.write_bytes(b"precious")
    assert export_model(None, model, choose=answering(tmp_path / "run 2.5", "npz")) is None
    assert old.read_bytes() == b"precious"
    assert len(dialogs(FailureDialog)) == 1


def test_a_file_that_was_asked_about_is_replaced(model, tmp_path):
    old = tmp_path / "net.npz"
    old.write_bytes(b"old")
    assert export_model(None, model, choose=answering(old, "npz"), on_written=lambda _: None) == old
    assert old.read_bytes() != b"old"


def test_thinking_better_of_it_writes_and_opens_nothing(model, tmp_path, preferences):
    assert export_model(None, model, preferences, choose=lambda *_: None) is None
    assert import_model(None, preferences, choose=lambda *_: None) is None
    assert list(tmp_path.iterdir()) == []
    assert dialogs((FailureDialog, NoticeDialog)) == []


@pytest.mark.parametrize("as_job", [False, True], ids=["at once", "as a job"])
def test_a_place_that_cannot_be_written_is_refused_by_one_dialog(qtbot, bridge, model, tmp_path, as_job):
    told = []
    target = tmp_path / "not there" / "net.npz"
    export_model(None, model, bridge=bridge if as_job else None, choose=answering(target), on_written=told.append)
    qtbot.waitUntil(lambda: len(dialogs(FailureDialog)) == 1)
    [failure] = dialogs(FailureDialog)
    assert failure.windowTitle() == "The file was not written"
    assert "Make the folder first" in failure.hint.text()
    assert told == []
    assert list(tmp_path.iterdir()) == []


BROKEN = {
    "an empty file": ("net.safetensors", b""),
    "another kind of file": ("net.json", b"<html>"),
    "weights only": ("net.csv", b"layer,row,column,value\n"),
    "an unknown suffix": ("net.xyz", b"x"),
    "a file cut off": ("net.npz", b"PK\x03\x04abc"),
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("as_job", [False, True], ids=["at once", "as a job"])
def test_a_file_that_is_no_model_is_refused_and_nothing_changes(qtbot, bridge, preferences, table, name, as_job):
    file, content = BROKEN[name]
    models = []
    path = table(content, file)
    got = import_model(None, preferences, path=path, bridge=bridge if as_job else None, on_model=models.append)
    qtbot.waitUntil(lambda: len(dialogs(FailureDialog)) == 1)
    [failure] = dialogs(FailureDialog)
    assert failure.windowTitle() == "The model was not opened"
    assert failure.hint.text()
    assert got is None
    assert models == []
    assert preferences.recent_files == ()


def test_the_last_folder_is_offered_again(model, tmp_path, preferences):
    preferences.set_folder("model", tmp_path)
    asked = []
    export_model(None, model, preferences, choose=lambda _parent, _title, path, _filters: asked.append(path))
    import_model(None, preferences, choose=lambda _parent, _title, path, _filters: asked.append(path))
    assert asked == [tmp_path / "model.safetensors", tmp_path]
