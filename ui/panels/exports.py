"""What a view shows, to be taken elsewhere: its picture and its numbers, and the menu that offers both."""

import csv
import dataclasses
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QMenu, QWidget

from simulator.progress import Progress
from ui.portrait import painted_by

Numbers = Callable[[str, Progress], Iterator[str]]
"""Returns text piece by piece, its columns parted by what it is given: commas for a file, tabs for the clipboard. It
runs beside the window."""

OFFERS = {
    "copy_picture": ("Copy &picture", "The picture as it is, for a document (Ctrl+Alt+C)"),
    "save_picture": ("&Save picture …", "PNG, SVG or PDF"),
    "copy_numbers": ("Copy &numbers", "What is shown as numbers, for a spreadsheet (Ctrl+C)"),
    "save_numbers": ("Save n&umbers …", "All of it as comma-separated values"),
}
"""What can be done with an export, by its name: what that is called, and what comes of it."""

_TOGETHER = 2_000


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


def lines(rows: Callable[[], Iterable[Sequence[Any]]]) -> Numbers:
    """Return rows as text, the first of which names the columns; what makes them is called beside the window."""

    def text(separator: str, progress: Progress) -> Iterator[str]:
        block = io.StringIO()
        writer = csv.writer(block, delimiter=separator, lineterminator="\n")
        for nth, row in enumerate(rows(), 1):
            writer.writerow(row)
            if nth % _TOGETHER == 0:
                progress.report(None, "writing")
                yield block.getvalue()
                block.seek(0)
                block.truncate()
        yield block.getvalue()

    return text


def tabbed(numbers: Numbers, progress: Progress) -> str:
    """Return numbers as spreadsheets take them from the clipboard: a job."""
    return "".join(numbers("\t", progress))


def write_csv(path: Path, numbers: Numbers, progress: Progress) -> Path:
    """Write numbers as CSV in UTF-8, whole or not at all: a job.

    Raises
    ------
    ExportError
        When the file cannot be written; what stood there before stays.
    Cancelled
        When the job was cancelled; likewise.
    """
    from simulator.interchange.whole_files import fill_whole

    def fill(file: BinaryIO) -> None:
        file.writelines(piece.encode() for piece in numbers(",", progress))

    return fill_whole(path, fill)


def fill_menu(menu: QMenu, owner: str, wanted: Callable[[str], object], offers: Iterable[str] = tuple(OFFERS)) -> None:
    """Put what can be done with an export into a menu; `wanted` is called with the name of what somebody chose."""
    menu.setToolTipsVisible(True)
    for name in offers:
        text, tip = OFFERS[name]
        action = menu.addAction(text)
        action.setObjectName(f"{owner}.{name}")
        action.setToolTip(tip)
        action.triggered.connect(lambda _on=False, name=name: wanted(name))
