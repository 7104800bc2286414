"""How large the sheets of a workbook are, found out before a library lays them out as full grids.

The library makes a grid from the first to the last cell of a sheet; two cells in far corners would take all memory and
end the program. Announced and actual sizes of an archive's members are compared here, too.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from simulator.data.readers.compound import streams_of
from simulator.data.readers.packing import refuse_a_bomb
from simulator.errors import DatasetError
from simulator.progress import Progress

MOST_CELLS = 20_000_000
"""So many cells may a sheet's grid have however few of them are filled."""

_BLOCK = 1 << 20
_REFERENCE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]*)(\d+)["']""")
_REPEATED = re.compile(
    rb"""<table:(table-row|(?:covered-)?table-cell|table)\b((?:[^>"']|"[^"]*"|'[^']*')*+)>|</table:(table-row)\s*>"""
)
_TIMES = re.compile(rb"""number-(?:columns|rows)-repeated\s*=\s*["'](\d+)["']""")
_CELLS_BIFF = frozenset((0x0002, 0x0003, 0x0004, 0x0005, 0x0006, 0x00BD, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205,
                         0x0206, 0x027E, 0x0406))  # fmt: skip
_END_BIFF, _SHEET_BIFF, _SIZE_BIFF, _SEVERAL_BIFF = 0x000A, 0x0085, 0x0200, 0x00BD
_MOST_SHEETS = 4096
_STORED, _DEFLATED = 0, 8


def check_bounds(file: BinaryIO, path: Path, progress: Progress) -> None:
    """Refuse a workbook whose grids, or whose unpacked bytes, are out of proportion.

    Raises
    ------
    DatasetError
        When it is, or when the archive is damaged.
    Cancelled
        When the job was cancelled.
    """
    head = file.read(4)
    size = file.seek(0, 2)
    if head == b"\xd0\xcf\x11\xe0":
        for stream in streams_of(file, ("workbook", "book"), path):
            _check_records(stream, path)
        return
    try:
        _check_members(file, size, path, progress)
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, NotImplementedError) as error:
        if isinstance(error, DatasetError):
            raise
        hint = "Open it in a spreadsheet and save it again."
        raise DatasetError(f"the workbook is damaged, or none ({error})", hint, path) from error


