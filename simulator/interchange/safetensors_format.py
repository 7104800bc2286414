"""Safetensors: our own format, with everything that a prediction needs in its metadata; and other programs' tensors."""

import struct
from typing import Any, BinaryIO

import numpy as np
import safetensors
import safetensors.numpy
from numpy.typing import NDArray

from simulator.errors import ModelFileError
from simulator.interchange.document import KEY, LARGEST_DOCUMENT, parse_json, read_document, write_document
from simulator.interchange.foreign import Foreign
from simulator.interchange.model import Model
from simulator.interchange.options import ExportOptions
from simulator.interchange.sequential import linear_places
from simulator.interchange.state_dicts import Described, foreign_of
from simulator.interchange.tensors import assemble, check_shapes, named_tensors
from simulator.spec import NetworkSpec

_LARGEST_HEADER = 3 * LARGEST_DOCUMENT
_LENGTH = struct.Struct("<Q")
_DTYPES = {"F32": "float32", "F64": "float64"}
_DAMAGED = "The file is damaged or no safetensors file; export the model again."


def save(model: Model, options: ExportOptions) -> bytes:
    """Return the content of the file."""
    # One entry, because the library writes several in an order that changes from run to run: equal models, equal files.
    return safetensors.numpy.save(named_tensors(model), metadata={KEY: write_document(model)})


def load(file: BinaryIO, size: int) -> Model | Foreign:
    """Read a model, or what another program's tensors say of a network.

    The header is checked before any number is read, so that a small file cannot ask for much memory.

    Parameters
    ----------
    file, size
        An open file and its size in bytes.

    Raises
    ------
    ModelFileError
        When it holds no model, and no tensors that are a chain of layers.
    """
    header, header_bytes = _header(file, size)
    metadata = header.pop("__metadata__", None)
    tensors = {name: _described(name, entry) for name, entry in header.items()}
    if isinstance(metadata, dict) and isinstance(metadata.get(KEY), str):
        return _own(file, size, header_bytes, metadata[KEY], tensors)
    return _foreign(file, size, header_bytes, tensors)


def _own(file: BinaryIO, size: int, header_bytes: int, text: str, tensors: dict[str, Described]) -> Model:
    document = read_document(text)
    ours = _our_names(document.network, tensors)
    for name, tensor in tensors.items():
        if _DTYPES.get(tensor.dtype) != document.config.dtype:
            raise ModelFileError(
                f"the tensor {name[:60]!r} is not {document.config.dtype}, as the model says", _DAMAGED
            )
    check_shapes(document.network, {our: tensors[name].shape for our, name in ours.items()})
    itemsize = 4 if document.config.dtype == "float32" else 8
    expected = header_bytes + document.network.parameter_count * itemsize
    if size != expected:
        raise ModelFileError(f"the file has {size:,} bytes, its header announces {expected:,}", _DAMAGED)
    found = _content(file, size)
    return assemble(document, {our: _numbers(*found[name]) for our, name in ours.items()})


def _our_names(network: NetworkSpec, tensors: dict[str, Described]) -> dict[str, str]:
    """Return the names in the file by our names, also where it names the tensors for a `torch.nn.Sequential`."""
    if "0.weight" not in tensors:
        return {name: name for name in tensors}
    ours = {
        f"{place}.{part}": f"layers.{layer}.{part}"
        for layer, place in enumerate(linear_places(network))
        for part in ("weight", "bias")
    }
    for name in tensors:
        if name not in ours:
            raise ModelFileError(f"the tensor {name[:60]!r} belongs to no layer of this network", _DAMAGED)
    return {ours[name]: name for name in tensors}


def _foreign(file: BinaryIO, size: int, header_bytes: int, tensors: dict[str, Described]) -> Foreign:
    found: dict[str, tuple[Described, bytes]] = {}

    def read(name: str) -> NDArray[Any]:
        if not found:  # all of it at once, after names and shapes were found to be right
            found.update(_content(file, size))
        return _numbers(*found[name])

    return foreign_of(tensors, read)


def _content(file: BinaryIO, size: int) -> dict[str, tuple[Described, bytes]]:
    """Let the library read the whole file: it checks that the tensors fill it without holes."""
    file.seek(0)
    try:
        entries = safetensors.deserialize(file.read(size))
        return {
            name: (Described(entry["dtype"], tuple(entry["shape"])), bytes(entry["data"])) for name, entry in entries
        }
    except (safetensors.SafetensorError, ValueError, KeyError, OverflowError) as error:
        raise ModelFileError(f"this is no safetensors file: {error}", _DAMAGED) from error


def _numbers(described: Described, data: bytes) -> NDArray[Any]:
    """Return a tensor's numbers; those of 16 bits as float32."""
    if described.dtype == "BF16":  # the upper half of a float32
        flat = (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32)
    elif described.dtype == "F16":
        flat = np.frombuffer(data, "<f2").astype(np.float32)
    else:
        flat = np.frombuffer(data, "<f4" if described.dtype == "F32" else "<f8")
    return flat.reshape(described.shape)


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


def _described(name: str, entry: object) -> Described:
    parts: dict[str, Any] = entry if isinstance(entry, dict) else {}
    shape = parts.get("shape")
    if not isinstance(shape, list) or not all(type(side) is int and side >= 0 for side in shape):
        raise ModelFileError(f"the tensor {name[:60]!r} has no shape", _DAMAGED)
    return Described(str(parts.get("dtype"))[:12], tuple(shape))
