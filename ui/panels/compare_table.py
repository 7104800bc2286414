"""The table of a comparison: figures, settings that differ, and the weights that changed most, which can be clicked."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from ui.panels.compare_words import Line
from ui.theme import Theme, base_pixel_size, font

Edge = tuple[int, int, int]
_LEAST = 7
_HEADS = ("", "Then", "Now")
_AIR, _NARROWEST, _WIDEST = 14.0, 64.0, 280


class ComparisonTable(QTableWidget):
    """Lines of what, then and now.

    Signals
    -------
    chosen
        (layer, source, target): the weight of a line was clicked, or chosen by Enter.
    pointed
        The same for what the pointer is on, or None.
    """

    chosen = Signal(object)
    pointed = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(0, len(_HEADS))
        self.setObjectName("compare.table")
        self.setAccessibleName("What differs")
        self.setToolTip("A weight's line selects it")
        self.theme = theme
        self._lines: tuple[Line, ...] = ()
        self._on: Edge | None = None
        self._figure = 0.0
        self.setHorizontalHeaderLabels(_HEADS)
        self.verticalHeader().hide()
        self.horizontalHeader().setSectionsClickable(False)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setShowGrid(False)
        self.setFrameShape(QTableWidget.Shape.NoFrame)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.verticalHeader().setDefaultSectionSize(round(1.65 * base_pixel_size(self.font())))
        self.verticalHeader().setMinimumSectionSize(4)
        self.cellClicked.connect(lambda row, _column: self._choose(row))
        self.cellActivated.connect(lambda row, _column: self._choose(row))
        self.cellEntered.connect(lambda row, _column: self._point(self._edge(row)))

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show other lines; those that stay what they were keep the place of the scroll bar and of the keyboard."""
        lines = tuple(lines)
        if lines == self._lines:
            return
        before, self._lines = self._lines, lines
        self._measure()
        if self.rowCount() != len(lines):
            self.setRowCount(len(lines))
        for row, line in enumerate(lines):
            if row >= len(before) or before[row] != line:
                self._write(row, line)

    def _write(self, row: int, line: Line) -> None:
        heading = bool(line.what) and not line.then and not line.now
        span = len(_HEADS) if heading else 1
        if self.columnSpan(row, 0) != span:
            self.setSpan(row, 0, 1, span)
        for column, text in enumerate((line.what, line.then, line.now)):
            item = self.item(row, column)
            if item is None:
                item = QTableWidgetItem()
                self.setItem(row, column, item)
            item.setText(text)
            item.setToolTip(line.tip or text)
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            ink = "text" if column == len(_HEADS) - 1 or heading else "link" if line.edge and not column else "quiet"
            item.setForeground(QColor(self.theme.color(ink)))
            item.setFont(font(base_pixel_size(self.font()), bold=heading))
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | (Qt.ItemFlag.NoItemFlags if heading else _SELECTABLE))

    def _edge(self, row: int) -> Edge | None:
        return self._lines[row].edge if 0 <= row < len(self._lines) else None

    def _choose(self, row: int) -> None:
        if self._edge(row) is not None:
            self.chosen.emit(self._edge(row))

    def _point(self, edge: Edge | None) -> None:
        if edge != self._on:
            self._on = edge
            self.pointed.emit(edge)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        for row, line in enumerate(self._lines):
            self._write(row, line)

    # -- Qt's events --------------------------------------------------------------------------------------------

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Leave:
            self._point(None)
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._share()

    def _measure(self) -> None:
        """Make room for the longest figure; columns never become narrower, so that nothing jumps while numbers run."""
        metrics = QFontMetricsF(self.font())
        longest = max(metrics.horizontalAdvance(text) for line in self._lines for text in (line.then, line.now))
        if longest + _AIR > self._figure:
            self._figure = longest + _AIR
            self._share()

    def _share(self) -> None:
        room = self.viewport().width()
        figure = round(min(0.34 * room, max(self._figure, _NARROWEST)))
        for column in (1, 2):
            self.setColumnWidth(column, figure)
        self.setColumnWidth(0, min(_WIDEST, room - 2 * figure))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(320, _LEAST * self.verticalHeader().defaultSectionSize())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(200, 60)


_SELECTABLE = Qt.ItemFlag.ItemIsSelectable
