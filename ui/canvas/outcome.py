"""What comes out: the classes with bars for their probabilities, or the predicted value in real units."""

from typing import NamedTuple

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from ui.canvas.layout import Rect
from ui.canvas.lettering import Hand, hand, write
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
    if column.celled and len(picture.output_names) == column.units:
        return _likeliest(page, picture)
    if len(picture.output_names) == column.units:
        return [(unit, y, column.pitch) for unit, y in zip(column.shown.tolist(), column.y.tolist(), strict=True)]
    names = len(picture.output_names)
    along = page.at(page.network.width - page.captions.width, page.network.height)[1]
    pitch = min((170.0 if page.upright else 86.0) * page.scale, along / max(1, names))
    middle = float(column.y.mean())
    return [(index, middle + (index - 0.5 * (names - 1)) * pitch, pitch) for index in range(names)]


def _likeliest(page: Page, picture: Picture) -> list[tuple[int, float, float]]:
    """Return lines for the most probable classes, as many as find room beside a grid or strip of outputs."""
    start, length = page.at(page.network.x, page.network.y)[1], page.at(page.network.width, page.network.height)[1]
    if page.upright:
        start, length = page.captions.width, length - page.captions.width - page.margin
    pitch = (120.0 if page.upright else 40.0) * page.scale
    count = max(1, min(len(picture.output_names), int(length / pitch)))
    order = sorted(range(len(picture.probabilities)), key=lambda index: -picture.probabilities[index])
    chosen = sorted(order[:count]) or list(range(count))
    middle = start + 0.5 * length
    return [(index, middle + (place - 0.5 * (count - 1)) * pitch, pitch) for place, index in enumerate(chosen)]


class _Lines(NamedTuple):
    """Where the lines of a class stand; `mark` is None where there is no room for a line of its own."""

    name: float
    bar: float
    thick: float
    mark: float | None


def outcome_boxes(page: Page, picture: Picture) -> list[Rect]:
    """Return what the lines of each output cover, marks included, from top to bottom."""
    boxes = []
    if page.upright:
        return [_below(page, x, room) for _, x, room in outcome_rows(page, picture)]
    for index, y, room in outcome_rows(page, picture):
        if picture.probabilities:
            lines, style = _lines(page, y, room), page.hands.outcome_bold
            top, bottom = lines.name - style.ascent, lines.bar + lines.thick if lines.mark is None else lines.mark + 4.0
        elif picture.value_text and index == 0:
            above, middle, below, large = _value_lines(page, y)
            top, bottom = above - page.hands.name.ascent, below + 4.0 if picture.truth_text else middle + 4.0
            top = min(top, middle - large.ascent)
        else:
            top, bottom = y - 0.5 * page.hands.name.ascent, y + 0.5 * page.hands.name.ascent + 4.0
        boxes.append(Rect(page.bars_left, top, page.bars_width, bottom - top))
    return boxes


def paint_outcome(painter: QPainter, page: Page, picture: Picture, theme: Theme, hidden: float = 0.0) -> None:
    """Draw the names of the outputs with their bars and marks, or the predicted value.

    Parameters
    ----------
    painter, page, picture, theme
        Where, what and how; before the outcome of an act there are names only.
    hidden
        How far it steps back below something that lies over it, 0 … 1.
    """
    if hidden >= 1.0:
        return
    painter.save()
    painter.setOpacity(1.0 - hidden)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    if page.upright:
        for index, x, room in outcome_rows(page, picture):
            _paint_below(painter, page, picture, theme, index, _below(page, x, room))
    elif picture.probabilities:
        for index, y, room in outcome_rows(page, picture):
            _paint_class(painter, page, picture, theme, index, y, room)
    else:
        for index, y, _ in outcome_rows(page, picture):
            _paint_value(painter, page, picture, theme, index, y)
    painter.restore()


def _below(page: Page, x: float, room: float) -> Rect:
    """Return what the lines of an output cover that stands side by side with others."""
    width = max(8.0, min(room - 12.0 * page.scale, 150.0 * page.scale))
    return Rect(x - 0.5 * width, page.bars_left, width, page.bars_width)


