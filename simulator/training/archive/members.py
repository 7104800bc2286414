"""The members of a session file: which there are, and how one is read from an archive that may be anything."""

import os
import zipfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import IO, Any

from numpy.typing import NDArray

from simulator.errors import SessionFileError
from simulator.interchange.tensor_streams import PIECE, read_tensors
from simulator.training.archive.states import DAMAGED

LARGEST_RATIO = 32
SPARE_BYTES = 64 * 2**20
"""A file unpacks to so many times its own size, and so many bytes, at most; what would not is written unpacked."""

DOCUMENT, TABLE, DATA, RECORDS, STATES = (
    "session.json", "data.json", "data.safetensors", "records.safetensors", "keyframes.safetensors"
)  # fmt: skip
_LARGEST_DOCUMENT = 256 * 2**20

Members = dict[str, zipfile.ZipInfo]


def most_unpacked(size: int) -> int:
    """Return to how many bytes a file of so many bytes may unpack."""
    return LARGEST_RATIO * size + SPARE_BYTES


def members_of(archive: zipfile.ZipFile, size: int) -> Members:
    """Return the members by their names, after checking what the archive claims; none is unpacked to the disk."""
    known = (DOCUMENT, TABLE, DATA, RECORDS, STATES)
    members: Members = {}
    for info in archive.infolist():
        if info.filename not in known or info.filename in members:
            raise SessionFileError(
                f"the member {info.filename[:60]!r} does not belong into a session",
                "Give the path of a .nodeglow file.",
            )
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise SessionFileError("the file is packed in an unusual way", DAMAGED)
        members[info.filename] = info
    unpacked = sum(info.file_size for info in members.values())
    if unpacked > most_unpacked(size):
        raise SessionFileError("the file unpacks to a size out of all proportion", DAMAGED)
    check_memory(unpacked)
    for name in (DOCUMENT, DATA, RECORDS, STATES):
        if name not in members:
            raise SessionFileError(f"this is not a session: it has no {name}", "Give the path of a .nodeglow file.")
    return members


def read_text(archive: zipfile.ZipFile, info: zipfile.ZipInfo, told: Callable[[int], None]) -> bytes:
    """Return the bytes of a text; `told` is called with their number, piece by piece."""
    if info.file_size > _LARGEST_DOCUMENT:
        raise SessionFileError(f"{info.filename} is too long", DAMAGED)
    text = bytearray()
    with _opened(archive, info) as member:
        while piece := member.read(PIECE):
            text += piece
            told(len(piece))
    return bytes(text)


def tensors_of(archive: zipfile.ZipFile, info: zipfile.ZipInfo, told: Callable[[int], None]) -> dict[str, NDArray[Any]]:
    """Return the tensors of a member by their names; `told` as in `read_text`."""
    with _opened(archive, info) as member:
        return read_tensors(member, info.file_size, told)


@contextmanager
def _opened(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Generator[IO[bytes]]:
    """Open a member, and look at the end whether it is whole: its check sum is compared when all was read."""
    with archive.open(info) as member:
        yield member
        if member.read(1):
            raise SessionFileError(f"{info.filename} is longer than it says", DAMAGED)


def check_memory(needed: int) -> None:
    """Refuse what this machine's memory cannot hold, where the system says how much that is."""
    try:
        there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return
    if 0 < there < needed:
        raise SessionFileError(
            f"this session needs {needed / 1e9:,.1f} GB of memory, and there are {there / 1e9:,.1f}",
            "Open it on a larger machine.",
        )
