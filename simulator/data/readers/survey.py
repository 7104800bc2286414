"""A walk through a file of delimited text that keeps no cell, only what all cells together decide about its columns."""

import dataclasses
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.data.cells import is_missing, is_numeric, numbers
from simulator.data.choices import RecipeChoices
from simulator.data.readers.columns import stripped
from simulator.data.readers.delimited import understood
from simulator.data.readers.growing import ColumnKind
from simulator.data.readers.parsing import chunks, parse
from simulator.data.readers.ragged import Kept
from simulator.data.readers.sniffing import Sniffed
from simulator.data.readers.spelling import Tally
from simulator.data.readers.stream import Source, TextStream
from simulator.data.readers.tidying import marks_of, may_be_left_out
from simulator.data.table import Dialect
from simulator.progress import Progress


class SurveyedColumn(ColumnKind):
    """What `tidied` asks of a whole column, from its chunks; of different texts only 8 bytes are kept.

    Attributes
    ----------
    tally
        What its different texts say about the marks in numbers, as far as the first one that is no number.
    """

    def __init__(self) -> None:
        super().__init__()
        self.tally = Tally()
        self._seen: NDArray[np.uint64] = np.zeros(0, np.uint64)

    def add(self, part: "pd.Series[Any]") -> None:
        """Judge one more chunk."""
        super().add(part)
        if is_numeric(part) or self.tally.others:
            return
        texts = pd.factorize(part.astype(object))[1]
        for text in map(str, texts[self._new(texts)]):
            self.tally.add(text)
            if self.tally.others:  # a column with another text than numbers tells nothing about their marks
                break

    def _new(self, texts: "pd.Index[Any]") -> NDArray[np.bool_]:
        spelt = np.array(list(map(str, texts)), dtype=object)
        hashes = pd.util.hash_array(spelt, categorize=False)
        new = ~np.isin(hashes, self._seen)
        self._seen = np.concatenate([self._seen, hashes[new]])
        return new


@dataclasses.dataclass(frozen=True, eq=False)
class Survey:
    """How a file is to be read so that every piece of it is what it would be in the whole table.

    Attributes
    ----------
    source, dialect
        The file, and how it spells its table.
    rows
        How many there are.
    lines
        As in `Table`.
    names
        The columns that the table has.
    spelt, dropped
        As in `Parsed`.
    dtypes
        The type of the numbers of every column that is read as such.
    marks
        The thousands mark of every column of texts that all spell numbers.
    """

    source: Source
    dialect: Dialect
    rows: int
    lines: NDArray[np.int64] | None
    names: tuple[str, ...]
    spelt: frozenset[str]
    dropped: bool
    dtypes: Mapping[str, "np.dtype[Any]"]
    marks: Mapping[str, str]

    def frames(self, wanted: Collection[str] | None, progress: Progress) -> Iterator[pd.DataFrame]:
        """Yield the rows of the table in pieces, each with its place in the index, with the wanted columns of it."""
        names = [name for name in self.names if wanted is None or name in wanted]
        for chunk in self.chunks(progress):
            yield pd.DataFrame({name: self._column(chunk[name]) for name in names}, chunk.index, copy=False)

    def chunks(self, progress: Progress) -> Iterator[pd.DataFrame]:
        """Yield the rows as the parser reads them."""
        with TextStream(self.source, self.dialect.skip, self.dialect.delimiter, progress) as stream:
            text = Kept(self.source, stream, self.dialect) if self.dropped else stream
            yield from chunks(text, self.dialect, self.spelt)

    def _column(self, part: "pd.Series[Any]") -> Any:
        name = str(part.name)
        if name in self.dtypes:
            return part.astype(self.dtypes[name])
        if name in self.marks:
            return numbers(part, self.dialect.decimal, sure=True, thousands=self.marks[name])[0]
        return stripped(part.astype("str")).set_axis(part.index)


def survey(path: Path, choices: RecipeChoices, progress: Progress) -> Survey:
    """Walk through a file and find out what `delimited.read` decides about it; the parameters are the same.

    Raises
    ------
    DatasetError, ConfigError, Cancelled
        As `delimited.read` does.
    """

    def attempt(source: Source, sample: str, sniffed: Sniffed) -> Survey:
        dialect = sniffed.dialect
        parsed = parse(source, sniffed, choices.ragged, progress, SurveyedColumn)
        columns = parsed.columns
        names = tuple(
            name
            for place, (name, column) in enumerate(columns.items())
            if column.present or not may_be_left_out(sniffed, place)
        )
        texts = {name: columns[name].tally for name in names if columns[name].is_text}
        clear = {name: mark for name, (mark, sure) in marks_of(texts, sniffed, choices.thousands).items() if sure}
        found = Survey(
            source,
            dialect,
            parsed.rows,
            parsed.lines,
            names,
            parsed.spelt,
            parsed.dropped,
            {name: _kept_as(columns[name].dtype) for name in names if not columns[name].is_text},
            clear,
        )
        return dataclasses.replace(found, marks=_confirmed(found, progress)) if clear else found

    return understood(path, choices, attempt)


def _kept_as(dtype: "np.dtype[Any] | None") -> "np.dtype[Any]":
    return np.dtype(np.float64) if dtype is None or dtype == np.uint64 else dtype


def _confirmed(found: Survey, progress: Progress) -> dict[str, str]:
    """Return the marks of those columns whose texts can all be read with them, after one more walk (see `numbers`)."""
    kept = dict(found.marks)
    counted, named = set[str](), set[str]()
    for chunk in found.chunks(progress):
        for name, mark in list(kept.items()):
            values, refused = numbers(chunk[name], found.dialect.decimal, sure=True, thousands=mark)
            if refused is not None:
                del kept[name]
            elif not np.isnan(values).all():
                counted.add(name)
            elif any(not is_missing(text) for text in map(str, chunk[name].dropna().unique())):
                named.add(name)
    return {name: mark for name, mark in kept.items() if name in counted or name not in named}
