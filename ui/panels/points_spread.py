"""Puts the plane beside its tools and the shapes, or above them where there is little room."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QScrollArea, QWidget

from ui.panels.panel import MARGIN

_WIDE, _REST, _BROAD = 390, 216, 430
_LEAST = 170
_MOST = 16_777_215  # Qt's own bound


class Spread(QWidget):
    """The plane, and what scrolls beside it or below it.

    Parameters
    ----------
    plane
        Wants to be a square.
    parts
        What scrolls: side by side where there is much room, else below each other.
    """

    def __init__(self, plane: QWidget, *parts: QWidget) -> None:
        super().__init__()
        self._plane = plane
        content = QWidget()
        self._parts = QBoxLayout(QBoxLayout.Direction.TopToBottom, content)
        self._parts.setContentsMargins(0, 0, 8, 4)
        self._parts.setSpacing(12)
        for part in parts:
            self._parts.addWidget(part, 0, Qt.AlignmentFlag.AlignTop)
        self._parts.addStretch(0)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(content)
        self._whole = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._whole.setContentsMargins(MARGIN, 8, 4, 4)
        self._whole.setSpacing(10)
        self._whole.addWidget(plane)
        self._whole.addWidget(area, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        direction = QBoxLayout.Direction
        wide, tall = self.width(), self.height()
        beside = wide >= _WIDE and wide > 1.1 * tall
        self._whole.setDirection(direction.LeftToRight if beside else direction.TopToBottom)
        side = 0
        if beside:
            side = max(_LEAST, min(tall, wide - _REST))
            self._plane.setMinimumHeight(0)
            self._plane.setMaximumHeight(_MOST)
            self._plane.setFixedWidth(side)
        else:
            self._plane.setMinimumWidth(0)
            self._plane.setMaximumWidth(_MOST)
            self._plane.setFixedHeight(max(_LEAST, min(wide, round(0.55 * tall))))
        broad = wide - side >= _BROAD
        self._parts.setDirection(direction.LeftToRight if broad else direction.TopToBottom)
        last = self._parts.count() - 1
        for place in range(last):
            self._parts.setStretch(place, int(broad))
        self._parts.setStretch(last, int(not broad))
