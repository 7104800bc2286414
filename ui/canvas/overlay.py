"""What lies over the picture while somebody points at it: rings, and a card with the arithmetic."""

import math
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ui.canvas.cards import Card
from ui.canvas.lettering import Hand, hand, write
from ui.canvas.page import Page
from ui.theme import Theme

_BAR = 44.0


def paint_halo(painter: QPainter, page: Page, neuron: tuple[int, int], theme: Theme) -> None:
    """Draw a soft wide ring around the neuron that a phase is about."""
    column = page.layout.columns[neuron[0]]
    place = column.place(neuron[1])
    if place is None:
        return
    centre, shade = QPointF(*page.at(*column.centre(place))), theme.color("accent")
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for width, alpha in ((11.0, 0.10), (7.0, 0.18), (2.0, 0.95)):
        shade.setAlphaF(alpha)
        painter.setPen(QPen(shade, width))
        painter.drawEllipse(centre, column.radius + 7.5, column.radius + 7.5)
    painter.restore()


def paint_frame(painter: QPainter, box: QRectF, theme: Theme, *, ink: str, thin: bool = False) -> None:
    """Draw a frame around a neuron that is a cell, in a colour of the theme."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    around = box.adjusted(-2.5, -2.5, 2.5, 2.5)
    for pen in (QPen(theme.color("window"), 4.5), QPen(theme.color(ink), 1.6 if thin else 2.2)):
        painter.setPen(pen)
        painter.drawRoundedRect(around, 3.0, 3.0)
    painter.restore()


def paint_ring(
    painter: QPainter, x: float, y: float, radius: float, theme: Theme, *, ink: str, thin: bool = False
) -> None:
    """Draw a ring around a neuron in a colour of the theme."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.color("window"), 4.5))
    painter.drawEllipse(QPointF(x, y), radius + 2.5, radius + 2.5)
    painter.setPen(QPen(theme.color(ink), 1.6 if thin else 2.2))
    painter.drawEllipse(QPointF(x, y), radius + 2.5, radius + 2.5)
    painter.restore()


class Measures(NamedTuple):
    """How wide the columns of a card are, and how large it is."""

    product: float
    value: float
    bar: float
    width: float
    height: float


def measured(card: Card, bounds: QRectF, scale: float) -> Measures:
    """Return how large a card is that lies within some bounds."""
    title, text, bold = _hands(scale)
    pad, gap, line = 12.0 * scale, 12.0 * scale, round(19.0 * scale)
    least = bold.width("−00.000")
    product = max([text.width("−0.000 × −0.000") if any(row.product for row in card.rows) else 0.0]
                  + [text.width(row.product) for row in card.rows])  # fmt: skip
    value = max([least, *(bold.width(row.value) for row in card.rows)])
    most = max(120.0, bounds.width() - 2.0 * pad - 16.0)
    labels = min(max([0.0, *(text.width(row.label) for row in card.rows)]), 150.0 * scale)
    bar = _BAR * scale if card.rows else 0.0
    inner = labels + gap + product + gap + value + (gap + bar if bar else 0.0) if card.rows else 0.0
    plain = max([0.0, *(text.width(name) + gap + max(least, bold.width(result)) for name, result in card.results)])
    inner = min(most, max(inner, plain, min(title.width(card.title), 300.0 * scale), text.width(card.detail)))
    rows = len(card.rows) + len(card.results)
    height = 2.0 * pad + title.height + text.height + line * rows + (8.0 * scale if rows else 0.0)
    height += 9.0 * scale if card.rows and card.results else 0.0
    return Measures(product, value, bar, math.ceil(inner + 2.0 * pad) + 1.0, math.ceil(height))


