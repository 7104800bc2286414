"""From the texts of a column to what it holds: numbers where all of them are, stripped texts otherwise."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from simulator.data.cells import is_numeric, numbers
from simulator.data.readers.columns import DIGITS, EXACT, rounded, stripped
from simulator.data.readers.sniffing import Sniffed, decimal_is_sure
from simulator.data.readers.spelling import Tally, column_mark, decimal_of, tally, thousands_of
from simulator.data.table import Table
from simulator.progress import Progress

_STEP = 50_000
_DOING = "looking at the texts"
_SIGNS = {".": "point", ",": "comma"}


class WrongDecimal(Exception):  # noqa: N818 - not an error: the file is read again
    """Raised when the rest of a file shows that the mark taken for the decimal one stands between thousands."""


def tidied(table: Table, sniffed: Sniffed, decided: str | None, progress: Progress) -> Table:
    """Turn texts that are all numbers into numbers, strip the others, and leave out columns without name and values.

    Parameters
    ----------
    table
        As it was parsed.
    sniffed
        How the file spells it, as far as its beginning showed.
    decided
        The thousands mark that the user decided on.
    progress
        What is told that it goes on; it can cancel.

    Raises
    ------
    Cancelled
        When the job was cancelled.
    WrongDecimal
        When the beginning left the decimal mark open, and the rest shows that it is the other one.
    """
    frame = table.frame
    names = list(map(str, frame.columns))
    unnamed = {
        name
        for place, name in enumerate(names)
        if may_be_left_out(sniffed, place) and bool(frame.iloc[:, place].isna().all())
    }
    if unnamed:
        frame = frame.drop(columns=list(unnamed))
    notes = [f"{name} has neither a name nor a value and is left out." for name in sorted(unnamed)]
    texts = [name for name in map(str, frame.columns) if not is_numeric(frame[name])]
    spelt = {name: _tally(frame[name], progress) for name in texts}
    thousands, changed = _numbers_of(frame, spelt, sniffed, decided, notes, progress)
    for name in map(str, frame.columns):
        values = changed.get(name, frame[name])
        if values.dtype.kind in "iu" and len(values) and max(abs(int(values.min())), int(values.max())) > EXACT:
            notes.append(rounded(name))
        if values.dtype == np.uint64:
            changed[name] = values.astype(np.float64)
    if changed:
        frame = frame.assign(**changed)
    dialect = dataclasses.replace(sniffed.dialect, thousands=thousands)
    return dataclasses.replace(table, frame=frame, notes=(*table.notes, *notes), dialect=dialect)


def _numbers_of(
    frame: pd.DataFrame,
    spelt: dict[str, Tally],
    sniffed: Sniffed,
    decided: str | None,
    notes: list[str],
    progress: Progress,
) -> tuple[str, dict[str, Any]]:
    """Return the thousands mark and the columns that were texts, as numbers or stripped; `notes` are added to."""
    decimal = sniffed.dialect.decimal
    marks = marks_of(spelt, sniffed, decided)
    changed: dict[str, Any] = {}
    for name, found in spelt.items():
        progress.report(1.0, _DOING)
        mark, clear = marks.get(name, ("", False))
        values, refused = numbers(frame[name], decimal, thousands=mark) if clear else (None, None)
        if values is None or refused is not None:
            changed[name] = stripped(frame[name])
            notes += [_in_doubt(name, found, decimal)] if name in marks else []
        else:
            changed[name] = values
            notes += [rounded(name)] if found.digits > DIGITS else []
    known = next((mark for mark, clear in marks.values() if mark and clear), "")
    return (decided if decided is not None else sniffed.dialect.thousands or known), changed


def marks_of(spelt: dict[str, Tally], sniffed: Sniffed, decided: str | None) -> dict[str, tuple[str, bool]]:
    """Return, for the columns whose cells are all numbers, the thousands mark and whether it is beyond doubt.

    Parameters
    ----------
    spelt
        What the different texts of every column say that was not read as numbers.
    sniffed, decided
        As for `tidied`.

    Raises
    ------
    WrongDecimal
        As `tidied` does.
    """
    total = Tally()
    for each in spelt.values():
        if not each.others:
            total.update(each)
    decimal = sniffed.dialect.decimal
    if not sniffed.decimal_is_sure and total.thousands[decimal] and decimal_of(total, None, decided) != decimal:
        raise WrongDecimal
    numeric = {name: found for name, found in spelt.items() if not found.others}
    if decided is not None:
        return dict.fromkeys(numeric, (decided, True))
    sure = sniffed.decimal_is_sure or decimal_is_sure(total, decimal)
    known = sniffed.dialect.thousands or thousands_of(total, decimal)
    marks = {name: column_mark(found, decimal, known, sure) for name, found in numeric.items()}
    known = known or next((mark for mark, clear in marks.values() if mark and clear), "")
    for name, found in numeric.items():  # again, for what one column shows holds for the others
        mark, clear = column_mark(found, decimal, known, sure)
        doubtful = name in sniffed.in_doubt and not total.decimals[decimal] and found.doubtful[decimal] > 0
        marks[name] = mark, clear and not doubtful
    return marks


def _tally(column: "pd.Series[Any]", progress: Progress) -> Tally:
    texts = pd.factorize(column.astype(object))[1]

    def watched() -> Iterator[str]:
        for start in range(0, len(texts), _STEP):
            progress.report(1.0, _DOING)
            yield from map(str, texts[start : start + _STEP])

    return tally(watched(), 0)


def may_be_left_out(sniffed: Sniffed, place: int) -> bool:
    """Whether a column has no name in a file with names: without any value it is none."""
    return sniffed.dialect.header and sniffed.dialect.names[place] == f"column_{place + 1}"


def _in_doubt(name: str, found: Tally, decimal: str) -> str:
    other = "," if decimal == "." else "."
    mark = other if found.doubtful[other] else decimal
    if found.doubtful[mark]:
        said = f"Column {name!r} holds numbers such as {found.doubtful_one[mark]}, where the {_SIGNS[mark]} can stand"
        return (
            f"{said} before decimals or between thousands; it is left as text. Choose one of the marks to settle that."
        )
    said = f"Column {name!r} does not spell its numbers with a decimal {_SIGNS[decimal]} as the others do"
    return f"{said}; it is left as text."
