"""Asks for the file that rows of the table are written to."""

from pathlib import Path

from PySide6.QtWidgets import QWidget

from ui.dialogs import files
from ui.dialogs.files import ChooseToWrite
from ui.preferences import Preferences

SAVE = "Save rows as CSV"
_FILTERS = {"Comma-separated values (*.csv)": ".csv"}
_PURPOSE = "rows"


def ask_where_to_save_rows(
    parent: QWidget | None,
    preferences: Preferences,
    name: str,
    *,
    title: str = SAVE,
    choose: ChooseToWrite | None = None,
) -> Path | None:
    """Ask for the file that rows are written to; the folder is remembered.

    Parameters
    ----------
    name
        Of the data set, after which the file is called at first.
    title
        What the question says.
    choose
        Asks for a file: (parent, title, suggested path, filters with suffixes) to (path, filter) or None; the system's
        dialog if it is not given.

    Returns
    -------
    The file, or None when the user thought better of it.
    """
    ask = choose or files.choose_file_to_write
    chosen = ask(parent, title, preferences.folder(_PURPOSE) / f"{name}-rows.csv", _FILTERS)
    if chosen is None:
        return None
    preferences.set_folder(_PURPOSE, chosen[0].parent)
    return chosen[0]
