"""Reads pairs of IDX files, as MNIST ships them: pictures in one, labels in the other."""

import re
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.data.choices import RecipeChoices
from simulator.data.readers.beginning import Beginning
from simulator.data.readers.columns import MOST_COLUMNS, typed
from simulator.data.readers.gathering import pixels, table_of
from simulator.data.readers.packing import unpacked_name
from simulator.data.readers.seekable import seekable
from simulator.data.table import Table
from simulator.errors import DatasetError
from simulator.progress import Progress

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
"""The third byte of a file, and the type of number that it stands for."""

PARTNERS = (("images", "labels"), ("image", "label"), ("data", "labels"), ("features", "labels"))
"""What the names of two files that belong together differ in."""

_BLOCK = 1 << 22
_KIND = re.compile(r"([-._])idx\d")


def recognises(beginning: Beginning) -> bool:
    """Whether a file begins as IDX does: two zeros, a type, and a number of dimensions that the name agrees with."""
    head = beginning.head
    plausible = len(head) > 8 and head[:2] == b"\0\0" and head[2] in TYPES and 1 <= head[3] <= 4
    return plausible and len(head) >= 4 + 4 * head[3] and beginning.suffix != ".npy"


def read(path: Path, choices: RecipeChoices, progress: Progress) -> Table:
    """Read a pair of IDX files.

    Parameters
    ----------
    path
        Either file of the pair, ``…-images-idx3-ubyte`` or ``…-labels-idx1-ubyte``, packed or not, with dashes or dots;
        the other lies beside it.
    choices
        Nothing of it is asked.
    progress
        What is told how far the reading is.

    Raises
    ------
    DatasetError
        When either is broken or missing, or they do not belong together.
    Cancelled
        When the job was cancelled.
    """
    own = _array(path, progress)
    other_path = _partner(path, own.ndim)
    other = _array(other_path, progress)
    pictures, labels = (own, other) if own.ndim > 1 else (other, own)
    if labels.ndim != 1 or pictures.ndim < 2:
        raise DatasetError(f"{other_path.name} is not its counterpart", "One holds pictures, the other labels.", path)
    if len(pictures) != len(labels):
        what = f"there are {len(pictures):,} pictures and {len(labels):,} labels"
        raise DatasetError(what, f"Is {other_path.name} of the same set?", path)
    shape = pictures.shape[1:]
    if np.prod(shape) > MOST_COLUMNS:
        what = f"a picture has {int(np.prod(shape)):,} pixels"
        raise DatasetError(what, f"At most {MOST_COLUMNS:,} can be read.", path)
    flat = pictures.reshape(len(pictures), -1).T
    columns: dict[str, Any] = dict(zip(pixels(shape), np.ascontiguousarray(_numbers(flat)), strict=True))
    columns["label"] = typed(labels)
    size = " × ".join(map(str, shape))
    notes = [f"The pictures have {size} pixels; {other_path.name} lay beside the file."]
    return table_of(columns, path, "a pair of IDX files", notes)


def _numbers(values: NDArray[Any]) -> NDArray[Any]:
    return values.astype(np.float64 if values.dtype.kind == "f" else np.int64)


def _array(path: Path, progress: Progress) -> NDArray[Any]:
    """Read one file; its size must be what its header says."""
    with seekable(path, progress) as file:
        size = file.seek(0, 2)
        file.seek(0)
        head = file.read(4)
        dtype = TYPES.get(head[2]) if len(head) == 4 and head[:2] == b"\0\0" else None
        count = head[3] if dtype is not None else 0
        sizes = file.read(4 * count)
        if dtype is None or not 1 <= count <= 4 or len(sizes) < 4 * count:
            raise DatasetError("this is no IDX file", "MNIST's files begin with two zero bytes and a type.", path)
        shape = struct.unpack(f">{count}I", sizes)
        needed = np.dtype(dtype).itemsize
        for side in shape:
            needed *= side
        if size - file.tell() != needed or not needed:
            what = f"the header says {needed:,} bytes of numbers, and {size - file.tell():,} follow"
            raise DatasetError(what, "Fetch the file again.", path)
        data = bytearray(needed)
        view = memoryview(data)
        done = 0
        while done < needed:
            progress.report(done / needed, f"reading {path.name}")
            count = file.readinto(view[done : done + _BLOCK])  # pyright: ignore[reportAttributeAccessIssue] - a real file
            if not count:
                raise DatasetError("the file is cut off", "Fetch it again.", path)
            done += count
    return np.frombuffer(data, dtype=dtype).reshape(shape)


def _partner(path: Path, dimensions: int) -> Path:
    """Find the file that belongs to another."""
    name = unpacked_name(path).lower()
    wanted: list[str] = []
    for pictures, labels in PARTNERS:
        here, there = (pictures, labels) if dimensions > 1 else (labels, pictures)
        if here in name:
            wanted.append(name.replace(here, there).replace(f"idx{dimensions}", "idx1" if dimensions > 1 else "idx3"))
    kinds = [_KIND.sub("", each) for each in wanted]
    try:
        beside = sorted(each for each in path.parent.iterdir() if each != path)
    except OSError:
        beside = []
    for kind in kinds:
        for each in beside:
            if _KIND.sub("", unpacked_name(each).lower()) == kind and each.is_file():
                return each
    what = "labels" if dimensions > 1 else "pictures"
    looked = (
        f"Put {wanted[0]} (packed or not) into the same folder."
        if wanted
        else ("Name the two files as MNIST does: …-images-idx3-ubyte and …-labels-idx1-ubyte.")
    )
    raise DatasetError(f"the file with the {what} is not beside it", looked, path)
