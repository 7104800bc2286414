"""The theme that a dialog stands in, colours between two others, and the sign beside a message."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QLabel, QWidget

from ui.theme import DARK, LIGHT, Theme, icon


def theme_of(widget: QWidget) -> Theme:
    """Return the theme whose palette a widget has, so that a dialog follows when the theme is changed under it."""
    return DARK if widget.palette().color(QPalette.ColorRole.Window).lightness() < 128 else LIGHT


def blend(first: str, second: str, share: float) -> QColor:
    """Return a colour that is `share` (0 to 1) of the way from the first to the second."""
    one, two = QColor(first), QColor(second)
    red, green, blue = (
        round(a + (b - a) * share)
        for a, b in ((one.red(), two.red()), (one.green(), two.green()), (one.blue(), two.blue()))
    )
    return QColor(red, green, blue)


def sign(widget: QWidget, name: str, field: str) -> QLabel:
    """Return an icon in a colour of the theme, of the size that goes with the widget's letters."""
    label = QLabel()
    side = round(2.2 * widget.fontInfo().pixelSize())
    label.setPixmap(icon(name, theme_of(widget), field).pixmap(side, side))
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    return label
