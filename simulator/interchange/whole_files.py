"""A file is written whole or not at all; a file is read only if it is one."""

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Callable, Generator
from pathlib import Path
from typing import BinaryIO

from simulator.errors import ExportError, ModelFileError, SimulatorError

_CHECK = "Check the path, and whether you may read it."
_ANOTHER_FOLDER = "Choose a folder in which you may write."
_HINTS = {
    errno.ENOSPC: "The disk is full: free some space, or choose another disk.",
    errno.EDQUOT: "Your quota of disk space is used up: free some space, or choose another disk.",
    errno.EFBIG: "The file would be larger than is permitted here: choose another disk.",
    errno.EACCES: _ANOTHER_FOLDER,
    errno.EPERM: _ANOTHER_FOLDER,
    errno.EROFS: _ANOTHER_FOLDER,
    errno.ENOENT: "Make the folder first, or choose another one.",
    errno.ENOTDIR: "A part of this path is a file, not a folder: choose another folder.",
    errno.ENAMETOOLONG: "Choose a shorter name.",
    errno.ELOOP: "The path is a circle of links: choose another one.",
    errno.EINVAL: "Choose a name without special characters.",
    errno.EISDIR: "Give the name of a file in that folder.",
}


def write_whole(path: str | Path, content: bytes | str, overwrite: bool = True) -> Path:
    """Write a file so that at every moment either the old one or the whole new one is there.

    The content goes to a new file in the same folder, down to the disk, and then takes the name in one step.
    A link is followed; the rights of an old file are kept.

    Parameters
    ----------
    path
        Where to write.
    content
        Bytes, or text, which is written as UTF-8.
    overwrite
        Whether an existing file may be replaced.

    Returns
    -------
    The file that was written.

    Raises
    ------
    ExportError
        When it cannot be written; an old file is as it was, and nothing is left behind.
    """
    data = content.encode() if isinstance(content, str) else content
    return fill_whole(path, lambda file: file.write(data), overwrite)


def fill_whole(path: str | Path, fill: Callable[[BinaryIO], object], overwrite: bool = True) -> Path:
    """Write a file as `write_whole` does, for content that is made piece by piece.

    Parameters
    ----------
    path, overwrite
        As for `write_whole`.
    fill
        Writes the content into the open, empty file that it is given; where it raises, nothing has happened.

    Returns
    -------
    The file that was written.

    Raises
    ------
    ExportError
        When it cannot be written; an old file is as it was, and nothing is left behind.
    """
    try:
        target = Path(os.path.realpath(path))
        _check_target(target, overwrite)
        _replace(target, fill, overwrite)
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte or half a surrogate
        if isinstance(error, SimulatorError):  # as what fills the file says why it cannot
            raise
        raise _refusal(path, error) from error
    return target


def check_writable(path: str | Path, overwrite: bool = True) -> Path:
    """Refuse what `write_whole` would refuse, as far as that can be known without writing.

    Parameters
    ----------
    path, overwrite
        As for `write_whole`.

    Returns
    -------
    The file that would be written.

    Raises
    ------
    ExportError
        When the folder is missing or closed, or the target is none that may be written.
    """
    try:
        target = Path(os.path.realpath(path))
        _check_target(target, overwrite)
        if not stat.S_ISDIR(target.parent.stat().st_mode):
            raise NotADirectoryError(errno.ENOTDIR, "not a directory")
        if not os.access(target.parent, os.W_OK):
            raise _closed(target.parent, "permission denied")
    except (OSError, ValueError) as error:
        if isinstance(error, SimulatorError):  # as what fills the file says why it cannot
            raise
        raise _refusal(path, error) from error
    return target


def _check_target(target: Path, overwrite: bool) -> None:
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder")
    if not stat.S_ISREG(mode):  # replacing a device or a pipe by a file would harm whoever else uses it
        raise ExportError(
            f"{printable(target)} cannot be written: it is a device or a pipe", "Give the name of a file."
        )
    if not overwrite:
        raise _exists(target)
    if not os.access(target, os.W_OK):  # the folder may permit to replace it, but somebody protected it
        raise _closed(target, "it is write-protected")


def _closed(place: Path, reason: str) -> OSError:
    """Return why a place may not be written to."""
    read_only = getattr(os, "ST_RDONLY", 0)  # which Windows does not tell
    if read_only and os.statvfs(place).f_flag & read_only:
        return OSError(errno.EROFS, "read-only file system")
    return PermissionError(errno.EACCES, reason)


def _replace(target: Path, fill: Callable[[BinaryIO], object], overwrite: bool) -> None:
    # The name is short and our own: a target whose name is just short enough must not fail here.
    temporary = target.parent / f".nodeglow-{secrets.token_hex(6)}.tmp"
    try:
        with temporary.open("x+b") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(OSError):  # no old file, or a file system without rights
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        _check_target(target, overwrite)  # once more: writing may have taken long
        temporary.replace(target)
    except BaseException:  # also when somebody presses Ctrl-C
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    # Without this the new name may be lost in a power cut. Not every system lets a folder be opened.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _exists(target: Path) -> ExportError:
    return ExportError(
        f"{printable(target)} is already there", "Choose another name, or say that it may be replaced (--force)."
    )


def _refusal(path: str | Path, error: OSError | ValueError) -> ExportError:
    if isinstance(error, OSError):
        reason = (error.strerror or str(error)).lower()
        return ExportError(
            f"{printable(path)} cannot be written: {reason}", _HINTS.get(error.errno or 0, "Try another.")
        )
    return ExportError(f"{printable(path)} cannot be written: {error}", _HINTS[errno.EINVAL])


@contextlib.contextmanager
def open_regular(path: str | Path) -> Generator[tuple[BinaryIO, int], None, None]:
    """Open an existing regular file for reading; yield it with its size in bytes.

    Raises
    ------
    ModelFileError
        When there is none, it is a folder, a pipe or a device, or it cannot be read.
    """
    try:
        # Opening a pipe would wait for somebody to write into it.
        if not stat.S_ISREG(Path(path).stat().st_mode):
            raise ModelFileError(f"{printable(path)} is not a file", "Give the path of a model file.")
        file = Path(path).open("rb")  # noqa: SIM115 - closed below; what the caller raises is not translated here
    except OSError as error:
        raise _unreadable(path, error) from error
    except ValueError as error:  # a name with a zero byte or half a surrogate
        if isinstance(error, ModelFileError):
            raise
        raise ModelFileError(f"{printable(path)} cannot be read: {error}", _CHECK) from error
    with file:
        try:
            yield file, os.fstat(file.fileno()).st_size
        except OSError as error:
            raise _unreadable(path, error) from error


def _unreadable(path: str | Path, error: OSError) -> ModelFileError:
    reason = (error.strerror or str(error)).lower()
    return ModelFileError(f"{printable(path)} cannot be read: {reason}", _CHECK)


def printable(text: str | Path, longest: int = 300) -> str:
    """Return a text from outside as it may stand in a message: cut off, control characters escaped."""
    whole = str(text)
    cut = whole if len(whole) <= longest else whole[: longest - 1] + "…"
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in cut)