def _paint_below(painter: QPainter, page: Page, picture: Picture, theme: Theme, index: int, box: Rect) -> None:
    """Draw the lines of an output below it: name, probability and bar, or the predicted value."""
    known = picture.now.outcome
    chosen = known and picture.predicted == index
    style = page.hands.outcome_bold if chosen else page.hands.outcome
    text = theme.color("text" if chosen else "quiet")
    line, small = style.height, page.hands.value
    name, baseline = picture.output_names[index], box.y + style.ascent + 2.0
    right, middle = box.x + box.width, box.x + 0.5 * box.width
    if not picture.probabilities:
        write(painter, name, middle, baseline, small, theme.color("quiet"), align="centre", room=box.width)
        if known and picture.value_text and index == 0:
            large = hand(1.3 * style.size, bold=True)
            baseline += large.ascent + 9.0 * page.scale
            write(painter, picture.value_text, middle, baseline, large, theme.color("text"), align="centre")
            if picture.truth_text:
                below = baseline + small.ascent + 8.0 * page.scale
                truth = f"true {picture.truth_text}"
                write(painter, truth, middle, below, small, theme.color("good"), align="centre")
        return
    percent = percent_text(picture.probabilities[index]) if known else ""
    widest = page.hands.outcome_bold.width(percent_text(1.0))
    longest = max(map(page.hands.outcome_bold.width, picture.output_names))
    beside = box.width - widest - 8.0 * page.scale >= longest  # of all, so that they are alike
    write(painter, name, box.x, baseline, style, text, room=box.width)
    if not beside:
        baseline += line
    write(painter, percent, right if beside else box.x, baseline, style, text, align="right" if beside else "left")
    bar = QRectF(box.x, baseline + 6.0 * page.scale, box.width, 8.0 * page.scale)
    _paint_bar(painter, bar, picture.probabilities[index] if known else 0.0, theme, chosen=chosen)
    mark, field = marks(picture, index) if known else ("", "quiet")
    if mark:
        mark = mark if small.width(mark) <= box.width else mark[0]
        write(painter, mark, box.x, bar.bottom() + small.ascent + 6.0 * page.scale, small, theme.color(field))


def _lines(page: Page, y: float, room: float) -> _Lines:
    """Return where a class is written that has this much room around a height."""
    style, small = page.hands.outcome_bold, page.hands.value
    thick = (12.0 if page.roomy else 8.0) * page.scale
    between = (8.0 if page.roomy else 6.0) * page.scale
    line, below = style.ascent + between, small.ascent + between
    if room >= thick + 2.0 * max(line, below) + 8.0 * page.scale:
        return _Lines(y - 0.5 * thick - between, y - 0.5 * thick, thick, y + 0.5 * thick + below)
    if room >= line + 0.6 * thick + 6.0 * page.scale:
        thick *= 0.6
        bar = y + 0.5 * (line + thick) - thick
        return _Lines(bar - between + 1.0, bar, thick, None)
    return _Lines(y + 0.5 * style.ascent - 1.0, y + 0.5 * style.ascent + 3.0, 2.0, None)


def _paint_class(
    painter: QPainter, page: Page, picture: Picture, theme: Theme, index: int, y: float, room: float
) -> None:
    known = picture.now.outcome
    chosen = known and picture.predicted == index
    style = page.hands.outcome_bold if chosen else page.hands.outcome
    text = theme.color("text" if chosen else "quiet")
    left, width, right = page.bars_left, page.bars_width, page.bars_left + page.bars_width
    mark, mark_field = marks(picture, index) if known else ("", "quiet")
    small = page.hands.value
    lines = _lines(page, y, room)
    names = width - page.hands.outcome_bold.width(percent_text(1.0)) - 8.0 * page.scale
    if mark and lines.mark is not None:
        write(painter, mark, left, lines.mark, small, theme.color(mark_field), room=width)
    elif mark:
        sign = mark[0]
        names -= style.width(f"{sign} ")
        at = left + style.width(style.short(picture.output_names[index], names) + " ")
        write(painter, sign, at, lines.name, style, theme.color(mark_field))
    write(painter, picture.output_names[index], left, lines.name, style, text, room=names)
    if known:
        write(painter, percent_text(picture.probabilities[index]), right, lines.name, style, text, align="right")
    share = picture.probabilities[index] if known else 0.0
    _paint_bar(painter, QRectF(left, lines.bar, width, lines.thick), share, theme, chosen=chosen)


def _paint_bar(painter: QPainter, box: QRectF, share: float, theme: Theme, *, chosen: bool) -> None:
    round_ = 0.5 * box.height()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("track"))
    painter.drawRoundedRect(box, round_, round_)
    if share >= 0.002:
        painter.setBrush(theme.color("accent" if chosen else "quiet"))
        filled = max(box.height(), box.width() * min(1.0, share))
        painter.drawRoundedRect(QRectF(box.x(), box.y(), filled, box.height()), round_, round_)


def _value_lines(page: Page, y: float) -> tuple[float, float, float, Hand]:
    """Return the lines of a predicted value's name, of the value and of the true one, and how the value is written."""
    large = hand(1.5 * page.hands.outcome.size, bold=True)
    middle = y + 0.5 * large.ascent
    below = middle + page.hands.value.ascent + 10.0 * page.scale
    return middle - large.ascent - 9.0 * page.scale, middle, below, large


def _paint_value(painter: QPainter, page: Page, picture: Picture, theme: Theme, index: int, y: float) -> None:
    left, width = page.bars_left, page.bars_width
    name = page.hands.name
    if not picture.value_text or index > 0:
        write(painter, picture.output_names[index], left, y + 0.5 * name.ascent, name, theme.color("text"), room=width)
        return
    above, middle, below, large = _value_lines(page, y)
    write(painter, picture.output_names[index], left, above, name, theme.color("quiet"), room=width)
    if not picture.now.outcome:
        return
    write(painter, picture.value_text, left, middle, large, theme.color("text"), room=width)
    if picture.truth_text:
        small = page.hands.value
        write(painter, f"true {picture.truth_text}", left, below, small, theme.color("good"), room=width)
