"""Two moments of training compared: side by side, as the difference of their weights, and in figures."""

import dataclasses
import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QInputDialog, QStackedWidget, QVBoxLayout, QWidget

from ui.canvas.contrast import with_contrast
from ui.canvas.picture import Picture
from ui.panels.compare_bar import DIFFERENCE, CompareBar
from ui.panels.compare_moments import Kept, Moment, branch_name, offered
from ui.panels.panel import MARGIN, Context, Panel, text_label
from ui.selection import seen_with
from ui.theme import Theme

if TYPE_CHECKING:
    from ui.panels.exports import Export

_SECONDS, _DUTY, _AT_REST = 0.25, 8.0, 0.03
_WAITS = "A data set has to be loaded first."
_NOTHING = (
    "Keep this moment ({keys}), then train on: the network of then and that of now are shown here, and how every weight"
    " has changed. Or choose above what to compare with: the start weights, another branch, another epoch."
)


class ComparePanel(Panel):
    """Compares a moment that stands still with the present one, which follows the timeline, training and branches.

    Attributes
    ----------
    then
        What is compared with, or None.
    page
        A key of `ui.panels.compare_bar.PAGES`.
    pictures
        Then, now, and their difference, as they were drawn last; None where there is nothing to compare.
    """

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.then: Moment | None = None
        self.page = DIFFERENCE
        self.pictures: tuple[Picture, Picture, Picture] | None = None
        self.kept = Kept()
        self._awaited: Moment | None = None
        self._current = 0
        self._dataset: Any = None
        self._given: Any = None
        self._job: Any = None
        self._asked: tuple[Any, Any] | None = None
        self._asked_at, self._answer_pause = 0.0, 0.0
        self._stale, self._drawn_at, self._pause = True, 0.0, _SECONDS
        self.bar = CompareBar(context.actions, theme)
        self.note = text_label(role="quiet")
        self.note.setObjectName("compare.note")
        told = QWidget()
        column = QVBoxLayout(told)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.addWidget(self.note)
        column.addStretch(1)
        self.stack = QStackedWidget()
        self.stack.addWidget(told)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.bar)
        whole.addWidget(self.stack, 1)
        self.view: Any = None
        self._connect()
        self.bar.show_page(self.page)
        self._offer()

    def _connect(self) -> None:
        bridge = self.context.bridge
        bridge.opened.connect(self._opened)
        bridge.dataset_changed.connect(self._replaced)
        bridge.branched.connect(self._branched)
        bridge.peeked.connect(self._peeked)
        bridge.snapshot_changed.connect(lambda _snapshot: self._age())
        bridge.ticked.connect(self._look)
        self.context.selection.row_changed.connect(lambda _row: self._age())
        self.bar.chosen.connect(self.compare_with)
        self.bar.epoch_wanted.connect(self._ask_epoch)
        self.bar.removed.connect(self._forget)
        self.bar.turned.connect(self.turn)

    # -- what is compared ---------------------------------------------------------------------------------------

    def keep(self) -> str:
        """Keep the present moment, compare with it from now on, and return what it is called; nothing without one."""
        snapshot = self.context.bridge.snapshot
        if snapshot is None:
            return ""
        moment = self.kept.keep(snapshot, self.context.bridge.branches, self.context.bridge.dataset)
        self.compare_with(moment)
        return moment.name

    def compare_with(self, moment: Moment) -> None:
        """Compare with a moment; where its numbers are not known they are asked for."""
        self._awaited = None
        if moment.snapshot is None:
            self._awaited = moment
            self.context.bridge.peek(moment.branch, moment.epoch)
        else:
            self._take(moment)

    def turn(self, page: str) -> None:
        """Show another page."""
        self.page = page
        self.bar.show_page(page)
        if self.view is not None:
            self.view.turn(page)
        self._age()

    def _take(self, moment: Moment | None) -> None:
        self.then, self.pictures = moment, None
        self._given = self._asked = None
        self._answer_pause = 0.0
        self._offer()
        self._age()

    def _peeked(self, event: Any) -> None:
        wanted = self._awaited
        if wanted is not None and (event.asked.branch, event.asked.epoch) == (wanted.branch, wanted.epoch):
            self._awaited = None
            self._take(Moment(wanted.name, event.snapshot, wanted.branch, wanted.epoch, dataset=event.dataset))

    def _forget(self) -> None:
        if self.then is not None:
            self.kept.remove(self.then)
            self._take(self.kept.moments[-1] if self.kept.moments else None)

    def _ask_epoch(self) -> None:
        """Ask which epoch of this branch is meant."""
        self._offer()
        snapshot = self.context.bridge.snapshot
        if snapshot is None:
            return
        name, end = branch_name(self.context.bridge.branches, snapshot.branch), snapshot.end[0]
        first = snapshot.first[0]
        question = f"Which epoch of {name}, {first:,} to {end:,}?"
        epoch, sure = QInputDialog.getInt(self, "Compare with", question, min(snapshot.epoch, end), first, end)
        if sure:
            self.compare_with(Moment(f"epoch {epoch:,} of {name}", None, snapshot.branch, epoch))

    def _opened(self, event: Any) -> None:
        """Another session: what was kept stays only while the rows and the shape do."""
        if event.dataset is self._dataset:
            self.kept.outlive(event.snapshot.network)
        else:
            self.kept = Kept()
        kept, chosen = self.kept.moments, None if self.then is None else self.then.snapshot
        self._dataset, self._awaited = event.dataset, None
        if self._job is not None:
            self._job.cancel()
        self._take(next((each for each in kept if each.snapshot is chosen), None))

    def _replaced(self, dataset: Any) -> None:
        """Ask the same rows of the session's other data; what was kept stays."""
        self._dataset, self._asked = dataset, None
        self._age()

    def _branched(self, event: Any) -> None:
        self._current = event.current
        self._offer()

    def moments(self) -> list[Moment]:
        """Return what can be compared with: what was kept, the start weights, and the ends of other branches."""
        bridge = self.context.bridge
        known = [] if bridge.snapshot is None else offered(self._current, bridge.branches)
        return [*self.kept.moments, *known]

    def _offer(self) -> None:
        """Offer what can be compared with."""
        snapshot = self.context.bridge.snapshot
        moments = self.moments()
        if self.then is not None and self.then not in moments:
            moments = [self.then, *(each for each in moments if each.name != self.then.name)]
        self.bar.show_moments(moments, self.then, ready=snapshot is not None)

    # -- drawing ------------------------------------------------------------------------------------------------

    def _age(self) -> None:
        self._stale = True

    def _look(self, now: float) -> None:
        """Draw when something is new; while training plays only a few times a second, and large networks less."""
        if not self._stale or not self.isVisible():
            return
        if now - self._drawn_at < (self._pause if self.context.bridge.playing else _AT_REST):
            return
        began = time.perf_counter()
        self._stale, self._drawn_at = False, now
        self._draw()
        self._pause = max(_SECONDS, _DUTY * (time.perf_counter() - began), _painting(self.pictures))

    def _draw(self) -> None:
        bridge, moment = self.context.bridge, self.then
        snapshot, dataset, chosen = bridge.snapshot, bridge.dataset, self.context.selection.chosen
        if snapshot is None or dataset is None or moment is None:
            keys = self.context.actions["keep_moment"].shortcut().toString()
            self._say(_WAITS if snapshot is None else _NOTHING.format(keys=keys))
            return
        if moment.snapshot.network.sizes != snapshot.network.sizes or moment.snapshot.network.inputs != len(
            dataset.feature_names
        ):
            self._say("That network has another shape: only networks of one shape can be compared.")
            return
        if chosen is not None and chosen.inputs is not None and len(chosen.inputs) != snapshot.network.inputs:
            self._stale = True  # a moment between two data sets
            return
        from ui.panels.compare_pictures import bare, difference
        from ui.panels.moment_picture import picture

        known = moment.dataset or dataset
        seen = None if chosen is None else seen_with(known, dataset, chosen)
        then, now = (bare(picture(*each)) for each in ((moment.snapshot, known, seen), (snapshot, dataset, chosen)))
        now = with_contrast(now, None if self.pictures is None else self.pictures[1])
        then = dataclasses.replace(then, edge_scales=now.edge_scales)  # the same colours
        before = None if self.pictures is None else self.pictures[2]
        self.pictures = then, now, difference(then, now, before)
        self._seen().show_comparison(moment, snapshot, self.pictures, self._given)
        self.stack.setCurrentIndex(1)
        self._ask_answers()

    def _seen(self) -> Any:
        """Return the pictures and the table, made when there is something to compare for the first time."""
        if self.view is None:
            from ui.panels.compare_view import ComparisonView

            self.view = ComparisonView(self.context, self.theme)
            self.view.inspected.connect(self.inspected)
            self.stack.addWidget(self.view)
            self.view.resize(self.stack.size())
            self.view.turn(self.page)
        return self.view

    def _say(self, text: str) -> None:
        self.pictures = None
        if self.view is not None:
            self.view.forget()
        self.note.setText(text)
        self.stack.setCurrentIndex(0)

    # -- how the same rows are answered -------------------------------------------------------------------------

    def _ask_answers(self) -> None:
        """Compare the answers to all test rows beside the window, one question at a time."""
        bridge, then = self.context.bridge, self.then
        if then is None or (self._job is not None and self._job.running):
            return
        asked, now = (then.snapshot, bridge.snapshot), time.perf_counter()
        if self._asked is not None and all(a is b for a, b in zip(asked, self._asked, strict=True)):
            return
        if bridge.playing and now - self._asked_at < self._answer_pause:
            return
        from ui.panels.compare_words import answers

        self._asked, self._asked_at = asked, now
        datasets = bridge.dataset, then.dataset or bridge.dataset
        self._job = bridge.run_job(answers, *asked, *datasets, on_done=lambda given: self._answered(then, given))

    def _answered(self, then: Moment, given: Any) -> None:
        self._answer_pause = max(_SECONDS, _DUTY * (time.perf_counter() - self._asked_at))
        if then is self.then:
            self._given = given
            self._age()

    def exports(self) -> "Export | None":
        """Return what is compared, and every weight of both moments."""
        from ui.panels.exports import shown
        from ui.panels.numbers import of_comparison
        from ui.writing import lines

        then, now = None if self.then is None else self.then.snapshot, self.context.bridge.snapshot
        if self.pictures is None or then is None or now is None or then.network.sizes != now.network.sizes:
            return super().exports()
        return shown("comparison", self, lines(lambda: of_comparison(then, now)))

    # -- Qt's events --------------------------------------------------------------------------------------------

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.bar.theme = theme
        self._offer()
        if self.view is not None:
            self.view.set_theme(theme)
        self._age()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._age()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self._drawn_at = 0.0
        self._age()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        if self.view is not None:
            self.view.leave()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(640, 320)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(220, 160)


def _painting(pictures: tuple[Picture, ...] | None) -> float:
    """Return how many seconds should lie between two frames of a network, by how many edges are painted."""
    edges = 0 if pictures is None else sum(array.size for array in pictures[0].weights)
    return min(2.0, edges / 200_000)
