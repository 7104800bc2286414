"""Every prediction as a point: between three classes in a triangle, between more in a projection."""

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QMenu, QToolButton, QVBoxLayout

from ui.panels.note import Note
from ui.panels.panel import MARGIN, Context, MomentPanel
from ui.panels.triangle_charts import COMPONENTS, VALUES, Chart, chart_for, kinds_for, stretched
from ui.selection import Pointed
from ui.theme import Theme

if TYPE_CHECKING:
    from ui.panels.exports import Export

_SPLITS = {
    "all": ("All", "Training rows, filled, and test rows, as rings"),
    "train": ("Train", "Only the rows that the network learns from, filled"),
    "test": ("Test", "Only the rows that the network never learns from, as rings"),
}
_KINDS = {
    False: (
        "Corners",
        "A corner for every class: a row lies at the mean of the corners, weighted by its probabilities",
    ),
    True: ("Components", "The two principal components of the logits: fixed axes along which the rows differ most"),
}
_SLOW = 5
"""Up to so many epochs a second the points fly from one to the next."""
_HIGH = 290


class TrianglePanel(MomentPanel):
    """All answers of the shown moment, and the way of the chosen row."""

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.setObjectName("triangle")
        self.split = "all"
        self.by_components = False
        self._chart: Chart | None = None
        self._chart_of: Any = None
        self._seen: Any = None

    def _build(self) -> None:
        from ui.panels.bar import Bar, Segments
        from ui.panels.triangle_path import Following
        from ui.panels.triangle_view import TriangleView

        self.view = TriangleView(self.theme)
        self.following = Following(self.context.bridge, self._selection, self._place_way)
        self.splits = Segments("triangle.split", "Rows", _SPLITS, self.choose_split)
        self.kinds = Segments("triangle.components", "Axes", _KINDS, self.choose_components)
        self.refit = QToolButton()
        self.refit.setObjectName("triangle.refit")
        self.refit.setText("Axes from now")
        self.refit.setAccessibleName("Axes from now")
        self.refit.setToolTip("Take the principal components of the shown moment as the axes")
        self.refit.setAutoRaise(True)
        self.refit.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.refit.clicked.connect(self._refit)
        self.bar = Bar(self.splits, self.kinds, self.refit)
        self.kinds.hide()
        self.refit.hide()
        self.words = Note()
        self.words.setObjectName("triangle.words")
        self.words.setAccessibleName("Mistakes")
        self.words.setContentsMargins(MARGIN, 0, MARGIN, 0)
        self.note = Note()
        self.note.setObjectName("triangle.note")
        self.note.setAccessibleName("How to read the picture")
        self.note.setContentsMargins(MARGIN, 0, MARGIN, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(2)
        for widget, stretch in ((self.bar, 0), (self.view, 1), (self.words, 0), (self.note, 0)):
            column.addWidget(widget, stretch)
        self.view.pointed.connect(lambda row: self._selection.point_at(None if row is None else Pointed(row=row)))
        self.view.chosen.connect(self._selection.choose_row)
        self.view.stepped.connect(self._step)
        self._selection.pointed_changed.connect(lambda _pointed: self._mark())
        self._selection.row_changed.connect(lambda _row: self._mark())
        bridge = self.context.bridge
        self.context.predicting.answered.connect(lambda _answer: self._take())
        bridge.ticked.connect(self._frame)
        bridge.opened.connect(lambda _event: self._forget())

    @property
    def _selection(self) -> Any:
        return self.context.selection

    # -- what is chosen -----------------------------------------------------------------------------------------

    def choose_split(self, split: str) -> None:
        """Show the rows for training, for testing, or all."""
        self.split = split
        self.splits.choose(split)
        self._take(trail=False)

    def choose_components(self, on: bool) -> None:
        """Show the principal components of the logits instead of the corners."""
        self.by_components = on
        self.kinds.choose(on)
        self._take(trail=False)

    def _refit(self) -> None:
        self._chart = None
        self._take(trail=False)

    def _step(self, step: int) -> None:
        """Go to another row by key: the next one, or the next mistake."""
        cloud, chosen = self.view.cloud, self._selection.chosen
        if abs(step) == 1 or cloud is None or chosen is None:
            self._selection.step(step)
            return
        wrong = np.sort(cloud.rows[cloud.wrong])
        if len(wrong):
            at = np.searchsorted(wrong, chosen.row, side="right" if step > 0 else "left") - (step < 0)
            self._selection.choose_row(int(wrong[at % len(wrong)]))

    def fill_menu(self, menu: QMenu) -> None:
        """Offer the mistakes besides."""
        super().fill_menu(menu)
        cloud = self.view.cloud if self.built else None
        if cloud is not None and cloud.wrong.any():
            rows = np.sort(cloud.rows[cloud.wrong])
            menu.addSeparator()
            menu.addAction("Show the mistakes in the table", lambda: self.context.show_rows(rows, "mistakes"))

    def exports(self) -> "Export | None":
        """Return the picture, and what the network gives to every class in every row."""
        from ui.panels.exports import shown
        from ui.panels.triangle_cloud import table_of
        from ui.writing import lines

        found, split = self._seen, self.split
        return None if found is None else shown("answers", self.view, lines(lambda: table_of(found, split)))

    # -- what is shown ------------------------------------------------------------------------------------------

    def _show_moment(self, snapshot: Any, dataset: Any) -> None:
        self.view.now = snapshot.epoch + snapshot.batch / max(1, snapshot.batches)
        self._take()
        self.following.look()

    def _take(self, *, trail: bool = True) -> None:
        """Show the newest predictions."""
        from ui.panels.triangle_cloud import cloud_of
        from ui.panels.triangle_words import BROKEN, note_of, summary

        found = self.context.predicting.predictions
        if not self.built or found is None or not self.isVisible():
            return
        if found is self._seen and trail:
            self._mark()
            return
        chart = self._charted(found)
        cloud = cloud_of(found, chart, self.split)
        wider = stretched(chart, cloud.places)
        if wider is not chart:
            chart = self._chart = wider
        before, bridge = self._seen, self.context.bridge
        follows = trail and before is not None and follows_from(before, found)
        slow = bridge.playing and bridge.speed is not None and bridge.speed <= _SLOW
        self.view.show_cloud(chart, cloud, trail=follows, seconds=0.75 / bridge.speed if slow and bridge.speed else 0.0)
        self._seen = found
        errors = None
        if chart.kind == VALUES:
            with np.errstate(all="ignore"):
                errors = float(np.nanmean(np.abs(np.diff(cloud.places, axis=1)))) if len(cloud.rows) else None
        finite = bool(np.isfinite(cloud.places).any()) or not len(cloud.rows)
        self._say(summary(cloud, chart, errors) if finite else BROKEN, note_of(chart, found.of("all")))
        self._show_kinds(chart)
        self._place_way()
        self._mark()

    def _charted(self, found: Any) -> Chart:
        """Return the chart for predictions: the one that there is, if it is still the right one."""
        kinds = kinds_for(len(found.dataset.class_names))
        kind = COMPONENTS if self.by_components and COMPONENTS in kinds else kinds[0]
        key = kind, found.dataset if kind == VALUES else tuple(found.dataset.class_names)
        if self._chart is None or key != self._chart_of:
            self._chart, self._chart_of = chart_for(kind, found), key
        return self._chart

    def _show_kinds(self, chart: Chart) -> None:
        several = len(kinds_for(len(chart.names))) > 1
        self.kinds.setVisible(several)
        self.refit.setVisible(chart.kind == COMPONENTS)

    def _say(self, words: str, note: str) -> None:
        for label, text in ((self.words, words), (self.note, note)):
            if label.text() != text:
                label.setText(text)
        self.view.setAccessibleDescription(f"{words} {note}".strip())
        self._make_room()

    def _make_room(self) -> None:
        """Show the sentence on how to read the picture, unless the picture needs its place; then it is a tooltip."""
        self.note.setVisible(bool(self.note.text()) and self.height() >= _HIGH)
        self.words.setToolTip(self.note.text())

    def _mark(self) -> None:
        """Mark the chosen row, and the one that a pointer is on in any view."""
        from ui.panels.triangle_words import row_card

        if not self.built or not self.isVisible():
            return
        view, pointed, chosen = self.view, self._selection.pointed, self._selection.chosen
        lit, card = None if pointed is None else pointed.row, None
        if lit is not None and view.cloud is not None and view.chart is not None:
            at = view.cloud.of_row(lit)
            if at is not None:
                names = view.chart.names
                name = names[view.cloud.actual[at]] if names else ""
                card = row_card(view.cloud, view.chart, lit, view.cloud.places[at], name)
        real = chosen.row if chosen is not None and chosen.split in ("train", "test") else None
        view.mark(real, lit, card)

    def _frame(self, now: float) -> None:
        if not self.isVisible():
            return
        self.view.fly()
        self.following.ask(now)

    # -- the way of the chosen row ------------------------------------------------------------------------------

    def _forget(self) -> None:
        """Another session runs: nothing of the one before holds."""
        self._chart = self._seen = None
        self.following.forget()

    def _place_way(self) -> None:
        from ui.panels.triangle_view import Way

        chart, found = self._chart, self.following.found
        if chart is None or found is None:
            self.view.show_way(None)
            return
        chosen, count = found.chosen, len(found.times)
        targets = self._targets(chosen, found.outputs.shape[1])
        with np.errstate(all="ignore"):
            places = chart.place(found.outputs, np.repeat(targets, count, axis=0), np.full(count, chosen.row, np.int64))
        self.view.show_way(Way(places, found.times))

    def _targets(self, chosen: Any, count: int) -> Any:
        """Return what the network is told of the chosen row, (1, outputs); changed or not."""
        dataset: Any = self.context.bridge.dataset
        for rows, Y in ((dataset.train_rows, dataset.Y_train), (dataset.test_rows, dataset.Y_test)):
            at = np.flatnonzero(rows == chosen.row)
            if len(at):
                return np.asarray(Y[at[:1]], np.float64)
        return np.full((1, count), np.nan)

    # -- Qt's events --------------------------------------------------------------------------------------------

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        if self.built:
            self.view.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        if self.built:
            self._make_room()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(340, 400)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        self.context.predicting.want(self)
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        self.context.predicting.want(self, wanted=False)


def follows_from(before: Any, after: Any) -> bool:
    """Whether predictions are of a later moment of the same branch and table, so that points have moved there."""
    one, two = before.snapshot, after.snapshot
    return one.branch == two.branch and two.way > one.way and before.dataset.table is after.dataset.table
