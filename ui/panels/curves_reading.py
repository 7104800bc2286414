"""What is written over the curves: which line is which, and the figures of the epoch under the pointer."""

import dataclasses

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from ui.theme import Theme, base_pixel_size, font

_EDGE, _GAP, _STROKE = 8.0, 10.0, 14.0


@dataclasses.dataclass(frozen=True)
class Entry:
    """A name in the legend: its colour, and whether its line is dotted."""

    name: str
    colour: str
    dotted: bool = False


class Legend(QWidget):
    """The names of the lines in one row; what has no room is counted."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("curves.legend")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.entries: tuple[Entry, ...] = ()
        self._theme: Theme | None = None

    def show_entries(self, entries: tuple[Entry, ...], theme: Theme) -> None:
        """Show these names."""
        if (entries, theme) == (self.entries, self._theme):
            return
        self.entries, self._theme = entries, theme
        names = ", ".join(entry.name for entry in entries)
        self.setAccessibleName(f"Lines: {names}")
        self.setToolTip("\n".join(f"{entry.name}{' (dotted)' if entry.dotted else ''}" for entry in entries))
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(0, round(1.35 * base_pixel_size(self.font())))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        if self._theme is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.draw(painter, float(self.width()))
        painter.end()

    def draw(self, painter: QPainter, width: float) -> None:
        """Draw the row from the left edge of what is painted."""
        if self._theme is None:
            return
        made = font(0.88 * base_pixel_size(self.font()))
        metrics, height = QFontMetricsF(made), float(self.sizeHint().height())
        painter.setFont(made)
        x, middle = 12.0, 0.5 * height
        for nth, entry in enumerate(self.entries):
            rest = len(self.entries) - nth - 1
            more = metrics.horizontalAdvance(f"+{rest + 1}") + _GAP if rest else 0.0
            room = width - x - _STROKE - 4.0 - _GAP - more
            whole = metrics.horizontalAdvance(entry.name)
            if nth and room < min(whole, 40.0):
                painter.setPen(self._theme.color("quiet"))
                painter.drawText(QRectF(x, 0.0, width - x, height), Qt.AlignmentFlag.AlignVCenter, f"+{rest + 1}")
                return
            style = Qt.PenStyle.DotLine if entry.dotted else Qt.PenStyle.SolidLine
            painter.setPen(QPen(QColor(entry.colour), 2.0, style))
            painter.drawLine(QPointF(x, middle), QPointF(x + _STROKE, middle))
            text = metrics.elidedText(entry.name, Qt.TextElideMode.ElideRight, max(room, 12.0))
            painter.setPen(self._theme.color("quiet"))
            place = QRectF(x + _STROKE + 4.0, 0.0, metrics.horizontalAdvance(text) + 2.0, height)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)
            x = place.right() + _GAP


@dataclasses.dataclass(frozen=True)
class Row:
    """A line of the read-out: what it is, and its figure in every run, each with its colour."""

    name: str
    figures: tuple[tuple[str, str], ...]


class Reading(QLabel):
    """A small card beside the pointer; its text is what it says in plain words."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("curves.reading")
        self.setAccessibleName("Values under the pointer")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._title, self._heads, self._rows = "", (), ()
        self._theme: Theme | None = None
        self.hide()

    def show_rows(self, title: str, heads: tuple[tuple[str, str], ...], rows: tuple[Row, ...], theme: Theme) -> None:
        """Show figures.

        Parameters
        ----------
        title
            Which epoch.
        heads
            The name and colour of every run, where there are several.
        """
        self._title, self._heads, self._rows, self._theme = title, heads, rows, theme
        lines = [title, *([" | ".join(name for name, _ in heads)] if heads else [])]
        lines += [f"{row.name} {' | '.join(text for text, _ in row.figures)}" for row in rows]
        self.setText("\n".join(lines))
        self.setAccessibleDescription(self.text())
        self.resize(self.sizeHint())
        self.show()
        self.raise_()
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        super().clear()
        self._title, self._heads, self._rows = "", (), ()
        self.hide()

    def stand_by(self, place: QPoint, room: QRect) -> None:
        """Stand beside a place of the parent, inside of `room`, and not over the place."""
        x = place.x() + 14 if place.x() + 14 + self.width() <= room.right() else place.x() - 14 - self.width()
        if x < room.left():  # no room on either side: at the edge that is further away
            x = room.right() - self.width() if place.x() < room.center().x() else room.left()
        y = min(max(place.y() - self.height() // 2, room.top()), max(room.top(), room.bottom() - self.height()))
        self.move(max(room.left(), x), y)

    def _fonts(self) -> QFontMetricsF:
        made = font(0.88 * base_pixel_size(self.font()))
        return QFontMetricsF(made)

    def _columns(self, metrics: QFontMetricsF) -> tuple[float, list[float]]:
        """Return the width of the names, and of every run's figures."""
        names = max((metrics.horizontalAdvance(row.name) for row in self._rows), default=0.0)
        count = max((len(row.figures) for row in self._rows), default=0)
        widths = [max([metrics.horizontalAdvance("0.0000e-00"), *(
            metrics.horizontalAdvance(row.figures[nth][0]) for row in self._rows if nth < len(row.figures)
        )]) for nth in range(count)]  # fmt: skip
        return names, widths

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        metrics = self._fonts()
        names, widths = self._columns(metrics)
        wide = max(names + sum(width + _GAP for width in widths), metrics.horizontalAdvance(self._title))
        lines = 1 + bool(self._heads) + len(self._rows)
        return QSize(round(wide + 2 * _EDGE), round(lines * 1.3 * metrics.height() + _EDGE))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        theme = self._theme
        if theme is None or not self._title:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.color("border"))
        painter.setBrush(theme.color("raised"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6.0, 6.0)
        painter.setFont(font(0.88 * base_pixel_size(self.font())))
        metrics = self._fonts()
        high, y = 1.3 * metrics.height(), 0.5 * _EDGE
        names, widths = self._columns(metrics)
        painter.setPen(theme.color("quiet"))
        painter.drawText(QRectF(_EDGE, y, self.width() - 2 * _EDGE, high), Qt.AlignmentFlag.AlignVCenter, self._title)
        lines = [(Row("", tuple(self._heads)), True)] if self._heads else []
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        for row, head in [*lines, *((row, False) for row in self._rows)]:
            y += high
            painter.setPen(theme.color("quiet"))
            painter.drawText(QRectF(_EDGE, y, names + 2, high), Qt.AlignmentFlag.AlignVCenter, row.name)
            x = _EDGE + names
            for (text, colour), width in zip(row.figures, widths, strict=False):
                x += _GAP
                said = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
                painter.setPen(theme.color("text"))
                painter.drawText(QRectF(x, y, width, high), right, said)
                if head:
                    painter.setPen(QPen(QColor(colour), 2.0))
                    painter.drawLine(QPointF(x, y + high - 1.0), QPointF(x + width, y + high - 1.0))
                x += width
        painter.end()
