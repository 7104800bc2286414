"""What a view shows, to be taken elsewhere: its picture and its numbers, and the menu that offers both."""

import dataclasses
from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QMenu, QWidget

from ui.portrait import painted_by
from ui.writing import Numbers

OFFERS = {
    "copy_picture": ("Copy &picture", "The picture as it is, for a document (Ctrl+Alt+C)"),
    "save_picture": ("&Save picture …", "PNG, SVG or PDF"),
    "copy_numbers": ("Copy &numbers", "What is shown as numbers, for a spreadsheet (Ctrl+C)"),
    "save_numbers": ("Save n&umbers …", "All of it as comma-separated values"),
}
"""What can be done with an export, by its name: what that is called, and what comes of it."""


@dataclasses.dataclass(frozen=True, eq=False)
class Export:
    """What a view shows.

    Attributes
    ----------
    name
        Of the files, behind that of the data set.
    size, paint
        What draws it, and how large that is in logical pixels; None where there is no picture yet.
    numbers
        The same as text, or None.
    whole
        What a file holds where that is more than the clipboard.
    """

    name: str
    size: QSize
    paint: Callable[[QPainter], None] | None
    numbers: Numbers | None = None
    whole: Numbers | None = None

    def offers(self) -> tuple[str, ...]:
        """Return which of `OFFERS` there are."""
        able = {"picture": self.paint is not None, "numbers": self.numbers is not None}
        return tuple(each for each in OFFERS if able[each.partition("_")[2]])


def meant_by(event: QKeyEvent, offers: Sequence[str]) -> str:
    """Return what a key asks for: Ctrl+C the numbers, or the picture of what has none; Ctrl+Alt+C the picture."""
    control, alt = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
    if event.key() == Qt.Key.Key_C and event.modifiers() in (control, control | alt):
        wanted = ("copy_picture",) if event.modifiers() & alt else ("copy_numbers", "copy_picture")
        return next((each for each in wanted if each in offers), "")
    return ""


def shown(name: str, widget: QWidget, numbers: Numbers | None = None) -> Export:
    """Return a widget as it looks now as an export."""
    return Export(name, widget.size(), painted_by(widget), numbers)


def fill_menu(menu: QMenu, owner: str, wanted: Callable[[str], object], offers: Iterable[str] = tuple(OFFERS)) -> None:
    """Put what can be done with an export into a menu; `wanted` is called with the name of what somebody chose."""
    menu.setToolTipsVisible(True)
    for name in offers:
        text, tip = OFFERS[name]
        action = menu.addAction(text)
        action.setObjectName(f"{owner}.{name}")
        action.setToolTip(tip)
        action.triggered.connect(lambda _on=False, name=name: wanted(name))
