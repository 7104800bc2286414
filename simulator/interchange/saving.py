"""The door out: a model is written as one of the formats, whole or not at all."""

from pathlib import Path

import numpy as np

from simulator.errors import ConfigError, ExportError
from simulator.interchange.format import Format
from simulator.interchange.formats import format_of
from simulator.interchange.model import Model
from simulator.interchange.options import ExportOptions
from simulator.interchange.whole_files import check_writable, printable, write_whole


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
