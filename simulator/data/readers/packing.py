"""Files that are packed: by what, and how their bytes are unpacked in bounded time and memory."""

import bz2
import dataclasses
import gzip
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

from simulator.data.readers import zip_archive
from simulator.errors import DatasetError

BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)
"""What opening or reading a file can raise, packed or not."""

SMALL = 1 << 25
"""So many bytes may come out of any packed file."""

LARGEST_RATIO = 300
"""A packed file that grows by more than this is taken for a bomb; tables of digits grow by less than 50."""

_BLOCK = 1 << 16
_MOST_MEMORY = 1 << 28
"""A file packed with xz says how much memory unpacking takes, up to 4 GB; the largest preset takes 65 MB."""


@dataclasses.dataclass(frozen=True)
class Packing:
    """A way to pack a file.

    Attributes
    ----------
    suffix
        What the name of a file ends in that is packed so.
    signature
        What its first bytes are.
    unpacked
        Returns the bytes of an open file, unpacked; called with its path, for messages, and the member wanted.
    """

    suffix: str
    signature: "re.Pattern[bytes]"
    unpacked: Callable[[BinaryIO, Path, str | None], BinaryIO]


PACKINGS: dict[str, Packing] = {
    "gzip": Packing(
        ".gz",
        re.compile(rb"\x1f\x8b"),
        lambda raw, path, member: cast("BinaryIO", gzip.GzipFile(fileobj=raw)),
    ),
    "bzip2": Packing(
        ".bz2",
        re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)"),
        lambda raw, path, member: cast("BinaryIO", bz2.BZ2File(raw)),
    ),
    "xz": Packing(
        ".xz",
        re.compile(rb"\xfd7zXZ\x00"),
        lambda raw, path, member: cast("BinaryIO", io.BufferedReader(_Unxz(raw), _BLOCK)),
    ),
    "zip": Packing(".zip", re.compile(rb"PK(\x03\x04|\x05\x06)"), zip_archive.member_of),
}
"""All that is unpacked."""


def packing_of(path: Path) -> str:
    """Return what a file is packed with, a key of `PACKINGS`; empty where it is not.

    A spreadsheet or a NumPy archive is a zip archive too, but a format of its own: it counts as not packed.

    Raises
    ------
    OSError, zipfile.BadZipFile
        When it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(16)
        for name, packing in PACKINGS.items():
            if packing.signature.match(head):
                return "" if name == "zip" and zip_archive.is_a_format(zip_archive.members_of(file)) else name
    return ""


def members_of(path: Path) -> tuple[str, ...]:
    """Return the names of the files in a zip archive, without folders and what a system put there.

    Raises
    ------
    OSError, zipfile.BadZipFile
        When it cannot be read.
    """
    with path.open("rb") as file:
        return zip_archive.members_of(file)


def opened(path: Path, packing: str, member: str | None = None) -> BinaryIO:
    """Open a file's bytes, unpacked.

    Parameters
    ----------
    path, packing
        The file, and what it is packed with.
    member
        Which file of a zip archive; None for the only one.

    Raises
    ------
    DatasetError
        When a zip archive holds another number of files than one and none is wanted, or an encrypted one; while it is
        read, when it grows beyond measure.
    """
    raw = path.open("rb")
    try:
        return _buffered(_Unpacked(raw, path, packing, member, close=True)) if packing else raw
    except BaseException:
        raw.close()
        raise


def unpacked(raw: BinaryIO, path: Path, packing: str, member: str | None = None) -> BinaryIO:
    """Return the unpacked bytes of an open file, which stays the caller's to close; see `opened`."""
    return _buffered(_Unpacked(raw, path, packing, member)) if packing else raw


def refuse_a_bomb(size: int, packed: int, path: Path) -> None:
    """Refuse what grows beyond measure when it is unpacked.

    Raises
    ------
    DatasetError
        When `size` bytes come out of `packed` ones.
    """
    if size > max(SMALL, LARGEST_RATIO * packed):
        hint = "Unpack it by other means if you trust it."
        raise DatasetError(f"unpacking makes it more than {LARGEST_RATIO} times as large", hint, path)


def stem_of(path: Path) -> str:
    """Return a file's name without its suffix, and without the one of its packing: "birds" for birds.csv.gz."""
    name = unpacked_name(path)
    return name.rsplit(".", 1)[0] or path.name


def unpacked_name(path: Path) -> str:
    """Return a file's name without the suffix of its packing: "birds.csv" for birds.csv.gz."""
    for packing in PACKINGS.values():
        if path.name.lower().endswith(packing.suffix) and len(path.name) > len(packing.suffix):
            return path.name[: -len(packing.suffix)]
    return path.name


def cannot_read(path: Path, error: BaseException) -> DatasetError:
    """Return the error to raise when a file cannot be opened or read."""
    if isinstance(error, FileNotFoundError):
        return DatasetError("there is no such file", "Check the name, or choose another file.", path)
    if isinstance(error, PermissionError):
        return DatasetError("you may not read this file", "Ask for permission, or copy it to your own folder.", path)
    if isinstance(error, EOFError):
        return DatasetError("the packed file is cut off", "Fetch it again.", path)
    if isinstance(error, lzma.LZMAError) and "limit" in str(error):
        message = f"unpacking takes more than {_MOST_MEMORY >> 20} MB of memory"
        return DatasetError(message, "Unpack it by other means if you trust it.", path)
    of_unpacking = isinstance(error, OSError) and error.errno is None  # from gzip and bz2, not from the system
    if of_unpacking or isinstance(error, zlib.error | lzma.LZMAError | zipfile.BadZipFile):
        return DatasetError(f"the packed file is damaged ({error})", "Fetch or pack it again.", path)
    reason = getattr(error, "strerror", None) or str(error)
    return DatasetError(f"the file cannot be read ({reason})", "Copy it to another place and try again.", path)


class _Unxz(io.RawIOBase):
    """The unpacked bytes of an xz file; unlike `lzma.LZMAFile` with a bound for the memory."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self._stream = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MOST_MEMORY)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        while True:
            packed = b""
            if self._stream.eof:
                packed = self._after_stream()
                if not packed:
                    return 0
                self._stream = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MOST_MEMORY)
            elif self._stream.needs_input:
                packed = self._raw.read(_BLOCK)
                if not packed:
                    raise EOFError
            data = self._stream.decompress(packed, len(buffer))
            if data:
                buffer[: len(data)] = data
                return len(data)

    def _after_stream(self) -> bytes:
        """Return the beginning of the next stream, behind the zeros that may stand between two."""
        packed = self._stream.unused_data.lstrip(b"\0")
        while not packed and (block := self._raw.read(_BLOCK)):
            packed = block.lstrip(b"\0")
        return packed


class _Unpacked(io.RawIOBase):
    """Unpacked bytes that are counted, so that no bomb goes off; with `close` they close what they come from, too."""

    def __init__(self, raw: BinaryIO, path: Path, packing: str, member: str | None, close: bool = False) -> None:
        self._raw = raw
        self._path = path
        self._file = PACKINGS[packing].unpacked(raw, path, member)
        self._done = 0
        self._closes = close

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self._done += len(data)
        refuse_a_bomb(self._done, self._raw.tell(), self._path)
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
            if self._closes:
                self._raw.close()
        super().close()


def _buffered(file: io.RawIOBase) -> BinaryIO:
    return io.BufferedReader(file, _BLOCK)
