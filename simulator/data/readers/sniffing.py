"""How a text spells a table: delimiter, decimal mark, header; guessed from its beginning."""

import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator

from simulator.data.cells import is_missing, is_number
from simulator.data.choices import RecipeChoices
from simulator.data.readers.stream import Source
from simulator.data.table import Dialect
from simulator.errors import DatasetError

DELIMITERS = (",", ";", "\t", "|", " ")
MOST_COLUMNS = 20_000
_RECORDS = 300
_CELLS = 200_000
_THOUSANDS = re.compile(r"\s*[+-]?[1-9]\d{0,2},\d{3}\s*")
_NUMBER_AND_MORE = re.compile(r"\s*[+-]?[\d.,]+\s+\S")
Record = list[str]


def sniff(source: Source, sample: str, choices: RecipeChoices) -> tuple[Dialect, tuple[str, ...]]:
    """Recognise a table's dialect.

    Parameters
    ----------
    source
        The file, for messages.
    sample
        The beginning of its text in whole lines.
    choices
        What the user decided already.

    Returns
    -------
    dialect : Dialect
    notes
        What is worth knowing about names, in plain sentences.

    Raises
    ------
    DatasetError
        When there is no row under the header, a single column, too many columns, or two columns of one name.
    """
    delimiter = choices.delimiter or _delimiter(sample)
    records, ends = _records(sample, delimiter)
    if not records:
        hint = "Give a file with a row of names and rows of values."
        raise source.refuse("the first row holds a cell of more than 131,072 characters", hint, 1)
    first, body = records[0], records[1:]
    if len(first) > MOST_COLUMNS:
        hint = f"At most {MOST_COLUMNS:,} can be read."
        raise source.refuse(f"the table has {len(first):,} columns", hint, ends[0])
    decimal = choices.decimal or _decimal(records, delimiter)
    header = choices.header if choices.header is not None else _has_header(first, body, decimal)
    width = len(first)
    notes: list[str] = []
    if header:
        names, notes = _with_names_for_all(source, first, body, ends[0])
    else:
        names = [f"column_{place + 1}" for place in range(width)]
    if header and not body:
        raise source.refuse("there is a header but no row of data under it", "Add rows of values.", ends[0])
    if len(names) < 2:
        hint = "A data set needs a target and at least one feature; is the delimiter right?"
        raise source.refuse("the table has only one column", hint, ends[0])
    skip = ends[0] if header else 0
    return Dialect(source.encoding, source.compressed, delimiter, decimal, tuple(names), header, skip), tuple(notes)


def records_of(lines: Iterable[str], delimiter: str) -> Iterator[tuple[Record, int]]:
    """Yield the records of a text, each with the number of the line on which it ends, counted from 1.

    It serves all checks; the parser of the values is pandas'.

    Raises
    ------
    csv.Error
        At a cell of more than 131,072 characters.
    """
    if delimiter == " ":
        lines = (line.replace("\t", " ").strip(" \n") for line in lines)
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    for record in reader:
        yield record, reader.line_num


def is_blank(record: Record) -> bool:
    """Whether a record is only an empty line."""
    return not record or (len(record) == 1 and not record[0].strip())


def _records(sample: str, delimiter: str) -> tuple[list[Record], list[int]]:
    """Return the first records of a sample and the lines on which they end, counted from 1."""
    found: list[Record] = []
    ends: list[int] = []
    cells = 0
    try:
        for record, line in records_of(io.StringIO(sample), delimiter):
            if not is_blank(record):
                found.append(record)
                ends.append(line)
                cells += len(record)
            if len(found) == _RECORDS or (cells > _CELLS and len(found) > 5):
                break
    except csv.Error:  # a cell of more than 131,072 characters: the check of all records will name its line
        pass
    return found, ends


def _delimiter(sample: str) -> str:
    scores = {delimiter: _score(sample, delimiter) for delimiter in DELIMITERS}
    best = max(scores, key=lambda delimiter: scores[delimiter])
    return best if scores[best] > 0 else ","


