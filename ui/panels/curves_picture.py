"""The curves as a picture: for the clipboard, and as a file."""

from typing import Any

from PySide6.QtCore import QPoint, QRect, QRectF, QSize
from PySide6.QtGui import QPainter

from ui.panels.curves_reading import Legend
from ui.portrait import ground_wanted, posing
from ui.theme import Theme


def picture_size(view: Any, legend: Legend) -> QSize:
    """Return the size of a picture of the plots with the legend above them."""
    return QSize(view.width(), view.height() + legend.sizeHint().height())


def draw_picture(painter: QPainter, view: Any, legend: Legend, theme: Theme) -> None:
    """Draw the plots as they are in sight, and the names of the lines above them."""
    size, top = picture_size(view, legend), legend.sizeHint().height()
    if ground_wanted():
        painter.fillRect(QRect(QPoint(0, 0), size), theme.color("window"))
    legend.draw(painter, float(size.width()))
    with posing(view):
        view.render(painter, QRectF(0.0, float(top), float(view.width()), float(view.height())), view.rect())
