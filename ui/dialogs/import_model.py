"""Imports a model: asks for a file, opens it beside the window, and asks what another program's file does not say."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from simulator.data import Dataset
from simulator.interchange import ALSO_READ, CONVERTING, FORMATS, NEVER_OPENED, Foreign, Model, read_model
from simulator.progress import Progress
from ui.bridge import Bridge
from ui.dialogs.adopt import AdoptDialog, show_adopt
from ui.dialogs.failure import FailureDialog, show_failure
from ui.dialogs.files import ChooseToOpen, choose_file_to_open
from ui.jobs import Failure, Job
from ui.preferences import Preferences

TITLE = "Import a model"


def filters() -> tuple[str, ...]:
    """Return a filter for all formats that can be opened again, and then one for each suffix of them."""
    rows = [row for row in FORMATS.values() if row.load is not None]
    by_suffix: dict[str, list[str]] = {}
    for row in rows:
        by_suffix.setdefault(row.suffix, []).append(row.called)
    for suffix, name in ALSO_READ.items():
        by_suffix.setdefault(suffix, []).append(FORMATS[name].called)
    every = " ".join(f"*{suffix}" for suffix in by_suffix)
    return (f"All models ({every})", *(f"{', '.join(names)} (*{suffix})" for suffix, names in by_suffix.items()))


def read(path: Path, progress: Progress) -> Model | Foreign:
    """Open a model file; the job behind the dialog.

    Raises
    ------
    ModelFileError
        When the file does not hold a model.
    """
    progress.report(None, f"reading {path.name}")
    return read_model(path)


def ask_for_model(
    parent: QWidget | None, preferences: Preferences, *, choose: ChooseToOpen = choose_file_to_open
) -> Path | None:
    """Ask for a model's file; None when the user thought better of it."""
    return choose(parent, TITLE, preferences.folder("model"), filters())


def import_model(
    parent: QWidget | None,
    path: Path,
    *,
    bridge: Bridge,
    preferences: Preferences,
    dataset: Dataset | None = None,
    on_model: Callable[[Model], object],
    on_foreign: Callable[[AdoptDialog], object] = lambda _: None,
    on_adopted: Callable[[Model, Dataset], object] = lambda _model, _dataset: None,
    on_failed: Callable[[], object] = lambda: None,
) -> Job:
    """Open a model's file beside the window.

    Parameters
    ----------
    preferences
        Where the folder is remembered, and the file, among the recent ones, once it was opened.
    dataset
        The running data set: what another program's network is judged by.
    on_model
        Given the model of a file of ours.
    on_foreign
        Given the dialog that asks what another program's file does not say.
    on_adopted
        Given what comes of that dialog: the model, and the data that it is trained on.
    on_failed
        Called when the file was refused, which a dialog says.

    Returns
    -------
    The job that reads the file.
    """

    def done(found: Model | Foreign) -> None:
        if isinstance(found, Model):
            _remember(preferences, path)
            on_model(found)
            return
        dialog = AdoptDialog(bridge, found, path, dataset, parent, preferences=preferences)
        dialog.adopted.connect(lambda *_: _remember(preferences, path))
        show_adopt(dialog, on_adopted)
        on_foreign(dialog)

    def failed(failure: Failure) -> None:
        show_refusal(parent, failure, path)
        on_failed()

    return bridge.run_job(read, path, on_done=done, on_failed=failed)


def _remember(preferences: Preferences, path: Path) -> None:
    preferences.set_folder("model", path)
    preferences.add_recent(path)


def show_refusal(parent: QWidget | None, failure: Failure, path: Path) -> FailureDialog:
    """Say why a file was not opened; for one of PyTorch with the lines that convert it."""
    why = NEVER_OPENED.get(path.suffix.lower(), "")
    if not why.startswith("a PyTorch"):
        return show_failure(parent, failure.message, failure.hint, failure.kind)
    hint = "Convert it where it was made, and open the new file. The lines are for Python with PyTorch:"
    dialog = show_failure(parent, failure.message, hint, failure.kind, CONVERTING)
    dialog.add_copy("Copy &lines", "Copies the lines of Python (Alt+L).", CONVERTING)
    return dialog
