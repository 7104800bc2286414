"""The table of model formats, and the two doors: save a model, open a model."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np

from simulator.errors import ConfigError, ExportError, ModelFileError
from simulator.interchange import csv_format, json_format, npz_format, safetensors_format
from simulator.interchange.archives import TROUBLE, open_archive
from simulator.interchange.document import FORMAT
from simulator.interchange.foreign import Assumptions, Foreign, adopt, check_chain
from simulator.interchange.model import Model
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
    ),
    "npz": Format("npz", ".npz", "NumPy arrays, with everything else as text", npz_format.save, npz_format.load),
    "json": Format(
        "json", ".json", "Text that people can read, with every digit", json_format.save, json_format.load, text=True
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
    ),
}
"""Every format by its name; where several share a suffix, the first of them is meant by it."""

NEVER_OPENED = {
    ".pt": "a PyTorch file is a pickle, which can run a program when it is opened",
    ".pth": "a PyTorch file is a pickle, which can run a program when it is opened",
    ".pkl": "a pickle can run a program when it is opened",
    ".joblib": "a pickle can run a program when it is opened",
}
"""Files that are never opened, by their suffix, and why."""

_CONVERT = (
    "Where it was made: from safetensors.torch import save_file; save_file(model.state_dict(), 'model.safetensors')."
)


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
        return suffix in NEVER_OPENED or (row is not None and row.load is not None)
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
    remembered = () if model.training is None else (model.training.memory,)
    if not all(np.isfinite(numbers).all() for numbers in (model.parameters, *remembered)):
        raise ExportError(
            "this model holds values that are not finite numbers, and no file of it could be opened again",
            "Its training diverged: go back to an earlier epoch, or lower the learning rate.",
        )
    return write_whole(path, row.save(model, options or ExportOptions()), overwrite)


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
    if suffix in NEVER_OPENED:
        raise ModelFileError(f"{printable(path)} is not opened: {NEVER_OPENED[suffix]}", _CONVERT)
    try:
        row = format_of(path)
    except ConfigError as error:
        raise ModelFileError(f"{printable(path)} cannot be opened as a model: {error.message}", error.hint) from error
    if row.load is None:
        readable = ", ".join(dict.fromkeys(each.suffix for each in FORMATS.values() if each.load is not None))
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
