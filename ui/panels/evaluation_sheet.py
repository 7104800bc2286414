"""Figures in lines and columns, with bars; a figure leads to its rows."""

from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from ui.panels.evaluation_figures import HEADS, Figure, Line, lines_of
from ui.panels.evaluation_values import Classes, Values
from ui.theme import Theme, base_pixel_size, font

Index = QModelIndex | QPersistentModelIndex


class _Model(QAbstractTableModel):
    """Lines of figures."""

    def __init__(self) -> None:
        super().__init__()
        self.heads: tuple[str, ...] = ()
        self.lines: list[Line] = []

    def show_lines(self, heads: tuple[str, ...], lines: list[Line]) -> bool:
        """Show other figures; return whether there are other lines."""
        fresh = (heads, [line[0].text for line in lines]) != (self.heads, [line[0].text for line in self.lines])
        if fresh and (len(lines), heads) != (len(self.lines), self.heads):
            self.beginResetModel()
            self.heads, self.lines = heads, lines
            self.endResetModel()
        else:
            self.lines = lines
            if lines:
                self.dataChanged.emit(self.index(0, 0), self.index(len(lines) - 1, len(heads) - 1))
        return fresh

    def figure(self, index: Index) -> Figure:
        """Return what stands in a cell."""
        return self.lines[index.row()][index.column()]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's name and default
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's name and default
        return 0 if parent.isValid() else len(self.heads)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        figure = self.figure(index)
        if role == Qt.ItemDataRole.DisplayRole:
            return figure.text
        if role == Qt.ItemDataRole.ToolTipRole:
            return figure.tip or None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.lines[index.row()][0].text}, {self.heads[index.column()]}: {figure.text}"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.heads[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if section == 0 else Qt.AlignmentFlag.AlignRight
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None


class _Delegate(QStyledItemDelegate):
    """Draws a figure above its bar."""

    def __init__(self, sheet: "Sheet") -> None:
        super().__init__(sheet)
        self._sheet = sheet

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        view: Any = option  # the stubs leave out what an option holds
        theme, figure, place = self._sheet.theme, self._sheet.figures.figure(index), QRectF(view.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        style = font(base_pixel_size(self._sheet.font()))
        painter.setFont(style)
        if index.row() == self._sheet.parted:  # what follows is of all classes together
            painter.setPen(QPen(theme.color("border"), 1.0))
            painter.drawLine(place.topLeft(), place.topRight())
        barred = np.isfinite(figure.share)
        text = place.adjusted(4.0, 0.0, -6.0, -4.0 if barred else 0.0)
        first = index.column() == 0
        if first and index.row() < self._sheet.coloured:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.classes[index.row() % len(theme.classes)]))
            painter.drawEllipse(QPointF(text.left() + 4.0, place.center().y()), 3.5, 3.5)
            text.setLeft(text.left() + 13.0)
        painter.setPen(theme.color("quiet" if figure.text == "–" else "text"))
        side = Qt.AlignmentFlag.AlignLeft if first else Qt.AlignmentFlag.AlignRight
        shown = figure.text
        if first:  # all other columns are as wide as their figures
            shown = QFontMetricsF(style).elidedText(shown, Qt.TextElideMode.ElideMiddle, text.width() + 1.0)
        painter.drawText(text, side | Qt.AlignmentFlag.AlignVCenter, shown)
        if barred:
            bar = QRectF(place.left() + 5.0, place.bottom() - 6.0, place.width() - 11.0, 3.0)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("track"))
            painter.drawRoundedRect(bar, 1.5, 1.5)
            share = min(max(figure.share, 0.0), 1.0)
            if share > 0.005:
                painter.setBrush(theme.color("accent"))
                painter.drawRoundedRect(QRectF(bar.left(), bar.top(), max(3.0, share * bar.width()), 3.0), 1.5, 1.5)
        if index == self._sheet.currentIndex() and self._sheet.hasFocus():
            painter.setPen(QPen(theme.color("accent"), 1.4))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(place.adjusted(1.0, 1.0, -1.5, -1.5), 3.0, 3.0)
        painter.restore()


class Sheet(QTableView):
    """The figures of a task.

    Signals
    -------
    rows_wanted
        (rows, what they are): somebody clicked a figure of some rows.
    row_chosen
        int: somebody clicked a figure of one row.
    said
        A sentence about what the pointer is on; empty for nothing.
    """

    rows_wanted = Signal(object, str)
    row_chosen = Signal(int)
    said = Signal(str)

    def __init__(self, name: str, title: str, theme: Theme) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.theme = theme
        self.found: Classes | Values | None = None
        self.coloured, self.parted = 0, -1
        self.figures = _Model()
        self.setModel(self.figures)
        self.setItemDelegate(_Delegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(round(1.85 * base_pixel_size(self.font())))
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setMinimumSectionSize(20)
        self.viewport().setAutoFillBackground(False)

    def show_judged(self, found: Classes | Values) -> None:
        """Show other figures."""
        self.found = found
        lines = lines_of(found)
        classes = isinstance(found, Classes)
        self.coloured = len(found.names) if isinstance(found, Classes) else 0
        self.parted = self.coloured if classes else -1
        if self.figures.show_lines(HEADS["classification" if classes else "regression"], lines):
            self._fit()
        self.viewport().update()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        self.viewport().update()

    def mark(self, chosen: int | None, pointed: int | None) -> None:
        """Nothing here is about one row."""

    def _fit(self) -> None:
        """Share the width: figures take what they need, the names the rest."""
        heads = self.figures.heads
        if not heads:
            return
        metrics = QFontMetricsF(font(base_pixel_size(self.font())))
        widths = []
        for column, head in enumerate(heads):
            texts = [head, *(line[column].text for line in self.figures.lines)]
            widths.append(round(max(metrics.horizontalAdvance(text) for text in texts)) + (28 if column == 0 else 14))
        room = self.viewport().width()
        spare = room - sum(widths)
        if spare < 0:
            widths[0] = max(round(0.28 * room), widths[0] + spare)
        elif len(heads) > 2:  # bars grow with the panel
            more = min(spare // (len(heads) + 1), 70)
            widths[1:4] = [width + more for width in widths[1:4]]
            widths[0] += min(spare - 3 * more, 60)
        else:
            widths[1] += min(spare, 60)
        for column, width in enumerate(widths):
            self.setColumnWidth(column, width)

    # -- mouse and keys -----------------------------------------------------------------------------------------

    def open(self, index: Index) -> None:
        """Follow a figure to its rows."""
        if not index.isValid() or self.found is None:
            return
        figure = self.figures.figure(index)
        if figure.row >= 0:
            self.row_chosen.emit(figure.row)
        elif figure.opens and isinstance(self.found, Classes):
            name, head = self.figures.lines[index.row()][0].text, self.figures.heads[index.column()]
            title = {"Precision": f"Taken for {name}", "F1": f"Mistakes about {name}"}.get(head, name)
            rows = np.concatenate([self.found.cell(*cell) for cell in figure.opens])
            self.rows_wanted.emit(rows, title)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self.open(self.indexAt(event.position().toPoint()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        figure = self.figures.figure(index) if index.isValid() else Figure("")
        leads = bool(figure.opens) or figure.row >= 0
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if leads else Qt.CursorShape.ArrowCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._fit()
