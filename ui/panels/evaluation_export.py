"""What an evaluation says, to be taken elsewhere: its numbers as text, and its picture."""

import csv
import io
from typing import Any

from PySide6.QtCore import QBuffer, QIODevice, QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from ui.panels.evaluation_figures import HEADS, lines_of
from ui.panels.evaluation_values import Classes, Judged, Values

Table = list[list[Any]]


def table_of(found: Judged, page: str, of: int = -1) -> Table:
    """Return the numbers of a page as lines, the first of which names the columns.

    Parameters
    ----------
    found
        What is judged.
    page
        A key of `ui.panels.evaluation_bar.PAGES`.
    of
        The class whose calibration is shown; −1 for the predicted one.
    """
    if isinstance(found, Values):
        if page == "figures":
            return _sheet(found, "regression")
        head = ["row", "split", "true", "predicted", "residual"]
        splits = ["test" if each else "train" for each in found.tested.tolist()]
        columns = (found.rows + 1, splits, found.truth, found.said, found.residuals.each)
        return [head, *(list(line) for line in zip(*(_plain(each) for each in columns), strict=True))]
    if page == "matrix":
        names = list(found.names)
        return [
            ["true \\ predicted", *names],
            *([name, *line] for name, line in zip(names, found.confusion.tolist(), strict=True)),
        ]
    if page == "scores":
        return _sheet(found, "classification")
    if page == "calibration":
        bins = found.reliability(of)
        lines = zip(
            bins.edges[:-1].tolist(),
            bins.edges[1:].tolist(),
            bins.counts.tolist(),
            bins.said.tolist(),
            bins.came.tolist(),
            strict=True,
        )
        return [["from", "to", "rows", "said", "true"], *(list(line) for line in lines)]
    return _curves(found)


def _curves(found: Classes) -> Table:
    lines: Table = [
        ["class", "threshold", "true_positives", "false_positives", "recall", "false_positive_rate", "precision"]
    ]
    for curve in found.curves:
        ranked = curve.ranked
        columns = (
            ranked.thresholds, ranked.hits, ranked.alarms, ranked.recall, ranked.false_positive_rate, ranked.precision,
        )  # fmt: skip
        lines += [[curve.name, *line] for line in zip(*(each.tolist() for each in columns), strict=True)]
    return lines


def _sheet(found: Judged, task: str) -> Table:
    return [list(HEADS[task]), *([figure.text for figure in line] for line in lines_of(found))]


def _plain(column: Any) -> list[Any]:
    return column if isinstance(column, list) else column.tolist()


def text_of(table: Table, *, separator: str) -> str:
    """Return lines as text: with commas for a file, with tabs for the clipboard."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\n").writerows(table)
    return text.getvalue()


class Export(QObject):
    """The menu that takes a page elsewhere.

    Signals
    -------
    save_wanted
        (name, content): a file with that suffix is to be written; text or bytes.
    noted
        What was done, in a sentence.
    """

    save_wanted = Signal(str, object)
    noted = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._found: Judged | None = None
        self._page, self._of = "", -1
        self._view: QWidget | None = None
        self.button = QToolButton()
        self.button.setObjectName("evaluation.export")
        self.button.setAccessibleName("Take elsewhere")
        self.button.setToolTip("Copy or save the numbers or the picture of this page.")
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self.button)
        for name, text, slot in (
            ("copy_numbers", "Copy &numbers", self.copy_numbers),
            ("copy_picture", "Copy &picture", self.copy_picture),
            ("save_numbers", "Save numbers as &CSV …", self.save_numbers),
            ("save_picture", "Save picture as P&NG …", self.save_picture),
        ):
            action = self.menu.addAction(text, slot)
            action.setObjectName(f"evaluation.{name}")
        self.button.setMenu(self.menu)

    def take(self, found: Judged, page: str, view: QWidget, of: int = -1) -> None:
        """Know what is shown."""
        self._found, self._page, self._view, self._of = found, page, view, of

    def copy_numbers(self) -> None:
        """Put the numbers on the clipboard, as spreadsheets take them."""
        if self._found is not None:
            QGuiApplication.clipboard().setText(text_of(table_of(self._found, self._page, self._of), separator="\t"))
            self.noted.emit("The numbers are on the clipboard.")

    def copy_picture(self) -> None:
        """Put the picture on the clipboard."""
        if self._view is not None:
            QGuiApplication.clipboard().setPixmap(self._view.grab())
            self.noted.emit("The picture is on the clipboard.")

    def save_numbers(self) -> None:
        """Ask for a file for the numbers."""
        if self._found is not None:
            self.save_wanted.emit(
                self._name("csv"), text_of(table_of(self._found, self._page, self._of), separator=",")
            )

    def save_picture(self) -> None:
        """Ask for a file for the picture."""
        if self._view is not None:
            buffer = QBuffer()
            buffer.open(QIODevice.OpenModeFlag.WriteOnly)
            self._view.grab().save(buffer, "PNG")  # type: ignore[call-overload]
            self.save_wanted.emit(self._name("png"), bytes(buffer.data().data()))

    def _name(self, suffix: str) -> str:
        assert self._found is not None
        return f"{self._found.predictions.dataset.name}-{self._page}-{self._found.split}.{suffix}"
