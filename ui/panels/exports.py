"""What a view shows, to be taken elsewhere: its picture and its numbers, and the menu that offers both."""

import dataclasses
import math
from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QTextDocument
from PySide6.QtWidgets import QLabel, QMenu, QWidget

from ui.portrait import ground_wanted, painted_by
from ui.writing import Numbers

OFFERS = {
    "copy_picture": ("Copy &picture", "The picture as it is, for a document (Ctrl+Alt+C)"),
    "save_picture": ("&Save picture …", "PNG, SVG or PDF"),
    "copy_numbers": ("Copy &numbers", "What is shown as numbers, for a spreadsheet (Ctrl+C)"),
    "save_numbers": ("Save n&umbers …", "All of it as comma-separated values"),
}
"""What can be done with an export, by its name: what that is called, and what comes of it."""

_LEGEND_MARGIN = 8.0


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


def shown(name: str, widget: QWidget, numbers: Numbers | None = None, legend: QLabel | None = None) -> Export:
    """Return a widget as it looks now as an export, with a legend below it that stands elsewhere in the panel."""
    paint = painted_by(widget)
    if legend is None or not legend.text():
        return Export(name, widget.size(), paint, numbers)
    words = QTextDocument()
    words.setDefaultFont(legend.font())
    words.setDocumentMargin(_LEGEND_MARGIN)
    # Without a colour of its own a text is black, whatever the theme.
    words.setHtml(f'<span style="color:{legend.palette().windowText().color().name()}">{legend.text()}</span>')
    words.setTextWidth(widget.width())
    above, height = widget.height(), math.ceil(words.size().height())
    ground = widget.palette().window()

    def both(painter: QPainter) -> None:
        paint(painter)
        if ground_wanted():
            painter.fillRect(QRectF(0.0, above, widget.width(), height), ground)
        painter.save()
        painter.translate(0.0, above)
        words.drawContents(painter)
        painter.restore()

    return Export(name, QSize(widget.width(), above + height), both, numbers)


def fill_menu(menu: QMenu, owner: str, wanted: Callable[[str], object], offers: Iterable[str] = tuple(OFFERS)) -> None:
    """Put what can be done with an export into a menu; `wanted` is called with the name of what somebody chose."""
    menu.setToolTipsVisible(True)
    for name in offers:
        text, tip = OFFERS[name]
        action = menu.addAction(text)
        action.setObjectName(f"{owner}.{name}")
        action.setToolTip(tip)
        action.triggered.connect(lambda _on=False, name=name: wanted(name))
