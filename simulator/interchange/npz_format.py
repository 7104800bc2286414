"""NumPy's own format: tensors and description as the arrays of an .npz file, never a pickled object."""

import io
import re
import zipfile
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from simulator.errors import ModelFileError
from simulator.interchange.archives import TROUBLE, open_archive
from simulator.interchange.document import LARGEST_DOCUMENT, read_document, write_document
from simulator.interchange.model import Model
from simulator.interchange.options import ExportOptions
from simulator.interchange.tensors import all_tensors, assemble, check_shapes

_METADATA = "metadata"
MEMBER = f"{_METADATA}.npy"
"""The member of the archive that tells a model from any other arrays."""

_PIECE = 2**20
_LARGEST_HEADER = 4096
_SPARE_BYTES = 2**20
_LARGEST_RATIO = 64
_DAMAGED = "The file is damaged or no .npz file; export the model again."
# NumPy evaluates a header as Python. This is the one form in which it writes a header, read without
# evaluating it.
_HEADER = re.compile(
    r"\{'descr': '(?:(?P<order>[<>])(?P<kind>[fU])(?P<size>\d{1,9})|\|O)', "
    r"'fortran_order': (?P<fortran>True|False), 'shape': \((?P<shape>|\d{1,12},|\d{1,12}, \d{1,12})\), \} *\n"
)


def save(model: Model, options: ExportOptions) -> bytes:
    """Return the content of the file."""
    arrays: dict[str, NDArray[Any]] = {_METADATA: np.array(write_document(model, training=True)), **all_tensors(model)}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in arrays.items():
            # A ZipInfo of our own carries no time of day: equal models, equal files.
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
    return buffer.getvalue()


def load(file: BinaryIO, size: int) -> Model:
    """Read a model.

    Every array's header is checked against the network before its numbers are unpacked, so that a small file
    cannot ask for much memory.

    Parameters
    ----------
    file, size
        An open file and its size in bytes.

    Raises
    ------
    ModelFileError
        When it holds no model of ours.
    """
    try:
        with open_archive(file) as archive:
            return _load(archive, size)
    except ModelFileError:
        raise
    except TROUBLE as error:
        raise ModelFileError(f"this is no .npz file: {error}", _DAMAGED) from error


def _load(archive: zipfile.ZipFile, size: int) -> Model:
    members: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        name = info.filename.removesuffix(".npy")
        if name in members or name == info.filename:
            raise ModelFileError(f"the member {info.filename[:60]!r} is no array of a model", _DAMAGED)
        members[name] = info
    if sum(info.file_size for info in members.values()) > _LARGEST_RATIO * size + _SPARE_BYTES:
        raise ModelFileError(
            "the file unpacks to a size out of all proportion", "Save it without compression if it is honest."
        )
    if _METADATA not in members:
        raise ModelFileError(
            "these arrays come without a description of the network",
            "Only a file that Nodeglow saved says how its numbers are to be used.",
        )
    document = read_document(_text(archive, members.pop(_METADATA)))
    check_shapes(document, {name: _Member(archive, info).shape for name, info in members.items()})
    tensors = {name: _Member(archive, info).numbers(document.config.dtype) for name, info in members.items()}
    return assemble(document, tensors)


def _text(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> str:
    member = _Member(archive, info)
    if member.kind != "U" or member.shape != () or member.size > LARGEST_DOCUMENT:
        raise ModelFileError("the description of the network is not one text", _DAMAGED)
    encoding = "utf-32-le" if member.order == "<" else "utf-32-be"
    return member.content(4 * member.size).decode(encoding).rstrip("\0")


class _Member:
    """One array of the archive: its header is read at once, its content when asked for."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ModelFileError("the file is packed in an unusual way", "Save it without compression.")
        self._archive, self._info = archive, info
        self.name = info.filename.removesuffix(".npy")
        with archive.open(info) as stream:
            start = stream.read(8)
            length_bytes = 2 if start[6:7] == b"\1" else 4
            length = int.from_bytes(stream.read(length_bytes), "little")
            if start[:6] != b"\x93NUMPY" or length > _LARGEST_HEADER:
                raise ModelFileError(f"{self.name[:60]!r} is no NumPy array", _DAMAGED)
            matched = _HEADER.fullmatch(stream.read(length).decode("latin-1"))
        if matched is None:
            raise ModelFileError(f"{self.name[:60]!r} is no array of numbers", _DAMAGED)
        if matched["kind"] is None:
            raise ModelFileError(
                f"{self.name[:60]!r} is a pickled Python object, which could run a program when it is opened",
                "Such files are never opened. Save plain arrays of numbers.",
            )
        self.order, self.kind, self.size = matched["order"], matched["kind"], int(matched["size"])
        self.fortran = matched["fortran"] == "True"
        self.shape = tuple(int(side) for side in matched["shape"].split(",") if side.strip())
        self._skip = 8 + length_bytes + length

    def numbers(self, dtype: str) -> NDArray[Any]:
        """Return the array; its shape was checked, so its size is that of the network."""
        stored = np.dtype(f"{self.order}{self.kind}{self.size}") if self.kind == "f" else None
        if stored is None or stored.newbyteorder("=") != np.dtype(dtype):
            raise ModelFileError(f"{self.name} is not {dtype}, as the model says", _DAMAGED)
        count = int(np.prod(self.shape, dtype=np.int64))
        flat = np.frombuffer(self.content(count * self.size), stored)
        return flat.reshape(self.shape, order="F" if self.fortran else "C")

    def content(self, count: int) -> bytearray:
        """Return the bytes after the header, which must be `count`."""
        if self._info.file_size != self._skip + count:
            raise ModelFileError(f"{self.name} has not as many bytes as its shape needs", _DAMAGED)
        data = bytearray()
        with self._archive.open(self._info) as stream:
            stream.read(self._skip)
            while piece := stream.read(_PIECE):
                data += piece
        if len(data) != count:
            raise ModelFileError(f"{self.name} ends too early", _DAMAGED)
        return data
