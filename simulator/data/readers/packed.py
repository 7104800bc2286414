"""What a file begins with, whatever it is packed in, and its bytes unpacked."""

import bz2
import codecs
import contextlib
import dataclasses
import gzip
import lzma
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Generator
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, cast

from simulator.data.readers.stream import LARGEST_RATIO, cannot_read
from simulator.errors import DatasetError
from simulator.progress import Progress

SMALL = 1 << 25
"""So many bytes may come out of any packed file."""

_HEAD = 1 << 16
_BLOCK = 1 << 20
_TEXT_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_PACKINGS: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
_DAMAGES = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError, RuntimeError, struct.error)


@dataclasses.dataclass(frozen=True)
class Beginning:
    """What one sees of a file without reading it.

    Attributes
    ----------
    path
        The file.
    head
        Its first bytes, unpacked; those of the only member of an archive that is nothing but a wrapping.
    members
        The names in an archive; empty where it is none, or none that can be read.
    suffix
        The last suffix of the name that is not one of packing, in lower case.
    """

    path: Path
    head: bytes
    members: tuple[str, ...]
    suffix: str

    @cached_property
    def text(self) -> str:
        """The head as text, as far as it is one."""
        encoding = next((name for mark, name in _TEXT_MARKS.items() if self.head.startswith(mark)), "utf-8")
        return self.head.decode(encoding, "replace")

    @property
    def is_text(self) -> bool:
        """Whether it can be a text: no NUL in it, or a byte-order mark that explains them."""
        return b"\0" not in self.head or self.head.startswith(tuple(_TEXT_MARKS))


PACKING_SUFFIXES = (".gz", ".bz2", ".xz", ".zip")


def beginning(path: Path) -> Beginning | None:
    """Look at a file's first bytes; None where it cannot be opened or unpacked (whoever reads it will say why)."""
    members: tuple[str, ...] = ()
    suffixes = [each.lower() for each in path.suffixes if each.lower() not in PACKING_SUFFIXES]
    suffix = suffixes[-1] if suffixes else ""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return None
        with path.open("rb") as file:
            head = file.read(_HEAD)
        if head.startswith(b"PK\x03\x04"):
            with contextlib.suppress(*_DAMAGES, OSError, ValueError), zipfile.ZipFile(path) as archive:
                members = tuple(archive.namelist()[:10_000])
        if _wraps_one(members) or head.startswith(tuple(_PACKINGS)):
            with _opened(path) as file:
                head = file.read(_HEAD)
            for inner in members:
                suffix = Path(inner).suffix.lower() or suffix
            members = ()
    except (OSError, ValueError, *_DAMAGES):
        return None
    return Beginning(path, head, members, suffix)


@contextlib.contextmanager
def unpacked(path: Path, progress: Progress) -> Generator[BinaryIO]:
    """Open a file's bytes, unpacked, so that one can seek in them.

    Packed ones are written to a temporary file first.

    Raises
    ------
    DatasetError
        When it cannot be opened, is damaged, or grows beyond measure.
    Cancelled
        When the job was cancelled.
    """
    with unpacked_file(path, progress) as plain:
        try:
            file = plain.open("rb")
        except OSError as error:
            raise cannot_read(path, error) from error
        with file:
            yield file


@contextlib.contextmanager
def unpacked_file(path: Path, progress: Progress) -> Generator[Path]:
    """Give the path of a file's bytes, unpacked: its own, or that of a temporary file.

    Raises
    ------
    DatasetError
        When it cannot be opened, is damaged, or grows beyond measure.
    Cancelled
        When the job was cancelled.
    """
    try:
        with path.open("rb") as file:
            head = file.read(8)
        packed = head.startswith(tuple(_PACKINGS)) or (head.startswith(b"PK\x03\x04") and _wraps_one(_members(path)))
        if not packed:
            yield path
            return
        folder = Path(tempfile.mkdtemp(prefix="nodeglow-"))
    except OSError as error:
        raise cannot_read(path, error) from error
    try:
        copy = folder / "unpacked"
        _unpack(path, copy, progress)
        yield copy
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unpack(path: Path, copy: Path, progress: Progress) -> None:
    most = max(SMALL, LARGEST_RATIO * path.stat().st_size)
    done = 0
    try:
        with _opened(path) as file, copy.open("wb") as out:
            while block := file.read(_BLOCK):
                done += len(block)
                if done > most:
                    hint = "Unpack it by other means if you trust it."
                    raise DatasetError(f"unpacking makes it more than {LARGEST_RATIO} times as large", hint, path)
                progress.report(None, f"unpacking {path.name}")
                out.write(block)
    except (OSError, EOFError) as error:
        raise cannot_read(path, error) from error
    except _DAMAGES as error:
        raise DatasetError(f"the packed file is damaged ({error})", "Fetch or pack it again.", path) from error


@contextlib.contextmanager
def _opened(path: Path) -> Generator[BinaryIO]:
    with path.open("rb") as raw:
        head = raw.read(8)
        opener = next((each for mark, each in _PACKINGS.items() if head.startswith(mark)), None)
        raw.seek(0)
        if opener is not None:
            with opener(raw, "rb") as file:
                yield cast("BinaryIO", file)
            return
        with zipfile.ZipFile(raw) as archive, archive.open(archive.namelist()[0]) as file:
            yield cast("BinaryIO", file)


def _members(path: Path) -> tuple[str, ...]:
    try:
        with zipfile.ZipFile(path) as archive:
            return tuple(archive.namelist()[:2])
    except (*_DAMAGES, ValueError):
        return ()


def _wraps_one(members: tuple[str, ...]) -> bool:
    """Whether an archive is only the wrapping of one file; one array alone is an NPZ file with one array."""
    return len(members) == 1 and not members[0].endswith((".npy", "/"))