class _Grid:
    """How far a sheet's cells reach."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.rows = 0
        self.columns = 0
        self.cells = 0

    def reach(self, rows: int, columns: int, cells: int = 1) -> None:
        """Count cells up to a row and a column, counted from 1."""
        self.rows, self.columns = max(self.rows, rows), max(self.columns, columns)
        self.cells += cells
        if self.rows * self.columns > max(MOST_CELLS, 20 * self.cells):
            what = f"a sheet has cells down to row {self.rows:,} and column {self.columns:,}, and hardly any between"
            raise DatasetError(what, "Copy the table to a sheet of its own.", self._path)


def _check_members(file: BinaryIO, size: int, path: Path, progress: Progress) -> None:
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
    refuse_a_bomb(sum(info.file_size for info in members), size, path)
    for info in members:
        grid = _Grid(path)
        blocks = _blocks(file, info, path, progress)
        name = info.filename.lower()
        if name.endswith(".bin"):
            _reach_in_binary(b"".join(blocks), grid)
        elif name.endswith("content.xml"):
            _reach_in_open_document(blocks, grid)
        else:
            _reach_in_text(blocks, grid)


def _blocks(file: BinaryIO, info: zipfile.ZipInfo, path: Path, progress: Progress) -> Iterator[bytes]:
    """Unpack a member block by block, whatever its size is said to be, but not beyond that."""
    if info.flag_bits & 1:
        raise DatasetError("the workbook is encrypted", "Save it without a password.", path)
    file.seek(info.header_offset)
    header = file.read(30)
    if len(header) < 30 or header[:4] != b"PK\x03\x04" or info.compress_type not in (_STORED, _DEFLATED):
        raise zipfile.BadZipFile("a part of it cannot be unpacked")
    file.seek(sum(struct.unpack("<HH", header[26:30])), 1)
    unpacker = zlib.decompressobj(-15) if info.compress_type == _DEFLATED else None
    left, done = info.compress_size, 0
    while left > 0 and (data := file.read(min(_BLOCK >> 2, left))):
        left -= len(data)
        place = file.tell()
        while data:
            block = data if unpacker is None else unpacker.decompress(data, _BLOCK)
            data = b"" if unpacker is None else unpacker.unconsumed_tail
            done += len(block)
            progress.report(None, f"checking {path.name}")
            if done > info.file_size:
                hint = "Its parts are larger than they say; do not trust it."
                raise DatasetError("the workbook is not what it says", hint, path)
            yield block
        file.seek(place)


def _reach_in_text(blocks: Iterator[bytes], grid: _Grid) -> None:
    """Look at the references of cells and rows, as r="B12"."""
    rest = b""
    for block in blocks:
        text = rest + block
        found = _REFERENCE.findall(text)
        if found:
            letters, digits = zip(*found, strict=True)
            grid.reach(max(int(each[:9]) for each in set(digits)), max(map(_column_of, set(letters))), len(found))
        rest = text[-64:]


def _column_of(letters: bytes) -> int:
    number = 0
    for letter in letters.upper()[:8]:
        number = 26 * number + letter - 64
    return number


def _reach_in_open_document(blocks: Iterator[bytes], grid: _Grid) -> None:
    """Count rows and cells with their repetitions; empty ones at an end are not laid out."""
    rest = b""
    row = times = column = last = 0
    for block in blocks:
        text = rest + block
        end = text.rfind(b">") + 1
        rest = text[end:]
        for kind, attributes, closing in _REPEATED.findall(text[:end]):
            repeated = _TIMES.search(attributes)
            count = int(repeated[1][:12]) if repeated else 1
            if kind == b"table":
                row = 0
            elif kind == b"table-row":
                times, column, last = count, 0, 0
            elif kind:
                column += count
                if b"value" in attributes or not attributes.rstrip().endswith(b"/"):
                    last = column
                    grid.reach(row + times, last)
            if closing or (kind == b"table-row" and attributes.endswith(b"/")):
                row += times


def _reach_in_binary(data: bytes, grid: _Grid) -> None:
    """Look at the records of rows (0) and cells (1 to 11) of .xlsb."""
    place, row = 0, 0
    while place < len(data):
        kind, place = _variable(data, place, 2)
        length, place = _variable(data, place, 4)
        if kind <= 11 and length >= 4 and place + 4 <= len(data):
            value = int.from_bytes(data[place : place + 4], "little")
            row = value + 1 if kind == 0 else row
            grid.reach(row, 0 if kind == 0 else value + 1)
        place += length


def _variable(data: bytes, place: int, most: int) -> tuple[int, int]:
    """Return a number of seven bits a byte, and the place behind it."""
    value = 0
    for shift in range(most):
        if place >= len(data):
            break
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << (7 * shift)
        if byte < 0x80:
            break
    return value, place


def _check_records(data: bytes, path: Path) -> None:
    """Look at the records of .xls (BIFF), one after the other, and from where a sheet is said to begin to its end."""
    places = {0}
    done: set[int] = set()
    left = 4 * len(data) + (1 << 16)
    while places:
        place = places.pop()
        done.add(place)
        whole, kind = place == 0, -1
        grid = _Grid(path)
        while place + 4 <= len(data) and (whole or kind != _END_BIFF):
            kind, length = struct.unpack_from("<HH", data, place)
            body = data[place + 4 : place + 4 + length]
            place += 4 + length
            left -= 4 + length
            _reach_in_record(kind, body, grid, path)
            if kind == _SHEET_BIFF and len(body) >= 4:
                places.add(struct.unpack_from("<I", body)[0])
        places -= done
        if left < 0 or len(places) > _MOST_SHEETS:
            raise _damaged(path)


def _reach_in_record(kind: int, body: bytes, grid: _Grid, path: Path) -> None:
    """Look at a record that holds a cell, or says how large the sheet is."""
    if kind in _CELLS_BIFF and len(body) >= 4:
        row, column = struct.unpack_from("<HH", body)
        last = int.from_bytes(body[-2:], "little") if kind == _SEVERAL_BIFF else column
        grid.reach(row + 1, max(column, last) + 1)
    elif kind == _SIZE_BIFF and len(body) >= 12:
        rows, columns = struct.unpack_from("<I", body, 4)[0], struct.unpack_from("<H", body, 10)[0]
        if rows > 1 << 16 or columns > 1 << 8:
            raise _damaged(path)


def _damaged(path: Path) -> DatasetError:
    return DatasetError("the workbook is damaged", "Open it in a spreadsheet and save it again.", path)
