"""The table of the data: every row of the file, where it went, and what the network says about it."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QVBoxLayout

from ui.panels.panel import Context, Panel
from ui.panels.table_answers import Rows
from ui.panels.table_arranging import Arranged
from ui.panels.table_bar import TableBar
from ui.panels.table_columns import IGNORED, RAW, Column, columns_of
from ui.panels.table_copies import Copies
from ui.panels.table_faults import Faults, faults_of
from ui.panels.table_finder import Finder
from ui.panels.table_line import TableLine
from ui.panels.table_model import RowsModel
from ui.panels.table_view import RowsView
from ui.panels.table_what_if import Change, Changes
from ui.panels.table_wishes import Wishes
from ui.selection import Pointed, places
from ui.theme import Theme

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset

_SECONDS = 0.25


class TablePanel(Panel):
    """The rows: sorted, searched, sent through the network, changed.

    Attributes
    ----------
    copies
        Its `save_wanted` asks for a file that the rows are to be written to.
    """

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.model = RowsModel(theme)
        self.changes = Changes(context, self)
        self.rows = RowsView(self.model, self.changes)
        self.bar, self.line = TableBar(), TableLine()
        self.faults = Faults(self)
        self.finder = Finder(context.bridge, self)
        self.wishes = Wishes(self.finder, self.bar, self.line.chip, self.rows.column_head, self.model)
        self.copies = Copies(context.bridge, self.rows, self)
        self._dataset: Dataset | None = None
        self._where: Rows = np.zeros(0, np.int64)
        self._view = RAW
        self._snapshot: Any = None
        self._shown_at = 0.0
        self._following = False
        self._waiting: Arranged | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.line)
        column.addWidget(self.rows, 1)
        self._connect(context)
        self.set_theme(theme)

    def _connect(self, context: Context) -> None:
        bridge, selection = context.bridge, context.selection
        bridge.opened.connect(self._opened)
        bridge.dataset_changed.connect(self.replace)
        bridge.dataset_waiting.connect(self._await)
        bridge.snapshot_changed.connect(self._keep)
        bridge.configured.connect(lambda _event: self._rename())
        bridge.ticked.connect(self._tick)
        selection.row_changed.connect(lambda _row: self._follow())
        selection.pointed_changed.connect(self._light)
        self.rows.selectionModel().currentRowChanged.connect(self._clicked)
        self.rows.entered.connect(self._point)
        self.rows.left.connect(lambda: selection.point_at(None))
        self.rows.copied.connect(self.copies.copy)
        self.bar.save_wanted.connect(self.copies.save)
        self.copies.noted.connect(self.line.show_note)
        self.rows.not_editable.connect(self._explain_column)
        self.rows.delegate.refused.connect(self._refuse)
        self.rows.delegate.closeEditor.connect(lambda *_: self._move_on())
        self.changes.refused.connect(self._refuse)
        self.changes.changed.connect(self._show_change)
        self.wishes.refused.connect(self._refuse)
        self.bar.view_chosen.connect(self.show_view)
        self.bar.faults.clicked.connect(lambda: self.faults.show_below(self.bar.faults))
        self.faults.wanted.connect(self._spoil)
        find = QShortcut(QKeySequence.StandardKey.Find, self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self.bar.start_search)
        self.bar.rows_wanted.connect(self.rows.setFocus)
        self.line.back_wanted.connect(self.changes.take_back)
        self.finder.found.connect(self._found)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.model.theme = theme
        for part in (self.bar, self.line, self.faults):
            part.set_theme(theme)
        self._show_note()
        for view in (self.rows.viewport(), self.rows.column_head.viewport(), self.rows.row_head.viewport()):
            view.update()

    # -- what other views want ----------------------------------------------------------------------------------

    def show_rows(self, rows: ArrayLike, title: str) -> None:
        """Show some rows of the table, counted from 0, and nothing else, until somebody takes that back.

        Parameters
        ----------
        rows
            Their numbers, in any order.
        title
            What they are, in a few words: "Gentoo taken for Adelie".
        """
        self.wishes.show_rows(rows, title)

    def show_all(self) -> None:
        """Show every row."""
        self.wishes.show_all()

    def show_view(self, view: str) -> None:
        """Show raw cells, prepared inputs, or both: a key of `ui.panels.table_columns.VIEWS`."""
        self._view = view
        self.bar.views.setCurrentIndex(self.bar.views.findData(view))
        if self._dataset is not None:
            self.model.show_columns(self._columns())
            self.rows.fit_columns()
            self._choose_again()

    # -- the data and the network -------------------------------------------------------------------------------

    def _opened(self, event: Any) -> None:
        self._take(event.dataset, event.snapshot)
        self.rows.fit_columns()
        self.finder.take(event.dataset, self._where, event.snapshot, self.wishes.take(event.dataset))

    def replace(self, dataset: "Dataset") -> None:
        """Show other data of the same session, at the place where it is looked at, sorted and searched as before."""
        before, bars = self.model.columns, (self.rows.horizontalScrollBar(), self.rows.verticalScrollBar())
        places_before, snapshot = [bar.value() for bar in bars], self.context.bridge.snapshot
        self._take(dataset, snapshot)
        if [column.key for column in before] == [column.key for column in self.model.columns]:
            wanted = self.wishes.renew(dataset)
        else:
            wanted = self.wishes.take(dataset)
            self.rows.fit_columns()
        self.finder.take(dataset, self._where, snapshot, wanted)
        self._choose_again()
        self.rows.updateGeometries()
        for bar, place in zip(bars, places_before, strict=True):
            bar.setValue(place)

    def _take(self, dataset: "Dataset", snapshot: Any) -> None:
        self._dataset, self._where, self._snapshot, self._waiting = dataset, places(dataset), None, None
        self.changes.take(dataset)
        self.model.show_dataset(dataset, self._where, self._columns())
        if snapshot is not None:
            self.model.show_snapshot(snapshot)
        self.faults.take(dataset)
        self._show_note()
        if self.isVisible():
            self.changes.learn()

    def _columns(self) -> tuple[Column, ...]:
        assert self._dataset is not None
        bridge = self.context.bridge
        return columns_of(self._dataset, bridge.network, bridge.config, self._view)

    def _rename(self) -> None:
        if self._dataset is not None and self.context.bridge.dataset is self._dataset:
            self.model.rename_columns(self._columns())

    def _keep(self, snapshot: Any) -> None:
        self._snapshot = snapshot

    @property
    def settled(self) -> bool:
        return self._snapshot is None

    def _tick(self, now: float) -> None:
        snapshot = self._snapshot
        if snapshot is None or not self.isVisible() or now - self._shown_at < _SECONDS:
            return
        self._shown_at, self._snapshot = now, None
        self.finder.age(snapshot)
        self.model.show_snapshot(snapshot)
        self.changes.show()
        self._draw()

    def _draw(self) -> None:
        """Draw the rows in sight again."""
        self.rows.viewport().update()
        self.rows.row_head.viewport().update()

    # -- which rows ---------------------------------------------------------------------------------------------

    def _found(self, arranged: Arranged) -> None:
        if self.rows.is_editing:
            self._waiting = arranged  # a row must not go away under somebody's hand
            return
        self._waiting = None
        dataset = self._dataset
        assert dataset is not None
        if arranged.snapshot is not None and arranged.snapshot is self.model.snapshot:
            self.model.show_snapshot(arranged.snapshot, arranged.answers)
        if not np.array_equal(arranged.rows, self.model.rows):
            self.model.show_rows(arranged.rows)
            self._choose_again()
        target = [str(name) for name in dataset.table.columns].index(dataset.recipe.target)
        assert self.model.cells is not None
        decimals = 3 if dataset.class_names else (self.model.cells.decimals(target) or 0) + 1
        self.line.show_summary(arranged.summary, len(self._where), classes=bool(dataset.class_names), decimals=decimals)
        self._draw()

    # -- the chosen row -----------------------------------------------------------------------------------------

    def _clicked(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid() and not self._following:
            row = int(self.model.rows[current.row()])
            chosen = self.context.selection.chosen
            if chosen is None or chosen.row != row:
                self.context.selection.choose_row(row)

    def _choose_again(self) -> None:
        chosen = self.context.selection.chosen
        if chosen is not None:
            self._following = True
            self.rows.choose(chosen.row, scroll=False)
            self._following = False

    def _follow(self) -> None:
        chosen = self.context.selection.chosen
        if chosen is None or self._dataset is None or chosen.row >= len(self._where):
            return
        self.rows.row_head.show_chosen(chosen.row)
        current = self.rows.currentIndex()
        if current.isValid() and int(self.model.rows[current.row()]) == chosen.row:
            return
        self._following = True
        self.rows.choose(chosen.row, scroll=True)
        self._following = False

    def _point(self, index: QModelIndex) -> None:
        self.context.selection.point_at(Pointed(row=int(self.model.rows[index.row()])))

    def _light(self, pointed: Pointed | None) -> None:
        self.model.point_at(None if pointed is None else pointed.row)

    # -- what if ------------------------------------------------------------------------------------------------

    def _show_change(self, change: Change | None) -> None:
        self.model.show_change(change)
        self._show_note()

    def _explain_column(self, column: Column) -> None:
        """Say why a cell cannot be changed."""
        if column.is_target:
            why = f"{column.name} is the target: the network never sees it, so that there is no what-if."
        elif column.note == IGNORED:
            why = f"The network does not see {column.name}, so that there is no what-if."
        elif column.kind == RAW or column.feature >= 0:
            why = "Type into the raw cell: the prepared one follows from it."
        else:
            why = "The network says this: change a raw cell, and see what it says then."
        self.line.show_note(why)

    def _refuse(self, text: str) -> None:
        if text:
            self.line.show_note(text, "bad")
        else:
            self._show_note()

    def _move_on(self) -> None:
        """Show what was found while somebody typed."""
        if self._waiting is not None and not self.rows.is_editing:
            self._found(self._waiting)

    def _show_note(self) -> None:
        change, dataset = self.model.change, self._dataset
        if change is not None:
            self.line.show_note(change.said, "warning", back=True)
        elif dataset is not None:
            self.line.show_note(faults_of(dataset), "warning", passing=False)

    # -- faults -------------------------------------------------------------------------------------------------

    def _spoil(self, name: str, share: float) -> None:
        dataset = self.context.bridge.wanted_dataset
        if dataset is not None:
            self.faults.hide()
            self.context.load(dataset, **{name: share})

    def _await(self, dataset: "Dataset | None") -> None:
        """Say which data the next epoch will have."""
        if dataset is not None:
            self.faults.take(dataset)
            told = faults_of(dataset) or "The data has no faults on purpose."
            self.line.show_note(f"From the next epoch: {told}", "warning")
        else:
            self._show_note()

    # -- Qt's events --------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self.changes.learn()
        self.finder.wake(True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        self.finder.wake(False)
