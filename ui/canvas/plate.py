"""The answer compared with the truth: a small table beside or below the outputs, whose columns come one by one."""

import dataclasses

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from ui.canvas.act import LossTable
from ui.canvas.cards import number
from ui.canvas.layout import Rect
from ui.canvas.lettering import Hand, hand, write
from ui.canvas.outcome import outcome_boxes
from ui.canvas.page import Page
from ui.canvas.picture import Picture, grouped
from ui.theme import Theme

_MOST_NAME = 120.0
_CLEAR = 8.0
_MOST_LINES = 3
_LARGE = 1000.0
_FEWEST_ROWS = 3
_SQUEEZES = ((False, False, 0), (False, True, 0), (False, True, 1), (True, True, 0), (True, True, 1), (False, True, 2),
             (True, True, 2), (True, True, 3))  # fmt: skip
"""How the table is written in the place of the bars, the best first: stacked, tight, and how much smaller."""
_COLUMNS = ((0, 1, 2, 3, 4, 5), (0, 1, 3), (0, 1))
"""Which columns are given up last where not even these find room."""

Row = tuple[str, tuple[float, ...]]


@dataclasses.dataclass(frozen=True)
class Plate:
    """Where the table stands and how it is written.

    Attributes
    ----------
    box
        All of it, on the page.
    covering
        0 … 1: how far the outputs' own lines step back, because the table stands in their place.
    heads, names, cells
        Of the columns after the first, of the rows, and their figures as text.
    total
        The lines below.
    widths
        Of the columns.
    stacked
        Whether a row's name has a line of its own.
    style, line, pad
        How it is written, in pixels.
    share
        See `LossTable`.
    """

    box: Rect
    covering: float
    heads: tuple[str, ...]
    names: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    total: tuple[str, ...]
    widths: tuple[float, ...]
    stacked: bool
    style: Hand
    line: float
    pad: float
    share: float

    @property
    def told(self) -> int:
        """How many figures it has."""
        return len(self.names) * len(self.heads)

    def opacity(self, column: int) -> float:
        """Return how far a column is there already; the total follows the last one."""
        return min(1.0, max(0.0, 1.6 * (self.share * (len(self.heads) + 1) - column)))


def plan(page: Page, picture: Picture, table: LossTable) -> Plate:
    """Return where the table finds room: below or above the outputs, else in the place of their bars.

    It covers no neuron and no output's name: where it has to stand in the place of the bars, its rows have the names.
    """
    scale = page.scale
    size = (12.5 if page.roomy else 11.5) * scale
    boxes = outcome_boxes(page, picture)
    if page.upright:
        return _plan_upright(page, table, size, boxes)
    outputs, before = page.outputs, page.layout.columns[-2]
    right = page.rect.x + page.rect.width - min(page.margin, 16.0 * scale)
    left = before.x + max(before.radius + _CLEAR, 44.0 * scale)  # right of the buttons above that layer
    top = min([outputs.y[0] - outputs.radius - 6.0, *(box.y for box in boxes)]) - _CLEAR
    bottom = max([outputs.y[-1] + outputs.radius + 6.0, *(box.y + box.height for box in boxes)]) + _CLEAR
    ceiling, floor = page.captions.y + page.captions.height + 4.0, page.footer.y + 2.0
    for from_y, to_y in ((bottom, floor), (ceiling, top)):
        plate = _sized(table, hand(size), right - left, to_y - from_y, scale, stacked=False, tight=False)
        if plate is not None and len(plate.names) == len(table.rows):
            y = from_y if from_y == bottom else to_y - plate.box.height
            return _moved(plate, right - plate.box.width, y, 0.0)
    left = outputs.x + outputs.radius + _CLEAR
    right = page.rect.x + page.rect.width - 6.0
    plate = _squeezed(table, size, right - left, page.network.height - 8.0, scale)
    middle = 0.5 * float(outputs.y[0] + outputs.y[-1])
    y = max(page.network.y + 4.0, min(middle - 0.5 * plate.box.height, floor - plate.box.height))
    covering = min(1.0, plate.opacity(0) * 1.5)
    return _moved(plate, min(left + 4.0, right - plate.box.width), y, covering)


