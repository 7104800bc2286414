"""Asks for a file that something of the window is written to: numbers, or a picture."""

from pathlib import Path

from PySide6.QtWidgets import QWidget

from ui.dialogs import files
from ui.dialogs.files import ChooseToWrite
from ui.preferences import Preferences

CSV = {"Comma-separated values (*.csv)": ".csv"}
REPORTS = {"Report, one HTML file (*.html)": ".html"}


def ask_where_to_save(
    parent: QWidget | None,
    preferences: Preferences,
    purpose: str,
    name: str,
    title: str,
    filters: dict[str, str],
    choose: ChooseToWrite | None = None,
) -> Path | None:
    """Ask for a file to write; the folder is remembered by its purpose.

    Parameters
    ----------
    purpose
        What the folder is remembered for.
    name
        What the file is called at first, without a suffix.
    title
        What the question says.
    filters
        The suffix, with its dot, of every filter.
    choose
        Asks for a file: (parent, title, suggested path, filters with suffixes) to (path, filter) or None; the system's
        dialog if it is not given.

    Returns
    -------
    The file, with one of the suffixes, or None when the user thought better of it.
    """
    ask = choose or files.choose_file_to_write
    first = next(iter(filters.values()))
    chosen = ask(parent, title, preferences.folder(purpose) / f"{name}{first}", filters)
    if chosen is None:
        return None
    path, kind = chosen
    preferences.set_folder(purpose, path.parent)
    known = path.suffix.lower() in filters.values()
    return path if known else path.with_name(path.name + filters.get(kind, first))
