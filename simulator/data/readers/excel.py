"""Reads a sheet of a workbook: Excel's .xlsx, .xlsb and .xls, OpenDocument's .ods."""

import contextlib
import itertools
from collections.abc import Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import python_calamine

from simulator.data.choices import RecipeChoices
from simulator.data.readers.beginning import Beginning
from simulator.data.readers.columns import made_up, whole
from simulator.data.readers.gathering import GatheredColumn, chosen, named, table_of
from simulator.data.readers.seekable import seekable
from simulator.data.readers.sheet_bounds import check_bounds
from simulator.data.table import Table
from simulator.errors import DatasetError
from simulator.progress import Progress

CHUNK = 10_000
SAMPLE = 300
"""So many rows are looked at to find out where the table begins."""

MOST_MERGED = 1_000_000
"""Merged cells are filled in where they are no more than so many."""

_MEMBERS = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")
_HINT = "Open it in a spreadsheet and save it again, or save the sheet as CSV."
Row = list[Any]
Numbered = tuple[int, Row]


def recognises(beginning: Beginning) -> bool:
    """Whether a file is a workbook: an archive that holds one, or an old Office document."""
    zipped = any(name.lower().replace("\\", "/") in _MEMBERS for name in beginning.members)
    return zipped or beginning.head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def read(path: Path, choices: RecipeChoices, progress: Progress) -> Table:
    """Read a sheet.

    The table may stand below titles and empty rows, and anywhere on the sheet. Dates become ISO texts, errors
    (#N/A, #DIV/0!) are missing, and merged cells all have their value.

    Parameters
    ----------
    path
        The workbook.
    choices
        `sheet` names the sheet; none: the first that holds a table. `header` says whether it has names.
    progress
        What is told how far the reading is.

    Raises
    ------
    DatasetError
        When it is damaged, encrypted, too large, or the sheet holds no table; with the row of the sheet as line.
    Cancelled
        When the job was cancelled.
    """
    progress.report(None, f"opening {path.name}")
    with seekable(path, progress) as file, _translated(path):
        check_bounds(file, path, progress)
        file.seek(0)
        with python_calamine.load_workbook(file) as workbook:
            sheets = [
                each.name
                for each in workbook.sheets_metadata
                if each.typ in (python_calamine.SheetTypeEnum.WorkSheet, python_calamine.SheetTypeEnum.MacroSheet)
            ]
            if not sheets:
                raise DatasetError("the workbook holds no sheet", "Save a table as CSV.", path)
            asked = chosen(choices.sheet, sheets, path, "sheet")
            refusals: list[DatasetError] = []
            for sheet in [asked] if asked is not None else sheets:
                try:
                    return _Sheet(workbook.get_sheet_by_name(sheet), path, choices, progress).table(sheets)
                except DatasetError as error:
                    refusals.append(error)
    raise refusals[0]


@contextlib.contextmanager
def _translated(path: Path) -> Generator[None]:
    try:
        yield
    except python_calamine.PasswordError as error:
        raise DatasetError("the workbook is encrypted", "Save it without a password.", path) from error
    except (python_calamine.CalamineError, OSError) as error:
        raise DatasetError(f"the workbook is damaged, or none ({error})", _HINT, path) from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # the library is in Rust, and this inherits from BaseException
            raise DatasetError("the workbook is damaged", _HINT, path) from error
        raise


