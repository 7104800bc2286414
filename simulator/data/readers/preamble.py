"""What stands before a table in its file: comments, titles, notes, and the line in which Excel names the delimiter."""

import io
import re

from simulator.data.cells import is_missing
from simulator.data.readers.header import header_votes, lacks_a_name
from simulator.data.readers.records import Record, first_records, usual_width
from simulator.data.readers.spelling import looks_numeric

COMMENTS = ("#", "%", "//")
"""How a comment line begins."""

_NAMED_DELIMITER = re.compile(r'\s*"?sep=(.)"?\s*', re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"(#|%|//)+(\s|$)")
_RULE = re.compile(r"[#%/\s,;|=_+*-]*")
Line = tuple[int, str]


def named_delimiter(sample: str) -> tuple[str | None, int]:
    """Return the delimiter that the first line names, as "sep=;" does for Excel, and how many lines that takes."""
    for number, line in enumerate(io.StringIO(sample), 1):
        if line.strip("\ufeff \n"):
            found = _NAMED_DELIMITER.fullmatch(line.strip("\ufeff\n"))
            return (found[1], number) if found else (None, 0)
    return None, 0


def comments(sample: str, start: int) -> list[Line]:
    """Return the comment lines after the first `start` lines, with their numbers; none where there is nothing else."""
    found: list[Line] = []
    for number, line in enumerate(io.StringIO(sample), 1):
        if number <= start:
            continue
        text = line.strip("\ufeff \t\n")
        if text.startswith(COMMENTS):
            found.append((number, text))
        elif text:
            return found
    return []


def only_comments(sample: str) -> bool:
    """Whether all lines are comments beyond doubt, with a blank after the sign."""
    lines = (line.strip("\ufeff \t\n") for line in io.StringIO(sample))
    return all(_COMMENT.match(line) for line in lines if line)


def is_rule(comment: str) -> bool:
    """Whether a comment line only draws a line."""
    return _RULE.fullmatch(comment) is not None


def uncommented(comment: str, delimiter: str) -> Record:
    """Return the cells of a comment line, without the sign that makes it one."""
    sign = next(each for each in COMMENTS if comment.startswith(each))
    records, _ = first_records(comment.lstrip(sign).strip(" "), delimiter)
    return [cell.strip() for cell in records[0]] if records else [""]


def is_row(cells: Record, records: list[Record]) -> bool:
    """Whether the cells of what looks like a comment are a row of data whose first one begins with its sign."""
    rows = [record for record in records if len(record) == len(cells)]
    if looks_numeric(cells[0]) or 2 * len(rows) < len(records):
        return False
    columns = list(zip(*rows, strict=True))
    numeric = [all(looks_numeric(cell) or is_missing(cell) for cell in column) for column in columns]
    return any(numeric) and all(looks_numeric(cell) for cell, number in zip(cells, numeric, strict=True) if number)


def is_commented_header(cells: Record, records: list[Record]) -> bool:
    """Whether the cells of the last comment before the records name their columns."""
    if len(cells) < 2 or len(cells) != usual_width(records) or any(map(looks_numeric, cells)) or not all(cells):
        return False
    named = header_votes(records[0], records[1:]) > 0 and not all(map(looks_numeric, records[0]))
    return len(set(cells)) == len(cells) and not named


def titles(records: list[Record]) -> int:
    """Return how many of the first records stand before the table: titles, notes, blank rows of a spreadsheet."""
    width = usual_width(records)
    if width < 2 or [len(record) for record in records].count(width) < max(2, 0.5 * len(records)):
        return 0
    rows = (place for place, record in enumerate(records) if len(record) == width and not _is_prose(record))
    start = next(rows, 0)
    if start == 0 or header_votes(records[start], records[start + 1 :]) > 0:
        return start
    if lacks_a_name(records[start - 1], records[start:]):
        start -= 1
    before = records[:start]
    if any(len(record) != 1 or _has_cells(record[0], width) for record in before):
        return 0  # rather a row of another length: to be refused, or dropped if the user wants that
    return start


def _is_prose(record: Record) -> bool:
    return sum(not is_missing(cell) for cell in record) < 2 and len(record) > 2 and not looks_numeric(record[0])


def _has_cells(line: str, width: int) -> bool:
    """Whether a line would be a header with another delimiter."""
    return any(line.count(delimiter) == width - 1 for delimiter in ",;\t|")
