"""Writes the session down: asks for a file, makes the report beside the window, and offers to open it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialogButtonBox, QProgressDialog, QPushButton, QWidget

from ui.dialogs.files import ChooseToWrite
from ui.dialogs.notice import show_notice
from ui.dialogs.save_file import ask_where_to_save
from ui.dialogs.wording import size
from ui.jobs import Failure
from ui.preferences import Preferences

if TYPE_CHECKING:
    from ui.darkroom import Darkroom

PAGES = {"Report, one HTML file (*.html)": ".html"}
_PARTS = 1000


def write_report(
    parent: QWidget,
    darkroom: "Darkroom",
    preferences: Preferences,
    name: str,
    choose: ChooseToWrite | None = None,
) -> Any:
    """Ask for a file, and write a report of the session as it is now to it; training goes on meanwhile.

    Parameters
    ----------
    name
        What the session is called.
    choose
        Asks for a file (see `ask_where_to_save`).

    Returns
    -------
    What is being made (`ui.darkroom.Development`), or None when the user thought better of it.
    """
    path = ask_where_to_save(parent, preferences, "reports", f"{name}-report", "Save the report", PAGES, choose)
    if path is None:
        return None
    told = QProgressDialog("Writing the report …", "Cancel", 0, _PARTS, parent)
    told.setObjectName("dialog.report")
    told.setWindowTitle("Report")
    told.setAccessibleName("Report")
    told.setWindowModality(Qt.WindowModality.NonModal)
    told.setMinimumDuration(0)
    told.setAutoClose(False)
    told.setAutoReset(False)
    told.setMinimumWidth(360)

    def tell(fraction: float | None, text: str) -> None:
        told.setRange(0, 0 if fraction is None else _PARTS)
        if fraction is not None:
            told.setValue(round(_PARTS * fraction))
        told.setLabelText(f"{text or 'Writing the report'} …")

    def close() -> None:
        told.canceled.disconnect()
        told.close()
        told.deleteLater()

    def done(written: Path) -> None:
        close()
        show_written(parent, written)

    def failed(failure: Failure) -> None:
        from ui.dialogs.failure import show_failure

        close()
        show_failure(parent, failure.message, failure.hint, failure.kind)

    made = darkroom.develop(("--force",), path, done, failed, tell)
    told.canceled.connect(made.cancel)
    told.canceled.connect(told.deleteLater)
    told.show()
    return made


def show_written(parent: QWidget, path: Path) -> QWidget:
    """Say where the report is, and offer to open it in the browser."""
    facts = [("File", path.name), ("Folder", str(path.parent)), ("Size", size(path.stat().st_size))]
    notice = show_notice(parent, "Report", "The report was written.", facts, str(path))
    box = notice.findChild(QDialogButtonBox)
    if box is not None:
        button = QPushButton("&Open in the browser")
        button.setObjectName("report.open")
        button.setToolTip("Shows the file in the browser of this computer")
        button.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))))
        box.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
    return notice
