"""A matrix with a head above it: its name, its shape, and what its colours stand for."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.canvas.act import GRADIENT
from ui.panels.matrix_model import ramp_of
from ui.panels.matrix_table import MatrixTable
from ui.panels.matrix_values import Matrix
from ui.theme import Theme, base_pixel_size, font

BAR = 10
"""How thick a scroll bar is."""

_STOPS = 9
_LONGEST_FACTOR, _LONGEST_SCALE = "in 10⁻³", "±200"


class Head(QWidget):
    """What a matrix is called, its shape, and what its colours stand for."""

    def __init__(self, table: MatrixTable, theme: Theme) -> None:
        super().__init__(table.parentWidget())
        self.theme, self._table = theme, table
        base = base_pixel_size(self.font())
        self._name, self._small = font(1.05 * base, bold=True), font(0.86 * base)
        self.setFixedHeight(round(1.9 * base))

    @property
    def _texts(self) -> tuple[str, str, str]:
        matrix, factor = self._table.matrix_model.matrix, self._table.matrix_model.scale.factor
        return matrix.name, f"{matrix.shape}   {factor}".rstrip(), matrix.of

    @property
    def narrowest(self) -> int:
        """How wide it must be for its name, shape and scale."""
        matrix, small = self._table.matrix_model.matrix, QFontMetricsF(self._small)
        words = small.horizontalAdvance(
            f"{matrix.shape}  {_LONGEST_FACTOR if matrix.ramp == GRADIENT else ''}{_LONGEST_SCALE}"
        )
        return round(QFontMetricsF(self._name).horizontalAdvance(matrix.name) + words) + 20

    def say(self) -> None:
        """Tell a pointer and a screen reader what the matrix is."""
        matrix = self._table.matrix_model.matrix
        of = f" ({matrix.of})" if matrix.of else ""
        self.setToolTip(f"{matrix.name}{of}, {matrix.shape}\n{matrix.meaning}")
        self._table.setAccessibleName(f"{matrix.name}{of}, {matrix.shape}")
        self._table.setAccessibleDescription(matrix.meaning)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        name, shape, of = self._texts
        span, theme, base = self._table.matrix_model.scale, self.theme, base_pixel_size(self.font())
        place = QRectF(self.rect()).adjusted(0, 0, 0, -2)
        align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        small, left = QFontMetricsF(self._small), 2.0
        for text, style, field in ((name, self._name, "text"), (shape, self._small, "quiet")):
            painter.setFont(style)
            painter.setPen(theme.color(field))
            painter.drawText(place.adjusted(left, 0, 0, 0), align, text)
            left += QFontMetricsF(style).horizontalAdvance(text) + 0.6 * base
        scale, bar = small.horizontalAdvance(span.text), 2.6 * base
        room = place.width() - left - scale - 0.2 * base
        if room > bar + small.horizontalAdvance(of) + 1.2 * base and of:
            painter.drawText(place.adjusted(left, 0, 0, 0), align, of)
            left += small.horizontalAdvance(of) + 0.8 * base
        right = place.right() - 1
        painter.drawText(QRectF(right - scale, place.y(), scale + 1, place.height()), align, span.text)
        if room > bar + 0.6 * base:
            self._paint_ramp(painter, QRectF(right - scale - bar - 0.4 * base, place.center().y() - 3.5, bar, 7.0))
        painter.end()

    def _paint_ramp(self, painter: QPainter, place: QRectF) -> None:
        colours = ramp_of(self.theme, self._table.matrix_model.matrix.ramp).rgb
        shades = QLinearGradient(place.topLeft(), place.topRight())
        for nth in range(_STOPS):
            shades.setColorAt(nth / (_STOPS - 1), QColor(*colours[round(255 * nth / (_STOPS - 1))].tolist()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shades)
        painter.drawRoundedRect(place, 2, 2)


class Block:
    """A matrix with its head: two widgets that are placed together."""

    def __init__(self, matrix: Matrix, theme: Theme, parent: QWidget, *, roomy: bool) -> None:
        self.table = MatrixTable(matrix, theme, parent, roomy=roomy)
        self.head = Head(self.table, theme)
        for widget in (self.head, self.table):
            widget.show()
        self.head.say()

    @property
    def matrix(self) -> Matrix:
        """What it shows."""
        return self.table.matrix_model.matrix

    def show_matrix(self, matrix: Matrix) -> None:
        """Show other values."""
        self.table.show_matrix(matrix)
        self.head.say()

    def width(self, columns: int, *, bar: bool) -> int:
        """Return how wide it is with so many columns in sight, and perhaps a scroll bar."""
        return max(self.head.narrowest, self.table.width_of(columns) + BAR * bar)

    @property
    def height(self) -> int:
        """How high it is with all rows in sight, without a scroll bar."""
        return self.head.height() + self.table.height_of(len(self.matrix.values))

    def height_in(self, room: int) -> int:
        """Return how high it is where there is so much room: with whole rows only, without a scroll bar."""
        if self.height <= room:
            return self.height
        fixed = self.head.height() + self.table.head
        return fixed + max(1, (room - fixed) // self.table.pitch) * self.table.pitch

    def place(self, room: QRect, columns: int, *, bars: tuple[bool, bool]) -> None:
        """Put it somewhere, with so many columns in sight; a horizontal bar is below that, a vertical one inside."""
        on, off = Qt.ScrollBarPolicy.ScrollBarAlwaysOn, Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.table.setHorizontalScrollBarPolicy(on if bars[0] else off)
        self.table.setVerticalScrollBarPolicy(on if bars[1] else off)
        high = self.head.height()
        self.head.setGeometry(room.left(), room.top(), room.width(), high)
        width = self.table.width_of(columns) + BAR * bars[1]
        self.table.setGeometry(room.left(), room.top() + high, width, room.height() - high + BAR * bars[0])
