"""Shows the points of a data set in the plane; what is drawn with the mouse and the keys is the plane's own part."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.panels.points_axes import Axes, Span, span_of
from ui.panels.points_brush import Brush
from ui.panels.points_picture import (
    Inks,
    dot_share,
    margins,
    paint_axes,
    paint_points,
    paint_scale,
    thinned,
    value_span,
)
from ui.portrait import ground_wanted, portrayed
from ui.theme import Theme, base_pixel_size, font

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data.drawn import Sheet

_USUAL = 6.0


class Plot(QWidget):
    """Points with axes in real units, or a sentence that says why there are none.

    Attributes
    ----------
    sheet, words
        What is shown; why nothing can be shown or drawn, and what to do.
    brush
        The tool, whose reach is shown at the pointer.
    inks
        The colours of the points.
    ground
        What the network says at every place, below the points, or None.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.theme = theme
        self.sheet: Sheet | None = None
        self.brush = Brush()
        self.words: tuple[str, str] = ("", "")
        self.inks = Inks(theme, 2)
        self._spans = Span(-_USUAL, _USUAL), Span(-_USUAL, _USUAL)
        self.ground: QImage | None = None
        self._marked: tuple[float, float] | None = None
        self._layer: QPixmap | None = None
        self._pointer: QPointF | None = None
        self._cross: QPointF | None = None
        self._erasing = False

    # -- what is shown ------------------------------------------------------------------------------------------

    def show_sheet(self, sheet: "Sheet | None", words: tuple[str, str] = ("", ""), *, fresh: bool = True) -> None:
        """Show other points.

        Parameters
        ----------
        sheet
            The points; None where there is nothing that a plane can show.
        words
            Why nothing can be shown or drawn, and what to do.
        fresh
            Whether it is another data set, whose numbers may be of another size; else the axes stay.
        """
        before, self.sheet, self.words = self.sheet, sheet, words
        spans, inks = self._spans, self.inks
        if sheet is not None:
            points = sheet.points
            usual = Span(-_USUAL, _USUAL) if sheet.axes == ("x", "y") else None
            if fresh:
                self._spans = span_of(points.x, usual), span_of(points.y, usual)
            else:  # nothing that is drawn lies outside, but what is brought back may
                self._spans = span_of(points.x, self._spans[0]), span_of(points.y, self._spans[1])
            classes = len(sheet.classes)
            if fresh or classes != self.inks.classes:
                self.inks = Inks(self.theme, classes, None if classes else value_span(points.target))
        if not (spans == self._spans and inks is self.inks and self._grow(before)):
            self._repaint()

    def mark(self, place: tuple[float, float] | None) -> None:
        """Mark a place in real units, that of the row that goes through the network."""
        if place != self._marked:
            self._marked = place
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        self.inks = Inks(theme, self.inks.classes, self.inks.span)
        self._repaint()

    def hold(self, brush: Brush) -> None:
        """Take another brush."""
        self.brush = brush
        self.update()

    @property
    def axes(self) -> Axes:
        """Where the points lie: a square, in the middle of what room there is."""
        base = base_pixel_size(self.font())
        left, top, right, below = margins(base)
        if self.inks.span is not None and not self.inks.classes:
            below += 2.6 * base
        side = max(20.0, min(self.width() - left - right, self.height() - top - below))
        start = left + 0.5 * max(0.0, self.width() - left - right - side)
        return Axes(*self._spans, round(start), round(top), round(side), round(side))

    @property
    def drawable(self) -> bool:
        """Whether the brush works here."""
        return self.sheet is not None and not self.words[0]

    def _grow(self, before: "Sheet | None") -> bool:
        """Add what was drawn to the picture that is there, and return whether that is all that changed."""
        if before is None or self.sheet is None or self._layer is None or before.base is not self.sheet.base:
            return False
        old, new = before.points, self.sheet.points
        count, total = len(old), len(new)
        if total < count or dot_share(count) != dot_share(total):
            return False
        if not (np.array_equal(new.x[:count], old.x) and np.array_equal(new.y[:count], old.y)):
            return False
        painter = QPainter(self._layer)
        self._paint_points(painter, np.arange(count, total))
        painter.end()
        self.update()
        return True

    def _repaint(self) -> None:
        self._layer = None
        self.update()

    # -- painting -----------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._layer, self._cross = None, None

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        ratio = self.devicePixelRatioF()
        if self._layer is None or self._layer.devicePixelRatioF() != ratio:
            self._layer = QPixmap(self.size() * ratio)
            self._layer.setDevicePixelRatio(ratio)
            self._layer.fill(Qt.GlobalColor.transparent)
            layer = QPainter(self._layer)
            self.paint(layer)
            layer.end()
        painter = QPainter(self)
        if self.sheet is not None:
            self._paint_ground(painter)
        if portrayed() is None:
            painter.drawPixmap(0, 0, self._layer)
        else:
            self.paint(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_mark(painter)
        self._paint_tool(painter)
        if self.hasFocus() and portrayed() is None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self.theme.color("accent"), 1.0))
            axes = self.axes
            painter.drawRect(QRectF(axes.left - 0.5, axes.top - 0.5, axes.width + 1, axes.height + 1))
        painter.end()

    def _paint_ground(self, painter: QPainter) -> None:
        axes = self.axes
        area = QRectF(axes.left, axes.top, axes.width, axes.height)
        if ground_wanted():
            painter.fillRect(area, self.theme.color("canvas_bottom"))
        if self.ground is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(area, self.ground)

    def paint(self, painter: QPainter) -> None:
        """Draw axes and points above the ground, or say why there are none."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        base, axes = base_pixel_size(self.font()), self.axes
        if self.sheet is None:
            self._paint_words(painter, base)
            return
        paint_axes(painter, self.theme, axes, self.sheet.axes, base)
        self._paint_points(painter, thinned(len(self.sheet.points)))
        if not self.inks.classes:
            top = axes.top + axes.height + 2.1 * base
            paint_scale(painter, self.inks, QRectF(axes.left, top, axes.width, base), base)

    def _paint_points(self, painter: QPainter, some: NDArray[np.int64]) -> None:
        assert self.sheet is not None
        points, axes = self.sheet.points, self.axes
        shown = points.x[some], points.y[some], points.target[some], points.test[some]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.save()
        painter.setClipRect(QRectF(axes.left - 1, axes.top - 1, axes.width + 2, axes.height + 2))
        paint_points(painter, self.inks, axes, shown, base_pixel_size(self.font()), len(points))
        painter.restore()

    def _paint_words(self, painter: QPainter, base: float) -> None:
        room = QRectF(self.rect()).adjusted(2 * base, base, -2 * base, -base)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.setFont(font(base))
        painter.setPen(self.theme.color("quiet"))
        painter.drawText(room, int(flags), "\n\n".join(filter(None, self.words)))

    def _paint_mark(self, painter: QPainter) -> None:
        """Draw a ring in the colour of text, on one in that of the ground, so that it is seen on every colour."""
        if self.sheet is None or self._marked is None:
            return
        axes = self.axes
        at = QPointF(float(axes.across(self._marked[0])), float(axes.down(self._marked[1])))
        if axes.holds(at.x(), at.y()):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for field, thick in (("canvas_bottom", 4.0), ("text", 1.6)):
                painter.setPen(QPen(self.theme.color(field), thick))
                painter.drawEllipse(at, 6.5, 6.5)

    def _paint_tool(self, painter: QPainter) -> None:
        """Draw how far the brush or the eraser reaches, and the cross of the keys."""
        if not self.drawable:
            return
        erasing = self._erasing or self.brush.erasing
        ink = self.theme.color("text") if erasing else self.inks.of(self.brush.target)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(ink, 1.2, Qt.PenStyle.DashLine if erasing else Qt.PenStyle.SolidLine))
        at = self._pointer
        if at is not None and self.axes.holds(at.x(), at.y()):
            reach = self.brush.reach if erasing else max(3.0, float(self.brush.size))
            painter.drawEllipse(at, reach, reach)
        if self._cross is not None and self.hasFocus():
            for dx, dy in ((8.0, 0.0), (0.0, 8.0)):
                painter.drawLine(self._cross - QPointF(dx, dy), self._cross + QPointF(dx, dy))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(300, 300)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(140, 140)
