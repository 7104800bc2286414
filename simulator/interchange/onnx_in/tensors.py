"""Arrays of an ONNX file, each checked against its bytes before memory is taken for it."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.errors import ModelFileError
from simulator.interchange.onnx_in.beside import Beside
from simulator.interchange.whole_files import printable

_DAMAGED = "The file is damaged; export the model again."

FLOAT, INT32, INT64, STRING, BOOL, FLOAT16, DOUBLE, BFLOAT16 = 1, 6, 7, 8, 9, 10, 11, 16
"""Numbers of TensorProto.DataType that are read."""

_RAW = {FLOAT: "<f4", INT32: "<i4", INT64: "<i8", BOOL: "|b1", FLOAT16: "<f2", DOUBLE: "<f8", BFLOAT16: "<u2"}
_LISTED = {
    FLOAT: ("float_data", np.float32),
    DOUBLE: ("double_data", np.float64),
    INT64: ("int64_data", np.int64),
    INT32: ("int32_data", np.int32),
    BOOL: ("int32_data", np.int32),
    FLOAT16: ("int32_data", np.int32),
    BFLOAT16: ("int32_data", np.int32),
}

HALF = (FLOAT16, BFLOAT16)
"""Formats that are widened to float32, which holds all their numbers."""


def read_tensor(tensor: Any, beside: Beside | None = None) -> NDArray[Any]:
    """Return an array of a TensorProto: numbers (float16 and bfloat16 as float32), conditions, or texts.

    Parameters
    ----------
    tensor
        What the file says of it.
    beside
        Where its numbers may lie if they are not in the file itself.

    Raises
    ------
    ModelFileError
        When it lies in another file, has a format that no layer needs, or has not as many numbers as it says.
    """
    name, kind = tensor.name, tensor.data_type
    outside = tensor.data_location == tensor.EXTERNAL or len(tensor.external_data) > 0
    if outside and beside is None:
        raise ModelFileError(
            f"the numbers of {name!r} lie in another file, which is not opened",
            "Save the model with its weights inside: onnx.save(onnx.load('model.onnx'), 'whole.onnx').",
        )
    shape = tuple(tensor.dims)
    if len(shape) > 8 or any(side < 0 for side in shape):
        raise ModelFileError(f"the tensor {name!r} cannot have the shape {_short(shape)}", _DAMAGED)
    count = math.prod(shape)
    if kind == STRING and not outside:
        texts = [each.decode("utf-8", errors="replace") for each in tensor.string_data]
        return _shaped(np.array(texts, dtype=object), shape, count, name)
    if kind not in _RAW:
        raise ModelFileError(
            f"the tensor {name!r} has the number format {kind}, which no layer here can have",
            "Export the network in float32 or float64, not quantised.",
        )
    if outside and beside is not None:
        stored = np.frombuffer(beside.content(tensor, count * np.dtype(_RAW[kind]).itemsize), _RAW[kind])
    elif tensor.HasField("raw_data"):
        size = np.dtype(_RAW[kind]).itemsize
        if len(tensor.raw_data) != count * size:
            raise _miscounted(name, shape)
        stored = np.frombuffer(tensor.raw_data, _RAW[kind])
    else:
        field, dtype = _LISTED[kind]
        listed = getattr(tensor, field)
        if len(listed) != count:
            raise _miscounted(name, shape)
        stored = np.fromiter(listed, dtype, count)
    return _shaped(_widened(stored, kind), shape, count, name)


def _widened(stored: NDArray[Any], kind: int) -> NDArray[Any]:
    if kind == FLOAT16:
        halves = stored if stored.dtype.kind == "f" else stored.astype(np.uint16).view(np.float16)
        return halves.astype(np.float32)
    if kind == BFLOAT16:
        return (stored.astype(np.uint32) << 16).view(np.float32)
    return stored.astype(bool) if kind == BOOL else stored.astype(stored.dtype.newbyteorder("="), copy=False)


def _shaped(array: NDArray[Any], shape: tuple[int, ...], count: int, name: str) -> NDArray[Any]:
    if array.size != count:
        raise _miscounted(name, shape)
    return array.reshape(shape)


def _miscounted(name: str, shape: tuple[int, ...]) -> ModelFileError:
    return ModelFileError(f"the tensor {name!r} has not as many numbers as its shape {_short(shape)} needs", _DAMAGED)


def _short(shape: tuple[int, ...]) -> str:
    return printable(str(shape), 80)
