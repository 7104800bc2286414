"""What the window shows, carried elsewhere: pictures and numbers to the clipboard, rows and numbers to files."""

from pathlib import Path
from typing import Any

from PySide6.QtGui import QGuiApplication

from simulator.progress import Progress
from ui.desk import Desk

_SHARP = 2
"""How many pixels of a copied picture a point of the screen has."""


class Carrying(Desk):
    """Copies and saves what views show."""

    def take(self, what: str, export: Any) -> None:
        """Copy or save what a view shows: a key of `ui.panels.exports.OFFERS`, and an `Export`."""
        match what:
            case "copy_picture":
                from ui.pictures import image
                from ui.portrait import Portrait

                QGuiApplication.clipboard().setImage(image(export.size, export.paint, Portrait(_SHARP)))
                self.noted.emit("The picture is on the clipboard")
            case "copy_numbers":
                from ui.writing import tabbed

                self._bridge.run_job(tabbed, export.numbers, on_done=self._copied, on_failed=self._fail)
            case _:
                self._save_numbers(export)

    def _copied(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        count = text.count("\n") - 1
        self.noted.emit(f"{count:,} {'line' if count == 1 else 'lines'} copied, with their heads")

    def _save_numbers(self, export: Any) -> None:
        from ui.dialogs.save_file import CSV, ask_where_to_save
        from ui.writing import write_csv

        path = ask_where_to_save(
            self._window, self._preferences, "figures", self._named(export.name), "Save numbers as CSV", CSV
        )
        if path is not None:
            self._write(write_csv, path, export.whole or export.numbers)

    def _named(self, what: str) -> str:
        return what if self._bridge.dataset is None else f"{self._bridge.dataset.name}-{what}"

    def save_rows(self, rows: tuple[Any, ...]) -> None:
        """Ask for a file, and write rows of the table to it (see `ui.panels.table_files.write_csv`)."""
        from ui.dialogs.save_file import CSV, ask_where_to_save
        from ui.panels.table_files import write_csv

        dataset = rows[0]
        path = ask_where_to_save(
            self._window, self._preferences, "rows", f"{dataset.name}-rows", "Save rows as CSV", CSV
        )
        if path is not None:
            self._write(write_csv, path, *rows)

    def write_table(self, table: Any, name: str) -> Path | None:
        """Ask for a file, and write the rows of a table to it."""
        from ui.dialogs.save_file import CSV, ask_where_to_save

        plain = name.replace(", ", "_").replace(" ", "_")
        path = ask_where_to_save(self._window, self._preferences, "rows", f"{plain}-rows", "Save points as CSV", CSV)
        if path is not None:
            self._bridge.run_job(_write_table, table, path, on_done=self.noted.emit, on_failed=self._fail)
        return path


def _write_table(table: Any, path: Path, progress: Progress) -> str:
    from simulator.interchange.whole_files import write_whole

    progress.report(None, "writing")
    written = write_whole(path, table.to_csv(index=False, lineterminator="\n"))
    return f"{len(table):,} points saved to {written.name}"
