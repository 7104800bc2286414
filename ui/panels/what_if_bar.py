"""One feature's contribution: a signed figure, and below it a bar to the left or to the right of zero."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import Theme, base_pixel_size, font


class ShareBar(QWidget):
    """A figure with its bar; all of a panel share one scale."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.text, self.share = "", 0.0
        self._bare = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def show_share(self, text: str, share: float) -> None:
        """Show a figure, and a bar from −1 to 1 of the scale."""
        share = min(max(share, -1.0), 1.0) if share == share else 0.0
        if (text, share) != (self.text, self.share):
            self.text, self.share = text, share
            self.update()

    def leave_figure_out(self, bare: bool) -> None:
        """Draw the bar alone, or both."""
        if bare is not self._bare:
            self._bare = bare
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        base = base_pixel_size(self.font())
        return (
            QSize(round(4.2 * base), round(1.2 * base)) if self._bare else QSize(round(5.6 * base), round(2.6 * base))
        )

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        base, half = base_pixel_size(self.font()), 0.5 * self.height()
        zero, middle = 0.5 * self.width(), half if self._bare else 1.5 * half
        if not self._bare:
            style = font(0.92 * base)
            painter.setFont(style)
            painter.setPen(self.theme.color("quiet"))
            text = QFontMetricsF(style).elidedText(self.text, Qt.TextElideMode.ElideRight, self.width())
            align = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            painter.drawText(QRectF(0.0, 0.0, self.width(), half), align, text)
        painter.setPen(Qt.PenStyle.NoPen)
        length, thick = abs(self.share) * (zero - 1.0), 0.42 * base
        if length >= 0.5:
            painter.setBrush(self.theme.color("negative" if self.share < 0 else "positive"))
            left = zero - length if self.share < 0 else zero
            painter.drawRoundedRect(QRectF(left, middle - 0.5 * thick, length, thick), 1.5, 1.5)
        painter.setPen(self.theme.color("border"))
        painter.drawLine(QPointF(zero, middle - 0.45 * base), QPointF(zero, middle + 0.45 * base))
        painter.end()
