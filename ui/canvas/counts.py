"""What is not drawn one by one is counted: plates above and below a scrolled column, notes below grids and strips."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPen

from ui.canvas.forms import GRID
from ui.canvas.layout import Column, Rect
from ui.canvas.lettering import write
from ui.canvas.page import Page
from ui.canvas.picture import Picture, grouped
from ui.theme import Theme

_PAD = 7.0


def counted(page: Page, picture: Picture, layer: int) -> list[str]:
    """Return what stands on the plates of a layer; an empty text is not drawn."""
    column = page.layout.columns[layer]
    if not column.plates:
        return []
    if not column.celled:
        before, after = ("◀ ", " ▶") if page.upright else ("▲ ", "")
        below = f"{grouped(column.below)}{after}" if page.upright else f"▼ {grouped(column.below)}"
        return [f"{before}{grouped(column.above)}" if column.above else "", below if column.below else ""]
    if layer == 0 and picture.input_shape is not None and column.kind == GRID:
        return [f"{picture.input_shape[0]} × {picture.input_shape[1]} pixels"]
    return [f"{grouped(column.units)} neuron{'s' if column.units > 1 else ''}"]


def plate_boxes(page: Page, picture: Picture, layer: int) -> list[tuple[Rect, str]]:
    """Return where the plates of a layer are on the page, and what stands on them."""
    column, style = page.layout.columns[layer], page.hands.detail
    found = []
    for along, text in zip(column.plates, counted(page, picture, layer), strict=False):
        width, height = style.width(text) + 2.0 * _PAD * page.scale, style.height + 3.0
        x, y = page.at(column.x, along)
        if page.upright and column.celled:
            x = min(float(column.y.max()) + 0.5 * column.pitch + 6.0, page.rect.width - width) + 0.5 * width
        elif column.celled and layer == len(page.layout.columns) - 1:  # the names of the outputs are at its right
            x = min(x, column.x + column.half - 0.5 * width + _PAD * page.scale)
        found.append((Rect(x - 0.5 * width, y - 0.5 * height, width, height), text))
    return found


def plate_at(page: Page, picture: Picture, x: float, y: float) -> tuple[int, int] | None:
    """Return the layer whose plate is at a point of the page, and −1 for the count before or 1 for that after."""
    for layer, column in enumerate(page.layout.columns):
        if column.celled:
            continue
        for side, (box, text) in zip((-1, 1), plate_boxes(page, picture, layer), strict=False):
            inside = box.x - 3 <= x <= box.x + box.width + 3 and box.y - 3 <= y <= box.y + box.height + 3
            if text and inside:
                return layer, side
    return None


def paint_counts(painter: QPainter, page: Page, picture: Picture, theme: Theme) -> None:
    """Draw the plates of every layer."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    style = page.hands.detail
    for layer, column in enumerate(page.layout.columns):
        for box, text in plate_boxes(page, picture, layer):
            if not text:
                continue
            if not column.celled:
                painter.setPen(QPen(theme.color("border"), 1.0))
                painter.setBrush(theme.color("raised"))
                painter.drawRoundedRect(QRectF(*box), 0.5 * box.height, 0.5 * box.height)
            middle, baseline = box.x + 0.5 * box.width, box.y + 0.5 * (box.height + style.ascent)
            write(painter, text, middle, baseline, style, theme.color("quiet"), align="centre")
        if column.hidden:
            _paint_track(painter, page, column, theme)
    painter.restore()


def _paint_track(painter: QPainter, page: Page, column: Column, theme: Theme) -> None:
    """Draw beside a scrolled column which part of it is seen."""
    start, length = float(column.y[0]) - column.radius, float(column.y[-1] - column.y[0]) + 2.0 * column.radius
    x = column.x - column.radius - 4.0
    painter.setPen(QPen(theme.color("track"), 2.0))
    painter.drawLine(*_line(page, x, start, start + length))
    first, last = (start + length * place / column.units for place in (column.above, column.units - column.below))
    painter.setPen(QPen(theme.color("quiet"), 2.0))
    painter.drawLine(*_line(page, x, first, max(last, first + 6.0)))


def _line(page: Page, x: float, start: float, end: float) -> tuple[int, int, int, int]:
    one, other = page.at(x, start), page.at(x, end)
    return round(one[0]), round(one[1]), round(other[0]), round(other[1])
