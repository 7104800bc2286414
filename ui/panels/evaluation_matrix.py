"""The confusion matrix: how often each class was taken for each class, with totals; a cell leads to its rows."""

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from ui.canvas.picture import grouped
from ui.panels.evaluation_matrix_grid import Grid, measured
from ui.panels.evaluation_matrix_paint import Marks, Painting, Tints, tinted
from ui.panels.evaluation_matrix_words import Cell, sentence, title
from ui.panels.evaluation_plot import keeps_arrows
from ui.panels.evaluation_values import Classes
from ui.theme import Theme, base_pixel_size

_STEPS = {Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0), Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1)}


class ConfusionMatrix(QAbstractScrollArea):
    """Cells coloured by share: blue where it is right, orange where it is not.

    Signals
    -------
    rows_wanted
        (rows, what they are): somebody clicked a cell, a name or a total.
    said
        What stands under the pointer or at the keyboard's place, in a sentence; empty for nothing.
    pointed
        The class whose output the pointer is on, or −1.
    """

    rows_wanted = Signal(object, str)
    said = Signal(str)
    pointed = Signal(int)

    found: Classes | None = None

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("evaluation.matrix")
        self.setAccessibleName("Confusion matrix")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCornerWidget(QWidget())
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.theme = theme
        self.mode = "count"
        self.current: Cell = (0, 0)
        self.hovered: Cell | None = None
        self._marked: Cell | None = None
        self._lit: Cell | None = None
        self.grid: Grid | None = None
        self._tints: Tints | None = None
        for bar in (self.horizontalScrollBar(), self.verticalScrollBar()):
            bar.valueChanged.connect(lambda _value: self.viewport().update())

    # -- what is shown ------------------------------------------------------------------------------------------

    def show_judged(self, found: Classes) -> None:
        """Show other counts."""
        fresh = self.found is None or self.found.names != found.names
        self.found = found
        if fresh:
            self.current, self.hovered, self._marked, self._lit = (0, 0), None, None, None
        self._tints = tinted(found, self.mode, self.theme)
        self._measure()
        spoken = f"{grouped(found.mistakes)} of {grouped(len(found.rows))} rows are taken for another class"
        self.setAccessibleDescription(spoken)
        if self.hovered is not None:
            self.said.emit(sentence(found, self.hovered))
        self.viewport().update()

    def show_mode(self, mode: str) -> None:
        """Show counts ("count"), shares of the true ("row") or of the predicted class ("column")."""
        self.mode = mode
        if self.found is not None:
            self.show_judged(self.found)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        if self.found is not None:
            self._tints = tinted(self.found, self.mode, theme)
        self.viewport().update()

    def mark(self, chosen: int | None, pointed: int | None) -> None:
        """Mark where the chosen row and the row that a pointer is on are counted, by their places among the rows."""
        cells: list[Cell | None] = []
        for row in (chosen, pointed):
            place = None if self.found is None or row is None else np.flatnonzero(self.found.rows == row)
            if self.found is None or place is None or not len(place):
                cells.append(None)
            else:
                cells.append((int(self.found.truth[place[0]]), int(self.found.taken[place[0]])))
        if (self._marked, self._lit) != tuple(cells):
            self._marked, self._lit = cells
            self.viewport().update()

    def open(self, cell: Cell) -> None:
        """Ask for the rows of a cell."""
        if self.found is None:
            return
        if cell == (-1, -1):  # the corner: what is wrong
            self.rows_wanted.emit(self.found.rows[self.found.truth != self.found.taken], "Mistakes")
        else:
            self.rows_wanted.emit(self.found.cell(*cell), title(self.found, cell))

    # -- sizes --------------------------------------------------------------------------------------------------

    def _measure(self) -> None:
        """Work out where everything stands."""
        if self.found is None:
            return
        size = self.viewport().size()
        self.grid = measured(self.found, self.mode, size, base_pixel_size(self.font()))
        content = self.grid.content
        for bar, whole, room, step in (
            (self.horizontalScrollBar(), content[0], size.width(), self.grid.wide),
            (self.verticalScrollBar(), content[1], size.height(), self.grid.high),
        ):
            bar.setRange(0, max(0, round(whole - room)))
            bar.setPageStep(room)
            bar.setSingleStep(round(step))

    @property
    def _origin(self) -> QPointF:
        """Where the first cell stands."""
        across, down = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
        left, top = (0.0, 0.0) if self.grid is None else (self.grid.left, self.grid.top)
        return QPointF(left - across, top - down)

    def place(self, cell: Cell) -> QRectF:
        """Return where a cell or a total stands in the view."""
        return QRectF() if self.grid is None else self.grid.place(cell, self._origin)

    def cell_at(self, spot: QPointF) -> Cell | None:
        """Return what is at a spot: a cell, a name (which stands for all of its line), or a total."""
        return None if self.grid is None else self.grid.cell_at(spot, self._origin)

    # -- painting -----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        if self.found is None or self.grid is None or self._tints is None:
            return
        marks = Marks(self._marked, self._lit, self.hovered, self.current if self.hasFocus() else None)
        painter = QPainter(self.viewport())
        Painting(
            painter, self.theme, self.viewport().size(), self.found, self.mode, self._tints, self.grid, self._origin,
            marks,
        ).draw()  # fmt: skip
        painter.end()

    # -- mouse and keys -----------------------------------------------------------------------------------------

    def _hover(self, cell: Cell | None) -> None:
        if cell == self.hovered:
            return
        self.hovered = cell
        text = "" if cell is None or self.found is None else sentence(self.found, cell)
        self.said.emit(text)
        self.viewport().setToolTip(text and f"{text}\nClick to see them in the table.")
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor if cell is None else Qt.CursorShape.PointingHandCursor)
        self.pointed.emit(-1 if cell is None else cell[1])
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self._hover(self.cell_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        cell = self.cell_at(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self.current = cell
            self.open(cell)
            self.viewport().update()

    def event(self, event: QEvent) -> bool:
        return keeps_arrows(event) or super().event(event)

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Leave:
            self._hover(None)
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        step = _STEPS.get(Qt.Key(event.key()))
        if self.found is None or (step is None and event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter)):
            super().keyPressEvent(event)
            return
        if step is None:
            self.open(self.current)
            return
        count = len(self.found.names)
        true, taken = ((count if each < 0 else each) + by for each, by in zip(self.current, step, strict=True))
        true, taken = min(max(true, 0), count), min(max(taken, 0), count)
        self.current = (-1 if true == count else true, -1 if taken == count else taken)
        self._reveal(self.place(self.current))
        self.said.emit(sentence(self.found, self.current))
        self.setAccessibleDescription(sentence(self.found, self.current))
        self.viewport().update()

    def _reveal(self, place: QRectF) -> None:
        size = self.viewport().size()
        if self.grid is None:
            return
        for bar, low, high, first, room in (
            (self.horizontalScrollBar(), place.left(), place.right(), self.grid.left, size.width()),
            (self.verticalScrollBar(), place.top(), place.bottom(), self.grid.top, size.height()),
        ):
            if low < first:
                bar.setValue(bar.value() - round(first - low))
            elif high > room:
                bar.setValue(bar.value() + round(high - room))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._measure()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._measure()
