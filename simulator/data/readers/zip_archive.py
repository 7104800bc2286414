"""Zip archives: the files in them, and the one that is to be read."""

import struct
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, cast

from simulator.errors import DatasetError, Offer

_PLAIN_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The methods that are unpacked in bounded memory."""

_METHODS = {zipfile.ZIP_BZIP2: "bzip2", zipfile.ZIP_LZMA: "LZMA", 9: "deflate64", 93: "Zstandard", 95: "xz"}
_DAMAGES = (NotImplementedError, RuntimeError, ValueError, struct.error)
_ENCRYPTED = 1
_LISTED = 5
_OF_A_SYSTEM = frozenset((".ds_store", "thumbs.db", "desktop.ini"))
_OF_A_DOCUMENT = frozenset(("[content_types].xml", "mimetype", "content.xml", "xl/workbook.xml", "xl/workbook.bin"))


def members_of(raw: BinaryIO) -> tuple[str, ...]:
    """Return the names of the files in an archive, without folders and what a system put there.

    Raises
    ------
    OSError, zipfile.BadZipFile
        When it cannot be read.
    """
    return tuple(info.filename for info in _members(_archive(raw)))


def is_a_format(members: Iterable[str]) -> bool:
    """Whether the files of an archive are the parts of a spreadsheet, another document, or NumPy's arrays."""
    names = [name.lower().replace("\\", "/") for name in members]
    return not _OF_A_DOCUMENT.isdisjoint(names) or (bool(names) and all(name.endswith(".npy") for name in names))


def member_of(raw: BinaryIO, path: Path, member: str | None) -> BinaryIO:
    """Open a file of an archive.

    Parameters
    ----------
    raw, path
        The archive, and where it lies, for messages.
    member
        Which of its files; None for the only one.

    Raises
    ------
    DatasetError
        When it holds another number of files than one and none is wanted, or an encrypted one.
    OSError, zipfile.BadZipFile
        When it cannot be read.
    """
    archive = _archive(raw)
    info = _wanted(path, _members(archive), member)
    if info.flag_bits & _ENCRYPTED:
        raise DatasetError(f"{info.filename!r} in the zip archive is encrypted", "Unpack it with its password.", path)
    if info.compress_type not in _PLAIN_METHODS:
        name = _METHODS.get(info.compress_type, f"method {info.compress_type}")
        hint = "Unpack it by other means, or pack it as usual (deflate)."
        raise DatasetError(f"{info.filename!r} in the zip archive is packed with {name}", hint, path)
    try:
        return cast("BinaryIO", archive.open(info))
    except _DAMAGES as error:
        raise zipfile.BadZipFile(str(error)) from error


def _archive(raw: BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(raw)
    except _DAMAGES as error:
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
    names = [info.filename for info in members]
    if name is not None and name in names:
        return members[names.index(name)]
    if not names:
        raise DatasetError("the zip archive holds no file", "Give an archive with one table.", path)
    if len(names) == 1:  # a name then is that of a sheet or a table in it
        return members[0]
    shown = ", ".join(map(repr, names[:_LISTED])) + (
        f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    )
    offers = [Offer(f"Read {each}", {"sheet": each}) for each in names[:_LISTED]]
    if name is not None:
        message = f"the zip archive has no file {name!r} but {shown}"
        raise DatasetError(message, "Name one of these.", path, None, offers)
    hint = "Name the one to read as the sheet, or unpack it."
    raise DatasetError(f"the zip archive holds {len(names)} files: {shown}", hint, path, None, offers)
