"""Files that are packed: by what, and how their bytes are unpacked in bounded time and memory."""

import bz2
import dataclasses
import gzip
import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, BinaryIO, cast

from simulator.errors import DatasetError, Offer

BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)
"""What opening or reading a file can raise, packed or not."""

_BLOCK = 1 << 16
_MOST_MEMORY = 1 << 28
"""A file packed with xz says how much memory unpacking takes, up to 4 GB; the largest preset takes 65 MB."""

_PLAIN_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The methods of a zip archive that are unpacked in bounded memory."""

_METHODS = {zipfile.ZIP_BZIP2: "bzip2", zipfile.ZIP_LZMA: "LZMA", 9: "deflate64", 93: "Zstandard", 95: "xz"}
_ENCRYPTED = 1
_LISTED = 5
_OF_A_SYSTEM = frozenset((".ds_store", "thumbs.db", "desktop.ini"))


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


def _bytes(file: io.BufferedIOBase | IO[bytes]) -> BinaryIO:
    return cast("BinaryIO", file)


def _zip(raw: BinaryIO, path: Path, member: str | None) -> BinaryIO:
    archive = _archive(raw)
    info = _wanted(path, _members(archive), member)
    if info.flag_bits & _ENCRYPTED:
        raise DatasetError(f"{info.filename!r} in the zip archive is encrypted", "Unpack it with its password.", path)
    if info.compress_type not in _PLAIN_METHODS:
        name = _METHODS.get(info.compress_type, f"method {info.compress_type}")
        hint = "Unpack it by other means, or pack it as usual (deflate)."
        raise DatasetError(f"{info.filename!r} in the zip archive is packed with {name}", hint, path)
    try:
        return _bytes(archive.open(info))
    except (NotImplementedError, RuntimeError, ValueError, struct.error) as error:
        raise zipfile.BadZipFile(str(error)) from error


PACKINGS: dict[str, Packing] = {
    "gzip": Packing(".gz", re.compile(rb"\x1f\x8b"), lambda raw, path, member: _bytes(gzip.GzipFile(fileobj=raw))),
    "bzip2": Packing(
        ".bz2", re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)"), lambda raw, path, member: _bytes(bz2.BZ2File(raw))
    ),
    "xz": Packing(".xz", re.compile(rb"\xfd7zXZ\x00"), lambda raw, path, member: _bytes(_unxz(raw))),
    "zip": Packing(".zip", re.compile(rb"PK(\x03\x04|\x05\x06)"), _zip),
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
                return "" if name == "zip" and _is_a_format(file) else name
    return ""


def members_of(path: Path) -> tuple[str, ...]:
    """Return the names of the files in a zip archive, without folders and what a system put there.

    Raises
    ------
    OSError, zipfile.BadZipFile
        When it cannot be read.
    """
    with path.open("rb") as file:
        return tuple(info.filename for info in _members(_archive(file)))


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
        When a zip archive holds another number of files than one and none is wanted, or an encrypted one.
    """
    raw = path.open("rb")
    try:
        return _Closing(unpacked(raw, path, packing, member), raw) if packing else raw  # pyright: ignore[reportReturnType]
    except BaseException:
        raw.close()
        raise


def unpacked(raw: BinaryIO, path: Path, packing: str, member: str | None = None) -> BinaryIO:
    """Return the unpacked bytes of an open file, which stays the caller's to close; see `opened`."""
    return PACKINGS[packing].unpacked(raw, path, member) if packing else raw


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


def _unxz(raw: BinaryIO) -> io.BufferedReader:
    return io.BufferedReader(_Unxz(raw), _BLOCK)


class _Closing(io.BufferedReader):
    """Unpacked bytes that close the file they come from when they are closed."""

    def __init__(self, file: BinaryIO, raw: BinaryIO) -> None:
        super().__init__(cast("io.RawIOBase", file), _BLOCK)
        self._packed = raw

    def close(self) -> None:
        super().close()
        self._packed.close()


def _archive(raw: BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(raw)
    except (NotImplementedError, RuntimeError, ValueError, struct.error) as error:
        raise zipfile.BadZipFile(str(error)) from error


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    return [
        info
        for info in archive.infolist()
        if not info.is_dir()
        and not info.filename.startswith("__MACOSX/")
        and info.filename.rsplit("/", 1)[-1].lower() not in _OF_A_SYSTEM
    ]


def _wanted(path: Path, members: list[zipfile.ZipInfo], name: str | None) -> zipfile.ZipInfo:
    """Return the file of a zip archive that is to be read."""
    names = [info.filename for info in members]
    if name is not None and name in names:
        return members[names.index(name)]
    if not names:
        raise DatasetError("the zip archive holds no file", "Give an archive with one table.", path)
    shown = ", ".join(map(repr, names[:_LISTED])) + (
        f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    )
    offers = [Offer(f"Read {each}", {"sheet": each}) for each in names[:_LISTED]]
    if name is not None:
        raise DatasetError(
            f"the zip archive has no file {name!r} but {shown}", "Name one of these.", path, None, offers
        )
    if len(names) > 1:
        hint = "Name the one to read as the sheet, or unpack it."
        raise DatasetError(f"the zip archive holds {len(names)} files: {shown}", hint, path, None, offers)
    return members[0]


def _is_a_format(file: BinaryIO) -> bool:
    """Whether a zip archive is a spreadsheet, another document, or NumPy's arrays."""
    names = [info.filename for info in _members(_archive(file))]
    return "[Content_Types].xml" in names or "mimetype" in names or (bool(names) and _all_arrays(names))


def _all_arrays(names: list[str]) -> bool:
    return all(name.endswith(".npy") for name in names)
