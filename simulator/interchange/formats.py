"""The table of model formats, and the two doors: save a model, open a model."""

import dataclasses
import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np

from simulator.errors import ConfigError, ExportError, ModelFileError
from simulator.interchange import (
    c_header,
    csv_format,
    json_format,
    keras_format,
    keras_script,
    keras_weights_format,
    npz_format,
    numpy_script,
    onnx_format,
    pytorch_format,
    pytorch_script,
    pytorch_sequential_format,
    safetensors_format,
)
from simulator.interchange.archives import TROUBLE, open_archive
from simulator.interchange.document import FORMAT
from simulator.interchange.foreign import Assumptions, Foreign, adopt, check_chain
from simulator.interchange.model import Model
from simulator.interchange.never_opened import NEVER_OPENED, conversion_hint
from simulator.interchange.options import ExportOptions
from simulator.interchange.whole_files import check_writable, open_regular, printable, write_whole
from simulator.tables import look_up

_BEGINNING = 4096


def _nothing_left_out(model: Model, options: ExportOptions) -> tuple[str, ...]:
    return ()


@dataclasses.dataclass(frozen=True)
class Format:
    """A row of the table of formats.

    Attributes
    ----------
    name, suffix, description
        Its name, the suffix of its files with the dot, and one sentence for a dialog.
    save
        A model to the content of a file; raises `ExportError`, before anything is written, for what it cannot
        hold.
    load
        An open file and its size to a model, or to what a file of another program says, raising `ModelFileError`;
        None for a format that cannot be read back. Formats that share a suffix share this function.
    group
        Under which heading it stands in a dialog (see `GROUPS`).
    limits
        What of a model a file of it would not hold, or hold otherwise, in plain sentences; said before it is written.
    options
        The fields of `ExportOptions` that it heeds.
    text
        Whether its files can be read by people.
    title
        Its name in plain words, as a dialog says it; the name itself where it is empty.
    usage
        A few lines that open a file of it where it is meant to be used, with FILE for its name; see `used`.
    """

    name: str
    suffix: str
    description: str
    save: Callable[[Model, ExportOptions], bytes]
    load: Callable[[BinaryIO, int], Model | Foreign] | None
    group: str = "ours"
    limits: Callable[[Model, ExportOptions], tuple[str, ...]] = _nothing_left_out
    options: tuple[str, ...] = ()
    text: bool = False
    title: str = ""
    usage: str = ""

    @property
    def called(self) -> str:
        """What it is called in plain words."""
        return self.title or self.name.replace("_", " ")

    def used(self, file: str) -> str:
        """Return the lines of `usage` for a file's name: a text where it stands in quotes, else as a shell takes it."""
        # All places at once: a name may hold the word itself.
        return re.sub(
            r"""'FILE'|"FILE"|FILE""",
            lambda found: {"'": repr(file), '"': json.dumps(file)}.get(found[0][0], shlex.quote(file)),
            self.usage,
        )


GROUPS = {
    "ours": "Complete: everything to predict and to go on",
    "programs": "For other programs",
    "source": "Source code that runs by itself",
    "numbers": "Numbers alone",
}
"""The headings of the formats, in their order."""

