"""The decision map as a widget: the plane, the rows in it, the chosen one, and what a pointer is on."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPixmap, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy

from ui.panels.map_axes import axis_title, margins_of, marks_of, paint_map_axes
from ui.panels.map_dots import paint_dots, radius_of
from ui.panels.map_hand import MapHand
from ui.panels.map_picture import Drawn
from ui.panels.map_points import Rows
from ui.panels.points_axes import Axes, Span
from ui.panels.points_picture import Inks, paint_scale
from ui.portrait import ground_wanted, portrayed
from ui.theme import Theme, base_pixel_size, font

if TYPE_CHECKING:
    from simulator.insight.input_planes import Plane

Doubles = NDArray[np.float64]

TIP = (
    "What the network says at every place. Click a row to choose it, or the ground to ask what if there.\n"
    "Drag to move, wheel to zoom, double click to see all.\n"
    "Keys: arrows point, Enter clicks, + and − zoom, F fits."
)


class MapView(MapHand):
    """Draws a plane; see `MapHand` for what the mouse and the keys do.

    Signals
    -------
    resized
        The map has another size.

    Attributes
    ----------
    rows, places, shades, wrong
        The rows that are drawn, where (rows, axes), how strong each is, and which are mistaken.
    drawn
        The newest map.
    inks
        The colours of classes or values.
    words
        Why nothing can be shown.
    """

    resized = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("map.plane")
        self.setAccessibleName("Decision map")
        self.setToolTip(TIP)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.theme = theme
        self.inks = Inks(theme, 2)
        self.plane: Plane | None = None
        self.sight = Span(0.0, 1.0), Span(0.0, 1.0)
        self.rows: Rows | None = None
        self.places: Doubles = np.zeros((0, 2))
        self.shades = np.zeros(0, np.int64)
        self.wrong = np.zeros(0, np.bool_)
        self.drawn: Drawn | None = None
        self.shows_rows = True
        self.words = ""
        self._marked: tuple[float, float] | None = None
        self._ringed: int | None = None
        self._layer: QPixmap | None = None

    # -- what is shown ------------------------------------------------------------------------------------------

    def show_plane(self, plane: "Plane | None", sight: tuple[Span, Span], inks: Inks) -> None:
        """Show another plane, another part of it, or other colours."""
        if plane is None or self.plane is None or len(plane.axes) != len(self.plane.axes):
            self.rows, self.places = None, np.zeros((0, 2))  # where they stand is told next
        if plane is not self.plane:
            self.drawn = None if plane is None or self._is_another(plane) else self.drawn
        self.plane, self.sight, self.inks, self.theme = plane, sight, inks, inks.theme
        self._repaint()

    def _is_another(self, plane: "Plane") -> bool:
        """Whether a plane has other axes: the map of the one before would be wrong even for a moment."""
        return self.plane is None or plane.axes != self.plane.axes

    def show_rows(self, rows: Rows, places: Doubles, shades: NDArray[np.int64], *, shown: bool) -> None:
        """Show rows at places of the plane."""
        if rows is not self.rows or len(self.wrong) != len(rows.raw):
            self.wrong = np.zeros(len(rows.raw), np.bool_)
        self.rows, self.places, self.shades, self.shows_rows = rows, places, shades, shown
        self._repaint()

    def show_wrong(self, wrong: NDArray[np.bool_]) -> None:
        """Show which rows are mistaken."""
        if not np.array_equal(wrong, self.wrong):
            self.wrong = wrong
            self._repaint()

    def show_drawn(self, drawn: Drawn) -> None:
        """Show another map."""
        self.drawn = drawn
        if drawn.lines is not None:
            self._layer = None  # rows stand on the curves
        self.update()

    def mark(self, place: tuple[float, float] | None) -> None:
        """Mark the chosen row."""
        if place != self._marked:
            self._marked = place
            self.update()

    def ring(self, row: int | None) -> None:
        """Mark the row, by its place among `rows`, that a pointer is on in any view."""
        if row != self._ringed:
            self._ringed = row
            self.update()

    @property
    def is_single(self) -> bool:
        """Whether there is one axis, along which answers are curves."""
        return self.plane is not None and len(self.plane.axes) < 2

    @property
    def axes(self) -> Axes:
        """Where the plane lies in the widget, and what of it."""
        base = base_pixel_size(self.font())
        second = self.plane.axes[1] if self.plane is not None and not self.is_single else None
        left, top, right, below = margins_of(second, base, self.width())
        if self.plane is not None and self.inks.span is not None and not self.is_single:
            below += 2.0 * base
        width, height = max(20.0, self.width() - left - right), max(20.0, self.height() - top - below)
        x, y = self.sight
        if self.is_single:
            span = self.inks.span
            y = Span(-0.03, 1.03) if span is None else Span(
                span.low - 0.05 * span.length, span.high + 0.05 * span.length
            )  # fmt: skip
        return Axes(x, y, round(left), round(top), round(width), round(height))

    def standing(self) -> Doubles:
        """Return where rows are drawn, (rows, 2): along a single axis at their values, or on their class's curve."""
        if not self.is_single or self.rows is None:
            return self.places
        x = self.places[:, 0]
        if not self.inks.classes:
            return np.stack([x, self.rows.target], axis=1)
        lines = None if self.drawn is None else self.drawn.lines
        y = np.full(len(x), np.nan)
        if lines is not None and self.drawn is not None and lines.shape[1] == self.inks.classes:
            span = self.drawn.wish.x
            at = span.low + (np.arange(len(lines)) + 0.5) / len(lines) * span.length
            for place in range(lines.shape[1]):
                mine = self.rows.target == place
                y[mine] = np.interp(x[mine], at, lines[:, place])
        return np.stack([x, y], axis=1)

    def _repaint(self) -> None:
        self._layer = None
        self.update()

    # -- painting -----------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._layer = None
        self.resized.emit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        try:
            if self.plane is None:
                self._paint_words(painter)
            else:
                self._paint(painter)
        finally:
            painter.end()

    def _paint(self, painter: QPainter) -> None:
        axes = self.axes
        area = QRectF(axes.left, axes.top, axes.width, axes.height)
        if ground_wanted():
            painter.fillRect(area, self.theme.color("canvas_bottom"))
        painter.save()
        painter.setClipRect(area)
        self._paint_ground(painter, axes)
        painter.restore()
        if portrayed() is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_rows(painter, axes)
        else:
            painter.drawPixmap(0, 0, self._kept_rows(axes))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_marks(painter, axes)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self.theme.color("accent" if self.hasFocus() and portrayed() is None else "border"), 1.0))
        painter.drawRect(area.adjusted(-0.5, -0.5, 0.5, 0.5))

    def _kept_rows(self, axes: Axes) -> QPixmap:
        """Return the rows, drawn again only when they or their places change."""
        ratio = self.devicePixelRatioF()
        if self._layer is None or self._layer.devicePixelRatioF() != ratio:
            self._layer = QPixmap(self.size() * ratio)
            self._layer.setDevicePixelRatio(ratio)
            self._layer.fill(Qt.GlobalColor.transparent)
            layer = QPainter(self._layer)
            layer.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_rows(layer, axes)
            layer.end()
        return self._layer

    def _paint_ground(self, painter: QPainter, axes: Axes) -> None:
        drawn = self.drawn
        if drawn is None:
            return
        if drawn.image is not None:  # it may be of what was in sight a moment ago
            x, y = drawn.wish.x, drawn.wish.y
            left, right = (float(axes.across(each)) for each in (x.low, x.high))
            top, bottom = (float(axes.down(each)) for each in (y.high, y.low))
            target = QRectF(left, top, right - left, bottom - top)
            if target.size() == drawn.image.deviceIndependentSize():
                painter.drawImage(target.topLeft(), drawn.image)
            else:
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                painter.drawImage(target, drawn.image)
        elif drawn.lines is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_curves(painter, axes, drawn.wish.x, drawn.lines)

    def _paint_curves(self, painter: QPainter, axes: Axes, span: Span, lines: Doubles) -> None:
        across = axes.across(span.low + (np.arange(len(lines)) + 0.5) / len(lines) * span.length)
        inks = self.inks.colours() if self.inks.classes else [self.theme.color("accent")]
        for place in range(min(lines.shape[1], len(inks))):
            down = np.clip(axes.down(lines[:, place]), -1e5, 1e5)
            known = np.isfinite(down)
            points = zip(across[known].tolist(), down[known].tolist(), strict=True)
            painter.setPen(QPen(inks[place], 2.2))
            painter.drawPolyline(QPolygonF([QPointF(*point) for point in points]))

    def _paint_rows(self, painter: QPainter, axes: Axes) -> None:
        assert self.plane is not None
        base = base_pixel_size(self.font())
        first = self.plane.axes[0]
        second = None if self.is_single else self.plane.axes[1]
        marks = (
            marks_of(first, axes.x, max(2, min(7, round(axes.width / (4.2 * base))))),
            marks_of(second, axes.y, max(2, min(7, round(axes.height / (2.6 * base))))),
        )
        answer = "probability" if self.inks.classes else self.plane.recipe.target.replace("_", " ")
        titles = axis_title(first), answer if second is None else axis_title(second)
        rows = self.rows
        if rows is not None and self.shows_rows and len(rows.raw) == len(self.places):
            painter.save()
            painter.setClipRect(QRectF(axes.left, axes.top, axes.width, axes.height))
            colours = self.inks.places(rows.target)
            radius = radius_of(axes, len(rows.raw), base)
            kinds = colours, rows.is_test, self.wrong
            paint_dots(painter, axes, self.inks, self.standing(), kinds, self.shades, radius)
            painter.restore()
        paint_map_axes(painter, self.theme, axes, marks, titles, base)
        if self.inks.span is not None and second is not None:
            bar = QRectF(axes.left, axes.top + axes.height + 3.0 * base, axes.width, base)
            paint_scale(painter, self.inks, bar, base)

    def _paint_marks(self, painter: QPainter, axes: Axes) -> None:
        """Draw the chosen row as a cross, what is pointed at as a ring, and the pointer of the keys."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._marked is not None:
            at = QPointF(float(axes.across(self._marked[0])), float(axes.down(self._marked[1])))
            if axes.holds(at.x(), at.y()):
                for field, thick in (("canvas_bottom", 4.5), ("text", 2.0)):
                    painter.setPen(QPen(self.theme.color(field), thick))
                    for dx, dy in ((1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)):
                        painter.drawLine(at + QPointF(5 * dx, 5 * dy), at + QPointF(13 * dx, 13 * dy))
        standing = self.standing() if self._ringed is not None else self.places
        if self._ringed is not None and self._ringed < len(standing):
            x, y = standing[self._ringed, :2].tolist()
            at = QPointF(float(axes.across(x)), float(axes.down(y)))
            if axes.holds(at.x(), at.y()):
                for field, thick in (("canvas_bottom", 4.0), ("text", 1.6)):
                    painter.setPen(QPen(self.theme.color(field), thick))
                    painter.drawEllipse(at, 8.0, 8.0)
        if self.cross is not None and self.hasFocus():
            painter.setPen(QPen(self.theme.color("accent"), 1.6))
            for dx, dy in ((9.0, 0.0), (0.0, 9.0)):
                painter.drawLine(self.cross - QPointF(dx, dy), self.cross + QPointF(dx, dy))

    def _paint_words(self, painter: QPainter) -> None:
        base = base_pixel_size(self.font())
        painter.setFont(font(base))
        painter.setPen(self.theme.color("quiet"))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(QRectF(self.rect()).adjusted(base, base, -base, -base), int(flags), self.words)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(320, 280)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(140, 76)
