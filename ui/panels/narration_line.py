"""The quiet line below the network: the newest sentence about the training, said once and shown in one line."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from ui.theme import Theme, base_pixel_size, font, icon

if TYPE_CHECKING:
    from simulator.insight.narrator import Sentence

ICONS = {"plain": ("info", "quiet"), "good": ("check", "good"), "warning": ("warning", "warning"),
         "bad": ("warning", "bad")}  # fmt: skip
SPOKEN = {"plain": "", "good": "", "warning": "Warning: ", "bad": "Trouble: "}
_WAITING = "What happens while it trains is told here."


class NarrationLine(QAbstractButton):
    """One line of the height of its font; a click shows the narrator's log."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("narrator.line")
        self.setAccessibleName("Narrator")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.theme = theme
        self.sentence: Sentence | None = None
        self.show_sentence(None)
        self._fit()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme, and the application's font."""
        self.theme = theme
        self._fit()
        self.update()

    def _fit(self) -> None:
        height = round(1.75 * QFontMetricsF(self._font()).height())
        if height != self.minimumHeight():
            self.setFixedHeight(height)

    def _font(self) -> Any:
        return font(0.95 * base_pixel_size(self.font()))

    def show_sentence(self, sentence: "Sentence | None") -> None:
        """Show a sentence; it is announced when it is another one, not when its numbers go on."""
        if sentence == self.sentence and self.text():
            return
        before, self.sentence = self.sentence, sentence
        text = _WAITING if sentence is None else sentence.text
        self.setText(text)
        where = "" if sentence is None else f"Epoch {sentence.epoch}: "
        advice = "" if sentence is None or not sentence.advice else f"\n{sentence.advice}"
        self.setToolTip(f"{where}{text}{advice}\nA click shows the log with the evidence.")
        self.setAccessibleDescription(text)
        self.update()
        if sentence is None or not self.isVisible():
            return
        if before is None or (before.rule, before.epoch) != (sentence.rule, sentence.epoch):
            self._announce(SPOKEN[sentence.tone] + text)

    def _announce(self, text: str) -> None:
        event = QAccessibleAnnouncementEvent(self, text)
        event.setPoliteness(QAccessible.AnnouncementPoliteness.Polite)
        QAccessible.updateAccessibility(event)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(200, self.minimumHeight())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        style = self._font()
        metrics, tall = QFontMetricsF(style), float(self.height())
        quiet = self.sentence is None or self.sentence.tone == "plain"
        if self.hasFocus():
            painter.setPen(self.theme.color("accent"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(4.5, 1.5, -4.5, -1.5), 4, 4)
        left = 14.0
        if self.sentence is not None:
            name, ink = ICONS[self.sentence.tone]
            side = round(1.15 * metrics.height())
            pixmap = icon(name, self.theme, ink).pixmap(QSize(side, side), self.devicePixelRatioF())
            painter.drawPixmap(QPointF(left, 0.5 * (tall - side)), pixmap)
            left += side + 7.0
            epoch = f"Epoch {self.sentence.epoch:,}"
            painter.setFont(style)
            painter.setPen(self.theme.color("quiet"))
            wide = metrics.horizontalAdvance(epoch)
            painter.drawText(QRectF(left, 0, wide + 2, tall), Qt.AlignmentFlag.AlignVCenter, epoch)
            left += wide + 10.0
        painter.setFont(style)
        painter.setPen(self.theme.color("quiet" if quiet and not self.underMouse() else "text"))
        room = max(0.0, self.width() - left - 14.0)
        text = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(left, 0, room, tall), Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()
