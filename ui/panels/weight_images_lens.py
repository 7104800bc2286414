"""Where the cells of a matrix, and the pictures of a gallery, are on the screen: zoomed, moved, found again. No Qt."""

import dataclasses
import math

_MOST_WIDE, _MOST_HIGH = 92.0, 34.0
_SLANT = 60.0
"""A cell is at most so many times as wide as high, or as high as wide, when all cells are to be seen."""
_LARGEST = 200.0
_STEPS = (1, 2, 5)
LEAST_SIDE = 40
"""Pictures are made no smaller than this by themselves: the gallery scrolls."""

Box = tuple[float, float, float, float]


@dataclasses.dataclass(frozen=True)
class Lens:
    """A matrix seen through a rectangle of the screen; below its rows, behind a gap, is one more for the biases.

    Attributes
    ----------
    rows, columns
        Of the matrix; the biases are the row number `rows`.
    width, height
        Of the rectangle, in pixels.
    gap
        Between the last row and the biases.
    wide, high
        A cell's size.
    left, top
        Where the matrix begins, measured from the rectangle's corner; negative when it is moved.
    """

    rows: int
    columns: int
    width: float
    height: float
    gap: float = 4.0
    wide: float = 1.0
    high: float = 1.0
    left: float = 0.0
    top: float = 0.0

    def fitted(self) -> "Lens":
        """Return the lens through which all cells are seen, as large as that allows."""
        wide = min(_MOST_WIDE, self.width / max(1, self.columns))
        high = min(_MOST_HIGH, max(1.0, self.height - self.gap) / (self.rows + 1))
        wide, high = min(wide, _SLANT * high), min(high, _SLANT * wide)
        return dataclasses.replace(self, wide=wide, high=high, left=0.0, top=0.0)

    @property
    def whole(self) -> tuple[float, float]:
        """The size of all cells together, in pixels."""
        return self.wide * self.columns, self.high * (self.rows + 1) + self.gap

    def zoomed(self, factor: float, x: float, y: float) -> "Lens":
        """Return the lens with larger cells, in which what is at (x, y) stays there."""
        fit = self.fitted()
        largest = _LARGEST / max(self.wide, self.high)
        least = min(1.0, max(fit.wide / self.wide, fit.high / self.high))
        factor = min(max(factor, least), max(1.0, largest))
        if factor == 1.0:
            return self
        made = dataclasses.replace(
            self,
            wide=self.wide * factor,
            high=self.high * factor,
            left=x - (x - self.left) * factor,
            top=y - (y - self.top) * factor,
        )
        return made.moved(0.0, 0.0)

    def moved(self, across: float, down: float) -> "Lens":
        """Return the lens with the matrix moved by so many pixels, not beyond its ends."""
        whole = self.whole
        left = min(0.0, max(self.left + across, self.width - whole[0]))
        top = min(0.0, max(self.top + down, self.height - whole[1]))
        return dataclasses.replace(self, left=left, top=top)

    def resized(self, width: float, height: float) -> "Lens":
        """Return the lens for a rectangle of another size: all cells stay in sight if they were."""
        fit = self.fitted()
        made = dataclasses.replace(self, width=width, height=height)
        if self.wide <= fit.wide * 1.001 and self.high <= fit.high * 1.001:
            return made.fitted()
        return made.moved(0.0, 0.0)

    def showing(self, row: int, column: int) -> "Lens":
        """Return the lens moved as little as needed to see a cell."""
        x, y, wide, high = self.box(row, column)
        across = -x if x < 0.0 else min(0.0, self.width - x - wide)
        down = -y if y < 0.0 else min(0.0, self.height - y - high)
        return self.moved(across, down) if across or down else self

    def box(self, row: int, column: int) -> Box:
        """Return where a cell is: x, y, width, height."""
        return self.left + column * self.wide, self.down(row), self.wide, self.high

    def down(self, row: int) -> float:
        """Return where a row begins; row `rows` is that of the biases."""
        return self.top + row * self.high + (self.gap if row >= self.rows else 0.0)

    def at(self, x: float, y: float) -> tuple[int, int] | None:
        """Return the cell at a point, None beside all."""
        if not (0.0 <= x < self.width and 0.0 <= y < self.height):
            return None
        column, row = math.floor((x - self.left) / self.wide), math.floor((y - self.top) / self.high)
        if row >= self.rows:
            start = self.down(self.rows)
            row = self.rows if start <= y < start + self.high else -1
        return (row, column) if 0 <= row <= self.rows and 0 <= column < self.columns else None

    def seen_rows(self) -> tuple[int, int]:
        """Return the first row of the matrix in sight, and the one behind the last; the biases do not count."""
        first = max(0, math.floor(-self.top / self.high))
        return min(first, self.rows), min(self.rows, math.ceil((self.height - self.top) / self.high))

    def seen_columns(self) -> tuple[int, int]:
        """Return the first column in sight, and the one behind the last."""
        first = max(0, math.floor(-self.left / self.wide))
        return min(first, self.columns), min(self.columns, math.ceil((self.width - self.left) / self.wide))

    @property
    def strides(self) -> tuple[int, int]:
        """Every how many rows and columns one is drawn, where cells are smaller than a pixel."""
        return max(1, round(1.0 / self.high)), max(1, round(1.0 / self.wide))


