"""Whether a table's first record names its columns, and what they are called."""

import itertools

from simulator.data.cells import MISSING_AMONG_NUMBERS, is_missing
from simulator.data.readers.records import Record
from simulator.data.readers.spelling import looks_numeric
from simulator.data.readers.stream import Source

_LONGEST_UNIT = 20


def header_votes(first: Record, body: list[Record]) -> float:
    """Return how clearly a first record names columns: above 0 it does, below 0 it does not.

    Texts over numbers say yes; a number over numbers, or a text that comes again, says no.
    """
    if body and _counts_up(first) and not _counts_up(body[0]):
        return 1.0
    if all(looks_numeric(cell) for cell in first):
        return -1.0
    if not body:
        return -1.0 if any(looks_numeric(cell) for cell in first) else 0.0
    columns = itertools.zip_longest(*body, fillvalue="")
    pairs = zip(first, columns, strict=False)
    return sum(_vote(name, [cell for cell in cells if not is_missing(cell)]) for name, cells in pairs)


def _vote(name: str, held: list[str]) -> float:
    """Return how clearly a cell names the cells under it."""
    if not held:
        return 0.0
    numeric = sum(map(looks_numeric, held)) > 0.5 * len(held)
    if looks_numeric(name):
        return -1.0 if numeric else 0.0
    if is_missing(name):
        return -0.25 if name.strip() and numeric else 0.0
    if numeric:
        return 1.0
    if name in held:
        return -1.0
    return 0.5 if len(set(held)) < 0.5 * len(held) else 0.0


def lacks_a_name(first: Record, body: list[Record]) -> bool:
    """Whether all rows have one cell more than the header, in front, as R writes the names of rows."""
    rows = bool(body) and all(len(record) == len(first) + 1 for record in body)
    return rows and _names_rows([record[0] for record in body])


def names_for_all(source: Source, first: Record, body: list[Record], line: int) -> tuple[list[str], list[str]]:
    """Return the names of all columns: an empty one is named by its place, one that R left out is put first.

    Raises
    ------
    DatasetError
        When two columns have one name.
    """
    names = [name.strip().removeprefix("\ufeff") for name in first]
    notes: list[str] = []
    if body and all(len(record) == len(names) + 1 and is_missing(record[-1]) for record in body):
        names.append("")
    elif lacks_a_name(first, body):
        names.insert(0, "")
        notes.append("The header has one name less than the rows have cells: the first column holds row names.")
    for place, name in enumerate(names):
        if not name:
            names[place] = f"column_{place + 1}"
            notes.append(f"Column {place + 1} has no name and is called column_{place + 1}.")
    seen: dict[str, int] = {}
    for place, name in enumerate(names):
        if name in seen:
            message = f"two columns are called {name!r}, number {seen[name] + 1} and number {place + 1}"
            raise source.refuse(message, "Give every column its own name.", line)
        seen[name] = place
    return names, notes


def are_units(second: Record, rows: list[Record]) -> bool:
    """Whether the record under the header holds the units of the columns: short texts over columns of numbers."""
    if len(rows) < 2 or any(len(record) != len(second) for record in rows):
        return False
    units: list[str] = []
    for unit, cells in zip(second, zip(*rows, strict=True), strict=True):
        held = [cell for cell in cells if not is_missing(cell)]
        if not held or not all(map(looks_numeric, held)) or unit.strip().lower() in MISSING_AMONG_NUMBERS:
            continue
        if looks_numeric(unit) or len(unit) > _LONGEST_UNIT:
            return False
        units.append(unit.strip())
    return len(units) > 1 or any(unit[0] in "([{" and unit[-1] in ")]}" for unit in units)


def _counts_up(record: Record) -> bool:
    """Whether the numbers of a record are those of columns, 0, 1, 2 …, or years at equal distances."""
    values = [cell.strip() for cell in record if looks_numeric(cell)]
    if len(values) < 3 or not all(value.isdecimal() and len(value) < 5 for value in values):
        return False
    first, second, *_ = numbers = [int(value) for value in values]
    step = second - first
    if step < 1 or numbers != list(range(first, first + step * len(numbers), step)):
        return False
    return (step == 1 and first in (0, 1) and len(values) == len(record)) or 1000 <= first <= numbers[-1] < 3000


def _names_rows(cells: list[str]) -> bool:
    """Whether cells are what R writes before each row: 1, 2, 3 …, or a text of its own."""
    if len(set(cells)) < len(cells):
        return False
    return cells == [str(place + 1) for place in range(len(cells))] or not any(map(looks_numeric, cells))
