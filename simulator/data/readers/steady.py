"""A file that changes or vanishes while it is read is refused: half of one table and half of another are none."""

import contextlib
from collections.abc import Generator
from pathlib import Path

from simulator.errors import DatasetError
from simulator.progress import Cancelled

State = tuple[int, ...]
"""Where a file is kept, its size, and when it was written to."""


@contextlib.contextmanager
def unchanged(path: Path, before: State | None = None) -> Generator[None]:
    """Watch over a file while it is read.

    Whatever goes wrong inside of it while the file changes is blamed on that; a cancelled job stays cancelled.

    Parameters
    ----------
    path
        The file.
    before
        Its state when it was read before, where that must have been the same; None if it was not.

    Raises
    ------
    DatasetError
        When the file is another one, of another size or written to at the end.
    """
    before = state_of(path) if before is None else before
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


def state_of(path: Path) -> State | None:
    """Return what tells a file from another one, or from itself after a change; None where there is none."""
    try:
        found = path.stat()
    except (OSError, ValueError):  # there is none, or this is no name: the reader will say so
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _change(path: Path, before: State | None) -> DatasetError | None:
    after = state_of(path)
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
