"""Weights as text of a program: numbers that people can read where they are few, packed bytes where they are many."""

import base64
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.errors import ExportError
from simulator.interchange.json_format import readable_numbers
from simulator.interchange.model import Model
from simulator.interchange.source.literals import WIDTH, python_list

MOST_READABLE = 5_000
"""So many parameters are written as numbers; more of them as packed bytes."""

MOST_PARAMETERS = 5_000_000
"""More of them as packed bytes in a Python file (27 MB in float32) are too many for an editor."""

MOST_NUMBERS = 1_000_000
"""More of them as numbers in a C file take a compiler too long."""

UNPACKED = '''
def unpacked(shape, text):
    """Return an array whose bytes stand in a text, in float64."""
    values = np.frombuffer(zlib.decompress(base64.b64decode(text)), "<{kind}")
    return values.reshape(shape).astype(np.float64)
'''

EXACT = '''
def exact(numbers):
    """Return {dtype} numbers, as they were trained, in float64."""
    return np.array(numbers, np.{dtype}).astype(np.float64)
'''


def refuse_too_many(model: Model, what: str, most: int = MOST_PARAMETERS) -> None:
    """Refuse a model whose text nobody could use.

    Raises
    ------
    ExportError
        Naming the number of its parameters.
    """
    count = model.network.parameter_count
    if count > most:
        raise ExportError(
            f"{what} with {count:,} numbers in its text would be of no use",
            f"At most {most:,} parameters are written so: export the model as .safetensors or .onnx.",
        )


def is_packed(model: Model) -> bool:
    """Whether the weights of a model are written as packed bytes."""
    return model.network.parameter_count > MOST_READABLE


def weights(model: Model) -> str:
    """Return the lines that make ``W1, B1, W2 …`` of a model's weights (fan_in, fan_out) and biases, in float64."""
    lines: list[str] = []
    for number, (layer, (fan_in, fan_out)) in enumerate(zip(model.layers, model.network.shapes, strict=True), 1):
        lines.append(f"# From {fan_in:,} to {fan_out:,}.")
        for name, values in ((f"W{number}", layer.weight), (f"B{number}", layer.bias)):
            lines.append(_packed(name, values) if is_packed(model) else _readable(name, values))
    return "\n".join(lines)


def trained(model: Model) -> str:
    """Return the line that lists what `weights` makes, a pair a layer."""
    pairs = [f"(W{number}, B{number})" for number in range(1, len(model.layers) + 1)]
    return python_list(pairs, head="TRAINED = ")


def weight_reader(model: Model) -> str:
    """Return the function that `weights` calls."""
    dtype = model.config.dtype
    text = UNPACKED.format(kind="f4" if dtype == "float32" else "f8") if is_packed(model) else EXACT.format(dtype=dtype)
    return text.strip("\n")


def _readable(name: str, values: NDArray[Any]) -> str:
    numbers = readable_numbers(values)
    if numbers.ndim == 1:
        return python_list(map(repr, numbers.tolist()), head=f"{name} = exact(", tail=")")
    rows = [python_list(map(repr, row), "    ", tail=",") for row in numbers.tolist()]
    return "\n".join([f"{name} = exact([", *rows, "])"])


def _packed(name: str, values: NDArray[Any]) -> str:
    stored = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
    text = base64.b64encode(zlib.compress(stored.tobytes(), 6)).decode("ascii")
    lines = "\n".join(text[start : start + WIDTH] for start in range(0, len(text), WIDTH))
    return f'{name} = unpacked({values.shape}, """\n{lines}\n""")'
