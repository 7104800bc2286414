"""HDF5 files from outside, read by a child process: what brings the HDF5 library down must not end this program."""

import atexit
import contextlib
import dataclasses
import importlib
import math
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.errors import ModelFileError
from simulator.interchange.document import parse_json

DOCUMENT = "nodeglow"
_BEGINNING = b"\x89HDF\r\n\x1a\n"
_HINT = "The file is damaged, or no file of weights: save it again with Keras."
_LENGTH_BYTES = 8
_LARGEST_ANSWER = 64 * 2**20
_SECONDS = 30.0
_BYTES_A_SECOND = 5e6
_CHILD = Path(__file__).with_name("hdf5_child.py")
_DTYPES = ("<f2", "<f4", "<f8", ">f2", ">f4", ">f8", "|u1")


@dataclasses.dataclass(frozen=True, eq=False)
class Hdf5:
    """What is in a file.

    Attributes
    ----------
    arrays
        Every data set of floating-point numbers by its path; those of 16 bits as they are.
    others
        The paths of the other data sets, with what they are.
    texts
        The attributes that Keras writes by the path of what has them.
    document
        The document of a file of ours, None where there is none.
    """

    arrays: Mapping[str, NDArray[Any]]
    others: Mapping[str, str]
    texts: Mapping[str, Mapping[str, tuple[str, ...]]]
    document: bytes | None


def read_hdf5(image: bytes) -> Hdf5:
    """Read a file that is held in memory.

    Raises
    ------
    ModelFileError
        When it is none, is damaged, reaches for something outside it, or unpacks to a size out of all proportion.
    """
    if not image.startswith(_BEGINNING):
        raise ModelFileError("this is no HDF5 file", _HINT)
    said, data = _READER.ask(image)
    if "refused" in said:
        raise ModelFileError(f"this HDF5 file is not read: {said['refused']}", _HINT)
    arrays: dict[str, NDArray[Any]] = {}
    place = 0
    for path, dtype, shape in said["arrays"]:
        count = math.prod(shape)
        flat = np.frombuffer(data, dtype, count, place)
        place += flat.nbytes
        arrays[path] = flat.astype(flat.dtype.newbyteorder("="), copy=False).reshape(shape)
    texts = {path: {name: tuple(values) for name, values in each.items()} for path, each in said["texts"].items()}
    document = arrays.pop(DOCUMENT, None)
    return Hdf5(arrays, said["others"], texts, None if document is None else document.tobytes())


class _Reader:
    """Keeps one child for all files; it ends by itself when it has not been asked for half a minute."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def ask(self, image: bytes) -> tuple[dict[str, Any], bytes]:
        """Return what the child says of a file, and its numbers."""
        if not sys.executable or getattr(sys, "frozen", False):  # there is no Python that a child could run
            return importlib.import_module("simulator.interchange.hdf5_child").told(image)
        with self._lock:
            if self._child is None or self._child.poll() is not None:
                self._start()
            try:
                return self._answer(image)
            except _EndedError:
                left_by_itself = self._end() == 0
            if left_by_itself:  # at the very moment when it was asked
                self._start()
                with contextlib.suppress(_EndedError):
                    return self._answer(image)
                self._end()
        raise ModelFileError("this HDF5 file is not read: the HDF5 library breaks down over it", _HINT)

    def _start(self) -> None:
        self._end()
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(each for each in sys.path if each),
            "HDF5_PLUGIN_PRELOAD": "::",  # nothing is loaded to unpack what is packed in an unknown way
            "OPENBLAS_NUM_THREADS": "1",
        }
        try:
            self._child = subprocess.Popen(
                [sys.executable, "-P", str(_CHILD)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise ModelFileError(
                f"this HDF5 file is not read: no process can be started for it ({error})", "Close other programs first."
            ) from error

    def _answer(self, image: bytes) -> tuple[dict[str, Any], bytes]:
        child = self._child
        assert child is not None
        assert child.stdin is not None
        assert child.stdout is not None
        watch = threading.Timer(_SECONDS + len(image) / _BYTES_A_SECOND, child.kill)
        watch.daemon = True
        watch.start()
        try:
            child.stdin.write(len(image).to_bytes(_LENGTH_BYTES, "little") + image)
            child.stdin.flush()
            length = int.from_bytes(self._read(_LENGTH_BYTES), "little")
            if length > _LARGEST_ANSWER:
                raise _EndedError
            said = parse_json(self._read(length))
            return said, self._read(_announced(said))
        except OSError as error:
            raise _EndedError from error
        finally:
            watch.cancel()

    def _read(self, count: int) -> bytes:
        assert self._child is not None
        assert self._child.stdout is not None
        data = self._child.stdout.read(count)
        if len(data) < count:
            raise _EndedError
        return data

    def _end(self) -> int | None:
        """Let the child end; return its exit status."""
        child, self._child = self._child, None
        if child is None:
            return None
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        try:
            return child.wait(1.0)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            return -1

    def close(self) -> None:
        """End the child; the next question starts another."""
        with self._lock:
            self._end()


class _EndedError(Exception):
    """The child has ended, or says what it never says."""


def _announced(said: Mapping[str, Any]) -> int:
    total = 0
    for _, dtype, shape in said.get("arrays", ()):
        if dtype not in _DTYPES:
            raise _EndedError
        total += np.dtype(dtype).itemsize * math.prod(shape)
    return total


_READER = _Reader()
atexit.register(_READER.close)
