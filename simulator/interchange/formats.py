"""The table of model formats, and which of them a file has."""

import dataclasses
import importlib
from pathlib import Path
from typing import Any

from simulator.errors import ConfigError
from simulator.interchange.format import Format
from simulator.tables import look_up


@dataclasses.dataclass(frozen=True)
class _Late:
    """A function of a format's module, which is imported when it is first called.

    The table is read whenever a session starts, and its formats together take longer to import than all else here.
    """

    module: str
    function: str

    def __call__(self, *arguments: Any) -> Any:
        return getattr(importlib.import_module(f"simulator.interchange.{self.module}"), self.function)(*arguments)


FORMATS: dict[str, Format] = {
    "safetensors": Format(
        "safetensors",
        ".safetensors",
        "Nodeglow's own format: weights, architecture, data preparation, and all to go on training with the same bits",
        _Late("safetensors_format", "save"),
        _Late("safetensors_format", "load"),
        title="Nodeglow model",
        usage="nodeglow predict FILE data.csv\n\n"
        "# or its weights in Python:\n"
        "from safetensors.numpy import load_file\n"
        "weight = load_file('FILE')[\"layers.0.weight\"]",
    ),
    "npz": Format(
        "npz",
        ".npz",
        "NumPy arrays, with everything else as text",
        _Late("npz_format", "save"),
        _Late("npz_format", "load"),
        title="NumPy arrays",
        usage="import numpy as np\nweight = np.load('FILE')[\"layers.0.weight\"]",
    ),
    "json": Format(
        "json",
        ".json",
        "Text that people can read, with every digit",
        _Late("json_format", "save"),
        _Late("json_format", "load"),
        text=True,
        title="Readable text",
        usage="import json\nwith open('FILE', encoding=\"utf-8\") as file:\n    model = json.load(file)",
    ),
    "onnx": Format(
        "onnx",
        ".onnx",
        "Runs in other programs and languages, with the preparation of raw rows inside",
        _Late("onnx_format", "save"),
        _Late("onnx_format", "load"),
        "programs",
        _Late("onnx_format", "limits"),
        ("inputs",),
        title="ONNX",
        usage="import onnxruntime\nsession = onnxruntime.InferenceSession('FILE')\n"
        "for each in session.get_inputs():\n    print(each.name, each.shape, each.type)\n"
        "# outputs = session.run(None, {name: array of rows, …})",
    ),
    "pytorch": Format(
        "pytorch",
        ".pt",
        "A state dict: layers.0.weight and so on, for torch.load",
        _Late("pytorch_format", "save"),
        None,
        "programs",
        _Late("pytorch_format", "limits"),
        title="PyTorch state dict",
        usage="import torch\nstate = torch.load('FILE', weights_only=True)\nweight = state[\"layers.0.weight\"]",
    ),
    "pytorch_sequential": Format(
        "pytorch_sequential",
        ".safetensors",
        "Weights for a plain nn.Sequential, in which every activation and every dropout takes a place",
        _Late("pytorch_sequential_format", "save"),
        _Late("safetensors_format", "load"),
        "programs",
        _Late("pytorch_sequential_format", "limits"),
        title="PyTorch nn.Sequential",
        usage="from safetensors import safe_open\nfrom safetensors.torch import load_file\n\n"
        'with safe_open(\'FILE\', "pt") as file:\n    print(file.metadata()["module"])  # the module that it fits\n'
        "state = load_file('FILE')",
    ),
    "keras": Format(
        "keras",
        ".keras",
        "A whole Keras 3 model: Sequential, with its weights",
        _Late("keras_format", "save"),
        _Late("keras_format", "load"),
        "programs",
        _Late("keras_format", "limits"),
        title="Keras model",
        usage="import keras\nmodel = keras.saving.load_model('FILE')",
    ),
    "keras_weights": Format(
        "keras_weights",
        ".weights.h5",
        "The weights alone, for the same Sequential made in Keras",
        _Late("keras_weights_format", "save"),
        _Late("keras_weights_format", "load"),
        "programs",
        _Late("keras_weights_format", "limits"),
        title="Keras weights",
        usage="# model is the keras.Sequential with the same layers\nmodel.load_weights('FILE')",
    ),
    "numpy_script": Format(
        "numpy_script",
        ".py",
        "A Python program that needs NumPy alone and predicts CSV files",
        _Late("numpy_script", "save"),
        None,
        "source",
        _Late("numpy_script", "limits"),
        text=True,
        title="NumPy program",
        usage="python FILE data.csv > predictions.csv",
    ),
    "pytorch_script": Format(
        "pytorch_script",
        ".py",
        "A PyTorch program that predicts CSV files and trains on them, with torchrun on several machines",
        _Late("pytorch_script", "save"),
        None,
        "source",
        _Late("pytorch_script", "limits"),
        text=True,
        title="PyTorch program",
        usage="python FILE predict data.csv > predictions.csv\n"
        "python FILE train data.csv --epochs 20 --save model.pt\n"
        "torchrun --nproc_per_node=2 FILE train data.csv",
    ),
    "keras_script": Format(
        "keras_script",
        ".py",
        "A Keras program that predicts CSV files and trains on them",
        _Late("keras_script", "save"),
        None,
        "source",
        _Late("keras_script", "limits"),
        text=True,
        title="Keras program",
        usage="python FILE predict data.csv > predictions.csv\n"
        "python FILE train data.csv --epochs 20 --save model.keras",
    ),
    "c_header": Format(
        "c_header",
        ".h",
        "A C header with a predict function that needs <math.h> alone, for C99 and C++",
        _Late("c_header", "save"),
        None,
        "source",
        _Late("c_header", "limits"),
        options=("inputs",),
        text=True,
        title="C header",
        usage='// what goes in, what comes out and how the function is called stand at its top\n#include "FILE"',
    ),
    "csv": Format(
        "csv",
        ".csv",
        "A spreadsheet with a line a weight; cannot be opened again",
        _Late("csv_format", "save"),
        None,
        "numbers",
        _Late("csv_format", "limits"),
        text=True,
        title="Spreadsheet of weights",
        usage="import pandas as pd\nweights = pd.read_csv('FILE')",
    ),
}
"""Every format by its name; where several share a suffix, the first of them is meant by it."""

ALSO_READ = {".h5": "keras_weights", ".hdf5": "keras_weights"}
"""Further suffixes of files of other programs that are opened, with the format that reads them."""


def format_of(path: str | Path, name: str | None = None) -> Format:
    """Return the format with a name, or without one the format of the path's suffix.

    Raises
    ------
    ConfigError
        When there is none.
    """
    if name is not None:
        return look_up(FORMATS, name, "model format")
    row = row_of(path)
    if row is not None:
        return row
    suffix = Path(path).suffix.lower()
    known = ", ".join(dict.fromkeys(row.suffix for row in FORMATS.values()))
    what = f"no model format has the suffix {suffix!r}" if suffix else f"{Path(path).name!r} has no suffix"
    raise ConfigError(what, f"Give a file name that ends in one of: {known}.")


def row_of(path: str | Path) -> Format | None:
    """Return the first format whose suffix a path has, the longer suffix before the shorter one."""
    name = Path(path).name.lower()
    fitting = [row for row in FORMATS.values() if name.endswith(row.suffix) and name != row.suffix]
    return max(fitting, key=lambda row: len(row.suffix), default=None)
