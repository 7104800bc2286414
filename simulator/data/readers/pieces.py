"""A table in pieces, for one that need not fit into memory: the rows are those of the whole table, to the bit."""

import dataclasses
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.data.choices import RecipeChoices
from simulator.data.readers import format_of, read
from simulator.data.readers.steady import state_of, unchanged
from simulator.data.readers.survey import survey
from simulator.data.table import Table
from simulator.progress import Progress

Frames = Callable[[Collection[str] | None, Progress], Iterator[pd.DataFrame]]


@dataclasses.dataclass(frozen=True, eq=False)
class Pieces:
    """A table that is read piece by piece.

    Attributes
    ----------
    path
        The file; None for a table that was made in memory.
    names
        Its columns.
    rows
        How many there are.
    """

    path: Path | None
    names: tuple[str, ...]
    rows: int
    _line: Callable[[int], int | None]
    _frames: Frames

    def read(
        self, rows: int, wanted: Collection[str] | None = None, progress: Progress | None = None
    ) -> Iterator[pd.DataFrame]:
        """Yield the table in pieces of so many rows, the last one shorter; the index counts on.

        Parameters
        ----------
        rows
            How many a piece has.
        wanted
            The columns that a piece has, as far as they are there; None for all.
        progress
            What is told how far the reading is; it can cancel.

        Raises
        ------
        DatasetError
            When the file was changed since it was looked through.
        Cancelled
            When the job was cancelled.
        """
        held: list[pd.DataFrame] = []
        count = 0
        for frame in self._frames(wanted, progress or Progress()):
            begin = 0
            while count + len(frame) - begin >= rows:
                end = begin + rows - count
                held.append(frame.iloc[begin:end])
                yield _joined(held)
                held, count, begin = [], 0, end
            if begin < len(frame):
                held.append(frame.iloc[begin:])
                count += len(frame) - begin
        if held:
            yield _joined(held)

    def line(self, row: int) -> int | None:
        """Return the line of the file on which a row stands, counted from 1; None where it cannot be told."""
        return self._line(row)


def read_pieces(path: Path, choices: RecipeChoices, progress: Progress) -> Pieces:
    """Look a file through, so that it can be read piece by piece.

    Delimited text is walked through twice: first for what only all rows together decide (the encoding, whether a column
    holds numbers, the marks in them), then for the rows. A file of another format is read whole.

    Parameters
    ----------
    path
        The file.
    choices
        As for `simulator.data.readers.read`.
    progress
        What is told how far this is.

    Raises
    ------
    DatasetError
        When it is missing or broken.
    ConfigError
        When choices contradict each other.
    Cancelled
        When the job was cancelled.
    """
    before = state_of(path)
    with unchanged(path, before):
        if format_of(path, choices.sheet) != "text":
            return pieces_of(read(path, choices, progress))
        found = survey(path, choices, progress.part(0.0, 1.0, f"looking through {path.name}"))

    def frames(wanted: Collection[str] | None, told: Progress) -> Iterator[pd.DataFrame]:
        with unchanged(path, before):
            yield from found.frames(wanted, told)

    like = Table(pd.DataFrame(), path, found.dialect, (), found.lines)
    return Pieces(path, found.names, found.rows, like.line, frames)


def pieces_of(table: Table) -> Pieces:
    """Return a table that is in memory already as pieces."""
    names = tuple(map(str, table.frame.columns))

    def frames(wanted: Collection[str] | None, told: Progress) -> Iterator[pd.DataFrame]:
        told.report(0.0)
        yield table.frame if wanted is None else table.frame.iloc[:, _places(names, wanted)]

    return Pieces(table.path, names, len(table.frame), table.line, frames)


def _places(names: tuple[str, ...], wanted: Collection[str]) -> NDArray[np.intp]:
    return np.array([place for place, name in enumerate(names) if name in wanted], dtype=np.intp)


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    return frames[0] if len(frames) == 1 else pd.concat(frames)
