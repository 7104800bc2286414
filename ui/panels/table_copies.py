"""Rows that leave the table: to the clipboard, or to a file."""

from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from ui.bridge import Bridge
from ui.panels.table_columns import RAW, columns_of
from ui.panels.table_files import all_columns, tsv
from ui.panels.table_view import RowsView

_AT_ONCE = 50_000
"""So many cells are copied at once; more are copied beside the window."""


class Copies(QObject):
    """Copies what a view shows.

    Signals
    -------
    noted
        What was done, in a sentence.
    save_wanted
        A tuple: what `ui.panels.table_files.write_csv` takes behind the path.
    """

    noted = Signal(str)
    save_wanted = Signal(object)

    def __init__(self, bridge: Bridge, view: RowsView, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge, self._view = bridge, view

    def copy(self) -> None:
        """Put the chosen rows on the clipboard, with the columns that are shown and their names."""
        model, rows = self._view.rows_model, np.array(self._view.chosen_rows, dtype=np.int64)
        if model.cells is None or not len(rows):
            return
        question = model.cells.dataset, model.cells.where, model.snapshot, rows, model.columns
        if len(rows) * len(model.columns) <= _AT_ONCE:
            self._copied(tsv(*question), len(rows))
        else:
            self._bridge.run_job(tsv, *question, on_done=lambda text: self._copied(text, len(rows)))

    def _copied(self, text: str, rows: int) -> None:
        QGuiApplication.clipboard().setText(text)
        self.noted.emit(f"{rows:,} {'row' if rows == 1 else 'rows'} copied, with their heads.")

    def save(self) -> None:
        """Ask for a file that the rows that are shown are written to."""
        question = self.question()
        if question is not None:
            self.save_wanted.emit(question)

    def question(self) -> tuple[Any, ...] | None:
        """Return what `ui.panels.table_files.write_csv` takes behind the path, for the rows that are shown."""
        model = self._view.rows_model
        if model.cells is None:
            return None
        dataset = model.cells.dataset
        raw = columns_of(dataset, self._bridge.network, self._bridge.config, RAW)
        columns = all_columns(model.columns, raw)
        return dataset, model.cells.where, model.snapshot, model.rows.copy(), columns
