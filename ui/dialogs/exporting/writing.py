"""A model is written to a file, and what was written is said."""

import dataclasses
from pathlib import Path

from simulator.errors import ConfigError
from simulator.interchange import FORMATS, ExportOptions, Format, Model, format_of, save_model
from simulator.progress import Progress
from ui.dialogs.wording import count, size


@dataclasses.dataclass(frozen=True)
class Wish:
    """What somebody wants to have written.

    Attributes
    ----------
    path, format, options
        The file, the name of its format, and how it is written.
    overwrite
        Whether an old file of that name may be replaced.
    """

    path: Path
    format: str
    options: ExportOptions = dataclasses.field(default_factory=ExportOptions)
    overwrite: bool = False


@dataclasses.dataclass(frozen=True)
class Written:
    """What an export wrote.

    Attributes
    ----------
    path, format
        The file, and the name of its format.
    parameters
        How many weights and biases it holds.
    bytes
        How large the file is.
    """

    path: Path
    format: str
    parameters: int
    bytes: int

    @property
    def sentence(self) -> str:
        """All of it in one sentence, as "model.npz was written: NumPy arrays, 139 parameters, 4.12 kB."."""
        what = f"{FORMATS[self.format].called}, {count(self.parameters, 'parameter')}, {size(self.bytes)}"
        return f"{self.path.name} was written: {what}."


def write(model: Model, wish: Wish, progress: Progress) -> Written:
    """Write a model to a file; the job behind the dialog.

    Raises
    ------
    ExportError
        When it cannot be written; an old file is as it was.
    """
    progress.report(None, f"writing {wish.path.name}")
    target = save_model(model, wish.path, wish.format, wish.overwrite, wish.options)
    return Written(target, wish.format, model.network.parameter_count, target.stat().st_size)


def meant(name: str, row: Format) -> Format:
    """Return the format that a typed name means, where another was chosen: that of its suffix, if it has one."""
    try:
        other = format_of(name)
    except ConfigError:
        return row
    return row if other.suffix == row.suffix else other


def with_suffix(name: str, row: Format, before: Format | None = None) -> str:
    """Return a file's name with the suffix of a format, in place of that of the format before it."""
    for suffix in (row.suffix, before.suffix if before else row.suffix):
        if name.lower().endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)] + row.suffix
    return name + row.suffix
