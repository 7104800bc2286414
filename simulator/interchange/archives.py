"""Archives from outside: opened without believing what their directory claims."""

import struct
import zipfile
import zlib
from typing import BinaryIO, cast

TROUBLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    OverflowError,
    OSError,
)
"""What reading a damaged archive raises."""

_LARGEST_DIRECTORY = 16 * 2**20


def open_archive(file: BinaryIO) -> zipfile.ZipFile:
    """Open a zip archive for reading; what is wrong with it raises one of `TROUBLE`, here or later."""
    return zipfile.ZipFile(cast("BinaryIO", _CarefulFile(file)))


class _CarefulFile:
    """A file that is read in small pieces only: a directory of the archive may claim any length."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, count: int = -1) -> bytes:
        data = self._file.read(_LARGEST_DIRECTORY + 1 if count < 0 else min(count, _LARGEST_DIRECTORY + 1))
        if len(data) > _LARGEST_DIRECTORY:
            raise zipfile.BadZipFile("its directory is too long")
        return data
