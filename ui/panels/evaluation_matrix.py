"""The confusion matrix: how often each class was taken for each class, with totals; a cell leads to its rows."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from ui.canvas import colour
from ui.canvas.picture import grouped
from ui.panels.evaluation_plot import keeps_arrows
from ui.panels.evaluation_values import Classes
from ui.theme import Theme, base_pixel_size, font

Cell = tuple[int, int]
"""The true and the predicted class; −1 for all of them together."""

_STEPS = {Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0), Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1)}
_FEW = 6
"""With more classes a zero is a dot: what is not zero is seen better."""

_LEFT_SHARE, _TOP_SHARE = 0.34, 0.3


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
        self._shares: NDArray[np.float64] = np.zeros((0, 0))
        self._colours: NDArray[np.float64] = np.zeros((0, 0, 3))
        self._dark: NDArray[np.bool_] = np.zeros((0, 0), np.bool_)
        for bar in (self.horizontalScrollBar(), self.verticalScrollBar()):
            bar.valueChanged.connect(lambda _value: self.viewport().update())

    # -- what is shown ------------------------------------------------------------------------------------------

    def show_judged(self, found: Classes) -> None:
        """Show other counts."""
        fresh = self.found is None or self.found.names != found.names
        self.found = found
        if fresh:
            self.current, self.hovered, self._marked, self._lit = (0, 0), None, None, None
        self._tint()
        self._measure()
        spoken = f"{grouped(found.mistakes)} of {grouped(len(found.rows))} rows are taken for another class"
        self.setAccessibleDescription(spoken)
        if self.hovered is not None:
            self.said.emit(self.sentence(self.hovered))
        self.viewport().update()

    def show_mode(self, mode: str) -> None:
        """Show counts ("count"), shares of the true ("row") or of the predicted class ("column")."""
        self.mode = mode
        if self.found is not None:
            self.show_judged(self.found)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        self._tint()
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

    def sentence(self, cell: Cell) -> str:
        """Return what is counted in a cell, in a sentence with both shares."""
        found = self.found
        if found is None:
            return ""
        true, taken = cell
        counts, names = found.confusion, found.names
        rows, count = len(found.rows), len(found.cell(true, taken))
        if true < 0 and taken < 0:
            return f"{grouped(found.mistakes)} of {grouped(rows)} rows are taken for another class"
        if true < 0:
            return (
                f"{grouped(count)} rows are taken for {names[taken]}, {grouped(int(counts[taken, taken]))} of them are"
            )
        if taken < 0:
            return f"{grouped(count)} rows are {names[true]}, {grouped(int(counts[true, true]))} of them are found"
        of_true, of_taken = int(counts[true].sum()), int(counts[:, taken].sum())
        what = f"{names[true]} found" if true == taken else f"{names[true]} taken for {names[taken]}"
        shares = [
            f"{100 * count / whole:.1f} % of {grouped(whole)} {text}"
            for whole, text in ((of_true, "that are"), (of_taken, "called so"))
            if whole
        ]
        return f"{what}: {grouped(count)}" + (f" ({', '.join(shares)})" if shares else "")

    def title(self, cell: Cell) -> str:
        """Return what the rows of a cell are called."""
        names = self.found.names if self.found is not None else ()
        true, taken = cell
        if true < 0:
            return "all" if taken < 0 else f"Taken for {names[taken]}"
        if taken < 0:
            return names[true]
        return f"{names[true]} found" if true == taken else f"{names[true]} taken for {names[taken]}"

    def open(self, cell: Cell) -> None:
        """Ask for the rows of a cell."""
        if self.found is None:
            return
        if cell == (-1, -1):  # the corner: what is wrong
            self.rows_wanted.emit(self.found.rows[self.found.truth != self.found.taken], "Mistakes")
        else:
            self.rows_wanted.emit(self.found.cell(*cell), self.title(cell))

    # -- colours and sizes --------------------------------------------------------------------------------------

    def _tint(self) -> None:
        found = self.found
        if found is None:
            return
        counts = found.confusion.astype(np.float64)
        whole = counts.sum(axis=0, keepdims=True) if self.mode == "column" else counts.sum(axis=1, keepdims=True)
        shares = np.divide(counts, whole, out=np.full(counts.shape, np.nan), where=whole > 0)
        theme, right = self.theme, np.eye(len(counts), dtype=np.bool_)[..., None]
        ground = colour.rgb(theme.surface)
        strength = np.nan_to_num(shares)[..., None]
        good = colour.mix(ground, colour.rgb(theme.positive), 0.06 + 0.94 * strength)
        # Mistakes are few: one in a hundred is seen.
        bad = colour.mix(ground, colour.rgb(theme.negative), np.where(strength > 0, 0.12 + 0.88 * np.sqrt(strength), 0))
        self._shares, self._colours = shares, np.where(right, good, bad)
        dark, light = (colour.contrast(self._colours, colour.rgb(each)) for each in (theme.node_dark, theme.node_light))
        self._dark = dark >= light

    def _measure(self) -> None:
        """Work out where everything stands."""
        found, base = self.found, base_pixel_size(self.font())
        if found is None:
            return
        self._style, self._small = font(base), font(0.9 * base)
        text, small = QFontMetricsF(self._style), QFontMetricsF(self._small)
        size, count = self.viewport().size(), len(found.names)
        longest = max(small.horizontalAdvance(name) for name in found.names)
        line = self._line = small.height()
        self._names = min(longest + 2.0, _LEFT_SHARE * size.width())
        left = line + self._names + 8.0
        widest = max(
            text.horizontalAdvance("100.0" if self.mode != "count" else grouped(int(found.confusion.max()))),
            text.horizontalAdvance("00"),
        )
        total = small.horizontalAdvance(grouped(max(len(found.rows), 10))) + 10.0
        last = 1.5 * line
        wide = (size.width() - left - total) / count
        self._wide = min(max(wide, widest + 4.0, 1.4 * line), 12.0 * base)
        # Names stand upright where they would be cut to nothing.
        self._upright = longest + 4.0 > self._wide and self._wide < 4.4 * base
        self._head = min(longest + 6.0, _TOP_SHARE * size.height()) if self._upright else line + 2.0
        top = line + self._head + 4.0
        high = (size.height() - top - last) / count
        self._high = min(max(high, 1.25 * text.height()), 7.0 * base)
        self._left, self._top, self._total, self._last = left, top, total, last
        content = (left + count * self._wide + total, top + count * self._high + last)
        for bar, whole, room, step in (
            (self.horizontalScrollBar(), content[0], size.width(), self._wide),
            (self.verticalScrollBar(), content[1], size.height(), self._high),
        ):
            bar.setRange(0, max(0, round(whole - room)))
            bar.setPageStep(room)
            bar.setSingleStep(round(step))

    @property
    def _origin(self) -> QPointF:
        """Where the first cell stands."""
        across, down = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
        return QPointF(self._left - across, self._top - down)

    def place(self, cell: Cell) -> QRectF:
        """Return where a cell or a total stands in the view."""
        count = 0 if self.found is None else len(self.found.names)
        origin, (true, taken) = self._origin, cell
        row, column = (count if true < 0 else true), (count if taken < 0 else taken)
        return QRectF(
            origin.x() + column * self._wide,
            origin.y() + row * self._high,
            self._total if taken < 0 else self._wide,
            self._last if true < 0 else self._high,
        )

    def cell_at(self, spot: QPointF) -> Cell | None:
        """Return what is at a spot: a cell, a name (which stands for all of its line), or a total."""
        if self.found is None:
            return None
        count, origin = len(self.found.names), self._origin
        row, column = (spot.y() - origin.y()) / self._high, (spot.x() - origin.x()) / self._wide
        named = (spot.x() < self._left, spot.y() < self._top)
        if all(named) or (not named[1] and row < 0) or (not named[0] and column < 0):
            return None
        past = (row >= count + self._last / self._high, column >= count + self._total / self._wide)
        if (past[0] and not named[1]) or (past[1] and not named[0]):
            return None
        true = -1 if named[1] or row >= count else int(row)
        taken = -1 if named[0] or column >= count else int(column)
        if (named[0] and true < 0) or (named[1] and taken < 0):
            return None
        return true, taken

    # -- painting -----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        found = self.found
        if found is None:
            return
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        size, count = self.viewport().size(), len(found.names)
        body = QRectF(self._left, self._top, size.width() - self._left, size.height() - self._top)
        painter.save()
        painter.setClipRect(body)
        painter.setFont(self._style)
        zeros: list[QPointF] = []
        lines, columns = self._in_sight(body)
        for true in lines:
            for taken in columns:
                place = self.place((true, taken))
                if count > _FEW and not found.confusion[true, taken]:
                    painter.fillRect(place.adjusted(1.0, 1.0, -1.0, -1.0), self.theme.color("surface"))
                    zeros.append(place.center())
                else:
                    self._paint_cell(painter, place, true, taken)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(self.theme.color("quiet"), 2.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap))
        painter.drawPoints(QPolygonF(zeros))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_totals(painter, count)
        for cell, field, width in ((self._lit, "text", 1.4), (self.hovered, "quiet", 1.2)):
            if cell is not None:
                self._frame(painter, cell, field, width)
        if self.hasFocus():
            self._frame(painter, self.current, "accent", 2.0)
        painter.restore()
        self._paint_names(painter, count)
        painter.end()

    def _in_sight(self, body: QRectF) -> tuple[range, range]:
        """Return which lines and which columns of cells are to be seen."""
        count, origin = 0 if self.found is None else len(self.found.names), self._origin
        spans = (
            (body.top(), body.bottom(), origin.y(), self._high),
            (body.left(), body.right(), origin.x(), self._wide),
        )
        first, last = (
            range(max(0, int((low - start) / step)), min(count, int((high - start) / step) + 1))
            for low, high, start, step in spans
        )
        return first, last

    def _frame(self, painter: QPainter, cell: Cell, field: str, width: float) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self.theme.color(field), width))
        painter.drawRoundedRect(self.place(cell).adjusted(1.5, 1.5, -1.5, -1.5), 3.0, 3.0)

    def _paint_cell(self, painter: QPainter, place: QRectF, true: int, taken: int) -> None:
        assert self.found is not None
        theme, count = self.theme, int(self.found.confusion[true, taken])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(*np.rint(self._colours[true, taken]).astype(int).tolist()))
        painter.drawRoundedRect(place.adjusted(1.0, 1.0, -1.0, -1.0), 3.0, 3.0)
        share = self._shares[true, taken]
        text = "–" if np.isnan(share) else f"{100 * share:.1f}"
        text = grouped(count) if self.mode == "count" else text
        ink = (
            theme.color("quiet") if not count else theme.color("node_dark" if self._dark[true, taken] else "node_light")
        )
        painter.setPen(ink)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
        if self._marked == (true, taken):  # the chosen row is one of these
            painter.setPen(QPen(ink, 1.4))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(place.right() - 8.0, place.top() + 8.0), 3.0, 3.0)

    def _paint_totals(self, painter: QPainter, count: int) -> None:
        assert self.found is not None
        counts = self.found.confusion
        painter.setFont(self._small)
        painter.setPen(self.theme.color("quiet"))
        middle = Qt.AlignmentFlag.AlignCenter
        for k in range(count):
            right = self.place((k, -1)).adjusted(0, 0, -3, 0)
            painter.drawText(
                right, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, grouped(int(counts[k].sum()))
            )
            painter.drawText(self.place((-1, k)), middle, grouped(int(counts[:, k].sum())))
        corner = self.place((-1, -1)).adjusted(0, 0, -3, 0)
        painter.drawText(
            corner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, grouped(len(self.found.rows))
        )

    def _paint_names(self, painter: QPainter, count: int) -> None:
        assert self.found is not None
        theme, names, metrics = self.theme, self.found.names, QFontMetricsF(self._small)
        size, line = self.viewport().size(), self._line
        right_edge = min(size.width(), self._origin.x() + count * self._wide)
        bottom_edge = min(size.height(), self._origin.y() + count * self._high)
        painter.setFont(self._small)
        painter.setPen(theme.color("quiet"))
        painter.drawText(
            QRectF(self._left, 0, max(0.0, right_edge - self._left), line), Qt.AlignmentFlag.AlignCenter, "Predicted"
        )
        painter.save()
        painter.translate(0, bottom_edge)
        painter.rotate(-90)
        painter.drawText(QRectF(0, 0, max(0.0, bottom_edge - self._top), line), Qt.AlignmentFlag.AlignCenter, "True")
        painter.restore()
        lit = self.hovered or (-2, -2)
        painter.save()
        painter.setClipRect(QRectF(0, self._top, self._left, size.height() - self._top))
        for k, name in enumerate(names):
            place = self.place((k, 0))
            painter.setPen(theme.color("text"))
            text = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, self._names)
            style = font(0.9 * base_pixel_size(self.font()), bold=lit[0] == k)
            painter.setFont(style)
            room = QRectF(line, place.y(), self._names + 3.0, place.height())
            painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()
        painter.setClipRect(QRectF(self._left, 0, size.width() - self._left, self._top))
        for k, name in enumerate(names):
            place = self.place((0, k))
            painter.setPen(theme.color("text"))
            painter.setFont(font(0.9 * base_pixel_size(self.font()), bold=lit[1] == k))
            if self._upright:
                painter.save()
                painter.translate(place.x(), line + self._head)
                painter.rotate(-90)
                text = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, self._head - 2.0)
                painter.drawText(QRectF(0, 0, self._head + 2.0, place.width()), Qt.AlignmentFlag.AlignVCenter, text)
                painter.restore()
            else:
                text = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, place.width() - 3.0)
                painter.drawText(QRectF(place.x(), line, place.width(), self._head), Qt.AlignmentFlag.AlignCenter, text)

    # -- mouse and keys -----------------------------------------------------------------------------------------

    def _hover(self, cell: Cell | None) -> None:
        if cell == self.hovered:
            return
        self.hovered = cell
        self.said.emit("" if cell is None else self.sentence(cell))
        self.viewport().setToolTip("" if cell is None else f"{self.sentence(cell)}\nClick to see them in the table.")
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
        self.said.emit(self.sentence(self.current))
        self.setAccessibleDescription(self.sentence(self.current))
        self.viewport().update()

    def _reveal(self, place: QRectF) -> None:
        size = self.viewport().size()
        for bar, low, high, first, room in (
            (self.horizontalScrollBar(), place.left(), place.right(), self._left, size.width()),
            (self.verticalScrollBar(), place.top(), place.bottom(), self._top, size.height()),
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
