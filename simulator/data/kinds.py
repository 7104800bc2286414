"""What a column holds: numbers, categories, dates, texts, or the pixels of a picture."""

import itertools
import math
import re
from collections.abc import Iterable

import numpy as np

from simulator.data.cells import is_date, is_numeric, texts
from simulator.data.choices import ColumnChoice
from simulator.data.profile import MOST_CATEGORIES, odd_one_out
from simulator.data.table import Table
from simulator.errors import Offer

_PIXEL = re.compile(r"(?:pixel|px)[_ ]?\d+(?:[_x ]\d+)?", re.IGNORECASE)
_LEAST_PIXELS = 16
_NUMBERED = re.compile(r"(.*?)[_ ]?(\d+)")
_LEAST_ALIKE = 49
_SAMPLE = 200


def kind_of(table: Table, choice: ColumnChoice, *, pixels: bool = False) -> str:
    """Return the kind of a column: what was chosen, or what its cells look like.

    Parameters
    ----------
    choice
        What was decided about the column.
    pixels
        Whether the table has pixels (see `has_pixels`).

    Raises
    ------
    DatasetError
        When its texts are numbers with a slip in one of them.
    """
    name = choice.name
    if choice.kind is not None:
        return choice.kind
    column = table.frame[name]
    if is_numeric(column):
        return "image" if pixels and _PIXEL.fullmatch(name) else "number"
    refuse_slips(table, name)
    _, names = texts(column)
    some = names[:_SAMPLE]
    if some and sum(is_date(each) for each in some) > 0.9 * len(some):
        return "date"
    present = int(column.notna().sum())
    return "text" if len(names) > MOST_CATEGORIES or len(names) > max(3, 0.5 * present) else "category"


def has_pixels(names: Iterable[str]) -> bool:
    """Whether so many columns are called like pixels (pixel_3_14, pixel42) that they are pictures."""
    return sum(_PIXEL.fullmatch(name) is not None for name in names) >= _LEAST_PIXELS


def refuse_slips(table: Table, name: str) -> None:
    """Refuse a column whose texts are numbers but for a few.

    Raises
    ------
    DatasetError
        Naming the first such cell.
    """
    codes, names = texts(table.frame[name])
    odd = odd_one_out(names)
    if odd is not None:
        hint = f"Correct the cell, ignore {name!r}, or say that it holds categories."
        row = int(np.flatnonzero(codes == names.index(odd))[0])
        message = f"{odd!r} in the column {name!r} is no number, the other values are"
        offers = (Offer(f"Ignore {name!r}", {"ignore": (name,)}), Offer("It holds categories", {"categories": (name,)}))
        raise table.refuse(message, hint, row, offers)


def picture_shape(pixels: Iterable[str]) -> tuple[int, int] | None:
    """Return the height and width of a picture from its pixels' names, or from their number if that is a square."""
    names = list(pixels)
    places = [tuple(map(int, re.findall(r"\d+", name)[-2:])) for name in names]
    if places and all(len(each) == 2 for each in places):
        rows, columns = ({each[axis] for each in places} for axis in (0, 1))
        if len(rows) * len(columns) == len(names) == len(set(places)):
            return len(rows), len(columns)
    side = round(len(names) ** 0.5)
    return (side, side) if side > 1 and side * side == len(names) else None


def like_pixels(names: Iterable[str]) -> tuple[int, int] | None:
    """Return the height and width of a square picture whose pixels columns seem to be by their names, or None.

    They are called by one word and rising numbers (p00, p01 … or column_1, column_2 …), and their number is a square.
    """
    found = [_NUMBERED.fullmatch(name) for name in names]
    known = [each for each in found if each is not None]
    numbers = [int(each[2]) for each in known]
    rising = all(one < other for one, other in itertools.pairwise(numbers))
    if len(known) < max(_LEAST_ALIKE, len(found)) or len({each[1] for each in known}) != 1 or not rising:
        return None
    side = math.isqrt(len(known))
    return (side, side) if side * side == len(known) else None
