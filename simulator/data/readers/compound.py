"""Reads the streams of a compound file, the container of old Office documents."""

import struct
from pathlib import Path
from typing import BinaryIO

from simulator.errors import DatasetError

_END = 0xFFFFFFFA
"""Numbers of sectors end here; what follows are marks."""

_MOST_STREAMS = 4
_ENTRY = 128

_HINT = "Open it in a spreadsheet and save it as .xlsx or CSV."


def streams_of(file: BinaryIO, names: tuple[str, ...], path: Path) -> list[bytes]:
    """Return the bytes of all streams that have one of the names, given in lower case.

    Raises
    ------
    DatasetError
        When the file is damaged, or has no such stream.
    """
    size = file.seek(0, 2)
    file.seek(0)
    data = file.read(size)
    try:
        return _Compound(data).streams(names)
    except (struct.error, IndexError, ValueError, UnicodeError) as error:
        raise DatasetError("the document is damaged", _HINT, path) from error
    except LookupError as error:
        what = (
            "the workbook is encrypted" if "encrypted" in str(error) else "this is an Office document, but no workbook"
        )
        raise DatasetError(what, _HINT if "no" in what else "Save it without a password.", path) from error


class _Compound:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._sector = 1 << min(16, struct.unpack_from("<H", data, 30)[0])
        self._mini = 1 << min(16, struct.unpack_from("<H", data, 32)[0])
        first_directory, _, cutoff, first_mini = struct.unpack_from("<IIII", data, 48)
        first_more, count_more = struct.unpack_from("<II", data, 68)
        self._cutoff = cutoff
        tables = list(struct.unpack_from("<109I", data, 76))
        seen: set[int] = set()
        while first_more < _END and first_more not in seen and len(seen) < count_more:
            seen.add(first_more)
            more = self._numbers(self._block(first_more))
            tables += more[:-1]
            first_more = more[-1]
        known = dict.fromkeys(number for number in tables if number < _END)
        self._next = [each for number in known for each in self._numbers(self._block(number))]
        self._directory = self._chain(first_directory, self._next)
        if len(self._directory) % _ENTRY:
            raise ValueError("the directory is cut off")
        self._next_mini = self._numbers(self._chain(first_mini, self._next)) if first_mini < _END else []

    def streams(self, names: tuple[str, ...]) -> list[bytes]:
        found: list[tuple[str, int, int]] = []
        for place in range(0, len(self._directory), _ENTRY):
            length = struct.unpack_from("<H", self._directory, place + 64)[0]
            name = self._directory[place : place + max(0, min(64, length) - 2)].decode("utf-16-le", "replace").lower()
            found.append((name, *struct.unpack_from("<II", self._directory, place + 116)))
        wanted = [(first, size) for name, first, size in found if name in names][:_MOST_STREAMS]
        if not wanted:
            raise KeyError("encrypted" if any(name == "encryptedpackage" for name, _, _ in found) else "no stream")
        small = self._chain(found[0][1], self._next)  # the root's own stream holds all short ones
        return [self._stream(first, size, small) for first, size in wanted]

    def _stream(self, first: int, size: int, small: bytes) -> bytes:
        if size >= self._cutoff:
            return self._chain(first, self._next)[:size]
        parts: list[bytes] = []
        seen: set[int] = set()
        while first < len(self._next_mini) and first not in seen:
            seen.add(first)
            parts.append(small[first * self._mini : (first + 1) * self._mini])
            first = self._next_mini[first]
        return b"".join(parts)[:size]

    def _block(self, number: int) -> bytes:
        start = (number + 1) * self._sector
        return self._data[start : start + self._sector]

    def _numbers(self, block: bytes) -> list[int]:
        return list(struct.unpack(f"<{len(block) // 4}I", block[: len(block) // 4 * 4]))

    def _chain(self, first: int, following: list[int]) -> bytes:
        parts: list[bytes] = []
        seen: set[int] = set()
        while first < len(following) and first not in seen:
            seen.add(first)
            parts.append(self._block(first))
            first = following[first]
        return b"".join(parts)
