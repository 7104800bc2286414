"""Safetensors, a piece at a time: for tensors that are larger than one wants to hold in memory twice."""

import dataclasses
import json
import math
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.errors import ModelFileError
from simulator.interchange.document import parse_json

PIECE = 2**20
_LENGTH = struct.Struct("<Q")
_LARGEST_HEADER = 64 * 2**20
_ALIGNMENT = 8
_DTYPES = {
    "F16": "<f2", "F32": "<f4", "F64": "<f8", "I8": "|i1", "I16": "<i2", "I32": "<i4", "I64": "<i8",
    "U8": "|u1", "U16": "<u2", "U32": "<u4", "U64": "<u8",
}  # fmt: skip
_NAMES = {np.dtype(dtype): name for name, dtype in _DTYPES.items()}
_DAMAGED = "The file is damaged or was changed by hand."


class Readable(Protocol):
    """What is read from, front to back."""

    def read(self, count: int, /) -> bytes:
        """Return the next bytes, fewer at the end only."""
        ...


class Writable(Protocol):
    """What is written to."""

    def write(self, data: Any, /) -> object:
        """Take the next bytes."""
        ...


@dataclasses.dataclass(frozen=True, eq=False)
class Tensor:
    """A tensor whose rows lie in several arrays.

    Attributes
    ----------
    dtype
        Of all of them.
    shape
        Of all of them together.
    pieces
        Arrays in the order of their numbers.
    """

    dtype: "np.dtype[Any]"
    shape: tuple[int, ...]
    pieces: Sequence[NDArray[Any]]

    @staticmethod
    def of(array: NDArray[Any]) -> "Tensor":
        """Return an array as a tensor."""
        return Tensor(array.dtype, array.shape, (array,))

    @staticmethod
    def stacked(arrays: Sequence[NDArray[Any]]) -> "Tensor":
        """Return arrays of one shape as a tensor with one more axis, the first."""
        return Tensor(arrays[0].dtype, (len(arrays), *arrays[0].shape), arrays)

    @property
    def nbytes(self) -> int:
        """How many bytes its numbers take."""
        return math.prod(self.shape) * self.dtype.itemsize


def write_tensors(
    file: Writable,
    tensors: Mapping[str, Tensor],
    told: Callable[[int], None] = lambda count: None,
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write tensors as safetensors.

    Parameters
    ----------
    file
        Where to.
    tensors
        By their names.
    told
        Called with the number of bytes after every piece.
    metadata
        Texts by their names, written in this order; the library would write them in one that changes from run to run.
    """
    header: dict[str, Any] = {} if metadata is None else {"__metadata__": dict(metadata)}
    end = 0
    for name, tensor in tensors.items():
        begin, end = end, end + tensor.nbytes
        header[name] = {
            "dtype": _NAMES[tensor.dtype.newbyteorder("<")],
            "shape": list(tensor.shape),
            "data_offsets": [begin, end],
        }
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(_LENGTH.size + len(text)) % _ALIGNMENT)
    file.write(_LENGTH.pack(len(text)) + text)
    for tensor in tensors.values():
        for array in tensor.pieces:
            stored = np.ascontiguousarray(array, tensor.dtype.newbyteorder("<")).reshape(-1).view(np.uint8)
            for first in range(0, len(stored), PIECE):
                piece = stored[first : first + PIECE]
                file.write(piece.data)
                told(len(piece))


def read_tensors(
    file: Readable, size: int, told: Callable[[int], None] = lambda count: None
) -> dict[str, NDArray[Any]]:
    """Read what `write_tensors` wrote; no more memory is taken than the content has bytes.

    Parameters
    ----------
    file, size
        What is read, and how many bytes that has.
    told
        Called with the number of bytes after every piece.

    Raises
    ------
    ModelFileError
        When it is something else.
    """
    start = file.read(_LENGTH.size)
    (length,) = _LENGTH.unpack(start) if len(start) == _LENGTH.size else (-1,)
    if not 0 <= length <= min(_LARGEST_HEADER, size - _LENGTH.size):
        raise ModelFileError("these are no tensors: the header is not whole", _DAMAGED)
    header = parse_json(file.read(length))
    if not isinstance(header, dict):
        raise ModelFileError("these are no tensors: the header is no JSON object", _DAMAGED)
    header.pop("__metadata__", None)
    found: dict[str, NDArray[Any]] = {}
    place = 0
    for name, entry in header.items():
        dtype, shape = _described(name, entry, place, size - _LENGTH.size - length)
        found[name] = _read_array(file, dtype, shape, told)
        place += found[name].nbytes
    if _LENGTH.size + length + place != size:
        raise ModelFileError("there is more in the file than its tensors", _DAMAGED)
    return found


def _described(name: str, entry: object, place: int, room: int) -> "tuple[np.dtype[Any], tuple[int, ...]]":
    """Return number format and shape of the tensor that begins at a place, after checking that it is all there."""
    parts: dict[str, Any] = entry if isinstance(entry, dict) else {}
    dtype, sides = _DTYPES.get(str(parts.get("dtype"))), parts.get("shape")
    if dtype is None or not isinstance(sides, list) or len(sides) > 8 or not all(_is_side(side) for side in sides):
        raise ModelFileError(f"the tensor {name[:60]!r} is not described", _DAMAGED)
    count = math.prod(sides) * np.dtype(dtype).itemsize
    if parts.get("data_offsets") != [place, place + count] or place + count > room:
        raise ModelFileError(f"the tensor {name[:60]!r} does not stand where it should", _DAMAGED)
    return np.dtype(dtype), tuple(sides)


def _is_side(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**48


def _read_array(
    file: Readable, dtype: "np.dtype[Any]", shape: tuple[int, ...], told: Callable[[int], None]
) -> NDArray[Any]:
    array = np.empty(shape, dtype)
    stored = array.reshape(-1).view(np.uint8)
    for first in range(0, len(stored), PIECE):
        data = file.read(min(PIECE, len(stored) - first))
        if len(data) != min(PIECE, len(stored) - first):
            raise ModelFileError("the tensors end too early", _DAMAGED)
        stored[first : first + len(data)] = np.frombuffer(data, np.uint8)
        told(len(data))
    array = array.astype(dtype.newbyteorder("="), copy=False)
    array.flags.writeable = False
    return array
