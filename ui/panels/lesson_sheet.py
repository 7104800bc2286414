"""The parts of a page of the lesson as widgets: a small table with figures that lead on, and a small curve."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.motion.story import number
from ui.panels.lesson_parts import Curve, Grid
from ui.panels.links import Link, Linked
from ui.theme import Theme, base_pixel_size, font

_GAP = 10.0
_INSET = 3.0
_POINTS = 600


class _Cell(NamedTuple):
    box: QRectF
    text: str
    field: str


class GridView(Linked):
    """Shows a `Grid`: names at the left, figures in columns at the right, which never become narrower."""

    def __init__(self, theme: Theme, tip: Callable[[Any], str]) -> None:
        super().__init__(theme, tip)
        self.grid = Grid("", (), ())
        self._widths: list[float] = []
        self._cells: list[_Cell] = []
        self._lines: list[float] = []

    def show_grid(self, grid: Grid, *, fresh: bool) -> None:
        """Show a table; `fresh` when it is another one, not the same with other figures."""
        if grid == self.grid:
            return
        if fresh or len(grid.heads) != len(self.grid.heads):
            self._widths, self.current = [], -1
        self.grid = grid
        rows = "; ".join(" ".join(cell.text for cell in row) for row in grid.rows)
        self.setAccessibleName(f"{grid.title or 'Table'}: {', '.join(filter(None, grid.heads))}; {rows}")
        self._place()

    def _place(self) -> None:
        """Put every cell where it belongs; names that are too long for that stand above their figures."""
        metrics, heads = QFontMetricsF(self._font()), QFontMetricsF(self._font(small=True))
        columns = range(1, len(self.grid.heads))
        wanted = [
            max([heads.horizontalAdvance(self.grid.heads[column]),
                 *(metrics.horizontalAdvance(row[column].text) for row in self.grid.rows)])
            for column in columns
        ]  # fmt: skip
        before = self._widths or [0.0] * len(wanted)
        self._widths = [max(one, other) for one, other in zip(wanted, before, strict=True)]
        room = self.width() - 2.0 * _INSET - sum(self._widths) - _GAP * len(wanted)
        stacked = any(metrics.horizontalAdvance(row[0].text) > room for row in self.grid.rows)
        self._cells, self._lines, links, top = [], [], [], 0.0
        beside = heads.horizontalAdvance(self.grid.title) <= room  # there the title is the head of the names
        if self.grid.title and not beside:
            self._cells.append(_Cell(QRectF(_INSET, top, self.width(), self._pitch), self.grid.title, "quiet"))
            top += self._pitch
        if any(self.grid.heads):
            boxes = self._boxes(top, room)
            words = (self.grid.title if beside else "", *self.grid.heads[1:])
            self._cells += [_Cell(box, head, "quiet") for box, head in zip(boxes, words, strict=True) if head]
            top += self._pitch
        for row in self.grid.rows:
            self._lines.append(top)
            if stacked:
                wide = self.width() - 2.0 * _INSET
                text = metrics.elidedText(row[0].text, Qt.TextElideMode.ElideMiddle, wide)
                self._cells.append(_Cell(QRectF(_INSET, top, wide, self._pitch), text, "text"))
                top += 0.86 * self._pitch
            for column, (box, cell) in enumerate(zip(self._boxes(top, room), row, strict=True)):
                if stacked and not column:
                    continue
                self._cells.append(_Cell(box, cell.text, "text" if cell.target is None else "link"))
                if cell.target is not None:
                    wide, high = metrics.horizontalAdvance(cell.text), metrics.height()
                    place = QRectF(box.right() - wide, box.center().y() - 0.5 * high, wide, high)
                    links.append(Link(place, cell.text, cell.target))
            top += self._pitch
        if round(top) + 2 != self.minimumHeight():
            self.setFixedHeight(round(top) + 2)
        self.put(links)
        self.update()

    def _boxes(self, top: float, room: float) -> list[QRectF]:
        """Return the cells of a line from the left: the name, then the figures at the right."""
        boxes, right = [], self.width() - _INSET
        for width in reversed(self._widths):
            boxes.append(QRectF(right - width, top, width, self._pitch))
            right -= width + _GAP
        return [QRectF(_INSET, top, max(1.0, room), self._pitch), *reversed(boxes)]

    @property
    def _pitch(self) -> float:
        return 1.42 * QFontMetricsF(self._font()).height()

    def _font(self, *, small: bool = False) -> Any:
        return font((0.92 if small else 1.0) * base_pixel_size(self.font()))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.theme.color("hairline"), 1.0))
        for top in self._lines:
            painter.drawLine(QPointF(0.0, top), QPointF(self.width(), top))
        for box, text, field in self._cells:
            painter.setPen(self.theme.color(field))
            painter.setFont(self._font(small=field == "quiet"))
            side = Qt.AlignmentFlag.AlignLeft if box.left() == _INSET else Qt.AlignmentFlag.AlignRight
            painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, text)
        for nth in range(len(self.links)):
            self.paint_link(painter, nth)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange):
            self._place()


class CurveLine(QWidget):
    """The loss over the epochs as one line, with its first and its last figure."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._curve: Curve | None = None
        self.setObjectName("lesson.curve")
        self.setToolTip("The mean loss of the training rows in every epoch; the panel Curves has the axes")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(round(7.5 * base_pixel_size(self.font())))

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        self.update()

    def show_curve(self, curve: Curve) -> None:
        """Show other values."""
        self._curve = curve
        self.setAccessibleName(f"{curve.title}: {self._ends[0]} to {self._ends[1]} in {len(curve.values) - 1:,} epochs")
        self.update()

    @property
    def _ends(self) -> tuple[str, str]:
        values = self._curve.values if self._curve is not None else np.zeros(1)
        return number(float(values[0])), number(float(values[-1]))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        if self._curve is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        small = font(0.92 * base_pixel_size(self.font()))
        high = QFontMetricsF(small).height()
        painter.setFont(small)
        box = QRectF(self.rect()).adjusted(_INSET, high + 4.0, -_INSET, -high - 3.0)
        painter.setPen(QPen(self.theme.color("hairline"), 1.0))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        painter.setPen(self.theme.color("quiet"))
        first, last = self._ends
        top, left, right = (
            QRectF(box.left(), 0.0, box.width(), high),
            Qt.AlignmentFlag.AlignLeft,
            Qt.AlignmentFlag.AlignRight,
        )
        painter.drawText(top, left, f"{self._curve.title} {first}")
        painter.drawText(top, right, last)
        below = QRectF(box.left(), box.bottom() + 2.0, box.width(), high)
        first_epoch = self._curve.first
        painter.drawText(below, left, f"epoch {first_epoch:,}")
        painter.drawText(below, right, f"epoch {first_epoch + len(self._curve.values) - 1:,}")
        line = self._line(box)
        painter.setPen(QPen(self.theme.color("accent"), 1.8))
        painter.drawPolyline(line)
        painter.end()

    def _line(self, box: QRectF) -> QPolygonF:
        values = self._curve.values if self._curve is not None else np.zeros(1)
        places = np.unique(np.linspace(0, len(values) - 1, min(len(values), _POINTS)).astype(np.int64))
        finite = places[np.isfinite(values[places])]
        if not len(finite):
            return QPolygonF()
        largest = float(values[finite].max()) or 1.0
        x = box.left() + box.width() * finite / max(1, len(values) - 1)
        y = box.bottom() - box.height() * np.clip(values[finite] / largest, 0.0, 1.0)
        return QPolygonF([QPointF(*pair) for pair in zip(x.tolist(), y.tolist(), strict=True)])
