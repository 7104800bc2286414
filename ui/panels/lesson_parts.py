"""What the pages of the lesson are made of: paragraphs, formulas and small tables, with figures that lead on. No Qt."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from simulator.explain import Ancestry, Number
from ui.motion.story import short
from ui.panels.inspection import BATCH, ROW, Segment, Subject


@dataclasses.dataclass(frozen=True)
class Text:
    """A paragraph; a formula is a little larger."""

    segments: tuple[Segment, ...]
    formula: bool = False

    @property
    def plain(self) -> str:
        """All of it as plain text."""
        return "".join(segment.text for segment in self.segments)


@dataclasses.dataclass(frozen=True)
class Grid:
    """A small table: the heads of its columns, and rows of one cell a column; the first column names its row."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Segment, ...], ...]


@dataclasses.dataclass(frozen=True, eq=False)
class Curve:
    """The training loss of every epoch, (epochs + 1,), from the `first` one on."""

    title: str
    values: Any
    first: int = 0


@dataclasses.dataclass(frozen=True, eq=False)
class LessonPage:
    """A step of the lesson.

    Attributes
    ----------
    parts
        From top to bottom.
    closer
        The panels, by their ids, in which there is more to see.
    number
        What the inspector shows of it, or None.
    """

    parts: tuple[Text | Grid | Curve, ...]
    closer: tuple[str, ...] = ()
    number: Number | None = None


def text(text: str) -> Text:
    """Return a paragraph."""
    return Text((Segment(text),))


def filled(parts: Sequence[Text | Grid | Curve]) -> tuple[Text | Grid | Curve, ...]:
    """Return the parts in which something stands."""
    return tuple(part for part in parts if not isinstance(part, Text) or part.plain)


def listed(segments: Sequence[Segment]) -> list[Segment]:
    """Return pieces with commas between them."""
    listed: list[Segment] = []
    for nth, segment in enumerate(segments):
        listed += [Segment(", "), segment] if nth else [segment]
    return listed


def shape(rows: int, columns: int) -> str:
    """Return the shape of a matrix: "(16 × 4)", never broken at a line's end."""
    return f"({rows:,} × {columns:,})".replace(" ", "\u00a0")


def subject(number_: Number) -> Subject:
    """Return a number as the inspector asks for it."""
    return Subject(number_, ROW if number_.row >= 0 else BATCH)


def figure(ancestry: Ancestry, number_: Number) -> Segment:
    """Return a number with four digits that count, that leads on."""
    return Segment(ancestry.figure(number_), subject(number_))


def decimals(ancestry: Ancestry, number_: Number) -> Segment:
    """Return a number with three decimals, that leads on."""
    value = ancestry.value(number_)
    return Segment(value if isinstance(value, str) else short(value, 3), subject(number_))


def formula(ancestry: Ancestry, number_: Number, before: str = "", *, plain: bool = False) -> Text:
    """Return the formula of a number with live figures that lead on, or as plain text."""
    pieces = ancestry.pieces(number_, 4, 4)
    segments = [
        Segment(piece.text, None if plain or piece.number is None else subject(piece.number)) for piece in pieces
    ]
    return Text((Segment(before), *segments) if before else tuple(segments), formula=True)
