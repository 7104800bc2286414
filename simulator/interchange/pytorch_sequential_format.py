"""Weights for a plain `torch.nn.Sequential`: safetensors with the names that its modules have by their places."""

import io

from simulator.interchange.document import KEY, write_document
from simulator.interchange.model import Model
from simulator.interchange.options import ExportOptions
from simulator.interchange.preparation import no_memory, preparation_sentence
from simulator.interchange.sequential import linear_places, sequential
from simulator.interchange.tensor_streams import Tensor, write_tensors
from simulator.interchange.tensors import named_tensors


def save(model: Model, options: ExportOptions) -> bytes:
    """Return the content of the file."""
    places = linear_places(model.network)
    tensors: dict[str, Tensor] = {}
    for name, array in named_tensors(model).items():
        _, layer, part = name.split(".")
        tensors[f"{places[int(layer)]}.{part}"] = Tensor.of(array)
    # "format" is what the transformers library asks a file for; the line is for people.
    module = sequential(model.network, model.config.dtype)
    file = io.BytesIO()
    write_tensors(file, tensors, metadata={"format": "pt", "module": module, KEY: write_document(model)})
    return file.getvalue()


def limits(model: Model, options: ExportOptions) -> tuple[str, ...]:
    """Say for which module a file is."""
    module = sequential(model.network, model.config.dtype)
    said = [f"PyTorch loads it into this module, whose activations take places: {module}"]
    if model.network.link != "linear":
        said.append(
            f"The {model.network.link} at the end is for predictions: leave it out to train with a loss of logits."
        )
    return (*said, preparation_sentence(model), *no_memory(model))
