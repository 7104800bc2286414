"""Any weight matrix as a heat map that is zoomed by the wheel and moved by dragging."""

import functools

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QStaticText,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.canvas.colour import Ramp
from ui.canvas.lettering import Hand, hand
from ui.canvas.picture import short_number
from ui.panels.weight_images_heads import SIDE, paint_heads
from ui.panels.weight_images_lens import Lens
from ui.panels.weight_images_paint import ramp_for, table_of
from ui.panels.weight_images_values import Sheet, codes
from ui.theme import Theme, base_pixel_size

Cell = tuple[int, int]
_ZOOM = 1.3
_MOVES = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
_OTHERS = (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus, Qt.Key.Key_0, Qt.Key.Key_Home, Qt.Key.Key_Return,
           Qt.Key.Key_Enter)  # fmt: skip


class HeatMap(QWidget):
    """Paints the cells in sight, their numbers where there is room, and the names of rows and columns.

    Signals
    -------
    pointed
        (row, column) of the cell under the pointer or the keys, or None; the row behind the last is the biases'.
    chosen
        The same for a cell that was clicked.
    """

    pointed = Signal(object)
    chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("weights.map")
        self.setAccessibleName("Weights as a heat map")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.theme = theme
        self.sheet: Sheet | None = None
        self.lens: Lens | None = None
        self.clamp = 1.0
        self.current: Cell | None = None
        self._chosen: tuple[int | None, int | None] = (None, None)
        self._lit: tuple[int | None, int | None] = (None, None)
        self._pressed: QPointF | None = None
        self._dragged = False
        self._heads = (0.0, 0.0)

    # -- what is shown ------------------------------------------------------------------------------------------

    def show_sheet(self, sheet: Sheet, clamp: float) -> None:
        """Show other numbers; a matrix of the same shape stays where it is."""
        before, self.sheet, self.clamp = self.sheet, sheet, clamp
        if before is None or self.lens is None or before.shape != sheet.shape or before.layer != sheet.layer:
            self.current = None
            self._measure()
            rows, columns = sheet.shape
            self.lens = Lens(rows, columns, *self._room()).fitted()
        self.update()

    def mark(self, chosen: tuple[int | None, int | None], lit: tuple[int | None, int | None]) -> None:
        """Mark a cell (row, column), a whole row (row, None) or column (None, column): chosen, and pointed at."""
        if (chosen, lit) != (self._chosen, self._lit):
            self._chosen, self._lit = chosen, lit
            self.update()

    def fit(self) -> None:
        """Show all cells."""
        if self.lens is not None:
            self.lens = self.lens.fitted()
            self.update()

    def zoom(self, factor: float, x: float | None = None, y: float | None = None) -> None:
        """Make cells larger or smaller about a point of the widget: the cell of the keys, or the middle."""
        lens = self.lens
        if lens is None:
            return
        if x is None or y is None:
            left, top, wide, high = lens.box(*self.current) if self.current else (0.0, 0.0, lens.width, lens.height)
            x, y = left + 0.5 * wide, top + 0.5 * high
        else:
            x, y = x - self._heads[0], y - self._heads[1]
        self.lens = lens.zoomed(factor, x, y)
        self.update()

    def _measure(self) -> None:
        """Leave room for the names of the rows and of the columns."""
        if self.sheet is None:
            return
        style, sheet = self._hand, self.sheet
        names = sheet.sources[:400] if sheet.sources else (f"{sheet.shape[0]}",)
        wide = max([style.width("bias"), *(style.width(name) for name in names)]) + SIDE + 6.0
        self._heads = min(round(wide), round(0.3 * self.width())), round(style.height + 5.0)

    def _room(self) -> tuple[float, float]:
        return max(8.0, self.width() - self._heads[0] - 6.0), max(8.0, self.height() - self._heads[1] - 4.0)

    @property
    def _hand(self) -> Hand:
        return hand(0.85 * base_pixel_size(self.font()))

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        self.update()

    # -- painting -----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        if self.sheet is not None and self.lens is not None:
            ramp = ramp_for(self.theme, self.sheet.quantity)
            paint_heads(painter, self.theme, self.sheet, self.lens, self._heads, self._hand, (self._chosen, self._lit))
            painter.setClipRect(QRectF(self._heads[0], self._heads[1], self.lens.width, self.lens.height))
            painter.translate(*self._heads)
            self._paint_cells(painter, self.sheet, self.lens, ramp)
            self._paint_numbers(painter, self.sheet, self.lens, ramp)
            painter.resetTransform()
            painter.setClipping(False)
            self._paint_marks(painter, self.lens)
        painter.end()

    def _paint_cells(self, painter: QPainter, sheet: Sheet, lens: Lens, ramp: Ramp) -> None:
        (first, last), (left, right), (tall, broad) = lens.seen_rows(), lens.seen_columns(), lens.strides
        first, left = first - first % tall, left - left % broad
        table = table_of(ramp)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        blocks = []
        if last > first and right > left:
            values = sheet.block(slice(first, last, tall), slice(left, right, broad))
            blocks.append((values, lens.down(first), values.shape[0] * tall * lens.high))
        bias = sheet.biases(slice(left, right, broad))[None, :]
        blocks.append((bias, lens.down(lens.rows), max(1.0, lens.high)))
        for values, top, high in blocks:
            pixels = np.ascontiguousarray(table[codes(values, self.clamp)])
            image = QImage(pixels.data, pixels.shape[1], pixels.shape[0], 4 * pixels.shape[1],
                           QImage.Format.Format_RGB32)  # fmt: skip
            place = QRectF(lens.left + left * lens.wide, top, values.shape[1] * broad * lens.wide, high)
            painter.drawImage(place, image)
        if lens.wide >= 7.0 and lens.high >= 7.0:
            self._paint_grid(painter, lens, first, last, left, right)

    def _paint_grid(self, painter: QPainter, lens: Lens, first: int, last: int, left: int, right: int) -> None:
        painter.setPen(QPen(self.theme.color("window"), 1.0))
        end = lens.left + right * lens.wide
        for row in range(first, last + 1):
            y = round(lens.top + row * lens.high)
            painter.drawLine(QPointF(lens.left, y), QPointF(end, y))
        bottom = lens.down(lens.rows) + lens.high
        for column in range(left, right + 1):
            x = round(lens.left + column * lens.wide)
            painter.drawLine(QPointF(x, 0.0), QPointF(x, bottom))

    def _paint_numbers(self, painter: QPainter, sheet: Sheet, lens: Lens, ramp: Ramp) -> None:
        """Write the numbers into their cells where these are large enough for the widest of them."""
        style = hand(min(0.9 * base_pixel_size(self.font()), 0.6 * lens.high))
        if style.size < 8 or lens.wide < style.width("−0.00") + 6.0 or lens.high < style.ascent + 5.0:
            return
        (first, last), (left, right) = lens.seen_rows(), lens.seen_columns()
        dark, light = self.theme.color("node_dark"), self.theme.color("node_light")
        painter.setFont(style.font)
        rise = QFontMetricsF(style.font).ascent()
        rows = [*((row, sheet.block(slice(row, row + 1), slice(left, right))[0]) for row in range(first, last)),
                (lens.rows, sheet.biases(slice(left, right)))]  # fmt: skip
        for row, values in rows:
            baseline = lens.down(row) + 0.5 * (lens.high + style.ascent)
            if not -lens.high < baseline < lens.height + lens.high:
                continue
            inks = ramp.dark_text[codes(values, self.clamp)].tolist()
            for place, value in enumerate(values.tolist()):
                text, width = _static(short_number(value, self.clamp), style)
                painter.setPen(dark if inks[place] else light)
                middle = lens.left + (left + place + 0.5) * lens.wide
                painter.drawStaticText(QPointF(middle - 0.5 * width, baseline - rise), text)

    def _paint_marks(self, painter: QPainter, lens: Lens) -> None:
        painter.setClipRect(QRectF(self._heads[0] - 3.0, self._heads[1] - 3.0, lens.width + 6.0, lens.height + 6.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for (row, column), ink, width in ((self._chosen, "accent", 2.2), (self._lit, "text", 1.4)):
            if (row is None and column is None) or (row or 0) > lens.rows or (column or 0) >= lens.columns:
                continue
            x, y, wide, high = lens.box(row or 0, column or 0)
            if row is None:
                y, high = lens.top, lens.down(lens.rows) + lens.high - lens.top
            if column is None:
                x, wide = lens.left, lens.wide * lens.columns
            spread = max(0.0, 3.5 - 0.5 * min(wide, high))  # what is smaller than that is not found otherwise
            box = QRectF(self._heads[0] + x, self._heads[1] + y, wide, high).adjusted(-spread, -spread, spread, spread)
            painter.setPen(QPen(self.theme.color("window"), width + 2.0))
            painter.drawRect(box)
            painter.setPen(QPen(self.theme.color(ink), width))
            painter.drawRect(box)
        if self.hasFocus():
            painter.setClipping(False)
            painter.setPen(QPen(QColor(self.theme.accent), 1.0, Qt.PenStyle.DotLine))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -1.5, -1.5))

    # -- the hand -----------------------------------------------------------------------------------------------

    def cell_at(self, x: float, y: float) -> Cell | None:
        """Return the cell at a point of the widget."""
        return None if self.lens is None else self.lens.at(x - self._heads[0], y - self._heads[1])

    def middle_of(self, row: int, column: int) -> tuple[float, float]:
        """Return the middle of a cell on the widget."""
        assert self.lens is not None
        x, y, wide, high = self.lens.box(row, column)
        return self._heads[0] + x + 0.5 * wide, self._heads[1] + y + 0.5 * high

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        at, notches = event.position(), event.angleDelta().y() / 120.0
        self.zoom(_ZOOM**notches, at.x(), at.y())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._dragged = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        at = event.position()
        if self._pressed is not None and self.lens is not None:
            way = at - self._pressed
            if self._dragged or way.manhattanLength() > 4.0:
                self._dragged, self._pressed = True, at
                self.lens = self.lens.moved(way.x(), way.y())
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
                self.update()
            return
        self.pointed.emit(self.cell_at(at.x(), at.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        cell = self.cell_at(event.position().x(), event.position().y())
        if event.button() == Qt.MouseButton.LeftButton and self._pressed is not None and not self._dragged and cell:
            self.current = cell
            self.chosen.emit(cell)
        self._pressed = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self.fit()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        self.pointed.emit(None)

    def event(self, event: QEvent) -> bool:
        # The arrows advance training elsewhere; here they go from cell to cell.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _takes(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        key, lens = Qt.Key(event.key()), self.lens
        if lens is None or not _takes(event):
            super().keyPressEvent(event)
        elif key in _MOVES:
            row, column = self.current or (-1 if key == Qt.Key.Key_Down else 0, -1 if key == Qt.Key.Key_Right else 0)
            by = _MOVES[key]
            row, column = min(max(row + by[0], 0), lens.rows), min(max(column + by[1], 0), lens.columns - 1)
            self.current, self.lens = (row, column), lens.showing(row, column)
            self.pointed.emit(self.current)
            self.update()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(_ZOOM)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1.0 / _ZOOM)
        elif key in (Qt.Key.Key_0, Qt.Key.Key_Home):
            self.fit()
        elif self.current is not None:
            self.chosen.emit(self.current)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._measure()
        if self.lens is not None:
            self.lens = self.lens.resized(*self._room())

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(420, 220)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(140, 80)


@functools.lru_cache(maxsize=8192)
def _static(text: str, style: Hand) -> tuple[QStaticText, float]:
    """Return a text that is laid out once, and its width: a map may show a thousand numbers ten times a second."""
    made = QStaticText(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    made.prepare(font=style.font)
    return made, style.width(text)


def _takes(event: QKeyEvent) -> bool:
    plain = not event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    return plain and (Qt.Key(event.key()) in _MOVES or Qt.Key(event.key()) in _OTHERS)
