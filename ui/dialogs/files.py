"""Asks for a file to open or to write; a test puts a plain function in their place."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

ChooseToOpen = Callable[[QWidget | None, str, Path, tuple[str, ...]], Path | None]
"""Parent, title, folder and filters to a file."""

ChooseToWrite = Callable[[QWidget | None, str, Path, dict[str, str]], tuple[Path, str] | None]
"""Parent, title, suggested file and filters with suffixes to a file and its filter."""


def choose_file_to_open(parent: QWidget | None, title: str, folder: Path, filters: tuple[str, ...]) -> Path | None:
    """Ask for an existing file; None when the user thought better of it."""
    text, _ = QFileDialog.getOpenFileName(parent, title, str(folder), ";;".join(filters))
    return Path(text) if text else None


def choose_file_to_write(
    parent: QWidget | None, title: str, suggested: Path, filters: dict[str, str]
) -> tuple[Path, str] | None:
    """Ask for a file to write; an existing one is asked about by Qt.

    Parameters
    ----------
    suggested
        A folder with a name in it.
    filters
        The suffix, with its dot, of every filter.

    Returns
    -------
    The path and the chosen filter, or None when the user thought better of it.
    """
    dialog = QFileDialog(parent, title, str(suggested.parent))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setNameFilters(list(filters))

    def follow(name: str) -> None:
        # Qt appends the suffix before it asks about an existing file, so the question is about the right one.
        dialog.setDefaultSuffix(filters.get(name, ""))

    dialog.filterSelected.connect(follow)
    follow(next(iter(filters)))
    dialog.selectFile(suggested.name)
    if not dialog.exec():
        return None
    chosen = dialog.selectedFiles()
    return (Path(chosen[0]), dialog.selectedNameFilter()) if chosen else None
