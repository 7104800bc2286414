"""The colours of weights: as on the canvas, and another pair for gradients; as a table of pixels, and as a bar."""

import functools

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.canvas import colour
from ui.canvas.act import GRADIENT as GRADIENT_RAMP
from ui.canvas.act import VALUE
from ui.canvas.lettering import hand, write
from ui.canvas.nodes import node_ramp
from ui.panels.weight_images_values import GRADIENT
from ui.theme import Theme, base_pixel_size


@functools.lru_cache(maxsize=8)
def ramp_for(theme: Theme, quantity: str) -> colour.Ramp:
    """Return the colours of a quantity."""
    return node_ramp(theme, GRADIENT_RAMP if quantity == GRADIENT else VALUE)


@functools.lru_cache(maxsize=8)
def table_of(ramp: colour.Ramp) -> NDArray[np.uint32]:
    """Return the colours of a ramp as pixels 0xffRRGGBB, (256,)."""
    parts = ramp.rgb.astype(np.uint32)
    return np.asarray(0xFF000000 | parts[:, 0] << 16 | parts[:, 1] << 8 | parts[:, 2], np.uint32)


class Foot(QWidget):
    """What is under the pointer at the left; at the right the colours and where they end."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("weights.foot")
        self.setAccessibleName("Number under the pointer, and scale of the colours")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.theme = theme
        self.text, self.scale = "", ""
        self._ramp: colour.Ramp | None = None

    def say(self, text: str) -> None:
        """Show a number, or nothing."""
        if text != self.text:
            self.text = text
            self.setAccessibleDescription(f"{text} {self.scale}".strip())
            self.update()

    def show_scale(self, ramp: colour.Ramp, scale: str, tip: str) -> None:
        """Show other colours, and what they stand for."""
        if (ramp, scale) != (self._ramp, self.scale):
            self._ramp, self.scale = ramp, scale
            self.setToolTip(tip)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        style = hand(0.9 * base_pixel_size(self.font()))
        baseline, right = 0.5 * (self.height() + style.ascent), self.width() - 12.0
        if self._ramp is not None:
            wide = style.width(self.scale)
            write(painter, self.scale, right, baseline, style, self.theme.color("quiet"), align="right")
            bar = QRectF(right - wide - 8.0 - 64.0, 0.5 * self.height() - 4.0, 64.0, 8.0)
            shades = QLinearGradient(bar.topLeft(), bar.topRight())
            for place in range(0, 256, 15):
                shades.setColorAt(place / 255, QColor(*self._ramp.rgb[place].tolist()))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(shades)
            painter.drawRoundedRect(bar, 2.0, 2.0)
            right = bar.left() - 10.0
        write(painter, self.text, 12.0, baseline, style, self.theme.color("text"), room=max(0.0, right - 12.0))
        painter.end()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(200, round(1.9 * base_pixel_size(self.font())))
