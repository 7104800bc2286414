"""The picture of all answers: every row a point that moves, can be pointed at, and clicked."""

import dataclasses
import time

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.canvas.cards import Card
from ui.canvas.overlay import beside, measured, paint_card
from ui.panels.points_axes import Axes
from ui.panels.triangle_charts import Chart
from ui.panels.triangle_cloud import Cloud, moving
from ui.panels.triangle_ground import frame_of, paint_ground, polygon_on
from ui.panels.triangle_stamps import paint_points, radius_of
from ui.panels.triangle_trails import Trails
from ui.portrait import portrayed
from ui.theme import Theme, base_pixel_size

Doubles = NDArray[np.float64]

REACH = 12.0
"""A pointer finds the nearest point within so many pixels."""
_STEPS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageUp: -2,
    Qt.Key.Key_PageDown: 2,
}
"""By which step a key goes: to the next row, or to the next mistake."""


@dataclasses.dataclass(frozen=True, eq=False)
class Way:
    """The places of the chosen row over the run, (moments, 2), and when each was, (moments,) in epochs."""

    places: Doubles
    times: Doubles


class TriangleView(QWidget):
    """Paints a chart and a cloud.

    Signals
    -------
    pointed
        int, a row of the raw table, or None: what the pointer is on.
    chosen
        int, a row that was clicked.
    stepped
        int: −1 or 1, by keys to the row before or behind; −2 or 2, to the mistake before or behind.
    """

    pointed = Signal(object)
    chosen = Signal(int)
    stepped = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("triangle.view")
        self.setAccessibleName("All predictions as points")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.theme = theme
        self.chart: Chart | None = None
        self.cloud: Cloud | None = None
        self.way: Way | None = None
        self.now = 0.0
        self.chosen_row: int | None = None
        self.lit_row: int | None = None
        self.card: Card | None = None
        self.trails = Trails()
        self._hovering = False
        self._axes: Axes | None = None
        self._ground: QPixmap | None = None
        self._from: Doubles | None = None
        self._drawn: Doubles | None = None
        self._began, self._seconds = 0.0, 0.0

    # -- what is shown ------------------------------------------------------------------------------------------

    def show_cloud(self, chart: Chart, cloud: Cloud, *, trail: bool, seconds: float) -> None:
        """Show other answers.

        Parameters
        ----------
        chart, cloud
            Where answers lie, and all of them.
        trail
            Whether they follow from those before by training; else the trails are forgotten.
        seconds
            How long the points take to fly there; 0 is at once.
        """
        same = chart is self.chart
        before = moving(self._standing(), cloud) if same and trail else None
        if not same:
            self.chart = chart
            self._settle()
        elif not trail:
            self.trails.clear()
        self.cloud = cloud
        self._from, self._seconds, self._began = before, seconds if before is not None else 0.0, time.perf_counter()
        if before is None:
            self._drawn = cloud.places
        else:
            missing = np.isnan(before).any(axis=1, keepdims=True)
            self._from = np.where(missing, cloud.places, before)
            self._drawn = self._from
            if not self._seconds:
                self._fly(1.0)
        self.update()

    def _standing(self) -> Cloud | None:
        """Return the cloud as it is drawn now, perhaps on its way."""
        if self.cloud is None or self._drawn is None or len(self._drawn) != len(self.cloud.rows):
            return self.cloud
        return dataclasses.replace(self.cloud, places=self._drawn)

    @property
    def flying(self) -> bool:
        """Whether points are on their way."""
        return self._seconds > 0.0

    def fly(self) -> None:
        """Go on along the way; called with every frame."""
        if self.flying:
            share = min(1.0, (time.perf_counter() - self._began) / self._seconds)
            if share >= 1.0:
                self._seconds = 0.0
            self._fly(share)
            self.update()

    def _fly(self, share: float) -> None:
        cloud, start = self.cloud, self._from
        if cloud is None or start is None or self._drawn is None or self._axes is None:
            return
        reached = cloud.places if share >= 1.0 else start + (cloud.places - start) * share
        before, after = self._pixels(self._drawn), self._pixels(reached)
        self.trails.step(self.theme, np.stack(before, axis=1), np.stack(after, axis=1), cloud.actual)
        self._drawn = reached

    def show_way(self, way: Way | None) -> None:
        """Show where the chosen row stood over the run."""
        self.way = way
        self.update()

    def mark(self, chosen: int | None, lit: int | None, card: Card | None) -> None:
        """Mark the chosen row, and the one that a pointer is on in any view; a card is shown beside the latter."""
        if (chosen, lit, card) != (self.chosen_row, self.lit_row, self.card):
            self.chosen_row, self.lit_row, self.card = chosen, lit, card
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        self._settle()
        self.update()

    def _settle(self) -> None:
        """Stand anew: another size, another chart, another theme."""
        self._ground = None
        self.trails.clear(self.width(), self.height())
        if self.chart is not None:
            self._axes = frame_of(self.chart, self.width(), self.height(), base_pixel_size(self.font()))

    def _pixels(self, places: Doubles) -> tuple[Doubles, Doubles]:
        """Return places on the screen; what lies outside of the chart stands at its edge."""
        axes = self._axes
        assert axes is not None
        x = np.clip(places[:, 0], axes.x.low, axes.x.high)
        y = np.clip(places[:, 1], axes.y.low, axes.y.high)
        return axes.across(x), axes.down(y)

    def point_of(self, row: int) -> tuple[float, float] | None:
        """Return where a row is on the screen, None where it is not drawn."""
        at = None if self.cloud is None or self._axes is None else self.cloud.of_row(row)
        if at is None or self._drawn is None or not np.isfinite(self._drawn[at]).all():
            return None
        across, down = self._pixels(self._drawn[at : at + 1])
        return float(across[0]), float(down[0])

    # -- painting -----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        if self.chart is not None and self._axes is not None:
            self._paint_ground(painter)
            self.trails.paint(painter, self.width(), self.height())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_way(painter, self._axes)
            self._paint_points(painter)
            self._paint_marks(painter)
        if self.hasFocus() and portrayed() is None:
            painter.setPen(QPen(self.theme.color("accent"), 1.0, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5), 6.0, 6.0)
        painter.end()

    def _paint_ground(self, painter: QPainter) -> None:
        assert self.chart is not None
        assert self._axes is not None
        base, ratio = base_pixel_size(self.font()), painter.device().devicePixelRatioF()
        if portrayed() is not None:
            paint_ground(painter, self.theme, self.chart, self._axes, base, self.width())
            return
        if self._ground is None or self._ground.devicePixelRatio() != ratio:
            self._ground = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
            self._ground.setDevicePixelRatio(ratio)
            self._ground.fill(Qt.GlobalColor.transparent)
            inner = QPainter(self._ground)
            paint_ground(inner, self.theme, self.chart, self._axes, base, self.width())
            inner.end()
        painter.drawPixmap(0, 0, self._ground)

    def _paint_points(self, painter: QPainter) -> None:
        cloud, places = self.cloud, self._drawn
        if cloud is None or places is None or len(places) != len(cloud.rows):
            return
        across, down = self._pixels(places)
        good = np.isfinite(across) & np.isfinite(down)
        looks = zip(cloud.actual[good].tolist(), cloud.test[good].tolist(), cloud.wrong[good].tolist(), strict=True)
        paint_points(painter, self.theme, zip(across[good].tolist(), down[good].tolist(), looks, strict=True),
                     self.radius)  # fmt: skip

    @property
    def radius(self) -> float:
        """How large a point is, in pixels."""
        count = 0 if self.cloud is None else len(self.cloud.rows)
        return radius_of(count, min(self.width(), self.height()))

    def _paint_way(self, painter: QPainter, axes: Axes) -> None:
        """Draw the way of the chosen row: what lies behind it strong, what is yet to come, after going back, faint."""
        way = self.way
        if way is None or len(way.places) < 2:
            return
        good = np.isfinite(way.places).all(axis=1)
        places, times = way.places[good], way.times[good]
        places = np.clip(places, [axes.x.low, axes.y.low], [axes.x.high, axes.y.high])
        past = int(np.searchsorted(times, self.now + 1e-9, side="right"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        ink = self.theme.color("text")
        for part, alpha in ((places[max(0, past - 1) :], 0.3), (places[:past], 0.85)):
            if len(part) > 1:
                shade = QColor(ink)
                shade.setAlphaF(alpha)
                painter.setPen(QPen(shade, 1.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
                line = polygon_on(axes, part)
                painter.drawPolyline(line)
                painter.setPen(QPen(shade, 3.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
                painter.drawPoints(line)

    def _paint_marks(self, painter: QPainter) -> None:
        radius = 1.6 * self.radius + 3.0
        for row, ink, width in ((self.chosen_row, "accent", 2.4), (self.lit_row, "text", 1.6)):
            at = None if row is None else self.point_of(row)
            if at is None:
                continue
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self.theme.color("window"), width + 2.4))
            painter.drawEllipse(QPointF(*at), radius, radius)
            painter.setPen(QPen(self.theme.color(ink), width))
            painter.drawEllipse(QPointF(*at), radius, radius)
            if row == self.chosen_row:
                self._paint_again(painter, row)
        at = None if self.lit_row is None or not self._hovering else self.point_of(self.lit_row)
        if at is not None and self.card is not None:
            scale, bounds = base_pixel_size(self.font()) / 13.0, QRectF(self.rect()).adjusted(4, 4, -4, -4)
            sizes = measured(self.card, bounds, scale)
            paint_card(painter, self.card, beside(at, radius + 8.0, sizes, bounds), sizes, self.theme, scale)

    def _paint_again(self, painter: QPainter, row: int | None) -> None:
        """Draw the chosen row's point once more, above all others that may hide it."""
        cloud = self.cloud
        at = None if cloud is None else cloud.of_row(row)
        place = None if row is None else self.point_of(row)
        if cloud is None or at is None or place is None:
            return
        look = int(cloud.actual[at]), bool(cloud.test[at]), bool(cloud.wrong[at])
        paint_points(painter, self.theme, [(*place, look)], self.radius)

    # -- the hand -----------------------------------------------------------------------------------------------

    def row_at(self, x: float, y: float) -> int | None:
        """Return the row of the nearest point, None where there is none near."""
        if self.cloud is None or self._drawn is None or self._axes is None:
            return None
        at = self.cloud.nearest(*self._pixels(self._drawn), x, y, REACH)
        return None if at is None else int(self.cloud.rows[at])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        row = self.row_at(event.position().x(), event.position().y())
        self._hovering = row is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if self._hovering else Qt.CursorShape.ArrowCursor)
        self.pointed.emit(row)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        self._hovering = False
        self.pointed.emit(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        row = self.row_at(event.position().x(), event.position().y())
        if event.button() == Qt.MouseButton.LeftButton and row is not None:
            self.chosen.emit(row)

    def event(self, event: QEvent) -> bool:
        # The arrows advance training elsewhere; here they go from row to row.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _step_of(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        step = _step_of(event)
        if step:
            self.stepped.emit(step)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._settle()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(320, 280)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(160, 120)


def _step_of(event: QKeyEvent) -> int:
    plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return _STEPS.get(Qt.Key(event.key()), 0) if plain else 0
