"""The names of the inputs, with the row's values in real units."""

from PySide6.QtGui import QPainter

from ui.canvas.lettering import write
from ui.canvas.page import Page
from ui.canvas.picture import Picture
from ui.theme import Theme


def paint_input_labels(painter: QPainter, page: Page, picture: Picture, theme: Theme) -> None:
    """Write the names of the inputs, with the row's values below or beside them; without, where there is no room."""
    if page.labels_width <= 0.0:
        return
    if page.upright:
        _paint_above(painter, page, picture, theme)
        return
    column = page.layout.columns[0]
    name, value = page.hands.name, page.hands.value
    stacked = column.pitch >= name.height + value.height + 9.0 * page.scale
    beside = max((value.width(text) for text in picture.input_values[:512]), default=0.0) + 9.0 * page.scale
    right, room = page.labels_right, page.labels_width
    longest = max((value.width(text) for text in picture.input_names[:512]), default=0.0)
    alone = not stacked and room + 1.0 < longest + beside and longest <= room
    for y, unit in zip(column.y.tolist(), column.shown.tolist(), strict=True):
        if unit >= len(picture.input_names):
            continue
        words = picture.input_names[unit]
        number = picture.input_values[unit] if unit < len(picture.input_values) and not alone else ""
        if not number:
            write(painter, words, right, y + 0.5 * name.ascent, name, theme.color("text"), align="right", room=room)
        elif stacked:
            write(painter, words, right, y - 3.0 * page.scale, name, theme.color("text"), align="right", room=room)
            baseline = y + value.ascent + 6.0 * page.scale
            write(painter, number, right, baseline, value, theme.color("quiet"), align="right", room=room)
        else:
            baseline, rest = y + 0.5 * value.ascent, room - beside
            write(painter, number, right, baseline, value, theme.color("quiet"), align="right", room=room)
            if rest > 20.0 or value.width(words) <= rest:
                write(painter, words, right - beside, baseline, value, theme.color("text"), align="right", room=rest)


def _paint_above(painter: QPainter, page: Page, picture: Picture, theme: Theme) -> None:
    """Write names and values above inputs that stand side by side."""
    column = page.layout.columns[0]
    name, value = page.hands.name, page.hands.value
    low, room = page.labels_right - 1.0, column.pitch - 6.0 * page.scale
    words = name if all(name.width(text) <= room for text in picture.input_names[:512]) else value
    for x, unit in zip(column.y.tolist(), column.shown.tolist(), strict=True):
        if unit >= len(picture.input_names):
            continue
        number = picture.input_values[unit] if unit < len(picture.input_values) else ""
        line = low - (value.height if picture.input_values else 0.0)
        write(painter, picture.input_names[unit], x, line, words, theme.color("text"), align="centre", room=room)
        write(painter, number, x, low, value, theme.color("quiet"), align="centre", room=room)