def _plan_upright(page: Page, table: LossTable, size: float, boxes: list[Rect]) -> Plate:
    """Return where the table finds room beside outputs that stand side by side, else in the place of their bars."""
    outputs, scale = page.outputs, page.scale
    floor, ceiling = page.footer.y + 2.0, page.layout.columns[-2].x + page.layout.columns[-2].half + _CLEAR
    left = page.captions.x + page.captions.width + _CLEAR
    right = page.rect.x + page.rect.width - min(page.margin, 16.0 * scale)
    first = min([float(outputs.y[0]) - outputs.radius, *(box.x for box in boxes)]) - _CLEAR
    last = max([float(outputs.y[-1]) + outputs.radius, *(box.x + box.width for box in boxes)]) + _CLEAR
    for start, end in ((last, right), (left, first)):
        plate = _sized(table, hand(size), end - start, floor - ceiling, scale, stacked=False, tight=False)
        if plate is not None and len(plate.names) == len(table.rows):
            x = end - plate.box.width if start == last else start
            return _moved(plate, x, floor - plate.box.height, 0.0)
    # Over the outputs' own lines: below their discs, or beside the last one, wherever more of the table can be read.
    top, disc = page.bars_left - 4.0, float(outputs.y[-1]) + outputs.half + _CLEAR
    below = _squeezed(table, size, right - left, floor - top, scale)
    beside = _squeezed(table, size, max(1.0, page.rect.x + page.rect.width - 6.0 - disc), floor - ceiling, scale)
    if beside.told > below.told and disc + beside.box.width <= page.rect.x + page.rect.width:
        return _moved(beside, disc, floor - beside.box.height, min(1.0, beside.opacity(0) * 1.5))
    middle = 0.5 * float(outputs.y[0] + outputs.y[-1])
    x = max(left, min(middle - 0.5 * below.box.width, right - below.box.width))
    return _moved(below, x, min(top, floor - below.box.height), min(1.0, below.opacity(0) * 1.5))


def _moved(plate: Plate, x: float, y: float, covering: float) -> Plate:
    box = Rect(round(x), round(y), plate.box.width, plate.box.height)
    return dataclasses.replace(plate, box=box, covering=covering)


def _squeezed(table: LossTable, size: float, width: float, height: float, scale: float) -> Plate:
    """Return the table for the place of the bars, as large as it can be written there."""
    some = table
    for columns in _COLUMNS:
        kept = tuple(place for place in columns if place < len(table.heads))
        some = dataclasses.replace(
            table,
            heads=tuple(table.heads[place] for place in kept),
            rows=tuple((name, tuple(values[place] for place in kept)) for name, values in table.rows),
        )
        for stacked, tight, smaller in _SQUEEZES:
            plate = _sized(some, hand(size - smaller * scale), width, height, scale, stacked=stacked, tight=tight)
            if plate is not None and len(plate.names) >= min(len(table.rows), _FEWEST_ROWS):
                return plate
    return _made(some, some.rows[:1], hand(size - 3.0 * scale), width, scale, stacked=True, tight=True)


def _sized(
    table: LossTable, style: Hand, width: float, height: float, scale: float, *, stacked: bool, tight: bool
) -> Plate | None:
    """Return the table for a room with as many rows as fit, or None where it is too wide or not one row fits."""
    for count in range(len(table.rows), 0, -1):
        made = _made(table, _strongest(table.rows, count), style, width, scale, stacked=stacked, tight=tight)
        if made.box.width > width:
            return None  # fewer rows are not narrower
        if made.box.height <= height:
            return made
    return None


def _strongest(rows: tuple[Row, ...], count: int) -> tuple[Row, ...]:
    """Return the rows that matter most, in their order; the others are added up in a last one."""
    if count >= len(rows):
        return rows
    order = sorted(range(len(rows)), key=lambda place: [-abs(value) for value in reversed(rows[place][1])])
    kept = sorted(order[: max(1, count - 1)])
    others = [rows[place][1] for place in range(len(rows)) if place not in kept]
    sums = tuple(float(sum(column)) for column in zip(*others, strict=True))
    return (*(rows[place] for place in kept), (f"{grouped(len(others))} others", sums))


