import logging

import pytest
from PySide6.QtGui import QGuiApplication
from shiboken6 import isValid

from simulator.errors import (
    ConfigError,
    DatasetError,
    DeviceError,
    DivergenceError,
    ExportError,
    ModelFileError,
    SessionDataError,
    SessionFileError,
    TrainingDivergedError,
)
from ui.dialogs.failure import INTERNAL, TITLES, FailureDialog, show_error, show_failure

KINDS = (
    DatasetError,
    ConfigError,
    ModelFileError,
    SessionFileError,
    SessionDataError,
    ExportError,
    DeviceError,
    DivergenceError,
    TrainingDivergedError,
)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_error_has_its_title_message_and_hint(qtbot, kind):
    dialog = show_error(None, kind("it cannot be 7", "Give 8."))
    qtbot.addWidget(dialog)
    assert dialog.windowTitle() == TITLES[kind.__name__]
    assert dialog.message.text() == "It cannot be 7."
    assert dialog.hint.text() == "Give 8."
    assert dialog.isVisible()


def test_the_line_and_the_file_of_a_broken_table_are_told(qtbot, tmp_path):
    dialog = show_error(None, DatasetError("no number", "Correct it.", tmp_path / "a.csv", 1234))
    qtbot.addWidget(dialog)
    assert dialog.message.text() == "Line 1,234: no number."
    assert str(tmp_path / "a.csv") in dialog.details.toPlainText()


def test_it_does_not_wait_for_the_user_and_forgets_itself(qtbot):
    dialog = show_failure(None, "a", "b")
    assert dialog.isVisible()
    dialog.reject()
    qtbot.waitUntil(lambda: not isValid(dialog))


def test_a_defect_of_the_program_says_where_the_log_is(qtbot, tmp_path):
    handler = logging.FileHandler(tmp_path / "nodeglow.log", delay=True)
    logging.getLogger().addHandler(handler)
    try:
        dialog = FailureDialog("internal error", "Report it.", INTERNAL, "Traceback …")
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()
    qtbot.addWidget(dialog)
    assert str(tmp_path / "nodeglow.log") in dialog.hint.text()
    other = FailureDialog("internal error", "Report it.", INTERNAL)
    qtbot.addWidget(other)
    assert "terminal" in other.hint.text()
    ordinary = FailureDialog("a refusal", "Do something else.", "ConfigError")
    qtbot.addWidget(ordinary)
    assert "log" not in ordinary.hint.text()


def test_everything_that_helps_is_copied(qtbot):
    dialog = FailureDialog("the file is empty", "Give another.", "DatasetError", "File: /a/b.csv")
    qtbot.addWidget(dialog)
    dialog.copy.click()
    text = QGuiApplication.clipboard().text()
    for each in ("The file is empty.", "Give another.", "DatasetError", "File: /a/b.csv", "Nodeglow"):
        assert each in text


def test_markup_in_a_message_is_shown_as_text(qtbot):
    dialog = FailureDialog("<b>'x'</b> is no number")
    qtbot.addWidget(dialog)
    assert dialog.message.text() == "<b>'x'</b> is no number."
    assert dialog.message.textFormat().name == "PlainText"
    assert not dialog.hint.isVisibleTo(dialog)