class _Sheet:
    """A sheet, and where on it the table stands."""

    def __init__(
        self, sheet: python_calamine.CalamineSheet, path: Path, choices: RecipeChoices, progress: Progress
    ) -> None:
        self._sheet = sheet
        self._path = path
        self._choices = choices
        self._progress = progress
        self._notes: list[str] = []

    def table(self, sheets: Sequence[str]) -> Table:
        """Return the table of the sheet."""
        rows = self._rows()
        sample = list(itertools.islice((row for row in rows if any(cell != "" for cell in row[1])), SAMPLE))
        if not sample:
            raise DatasetError(f"the sheet {self._sheet.name!r} is empty", "Choose another sheet.", self._path)
        begin = _first_row(sample)
        line, first = sample[begin]
        header = self._choices.header
        if header is None:
            header = _is_header(first, [row for _, row in sample[begin + 1 :]])
        left, right = self._columns(first, sample[begin:], header)
        body = sample[begin + header :]
        names, notes = named(first[left:right] if header else made_up(right - left), self._path, line)
        columns = {name: GatheredColumn() for name in names}
        lines: list[int] = []
        for chunk in self._chunks(itertools.chain(body, rows), left, right):
            lines += [number for number, _ in chunk]
            cells = zip(*(row[left:right] for _, row in chunk), strict=True)
            for column, values in zip(columns.values(), cells, strict=True):
                column.add([None if value == "" else value for value in values])
        finished = {name: _whole(column.finished()) for name, column in columns.items()}
        unnamed = [name for name, title in zip(names, first[left:right], strict=True) if header and title == ""]
        for name in unnamed:
            if pd.isna(finished[name]).all():
                del finished[name]
                notes = [note for note in notes if not note.endswith(f"called {name}.")]
        if begin:
            notes.insert(0, f"The table begins in row {line} of the sheet.")
        if not header:
            notes.append("There are no names over the columns; they are called column_1, column_2 …")
        where = np.array(lines, dtype=np.int64)
        name = self._sheet.name
        return table_of(finished, self._path, "the sheet", [*notes, *self._notes], where, sheets, name)

    def _rows(self) -> Iterator[Numbered]:
        """Yield all rows with their numbers, counted from 1."""
        start = self._sheet.start
        if start is None:
            return
        merged = _Merged(self._sheet.merged_cell_ranges or [], start[1])
        height = max(1, self._sheet.total_height)
        for place, row in enumerate(self._sheet.iter_rows()):
            if place % 1000 == 0:
                self._progress.report(place / height, f"reading the sheet {self._sheet.name}")
            merged.fill(place, row)
            yield place + 1, row

    def _columns(self, first: Row, sample: Sequence[Numbered], header: bool) -> tuple[int, int]:
        """Return the columns over which the table stretches: those that have a name, or all that hold something."""
        filled = [place for place, cell in enumerate(first) if cell != ""]
        if not header:
            filled += [place for _, row in sample for place, cell in enumerate(row) if cell != ""]
        left, right = min(filled), max(filled) + 1
        outside = sum(any(cell != "" for cell in (*row[:left], *row[right:])) for _, row in sample)
        if outside:
            # Row names without a name over them belong to the table; a remark beside it does not.
            before = sum(left > 0 and row[left - 1] != "" for _, row in sample[1:])
            if before > 0.5 * (len(sample) - 1):
                left -= 1
            else:
                self._notes.append("What stands beside the named columns is left out.")
        return left, right

    def _chunks(self, rows: Iterable[Numbered], left: int, right: int) -> Iterator[list[Numbered]]:
        """Yield the filled rows; lone cells after an empty row at the end, as a remark, are left out."""
        chunk: list[Numbered] = []
        pending: list[Numbered] = []
        last = 0
        for number, row in rows:
            held = sum(cell != "" for cell in row[left:right])
            if not held:
                continue
            if held == 1 and right - left > 2 and (pending or (last and number > last + 1)):
                pending.append((number, row))
                continue
            chunk += pending
            pending = []
            chunk.append((number, row))
            last = number
            if len(chunk) * (right - left) > 100 * CHUNK or len(chunk) >= CHUNK:
                yield chunk
                chunk = []
        if pending:
            self._notes.append(f"What stands under the table, from row {pending[0][0]} on, is left out.")
        if chunk:
            yield chunk


class _Merged:
    """The merged cells of a sheet; all have the value of the first.

    Parameters
    ----------
    ranges
        First and last cell of each.
    left
        The column with which the rows begin that are to be filled.
    """

    def __init__(self, ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]], left: int) -> None:
        area = sum((last[0] - first[0] + 1) * (last[1] - first[1] + 1) for first, last in ranges)
        fitting = ranges if area < MOST_MERGED else []
        # A title over several columns stays one cell.
        down = sorted(each for each in fitting if each[1][0] > each[0][0] and each[0][1] >= left)
        self._starts = [((first[0], first[1] - left), (last[0], last[1] - left)) for first, last in down]
        self._next = 0
        self._open: list[tuple[tuple[int, int], tuple[int, int], Any]] = []

    def fill(self, place: int, row: Row) -> None:
        """Fill in what a row has of merged cells; rows come in their order, counted from 0."""
        while self._next < len(self._starts) and self._starts[self._next][0][0] <= place:
            first, last = self._starts[self._next]
            self._next += 1
            if first[0] == place and first[1] < len(row):
                self._open.append((first, last, row[first[1]]))
        if not self._open:
            return
        self._open = [each for each in self._open if each[1][0] >= place]
        for first, last, value in self._open:
            for column in range(first[1], min(last[1] + 1, len(row))):
                row[column] = value


def _first_row(sample: Sequence[Numbered]) -> int:
    """Return the place of the first row that is as wide as a table: titles have fewer cells."""
    widths = [sum(cell != "" for cell in row) for _, row in sample]
    typical = sorted(widths)[len(widths) // 2] if len(widths) > 4 else max(widths)
    for place, width in enumerate(widths[:-1]):
        stands_alone = sample[place + 1][0] > sample[place][0] + 1 and width < typical
        if width >= 0.6 * typical and not stands_alone:
            return place
    return len(widths) - 1


def _is_header(first: Row, body: Sequence[Row]) -> bool:
    """Whether a first row names columns: distinct texts, or texts and years, that do not come again below."""
    held = [cell for cell in first if cell != ""]
    numbers = [cell for cell in held if isinstance(cell, int | float) and not isinstance(cell, bool)]
    if any(not isinstance(cell, str | int | float) or isinstance(cell, bool) for cell in held):
        return False
    if numbers:
        steps = {after - before for before, after in itertools.pairwise(numbers)}
        return len(numbers) < len(held) and len(numbers) > 1 and len(steps) == 1 and 0 not in steps
    if not body:
        return True
    again = sum(cell != "" and any(row[place] == cell for row in body) for place, cell in enumerate(first))
    return again <= 0.25 * len(held)


def _whole(column: Any) -> Any:
    """Return whole numbers as such: a workbook knows only decimals."""
    return whole(column) if isinstance(column, np.ndarray) and column.dtype == np.float64 else column
