"""What a file begins with, whatever it is packed in."""

import contextlib
import dataclasses
import stat
import zipfile
from functools import cached_property
from pathlib import Path

from simulator.data.readers.decoding import encoding_of
from simulator.data.readers.packing import BROKEN, members_of, opened, packing_of, unpacked_name

HEAD = 1 << 16
"""So many bytes are looked at."""

_MOST_MEMBERS = 10_000


@dataclasses.dataclass(frozen=True)
class Beginning:
    """What one sees of a file without reading it.

    Attributes
    ----------
    path
        The file.
    head
        Its first bytes, unpacked.
    members
        The names in an archive that is a format of its own, as a workbook is; empty otherwise.
    suffix
        The last suffix of the name that is not one of packing, in lower case; of the name in an archive of one file.
    """

    path: Path
    head: bytes
    members: tuple[str, ...]
    suffix: str

    @cached_property
    def text(self) -> str:
        """The head as text, as far as it is one; without a byte-order mark."""
        return self.head.decode(encoding_of(self.head), "replace").removeprefix("\ufeff")

    @property
    def is_text(self) -> bool:
        """Whether it can be a text: no NUL in it, unless an encoding explains them."""
        return b"\0" not in self.head or "\0" not in self.text

    @property
    def is_cut(self) -> bool:
        """Whether the file goes on behind the head."""
        return len(self.head) == HEAD

    @property
    def lines(self) -> list[str]:
        """The whole lines of the text that hold something."""
        lines = self.text.splitlines()
        return [line for line in (lines[:-1] if self.is_cut else lines) if line.strip()]


def beginning(path: Path, member: str | None = None) -> Beginning | None:
    """Look at a file's first bytes.

    Parameters
    ----------
    path
        The file.
    member
        Which file of an archive of several.

    Returns
    -------
    Beginning | None
        None where it cannot be opened or unpacked; whoever reads it will say why.
    """
    name, members = unpacked_name(path), ()
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return None
        packing = _packing_of(path)
        if packing == "zip":
            inside = members_of(path)
            name = member if member in inside else inside[0] if len(inside) == 1 else name
        with opened(path, packing, member) as file:
            head = file.read(HEAD)
        if not packing and head.startswith(b"PK\x03\x04"):
            with contextlib.suppress(*BROKEN):
                members = members_of(path)[:_MOST_MEMBERS]
    except (*BROKEN, ValueError):  # a DatasetError too
        return None
    return Beginning(path, head, members, Path(name).suffix.lower() or Path(unpacked_name(path)).suffix.lower())


def _packing_of(path: Path) -> str:
    try:
        return packing_of(path)
    except zipfile.BadZipFile:  # its suffix may still say what it was to be
        return ""
