"""The full text of a label under the pointer, which may be shortened in the picture."""

from ui.canvas.outcome import outcome_rows
from ui.canvas.page import Page
from ui.canvas.picture import Picture, percent_text


def label_at(page: Page, picture: Picture, x: float, y: float) -> str:
    """Return what is written at a point of the page, in full, or an empty text.

    Parameters
    ----------
    page, picture
        Where the labels are, and what they say.
    x, y
        A point of the page.
    """
    column = page.layout.columns[0]
    x, y = page.at(x, y)
    wide, high = (120.0, 150.0) if page.upright else (48.0, 64.0)
    if page.labels_right - page.labels_width <= x <= page.labels_right and picture.input_names:
        room = 0.5 * min(column.pitch, wide * page.scale)
        for unit, centre in zip(column.shown.tolist(), column.y.tolist(), strict=True):
            if abs(y - centre) <= room and unit < len(picture.input_names):
                value = picture.input_values[unit] if unit < len(picture.input_values) else ""
                return f"{picture.input_names[unit]}: {value}" if value else picture.input_names[unit]
    if page.bars_left <= x <= page.bars_left + page.bars_width:
        for index, centre, room in outcome_rows(page, picture):
            if abs(y - centre) <= 0.5 * min(room, high * page.scale):
                name = picture.output_names[index]
                if picture.probabilities:
                    return f"{name}: {percent_text(picture.probabilities[index])}"
                return f"{name}: {picture.value_text}" if picture.value_text else name
    return ""
