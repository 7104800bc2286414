"""Small round buttons above the layers: real widgets, so that keyboards and screen readers reach them."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from ui.theme import Theme

SIDE = 20

_GLYPHS: dict[str, tuple[tuple[float, float, float, float], ...]] = {
    "plus": ((-1, 0, 1, 0), (0, -1, 0, 1)),
    "minus": ((-1, 0, 1, 0),),
    "remove": ((-0.75, -0.75, 0.75, 0.75), (-0.75, 0.75, 0.75, -0.75)),
    "add": ((-1, 0, 1, 0), (0, -1, 0, 1)),
}
"""Lines of each glyph in units of a quarter of the button."""


class CanvasButton(QAbstractButton):
    """A round button with a drawn glyph.

    Parameters
    ----------
    glyph
        A row of the table of glyphs; ``add`` has a dashed rim, because it stands where nothing is yet.
    name
        What a screen reader says.
    hint
        The tooltip while the button can be used.
    theme, parent
        Colours, and the canvas.
    """

    def __init__(self, glyph: str, name: str, hint: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self.hint = hint
        self._glyph = glyph
        self._over = False
        self.setAccessibleName(name)
        self.setToolTip(hint)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoRepeat(glyph in {"plus", "minus"})
        self.setAutoRepeatDelay(500)
        self.setAutoRepeatInterval(160)
        self.resize(SIDE, SIDE)

    def refuse(self, reason: str) -> None:
        """Disable the button and say why in its tooltip; an empty reason enables it."""
        self.setEnabled(not reason)
        self.setToolTip(reason or self.hint)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(SIDE, SIDE)

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802 - Qt's name
        self._over = True
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        self._over = False
        self.update()
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        awake = self.isEnabled() and (self._over or self.hasFocus() or self.isDown())
        rim = QPen(self.theme.color("accent" if awake else "border"), 1.6 if awake else 1.1)
        if self._glyph == "add" and not awake:
            rim.setDashPattern([2.0, 2.0])
        painter.setPen(rim)
        painter.setBrush(self.theme.color("raised" if self.isEnabled() else "canvas_top"))
        box = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        painter.drawEllipse(box)
        ink = "border" if not self.isEnabled() else "text" if awake else "quiet"
        pen = QPen(self.theme.color(ink), 1.6)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        unit, middle = 0.22 * self.width(), box.center()
        for x0, y0, x1, y1 in _GLYPHS[self._glyph]:
            painter.drawLine(middle + QPointF(x0, y0) * unit, middle + QPointF(x1, y1) * unit)
        painter.end()
