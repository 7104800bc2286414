"""A stage of the recipe as a card: a head that says what it does, and a body that opens."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QFrame, QSizePolicy, QVBoxLayout, QWidget

from ui.dialogs.tints import blend, theme_of

_SIDE = 12


class CardHead(QAbstractButton):
    """The head: number, title, what the stage does in a line, and how large the table is behind it.

    Attributes
    ----------
    title, summary, size
        What is written.
    decided, mistaken
        Whether the user overruled something here, and whether that is a mistake on purpose.
    """

    def __init__(self, number: int, title: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number, self.title, self.tip = number, title, tip
        self.summary, self.size_text = "", ""
        self.decided = self.mistaken = False
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.say("", "", decided=False, mistaken=False)

    def say(self, summary: str, size: str, *, decided: bool, mistaken: bool) -> None:
        """Say what the stage does now."""
        self.summary, self.size_text, self.decided, self.mistaken = summary, size, decided, mistaken
        marks = " You decided something here." if decided else ""
        self.setAccessibleName(f"{self.number} {self.title}: {summary}.{marks}")
        shown = f"\n{summary[:1].upper()}{summary[1:]}." if summary else ""
        self.setToolTip(f"{self.tip}{shown}\nAlt+{self.number % 10} opens it.")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        title, quiet = self._fonts()
        return QSize(260, QFontMetrics(title).height() + QFontMetrics(quiet).height() + 15)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return self.sizeHint()

    def enterEvent(self, event: QEvent) -> None:  # noqa: N802
        self.update()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        theme = theme_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        title, quiet = self._fonts()
        upper, lower = QFontMetrics(title), QFontMetrics(quiet)
        room = QRectF(self.rect()).adjusted(_SIDE, 7, -_SIDE, -8)
        if self.underMouse() and not self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(blend(theme.surface, theme.text, 0.04))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 7, 7)
        left = room.left() + upper.horizontalAdvance("00") + 8
        painter.setFont(title)
        painter.setPen(theme.color("accent") if self.isChecked() else theme.color("quiet"))
        first = QRectF(room.left(), room.top(), room.width(), upper.height())
        painter.drawText(first, Qt.AlignmentFlag.AlignLeft, str(self.number))
        painter.setPen(theme.color("text"))
        painter.drawText(first.adjusted(left - room.left(), 0, 0, 0), Qt.AlignmentFlag.AlignLeft, self.title)
        if self.decided:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("warning" if self.mistaken else "accent"))
            at = QPointF(left + upper.horizontalAdvance(self.title) + 9, first.center().y())
            painter.drawEllipse(at, 3, 3)
        self._chevron(painter, QPointF(room.right() - 4, first.center().y()), theme.color("quiet"))
        painter.setFont(quiet)
        painter.setPen(theme.color("quiet"))
        painter.drawText(first.adjusted(0, 0, -18, 0), Qt.AlignmentFlag.AlignRight, self.size_text)
        painter.setPen(theme.color("warning" if self.mistaken else "quiet"))
        second = QRectF(left, room.bottom() - lower.height(), room.right() - left, lower.height())
        text = lower.elidedText(self.summary, Qt.TextElideMode.ElideRight, int(second.width()))
        painter.drawText(second, Qt.AlignmentFlag.AlignLeft, text)
        if self.hasFocus():
            painter.setPen(QPen(theme.color("accent"), 1.2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5), 7, 7)

    def _chevron(self, painter: QPainter, at: QPointF, colour: QColor) -> None:
        painter.setPen(QPen(colour, 1.4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        points = [(-4, -2), (0, 2), (4, -2)] if not self.isChecked() else [(-4, 2), (0, -2), (4, 2)]
        painter.drawPolyline(QPolygonF([at + QPointF(x, y) for x, y in points]))

    def _fonts(self) -> tuple[QFont, QFont]:
        title, quiet = QFont(self.font()), QFont(self.font())
        title.setWeight(QFont.Weight.DemiBold)
        quiet.setPixelSize(max(11, round(0.93 * self.fontInfo().pixelSize())))
        return title, quiet


class Card(QFrame):
    """A head with a body below it; the body is there only while the card is open."""

    def __init__(self, head: CardHead, body: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.head, self.body = head, body
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addWidget(body)
        body.hide()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)

    @property
    def is_open(self) -> bool:
        """Whether the body is shown."""
        return self.head.isChecked()

    def set_open(self, on: bool) -> None:
        """Open or close the card."""
        self.head.setChecked(on)
        self.body.setVisible(on)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        theme = theme_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.color("border" if self.is_open else "hairline"))
        painter.setBrush(theme.color("surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
