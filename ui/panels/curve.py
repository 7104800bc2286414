"""A neuron's activation function as a curve, with the point that the shown row is at."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from simulator.explain import figure
from ui.panels.inspection import Curve
from ui.theme import Theme, base_pixel_size, font


class CurveView(QWidget):
    """The curve, its point (z, a), and how steep it is there."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("inspector.curve")
        self.setToolTip(
            "The activation function. The point is the shown row: z on the axis below, a on the left;\n"
            "the short line is its slope there, by which a gradient is multiplied on the way back."
        )
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.theme = theme
        self._curve: Curve | None = None

    def show_curve(self, curve: Curve | None) -> None:
        """Show another curve, or nothing."""
        self._curve = curve
        self.setVisible(curve is not None)
        if curve is not None:
            place = f"at z = {figure(curve.z)}: a = {figure(curve.a)}, slope {figure(curve.slope)}"
            self.setAccessibleName(f"Curve of {curve.formula}, {place}")
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(260, round(11.5 * base_pixel_size(self.font())))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        curve = self._curve
        if curve is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        small = font(0.88 * base_pixel_size(self.font()))
        painter.setFont(small)
        metrics = QFontMetricsF(small)
        left = metrics.horizontalAdvance("−0000") + 8.0
        room = QRectF(left, 0.7 * metrics.height(), min(self.width() - left - 12.0, 420.0),
                      self.height() - 2.0 * metrics.height() - 4.0)  # fmt: skip
        _Drawing(painter, curve, self.theme, room, metrics).draw()
        painter.end()


class _Drawing:
    """One painting of a curve."""

    def __init__(self, painter: QPainter, curve: Curve, theme: Theme, room: QRectF, metrics: QFontMetricsF) -> None:
        self.painter, self.curve, self.theme, self.room, self.metrics = painter, curve, theme, room, metrics
        low, high = float(curve.y.min()), float(curve.y.max())
        slack = 0.08 * (high - low) or 1.0
        self.low, self.high = min(low, 0.0) - slack, max(high, 0.0) + slack
        self.half = float(curve.x[-1])

    def at(self, x: float, y: float) -> QPointF:
        room = self.room
        return QPointF(
            room.left() + room.width() * (x + self.half) / (2.0 * self.half),
            room.bottom() - room.height() * (y - self.low) / (self.high - self.low),
        )

    def draw(self) -> None:
        self._axes()
        curve, painter = self.curve, self.painter
        path = QPainterPath(self.at(float(curve.x[0]), float(curve.y[0])))
        for x, y in zip(curve.x[1:].tolist(), curve.y[1:].tolist(), strict=True):
            path.lineTo(self.at(x, y))
        painter.setPen(QPen(self.theme.color("quiet"), 1.8))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
        if abs(curve.z) <= self.half and self.low <= curve.a <= self.high:
            self._point()

    def _axes(self) -> None:
        painter, room, theme = self.painter, self.room, self.theme
        painter.setPen(QPen(theme.color("border"), 1.0))
        painter.drawLine(self.at(-self.half, 0.0), self.at(self.half, 0.0))
        painter.drawLine(self.at(0.0, self.low), self.at(0.0, self.high))
        painter.setPen(theme.color("quiet"))
        high = self.metrics.height()
        below = room.bottom() + 2.0
        for x, text in ((-self.half, figure(-self.half)), (0.0, "0"), (self.half, figure(self.half))):
            middle = self.at(x, 0.0).x()
            painter.drawText(QRectF(middle - 40, below, 80, high), Qt.AlignmentFlag.AlignHCenter, text)
        values = dict.fromkeys(float(f"{value:.2g}") for value in (self.curve.y.min(), self.curve.y.max(), 0.0))
        drawn: list[float] = []
        for value in values:
            y = self.at(0.0, value).y()
            if all(abs(y - other) > high for other in drawn):
                drawn.append(y)
                place = QRectF(0.0, y - 0.5 * high, room.left() - 6.0, high)
                painter.drawText(place, Qt.AlignmentFlag.AlignRight, figure(value, 2))

    def _point(self) -> None:
        painter, curve, theme = self.painter, self.curve, self.theme
        place = self.at(curve.z, curve.a)
        colour = theme.color("positive" if curve.a >= 0 else "negative")
        painter.setPen(QPen(colour, 1.0, Qt.PenStyle.DashLine))
        painter.drawLine(place, self.at(curve.z, 0.0))
        painter.drawLine(place, self.at(0.0, curve.a))
        # A tangent of one length on the paper, whatever the axes' scales are.
        run = self.room.width() / (2.0 * self.half)
        rise = -curve.slope * self.room.height() / (self.high - self.low)
        size = (run * run + rise * rise) ** 0.5 or 1.0
        step = QPointF(26.0 * run / size, 26.0 * rise / size)
        painter.setPen(QPen(colour, 2.0))
        painter.drawLine(place - step, place + step)
        painter.setPen(QPen(theme.color("window"), 1.5))
        painter.setBrush(colour)
        painter.drawEllipse(place, 5.0, 5.0)
        painter.setPen(theme.color("text"))
        text, high = f"z {figure(curve.z)}   a {figure(curve.a)}", self.metrics.height()
        # In the corner that the curve leaves free: functions rise from the lower left.
        below = QRectF(self.room.center().x(), self.room.bottom() - 2.2 * high, 0.5 * self.room.width(), high)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, text)
