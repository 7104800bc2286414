"""Reads NumPy's files: one array (.npy), or several by names (.npz)."""

import dataclasses
import math
import re
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from simulator.data.choices import RecipeChoices
from simulator.data.readers.beginning import Beginning
from simulator.data.readers.columns import MOST_COLUMNS, made_up, plain_texts, typed
from simulator.data.readers.gathering import chosen, named, pixels, table_of
from simulator.data.readers.packing import refuse_a_bomb
from simulator.data.readers.seekable import seekable
from simulator.data.table import Table
from simulator.errors import DatasetError
from simulator.progress import Progress

FEATURES = ("x", "data", "features", "inputs", "images")
TARGETS = ("y", "target", "targets", "label", "labels", "classes")
PARTS = {"train": "train", "test": "test", "val": "validation", "valid": "validation", "validation": "validation"}
"""What stands in the names of arrays, and what the column "split" then says."""

_MAGIC = b"\x93NUMPY"
_BLOCK = 1 << 22
_HINT = "Save a table of numbers or texts with numpy.save or numpy.savez."
_WORDS = re.compile(rf"[_\-. ]+|(?<=[xy])(?={'|'.join(PARTS)})")
Array = NDArray[Any]


@dataclasses.dataclass(frozen=True)
class _Header:
    """What an array says of itself."""

    shape: tuple[int, ...]
    fortran: bool
    dtype: "np.dtype[Any]"


@dataclasses.dataclass(frozen=True)
class _Part:
    """Arrays that stand side by side in a table: the part of a split that they are, and their names."""

    split: str
    features: str
    target: str | None = None


def recognises(beginning: Beginning) -> bool:
    """Whether a file is an array, or an archive of nothing but arrays."""
    arrays = bool(beginning.members) and all(name.endswith(".npy") for name in beginning.members)
    return arrays or beginning.head.startswith(_MAGIC)


def read(path: Path, choices: RecipeChoices, progress: Progress) -> Table:
    """Read a file of NumPy's.

    Pictures become one column a pixel, called pixel_row_column. In an .npz file features and targets that belong
    together (X and y; x_train, y_train, x_test, y_test) become one table; the parts then stand in a column "split".

    Parameters
    ----------
    path
        The file; nothing in it is ever unpickled.
    choices
        `sheet` names one of several tables.
    progress
        What is told how far the reading is.

    Raises
    ------
    DatasetError
        When it is broken, holds objects, or no table.
    Cancelled
        When the job was cancelled.
    """
    with seekable(path, progress) as file:
        size = file.seek(0, 2)
        file.seek(0)
        head = file.read(len(_MAGIC))
        file.seek(0)
        if head == _MAGIC:
            header = _header(file, size, path, "the array")
            return table_of(_columns(_values(file, header, path, progress), path), path, "an array of NumPy")
        try:
            with zipfile.ZipFile(file) as archive:
                return _Archive(archive, size, path, progress).table(choices)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
            if isinstance(error, RecursionError):
                raise
            raise DatasetError(f"this is no file of NumPy's, or a damaged one ({error})", _HINT, path) from error


def _header(file: IO[bytes], size: int, path: Path, name: str) -> _Header:
    """Read an array's header; what it says must fit the size of the file."""
    try:
        version = npy.read_magic(file)  # pyright: ignore[reportArgumentType] - all that it asks for is `read`
        if version == (1, 0):
            shape, fortran, dtype = npy.read_array_header_1_0(file)  # pyright: ignore[reportArgumentType]
        else:
            shape, fortran, dtype = npy.read_array_header_2_0(file)  # pyright: ignore[reportArgumentType]
        if version == (3, 0) and dtype.names:  # as 2.0, but the names are in UTF-8
            dtype.names = tuple(each.encode("latin-1").decode("utf-8") for each in dtype.names)
    except Exception as error:  # what a hostile text raises when it is evaluated as a literal
        raise DatasetError(f"{name} has no header that can be read", _HINT, path) from error
    if dtype.hasobject:
        hint = "They would have to be unpickled, which can run any program; save numbers or texts."
        raise DatasetError(f"{name} holds Python objects", hint, path)
    needed = math.prod(shape) * dtype.itemsize
    if any(side < 0 for side in shape) or needed > size:
        what = f"{name} has the shape {shape}, more than the file can hold ({size:,} bytes)"
        raise DatasetError(what, "Save it again, or fetch the file again.", path)
    return _Header(tuple(shape), fortran, dtype)


