"""A file that changes or vanishes while it is read is refused: half of one table and half of another are none."""

import contextlib
from collections.abc import Generator
from pathlib import Path

from simulator.errors import DatasetError
from simulator.progress import Cancelled


@contextlib.contextmanager
def unchanged(path: Path) -> Generator[None]:
    """Watch over a file while it is read.

    Whatever goes wrong inside of it while the file changes is blamed on that; a cancelled job stays cancelled.

    Raises
    ------
    DatasetError
        When the file is another one, of another size or written to at the end.
    """
    before = _state(path)
    try:
        yield
    except Cancelled:
        raise
    except Exception as error:
        changed = _change(path, before)
        if changed is None:
            raise
        raise changed from error
    changed = _change(path, before)
    if changed is not None:
        raise changed


def _state(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except (OSError, ValueError):  # there is none, or this is no name: the reader will say so
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _change(path: Path, before: tuple[int, ...] | None) -> DatasetError | None:
    after = _state(path)
    if before is None or after == before:
        return None
    hint = "Wait until whoever writes it is done, or read a copy of it."
    if after is None:
        return DatasetError("the file vanished while it was read", hint, path)
    if after[:2] != before[:2]:
        return DatasetError("the file was replaced by another one while it was read", hint, path)
    if after[2] < before[2]:
        return DatasetError("the file became shorter while it was read", hint, path)
    return DatasetError("the file was written to while it was read", hint, path)
