from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray

from ui.preferences import Preferences


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "nodeglow.ini"


def test_without_a_file_everything_has_its_default(file):
    fresh = Preferences(file)
    assert fresh.recent_files == ()
    assert fresh.theme == "system"
    assert fresh.speed == 30
    assert fresh.geometry.isEmpty()
    assert fresh.state.isEmpty()
    assert fresh.folder("dataset").is_dir()


def test_what_was_set_is_there_at_the_next_start(file, tmp_path):
    first = Preferences(file)
    first.theme, first.speed = "light", None
    first.geometry, first.state = QByteArray(b"\x00\x01geometry"), QByteArray(b"\xffstate")
    first.add_recent(tmp_path / "a, b; c.csv")
    first.set_folder("model", tmp_path)
    first.sync()
    second = Preferences(file)
    assert (second.theme, second.speed) == ("light", None)
    assert (bytes(second.geometry.data()), bytes(second.state.data())) == (b"\x00\x01geometry", b"\xffstate")
    assert second.recent_files == (tmp_path / "a, b; c.csv",)
    assert second.folder("model") == tmp_path


def test_the_newest_of_ten_recent_files_comes_first_and_none_comes_twice(file, tmp_path):
    kept = Preferences(file)
    paths = [tmp_path / f"{place}.csv" for place in range(13)]
    for path in paths:
        path.touch()
        kept.add_recent(path)
    kept.add_recent(paths[7])
    assert len(kept.recent_files) == 10
    assert kept.recent_files[:3] == (paths[7], paths[12], paths[11])
    assert len(set(kept.recent_files)) == 10


def test_recent_files_that_exist_come_before_those_that_are_gone(file, tmp_path):
    kept = Preferences(file)
    there, gone = tmp_path / "there.csv", tmp_path / "gone.csv"
    there.touch()
    kept.add_recent(there)
    kept.add_recent(gone)
    assert kept.recent_files == (there, gone)
    kept.forget_recent(gone)
    assert kept.recent_files == (there,)
    kept.forget_recent()
    assert kept.recent_files == ()


def test_a_relative_path_is_remembered_as_an_absolute_one(file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kept = Preferences(file)
    kept.add_recent("here.csv")
    kept.add_recent(tmp_path / "here.csv")
    assert kept.recent_files == (tmp_path / "here.csv",)


BROKEN = {
    "words instead of values": "[General]\ntheme=purple\nspeed=fast\nrecent_files=@Invalid()\n[window]\ngeometry=7\n",
    "numbers that are no speed": "[General]\ntheme=\nspeed=-3\n",
    "a speed in other digits": "[General]\nspeed=²\n",
    "half a variant": "[General]\nspeed=@Variant(\\0\\0\ntheme=@ByteArray(x\n[window]\nstate=@Rect(1 2)\n",
    "no ini file at all": "\x00\x01\x02<html>",
    "a list where a text belongs": "[General]\ntheme=dark, light\nspeed=1, 2\n",
    "a folder that is a number": "[folders]\nmodel=12\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_falls_back_to_the_defaults(file, name):
    file.write_text(BROKEN[name])
    kept = Preferences(file)
    assert (kept.theme, kept.speed, kept.recent_files) == ("system", 30, ())
    assert kept.geometry.isEmpty()
    assert kept.state.isEmpty()
    assert kept.folder("model").is_dir()
    kept.theme = "dark"
    kept.sync()
    assert Preferences(file).theme == "dark"


def test_a_folder_that_is_gone_falls_back_to_one_that_exists(file, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    kept = Preferences(file)
    kept.set_folder("dataset", gone / "table.csv")
    assert kept.folder("dataset") == gone
    gone.rmdir()
    assert kept.folder("dataset").is_dir()


def test_a_value_that_is_no_choice_is_refused_and_changes_nothing(file):
    kept = Preferences(file)
    with pytest.raises(ValueError, match="purple"):
        kept.theme = "purple"
    assert kept.theme == "system"


def test_a_reset_forgets_everything_also_in_the_file(qtbot, file, tmp_path):
    kept = Preferences(file)
    kept.theme, kept.speed = "dark", 5
    kept.add_recent(tmp_path / "a.csv")
    with qtbot.waitSignal(kept.changed, check_params_cb=lambda what: what == ""):
        kept.reset()
    assert (kept.theme, kept.speed, kept.recent_files) == ("system", 30, ())
    assert Preferences(file).theme == "system"


def test_changes_are_told_by_name(qtbot, file):
    kept = Preferences(file)
    with qtbot.waitSignal(kept.changed, check_params_cb=lambda what: what == "theme"):
        kept.theme = "dark"


def test_a_file_that_cannot_be_written_does_no_harm(tmp_path):
    kept = Preferences(tmp_path)  # a folder
    kept.theme = "dark"
    kept.sync()
    assert kept.theme == "dark"


def test_the_default_place_is_the_platforms(monkeypatch):
    assert Preferences().path.name == "nodeglow.ini"
