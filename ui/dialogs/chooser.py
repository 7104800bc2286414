"""A box of choices as the dialogs have it: named, told by name, and each choice by its key."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QComboBox


def chooser(name: str, title: str, entries: Mapping[Any, str], tip: str = "") -> QComboBox:
    """Return a box.

    Parameters
    ----------
    name
        Of the object.
    title
        What it is that one chooses.
    entries
        The text of every choice by its key, which is the choice's data.
    tip
        One sentence about it; its title if there is none.
    """
    box = QComboBox()
    box.setObjectName(name)
    box.setAccessibleName(title)
    box.setToolTip(tip or title)
    for key, text in entries.items():
        box.addItem(text, key)
    return box
