"""Keras's own format: a zip archive of a configuration and the weights, as `model.save` of Keras 3 writes it."""

import io
import json
import zipfile
from typing import BinaryIO

from simulator.errors import ModelFileError
from simulator.interchange.archives import TROUBLE, open_archive
from simulator.interchange.document import KEY, LARGEST_DOCUMENT, parse_json, read_document, write_document
from simulator.interchange.foreign import Foreign
from simulator.interchange.hdf5_reading import read_hdf5
from simulator.interchange.keras_chain import foreign_of
from simulator.interchange.keras_layers import configuration, weights
from simulator.interchange.keras_stored import model_of
from simulator.interchange.model import Model
from simulator.interchange.options import ExportOptions
from simulator.interchange.preparation import no_memory, preparation_sentence

KERAS_VERSION = "3.15.1"
"""Whose layout a file has; that of all releases of Keras 3."""

_METADATA, _CONFIGURATION, _WEIGHTS = "metadata.json", "config.json", "model.weights.h5"
_LARGEST_RATIO = 64
_SPARE_BYTES = 2**20
_PIECE = 2**20
_MOST_MEMBERS = 1000
_DAMAGED = "The file is damaged or no .keras file; save the model again."
_LEGACY = "Keras 2 wrote other files of this name: save the model again with Keras 3."


def save(model: Model, options: ExportOptions) -> bytes:
    """Return the content of the file."""
    # Keras does not read the metadata, so the document is kept there.
    metadata = {"keras_version": KERAS_VERSION, KEY: write_document(model)}
    members = {
        _METADATA: json.dumps(metadata).encode(),
        _CONFIGURATION: json.dumps(configuration(model)).encode(),
        _WEIGHTS: weights(model, None),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            # A ZipInfo of our own carries no time of day: equal models, equal files.
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


def limits(model: Model, options: ExportOptions) -> tuple[str, ...]:
    """Say what Keras does not take from a file."""
    return (
        "Keras takes the network from it, not the training settings: compile it before training it on.",
        preparation_sentence(model),
        *no_memory(model),
    )


def load(file: BinaryIO, size: int) -> Model | Foreign:
    """Read a model, or the network of a Keras model.

    Parameters
    ----------
    file, size
        An open file and its size in bytes.

    Raises
    ------
    ModelFileError
        When it is no chain of fully connected layers, naming the layer that is something else.
    """
    try:
        with open_archive(file) as archive:
            metadata, configuration_, image = _members(archive, size)
    except ModelFileError:
        raise
    except TROUBLE as error:
        raise ModelFileError(f"this is no .keras file: {error}", _DAMAGED) from error
    described = parse_json(metadata)
    document = described.get(KEY) if isinstance(described, dict) else None
    if isinstance(document, str):
        return model_of(read_document(document), read_hdf5(image))
    return foreign_of(parse_json(configuration_), read_hdf5(image))


def _members(archive: zipfile.ZipFile, size: int) -> tuple[bytes, bytes, bytes]:
    members: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        if info.filename in members or len(members) >= _MOST_MEMBERS:
            raise ModelFileError(f"the archive has the member {info.filename[:60]!r} twice, or too many", _DAMAGED)
        members[info.filename] = info
    for name in (_METADATA, _CONFIGURATION, _WEIGHTS):
        if name not in members:
            raise ModelFileError(f"the archive has no {name}", _LEGACY)
    return (
        _content(archive, members[_METADATA], 3 * LARGEST_DOCUMENT),
        _content(archive, members[_CONFIGURATION], 3 * LARGEST_DOCUMENT),
        _content(archive, members[_WEIGHTS], _LARGEST_RATIO * size + _SPARE_BYTES),
    )


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    """Return a member, no more of it than it may have: what the directory says of its size may be a lie."""
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ModelFileError("the file is packed in an unusual way", "Save it without compression.")
    data = bytearray()
    with archive.open(info) as stream:
        while piece := stream.read(_PIECE):
            data += piece
            if len(data) > most:
                raise ModelFileError(f"{info.filename} unpacks to a size out of all proportion", _DAMAGED)
    return bytes(data)
