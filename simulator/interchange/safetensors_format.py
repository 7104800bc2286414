"""Our own format: safetensors, with everything to predict and to go on training; its metadata describes it.

Weights are ``layers.N.weight``, as other programs call them; what the optimizer remembers of one stands beside it, as
``optimizer.NAME.layers.N.weight``.
"""

import struct
from typing import Any, BinaryIO

import safetensors
import safetensors.numpy

from simulator.errors import ModelFileError
from simulator.interchange.document import LARGEST_DOCUMENT, parse_json, read_document, write_document
from simulator.interchange.model import Model
from simulator.interchange.options import ExportOptions
from simulator.interchange.tensors import all_tensors, assemble, check_shapes, number_count

# One entry, because the library writes several in an order that changes from run to run: equal models, equal
# files.
_METADATA_KEY = "nodeglow"
_LARGEST_HEADER = 3 * LARGEST_DOCUMENT
_LENGTH = struct.Struct("<Q")
_DTYPES = {"F32": "float32", "F64": "float64"}
_DAMAGED = "The file is damaged or no safetensors file; export the model again."


def save(model: Model, options: ExportOptions) -> bytes:
    """Return the content of the file."""
    return safetensors.numpy.save(all_tensors(model), metadata={_METADATA_KEY: write_document(model, training=True)})


def load(file: BinaryIO, size: int) -> Model:
    """Read a model.

    The header is checked against the network that it describes before any number is read, so that a small
    file cannot ask for much memory.

    Parameters
    ----------
    file, size
        An open file and its size in bytes.

    Raises
    ------
    ModelFileError
        When it holds no model of ours.
    """
    header, header_bytes = _header(file, size)
    metadata = header.pop("__metadata__", None)
    if not isinstance(metadata, dict) or not isinstance(metadata.get(_METADATA_KEY), str):
        raise ModelFileError(
            "these tensors come without a description of the network",
            "Only a file that Nodeglow saved says how its numbers are to be used.",
        )
    document = read_document(metadata[_METADATA_KEY])
    shapes: dict[str, tuple[int, ...]] = {}
    for name, entry in header.items():
        shapes[name] = _shape(name, entry, document.config.dtype)
    check_shapes(document, shapes)
    itemsize = 4 if document.config.dtype == "float32" else 8
    expected = header_bytes + number_count(document) * itemsize
    if size != expected:
        raise ModelFileError(f"the file has {size:,} bytes, its header announces {expected:,}", _DAMAGED)
    file.seek(0)
    try:
        tensors = safetensors.numpy.load(file.read(expected))
    except (safetensors.SafetensorError, ValueError, KeyError, OverflowError) as error:
        raise ModelFileError(f"this is no safetensors file: {error}", _DAMAGED) from error
    return assemble(document, tensors)


def _header(file: BinaryIO, size: int) -> tuple[dict[str, Any], int]:
    start = file.read(_LENGTH.size)
    if len(start) < _LENGTH.size:
        raise ModelFileError(f"this is no safetensors file: it has only {size} bytes", _DAMAGED)
    (length,) = _LENGTH.unpack(start)
    if length > min(_LARGEST_HEADER, size - _LENGTH.size):
        raise ModelFileError(f"this is no safetensors file: a header of {length:,} bytes is not in it", _DAMAGED)
    header = parse_json(file.read(length))
    if not isinstance(header, dict):
        raise ModelFileError("this is no safetensors file: its header is no JSON object", _DAMAGED)
    return header, _LENGTH.size + length


def _shape(name: str, entry: object, dtype: str) -> tuple[int, ...]:
    if not isinstance(entry, dict) or not isinstance(entry.get("shape"), list):
        raise ModelFileError(f"the tensor {name[:60]!r} has no shape", _DAMAGED)
    if _DTYPES.get(str(entry.get("dtype"))) != dtype:
        raise ModelFileError(f"the tensor {name[:60]!r} is not {dtype}, as the model says", _DAMAGED)
    return tuple(entry["shape"])
