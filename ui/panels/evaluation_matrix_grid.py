"""Where the cells, names and totals of a confusion matrix stand."""

import dataclasses

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QFont, QFontMetricsF

from ui.canvas.picture import grouped
from ui.panels.evaluation_matrix_words import Cell
from ui.panels.evaluation_values import Classes
from ui.theme import font

_LEFT_SHARE, _TOP_SHARE = 0.34, 0.3


@dataclasses.dataclass(frozen=True, eq=False)
class Grid:
    """Sizes in pixels, for `count` classes.

    Attributes
    ----------
    left, top
        Where the first cell stands, when nothing is scrolled.
    wide, high
        Of a cell.
    total, last
        How wide the totals at the right are, and how high those at the bottom.
    names, head
        How much room the names have beside the cells and above them.
    upright
        Whether the names above stand upright: where they would be cut to nothing otherwise.
    line
        The height of a line of small text.
    style, small
        The fonts of the cells, and of all else.
    """

    count: int
    left: float
    top: float
    wide: float
    high: float
    total: float
    last: float
    names: float
    head: float
    upright: bool
    line: float
    style: QFont
    small: QFont

    @property
    def content(self) -> tuple[float, float]:
        """How wide and how high everything is."""
        return self.left + self.count * self.wide + self.total, self.top + self.count * self.high + self.last

    def place(self, cell: Cell, origin: QPointF) -> QRectF:
        """Return where a cell or a total stands, when the first cell stands at `origin`."""
        true, taken = cell
        row, column = (self.count if true < 0 else true), (self.count if taken < 0 else taken)
        return QRectF(
            origin.x() + column * self.wide,
            origin.y() + row * self.high,
            self.total if taken < 0 else self.wide,
            self.last if true < 0 else self.high,
        )

    def cell_at(self, spot: QPointF, origin: QPointF) -> Cell | None:
        """Return what is at a spot: a cell, a name (which stands for all of its line), or a total."""
        count = self.count
        row, column = (spot.y() - origin.y()) / self.high, (spot.x() - origin.x()) / self.wide
        named = (spot.x() < self.left, spot.y() < self.top)
        if all(named) or (not named[1] and row < 0) or (not named[0] and column < 0):
            return None
        past = (row >= count + self.last / self.high, column >= count + self.total / self.wide)
        if (past[0] and not named[1]) or (past[1] and not named[0]):
            return None
        true = -1 if named[1] or row >= count else int(row)
        taken = -1 if named[0] or column >= count else int(column)
        if (named[0] and true < 0) or (named[1] and taken < 0):
            return None
        return true, taken

    def in_sight(self, body: QRectF, origin: QPointF) -> tuple[range, range]:
        """Return which lines and which columns of cells are to be seen in a part of the view."""
        spans = (
            (body.top(), body.bottom(), origin.y(), self.high),
            (body.left(), body.right(), origin.x(), self.wide),
        )
        first, last = (
            range(max(0, int((low - start) / step)), min(self.count, int((high - start) / step) + 1))
            for low, high, start, step in spans
        )
        return first, last


def measured(found: Classes, mode: str, size: QSize, base: float) -> Grid:
    """Return where everything stands in a view of a size, with a font of so many pixels."""
    style, slight = font(base), font(0.9 * base)
    text, small = QFontMetricsF(style), QFontMetricsF(slight)
    count = len(found.names)
    longest = max(small.horizontalAdvance(name) for name in found.names)
    line = small.height()
    names = min(longest + 2.0, _LEFT_SHARE * size.width())
    left = line + names + 8.0
    widest = max(
        text.horizontalAdvance("100.0" if mode != "count" else grouped(int(found.confusion.max()))),
        text.horizontalAdvance("00"),
    )
    total = small.horizontalAdvance(grouped(max(len(found.rows), 10))) + 10.0
    last = 1.5 * line
    wide = min(max((size.width() - left - total) / count, widest + 4.0, 1.4 * line), 12.0 * base)
    upright = longest + 4.0 > wide and wide < 4.4 * base
    head = min(longest + 6.0, _TOP_SHARE * size.height()) if upright else line + 2.0
    top = line + head + 4.0
    high = min(max((size.height() - top - last) / count, 1.25 * text.height()), 7.0 * base)
    return Grid(count, left, top, wide, high, total, last, names, head, upright, line, style, slight)