def _score(sample: str, delimiter: str) -> float:
    """Return how well a delimiter explains a sample, 0 to 1: as many cells in all records, no delimiter in a cell."""
    records, _ = _records(sample, delimiter)
    widths = [len(record) for record in records]
    if not widths:
        return 0.0
    width = max(set(widths), key=widths.count)
    if width < 2:
        return 0.0
    others = [other for other in DELIMITERS if other not in (delimiter, " ")]
    cells = [cell for record in records for cell in record]
    clean = sum(_is_clean(cell, others) for cell in cells) / len(cells)
    share = widths.count(width) / len(widths)
    return share**2 * clean**2 * (0.8 if delimiter == " " else 1.0)


def _is_clean(cell: str, others: list[str]) -> bool:
    return is_number(cell, ",") or not (any(other in cell for other in others) or _NUMBER_AND_MORE.match(cell))


def _decimal(records: list[Record], delimiter: str) -> str:
    """Return the mark that stands in more numbers.

    Between commas a quoted "1,234" rather means 1234; to take it for a text is better than to be wrong by a thousand.
    """
    cells = [cell for record in records for cell in record if not (delimiter == "," and _THOUSANDS.fullmatch(cell))]
    with_comma = sum("," in cell and is_number(cell, ",") for cell in cells)
    with_point = sum("." in cell and is_number(cell, ".") for cell in cells)
    return "," if with_comma > with_point else "."


def _has_header(first: Record, body: list[Record], decimal: str) -> bool:
    """Whether a first record names columns.

    Texts over numbers say yes; a number over numbers, or a text that comes again, says no.
    """
    if all(is_number(cell, ".") for cell in first):
        return bool(body) and _counts_up(first) and not _counts_up(body[0])
    if not body:
        return not any(is_number(cell, decimal) for cell in first)
    votes = 0.0
    for name, cells in zip(first, itertools.zip_longest(*body, fillvalue=""), strict=False):
        held = [cell for cell in cells if not is_missing(cell)]
        if not held:
            continue
        numeric = sum(is_number(cell, decimal) for cell in held) > 0.5 * len(held)
        if is_number(name, decimal):
            votes -= 1.0 if numeric else 0.0
        elif is_missing(name):
            votes -= 0.25 if name.strip() and numeric else 0.0
        elif numeric:
            votes += 1.0
        elif name in held:
            votes -= 1.0
        elif len(set(held)) < 0.5 * len(held):
            votes += 0.5
    return votes >= 0


def _counts_up(record: Record) -> bool:
    try:
        values = [int(cell) for cell in record]
    except ValueError:
        return False
    return len(values) > 2 and values == list(range(values[0], values[0] + len(values))) and values[0] in (0, 1)


def _names_rows(cells: list[str]) -> bool:
    """Whether cells are what R writes before each row: 1, 2, 3 …, or a text of its own."""
    if len(set(cells)) < len(cells):
        return False
    return cells == [str(place + 1) for place in range(len(cells))] or not any(is_number(cell, ".") for cell in cells)


def _with_names_for_all(source: Source, first: Record, body: list[Record], line: int) -> tuple[list[str], list[str]]:
    """Return the names of all columns: an empty one is named by its place, one that R left out is put first."""
    names = [name.strip().removeprefix("\ufeff") for name in first]
    notes: list[str] = []
    if body and all(len(record) == len(names) + 1 for record in body):
        if all(is_missing(record[-1]) for record in body):
            names.append("")
        elif _names_rows([record[0] for record in body]):
            names.insert(0, "")
            notes.append("The header has one name less than the rows have cells: the first column holds row names.")
    for place, name in enumerate(names):
        if not name:
            names[place] = f"column_{place + 1}"
            notes.append(f"Column {place + 1} has no name and is called column_{place + 1}.")
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise DatasetError(f"two columns are called {name!r}", "Give every column its own name.", source.path, line)
        seen.add(name)
    return names, notes
