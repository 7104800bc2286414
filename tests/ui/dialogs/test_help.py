import subprocess
import sys

import pytest
from PySide6.QtGui import QAction, QKeySequence

from simulator.data import BUNDLED
from ui.dialogs.about import version
from ui.dialogs.help import IN_THE_NETWORK, MOUSE, keys_of, show_about, show_help


def made(text, *keys, name="") -> QAction:
    action = QAction(text)
    action.setShortcuts([QKeySequence(key) for key in keys])
    action.setObjectName(name)
    return action


def cells(table) -> list[list[str]]:
    return [
        [item.text() if (item := table.item(row, column)) else "" for column in range(table.columnCount())]
        for row in range(table.rowCount())
    ]


def test_the_keys_are_those_of_the_actions(qtbot):
    play = made("&Play", "Space", name="action.play")
    actions = [play, made("&Open…", "Ctrl+O", name="action.open"), made("Drag && drop", "F5"), made("No key"), play]
    assert keys_of(actions) == (("Space", "Play"), ("Ctrl+O", "Open"), ("F5", "Drag & drop"))


def test_an_action_with_two_shortcuts_shows_both():
    assert keys_of([made("Advance", "Right", "Ctrl+Right")]) == (("Right or Ctrl+Right", "Advance"),)


def test_the_table_has_all_keys_and_the_mouse(qtbot):
    dialog = show_help(None, [made("Play", "Space")])
    qtbot.addWidget(dialog)
    shown = cells(dialog.table)
    assert ["Space", "Play"] in shown
    assert all(list(row) in shown for row in (*MOUSE, *IN_THE_NETWORK))


def test_about_names_version_and_all_licences(qtbot):
    dialog = show_about(None)
    qtbot.addWidget(dialog)
    said = dialog.findChild(type(dialog.layout().itemAt(1).widget()), "about.text").text()
    for each in (version(), "Apache", "SIL Open Font License"):
        assert each in said
    shown = cells(dialog.table)
    for row in BUNDLED.values():
        assert [f"{row.title} (data)", row.source, row.licence] in shown


@pytest.mark.parametrize("name", ["ui.preferences", "ui.dialogs.failure", "ui.dialogs.help", "ui.dialogs.notice"])
def test_what_the_first_frame_needs_does_not_wait_for_pandas(name):
    code = f"import sys, {name}; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
