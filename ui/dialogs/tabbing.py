"""The way of the Tab key through a row of buttons."""

import itertools

from PySide6.QtWidgets import QDialogButtonBox, QPushButton, QWidget


def reach_all(box: QDialogButtonBox) -> None:
    """Let Tab go through every button of a box, beginning with its default one.

    Qt gives the box a focus proxy, its default button; Tab goes straight to that one, and past those before it. To be
    called once the box stands in its dialog, which orders everything anew.
    """
    buttons = sorted(box.findChildren(QPushButton), key=lambda each: not each.isDefault())
    for one, following in itertools.pairwise(buttons):
        QWidget.setTabOrder(one, following)
