"""Reads HDF5 files from outside, as a program of its own: a damaged file can bring the HDF5 library, and so it, down.

It is started by `hdf5_reading`, knows nothing of the rest of the program, and answers one question after the other: a
file comes in at the standard input, what is in it goes out at the standard output. It ends when it is not asked any
more. (Of 10,000 files of Keras in which some bytes were changed, 15 kept HDF5 2.0 busy without end.)
"""

import json
import math
import os
import struct
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import h5py
import numpy as np
from h5py import h5o  # pyright: ignore[reportAttributeAccessIssue] - its stubs have a hole

LENGTH = struct.Struct("<Q")
DOCUMENT = "nodeglow"
"""The data set that holds the document of a file of ours, as bytes."""

TEXTS = ("layer_names", "model_config", "weight_names")
"""The attributes that are read, also where they are split into numbered ones."""

LARGEST_RATIO = 64
SPARE_BYTES = 2**20
"""The numbers of a file may take so many times its size, and so many bytes beside that."""

_IDLE_SECONDS = 30.0
_MOST_OBJECTS = 20_000
_DEEPEST = 24
_MOST_ATTRIBUTES = 256
_LARGEST_TEXT = 16 * 2**20
_FILTERS = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32}
_FLOATS = ("f2", "f4", "f8")
_MEMORY = 2**30  # what Python and the libraries take, generously
_SECONDS = 4.0
_BYTES_A_SECOND = 1e7


class RefusedError(Exception):
    """What is in the file is not read, and why."""


class Contents:
    """What is in a file.

    Attributes
    ----------
    arrays
        Every data set of floating-point numbers by its path, and the document.
    others
        The paths of the other data sets, with what they are.
    texts
        The attributes of `TEXTS` by the path of what has them.
    """

    def __init__(self) -> None:
        self.arrays: dict[str, np.ndarray[Any, Any]] = {}
        self.others: dict[str, str] = {}
        self.texts: dict[str, dict[str, list[str]]] = {}


def contents(image: bytes) -> Contents:
    """Read a file that is held in memory: nothing outside it can be reached from there.

    Raises
    ------
    RefusedError
        When it holds what no file of weights needs.
    Exception
        Whatever the library raises for a damaged file; it may also end the process.
    """
    found = Contents()
    with h5py.File(h5py.h5f.open_file_image(image)) as file:
        waiting = _checked(file, len(image), found)
        for path, dataset in waiting:
            array = np.empty(dataset.shape, dataset.dtype)
            if array.size:
                dataset.read_direct(array)
            found.arrays[path] = array
    return found


def _checked(file: h5py.File, size: int, found: Contents) -> list[tuple[str, h5py.Dataset]]:
    """Look at everything in a file before any number is read; return the data sets that are to be read."""
    waiting: list[tuple[str, h5py.Dataset]] = []
    room = LARGEST_RATIO * size + SPARE_BYTES
    for path, thing in _everything(file):
        if isinstance(thing, h5py.Dataset):
            what = _kind(path, thing)
            if what:
                found.others[path] = what
                continue
            bytes_ = _bytes(path, thing, room)
            room -= bytes_
            waiting.append((path, thing))
        texts = _texts(thing)
        if texts:
            found.texts[path] = texts
    return waiting


def _everything(file: h5py.File) -> Iterator[tuple[str, Any]]:
    """Return every group and data set with its path, each once."""
    left: list[tuple[str, Any]] = [("", file)]
    seen: set[int] = set()
    while left:
        path, thing = left.pop()
        address = h5o.get_info(thing.id).addr
        if address in seen or len(seen) >= _MOST_OBJECTS:
            raise RefusedError(f"{path!r} is in it twice, or there are more than {_MOST_OBJECTS:,} things in it")
        seen.add(address)
        yield path, thing
        if isinstance(thing, h5py.Group):
            if path.count("/") > _DEEPEST or len(thing) > _MOST_OBJECTS:
                raise RefusedError(f"{path!r} is nested too deep, or has too many members")
            for name in reversed(list(thing)):
                link = thing.get(name, getlink=True)
                if not isinstance(link, h5py.HardLink):
                    raise RefusedError(f"{name!r} in it is a link to somewhere else")
                left.append((f"{path}/{name}" if path else name, thing[name]))


