"""Asks for the file that the numbers or the picture of a view are written to."""

from pathlib import Path

from PySide6.QtWidgets import QWidget

from ui.dialogs import files
from ui.dialogs.files import ChooseToWrite
from ui.preferences import Preferences

_KINDS = {
    ".csv": ("Save numbers as CSV", "Comma-separated values (*.csv)"),
    ".png": ("Save picture", "Picture (*.png)"),
}
_PURPOSE = "figures"


def ask_where_to_save_content(
    parent: QWidget | None, preferences: Preferences, name: str, *, choose: ChooseToWrite | None = None
) -> Path | None:
    """Ask for the file that a view's numbers or picture are written to; the folder is remembered.

    Parameters
    ----------
    name
        What the file is called at first; its suffix, .csv or .png, says what it is.
    choose
        Asks for a file: (parent, title, suggested path, filters with suffixes) to (path, filter) or None; the system's
        dialog if it is not given.

    Returns
    -------
    The file, or None when the user thought better of it.
    """
    suffix = Path(name).suffix
    title, kind = _KINDS[suffix]
    ask = choose or files.choose_file_to_write
    chosen = ask(parent, title, preferences.folder(_PURPOSE) / name, {kind: suffix})
    if chosen is None:
        return None
    preferences.set_folder(_PURPOSE, chosen[0].parent)
    return chosen[0]
