"""Where things stand in the beginning of a text: what is skipped, what names the columns, where the rows begin."""

import dataclasses
import re

from simulator.data.choices import RecipeChoices
from simulator.data.readers.header import are_units, header_votes
from simulator.data.readers.preamble import (
    Line,
    comments,
    is_commented_header,
    is_row,
    is_rule,
    named_delimiter,
    titles,
    uncommented,
)
from simulator.data.readers.records import Record, first_records, usual_width
from simulator.data.readers.spelling import looks_numeric

DELIMITERS = (",", ";", "\t", "|", " ")
_NUMBER_AND_MORE = re.compile(r"\s*[+-]?[\d.,]+\s+\S")
_QUOTED = 60


@dataclasses.dataclass(frozen=True)
class Layout:
    """How the beginning of a text is taken apart.

    Attributes
    ----------
    delimiter
        What separates the cells.
    header
        The record that names the columns; None where there is none.
    header_line
        The line on which it ends, counted from 1; that of the first row where there is none.
    body
        The first rows of data.
    skip
        How many lines stand before them.
    notes
        What was skipped, in plain sentences.
    """

    delimiter: str
    header: Record | None
    header_line: int
    body: list[Record]
    skip: int
    notes: tuple[str, ...]


def layout_of(sample: str, choices: RecipeChoices) -> Layout:
    """Take the beginning of a text apart.

    Parameters
    ----------
    sample
        Whole lines.
    choices
        Delimiter and header, where the user decided them.
    """
    named, start = named_delimiter(sample)
    skipped = [(start, f"sep={named}")] if named else []
    comment = comments(sample, start)
    after = comment[-1][0] if comment else start
    named = named if named in DELIMITERS else None
    delimiter = choices.delimiter or named or _delimiter(_from_line(sample, after))
    records, ends = _records(sample, after, delimiter)
    for place, (line, text) in enumerate(comment):
        if records and is_row(uncommented(text, delimiter), records):
            comment, after = comment[:place], line - 1
            records, ends = _records(sample, after, delimiter)
            break
    count = titles(records)
    skipped += [*comment, *((ends[place], " ".join(records[place]).strip()) for place in range(count))]
    after = ends[count - 1] if count else after
    records, ends = records[count:], ends[count:]
    notes: list[str] = []
    header, line, body = None, ends[0] if ends else after + 1, records
    last = next((each for each in reversed(comment) if not is_rule(each[1])), None)
    if choices.header is None and last and not count and _names(last, delimiter, records):
        skipped.remove(last)
        line, text = last
        header = uncommented(text, delimiter)
        notes.append(f"The names of the columns stand in the comment on line {line}.")
    elif records and (choices.header if choices.header is not None else header_votes(records[0], records[1:]) >= 0):
        header, body, after, ends = records[0], records[1:], ends[0], ends[1:]
    if header is not None and body and len(body[0]) == len(header) and are_units(body[0], body[1:]):
        units = _quoted(", ".join(body[0]))
        notes.append(f"Line {ends[0]} under the header holds units and is skipped: {units}.")
        after, body = ends[0], body[1:]
    return Layout(delimiter, header, line, body, after, (*_said(skipped), *notes))


def _names(comment: Line, delimiter: str, records: list[Record]) -> bool:
    return bool(records) and is_commented_header(uncommented(comment[1], delimiter), records)


def _records(sample: str, after: int, delimiter: str) -> tuple[list[Record], list[int]]:
    """Return the first records after a line, and the lines of the whole sample on which they end."""
    records, ends = first_records(_from_line(sample, after), delimiter)
    return records, [after + end for end in ends]


def _from_line(sample: str, after: int) -> str:
    return sample.split("\n", after)[-1] if after else sample


def _said(skipped: list[Line]) -> tuple[str, ...]:
    if not skipped:
        return ()
    first, last = skipped[0], skipped[-1]
    if len(skipped) == 1:
        return (f"Line {first[0]} before the table is skipped: {_quoted(first[1])}.",)
    to = "and" if last[0] == first[0] + 1 else "to"
    return (f"Lines {first[0]} {to} {last[0]} before the table are skipped, the first one says {_quoted(first[1])}.",)


def _quoted(text: str) -> str:
    return repr(text if len(text) <= _QUOTED else text[:_QUOTED] + "…")


def _delimiter(sample: str) -> str:
    scores = {delimiter: _score(sample, delimiter) for delimiter in DELIMITERS}
    best = max(scores, key=lambda delimiter: scores[delimiter])
    return best if scores[best] > 0 else ","


def _score(sample: str, delimiter: str) -> float:
    """Return how well a delimiter explains a sample, 0 to 1: as many cells in all records, no delimiter in a cell."""
    records, _ = first_records(sample, delimiter)
    widths = [len(record) for record in records]
    if not widths:
        return 0.0
    width = usual_width(records)
    if width < 2:
        return 0.0
    others = [other for other in DELIMITERS if other not in (delimiter, " ")]
    cells = [cell for record in records for cell in record]
    clean = sum(_is_clean(cell, others) for cell in cells) / len(cells)
    share = widths.count(width) / len(widths)
    return share**2 * clean**2 * (0.8 if delimiter == " " else 1.0)


def _is_clean(cell: str, others: list[str]) -> bool:
    return looks_numeric(cell) or not (any(other in cell for other in others) or _NUMBER_AND_MORE.match(cell))
