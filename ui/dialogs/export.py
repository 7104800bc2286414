"""Exports a model: asks for a file and its format, writes it beside the window, and says what was written."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QDialog, QWidget

from simulator.errors import SimulatorError
from simulator.interchange import FORMATS, Model, save_model
from simulator.progress import Progress
from ui.bridge import Bridge
from ui.dialogs.failure import show_error, show_failure
from ui.dialogs.files import ChooseToWrite, choose_file_to_write
from ui.dialogs.notice import show_notice
from ui.dialogs.wording import count, size
from ui.jobs import Failure
from ui.preferences import Preferences

TITLE = "Export the model"


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
        """All of it in one sentence, as "model.npz was written: npz, 139 parameters, 4.12 kB."."""
        what = f"{self.format}, {count(self.parameters, 'parameter')}, {size(self.bytes)}"
        return f"{self.path.name} was written: {what}."


def filters() -> dict[str, str]:
    """Return a filter for every format, with its suffix."""
    return {f"{row.name}: {row.description} (*{row.suffix})": row.suffix for row in FORMATS.values()}


def with_suffix(path: Path, suffix: str) -> Path:
    """Return the path with the suffix of the chosen filter, unless it ends in that of another format already."""
    known = {row.suffix for row in FORMATS.values()}
    return path if path.suffix.lower() in known else path.with_name(path.name + suffix)


def write(model: Model, path: Path, overwrite: bool, progress: Progress) -> Written:
    """Write a model to a file; the job behind the dialog.

    Raises
    ------
    ExportError
        When it cannot be written; an old file is as it was.
    """
    progress.report(None, f"writing {path.name}")
    target = save_model(model, path, overwrite=overwrite)
    name = next(row.name for row in FORMATS.values() if row.suffix == path.suffix.lower())
    return Written(target, name, model.network.parameter_count, target.stat().st_size)


def export_model(
    parent: QWidget | None,
    model: Model,
    preferences: Preferences | None = None,
    *,
    bridge: Bridge | None = None,
    choose: ChooseToWrite = choose_file_to_write,
    on_written: Callable[[Written], object] | None = None,
    name: str = "model",
) -> Path | None:
    """Ask for a file and write a model to it.

    Parameters
    ----------
    preferences
        Where the last folder is remembered.
    bridge
        What runs the writing as a job; without it the file is written at once.
    choose
        Asks for a file: (parent, title, suggested path, filters with suffixes) to (path, filter) or None.
    on_written
        Told what was written; without it a notice says so.
    name
        What the file is called at first.

    Returns
    -------
    The file that was written (or, with a bridge, is being written); None when the user thought better of it, or
    writing failed, which a dialog says.
    """
    folder = Path.home() if preferences is None else preferences.folder("model")
    known = filters()
    suggested = with_suffix(folder / name, next(iter(known.values())))
    chosen = choose(parent, TITLE, suggested, known)
    if chosen is None:
        return None
    path, chosen_filter = chosen
    final = with_suffix(path, known.get(chosen_filter, next(iter(known.values()))))
    # Whether an existing file may be replaced was asked about the name as it was typed.
    overwrite = final == path
    if preferences is not None:
        preferences.set_folder("model", final)

    def done(written: Written) -> None:
        if on_written is not None:
            on_written(written)
        else:
            show_written(parent, written)

    if bridge is not None:
        bridge.run_job(write, model, final, overwrite, on_done=done, on_failed=lambda failure: _show(parent, failure))
        return final
    try:
        written = write(model, final, overwrite, Progress())
    except SimulatorError as error:
        show_error(parent, error)
        return None
    done(written)
    return written.path


def show_written(parent: QWidget | None, written: Written) -> QDialog:
    """Say what was written, without waiting."""
    facts = [
        ("File", written.path.name),
        ("Folder", str(written.path.parent)),
        ("Format", f"{written.format}: {FORMATS[written.format].description}"),
        ("Parameters", f"{written.parameters:,}"),
        ("Size", size(written.bytes)),
    ]
    return show_notice(parent, "Exported", "The model was written.", facts, str(written.path))


def _show(parent: QWidget | None, failure: Failure) -> None:
    show_failure(parent, failure.message, failure.hint, failure.kind)
