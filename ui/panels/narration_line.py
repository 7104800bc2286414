"""The quiet line below the network: what matters most about the training, and, where there is room, what is new."""

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
_SIDE, _LEAST = 14.0, 30
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
        self.newest: Sentence | None = None
        self.show_story(None, None)
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

    def show_story(self, sentence: "Sentence | None", newest: "Sentence | None") -> None:
        """Show what matters most, then what is newest; each is announced when it is new, not when its numbers go on."""
        newest = None if newest == sentence else newest
        if (sentence, newest) == (self.sentence, self.newest) and self.text():
            return
        before = {(each.rule, each.epoch) for each in (self.sentence, self.newest) if each is not None}
        self.sentence, self.newest = sentence, newest
        text = _WAITING if sentence is None else sentence.text
        self.setText(text)
        where = "" if sentence is None else f"Epoch {sentence.epoch}: "
        advice = "" if sentence is None or not sentence.advice else f"\n{sentence.advice}"
        later = "" if newest is None else f"\nEpoch {newest.epoch:,}: {newest.text}"
        self.setToolTip(f"{where}{text}{advice}{later}\nA click shows the log with the evidence.")
        self.setAccessibleDescription(f"{text}{later}")
        self.update()
        for each in (newest, sentence):
            if each is not None and self.isVisible() and (each.rule, each.epoch) not in before:
                self._announce(SPOKEN[each.tone] + each.text)

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
        metrics = QFontMetricsF(style)
        if self.hasFocus():
            painter.setPen(self.theme.color("accent"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(4.5, 1.5, -4.5, -1.5), 4, 4)
        painter.setFont(style)
        left = _SIDE
        if self.sentence is None:
            self._paint_words(painter, metrics, left, self.text(), "quiet")
        else:
            left = self._paint_sentence(painter, metrics, left, self.sentence)
            if self.newest is not None and self.width() - left > _LEAST * metrics.averageCharWidth():
                self._paint_sentence(painter, metrics, left + 2 * _SIDE, self.newest, later=True)
        painter.end()

    def _paint_sentence(
        self, painter: QPainter, metrics: QFontMetricsF, left: float, sentence: "Sentence", *, later: bool = False
    ) -> float:
        """Paint a mark, the epoch and the words; return where they end."""
        name, ink = ICONS[sentence.tone]
        side = round(1.15 * metrics.height())
        pixmap = icon(name, self.theme, "quiet" if later and ink != "good" else ink).pixmap(
            QSize(side, side), self.devicePixelRatioF()
        )
        painter.drawPixmap(QPointF(left, 0.5 * (self.height() - side)), pixmap)
        left += side + 7.0
        left = self._paint_words(painter, metrics, left, f"Epoch {sentence.epoch:,}", "quiet") + 10.0
        quiet = later or (sentence.tone == "plain" and not self.underMouse())
        return self._paint_words(painter, metrics, left, sentence.text, "quiet" if quiet else "text")

    def _paint_words(self, painter: QPainter, metrics: QFontMetricsF, left: float, text: str, ink: str) -> float:
        room = max(0.0, self.width() - left - _SIDE)
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        painter.setPen(self.theme.color(ink))
        painter.drawText(QRectF(left, 0, room, self.height()), Qt.AlignmentFlag.AlignVCenter, text)
        return left + metrics.horizontalAdvance(text)
