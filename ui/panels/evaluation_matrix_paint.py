"""Paints a confusion matrix: cells coloured by share, names, totals, and what is marked."""

import dataclasses

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from ui.canvas import colour
from ui.canvas.picture import grouped
from ui.panels.evaluation_matrix_grid import Grid
from ui.panels.evaluation_matrix_words import Cell
from ui.panels.evaluation_values import Classes
from ui.theme import Theme, font

_FEW = 6
"""With more classes a zero is a dot: what is not zero is seen better."""


@dataclasses.dataclass(frozen=True, eq=False)
class Tints:
    """Shares of the cells (classes, classes), their colours (…, 3), and whether the ink on them is dark."""

    shares: NDArray[np.float64]
    colours: NDArray[np.float64]
    dark: NDArray[np.bool_]


def tinted(found: Classes, mode: str, theme: Theme) -> Tints:
    """Return the colours of the cells: blue where it is right, orange where it is not."""
    counts = found.confusion.astype(np.float64)
    whole = counts.sum(axis=0, keepdims=True) if mode == "column" else counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, whole, out=np.full(counts.shape, np.nan), where=whole > 0)
    right = np.eye(len(counts), dtype=np.bool_)[..., None]
    ground = colour.rgb(theme.surface)
    strength = np.nan_to_num(shares)[..., None]
    good = colour.mix(ground, colour.rgb(theme.positive), 0.06 + 0.94 * strength)
    # Mistakes are few: one in a hundred is seen.
    bad = colour.mix(ground, colour.rgb(theme.negative), np.where(strength > 0, 0.12 + 0.88 * np.sqrt(strength), 0))
    colours = np.where(right, good, bad)
    dark, light = (colour.contrast(colours, colour.rgb(each)) for each in (theme.node_dark, theme.node_light))
    return Tints(shares, colours, dark >= light)


@dataclasses.dataclass(frozen=True, eq=False)
class Marks:
    """What is marked: the cells of the chosen row, of the row that is pointed at, of the pointer and of the keys."""

    chosen: Cell | None
    lit: Cell | None
    hovered: Cell | None
    current: Cell | None


