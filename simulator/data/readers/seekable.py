"""A file's bytes, unpacked, for formats in which one has to go to and fro."""

import contextlib
import shutil
import tempfile
import zipfile
from collections.abc import Generator
from pathlib import Path
from typing import BinaryIO

from simulator.data.readers.packing import BROKEN, cannot_read, opened, packing_of
from simulator.progress import Progress

_BLOCK = 1 << 20


@contextlib.contextmanager
def seekable(path: Path, progress: Progress) -> Generator[BinaryIO]:
    """Open a file's bytes, unpacked, so that one can seek in them.

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
        packing = packing_of(path)
    except zipfile.BadZipFile:  # whoever reads the format says what is wrong with it
        packing = ""
    except OSError as error:
        raise cannot_read(path, error) from error
    if not packing:
        yield path
        return
    try:
        folder = Path(tempfile.mkdtemp(prefix="nodeglow-"))
    except OSError as error:
        raise cannot_read(path, error) from error
    try:
        copy = folder / "unpacked"
        _unpack(path, packing, copy, progress)
        yield copy
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unpack(path: Path, packing: str, copy: Path, progress: Progress) -> None:
    try:
        with opened(path, packing) as file, copy.open("wb") as out:
            while block := file.read(_BLOCK):
                progress.report(None, f"unpacking {path.name}")
                out.write(block)
    except BROKEN as error:
        raise cannot_read(path, error) from error
