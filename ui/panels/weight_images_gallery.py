"""The incoming weights of every neuron as a picture, side by side in a gallery that scrolls."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame

from ui.canvas.lettering import hand, write
from ui.panels.weight_images_lens import Shelf, best_side
from ui.panels.weight_images_paint import ramp_for, table_of
from ui.panels.weight_images_values import Sheet, codes
from ui.portrait import draw_part
from ui.theme import Theme, base_pixel_size

SMALLEST, LARGEST, USUAL = 20, 220, 64
_LARGEST_ALONE = 132
"""Pictures become no larger than this by themselves."""
_CAPTION_FROM = 26


class Gallery(QAbstractScrollArea):
    """Paints the pictures in sight.

    Signals
    -------
    pointed
        (unit, pixel) under the pointer, or None; the pixel is None on a caption, and by keys.
    chosen
        (unit, None) of a picture that was clicked; with the pixel when Alt was held.
    sized
        int: they have another size, or one was asked for by keys or the wheel.
    """

    pointed = Signal(object)
    chosen = Signal(object)
    sized = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("weights.gallery")
        self.setAccessibleName("Weights of every neuron as pictures")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self.theme = theme
        self.sheet: Sheet | None = None
        self.shape, self.side = (1, 1), USUAL
        self.fitting = True
        self.clamps: NDArray[np.float64] | float = 1.0
        self.order: NDArray[np.int64] = np.zeros(0, np.int64)
        self.current = -1
        self._marks: tuple[tuple[int | None, int | None], ...] = ((None, None), (None, None))

    # -- what is shown ------------------------------------------------------------------------------------------

    def show_sheet(
        self, sheet: Sheet, shape: tuple[int, int], clamps: NDArray[np.float64] | float, order: NDArray[np.int64]
    ) -> None:
        """Show other numbers.

        Parameters
        ----------
        sheet
            Whose columns are the pictures.
        shape
            Height and width of a picture.
        clamps
            Where the colours end: one number for all, or one for each neuron.
        order
            Which neuron stands where.
        """
        anew = len(order) != len(self.order) or shape != self.shape
        self.sheet, self.shape, self.clamps, self.order = sheet, shape, clamps, order
        if anew:
            self.current = -1
            self._measure()
        self.viewport().update()

    def set_side(self, side: int) -> None:
        """Make the pictures larger or smaller: their longer side, in pixels. Until then their size follows the room."""
        if side != self.side:
            self.fitting = False
        self.side = min(LARGEST, max(SMALLEST, side))
        self._measure()
        self.viewport().update()

    def mark(self, chosen: tuple[int | None, int | None], lit: tuple[int | None, int | None]) -> None:
        """Mark a neuron, a pixel of all pictures, or a pixel of one: (unit, pixel), chosen and pointed at."""
        if (chosen, lit) != self._marks:
            self._marks = (chosen, lit)
            self.viewport().update()

    @property
    def shelf(self) -> Shelf:
        """Where the pictures are, measured from the top of the first line."""
        high, wide = self.shape
        scale = self.side / max(high, wide)
        caption = hand(0.8 * base_pixel_size(self.font())).height if self.side >= _CAPTION_FROM else 0.0
        return Shelf(len(self.order), self.viewport().width(), scale * wide, scale * high, caption)

    def _measure(self) -> None:
        if self.fitting and len(self.order):
            port, caption = self.viewport(), hand(0.8 * base_pixel_size(self.font())).height
            self.side = best_side(len(self.order), port.width(), port.height(), self.shape, caption, _LARGEST_ALONE)
            self.sized.emit(self.side)
        bar, room, shelf = self.verticalScrollBar(), self.viewport().height(), self.shelf
        bar.setPageStep(room)
        bar.setSingleStep(max(10, round(shelf.pitch / 3)))
        bar.setRange(0, max(0, round(shelf.height) - room))

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        self.viewport().update()

    # -- painting -----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self.viewport())
        sheet, shelf, top = self.sheet, self.shelf, self.verticalScrollBar().value()
        first, last = shelf.seen(top, self.viewport().height())
        high, wide = self.shape
        if sheet is not None and last > first and high * wide == sheet.shape[0]:
            units = self.order[first:last]
            strip = self._strip(sheet, units)
            image = QImage(strip.data, wide, high * len(units), 4 * wide, QImage.Format.Format_RGB32)
            painter.translate(0.0, -top)
            ratio = self.devicePixelRatioF()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shelf.wide * ratio < wide)
            style = hand(0.8 * base_pixel_size(self.font()))
            lit = {unit for unit, _ in self._marks}
            for nth, unit in enumerate(map(int, units)):
                x, y, across, down = shelf.box(first + nth)
                draw_part(painter, QRectF(x, y, across, down), image, QRectF(0, nth * high, wide, high), pixels=True)
                if shelf.caption:
                    ink = self.theme.color("text" if unit in lit else "quiet")
                    write(painter, sheet.target_name(unit), x + 0.5 * across, y + down + style.ascent + 4.0, style,
                          ink, align="centre", room=across + 4.0)  # fmt: skip
            self._paint_marks(painter, shelf, first, units)
        painter.end()

    def _strip(self, sheet: Sheet, units: NDArray[np.int64]) -> NDArray[np.uint32]:
        """Return the pictures of some neurons, one below the other, as pixels (neurons · height, width)."""
        values = sheet.weight[:, units]
        if sheet.less is not None:
            with np.errstate(all="ignore"):
                values = values - sheet.less[:, units]
        clamps = self.clamps[units] if isinstance(self.clamps, np.ndarray) else self.clamps
        pixels = table_of(ramp_for(self.theme, sheet.quantity))[codes(values, clamps)]
        return np.ascontiguousarray(pixels.T).reshape(-1, self.shape[1])

    def _paint_marks(self, painter: QPainter, shelf: Shelf, first: int, units: NDArray[np.int64]) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        high, wide = self.shape
        for (unit, pixel), ink, width in zip(self._marks, ("accent", "text"), (2.2, 1.4), strict=True):
            if unit is None and pixel is None:
                continue
            for nth in range(len(units)) if unit is None else np.flatnonzero(units == unit).tolist():
                x, y, across, down = shelf.box(first + nth)
                boxes = [] if unit is None else [QRectF(x, y, across, down).adjusted(-2.5, -2.5, 2.5, 2.5)]
                if pixel is not None and pixel < high * wide:
                    row, column = divmod(pixel, wide)
                    cell = across / wide
                    spread = max(0.5, 2.5 - 0.5 * cell)
                    boxes.append(QRectF(x + column * cell, y + row * down / high, cell, down / high).adjusted(
                        -spread, -spread, spread, spread
                    ))  # fmt: skip
                for box in boxes:
                    painter.setPen(QPen(self.theme.color("window"), width + 1.6))
                    painter.drawRect(box)
                    painter.setPen(QPen(self.theme.color(ink), width))
                    painter.drawRect(box)
        if self.hasFocus() and 0 <= self.current - first < len(units):
            x, y, across, down = shelf.box(self.current)
            painter.setPen(QPen(self.theme.color("accent"), 1.2, Qt.PenStyle.DotLine))
            painter.drawRect(QRectF(x, y, across, down).adjusted(-5.0, -5.0, 5.0, 5.0))

    # -- the hand -----------------------------------------------------------------------------------------------

    def at(self, point: QPointF) -> tuple[int, int | None] | None:
        """Return the neuron and the pixel at a point of the viewport; no pixel on a caption."""
        shelf, y = self.shelf, point.y() + self.verticalScrollBar().value()
        place = shelf.at(point.x(), y)
        if place is None:
            return None
        left, top, across, down = shelf.box(place)
        high, wide = self.shape
        row, column = int((y - top) / down * high), int((point.x() - left) / across * wide)
        inside = 0 <= row < high and 0 <= column < wide
        return int(self.order[place]), row * wide + column if inside else None

    def middle_of(self, unit: int) -> QPointF:
        """Return the middle of a neuron's picture in the viewport."""
        x, y, across, down = self.shelf.box(int(np.flatnonzero(self.order == unit)[0]))
        return QPointF(x + 0.5 * across, y + 0.5 * down - self.verticalScrollBar().value())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self.pointed.emit(self.at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        self.pointed.emit(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        found = self.at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and found is not None:
            self.current = int(np.flatnonzero(self.order == found[0])[0])
            alone = not event.modifiers() & Qt.KeyboardModifier.AltModifier
            self.chosen.emit((found[0], None) if alone else found)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.sized.emit(self.side + (8 if event.angleDelta().y() > 0 else -8))
            event.accept()
        else:
            super().wheelEvent(event)

    def event(self, event: QEvent) -> bool:
        # The arrows advance training elsewhere; here they go from picture to picture.
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self._way(event) is not None
        ):
            event.accept()
            return True
        return super().event(event)

    def _way(self, event: QKeyEvent) -> int | None:
        """Return by how many pictures a key goes on: 0 for the other keys that mean something here, None else."""
        if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            return None
        columns = self.shelf.columns
        moves = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -columns, Qt.Key.Key_Down: columns}
        others = (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        key = Qt.Key(event.key())
        return moves.get(key, 0 if key in others else None)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        way, key, count = self._way(event), event.key(), len(self.order)
        if way is None or not count:
            super().keyPressEvent(event)
        elif way:
            self.current = min(max(self.current + way, 0), count - 1) if self.current >= 0 else 0
            self._reveal(self.current)
            self.pointed.emit((int(self.order[self.current]), None))
            self.viewport().update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.current >= 0:
                self.chosen.emit((int(self.order[self.current]), None))
        else:
            self.sized.emit(self.side + (-8 if key == Qt.Key.Key_Minus else 8))

    def _reveal(self, place: int) -> None:
        _, y, _, down = self.shelf.box(place)
        bar, room = self.verticalScrollBar(), self.viewport().height()
        if y - 8 < bar.value():
            bar.setValue(round(y - 8))
        elif y + down + self.shelf.caption + 8 > bar.value() + room:
            bar.setValue(round(y + down + self.shelf.caption + 8 - room))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._measure()
