"""Asks for a session's file, to open or to write, and says why one was not opened."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from simulator.errors import ConfigError
from simulator.interchange import format_of
from ui.dialogs.failure import FailureDialog, show_failure
from ui.dialogs.files import ChooseToOpen, ChooseToWrite, choose_file_to_open, choose_file_to_write
from ui.jobs import Failure
from ui.preferences import Preferences
from ui.sessions import BY_PATH, INSIDE, SUFFIX

SAVE, OPEN, FIND = "Save the session", "Open a session", "Where is the session's data?"
TO_WRITE = {
    "Session with its data: one file that is all there is (*.nodeglow)": INSIDE,
    "Session without its data: the path and the hash of its file (*.nodeglow)": BY_PATH,
}
"""What a session is saved as, by the filter that says so."""

TO_OPEN = ("Sessions (*.nodeglow)", "All files (*)")
_TABLES = ("All files (*)",)


def ask_where_to_save(
    parent: QWidget | None,
    preferences: Preferences,
    suggested: Path | str,
    data: str,
    *,
    has_file: bool = True,
    choose: ChooseToWrite = choose_file_to_write,
) -> tuple[Path, str, bool] | None:
    """Ask for the file of a session.

    Parameters
    ----------
    suggested
        A file, or a name for one.
    data
        What became of the data the last time: it is offered first.
    has_file
        Whether the data has a file that a path could name.
    choose
        Asks for a file: (parent, title, suggested path, filters with suffixes) to (path, filter) or None.

    Returns
    -------
    The file, what becomes of the data, and whether an existing file may be replaced. Somebody who types the suffix of a
    model format gets a path with that suffix. None when the user thought better of it.
    """
    offered = {text: kind for text, kind in TO_WRITE.items() if has_file or kind == INSIDE}
    filters = dict.fromkeys(sorted(offered, key=lambda text: offered[text] != data), SUFFIX)
    path = suggested if isinstance(suggested, Path) else preferences.folder("session") / f"{suggested}{SUFFIX}"
    chosen = choose(parent, SAVE, path, filters)
    if chosen is None:
        return None
    typed, by = chosen
    final = with_suffix(typed)
    # Whether an existing file may be replaced was asked about the name as it was typed.
    return final, offered.get(by, data if has_file else INSIDE), final == typed


def with_suffix(path: Path) -> Path:
    """Return the path with the suffix of sessions, unless it ends in that of a model."""
    if path.suffix.lower() == SUFFIX:
        return path
    try:
        format_of(path)
    except ConfigError:
        return path.with_name(path.name + SUFFIX)
    return path


def ask_for_session(
    parent: QWidget | None, preferences: Preferences, *, choose: ChooseToOpen = choose_file_to_open
) -> Path | None:
    """Ask for a session to open; None when the user thought better of it."""
    return choose(parent, OPEN, preferences.folder("session"), TO_OPEN)


def show_refusal(
    parent: QWidget | None,
    failure: Failure,
    folder: Path,
    find: Callable[[Path], object],
    *,
    choose: ChooseToOpen = choose_file_to_open,
) -> FailureDialog:
    """Say why a session was not opened, and where only its data is missing, offer to find that.

    Parameters
    ----------
    folder
        Where to begin to look.
    find
        Is given the file that the user says is the data.
    """
    dialog = show_failure(parent, failure.message, failure.hint, failure.kind)
    if failure.kind == "SessionDataError":

        def ask() -> None:
            path = choose(parent, FIND, folder, _TABLES)
            if path is not None:
                find(path)

        dialog.offer("&Find the data …", "Choose the file that this session was trained on (Alt+F).", ask)
    return dialog