def every(pitch: float, room: float) -> int:
    """Return every how many lines one is named where lines are `pitch` apart and a name takes `room` pixels."""
    least, power = room / max(pitch, 1e-9), 1
    while True:
        for step in _STEPS:
            if step * power >= least:
                return step * power
        power *= 10


def named(first: int, last: int, step: int) -> list[int]:
    """Return which of the lines from `first` to before `last` have a name, where every `step`th has: 5, 10, 15.

    Lines count from 0, their names from 1, so that these are the places 4, 9, 14.
    """
    begin = (first // step) * step + step - 1
    return list(range(begin, last, step))


@dataclasses.dataclass(frozen=True)
class Shelf:
    """Pictures side by side, as many in a line as there is room for.

    Attributes
    ----------
    count
        How many pictures there are.
    width
        Of the widget, in pixels.
    wide, high
        A picture's size.
    caption
        The room for the number below each.
    gap
        Between neighbours, and round all.
    """

    count: int
    width: float
    wide: float
    high: float
    caption: float
    gap: float = 8.0

    @property
    def columns(self) -> int:
        """How many are in a line."""
        return max(1, int((self.width - self.gap) // (self.wide + self.gap)))

    @property
    def pitch(self) -> float:
        """From line to line."""
        return self.high + self.caption + self.gap

    @property
    def height(self) -> float:
        """Of all lines."""
        return math.ceil(self.count / self.columns) * self.pitch + self.gap

    def box(self, place: int) -> Box:
        """Return where a picture is, without its caption: x, y, width, height."""
        line, column = divmod(place, self.columns)
        return self.gap + column * (self.wide + self.gap), self.gap + line * self.pitch, self.wide, self.high

    def seen(self, top: float, height: float) -> tuple[int, int]:
        """Return the first picture in sight, and the one behind the last, of a window that begins at `top`."""
        first = max(0, math.floor((top - self.gap) / self.pitch)) * self.columns
        last = math.ceil((top + height) / self.pitch + 1e-9) * self.columns
        return min(first, self.count), min(self.count, max(0, last))

    def at(self, x: float, y: float) -> int | None:
        """Return the picture at a point, its caption included, None between them."""
        column, line = int((x - self.gap) // (self.wide + self.gap)), int((y - self.gap) // self.pitch)
        place = line * self.columns + column
        if not (0 <= column < self.columns and line >= 0 and 0 <= place < self.count):
            return None
        left, top, wide, high = self.box(place)
        return place if x < left + wide and y < top + high + self.caption else None


def best_side(count: int, width: float, height: float, shape: tuple[int, int], caption: float, most: int) -> int:
    """Return the largest size, at most `most`, at which all pictures are in sight; the smallest sensible one else.

    Parameters
    ----------
    count, shape
        How many pictures, and height and width of one in pixels of its own.
    width, height
        Of the widget.
    caption
        The room for the number below each.
    """
    high, wide = shape
    for side in range(most, LEAST_SIDE, -2):
        scale = side / max(high, wide)
        if Shelf(count, width, scale * wide, scale * high, caption).height <= height:
            return side
    return LEAST_SIDE
