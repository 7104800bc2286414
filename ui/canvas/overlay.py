"""What lies over the picture while somebody points at it: rings, and a card with the arithmetic."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ui.canvas.cards import Card
from ui.canvas.lettering import hand, write
from ui.theme import Theme

_BAR = 44.0


def paint_ring(painter: QPainter, x: float, y: float, radius: float, theme: Theme, *, focus: bool) -> None:
    """Draw a ring around a neuron: plain for the pointer, in the accent colour for the keyboard."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.color("window"), 4.5))
    painter.drawEllipse(QPointF(x, y), radius + 2.5, radius + 2.5)
    painter.setPen(QPen(theme.color("link" if focus else "text"), 2.2))
    painter.drawEllipse(QPointF(x, y), radius + 2.5, radius + 2.5)
    painter.restore()


def paint_card(
    painter: QPainter,
    card: Card,
    anchor: tuple[float, float],
    clear: float,
    bounds: QRectF,
    theme: Theme,
    scale: float,
    *,
    above: bool = False,
) -> QRectF:
    """Draw a card beside a point and return its rectangle.

    Parameters
    ----------
    painter, card
        Where and what.
    anchor, clear
        The point it belongs to, and how far it stays from it.
    bounds
        What it may not leave.
    theme, scale
        How.
    above
        Whether it stands above (or below) the point instead of beside it.
    """
    title, text, bold = hand(13 * scale, bold=True), hand(12 * scale), hand(12 * scale, bold=True)
    pad, gap, line = 12.0 * scale, 12.0 * scale, round(19.0 * scale)
    number = bold.width("−00.000")
    product = max([text.width("−0.000 × −0.000") if any(row.product for row in card.rows) else 0.0]
                  + [text.width(row.product) for row in card.rows])  # fmt: skip
    value = max([number, *(bold.width(row.value) for row in card.rows)])
    most = max(120.0, bounds.width() - 2.0 * pad - 16.0)
    labels = min(max([0.0, *(text.width(row.label) for row in card.rows)]), 150.0 * scale)
    bar = _BAR * scale if card.rows else 0.0
    inner = labels + gap + product + gap + value + (gap + bar if bar else 0.0) if card.rows else 0.0
    plain = max([0.0, *(text.width(name) + gap + max(number, bold.width(result)) for name, result in card.results)])
    inner = min(most, max(inner, plain, min(title.width(card.title), 300.0 * scale), text.width(card.detail)))
    rows = len(card.rows) + len(card.results)
    height = 2.0 * pad + title.height + text.height + line * rows + (8.0 * scale if rows else 0.0)
    height += 9.0 * scale if card.rows and card.results else 0.0
    box = _place(anchor, clear, inner + 2.0 * pad, height, bounds, above=above)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    _paint_plate(painter, box, theme)
    left, right = box.x() + pad, box.x() + pad + inner
    y = box.y() + pad + title.ascent + 2.0
    write(painter, card.title, left, y, title, theme.color("text"), room=inner)
    y += text.height + 2.0
    write(painter, card.detail, left, y, text, theme.color("quiet"), room=inner)
    y += 8.0 * scale
    numbers = right - (gap + bar if bar else 0.0)
    for row in card.rows:
        y += line
        room = numbers - value - 2.0 * gap - product - left
        write(painter, row.label, left, y, text, theme.color("text"), room=max(10.0, room))
        write(painter, row.product, numbers - value - gap, y, text, theme.color("quiet"), align="right")
        write(painter, row.value, numbers, y, bold, theme.color("text"), align="right")
        _paint_share(painter, QRectF(right - bar, y - text.ascent, bar, text.ascent), row.share, theme)
    if card.rows and card.results:
        y += 9.0 * scale
        painter.setPen(QPen(theme.color("border"), 1.0))
        painter.drawLine(QPointF(left, y), QPointF(right, y))
    for name, result in card.results:
        y += line
        write(painter, name, left, y, text, theme.color("quiet"))
        write(painter, result, numbers, y, bold, theme.color("text"), align="right")
    painter.restore()
    return box


def _place(
    anchor: tuple[float, float], clear: float, width: float, height: float, bounds: QRectF, *, above: bool
) -> QRectF:
    x, y = anchor
    if above:
        left = max(bounds.left(), min(x - 0.5 * width, bounds.right() - width))
        top = y - clear - height if y - clear - height >= bounds.top() else y + clear
        return QRectF(round(left), round(top), round(width), round(height))
    left = x + clear if x + clear + width <= bounds.right() else x - clear - width
    left = max(bounds.left(), min(left, bounds.right() - width))
    top = max(bounds.top(), min(y - 0.5 * height, bounds.bottom() - height))
    return QRectF(round(left), round(top), round(width), round(height))


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
