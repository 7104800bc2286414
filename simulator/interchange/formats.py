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
from simulator.interchange.model import Model
from simulator.interchange.whole_files import check_writable, open_regular, printable, write_whole
from simulator.tables import look_up

_BEGINNING = 4096


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
        An open file and its size to a model, raising `ModelFileError`; None for a format that cannot be read
        back.
    """

    name: str
    suffix: str
    description: str
    save: Callable[[Model], bytes]
    load: Callable[[BinaryIO, int], Model] | None


FORMATS: dict[str, Format] = {
    "safetensors": Format(
        "safetensors",
        ".safetensors",
        "Nodeglow's own format: weights, architecture, training settings and data preparation",
        safetensors_format.save,
        safetensors_format.load,
    ),
    "npz": Format("npz", ".npz", "NumPy arrays, with everything else as text", npz_format.save, npz_format.load),
    "json": Format("json", ".json", "Text that people can read, with every digit", json_format.save, json_format.load),
    "csv": Format("csv", ".csv", "A spreadsheet with a line a weight; cannot be opened again", csv_format.save, None),
}
"""Every format by its name; where several share a suffix, the first of them is meant by it."""


def format_of(path: str | Path, name: str | None = None) -> Format:
    """Return the format with a name, or without one the format of the path's suffix.

    Raises
    ------
    ConfigError
        When there is none.
    """
    if name is not None:
        return look_up(FORMATS, name, "model format")
    suffix = Path(path).suffix.lower()
    for row in FORMATS.values():
        if row.suffix == suffix:
            return row
    known = ", ".join(dict.fromkeys(row.suffix for row in FORMATS.values()))
    what = f"no model format has the suffix {suffix!r}" if suffix else f"{Path(path).name!r} has no suffix"
    raise ConfigError(what, f"Give a file name that ends in one of: {known}.")


def is_model_file(path: str | Path) -> bool:
    """Whether a file is meant to be a model: tables are kept in JSON and in NumPy's format, too.

    Only its beginning, or its list of members, is looked at; whether it is whole is found out by `load_model`.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in (".json", ".npz"):
        return suffix in {row.suffix for row in FORMATS.values() if row.load is not None}
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

    Returns
    -------
    The file that was written.

    Raises
    ------
    ExportError
        When the format does not exist or cannot hold the model, or the file cannot be written.
    """
    row = _format_to_write(path, format)
    if not np.isfinite(model.parameters).all():
        raise ExportError(
            "this model holds values that are not finite numbers, and no file of it could be opened again",
            "Its training diverged: go back to an earlier epoch, or lower the learning rate.",
        )
    return write_whole(path, row.save(model), overwrite)


def _format_to_write(path: str | Path, name: str | None) -> Format:
    try:
        return format_of(path, name)
    except ConfigError as error:
        raise ExportError(f"{printable(path)} cannot be saved: {error.message}", error.hint) from error


def load_model(path: str | Path) -> Model:
    """Open a model file; the format follows from its suffix.

    Nothing in the file is run, and its size bounds the memory it takes.

    Raises
    ------
    ModelFileError
        When the file cannot be read, or does not hold a model.
    """
    try:
        row = format_of(path)
    except ConfigError as error:
        raise ModelFileError(f"{printable(path)} cannot be opened as a model: {error.message}", error.hint) from error
    if row.load is None:
        readable = ", ".join(each.suffix for each in FORMATS.values() if each.load is not None)
        raise ModelFileError(
            f"{printable(path)}: a {row.suffix} file holds the weights only, not what a model needs beside them",
            f"Open the same model from one of: {readable}.",
        )
    with open_regular(path) as (file, size):
        try:
            return row.load(file, size)
        except ModelFileError as error:
            # Parts of the file stand in the message: no screenful, and nothing that steers a terminal.
            message, hint = printable(error.message), printable(error.hint)
            raise ModelFileError(f"{printable(path)}: {message}", hint) from error
        except MemoryError as error:
            raise ModelFileError(
                f"{printable(path)}: this model needs more memory than there is", "Open it on a larger machine."
            ) from error
