"""What stands in a file of a model that nobody can read as text: its parts, with their shapes."""

import dataclasses
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np

MOST_PARTS = 400
"""More parts than this are not listed."""

_ZIP, _HDF5 = b"PK\x03\x04", b"\x89HDF\r\n\x1a\n"
_ONNX = b"\x08"  # the tag of a ModelProto's first field, its version


@dataclasses.dataclass(frozen=True)
class Part:
    """A part of a file.

    Attributes
    ----------
    name
        As the file has it.
    what
        What it is: "float32 (8, 4)", "text", "Gemm".
    size
        In bytes, uncompressed; None where it has no size of its own.
    """

    name: str
    what: str
    size: int | None = None


def outline(content: bytes) -> tuple[Part, ...]:
    """Return the parts of a file, in its own order.

    Parameters
    ----------
    content
        All of a file that a format of ours wrote; none that came from outside.

    Returns
    -------
    At most `MOST_PARTS` parts; none for a file of text.
    """
    if content.startswith(_ZIP):
        found = _zipped(content)
    elif content.startswith(_HDF5):
        found = _hdf5(content)
    elif content[8:9] == b"{":
        found = _safetensors(content)
    elif content.startswith(_ONNX):
        found = _onnx(content)
    else:
        return ()
    return tuple(part for part, _ in zip(found, range(MOST_PARTS), strict=False))


def _array(name: str, dtype: object, shape: tuple[int, ...], size: int) -> Part:
    return Part(name, f"{dtype} {_shape(shape)}", size)


def _shape(shape: tuple[int, ...]) -> str:
    return " × ".join(f"{length:,}" for length in shape) or "one number"


def _safetensors(content: bytes) -> Iterator[Part]:
    length = int.from_bytes(content[:8], "little")
    head: dict[str, Any] = json.loads(content[8 : 8 + length])
    names = {"F32": "float32", "F64": "float64"}
    for key, text in head.pop("__metadata__", {}).items():
        yield Part(key, "text", len(text.encode()))
    for name, tensor in head.items():
        first, last = tensor["data_offsets"]
        yield _array(name, names.get(tensor["dtype"], tensor["dtype"]), tuple(tensor["shape"]), last - first)


def _zipped(content: bytes) -> Iterator[Part]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for member in archive.infolist():
            if member.filename.endswith(".npy"):
                with archive.open(member) as file:
                    version = np.lib.format.read_magic(file)
                    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else _header_2_0
                    shape, _, dtype = read(file)
                name, size = member.filename.removesuffix(".npy"), int(np.prod(shape, dtype=int)) * dtype.itemsize
                text = dtype.kind in "SU" or dtype == np.uint8
                yield Part(name, "text", size) if text else _array(name, dtype, shape, size)
            elif member.filename.endswith(".h5"):
                yield from _hdf5(archive.read(member), f"{member.filename}: ")
            else:
                kinds = {"json": "text", "pkl": "list of names and shapes"}
                yield Part(member.filename, kinds.get(member.filename.rpartition(".")[2], "bytes"), member.file_size)


def _header_2_0(file: Any) -> Any:
    return np.lib.format.read_array_header_2_0(file)


def _hdf5(content: bytes, before: str = "") -> Iterator[Part]:
    import h5py

    parts: list[Part] = []

    def visit(name: str, found: object) -> None:
        if isinstance(found, h5py.Dataset):
            parts.append(_array(before + name, found.dtype, tuple(found.shape), int(found.nbytes)))

    with h5py.File(io.BytesIO(content), "r") as file:
        file.visititems(visit)
    yield from parts


def _onnx(content: bytes) -> Iterator[Part]:
    import onnx

    model = onnx.load_model_from_string(content)
    graph = model.graph
    for kind, values in (("input", graph.input), ("output", graph.output)):
        for value in values:
            tensor = value.type.tensor_type
            dimensions = " × ".join(each.dim_param or f"{each.dim_value:,}" for each in tensor.shape.dim)
            what = onnx.TensorProto.DataType.Name(tensor.elem_type).lower() if tensor.elem_type else "map"
            yield Part(value.name, f"{kind}: {what} {dimensions}".rstrip())
    for node in graph.node:
        yield Part(node.name or " ".join(node.output), node.op_type)
    for tensor in graph.initializer:
        dtype = onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type)
        shape = tuple(tensor.dims)
        yield _array(tensor.name, dtype, shape, int(np.prod(shape, dtype=int)) * dtype.itemsize)
    for entry in model.metadata_props:
        yield Part(entry.key, "text", len(entry.value.encode()))
