"""What comes out: the classes with bars for their probabilities, or the predicted value in real units."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from ui.canvas.lettering import hand, write
from ui.canvas.page import Page
from ui.canvas.picture import Picture, percent_text
from ui.theme import Theme


def marks(picture: Picture, index: int) -> tuple[str, str]:
    """Return what is said about a class and in which colour of the theme: predicted, true, both or nothing."""
    predicted, true = picture.predicted == index, picture.actual == index
    if predicted and true:
        return "✓ predicted, true class", "link"
    if predicted and picture.actual is not None:
        return "✗ predicted", "bad"
    if predicted:
        return "✓ predicted", "link"
    return ("● true class", "good") if true else ("", "quiet")


def outcome_rows(page: Page, picture: Picture) -> list[tuple[int, float, float]]:
    """Return (output name, y, room) of every line of the outcome, from top to bottom."""
    column = page.outputs
    if len(picture.output_names) == column.units:
        return [(unit, y, column.pitch) for unit, y in zip(column.shown.tolist(), column.y.tolist(), strict=True)]
    names = len(picture.output_names)
    pitch = min(86.0 * page.scale, page.network.height / max(1, names))
    middle = float(column.y.mean())
    return [(index, middle + (index - 0.5 * (names - 1)) * pitch, pitch) for index in range(names)]


def paint_outcome(painter: QPainter, page: Page, picture: Picture, theme: Theme) -> None:
    """Draw the names of the outputs with their bars and marks, or the predicted value."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    if picture.probabilities:
        for index, y, room in outcome_rows(page, picture):
            _paint_class(painter, page, picture, theme, index, y, room)
    else:
        for index, y, _ in outcome_rows(page, picture):
            _paint_value(painter, page, picture, theme, index, y)
    painter.restore()


def _paint_class(
    painter: QPainter, page: Page, picture: Picture, theme: Theme, index: int, y: float, room: float
) -> None:
    chosen = picture.predicted == index
    style = page.hands.outcome_bold if chosen else page.hands.outcome
    text = theme.color("text" if chosen else "quiet")
    left, width, right = page.bars_left, page.bars_width, page.bars_left + page.bars_width
    number = percent_text(picture.probabilities[index])
    mark, mark_field = marks(picture, index)
    small = page.hands.value
    thick = (12.0 if page.roomy else 8.0) * page.scale
    between = (8.0 if page.roomy else 6.0) * page.scale
    line, below = style.ascent + between, small.ascent + between
    numbers = page.hands.outcome_bold.width(percent_text(1.0)) + 8.0 * page.scale
    if room >= thick + 2.0 * max(line, below) + 8.0 * page.scale:
        bar_y, baseline = y - 0.5 * thick, y - 0.5 * thick - between
        mark_baseline = y + 0.5 * thick + below
    elif room >= line + 0.6 * thick + 6.0 * page.scale:
        thick *= 0.6
        bar_y = y + 0.5 * (line + thick) - thick
        baseline, mark_baseline = bar_y - between + 1.0, None
    else:
        thick, bar_y, baseline, mark_baseline = 2.0, y + 0.5 * style.ascent + 3.0, y + 0.5 * style.ascent - 1.0, None
    names = width - numbers
    if mark and mark_baseline is not None:
        write(painter, mark, left, mark_baseline, small, theme.color(mark_field), room=width)
    elif mark:
        sign = mark[0]
        names -= style.width(f"{sign} ")
        write(painter, sign, left + style.width(style.short(picture.output_names[index], names) + " "), baseline, style,
              theme.color(mark_field))  # fmt: skip
    write(painter, picture.output_names[index], left, baseline, style, text, room=names)
    write(painter, number, right, baseline, style, text, align="right")
    _paint_bar(painter, QRectF(left, bar_y, width, thick), picture.probabilities[index], theme, chosen=chosen)


def _paint_bar(painter: QPainter, box: QRectF, share: float, theme: Theme, *, chosen: bool) -> None:
    round_ = 0.5 * box.height()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("track"))
    painter.drawRoundedRect(box, round_, round_)
    if share >= 0.002:
        painter.setBrush(theme.color("accent" if chosen else "quiet"))
        filled = max(box.height(), box.width() * min(1.0, share))
        painter.drawRoundedRect(QRectF(box.x(), box.y(), filled, box.height()), round_, round_)


def _paint_value(painter: QPainter, page: Page, picture: Picture, theme: Theme, index: int, y: float) -> None:
    left, width = page.bars_left, page.bars_width
    name = page.hands.name
    if not picture.value_text or index > 0:
        write(painter, picture.output_names[index], left, y + 0.5 * name.ascent, name, theme.color("text"), room=width)
        return
    large = hand(1.5 * page.hands.outcome.size, bold=True)
    middle = y + 0.5 * large.ascent
    write(painter, picture.value_text, left, middle, large, theme.color("text"), room=width)
    above = middle - large.ascent - 9.0 * page.scale
    write(painter, picture.output_names[index], left, above, name, theme.color("quiet"), room=width)
    if picture.truth_text:
        small = page.hands.value
        below = middle + small.ascent + 10.0 * page.scale
        write(painter, f"true {picture.truth_text}", left, below, small, theme.color("good"), room=width)
