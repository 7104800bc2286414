"""The records of a text: rows of cells, and the lines on which they end."""

import csv
import io
from collections.abc import Iterable, Iterator

_RECORDS = 300
_CELLS = 200_000
Record = list[str]


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


def first_records(sample: str, delimiter: str) -> tuple[list[Record], list[int]]:
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


def usual_width(records: list[Record]) -> int:
    """Return how many cells most records have; of two that are as frequent, the one that comes first."""
    widths = [len(record) for record in records]
    return max(dict.fromkeys(widths), key=widths.count, default=0)
