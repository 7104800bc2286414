"""Every parameter on a line of its own, with the names of what it connects: for spreadsheets, out only."""

import csv
import io

from simulator.errors import ExportError
from simulator.interchange.json_format import readable_numbers
from simulator.interchange.model import Model
from simulator.interchange.options import ExportOptions

MOST_LINES = 10_000_000
HEADER = ("layer", "kind", "from", "to", "value")


def save(model: Model, options: ExportOptions) -> bytes:
    """Return the content of the file: layer (from 0), kind (weight or bias), from, to, value.

    A hidden neuron is called by its layer and its place, both from 1. A bias comes from nowhere.

    Raises
    ------
    ExportError
        When the model has more parameters than anybody can read line by line.
    """
    if model.network.parameter_count > MOST_LINES:
        raise ExportError(
            f"a CSV file with {model.network.parameter_count:,} lines would be of no use",
            f"At most {MOST_LINES:,} parameters are written so: save the model as .safetensors or .npz.",
        )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    sources = model.feature_names
    for index, layer in enumerate(model.layers):
        last = index == len(model.network.hidden)
        targets = _outputs(model) if last else _neurons(index + 1, layer.bias.size)
        for source, row in zip(sources, layer.weight, strict=True):
            numbers = readable_numbers(row).tolist()
            writer.writerows((index, "weight", source, to, number) for to, number in zip(targets, numbers, strict=True))
        numbers = readable_numbers(layer.bias).tolist()
        writer.writerows((index, "bias", "", to, number) for to, number in zip(targets, numbers, strict=True))
        sources = targets
    content = text.getvalue()
    # A spreadsheet takes a file without a mark for its country's old encoding; other readers do better
    # without one. Half a surrogate pair, from a damaged column name, cannot be written.
    return content.encode("utf-8" if content.isascii() else "utf-8-sig", errors="backslashreplace")


def limits(model: Model, options: ExportOptions) -> tuple[str, ...]:
    """Say what a file does not hold."""
    return (
        "The file holds the numbers alone: no activations, no preparation of the data, no training settings.",
        "It cannot be opened again.",
    )


def _neurons(layer: int, count: int) -> tuple[str, ...]:
    return tuple(f"hidden {layer} neuron {place}" for place in range(1, count + 1))


def _outputs(model: Model) -> tuple[str, ...]:
    if not model.class_names:
        return (model.recipe.target,)
    return model.class_names[-1:] if model.network.outputs == 1 else model.class_names
