"""PyTorch's own format, written without PyTorch: a state dict, as `torch.save` of release 1.6 and later lays it out.

The file is a zip archive: ``archive/data.pkl`` says which tensors there are, ``archive/data/N`` holds the numbers of
one. What is pickled is restricted to the four names that `torch.load` accepts with ``weights_only=True``.
Source: torch/serialization.py and torch/_weights_only_unpickler.py of PyTorch 2.13.
"""

import io
import struct
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.interchange.model import Model
from simulator.interchange.options import ExportOptions
from simulator.interchange.preparation import preparation_sentence
from simulator.interchange.tensors import named_tensors

_FOLDER = "archive"
_ALIGNMENT = 64
_PADDING = b"FB"  # the field of a member's header that PyTorch fills up, too
_LOCAL_HEADER = 30
_STORAGES = {"float32": "FloatStorage", "float64": "DoubleStorage"}
_LARGEST_MEMBER = 0xFFFFFFFE


def save(model: Model, options: ExportOptions) -> bytes:
    """Return the content of the file."""
    return write_state_dict(named_tensors(model))


def limits(model: Model, options: ExportOptions) -> tuple[str, ...]:
    """Say what a file does not hold."""
    activations = list(dict.fromkeys(layer.activation for layer in model.network.hidden))
    parts = [f"the activations ({', '.join(activations)})"] if activations else []
    if model.network.link != "linear":
        parts.append(f"the {model.network.link} at the end")
    if any(layer.dropout for layer in model.network.hidden):
        parts.append("dropout")
    return (
        f"A state dict holds weights and biases alone: {', '.join([*parts, 'the training settings'])} are not in it.",
        preparation_sentence(model),
        "It is not opened here again: a PyTorch file is a pickle. Save the model as .safetensors, too.",
    )


def write_state_dict(tensors: Mapping[str, NDArray[Any]]) -> bytes:
    """Return a file that `torch.load` reads as an ordered dictionary of these tensors.

    Parameters
    ----------
    tensors
        Contiguous float32 or float64 arrays by their names.

    Returns
    -------
    The same bytes for the same tensors. The numbers begin at multiples of 64, so that they can be mapped into memory.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        _add(archive, "data.pkl", _pickled(tensors))
        # No ".format_version": it would promise the very bytes between the members that PyTorch's own writer leaves.
        _add(archive, "byteorder", b"little")
        for place, array in enumerate(tensors.values()):
            stored = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
            _add(archive, f"data/{place}", stored.reshape(-1).view(np.uint8).data)
        _add(archive, "version", b"3\n")
    return buffer.getvalue()


def _add(archive: zipfile.ZipFile, name: str, content: "bytes | memoryview[int]") -> None:
    # A ZipInfo of our own carries no time of day: equal models, equal files.
    info = zipfile.ZipInfo(f"{_FOLDER}/{name}")
    place = archive.start_dir + _LOCAL_HEADER + len(info.filename) + 4
    # A member of 4 GiB or more has a field of 20 bytes for its size, which zipfile puts before ours.
    place += 20 * (len(content) > _LARGEST_MEMBER)
    missing = -place % _ALIGNMENT
    info.extra = _PADDING + struct.pack("<H", missing) + b"Z" * missing
    archive.writestr(info, content)


def _pickled(tensors: Mapping[str, NDArray[Any]]) -> bytes:
    """Return the pickle, protocol 2: what is used more than once is remembered under a number, as pickle does."""
    ordered, rebuild = b"ccollections\nOrderedDict\n", b"ctorch._utils\n_rebuild_tensor_v2\n"
    parts = [b"\x80\x02", ordered, b"q\x00)R("]
    for place, (name, array) in enumerate(tensors.items()):
        storage = f"ctorch\n{_STORAGES[array.dtype.name]}\n".encode()
        strides = [stride // array.itemsize for stride in array.strides]
        parts += [
            _text(name),
            rebuild,
            # Where the numbers are: kind, number format, member of the archive, device, how many.
            b"((" + _text("storage") + storage + _text(str(place)) + _text("cpu") + _integer(array.size) + b"tQ",
            # Where in it the tensor begins, its shape and strides, whether it needs a gradient, no hooks.
            _integer(0) + _tuple(array.shape) + _tuple(strides) + b"\x89h\x00)RtR",
        ]
    return b"".join([*parts, b"u."])


def _text(value: str) -> bytes:
    encoded = value.encode()
    return b"X" + struct.pack("<I", len(encoded)) + encoded


def _integer(value: int) -> bytes:
    if value < 2**31:
        return b"J" + struct.pack("<i", value)
    return b"\x8a\x08" + struct.pack("<q", value)


def _tuple(values: "Any") -> bytes:
    return b"(" + b"".join(_integer(value) for value in values) + b"t"