def paint_card(painter: QPainter, card: Card, box: QRectF, sizes: Measures, theme: Theme, scale: float) -> None:
    """Draw a card into its rectangle; a row without a value steps back.

    Parameters
    ----------
    painter, card, box
        Where and what.
    sizes
        How wide its columns are: those of the card, or of the fullest one it will become.
    theme, scale
        How.
    """
    title, text, bold = _hands(scale)
    pad, gap, line = 12.0 * scale, 12.0 * scale, round(19.0 * scale)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    _paint_plate(painter, box, theme)
    left, right = box.x() + pad, box.right() - pad
    inner = right - left
    y = box.y() + pad + title.ascent + 2.0
    write(painter, card.title, left, y, title, theme.color("text"), room=inner)
    y += text.height + 2.0
    write(painter, card.detail, left, y, text, theme.color("quiet"), room=inner)
    y += 8.0 * scale
    numbers = right - (gap + sizes.bar if sizes.bar else 0.0)
    for row in card.rows:
        y += line
        room = numbers - sizes.value - 2.0 * gap - sizes.product - left
        ink = theme.color("text" if row.value else "quiet")
        write(painter, row.label, left, y, text, ink, room=max(10.0, room))
        write(painter, row.product, numbers - sizes.value - gap, y, text, theme.color("quiet"), align="right")
        write(painter, row.value, numbers, y, bold, theme.color("text"), align="right")
        _paint_share(painter, QRectF(right - sizes.bar, y - text.ascent, sizes.bar, text.ascent), row.share, theme)
    if card.rows and card.results:
        y += 9.0 * scale
        painter.setPen(QPen(theme.color("border"), 1.0))
        painter.drawLine(QPointF(left, y), QPointF(right, y))
    for name, result in card.results:
        y += line
        write(painter, name, left, y, text, theme.color("quiet"))
        write(painter, result, numbers, y, bold, theme.color("text"), align="right")
    painter.restore()


def beside(
    anchor: tuple[float, float], clear: float, sizes: Measures, bounds: QRectF, *, above: bool = False
) -> QRectF:
    """Return where a card stands beside a point, or above or below it.

    Parameters
    ----------
    anchor, clear
        The point it belongs to, and how far it stays from it.
    sizes, bounds
        How large it is, and what it may not leave.
    above
        Whether it stands above (or below) the point instead of beside it.
    """
    (x, y), width, height = anchor, sizes.width, sizes.height
    if above:
        left = max(bounds.left(), min(x - 0.5 * width, bounds.right() - width))
        top = y - clear - height if y - clear - height >= bounds.top() else y + clear
        return QRectF(round(left), round(top), width, height)
    left = x + clear if x + clear + width <= bounds.right() else x - clear - width
    left = max(bounds.left(), min(left, bounds.right() - width))
    top = max(bounds.top(), min(y - 0.5 * height, bounds.bottom() - height))
    return QRectF(round(left), round(top), width, height)


def _hands(scale: float) -> tuple[Hand, Hand, Hand]:
    return hand(13 * scale, bold=True), hand(12 * scale), hand(12 * scale, bold=True)


def _paint_plate(painter: QPainter, box: QRectF, theme: Theme) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    for step in range(4):
        painter.setBrush(QColor(0, 0, 0, 22 if theme.dark else 9))
        spread = 1.0 + 1.5 * step
        painter.drawRoundedRect(box.adjusted(-spread, -spread + 2.0, spread, spread + 2.0), 9.0 + spread, 9.0 + spread)
    painter.setPen(QPen(theme.color("border"), 1.0))
    painter.setBrush(theme.color("raised"))
    painter.drawRoundedRect(box, 9.0, 9.0)


def _paint_share(painter: QPainter, box: QRectF, share: float, theme: Theme) -> None:
    """Draw a bar from the middle: right and blue for what raises the sum, left and orange for what lowers it."""
    middle = box.center().x()
    painter.setPen(QPen(theme.color("border"), 1.0))
    painter.drawLine(QPointF(middle, box.top() - 1.0), QPointF(middle, box.bottom() + 1.0))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("positive" if share > 0 else "negative"))
    length = 0.5 * box.width() * abs(share)
    painter.drawRect(QRectF(middle if share > 0 else middle - length, box.top() + 1.0, length, box.height() - 2.0))