def _kind(path: str, dataset: h5py.Dataset) -> str:
    """Return what a data set is if it is not to be read; nothing where it is."""
    stored = dataset.id.get_type()
    if stored.get_class() == h5py.h5t.INTEGER:
        return "" if path == DOCUMENT and dataset.dtype == np.uint8 else "whole numbers"
    if stored.get_class() != h5py.h5t.FLOAT or dataset.dtype.str[1:] not in _FLOATS:
        return "no floating-point numbers of 16, 32 or 64 bits"
    return ""


def _bytes(path: str, dataset: h5py.Dataset, room: int) -> int:
    """Return how many bytes a data set takes, after checking that it lies in the file and how it is packed."""
    plist = dataset.id.get_create_plist()
    if plist.get_external_count() or dataset.is_virtual:
        raise RefusedError(f"the numbers of {path!r} lie in another file")
    filters = {plist.get_filter(place)[0] for place in range(plist.get_nfilters())}
    if not filters <= _FILTERS:
        raise RefusedError(f"{path!r} is packed in an unusual way")
    if dataset.shape is None or len(dataset.shape) > 8:
        raise RefusedError(f"{path!r} has no shape that a weight can have")
    size = dataset.dtype.itemsize
    wanted = size * math.prod(dataset.shape)
    # A chunk is unpacked whole, however little of it is asked for.
    if wanted > room or size * math.prod(dataset.chunks or ()) > room:
        raise RefusedError(f"{path!r} unpacks to a size out of all proportion to the file")
    return wanted


def _texts(thing: Any) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    if h5py.h5a.get_num_attrs(thing.id) > _MOST_ATTRIBUTES:
        raise RefusedError("something in it has too many attributes")
    for name in thing.attrs:
        if name.rstrip("0123456789") not in TEXTS:
            continue
        attribute = h5py.h5a.open(thing.id, name.encode())
        if attribute.get_type().get_class() != h5py.h5t.STRING or 0 in attribute.shape:
            continue
        if math.prod(attribute.shape) > _MOST_OBJECTS or attribute.get_storage_size() > _LARGEST_TEXT:
            raise RefusedError(f"the attribute {name!r} is too large")
        values = np.atleast_1d(np.asarray(thing.attrs[name], object)).tolist()
        texts[name] = [each.decode() if isinstance(each, bytes) else str(each) for each in values]
    return texts


def main() -> None:
    """Answer until nobody asks any more."""
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    while True:
        idle = threading.Timer(_IDLE_SECONDS, os._exit, (0,))
        idle.daemon = True
        idle.start()
        start = asked.read(LENGTH.size)
        idle.cancel()
        if len(start) < LENGTH.size:
            return
        image = asked.read(LENGTH.unpack(start)[0])
        _limit(len(image))
        said, data = told(image)
        text = json.dumps(said).encode()
        answers.write(LENGTH.pack(len(text)) + text + data)
        answers.flush()


def _limit(size: int) -> None:
    """Let the system end this process where it takes much more memory or time than a file of this size needs."""
    try:
        import resource
    except ImportError:  # Windows has no such limits; there whoever started this process ends it
        return
    seconds = int(time.process_time() + _SECONDS + size / _BYTES_A_SECOND) + 1
    limits = ((resource.RLIMIT_AS, _MEMORY + (LARGEST_RATIO + 8) * size), (resource.RLIMIT_CPU, seconds))
    for kind, most in limits:
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def told(image: bytes) -> tuple[dict[str, Any], bytes]:
    """Return what is in a file as JSON values, or why it is not read, and the numbers one array after the other."""
    try:
        found = contents(image)
    except RefusedError as error:
        return {"refused": str(error)}, b""
    except Exception as error:
        return {"refused": f"the HDF5 library cannot read it ({type(error).__name__}: {str(error)[:200]})"}, b""
    described = [[path, array.dtype.str, list(array.shape)] for path, array in found.arrays.items()]
    said = {"arrays": described, "others": found.others, "texts": found.texts}
    return said, b"".join(array.tobytes() for array in found.arrays.values())


if __name__ == "__main__":
    main()
