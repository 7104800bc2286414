"""A slider in real units: its groove shows what training saw, and a line the row's own value."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QSlider

from ui.panels.what_if_grid import Grid
from ui.theme import Theme, base_pixel_size

_MAGNET = 3.0


class RangeSlider(QSlider):
    """A slider over a grid of values; the knob jumps to where the mouse is pressed.

    Signals
    -------
    moved
        The value that somebody moved it to; near the row's own value exactly that.
    restored
        Somebody clicked twice: the row's own value is wanted back.
    """

    moved = Signal(float)
    restored = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.theme = theme
        self.grid = Grid(0, 0, 1, 0.0, 1.0)
        self.own: float | None = None
        self.value_shown = 0.0
        self.changed = self.warns = False
        self._grabbed: float | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.valueChanged.connect(self._stepped)

    def show_grid(self, grid: Grid, own: float | None) -> None:
        """Go over other values; `own` is the row's own one."""
        if own != self.own:
            self.own = own
            self.update()
        if grid != self.grid:
            self.grid = grid
            before = self.blockSignals(True)
            self.setRange(0, grid.positions)
            self.blockSignals(before)
            self.setPageStep(max(1, round(grid.positions / 10)))
            self.update()

    def show_value(self, value: float, *, changed: bool, warns: bool) -> None:
        """Show a value without reporting it; in the accent colour, or in that of a warning."""
        if (value, changed, warns) == (self.value_shown, self.changed, self.warns):
            return
        self.value_shown, self.changed, self.warns = value, changed, warns
        before = self.blockSignals(True)
        self.setValue(self.grid.position(value))
        self.blockSignals(before)
        self.update()

    def _stepped(self, position: int) -> None:
        """Report where the keyboard, or a reader of the screen, has moved it."""
        self._report(self._value_at(position))

    def _value_at(self, position: int) -> float:
        if self.own is not None and position == self.grid.position(self.own):
            return self.own
        return self.grid.value(position)

    def _report(self, value: float) -> None:
        if value != self.value_shown:
            self.moved.emit(value)

    # -- the mouse ----------------------------------------------------------------------------------------------

    @property
    def _radius(self) -> float:
        return 0.46 * base_pixel_size(self.font())

    def x_of(self, value: float) -> float:
        """Return where a value stands, in pixels from the left."""
        inset = self._radius + 1.5
        return inset + self.grid.share(value) * (self.width() - 2.0 * inset)

    def _drag_to(self, x: float) -> None:
        if self.own is not None and abs(x - self.x_of(self.own)) <= _MAGNET:
            value = self.own
        else:
            inset = self._radius + 1.5
            share = (x - inset) / max(1.0, self.width() - 2.0 * inset)
            value = self._value_at(round(min(max(share, 0.0), 1.0) * self.grid.positions))
        self._report(value)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self.setSliderDown(True)
        knob, x = self.x_of(self.value_shown), event.position().x()
        # Who takes the knob at its edge does not want it to move; who presses elsewhere wants it there.
        self._grabbed = x - knob if abs(x - knob) <= self._radius + 1.0 else 0.0
        if not self._grabbed:
            self._drag_to(x)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if self._grabbed is not None:
            self._drag_to(event.position().x() - self._grabbed)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if event.button() == Qt.MouseButton.LeftButton:
            self._grabbed = None
            self.setSliderDown(False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if event.button() == Qt.MouseButton.LeftButton:
            self._grabbed = None
            self.restored.emit()

    # -- the look -----------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(140, round(1.4 * base_pixel_size(self.font())))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(60, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, radius, middle = self.theme, self._radius, 0.5 * self.height()
        strong = theme.color("warning" if self.warns else "accent")
        knob = self.x_of(self.value_shown)
        painter.setPen(QPen(theme.color("hairline"), 1.0))
        painter.drawLine(QPointF(1.0, middle), QPointF(self.width() - 1.0, middle))
        painter.setPen(Qt.PenStyle.NoPen)
        low, high = self.x_of(self.grid.low), self.x_of(self.grid.high)
        thick = 0.34 * radius
        painter.setBrush(theme.color("border"))
        painter.drawRoundedRect(QRectF(low - thick, middle - thick, high - low + 2 * thick, 2 * thick), thick, thick)
        if self.own is not None:
            own = self.x_of(self.own)
            if self.changed:
                painter.setBrush(strong)
                painter.drawRect(QRectF(min(own, knob), middle - thick, abs(knob - own), 2 * thick))
            painter.setBrush(theme.color("quiet"))
            painter.drawRoundedRect(QRectF(own - 1.0, middle - 1.35 * radius, 2.0, 2.7 * radius), 1.0, 1.0)
        if self.hasFocus():
            painter.setPen(QPen(theme.color("link"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(knob, middle), radius + 1.0, radius + 1.0)
        # A ring in the panel's own colour keeps the knob apart from the groove.
        painter.setPen(QPen(theme.color("window"), 1.5))
        painter.setBrush(strong if self.changed or self.warns else theme.color("quiet"))
        painter.drawEllipse(QPointF(knob, middle), 0.82 * radius, 0.82 * radius)
        painter.end()