def _values(file: IO[bytes], header: _Header, path: Path, progress: Progress) -> Array:
    needed = math.prod(header.shape) * header.dtype.itemsize
    if not needed:
        raise DatasetError(f"the array of the shape {header.shape} is empty", "Save one with rows of values.", path)
    data = bytearray(needed)
    done = 0
    while done < needed:
        progress.report(done / needed, f"reading {path.name}")
        block = file.read(min(_BLOCK, needed - done))
        if not block:
            raise DatasetError("the file is cut off", "Fetch it again.", path)
        data[done : done + len(block)] = block
        done += len(block)
    return np.frombuffer(data, dtype=header.dtype).reshape(header.shape, order="F" if header.fortran else "C")


class _Archive:
    """An open .npz file."""

    def __init__(self, archive: zipfile.ZipFile, size: int, path: Path, progress: Progress) -> None:
        self._archive = archive
        self._path = path
        self._progress = progress
        self._members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        refuse_a_bomb(sum(info.file_size for info in archive.infolist()), size, path)
        self._headers = {name: self._header(name) for name in self._members}

    def table(self, choices: RecipeChoices) -> Table:
        """Return the table that was asked for, or the first."""
        together = _together(self._headers)
        alone = [name for name, each in self._headers.items() if len(each.shape) > 1 or each.dtype.names]
        lists = _lists(self._headers)
        sheets = [*map(_title, together), *([", ".join(lists)] if lists else []), *alone]
        if not sheets:
            shown = ", ".join(f"{name} {each.shape}" for name, each in list(self._headers.items())[:20])
            what = f"there is no table among the arrays: {shown or 'there is none at all'}"
            raise DatasetError(what, "Save features as X and targets as y.", self._path)
        sheet = chosen(choices.sheet, sheets, self._path, "array") or sheets[0]
        place = sheets.index(sheet)
        if place < len(together):
            columns = self._joined(together[place])
        elif sheet in self._headers:
            columns = _columns(self._array(sheet), self._path)
        else:
            columns = {name: _column(self._array(name), name, self._path) for name in lists}
        return table_of(columns, self._path, "NumPy's arrays", (), None, sheets, sheet)

    def _header(self, name: str) -> _Header:
        info = self._members[name]
        with self._archive.open(info) as file:
            return _header(file, info.file_size, self._path, f"the array {name!r}")

    def _array(self, name: str) -> Array:
        info = self._members[name]
        with self._archive.open(info) as file:
            header = _header(file, info.file_size, self._path, f"the array {name!r}")
            return _values(file, header, self._path, self._progress)

    def _joined(self, parts: list[_Part]) -> dict[str, Any]:
        """Stack the parts of a split; features first, the target behind them."""
        features = [self._array(part.features) for part in parts]
        counts = [len(each) for each in features]
        if len({each.shape[1:] for each in features}) > 1:
            shapes = ", ".join(str(each.shape) for each in features)
            hint = "Choose one of the arrays."
            raise DatasetError(f"the parts have other shapes: {shapes}", hint, self._path)
        columns = _columns(np.concatenate(features), self._path, self._names(features[0]))
        del features
        targets = [self._array(part.target) for part in parts if part.target is not None]
        if targets:
            flat = [each.reshape(len(each), -1) for each in targets]
            if len({each.shape[1] for each in flat}) > 1:
                raise DatasetError("the targets have other shapes", "Choose one of the arrays.", self._path)
            name = _role(parts[0].target or "")[1]
            whole = np.concatenate(flat).T
            names = [name] if len(whole) == 1 else [f"{name}_{place + 1}" for place in range(len(whole))]
            columns.update((each, _column(row, each, self._path)) for each, row in zip(names, whole, strict=True))
        if len(parts) > 1:
            columns["split"] = plain_texts(np.repeat([part.split for part in parts], counts))
        return columns

    def _names(self, features: Array) -> list[str] | None:
        header = self._headers.get("feature_names")
        if (
            header is None
            or features.ndim != 2
            or header.shape != (features.shape[1],)
            or header.dtype.kind not in "US"
        ):
            return None
        return [str(name) for name in self._array("feature_names").astype("U")]


