"""Draws how the values of a column are spread: in a cell of a table, and as a picture of its own."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.dialogs.dataset.portraits import BINS, Portrait
from ui.dialogs.tints import blend, theme_of
from ui.theme import Theme

_GAP = 1.0
_LOWEST = 1.5
_FOOT = 2.0


def draw_bars(
    painter: QPainter, room: QRectF, shown: Portrait, colours: list[QColor], theme: Theme, *, foot: bool = True
) -> None:
    """Draw the bars of a portrait.

    Parameters
    ----------
    room
        Where to.
    colours
        One for all bars, or one for each in turn.
    foot
        Whether a line below says how many cells are missing, by the share of it that is drawn as a warning.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    area = QRectF(room).adjusted(0, 0, 0, -(_FOOT + 2) if foot else 0)
    if shown.counts:
        # A few categories stand as broad as some bins, not as a wall.
        places = max(len(shown.counts), BINS // 2 if shown.labels else BINS)
        wide = area.width() / places
        top = max(shown.counts)
        lone = len(shown.counts) == 1 and not shown.labels
        for place, count in enumerate(shown.counts):
            if not count:
                continue
            height = max(_LOWEST, area.height() * count / top)
            left = area.left() + (area.width() / 2 - wide / 2 if lone else place * wide)
            bar = QRectF(left, area.bottom() - height, max(1.0, wide - _GAP), height)
            painter.setBrush(colours[place % len(colours)])
            painter.drawRect(bar)
    if foot:
        line = QRectF(area.left(), room.bottom() - _FOOT, area.width() - _GAP, _FOOT)
        painter.setBrush(theme.color("track"))
        painter.drawRect(line)
        if shown.missing > 0:
            share = max(2.0, line.width() * shown.missing)
            painter.setBrush(theme.color("warning"))
            painter.drawRect(QRectF(line.right() - share, line.top(), share, line.height()))
    painter.restore()


def bar_colours(theme: Theme, role: str, *, labels: bool) -> list[QColor]:
    """Return the colours for a column: a feature in the accent, a target's classes in theirs, the rest steps back."""
    if role == "target" and labels:
        return [QColor(each) for each in theme.classes]
    if role == "ignored":
        return [blend(theme.surface, theme.quiet, 0.45)]
    return [blend(theme.surface, theme.accent, 0.85)]


class Bars(QWidget):
    """A portrait with its bounds below it.

    Attributes
    ----------
    shown
        What is drawn; None for nothing.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.shown: Portrait | None = None
        self._role = "feature"

    def show_portrait(self, shown: Portrait | None, role: str) -> None:
        """Draw a portrait in the colours of a role."""
        self.shown, self._role = shown, role
        said = "" if shown is None else shown.sentence
        self.setToolTip(said)
        self.setAccessibleDescription(said)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(120, 40 + self.fontMetrics().height() + 4)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(70, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        theme, shown = theme_of(self), self.shown
        painter = QPainter(self)
        line = self.fontMetrics().height()
        room = QRectF(0, 0, self.width(), self.height() - line - 4)
        if shown is None or not shown.counts:
            painter.setPen(theme.color("quiet"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "no values" if shown is not None else "")
            return
        draw_bars(painter, room, shown, bar_colours(theme, self._role, labels=bool(shown.labels)), theme)
        painter.setPen(theme.color("quiet"))
        below = QRectF(0, self.height() - line, self.width(), line)
        first, last = self._bounds(shown)
        metrics = self.fontMetrics()
        if last and metrics.horizontalAdvance(first) + metrics.horizontalAdvance(last) + 12 < self.width():
            painter.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, last)
        text = metrics.elidedText(first, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    @staticmethod
    def _bounds(shown: Portrait) -> tuple[str, str]:
        if not shown.labels:
            low, high = shown.spelt_bounds
            return (f"all {low}", "") if shown.low == shown.high else (low, high)
        all_of_them = len(shown.labels) + shown.others
        return (", ".join(shown.labels), "") if all_of_them <= 4 else (f"{all_of_them:,} categories", "")


class Arrow(QWidget):
    """A quiet arrow from before to after, or just room between the two."""

    _shown = True

    def show_arrow(self, on: bool) -> None:
        """Draw the arrow, or leave the room empty."""
        self._shown = on
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(22, 40)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        if not self._shown:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme_of(self).color("quiet"))
        middle, right = 20.0, self.width() - 4.0
        painter.drawLine(QPointF(4, middle), QPointF(right, middle))
        head = QPainterPath(QPointF(right - 4, middle - 4))
        head.lineTo(right, middle)
        head.lineTo(right - 4, middle + 4)
        painter.drawPath(head)
