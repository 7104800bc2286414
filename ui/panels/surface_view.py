"""The loss surface as colours and contours, with the path of training on it: to be moved, zoomed and walked along."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from simulator.explain import figure
from ui.panels.distributions_ridges import epoch_text
from ui.panels.points_axes import Axes, Span
from ui.panels.surface_picture import Drawing, height, write_beside
from ui.portrait import portrayed
from ui.theme import Theme, base_pixel_size, font

if TYPE_CHECKING:
    from simulator.insight.surface import Window
    from ui.panels.surface_jobs import Chart, Path

_NEAR = 14.0
_PAUSE_MS = 250
_CLICK = 4.0
_STEPS = {Qt.Key.Key_Plus: 1.4, Qt.Key.Key_Equal: 1.4, Qt.Key.Key_Minus: 1 / 1.4}


class SurfaceView(QWidget):
    """Colours by the logarithm of the loss: the lower, the nearer to the accent.

    Signals
    -------
    looked
        A `simulator.insight.surface.Window`: somebody looks at another part, and has come to rest.
    sought
        (epoch, item): somebody chose a moment of the path.
    read
        str: what the pointer or the keys are on, in words; empty for nothing.
    """

    looked = Signal(object)
    sought = Signal(object)
    read = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("surface.view")
        self.setAccessibleName("Loss surface")
        self.setToolTip(
            "Mean data loss over a plane of networks, in colours by its logarithm.\n"
            "Wheel or + and − zoom, dragging moves, 0 shows all.\n"
            "Click the path to go to an epoch; with the keys: ← → and Enter."
        )
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.theme = theme
        self.chart: Chart | None = None
        self.path: Path | None = None
        self.present: Any = None
        self.names = ("", "")
        self.words, self.stale = "", False
        self.window_shown: Window | None = None
        self._home: Window | None = None
        self._layer: tuple[Any, QPixmap] | None = None
        self._on: int | None = None
        self._pressed: QPointF | None = None
        self._dragged = False
        self._resting = QTimer(self)
        self._resting.setSingleShot(True)
        self._resting.setInterval(_PAUSE_MS)
        self._resting.timeout.connect(lambda: self.looked.emit(self.window_shown))

    # -- what is shown ------------------------------------------------------------------------------------------

    def show_ground(self, home: "Window | None", names: tuple[str, str]) -> None:
        """Look at another plane, all of the part that is worth seeing."""
        self._home = self.window_shown = home
        self.names, self._on = names, None
        self._resting.stop()
        self.update()

    def show_chart(self, chart: "Chart | None", words: str = "", *, stale: bool = False) -> None:
        """Show losses, or a sentence that says why there are none."""
        self.chart, self.words, self.stale = chart, words, stale
        self.update()

    def show_path(self, path: "Path | None", present: Any) -> None:
        """Show where training went, and where the moment on the timeline is: (place, distance)."""
        self.path, self.present = path, present
        if path is None or (self._on is not None and self._on >= len(path.times)):
            self._on = None
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        self.update()

    def fit(self) -> None:
        """Show all of the part that is worth seeing."""
        if self._home is not None and self.window_shown != self._home:
            self._look(self._home)

    def holds_present(self) -> bool:
        """Whether the moment on the timeline is in sight, or unknown."""
        window = self.window_shown
        if window is None or self.present is None:
            return True
        x, y = self.present[0]
        return bool(window.left <= x <= window.right and window.low <= y <= window.high)

    def _look(self, window: "Window") -> None:
        self.window_shown = window
        self._resting.start()
        self.update()

    # -- where ---------------------------------------------------------------------------------------------------

    @property
    def base(self) -> float:
        """The height of the font, in pixels."""
        return base_pixel_size(self.font())

    @property
    def scaled(self) -> bool:
        """Whether there is room for the scale of colours."""
        return self.width() > 21 * self.base

    @property
    def axes(self) -> Axes:
        """Where the plane is on the widget."""
        base, window = self.base, self.window_shown
        right = 5.2 if self.scaled else 1.0
        room = QRectF(self.rect()).adjusted(4.0 * base, 0.7 * base, -right * base, -3.2 * base)
        x = Span(-1, 1) if window is None else Span(window.left, window.right)
        y = Span(-1, 1) if window is None else Span(window.low, window.high)
        return Axes(x, y, room.left(), room.top(), max(10.0, room.width()), max(10.0, room.height()))

    def at(self, places: Any) -> list[QPointF]:
        """Return where places (places, 2) of the plane are, in pixels; what is not finite is far beyond the edge."""
        axes = self.axes
        x = np.clip(np.nan_to_num(axes.across(np.asarray(places)[:, 0]), nan=-1e5), -1e5, 1e5)
        y = np.clip(np.nan_to_num(axes.down(np.asarray(places)[:, 1]), nan=-1e5), -1e5, 1e5)
        return [QPointF(*each) for each in zip(x.tolist(), y.tolist(), strict=True)]

    # -- painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        axes = self.axes
        area = QRectF(axes.left, axes.top, axes.width, axes.height)
        if self.chart is None or self.window_shown is None:
            painter.setFont(font(self.base))
            painter.setPen(self.theme.color("quiet"))
            flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
            painter.drawText(QRectF(self.rect()).adjusted(24, 8, -24, -8), flags, self.words)
        else:
            if portrayed() is None:
                painter.drawPixmap(0, 0, self._below(self.chart, axes))
            else:
                self._draw(painter, self.chart, axes)
            painter.save()
            painter.setClipRect(area)
            self._paint_path(painter)
            painter.restore()
        if self.hasFocus() and portrayed() is None:
            painter.setPen(QPen(self.theme.color("accent"), 1.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(area.adjusted(-0.5, -0.5, 0.5, 0.5))
        painter.end()

    def _below(self, chart: "Chart", axes: Axes) -> QPixmap:
        """Return all that stays while the path moves."""
        ratio = self.devicePixelRatioF()
        key = (chart, axes, self.stale, self.theme, self.names, self.base, ratio)
        if self._layer is None or self._layer[0] != key:
            layer = QPixmap(self.size() * ratio)
            layer.setDevicePixelRatio(ratio)
            layer.fill(Qt.GlobalColor.transparent)
            painter = QPainter(layer)
            self._draw(painter, chart, axes)
            painter.end()
            self._layer = key, layer
        return self._layer[1]

    def _draw(self, painter: QPainter, chart: "Chart", axes: Axes) -> None:
        Drawing(painter, self.theme, self.base, axes, self.names, chart).draw(scaled=self.scaled, stale=self.stale)

    def _paint_path(self, painter: QPainter) -> None:
        theme, path = self.theme, self.path
        if path is not None and len(path.times):
            places = self.at(path.places)
            line = QPolygonF(places)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for field, wide in (("window", 3.6), ("text", 1.6)):
                pen = QPen(theme.color(field), wide)
                pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
                painter.setPen(pen)
                painter.drawPolyline(line)
            painter.setPen(QPen(theme.color("window"), 1.0))
            painter.setBrush(theme.color("text"))
            if len(places) <= 80:
                for place in places:
                    painter.drawEllipse(place, 2.4, 2.4)
            for place, text in ((places[0], "start"), (places[-1], f"epoch {epoch_text(float(path.times[-1]))}")):
                painter.setBrush(theme.color("text"))
                painter.drawEllipse(place, 3.6, 3.6)
                if len(places) > 1 and self.axes.holds(place.x(), place.y()):
                    write_beside(painter, self.theme, self.base, self.axes, place, text)
            if self._on is not None:
                painter.setPen(QPen(theme.color("text"), 1.6))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(places[self._on], 8.0, 8.0)
        if self.present is not None:
            place = self.at(self.present[0][None])[0]
            painter.setPen(QPen(theme.color("window"), 2.0))
            painter.setBrush(theme.color("negative"))
            painter.drawEllipse(place, 5.6, 5.6)

    # -- hands ---------------------------------------------------------------------------------------------------

    def _point(self, place: QPointF) -> None:
        path = self.path
        self._on = None
        if path is not None and len(path.times):
            distances = [math.hypot(each.x() - place.x(), each.y() - place.y()) for each in self.at(path.places)]
            nearest = int(np.argmin(distances))
            self._on = nearest if distances[nearest] < _NEAR else None
        self._tell(place)
        self.update()

    def _tell(self, place: QPointF | None) -> None:
        path, chart = self.path, self.chart
        if self._on is not None and path is not None:
            far = float(path.far[self._on])
            away = "in the plane" if far < 1e-6 else f"{figure(far, 2)} off the plane"
            self.read.emit(f"epoch {epoch_text(float(path.times[self._on]))} · {away} · click to go there")
        elif place is not None and chart is not None:
            x, y = (float(each) for each in self.axes.real(place.x(), place.y()))
            loss = height(chart.surface, x, y)
            self.read.emit("" if loss is None else f"loss {figure(loss, 3)} at ({figure(x, 3)}, {figure(y, 3)})")
        else:
            self.read.emit("")

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        if self.window_shown is None or not event.angleDelta().y():
            return
        x, y = (float(each) for each in self.axes.real(event.position().x(), event.position().y()))
        self._look(self.window_shown.zoomed(1.2 ** (event.angleDelta().y() / 120), x, y))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._dragged = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        pressed, window = self._pressed, self.window_shown
        if pressed is None or window is None:
            self._point(event.position())
            return
        by = event.position() - pressed
        if self._dragged or by.manhattanLength() > _CLICK:
            axes = self.axes
            self._pressed, self._dragged = event.position(), True
            self._look(window.moved(-by.x() / axes.width * axes.x.length, by.y() / axes.height * axes.y.length))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        clicked = self._pressed is not None and not self._dragged
        self._pressed = None
        if clicked:
            self._point(event.position())
            self._seek()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if self._on is None:
            self.fit()

    def leaveEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        super().leaveEvent(event)
        self._on = None
        self._tell(None)
        self.update()

    def _seek(self) -> None:
        if self._on is not None and self.path is not None:
            self.sought.emit(self.path.moments[self._on])

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        key, window, path = Qt.Key(event.key()), self.window_shown, self.path
        if key in _STEPS and window is not None:
            middle = 0.5 * (window.left + window.right), 0.5 * (window.low + window.high)
            self._look(window.zoomed(_STEPS[key], *middle))
        elif key == Qt.Key.Key_0:
            self.fit()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and path is not None and len(path.times):
            last = len(path.times) - 1
            now = last + 1 if self._on is None else self._on
            self._on = min(max(now + (1 if key == Qt.Key.Key_Right else -1), 0), last)
            self._tell(None)
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._seek()
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(320, 280)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(160, 90)
