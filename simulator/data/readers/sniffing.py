"""How a text spells a table: delimiter, marks in numbers, header, names; guessed from its beginning."""

from csv import field_size_limit
from itertools import zip_longest
from typing import NamedTuple

from simulator.data.choices import RecipeChoices
from simulator.data.readers.columns import MOST_COLUMNS, made_up
from simulator.data.readers.header import names_for_all
from simulator.data.readers.layout import layout_of
from simulator.data.readers.preamble import only_comments
from simulator.data.readers.records import Record, usual_width
from simulator.data.readers.spelling import Tally, column_mark, decimal_of, tally, thousands_of
from simulator.data.readers.stream import Source
from simulator.data.table import Dialect
from simulator.errors import ConfigError

_OTHERS = 0.2
"""A column whose cells are no numbers by more than this share tells nothing about the marks in numbers."""


class Sniffed(NamedTuple):
    """A recognised dialect.

    Attributes
    ----------
    dialect
        How the text spells its table.
    notes
        What is worth knowing about names and what was skipped, in plain sentences.
    in_doubt
        Columns whose points may stand between thousands: to be read as texts, until all of their cells were seen.
    decimal_is_sure
        Whether cells show the decimal mark beyond doubt, or the user decided it.
    """

    dialect: Dialect
    notes: tuple[str, ...]
    in_doubt: frozenset[str]
    decimal_is_sure: bool


def sniff(source: Source, sample: str, choices: RecipeChoices) -> Sniffed:
    """Recognise a table's dialect.

    Parameters
    ----------
    source
        The file, for messages.
    sample
        The beginning of its text in whole lines.
    choices
        What the user decided already.

    Raises
    ------
    DatasetError
        When there is no row under the header, a single column, too many columns, or two columns of one name.
    ConfigError
        When thousands and decimals are to have the same mark.
    """
    if choices.thousands and choices.thousands == choices.decimal:
        raise ConfigError(f"the thousands mark cannot be the decimal mark, {choices.decimal!r}", "Change one of them.")
    if only_comments(sample):
        raise source.refuse("there are only comment lines", "Give a file with a row of names and rows of values.", 1)
    layout = layout_of(sample, choices)
    header, body, line = layout.header, layout.body, layout.header_line
    if header is None and not body:
        long = len(sample) > field_size_limit()
        message = "the first row holds a cell of more than 131,072 characters" if long else "there are only empty rows"
        raise source.refuse(message, "Give a file with a row of names and rows of values.", line)
    width = usual_width(body) if header is None else len(header)
    if width > MOST_COLUMNS:
        raise source.refuse(f"the table has {width:,} columns", f"At most {MOST_COLUMNS:,} can be read.", line)
    names, notes = made_up(width), list[str]()
    if header is not None:
        names, notes = names_for_all(source, header, body, line)
        if not body:
            raise source.refuse("there is a header but no row of data under it", "Add rows of values.", line)
    if len(names) < 2:
        hint = "A data set needs a target and at least one feature; is the delimiter right?"
        raise source.refuse("the table has only one column", hint, line)
    total, numeric = _tallies(body)
    decimal = decimal_of(total, choices.decimal, choices.thousands)
    sure = choices.decimal is not None or decimal_is_sure(total, decimal)
    thousands = _thousands(total, numeric, decimal, sure) if choices.thousands is None else choices.thousands
    # Spreadsheets delimit by these where the comma is the decimal mark; a point then stands between thousands.
    doubt = layout.delimiter in ";\t" and not sure and not thousands and choices.thousands is None
    in_doubt = [place for place, each in numeric.items() if doubt and each.doubtful["."] and place < len(names)]
    dialect = Dialect(
        source.encoding,
        source.packing,
        layout.delimiter,
        decimal,
        tuple(names),
        header is not None,
        layout.skip,
        thousands,
    )
    return Sniffed(dialect, (*layout.notes, *notes), frozenset(names[place] for place in in_doubt), sure)


def _tallies(body: list[Record]) -> tuple[Tally, dict[int, Tally]]:
    """Return what the cells say about the marks in numbers: all together, and the numeric columns by their places."""
    columns = enumerate(tally(cells) for cells in zip_longest(*body, fillvalue=""))
    numeric = {place: each for place, each in columns if each.cells and each.others <= _OTHERS * each.cells}
    total = Tally()
    for each in numeric.values():
        total.update(each)
    return total, numeric


def _thousands(total: Tally, numeric: dict[int, Tally], decimal: str, sure: bool) -> str:
    marks = (column_mark(each, decimal, "", sure)[0] for each in numeric.values() if not each.others)
    return thousands_of(total, decimal) or next((mark for mark in marks if mark), "")


def decimal_is_sure(total: Tally, decimal: str) -> bool:
    """Whether the cells of a table show its decimal mark beyond doubt, and no other."""
    return total.decimals.keys() == {decimal}