def _made(
    table: LossTable, rows: tuple[Row, ...], style: Hand, room: float, scale: float, *, stacked: bool, tight: bool
) -> Plate:
    pad, gap, line = (7.0 if tight else 10.0) * scale, (7.0 if tight else 13.0) * scale, round(1.2 * style.height)
    heads = tuple(_short(head) for head in table.heads) if tight else table.heads
    columns = list(zip(*(values for _, values in rows), strict=True))
    texts = [_figures(values) for values in columns]
    figures = [max(map(style.width, (head, *column))) for head, column in zip(heads, texts, strict=True)]
    names = min(max(style.width(name) for name, _ in rows), _MOST_NAME * scale)
    widths = tuple(figures) if stacked else (names, *figures)
    inner = sum(widths) + gap * (len(widths) - 1)
    total = _wrapped(table.total, hand(style.size, bold=True), min(room - 2.0 * pad, max(inner, 230.0 * scale)))
    inner = max([inner, *(hand(style.size, bold=True).width(text) for text in total)])
    lines = 1 + len(rows) * (2 if stacked else 1) + len(total)
    box = Rect(0.0, 0.0, float(round(inner + 2.0 * pad)), float(round(1.6 * pad + line * lines + 5.0)))
    cells = tuple(zip(*texts, strict=True))
    return Plate(
        box, 0.0, heads, tuple(name for name, _ in rows), cells, total, widths, stacked, style, line, pad,
        table.share,
    )  # fmt: skip


def _figures(values: tuple[float, ...]) -> tuple[str, ...]:
    """Return a column's figures; whole ones, as the truth of classes is, without decimals."""
    whole = all(value in {0.0, 1.0} for value in values)
    return tuple(
        f"{value:.0f}" if whole else f"{value:.3f}".replace("-", "−") if abs(value) < _LARGE else number(value)
        for value in values
    )


def _short(head: str) -> str:
    """Return a head for a narrow column: ``term``, ``|ŷ−y|``."""
    return head.replace(" − ", "−").split(" ")[-1]


def _wrapped(text: str, style: Hand, room: float) -> tuple[str, ...]:
    """Return a sentence in lines that fit."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if not lines[-1] or style.width(longer) <= room or len(lines) == _MOST_LINES:
            lines[-1] = longer
        else:
            lines.append(word)
    return tuple(lines)


def paint_plate(painter: QPainter, plate: Plate, theme: Theme) -> None:
    """Draw the table."""
    presence = plate.opacity(0)
    if presence <= 0.0:
        return
    box, style, bold = QRectF(*plate.box), plate.style, hand(plate.style.size, bold=True)
    text, quiet = theme.color("text"), theme.color("quiet")
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setOpacity(presence)
    painter.setPen(QPen(theme.color("border"), 1.0))
    painter.setBrush(theme.color("raised"))
    painter.drawRoundedRect(box, 8.0, 8.0)
    left, right = box.x() + plate.pad, box.right() - plate.pad
    figures = plate.widths if plate.stacked else plate.widths[1:]
    gap = (right - left - sum(plate.widths)) / max(1, len(plate.widths) - 1)
    ends, x = [], left + (0.0 if plate.stacked else plate.widths[0] + gap)
    for width in figures:
        ends.append(x + width)
        x += width + gap
    y = box.y() + 0.8 * plate.pad + 0.5 * (plate.line + style.ascent)
    for column, (head, end) in enumerate(zip(plate.heads, ends, strict=True)):
        painter.setOpacity(plate.opacity(column))
        write(painter, head, end, y, style, quiet, align="right")
    for name, cells in zip(plate.names, plate.cells, strict=True):
        y += plate.line
        painter.setOpacity(presence)
        write(painter, name, left, y, style, text, room=right - left if plate.stacked else plate.widths[0])
        y += plate.line if plate.stacked else 0.0
        for column, (cell, end) in enumerate(zip(cells, ends, strict=True)):
            painter.setOpacity(plate.opacity(column))
            write(painter, cell, end, y, style, quiet if plate.stacked else text, align="right")
    painter.setOpacity(plate.opacity(len(plate.heads)))
    y += 5.0 + 0.5 * (plate.line - style.ascent)
    painter.setPen(QPen(theme.color("border"), 1.0, Qt.PenStyle.SolidLine))
    painter.drawLine(QPointF(left, round(y) + 0.5), QPointF(right, round(y) + 0.5))
    y -= 0.5 * (plate.line - style.ascent)
    for line in plate.total:
        y += plate.line
        write(painter, line, left, y, bold, text, room=right - left)
    painter.restore()
