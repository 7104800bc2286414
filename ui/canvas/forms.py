"""How the neurons of one layer stand together: in a column, a grid or a strip. Plain NumPy, no Qt.

A column shows discs; one with more neurons than fit shows a window of them, which can be scrolled. A grid shows them
all as cells, row after row; the pixels of a picture stand as in the picture. A strip shows them all as thin cells.
"""

import dataclasses
import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

AUTOMATIC, COLUMN, GRID, STRIP = "automatic", "column", "grid", "strip"
FORMS = (AUTOMATIC, COLUMN, GRID, STRIP)
"""What somebody can choose for a layer."""

PLATE = 24.0
"""How high the room for a count above or below a layer is, at a scale of 1."""

_RADIUS_OF_PITCH = 0.37
_RADIUS_OF_TIGHT_PITCH = 0.43
_TIGHT_RADIUS = 15.0
_LEAST_CELL = 8.0
_LARGEST_CELL = 30.0
_LARGEST_PIXEL = 40.0
_LARGEST_LINE = 9.0
_STRIP_HALF = 11.0
_EVEN = 0.72


@dataclasses.dataclass(frozen=True)
class Form:
    """What was chosen for a layer.

    Attributes
    ----------
    kind
        One of `FORMS`.
    first
        The first neuron that a scrolled column shows.
    """

    kind: str = AUTOMATIC
    first: int = 0


class Layer(NamedTuple):
    """What a layer is, for the choice of its form.

    Attributes
    ----------
    units
        How many neurons it has.
    form
        What was chosen.
    pitch
        How close two discs of a column may come.
    shape
        (height, width) of the picture whose pixels its neurons are, or None.
    named
        Whether its neurons have names beside them: they need discs that stand one below the other.
    """

    units: int
    form: Form = Form()
    pitch: float = 14.0
    shape: tuple[int, int] | None = None
    named: bool = False


class Room(NamedTuple):
    """Where a layer may stand.

    Attributes
    ----------
    top, height
        All of the column.
    width
        What a grid may take of the room between the columns.
    largest_pitch, largest_radius
        What few neurons in much room do not exceed.
    plate
        How high a count above or below is.
    turned
        Whether the layout is turned when it is drawn: a picture is not to lie on its side then.
    """

    top: float
    height: float
    width: float
    largest_pitch: float
    largest_radius: float
    plate: float
    turned: bool = False


class Shape(NamedTuple):
    """Where the neurons of a layer stand around its middle line.

    Attributes
    ----------
    kind
        COLUMN, GRID or STRIP.
    aside, y
        (shown,) how far their centres are right of the middle line, and their height.
    shown
        (shown,) which neurons they are.
    pitch, radius
        The distance between two, and half the size of one.
    half
        How far the whole reaches to either side.
    lines
        How many neurons stand side by side.
    """

    kind: str
    aside: Floats
    y: Floats
    shown: NDArray[np.intp]
    pitch: float
    radius: float
    half: float
    lines: int


def kind_of(layer: Layer, room: Room) -> str:
    """Return the form of a layer: the chosen one, or the one that suits its size and the room.

    A picture is a grid. What fits is a column, and so is what has names. Of what does not fit, a grid shows all as long
    as its cells can be told from one another, and then a strip.
    """
    if layer.form.kind in {COLUMN, GRID, STRIP}:
        return layer.form.kind
    if layer.shape is not None:
        return GRID
    if layer.units <= slots(layer, room) or layer.named:
        return COLUMN
    return GRID if _cells(layer.units, room)[1] >= _LEAST_CELL else STRIP


def slots(layer: Layer, room: Room) -> int:
    """Return how many discs find room in a column."""
    return max(3, int(room.height / max(layer.pitch, 1e-9)))


def shape_of(layer: Layer, room: Room) -> Shape:
    """Return where the neurons of a layer stand."""
    return {COLUMN: column, GRID: grid, STRIP: strip}[kind_of(layer, room)](layer, room)


def column(layer: Layer, room: Room) -> Shape:
    """Return discs below one another; with more neurons than fit a window of them, between two counts."""
    units, fitting, middle = layer.units, slots(layer, room), room.top + 0.5 * room.height
    if units <= fitting:
        shown, pitch = np.arange(units), min(room.largest_pitch, room.height / units)
    else:
        plate = min(room.plate, 0.25 * room.height)
        inner = room.height - 2.0 * plate
        count = max(1, min(units - 1, int(inner / max(layer.pitch, 1e-9))))
        shown = np.arange(count) + min(max(0, layer.form.first), units - count)
        pitch = inner / count
    radius = min(room.largest_radius, _radius(pitch))
    y = middle + (np.arange(len(shown), dtype=np.float64) - 0.5 * (len(shown) - 1)) * pitch
    return Shape(COLUMN, np.zeros(len(shown)), y, shown, pitch, radius, radius, 1)


def grid(layer: Layer, room: Room) -> Shape:
    """Return cells row after row, as many in a row as make them largest; those of a picture as the picture has them."""
    high = _high(room)
    if layer.shape is not None:
        # A picture that is to be drawn turned is turned already.
        rows, lines = layer.shape[::-1] if room.turned else layer.shape
        cell = min(high / rows, room.width / lines, _LARGEST_PIXEL)
    else:
        lines, cell = _cells(layer.units, room)
        rows = math.ceil(layer.units / lines)
    units = np.arange(layer.units)
    row, line = (units % rows, units // rows) if layer.shape is not None and room.turned else divmod(units, lines)
    aside = (line - 0.5 * (lines - 1)) * cell
    y = room.top + 0.5 * room.height + (row - 0.5 * (rows - 1)) * cell
    return Shape(GRID, aside, y, units, cell, 0.5 * cell, 0.5 * cell * lines, lines)


def strip(layer: Layer, room: Room) -> Shape:
    """Return thin cells below one another."""
    cell = min(_high(room) / layer.units, _LARGEST_LINE)
    units = np.arange(layer.units)
    y = room.top + 0.5 * room.height + (units - 0.5 * (layer.units - 1)) * cell
    half = min(_STRIP_HALF, 0.5 * room.width)
    return Shape(STRIP, np.zeros(layer.units), y, units, cell, 0.5 * min(cell, 2.0 * half), half, 1)


def _high(room: Room) -> float:
    """Return how high cells may stand, between the counts above and below."""
    return room.height - 2.0 * min(room.plate, 0.25 * room.height)


def _cells(units: int, room: Room) -> tuple[int, float]:
    """Return how many cells stand in a row, and how large they are: about the largest, in full rows where that can be.

    Rows are short and many, so that the edges of different rows leave at different heights.
    """
    high = _high(room)
    lines = np.arange(1, max(1, min(units, 4 * math.ceil(units**0.5))) + 1)
    sizes = np.minimum(np.minimum(high / np.ceil(units / lines), room.width / lines), _LARGEST_CELL)
    good = np.flatnonzero(sizes >= _EVEN * sizes.max())
    even = good[units % lines[good] == 0]
    some = even if len(even) else np.flatnonzero(sizes >= 0.95 * sizes.max())
    best = int(some[sizes[some].argmax()])
    return int(lines[best]), float(sizes[best])


def _radius(pitch: float) -> float:
    """Return the radius that suits a pitch: neurons that stand close are given more of the room for their numbers."""
    return max(_RADIUS_OF_PITCH * pitch, min(_RADIUS_OF_TIGHT_PITCH * pitch, _TIGHT_RADIUS))
