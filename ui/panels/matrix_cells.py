"""How the cells of a matrix are painted, and the names of its rows and columns."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QHeaderView, QStyledItemDelegate, QStyleOptionViewItem

from ui.panels.matrix_model import Index, colours

if TYPE_CHECKING:
    from ui.panels.matrix_table import MatrixTable


class Tiles(QStyledItemDelegate):
    """Paints a cell: its colour, its number, and the outline of what is lit."""

    def __init__(self, table: "MatrixTable") -> None:
        super().__init__(table)
        self._table = table

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        table = self._table
        model, row, column = table.matrix_model, index.row(), index.column()
        rect: QRect = option.rect  # type: ignore[attr-defined]
        value = model.value(row, column)
        share = value / model.scale.clamp
        share = 0.0 if share != share else min(1.0, max(-1.0, share))
        back, ink = colours(table.theme, model.matrix.ramp)[round(127.5 + 127.5 * share)]
        painter.fillRect(rect.adjusted(0, 0, -1, -1), back)
        painter.setFont(table.figures)
        painter.setPen(ink)
        painter.drawText(rect.adjusted(1, 0, -5, -1), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                         model.text(row, column))  # fmt: skip
        lit_row, lit_column = model.lit
        if lit_row == row or lit_column == column:
            self._outline(painter, rect, row, column, lit_row, lit_column)
        if table.hasFocus() and index == table.currentIndex():
            painter.setPen(QPen(table.theme.color("accent"), 2, Qt.PenStyle.DotLine))
            painter.drawRect(rect.adjusted(3, 3, -5, -5))

    def _outline(
        self, painter: QPainter, rect: QRect, row: int, column: int, lit_row: int | None, lit_column: int | None
    ) -> None:
        """Draw this cell's part of the line round the lit row, column or cell."""
        if lit_row is not None and lit_column is not None and (row, column) != (lit_row, lit_column):
            return
        rows, columns = self._table.matrix_model.matrix.values.shape
        ends = {
            "top": lit_row is not None or row == 0,
            "bottom": lit_row is not None or row == rows - 1,
            "left": lit_column is not None or column == 0,
            "right": lit_column is not None or column == columns - 1,
        }
        line, thick = self._table.theme.color("text"), 2
        left, top, right, bottom = rect.left(), rect.top(), rect.right(), rect.bottom()
        sides = {
            "top": QRect(left, top, rect.width(), thick),
            "bottom": QRect(left, bottom - thick, rect.width(), thick),
            "left": QRect(left, top, thick, rect.height()),
            "right": QRect(right - thick, top, thick, rect.height()),
        }
        for side, drawn in ends.items():
            if drawn:
                painter.fillRect(sides[side], line)


class Heads(QHeaderView):
    """The names of rows or columns, quiet; that of what is lit stands out."""

    def __init__(self, orientation: Qt.Orientation, table: "MatrixTable") -> None:
        super().__init__(orientation, table)
        self._table = table
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(1)
        self.setSectionsClickable(False)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return self.size()  # Qt would ask for the names of hundreds of sections; the sizes are set

    def sectionSizeFromContents(self, logical: int) -> QSize:  # noqa: N802 - Qt's name
        return QSize(self.defaultSectionSize(), self.defaultSectionSize())

    def light(self, *sections: int | None) -> None:
        """Paint some names again."""
        for section in sections:
            if section is not None:
                place, size = self.sectionViewportPosition(section), self.defaultSectionSize()
                across = self.orientation() == Qt.Orientation.Horizontal
                port = self.viewport()
                self.viewport().update(
                    QRect(place, 0, size, port.height()) if across else QRect(0, place, port.width(), size)
                )

    def paintSection(self, painter: QPainter, rect: QRect, logical: int) -> None:  # noqa: N802 - Qt's name
        table = self._table
        across = self.orientation() == Qt.Orientation.Horizontal
        text = table.matrix_model.headerData(logical, self.orientation(), Qt.ItemDataRole.DisplayRole)
        lit = table.matrix_model.lit[1 if across else 0] == logical
        painter.fillRect(rect, table.theme.color("window"))
        painter.setFont(table.names_lit if lit else table.names)
        painter.setPen(table.theme.color("text" if lit else "quiet"))
        room = rect.adjusted(1, 0, -2, 0) if across else rect.adjusted(2, 0, -7, -1)
        side = Qt.AlignmentFlag.AlignHCenter if across else table.side
        metrics = QFontMetricsF(painter.font())
        lines = two_lines(str(text or ""), metrics, room.width()) if across else (str(text or ""),)
        shown = "\n".join(metrics.elidedText(line, Qt.TextElideMode.ElideRight, room.width()) for line in lines)
        painter.drawText(room, side | Qt.AlignmentFlag.AlignVCenter, shown)


def two_lines(text: str, metrics: QFontMetricsF, width: float) -> tuple[str, ...]:
    """Return a text in one line where there is room, else in two of about the same length."""
    words = text.split()
    if metrics.horizontalAdvance(text) <= width or len(words) < 2:
        return (text,)
    cuts = ((" ".join(words[:cut]), " ".join(words[cut:])) for cut in range(1, len(words)))
    return min(cuts, key=lambda pair: max(metrics.horizontalAdvance(line) for line in pair))
