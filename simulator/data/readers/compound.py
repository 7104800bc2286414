"""Reads a stream of a compound file, the container of old Office documents."""

import struct
from pathlib import Path
from typing import BinaryIO

from simulator.errors import DatasetError

_END = 0xFFFFFFFA
"""Numbers of sectors end here; what follows are marks."""

_HINT = "Open it in a spreadsheet and save it as .xlsx or CSV."


def stream_of(file: BinaryIO, names: tuple[str, ...], path: Path) -> bytes:
    """Return the bytes of the first stream that has one of the names, in lower case.

    Raises
    ------
    DatasetError
        When the file is damaged, or has no such stream.
    """
    size = file.seek(0, 2)
    file.seek(0)
    data = file.read(size)
    try:
        return _Compound(data).stream(names)
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
        self._next_mini = self._numbers(self._chain(first_mini, self._next)) if first_mini < _END else []

    def stream(self, names: tuple[str, ...]) -> bytes:
        found: dict[str, tuple[int, int]] = {}
        for place in range(0, len(self._directory) - 127, 128):
            length = struct.unpack_from("<H", self._directory, place + 64)[0]
            name = self._directory[place : place + max(0, min(64, length) - 2)].decode("utf-16-le", "replace").lower()
            first, size = struct.unpack_from("<II", self._directory, place + 116)
            found.setdefault(name, (first, size))
        wanted = next((found[name] for name in names if name in found), None)
        if wanted is None:
            raise KeyError("encrypted" if "encryptedpackage" in found else "no stream")
        first, size = wanted
        if size >= self._cutoff or "root entry" not in found:
            return self._chain(first, self._next)[:size]
        small = self._chain(found["root entry"][0], self._next)
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