FORMATS: dict[str, Format] = {
    "safetensors": Format(
        "safetensors",
        ".safetensors",
        "Nodeglow's own format: weights, architecture, data preparation, and all to go on training with the same bits",
        safetensors_format.save,
        safetensors_format.load,
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
        npz_format.save,
        npz_format.load,
        title="NumPy arrays",
        usage="import numpy as np\nweight = np.load('FILE')[\"layers.0.weight\"]",
    ),
    "json": Format(
        "json",
        ".json",
        "Text that people can read, with every digit",
        json_format.save,
        json_format.load,
        text=True,
        title="Readable text",
        usage="import json\nwith open('FILE', encoding=\"utf-8\") as file:\n    model = json.load(file)",
    ),
    "onnx": Format(
        "onnx",
        ".onnx",
        "Runs in other programs and languages, with the preparation of raw rows inside",
        onnx_format.save,
        onnx_format.load,
        "programs",
        onnx_format.limits,
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
        pytorch_format.save,
        None,
        "programs",
        pytorch_format.limits,
        title="PyTorch state dict",
        usage="import torch\nstate = torch.load('FILE', weights_only=True)\nweight = state[\"layers.0.weight\"]",
    ),
    "pytorch_sequential": Format(
        "pytorch_sequential",
        ".safetensors",
        "Weights for a plain nn.Sequential, in which every activation and every dropout takes a place",
        pytorch_sequential_format.save,
        safetensors_format.load,
        "programs",
        pytorch_sequential_format.limits,
        title="PyTorch nn.Sequential",
        usage="from safetensors import safe_open\nfrom safetensors.torch import load_file\n\n"
        'with safe_open(\'FILE\', "pt") as file:\n    print(file.metadata()["module"])  # the module that it fits\n'
        "state = load_file('FILE')",
    ),
    "keras": Format(
        "keras",
        ".keras",
        "A whole Keras 3 model: Sequential, with its weights",
        keras_format.save,
        keras_format.load,
        "programs",
        keras_format.limits,
        title="Keras model",
        usage="import keras\nmodel = keras.saving.load_model('FILE')",
    ),
    "keras_weights": Format(
        "keras_weights",
        ".weights.h5",
        "The weights alone, for the same Sequential made in Keras",
        keras_weights_format.save,
        keras_weights_format.load,
        "programs",
        keras_weights_format.limits,
        title="Keras weights",
        usage="# model is the keras.Sequential with the same layers\nmodel.load_weights('FILE')",
    ),
    "numpy_script": Format(
        "numpy_script",
        ".py",
        "A Python program that needs NumPy alone and predicts CSV files",
        numpy_script.save,
        None,
        "source",
        numpy_script.limits,
        text=True,
        title="NumPy program",
        usage="python FILE data.csv > predictions.csv",
    ),
    "pytorch_script": Format(
        "pytorch_script",
        ".py",
        "A PyTorch program that predicts CSV files and trains on them, with torchrun on several machines",
        pytorch_script.save,
        None,
        "source",
        pytorch_script.limits,
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
        keras_script.save,
        None,
        "source",
        keras_script.limits,
        text=True,
        title="Keras program",
        usage="python FILE predict data.csv > predictions.csv\n"
        "python FILE train data.csv --epochs 20 --save model.keras",
    ),
    "c_header": Format(
        "c_header",
        ".h",
        "A C header with a predict function that needs <math.h> alone, for C99 and C++",
        c_header.save,
        None,
        "source",
        c_header.limits,
        options=("inputs",),
        text=True,
        title="C header",
        usage='// what goes in, what comes out and how the function is called stand at its top\n#include "FILE"',
    ),
    "csv": Format(
        "csv",
        ".csv",
        "A spreadsheet with a line a weight; cannot be opened again",
        csv_format.save,
        None,
        "numbers",
        csv_format.limits,
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
    row = _row_of(path)
    if row is not None:
        return row
    suffix = Path(path).suffix.lower()
    known = ", ".join(dict.fromkeys(row.suffix for row in FORMATS.values()))
    what = f"no model format has the suffix {suffix!r}" if suffix else f"{Path(path).name!r} has no suffix"
    raise ConfigError(what, f"Give a file name that ends in one of: {known}.")


def _row_of(path: str | Path) -> Format | None:
    """Return the first format whose suffix a path has, the longer suffix before the shorter one."""
    name = Path(path).name.lower()
    fitting = [row for row in FORMATS.values() if name.endswith(row.suffix) and name != row.suffix]
    return max(fitting, key=lambda row: len(row.suffix), default=None)


def is_model_file(path: str | Path) -> bool:
    """Whether a file is meant to be a model: tables are kept in JSON and in NumPy's format, too.

    Only its beginning, or its list of members, is looked at; whether it is whole is found out by `load_model`.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in (".json", ".npz"):
        row = _row_of(path)
        return suffix in NEVER_OPENED or suffix in ALSO_READ or (row is not None and row.load is not None)
    try:
        with open_regular(path) as (file, _):
            if suffix == ".json":
                return f'"{FORMAT}"'.encode() in file.read(_BEGINNING)
            with open_archive(file) as archive:
                return npz_format.MEMBER in archive.namelist()
    except (ModelFileError, *TROUBLE):
        return False


def check_target(
    path: str | Path,
    format: str | None = None,  # noqa: A002 - the word of the command line
    overwrite: bool = True,
) -> None:
    """Refuse a place where `save_model` could not save, before hours of training and without writing anything.

    Parameters
    ----------
    path, format, overwrite
        As for `save_model`.

    Raises
    ------
    ExportError
        When the format does not exist, the folder is missing or closed, or the target may not be written.
    """
    _format_to_write(path, format)
    check_writable(path, overwrite)


def save_model(
    model: Model,
    path: str | Path,
    format: str | None = None,  # noqa: A002 - the word of the command line
    overwrite: bool = True,
    options: ExportOptions | None = None,
) -> Path:
    """Write a model to a file, whole or not at all.

    Parameters
    ----------
    model
        What to save.
    path
        Where to; its suffix says the format, unless `format` names one.
    format
        A name in `FORMATS`.
    overwrite
        Whether an existing file may be replaced.
    options
        What the format leaves to choose; None for the defaults.

    Returns
    -------
    The file that was written.

    Raises
    ------
    ExportError
        When the format does not exist or cannot hold the model, or the file cannot be written.
    """
    row = _format_to_write(path, format)
    return write_whole(path, content_of(model, row, options), overwrite)


def content_of(model: Model, row: Format, options: ExportOptions | None = None) -> bytes:
    """Return what `save_model` would write.

    Raises
    ------
    ExportError
        When the format cannot hold the model.
    """
    remembered = () if model.training is None else (model.training.memory,)
    if not all(np.isfinite(numbers).all() for numbers in (model.parameters, *remembered)):
        raise ExportError(
            "this model holds values that are not finite numbers, and no file of it could be opened again",
            "Its training diverged: go back to an earlier epoch, or lower the learning rate.",
        )
    return row.save(model, options or ExportOptions())


def _format_to_write(path: str | Path, name: str | None) -> Format:
    try:
        return format_of(path, name)
    except ConfigError as error:
        raise ExportError(f"{printable(path)} cannot be saved: {error.message}", error.hint) from error


def load_model(path: str | Path, assumptions: Assumptions | None = None) -> Model:
    """Open a model file; the format follows from its suffix.

    Nothing in the file is run, and its size bounds the memory it takes.

    Parameters
    ----------
    path
        The file.
    assumptions
        What is taken for granted where a file of another program does not say it; None for the defaults.

    Raises
    ------
    ModelFileError
        When the file cannot be read, or does not hold a model.
    ConfigError
        When the assumed recipe makes other inputs or outputs than the network has.
    """
    found = read_model(path)
    return adopt(found, assumptions) if isinstance(found, Foreign) else found


def read_model(path: str | Path) -> Model | Foreign:
    """Open a model file, and return what it says: all of a model, or what another program wrote down of a network.

    Raises
    ------
    ModelFileError
        When the file cannot be read, or does not hold a network that can be drawn and trained here.
    """
    suffix = Path(path).suffix.lower()
    readable = ", ".join(dict.fromkeys(each.suffix for each in FORMATS.values() if each.load is not None))
    if suffix in NEVER_OPENED:
        raise ModelFileError(f"{printable(path)} is not opened: {NEVER_OPENED[suffix]}", conversion_hint(Path(path)))
    try:
        row = format_of(path, None if _row_of(path) else ALSO_READ.get(suffix))
    except ConfigError as error:
        raise ModelFileError(
            f"{printable(path)} cannot be opened as a model: {error.message}", f"These can: {readable}."
        ) from error
    if row.load is None:
        raise ModelFileError(
            f"{printable(path)}: a {row.suffix} file cannot be opened again as a model",
            f"Open the same model from one of: {readable}.",
        )
    with open_regular(path) as (file, size):
        try:
            found = row.load(file, size)
            if isinstance(found, Foreign):
                check_chain(found)
        except ModelFileError as error:
            # Parts of the file stand in the message: no screenful, and nothing that steers a terminal.
            message, hint = printable(error.message), printable(error.hint)
            raise ModelFileError(f"{printable(path)}: {message}", hint) from error
        except MemoryError as error:
            raise ModelFileError(
                f"{printable(path)}: this model needs more memory than there is", "Open it on a larger machine."
            ) from error
    return found