def _title(parts: list[_Part]) -> str:
    return ", ".join(name for part in parts for name in (part.features, part.target) if name)


def _role(name: str) -> tuple[str, str, str]:
    """Return what an array's name says: features or target ("x", "y" or neither), the word for it, the part."""
    words = [word for word in _WORDS.split(name.lower()) if word]
    part = next((PARTS[word] for word in words if word in PARTS), "")
    rest = [word for word in words if word not in PARTS]
    if len(rest) == 1 and rest[0] in FEATURES:
        return "x", rest[0], part
    if len(rest) == 1 and rest[0] in TARGETS:
        return "y", rest[0], part
    return "", name, part


def _together(headers: Mapping[str, _Header]) -> list[list[_Part]]:
    """Return the tables that features and targets make: all parts of a split together, then those without a part."""
    found: dict[str, dict[str, str]] = {}
    for name in headers:
        role, _, part = _role(name)
        if role:
            found.setdefault(part, {}).setdefault(role, name)
    pairs: dict[str, _Part] = {}
    for part, roles in found.items():
        features, target = roles.get("x"), roles.get("y")
        if features and target and headers[features].shape[:1] == headers[target].shape[:1] != ():
            pairs[part] = _Part(part, features, target)
    split = [pairs[part] for part in dict.fromkeys(PARTS.values()) if part in pairs]
    return [parts for parts in (split, [pairs[""]] if "" in pairs else []) if parts]


def _lists(headers: Mapping[str, _Header]) -> list[str]:
    """Return the names of all arrays where each is a column: of one dimension, and as long as the others."""
    shapes = {each.shape for each in headers.values()}
    is_table = len(shapes) == 1 and len(headers) > 1 and len(next(iter(shapes))) == 1
    return list(headers) if is_table and not any(each.dtype.names for each in headers.values()) else []


def _columns(array: Array, path: Path, names: list[str] | None = None) -> dict[str, Any]:
    """Return the columns of an array: its fields, its columns, or its pixels."""
    if array.dtype.names:
        fields = array.reshape(-1)
        names, _ = named(array.dtype.names, path)
        return {name: _column(fields[field], name, path) for name, field in zip(names, array.dtype.names, strict=True)}
    if array.ndim < 2:
        hint = "A data set needs a target and at least one feature: save an array of two dimensions."
        raise DatasetError(f"the array of the shape {array.shape} has only one column", hint, path)
    if array.ndim > 5 or math.prod(array.shape[1:]) > MOST_COLUMNS:
        what = f"a row of the array of the shape {array.shape} has {math.prod(array.shape[1:]):,} numbers"
        raise DatasetError(what, f"At most {MOST_COLUMNS:,} columns can be read, and five dimensions.", path)
    sides = [side for side in array.shape[1:] if side != 1] or [1]
    made = pixels(sides) if len(sides) > 1 else made_up(sides[0])
    flat = array.reshape(len(array), -1)
    if flat.dtype.kind in "iu" and flat.dtype != np.uint64:
        return dict(zip(names or made, np.ascontiguousarray(flat.T.astype(np.int64)), strict=True))
    if flat.dtype.kind == "f":
        return dict(zip(names or made, np.ascontiguousarray(flat.T.astype(np.float64)), strict=True))
    return {name: _column(column, name, path) for name, column in zip(names or made, flat.T, strict=True)}


def _column(values: Array, name: str, path: Path) -> Any:
    column = typed(values) if values.ndim == 1 else None
    if column is None:
        what = f"{name!r} holds {values.dtype if values.ndim == 1 else f'{values.ndim} dimensions'}"
        raise DatasetError(what, "Numbers, texts, dates and truths can be read.", path)
    return column
