"""Keras's weights without the network: what `model.save_weights` of Keras 3 writes, and older layouts."""

from typing import BinaryIO

from simulator.interchange.document import parse_json, read_document, write_document
from simulator.interchange.foreign import Foreign
from simulator.interchange.hdf5_reading import read_hdf5
from simulator.interchange.keras_chain import foreign_of
from simulator.interchange.keras_layers import python_line, weights
from simulator.interchange.keras_stored import foreign_weights, model_of
from simulator.interchange.model import Model
from simulator.interchange.options import ExportOptions
from simulator.interchange.preparation import no_memory, preparation_sentence


def save(model: Model, options: ExportOptions) -> bytes:
    """Return the content of the file."""
    return weights(model, write_document(model))


def limits(model: Model, options: ExportOptions) -> tuple[str, ...]:
    """Say for which network a file is."""
    return (
        f"Keras loads the weights into this network and takes nothing else from the file: {python_line(model)}",
        preparation_sentence(model),
        *no_memory(model),
    )


def load(file: BinaryIO, size: int) -> Model | Foreign:
    """Read a model, or the weights that another program wrote.

    Parameters
    ----------
    file, size
        An open file and its size in bytes.

    Raises
    ------
    ModelFileError
        When the weights are no chain of fully connected layers.
    """
    found = read_hdf5(file.read(size))
    if found.document is not None:
        return model_of(read_document(found.document), found)
    whole = found.texts.get("", {}).get("model_config")  # a whole model, as Keras 2 saved it
    return foreign_of(parse_json("".join(whole)), found) if whole else foreign_weights(found)
