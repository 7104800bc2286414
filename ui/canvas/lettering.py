"""Text of the canvas: fonts by pixel size, widths and shortened texts remembered, one call to write a line."""

import functools
from typing import NamedTuple

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from ui import theme


class Hand(NamedTuple):
    """How a line is written: its height in pixels and whether it is semi-bold."""

    size: int
    bold: bool = False

    @property
    def font(self) -> QFont:
        """The font."""
        return _font(self.size, self.bold)

    @property
    def ascent(self) -> float:
        """How far capitals and figures rise above the line."""
        return _metrics(self.size, self.bold).capHeight()

    @property
    def height(self) -> float:
        """The distance from line to line."""
        return _metrics(self.size, self.bold).height()

    def width(self, text: str) -> float:
        """Return how wide a text is."""
        return _width(text, self.size, self.bold)

    def short(self, text: str, room: float) -> str:
        """Return the text, or as much of its beginning as fits with an ellipsis."""
        return text if self.width(text) <= room else _short(text, self.size, self.bold, int(room))


def hand(size: float, *, bold: bool = False) -> Hand:
    """Return a hand of about that height."""
    return Hand(max(6, round(size)), bold)


def write(
    painter: QPainter,
    text: str,
    x: float,
    baseline: float,
    style: Hand,
    colour: QColor,
    *,
    align: str = "left",
    room: float | None = None,
) -> float:
    """Write one line and return its width.

    Parameters
    ----------
    painter
        Where.
    text
        What; shortened with an ellipsis when it is wider than `room`.
    x, baseline
        The place; x is the text's left side, centre or right side.
    style, colour
        How.
    align
        ``left``, ``centre`` or ``right``.
    room
        The greatest width, or None.
    """
    if room is not None:
        text = style.short(text, room)
    width = style.width(text)
    left = x - {"left": 0.0, "centre": 0.5 * width, "right": width}[align]
    painter.setFont(style.font)
    painter.setPen(colour)
    painter.drawText(QPointF(left, baseline), text)
    return width


@functools.lru_cache(maxsize=256)
def _font(size: int, bold: bool) -> QFont:
    return theme.font(size, bold=bold)


@functools.lru_cache(maxsize=256)
def _metrics(size: int, bold: bool) -> QFontMetricsF:
    return QFontMetricsF(_font(size, bold))


@functools.lru_cache(maxsize=8192)
def _width(text: str, size: int, bold: bool) -> float:
    return _metrics(size, bold).horizontalAdvance(text)


@functools.lru_cache(maxsize=2048)
def _short(text: str, size: int, bold: bool, room: int) -> str:
    return _metrics(size, bold).elidedText(text, Qt.TextElideMode.ElideRight, room)
