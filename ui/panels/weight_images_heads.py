"""The names of the rows and columns of a heat map, as many as there is room for."""

from PySide6.QtGui import QPainter

from ui.canvas.lettering import Hand, write
from ui.panels.weight_images_lens import Lens, every, named
from ui.panels.weight_images_values import Sheet
from ui.theme import Theme

Marks = tuple[tuple[int | None, int | None], ...]

SIDE = 6.0
"""Between a name and its row, in pixels."""
_NAMED = 30.0
"""Columns narrower than this have numbers instead of names."""


def paint_heads(
    painter: QPainter, theme: Theme, sheet: Sheet, lens: Lens, heads: tuple[float, float], style: Hand, marked: Marks
) -> None:
    """Name the rows at the left and the columns above, all where there is room, else every second or fifth.

    Parameters
    ----------
    heads
        How wide the names of the rows, and how high those of the columns are.
    style
        How they are written.
    marked
        The (row, column) of what is chosen and of what a pointer is on: these have a name in any case.
    """
    side, top = heads
    text, quiet = theme.color("text"), theme.color("quiet")
    step = every(lens.high, style.height)
    first, last = lens.seen_rows()
    for row in sorted({*named(first, last, step), *(r for r, _ in marked if r is not None)}):
        if row < lens.rows:
            _write_row(painter, theme, sheet, lens, heads, style, marked, row)
    _write_row(painter, theme, sheet, lens, heads, style, marked, lens.rows)
    left, right = lens.seen_columns()
    spelt = bool(sheet.targets) and lens.wide >= _NAMED
    room = lens.wide - 4.0 if spelt else style.width(f"{lens.columns}") + 6.0
    step = 1 if spelt else every(lens.wide, room)
    wanted = {*named(left, right, step), *(c for _, c in marked if c is not None)}
    lit = {c for _, c in marked}
    for column in sorted(wanted):
        x = side + lens.left + (column + 0.5) * lens.wide
        if not side <= x <= side + lens.width or not left <= column < right:
            continue
        crowded = column not in lit and any(
            other is not None and abs(other - column) * lens.wide < room for other in lit
        )
        if not crowded:
            name = sheet.target_name(column) if spelt else f"{column + 1}"
            write(painter, name, x, top - 5.0, style, text if column in lit else quiet, align="centre",
                  room=max(room, 12.0))  # fmt: skip


def _write_row(
    painter: QPainter,
    theme: Theme,
    sheet: Sheet,
    lens: Lens,
    heads: tuple[float, float],
    style: Hand,
    marked: Marks,
    row: int,
) -> None:
    side, top = heads
    y = top + lens.down(row) + 0.5 * (lens.high + style.ascent)
    if not top + 0.3 * style.ascent <= y <= top + lens.height + style.ascent:
        return
    lit = {r for r, _ in marked}
    crowded = row not in lit and any(r is not None and abs(r - row) * lens.high < style.height for r in lit)
    if row < lens.rows and (crowded or abs(lens.down(lens.rows) - lens.down(row)) < 0.8 * style.height):
        return
    ink = theme.color("text" if row in lit else "quiet")
    write(painter, sheet.source_name(row), side - SIDE, y, style, ink, align="right", room=side - SIDE - 2.0)
