"""Imports a model: asks for a file and opens it beside the window."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from simulator.errors import SimulatorError
from simulator.interchange import FORMATS, Model, load_model
from simulator.progress import Progress
from ui.bridge import Bridge
from ui.dialogs.failure import show_error, show_failure
from ui.dialogs.files import ChooseToOpen, choose_file_to_open
from ui.jobs import Failure
from ui.preferences import Preferences

TITLE = "Import a model"


def filters() -> tuple[str, ...]:
    """Return a filter for all formats that can be opened again, and then one for each of them."""
    rows = [row for row in FORMATS.values() if row.load is not None]
    every = " ".join(dict.fromkeys(f"*{row.suffix}" for row in rows))
    return (f"All models ({every})", *(f"{row.name}: {row.description} (*{row.suffix})" for row in rows))


def read(path: Path, progress: Progress) -> Model:
    """Open a model; the job behind the dialog.

    Raises
    ------
    ModelFileError
        When the file does not hold a model.
    """
    progress.report(None, f"reading {path.name}")
    return load_model(path)


def import_model(
    parent: QWidget | None,
    preferences: Preferences | None = None,
    *,
    path: Path | None = None,
    bridge: Bridge | None = None,
    choose: ChooseToOpen = choose_file_to_open,
    on_model: Callable[[Model], object] | None = None,
) -> Model | None:
    """Ask for a model file and open it.

    Parameters
    ----------
    preferences
        Where the last folder is remembered, and the file, among the recent ones.
    path
        The file, where it is known already; then nobody is asked.
    bridge
        What runs the reading as a job; without it the file is read at once.
    choose
        Asks for a file: (parent, title, folder, filters) to a path or None.
    on_model
        Given the model once it is there.

    Returns
    -------
    The model; None with a bridge (it is given to `on_model`), when the user thought better of it, or when the file
    was refused, which a dialog says.
    """
    if path is None:
        folder = Path.home() if preferences is None else preferences.folder("model")
        path = choose(parent, TITLE, folder, filters())
        if path is None:
            return None
    file = path

    def done(model: Model) -> None:
        if preferences is not None:
            preferences.set_folder("model", file)
            preferences.add_recent(file)
        if on_model is not None:
            on_model(model)

    if bridge is not None:
        bridge.run_job(read, file, on_done=done, on_failed=lambda failure: _show(parent, failure))
        return None
    try:
        model = read(file, Progress())
    except SimulatorError as error:
        show_error(parent, error)
        return None
    done(model)
    return model


def _show(parent: QWidget | None, failure: Failure) -> None:
    show_failure(parent, failure.message, failure.hint, failure.kind)
