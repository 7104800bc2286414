"""A file that people can read: the description and every number as JSON text, exact on the way back."""

import json
import re
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from simulator.errors import ExportError, ModelFileError
from simulator.interchange.document import describe, interpret, parse_json
from simulator.interchange.model import Model
from simulator.interchange.options import ExportOptions
from simulator.interchange.tensors import all_tensors, assemble, check_shapes

LARGEST_FILE = 64 * 2**20
"""In bytes: parsed text takes many times its size in memory."""

_TENSORS = "tensors"
_SHORTEST_NUMBER = len("0.0, ")
_DAMAGED = "The file is damaged or was changed by hand; export the model again."


def save(model: Model, options: ExportOptions) -> bytes:
    """Return the content of the file: indented, a neuron's weights on one line, UTF-8.

    Raises
    ------
    ExportError
        When it would be longer than `load` accepts.
    """
    count = model.network.parameter_count + (0 if model.training is None else model.training.memory.size)
    if count * _SHORTEST_NUMBER > LARGEST_FILE:
        raise _too_large(f"{count:,} numbers")
    head = json.dumps(describe(model, training=True), indent=2, ensure_ascii=False, allow_nan=False)
    tensors = ",\n".join(f'    "{name}": {_rows(array)}' for name, array in all_tensors(model).items())
    text = head.removesuffix("\n}") + f',\n  "{_TENSORS}": {{\n{tensors}\n  }}\n}}\n'
    # Half a surrogate pair, from a damaged column name, has no place in UTF-8 but may stand escaped.
    data = re.sub("[\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", text).encode()
    if len(data) > LARGEST_FILE:
        raise _too_large(f"{len(data):,} bytes")
    return data


def load(file: BinaryIO, size: int) -> Model:
    """Read a model.

    Parameters
    ----------
    file, size
        An open file and its size in bytes.

    Raises
    ------
    ModelFileError
        When it holds no model of ours.
    """
    if size > LARGEST_FILE:
        raise ModelFileError(
            f"a JSON file of {size:,} bytes is too large",
            f"At most {LARGEST_FILE:,} are read: use .safetensors.",
        )
    value = parse_json(file.read(size))
    document = interpret(value)
    lists = value.get(_TENSORS)
    if not isinstance(lists, dict):
        raise ModelFileError("the model has no tensors", _DAMAGED)
    check_shapes(document, {name: _shape(rows) for name, rows in lists.items()})
    return assemble(document, {name: _array(name, rows) for name, rows in lists.items()})


def readable_numbers(array: NDArray[Any]) -> NDArray[np.float64]:
    """Return float64 numbers whose shortest text reads back as the same float32 or float64.

    A float32 is written with as few digits as it needs, but only where a reader that goes by float64, as JSON
    readers do, comes out at the same float32; for a few numbers rounding twice would not.
    """
    exact = array.astype(np.float64)
    if array.dtype == np.float64:
        return exact
    short = array.astype(str).astype(np.float64)
    with np.errstate(over="ignore"):
        return np.where(short.astype(array.dtype) == array, short, exact)


def _too_large(what: str) -> ExportError:
    return ExportError(
        f"this model is too large for a JSON file: {what}, and at most {LARGEST_FILE:,} bytes can be opened",
        "Save it as .safetensors, which is smaller and faster.",
    )


def _rows(array: NDArray[Any]) -> str:
    if array.ndim == 1:
        return json.dumps(readable_numbers(array).tolist())
    # Row by row: the texts of a whole matrix would take thirty times its memory.
    return "[\n" + ",\n".join(f"      {_rows(row)}" for row in array) + "\n    ]"


def _shape(rows: object) -> tuple[int, ...]:
    if not isinstance(rows, list):
        return ()
    if rows and isinstance(rows[0], list):
        widths = {len(row) if isinstance(row, list) else -1 for row in rows}
        return (len(rows), widths.pop()) if len(widths) == 1 else (len(rows), -1)
    return (len(rows),)


def _array(name: str, rows: list[Any]) -> NDArray[Any]:
    flat = [each for row in rows for each in row] if isinstance(rows[0], list) else rows
    if not all(type(each) in (float, int) for each in flat):
        raise ModelFileError(f"{name} holds something that is no number", _DAMAGED)
    return np.array(flat, np.float64).reshape(_shape(rows))