@dataclasses.dataclass(frozen=True, eq=False)
class Painting:
    """One painting.

    Attributes
    ----------
    painter, theme, size
        On what, in which colours, and how large the view is.
    found, mode, tints
        What is counted, and whether counts are written or shares.
    grid, origin
        Where everything stands, and where the first cell does by now.
    marks
        What is marked.
    """

    painter: QPainter
    theme: Theme
    size: QSize
    found: Classes
    mode: str
    tints: Tints
    grid: Grid
    origin: QPointF
    marks: Marks

    def draw(self) -> None:
        """Paint it all."""
        painter, grid, size, found, marks = self.painter, self.grid, self.size, self.found, self.marks
        count = grid.count
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        body = QRectF(grid.left, grid.top, size.width() - grid.left, size.height() - grid.top)
        painter.save()
        painter.setClipRect(body)
        painter.setFont(self.grid.style)
        zeros: list[QPointF] = []
        lines, columns = grid.in_sight(body, self.origin)
        for true in lines:
            for taken in columns:
                place = self._place((true, taken))
                if count > _FEW and not found.confusion[true, taken]:
                    painter.fillRect(place.adjusted(1.0, 1.0, -1.0, -1.0), self.theme.color("surface"))
                    zeros.append(place.center())
                else:
                    self._paint_cell(place, true, taken)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(self.theme.color("quiet"), 2.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap))
        painter.drawPoints(QPolygonF(zeros))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_totals()
        for cell, field, width in (
            (marks.lit, "text", 1.4),
            (marks.hovered, "quiet", 1.2),
            (marks.current, "accent", 2.0),
        ):
            if cell is not None:
                self._frame(cell, field, width)
        painter.restore()
        self._paint_names()

    def _frame(self, cell: Cell, field: str, width: float) -> None:
        painter = self.painter
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self.theme.color(field), width))
        painter.drawRoundedRect(self._place(cell).adjusted(1.5, 1.5, -1.5, -1.5), 3.0, 3.0)

    def _paint_cell(self, place: QRectF, true: int, taken: int) -> None:
        painter, theme, count = self.painter, self.theme, int(self.found.confusion[true, taken])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(*np.rint(self.tints.colours[true, taken]).astype(int).tolist()))
        painter.drawRoundedRect(place.adjusted(1.0, 1.0, -1.0, -1.0), 3.0, 3.0)
        share = self.tints.shares[true, taken]
        text = "–" if np.isnan(share) else f"{100 * share:.1f}"
        text = grouped(count) if self.mode == "count" else text
        ink = (
            theme.color("quiet")
            if not count
            else theme.color("node_dark" if self.tints.dark[true, taken] else "node_light")
        )
        painter.setPen(ink)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
        if self.marks.chosen == (true, taken):  # the chosen row is one of these
            painter.setPen(QPen(ink, 1.4))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(place.right() - 8.0, place.top() + 8.0), 3.0, 3.0)

    def _paint_totals(self) -> None:
        painter, counts = self.painter, self.found.confusion
        painter.setFont(self.grid.small)
        painter.setPen(self.theme.color("quiet"))
        middle = Qt.AlignmentFlag.AlignCenter
        for k in range(self.grid.count):
            right = self._place((k, -1)).adjusted(0, 0, -3, 0)
            painter.drawText(
                right, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, grouped(int(counts[k].sum()))
            )
            painter.drawText(self._place((-1, k)), middle, grouped(int(counts[:, k].sum())))
        corner = self._place((-1, -1)).adjusted(0, 0, -3, 0)
        painter.drawText(
            corner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, grouped(len(self.found.rows))
        )

    def _paint_names(self) -> None:
        painter, theme, names, metrics = self.painter, self.theme, self.found.names, QFontMetricsF(self.grid.small)
        count = self.grid.count
        size, line = self.size, self.grid.line
        right_edge = min(size.width(), self.origin.x() + count * self.grid.wide)
        bottom_edge = min(size.height(), self.origin.y() + count * self.grid.high)
        painter.setFont(self.grid.small)
        painter.setPen(theme.color("quiet"))
        painter.drawText(
            QRectF(self.grid.left, 0, max(0.0, right_edge - self.grid.left), line),
            Qt.AlignmentFlag.AlignCenter,
            "Predicted",
        )
        painter.save()
        painter.translate(0, bottom_edge)
        painter.rotate(-90)
        painter.drawText(
            QRectF(0, 0, max(0.0, bottom_edge - self.grid.top), line), Qt.AlignmentFlag.AlignCenter, "True"
        )
        painter.restore()
        lit = self.marks.hovered or (-2, -2)
        painter.save()
        painter.setClipRect(QRectF(0, self.grid.top, self.grid.left, size.height() - self.grid.top))
        for k, name in enumerate(names):
            place = self._place((k, 0))
            painter.setPen(theme.color("text"))
            text = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, self.grid.names)
            style = font(self.grid.small.pixelSize(), bold=lit[0] == k)
            painter.setFont(style)
            room = QRectF(line, place.y(), self.grid.names + 3.0, place.height())
            painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()
        painter.setClipRect(QRectF(self.grid.left, 0, size.width() - self.grid.left, self.grid.top))
        for k, name in enumerate(names):
            place = self._place((0, k))
            painter.setPen(theme.color("text"))
            painter.setFont(font(self.grid.small.pixelSize(), bold=lit[1] == k))
            if self.grid.upright:
                painter.save()
                painter.translate(place.x(), line + self.grid.head)
                painter.rotate(-90)
                text = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, self.grid.head - 2.0)
                painter.drawText(QRectF(0, 0, self.grid.head + 2.0, place.width()), Qt.AlignmentFlag.AlignVCenter, text)
                painter.restore()
            else:
                text = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, place.width() - 3.0)
                painter.drawText(
                    QRectF(place.x(), line, place.width(), self.grid.head), Qt.AlignmentFlag.AlignCenter, text
                )

    def _place(self, cell: Cell) -> QRectF:
        return self.grid.place(cell, self.origin)
