"""The curves on the clipboard, as numbers or as a picture."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QPoint, QRect, QRectF, QSize, Signal
from PySide6.QtGui import QGuiApplication, QImage, QPainter

from ui.bridge import Bridge
from ui.panels.curves_files import Branches, tsv
from ui.panels.curves_reading import Legend
from ui.theme import Theme

_AT_ONCE = 20_000
"""So many epochs are copied at once; more are copied beside the window."""

_SHARP = 2
"""How many pixels of a copied picture a point of the screen has."""


class Copies(QObject):
    """Copies what is shown.

    Signals
    -------
    noted
        What was done, in a sentence.
    """

    noted = Signal(str)

    def __init__(self, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge

    def copy_numbers(self, branches: Branches) -> None:
        """Put the figures of epochs on the clipboard, with their names."""
        if sum(len(rows) for _, rows in branches) <= _AT_ONCE:
            self._copied(tsv(branches))
        else:
            self._bridge.run_job(tsv, branches, on_done=self._copied)

    def _copied(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        lines = text.count("\n") - 1
        self.noted.emit(f"{lines:,} {'line' if lines == 1 else 'lines'} copied, with their heads.")

    def copy_picture(self, size: QSize, paint: Callable[[QPainter], None]) -> None:
        """Put what `paint` draws on the clipboard."""
        image = QImage(size.width() * _SHARP, size.height() * _SHARP, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(0)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(_SHARP, _SHARP)
        paint(painter)
        painter.end()
        QGuiApplication.clipboard().setImage(image)
        self.noted.emit("The picture of the curves is copied.")


def picture_size(view: Any, legend: Legend) -> QSize:
    """Return the size of a picture of the plots with the legend above them."""
    return QSize(view.width(), view.height() + legend.sizeHint().height())


def draw_picture(painter: QPainter, view: Any, legend: Legend, theme: Theme) -> None:
    """Draw the plots as they are in sight, and the names of the lines above them."""
    size, top = picture_size(view, legend), legend.sizeHint().height()
    painter.fillRect(QRect(QPoint(0, 0), size), theme.color("window"))
    legend.draw(painter, float(size.width()))
    view.render(painter, QRectF(0.0, float(top), float(view.width()), float(view.height())), view.rect())
