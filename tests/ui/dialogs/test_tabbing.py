"""The Tab key in dialogs."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QPushButton

from ui.dialogs.failure import INTERNAL, FailureDialog


def passed(qtbot, dialog: QDialog) -> list[object]:
    """Press Tab until the focus is where it was, and return all that had it."""
    found = [QApplication.focusWidget()]
    for _ in range(40):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        if QApplication.focusWidget() is found[0]:
            break
        found.append(QApplication.focusWidget())
    return found


def buttons_missed(qtbot, dialog: QDialog) -> list[str]:
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None and dialog.isActiveWindow())
    seen = passed(qtbot, dialog)
    return [each.text() for each in dialog.findChildren(QPushButton) if each.isVisible() and each not in seen]


@pytest.mark.parametrize("action", ["picture", "numbers", "film", "export"])
def test_every_button_of_a_dialog_is_reached(guest, action):
    guest.advance_to(2)
    guest.trigger(action)
    guest.wait(lambda: isinstance(QApplication.activeWindow(), QDialog))
    dialog = QApplication.activeWindow()
    guest.wait(lambda: not getattr(dialog, "running", False))  # what cannot be pressed yet is passed by
    assert buttons_missed(guest.bot, dialog) == []


def test_every_button_of_a_refusal_is_reached_with_what_was_added(qtbot):
    dialog = FailureDialog("it cannot be 7", "Give 8.", INTERNAL, "Traceback …")
    qtbot.addWidget(dialog)
    dialog.offer("&Find it", "Asks for it", lambda: None)
    dialog.add_copy("Copy &lines", "Copies them", "import torch")
    dialog.show()
    assert buttons_missed(qtbot, dialog) == []
