"""A tick that is seen on a dark ground too: a style's own is not."""

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QCheckBox, QWidget

from ui.dialogs.tints import blend, theme_of
from ui.theme import icon

_GAP = 8


def draw_tick(painter: QPainter, box: QRectF, widget: QWidget, *, on: bool) -> None:
    """Draw a box, ticked or empty, in the colours of a widget's theme."""
    theme = theme_of(widget)
    alive = widget.isEnabled()
    edge = theme.color("accent" if on else "quiet") if alive else theme.color("border")
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(edge, 1))
    painter.setBrush(edge if on else theme.color("surface"))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
    if on:
        icon("check", theme, "on_accent").paint(painter, box.toRect().adjusted(1, 1, -1, -1))
    painter.restore()


class Tick(QCheckBox):
    """A check box with a box of our own."""

    def sizeHint(self) -> QSize:  # noqa: N802
        text = self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, self.text())
        return QSize(self._side() + _GAP + text.width() + 6, max(self._side(), text.height()) + 6)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        side = self._side()
        box = QRectF(2, (self.height() - side) / 2, side, side)
        draw_tick(painter, box, self, on=self.isChecked())
        text = self.rect().adjusted(side + 2 + _GAP, 0, 0, 0)
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextShowMnemonic)
        self.style().drawItemText(
            painter, text, flags, self.palette(), self.isEnabled(), self.text(), QPalette.ColorRole.WindowText
        )
        if self.hasFocus():
            theme = theme_of(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(blend(theme.surface, theme.accent, 0.8), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    def hitButton(self, pos: QPoint) -> bool:  # noqa: N802
        return self.rect().contains(pos)

    def _side(self) -> int:
        return round(self.fontMetrics().height() * 0.85)
